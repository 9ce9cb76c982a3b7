//! The API's description, `OpenAPI` 3.1, made from the routes that are served: what is not a route is not in it, and every
//! operation tells the permission its gate needs and the refusals that gate, parameters and body bring with them.

mod completed;
mod shown;

use crate::api::v1::names;
use crate::problem::ProblemJson;
use crate::routes::routes;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use utoipa::openapi::path::Paths;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, Info, License, OpenApi, RefOr, Schema, Server, Tag};
use utoipa::{PartialSchema, ToSchema};

pub(crate) use shown::{ShownTag, shown};

/// Groups of operations, in the order of the documentation. An operation belongs to the one that its address begins with.
const TAGS: &[(&str, &[&str], &str)] = &[
    ("me", &["/api/v1/me", "/api/v1/permissions"], "Who you are and what you may."),
    ("reports", &["/api/v1/reports", "/api/v1/status", "/api/overview"], "The numbers."),
    ("usage", &["/api/ai-usage"], "The usage dashboard's own addresses."),
    ("integrations", &["/api/v1/integrations", "/api/v1/events"], "What is connected, how it fares, how to connect it."),
    (
        "people",
        &[
            "/api/v1/members",
            "/api/v1/identities",
            "/api/v1/suggestions",
            "/api/v1/match-rate",
            "/api/v1/people-changes",
            "/api/v1/people-imports",
        ],
        "Members, and whose the vendors' logins are.",
    ),
    ("teams", &["/api/v1/teams"], "Teams and who is in them, as of a day."),
    ("users", &["/api/v1/users", "/api/v1/invitations"], "Who signs in, as what, and who is invited to."),
    ("survey", &["/api/v1/survey"], "What you are asked about merged pull requests, and what you say."),
    ("sessions", &["/api/v1/sessions"], "Where you are signed in."),
    ("tokens", &["/api/v1/tokens"], "API tokens."),
    ("device sign-in", &["/api/v1/device"], "How a program on another machine gets a token (RFC 8628)."),
    ("organization", &["/api/v1/organization"], "The organization itself."),
    ("audit", &["/api/v1/audit"], "Who did what."),
    ("description", &["/api/docs", "/api/openapi.json"], "This description."),
    ("probes", &["/health", "/ready"], "Whether the server works."),
    ("more", &[""], "What belongs to no group."),
];

const ABOUT: &str = "Analytics for the AI coding tools a team uses. Send an API token as `Authorization: Bearer tacho_...`; pages of \
    the same server may use their session. Times are RFC 3339 in UTC, days are `YYYY-MM-DD`, names are snake_case in version 1. \
    Lists come in pages of `items` with the cursor `next`. What goes wrong is a problem (RFC 9457) that says what failed, for which \
    field, and what to do. `x-permission` names the permissions of which an operation needs one.";

/// The document, as it is served.
pub(crate) static DESCRIPTION: LazyLock<OpenApi> = LazyLock::new(document);
/// The same, to be looked into.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(&*DESCRIPTION).unwrap_or_default());

/// The API's description as JSON: what `/api/openapi.json` answers.
pub fn openapi() -> Value {
    DOCUMENT.clone()
}

fn document() -> OpenApi {
    let mut paths = Paths::new();
    let mut schemas: BTreeMap<String, RefOr<Schema>> = BTreeMap::new();
    schemas.insert(ProblemJson::name().into_owned(), ProblemJson::schema());
    schemas.extend(names::all());
    for route in routes() {
        let about = completed::About::of(&route);
        let Some((found, described)) = route.docs else { continue };
        schemas.extend(found);
        for (path, mut item) in described.paths {
            completed::complete(&mut item, &about);
            match paths.paths.get_mut(&path) {
                Some(known) => known.merge_operations(item),
                None => drop(paths.paths.insert(path, item)),
            }
        }
    }
    let mut components = Components::new();
    components.schemas = schemas;
    components.responses = completed::responses();
    components.security_schemes = schemes();
    let mut info = Info::new("Tacho", env!("CARGO_PKG_VERSION"));
    info.description = Some(ABOUT.to_owned());
    let mut license = License::new("MIT OR Apache-2.0");
    license.identifier = Some("MIT OR Apache-2.0".to_owned());
    info.license = Some(license);
    let tags = tags(&paths);
    let mut api = OpenApi::new(info, paths);
    api.components = Some(components);
    api.servers = Some(vec![Server::new("/")]);
    api.tags = Some(tags);
    api
}

fn schemes() -> BTreeMap<String, RefOr<SecurityScheme>> {
    let words = "An API token, made in the settings, by `tacho token` or by `tacho login`.";
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(words)).build();
    let words = "The session of whoever signed in; over HTTPS its name is `__Host-tacho_session`.";
    let session = ApiKey::Cookie(ApiKeyValue::with_description("tacho_session", words));
    BTreeMap::from([
        ("session".to_owned(), RefOr::T(SecurityScheme::ApiKey(session))),
        ("token".to_owned(), RefOr::T(SecurityScheme::Http(token))),
    ])
}

fn tags(paths: &Paths) -> Vec<Tag> {
    let used = |name: &str| paths.paths.keys().any(|path| tag_of(path) == name);
    TAGS.iter()
        .filter(|(name, ..)| used(name))
        .map(|(name, _, words)| {
            let mut tag = Tag::new(*name);
            tag.description = Some((*words).to_owned());
            tag
        })
        .collect()
}

/// The group of an address.
fn tag_of(path: &str) -> &'static str {
    let below = |begin: &&str| path.strip_prefix(*begin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    TAGS.iter().find(|(_, begins, _)| begins.iter().any(below)).map_or("more", |(name, ..)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_types_share_a_name() {
        let mut known: BTreeMap<String, Value> = BTreeMap::new();
        let all = routes().into_iter().filter_map(|route| route.docs).flat_map(|(schemas, _)| schemas);
        let mut twice = Vec::new();
        for (name, schema) in all {
            let schema = serde_json::to_value(schema).unwrap();
            let first = known.entry(name.clone()).or_insert_with(|| schema.clone());
            if *first != schema {
                twice.push(name);
            }
        }
        assert!(
            twice.is_empty() && known.len() > 20,
            "different types have one name, the last takes the place of the others: {twice:?}"
        );
    }

    #[test]
    fn an_address_belongs_to_the_group_it_begins_with_as_a_whole_word() {
        assert_eq!((tag_of("/api/v1/me"), tag_of("/api/v1/members/{id}"), tag_of("/api/v1/elsewhere")), ("me", "people", "more"));
    }
}
