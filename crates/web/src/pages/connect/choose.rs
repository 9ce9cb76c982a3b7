//! Which tool?

use crate::app::Site;
use crate::caller::Caller;
use crate::integrations::{Whose, list};
use crate::pages::badge::{Badge, badge};
use crate::pages::{Frame, show};
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;

/// A connector to choose.
struct Choice {
    id: String,
    name: String,
    tool: Badge,
    credential: String,
    ways: String,
    connected: usize,
}

#[derive(Template)]
#[template(path = "integrations/choose.html")]
struct ChoosePage {
    frame: Frame,
    choices: Vec<Choice>,
}

pub(super) async fn choose(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let known = list(&site, &caller, Whose::Organization).await?;
    let providers = site.sign_on().providers();
    let choices = site.connections().connectors().into_iter().map(|card| {
        let provider = providers.iter().find(|provider| provider.connects && Some(&provider.id) == card.sign_in.as_ref());
        let ways: Vec<String> = [
            provider.map(|provider| format!("sign in with {}", provider.label)),
            card.app.as_ref().map(|app| format!("use a {}", app.name)),
            Some(format!("paste the {}", card.credential)),
        ]
        .into_iter()
        .flatten()
        .collect();
        Choice {
            connected: known.iter().filter(|integration| integration.connector == card.id).count(),
            tool: badge(&card.tool, &site),
            ways: ways.join(", or "),
            id: card.id,
            name: card.name,
            credential: card.credential,
        }
    });
    show(&ChoosePage {
        choices: choices.collect(),
        frame: Frame::of(&site, &caller, "Connect a tool", "/settings/integrations/connect", &headers).await?,
    })
}
