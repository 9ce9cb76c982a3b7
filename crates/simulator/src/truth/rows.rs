//! What one person did with one tool on one day, in the measures Tacho knows.

use crate::activity::copilot::{COMPLETION, CREDITS_SINCE, CREDITS_TOLD_SINCE};
use crate::activity::{ClaudeDay, CopilotDay, CursorDay, CursorEvent, Tool};
use crate::organization::{Kind, Person};
use crate::world::World;
use serde::Serialize;
use tacho_domain::Day;

/// Sums of what a vendor says; `None`: it does not say. The names are those of Tacho's measures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "each is the measure of that name")]
pub struct Figures {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interactions: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompts: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestions: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acceptances: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edits_proposed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edits_accepted: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edits_rejected: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generations: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generations_accepted: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines_suggested: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines_added: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines_removed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commits: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_requests: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_input: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_output: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_cache_read: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_cache_write: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_micros: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed_micros: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credits_micros: Option<i64>,
}

impl Figures {
    /// Adds another's; what neither says stays unsaid.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.fields().into_iter().zip(other.clone().fields()) {
            if let Some(theirs) = theirs {
                *mine = Some(mine.unwrap_or(0) + *theirs);
            }
        }
    }

    fn fields(&mut self) -> [&mut Option<i64>; 23] {
        [
            &mut self.interactions,
            &mut self.prompts,
            &mut self.requests,
            &mut self.sessions,
            &mut self.suggestions,
            &mut self.acceptances,
            &mut self.edits_proposed,
            &mut self.edits_accepted,
            &mut self.edits_rejected,
            &mut self.generations,
            &mut self.generations_accepted,
            &mut self.lines_suggested,
            &mut self.lines_added,
            &mut self.lines_removed,
            &mut self.commits,
            &mut self.pull_requests,
            &mut self.tokens_input,
            &mut self.tokens_output,
            &mut self.tokens_cache_read,
            &mut self.tokens_cache_write,
            &mut self.cost_micros,
            &mut self.billed_micros,
            &mut self.credits_micros,
        ]
    }
}

/// One person's day with one tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The person's index.
    pub person: usize,
    /// Whether the day counts as active.
    pub active: bool,
    /// Whether an agent was used.
    pub agent: bool,
    /// What was counted.
    #[serde(flatten)]
    pub figures: Figures,
}

/// A day's bill in Copilot AI credits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Bill {
    /// Credits used, in millionths.
    pub credits_micros: i64,
    /// Their price, in micro-dollars.
    pub gross_micros: i64,
    /// The part the pool of included credits did not cover.
    pub net_micros: i64,
}

/// Who someone is, to every vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonTruth {
    /// Their number in the rows.
    pub index: usize,
    /// Member, or one of the identities that match nobody.
    pub kind: Kind,
    /// Name as the vendors show it.
    pub name: String,
    /// What members are joined by; none for who matches nobody.
    pub email: Option<String>,
    /// GitHub login; the API key's or service account's name for those.
    pub login: String,
    /// GitHub user id.
    pub github_id: i64,
    /// Slugs of their teams.
    pub teams: Vec<String>,
    /// Tools they have used or may use.
    pub tools: Vec<&'static str>,
    /// Whether they hold a Copilot seat.
    pub copilot_seat: bool,
    /// First day at work.
    pub joined: Day,
    /// First day gone.
    pub left: Option<Day>,
}

impl PersonTruth {
    pub(super) fn of(person: &Person, world: &World) -> Self {
        let today = world.today();
        Self {
            index: person.index,
            kind: person.kind,
            name: person.name.clone(),
            email: person.email.clone(),
            login: person.login.clone(),
            github_id: person.github_id,
            teams: person.teams.iter().map(|team| crate::names::team(*team).1).collect(),
            tools: Tool::ALL.into_iter().filter(|tool| person.since[*tool as usize].is_some()).map(Tool::id).collect(),
            copilot_seat: person.copilot_seat && person.joined <= today,
            joined: person.joined,
            left: person.left,
        }
    }
}

pub(super) fn of(world: &World, tool: Tool, day: Day) -> Option<Vec<Row>> {
    match tool {
        Tool::Copilot if world.has_report(day) => Some(world.copilot(day).iter().map(|(p, it)| copilot(p, it, day)).collect()),
        Tool::Claude => {
            let rows: Vec<Row> = world.claude(day).iter().map(|(p, it)| claude(p, it)).collect();
            // An empty report is what an organization without API keys sees: no data.
            (!rows.is_empty()).then_some(rows)
        }
        Tool::Cursor if world.history().contains(day) => {
            let rows = world.cursor(day);
            let some = |(p, it, events): &(&Person, CursorDay, Vec<CursorEvent>)| {
                (it.is_active() || !events.is_empty()).then(|| cursor(p, it, events))
            };
            Some(rows.iter().filter_map(some).collect())
        }
        Tool::Copilot | Tool::Cursor => None,
    }
}

