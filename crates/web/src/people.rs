//! What pages and REST do with members, identities and teams: each act is done once, here, and written down.
//!
//! The audit log never forgets, so it names people by their numbers: whoever is pseudonymised is not named by it either.

use crate::app::Site;
use crate::audit;
use crate::caller::{Caller, Who};
use crate::problem::Problem;
use http::StatusCode;
use serde_json::json;
use std::collections::HashMap;
use tacho_domain::audit::Action;
use tacho_domain::people_file::{self, PersonLine};
use tacho_domain::person::normal_email;
use tacho_domain::{Day, IdentityId, SubjectId, UserId};
use tacho_store::{By, IdentityRow, Imported, Member, NewMember, StoreError, Undone};

/// Days that the match rate covers.
pub(crate) const RATE_DAYS: u32 = 28;

/// Why an act was not done.
#[derive(Debug)]
pub(crate) enum Refused {
    /// What was given for this field cannot be used, and why.
    Field(&'static str, String),
    /// What was given for this field contradicts what is there, and how.
    Conflict(&'static str, String),
    /// Anything else.
    Problem(Problem),
}

impl Refused {
    /// The field at which a form says it, and the words; a problem of its own where no field is to blame.
    pub(crate) fn at_field(self) -> Result<(&'static str, String), Problem> {
        match self {
            Self::Field(field, why) | Self::Conflict(field, why) => {
                let mut words = why.chars();
                let begin = words.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
                Ok((field, format!("{begin}{}", words.as_str())))
            }
            Self::Problem(problem) => Err(problem),
        }
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Problem(error.into())
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Field(field, why) => Self::field(field, why),
            Refused::Conflict(field, why) => {
                Self::new(StatusCode::CONFLICT, "conflict", format!("`{field}`: {why}")).with("field", field)
            }
            Refused::Problem(problem) => problem,
        }
    }
}

/// A refusal of the store about what was given, said at the field that it names, or else at this one.
pub(crate) fn at(field: &'static str) -> impl Fn(StoreError) -> Refused {
    move |error| {
        if !error.is_invalid() {
            return error.into();
        }
        let text = error.to_string();
        let named = FIELDS.into_iter().find_map(|named| Some((named, text.strip_prefix(&format!("`{named}` "))?)));
        match named {
            Some((named, why)) => Refused::Conflict(named, why.to_owned()),
            None => Refused::Conflict(field, text),
        }
    }
}

/// What the store calls the fields of a member.
const FIELDS: [&str; 3] = ["email", "name", "github_login"];

/// A text that people read: on one line and not endless.
pub(crate) fn line(field: &'static str, text: &str, most: usize) -> Result<String, Refused> {
    let text = text.trim();
    let why = if text.is_empty() {
        "is empty: send a text".to_owned()
    } else if text.chars().any(char::is_control) {
        "holds a line end or another control character: write it on one line".to_owned()
    } else if text.chars().count() > most {
        format!("is too long: write it with at most {most} characters")
    } else {
        return Ok(text.to_owned());
    };
    Err(Refused::Field(field, why))
}

/// What is written of a member, as it came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) github_login: String,
    pub(crate) left_on: Option<Day>,
}

/// The longest name of a member.
const NAME_LENGTH: usize = 200;

impl Written {
    /// What is known of a member.
    pub(crate) fn of(member: &Member) -> Self {
        let text = |known: &Option<String>| known.clone().unwrap_or_default();
        let (name, email, github_login) = (text(&member.name), text(&member.email), text(&member.github_login));
        Self { name, email, github_login, left_on: member.left_on }
    }

    /// The same, normalised, where all of it can be used.
    fn check(&self) -> Result<Self, Refused> {
        let name = if self.name.trim().is_empty() { String::new() } else { line("name", &self.name, NAME_LENGTH)? };
        let email = normal_email(&self.email);
        people_file::check_email(&email).map_err(|why| Refused::Field("email", why))?;
        let github_login = self.github_login.trim().trim_start_matches('@').to_lowercase();
        if !github_login.is_empty() && !people_file::is_login(&github_login) {
            return Err(Refused::Field("github_login", "is not a GitHub login: send it as GitHub writes it".into()));
        }
        Ok(Self { name, email, github_login, left_on: self.left_on })
    }

    fn new_member(&self) -> NewMember<'_> {
        let said = |text: &'_ str| !text.is_empty();
        NewMember {
            email: &self.email,
            name: Some(self.name.as_str()).filter(|text| said(text)),
            github_login: Some(self.github_login.as_str()).filter(|text| said(text)),
            left_on: self.left_on,
        }
    }
}

/// Who does it, for the history.
pub(crate) fn by(caller: &Caller) -> By {
    match &caller.who {
        Who::User { id, .. } => By::User(*id),
        Who::Token { .. } => By::Token,
    }
}

/// How a member is called: by name, else by address, else by number.
pub(crate) fn called(member: &Member) -> String {
    let given = member.name.clone().filter(|name| !name.trim().is_empty()).or_else(|| member.email.clone());
    given.unwrap_or_else(|| format!("Member {}", member.id.0))
}

