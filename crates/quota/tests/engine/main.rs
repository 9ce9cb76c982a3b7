//! The engine as a whole: state file, lock, schedule, tokens and facade, over real files and real sockets on loopback. Time
//! is tokio's and stands still unless a test moves it; nothing here asks the internet.

#![allow(clippy::unwrap_used, reason = "these are tests, their scene and peer included")]

mod answers;
mod errors;
mod facade;
mod model;
mod peer;
mod scene;
