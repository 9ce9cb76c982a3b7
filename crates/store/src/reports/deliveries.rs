//! Reads deliveries: pull requests, changed files and deployments, and the days on which people used tools. Days that were read
//! before are remembered.

use super::Asked;
use super::packed::heads;
use super::remembered::{Recalled, packed};
use crate::StoreError;
use crate::day_memory::{Remember, SliceKey, Stamped};
use crate::reports::told::Told;
use crate::sql::{Tx, bind};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use tacho_domain::Window;
use tacho_domain::delivery::streams::{CHANGED_FILES, DEPLOYMENTS, PULL_REQUESTS, REPOSITORY_TOTALS};
use tacho_domain::delivery::{DeploymentOutcome, DeploymentRow, FileRow, PullRow, Second, UseDays, decode_files, decode_pulls};
use tacho_domain::reports::delivery::VendorTotal;

/// The pull requests merged in a window, by day and by the moment of the merge. One that two integrations both read is taken
/// once.
pub(super) async fn pulls(tx: &mut Tx, told: &Told, window: Window) -> Result<Vec<PullRow>, StoreError> {
    let sql = "select day, integration_id, stream, pulls from slice_pull_requests
               where organization_id = $1 and day between $2 and $3";
    let unpack = |bytes: &[u8]| {
        let mut pulls: Vec<PullRow> = Vec::new();
        decode_pulls(bytes, |pull| pulls.push(pull))?;
        pulls.sort_unstable_by_key(by_merge);
        Ok(pulls.into())
    };
    let days: Vec<(SliceKey, Arc<[PullRow]>)> =
        packed(tx, told.slices(PULL_REQUESTS, window), sql, ("slice_pull_requests", "pulls"), unpack).await?;
    let mut pulls = joined(&days, |pull| (pull.repository, pull.number));
    // Of a day that two integrations read they come one after the other.
    if !pulls.is_sorted_by_key(by_merge) {
        pulls.sort_unstable_by_key(by_merge);
    }
    Ok(pulls)
}

fn by_merge(pull: &PullRow) -> (Second, i64, u32) {
    (pull.merged_at, pull.repository, pull.number)
}

/// The files that pull requests changed that were merged in a window.
pub(super) async fn files(tx: &mut Tx, told: &Told, window: Window) -> Result<Vec<FileRow>, StoreError> {
    let sql = "select day, integration_id, stream, files from slice_changed_files
               where organization_id = $1 and day between $2 and $3";
    let unpack = |bytes: &[u8]| {
        let mut files: Vec<FileRow> = Vec::new();
        decode_files(bytes, |file| files.push(file))?;
        Ok(files.into())
    };
    let days: Vec<(SliceKey, Arc<[FileRow]>)> =
        packed(tx, told.slices(CHANGED_FILES, window), sql, ("slice_changed_files", "files"), unpack).await?;
    Ok(joined(&days, |file| (file.repository, file.number)))
}

/// The rows of all days. What an earlier slice of the same day has of a pull request goes before what a later one has.
fn joined<T: Copy>(slices: &[(SliceKey, Arc<[T]>)], pull: impl Fn(&T) -> (i64, u32)) -> Vec<T> {
    let mut rows: Vec<T> = Vec::with_capacity(slices.iter().map(|(_, slice)| slice.len()).sum());
    for day in slices.chunk_by(|((.., one), _), ((.., two), _)| one == two) {
        let began = rows.len();
        for (_, slice) in day {
            let known: HashSet<(i64, u32)> = rows[began..].iter().map(&pull).collect();
            if known.is_empty() {
                rows.extend_from_slice(slice);
            } else {
                rows.extend(slice.iter().filter(|row| !known.contains(&pull(row))));
            }
        }
    }
    rows
}

/// The deployments of a slice, each with the host's key, by repository and key.
#[derive(Debug, Clone, Default)]
struct Deployments(Arc<[(DeploymentRow, Box<str>)]>);

impl Remember for Deployments {
    fn weight(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.0) + self.0.iter().map(|(_, key)| key.len()).sum::<usize>()
    }
}

