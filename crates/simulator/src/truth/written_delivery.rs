//! The part of `truth.json` about delivery.

use super::Truth;
use super::delivery::ActivePeople;
use crate::delivery::{DeploymentTruth, PullTruth};
use serde_json::{Value, json};
use std::io::{self, Write};
use tacho_domain::delivery::Tier;
use tacho_domain::{Instant, Window};

/// The window whose figures are worked out: the last complete days.
const FIGURES_OF_DAYS: u32 = 28;

impl Truth {
    /// Writes `"delivery":{"planted":{…},"last_28_days":{…},"repositories":[…],"deployments":[…],"days":[…]}`.
    pub(super) fn write_delivery(&self, out: &mut impl Write) -> io::Result<()> {
        let places = self.0.delivery.places.iter().map(|place| json!({"id": place.id, "name": place.name.as_ref()}));
        let figures = self.delivery(Window::ending(self.0.today().minus(1), FIGURES_OF_DAYS), None);
        write!(
            out,
            "\"delivery\":{{\"planted\":{},\"last_28_days\":{},\"repositories\":{},\"deployments\":[",
            json!(self.planted()),
            json!(figures),
            places.collect::<Value>(),
        )?;
        let mut comma = "";
        for it in self.deployments(self.history()) {
            write!(out, "{comma}\n{}", deployment(&it))?;
            comma = ",";
        }
        out.write_all(b"],\"days\":[")?;
        comma = "";
        let mut active = ActivePeople::default();
        for day in self.history().days() {
            let pulls: Vec<PullTruth> = self.pull_requests(Window::day(day)).collect();
            if pulls.is_empty() {
                continue;
            }
            let rows = pulls.iter().map(|it| pull(it, self.tier(it, &mut active)));
            write!(out, "{comma}\n{{\"day\":\"{day}\",\"pull_requests\":{}}}", rows.collect::<Value>())?;
            comma = ",";
        }
        out.write_all(b"]}")
    }
}

fn text(at: Option<Instant>) -> Value {
    json!(at.map(|at| at.to_string()))
}

fn deployment(it: &DeploymentTruth) -> Value {
    json!({
        "repository": it.repository_id,
        "id": it.id,
        "created_at": it.created_at.to_string(),
        "finished_at": text(it.finished_at),
        "outcome": it.outcome.as_str(),
    })
}

fn pull(it: &PullTruth, tier: Option<Tier>) -> Value {
    json!({
        "repository": it.repository_id,
        "number": it.number,
        "author_kind": it.author_kind.as_str(),
        "author": it.author,
        "created_at": it.created_at.to_string(),
        "ready_at": text(it.ready_at),
        "merged_at": it.merged_at.to_string(),
        "first_commit_at": it.first_commit_at.to_string(),
        "first_review_at": text(it.first_review_at),
        "last_approval_at": text(it.last_approval_at),
        "lines": it.additions + it.deletions,
        "reverts": it.reverts,
        "with_ai": it.with_ai,
        "tier": tier.map(Tier::as_str),
    })
}
