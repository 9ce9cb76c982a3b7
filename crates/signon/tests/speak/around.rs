//! The world as tests have it: no name server, no waiting.

use std::net::IpAddr;
use std::sync::Arc;
use tacho_domain::Instant;
use tacho_signon::{Around, Line, Rest};

pub(crate) fn now() -> Instant {
    Instant::parse("2026-11-21T09:00:00Z").unwrap()
}

/// A line that may reach these hosts on loopback.
pub(crate) fn line(allowed: &[String], rest: Rest) -> Line {
    let around = Around {
        clock: Arc::new(now),
        rest,
        lookup: Arc::new(|name| Box::pin(async move { Err(std::io::Error::other(format!("{name} is not looked up in tests"))) })),
        is_public: |address: IpAddr| !address.is_loopback(),
        allowed: allowed.to_vec(),
    };
    Line::new(around).unwrap()
}

pub(crate) fn no_rest() -> Rest {
    Arc::new(|_| Box::pin(async {}))
}
