//! The checksum of a day's facts: the same facts give the same checksum whatever their order, so that a vendor which
//! sorts its rows anew, or signs its links anew, changes nothing here.

use sha2::{Digest, Sha256};
use tacho_domain::delivery::{CommitRecordFact, PullRequestFact};
use tacho_domain::{Day, Fact, IdentityRef, Instant, Measures, Money};

/// The checksum over a day's facts, duplicates counted.
pub(crate) fn fingerprint<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> [u8; 32] {
    let mut line = Line::default();
    let mut digests: Vec<[u8; 32]> = facts.into_iter().map(|fact| line.digest(fact)).collect();
    digests.sort_unstable();
    let mut whole = Sha256::new();
    for digest in &digests {
        whole.update(digest);
    }
    whole.finalize().into()
}

/// One fact as unambiguous bytes: a tag, then every field with its length or presence.
#[derive(Default)]
struct Line(Vec<u8>);

impl Line {
    fn digest(&mut self, fact: &Fact) -> [u8; 32] {
        self.0.clear();
        self.fact(fact);
        Sha256::digest(&self.0).into()
    }

    fn fact(&mut self, fact: &Fact) {
        match fact {
            Fact::Usage(fact) => {
                self.tag(1).day(fact.day).identity(&fact.identity).flag(fact.active).flag(fact.agent);
                self.measures(&fact.measures);
            }
            Fact::Split(fact) => {
                self.tag(2).day(fact.day).identity(&fact.identity).text(fact.dimension.as_str()).text(&fact.value);
                self.measures(&fact.measures);
            }
            Fact::Total(fact) => {
                self.tag(3).day(fact.day).text(&fact.name).number(fact.value);
            }
            Fact::Seat(fact) => {
                self.tag(4).day(fact.day).identity(&fact.identity);
                self.maybe(fact.created_at.map(micros)).maybe(fact.last_activity_at.map(micros));
                self.maybe_text(fact.last_editor.as_deref()).maybe_text(fact.plan.as_deref());
                self.maybe(fact.cancels_on.map(|day| i64::from(day.0))).maybe(fact.monthly_price.map(amount));
            }
            Fact::Person(fact) => {
                self.tag(5).identity(&fact.identity).maybe_text(fact.name.as_deref()).maybe_text(fact.email.as_deref());
                self.flag(Some(fact.removed));
            }
            Fact::Team(fact) => {
                self.tag(6).day(fact.day).identity(&fact.identity).text(&fact.team_key).text(&fact.team);
            }
            Fact::Cost(fact) => {
                self.tag(7).day(fact.day).flag(Some(fact.identity.is_some()));
                if let Some(identity) = &fact.identity {
                    self.identity(identity);
                }
                self.text(fact.ledger.as_str()).text(&fact.sku).maybe_text(fact.model.as_deref());
                self.maybe(fact.quantity_micros).number(amount(fact.gross)).maybe(fact.net.map(amount));
            }
            Fact::Hours(fact) => {
                self.tag(8).day(fact.day).identity(&fact.identity);
                for count in fact.hours.0 {
                    self.number(i64::from(count));
                }
            }
            Fact::PullRequest(fact) => self.pull_request(fact),
            Fact::Deployment(fact) => {
                self.tag(10).day(fact.day).number(fact.repository.id).text(&fact.repository.name).text(&fact.key);
                self.number(micros(fact.created_at)).maybe(fact.finished_at.map(micros)).text(fact.outcome.as_str());
                self.maybe_text(fact.commit.as_deref());
            }
            Fact::ChangedFiles(fact) => {
                self.tag(11).day(fact.day).number(fact.repository).number(i64::from(fact.number));
                for (file, lines) in &fact.files {
                    self.number(file.cast_signed()).number(i64::from(*lines));
                }
            }
            Fact::PullCommits(fact) => {
                self.tag(12).day(fact.day).number(fact.repository).number(i64::from(fact.number));
                for commit in &fact.commits {
                    self.number(commit.cast_signed());
                }
            }
            Fact::CommitRecord(fact) => self.commit_record(fact),
        }
    }

    fn commit_record(&mut self, fact: &CommitRecordFact) {
        self.tag(13).day(fact.day).text(&fact.commit).flag(Some(fact.identity.is_some()));
        if let Some(identity) = &fact.identity {
            self.identity(identity);
        }
        self.maybe_text(fact.repository.as_deref()).maybe_text(fact.branch.as_deref()).flag(fact.primary);
        self.tag(fact.source as u8).number(fact.ai_lines).number(fact.lines).maybe(fact.at.map(micros));
    }

