//! Reads what a tool's report is made of.

use super::narrow::Narrow;
use super::seat_lists::each_seat;
use super::tool_parts::parts;
use super::{Asked, details, material};
use crate::StoreError;
use crate::sql::{Row, Tx, bind};
use std::collections::BTreeMap;
use tacho_domain::report::Report;
use tacho_domain::reports::tool::{self, SeatHeld, ToolMaterial, UserCount};
use tacho_domain::{Dimension, ToolId, ToolProfile, Window};

/// `None` where no connector reads such a tool.
pub(super) async fn answer(tx: &mut Tx, asked: &Asked<'_>, tool: &ToolId) -> Result<Option<Report>, StoreError> {
    let profiles = asked.known.profiles;
    let Some(profile) = profiles.iter().find(|profile| profile.id == tool.as_str()) else { return Ok(None) };
    let question = tool::narrowed(asked.question, tool);
    let (window, before) = (question.window, question.window.before());
    let narrow = Narrow::read(tx, asked, Window { from: before.from, to: window.to }).await?;
    let narrow = narrow.as_ref();
    let material = ToolMaterial {
        profile,
        usage: material::read(tx, &question, profiles, asked.directory).await?,
        parts: parts(tx, asked, tool, window, None, narrow).await?,
        features_before: match profile.agent_features {
            [] => Vec::new(),
            _ => parts(tx, asked, tool, before, Some(Dimension::Feature), narrow).await?,
        },
        // They are of everyone, and cannot be narrowed.
        counts: if narrow.is_none() { counts(tx, asked, profile).await? } else { Vec::new() },
        seats: seats(tx, asked, tool, narrow).await?,
    };
    let mut draft = tool::draft(asked.question, &material);
    details::fill(tx, &question, profiles, asked.directory, &mut draft.usage.members.rows).await?;
    Ok(Some(draft.document(profiles)))
}

/// The vendor's own counts of people, of each of the tool's integrations that is not gone: several overlap, so that the
/// largest counts.
async fn counts(tx: &mut Tx, asked: &Asked<'_>, profile: &ToolProfile) -> Result<Vec<UserCount>, StoreError> {
    let (organization, window) = (asked.question.organization, asked.question.window);
    let mut streams: Vec<&str> = profile.user_totals.iter().map(|total| total.stream).collect();
    streams.dedup();
    let mut counts = Vec::new();
    for stream in streams {
        let rows = tx
            .fetch(
                "select t.day, t.name, max(t.value) from integrations i cross join usage_totals t
                 where i.organization_id = $1 and i.tool = $2 and i.removed = 0 and t.organization_id = i.organization_id
                   and t.integration_id = i.id and t.stream = $3 and t.day between $4 and $5
                 group by t.day, t.name order by t.day, t.name",
                bind![organization, profile.id, stream, window.from, window.to],
            )
            .await?;
        for row in &rows {
            counts.push(UserCount { day: row.day(0)?, name: row.text(1)?, value: row.int(2)? });
        }
    }
    Ok(counts)
}

/// The seats at each stream's newest snapshot in the window, the morning after its last day included: those of whoever
/// counts on the window's last day.
async fn seats(tx: &mut Tx, asked: &Asked<'_>, tool: &ToolId, narrow: Option<&Narrow>) -> Result<Vec<SeatHeld>, StoreError> {
    let (organization, window) = (asked.question.organization, asked.question.window);
    let snapshots = tx
        .fetch(
            "select integration_id, stream, day from slice_seats
             where organization_id = $1 and day between $2 and $3 and tool = $4 order by day",
            bind![organization, window.from, window.to.plus(1), tool.as_str()],
        )
        .await?;
    let mut newest: BTreeMap<(i64, String), &Row> = BTreeMap::new();
    for row in &snapshots {
        newest.insert((row.int(0)?, row.text(1)?), row);
    }
    let mut seats = Vec::new();
    for ((integration, stream), row) in newest {
        each_seat(tx, organization, (integration, &stream), row.day(2)?, |listed| {
            if narrow.is_none_or(|narrow| narrow.counts(window.to, listed.identity, asked.directory)) {
                seats.push(SeatHeld { identity: listed.identity, since: listed.since });
            }
        })
        .await?;
    }
    Ok(seats)
}
