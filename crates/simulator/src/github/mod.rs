//! GitHub's API, as far as Copilot goes, and the host its reports are downloaded from.
//! <https://docs.github.com/en/rest/copilot>, read 2026-11-21.

pub(crate) mod app;
mod billing;
mod downloads;
pub(crate) mod graphql;
mod members;
pub(crate) mod oauth;
mod reports;
mod repos_day;
mod rows;
mod seats;
mod totals;

use crate::faults::Endpoint;
use crate::reply::{Reply, refusal, stock};
use crate::secrets::Vendor;
use crate::site::{Asked, Site};
use axum::http::Method;

pub(crate) use downloads::answer as download;

pub(crate) const ORGANIZATION_ID: &str = "700001";
pub(crate) const ENTERPRISE_ID: &str = "30001";
const SCOPES: &str = "manage_billing:copilot, read:enterprise, read:org, repo";

/// Whose data is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Organization,
    Enterprise,
}

impl Scope {
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Enterprise => "enterprise",
        }
    }
}

/// An address taken apart: scope, its name, and what of it.
struct Route<'a> {
    scope: Scope,
    name: &'a str,
    endpoint: Endpoint,
    accepted_scopes: &'static str,
}

fn route<'a>(segments: &[&'a str]) -> Option<Route<'a>> {
    let (scope, name, rest) = match segments {
        ["orgs" | "organizations", name, rest @ ..] => (Scope::Organization, *name, rest),
        ["enterprises", name, rest @ ..] => (Scope::Enterprise, *name, rest),
        _ => return None,
    };
    // Billing settings are below `/organizations/`, everything else below `/orgs/`.
    let is_billing_path = segments[0] != "orgs";
    let endpoint = match rest {
        ["copilot", "metrics"] => Endpoint::CopilotLegacy,
        ["copilot", "metrics", "reports", "users-1-day"] => Endpoint::CopilotUsersDay,
        ["copilot", "metrics", "reports", "users-28-day", "latest"] => Endpoint::CopilotUsersLatest,
        ["copilot", "metrics", "reports", "user-teams-1-day"] => Endpoint::CopilotUserTeams,
        ["copilot", "metrics", "reports", "repos-1-day"] => Endpoint::ReposDay,
        ["copilot", "metrics", "reports", kind] if kind.strip_suffix("-1-day") == Some(scope.path()) => {
            Endpoint::CopilotTotalsDay
        }
        ["copilot", "metrics", "reports", kind, "latest"] if kind.strip_suffix("-28-day") == Some(scope.path()) => {
            Endpoint::CopilotTotalsLatest
        }
        ["copilot", "billing"] if scope == Scope::Organization => Endpoint::CopilotBilling,
        ["copilot", "billing", "seats"] => Endpoint::CopilotSeats,
        ["settings", "billing", "ai_credit", "usage"] if is_billing_path => Endpoint::CopilotCredits,
        _ => return None,
    };
    if segments[0] == "organizations" && endpoint != Endpoint::CopilotCredits {
        return None;
    }
    let accepted_scopes = match (endpoint, scope) {
        (Endpoint::CopilotCredits, Scope::Organization) => "admin:org, manage_billing:copilot",
        (Endpoint::CopilotCredits, Scope::Enterprise) => "manage_billing:enterprise, manage_billing:copilot",
        (Endpoint::CopilotSeats | Endpoint::CopilotBilling, Scope::Organization) => "manage_billing:copilot, read:org",
        (_, Scope::Organization) => "read:org",
        (_, Scope::Enterprise) => "manage_billing:copilot, read:enterprise",
    };
    Some(Route { scope, name, endpoint, accepted_scopes })
}

