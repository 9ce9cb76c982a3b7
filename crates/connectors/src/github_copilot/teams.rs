//! Who was in which team on a day. Teams with fewer than five Copilot seats are left out by GitHub, and a user in
//! several teams has several rows (<https://docs.github.com/en/copilot/reference/copilot-usage-metrics/team-level-metrics>,
//! read 2026-11-21).

use super::value::Text;
use crate::ndjson::{self, BadRecord};
use crate::{Call, Misread, Read, Reply, Sink};
use serde::Deserialize;
use std::collections::HashSet;
use tacho_domain::{Fact, IdentityRef, TeamFact};

const UNUSED: &[&str] = &["organization_id", "enterprise_id", "etl_id", "day_partition", "entity_id_partition"];

/// One user in one team; ids come as numbers or as text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row<'a> {
    #[serde(borrow)]
    day: Text<'a>,
    user_id: Text<'a>,
    user_login: Text<'a>,
    team_id: Text<'a>,
    slug: Text<'a>,
}

/// Reads a report's file.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let mut seen = HashSet::new();
    let mut watch = super::drift::Watch::new(UNUSED);
    ndjson::records(super::ID, call, reply, sink, &mut |record, number, sink| {
        let row: Row<'_> = watch.read(record, sink)?;
        let day = row.day.as_str().parse().map_err(|_| BadRecord::Unfit("a row without a day"))?;
        let identity = match (row.user_id.id(), row.user_login.given()) {
            (Some(id), login) => IdentityRef::github(id, login.unwrap_or(row.user_id.as_str())),
            (None, Some(login)) => IdentityRef::github_login(login),
            (None, None) => return Err(BadRecord::Unfit("a row that names no user")),
        };
        let team_key = row.team_id.given().or(row.slug.given()).ok_or(BadRecord::Unfit("a row that names no team"))?.to_owned();
        let team = row.slug.given().unwrap_or(&team_key).to_owned();
        if seen.insert((day, identity.key.clone(), team_key.clone())) {
            sink.fact(Fact::Team(TeamFact { day, identity, team_key, team }));
        } else {
            sink.skipped_line(number, "a second row for the same user, team and day");
        }
        Ok(())
    })?;
    Ok(Read::done())
}
