//! Printed forms of reports, read back with other people's programs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod card;
mod hostile;
mod pdf;
mod poster;
mod readers;
mod sample;
mod xlsx;
