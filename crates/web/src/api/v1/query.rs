//! Queries and path parts, read strictly.

use super::body::expected;
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;
use url::form_urlencoded::{Serializer, parse};

/// The fields of a query. An empty value counts as not given. Fields that no description names were refused before.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read(parts.uri.query().unwrap_or("")).map(Self)
    }
}

pub(crate) fn read<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let mut given = Serializer::new(String::new());
    for (key, value) in parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
        given.append_pair(&key, &value);
    }
    let given = given.finish();
    serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(parse(given.as_bytes()))).map_err(|error| {
        let words = error.inner().to_string();
        let missing = words.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        let field = missing.map_or_else(|| error.path().to_string(), str::to_owned);
        let field: String = field.chars().take(40).collect();
        Problem::field(&field, expected(&words))
    })
}

/// The `{names}` of a path. What has not their form names nothing: 404.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(inner)| Self(inner)).map_err(|_| {
            Problem::not_found(
                "There is nothing at this address: a part of it has not the form that is needed, such as a whole number.",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use tacho_domain::{Day, Role};

    #[derive(Debug, Deserialize)]
    struct Asked {
        role: Option<Role>,
        from: Option<Day>,
        count: Option<u32>,
        all: Option<bool>,
    }

    #[test]
    fn fields_are_typed_and_empty_ones_are_not_given() {
        let asked: Asked = read("role=lead&from=2026-11-01&count=&all=true&other=1").unwrap();
        assert_eq!(
            (asked.role, asked.from, asked.count, asked.all),
            (Some(Role::Lead), "2026-11-01".parse().ok(), None, Some(true))
        );
    }

    #[test]
    fn what_cannot_be_read_names_its_field() {
        for (query, field, words) in [
            ("role=king", "role", "`owner`"),
            ("from=soon", "from", "YYYY-MM-DD"),
            ("count=-1", "count", "is not a whole number"),
            ("count=99999999999", "count", "too large"),
            ("all=maybe", "all", "neither `true` nor `false`"),
        ] {
            let problem = read::<Asked>(query).unwrap_err();
            assert_eq!(problem.more["field"], field, "{query}");
            assert!(problem.detail.contains(words), "{query}: {}", problem.detail);
        }
    }
}
