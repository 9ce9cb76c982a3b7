//! The per-user reports: one row per user and day, in the 1-day report and the 28-day report alike.
//!
//! Fields: <https://docs.github.com/en/copilot/reference/copilot-usage-metrics/copilot-usage-metrics> (read 2026-11-21).

use super::parts::{self, FeaturePart, IdePart, LanguageFeaturePart, LanguageModelPart, ModelFeaturePart};
use super::value::{Amount, Count, Text};
use crate::ndjson::{self, BadRecord};
use crate::{Call, Misread, Read, Reply, Sink};
use serde::Deserialize;
use std::collections::HashSet;
use tacho_domain::measure::plus;
use tacho_domain::{Day, Fact, IdentityRef, Measure, Measures, UsageFact, Window, money};

/// The feature that inline completions are counted under.
pub(super) const COMPLETION: &str = "code_completion";

/// Fields that GitHub documents and no figure is made of: they are not news.
const UNUSED: &[&str] = &[
    "report_start_day",
    "report_end_day",
    "created_at",
    "enterprise_id",
    "organization_id",
    "etl_id",
    "day_partition",
    "entity_id_partition",
    "ai_adoption_phase",
    "loc_suggested_to_delete_sum",
    "used_chat",
    "used_copilot_code_review_passive",
    "chat_panel_ask_mode",
    "chat_panel_edit_mode",
    "chat_panel_agent_mode",
    "chat_panel_plan_mode",
    "chat_panel_custom_mode",
    "chat_panel_unknown_mode",
    "last_known_ide_version",
    "last_known_plugin_version",
    "last_known_cli_version",
    "avg_tokens_per_request",
    "agent_name",
    "total_user_messages",
    "totals_by_skill",
    "totals_by_custom_agent",
    "totals_by_mcp",
    "totals_by_slash_cmd",
    "totals_by_plugin",
    "distinct_skill_use_count",
    "distinct_custom_agent_use_count",
    "distinct_mcp_use_count",
    "distinct_slash_cmd_use_count",
    "distinct_plugin_use_count",
];

/// One user on one day. Everything is optional: GitHub leaves out what it has nothing to say about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Row<'a> {
    #[serde(borrow)]
    day: Text<'a>,
    user_id: Text<'a>,
    user_login: Text<'a>,
    ai_credits_used: Amount,
    user_initiated_interaction_count: Count,
    code_generation_activity_count: Count,
    code_acceptance_activity_count: Count,
    loc_suggested_to_add_sum: Count,
    loc_added_sum: Count,
    loc_deleted_sum: Count,
    used_agent: Option<bool>,
    used_cli: Option<bool>,
    used_copilot_app: Option<bool>,
    used_vscode_agent: Option<bool>,
    used_copilot_cloud_agent: Option<bool>,
    used_copilot_coding_agent: Option<bool>,
    used_copilot_code_review_active: Option<bool>,
    totals_by_ide: Option<Vec<IdePart<'a>>>,
    totals_by_feature: Option<Vec<FeaturePart<'a>>>,
    totals_by_language_feature: Option<Vec<LanguageFeaturePart<'a>>>,
    totals_by_language_model: Option<Vec<LanguageModelPart<'a>>>,
    totals_by_model_feature: Option<Vec<ModelFeaturePart<'a>>>,
    totals_by_cli: Option<Terminal>,
    totals_by_copilot_app: Option<Terminal>,
    totals_by_vscode_agent: Option<AgentWindow>,
    totals_by_3rd_party_agent: Option<Vec<ThirdPartyAgent<'a>>>,
    /// Rows inside a wrapper, as the dashboard's export of 28 days has them.
    day_totals: Option<Vec<Row<'a>>>,
    /// Only a wrapper without rows is told by it.
    report_start_day: Text<'a>,
}

/// What the CLI and the Copilot app tell of themselves.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Terminal {
    pub(super) session_count: Count,
    pub(super) request_count: Count,
    pub(super) prompt_count: Count,
    pub(super) token_usage: Option<TokenUsage>,
}

