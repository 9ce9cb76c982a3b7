//! Every request with its model, tokens and price: `POST /teams/filtered-usage-events`, added up per day and identity.

use super::{EVENTS, FIRST, ID, Millis, Pagination, ask_days, page_after, page_of};
use crate::json::{self, Known, first_value, has_key};
use crate::{Answer, Call, Misread, Read, Reply, Settings, Sink};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use tacho_domain::{
    Day, DayHours, Dimension, Fact, HoursFact, IdentityRef, Instant, Measure, Measures, Money, SplitFact, UsageFact, Window,
};

/// The first page of a day's events.
pub(super) fn call(window: Window, settings: &Settings, rows: u32) -> Call {
    ask_days(EVENTS, window, settings, "filtered-usage-events", rows)
}

/// Reads a page into partial sums per day and identity; the store adds the pages up.
///
/// Sessions are distinct conversations, and those of two pages cannot be told apart once added up: they are said only
/// where the whole answer is one page, and stay unsaid otherwise.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let answer: Page = json::whole(ID, call, reply, sink)?;
    if answer.usage_events.is_none() && answer.usage_events_display.is_none() {
        return Err(Misread::new(ID, call, "usageEvents", "a list of events", "none"));
    }
    let next = answer.next(call)?;
    let whole = call.step == FIRST && !answer.promises_more();
    let mut sums: BTreeMap<(Day, IdentityRef), Sums> = BTreeMap::new();
    for (number, event) in (1..).zip(answer.events()) {
        let at = event.timestamp.as_ref().and_then(Millis::instant);
        match at.filter(|at| call.is_replay() || call.window.contains(at.day())) {
            Some(at) => sums.entry((at.day(), event.identity())).or_default().add(event, at),
            None if at.is_none() => sink.skipped_line(number, "an event without a readable timestamp"),
            None => sink.skipped_line(number, "an event of a day that was not asked for"),
        }
    }
    for ((day, identity), sums) in sums {
        sums.facts(day, &identity, whole, sink);
    }
    Ok(Read::more(Answer::Given, next))
}

/// Saved events; their call has the day of the first.
pub(super) fn recognise(head: &str) -> Option<Call> {
    let ours = has_key(head, "usageEvents") || has_key(head, "usageEventsDisplay");
    let day = Millis::Text(first_value(head, "timestamp").filter(|_| ours)?.to_owned()).day()?;
    Some(Call::replay(EVENTS, FIRST, Window::day(day)))
}

/// Documented with `usageEvents` and `pagination`; seen with `usageEventsDisplay` and a count alone. Both are read.
/// <https://cursor.com/docs/account/teams/admin-api> and
/// <https://github.com/kenn-io/agentsview/tree/main/internal/cursorusage>, read 2026-11-21.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    usage_events: Option<Vec<Event>>,
    usage_events_display: Option<Vec<Event>>,
    total_usage_events_count: Option<u64>,
    pagination: Option<Pagination>,
    #[serde(default)]
    _period: Known,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    timestamp: Option<Millis>,
    user_email: Option<String>,
    service_account_id: Option<String>,
    service_account_name: Option<String>,
    conversation_id: Option<String>,
    model: Option<String>,
    kind: Option<String>,
    kind_label: Option<String>,
    is_chargeable: Option<bool>,
    token_usage: Option<TokenUsage>,
    charged_cents: Option<f64>,
    // `chargedCents` holds the token fee already; adding it would count it twice.
    // <https://cursor.com/docs/account/teams/admin-api>, read 2026-11-21.
    #[serde(default)]
    _cursor_token_fee: Known,
    // Request units of plans that are no longer sold.
    #[serde(default)]
    _requests_costs: Known,
    #[serde(default)]
    _user_id: Known,
    #[serde(default)]
    _cloud_agent_id: Known,
    #[serde(default)]
    _automation_id: Known,
    #[serde(default)]
    _max_mode: Known,
    #[serde(default)]
    _is_token_based_call: Known,
    #[serde(default)]
    _is_headless: Known,
    #[serde(default)]
    _is_free_bugbot: Known,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenUsage {
    input_tokens: Option<i64>,
    output_tokens: Option<i64>,
    cache_write_tokens: Option<i64>,
    cache_read_tokens: Option<i64>,
    #[serde(default)]
    _total_cents: Known,
    #[serde(default)]
    _discount_percent_off: Known,
}

/// Who pays for an event, as far as Tacho needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Included,
    UsageBased,
    Errored,
    Other,
}

impl Kind {
    /// Documented as `Usage-based` and `Included in Business`, seen as `USAGE_EVENT_KIND_USAGE_BASED` and so on; an open
    /// list. <https://cursor.com/docs/account/teams/admin-api> and
    /// <https://github.com/kenn-io/agentsview/tree/main/internal/cursorusage>, read 2026-11-21.
    fn parse(text: &str) -> Self {
        let upper = text.trim().to_uppercase();
        let words: String = upper.trim_start_matches("USAGE_EVENT_KIND_").replace(['_', '-', ','], " ");
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        match words.as_str() {
            "USAGE BASED" => Self::UsageBased,
            included if included.starts_with("INCLUDED") => Self::Included,
            errored if errored.starts_with("ERRORED") || errored.contains("NOT CHARGED") => Self::Errored,
            _ => Self::Other,
        }
    }
}

