//! Reports of a real store, filled by a sync of the simulated vendors, held against the simulator's truth: one test
//! program, a room for each report.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
#![allow(clippy::cast_precision_loss, clippy::cast_possible_wrap, reason = "the figures of some sixty invented people")]

#[path = "../stage/mod.rs"]
mod stage;

mod association_tables;
mod commit_records;
mod cost;
mod delivery;
mod delivery_list;
mod filled;
mod hours;
mod member;
mod members;
mod reconciliation;
mod seats;
mod teams;
mod tool;
