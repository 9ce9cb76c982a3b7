//! Single pull requests: what is known of one, and why it is counted.

use crate::sql::{Row, Tx, bind};
use crate::{Store, StoreError};
use tacho_domain::delivery::{AuthorKind, PullRequestFact, Repository, Signal, SignalKind};
use tacho_domain::{IdentityKind, IdentityRef, OrganizationId, SubjectId};

/// A merged pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// What the host told. Whom it credits is called as they are called today; pseudonymised people by their pseudonym.
    pub fact: PullRequestFact,
    /// Who is credited: a member, or the identity that nobody matched.
    pub author: Option<SubjectId>,
}

/// The columns that [`pull_request`] reads.
const PULL_REQUEST: &str = "p.day, p.repository_id, coalesce(r.name, ''), p.number, p.author_kind, i.kind, i.key, i.label,
    i.id, i.member_id, p.created_at, p.ready_at, p.merged_at, p.first_commit_at, p.last_commit_at, p.first_review_at,
    p.last_approval_at, p.approvals, p.additions, p.deletions, p.changed_files, p.commits, p.labels, p.signals,
    p.merge_commit, p.reverts_number, p.reverts_commit, p.truncated";

/// With the repository's name and whom it credits.
const FROM: &str = "pull_requests p
    left join repositories r on r.organization_id = p.organization_id and r.id = p.repository_id
    left join identities i on i.organization_id = p.organization_id and i.id = p.author_id";

impl Store {
    /// The merged pull request of that number. Two integrations that both read it tell the same; the newer one is heard.
    pub async fn find_pull_request(
        &self,
        organization: OrganizationId,
        repository: i64,
        number: u32,
    ) -> Result<Option<PullRequest>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let found = find(&mut tx, organization, repository, number).await?;
        tx.commit().await?;
        Ok(found)
    }
}

pub(crate) async fn find(
    tx: &mut Tx,
    organization: OrganizationId,
    repository: i64,
    number: u32,
) -> Result<Option<PullRequest>, StoreError> {
    let sql = format!(
        "select {PULL_REQUEST} from {FROM}
         where p.organization_id = $1 and p.repository_id = $2 and p.number = $3
         order by p.day desc, p.integration_id desc limit 1"
    );
    tx.find(sql, bind![organization, repository, number]).await?.map(|row| pull_request(&row)).transpose()
}

/// Forgets the names of repositories of which nothing is left.
pub(crate) async fn forget_repositories(tx: &mut Tx, organization: OrganizationId) -> Result<(), StoreError> {
    let sql = "delete from repositories where organization_id = $1
               and not exists (select 1 from pull_requests p where p.organization_id = $1 and p.repository_id = repositories.id)
               and not exists (select 1 from deployments d where d.organization_id = $1 and d.repository_id = repositories.id)";
    tx.execute(sql, bind![organization]).await.map(drop)
}

fn pull_request(row: &Row) -> Result<PullRequest, StoreError> {
    let (repository, number) = (Repository { id: row.int(1)?, name: row.text(2)? }, row.number(3)?);
    let damaged = |column| unknown_word(column, repository.id, number);
    let author_kind = AuthorKind::parse(&row.text(4)?).ok_or_else(|| damaged("author_kind"))?;
    let signals = signals(&row.text(23)?).ok_or_else(|| damaged("signals"))?;
    let author = author(row)?;
    let subject = row.maybe_number(9)?.or(row.maybe_number(8)?).map(SubjectId);
    let fact = PullRequestFact {
        day: row.day(0)?,
        repository,
        number,
        author_kind,
        author,
        created_at: row.instant(10)?,
        ready_at: row.maybe_instant(11)?,
        merged_at: row.instant(12)?,
        first_commit_at: row.maybe_instant(13)?,
        last_commit_at: row.maybe_instant(14)?,
        first_review_at: row.maybe_instant(15)?,
        last_approval_at: row.maybe_instant(16)?,
        approvals: row.number(17)?,
        additions: row.int(18)?,
        deletions: row.int(19)?,
        changed_files: row.int(20)?,
        commits: row.int(21)?,
        labels: row.text(22)?.lines().map(str::to_owned).collect(),
        signals,
        merge_commit: row.maybe_text(24)?,
        reverts_number: row.maybe_number(25)?,
        reverts_commit: row.maybe_text(26)?,
        truncated: row.int(27)? != 0,
    };
    Ok(PullRequest { fact, author: subject })
}

/// A stored word that this version does not know.
pub(crate) fn unknown_word(column: &'static str, repository: i64, number: u32) -> StoreError {
    StoreError::damaged(
        "pull_requests",
        column,
        format!("({repository}, {number})"),
        "holds a word that this version does not know",
    )
}

fn author(row: &Row) -> Result<Option<IdentityRef>, StoreError> {
    let Some(kind) = row.maybe_text(5)? else { return Ok(None) };
    let unknown = || StoreError::damaged("identities", "kind", &kind, "no such kind");
    let kind = IdentityKind::parse(&kind).ok_or_else(unknown)?;
    Ok(Some(IdentityRef { kind, key: row.text(6)?, label: row.text(7)? }))
}

/// What the lines name: kind, blank, agent.
pub(crate) fn signals(lines: &str) -> Option<Vec<Signal>> {
    let signal = |line: &str| {
        let (kind, agent) = line.split_once(' ')?;
        Some(Signal { kind: SignalKind::parse(kind)?, agent: agent.to_owned() })
    };
    lines.lines().map(signal).collect()
}
