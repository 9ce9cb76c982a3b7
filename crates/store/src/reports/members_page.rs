//! Reads what the Members report is made of.

use super::active::active;
use super::everybody::each_name;
use super::narrow::Narrow;
use super::packed::packed_slices;
use super::persons::{names, these};
use super::{Asked, hours, material};
use crate::StoreError;
use crate::people::{memberships, team_names};
use crate::sql::{LIST, Tx, Value, bind, list_of};
use std::collections::HashMap;
use tacho_domain::SubjectId;
use tacho_domain::metrics::People;
use tacho_domain::report::Report;
use tacho_domain::reports::members::{Material, document};
use tacho_domain::reports::people::{Presence, Sums, Trends, compared, provenance};

pub(super) async fn answer(tx: &mut Tx, asked: &Asked<'_>) -> Result<Report, StoreError> {
    Ok(document(asked.question, &read(tx, asked).await?))
}

/// All about everybody whom the question is about.
pub(super) async fn read<'a>(tx: &mut Tx, asked: &'a Asked<'_>) -> Result<Material<'a>, StoreError> {
    let (question, directory, profiles) = (asked.question, asked.directory, asked.known.profiles);
    let window = question.window;
    let measures = compared(profiles);
    let narrow = Narrow::read(tx, asked, window).await?;
    let slices = packed_slices(tx, question, window, &measures).await?;
    let (mut sums, mut presence) = (Sums::default(), Presence::over(window));
    let mut counted = Vec::with_capacity(slices.len());
    for slice in slices {
        let these = these(asked, narrow.as_ref(), &slice);
        sums.add(&slice, &measures, these.as_deref());
        presence.add(directory, &slice, these.as_deref());
        counted.push((slice, these));
    }
    let before_narrow = Narrow::read(tx, asked, window.before()).await?;
    let before = active(tx, asked, before_narrow.as_ref(), window.before()).await?;
    let (members, mut known) = roster(tx, asked, narrow.as_ref()).await?;
    let present = presence.people().iter().map(|present| present.subject);
    let unmatched: Vec<SubjectId> = present.filter(|subject| directory.unmatched().contains(*subject)).collect();
    known.extend(names(tx, asked, unmatched).await?);
    let last_synced = material::last_synced(tx, question).await?;
    Ok(Material {
        profiles,
        directory,
        provenance: provenance(question, counted.iter().map(|(slice, _)| slice), sums.interactions(directory), last_synced),
        sums,
        presence,
        trends: Trends::of(window, counted),
        active_before: before.known.then(|| before.anybody()),
        members,
        names: known,
        teams: teams(tx, asked).await?,
        hours: hours::active_hours(tx, asked, window).await?,
    })
}

/// The teams of everybody who was in one.
async fn teams(tx: &mut Tx, asked: &Asked<'_>) -> Result<Vec<(String, People)>, StoreError> {
    let question = asked.question;
    let memberships = memberships(tx, question.organization, asked.directory, question.window, None).await?;
    let mut names: Vec<(i64, String)> = team_names(tx, question.organization).await?.into_iter().collect();
    names.sort_by_cached_key(|(_, name)| name.to_lowercase());
    Ok(names.into_iter().map(|(team, name)| (name, memberships.ever(team))).collect())
}

/// Names, and the members who had not left before the window: everybody's, or those of whom a narrowed question is about.
async fn roster(
    tx: &mut Tx,
    asked: &Asked<'_>,
    narrow: Option<&Narrow>,
) -> Result<(Vec<SubjectId>, HashMap<SubjectId, String>), StoreError> {
    let window = asked.question.window;
    let mut of = "members where organization_id = $1 and merged_into is null".to_owned();
    let mut values = bind![asked.question.organization, window.from].to_vec();
    if let Some(few) = narrow.map(Narrow::people).filter(|people| (1..=LIST).contains(&people.len())) {
        values.extend(few.into_iter().map(|subject| Value::from(subject.0)));
        of = format!("{of} and id in ({})", list_of(3, &mut values));
    }
    let is_there = "erased = 0 and (left_on is null or left_on >= $2)";
    let (mut members, mut names) = (Vec::new(), HashMap::new());
    each_name(tx, (&of, "coalesce(name, email)", is_there), &values, |number, is_there, name| {
        let subject = SubjectId(number);
        let counts = narrow.is_none_or(|narrow| narrow.ever_includes(subject));
        if is_there && counts {
            members.push(subject);
        }
        if let Some(name) = name {
            names.insert(subject, name.to_owned());
        }
    })
    .await?;
    Ok((members, names))
}
