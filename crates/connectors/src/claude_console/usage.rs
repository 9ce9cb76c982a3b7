//! The Claude Code report: `GET /v1/organizations/usage_report/claude_code`, one UTC day per call.

use super::{ID, USAGE, further, get};
use crate::json::{self, Known, first_value, has_key};
use crate::{Answer, Call, Misread, Read, Reply, Settings, Sink};
use serde::Deserialize;
use std::collections::BTreeMap;
use tacho_domain::{Day, Dimension, Fact, IdentityRef, Measure, Measures, Money, SplitFact, UsageFact, Window};

const FIRST: &str = "report";
const FURTHER: &str = "further_page";

/// The first page of a day's report, at most `rows` rows.
pub(super) fn call(day: Day, settings: &Settings, rows: u32) -> Call {
    let path = ["v1", "organizations", "usage_report", "claude_code"];
    let mut call = get(USAGE, FIRST, Window::day(day), settings, &path, rows);
    call.url.query_pairs_mut().append_pair("starting_at", &day.to_string());
    call
}

/// Reads a page. There may be several rows per day and actor, since terminals and customer types have rows of their
/// own; each becomes a fact, and facts of one identity and day are added up where they are stored.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let report: Report = json::whole(ID, call, reply, sink)?;
    // An organization whose people sign in with a subscription gets a valid empty report, so an empty first page is
    // "no data", never "nobody used it": <https://github.com/anthropics/claude-code/issues/27780>, read 2026-11-21.
    if report.data.is_empty() && call.step == FIRST && !report.has_more {
        return Ok(Read::nothing());
    }
    for (number, row) in (1..).zip(&report.data) {
        let day: Day =
            row.date.parse().map_err(|_| Misread::new(ID, call, "data.date", "a day as YYYY-MM-DD", "another text"))?;
        if call.is_replay() || call.window.contains(day) {
            row.facts(day, sink);
        } else {
            sink.skipped_line(number, "a day that was not asked for");
        }
    }
    let next = further(call, FURTHER, "page", report.has_more, report.next_page.as_deref())?;
    Ok(Read::more(Answer::Given, next))
}

/// A saved report, told from the Enterprise analytics by `customer_type`; an empty one says nothing and is not known.
pub(super) fn recognise(head: &str) -> Option<Call> {
    let ours = has_key(head, "actor") && has_key(head, "core_metrics") && has_key(head, "customer_type");
    let day = first_value(head, "date").filter(|_| ours)?.parse().ok()?;
    Some(Call::replay(USAGE, FIRST, Window::day(day)))
}

