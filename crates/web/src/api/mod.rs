//! REST as JSON.

mod body;
mod connect;
mod dashboard;
mod health;
mod integrations;
mod overview;
mod sync;

pub(crate) use connect::connect;
pub(crate) use dashboard::dashboard;
pub(crate) use health::{health, ready};
pub(crate) use integrations::{find_integration, list_integrations, remove_integration};
pub(crate) use overview::overview;
pub(crate) use sync::sync;
