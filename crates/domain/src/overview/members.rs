//! The member table: ranked by interactions over everyone, then cut to the page that was asked for.

use super::gather::Gathered;
use super::{Material, Packed, SliceRollup};
use crate::metrics::cohort;
use crate::report::{Audience, MemberRow, MemberTable, Question};
use crate::{IdentityId, SubjectId, ToolId};

pub(super) fn table(question: &Question, material: &Material<'_>, gathered: &Gathered<'_>) -> MemberTable {
    let mut ranked: Vec<usize> = (0..gathered.people.len()).filter(|&index| gathered.people[index].seen).collect();
    let everyone = ranked.len();
    // Before ranking and paging, so that neither the order nor a gap in it tells anything of those left out.
    if question.audience != Audience::Everyone {
        ranked.retain(|&index| {
            let subject = subject(index);
            question.audience.sees(subject, gathered.directory.unmatched().contains(subject))
        });
    }
    ranked.sort_by_key(|&index| {
        let person = &gathered.people[index];
        (std::cmp::Reverse((person.interactions, person.active_days)), index)
    });
    let page = ranked.iter().skip(question.offset).take(question.limit);
    let mut rows: Vec<MemberRow> = page.map(|&index| row(question, gathered, index)).collect();
    draw_sparks(question, material, &mut rows);
    MemberTable { rows, total_rows: ranked.len(), hidden_rows: everyone - ranked.len(), offset: question.offset }
}

fn subject(index: usize) -> SubjectId {
    SubjectId(u32::try_from(index).unwrap_or(u32::MAX))
}

/// Fills in the interactions per day. A second look at the days, for the page's rows only, is cheaper than
/// keeping every person's every day during the first.
#[expect(clippy::cast_precision_loss, reason = "a spark line to look at")]
fn draw_sparks(question: &Question, material: &Material<'_>, rows: &mut [MemberRow]) {
    let of_row =
        |(place, row): (usize, &MemberRow)| material.directory.identities(row.subject).map(move |identity| (identity, place));
    let mut places: Vec<(IdentityId, usize)> = rows.iter().enumerate().flat_map(of_row).collect();
    places.sort_unstable();
    let wanted_people: Vec<IdentityId> = places.iter().map(|(identity, _)| *identity).collect();
    let wanted = |slice: &&SliceRollup| question.window.contains(slice.day) && question.asks_for(&slice.tool);
    for slice in material.slices.iter().filter(wanted) {
        let day = usize::try_from(slice.day.since(question.window.from)).unwrap_or(usize::MAX);
        let Packed::Whole(people) = &slice.people else { continue };
        for person in people.these(&wanted_people) {
            let place = places.binary_search_by_key(&person.identity, |(identity, _)| *identity);
            if let (Ok(place), Some(interactions)) = (place, person.interactions)
                && let Some(value) = rows[places[place].1].spark.get_mut(day)
            {
                *value = Some(value.unwrap_or(0.0) + interactions as f64);
            }
        }
    }
}

fn row(question: &Question, gathered: &Gathered<'_>, index: usize) -> MemberRow {
    let person = &gathered.people[index];
    let subject = subject(index);
    let mut tools: Vec<_> =
        gathered.tools.iter().filter(|tool| tool.active.contains(subject)).map(|tool| ToolId::new(tool.profile.id)).collect();
    tools.sort();
    MemberRow {
        subject,
        name: String::new(),
        unmatched: gathered.directory.unmatched().contains(subject),
        tools,
        last_active: person.last_active,
        active_days: person.active_days,
        cohort: cohort(person.active_days, question.window.workdays()),
        interactions: person.interactions,
        acceptance: Vec::new(),
        lines_added: None,
        cost: None,
        spark: vec![None; question.window.len() as usize],
    }
}