pub(crate) async fn answer(site: &Site, asked: &Asked) -> Reply {
    if crate::quota::is_asked(asked) {
        return headers(crate::quota::answer(site, asked).await, "");
    }
    if app::is_asked(asked) {
        return headers(app::answer(site, asked).await, "");
    }
    let segments = asked.segments();
    // A server of one's own has its API below this path; the simulator answers with and without it.
    let segments = segments.strip_prefix(&["api", "v3"]).unwrap_or(&segments);
    if let Some(reply) = oauth::answer(site, asked, segments) {
        return reply;
    }
    if let Some(reply) = user(site, asked, segments) {
        return reply;
    }
    if let (["graphql"], Method::POST) = (segments, asked.method.clone()) {
        return graphql(site, asked).await;
    }
    let Some(route) = route(segments).filter(|_| asked.method == Method::GET) else {
        return headers(refuse(site, asked).unwrap_or_else(|| stock(Vendor::Github, 404)), "");
    };
    let config = &site.world.config;
    let known = match route.scope {
        Scope::Organization => &config.organization,
        Scope::Enterprise => &config.enterprise,
    };
    let answer = |bend| {
        if !route.name.eq_ignore_ascii_case(known) {
            return Err(stock(Vendor::Github, 404));
        }
        match route.endpoint {
            Endpoint::CopilotSeats => seats::list(site, asked, route.scope, bend),
            Endpoint::CopilotBilling => Ok(seats::summary(site)),
            Endpoint::CopilotCredits => billing::usage(site, asked, route.scope),
            // The metrics API answers 404 on every call since 2026-04-02.
            Endpoint::CopilotLegacy => Err(stock(Vendor::Github, 404)),
            report => reports::envelope(site, asked, route.scope, report),
        }
    };
    let refuse = || refuse(site, asked).or_else(|| lacks_scope(site, asked, route.accepted_scopes));
    let reply = site.serve(route.endpoint, asked, refuse, answer).await;
    let reply =
        if matches!(route.endpoint, Endpoint::CopilotSeats | Endpoint::CopilotBilling) { tagged(reply, asked) } else { reply };
    about_token(site, asked, headers(reply, route.accepted_scopes))
}

/// `POST /graphql`: what it refuses comes with the status 200, but for the credential.
async fn graphql(site: &Site, asked: &Asked) -> Reply {
    if let Some(question) = graphql::Question::of(asked) {
        let answer = |bend| Ok(question.answer(site, lacks_scope(site, asked, "repo").is_none(), bend));
        let reply = site.serve(question.endpoint, asked, || refuse(site, asked), answer).await;
        return about_token(site, asked, headers(reply, "repo"));
    }
    let known = members::Question::of(asked).and_then(|question| question.endpoint().map(|endpoint| (question, endpoint)));
    let Some((question, endpoint)) = known else {
        return headers(refuse(site, asked).unwrap_or_else(|| refusal(Vendor::Github, 400, "Problems parsing JSON")), "");
    };
    let reply = site.serve(endpoint, asked, || refuse(site, asked), |bend| Ok(question.answer(site, asked, bend))).await;
    about_token(site, asked, headers(reply, "read:org"))
}

/// `GET /user` and what lies below; the classic token belongs to the first person.
fn user(site: &Site, asked: &Asked, segments: &[&str]) -> Option<Reply> {
    if asked.method != Method::GET || segments.first() != Some(&"user") {
        return None;
    }
    if let Some(refused) = refuse(site, asked) {
        return Some(headers(refused, ""));
    }
    let issued = bearer(asked)
        .and_then(|token| site.oauth.find(token))
        .unwrap_or_else(|| oauth::Issued { person: 0, scopes: SCOPES.split(", ").map(str::to_owned).collect() });
    let (reply, accepted) = oauth::user(site, segments, &issued)?;
    Some(about_token(site, asked, headers(reply, accepted)))
}

/// An OAuth app's token reaches what its scopes name; the answer says which would do.
fn lacks_scope(site: &Site, asked: &Asked, accepted_scopes: &str) -> Option<Reply> {
    let issued = bearer(asked).and_then(|token| site.oauth.find(token))?;
    let message = "Resource not accessible: this token lacks a scope that the endpoint needs.";
    (!oauth::covers(&issued.scopes, accepted_scopes)).then(|| refusal(Vendor::Github, 403, message))
}

