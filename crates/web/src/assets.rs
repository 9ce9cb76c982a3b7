//! Stylesheet, script and icon, built in. Their names carry a hash of what they hold, so that browsers keep them for good.

use crate::guard::cookie;
use crate::problem::Problem;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

struct Asset {
    name: String,
    kind: &'static str,
    body: String,
}

fn asset_of(stem: &str, extension: &str, kind: &'static str, parts: &[&str]) -> Asset {
    let body = parts.concat();
    let hash = hex::encode(&Sha256::digest(body.as_bytes())[..6]);
    Asset { name: format!("{stem}-{hash}.{extension}"), kind, body }
}

/// One file a room, sent as one. The marks of charts are those that files are drawn with.
const STYLES: &[&str] = &[
    include_str!("../assets/tacho.css"),
    tacho_render::MARKS,
    include_str!("../assets/charts.css"),
    include_str!("../assets/report.css"),
    include_str!("../assets/forms.css"),
    include_str!("../assets/integrations.css"),
    include_str!("../assets/people.css"),
    include_str!("../assets/share.css"),
    include_str!("../assets/survey.css"),
    include_str!("../assets/api.css"),
];
const SCRIPTS: &[&str] = &[
    include_str!("../assets/tacho.js"),
    // Before those that dress charts: it keeps the page as the server made it.
    include_str!("../assets/live.js"),
    include_str!("../assets/charts.js"),
    include_str!("../assets/report.js"),
    include_str!("../assets/share.js"),
];
/// The icon, as SVG.
pub(crate) const MARK: &str = include_str!("../assets/icon.svg");
/// Which pages a browser may fetch ahead.
const RULES_FILE: &str = include_str!("../assets/rules.json");

static CSS: LazyLock<Asset> = LazyLock::new(|| asset_of("tacho", "css", "text/css; charset=utf-8", STYLES));
static JS: LazyLock<Asset> = LazyLock::new(|| asset_of("tacho", "js", "text/javascript; charset=utf-8", SCRIPTS));
static ICON: LazyLock<Asset> = LazyLock::new(|| asset_of("icon", "svg", "image/svg+xml", &[MARK]));
static RULES: LazyLock<Asset> = LazyLock::new(|| asset_of("rules", "json", "application/speculationrules+json", &[RULES_FILE]));

/// Where the stylesheet is.
pub(crate) fn css() -> String {
    format!("/assets/{}", CSS.name)
}

/// Where the script is.
pub(crate) fn js() -> String {
    format!("/assets/{}", JS.name)
}

/// Where the icon is.
pub(crate) fn icon() -> String {
    format!("/assets/{}", ICON.name)
}

/// Where the rules of fetching ahead are.
pub(crate) fn rules() -> String {
    format!("/assets/{}", RULES.name)
}

pub(crate) async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    let found = [&CSS, &JS, &ICON, &RULES].into_iter().find(|asset| asset.name == name);
    let asset = found.ok_or_else(|| Problem::not_found("There is no such asset."))?;
    let headers = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.body.as_str()).into_response())
}

/// The colours a person chose; the script keeps the choice in a cookie, so that the first paint is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Theme {
    /// As the system says.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        match cookie(headers, "tacho_theme") {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// The value of `data-theme`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}