/// The member of that number in the caller's organization.
pub(crate) async fn member(site: &Site, caller: &Caller, id: SubjectId) -> Result<Member, Problem> {
    let found = site.store().find_member(caller.organization, id).await?;
    found.ok_or_else(|| no_member(id))
}

fn no_member(id: SubjectId) -> Problem {
    Problem::not_found(format!("There is no member `{}`.", id.0))
}

/// The identity of that number in the caller's organization.
pub(crate) async fn identity(site: &Site, caller: &Caller, id: IdentityId) -> Result<IdentityRow, Problem> {
    let found = site.store().find_identity(caller.organization, id).await?;
    found.ok_or_else(|| no_identity(id))
}

fn no_identity(id: IdentityId) -> Problem {
    Problem::not_found(format!("There is no identity `{}`.", id.0))
}

/// Adds a member by hand.
pub(crate) async fn add_member(site: &Site, caller: &Caller, written: &Written) -> Result<SubjectId, Refused> {
    let written = written.check()?;
    let added = site.store().add_member(caller.organization, &written.new_member(), by(caller), site.now()).await;
    let id = added.map_err(at("email"))?;
    note_member(site, caller, id, json!({ "done": "added" })).await?;
    Ok(id)
}

/// Changes a member.
pub(crate) async fn put_member(site: &Site, caller: &Caller, id: SubjectId, written: &Written) -> Result<(), Refused> {
    let before = member(site, caller, id).await?;
    if before.erased {
        return Err(Refused::Conflict("name", "This member was pseudonymised for good and cannot be changed.".into()));
    }
    let (written, before) = (written.check()?, Written::of(&before));
    let put = site.store().put_member(caller.organization, id, &written.new_member(), by(caller), site.now()).await;
    if !put.map_err(at("email"))? {
        return Err(no_member(id).into());
    }
    let fields = [
        ("name", before.name != written.name),
        ("email", before.email != written.email),
        ("github_login", before.github_login != written.github_login),
        ("left_on", before.left_on != written.left_on),
    ];
    let changed: Vec<&str> = fields.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field).collect();
    Ok(note_member(site, caller, id, json!({ "done": "edited", "fields": changed })).await?)
}

/// Makes one member of two: everything of `from` becomes `into`'s.
pub(crate) async fn merge_members(site: &Site, caller: &Caller, from: SubjectId, into: SubjectId) -> Result<(), Refused> {
    let (one, other) = (member(site, caller, from).await?, member(site, caller, into).await?);
    if from == into {
        return Err(Refused::Field("into", "Choose another member than the one that goes.".into()));
    }
    if one.erased || other.erased {
        return Err(Refused::Conflict("into", "Who was pseudonymised for good cannot be merged.".into()));
    }
    if !site.store().merge_members(caller.organization, from, into, by(caller), site.now()).await.map_err(at("into"))? {
        return Err(no_member(into).into());
    }
    Ok(note_member(site, caller, into, json!({ "done": "merged", "gone": from })).await?)
}

/// Pseudonymises a member for good.
pub(crate) async fn erase_member(site: &Site, caller: &Caller, id: SubjectId) -> Result<(), Refused> {
    if member(site, caller, id).await?.erased {
        return Err(Refused::Conflict("name", "This member is pseudonymised already.".into()));
    }
    site.store().erase_member(caller.organization, id, by(caller), site.now()).await.map_err(at("name"))?;
    Ok(audit::note(site, caller, Action::MemberErased, &format!("member {}", id.0), json!({})).await?)
}

async fn note_member(site: &Site, caller: &Caller, id: SubjectId, detail: serde_json::Value) -> Result<(), Problem> {
    audit::note(site, caller, Action::MemberChanged, &format!("member {}", id.0), detail).await
}

/// Says whose an identity is.
pub(crate) async fn match_identity(site: &Site, caller: &Caller, id: IdentityId, to: SubjectId) -> Result<(), Refused> {
    identity(site, caller, id).await?;
    if member(site, caller, to).await?.erased {
        return Err(Refused::Conflict("member", "This member was pseudonymised for good.".into()));
    }
    let matched = site.store().match_identity(caller.organization, id, to, by(caller), site.now()).await;
    if !matched.map_err(at("member"))? {
        return Err(no_identity(id).into());
    }
    Ok(note_identity(site, caller, id, json!({ "done": "matched", "member": to })).await?)
}

/// Says that an identity is nobody's: a bot, a shared key.
pub(crate) async fn ignore_identity(site: &Site, caller: &Caller, id: IdentityId) -> Result<(), Refused> {
    identity(site, caller, id).await?;
    if !site.store().ignore_identity(caller.organization, id, by(caller), site.now()).await.map_err(at("member"))? {
        return Err(no_identity(id).into());
    }
    Ok(note_identity(site, caller, id, json!({ "done": "ignored" })).await?)
}

