//! Who is in the organization and in its teams, asked in GraphQL.
//!
//! GraphQL, because REST's lists of members give no address, and REST's list of a team's members does not name the team, so
//! that a kept reply could not be read again. `organizationVerifiedDomainEmails` are the addresses that a member verified
//! on a domain which the organization verified; without such a domain, or to a token that may not see them, there are none
//! (<https://docs.github.com/en/graphql/reference/users>, read 2026-11-21). The field `email` is not asked for: a token
//! without `user:email` would be refused the whole answer. A refusal comes with the status 200 and names its kind.

use super::value::Count;
use super::{ID, NEXT_PAGE, PAGE, profile};
use crate::{Answer, Auth, Call, Misread, Read, Reply, Settings, Sink, json};
use serde::Deserialize;
use serde_json::{Value, json};
use tacho_domain::person::normal_email;
use tacho_domain::{Day, Fact, IdentityRef, PersonFact, TeamFact, Window};

const MEMBERS: &str = "query($organization: String!, $after: String) { organization(login: $organization) { \
     membersWithRole(first: 100, after: $after) { pageInfo { hasNextPage endCursor } \
     nodes { databaseId login name organizationVerifiedDomainEmails(login: $organization) } } } }";

/// Twenty teams of a hundred members are 2,020 nodes: a sixth of what one question may cost in an hour's allowance, and
/// far below the limit of 500,000 nodes (<https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>,
/// read 2026-11-21).
const TEAMS: &str = "query($organization: String!, $after: String) { organization(login: $organization) { \
     teams(first: 20, after: $after) { pageInfo { hasNextPage endCursor } \
     nodes { databaseId slug name members(first: 100) { pageInfo { hasNextPage endCursor } nodes { databaseId login } } } } } }";

/// The further members of one large team.
const ONE_TEAM: &str = "query($organization: String!, $team: String!, $after: String) { organization(login: $organization) { \
     team(slug: $team) { databaseId slug name members(first: 100, after: $after) { pageInfo { hasNextPage endCursor } \
     nodes { databaseId login } } } } }";

/// The first page of a stream.
pub(super) fn call(stream: &'static str, organization: &str, window: Window, settings: &Settings) -> Call {
    let question = if stream == super::streams::ORG_TEAMS.id { TEAMS } else { MEMBERS };
    let body = json!({"query": question, "variables": {"organization": organization, "after": null}});
    let url = settings.url(&profile::PROFILE, &["graphql"]);
    Call { headers: super::headers(), ..Call::post(stream, PAGE, window, url, Auth::Bearer, body.to_string()) }
}

/// `data` is required: without it, the reply is another document, or a refusal of the whole question.
#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<Problem>,
}

