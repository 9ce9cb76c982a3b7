//! Commits and reviews of a pull request as they were, for the wire: the truth has only what follows from them.

use super::PullTruth;
use super::apps::{App, REVIEWERS};
use super::chance::commit_id;
use super::pull::Opener;
use crate::dice::Dice;
use tacho_domain::Instant;
use tacho_domain::delivery::AuthorKind;

const SUBJECTS: [&str; 8] = [
    "Retry invoices that time out",
    "Show totals before the cart is full",
    "Explain how copilot seats are counted",
    "Move the cursor past the last page",
    "Ask the index first",
    "Keep dark colours in mails",
    "Rename a field nobody understood",
    "Wait for the answer in the test",
];

/// A commit of the branch.
pub(crate) struct Commit {
    pub(crate) id: String,
    pub(crate) authored_at: Instant,
    pub(crate) message: String,
}

/// Who reviewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reviewer {
    Person(usize),
    App(&'static App),
}

/// A review.
pub(crate) struct Review {
    pub(crate) at: Instant,
    pub(crate) state: &'static str,
    pub(crate) by: Reviewer,
}

impl PullTruth {
    pub(crate) fn subject(&self) -> String {
        let subject = Dice::new(&[self.script.key, 49]).pick(&SUBJECTS);
        match (self.reverts, self.author_kind) {
            (Some(_), _) => format!("Revert \"{subject}\""),
            (None, AuthorKind::Bot) => "Bump serde".to_owned(),
            _ => subject.to_owned(),
        }
    }

    /// The commit at that place of the branch.
    pub(crate) fn commit(&self, place: i64) -> Commit {
        // Whoever reads a page of fifty sees the last moment too.
        let steps = (self.commits.min(50) - 1).max(1);
        let at = place.min(steps);
        let (first, last) = (self.first_commit_at.0 / 1_000_000, self.last_commit_at.0 / 1_000_000);
        let authored_at = Instant((first + (last - first) * at / steps) * 1_000_000);
        let message =
            if place == 0 { self.message(&self.subject(), !self.script.only_at_merge) } else { "Look again".to_owned() };
        Commit { id: commit_id(&[self.script.key, 61, place.unsigned_abs()]), authored_at, message }
    }

    /// The squashed commit's message.
    pub(crate) fn merge_message(&self) -> String {
        self.message(&format!("{} (#{})", self.subject(), self.number), self.script.kept_at_merge)
    }

    fn message(&self, subject: &str, with_trailers: bool) -> String {
        let mut message = subject.to_owned();
        if let Some(id) = &self.reverts_commit {
            message.extend(["\n\nThis reverts commit ", id, "."]);
        } else if let Some(number) = self.reverts {
            message.extend(["\n\nReverts ", &self.repository, "#", &number.to_string()]);
        }
        if with_trailers && !self.script.trailers.is_empty() {
            message.push_str("\n\n");
            message.push_str(&self.script.trailers.join("\n"));
        }
        message
    }

    /// All reviews in their order: apps and the author may come before the first person whose word counts.
    pub(crate) fn reviews(&self) -> Vec<Review> {
        let mut dice = Dice::new(&[self.script.key, 50]);
        let ready = self.ready_at.unwrap_or(self.created_at);
        let mut all = Vec::new();
        let early = dice.between(20, 60);
        let reviewer = &REVIEWERS[usize::try_from(dice.below(3)).unwrap_or(0)];
        if dice.hit(300) {
            all.push(Review { at: ready.plus_seconds(early), state: "COMMENTED", by: Reviewer::App(reviewer) });
        }
        if let (Opener::Person(author), true) = (self.script.opener, dice.hit(120)) {
            all.push(Review { at: ready.plus_seconds(early + 5), state: "COMMENTED", by: Reviewer::Person(author) });
        }
        let (Some(first), Some(reviewer)) = (self.first_review_at, self.reviewers.first()) else { return all };
        let by = Reviewer::Person(*reviewer);
        all.push(Review { at: first, state: if dice.hit(300) { "CHANGES_REQUESTED" } else { "COMMENTED" }, by });
        let Some(last) = self.last_approval_at else { return all };
        let between = |part: i64| first.plus_seconds((last.0 - first.0) / 1_000_000 * part / 4);
        if dice.hit(30) {
            all.push(Review { at: between(1), state: "DISMISSED", by });
        }
        if let Some(second) = self.reviewers.get(1) {
            all.push(Review { at: between(2), state: "APPROVED", by: Reviewer::Person(*second) });
        }
        all.push(Review { at: last, state: "APPROVED", by });
        all
    }
}