fn bearer(asked: &Asked) -> Option<&str> {
    let (_, token) = asked.header("authorization")?.split_once(' ')?;
    Some(token)
}

/// Scopes are told of classic and OAuth tokens, an end of personal ones that have one, and neither of an app's.
fn about_token(site: &Site, asked: &Asked, mut reply: Reply) -> Reply {
    let bearer = asked.header("authorization").and_then(|value| value.split_once(' ')).map_or("", |(_, token)| token);
    if site.app_tokens.holds(bearer) {
        reply.headers.retain(|(name, _)| !matches!(*name, "x-oauth-scopes" | "x-accepted-oauth-scopes"));
        return reply;
    }
    if let Some(issued) = site.oauth.find(bearer) {
        return oauth::with_scopes(reply, &issued);
    }
    match site.world.config.github_token_ends.filter(|_| bearer.starts_with("ghp_")) {
        Some(day) => reply.with("github-authentication-token-expiration", format!("{day} 08:00:00 UTC")),
        None => reply,
    }
}

/// What GitHub refuses before it looks at the address.
fn refuse(site: &Site, asked: &Asked) -> Option<Reply> {
    let no = |status, message| Some(refusal(Vendor::Github, status, message));
    if asked.header("user-agent").is_none_or(str::is_empty) {
        let text = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.";
        return Some(Reply::bytes(403, "text/plain", text.as_bytes().to_vec()));
    }
    let Some(authorization) = asked.header("authorization") else {
        return no(401, "Requires authentication");
    };
    let token = authorization.strip_prefix("Bearer ").or_else(|| authorization.strip_prefix("token "));
    let known = |token: &str| {
        token == site.keys.secret(Vendor::Github) || site.app_tokens.holds(token) || site.oauth.find(token).is_some()
    };
    if !token.is_some_and(known) {
        return no(401, "Bad credentials");
    }
    match asked.header("x-github-api-version") {
        Some("2022-11-28" | "2026-03-10") => {}
        // The real host takes the oldest version here; a caller of ours that forgets the header has a bug.
        None => return no(400, "The X-GitHub-Api-Version header is required"),
        Some(other) => return no(400, &format!("\"{other}\" is not a supported version of the API")),
    }
    let accept = asked.header("accept").unwrap_or_default();
    if !(accept.contains("json") || accept.contains("*/*")) {
        return no(415, "Unsupported 'Accept' header. Must accept 'application/json'.");
    }
    None
}

fn headers(reply: Reply, accepted_scopes: &str) -> Reply {
    let has = |name: &str| reply.headers.iter().any(|(known, _)| *known == name);
    let (limited, scoped) = (has("x-ratelimit-limit") || reply.status == 429, has("x-oauth-scopes"));
    let mut reply = reply
        .with("x-github-request-id", "51D0:1A2B:3C4D5E:6F7081:ABCDEF12")
        .with("x-github-media-type", "github.v3; format=json");
    if !limited {
        reply =
            reply.with("x-ratelimit-limit", "5000").with("x-ratelimit-remaining", "4870").with("x-ratelimit-resource", "core");
    }
    if !scoped {
        reply = reply.with("x-oauth-scopes", SCOPES).with("x-accepted-oauth-scopes", accepted_scopes);
    }
    reply
}

/// 304 where the caller has these bytes already.
fn tagged(reply: Reply, asked: &Asked) -> Reply {
    use sha2::Digest as _;
    if reply.status != 200 {
        return reply;
    }
    let tag = format!("W/\"{}\"", hex::encode(sha2::Sha256::digest(&reply.body)));
    let reply = if asked.header("if-none-match") == Some(tag.as_str()) { Reply::empty(304) } else { reply };
    reply.with("etag", tag)
}
