//! The organization's members and teams, as GraphQL tells of them: the questions that a reader of ours asks, told apart by
//! the connection they name. Addresses are those on the organization's verified domain, so that a contractor has none.
//! <https://docs.github.com/en/graphql/reference>, read 2026-11-21.

use super::lacks_scope;
use crate::faults::Endpoint;
use crate::names;
use crate::organization::{Kind, Person};
use crate::reply::Reply;
use crate::site::{Asked, Bend, Site};
use serde::Deserialize;
use serde_json::{Value, json};
use tacho_domain::Day;

/// A question as it is posted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Question {
    query: String,
    variables: Variables,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Variables {
    organization: String,
    team: Option<String>,
    after: Option<String>,
}

impl Question {
    pub(super) fn of(asked: &Asked) -> Option<Self> {
        serde_json::from_slice(&asked.body).ok()
    }

    pub(super) fn endpoint(&self) -> Option<Endpoint> {
        let names = |connection: &str| self.query.contains(connection);
        if names("membersWithRole(") {
            Some(Endpoint::GithubMembers)
        } else if names("teams(") || names("team(") {
            Some(Endpoint::GithubTeams)
        } else {
            None
        }
    }

    pub(super) fn answer(&self, site: &Site, asked: &Asked, bend: Bend) -> Reply {
        let config = &site.world.config;
        if lacks_scope(site, asked, "read:org").is_some() {
            return refused("INSUFFICIENT_SCOPES", "Your token has not been granted the required scopes to execute this query.");
        }
        if !self.variables.organization.eq_ignore_ascii_case(&config.organization) {
            return refused("NOT_FOUND", "Could not resolve to an Organization with the given login.");
        }
        let today = site.world.today();
        let everybody: Vec<&Person> = site.world.people.iter().filter(|person| is_in(person, today)).collect();
        let organization = match (&self.variables.team, self.endpoint()) {
            (_, Some(Endpoint::GithubMembers)) => {
                let member = |person: &&Person| {
                    let emails: Vec<&String> = person.email.iter().collect();
                    let mut member = node(person);
                    member["name"] = json!(person.name);
                    member["organizationVerifiedDomainEmails"] = json!(emails);
                    member
                };
                json!({"membersWithRole": self.page(&everybody, 100, bend, member)})
            }
            (Some(slug), _) => {
                let team = teams(site).find(|team| names::team(*team).1 == *slug);
                json!({"team": team.map(|team| self.team(team, &everybody, bend, true))})
            }
            (None, _) => {
                let all: Vec<usize> = teams(site).collect();
                json!({"teams": self.page(&all, 20, bend, |team| self.team(*team, &everybody, Bend::default(), false))})
            }
        };
        Reply::json(200, &json!({"data": {"organization": organization}}))
    }

    /// A team with its first members, or those from the cursor on.
    fn team(&self, team: usize, everybody: &[&Person], bend: Bend, goes_on: bool) -> Value {
        let members: Vec<&&Person> = everybody.iter().filter(|person| person.teams.contains(&team)).collect();
        let (name, slug) = names::team(team);
        let first = Self::default();
        let asked = if goes_on { self } else { &first };
        json!({
            "databaseId": 9_000 + team, "slug": slug, "name": name,
            "members": asked.page(&members, 100, bend, |person| node(person)),
        })
    }

    /// A page of a connection; its cursor is the place of the next row.
    fn page<T>(&self, rows: &[T], size: usize, bend: Bend, node: impl Fn(&T) -> Value) -> Value {
        let start: usize = self.variables.after.as_ref().and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let shown = bend.page(start, size, rows.len());
        let more = shown.end < rows.len() || bend.repeat;
        let cursor = if bend.repeat { start } else { shown.end };
        let nodes: Vec<Value> = rows[shown].iter().map(node).collect();
        json!({"pageInfo": {"hasNextPage": more, "endCursor": more.then(|| cursor.to_string())}, "nodes": nodes})
    }
}

/// Whether the person has a GitHub account in the organization.
fn is_in(person: &Person, today: Day) -> bool {
    matches!(person.kind, Kind::Member | Kind::StrangerLogin)
        && person.joined <= today
        && person.left.is_none_or(|left| today < left)
}

fn teams(site: &Site) -> std::ops::Range<usize> {
    0..usize::try_from(site.world.config.teams.max(1)).unwrap_or(1)
}

fn node(person: &Person) -> Value {
    json!({"databaseId": person.github_id, "login": person.login})
}

/// GraphQL refuses with the status 200.
fn refused(kind: &str, message: &str) -> Reply {
    let error = json!({"type": kind, "path": ["organization"], "locations": [{"line": 1, "column": 1}], "message": message});
    Reply::json(200, &json!({"data": {"organization": null}, "errors": [error]}))
}
