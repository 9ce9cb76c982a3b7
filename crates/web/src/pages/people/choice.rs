//! A member chosen by typing: the browser offers a list to pick from, and without script or list a part of the name or
//! address is enough where it fits one member only.

use crate::people::called;
use tacho_domain::SubjectId;
use tacho_store::Member;

/// The most members that a list to pick from holds, so that a page stays small; the others can be typed all the same.
const MOST: usize = 500;
/// The most members named where a text fits several.
const NAMED: usize = 4;

/// What a list to pick from holds: everyone who was not pseudonymised, by name.
pub(crate) fn options(members: &[Member]) -> Vec<String> {
    let mut options: Vec<String> = members.iter().filter(|member| !member.erased).map(option).collect();
    options.sort_by_key(|option| option.to_lowercase());
    options.truncate(MOST);
    options
}

/// A member as the list writes it: `Ada Okafor <ada@example.com>`.
pub(super) fn option(member: &Member) -> String {
    match (&member.name, &member.email) {
        (Some(name), Some(email)) => format!("{name} <{email}>"),
        _ => called(member),
    }
}

/// The member that a typed text means.
pub(crate) fn chosen(text: &str, members: &[Member]) -> Result<SubjectId, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("Type a member's name or e-mail address.".to_owned());
    }
    let wanted = text.to_lowercase();
    let alive = || members.iter().filter(|member| !member.erased);
    let whole = |member: &&Member| {
        let faces = [Some(option(member)), member.name.clone(), member.email.clone()];
        faces.into_iter().flatten().any(|face| face.to_lowercase() == wanted)
    };
    let part = |member: &&Member| option(member).to_lowercase().contains(&wanted);
    let mut fitting: Vec<&Member> = alive().filter(whole).collect();
    if fitting.is_empty() {
        fitting = alive().filter(part).collect();
    }
    let shown: String = text.chars().take(80).collect();
    match fitting.as_slice() {
        [] => Err(format!("No member's name or address holds `{shown}`. Type another part of it, or add the member first.")),
        [one] => Ok(one.id),
        several => {
            let named: Vec<String> = several.iter().take(NAMED).map(|member| option(member)).collect();
            let more = if several.len() > NAMED { ", ..." } else { "" };
            Err(format!("`{shown}` fits {} members: {}{more}. Type the whole address.", several.len(), named.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacho_store::MemberSource;

    fn member(id: u32, name: &str, email: &str) -> Member {
        Member {
            id: SubjectId(id),
            name: (!name.is_empty()).then(|| name.to_owned()),
            email: (!email.is_empty()).then(|| email.to_owned()),
            github_login: None,
            source: MemberSource::Hand,
            left_on: None,
            erased: name == "Gone",
            identities: 0,
        }
    }

    #[test]
    fn a_part_is_enough_where_it_fits_one_and_a_whole_name_beats_parts() {
        let members = [
            member(1, "Ada Okafor", "ada@example.com"),
            member(2, "Ada Okafor-Lind", "ada.l@example.com"),
            member(3, "", "ben@example.com"),
            member(4, "Gone", ""),
        ];
        assert_eq!(options(&members), ["Ada Okafor <ada@example.com>", "Ada Okafor-Lind <ada.l@example.com>", "ben@example.com"]);
        for (text, id) in
            [("Ada Okafor <ada@example.com>", 1), ("ada okafor", 1), ("ADA@EXAMPLE.COM", 1), ("lind", 2), (" ben ", 3)]
        {
            assert_eq!(chosen(text, &members), Ok(SubjectId(id)), "{text}");
        }
        for (text, words) in [
            ("", "Type a member's name"),
            ("ada", "fits 2 members: Ada Okafor <ada@example.com>, Ada Okafor-Lind"),
            ("Gone", "No member's name or address holds `Gone`"),
        ] {
            assert!(chosen(text, &members).unwrap_err().contains(words), "{text}");
        }
    }
}
