//! Whose an identity may be: what is certain, and what a person is asked about. Nothing here decides: suggestions are
//! applied by a person's yes only.

use crate::person::{IdentityKind, normal_email};
use crate::{IdentityId, SubjectId};
use std::collections::{BTreeSet, HashMap, HashSet};

/// A name in the parts that are compared: lower case, accents folded, digits and the company's own words left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameParts(Vec<String>);

/// An identity that nobody has matched, as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its number.
    pub id: IdentityId,
    /// What its key is.
    pub kind: IdentityKind,
    /// Its login, address or name.
    pub label: String,
}

/// A member, as they are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their number.
    pub id: SubjectId,
    /// Their name.
    pub name: Option<String>,
    /// Their address.
    pub email: Option<String>,
}

/// That an identity may be a member's.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    /// Whose.
    pub identity: IdentityId,
    /// Who.
    pub member: SubjectId,
    /// How alike the names are, from 0 to 1.
    pub likeness: f64,
    /// Why, in words.
    pub why: String,
}

/// What makes an identity a member's without anybody's yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// Its key is the member's address: vendors let nobody in under an address that is not theirs.
    Address,
    /// It is the GitHub login that the member's record names.
    Login,
}

/// How alike names must be to be suggested.
pub const THRESHOLD: f64 = 0.86;
/// How many suggestions an identity gets at most.
pub const AT_MOST: usize = 3;

/// Whether an identity is certainly a member's, given the member's address and GitHub login.
///
/// ```
/// use tacho_domain::{IdentityRef, matching::{Certainty, certainty}};
/// let login = IdentityRef::github(7, "Ada-L");
/// assert_eq!(certainty(&login, None, Some("ada-l")), Some(Certainty::Login));
/// assert_eq!(certainty(&IdentityRef::email("ada@acme.example"), Some("Ada@acme.example"), None), Some(Certainty::Address));
/// ```
#[must_use]
pub fn certainty(identity: &crate::IdentityRef, email: Option<&str>, login: Option<&str>) -> Option<Certainty> {
    match identity.kind {
        IdentityKind::Email => (email.map(normal_email)? == identity.key).then_some(Certainty::Address),
        IdentityKind::GithubId | IdentityKind::GithubLogin => {
            let own = login_of(identity.kind, &identity.key, &identity.label)?;
            (login?.to_lowercase() == own).then_some(Certainty::Login)
        }
        _ => None,
    }
}

/// The GitHub login that an identity stands for, in lower case; `None` for other kinds.
#[must_use]
pub fn login_of(kind: IdentityKind, key: &str, label: &str) -> Option<String> {
    match kind {
        IdentityKind::GithubId => Some(label.trim().to_lowercase()),
        IdentityKind::GithubLogin => Some(key.to_owned()),
        _ => None,
    }
    .filter(|login| !login.is_empty())
}

/// Whether an identity stands for one person. Keys and service accounts hide people, however they are named.
#[must_use]
pub const fn is_personal(kind: IdentityKind) -> bool {
    matches!(kind, IdentityKind::Email | IdentityKind::GithubId | IdentityKind::GithubLogin)
}

impl NameParts {
    /// The parts of a name, a login or the local part of an address; `company` names words that say nothing about a
    /// person, such as the organization's own name behind every login.
    #[must_use]
    pub fn of(text: &str, company: &[String]) -> Self {
        let local = text.split_once('@').map_or(text, |(local, _)| local);
        let mut parts = vec![String::new()];
        let mut before = ' ';
        for c in local.chars() {
            let splits = !c.is_alphabetic() || (c.is_uppercase() && before.is_lowercase());
            if splits {
                parts.push(String::new());
            }
            if c.is_alphabetic()
                && let Some(last) = parts.last_mut()
            {
                fold(c, last);
            }
            before = c;
        }
        parts.retain(|part| !part.is_empty() && !company.contains(part));
        parts.sort_unstable();
        parts.dedup();
        Self(parts)
    }

    fn joined(&self) -> String {
        self.0.concat()
    }

    /// Every part reduced to its first letter in turn, as logins do: `alovelace`, `adal`.
    fn short_forms(&self) -> impl Iterator<Item = String> + '_ {
        let initial = |part: &String| part.chars().next().map(String::from).unwrap_or_default();
        let pairs = self.0.iter().flat_map(|one| self.0.iter().map(move |two| (one, two))).filter(|(one, two)| one != two);
        pairs.flat_map(move |(one, two)| [format!("{}{two}", initial(one)), format!("{one}{}", initial(two))])
    }
}

