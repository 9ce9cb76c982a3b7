//! Completes the description of an operation with what follows from its route.

use super::tag_of;
use crate::api::idempotency::Answers;
use crate::api::v1::answers::ANSWERS;
use crate::problem::ProblemJson;
use crate::routing::{Gate, Route};
use http::Method;
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, ContentBuilder, Object, ObjectBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Type};

/// What a route tells of its operation.
pub(super) struct About {
    method: Method,
    path: String,
    gate: Gate,
    versioned: bool,
    answers: Answers,
}

impl About {
    pub(super) fn of(route: &Route) -> Self {
        Self {
            method: route.method.clone(),
            path: route.path.clone(),
            gate: route.gate,
            versioned: route.is_versioned(),
            answers: route.answers,
        }
    }

    fn is_probe(&self) -> bool {
        !self.path.starts_with("/api/")
    }

    fn repeatable(&self) -> bool {
        self.versioned && self.method == Method::POST && self.gate != Gate::Open
    }

    /// `get_v1_users_id`: made from method and address, so that no two are the same.
    fn id(&self) -> String {
        let parts =
            self.path.split('/').map(|part| part.trim_matches(['{', '}'])).filter(|part| !part.is_empty() && *part != "api");
        let parts: Vec<String> = parts.map(|part| part.replace(['-', '.'], "_")).collect();
        format!("{}_{}", self.method.as_str().to_lowercase(), parts.join("_"))
    }

    fn permissions(&self) -> Vec<&'static str> {
        match self.gate {
            Gate::Open | Gate::SignedIn => Vec::new(),
            Gate::Needs(permission) => vec![permission.as_str()],
            Gate::NeedsOne(any) => any.iter().map(|permission| permission.as_str()).collect(),
        }
    }

    /// Names of the answers that follow from the route.
    fn refusals(&self, operation: &Operation) -> Vec<&'static str> {
        if self.is_probe() {
            return Vec::new();
        }
        let parameters = operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty());
        let mut names = vec!["TooManyRequests", "Failed", "Unavailable"];
        if self.versioned || parameters || operation.request_body.is_some() {
            names.push("BadRequest");
        }
        if self.gate != Gate::Open {
            names.push("Unauthorized");
        }
        // Without a gate, a request from another site is still refused.
        if self.gate != Gate::Open || self.method != Method::GET {
            names.push("Forbidden");
        }
        if self.path.contains('{') {
            names.push("NotFound");
        }
        if operation.request_body.is_some() || self.repeatable() {
            names.extend(["TooLarge", "UnsupportedMediaType"]);
        }
        if self.repeatable() {
            names.extend(["Conflict", "OtherRequest"]);
        }
        names
    }
}

pub(super) fn complete(item: &mut PathItem, about: &About) {
    let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
    for operation in operations.into_iter().flatten() {
        complete_one(operation, about);
    }
}

fn complete_one(operation: &mut Operation, about: &About) {
    operation.operation_id = Some(about.id());
    operation.tags = Some(vec![tag_of(&about.path).to_owned()]);
    let permissions = [("x-permission", json!(about.permissions()))].into_iter().collect::<Extensions>();
    operation.extensions.get_or_insert_default().merge(permissions);
    let nothing: [&str; 0] = [];
    operation.security = Some(match about.gate {
        Gate::Open => Vec::new(),
        _ => vec![SecurityRequirement::new("token", nothing), SecurityRequirement::new("session", nothing)],
    });
    for name in about.refusals(operation) {
        let status = ANSWERS.iter().find(|(known, ..)| *known == name).map_or("500", |(_, status, _)| status);
        let known = &mut operation.responses.responses;
        known.entry(status.to_owned()).or_insert_with(|| RefOr::Ref(Ref::from_response_name(name)));
    }
    if about.repeatable() {
        operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key(about.answers)));
    }
    if about.method == Method::GET && !about.is_probe() {
        with_tag(operation);
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.as_str() >= "400"
            && response.content.is_empty()
        {
            response.content.insert("application/problem+json".to_owned(), RefOr::T(problem()));
        }
        if let (true, RefOr::T(response)) = (status == "201", response) {
            let words = "Where the new thing is.";
            let location = HeaderBuilder::new().schema(Some(text())).description(Some(words)).build();
            response.headers.entry("Location".to_owned()).or_insert(RefOr::T(location));
        }
    }
}

/// Adds what the layer for entity tags does to answers in JSON.
fn with_tag(operation: &mut Operation) {
    let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200") else { return };
    if !response.content.contains_key("application/json") {
        return;
    }
    let header = HeaderBuilder::new().schema(Some(text())).description(Some("Changes when the answer changes.")).build();
    response.headers.insert("ETag".to_owned(), RefOr::T(header));
    operation.responses.responses.entry("304".to_owned()).or_insert_with(|| RefOr::Ref(Ref::from_response_name("NotModified")));
    let words = "The `ETag` of an answer you hold: when it is still right, the answer is 304 without a body.";
    let parameter = ParameterBuilder::new()
        .name("If-None-Match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(words))
        .schema(Some(text()));
    operation.parameters.get_or_insert_default().push(RefOr::T(parameter.build()));
}

fn idempotency_key(answers: Answers) -> Parameter {
    let words = match answers {
        Answers::Kept => {
            "Any text of yours, new for each request. The same request sent again within a day is not done again: it gets the first answer, marked `Idempotency-Replayed: true`."
        }
        Answers::Secret => {
            "Any text of yours, new for each request. The same request sent again within a day is not done again: it is answered 409 `already-done`, since the first answer held a secret and is not kept."
        }
    };
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[\\x21-\\x7e]{1,255}$")).build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(words))
        .schema(Some(schema))
        .build()
}

fn text() -> Object {
    ObjectBuilder::new().schema_type(Type::String).build()
}

fn problem() -> Content {
    ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemJson::name()))).build()
}

/// The answers that operations name by reference.
pub(super) fn responses() -> BTreeMap<String, RefOr<Response>> {
    let mut responses: BTreeMap<String, RefOr<Response>> = BTreeMap::new();
    for (name, status, words) in ANSWERS {
        let mut response = ResponseBuilder::new().description(words.trim()).content("application/problem+json", problem());
        if let "429" | "503" = *status {
            let whole = ObjectBuilder::new().schema_type(Type::Integer).build();
            let header = HeaderBuilder::new().schema(Some(whole)).description(Some("Seconds to wait.")).build();
            response = response.header("Retry-After", header);
        }
        if *status == "401" {
            let header = HeaderBuilder::new().schema(Some(text())).description(Some("How to sign in.")).build();
            response = response.header("WWW-Authenticate", header);
        }
        responses.insert((*name).to_owned(), RefOr::T(response.build()));
    }
    let words = "You hold it already: `If-None-Match` names its `ETag`.";
    responses.insert("NotModified".to_owned(), RefOr::T(ResponseBuilder::new().description(words).build()));
    responses
}
