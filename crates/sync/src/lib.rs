//! When to ask and what to keep: plan, fetch, archive, replace slice, roll up; jobs and schedule.
//!
//! An [`Engine`] syncs one integration at a time: for every slice of its agenda it follows the vendor's calls, archives
//! the raw replies, reads them, and replaces the slice day by day, each day in one short transaction. Nothing it did is
//! lost when it stops anywhere, and doing it again changes nothing. [`worker::run`] takes syncs from the job queue;
//! [`schedule::run`] puts them there.

mod agenda;
mod backoff;
mod change;
mod connect;
mod engine;
mod event;
mod failure;
mod fetch;
mod fingerprint;
mod gathered;
mod import;
mod integration;
mod keep;
mod months;
mod pages;
mod read;
mod reread;
mod scope;
mod steps;
mod summary;
mod timetable;
mod watch;

pub mod schedule;
pub mod worker;

pub use backoff::RETRY_SECONDS;
pub use change::Edit;
pub use connect::{Connect, ConnectError, Probed};
pub use engine::Engine;
pub use event::{Event, Happening};
pub use failure::{Decision, SyncError};
pub use import::{ImportError, Imported};
pub use scope::{DEFAULT_DAYS, Scope};
pub use steps::Step;
pub use summary::Summary;
pub use timetable::{Begun, DEFAULT_CRON, Due, NotACron, Timetable, delay_seconds};
