//! What each member did per day: `POST /teams/daily-usage-data`. It has no sessions and no tokens.

use super::{DAILY, FIRST, ID, Millis, Pagination, ask_days};
use crate::json::{self, Known, first_value, has_key};
use crate::{Answer, Call, Misread, Read, Reply, Settings, Sink};
use serde::Deserialize;
use tacho_domain::measure::plus;
use tacho_domain::{Day, Dimension, Fact, IdentityRef, Measure, Measures, SplitFact, UsageFact, Window};

/// The first page of the days asked for. Asked without pages, Cursor leaves inactive members out:
/// <https://cursor.com/docs/account/teams/admin-api>, read 2026-11-21.
pub(super) fn call(window: Window, settings: &Settings, rows: u32) -> Call {
    ask_days(DAILY, window, settings, "daily-usage-data", rows)
}

/// Reads a page. Every member of the days asked for has a row, so a first page without any is no data rather than zeros.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let answer: Days = json::whole(ID, call, reply, sink)?;
    let next = answer.pagination.map_or(Ok(Vec::new()), |pages| pages.next(call, answer.data.len()))?;
    if answer.data.is_empty() && call.step == FIRST {
        return Ok(Read::nothing());
    }
    for (number, row) in (1..).zip(&answer.data) {
        let day = row.day().ok_or_else(|| Misread::new(ID, call, "data.day", "a day, or its milliseconds", "neither"))?;
        if !call.is_replay() && !call.window.contains(day) {
            sink.skipped_line(number, "a day that was not asked for");
            continue;
        }
        // Joined by e-mail: `userId` is a number here and `user_...` elsewhere, and one person may have several.
        // <https://cursor.com/docs/account/teams/admin-api>, read 2026-11-21.
        match row.email.as_deref().filter(|email| !email.trim().is_empty()) {
            Some(email) => row.facts(day, &IdentityRef::email(email), sink),
            None => sink.skipped_line(number, "a row without an e-mail address"),
        }
    }
    Ok(Read::more(Answer::Given, next))
}

/// A saved answer; its call has the day of the first row.
pub(super) fn recognise(head: &str) -> Option<Call> {
    let ours = has_key(head, "composerRequests") && has_key(head, "totalTabsShown");
    let day = first_value(head, "day").and_then(|text| text.parse().ok());
    let day = day.or_else(|| Millis::Text(first_value(head, "date")?.to_owned()).day()).filter(|_| ours)?;
    Some(Call::replay(DAILY, FIRST, Window::day(day)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Days {
    data: Vec<Row>,
    pagination: Option<Pagination>,
    #[serde(default)]
    _period: Known,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    day: Option<String>,
    date: Option<Millis>,
    email: Option<String>,
    is_active: Option<bool>,
    accepted_lines_added: Option<i64>,
    accepted_lines_deleted: Option<i64>,
    total_applies: Option<i64>,
    total_accepts: Option<i64>,
    total_rejects: Option<i64>,
    total_tabs_shown: Option<i64>,
    total_tabs_accepted: Option<i64>,
    composer_requests: Option<i64>,
    chat_requests: Option<i64>,
    agent_requests: Option<i64>,
    cmdk_usages: Option<i64>,
    bugbot_usages: Option<i64>,
    #[serde(default)]
    _user_id: Known,
    // All lines that changed in the editor, typed and pasted ones too: not what the tool wrote.
    #[serde(default)]
    _total_lines_added: Known,
    #[serde(default)]
    _total_lines_deleted: Known,
    // Raw counts of events by who pays, not billable units; the events themselves are read with their price.
    #[serde(default)]
    _subscription_included_reqs: Known,
    #[serde(default)]
    _usage_based_reqs: Known,
    #[serde(default)]
    _api_key_reqs: Known,
    // The most used ones say nothing about the rest, so they make no split.
    #[serde(default)]
    _most_used_model: Known,
    #[serde(default)]
    _apply_most_used_extension: Known,
    #[serde(default)]
    _tab_most_used_extension: Known,
    #[serde(default)]
    _client_version: Known,
}

impl Row {
    /// Older answers have only `date`: <https://cursor.com/docs/account/teams/admin-api>, read 2026-11-21.
    fn day(&self) -> Option<Day> {
        let written = self.day.as_deref().and_then(|text| text.parse().ok());
        written.or_else(|| self.date.as_ref().and_then(Millis::day))
    }

    fn facts(&self, day: Day, identity: &IdentityRef, sink: &mut dyn Sink) {
        let measures = self.measures();
        let agent = plus(self.agent_requests, self.composer_requests).map(|requests| requests > 0);
        // A row alone is not activity: members who did nothing are listed, with `isActive` false (METRICS).
        let active = self.is_active.or_else(|| measures[Measure::Interactions].map(|count| count > 0));
        sink.fact(Fact::Usage(UsageFact { day, identity: identity.clone(), active, agent, measures }));
        for (feature, count) in self.features() {
            let Some(count) = count.filter(|count| *count != 0) else { continue };
            sink.fact(Fact::Split(SplitFact {
                day,
                identity: identity.clone(),
                dimension: Dimension::Feature,
                value: feature.to_owned(),
                measures: Measures::default().with(Measure::Interactions, count),
            }));
        }
    }

    fn measures(&self) -> Measures {
        use Measure as M;
        let requests = [self.chat_requests, self.composer_requests, self.agent_requests, self.cmdk_usages];
        let prompts = requests.into_iter().fold(None, plus);
        Measures::default()
            .with(M::Prompts, prompts)
            .with(M::Interactions, plus(prompts, self.total_tabs_accepted))
            .with(M::Suggestions, self.total_tabs_shown)
            .with(M::Acceptances, self.total_tabs_accepted)
            .with(M::EditsProposed, self.total_applies)
            .with(M::EditsAccepted, self.total_accepts)
            .with(M::EditsRejected, self.total_rejects)
            .with(M::LinesAdded, self.accepted_lines_added)
            .with(M::LinesRemoved, self.accepted_lines_deleted)
    }

    /// Bugbot reviews pull requests by itself: shown as a feature, and no part of a member's interactions.
    fn features(&self) -> [(&'static str, Option<i64>); 6] {
        [
            ("chat", self.chat_requests),
            ("composer", self.composer_requests),
            ("agent", self.agent_requests),
            ("cmdk", self.cmdk_usages),
            ("tab", self.total_tabs_accepted),
            ("bugbot", self.bugbot_usages),
        ]
    }
}