/// Tokens; GitHub does not say how many of the prompt's came from a cache.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenUsage {
    pub(super) output_tokens_sum: Count,
    pub(super) prompt_tokens_sum: Count,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct AgentWindow {
    session_count: Count,
}

/// Agents of other makers started from GitHub. Their count is of job starts and no part of the user's own counter
/// (changelog of 2026-08-07, read 2026-11-21), so it only tells that an agent was used.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ThirdPartyAgent<'a> {
    #[serde(borrow)]
    agent_id: Text<'a>,
    user_initiated_interaction_count: Count,
    session_count: Count,
}

impl Row<'_> {
    /// A user id that is no number appears in hand-made files only; then the login has to do.
    fn identity(&self) -> Option<IdentityRef> {
        match (self.user_id.id(), self.user_login.given()) {
            (Some(id), login) => Some(IdentityRef::github(id, login.unwrap_or(self.user_id.as_str()))),
            (None, Some(login)) => Some(IdentityRef::github_login(login)),
            (None, None) => None,
        }
    }

    /// Suggestions and acceptances of inline completions; `None` where the row has no features to tell them by.
    fn completions(&self) -> (Option<i64>, Option<i64>) {
        let Some(features) = &self.totals_by_feature else { return (None, None) };
        features.iter().filter(|part| part.feature.as_str() == COMPLETION).fold((Some(0), Some(0)), |(shown, taken), part| {
            (plus(shown, part.code_generation_activity_count.0), plus(taken, part.code_acceptance_activity_count.0))
        })
    }

    fn measures(&self) -> Measures {
        let (suggestions, acceptances) = self.completions();
        let prompts = self.user_initiated_interaction_count.0;
        let mut measures = Measures::default()
            .with(Measure::Interactions, plus(prompts, acceptances))
            .with(Measure::Prompts, prompts)
            .with(Measure::Suggestions, suggestions)
            .with(Measure::Acceptances, acceptances)
            .with(Measure::Generations, self.code_generation_activity_count.0)
            .with(Measure::GenerationsAccepted, self.code_acceptance_activity_count.0)
            .with(Measure::LinesSuggested, self.loc_suggested_to_add_sum.0)
            .with(Measure::LinesAdded, self.loc_added_sum.0)
            .with(Measure::LinesRemoved, self.loc_deleted_sum.0)
            .with(Measure::Credits, self.ai_credits_used.0.and_then(|credits| money::micros(credits, 1_000_000.0)));
        for terminal in [&self.totals_by_cli, &self.totals_by_copilot_app].into_iter().flatten() {
            measures.add_to(Measure::Sessions, terminal.session_count.0);
            measures.add_to(Measure::Requests, terminal.request_count.0);
            if let Some(tokens) = terminal.token_usage {
                measures.add_to(Measure::TokensInput, tokens.prompt_tokens_sum.0);
                measures.add_to(Measure::TokensOutput, tokens.output_tokens_sum.0);
            }
        }
        if let Some(window) = self.totals_by_vscode_agent {
            measures.add_to(Measure::Sessions, window.session_count.0);
        }
        measures
    }

    /// METRICS, "active member-day". A row alone is no activity: up to four rows in ten carry only credits.
    /// The CLI is asked for itself because it is in the user's own counter since 2026-04-09 only
    /// (<https://github.blog/changelog/>, read 2026-11-21).
    fn is_active(&self) -> bool {
        let used = |terminal: &Option<Terminal>| {
            terminal.is_some_and(|terminal| is_some_use(terminal.session_count) || is_some_use(terminal.prompt_count))
        };
        is_some_use(self.user_initiated_interaction_count)
            || self.completions().1.is_some_and(|accepted| accepted > 0)
            || self.used_cli == Some(true)
            || used(&self.totals_by_cli)
            || self.used_copilot_app == Some(true)
            || used(&self.totals_by_copilot_app)
            || self.used_copilot_code_review_active == Some(true)
    }

    /// `None` where the row has none of the fields that would tell.
    fn agent(&self) -> Option<bool> {
        let flags = [
            self.used_agent,
            self.used_cli,
            self.used_copilot_app,
            self.used_vscode_agent,
            self.used_copilot_cloud_agent,
            // The older name of the cloud agent, with the same value.
            self.used_copilot_coding_agent,
            self.totals_by_cli.map(|cli| is_some_use(cli.session_count) || is_some_use(cli.prompt_count)),
            self.totals_by_vscode_agent.map(|window| is_some_use(window.session_count)),
            self.totals_by_3rd_party_agent.as_ref().map(|agents| agents.iter().any(ThirdPartyAgent::was_used)),
        ];
        flags.into_iter().flatten().reduce(|one, other| one || other)
    }

    fn emit(&self, day: Day, identity: IdentityRef, sink: &mut dyn Sink) {
        let mut splits = parts::Splits::new(day, &identity, sink);
        if let Some(features) = &self.totals_by_feature {
            splits.features(features);
        }
        match (&self.totals_by_language_feature, &self.totals_by_language_model) {
            (Some(parts), _) => splits.languages(parts.iter().map(LanguageFeaturePart::counted)),
            (None, Some(parts)) => splits.languages(parts.iter().map(|part| (part.language.as_str(), part.counters()))),
            (None, None) => {}
        }
        match (&self.totals_by_model_feature, &self.totals_by_language_model) {
            (Some(parts), _) => splits.models(parts.iter().map(ModelFeaturePart::counted)),
            (None, Some(parts)) => splits.models(parts.iter().map(|part| (part.model.as_str(), part.counters()))),
            (None, None) => {}
        }
        if let Some(parts) = &self.totals_by_ide {
            splits.editors(parts);
        }
        let (active, agent) = (Some(self.is_active()), self.agent());
        sink.fact(Fact::Usage(UsageFact { day, identity, active, agent, measures: self.measures() }));
    }
}

