//! What Cursor knows of commits: `GET /analytics/ai-code/commits`, for teams on the Enterprise plan. Messages are read past
//! and replies are not kept, since messages are in them.
//! <https://cursor.com/docs/account/teams/ai-code-tracking-api>, read 2026-11-22.

use super::{COMMITS, FIRST, FURTHER, ID, profile};
use crate::json::{self, Known};
use crate::{Answer, Archive, Auth, Call, Misread, Read, Reply, Settings, Sink};
use serde::Deserialize;
use std::collections::BTreeMap;
use tacho_domain::delivery::{CommitRecordFact, CommitSource};
use tacho_domain::{Day, Fact, IdentityRef, Instant, Window};
use url::Url;

/// The first page of a day's records. Both ends are instants, so that it does not matter whether a bare day would mean its
/// beginning or all of it, which is not said.
pub(super) fn call(day: Day, settings: &Settings, rows: u32) -> Call {
    let mut url = settings.url(&profile::PROFILE, &["analytics", "ai-code", "commits"]);
    url.query_pairs_mut()
        .append_pair("startDate", &format!("{day}T00:00:00.000Z"))
        .append_pair("endDate", &format!("{day}T23:59:59.999Z"))
        .append_pair("page", "1")
        .append_pair("pageSize", &rows.to_string());
    asked(FIRST, Window::day(day), url)
}

fn asked(step: &'static str, day: Window, url: Url) -> Call {
    Call { archive: Archive::Never, ..Call::get(COMMITS, step, day, url, Auth::BasicUser) }
}

/// Reads a page. A commit that is on several branches is told once for each of them, and is one.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let page: Page = json::whole(ID, call, reply, sink)?;
    let next = page.next(call)?;
    let mut records: BTreeMap<(String, Option<String>), CommitRecordFact> = BTreeMap::new();
    for (number, item) in (1..).zip(page.items) {
        match item.record(call) {
            Err(why) => sink.skipped_line(number, why),
            Ok(record) => {
                let key = (record.commit.clone(), record.repository.clone());
                if records.get(&key).is_none_or(|known| record.goes_before(known)) {
                    records.insert(key, record);
                }
            }
        }
    }
    for record in records.into_values() {
        sink.fact(Fact::CommitRecord(Box::new(record)));
    }
    Ok(Read::more(Answer::Given, next))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "as Cursor calls them")]
struct Page {
    items: Vec<Item>,
    total_count: Option<u64>,
    page: Option<u64>,
    page_size: Option<u64>,
}

impl Page {
    /// The page after this one, where the count says that there is one.
    fn next(&self, call: &Call) -> Result<Vec<Call>, Misread> {
        let number = |key: &str| call.url.query_pairs().find(|(known, _)| known == key).and_then(|(_, text)| text.parse().ok());
        let (Some(page), Some(size), false) = (number("page"), number("pageSize"), call.is_replay()) else {
            return Ok(Vec::new());
        };
        if self.page.is_some_and(|told| told != page) {
            return Err(Misread::new(ID, call, "page", "the page that was asked for", "another one"));
        }
        // Cursor may give shorter pages than were asked for, and says so.
        let size: u64 = self.page_size.filter(|told| *told > 0).unwrap_or(size);
        if self.total_count.is_none_or(|total| page.saturating_mul(size) >= total) {
            return Ok(Vec::new());
        }
        if self.items.is_empty() {
            return Err(Misread::new(ID, call, "totalCount", "rows before a next page", "an empty page"));
        }
        let others: Vec<(String, String)> =
            call.url.query_pairs().filter(|(key, _)| key != "page").map(|(key, value)| (key.into(), value.into())).collect();
        let mut url = call.url.clone();
        url.query_pairs_mut().clear().extend_pairs(others).append_pair("page", &(page + 1).to_string());
        Ok(vec![asked(FURTHER, call.window, url)])
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    commit_hash: Option<String>,
    user_email: Option<String>,
    repo_name: Option<String>,
    branch_name: Option<String>,
    is_primary_branch: Option<bool>,
    commit_source: Option<String>,
    total_lines_added: Option<i64>,
    total_lines_deleted: Option<i64>,
    tab_lines_added: Option<i64>,
    tab_lines_deleted: Option<i64>,
    composer_lines_added: Option<i64>,
    composer_lines_deleted: Option<i64>,
    commit_ts: Option<String>,
    created_at: Option<String>,
    // `user_...` here and a number in the daily usage: people are joined by their address.
    #[serde(default)]
    _user_id: Known,
    // "Not traced", and never "typed by hand": a squash, a first commit and a repository that is not at the workspace's root
    // have all of their lines here.
    #[serde(default)]
    _non_ai_lines_added: Known,
    #[serde(default)]
    _non_ai_lines_deleted: Known,
    #[serde(default)]
    _message: Known,
}

impl Item {
    fn record(self, call: &Call) -> Result<CommitRecordFact, &'static str> {
        let told = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let commit = told(self.commit_hash).ok_or("a record without a commit")?;
        let instant = |text: &Option<String>| text.as_deref().and_then(Instant::parse);
        let (made, noted) = (instant(&self.commit_ts), instant(&self.created_at));
        // Which of the two the days are about is not said, so either will do. The commit's own time may be missing.
        let mut days = [made, noted].into_iter().flatten().map(Instant::day).peekable();
        if !call.is_replay() && days.peek().is_some() && !days.any(|day| call.window.contains(day)) {
            return Err("a commit of a day that was not asked for");
        }
        let sum = |counts: &[Option<i64>]| counts.iter().flatten().fold(0i64, |sum, count| sum.saturating_add((*count).max(0)));
        let ai_lines =
            sum(&[self.tab_lines_added, self.tab_lines_deleted, self.composer_lines_added, self.composer_lines_deleted]);
        Ok(CommitRecordFact {
            day: call.window.from,
            commit,
            identity: told(self.user_email).map(|email| IdentityRef::email(&email)),
            repository: told(self.repo_name),
            branch: told(self.branch_name),
            primary: self.is_primary_branch,
            source: source(self.commit_source.as_deref()),
            ai_lines,
            lines: sum(&[self.total_lines_added, self.total_lines_deleted]).max(ai_lines),
            at: made.or(noted),
        })
    }
}

fn source(text: Option<&str>) -> CommitSource {
    match text.map(str::trim) {
        Some("ide") => CommitSource::Editor,
        Some("cli") => CommitSource::CommandLine,
        Some("cloud") => CommitSource::Cloud,
        _ => CommitSource::Unknown,
    }
}
