//! `tacho status` as bars and editors run it: the real binary, a home of its own, a vendor on loopback.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bar;
mod check;
mod stage;
mod watch;
