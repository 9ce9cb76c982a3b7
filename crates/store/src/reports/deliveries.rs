//! Reads packed deliveries: pull requests, changed files, deployments, and the days on which people used tools.

use super::Asked;
use crate::sql::{Tx, bind};
use crate::{StoreError, slices};
use std::collections::{BTreeMap, HashSet};
use tacho_domain::delivery::streams::{CHANGED_FILES, DEPLOYMENTS, PULL_REQUESTS, REPOSITORY_TOTALS};
use tacho_domain::delivery::{DeploymentOutcome, DeploymentRow, FileRow, PullRow, Second, UseDays, decode_files, decode_pulls};
use tacho_domain::reports::delivery::VendorTotal;
use tacho_domain::{Damaged, Day, Instant, Window};

/// What repository hosts told of the days of a window.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The days of which one told what was merged, and whether it may still be restated.
    pub(super) days: BTreeMap<Day, bool>,
    /// Whether one was asked which files were changed.
    pub(super) files: bool,
    /// Whether one was asked for deployments.
    pub(super) deployments: bool,
    /// When one of them was last read.
    pub(super) last_synced: Option<Instant>,
}

/// Of which days hosts told, by the streams of all integrations.
pub(super) async fn told(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<Told, StoreError> {
    let rows = tx
        .fetch(
            "select s.stream, s.day, s.state, i.last_synced_at from integrations i cross join slices s
             where i.organization_id = $1 and s.organization_id = i.organization_id and s.integration_id = i.id
               and s.stream in ($4, $5, $6) and s.day between $2 and $3",
            bind![asked.question.organization, window.from, window.to, PULL_REQUESTS, CHANGED_FILES, DEPLOYMENTS],
        )
        .await?;
    let mut told = Told::default();
    for row in &rows {
        let (stream, state) = (row.text(0)?, slices::state(&row.text(2)?)?);
        told.last_synced = told.last_synced.max(row.maybe_instant(3)?);
        match stream.as_str() {
            CHANGED_FILES => told.files = true,
            DEPLOYMENTS => told.deployments = true,
            _ if state.is_answered() => *told.days.entry(row.day(1)?).or_default() |= !state.is_settled(),
            _ => {}
        }
    }
    Ok(told)
}

/// The pull requests merged in a window, by day. One that two integrations both read is taken once.
pub(super) async fn pulls(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<Vec<PullRow>, StoreError> {
    let rows = tx
        .fetch(
            "select day, pulls from slice_pull_requests where organization_id = $1 and day between $2 and $3
             order by day, integration_id, stream",
            bind![asked.question.organization, window.from, window.to],
        )
        .await?;
    let mut pulls: Vec<PullRow> = Vec::new();
    let mut day_began = (None, 0);
    for row in &rows {
        let (day, bytes) = (row.day(0)?, row.bytes(1)?);
        if day_began.0 != Some(day) {
            day_began = (Some(day), pulls.len());
        }
        let known: HashSet<(i64, u32)> = pulls[day_began.1..].iter().map(|pull| (pull.repository, pull.number)).collect();
        decode_pulls(&bytes, |pull| {
            if known.is_empty() || !known.contains(&(pull.repository, pull.number)) {
                pulls.push(pull);
            }
        })
        .map_err(|error| damaged("slice_pull_requests", "pulls", day, error))?;
    }
    Ok(pulls)
}

/// The files that pull requests changed that were merged in a window.
pub(super) async fn files(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<Vec<FileRow>, StoreError> {
    let rows = tx
        .fetch(
            "select day, files from slice_changed_files where organization_id = $1 and day between $2 and $3
             order by day, integration_id, stream",
            bind![asked.question.organization, window.from, window.to],
        )
        .await?;
    let mut files: Vec<FileRow> = Vec::new();
    let mut day_began = (None, 0);
    for row in &rows {
        let (day, bytes) = (row.day(0)?, row.bytes(1)?);
        if day_began.0 != Some(day) {
            day_began = (Some(day), files.len());
        }
        let known: HashSet<(i64, u32)> = files[day_began.1..].iter().map(|file| (file.repository, file.number)).collect();
        decode_files(&bytes, |file| {
            if known.is_empty() || !known.contains(&(file.repository, file.number)) {
                files.push(file);
            }
        })
        .map_err(|error| damaged("slice_changed_files", "files", day, error))?;
    }
    Ok(files)
}

/// The deployments that began in a window, each once.
pub(super) async fn deployments(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<Vec<DeploymentRow>, StoreError> {
    let rows = tx
        .fetch(
            "select repository_id, key, created_at, finished_at, outcome from deployments
             where organization_id = $1 and day between $2 and $3 order by day, repository_id, key, integration_id desc",
            bind![asked.question.organization, window.from, window.to],
        )
        .await?;
    let mut deployments = Vec::with_capacity(rows.len());
    let mut last: Option<(i64, String)> = None;
    for row in &rows {
        let (repository, key, outcome) = (row.int(0)?, row.text(1)?, row.text(4)?);
        let same = last.as_ref().is_some_and(|(of, known)| *of == repository && *known == key);
        if !same {
            let unknown = || StoreError::damaged("deployments", "outcome", &key, format!("`{outcome}`"));
            deployments.push(DeploymentRow {
                repository,
                created_at: Second::of(row.instant(2)?),
                finished_at: row.maybe_instant(3)?.map(Second::of),
                outcome: DeploymentOutcome::parse(&outcome).ok_or_else(unknown)?,
            });
            last = Some((repository, key));
        }
    }
    Ok(deployments)
}

/// What repositories are called.
pub(super) async fn repositories(tx: &mut Tx, asked: &Asked<'_>) -> Result<BTreeMap<i64, String>, StoreError> {
    let sql = "select id, name from repositories where organization_id = $1";
    let rows = tx.fetch(sql, bind![asked.question.organization]).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.text(1)?))).collect()
}

/// On which days of a window people used the tools that are asked for.
pub(super) async fn use_days(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<UseDays, StoreError> {
    let rows = tx
        .fetch(
            "select r.day, r.tool, p.active from slice_rollups r
             join slice_people p on p.organization_id = r.organization_id and p.day = r.day
                  and p.integration_id = r.integration_id and p.stream = r.stream
             where r.organization_id = $1 and r.day between $2 and $3 and p.day between $2 and $3 and r.knows_activity = 1",
            bind![asked.question.organization, window.from, window.to],
        )
        .await?;
    let mut days = UseDays::over(window);
    for row in &rows {
        if asked.question.asks_for(&tacho_domain::ToolId(row.text(1)?.into())) {
            days.add(row.day(0)?, asked.directory, &row.bytes(2)?);
        }
    }
    Ok(days)
}

/// Hosts' own totals over a window, by name.
pub(super) async fn totals(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<Vec<VendorTotal>, StoreError> {
    let rows = tx
        .fetch(
            "select t.name, cast(sum(t.value) as bigint), count(distinct t.day) from integrations i cross join usage_totals t
             where i.organization_id = $1 and t.organization_id = i.organization_id and t.integration_id = i.id
               and t.stream = $4 and t.day between $2 and $3
             group by t.name order by t.name",
            bind![asked.question.organization, window.from, window.to, REPOSITORY_TOTALS],
        )
        .await?;
    rows.iter().map(|row| Ok(VendorTotal { name: row.text(0)?, value: row.int(1)?, days: row.number(2)? })).collect()
}

fn damaged(table: &'static str, column: &'static str, day: Day, error: Damaged) -> StoreError {
    StoreError::damaged(table, column, day, error)
}
