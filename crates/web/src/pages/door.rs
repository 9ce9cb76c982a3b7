//! What pages for people with a one-time link have in common: a heading, a form, a button.

use super::form::Field;
use super::{Frame, show};
use crate::assets::Theme;
use crate::problem::Problem;
use askama::Template;
use axum::response::Response;
use http::{HeaderMap, StatusCode};

/// A page with one form.
#[derive(Template)]
#[template(path = "door.html")]
pub(super) struct Door {
    pub(super) frame: Frame,
    pub(super) heading: String,
    pub(super) lead: String,
    pub(super) error: String,
    pub(super) fields: Vec<Field>,
    pub(super) button: &'static str,
    /// Label and address of what to do in the place of the form.
    pub(super) instead: Option<(&'static str, String)>,
}

impl Door {
    pub(super) fn new(headers: &HeaderMap, heading: impl Into<String>, lead: impl Into<String>, button: &'static str) -> Self {
        let heading = heading.into();
        Self {
            frame: Frame::new(&heading, "", Theme::of(headers)),
            heading,
            lead: lead.into(),
            error: String::new(),
            fields: Vec::new(),
            button,
            instead: None,
        }
    }

    /// As a response; a form with something wrong has the status that says so.
    pub(super) fn shown(self) -> Result<Response, Problem> {
        let wrong = !self.error.is_empty() || self.fields.iter().any(|field| field.error.is_some());
        let mut response = show(&self)?;
        if wrong {
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(response)
    }
}
