//! What a slice says of delivery: pull requests, deployments and changed files, as rows and packed.

use super::rows::SLICE_KEY;
use crate::sql::{LIST, Tx, Value, bind, clean, list_of};
use crate::{SliceWrite, StoreError};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use tacho_domain::delivery::{
    ChangedFilesFact, DeploymentFact, FileRow, PullRequestFact, PullRow, Repository, Signal, encode_files, encode_pulls,
};
use tacho_domain::{IdentityId, OrganizationId, StreamRole, WHOLE_ORGANIZATION};

/// A slice's facts of delivery, each key once; of what is named twice the last one stays.
#[derive(Default)]
pub(crate) struct Delivered<'f> {
    /// By repository and number, with who is credited.
    pulls: BTreeMap<(i64, u32), (Option<IdentityId>, &'f PullRequestFact)>,
    /// By repository and the host's id.
    deployments: BTreeMap<(i64, Cow<'f, str>), &'f DeploymentFact>,
    /// By repository and number.
    files: BTreeMap<(i64, u32), &'f ChangedFilesFact>,
    /// Made where they are first asked for, when every fact is here.
    packed_pulls: OnceLock<Vec<u8>>,
    packed_files: OnceLock<Vec<u8>>,
}

impl<'f> Delivered<'f> {
    pub(super) fn add_pull(&mut self, identity: u32, fact: &'f PullRequestFact) {
        let author = Some(IdentityId(identity)).filter(|author| *author != WHOLE_ORGANIZATION);
        self.pulls.insert((fact.repository.id, fact.number), (author, fact));
    }

    pub(super) fn add_deployment(&mut self, fact: &'f DeploymentFact) {
        self.deployments.insert((fact.repository.id, clean(&fact.key)), fact);
    }

    pub(super) fn add_files(&mut self, fact: &'f ChangedFilesFact) {
        self.files.insert((fact.repository, fact.number), fact);
    }

    pub(super) fn len(&self) -> usize {
        self.pulls.len() + self.deployments.len() + self.files.len()
    }

    /// The pull requests, packed.
    pub(super) fn packed_pulls(&self) -> &[u8] {
        let rows = || self.pulls.values().map(|(author, fact)| PullRow::new(fact, *author)).collect::<Vec<_>>();
        self.packed_pulls.get_or_init(|| encode_pulls(&rows()))
    }

    /// The changed files, packed.
    pub(super) fn packed_files(&self) -> &[u8] {
        self.packed_files.get_or_init(|| encode_files(&self.file_rows()))
    }

    fn file_rows(&self) -> Vec<FileRow> {
        let of = |fact: &ChangedFilesFact, &(file, lines): &(u64, u32)| FileRow {
            repository: fact.repository,
            number: fact.number,
            file,
            lines,
        };
        self.files.values().flat_map(|fact| fact.files.iter().map(|file| of(fact, file))).collect()
    }

    /// By repository and the host's id.
    pub(super) fn deployments(&self) -> &BTreeMap<(i64, Cow<'f, str>), &'f DeploymentFact> {
        &self.deployments
    }

    /// What the facts call each repository, by its id: in one order for whoever writes them at the same time.
    fn repositories(&self) -> BTreeMap<i64, &'f str> {
        let of_pulls = self.pulls.values().map(|(_, fact)| &fact.repository);
        let named = of_pulls.chain(self.deployments.values().map(|fact| &fact.repository));
        named.map(|Repository { id, name }| (*id, name.as_str())).collect()
    }
}

/// Writes the rows, the packed values and the repositories' names of a slice whose old rows are gone. What is evidence only
/// is not packed: no figure is made of it.
pub(super) async fn write(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Delivered<'_>,
) -> Result<(), StoreError> {
    if rows.len() == 0 {
        return Ok(());
    }
    name_repositories(tx, organization, write, &rows.repositories()).await?;
    write_pulls(tx, organization, write, rows).await?;
    write_deployments(tx, organization, write, rows).await?;
    if write.role == StreamRole::Delivery { pack(tx, organization, write, rows).await } else { Ok(()) }
}

async fn pack(tx: &mut Tx, organization: OrganizationId, write: &SliceWrite<'_>, rows: &Delivered<'_>) -> Result<(), StoreError> {
    let key = bind![organization, write.day, write.integration, write.stream];
    if !rows.pulls.is_empty() {
        let values = [&key[..], bind![rows.packed_pulls()]].concat();
        let sql =
            "insert into slice_pull_requests (organization_id, day, integration_id, stream, pulls) values ($1, $2, $3, $4, $5)";
        tx.execute(sql, &values).await?;
    }
    if !rows.files.is_empty() {
        let values = [&key[..], bind![rows.packed_files()]].concat();
        let sql =
            "insert into slice_changed_files (organization_id, day, integration_id, stream, files) values ($1, $2, $3, $4, $5)";
        tx.execute(sql, &values).await?;
    }
    Ok(())
}

/// Notes names that are new or newer. Most slices change none, and lock nothing then.
async fn name_repositories(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    named: &BTreeMap<i64, &str>,
) -> Result<(), StoreError> {
    let mut known: BTreeMap<i64, String> = BTreeMap::new();
    let ids: Vec<i64> = named.keys().copied().collect();
    for chunk in ids.chunks(LIST) {
        let mut values = bind![organization].to_vec();
        values.extend(chunk.iter().map(|id| Value::from(*id)));
        let list = list_of(2, &mut values);
        let sql = format!("select id, name from repositories where organization_id = $1 and id in ({list})");
        for row in tx.fetch(sql, &values).await? {
            known.insert(row.int(0)?, row.text(1)?);
        }
    }
    for (id, name) in named {
        let name = clean(name);
        if known.get(id).is_none_or(|known| *known != name) {
            tx.execute(
                "insert into repositories (organization_id, id, name, named_at) values ($1, $2, $3, $4)
                 on conflict (organization_id, id) do update set name = excluded.name, named_at = excluded.named_at
                 where repositories.named_at <= excluded.named_at",
                bind![organization, *id, name.as_ref(), write.fetched_at],
            )
            .await?;
        }
    }
    Ok(())
}

async fn write_pulls(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Delivered<'_>,
) -> Result<(), StoreError> {
    if rows.pulls.is_empty() {
        return Ok(());
    }
    let rest = [
        "repository_id",
        "number",
        "author_kind",
        "author_id",
        "created_at",
        "ready_at",
        "merged_at",
        "first_commit_at",
        "last_commit_at",
        "first_review_at",
        "last_approval_at",
        "approvals",
        "additions",
        "deletions",
        "changed_files",
        "commits",
        "labels",
        "signals",
        "merge_commit",
        "reverts_number",
        "reverts_commit",
        "truncated",
    ];
    let columns: Vec<&str> = SLICE_KEY.into_iter().chain(rest).collect();
    let mut loader = tx.loader("pull_requests", &columns);
    for (author, fact) in rows.pulls.values() {
        loader.slice_key(organization, write)?;
        loader.int(fact.repository.id)?;
        loader.int(i64::from(fact.number))?;
        loader.text(fact.author_kind.as_str())?;
        loader.int(author.map(|author| i64::from(author.0)))?;
        loader.int(fact.created_at.0)?;
        loader.int(fact.ready_at.map(|at| at.0))?;
        loader.int(fact.merged_at.0)?;
        for at in [fact.first_commit_at, fact.last_commit_at, fact.first_review_at, fact.last_approval_at] {
            loader.int(at.map(|at| at.0))?;
        }
        loader.int(i64::from(fact.approvals))?;
        for count in [fact.additions, fact.deletions, fact.changed_files, fact.commits] {
            loader.int(count)?;
        }
        loader.text(lines(&fact.labels).as_str())?;
        loader.text(signals(&fact.signals).as_str())?;
        loader.text(fact.merge_commit.as_deref())?;
        loader.int(fact.reverts_number.map(i64::from))?;
        loader.text(fact.reverts_commit.as_deref())?;
        loader.int(i64::from(fact.truncated))?;
        loader.end_row().await?;
    }
    loader.finish().await.map(drop)
}

async fn write_deployments(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Delivered<'_>,
) -> Result<(), StoreError> {
    if rows.deployments.is_empty() {
        return Ok(());
    }
    let rest = ["repository_id", "key", "created_at", "finished_at", "outcome", "commit_oid"];
    let columns: Vec<&str> = SLICE_KEY.into_iter().chain(rest).collect();
    let mut loader = tx.loader("deployments", &columns);
    for fact in rows.deployments.values() {
        loader.slice_key(organization, write)?;
        loader.int(fact.repository.id)?;
        loader.text(fact.key.as_str())?;
        loader.int(fact.created_at.0)?;
        loader.int(fact.finished_at.map(|at| at.0))?;
        loader.text(fact.outcome.as_str())?;
        loader.text(fact.commit.as_deref())?;
        loader.end_row().await?;
    }
    loader.finish().await.map(drop)
}

/// One a line; no host allows a line's end in a label.
fn lines(labels: &[String]) -> String {
    labels.iter().map(|label| label.replace(['\n', '\r'], " ")).collect::<Vec<_>>().join("\n")
}

fn signals(signals: &[Signal]) -> String {
    signals.iter().map(|signal| format!("{} {}", signal.kind.as_str(), signal.agent)).collect::<Vec<_>>().join("\n")
}
