//! A card as words and as a picture.

use crate::problem::Problem;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tacho_domain::share::SharedCard;
use tacho_render::words::{NO_DATA, count, window};
use tacho_render::{ShareCard, png, share_card};

/// Pictures that are kept: some 60 KB each.
const MOST: usize = 100;

/// The pictures of links that were asked for lately, by the hash of the link's secret. They never change; whether a link
/// still works, the store is asked each time.
#[derive(Default)]
pub(crate) struct Pictures(Mutex<HashMap<Vec<u8>, Arc<[u8]>>>);

impl Pictures {
    /// The picture of a link.
    pub(super) async fn of(&self, hash: &[u8], card: &SharedCard) -> Result<Arc<[u8]>, Problem> {
        let kept = self.kept().get(hash).cloned();
        if let Some(picture) = kept {
            return Ok(picture);
        }
        let picture: Arc<[u8]> = drawn(card).await?.into();
        let mut kept = self.kept();
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(hash.to_vec(), Arc::clone(&picture));
        Ok(picture)
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Arc<[u8]>>> {
        // Whoever panicked left whole pictures behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The card as a picture of 1200 by 627. Drawing takes a processor some time, so it is done beside the server's own work.
pub(super) async fn drawn(card: &SharedCard) -> Result<Vec<u8>, Problem> {
    let card = ShareCard {
        name: card.name.clone(),
        organization: card.organization.clone(),
        window: window(card.window()),
        interactions: card.interactions,
        active_days: card.active_days,
        days: card.window().len(),
        top_tool: card.top_tool.clone(),
        heatmap: card.heatmap(),
    };
    let made = tokio::task::spawn_blocking(move || png(&share_card(&card), 1.0)).await;
    made.map_err(|error| Problem::internal(&error))?.map_err(|error| Problem::internal(&error))
}

/// A picture as an answer; with a file name where it is to be kept.
pub(super) fn answer(picture: &[u8], file: Option<&str>) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "image/png")], picture.to_vec()).into_response();
    if let Some(value) = file.and_then(|name| HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).ok()) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// The numbers as a page shows them.
pub(super) struct Numbers {
    pub(super) interactions: String,
    pub(super) active_days: String,
    pub(super) top_tool: String,
    pub(super) window: String,
}

impl Numbers {
    pub(super) fn of(card: &SharedCard) -> Self {
        Self {
            interactions: card.interactions.map_or_else(|| NO_DATA.to_owned(), count),
            active_days: format!("{} of {}", card.active_days, card.window().len()),
            top_tool: card.top_tool.clone().unwrap_or_else(|| NO_DATA.to_owned()),
            window: window(card.window()),
        }
    }

    /// The picture in words.
    pub(super) fn sentence(&self) -> String {
        let Self { interactions, active_days, top_tool, window } = self;
        format!("{interactions} interactions with AI coding tools, {active_days} days active, top tool {top_tool}; {window}.")
    }
}