impl ThirdPartyAgent<'_> {
    fn was_used(&self) -> bool {
        self.agent_id.given().is_some() && (is_some_use(self.user_initiated_interaction_count) || is_some_use(self.session_count))
    }
}

fn is_some_use(count: Count) -> bool {
    count.0.is_some_and(|count| count > 0)
}

/// Reads a report's file. `within`: rows of other days are left alone.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink, within: Option<Window>) -> Result<Read, Misread> {
    let mut seen: HashSet<(Day, i64)> = HashSet::new();
    let mut watch = super::drift::Watch::new(UNUSED);
    ndjson::records(super::ID, call, reply, sink, &mut |record, number, sink| {
        let row: Row<'_> = watch.read(record, sink)?;
        let Some(inner) = &row.day_totals else { return take(&row, number, within, &mut seen, sink) };
        for row in inner {
            take(row, number, within, &mut seen, sink).or_else(|bad| match bad {
                BadRecord::Unfit(why) => {
                    sink.skipped_line(number, why);
                    Ok(())
                }
                BadRecord::Json(error) => Err(BadRecord::Json(error)),
            })?;
        }
        Ok(())
    })?;
    Ok(Read::done())
}

fn take(
    row: &Row<'_>,
    number: u64,
    within: Option<Window>,
    seen: &mut HashSet<(Day, i64)>,
    sink: &mut dyn Sink,
) -> Result<(), BadRecord> {
    let Some(identity) = row.identity() else {
        // Some exports begin with a line that only tells the report's days.
        let heading = row.report_start_day.given().is_some() && row.day.given().is_none();
        return if heading { Ok(()) } else { Err(BadRecord::Unfit("a row that names no user")) };
    };
    let day = row.day.as_str().parse().map_err(|_| BadRecord::Unfit("a row without a day"))?;
    if within.is_some_and(|window| !window.contains(day)) {
        return Ok(());
    }
    // GitHub's key is user and day; a second row for it would count the same work twice.
    if row.user_id.id().is_some_and(|id| !seen.insert((day, id))) {
        sink.skipped_line(number, "a second row for the same user and day");
        return Ok(());
    }
    row.emit(day, identity, sink);
    Ok(())
}
