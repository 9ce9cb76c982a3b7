//! A small organization: two tools, and facts made from short words.

use tacho_domain::{
    AcceptanceRule, CostFact, Day, Dimension, Fact, IdentityRef, Instant, IntegrationId, Ledger, Measure, Measures, Money,
    OrganizationId, PersonFact, SeatFact, SliceState, SplitFact, StreamRole, TeamFact, ToolId, ToolProfile, TotalFact, UsageFact,
};
use tacho_store::{NewIntegration, Replaced, SliceWrite, Store};

pub(crate) const NOW: Instant = Instant(1_790_000_000_000_000);
pub(crate) static COPILOT: ToolId = ToolId::new("github_copilot");
pub(crate) static CLAUDE: ToolId = ToolId::new("claude_code");

pub(crate) const TOOLS: [ToolProfile; 2] = [
    ToolProfile {
        id: "github_copilot",
        name: "GitHub Copilot",
        interaction_unit: "interactions",
        interaction_formula: "prompts and accepted completions",
        active_formula: "any interaction",
        acceptance: &[AcceptanceRule {
            id: "completions",
            label: "Completions",
            accepted: &[Measure::Acceptances],
            offered: &[Measure::Suggestions],
            formula: "accepted / shown",
        }],
        colour: 0,
        ..ToolProfile::BLANK
    },
    ToolProfile {
        id: "claude_code",
        name: "Claude Code",
        interaction_unit: "sessions",
        interaction_formula: "sessions",
        active_formula: "a session",
        acceptance: &[AcceptanceRule {
            id: "edits",
            label: "Edits",
            accepted: &[Measure::EditsAccepted],
            offered: &[Measure::EditsAccepted, Measure::EditsRejected],
            formula: "accepted / decided",
        }],
        colour: 1,
        ..ToolProfile::BLANK
    },
];

pub(crate) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub(crate) fn measures(said: &[(Measure, i64)]) -> Measures {
    said.iter().fold(Measures::default(), |sum, &(measure, value)| sum.with(measure, value))
}

pub(crate) fn usage(day: Day, identity: &IdentityRef, said: &[(Measure, i64)]) -> Fact {
    let measures = measures(said);
    let active = Some(measures[Measure::Interactions].unwrap_or(0) > 0);
    Fact::Usage(UsageFact { day, identity: identity.clone(), active, agent: None, measures })
}

pub(crate) fn split(day: Day, identity: &IdentityRef, dimension: Dimension, value: &str, said: &[(Measure, i64)]) -> Fact {
    Fact::Split(SplitFact { day, identity: identity.clone(), dimension, value: value.to_owned(), measures: measures(said) })
}

pub(crate) fn seat(day: Day, identity: &IdentityRef, dollars: Option<f64>) -> Fact {
    Fact::Seat(SeatFact {
        day,
        identity: identity.clone(),
        created_at: Some(Instant(1)),
        last_activity_at: None,
        last_editor: Some("vscode".to_owned()),
        plan: Some("business".to_owned()),
        cancels_on: None,
        monthly_price: dollars.and_then(Money::from_dollars),
    })
}

pub(crate) fn person(identity: &IdentityRef, name: Option<&str>, email: Option<&str>) -> Fact {
    Fact::Person(PersonFact {
        identity: identity.clone(),
        name: name.map(str::to_owned),
        email: email.map(str::to_owned),
        removed: false,
    })
}

pub(crate) fn team(day: Day, identity: &IdentityRef, team: &str) -> Fact {
    Fact::Team(TeamFact { day, identity: identity.clone(), team_key: format!("t-{team}"), team: team.to_owned() })
}

pub(crate) fn total(day: Day, name: &str, value: i64) -> Fact {
    Fact::Total(TotalFact { day, name: name.to_owned(), value })
}

pub(crate) fn cost(day: Day, sku: &str, gross: i64, net: Option<i64>) -> Fact {
    Fact::Cost(CostFact {
        day,
        identity: None,
        ledger: Ledger::Metered,
        sku: sku.to_owned(),
        model: None,
        quantity_micros: Some(gross / 10),
        gross: Money(gross),
        net: net.map(Money),
    })
}

/// A slice to be written: Copilot's daily usage unless told otherwise.
pub(crate) fn slice<'a>(integration: IntegrationId, day: Day, checksum: &'a [u8], facts: &'a [Fact]) -> SliceWrite<'a> {
    SliceWrite {
        integration,
        tool: &COPILOT,
        stream: "users_daily",
        role: StreamRole::Counted,
        day,
        state: SliceState::Final,
        checksum,
        force: false,
        fetched_at: NOW,
        facts,
    }
}

/// An integration without a credential.
pub(crate) async fn integration(store: &Store, organization: OrganizationId, tool: &ToolId) -> IntegrationId {
    let settings = std::collections::BTreeMap::new();
    let new = NewIntegration { connector: "test", tool, name: "Test", settings: &settings, credential: None, owner: None };
    store.add_integration(organization, &new, NOW).await.unwrap()
}

pub(crate) async fn put(store: &Store, organization: OrganizationId, write: &SliceWrite<'_>) -> Replaced {
    store.replace_slice(organization, write).await.unwrap()
}