#[derive(Debug, Deserialize)]
struct Report {
    data: Vec<Row>,
    #[serde(default)]
    has_more: bool,
    next_page: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Row {
    /// Described as `YYYY-MM-DD`, shown as an instant in the examples; [`Day`] reads both.
    /// <https://platform.claude.com/docs/en/api/admin/usage_report/retrieve_claude_code>, read 2026-11-21.
    date: String,
    actor: Actor,
    customer_type: Option<String>,
    terminal_type: Option<String>,
    core_metrics: Option<CoreMetrics>,
    tool_actions: Option<BTreeMap<String, ToolAction>>,
    model_breakdown: Option<Vec<ModelUse>>,
    #[serde(default, rename = "organization_id")]
    _organization_id: Known,
    #[serde(default, rename = "subscription_type")]
    _subscription_type: Known,
}

#[derive(Debug, Deserialize)]
struct Actor {
    r#type: Option<String>,
    email_address: Option<String>,
    api_key_name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct CoreMetrics {
    num_sessions: Option<i64>,
    lines_of_code: Option<LinesOfCode>,
    commits_by_claude_code: Option<i64>,
    pull_requests_by_claude_code: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct LinesOfCode {
    added: Option<i64>,
    removed: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct ToolAction {
    accepted: Option<i64>,
    rejected: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct ModelUse {
    model: Option<String>,
    tokens: Option<Tokens>,
    estimated_cost: Option<Cost>,
}

#[derive(Debug, Deserialize)]
struct Tokens {
    input: Option<i64>,
    output: Option<i64>,
    cache_read: Option<i64>,
    cache_creation: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Cost {
    amount: Option<f64>,
    currency: Option<String>,
}

impl Row {
    fn facts(&self, day: Day, sink: &mut dyn Sink) {
        let identity = self.actor.identity(sink);
        let models: Vec<(&str, Measures)> = self.models(sink);
        let mut measures = self.counted();
        for (_, part) in &models {
            measures.add(part);
        }
        // Where people have a subscription, the cost is what the same tokens would cost through the API: shown as such,
        // and not billed. <https://platform.claude.com/docs/en/build-with-claude/claude-code-analytics-api>, read 2026-11-21.
        if self.customer_type.as_deref() == Some("api") {
            measures[Measure::Billed] = measures[Measure::Cost];
        }
        let active = active(&measures);
        sink.fact(Fact::Usage(UsageFact { day, identity: identity.clone(), active, agent: active, measures }));
        let mut split = |dimension, value: &str, measures: Measures| {
            if !measures.is_silent() {
                let (identity, value) = (identity.clone(), value.to_owned());
                sink.fact(Fact::Split(SplitFact { day, identity, dimension, value, measures }));
            }
        };
        for (model, part) in models {
            split(Dimension::Model, model, part);
        }
        split(Dimension::Editor, named(self.terminal_type.as_deref()), measures);
        for (tool, action) in self.tool_actions.iter().flatten() {
            split(Dimension::Feature, named(Some(tool)), action.measures());
        }
    }

    /// What the row counts itself. An empty `tool_actions` or `model_breakdown` says nothing, and stays unsaid.
    fn counted(&self) -> Measures {
        let mut measures = Measures::default();
        if let Some(core) = &self.core_metrics {
            measures[Measure::Interactions] = core.num_sessions;
            measures[Measure::Sessions] = core.num_sessions;
            measures[Measure::LinesAdded] = core.lines_of_code.as_ref().and_then(|lines| lines.added);
            measures[Measure::LinesRemoved] = core.lines_of_code.as_ref().and_then(|lines| lines.removed);
            measures[Measure::Commits] = core.commits_by_claude_code;
            measures[Measure::PullRequests] = core.pull_requests_by_claude_code;
        }
        // The map is open: four tools are documented, any may be missing and others may appear. All are counted.
        // <https://platform.claude.com/docs/en/api/admin/usage_report/retrieve_claude_code>, read 2026-11-21.
        for action in self.tool_actions.iter().flat_map(BTreeMap::values) {
            measures.add(&action.measures());
        }
        measures
    }

    fn models(&self, sink: &mut dyn Sink) -> Vec<(&str, Measures)> {
        self.model_breakdown.iter().flatten().map(|model| (named(model.model.as_deref()), model.measures(sink))).collect()
    }
}

impl Actor {
    /// Whose row it is. An actor of a kind we do not know keeps its usage, as a service account named after its kind.
    fn identity(&self, sink: &mut dyn Sink) -> IdentityRef {
        let kind = self.r#type.as_deref().unwrap_or("");
        let given = |name: &Option<String>| name.clone().filter(|name| !name.trim().is_empty());
        let known = match kind {
            "user_actor" => given(&self.email_address).map(|address| IdentityRef::email(&address)),
            "api_actor" => given(&self.api_key_name).map(|name| IdentityRef::api_key(&name)),
            _ => None,
        };
        known.unwrap_or_else(|| {
            let word: String = kind.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
            sink.unknown_field(&format!("data.actor.type={word}"));
            IdentityRef::service_account(&format!("actor:{word}"), "unknown actor")
        })
    }
}

impl ToolAction {
    fn measures(&self) -> Measures {
        Measures::default().with(Measure::EditsAccepted, self.accepted).with(Measure::EditsRejected, self.rejected)
    }
}

impl ModelUse {
    fn measures(&self, sink: &mut dyn Sink) -> Measures {
        let mut measures = Measures::default();
        if let Some(tokens) = &self.tokens {
            measures[Measure::TokensInput] = tokens.input;
            measures[Measure::TokensOutput] = tokens.output;
            measures[Measure::TokensCacheRead] = tokens.cache_read;
            measures[Measure::TokensCacheWrite] = tokens.cache_creation;
        }
        if let Some(cost) = &self.estimated_cost {
            measures[Measure::Cost] = cost.micros(sink);
        }
        measures
    }
}

impl Cost {
    /// The amount is in cents, with fractions; each model's is rounded to micro-dollars before any is added.
    /// <https://platform.claude.com/docs/en/build-with-claude/claude-code-analytics-api>, read 2026-11-21.
    fn micros(&self, sink: &mut dyn Sink) -> Option<i64> {
        if self.currency.as_deref().is_some_and(|currency| currency != "USD") {
            sink.unknown_field("data.model_breakdown.estimated_cost.currency");
            return None;
        }
        self.amount.and_then(Money::from_cents).map(|money| money.0)
    }
}

/// Active by METRICS: a session, a line or a commit. Headless runs have lines without a session. A row alone is none.
fn active(measures: &Measures) -> Option<bool> {
    use Measure::{Commits, LinesAdded, LinesRemoved, Sessions};
    let said: Vec<i64> = [Sessions, LinesAdded, LinesRemoved, Commits].into_iter().filter_map(|m| measures[m]).collect();
    (!said.is_empty()).then(|| said.iter().any(|count| *count > 0))
}

fn named(value: Option<&str>) -> &str {
    value.map(str::trim).filter(|value| !value.is_empty()).unwrap_or("unknown")
}