fn copilot(person: &Person, it: &CopilotDay, day: Day) -> Row {
    let (totals, completion) = (it.totals(), it.feature(COMPLETION));
    let figures = Figures {
        interactions: Some(totals.interactions + completion.acceptances),
        prompts: Some(totals.interactions),
        suggestions: Some(completion.generations),
        acceptances: Some(completion.acceptances),
        generations: Some(totals.generations),
        generations_accepted: Some(totals.acceptances),
        lines_suggested: Some(totals.lines_suggested),
        lines_added: Some(totals.lines_added),
        lines_removed: Some(totals.lines_deleted),
        requests: it.cli.map(|cli| cli.requests),
        sessions: it.cli.map(|cli| cli.sessions),
        tokens_input: it.cli.map(|cli| cli.tokens_input),
        tokens_output: it.cli.map(|cli| cli.tokens_output),
        credits_micros: (day >= CREDITS_TOLD_SINCE).then(|| it.credits() * 10_000),
        ..Figures::default()
    };
    Row { person: person.index, active: it.is_active(), agent: it.used_agent(), figures }
}

fn claude(person: &Person, it: &ClaudeDay) -> Row {
    let sessions = it.sum(|part| part.sessions);
    let models = |of: fn(&crate::activity::claude::ModelUse) -> i64| it.sum(|part| part.models.iter().map(of).sum());
    let charged = it.parts.iter().filter(|part| !part.subscription);
    let charged: Vec<i64> = charged.map(|part| part.models.iter().map(|model| model.cost_micros).sum()).collect();
    let figures = Figures {
        interactions: Some(sessions),
        sessions: Some(sessions),
        edits_accepted: Some(it.sum(|part| part.edits.iter().map(|(_, accepted, _)| accepted).sum())),
        edits_rejected: Some(it.sum(|part| part.edits.iter().map(|(_, _, rejected)| rejected).sum())),
        lines_added: Some(it.sum(|part| part.lines_added)),
        lines_removed: Some(it.sum(|part| part.lines_removed)),
        commits: Some(it.sum(|part| part.commits)),
        pull_requests: Some(it.sum(|part| part.pull_requests)),
        tokens_input: Some(models(|model| model.input)),
        tokens_output: Some(models(|model| model.output)),
        tokens_cache_read: Some(models(|model| model.cache_read)),
        tokens_cache_write: Some(models(|model| model.cache_write)),
        cost_micros: Some(models(|model| model.cost_micros)),
        billed_micros: (!charged.is_empty()).then(|| charged.iter().sum()),
        ..Figures::default()
    };
    Row { person: person.index, active: it.is_active(), agent: it.is_active(), figures }
}

fn cursor(person: &Person, it: &CursorDay, events: &[CursorEvent]) -> Row {
    let mut figures = Figures::default();
    if person.kind == Kind::Member {
        figures.interactions = Some(it.requests() + it.tabs_accepted);
        figures.prompts = Some(it.requests());
        figures.suggestions = Some(it.tabs_shown);
        figures.acceptances = Some(it.tabs_accepted);
        figures.edits_proposed = Some(it.applies);
        figures.edits_accepted = Some(it.accepts);
        figures.edits_rejected = Some(it.rejects);
        figures.lines_added = Some(it.accepted_added);
        figures.lines_removed = Some(it.accepted_deleted);
    }
    if !events.is_empty() {
        let tokens = |of: fn(&crate::activity::cursor::EventTokens) -> i64| {
            Some(events.iter().filter_map(|event| event.tokens.as_ref()).map(of).sum())
        };
        let mut conversations: Vec<u64> = events.iter().filter_map(|event| event.conversation).collect();
        conversations.sort_unstable();
        conversations.dedup();
        figures.requests = i64::try_from(events.len()).ok();
        figures.sessions = i64::try_from(conversations.len()).ok();
        figures.tokens_input = tokens(|t| t.input);
        figures.tokens_output = tokens(|t| t.output);
        figures.tokens_cache_read = tokens(|t| t.cache_read);
        figures.tokens_cache_write = tokens(|t| t.cache_write);
        figures.cost_micros = Some(events.iter().map(|event| event.charged_micros).sum());
        figures.billed_micros = Some(events.iter().filter(|e| e.chargeable).map(|event| event.charged_micros).sum());
    }
    let is_member = person.kind == Kind::Member;
    Row { person: person.index, active: is_member && it.is_active(), agent: is_member && it.agent > 0, figures }
}

pub(super) fn bill(world: &World, day: Day) -> Option<Bill> {
    if day < CREDITS_SINCE || !world.history().contains(day) || day > world.newest_report() {
        return None;
    }
    let mut bill = Bill::default();
    for line in world.bill(day) {
        // A hundredth of a credit is a hundredth of a cent: 100 micro-dollars.
        bill.credits_micros += line.gross * 10_000;
        bill.gross_micros += line.gross * 100;
        bill.net_micros += (line.gross - line.included) * 100;
    }
    Some(bill)
}

/// Who is on the Cursor team.
pub(crate) fn cursor_members(world: &World) -> impl Iterator<Item = &Person> {
    let today = world.today();
    let on_team = move |p: &&Person| p.kind == Kind::Member && p.since[Tool::Cursor as usize].is_some_and(|since| since <= today);
    world.people.iter().filter(on_team)
}
