//! A route is an address, a method, who may use it, and a handler. Every route of the server is one of these, so that the
//! permission table, the guard and the API's description cannot disagree.

use crate::api::etag::etag;
use crate::api::idempotency::{Answers, idempotency};
use crate::api::strict::known_queries;
use crate::app::Site;
use crate::guard;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::MethodRouter;
use http::Method;
use std::fmt;
use std::sync::Arc;
use tacho_domain::Permission;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem, Paths};
use utoipa::openapi::{RefOr, Schema};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Anybody; the handler looks after itself.
    Open,
    /// Whoever is signed in or brings an API token.
    SignedIn,
    /// Whoever has this permission.
    Needs(Permission),
    /// Whoever has one of these.
    NeedsOne(&'static [Permission]),
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("anyone"),
            Self::SignedIn => f.write_str("signed in"),
            Self::Needs(permission) => write!(f, "`{permission}`"),
            Self::NeedsOne(any) => {
                let names: Vec<String> = any.iter().map(|permission| format!("`{permission}`")).collect();
                f.write_str(&names.join(" or "))
            }
        }
    }
}

/// The types that a description names.
pub(crate) type Schemas = Vec<(String, RefOr<Schema>)>;

/// What `utoipa_axum::routes!` makes of a documented handler.
pub(crate) type Documented = (Schemas, Paths, MethodRouter<Site>);

/// A route.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) gate: Gate,
    handler: MethodRouter<Site>,
    /// The API's description of it; pages have none.
    pub(crate) docs: Option<(Schemas, Paths)>,
    /// Whether answers may be kept for whoever sends the same again.
    pub(crate) answers: Answers,
}

impl Route {
    /// A page, or what a form is sent to.
    pub(crate) fn page(method: Method, path: &str, gate: Gate, handler: MethodRouter<Site>) -> Self {
        Self { method, path: path.to_owned(), gate, handler, docs: None, answers: Answers::Kept }
    }

    /// An address of the API: method and path are those of its description.
    ///
    /// # Panics
    /// When the description names no method: `utoipa::path` does not compile without one.
    pub(crate) fn api(gate: Gate, (schemas, paths, handler): Documented) -> Self {
        let (path, item) = paths.paths.iter().next().expect("a description has a path");
        let (path, method) = (path.clone(), method_of(item).expect("a description has a method"));
        Self { method, path, gate, handler, docs: Some((schemas, paths)), answers: Answers::Kept }
    }

    /// Its answers hold a secret, such as a fresh token: none is kept for an `Idempotency-Key`.
    pub(crate) fn with_secret_answers(self) -> Self {
        Self { answers: Answers::Secret, ..self }
    }

    /// The address belongs to the versioned API, whose rules hold for it: strict queries, repeatable POSTs.
    pub(crate) fn is_versioned(&self) -> bool {
        self.docs.is_some() && self.path.starts_with("/api/v1/")
    }

    /// Its description.
    pub(crate) fn operation(&self) -> Option<&Operation> {
        let (_, paths) = self.docs.as_ref()?;
        paths.paths.values().find_map(|item| operations(item).into_iter().find_map(|(operation, _)| operation.as_ref()))
    }

    /// The query fields that its description names.
    fn queries(&self) -> Arc<[String]> {
        let parameters = self.operation().and_then(|operation| operation.parameters.as_ref()).into_iter().flatten();
        parameters
            .filter_map(|parameter| match parameter {
                RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => Some(parameter.name.clone()),
                _ => None,
            })
            .collect()
    }

    /// The handler behind the layers that its kind of address has, the guard outermost: nothing is done for whoever may not.
    fn layered(self, site: &Site) -> MethodRouter<Site> {
        let (api, versioned, queries) = (self.docs.is_some(), self.is_versioned(), self.queries());
        let mut handler = self.handler;
        if api && self.method == Method::GET && self.path.starts_with("/api/") {
            handler = handler.route_layer(from_fn(etag));
        }
        // Keys belong to a caller.
        if versioned && self.method == Method::POST && self.gate != Gate::Open {
            handler = handler.route_layer(from_fn_with_state((site.clone(), self.answers), idempotency));
        }
        if versioned {
            handler = handler.route_layer(from_fn_with_state(queries, known_queries));
        }
        match self.gate {
            Gate::Open => handler,
            gate => handler.route_layer(from_fn_with_state((site.clone(), gate), guard::guard)),
        }
    }
}

fn operations(item: &PathItem) -> [(&Option<Operation>, Method); 5] {
    [
        (&item.get, Method::GET),
        (&item.post, Method::POST),
        (&item.put, Method::PUT),
        (&item.patch, Method::PATCH),
        (&item.delete, Method::DELETE),
    ]
}

fn method_of(item: &PathItem) -> Option<Method> {
    operations(item).into_iter().find(|(operation, _)| operation.is_some()).map(|(_, method)| method)
}

/// All routes as a router, each behind its own layers.
pub(crate) fn assemble(routes: Vec<Route>, site: &Site) -> Router<Site> {
    routes.into_iter().fold(Router::new(), |router, route| {
        let path = route.path.clone();
        router.route(&path, route.layered(site))
    })
}
