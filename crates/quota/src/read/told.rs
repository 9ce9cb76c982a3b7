//! What a reader gathers, before it has a time.

use crate::{Limit, Meter, UsageData};
use std::collections::BTreeSet;
use tacho_domain::Instant;

/// [`UsageData`] in the making.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) account: Option<String>,
    pub(super) plan: Option<String>,
    pub(super) meters: Vec<Meter>,
    pub(super) remarks: Vec<String>,
    /// When the source itself says it was told, where that may be earlier than when it was read.
    pub(super) as_of: Option<Instant>,
}

impl Told {
    /// Whether anything is counted.
    pub(super) fn measures(&self) -> bool {
        self.meters.iter().any(|meter| meter.limit() != Limit::Unlimited)
    }

    /// What is without limit says nothing beside what is counted.
    pub(super) fn leave_out_unlimited(&mut self) {
        if self.measures() {
            self.meters.retain(|meter| meter.limit() != Limit::Unlimited);
        }
    }

    /// Says so where there is nothing to show, and no word why yet.
    pub(super) fn explain_nothing(&mut self, teller: &str) {
        if self.meters.is_empty() && self.remarks.is_empty() {
            self.remarks.push(format!("{teller} holds nothing to measure."));
        }
    }

    /// Keeps the first meter of each id: bars find a meter by it.
    pub(super) fn drop_repeated(&mut self) {
        let mut seen = BTreeSet::new();
        self.meters.retain(|meter| seen.insert(meter.id.clone()));
    }

    /// As of `read_at`, or earlier where the source says so; never later, whatever the source's clock says.
    pub(super) fn at(self, read_at: Instant) -> UsageData {
        let Self { account, plan, meters, remarks, as_of } = self;
        UsageData { account, plan, meters, remarks, as_of: as_of.map_or(read_at, |as_of| as_of.min(read_at)) }
    }
}
