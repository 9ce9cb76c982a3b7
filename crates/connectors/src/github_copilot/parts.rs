//! The breakdowns of a row, and the splits they become. GitHub breaks most of them down twice (language and feature,
//! model and feature); here each is added up over the second.
//!
//! Features add up to the row's own counters exactly. Editors and models do not, in 12 to 30 of 100 rows: they are shares
//! of what GitHub could attribute (<https://docs.github.com/en/copilot/concepts/copilot-metrics>, read 2026-11-21).

use super::users::COMPLETION;
use super::value::{Count, Text};
use crate::Sink;
use serde::Deserialize;
use tacho_domain::measure::plus;
use tacho_domain::{Day, Dimension, Fact, IdentityRef, Measure, Measures, SplitFact};

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident { $($key:ident),+ } $($prompts:ident)?;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize)]
        #[serde(default)]
        pub(super) struct $name<'a> {
            $(#[serde(borrow)] pub(super) $key: Text<'a>,)+
            $(pub(super) $prompts: Count,)?
            pub(super) code_generation_activity_count: Count,
            pub(super) code_acceptance_activity_count: Count,
            pub(super) loc_suggested_to_add_sum: Count,
            pub(super) loc_added_sum: Count,
            pub(super) loc_deleted_sum: Count,
        }

        impl $name<'_> {
            /// Its counters, without what depends on the feature.
            pub(super) fn counters(&self) -> Counters {
                Counters {
                    $(prompts: self.$prompts.0,)?
                    generations: self.code_generation_activity_count.0,
                    accepted: self.code_acceptance_activity_count.0,
                    lines_suggested: self.loc_suggested_to_add_sum.0,
                    lines_added: self.loc_added_sum.0,
                    lines_removed: self.loc_deleted_sum.0,
                    ..Counters::default()
                }
            }
        }
    )+};
}

parts! {
    /// `totals_by_ide`.
    IdePart { ide } user_initiated_interaction_count;
    /// `totals_by_feature`.
    FeaturePart { feature } user_initiated_interaction_count;
    /// `totals_by_language_feature`; it counts no prompts.
    LanguageFeaturePart { language, feature };
    /// `totals_by_language_model`: chat and agents only; it counts no prompts.
    LanguageModelPart { language, model };
    /// `totals_by_model_feature`: chat and agents only.
    ModelFeaturePart { model, feature } user_initiated_interaction_count;
}

/// A part's counters while they are added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counters {
    pub(super) prompts: Option<i64>,
    pub(super) generations: Option<i64>,
    pub(super) accepted: Option<i64>,
    pub(super) lines_suggested: Option<i64>,
    pub(super) lines_added: Option<i64>,
    pub(super) lines_removed: Option<i64>,
    /// Inline completions shown and accepted: `None` for parts of other features.
    pub(super) suggestions: Option<i64>,
    pub(super) acceptances: Option<i64>,
}

impl Counters {
    /// With its generations as inline completions, where the feature says that they are.
    fn of_feature(self, feature: &str) -> Self {
        if feature == COMPLETION { Self { suggestions: self.generations, acceptances: self.accepted, ..self } } else { self }
    }

    fn add(&mut self, other: &Self) {
        self.prompts = plus(self.prompts, other.prompts);
        self.generations = plus(self.generations, other.generations);
        self.accepted = plus(self.accepted, other.accepted);
        self.lines_suggested = plus(self.lines_suggested, other.lines_suggested);
        self.lines_added = plus(self.lines_added, other.lines_added);
        self.lines_removed = plus(self.lines_removed, other.lines_removed);
        self.suggestions = plus(self.suggestions, other.suggestions);
        self.acceptances = plus(self.acceptances, other.acceptances);
    }

    /// Whether it says nothing but zeros, which the whole says already.
    fn is_empty(&self) -> bool {
        let said = [self.prompts, self.generations, self.accepted, self.lines_suggested, self.lines_added, self.lines_removed];
        said.iter().all(|value| value.is_none_or(|value| value == 0))
    }

    fn measures(&self) -> Measures {
        // Where a dimension counts no prompts, its accepted completions alone would pass for all interactions.
        let interactions = self.prompts.and_then(|prompts| plus(Some(prompts), self.acceptances));
        Measures::default()
            .with(Measure::Interactions, interactions)
            .with(Measure::Prompts, self.prompts)
            .with(Measure::Suggestions, self.suggestions)
            .with(Measure::Acceptances, self.acceptances)
            .with(Measure::Generations, self.generations)
            .with(Measure::GenerationsAccepted, self.accepted)
            .with(Measure::LinesSuggested, self.lines_suggested)
            .with(Measure::LinesAdded, self.lines_added)
            .with(Measure::LinesRemoved, self.lines_removed)
    }
}

impl LanguageFeaturePart<'_> {
    /// Its language with its counters.
    pub(super) fn counted(&self) -> (&str, Counters) {
        (self.language.as_str(), self.counters().of_feature(self.feature.as_str()))
    }
}

impl ModelFeaturePart<'_> {
    /// Its model with its counters.
    pub(super) fn counted(&self) -> (&str, Counters) {
        (self.model.as_str(), self.counters().of_feature(self.feature.as_str()))
    }
}

/// Emits the splits of one row.
pub(super) struct Splits<'s> {
    day: Day,
    identity: &'s IdentityRef,
    sink: &'s mut dyn Sink,
}

impl<'s> Splits<'s> {
    pub(super) fn new(day: Day, identity: &'s IdentityRef, sink: &'s mut dyn Sink) -> Self {
        Self { day, identity, sink }
    }

    pub(super) fn features(&mut self, parts: &[FeaturePart<'_>]) {
        self.merged(
            Dimension::Feature,
            parts.iter().map(|part| {
                let feature = part.feature.as_str();
                (feature, part.counters().of_feature(feature))
            }),
        );
    }

    pub(super) fn editors(&mut self, parts: &[IdePart<'_>]) {
        self.merged(Dimension::Editor, parts.iter().map(|part| (part.ide.as_str(), part.counters())));
    }

    pub(super) fn languages<'p>(&mut self, parts: impl Iterator<Item = (&'p str, Counters)>) {
        self.merged(Dimension::Language, parts);
    }

    pub(super) fn models<'p>(&mut self, parts: impl Iterator<Item = (&'p str, Counters)>) {
        self.merged(Dimension::Model, parts);
    }

    /// A row has a handful of values per dimension, so that looking through them beats a map.
    fn merged<'p>(&mut self, dimension: Dimension, parts: impl Iterator<Item = (&'p str, Counters)>) {
        let mut sums: Vec<(&str, Counters)> = Vec::with_capacity(8);
        for (value, counters) in parts.filter(|(value, _)| !value.is_empty()) {
            match sums.iter_mut().find(|(known, _)| *known == value) {
                Some((_, sum)) => sum.add(&counters),
                None => sums.push((value, counters)),
            }
        }
        for (value, sum) in sums.iter().filter(|(_, sum)| !sum.is_empty()) {
            self.sink.fact(Fact::Split(SplitFact {
                day: self.day,
                identity: self.identity.clone(),
                dimension,
                value: (*value).to_owned(),
                measures: sum.measures(),
            }));
        }
    }
}
