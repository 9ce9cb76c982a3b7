//! Invitations: made for an e-mail address and a role, shown once as a link to pass on, revoked while they wait.

use super::{HERE, Made, Shown, page, whole};
use crate::app::Site;
use crate::caller::Caller;
use crate::memberships::{self, may_grant};
use crate::pages::form::{Errors, Form, email};
use crate::pages::said;
use crate::problem::Problem;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use tacho_domain::Role;

/// `POST /settings/users/invite`.
pub(crate) async fn invite(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    let typed = form.text("email");
    let mut errors = Errors::default();
    let address = errors.take("email", email(typed));
    let role = errors.take("role", role(&caller, form.text("role")));
    if let (Some(address), Some(role)) = (address, role) {
        match memberships::invite(&site, &caller, &address, role).await {
            Ok(path) => {
                let made = Made {
                    heading: format!("The invitation for {address}"),
                    text: "Pass this link on by a way that only they read. It works once, for 7 days, and is shown only now."
                        .into(),
                    link: whole(&site, &headers, &path),
                };
                return page(&site, &caller, &headers, Shown { made: Some(made), ..Shown::default() }).await;
            }
            Err(problem) => errors = Errors::of_problem(problem, "email")?,
        }
    }
    page(&site, &caller, &headers, Shown { errors, email: typed, role, ..Shown::default() }).await
}

/// A role that the caller may give.
pub(super) fn role(caller: &Caller, name: &str) -> Result<Role, String> {
    let role = Role::parse(name).ok_or_else(|| "Choose a role.".to_owned())?;
    if may_grant(caller, role) { Ok(role) } else { Err(format!("Only an owner makes somebody `{role}`.")) }
}

/// `POST /settings/users/invitations/revoke`.
pub(crate) async fn revoke(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    memberships::withdraw(&site, &caller, form.text("email")).await?;
    Ok(said::back(HERE, "revoked"))
}