/// One letter in lower case without its accent. The letters of western and central European names; others stay.
fn fold(c: char, into: &mut String) {
    for c in c.to_lowercase() {
        match c {
            'à'..='ã' | 'å' | 'ā' | 'ă' | 'ą' => into.push('a'),
            'ä' | 'æ' => into.push_str("ae"),
            'ç' | 'ć' | 'č' => into.push('c'),
            'ď' | 'đ' | 'ð' => into.push('d'),
            'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => into.push('e'),
            'ğ' => into.push('g'),
            'ì'..='ï' | 'ī' | 'į' | 'ı' => into.push('i'),
            'ł' | 'ľ' => into.push('l'),
            'ñ' | 'ń' | 'ň' => into.push('n'),
            'ò'..='õ' | 'ø' | 'ő' => into.push('o'),
            'ö' | 'œ' => into.push_str("oe"),
            'ř' => into.push('r'),
            'ś' | 'š' | 'ş' | 'ș' => into.push('s'),
            'ß' => into.push_str("ss"),
            'ť' | 'ţ' | 'ț' => into.push('t'),
            'ù'..='û' | 'ū' | 'ů' | 'ű' => into.push('u'),
            'ü' => into.push_str("ue"),
            'ý' | 'ÿ' => into.push('y'),
            'ź' | 'ż' | 'ž' => into.push('z'),
            '\u{300}'..='\u{36f}' => {}
            other => into.push(other),
        }
    }
}

/// How alike two words are; the same whichever comes first.
fn alike(one: &str, two: &str) -> f64 {
    strsim::jaro_winkler(one, two).max(strsim::jaro_winkler(two, one))
}

/// How alike two names are, from 0 to 1, whatever the order of their parts: the parts by their best counterparts, weighted
/// by length; or written as one word; or as an initial and a name. The same whichever comes first, and 1 with itself.
#[must_use]
pub fn likeness(one: &NameParts, two: &NameParts) -> f64 {
    if one.0.is_empty() || two.0.is_empty() {
        return 0.0;
    }
    by_parts(one, two).max(as_one_word(one, two)).max(abbreviated(one, two))
}

#[expect(clippy::cast_precision_loss, reason = "lengths of names")]
fn by_parts(one: &NameParts, two: &NameParts) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    for (from, to) in [(one, two), (two, one)] {
        for part in &from.0 {
            let best = to.0.iter().map(|other| alike(part, other)).fold(0.0, f64::max);
            let length = part.chars().count() as f64;
            sum += best * length;
            weight += length;
        }
    }
    // Sums of fractions may leave 1 by the last bit.
    (sum / weight).clamp(0.0, 1.0)
}

/// `adalovelace` and Ada Lovelace. Only where it is nearly the same, because long words are alike for less.
fn as_one_word(one: &NameParts, two: &NameParts) -> f64 {
    const NEARLY: f64 = 0.95;
    let best = |word: &NameParts, parts: &NameParts| {
        let [word] = &word.0[..] else { return 0.0 };
        let backwards = parts.0.iter().rev().cloned().collect::<String>();
        [parts.joined(), backwards].iter().map(|joined| alike(word, joined)).fold(0.0, f64::max)
    };
    let best = best(one, two).max(best(two, one));
    if best >= NEARLY { best } else { 0.0 }
}

/// `alovelace` and Ada Lovelace.
fn abbreviated(one: &NameParts, two: &NameParts) -> f64 {
    const ABBREVIATED: f64 = 0.9;
    let is_short = |word: &NameParts, parts: &NameParts| {
        let [word] = &word.0[..] else { return false };
        word.chars().count() > 3 && parts.short_forms().any(|form| form == *word)
    };
    if is_short(one, two) || is_short(two, one) { ABBREVIATED } else { 0.0 }
}

/// A member with their names in parts.
struct Compared<'p> {
    person: &'p Person,
    /// What is compared, in words, and its parts.
    names: Vec<(String, NameParts)>,
}