    fn pull_request(&mut self, fact: &PullRequestFact) {
        self.tag(9).day(fact.day).number(fact.repository.id).text(&fact.repository.name).number(i64::from(fact.number));
        self.text(fact.author_kind.as_str()).flag(Some(fact.author.is_some()));
        if let Some(author) = &fact.author {
            self.identity(author);
        }
        self.number(micros(fact.created_at)).maybe(fact.ready_at.map(micros)).number(micros(fact.merged_at));
        self.maybe(fact.first_commit_at.map(micros)).maybe(fact.last_commit_at.map(micros));
        self.maybe(fact.first_review_at.map(micros)).maybe(fact.last_approval_at.map(micros));
        self.number(i64::from(fact.approvals)).number(fact.additions).number(fact.deletions);
        self.number(fact.changed_files).number(fact.commits);
        for label in &fact.labels {
            self.tag(1).text(label);
        }
        for signal in &fact.signals {
            self.tag(2).text(signal.kind.as_str()).text(&signal.agent);
        }
        self.maybe_text(fact.merge_commit.as_deref()).maybe(fact.reverts_number.map(i64::from));
        self.maybe_text(fact.reverts_commit.as_deref()).flag(Some(fact.truncated));
    }

    fn tag(&mut self, tag: u8) -> &mut Self {
        self.0.push(tag);
        self
    }

    fn number(&mut self, number: i64) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn day(&mut self, day: Day) -> &mut Self {
        self.number(i64::from(day.0))
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.number(i64::try_from(text.len()).unwrap_or(i64::MAX));
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn maybe(&mut self, number: Option<i64>) -> &mut Self {
        self.tag(u8::from(number.is_some())).number(number.unwrap_or(0))
    }

    fn maybe_text(&mut self, text: Option<&str>) -> &mut Self {
        self.tag(u8::from(text.is_some())).text(text.unwrap_or_default())
    }

    fn flag(&mut self, flag: Option<bool>) -> &mut Self {
        self.tag(flag.map_or(2, u8::from))
    }

    fn identity(&mut self, identity: &IdentityRef) -> &mut Self {
        self.text(identity.kind.as_str()).text(&identity.key).text(&identity.label)
    }

    /// By name, so that a measure added to the list later changes no checksum of facts that do not say it.
    fn measures(&mut self, measures: &Measures) -> &mut Self {
        for (measure, value) in measures.said() {
            self.text(measure.name()).number(value);
        }
        self
    }
}

fn micros(instant: Instant) -> i64 {
    instant.0
}

fn amount(money: Money) -> i64 {
    money.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tacho_domain::{Dimension, Measure, SplitFact, TotalFact, UsageFact};

    fn any_fact() -> impl Strategy<Value = Fact> {
        let day = (0i32..3).prop_map(Day);
        let identity = prop::sample::select(vec!["ada@example.com", "bo@example.com"]).prop_map(IdentityRef::email);
        let measures = prop::option::of(0i64..3).prop_map(|value| Measures::default().with(Measure::Sessions, value));
        prop_oneof![
            (day.clone(), identity.clone(), any::<Option<bool>>(), measures.clone()).prop_map(
                |(day, identity, active, measures)| Fact::Usage(UsageFact { day, identity, active, agent: None, measures })
            ),
            (day.clone(), identity, "[ab]{0,2}", measures).prop_map(|(day, identity, value, measures)| Fact::Split(SplitFact {
                day,
                identity,
                dimension: Dimension::Model,
                value,
                measures
            })),
            (day, "[ab]{0,2}", 0i64..3).prop_map(|(day, name, value)| Fact::Total(TotalFact { day, name, value })),
        ]
    }

    /// Sorted by text: equal exactly when the same facts are there the same number of times.
    fn multiset(facts: &[Fact]) -> Vec<String> {
        let mut lines: Vec<String> = facts.iter().map(|fact| format!("{fact:?}")).collect();
        lines.sort();
        lines
    }

    proptest! {
        #[test]
        fn the_order_of_rows_does_not_matter(facts in prop::collection::vec(any_fact(), 0..12), seed in any::<u64>()) {
            let mut shuffled = facts.clone();
            shuffled.sort_by_key(|fact| Sha256::digest(format!("{seed}{fact:?}")).to_vec());
            prop_assert_eq!(fingerprint(&facts), fingerprint(&shuffled));
        }

        #[test]
        fn different_facts_differ(a in prop::collection::vec(any_fact(), 0..4), b in prop::collection::vec(any_fact(), 0..4)) {
            prop_assert_eq!(fingerprint(&a) == fingerprint(&b), multiset(&a) == multiset(&b));
        }
    }

    #[test]
    fn a_row_that_is_there_twice_is_not_the_same_as_once() {
        let fact = Fact::Total(TotalFact { day: Day(1), name: "seats".into(), value: 3 });
        assert_ne!(fingerprint([&fact]), fingerprint([&fact, &fact]));
    }
}
