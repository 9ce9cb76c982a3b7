//! Who asks, and what they may.

use crate::asking::Asking;
use crate::problem::Problem;
use http::StatusCode;
use tacho_domain::audit::Actor;
use tacho_domain::{OrganizationId, Permission, Rights, SubjectId, UserId};

/// Who brought the session or the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// Somebody, by session or by a token of their own.
    User {
        id: UserId,
        email: String,
        /// What the token is called, where one was brought.
        token: Option<String>,
    },
    /// A token that belongs to nobody in particular.
    Token { name: String },
}

/// The caller of a request, as the guard found them; handlers take it as `Extension<Caller>`.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) organization: OrganizationId,
    pub(crate) rights: Rights,
    /// The member that the caller is, where somebody said so.
    pub(crate) member: Option<SubjectId>,
    pub(crate) who: Who,
    /// The hash of the session's secret, where the caller brought a session.
    pub(crate) session: Option<Vec<u8>>,
    /// Where the request comes from.
    pub(crate) asking: Asking,
}

impl Caller {
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.rights.may(permission)
    }

    /// Refuses whoever lacks the permission, naming it.
    pub(crate) fn need(&self, permission: Permission) -> Result<(), Problem> {
        if self.may(permission) {
            return Ok(());
        }
        let detail = format!(
            "It takes the permission `{permission}` (to {}), which your role `{}` or your token does not have. An owner or \
             administrator can give you another role.",
            permission.describe(),
            self.rights.role()
        );
        Err(Problem::new(StatusCode::FORBIDDEN, "not-permitted", detail).with("permission", permission.as_str()))
    }

    /// The user, where there is one: a token that belongs to nobody has no account.
    pub(crate) fn user(&self) -> Result<UserId, Problem> {
        match &self.who {
            Who::User { id, .. } => Ok(*id),
            Who::Token { .. } => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "not-permitted",
                "This needs somebody who is signed in; the API token belongs to nobody in particular.",
            )),
        }
    }

    /// What the caller is called: an e-mail address, or a token's name.
    pub(crate) fn name(&self) -> &str {
        match &self.who {
            Who::User { email, .. } => email,
            Who::Token { name } => name,
        }
    }

    /// Who the audit log says did it.
    pub(crate) fn actor(&self) -> Actor {
        match &self.who {
            Who::User { id, email, .. } => Actor::User { id: *id, email: email.clone() },
            Who::Token { name } => Actor::Token { name: name.clone() },
        }
    }
}
