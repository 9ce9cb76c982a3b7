//! What was done, said once after the redirect that follows a form: `?said=saved` is looked up in the page's own list, so that
//! no words of an address ever reach a page.

use axum::response::{IntoResponse, Redirect, Response};
use url::form_urlencoded;

/// Slugs and what a person reads.
pub(crate) type Said = &'static [(&'static str, &'static str)];

/// Sends the browser back to a page of ours, which then says it.
pub(crate) fn back(path: &str, slug: &str) -> Response {
    let mark = if path.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{path}{mark}said={slug}")).into_response()
}

/// What the query says was done, if the page knows it.
pub(crate) fn heard(query: Option<&str>, known: Said) -> Option<&'static str> {
    let said = form_urlencoded::parse(query?.as_bytes()).find(|(key, _)| key == "said")?.1;
    known.iter().find(|(slug, _)| *slug == said).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_page_knows_is_said() {
        let known: Said = &[("saved", "Saved.")];
        assert_eq!(heard(Some("a=b&said=saved"), known), Some("Saved."));
        assert_eq!(heard(Some("said=%3Cb%3EYou+won"), known), None);
        assert_eq!(heard(None, known), None);
        assert_eq!(back("/settings?tool=a", "saved").headers()["location"], "/settings?tool=a&said=saved");
    }
}
