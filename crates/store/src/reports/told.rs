//! Of which days repository hosts told, and the stamps of what they told.

use super::Asked;
use crate::day_memory::Stamped;
use crate::sql::{Tx, bind};
use crate::{StoreError, slices};
use std::collections::BTreeMap;
use std::sync::Arc;
use tacho_domain::delivery::streams::{CHANGED_FILES, DEPLOYMENTS, PULL_REQUESTS};
use tacho_domain::{Day, Instant, IntegrationId, Window};

/// What repository hosts told of the days of a window.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The days of which one told what was merged, and whether it may still be restated.
    pub(super) days: BTreeMap<Day, bool>,
    /// Whether one was asked which files were changed.
    pub(super) files: bool,
    /// Whether one was asked for deployments.
    pub(super) deployments: bool,
    /// When one of them was last read.
    pub(super) last_synced: Option<Instant>,
    /// The slices of all these streams, by day, integration and stream.
    slices: Vec<Stamped>,
}

impl Told {
    /// The slices of a stream and of some days of the window, by day and integration.
    pub(super) fn slices(&self, stream: &str, window: Window) -> Vec<Stamped> {
        let is_meant = |slice: &&Stamped| &*slice.0.2 == stream && window.contains(slice.0.3);
        self.slices.iter().filter(is_meant).cloned().collect()
    }
}

/// Of which days hosts told, by the streams of all integrations: of each stream and state one row with all its days, because a
/// driver takes longer over a row than the database does.
pub(super) async fn told(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<Told, StoreError> {
    let organization = asked.question.organization;
    let rows = tx
        .fetch(
            "select s.integration_id, s.stream, s.state, max(i.last_synced_at),
                    string_agg(cast(s.day as text) || ' ' || coalesce(cast(s.stamp as text), ''), ',')
             from integrations i cross join slices s
             where i.organization_id = $1 and s.organization_id = i.organization_id and s.integration_id = i.id
               and s.stream in ($4, $5, $6) and s.day between $2 and $3
             group by s.integration_id, s.stream, s.state",
            bind![organization, window.from, window.to, PULL_REQUESTS, CHANGED_FILES, DEPLOYMENTS],
        )
        .await?;
    let mut told = Told::default();
    for row in &rows {
        let (integration, stream): (_, Arc<str>) = (IntegrationId(row.int(0)?), row.text(1)?.into());
        let state = slices::state(&row.text(2)?)?;
        told.last_synced = told.last_synced.max(row.maybe_instant(3)?);
        for text in row.text(4)?.split(',') {
            let damaged = || StoreError::damaged("slices", "day", window, format!("`{text}`"));
            let (day, stamp) = day_and_stamp(text).ok_or_else(damaged)?;
            if &*stream == PULL_REQUESTS && state.is_answered() {
                *told.days.entry(day).or_default() |= !state.is_settled();
            }
            told.slices.push(((organization, integration, stream.clone(), day), stamp));
        }
        told.files |= &*stream == CHANGED_FILES;
        told.deployments |= &*stream == DEPLOYMENTS;
    }
    told.slices.sort_unstable_by(|(one, _), (two, _)| (one.3, one.1, &one.2).cmp(&(two.3, two.1, &two.2)));
    Ok(told)
}

/// A day as it stands in its stream's row: "20700 -2712" or, without a stamp, "20700 ".
fn day_and_stamp(text: &str) -> Option<(Day, Option<i64>)> {
    let (day, stamp) = text.split_once(' ')?;
    Some((Day(day.parse().ok()?), if stamp.is_empty() { None } else { Some(stamp.parse().ok()?) }))
}
