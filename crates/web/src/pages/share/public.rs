//! The public page of a link: for anybody who has it, without cookies, not for search engines.

use super::card::{self, Numbers};
use super::place::{absolute, base};
use crate::access::{hash, is_secret};
use crate::app::Site;
use crate::assets;
use crate::pages::show;
use crate::problem::Problem;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue};
use tacho_domain::share::SharedCard;
use tacho_render::words::long_day;
use tacho_store::Share;

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

#[derive(Template)]
#[template(path = "share/public.html")]
struct PublicPage {
    heading: String,
    name: String,
    organization: Option<String>,
    numbers: Numbers,
    /// The picture in words.
    sentence: String,
    made: String,
    ends: String,
    /// Where it is, for sites that show a preview.
    url: String,
    picture: String,
    /// The picture below this server's root.
    local_picture: String,
    css: String,
    icon: String,
}

/// Whoever has no link that works learns nothing more: not whether there ever was one.
fn gone() -> Problem {
    Problem::not_found("There is no such share card, or it has ended.")
}

fn content(share: &Share) -> Result<SharedCard, Problem> {
    serde_json::from_value(share.card.clone()).map_err(|error| Problem::internal(&error))
}

fn unlisted(mut response: Response) -> Response {
    response.headers_mut().insert(ROBOTS, HeaderValue::from_static("noindex, nofollow, noarchive"));
    response
}

/// `GET /s/{token}`.
pub(super) async fn page(State(site): State<Site>, Path(token): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    if !is_secret(&token) {
        return Err(gone());
    }
    let share = site.store().open_share(&hash(&token), site.now()).await?.ok_or_else(gone)?;
    let card = content(&share)?;
    let numbers = Numbers::of(&card);
    let base = base(&site, &headers);
    let (here, picture) = (format!("/s/{token}"), format!("/s/{token}/card.png"));
    show(&PublicPage {
        heading: format!("{} and AI coding tools", card.name),
        sentence: numbers.sentence(),
        numbers,
        made: long_day(share.created_at.day()),
        ends: long_day(share.expires_at.day()),
        url: absolute(base.as_ref(), &here),
        picture: absolute(base.as_ref(), &picture),
        local_picture: picture,
        css: assets::css(),
        icon: assets::icon(),
        name: card.name,
        organization: card.organization,
    })
    .map(unlisted)
}

/// `GET /s/{token}/card.png`.
pub(super) async fn picture(State(site): State<Site>, Path(token): Path<String>) -> Result<Response, Problem> {
    if !is_secret(&token) {
        return Err(gone());
    }
    let hash = hash(&token);
    let share = site.store().find_share(&hash, site.now()).await?.ok_or_else(gone)?;
    let picture = site.pictures().of(&hash, &content(&share)?).await?;
    Ok(unlisted(card::answer(&picture, None)))
}
