//! Signing in with a one-time link of the operator. Opening the link shows a button and spends nothing, so that a scanner that
//! follows links in mail or chat does not lock its reader out; pressing the button spends it. It asks for no second factor:
//! it is the way in for whoever lost theirs.

use super::sign_in::{link_hash, spent};
use super::{Frame, show};
use crate::app::Site;
use crate::asking::Asking;
use crate::assets::Theme;
use crate::problem::Problem;
use crate::session::{self, Method};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderMap;
use tacho_store::LinkKind;

#[derive(Template)]
#[template(path = "sign_in_link.html")]
struct SignInLink {
    frame: Frame,
}

/// `GET /sign-in/{secret}`.
pub(crate) async fn offer(Path(secret): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    link_hash(&secret)?;
    show(&SignInLink { frame: Frame::new("Sign in", "", Theme::of(&headers)) })
}

/// `POST /sign-in/{secret}`.
pub(crate) async fn spend(
    State(site): State<Site>,
    Extension(asking): Extension<Asking>,
    Path(secret): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let link = site.store().claim_link(&link_hash(&secret)?, LinkKind::SignIn, site.now()).await?.ok_or_else(spent)?;
    let user = match link.user {
        Some(user) => site.store().find_user(user).await?,
        None => None,
    };
    let user = user.ok_or_else(spent)?;
    session::begin(&site, &headers, &asking, link.organization, &user, Method::LINK.0, "/").await
}
