//! The lines of the users and user-teams reports.

use super::{ENTERPRISE_ID, ORGANIZATION_ID, Scope};
use crate::activity::CopilotDay;
use crate::activity::copilot::{AGENT, AGENT_EDIT, ASK, CLI, CREDITS_TOLD_SINCE, Cli, Counts};
use crate::names;
use crate::organization::Person;
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};
use tacho_domain::{Day, Window};

/// Counters as reports write them. Breakdowns by language have no interactions.
#[derive(Serialize)]
pub(super) struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_initiated_interaction_count: Option<i64>,
    code_generation_activity_count: i64,
    code_acceptance_activity_count: i64,
    loc_suggested_to_add_sum: i64,
    loc_suggested_to_delete_sum: i64,
    loc_added_sum: i64,
    loc_deleted_sum: i64,
}

impl Written {
    pub(super) fn with_interactions(counts: &Counts) -> Self {
        Self { user_initiated_interaction_count: Some(counts.interactions), ..Self::without_interactions(counts) }
    }

    pub(super) fn without_interactions(counts: &Counts) -> Self {
        Self {
            user_initiated_interaction_count: None,
            code_generation_activity_count: counts.generations,
            code_acceptance_activity_count: counts.acceptances,
            loc_suggested_to_add_sum: counts.lines_suggested,
            loc_suggested_to_delete_sum: 0,
            loc_added_sum: counts.lines_added,
            loc_deleted_sum: counts.lines_deleted,
        }
    }
}

/// Counters of one part; the dimensions it has are told, the others left out.
#[derive(Serialize)]
pub(super) struct Part<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    ide: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feature: Option<&'a str>,
    #[serde(flatten)]
    counts: Written,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_known_ide_version: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_known_plugin_version: Option<Value>,
}

pub(super) fn part(counts: Written) -> Part<'static> {
    Part {
        ide: None,
        language: None,
        model: None,
        feature: None,
        counts,
        last_known_ide_version: None,
        last_known_plugin_version: None,
    }
}

pub(super) fn by_feature<'a>(feature: &'a str, counts: &Counts) -> Part<'a> {
    Part { feature: Some(feature), ..part(Written::with_interactions(counts)) }
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the report has one for each surface")]
struct UserDay<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    report_start_day: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report_end_day: Option<Day>,
    day: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<&'static str>,
    enterprise_id: &'static str,
    user_id: i64,
    user_login: &'a str,
    #[serde(flatten)]
    totals: Written,
    totals_by_ide: Vec<Part<'a>>,
    totals_by_feature: Vec<Part<'a>>,
    totals_by_language_feature: Vec<Part<'a>>,
    totals_by_language_model: Vec<Part<'a>>,
    totals_by_model_feature: Vec<Part<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    totals_by_cli: Option<Value>,
    used_agent: bool,
    used_chat: bool,
    used_cli: bool,
    used_copilot_cloud_agent: bool,
    used_copilot_coding_agent: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    used_copilot_code_review_active: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    used_copilot_code_review_passive: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ai_credits_used: Option<f64>,
    ai_adoption_phase: Value,
}

/// Hundredths as the fraction a vendor writes.
#[expect(clippy::cast_precision_loss, reason = "amounts stay far below 2^52")]
pub(super) fn hundredths(count: i64) -> f64 {
    count as f64 / 100.0
}

pub(super) fn users(world: &World, scope: Scope, day: Day, people: &[Person], window: Option<Window>, out: &mut Vec<u8>) {
    for (person, it) in world.copilot_of(day, people, false) {
        let row = user(person, &it, scope, day, window);
        // Text keys and finite numbers always have a JSON text.
        if serde_json::to_writer(&mut *out, &row).is_ok() {
            out.push(b'\n');
        }
    }
}

fn user<'a>(person: &'a Person, it: &CopilotDay, scope: Scope, day: Day, window: Option<Window>) -> UserDay<'a> {
    let phase = if person.agent > 400 { 2 } else { 1 };
    UserDay {
        report_start_day: window.map(|window| window.from),
        report_end_day: window.map(|window| window.to),
        day,
        organization_id: (scope == Scope::Organization).then_some(ORGANIZATION_ID),
        enterprise_id: ENTERPRISE_ID,
        user_id: person.github_id,
        user_login: &person.login,
        totals: Written::with_interactions(&it.totals()),
        totals_by_ide: by_ide(person, it, day),
        totals_by_feature: it.features.iter().map(|(feature, counts)| by_feature(feature, counts)).collect(),
        totals_by_language_feature: by_language(person, it),
        totals_by_language_model: by_language_and_model(person, it),
        totals_by_model_feature: by_model(person, it),
        totals_by_cli: it.cli.map(|cli| {
            let mut value = command_line(&cli);
            value["last_known_cli_version"] = json!({"cli_version": "1.0.14", "sampled_at": format!("{day}T16:20:00.000Z")});
            value
        }),
        used_agent: it.used_agent(),
        used_chat: it.used_chat(),
        used_cli: it.cli.is_some(),
        used_copilot_cloud_agent: it.cloud_agent,
        used_copilot_coding_agent: it.cloud_agent,
        used_copilot_code_review_active: it.review_active.then_some(true),
        used_copilot_code_review_passive: it.review_passive.then_some(true),
        ai_credits_used: (day >= CREDITS_TOLD_SINCE).then(|| hundredths(it.credits())),
        ai_adoption_phase: json!({"phase_number": phase, "phase": format!("Phase {phase}"), "version": "v1"}),
    }
}

