//! The audit log: added to and read, nothing else. The database itself refuses to change it (migration 2).

use crate::organizations::{hold_records, next_record};
use crate::sql::{Row, Tx, Value, bind, clean};
use crate::{Store, StoreError};
use serde_json::Value as Json;
use std::fmt::Write as _;
use tacho_domain::audit::{Action, Actor};
use tacho_domain::{Instant, OrganizationId, UserId};

/// Something that was done, to be remembered.
#[derive(Debug, Clone, Copy)]
pub struct NewAudit<'a> {
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: &'a Actor,
    /// What.
    pub action: Action,
    /// To whom or what, in words people read.
    pub target: &'a str,
    /// More about it, never a secret.
    pub detail: &'a Json,
    /// The network address it came from; empty on the command line.
    pub address: &'a str,
    /// The request's number in the logs; empty on the command line.
    pub request_id: &'a str,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// Its number in the organization's log; later ones are greater.
    pub id: i64,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// To whom or what.
    pub target: String,
    /// More about it.
    pub detail: Json,
    /// The network address it came from; empty on the command line.
    pub address: String,
    /// The request's number in the logs; empty on the command line.
    pub request_id: String,
}

/// Which rows of the log to read. The default is its newest page.
#[derive(Debug, Clone, Copy)]
pub struct AuditFilter<'a> {
    /// Not before.
    pub from: Option<Instant>,
    /// Before.
    pub to: Option<Instant>,
    /// Only this.
    pub action: Option<Action>,
    /// A part of the e-mail address or name of whoever did it.
    pub actor: Option<&'a str>,
    /// A part of to whom or what it was done.
    pub target: Option<&'a str>,
    /// Only rows before the one of that number: the last one of the page before.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

impl Default for AuditFilter<'_> {
    fn default() -> Self {
        Self { from: None, to: None, action: None, actor: None, target: None, before: None, limit: 50 }
    }
}

impl Store {
    /// Adds to the audit log.
    pub async fn add_audit(&self, organization: OrganizationId, new: &NewAudit<'_>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        add(&mut tx, organization, new).await?;
        tx.commit().await
    }

    /// Adds to the audit log, unless the same actor did the same to the same target since then. Gives whether it was added.
    pub async fn add_audit_once(
        &self,
        organization: OrganizationId,
        new: &NewAudit<'_>,
        since: Instant,
    ) -> Result<bool, StoreError> {
        let (kind, id, name) = stored(new.actor);
        let sql = "select 1 from audit where organization_id = $1 and action = $2 and target = $3 and at >= $4
             and actor_kind = $5 and coalesce(actor_id, 0) = $6 and actor_name = $7";
        let values = bind![organization, new.action.as_str(), new.target, since, kind, id.unwrap_or(UserId(0)), name];
        // Asked before anything waits: a page that is opened again and again costs one reading statement.
        if self.find(sql, values).await?.is_some() {
            return Ok(false);
        }
        let mut tx = self.begin().await?;
        hold_records(&mut tx, organization).await?;
        if tx.find(sql, values).await?.is_some() {
            return Ok(false);
        }
        add(&mut tx, organization, new).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Rows of the audit log, newest first.
    pub async fn list_audit(&self, organization: OrganizationId, filter: &AuditFilter<'_>) -> Result<Vec<AuditRow>, StoreError> {
        let mut sql = "select id, at, actor_kind, actor_id, actor_name, action, target, detail, address, request_id
             from audit where organization_id = $1"
            .to_owned();
        let mut values = bind![organization].to_vec();
        let mut only = |condition: &str, value: Value| {
            values.push(value);
            let _ = write!(sql, " and {condition}{}", values.len());
        };
        if let Some(from) = filter.from {
            only("at >= $", from.into());
        }
        if let Some(to) = filter.to {
            only("at < $", to.into());
        }
        if let Some(action) = filter.action {
            only("action = $", action.as_str().into());
        }
        if let Some(actor) = filter.actor.and_then(part) {
            only("actor_key like $", actor.as_str().into());
        }
        if let Some(target) = filter.target.and_then(part) {
            only("target_key like $", target.as_str().into());
        }
        if let Some(before) = filter.before {
            only("id < $", before.into());
        }
        let _ = write!(sql, " order by id desc limit {}", filter.limit);
        self.fetch(sql, &values).await?.iter().map(audit_row).collect()
    }
}

async fn add(tx: &mut Tx, organization: OrganizationId, new: &NewAudit<'_>) -> Result<(), StoreError> {
    let (kind, actor, name) = stored(new.actor);
    let id = next_record(tx, organization).await?;
    let detail = new.detail.to_string();
    tx.execute(
        "insert into audit (organization_id, id, at, actor_kind, actor_id, actor_name, actor_key, action, target, target_key,
             detail, address, request_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        bind![
            organization,
            id,
            new.at,
            kind,
            actor,
            name,
            search_key(name).as_str(),
            new.action.as_str(),
            new.target,
            search_key(new.target).as_str(),
            detail.as_str(),
            new.address,
            new.request_id
        ],
    )
    .await
    .map(drop)
}

/// What is searched: lower case, and without the signs that mean something in a pattern.
fn search_key(text: &str) -> String {
    clean(text).to_lowercase().replace(['%', '_', '\\'], " ")
}

/// The pattern of a text that holds this one; none where there is nothing to look for.
fn part(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| format!("%{}%", search_key(text)))
}

fn stored(actor: &Actor) -> (&'static str, Option<UserId>, &str) {
    match actor {
        Actor::User { id, email } => ("user", Some(*id), email),
        Actor::Token { name } => ("token", None, name),
        Actor::Operator => ("operator", None, "operator"),
        Actor::Visitor => ("visitor", None, "visitor"),
    }
}

fn audit_row(row: &Row) -> Result<AuditRow, StoreError> {
    let id = row.int(0)?;
    let damaged = |column, text: &str| StoreError::damaged("audit", column, id, format!("`{text}` is not known"));
    let (kind, name, action, detail) = (row.text(2)?, row.text(4)?, row.text(5)?, row.text(7)?);
    let actor = match (kind.as_str(), row.maybe_int(3)?) {
        ("user", Some(user)) => Actor::User { id: UserId(user), email: name },
        ("token", _) => Actor::Token { name },
        ("operator", _) => Actor::Operator,
        ("visitor", _) => Actor::Visitor,
        _ => return Err(damaged("actor_kind", &kind)),
    };
    Ok(AuditRow {
        id,
        at: row.instant(1)?,
        actor,
        action: Action::parse(&action).ok_or_else(|| damaged("action", &action))?,
        target: row.text(6)?,
        detail: serde_json::from_str(&detail).map_err(|_| damaged("detail", &detail))?,
        address: row.text(8)?,
        request_id: row.text(9)?,
    })
}
