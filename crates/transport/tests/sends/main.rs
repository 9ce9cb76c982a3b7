//! Sends over real sockets to a peer on loopback that answers as told. Rest, names and the time are the tests' own, so
//! nothing here waits and nothing asks the internet.

#![allow(clippy::unwrap_used, reason = "these are tests, their scene and peer included")]

mod apps;
mod bodies;
mod cancelling;
mod failures;
mod hosts;
mod lanes;
mod limits;
mod peer;
mod redirects;
mod scene;
mod secrecy;