impl Page {
    fn events(&self) -> impl Iterator<Item = &Event> {
        self.usage_events.iter().chain(&self.usage_events_display).flatten()
    }

    fn next(&self, call: &Call) -> Result<Vec<Call>, Misread> {
        let rows = self.events().count();
        if let Some(pagination) = &self.pagination {
            return pagination.next(call, rows);
        }
        let (page, asked) = page_of(call);
        let rows = rows as u64;
        // Without `pagination` only the count tells. A first page shorter than asked while more remain means that the
        // vendor allows no longer ones, so the further pages are asked in its size, lest rows between them be missed.
        let size = if page == 1 { rows.min(asked) } else { asked };
        let seen = (page - 1).saturating_mul(size).saturating_add(rows);
        let more = rows > 0 && !call.is_replay() && self.total_usage_events_count.is_some_and(|total| seen < total);
        Ok(if more { vec![page_after(call, size)] } else { Vec::new() })
    }

    /// Whether a first page is not the whole answer, told by the page alone so that a replay comes to the same.
    fn promises_more(&self) -> bool {
        let by_count = self.total_usage_events_count.is_some_and(|total| (self.events().count() as u64) < total);
        self.pagination.as_ref().map_or(by_count, |pages| pages.has_next_page == Some(true))
    }
}

impl Event {
    /// A service account has an address too, which is no person's, so its id goes first. What names nobody is kept as one
    /// identity of its own: its cost is real.
    fn identity(&self) -> IdentityRef {
        let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        if let Some(id) = given(&self.service_account_id) {
            return IdentityRef::service_account(&id, &given(&self.service_account_name).unwrap_or_else(|| id.clone()));
        }
        let person = given(&self.user_email).map(|email| IdentityRef::email(&email));
        person.unwrap_or_else(|| IdentityRef::service_account("nobody", "unknown user"))
    }

    fn kind(&self) -> Kind {
        self.kind.as_deref().or(self.kind_label.as_deref()).map_or(Kind::Other, Kind::parse)
    }

    /// One event's part, its money rounded to micro-dollars before it is added to others.
    ///
    /// `chargedCents` is the value at Cursor's prices, also of what the subscription includes; what is charged beyond it
    /// is the events that are chargeable. <https://cursor.com/docs/account/teams/admin-api>, read 2026-11-21.
    fn measures(&self) -> Measures {
        use Measure as M;
        let kind = self.kind();
        let errored = kind == Kind::Errored;
        let chargeable = self.is_chargeable.or(match kind {
            Kind::UsageBased => Some(true),
            Kind::Included => Some(false),
            Kind::Errored | Kind::Other => None,
        });
        let charged = self.charged_cents.and_then(Money::from_cents).map(|money| money.0);
        let cost = if errored { Some(0) } else { charged };
        let billed = match chargeable {
            _ if errored => Some(0),
            Some(true) => cost,
            Some(false) => Some(0),
            None => None,
        };
        let mut measures = Measures::default().with(M::Requests, i64::from(!errored)).with(M::Cost, cost).with(M::Billed, billed);
        if let Some(tokens) = &self.token_usage {
            measures[M::TokensInput] = tokens.input_tokens;
            measures[M::TokensOutput] = tokens.output_tokens;
            measures[M::TokensCacheRead] = tokens.cache_read_tokens;
            measures[M::TokensCacheWrite] = tokens.cache_write_tokens;
        }
        measures
    }
}

/// What one identity's events of a day come to, on one page.
#[derive(Debug, Default)]
struct Sums {
    measures: Measures,
    models: BTreeMap<String, Measures>,
    conversations: BTreeSet<String>,
    hours: DayHours,
}

impl Sums {
    fn add(&mut self, event: &Event, at: Instant) {
        // A request that failed was made all the same: somebody was there.
        self.hours.note(at);
        let part = event.measures();
        self.measures.add(&part);
        let model = event.model.as_deref().map(str::trim).filter(|model| !model.is_empty()).unwrap_or("unknown");
        self.models.entry(model.to_owned()).or_default().add(&part);
        self.conversations.extend(event.conversation_id.iter().filter(|id| !id.is_empty()).cloned());
    }

    fn facts(self, day: Day, identity: &IdentityRef, whole: bool, sink: &mut dyn Sink) {
        let sessions = i64::try_from(self.conversations.len()).ok().filter(|count| whole && *count > 0);
        let measures = self.measures.with(Measure::Sessions, sessions);
        // The daily usage says who was active; two streams must not both say it.
        sink.fact(Fact::Usage(UsageFact { day, identity: identity.clone(), active: None, agent: None, measures }));
        sink.fact(Fact::Hours(HoursFact { day, identity: identity.clone(), hours: self.hours }));
        for (value, measures) in self.models {
            let identity = identity.clone();
            sink.fact(Fact::Split(SplitFact { day, identity, dimension: Dimension::Model, value, measures }));
        }
    }
}
