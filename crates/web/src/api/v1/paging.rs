//! Lists in pages: `?limit=50&after=<cursor>` gives `{"items": [...], "next": "<cursor>" | null}`. A cursor is the key of the last
//! item, so that what is added or removed meanwhile shifts nothing.

use super::query;
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Items on a page, where nobody asks for a number.
const USUAL: u32 = 50;
/// The most that one page gives.
pub(crate) const MOST: u32 = 200;

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Items on the page.
    #[param(required = false, default = 50, minimum = 1, maximum = 200)]
    pub(crate) limit: u32,
    /// The `next` of the page before; nothing for the first page.
    #[param(required = false, nullable = false, value_type = String, pattern = "^[0-9]{1,18}$", example = "120")]
    pub(crate) after: Option<i64>,
}

impl<S: Send + Sync> FromRequestParts<S> for PageQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::read(parts.uri.query().unwrap_or(""))
    }
}

impl PageQuery {
    fn read(query: &str) -> Result<Self, Problem> {
        #[derive(Deserialize)]
        struct Given {
            limit: Option<String>,
            after: Option<String>,
        }
        let given: Given = query::read(query)?;
        let limit = given.limit.map(|text| text.parse().ok().filter(|limit| (1..=MOST).contains(limit)));
        let limit = limit
            .unwrap_or(Some(USUAL))
            .ok_or_else(|| Problem::field("limit", format!("is not a whole number from 1 to {MOST}")))?;
        let after = given.after.map(|text| text.parse().ok().filter(|after: &i64| *after >= 0).ok_or(text));
        let after = after.transpose().map_err(|_| Problem::field("after", "is no cursor: send the `next` of the page before"))?;
        Ok(Self { limit, after })
    }

    /// How many rows to ask the store for: one more than shown tells whether there is a next page.
    pub(crate) fn rows(&self) -> usize {
        self.limit as usize + 1
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items, in the list's order.
    pub(crate) items: Vec<T>,
    /// What to send as `after` for the page that follows; `null` on the last one.
    #[schema(required, example = "120")]
    pub(crate) next: Option<String>,
}

impl<T> Page<T> {
    /// Of up to [`PageQuery::rows`] rows; `key` is what the list is ordered by.
    pub(crate) fn of<R>(mut rows: Vec<R>, asked: &PageQuery, key: impl Fn(&R) -> i64, item: impl FnMut(R) -> T) -> Self {
        let more = rows.len() > asked.limit as usize;
        rows.truncate(asked.limit as usize);
        let next = if more { rows.last().map(|row| key(row).to_string()) } else { None };
        Self { items: rows.into_iter().map(item).collect(), next }
    }

    /// Of a whole list in ascending order of `key`, where the store gives no pages.
    pub(crate) fn cut<R>(rows: Vec<R>, asked: &PageQuery, key: impl Fn(&R) -> i64, item: impl FnMut(R) -> T) -> Self {
        let rows = rows.into_iter().filter(|row| asked.after.is_none_or(|after| key(row) > after)).take(asked.rows()).collect();
        Self::of(rows, asked, key, item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_query_that_names_no_page_is_refused_by_field() {
        assert_eq!(PageQuery::read("").unwrap(), PageQuery { limit: 50, after: None });
        assert_eq!(PageQuery::read("limit=200&after=7&search=x").unwrap(), PageQuery { limit: 200, after: Some(7) });
        for (query, field) in
            [("limit=0", "limit"), ("limit=201", "limit"), ("limit=many", "limit"), ("after=-1", "after"), ("after=x", "after")]
        {
            assert_eq!(PageQuery::read(query).unwrap_err().more["field"], field, "{query}");
        }
    }

    proptest! {
        #[test]
        fn walking_the_pages_gives_every_item_once(many in 0i64..40, limit in 1u32..12) {
            let (mut walked, mut after) = (Vec::new(), None);
            loop {
                let asked = PageQuery { limit, after };
                let page = Page::cut((1..=many).collect(), &asked, |row| *row, |row| row);
                walked.extend(page.items);
                match page.next {
                    Some(next) => after = Some(next.parse().unwrap()),
                    None => break,
                }
            }
            prop_assert_eq!(walked, (1..=many).collect::<Vec<_>>());
        }
    }
}
