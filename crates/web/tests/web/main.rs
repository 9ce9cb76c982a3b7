//! The pages, the REST API and the doors, through the real router. One program, because linking one for each file took
//! longer than running them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod accounts;
mod armour;
mod audience;
mod audit_log;
mod delivery;
mod devices;
mod events;
mod front_door;
mod house;
mod integrations;
mod isolation;
mod money;
mod openapi;
mod operations;
mod page;
mod people;
mod permissions;
mod report_files;
mod report_page;
mod report_search;
mod rest;
mod rest_v1;
mod seeds;
mod sessions;
mod shares;
mod sign_on;
mod status;
mod surveys;
mod teams;
mod tokens_page;
mod users;
mod webhooks;
