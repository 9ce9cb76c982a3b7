//! Delivery by GraphQL: the search for merged pull requests, deployments and releases. A question is read as such and
//! answered field by field, so that a reader gets what it asked for and is refused what does not exist.
//! <https://docs.github.com/en/graphql/reference>, read 2026-11-21.

mod document;
mod object;
mod points;
mod pull;
mod repositories;
mod search;

use super::reports::now;
use crate::faults::Endpoint;
use crate::reply::{Reply, refusal, stock};
use crate::secrets::Vendor;
use crate::site::{Asked, Bend, Site};
use document::Item;
use object::{Wrong, object};
pub(crate) use points::Points;
use points::Verdict;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A question as it is posted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Posted {
    query: String,
    variables: Map<String, Value>,
}

/// A question about delivery, taken apart.
pub(super) struct Question {
    items: Vec<Item>,
    pub(super) endpoint: Endpoint,
}

impl Question {
    /// `None` where it is about something else, or cannot be read.
    pub(super) fn of(asked: &Asked) -> Option<Self> {
        let posted: Posted = serde_json::from_slice(&asked.body).ok()?;
        let names = |list: &str| posted.query.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == list);
        let endpoint = if names("search") {
            Endpoint::PullRequestSearch
        } else if names("deployments") || names("releases") {
            Endpoint::Deployments
        } else {
            return None;
        };
        Some(Self { items: document::parse(&posted.query, &posted.variables)?, endpoint })
    }

    /// Points: a hundredth for every list that is opened, and at least one.
    fn cost(&self) -> u32 {
        u32::try_from((document::opened(&self.items, 1) + 50) / 100).unwrap_or(u32::MAX).max(1)
    }

    /// Whether a page is so large that GitHub's ten seconds are not enough for it.
    fn is_heavy(&self, site: &Site) -> bool {
        let size = self.items.iter().find_map(|item| match item {
            Item::Field(field) if field.name == "search" => field.number("first"),
            _ => None,
        });
        site.world
            .config
            .delivery
            .heavy_above
            .zip(size)
            .is_some_and(|(most, size)| u32::try_from(size).is_ok_and(|size| size > most))
    }

    /// `sees_all`: private repositories too.
    pub(super) fn answer(&self, site: &Site, sees_all: bool, bend: Bend) -> Reply {
        let cost = self.cost();
        let verdict = if site.world.config.delivery.graphql_limits {
            site.points.spend(site.started.elapsed().as_secs(), cost)
        } else {
            Points::plenty()
        };
        let (left, seconds) = match verdict {
            Verdict::Fine { left, seconds } => (left, seconds),
            Verdict::Spent { seconds } => return limited(spent(), site, 0, seconds),
            Verdict::TooFast { seconds } => {
                let message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
                return limited(refusal(Vendor::Github, 403, message), site, 100, seconds)
                    .with("retry-after", seconds.to_string());
            }
        };
        // The points are gone all the same.
        if self.is_heavy(site) {
            return limited(stock(Vendor::Github, 502), site, left, seconds);
        }
        let reset = now(site).plus_seconds(i64::try_from(seconds).unwrap_or(3_600));
        let mut errors = Vec::new();
        let data = object(&self.items, "Query", &mut |field| match field.name.as_str() {
            "rateLimit" => Some(object(&field.selected, "RateLimit", &mut |part| match part.name.as_str() {
                "cost" => Some(Ok(cost.into())),
                "remaining" => Some(Ok(left.into())),
                "limit" => Some(Ok(5_000.into())),
                "resetAt" => Some(Ok(reset.to_string().into())),
                _ => None,
            })),
            "search" => Some(search::answer(site, field, sees_all, bend, &mut errors)),
            "repositoryOwner" | "organization" => Some(repositories::owner(site, field, sees_all, bend)),
            "repository" => Some(repositories::one(site, field, sees_all)),
            _ => None,
        });
        let body = match data {
            Ok(data) if errors.is_empty() => json!({ "data": data }),
            Ok(data) => json!({ "data": data, "errors": errors }),
            Err(Wrong(kind, message)) => {
                let error = json!({"type": kind, "message": message, "locations": [{"line": 1, "column": 1}]});
                json!({ "errors": [error] })
            }
        };
        limited(Reply::json(200, &body), site, left, seconds)
    }
}

/// What is said when an hour's points are spent: with the status 200.
pub(crate) fn spent() -> Reply {
    let error = json!({"type": "RATE_LIMITED", "message": "API rate limit exceeded for user ID 1."});
    Reply::json(200, &json!({ "errors": [error] }))
}

fn limited(reply: Reply, site: &Site, left: u32, seconds: u64) -> Reply {
    let reset = now(site).plus_seconds(i64::try_from(seconds).unwrap_or(3_600)).millis() / 1_000;
    reply
        .with("x-ratelimit-limit", "5000")
        .with("x-ratelimit-remaining", left.to_string())
        .with("x-ratelimit-used", 5_000_u32.saturating_sub(left).to_string())
        .with("x-ratelimit-resource", "graphql")
        .with("x-ratelimit-reset", reset.to_string())
}
