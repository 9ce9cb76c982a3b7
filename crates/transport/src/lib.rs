//! The one door to vendors: attaches secrets, paces, retries, follows rate limits, redacts, refuses foreign hosts.
//!
//! A [`Transport`] is made once. Each integration has a [`Lane`], which lets one call through at a time. A call that
//! succeeds gives a [`Received`], whose body lies in memory or in an unlinked file; any other outcome is a [`SendError`] of
//! one of the ten kinds, in words that hold no secret.

mod address;
mod allowance;
mod app;
mod attempt;
mod backoff;
mod body;
mod credential;
mod door;
mod failure;
mod lane;
mod metering;
mod names;
mod pace;
mod policy;
mod postbox;
mod retry;
mod surroundings;
mod transport;

pub use address::is_public;
pub use body::Body;
pub use failure::{Refused, SendError};
pub use lane::Lane;
pub use policy::{BuildError, Policy};
pub use postbox::Postbox;
pub use surroundings::{Lookup, Rest, Surroundings};
pub use transport::{Received, Transport};
