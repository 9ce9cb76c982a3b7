//! The search for merged pull requests: it counts all it finds and shows the first thousand.
//! <https://docs.github.com/en/graphql/reference/queries#searchresultitemconnection>, read 2026-11-21.

use super::document::Field;
use super::object::{Answer, Page, Wrong};
use super::pull;
use crate::delivery::{PullTruth, merged};
use crate::site::{Bend, Site};
use serde_json::{Value, json};
use std::sync::Arc;
use tacho_domain::{Day, Instant, Window};

/// No search shows more, however many it counts.
const MOST: usize = 1_000;

/// What is searched for.
struct Wanted {
    from: Instant,
    to: Instant,
    /// `owner/name`.
    repository: Option<String>,
}

/// Reads the search's text; `None` where nothing can be found with it.
fn wanted(site: &Site, text: &str) -> Option<Wanted> {
    let world = &site.world;
    let history = world.history();
    let mut wanted = Wanted { from: history.from.start(), to: history.to.plus(1).start(), repository: None };
    let mut owned = false;
    for word in text.split_whitespace() {
        match word.split_once(':')? {
            ("org" | "user", owner) if owner.eq_ignore_ascii_case(&world.config.organization) => owned = true,
            ("repo", name) => {
                owned = true;
                wanted.repository = Some(name.to_owned());
            }
            ("is", "pr" | "merged" | "closed") | ("sort" | "archived", _) => {}
            ("merged", when) => (wanted.from, wanted.to) = merged_when(when)?,
            _ => return None,
        }
    }
    owned.then_some(wanted)
}

/// `A..B`, `>=A`, `<=B` or a day; both ends belong to it, and the end of a day is its last second.
fn merged_when(text: &str) -> Option<(Instant, Instant)> {
    let first = |text: &str| moment(text, false);
    let last = |text: &str| moment(text, true);
    if let Some((from, to)) = text.split_once("..") {
        return Some((first(from)?, last(to)?));
    }
    match (text.strip_prefix(">="), text.strip_prefix("<=")) {
        (Some(from), _) => Some((first(from)?, Instant(i64::MAX))),
        (_, Some(to)) => Some((Instant(0), last(to)?)),
        _ => Some((first(text)?, last(text)?)),
    }
}

fn moment(text: &str, end: bool) -> Option<Instant> {
    if text.len() > 10 {
        return Instant::parse(text);
    }
    let day: Day = text.parse().ok()?;
    Some(if end { day.plus(1).start().plus_seconds(-1) } else { day.start() })
}

/// A pull request by its day and its place in it.
type Found = (Arc<Vec<PullTruth>>, usize);

fn find(site: &Site, wanted: &Wanted, sees_all: bool) -> Vec<Found> {
    let history = site.world.history();
    let (from, to) = (wanted.from.day().max(history.from), wanted.to.day().min(history.to));
    let mut found = Vec::new();
    for day in (Window { from, to }).days().filter(|day| from <= *day && *day <= to) {
        let all = merged(&site.world, day);
        let fits = |it: &PullTruth| {
            let named = wanted.repository.as_ref().is_none_or(|name| it.repository.eq_ignore_ascii_case(name));
            let seen = sees_all || site.world.delivery.places[it.script.place].public;
            named && seen && wanted.from <= it.merged_at && it.merged_at <= wanted.to
        };
        found.extend((0..all.len()).filter(|place| fits(&all[*place])).map(|place| (Arc::clone(&all), place)));
    }
    found
}

pub(super) fn answer(site: &Site, field: &Field, sees_all: bool, bend: Bend, errors: &mut Vec<Value>) -> Answer {
    let text = field.text("query").unwrap_or_default();
    if field.text("type") != Some("ISSUE") {
        return Err(Wrong("argumentLiteralsIncompatible", "Argument 'type' on Field 'search' has an invalid value.".to_owned()));
    }
    let found = wanted(site, text).map(|wanted| find(site, &wanted, sees_all)).unwrap_or_default();
    let mut page = Page::of(field, found.len().min(MOST))?;
    page.total = found.len();
    if bend.overlap && page.shown.start > 0 {
        page.shown.start -= 1;
    }
    if bend.repeat {
        (page.goes_on, page.cursor) = (true, page.shown.start);
    }
    let place_broken = page.shown.len() / 2;
    let broken = page.shown.start + place_broken;
    page.connection(field, "issueCount", &mut |items, row| {
        if bend.partial && row == broken {
            errors.push(json!({
                "type": "SERVICE_UNAVAILABLE",
                "path": [field.key, "nodes", place_broken],
                "message": "Something went wrong while executing your query.",
            }));
            return Ok(Value::Null);
        }
        let (day, place) = &found[row];
        pull::node(site, items, &day[*place])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_span_belong_to_it() {
        let span = |text| merged_when(text).map(|(from, to)| (from.to_string(), to.to_string()));
        let expected = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(span("2026-11-18"), expected("2026-11-18T00:00:00Z", "2026-11-18T23:59:59Z"));
        assert_eq!(span("2026-11-17..2026-11-18"), expected("2026-11-17T00:00:00Z", "2026-11-18T23:59:59Z"));
        assert_eq!(
            span("2026-11-18T06:00:00Z..2026-11-18T11:59:59+02:00"),
            expected("2026-11-18T06:00:00Z", "2026-11-18T09:59:59Z")
        );
        assert_eq!(span("yesterday"), None);
    }
}
