//! Pages and REST; the only HTML. It makes no vendor calls: it enqueues, through [`Connections`].
//!
//! Nothing here asks which tool a number belongs to: names, units and forms come from the profiles and cards handed over.

mod access;
mod api;
mod api_tokens;
mod app;
mod asking;
mod assets;
mod audience;
mod audit;
mod audit_log;
mod caller;
mod connections;
mod device;
mod edge;
mod guard;
mod headers;
mod hooks;
mod integrations;
mod limits;
mod memberships;
mod money;
mod openapi;
mod operations;
mod pages;
mod password;
mod peer;
mod people;
mod permissions;
mod problem;
mod report;
mod round_trip;
mod routes;
mod routing;
mod second_factor;
mod session;
mod signon;
mod surveys;
mod teams;
mod throttle;
mod view;

pub use access::{
    INVITATION_SECONDS, RESET_LINK_SECONDS, SESSION_IDLE_SECONDS, SESSION_SECONDS, SET_UP_LINK_SECONDS, SIGN_IN_LINK_SECONDS,
    TokenWanted, new_api_token, new_invitation_link, new_operator_reset_link, new_reset_link, new_set_up_link, new_sign_in_link,
};
pub use app::App;
pub use connections::{
    AppCard, AppFieldCard, Broken, ConnectRefused, ConnectRequest, Connected, Connections, ConnectorCard, EditRequest,
    NewCredential, ScopeCard, SettingCard, StreamCard, SyncRefused, Tried, WebhookCard,
};
pub use limits::Limits;
pub use openapi::openapi;
pub use operations::{Metrics, Operations};
pub use password::{PasswordError, check_password, hash_password};
pub use permissions::permissions_page;
pub use routes::{RouteRow, route_table, router};
pub use routing::Gate;
pub use signon::{
    Begun, CONNECTION_CALLBACK, External, Granted, Newcomer, NoSignOn, ProviderCard, SIGN_IN_CALLBACK, SignOn, SignOnRefused,
};
