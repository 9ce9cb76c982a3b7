//! `/api/v1/audit`: who did what, newest first.

use super::body::Json;
use super::names::ActionName;
use super::paging::{Page, PageQuery};
use super::query::Query;
use crate::app::Site;
use crate::audit_log::Asked;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use tacho_domain::Permission;
use tacho_domain::audit::Actor;
use tacho_store::AuditRow;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::api(Gate::Needs(Permission::ViewAudit), routes!(list_audit))]
}

/// Something that was done. It is never changed or taken away.
#[derive(Debug, Serialize, ToSchema)]
struct AuditEntry {
    id: i64,
    #[schema(format = DateTime)]
    at: String,
    actor: AuditActor,
    /// What was done; stays the same.
    #[schema(value_type = ActionName, example = "role_changed")]
    action: &'static str,
    /// The same in words.
    #[schema(example = "changed a role")]
    action_words: &'static str,
    /// To whom or what.
    #[schema(example = "ben@example.com")]
    target: String,
    /// More about it; never a secret.
    #[schema(value_type = Object, example = json!({"from": "member", "to": "lead"}))]
    detail: Value,
    /// The network address it came from; empty on the command line.
    #[schema(example = "203.0.113.7")]
    address: String,
    /// What the server's log calls the request; empty on the command line.
    request_id: String,
}

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
struct AuditActor {
    kind: ActorKind,
    /// The user's number.
    #[schema(required)]
    id: Option<i64>,
    /// The user's e-mail address at that time, or the token's name.
    #[schema(required, example = "ada@example.com")]
    name: Option<String>,
}

/// What somebody was.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ActorKind {
    /// Somebody signed in, or a token of theirs.
    User,
    /// An API token that belongs to nobody in particular.
    Token,
    /// Whoever runs the server, on its command line.
    Operator,
    /// Somebody who was not signed in.
    Visitor,
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        let (kind, id, name) = match row.actor {
            Actor::User { id, email } => (ActorKind::User, Some(id.0), Some(email)),
            Actor::Token { name } => (ActorKind::Token, None, Some(name)),
            Actor::Operator => (ActorKind::Operator, None, None),
            Actor::Visitor => (ActorKind::Visitor, None, None),
        };
        Self {
            id: row.id,
            at: row.at.to_string(),
            actor: AuditActor { kind, id, name },
            action: row.action.as_str(),
            action_words: row.action.describe(),
            target: row.target,
            detail: row.detail,
            address: row.address,
            request_id: row.request_id,
        }
    }
}

/// The audit log, newest first.
#[utoipa::path(get, path = "/api/v1/audit", params(Asked, PageQuery),
    responses((status = 200, description = "A page of the log.", body = Page<AuditEntry>)))]
async fn list_audit(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<Asked>,
    page: PageQuery,
) -> Result<Json<Page<AuditEntry>>, Problem> {
    let rows = asked.rows(&site, &caller, page.after, page.limit + 1).await?;
    Ok(Json(Page::of(rows, &page, |row| row.id, AuditEntry::from)))
}
