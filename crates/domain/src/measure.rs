//! Every measure a vendor gives, in one list: the store's columns, the exports' headers and the readers all follow it.
//! `None` means that the vendor does not say; `Some(0)` means that it says none.

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize};
use std::ops::{Index, IndexMut};

macro_rules! measures {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// One counted thing.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Measure { $($(#[$doc])* $variant,)+ }

        impl Measure {
            /// All measures, in the order of the store's columns.
            pub const ALL: &'static [Measure] = &[$(Measure::$variant,)+];

            /// The name in the store, exports and the REST API, with its unit where it has one.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Measure::$variant => $name,)+ }
            }
        }
    };
}

measures! {
    /// Explicit use in the tool's own unit (see the tool's profile).
    Interactions = "interactions",
    /// Prompts a person sent.
    Prompts = "prompts",
    /// Requests to a model, automatic follow-ups included.
    Requests = "requests",
    /// Distinct sessions or conversations.
    Sessions = "sessions",
    /// Inline completions shown.
    Suggestions = "suggestions",
    /// Inline completions accepted.
    Acceptances = "acceptances",
    /// Inline completions rejected, where a vendor counts them.
    Rejections = "rejections",
    /// Edits offered for review (diffs, file edits).
    EditsProposed = "edits_proposed",
    /// Edits accepted.
    EditsAccepted = "edits_accepted",
    /// Edits rejected.
    EditsRejected = "edits_rejected",
    /// Outputs of any surface: each code block counts.
    Generations = "generations",
    /// Outputs of any surface that were applied, inserted or copied.
    GenerationsAccepted = "generations_accepted",
    /// Lines offered.
    LinesSuggested = "lines_suggested",
    /// Lines the tool wrote and the person kept.
    LinesAdded = "lines_added",
    /// Lines the tool removed.
    LinesRemoved = "lines_removed",
    /// Commits made through the tool.
    Commits = "commits",
    /// Pull requests opened through the tool.
    PullRequests = "pull_requests",
    /// Input tokens, without what came from a cache.
    TokensInput = "tokens_input",
    /// Output tokens.
    TokensOutput = "tokens_output",
    /// Tokens read from a cache.
    TokensCacheRead = "tokens_cache_read",
    /// Tokens written to a cache.
    TokensCacheWrite = "tokens_cache_write",
    /// Value at the vendor's prices, in micro-dollars.
    Cost = "cost_micros",
    /// The part of the value that is charged beyond what a subscription includes, in micro-dollars.
    Billed = "billed_micros",
    /// The vendor's own credits, in millionths of a credit.
    Credits = "credits_micros",
    /// Time the tool was in use, in milliseconds.
    ActiveTime = "active_ms",
}

/// How many measures there are.
pub const COUNT: usize = Measure::ALL.len();

impl Measure {
    /// The measure of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|measure| measure.name() == name)
    }
}

/// A value for each measure.
///
/// ```
/// use tacho_domain::{Measure, Measures};
/// let mut sum = Measures::default();
/// sum.add(&Measures::default().with(Measure::Sessions, 3));
/// assert_eq!(sum[Measure::Sessions], Some(3));
/// assert_eq!(sum[Measure::Commits], None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measures([Option<i64>; COUNT]);

impl Measures {
    /// The same with one measure set.
    #[must_use]
    pub fn with(mut self, measure: Measure, value: impl Into<Option<i64>>) -> Self {
        self[measure] = value.into();
        self
    }

    /// Adds every measure of `other`; what neither side says stays unsaid.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = plus(*mine, theirs);
        }
    }

    /// Adds to one measure.
    pub fn add_to(&mut self, measure: Measure, value: Option<i64>) {
        self[measure] = plus(self[measure], value);
    }

    /// The sum of several measures; `None` when none of them is said.
    #[must_use]
    pub fn sum(&self, measures: &[Measure]) -> Option<i64> {
        measures.iter().fold(None, |sum, &measure| plus(sum, self[measure]))
    }

    /// All four kinds of tokens together; `None` when the vendor names none.
    #[must_use]
    pub fn tokens(&self) -> Option<i64> {
        use Measure::{TokensCacheRead, TokensCacheWrite, TokensInput, TokensOutput};
        self.sum(&[TokensInput, TokensOutput, TokensCacheRead, TokensCacheWrite])
    }

    /// Whether no measure is said.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// The measures that are said, with their values.
    pub fn said(&self) -> impl Iterator<Item = (Measure, i64)> + '_ {
        Measure::ALL.iter().copied().zip(self.0).filter_map(|(measure, value)| Some((measure, value?)))
    }

    /// The values in the order of [`Measure::ALL`].
    #[must_use]
    pub fn values(&self) -> &[Option<i64>; COUNT] {
        &self.0
    }
}

/// Adds two values of which either may be unsaid; saturates rather than wraps.
#[must_use]
#[inline]
pub fn plus(left: Option<i64>, right: Option<i64>) -> Option<i64> {
    match (left, right) {
        (Some(l), Some(r)) => Some(l.saturating_add(r)),
        (one, other) => one.or(other),
    }
}

impl Index<Measure> for Measures {
    type Output = Option<i64>;
    fn index(&self, measure: Measure) -> &Option<i64> {
        &self.0[measure as usize]
    }
}

impl IndexMut<Measure> for Measures {
    fn index_mut(&mut self, measure: Measure) -> &mut Option<i64> {
        &mut self.0[measure as usize]
    }
}

impl Serialize for Measures {
    /// A map of the measures that are said.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (measure, value) in self.said() {
            map.serialize_entry(measure.name(), &value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_unique_and_found_again() {
        for measure in Measure::ALL {
            assert_eq!(Measure::parse(measure.name()), Some(*measure));
        }
    }

    fn any_measures() -> impl Strategy<Value = Measures> {
        prop::collection::vec(prop::option::of(0i64..1_000_000), COUNT).prop_map(|values| Measures(values.try_into().unwrap()))
    }

    proptest! {
        #[test]
        fn adding_is_order_free_and_nothing_is_neutral(a in any_measures(), b in any_measures(), c in any_measures()) {
            let sum = |parts: [&Measures; 3]| parts.iter().fold(Measures::default(), |mut sum, part| { sum.add(part); sum });
            prop_assert_eq!(sum([&a, &b, &c]), sum([&c, &a, &b]));
            prop_assert_eq!(sum([&a, &Measures::default(), &Measures::default()]), a);
        }
    }
}
