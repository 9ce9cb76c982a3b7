//! A day's facts of each stream: the measures, parts, seats and amounts that the stream's vendor tells.

use super::{LAST, MEMBERS};
use tacho_domain::{
    CostFact, Day, DayHours, Dimension, Fact, HoursFact, IdentityRef, Instant, Ledger, Measure as M, Measures, Money, PersonFact,
    SeatFact, SplitFact, TeamFact, TotalFact, UsageFact,
};

/// All facts of a day; recent days have parts as well.
pub(super) type Days = fn(Day, bool) -> Vec<Fact>;

const MICROS_A_DAY: i64 = 86_400_000_000;
const LANGUAGES: [&str; 6] = ["rust", "typescript", "python", "go", "java", "markdown"];
const MODELS: [&str; 5] = ["model-a", "model-b", "model-c", "model-d", "model-e"];
const EDITORS: [&str; 4] = ["vscode", "jetbrains", "neovim", "xcode"];

fn identity(n: i64) -> IdentityRef {
    IdentityRef::email(&format!("person-{n}@example.com"))
}

/// How busy somebody is on a day: 0 to 60.
fn busy(day: Day, n: i64) -> i64 {
    (n * 31 + i64::from(day.0) * 7) % 61
}

fn pick<'w>(words: &[&'w str], day: Day, n: i64) -> &'w str {
    words[usize::try_from((n + i64::from(day.0)) % 1_000_003).unwrap() % words.len()]
}

fn usage(day: Day, n: i64, active: Option<bool>, agent: Option<bool>, measures: &Measures) -> Fact {
    Fact::Usage(UsageFact { day, identity: identity(n), active, agent, measures: *measures })
}

fn split(day: Day, n: i64, dimension: Dimension, value: &str, measures: &Measures) -> Fact {
    Fact::Split(SplitFact { day, identity: identity(n), dimension, value: value.into(), measures: *measures })
}

fn tokens(k: i64) -> Measures {
    Measures::default()
        .with(M::TokensInput, k * 1_000)
        .with(M::TokensOutput, k * 310)
        .with(M::TokensCacheRead, k * 9_000)
        .with(M::TokensCacheWrite, k * 700)
        .with(M::Cost, k * 12_345)
}

fn seat(day: Day, n: i64, price: i64) -> Fact {
    let at = |back: i64| Instant((i64::from(day.0) - back) * MICROS_A_DAY);
    // One in nine is idle, and one in fifty has been for so long that the vendor has forgotten it.
    let idle = if n % 9 == 0 { 40 + n % 50 } else { 1 };
    Fact::Seat(SeatFact {
        day,
        identity: identity(n),
        created_at: (n % 7 != 0).then(|| at(100 + n % 300)),
        last_activity_at: (n % 50 != 0).then(|| at(idle)),
        last_editor: Some(pick(&EDITORS, day, n).into()),
        plan: Some("business".into()),
        cancels_on: None,
        monthly_price: Some(Money(price)),
    })
}

pub(super) fn people(_: Day, _: bool) -> Vec<Fact> {
    let person = |n: i64| {
        let email = Some(format!("person-{n}@example.com"));
        Fact::Person(PersonFact { identity: identity(n), name: Some(format!("Person {n}")), email, removed: false })
    };
    (0..MEMBERS).map(person).collect()
}

/// A hundred people a team; every day somebody else is lent to the next one.
pub(super) fn teams(day: Day, _: bool) -> Vec<Fact> {
    let member = |n: i64| {
        let lent = i64::from(n % 100 == i64::from(day.0) % 100);
        let team = (n / 100 + lent) % (MEMBERS / 100);
        Fact::Team(TeamFact { day, identity: identity(n), team_key: format!("team-{team}"), team: format!("Team {team}") })
    };
    (0..MEMBERS).map(member).collect()
}

pub(super) fn copilot_seats(day: Day, _: bool) -> Vec<Fact> {
    let total = Fact::Total(TotalFact { day, name: "total_seats".into(), value: MEMBERS });
    (0..MEMBERS).map(|n| seat(day, n, 19_000_000)).chain([total]).collect()
}

pub(super) fn cursor_seats(day: Day, _: bool) -> Vec<Fact> {
    // Once is enough to know everybody.
    let people = if day == LAST { people(day, false) } else { Vec::new() };
    people.into_iter().chain((0..MEMBERS).map(|n| seat(day, n, 40_000_000))).collect()
}

pub(super) fn credits(day: Day, _: bool) -> Vec<Fact> {
    let line = |(sku, model): (&str, &&str)| {
        let (sku, model, gross) = (sku.into(), Some((**model).into()), Money(90_000_000));
        let (quantity_micros, net) = (Some(2_250_000_000), Some(Money(11_000_000)));
        Fact::Cost(CostFact { day, identity: None, ledger: Ledger::Metered, sku, model, quantity_micros, gross, net })
    };
    ["copilot_ai_credit", "copilot_agent"].iter().flat_map(|sku| MODELS.iter().map(|model| line((sku, model)))).collect()
}

