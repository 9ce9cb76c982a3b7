//! Which merged pull requests a vendor's records of commits speak of. Records and pull requests come from two integrations,
//! whichever is read first; so they are held against each other when a question is asked, and nothing of it is stored.

use crate::StoreError;
use crate::sql::{Tx, bind};
use std::collections::HashSet;
use tacho_domain::delivery::{
    AiCommits, CommitRecordRow, PullRow, RECORD_DAYS, RECORD_DAYS_AFTER, SignalKind, decode_commit_records, decode_pull_commits,
};
use tacho_domain::{Day, OrganizationId, Window};

/// Gives those pull requests, merged in a window, their sign that a vendor knows lines of its tool in one of their commits.
/// Without any such record the commits of pull requests are not read.
pub(super) async fn sign(
    tx: &mut Tx,
    organization: OrganizationId,
    window: Window,
    pulls: &mut [PullRow],
) -> Result<(), StoreError> {
    if pulls.is_empty() {
        return Ok(());
    }
    let known = records(tx, organization, window).await?;
    if known.is_empty() {
        return Ok(());
    }
    let recorded = recorded(tx, organization, window, &known).await?;
    for pull in pulls.iter_mut().filter(|pull| recorded.contains(&(pull.repository, pull.number))) {
        pull.signals = pull.signals.with(SignalKind::VendorRecord);
    }
    Ok(())
}

/// The commits that vendors know lines of their tools in, as far as they may be those of pull requests merged in the window.
async fn records(tx: &mut Tx, organization: OrganizationId, window: Window) -> Result<AiCommits, StoreError> {
    let rows = tx
        .fetch(
            "select day, records from slice_commit_records where organization_id = $1 and day between $2 and $3",
            bind![organization, window.from.minus(RECORD_DAYS), window.to.plus(RECORD_DAYS_AFTER)],
        )
        .await?;
    let mut records: Vec<(Day, CommitRecordRow)> = Vec::new();
    for row in &rows {
        let day = row.day(0)?;
        decode_commit_records(&row.bytes(1)?, |record| records.push((day, record)))
            .map_err(|error| StoreError::damaged("slice_commit_records", "records", day, error))?;
    }
    Ok(AiCommits::of(records))
}

/// The pull requests merged in the window that have one of those commits, by repository and number.
async fn recorded(
    tx: &mut Tx,
    organization: OrganizationId,
    window: Window,
    known: &AiCommits,
) -> Result<HashSet<(i64, u32)>, StoreError> {
    let rows = tx
        .fetch(
            "select day, commits from slice_pull_commits where organization_id = $1 and day between $2 and $3",
            bind![organization, window.from, window.to],
        )
        .await?;
    let mut recorded = HashSet::new();
    for row in &rows {
        let day = row.day(0)?;
        decode_pull_commits(&row.bytes(1)?, |repository, number, mut commits| {
            if commits.any(|commit| known.holds(commit, day)) {
                recorded.insert((repository, number));
            }
        })
        .map_err(|error| StoreError::damaged("slice_pull_commits", "commits", day, error))?;
    }
    Ok(recorded)
}
