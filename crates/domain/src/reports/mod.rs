//! Builds each report from what the store read: pure, and the one place where its figures are made.

mod context;
pub mod cost;
pub mod delivery;
pub mod member;
pub mod members;
pub mod overview;
pub mod people;
pub mod reconciliation;
pub mod seats;
pub mod teams;
pub mod tool;

use crate::money::group;
use crate::report::{Audience, Note, Question, Weight};

/// What is said of rows that the asker may not see; nothing where all are shown.
#[must_use]
pub fn sight(question: &Question, hidden_rows: usize) -> Option<Note> {
    let text = match &question.audience {
        Audience::Everyone => return None,
        Audience::Only(_) => "You see the rows of those you may see; totals are of everyone.",
        Audience::Nobody => "Your role shows totals only, no member's own numbers. Totals are of everyone.",
    };
    let title =
        if hidden_rows == 1 { "1 row is not shown".to_owned() } else { format!("{} rows are not shown", group(hidden_rows)) };
    (hidden_rows > 0).then(|| Note { weight: Weight::Info, title, text: text.into(), way: None })
}
