//! Vendors' own records of commits: how many of a commit's lines the tool wrote. What was written and where is no part of it.

use super::commit_key;
use crate::columns::Damaged;
use crate::columns::bytes::{Reader, put};
use crate::{Day, IdentityId, IdentityRef, Instant};

/// A record counts for a pull request merged at most so many days after it: what was committed longer ago is not looked for.
pub const RECORD_DAYS: i32 = 90;

/// And a record may come a day after the merge: the merge itself is a commit, and is recorded when it was made.
pub const RECORD_DAYS_AFTER: i32 = 1;

const VERSION: u8 = 1;

/// Where a commit was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommitSource {
    /// In the editor.
    Editor,
    /// On the command line.
    CommandLine,
    /// By an agent on the vendor's servers.
    Cloud,
    /// The vendor names another place, or none.
    Unknown,
}

/// A vendor's record of a commit. It never has the commit's message or the names of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitRecordFact {
    /// The UTC day that it was asked for.
    pub day: Day,
    /// The commit's id as given.
    pub commit: String,
    /// Whose tool it was, where the vendor tells.
    pub identity: Option<IdentityRef>,
    /// The repository as the vendor calls it.
    pub repository: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// Whether that is the repository's main branch.
    pub primary: Option<bool>,
    /// Where it was made.
    pub source: CommitSource,
    /// Lines added and deleted that the tool is known to have written. 0: none could be traced, which is not the same as
    /// none.
    pub ai_lines: i64,
    /// All lines added and deleted.
    pub lines: i64,
    /// When it was made.
    pub at: Option<Instant>,
}

impl CommitRecordFact {
    /// Whether this record of a commit is to stand for another one of the same commit and repository: the one of the main
    /// branch, else the one that tells more. Whichever came first does not matter.
    #[must_use]
    pub fn goes_before(&self, other: &Self) -> bool {
        fn rank(it: &CommitRecordFact) -> (bool, i64, i64, CommitSource, Option<Instant>, Option<&str>, Option<&str>) {
            let whose = it.identity.as_ref().map(|identity| identity.key.as_str());
            (it.primary == Some(true), it.ai_lines, it.lines, it.source, it.at, it.branch.as_deref(), whose)
        }
        rank(self) > rank(other)
    }
}

/// A record in numbers: its commit's repository and branch are named elsewhere, and not kept here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitRecordRow {
    /// [`commit_key`] of its id.
    pub commit: u64,
    /// Whose tool it was.
    pub author: Option<IdentityId>,
    /// Where it was made.
    pub source: CommitSource,
    /// Lines that the tool is known to have written.
    pub ai_lines: u32,
    /// All lines.
    pub lines: u32,
}

impl CommitRecordRow {
    /// From what a reader took, with the number that the store gave whose tool it was. `None`: its id is cut too short to be
    /// found again.
    #[must_use]
    pub fn new(fact: &CommitRecordFact, author: Option<IdentityId>) -> Option<Self> {
        let lines = |lines: i64| u32::try_from(lines.max(0)).unwrap_or(u32::MAX);
        let commit = commit_key(&fact.commit)?;
        Some(Self { commit, author, source: fact.source, ai_lines: lines(fact.ai_lines), lines: lines(fact.lines) })
    }
}

/// Packs a day's records; they come out in the order given.
#[must_use]
pub fn encode_commit_records(rows: &[CommitRecordRow]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + rows.len() * 16);
    bytes.push(VERSION);
    put(&mut bytes, rows.len() as u64);
    for row in rows {
        bytes.extend(row.commit.to_le_bytes());
        bytes.push(row.source as u8);
        put(&mut bytes, row.author.map_or(0, |author| u64::from(author.0) + 1));
        put(&mut bytes, u64::from(row.ai_lines));
        put(&mut bytes, u64::from(row.lines));
    }
    bytes
}

