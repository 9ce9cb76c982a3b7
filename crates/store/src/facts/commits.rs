//! What a slice says of commits: those of its pull requests, and vendors' records of them. Both are kept packed only.

use crate::sql::{Tx, bind, clean};
use crate::{SliceWrite, StoreError};
use std::borrow::Cow;
use std::collections::BTreeMap;
use tacho_domain::delivery::{CommitRecordFact, CommitRecordRow, PullCommitsFact, encode_commit_records, encode_pull_commits};
use tacho_domain::{IdentityId, OrganizationId, StreamRole, WHOLE_ORGANIZATION};

/// By the commit's id and the repository's name as the vendor gave them.
type RecordKey<'f> = (Cow<'f, str>, Cow<'f, str>);

/// A slice's facts of commits, each key once.
#[derive(Default)]
pub(crate) struct Commits<'f> {
    /// By repository and number; of what is told twice the last one stays.
    pulls: BTreeMap<(i64, u32), &'f PullCommitsFact>,
    /// With whose tool it was. A commit is told once for each of its branches.
    records: BTreeMap<RecordKey<'f>, (u32, &'f CommitRecordFact)>,
}

impl<'f> Commits<'f> {
    pub(super) fn add_pull(&mut self, fact: &'f PullCommitsFact) {
        self.pulls.insert((fact.repository, fact.number), fact);
    }

    pub(super) fn add_record(&mut self, identity: u32, fact: &'f CommitRecordFact) {
        let key = (clean(&fact.commit), clean(fact.repository.as_deref().unwrap_or_default()));
        if self.records.get(&key).is_none_or(|(_, known)| fact.goes_before(known)) {
            self.records.insert(key, (identity, fact));
        }
    }

    /// How many records there are. The commits of a pull request are a part of it and not counted.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }
}

/// Writes the packed values of a slice whose old ones are gone. What is evidence only is not packed: no figure is made of it.
pub(super) async fn write(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Commits<'_>,
) -> Result<(), StoreError> {
    if write.role != StreamRole::Delivery {
        return Ok(());
    }
    let key = bind![organization, write.day, write.integration, write.stream];
    if !rows.pulls.is_empty() {
        let values = [&key[..], bind![encode_pull_commits(rows.pulls.values().copied())]].concat();
        let sql =
            "insert into slice_pull_commits (organization_id, day, integration_id, stream, commits) values ($1, $2, $3, $4, $5)";
        tx.execute(sql, &values).await?;
    }
    let author = |identity: u32| Some(IdentityId(identity)).filter(|author| *author != WHOLE_ORGANIZATION);
    let records: Vec<CommitRecordRow> =
        rows.records.values().filter_map(|(identity, fact)| CommitRecordRow::new(fact, author(*identity))).collect();
    if !records.is_empty() {
        let values = [&key[..], bind![encode_commit_records(&records)]].concat();
        let sql = "insert into slice_commit_records (organization_id, day, integration_id, stream, records) values ($1, $2, $3, $4, $5)";
        tx.execute(sql, &values).await?;
    }
    Ok(())
}