/// Suggests members for identities: at most [`AT_MOST`] each, over the [`THRESHOLD`], the likest first. Pairs that somebody
/// refused, and kinds that do not stand for one person, are never suggested.
#[must_use]
pub fn suggest(
    identities: &[Candidate],
    members: &[Person],
    refused: &BTreeSet<(IdentityId, SubjectId)>,
    company: &[String],
) -> Vec<Guess> {
    let compared: Vec<Compared<'_>> = members.iter().map(|person| compare(person, company)).collect();
    // By the parts' first letters: all pairs of thousands of names would take seconds.
    let mut by_letter: HashMap<char, Vec<usize>> = HashMap::new();
    for (place, member) in compared.iter().enumerate() {
        for letter in letters(member.names.iter().map(|(_, parts)| parts)) {
            by_letter.entry(letter).or_default().push(place);
        }
    }
    let mut guesses = Vec::new();
    for identity in identities.iter().filter(|identity| is_personal(identity.kind)) {
        let parts = NameParts::of(&identity.label, company);
        let mut places: Vec<usize> =
            letters([&parts].into_iter()).into_iter().filter_map(|letter| by_letter.get(&letter)).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        let members = places.into_iter().map(|place| &compared[place]);
        let mut best: Vec<Guess> = members
            .filter(|member| !refused.contains(&(identity.id, member.person.id)))
            .filter_map(|member| guess(identity, &parts, member))
            .collect();
        best.sort_by(|a, b| b.likeness.total_cmp(&a.likeness).then(a.member.cmp(&b.member)));
        best.truncate(AT_MOST);
        guesses.append(&mut best);
    }
    guesses
}

fn compare<'p>(person: &'p Person, company: &[String]) -> Compared<'p> {
    let name = person.name.as_ref().map(|name| (format!("the name {name}"), NameParts::of(name, company)));
    let email = person.email.as_ref().map(|email| (format!("the address {email}"), NameParts::of(email, company)));
    Compared { person, names: name.into_iter().chain(email).collect() }
}

fn letters<'p>(names: impl Iterator<Item = &'p NameParts>) -> HashSet<char> {
    names.flat_map(|parts| &parts.0).filter_map(|part| part.chars().next()).collect()
}

fn guess(identity: &Candidate, parts: &NameParts, member: &Compared<'_>) -> Option<Guess> {
    let mut best: Option<(f64, &str)> = None;
    for (words, name) in &member.names {
        let likeness = likeness(parts, name);
        if best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, words));
        }
    }
    let (likeness, words) = best.filter(|(likeness, _)| *likeness >= THRESHOLD)?;
    let what = if identity.kind == IdentityKind::Email { "address" } else { "login" };
    let label = &identity.label;
    let why = if likeness >= 1.0 {
        format!("the {what} {label} is {words}, written another way")
    } else {
        format!("the {what} {label} is like {words} ({:.0} %)", (likeness * 100.0).floor())
    };
    Some(Guess { identity: identity.id, member: member.person.id, likeness, why })
}

