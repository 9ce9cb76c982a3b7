//! The commits of merged pull requests, by the beginning of their ids: what a vendor's records of commits are held against.

use super::place::Place;
use crate::Day;
use crate::columns::Damaged;
use crate::columns::bytes::{Reader, put};

const VERSION: u8 = 1;
/// Bytes of a commit's id that are kept.
const KEY: usize = 8;

/// The first 64 bits of a commit's id: enough that two commits of an organization never share them. `None`: not an id, or
/// one that is cut too short to be sure of.
///
/// ```
/// use tacho_domain::delivery::commit_key;
/// assert_eq!(commit_key("000000000000001fc0ffee"), Some(31));
/// assert_eq!(commit_key("00000010"), None);
/// ```
#[must_use]
pub fn commit_key(id: &str) -> Option<u64> {
    // `from_str_radix` would take a sign.
    let sixteen = id.trim().get(..2 * KEY).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u64::from_str_radix(sixteen, 16).ok()
}

/// The commits of a merged pull request: those of its branch that were read, and the one it was merged as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullCommitsFact {
    /// The UTC day it was merged on.
    pub day: Day,
    /// The repository's numeric id.
    pub repository: i64,
    /// Its number there.
    pub number: u32,
    /// [`commit_key`] of each, sorted, each once.
    pub commits: Vec<u64>,
}

/// Packs the commits of a day's pull requests; they come out in the order given.
#[must_use]
pub fn encode_pull_commits<'f>(pulls: impl ExactSizeIterator<Item = &'f PullCommitsFact>) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    put(&mut bytes, pulls.len() as u64);
    let mut place = Place::default();
    for pull in pulls {
        place.put(&mut bytes, pull.repository, pull.number);
        put(&mut bytes, pull.commits.len() as u64);
        pull.commits.iter().for_each(|commit| bytes.extend(commit.to_le_bytes()));
    }
    bytes
}

/// Calls `each` with the repository, the number and the commits of every packed pull request.
///
/// # Errors
/// When the bytes are not what [`encode_pull_commits`] writes.
pub fn decode_pull_commits(bytes: &[u8], mut each: impl FnMut(i64, u32, CommitKeys<'_>)) -> Result<(), Damaged> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.byte()? != VERSION {
        return Err(Damaged { at: 0 });
    }
    let mut place = Place::default();
    for _ in 0..reader.number()? {
        let (repository, number) = place.read(&mut reader)?;
        let length = usize::try_from(reader.number()?).ok().and_then(|count| count.checked_mul(KEY));
        let end = length.and_then(|length| length.checked_add(reader.at)).ok_or(Damaged { at: reader.at })?;
        let commits = bytes.get(reader.at..end).ok_or(Damaged { at: reader.at })?;
        reader.at = end;
        each(repository, number, CommitKeys(commits.chunks_exact(KEY)));
    }
    if reader.at == bytes.len() { Ok(()) } else { Err(Damaged { at: reader.at }) }
}

/// The commits of one pull request, as [`commit_key`] gives them.
#[derive(Debug)]
pub struct CommitKeys<'b>(std::slice::ChunksExact<'b, u8>);

impl Iterator for CommitKeys<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0.next()?.first_chunk::<KEY>().map(|eight| u64::from_le_bytes(*eight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unpack(bytes: &[u8]) -> Result<Vec<(i64, u32, Vec<u64>)>, Damaged> {
        let mut pulls = Vec::new();
        decode_pull_commits(bytes, |repository, number, commits| pulls.push((repository, number, commits.collect())))?;
        Ok(pulls)
    }

    #[test]
    fn an_id_is_known_by_its_beginning_and_nothing_else_is_one() {
        let id = "A1b2c3d4e5f60718293a4b5c6d7e8f9001122334";
        assert_eq!(commit_key(id), Some(0xa1b2_c3d4_e5f6_0718));
        assert_eq!(commit_key(id), commit_key(&id[..16].to_lowercase()));
        for other in ["", "a1b2c3d4", "a1b2c3d4e5f6071", "+1b2c3d4e5f60718", "g1b2c3d4e5f60718", "aaaaaaaaaaaaaaaé"] {
            assert_eq!(commit_key(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn packing_loses_nothing_and_every_truncation_is_noticed(
            pulls in prop::collection::vec((any::<i64>(), any::<u32>(), prop::collection::vec(any::<u64>(), 0..5)), 0..30),
            cut in any::<prop::sample::Index>(),
        ) {
            let fact = |(repository, number, commits): (i64, u32, Vec<u64>)| PullCommitsFact { day: Day(1), repository, number, commits };
            let facts: Vec<PullCommitsFact> = pulls.iter().cloned().map(fact).collect();
            let bytes = encode_pull_commits(facts.iter());
            prop_assert_eq!(unpack(&bytes).unwrap(), pulls);
            prop_assert!(unpack(&bytes[..cut.index(bytes.len())]).is_err());
        }

        #[test]
        fn any_bytes_are_survived(mut bytes in prop::collection::vec(any::<u8>(), 1..200)) {
            let _ = unpack(&bytes);
            bytes[0] = VERSION;
            let _ = unpack(&bytes);
        }
    }
}