/// The deployments that began in a window, each once: of two integrations that both read one, what the newer one told.
pub(super) async fn deployments(tx: &mut Tx, told: &Told, window: Window) -> Result<Vec<DeploymentRow>, StoreError> {
    let recalled: Recalled<Deployments> = Recalled::of(tx, told.slices(DEPLOYMENTS, window));
    let mut found: HashMap<SliceKey, Deployments> = HashMap::new();
    if let Some(stretch) = recalled.lacks() {
        let sql = "select day, integration_id, stream, repository_id, key, created_at, finished_at, outcome from deployments
                   where organization_id = $1 and day between $2 and $3";
        let mut slices: HashMap<SliceKey, Vec<(DeploymentRow, Box<str>)>> = HashMap::new();
        for row in tx.fetch(sql, bind![stretch.organization, stretch.from, stretch.to]).await? {
            let (key, outcome) = (row.text(4)?.into_boxed_str(), row.text(7)?);
            let unknown = || StoreError::damaged("deployments", "outcome", &key, format!("`{outcome}`"));
            let deployment = DeploymentRow {
                repository: row.int(3)?,
                created_at: Second::of(row.instant(5)?),
                finished_at: row.maybe_instant(6)?.map(Second::of),
                outcome: DeploymentOutcome::parse(&outcome).ok_or_else(unknown)?,
            };
            slices.entry(stretch.key(&row)?).or_default().push((deployment, key));
        }
        for (slice, mut deployments) in slices {
            deployments.sort_unstable_by(|one, two| by_key(one).cmp(&by_key(two)));
            found.insert(slice, Deployments(deployments.into()));
        }
    }
    Ok(each_once(&recalled.filled(tx, found)))
}

fn by_key((deployment, key): &(DeploymentRow, Box<str>)) -> (i64, &str) {
    (deployment.repository, key)
}

fn each_once(slices: &[(SliceKey, Deployments)]) -> Vec<DeploymentRow> {
    let mut all = Vec::with_capacity(slices.iter().map(|(_, slice)| slice.0.len()).sum());
    for day in slices.chunk_by(|((.., one), _), ((.., two), _)| one == two) {
        // The newest integration first; the order of those of the same key stays.
        let mut rows: Vec<&(DeploymentRow, Box<str>)> = day.iter().rev().flat_map(|(_, slice)| slice.0.iter()).collect();
        if day.len() > 1 {
            rows.sort_by(|one, two| by_key(one).cmp(&by_key(two)));
            rows.dedup_by(|later, earlier| by_key(later) == by_key(earlier));
        }
        all.extend(rows.into_iter().map(|(deployment, _)| *deployment));
    }
    all
}

/// What repositories are called.
pub(super) async fn repositories(tx: &mut Tx, asked: &Asked<'_>) -> Result<BTreeMap<i64, String>, StoreError> {
    let sql = "select id, name from repositories where organization_id = $1";
    let rows = tx.fetch(sql, bind![asked.question.organization]).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.text(1)?))).collect()
}

/// Who was active in a slice, as it is packed.
#[derive(Debug, Clone, Default)]
struct Active(Arc<[u8]>);

impl Remember for Active {
    fn weight(&self) -> usize {
        self.0.weight()
    }
}

/// On which days of a window people used the tools that are asked for.
pub(super) async fn use_days(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<UseDays, StoreError> {
    let heads = heads(tx, asked.question, window).await?;
    let knowing = heads.into_iter().filter(|head| head.knows_activity);
    let slices: Vec<Stamped> = knowing.map(|head| (head.key, head.stamp)).collect();
    let sql = "select day, integration_id, stream, active from slice_people
               where organization_id = $1 and day between $2 and $3";
    let unpack = |bytes: &[u8]| Ok(Active(bytes.into()));
    let active = packed(tx, slices, sql, ("slice_people", "active"), unpack).await?;
    Ok(UseDays::of(window, asked.directory, active.iter().map(|((.., day), active)| (*day, &*active.0))))
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
