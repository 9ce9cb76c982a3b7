//! Refuses query fields that the route's description does not name: a misspelt filter must not be passed over in silence.

use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use url::form_urlencoded;

pub(crate) async fn known_queries(State(known): State<Arc<[String]>>, request: Request, next: Next) -> Result<Response, Problem> {
    check(request.uri().query().unwrap_or(""), &known)?;
    Ok(next.run(request).await)
}

fn check(query: &str, known: &[String]) -> Result<(), Problem> {
    let mut seen: Vec<String> = Vec::new();
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        let shown: String = key.chars().take(40).collect();
        if !known.iter().any(|name| *name == key) {
            let send = if known.is_empty() { "send none".to_owned() } else { format!("send {}", known.join(", ")) };
            return Err(Problem::field(&shown, format!("is not known: {send}")));
        }
        if seen.iter().any(|name| *name == key) {
            return Err(Problem::field(&shown, "is given twice: send it once"));
        }
        // PostgreSQL cannot hold one in a text.
        if value.contains('\0') {
            return Err(Problem::field(&shown, "holds the character U+0000, which no text may hold"));
        }
        seen.push(key.into_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn what_no_description_names_comes_twice_or_holds_a_nul_is_refused() {
        let known = ["limit".to_owned(), "search".to_owned()];
        assert!(check("", &known).is_ok() && check("limit=1&search=a%26b", &known).is_ok());
        for (query, words) in [
            ("limt=1", "`limt`: is not known: send limit, search"),
            ("limit=1&limit=2", "`limit`: is given twice"),
            ("search=a%00", "U+0000"),
        ] {
            let problem = check(query, &known).unwrap_err();
            assert!(problem.detail.contains(words), "{}", problem.detail);
        }
        assert!(check("a=1", &[]).unwrap_err().detail.contains("send none"));
    }
}
