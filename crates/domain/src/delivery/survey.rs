//! What authors and reviewers say of a merged pull request when they are asked.

use crate::{Day, SubjectId};
use serde::{Deserialize, Serialize};

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyRole {
    /// Who is credited with the pull request.
    Author,
    /// Anybody else who looked at it.
    Reviewer,
}

impl SurveyRole {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Reviewer => "reviewer",
        }
    }
}

/// How much an AI tool had to do with it, as its author says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assistance {
    /// Nothing.
    No,
    /// A little.
    ALittle,
    /// Most of it.
    Mostly,
}

impl Assistance {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::No, Self::ALittle, Self::Mostly];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::ALittle => "a_little",
            Self::Mostly => "mostly",
        }
    }

    /// The words of a form.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::No => "No",
            Self::ALittle => "A little",
            Self::Mostly => "Mostly",
        }
    }
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum SurveyAnswer {
    /// The author's.
    Author {
        /// "AI-assisted?"
        assistance: Assistance,
        /// "Time saved?", in minutes; `None`: not said.
        minutes_saved: Option<u32>,
    },
    /// A reviewer's.
    Reviewer {
        /// "Could you tell?"
        could_tell: bool,
    },
}

/// More than this is a slip of the pen: a working week.
pub const MOST_MINUTES_SAVED: u32 = 5 * 8 * 60;

impl SurveyAnswer {
    /// Whose it is.
    #[must_use]
    pub const fn role(self) -> SurveyRole {
        match self {
            Self::Author { .. } => SurveyRole::Author,
            Self::Reviewer { .. } => SurveyRole::Reviewer,
        }
    }

    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Author { assistance, .. } => assistance.as_str(),
            Self::Reviewer { could_tell: true } => "could_tell",
            Self::Reviewer { could_tell: false } => "could_not_tell",
        }
    }

    /// The answer of that stored word.
    #[must_use]
    pub fn parse(word: &str, minutes_saved: Option<u32>) -> Option<Self> {
        match word {
            "could_tell" => Some(Self::Reviewer { could_tell: true }),
            "could_not_tell" => Some(Self::Reviewer { could_tell: false }),
            _ => {
                let assistance = Assistance::ALL.into_iter().find(|assistance| assistance.as_str() == word)?;
                Some(Self::Author { assistance, minutes_saved })
            }
        }
    }
}

/// Somebody's answer about a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The repository's numeric id.
    pub repository: i64,
    /// The pull request's number there.
    pub number: u32,
    /// The day it was merged on.
    pub day: Day,
    /// Who answered.
    pub member: SubjectId,
    /// What they said.
    pub answer: SurveyAnswer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_read_as_it_was_written() {
        let authors = Assistance::ALL
            .into_iter()
            .flat_map(|assistance| [None, Some(30)].map(|minutes_saved| SurveyAnswer::Author { assistance, minutes_saved }));
        let reviewers = [true, false].map(|could_tell| SurveyAnswer::Reviewer { could_tell });
        for answer in authors.chain(reviewers) {
            let minutes = match answer {
                SurveyAnswer::Author { minutes_saved, .. } => minutes_saved,
                SurveyAnswer::Reviewer { .. } => None,
            };
            assert_eq!(SurveyAnswer::parse(answer.word(), minutes), Some(answer));
        }
        assert_eq!(SurveyAnswer::parse("perhaps", None), None);
    }
}