/// Calls `each` for every packed record.
///
/// # Errors
/// When the bytes are not what [`encode_commit_records`] writes.
pub fn decode_commit_records(bytes: &[u8], mut each: impl FnMut(CommitRecordRow)) -> Result<(), Damaged> {
    const SOURCES: [CommitSource; 4] =
        [CommitSource::Editor, CommitSource::CommandLine, CommitSource::Cloud, CommitSource::Unknown];
    let mut reader = Reader { bytes, at: 0 };
    if reader.byte()? != VERSION {
        return Err(Damaged { at: 0 });
    }
    for _ in 0..reader.number()? {
        let eight = bytes.get(reader.at..).and_then(<[u8]>::first_chunk::<8>).ok_or(Damaged { at: reader.at })?;
        reader.at += 8;
        let source = *SOURCES.get(usize::from(reader.byte()?)).ok_or(Damaged { at: reader.at })?;
        let author = reader.number()?.checked_sub(1).map(u32::try_from).transpose();
        let author = author.map_err(|_| Damaged { at: reader.at })?.map(IdentityId);
        let (ai_lines, lines) = (small(&mut reader)?, small(&mut reader)?);
        each(CommitRecordRow { commit: u64::from_le_bytes(*eight), author, source, ai_lines, lines });
    }
    if reader.at == bytes.len() { Ok(()) } else { Err(Damaged { at: reader.at }) }
}

fn small(reader: &mut Reader<'_>) -> Result<u32, Damaged> {
    u32::try_from(reader.number()?).map_err(|_| Damaged { at: reader.at })
}

/// The commits that vendors know lines of their tools in, to be looked up by the hundred thousand.
#[derive(Debug)]
pub struct AiCommits {
    /// By commit and day of the record.
    commits: Vec<(u64, Day)>,
    /// Where those begin whose first bits are at least so much: one or two are left to look at.
    begins: Vec<u32>,
    /// How far a commit is shifted to leave these bits.
    shift: u32,
}

impl AiCommits {
    /// Of records with the days they are of. Those without a traced line say nothing.
    #[must_use]
    pub fn of(records: impl IntoIterator<Item = (Day, CommitRecordRow)>) -> Self {
        let traced = records.into_iter().filter(|(_, row)| row.ai_lines > 0);
        let mut commits: Vec<(u64, Day)> = traced.map(|(day, row)| (row.commit, day)).collect();
        commits.sort_unstable();
        commits.dedup();
        let shift = u64::BITS - commits.len().next_power_of_two().ilog2().clamp(1, 16);
        let mut begins = vec![0; (1 << (u64::BITS - shift)) + 1];
        for (commit, _) in &commits {
            begins[place(*commit, shift) + 1] += 1;
        }
        for place in 1..begins.len() {
            begins[place] += begins[place - 1];
        }
        Self { commits, begins, shift }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.commits.is_empty()
    }

    /// Whether a vendor knows lines of its tool in the commit of a pull request merged on that day.
    #[must_use]
    pub fn holds(&self, commit: u64, merged_on: Day) -> bool {
        let place = place(commit, self.shift);
        let begin = |place: usize| self.begins.get(place).map_or(0, |begin| *begin as usize);
        let near = self.commits.get(begin(place)..begin(place + 1)).unwrap_or_default();
        let days = (merged_on.minus(RECORD_DAYS), merged_on.plus(RECORD_DAYS_AFTER));
        near.iter().any(|(known, day)| *known == commit && (days.0..=days.1).contains(day))
    }
}

