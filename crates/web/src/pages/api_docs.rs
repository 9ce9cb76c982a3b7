//! The API's documentation: made from its description, without script and without anything from elsewhere.

use super::{Frame, Piece, pieces, show};
use crate::api::v1::body::Json;
use crate::assets::Theme;
use crate::openapi::{DESCRIPTION, ShownTag, shown};
use crate::problem::Problem;
use askama::Template;
use axum::response::Response;
use http::HeaderMap;
use utoipa::openapi::OpenApi;

#[derive(Template)]
#[template(path = "api_docs.html")]
struct ApiDocs {
    frame: Frame,
    groups: Vec<ShownTag>,
}

/// This documentation as a page.
#[utoipa::path(get, path = "/api/docs", responses((status = 200, description = "The page.", body = String, content_type = "text/html")))]
pub(crate) async fn api_docs(headers: HeaderMap) -> Result<Response, Problem> {
    show(&ApiDocs { frame: Frame::new("REST API", "", Theme::of(&headers)), groups: shown() })
}

/// This description, `OpenAPI` 3.1.
#[utoipa::path(get, path = "/api/openapi.json", responses((status = 200, description = "The document.", body = Object)))]
pub(crate) async fn openapi_json() -> Json<&'static OpenApi> {
    Json(&DESCRIPTION)
}

/// A sentence, cut for the template.
fn cut(sentence: &str) -> Vec<Piece> {
    pieces(sentence)
}
