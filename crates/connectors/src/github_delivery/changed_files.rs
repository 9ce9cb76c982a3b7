//! Which files merged pull requests changed: as fingerprints, so that no name is kept.

use super::answer::{self, List};
use super::asking::day_in;
use super::pull_request::{RepositoryNode, instant};
use super::settings::Rule;
use crate::github_copilot::value::Count;
use crate::{Call, Misread, Read, Reply, Sink};
use serde::Deserialize;
use tacho_domain::Fact;
use tacho_domain::delivery::ChangedFilesFact;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PullRequest {
    #[serde(rename = "__typename")]
    _typename: Option<String>,
    number: Count,
    merged_at: Option<String>,
    repository: Option<RepositoryNode>,
    files: Option<List<File>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    path: Option<String>,
    additions: Count,
    deletions: Count,
}

/// Reads a page. Of a pull request with more than a hundred files the first hundred are taken.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let rule = call.aside.as_ref().map(|aside| Rule::of(&aside.settings));
    answer::search::<PullRequest>(call, reply, sink, &mut |pull, sink| {
        let unfit = "a pull request without a repository, a number or a merge";
        let repository = pull.repository.as_ref().ok_or(unfit)?;
        let (id, name) = (repository.database_id.0.ok_or(unfit)?, repository.name_with_owner.as_deref().ok_or(unfit)?);
        let number = pull.number.0.and_then(|number| u32::try_from(number).ok()).ok_or(unfit)?;
        let merged_at = instant(pull.merged_at.as_ref()).ok_or(unfit)?;
        let Some(day) = day_in(call.window, merged_at).filter(|_| rule.as_ref().is_none_or(|rule| rule.takes(name))) else {
            return Ok(());
        };
        let files = pull.files.iter().flat_map(List::items).filter_map(|file| {
            let lines = file.additions.0.unwrap_or(0).max(0).saturating_add(file.deletions.0.unwrap_or(0).max(0));
            Some((fingerprint(id, file.path.as_deref()?), u32::try_from(lines).unwrap_or(u32::MAX)))
        });
        sink.fact(Fact::ChangedFiles(ChangedFilesFact { day, repository: id, number, files: files.collect() }));
        Ok(())
    })
}

/// FNV-1a with 64 bits over repository and path: the same on every machine and for ever, which is all it has to be
/// (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>, read 2026-11-21).
fn fingerprint(repository: i64, path: &str) -> u64 {
    let bytes = repository.to_le_bytes().into_iter().chain(path.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_of_path_and_repository_and_stays_the_same() {
        assert_ne!(fingerprint(1, "src/lib.rs"), fingerprint(2, "src/lib.rs"));
        assert_ne!(fingerprint(1, "src/lib.rs"), fingerprint(1, "src/main.rs"));
        assert_eq!(fingerprint(1, "a"), 0x529a_4ddc_8ff5_6bbf, "stored fingerprints would no longer be found");
    }
}
