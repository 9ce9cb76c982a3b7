//! A route is an address, a method, who may use it, and a handler. Every route of the server is one of these, so that the
//! permission table, the guard and the API's description cannot disagree.

use crate::app::Site;
use crate::guard;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::MethodRouter;
use http::Method;
use std::fmt;
use tacho_domain::Permission;
use utoipa::openapi::path::{Operation, PathItem, Paths};
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

/// What `utoipa_axum::routes!` makes of a documented handler.
pub(crate) type Documented = (Vec<(String, RefOr<Schema>)>, Paths, MethodRouter<Site>);

/// A route.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) gate: Gate,
    handler: MethodRouter<Site>,
    /// The API's description of it; pages have none.
    pub(crate) docs: Option<(Vec<(String, RefOr<Schema>)>, Paths)>,
}

impl Route {
    /// A page, or what a form is sent to.
    pub(crate) fn page(method: Method, path: &str, gate: Gate, handler: MethodRouter<Site>) -> Self {
        Self { method, path: path.to_owned(), gate, handler, docs: None }
    }

    /// An address of the API: method and path are those of its description.
    ///
    /// # Panics
    /// When the description names no method: `utoipa::path` does not compile without one.
    pub(crate) fn api(gate: Gate, (schemas, paths, handler): Documented) -> Self {
        let (path, item) = paths.paths.iter().next().expect("a description has a path");
        let (path, method) = (path.clone(), method_of(item).expect("a description has a method"));
        Self { method, path, gate, handler, docs: Some((schemas, paths)) }
    }
}

fn method_of(item: &PathItem) -> Option<Method> {
    let methods: [(&Option<Operation>, Method); 5] = [
        (&item.get, Method::GET),
        (&item.post, Method::POST),
        (&item.put, Method::PUT),
        (&item.patch, Method::PATCH),
        (&item.delete, Method::DELETE),
    ];
    methods.into_iter().find(|(operation, _)| operation.is_some()).map(|(_, method)| method)
}

/// All routes as a router, each behind its own guard.
pub(crate) fn assemble(routes: Vec<Route>, site: &Site) -> Router<Site> {
    routes.into_iter().fold(Router::new(), |router, route| {
        let guarded = match route.gate {
            Gate::Open => route.handler,
            gate => route.handler.route_layer(from_fn_with_state((site.clone(), gate), guard::guard)),
        };
        router.route(&route.path, guarded)
    })
}
