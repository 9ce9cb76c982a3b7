//! Pages and REST; the only HTML. It makes no vendor calls: it enqueues, through [`Connections`].
//!
//! Nothing here asks which tool a number belongs to: names, units and forms come from the profiles and cards handed over.

mod access;
mod api;
mod app;
mod assets;
mod caller;
mod connections;
mod edge;
mod guard;
mod headers;
mod limits;
mod pages;
mod problem;
mod routes;
mod routing;
mod view;

pub use access::{SESSION_SECONDS, SIGN_IN_LINK_SECONDS, new_api_token, new_sign_in_link};
pub use app::App;
pub use connections::{ConnectRefused, ConnectRequest, Connected, Connections, ConnectorCard, SettingCard, SyncRefused, Tried};
pub use limits::Limits;
pub use routes::{RouteRow, route_table, router};
pub use routing::Gate;