#[expect(clippy::cast_precision_loss, reason = "an average to look at")]
pub(super) fn command_line(cli: &Cli) -> Value {
    let average = (cli.tokens_input + cli.tokens_output) as f64 / cli.requests.max(1) as f64;
    json!({
        "session_count": cli.sessions,
        "request_count": cli.requests,
        "prompt_count": cli.prompts,
        "token_usage": {
            "prompt_tokens_sum": cli.tokens_input,
            "output_tokens_sum": cli.tokens_output,
            "avg_tokens_per_request": average,
        },
    })
}

/// The command line has no IDE; all else happened in the person's own.
fn by_ide<'a>(person: &'a Person, it: &CopilotDay, day: Day) -> Vec<Part<'a>> {
    let mut counts = Counts::default();
    let mut any = false;
    for (_, of_feature) in it.features.iter().filter(|(feature, _)| *feature != CLI) {
        counts.add(of_feature);
        any = true;
    }
    if !any {
        return Vec::new();
    }
    let sampled = format!("{day}T15:04:05.000Z");
    vec![Part {
        ide: Some(person.ide),
        last_known_ide_version: Some(json!({"ide_version": "1.139.0", "sampled_at": sampled})),
        last_known_plugin_version: Some(json!({"plugin": "copilot-chat", "plugin_version": "0.52.1", "sampled_at": sampled})),
        ..part(Written::with_interactions(&counts))
    }]
}

/// Reconciles with the features exactly.
fn by_language<'a>(person: &Person, it: &CopilotDay) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    for (feature, counts) in &it.features {
        for (language, half) in person.languages.into_iter().zip(counts.halves(700)) {
            parts.push(Part { language: Some(language), feature: Some(feature), ..part(Written::without_interactions(&half)) });
        }
    }
    parts
}

pub(super) fn model_of(person: &Person, feature: &str) -> Option<&'static str> {
    match feature {
        ASK => Some(person.chat_model),
        AGENT | AGENT_EDIT | CLI => Some(person.agent_model),
        _ => None,
    }
}

fn by_model<'a>(person: &Person, it: &CopilotDay) -> Vec<Part<'a>> {
    let of = |(feature, counts): &(&'static str, Counts)| {
        let model = model_of(person, feature)?;
        Some(Part { model: Some(model), ..by_feature(feature, counts) })
    };
    it.features.iter().filter_map(of).collect()
}

fn by_language_and_model<'a>(person: &Person, it: &CopilotDay) -> Vec<Part<'a>> {
    let mut sums: Vec<(&'static str, &'static str, Counts)> = Vec::new();
    for (feature, counts) in &it.features {
        let Some(model) = model_of(person, feature) else { continue };
        for (language, half) in person.languages.into_iter().zip(counts.halves(700)) {
            match sums.iter_mut().find(|(l, m, _)| (*l, *m) == (language, model)) {
                Some((_, _, sum)) => sum.add(&half),
                None => sums.push((language, model, half)),
            }
        }
    }
    let write = |(language, model, counts): &(&'static str, &'static str, Counts)| Part {
        language: Some(language),
        model: Some(model),
        ..part(Written::without_interactions(counts))
    };
    sums.iter().map(write).collect()
}

/// One line for each person and team; teams with fewer than five seats are left out.
pub(super) fn teams(world: &World, scope: Scope, day: Day, out: &mut Vec<u8>) {
    let seats: Vec<&Person> = world.copilot_seats(day).filter(|person| person.left.is_none_or(|left| day < left)).collect();
    let size = |team: usize| seats.iter().filter(|person| person.teams.contains(&team)).count();
    let sizes: Vec<usize> = (0..usize::try_from(world.config.teams.max(1)).unwrap_or(1)).map(size).collect();
    for person in &seats {
        for team in person.teams.iter().filter(|team| sizes[**team] >= 5) {
            let mut row = json!({
                "user_id": person.github_id,
                "user_login": person.login,
                "day": day,
                "team_id": 9_000 + team,
                "slug": names::team(*team).1,
            });
            match scope {
                Scope::Organization => row["organization_id"] = json!(ORGANIZATION_ID),
                Scope::Enterprise => row["enterprise_id"] = json!(ENTERPRISE_ID),
            }
            if serde_json::to_writer(&mut *out, &row).is_ok() {
                out.push(b'\n');
            }
        }
    }
}