/// Takes an identity away from its member, or back from those that are ignored.
pub(crate) async fn split_identity(site: &Site, caller: &Caller, id: IdentityId) -> Result<(), Refused> {
    identity(site, caller, id).await?;
    if !site.store().split_identity(caller.organization, id, by(caller), site.now()).await.map_err(at("member"))? {
        return Err(Refused::Conflict("identity", "It belongs to no member and is not ignored.".into()));
    }
    Ok(note_identity(site, caller, id, json!({ "done": "split" })).await?)
}

/// Says that an identity is not this member's, so that it is not suggested again.
pub(crate) async fn refuse_suggestion(site: &Site, caller: &Caller, id: IdentityId, to: SubjectId) -> Result<(), Refused> {
    identity(site, caller, id).await?;
    member(site, caller, to).await?;
    if !site.store().refuse_suggestion(caller.organization, id, to, by(caller), site.now()).await.map_err(at("member"))? {
        return Err(no_identity(id).into());
    }
    Ok(note_identity(site, caller, id, json!({ "done": "refused", "member": to })).await?)
}

async fn note_identity(site: &Site, caller: &Caller, id: IdentityId, detail: serde_json::Value) -> Result<(), Problem> {
    audit::note(site, caller, Action::IdentityMatched, &format!("identity {}", id.0), detail).await
}

/// Takes a change back.
pub(crate) async fn undo(site: &Site, caller: &Caller, id: i64) -> Result<(), Refused> {
    match site.store().undo_people_change(caller.organization, id, by(caller), site.now()).await? {
        Undone::Done => {}
        Undone::NotFound => return Err(Problem::not_found(format!("There is no change `{id}`.")).into()),
        Undone::Overtaken(why) => return Err(Refused::Conflict("change", why)),
    }
    Ok(audit::note(site, caller, Action::PeopleUndone, &format!("change {id}"), json!({})).await?)
}

/// What importing a file would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outlook {
    /// Lines in all.
    pub(crate) lines: usize,
    /// Of people who are not known.
    pub(crate) added: usize,
    /// Of people who are known, with something new about them.
    pub(crate) changed: usize,
    /// Of people who left, or will.
    pub(crate) leaving: usize,
    /// The teams that are not there yet.
    pub(crate) new_teams: Vec<String>,
}

/// Looks at what importing these lines would do, and does nothing.
pub(crate) async fn outlook(site: &Site, caller: &Caller, lines: &[PersonLine]) -> Result<Outlook, Problem> {
    let members = site.store().list_members(caller.organization).await?;
    let known: HashMap<&str, &Member> = members.iter().filter_map(|member| Some((member.email.as_deref()?, member))).collect();
    let teams = site.store().list_teams(caller.organization, site.now().day()).await?;
    let mut new_teams: Vec<String> = Vec::new();
    for team in lines.iter().flat_map(|line| &line.teams) {
        let named = |name: &str| name.to_lowercase() == team.to_lowercase();
        if !teams.iter().any(|one| named(&one.name)) && !new_teams.iter().any(|one| named(one)) {
            new_teams.push(team.clone());
        }
    }
    let changes = |line: &PersonLine, member: &Member| {
        (line.name.is_some() && line.name != member.name)
            || (line.left_on.is_some() && line.left_on != member.left_on)
            || (line.github_login.is_some() && line.github_login != member.github_login)
            || !line.teams.is_empty()
    };
    Ok(Outlook {
        lines: lines.len(),
        added: lines.iter().filter(|line| !known.contains_key(line.email.as_str())).count(),
        changed: lines.iter().filter(|line| known.get(line.email.as_str()).is_some_and(|member| changes(line, member))).count(),
        leaving: lines.iter().filter(|line| line.left_on.is_some()).count(),
        new_teams,
    })
}

/// Imports people.
pub(crate) async fn import(site: &Site, caller: &Caller, lines: &[PersonLine]) -> Result<Imported, Problem> {
    let imported = site.store().import_people(caller.organization, lines, by(caller), site.now()).await?;
    let detail =
        json!({ "lines": lines.len(), "added": imported.added, "changed": imported.changed, "refused": imported.refused.len() });
    audit::note(site, caller, Action::PeopleImported, "people from a file", detail).await?;
    Ok(imported)
}

/// The users who may have changed people, by number, to be named in the history.
pub(crate) async fn users(site: &Site, caller: &Caller) -> Result<HashMap<UserId, String>, Problem> {
    let memberships = site.store().list_memberships(caller.organization).await?;
    Ok(memberships.into_iter().map(|one| (one.user.id, one.user.email)).collect())
}

/// Who decided, as people call them.
pub(crate) fn decider(by: By, users: &HashMap<UserId, String>) -> String {
    match by {
        By::User(id) => users.get(&id).cloned().unwrap_or_else(|| format!("a former user ({id})")),
        By::Token => "an API token".to_owned(),
        By::Operator => "whoever runs the server".to_owned(),
    }
}