#[derive(Deserialize)]
struct Data {
    organization: Option<Organization>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    r#type: Option<String>,
    message: json::Known,
    path: json::Known,
    locations: json::Known,
    extensions: json::Known,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Organization {
    members_with_role: Option<Pages<Member>>,
    teams: Option<Pages<Team>>,
    team: Option<Team>,
}

/// A page of something.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pages<T> {
    page_info: PageInfo,
    nodes: Vec<Option<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Member {
    database_id: Count,
    login: Option<String>,
    name: Option<String>,
    organization_verified_domain_emails: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Team {
    #[serde(default)]
    database_id: Count,
    #[serde(default)]
    slug: Option<String>,
    #[serde(default)]
    name: Option<String>,
    members: Pages<Member>,
}

impl Member {
    fn identity(&self) -> Option<IdentityRef> {
        let login = self.login.as_deref().map(str::trim).filter(|login| !login.is_empty());
        match (self.database_id.0, login) {
            (Some(id), login) => Some(IdentityRef::github(id, login.unwrap_or(&id.to_string()))),
            (None, Some(login)) => Some(IdentityRef::github_login(login)),
            (None, None) => None,
        }
    }
}

/// Reads a page of either stream.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let document: Document = json::whole(ID, call, reply, sink)?;
    let kinds: Vec<&str> = document.errors.iter().filter_map(|problem| problem.r#type.as_deref()).collect();
    let Some(organization) = document.data.and_then(|data| data.organization) else {
        return Err(refused(call, &kinds));
    };
    if !document.errors.is_empty() {
        sink.skipped_line(0, "GitHub answered a part of the question only");
    }
    let mut next = Vec::new();
    if let Some(members) = organization.members_with_role {
        next.extend(following(call, &members.page_info, None));
        for (row, member) in (1..).zip(members.nodes) {
            read_member(row, member.unwrap_or_default(), sink);
        }
    } else if let Some(teams) = organization.teams {
        next.extend(following(call, &teams.page_info, None));
        for team in teams.nodes.into_iter().flatten() {
            next.extend(read_team(call, &team, sink));
        }
    } else if let Some(team) = organization.team {
        next.extend(read_team(call, &team, sink));
    } else if call.step != NEXT_PAGE {
        // A team may be gone by the time its further members are asked for.
        return Err(refused(call, &kinds));
    }
    Ok(Read::more(Answer::Given, next))
}

/// Several addresses are one person's: each further one is told as an identity of its own with the first as its address.
fn read_member(row: u64, member: Member, sink: &mut dyn Sink) {
    let Some(identity) = member.identity() else {
        sink.skipped_line(row, "a member who names neither id nor login");
        return;
    };
    let name = member.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let mut emails: Vec<String> = Vec::new();
    for email in member.organization_verified_domain_emails.unwrap_or_default() {
        let email = normal_email(&email);
        if email.contains('@') && !emails.contains(&email) {
            emails.push(email);
        }
    }
    let first = emails.first().cloned();
    sink.fact(Fact::Person(PersonFact { identity, name, email: first.clone(), removed: false }));
    for email in emails.iter().skip(1) {
        sink.fact(Fact::Person(PersonFact {
            identity: IdentityRef::email(email),
            name: None,
            email: first.clone(),
            removed: false,
        }));
    }
}

/// Gives the call for the team's further members.
fn read_team(call: &Call, team: &Team, sink: &mut dyn Sink) -> Option<Call> {
    let slug = team.slug.as_deref().filter(|slug| !slug.is_empty());
    let key = team.database_id.0.map(|id| id.to_string()).or(slug.map(str::to_owned));
    let Some(team_key) = key else {
        sink.skipped_line(0, "a team that names neither id nor slug");
        return None;
    };
    let name = slug.or(team.name.as_deref()).unwrap_or(&team_key).to_owned();
    let day: Day = call.window.to;
    for member in team.members.nodes.iter().flatten() {
        if let Some(identity) = member.identity() {
            sink.fact(Fact::Team(TeamFact { day, identity, team_key: team_key.clone(), team: name.clone() }));
        } else {
            sink.skipped_line(0, "a team's member who names neither id nor login");
        }
    }
    following(call, &team.members.page_info, slug)
}

/// The same question from the cursor on, or the one for a team's further members. A replayed call asks nothing.
fn following(call: &Call, page: &PageInfo, team: Option<&str>) -> Option<Call> {
    let cursor = page.end_cursor.as_deref().filter(|_| page.has_next_page)?;
    let mut body: Value = serde_json::from_str(call.body.as_deref()?).ok()?;
    if let Some(team) = team {
        body["query"] = json!(ONE_TEAM);
        body["variables"]["team"] = json!(team);
    }
    // The same cursor again would be asked for ever.
    if body["variables"]["after"] == json!(cursor) {
        return None;
    }
    body["variables"]["after"] = json!(cursor);
    Some(Call { step: NEXT_PAGE, body: Some(body.to_string()), ..call.clone() })
}

/// A refusal of the whole, by the kind that GitHub names and never by its words.
fn refused(call: &Call, kinds: &[&str]) -> Misread {
    let plain = |kind: &&&str| kind.len() <= 40 && kind.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let found = match kinds.iter().find(plain) {
        Some(kind) => format!("a refusal of the kind {kind}"),
        None => "a refusal".to_owned(),
    };
    let expected = "the organization, which a token with read:org (or the permission Members: read) sees";
    Misread::new(ID, call, "data.organization", expected, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Headers;

    #[derive(Default)]
    struct Seen(Vec<Fact>, usize);

    impl Sink for Seen {
        fn fact(&mut self, fact: Fact) {
            self.0.push(fact);
        }
        fn unknown_field(&mut self, path: &str) {
            panic!("{path}");
        }
        fn skipped_line(&mut self, _: u64, _: &str) {
            self.1 += 1;
        }
    }

    fn asked(stream: &'static str) -> Call {
        call(stream, "acme", Window::day(Day(20_000)), &Settings::new([("organization", "acme")]))
    }

    fn answered(call: &Call, body: &Value) -> (Result<Read, Misread>, Seen) {
        let (bytes, headers, mut seen) = (body.to_string().into_bytes(), Headers::default(), Seen::default());
        let mut reader = &bytes[..];
        let mut reply = Reply { status: 200, headers: &headers, body: &mut reader };
        (read(call, &mut reply, &mut seen), seen)
    }

    fn page(cursor: Option<&str>) -> Value {
        json!({"hasNextPage": cursor.is_some(), "endCursor": cursor})
    }

    #[test]
    fn pages_follow_the_cursor_and_a_large_team_is_asked_for_by_itself() {
        let call = asked("org_teams");
        assert_eq!(call.url.as_str(), "https://api.github.com/graphql");
        let member = json!({"databaseId": 1, "login": "ada"});
        let team = |slug: &str, cursor| json!({"databaseId": 5, "slug": slug, "name": "x", "members": {"pageInfo": page(cursor), "nodes": [member]}});
        let teams = json!({"data": {"organization": {"teams": {"pageInfo": page(Some("t2")), "nodes": [team("a", None), team("b", Some("m2"))]}}}});
        let (read, seen) = answered(&call, &teams);
        let next = read.unwrap().next;
        assert_eq!((seen.0.len(), next.len()), (2, 2));
        let variables = |call: &Call| serde_json::from_str::<Value>(call.body.as_ref().unwrap()).unwrap()["variables"].clone();
        assert_eq!(variables(&next[0]), json!({"organization": "acme", "after": "t2"}));
        assert_eq!(variables(&next[1]), json!({"organization": "acme", "team": "b", "after": "m2"}));
        let further = json!({"data": {"organization": {"team": team("b", Some("m2"))}}});
        let (read, seen) = answered(&next[1], &further);
        assert_eq!((seen.0.len(), read.unwrap().next.len()), (1, 0), "the same cursor is not asked for again");
        let gone = json!({"data": {"organization": {"team": null}}, "errors": [{"type": "NOT_FOUND", "message": "x"}]});
        assert!(answered(&next[1], &gone).0.unwrap().next.is_empty());
    }

    #[test]
    fn a_refusal_names_its_kind_and_never_its_words() {
        let body =
            json!({"data": {"organization": null}, "errors": [{"type": "INSUFFICIENT_SCOPES", "message": "secret words"}]});
        let misread = answered(&asked("org_members"), &body).0.unwrap_err();
        assert_eq!(misread.found, "a refusal of the kind INSUFFICIENT_SCOPES");
        let body = json!({"errors": [{"type": "odd kind with words", "message": "secret words"}]});
        assert_eq!(answered(&asked("org_members"), &body).0.unwrap_err().found, "a refusal");
    }
}
