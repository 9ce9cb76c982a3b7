//! The metrics API that closed on 2026-04-02: whole-organization counts, read from archived exports and from hosts that
//! still answer. Never spliced with today's series: it counted completions in editors only, today's counters include
//! chat and agents.
//!
//! <https://github.blog/changelog/2026-01-29-closing-down-notice-of-legacy-copilot-metrics-apis/> (read 2026-11-21)

use super::seats::next_page;
use super::value::Count;
use super::{ID, NEXT_PAGE, drift};
use crate::{Answer, Call, Misread, Read, Reply, Sink, json};
use serde::Deserialize;
use std::collections::BTreeMap;
use tacho_domain::measure::plus;
use tacho_domain::{Day, Dimension, Fact, IdentityRef, Measure, Measures, SplitFact, TotalFact, UsageFact};

/// Fields that GitHub documented and no fact is made of. Users per language or editor overlap and are never added.
const UNUSED: &[&str] = &[
    "languages",
    "total_engaged_users",
    "is_custom_model",
    "custom_model_training_date",
    "copilot_dotcom_pull_requests",
    "total_chat_insertion_events",
    "total_chat_copy_events",
];

#[derive(Deserialize)]
struct LegacyDay {
    date: Day,
    #[serde(default)]
    total_active_users: Count,
    #[serde(default)]
    total_engaged_users: Count,
    copilot_ide_code_completions: Option<Completions>,
    copilot_ide_chat: Option<EditorChat>,
    copilot_dotcom_chat: Option<SiteChat>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Completions {
    editors: Option<Vec<CompletionEditor>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CompletionEditor {
    name: String,
    models: Option<Vec<CompletionModel>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CompletionModel {
    name: String,
    languages: Option<Vec<CompletionLanguage>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CompletionLanguage {
    name: String,
    total_code_suggestions: Count,
    total_code_acceptances: Count,
    total_code_lines_suggested: Count,
    total_code_lines_accepted: Count,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EditorChat {
    editors: Option<Vec<ChatEditor>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ChatEditor {
    name: String,
    models: Option<Vec<ChatModel>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SiteChat {
    models: Option<Vec<ChatModel>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ChatModel {
    name: String,
    total_chats: Count,
}

/// The day's whole and its parts while they are added up.
#[derive(Default)]
struct Sums {
    whole: Measures,
    parts: BTreeMap<(Dimension, String), Measures>,
}

impl Sums {
    fn add(&mut self, measures: &Measures, values: &[(Dimension, &str)]) {
        self.whole.add(measures);
        for (dimension, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
            self.parts.entry((*dimension, (*value).to_owned())).or_default().add(measures);
        }
    }

    fn completions(&mut self, completions: &Completions) {
        for editor in completions.editors.iter().flatten() {
            for model in editor.models.iter().flatten() {
                for language in model.languages.iter().flatten() {
                    let measures = Measures::default()
                        .with(Measure::Suggestions, language.total_code_suggestions.0)
                        .with(Measure::Acceptances, language.total_code_acceptances.0)
                        .with(Measure::LinesSuggested, language.total_code_lines_suggested.0)
                        .with(Measure::LinesAdded, language.total_code_lines_accepted.0);
                    let values = [
                        (Dimension::Editor, &*editor.name),
                        (Dimension::Model, &*model.name),
                        (Dimension::Language, &*language.name),
                    ];
                    self.add(&measures, &values);
                }
            }
        }
    }

    fn chats(&mut self, editor: &str, models: &[ChatModel]) {
        for model in models {
            let measures = Measures::default().with(Measure::Prompts, model.total_chats.0);
            self.add(&measures, &[(Dimension::Editor, editor), (Dimension::Model, &model.name)]);
        }
    }
}

/// Chats and accepted completions: as near to today's interactions as these counts come.
fn with_interactions(mut measures: Measures) -> Measures {
    measures[Measure::Interactions] = plus(measures[Measure::Prompts], measures[Measure::Acceptances]);
    measures
}

/// Reads an array of days. A day on which fewer than five members had an active licence is missing: that is no data,
/// not zero.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let next: Vec<Call> = next_page(call, reply.headers).into_iter().collect();
    let days: Vec<LegacyDay> = json::whole(ID, call, reply, &mut drift::Quiet { known: UNUSED, sink })?;
    let answer = if days.is_empty() && call.step != NEXT_PAGE { Answer::Nothing } else { Answer::Given };
    for day in &days {
        emit(day, sink);
    }
    Ok(Read::more(answer, next))
}

fn emit(legacy: &LegacyDay, sink: &mut dyn Sink) {
    let day = legacy.date;
    let mut sums = Sums::default();
    if let Some(completions) = &legacy.copilot_ide_code_completions {
        sums.completions(completions);
    }
    for editor in legacy.copilot_ide_chat.iter().flat_map(|chat| chat.editors.iter().flatten()) {
        sums.chats(&editor.name, editor.models.as_deref().unwrap_or_default());
    }
    // Chat on github.com has no editor. Today's reports no longer count it at all.
    if let Some(models) = legacy.copilot_dotcom_chat.as_ref().and_then(|chat| chat.models.as_deref()) {
        sums.chats("", models);
    }
    let identity = IdentityRef::organization();
    for ((dimension, value), measures) in sums.parts {
        let measures = if dimension == Dimension::Language { measures } else { with_interactions(measures) };
        sink.fact(Fact::Split(SplitFact { day, identity: identity.clone(), dimension, value, measures }));
    }
    let measures = with_interactions(sums.whole);
    if !measures.is_silent() {
        sink.fact(Fact::Usage(UsageFact { day, identity, active: None, agent: None, measures }));
    }
    for (name, count) in [("total_active_users", legacy.total_active_users), ("total_engaged_users", legacy.total_engaged_users)]
    {
        if let Some(value) = count.0 {
            sink.fact(Fact::Total(TotalFact { day, name: name.to_owned(), value }));
        }
    }
}