fn place(commit: u64, shift: u32) -> usize {
    usize::try_from(commit >> shift).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record() -> CommitRecordFact {
        CommitRecordFact {
            day: Day(20),
            commit: "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334".to_owned(),
            identity: None,
            repository: Some("acme/api".to_owned()),
            branch: None,
            primary: None,
            source: CommitSource::Editor,
            ai_lines: 12,
            lines: 40,
            at: None,
        }
    }

    fn row(commit: u64, ai_lines: u32) -> CommitRecordRow {
        CommitRecordRow { commit, author: None, source: CommitSource::Editor, ai_lines, lines: ai_lines + 5 }
    }

    #[test]
    fn the_record_of_the_main_branch_stands_for_the_commit() {
        let main = CommitRecordFact { primary: Some(true), branch: Some("main".to_owned()), ai_lines: 1, ..record() };
        let branch = CommitRecordFact { primary: Some(false), branch: Some("fix".to_owned()), ..record() };
        let unknown = record();
        assert!(main.goes_before(&branch) && main.goes_before(&unknown));
        assert!(!branch.goes_before(&main) && !main.goes_before(&main));
    }

    #[test]
    fn a_record_whose_id_is_cut_is_not_kept() {
        assert!(CommitRecordRow::new(&record(), None).is_some());
        assert_eq!(CommitRecordRow::new(&CommitRecordFact { commit: "a1b2c3d4".to_owned(), ..record() }, None), None);
    }

    #[test]
    fn a_record_without_a_traced_line_is_no_evidence() {
        let known = AiCommits::of([(Day(20), row(7, 0)), (Day(20), row(8, 1))]);
        assert!(!known.holds(7, Day(20)) && known.holds(8, Day(20)) && !known.holds(9, Day(20)));
        assert!(AiCommits::of([(Day(20), row(7, 0))]).is_empty() && !AiCommits::of([]).holds(u64::MAX, Day(20)));
    }

    #[test]
    fn a_record_counts_from_ninety_days_before_the_merge_to_the_day_after_it() {
        let known = AiCommits::of([(Day(100), row(u64::MAX, 3))]);
        let merged_on = [98, 99, 100, 150, 190, 191].map(|day| known.holds(u64::MAX, Day(day)));
        assert_eq!(merged_on, [false, true, true, true, true, false]);
    }

    fn any_row() -> impl Strategy<Value = CommitRecordRow> {
        let sources = [CommitSource::Editor, CommitSource::CommandLine, CommitSource::Cloud, CommitSource::Unknown];
        // Few beginnings, so that some are alike.
        let commit = (0u64..3, any::<u16>()).prop_map(|(top, rest)| (top << 63) | u64::from(rest % 9));
        (commit, any::<Option<u32>>(), prop::sample::select(sources.to_vec()), 0u32..3, any::<u32>()).prop_map(
            |(commit, author, source, ai_lines, lines)| CommitRecordRow {
                commit,
                author: author.map(IdentityId),
                source,
                ai_lines,
                lines,
            },
        )
    }

    fn unpack(bytes: &[u8]) -> Result<Vec<CommitRecordRow>, Damaged> {
        let mut rows = Vec::new();
        decode_commit_records(bytes, |row| rows.push(row)).map(|()| rows)
    }

    proptest! {
        #[test]
        fn packing_loses_nothing_and_every_truncation_is_noticed(
            rows in prop::collection::vec(any_row(), 0..40),
            cut in any::<prop::sample::Index>(),
        ) {
            let bytes = encode_commit_records(&rows);
            prop_assert_eq!(unpack(&bytes).unwrap(), rows);
            prop_assert!(unpack(&bytes[..cut.index(bytes.len())]).is_err());
        }

        #[test]
        fn any_bytes_are_survived(mut bytes in prop::collection::vec(any::<u8>(), 1..200)) {
            let _ = unpack(&bytes);
            bytes[0] = VERSION;
            let _ = unpack(&bytes);
        }

        #[test]
        fn a_commit_is_found_as_by_looking_at_every_record_whatever_their_order(
            records in prop::collection::vec(((0i32..200).prop_map(Day), any_row()), 0..40),
            asked in any_row(),
            merged_on in 0i32..200,
            turn in any::<prop::sample::Index>(),
        ) {
            let merged_on = Day(merged_on);
            let slow = records.iter().any(|(day, row)| {
                let age = merged_on.since(*day);
                row.commit == asked.commit && row.ai_lines > 0 && (-1..=90).contains(&age)
            });
            let mut turned = records.clone();
            if !turned.is_empty() {
                turned.rotate_left(turn.index(records.len()));
            }
            prop_assert_eq!(AiCommits::of(records).holds(asked.commit, merged_on), slow);
            prop_assert_eq!(AiCommits::of(turned).holds(asked.commit, merged_on), slow);
        }
    }
}