/// The words of a company that its logins and addresses carry: its name and its mail domains, in parts.
#[must_use]
pub fn company_words<'t>(name: &str, domains: impl Iterator<Item = &'t str>) -> Vec<String> {
    let domains = domains.map(|domain| domain.rsplit_once('.').map_or(domain, |(rest, _)| rest).to_owned());
    let mut words: Vec<String> =
        std::iter::once(name.to_owned()).chain(domains).flat_map(|text| NameParts::of(&text, &[]).0).collect();
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str) -> NameParts {
        NameParts::of(text, &["acme".to_owned()])
    }

    fn like(one: &str, two: &str) -> f64 {
        likeness(&parts(one), &parts(two))
    }

    #[test]
    fn the_same_name_written_another_way_is_the_same() {
        for login in
            ["ada-lovelace", "Lovelace.Ada", "AdaLovelace", "ada_lovelace_acme", "adalovelace", "lovelaceada", "ada-lovelace42"]
        {
            assert!((like(login, "Ada Lovelace") - 1.0).abs() < 1e-9, "{login}: {}", like(login, "Ada Lovelace"));
        }
        assert!((like("jose.munoz@acme.example", "José Muñoz") - 1.0).abs() < 1e-9);
        assert!((like("juergen-gross", "Jürgen Groß") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_suggested_and_what_is_not() {
        for (login, name) in [
            ("alovelace", "Ada Lovelace"),
            ("adal", "Ada Lovelace"),
            ("lovelace", "Ada Lovelace"),
            ("ada-lovelance", "Ada Lovelace"),
        ] {
            assert!(like(login, name) >= THRESHOLD, "{login} is not {name}: {}", like(login, name));
        }
        for (login, name) in [
            ("ada", "Ada Lovelace"),
            ("ada-byron", "Ada Lovelace"),
            ("grace-hopper", "Ada Lovelace"),
            ("ci", "Carla Ito"),
            ("42", "Ada"),
            ("acme", "Ada"),
        ] {
            assert!(like(login, name) < THRESHOLD, "{login} is {name}: {}", like(login, name));
        }
    }

    fn member(id: u32, name: &str) -> Person {
        Person { id: SubjectId(id), name: Some(name.to_owned()), email: None }
    }

    fn login(id: u32, kind: IdentityKind, label: &str) -> Candidate {
        Candidate { id: IdentityId(id), kind, label: label.to_owned() }
    }

    #[test]
    fn suggestions_say_why_and_keys_get_none() {
        let members = [member(1, "Ada Lovelace"), member(2, "Alan Lovelace"), member(3, "Grace Hopper")];
        let identities = [
            login(10, IdentityKind::GithubId, "alovelace"),
            login(11, IdentityKind::GithubLogin, "grace-hopper"),
            login(12, IdentityKind::ApiKey, "grace-hopper"),
            login(13, IdentityKind::Email, "gracehoper@acme.example"),
        ];
        let guesses = suggest(&identities, &members, &BTreeSet::new(), &[]);
        let told: Vec<String> = guesses.iter().map(|g| format!("{} {}: {}", g.identity.0, g.member.0, g.why)).collect();
        assert_eq!(
            told,
            [
                "10 1: the login alovelace is like the name Ada Lovelace (90 %)",
                "10 2: the login alovelace is like the name Alan Lovelace (90 %)",
                "11 3: the login grace-hopper is the name Grace Hopper, written another way",
                "13 3: the address gracehoper@acme.example is like the name Grace Hopper (98 %)",
            ]
        );
        let refused = BTreeSet::from([(IdentityId(10), SubjectId(1))]);
        assert_eq!(suggest(&identities[..1], &members, &refused, &[]).len(), 1);
    }

    #[test]
    fn company_words_are_those_of_its_name_and_its_domains() {
        assert_eq!(company_words("Acme Corp", ["acme-labs.example"].into_iter()), ["acme", "corp", "labs"]);
    }

    fn any_name() -> impl Strategy<Value = String> {
        prop_oneof![
            prop::sample::select(vec!["Ada Lovelace", "Alan Turing", "Grace Hopper", "Alan Kay", "José Muñoz"])
                .prop_map(str::to_owned),
            "[A-Za-zäéø]{1,8}([ ._-][a-z]{1,8}){0,2}[0-9]{0,2}",
            "\\PC{0,12}",
        ]
    }

    proptest! {
        #[test]
        fn likeness_is_a_share_and_does_not_ask_who_comes_first(one in any_name(), two in any_name()) {
            let (here, there) = (like(&one, &two), like(&two, &one));
            prop_assert!((0.0..=1.0).contains(&here));
            prop_assert!((here - there).abs() < 1e-12, "{} {}", here, there);
        }

        #[test]
        fn a_name_is_wholly_like_itself(name in any_name()) {
            let itself = like(&name, &name);
            let expected = if parts(&name).0.is_empty() { 0.0 } else { 1.0 };
            prop_assert!((itself - expected).abs() < 1e-12, "{}", itself);
        }

        #[test]
        fn nothing_refused_or_too_much_is_ever_suggested(
            names in prop::collection::vec(any_name(), 0..8), logins in prop::collection::vec(any_name(), 0..8),
            refused in prop::collection::hash_set((0u32..8, 100u32..108), 0..12),
        ) {
            let members: Vec<Person> = (100..).zip(&names).map(|(id, name)| member(id, name)).collect();
            let identities: Vec<Candidate> = (0..).zip(&logins).map(|(id, label)| login(id, IdentityKind::GithubId, label)).collect();
            let refused = refused.into_iter().map(|(identity, member)| (IdentityId(identity), SubjectId(member))).collect();
            let guesses = suggest(&identities, &members, &refused, &[]);
            prop_assert_eq!(&guesses, &suggest(&identities, &members, &refused, &[]));
            for identity in &identities {
                prop_assert!(guesses.iter().filter(|guess| guess.identity == identity.id).count() <= AT_MOST);
            }
            for guess in guesses {
                prop_assert!(guess.likeness >= THRESHOLD && !refused.contains(&(guess.identity, guess.member)));
            }
        }
    }
}