/// What GitHub says of a day as a whole.
pub(super) fn totals(day: Day, _: bool) -> Vec<Fact> {
    let names = [
        "daily_active_users",
        "daily_active_cli_users",
        "user_initiated_interaction_count",
        "code_completion_generation_count",
        "code_completion_acceptance_count",
        "code_generation_activity_count",
        "code_acceptance_activity_count",
        "loc_added_sum",
        "loc_deleted_sum",
    ];
    names.into_iter().map(|name| Fact::Total(TotalFact { day, name: name.into(), value: 150_000 })).collect()
}

pub(super) fn spend(day: Day, _: bool) -> Vec<Fact> {
    let first = i64::from(day.0) / 30 * 30;
    let totals = [("spend_micros", 1_000_000), ("overall_spend_micros", 9_000_000), ("cycle_first_day", first)];
    totals.into_iter().map(|(name, value)| Fact::Total(TotalFact { day, name: name.into(), value })).collect()
}

pub(super) fn copilot(day: Day, is_recent: bool) -> Vec<Fact> {
    let mut facts = Vec::new();
    for n in 0..MEMBERS {
        let k = busy(day, n);
        let edits = Measures::default()
            .with(M::Generations, k * 4)
            .with(M::GenerationsAccepted, k)
            .with(M::LinesSuggested, k * 20)
            .with(M::LinesAdded, k * 7)
            .with(M::LinesRemoved, k * 2);
        let whole = edits
            .with(M::Interactions, k * 2)
            .with(M::Prompts, k)
            .with(M::Suggestions, k * 4)
            .with(M::Acceptances, k)
            .with(M::Credits, k * 310_000);
        facts.push(usage(day, n, Some(k > 9), Some(k > 30), &whole));
        if is_recent && k > 9 {
            facts.push(split(day, n, Dimension::Feature, "code_completion", &edits));
            facts.push(split(day, n, Dimension::Feature, "chat_panel_agent_mode", &edits));
            facts.push(split(day, n, Dimension::Language, pick(&LANGUAGES, day, n), &edits));
            facts.push(split(day, n, Dimension::Model, pick(&MODELS, day, n), &edits));
            facts.push(split(day, n, Dimension::Editor, pick(&EDITORS, Day(0), n), &edits));
        }
    }
    facts
}

pub(super) fn claude(day: Day, is_recent: bool) -> Vec<Fact> {
    let mut facts = Vec::new();
    for n in 0..MEMBERS {
        let k = busy(day, n + 11);
        let whole = tokens(k)
            .with(M::Interactions, k / 8)
            .with(M::Sessions, k / 8)
            .with(M::EditsAccepted, k)
            .with(M::EditsRejected, k / 5)
            .with(M::LinesAdded, k * 30)
            .with(M::LinesRemoved, k * 9)
            .with(M::Commits, k / 20);
        facts.push(usage(day, n, Some(k > 9), None, &whole));
        if is_recent && k > 9 {
            facts.push(split(day, n, Dimension::Model, pick(&MODELS, day, n), &tokens(k)));
        }
    }
    facts
}

pub(super) fn cursor(day: Day, is_recent: bool) -> Vec<Fact> {
    let mut facts = Vec::new();
    for n in 0..MEMBERS {
        let k = busy(day, n + 23);
        let whole = Measures::default()
            .with(M::Interactions, k * 3)
            .with(M::Prompts, k)
            .with(M::Suggestions, k * 5)
            .with(M::Acceptances, k * 2)
            .with(M::EditsProposed, k)
            .with(M::EditsAccepted, k / 2)
            .with(M::LinesAdded, k * 11)
            .with(M::LinesRemoved, k * 3);
        facts.push(usage(day, n, Some(k > 9), Some(k > 20), &whole));
        if is_recent && k > 9 {
            for feature in ["agent", "tab"] {
                facts.push(split(day, n, Dimension::Feature, feature, &Measures::default().with(M::Interactions, k)));
            }
        }
    }
    facts
}

/// Single requests, added up, with their hours and what they cost.
pub(super) fn events(day: Day, _: bool) -> Vec<Fact> {
    let mut facts = Vec::new();
    for n in 0..MEMBERS {
        let k = busy(day, n + 23);
        if k <= 9 {
            continue;
        }
        let whole = tokens(k).with(M::Requests, k).with(M::Billed, k * 2_000);
        facts.push(usage(day, n, None, None, &whole.with(M::Sessions, k / 7)));
        facts.push(split(day, n, Dimension::Model, pick(&MODELS, day, n), &whole));
        let mut hours = DayHours::default();
        for event in 0..k / 6 {
            hours.note(Instant((i64::from(day.0) * 24 + 7 + (n + event) % 11) * MICROS_A_DAY / 24));
        }
        facts.push(Fact::Hours(HoursFact { day, identity: identity(n), hours }));
    }
    facts
}
