//! The cards: the organization's integrations, and a member's own tools.

use super::SAID;
use super::card::Card;
use crate::app::Site;
use crate::caller::Caller;
use crate::connections::ConnectorCard;
use crate::integrations::{Whose, list, see};
use crate::pages::{Frame, said, show};
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use tacho_domain::Permission;

#[derive(Template)]
#[template(path = "integrations/list.html")]
struct ListPage {
    frame: Frame,
    said: Option<&'static str>,
    cards: Vec<Card>,
    may_connect: bool,
}

pub(super) async fn integrations(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = list(&site, &caller, Whose::Organization).await?;
    let cards = see(&site, &caller, found).await?.iter().map(|seen| Card::of(seen, &site, &caller)).collect();
    show(&ListPage {
        frame: Frame::of(&site, &caller, "Integrations", "/settings/integrations", &headers).await?,
        said: said::heard(query.as_deref(), SAID),
        cards,
        may_connect: caller.may(Permission::ManageIntegrations),
    })
}

#[derive(Template)]
#[template(path = "integrations/tools.html")]
struct ToolsPage {
    frame: Frame,
    said: Option<&'static str>,
    cards: Vec<Card>,
    /// What a member can connect for themselves.
    connectable: Vec<ConnectorCard>,
    /// Name of a connector and why a member cannot.
    others: Vec<(String, String)>,
}

pub(super) async fn tools(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = list(&site, &caller, Whose::Own(caller.user()?)).await?;
    let cards = see(&site, &caller, found).await?.iter().map(|seen| Card::of(seen, &site, &caller)).collect();
    let (connectable, others): (Vec<_>, Vec<_>) =
        site.connections().connectors().into_iter().partition(|card| card.not_personal.is_none());
    show(&ToolsPage {
        frame: Frame::of(&site, &caller, "My tools", "/settings/tools", &headers).await?,
        said: said::heard(query.as_deref(), SAID),
        cards,
        connectable,
        others: others.into_iter().map(|card| (card.name, card.not_personal.unwrap_or_default())).collect(),
    })
}
