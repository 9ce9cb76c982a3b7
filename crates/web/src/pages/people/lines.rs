//! Identities, members and changes as rows of a table.

use crate::app::Site;
use crate::pages::badge::{Badge, badge};
use crate::people::{called, decider};
use std::collections::HashMap;
use tacho_domain::{Day, IdentityKind, UserId};
use tacho_render::words::{NO_DATA, instant, long_day};
use tacho_store::{IdentityRow, MatchKind, Member, MemberSource, PeopleChange, Suggestion};

/// An identity as a row.
pub(super) struct IdentityLine {
    pub(super) id: u32,
    pub(super) label: String,
    pub(super) kind: &'static str,
    pub(super) tools: Vec<Badge>,
    pub(super) last_active: String,
    /// Interactions, where the caller may see single people's numbers.
    pub(super) usage: Option<String>,
    /// Number and name of its member.
    pub(super) member: Option<(u32, String)>,
    pub(super) how: &'static str,
    pub(super) ignored: bool,
}

impl IdentityLine {
    pub(super) fn of(row: &IdentityRow, site: &Site) -> Self {
        let member = row.member.map(|id| {
            let name = row.member_name.clone().filter(|name| !name.is_empty());
            (id.0, name.unwrap_or_else(|| format!("Member {}", id.0)))
        });
        Self {
            id: row.id.0,
            label: if row.label.is_empty() { format!("Identity {}", row.id.0) } else { row.label.clone() },
            kind: kind(row.kind),
            tools: row.tools.iter().map(|tool| badge(tool, site)).collect(),
            last_active: day(row.last_active),
            usage: None,
            member,
            how: how(row.how),
            ignored: row.how == MatchKind::Ignored,
        }
    }
}

/// What kind of name it is, as people say it.
pub(super) fn kind(kind: IdentityKind) -> &'static str {
    match kind {
        IdentityKind::Email => "e-mail address",
        IdentityKind::GithubId | IdentityKind::GithubLogin => "GitHub account",
        IdentityKind::ApiKey => "API key",
        IdentityKind::ServiceAccount => "service account",
        IdentityKind::Organization => "whole organization",
    }
}

/// How an identity came to its member.
pub(super) fn how(how: MatchKind) -> &'static str {
    match how {
        MatchKind::Unmatched => "no member",
        MatchKind::ByRoster => "a tool's roster",
        MatchKind::ByAddress => "the same address",
        MatchKind::ByLogin => "the same login",
        MatchKind::ByHand => "by hand",
        MatchKind::Ignored => "ignored",
    }
}

fn day(day: Option<Day>) -> String {
    day.map_or_else(|| NO_DATA.to_owned(), long_day)
}

/// A member as a row.
pub(super) struct MemberLine {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) source: &'static str,
    pub(super) identities: u32,
    pub(super) state: String,
}

impl MemberLine {
    pub(super) fn of(member: &Member) -> Self {
        Self {
            id: member.id.0,
            name: called(member),
            email: member.email.clone().unwrap_or_default(),
            source: match member.source {
                MemberSource::Roster => "a tool's roster",
                MemberSource::Hand => "by hand",
                MemberSource::File => "a file",
            },
            identities: member.identities,
            state: match (member.erased, member.left_on) {
                (true, _) => "pseudonymised".to_owned(),
                (false, Some(day)) => format!("left {}", long_day(day)),
                (false, None) => String::new(),
            },
        }
    }
}

/// A suggestion as a row.
pub(super) struct SuggestionLine {
    pub(super) identity: IdentityLine,
    pub(super) member: MemberLine,
    pub(super) likeness: String,
    pub(super) why: String,
}

impl SuggestionLine {
    pub(super) fn of(suggestion: &Suggestion, site: &Site) -> Self {
        Self {
            identity: IdentityLine::of(&suggestion.identity, site),
            member: MemberLine::of(&suggestion.member),
            likeness: format!("{:.0} %", suggestion.likeness * 100.0),
            why: suggestion.why.clone(),
        }
    }
}

/// A change of people as a row of the history.
pub(super) struct ChangeLine {
    pub(super) id: i64,
    pub(super) at: String,
    pub(super) by: String,
    pub(super) what: String,
    pub(super) undone: Option<String>,
    pub(super) can_undo: bool,
}

impl ChangeLine {
    pub(super) fn of(change: &PeopleChange, users: &HashMap<UserId, String>) -> Self {
        Self {
            id: change.id,
            at: instant(change.at),
            by: decider(change.by, users),
            what: change.what.clone(),
            undone: change.undone_at.map(instant),
            can_undo: change.can_undo,
        }
    }
}
