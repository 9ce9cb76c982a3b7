//! The names and details of the member table's rows, for the page that is shown only.

use super::narrow::Narrow;
use super::packed::packed_slices;
use super::persons::names_of;
use crate::StoreError;
use crate::sql::Tx;
use std::collections::HashMap;
use tacho_domain::measure::plus;
use tacho_domain::metrics::acceptance;
use tacho_domain::report::{Amount, MemberRow, Part, Question};
use tacho_domain::reports::people::Sums;
use tacho_domain::{Directory, IdentityId, Measure, Measures, Money, SubjectId, ToolId, ToolProfile};

/// What one row did, by tool.
type Details = HashMap<String, Measures>;

/// A credit is worth one cent at list price; credits and micro-dollars are both counted in millionths.
const CREDITS_PER_DOLLAR: i64 = 100;

pub(super) async fn fill(
    tx: &mut Tx,
    question: &Question,
    profiles: &[ToolProfile],
    directory: &Directory,
    rows: &mut [MemberRow],
) -> Result<(), StoreError> {
    let names = names_of(tx, question.organization, directory, rows.iter().map(|row| row.subject)).await?;
    let details = details(tx, question, profiles, directory, rows).await?;
    for (row, details) in rows.iter_mut().zip(details) {
        row.name = names.get(&row.subject).cloned().unwrap_or_default();
        row.acceptance = parts(profiles, &details);
        let mut sums = Measures::default();
        for tool in details.values() {
            sums.add(tool);
        }
        row.lines_added = sums[Measure::LinesAdded];
        row.cost = plus(sums[Measure::Cost], sums[Measure::Credits].map(|credits| credits / CREDITS_PER_DOLLAR)).map(Money);
    }
    Ok(())
}

fn parts(profiles: &[ToolProfile], details: &Details) -> Vec<Part> {
    let mut parts = Vec::new();
    for profile in profiles {
        let Some(sums) = details.get(profile.id) else { continue };
        for rule in profile.acceptance {
            let Some(rate) = acceptance(rule, sums) else { continue };
            let several = profile.acceptance.len() > 1;
            let label = if several { format!("{}: {}", profile.name, rule.label) } else { profile.name.to_owned() };
            parts.push(Part { tool: ToolId::new(profile.id), label, value: Amount::Share(rate), share: None });
        }
    }
    parts
}

/// The measures that the details need.
fn needed(profiles: &[ToolProfile]) -> Vec<Measure> {
    let rules = profiles.iter().flat_map(|profile| profile.acceptance).flat_map(|rule| rule.accepted.iter().chain(rule.offered));
    let mut needed: Vec<Measure> = rules.copied().chain([Measure::LinesAdded, Measure::Cost, Measure::Credits]).collect();
    needed.sort_unstable();
    needed.dedup();
    needed
}

/// Reads the rows' people in the counted slices of the window, on the days on which they count.
async fn details(
    tx: &mut Tx,
    question: &Question,
    profiles: &[ToolProfile],
    directory: &Directory,
    rows: &[MemberRow],
) -> Result<Vec<Details>, StoreError> {
    let places: HashMap<SubjectId, usize> = rows.iter().map(|row| row.subject).zip(0..).collect();
    let mut identities: Vec<IdentityId> = rows.iter().flat_map(|row| directory.identities(row.subject)).collect();
    identities.sort_unstable();
    let measures = needed(profiles);
    let narrow = Narrow::of(tx, question, directory, question.window).await?;
    let mut sums = Sums::default();
    for slice in packed_slices(tx, question, question.window, &measures).await? {
        let on_day = narrow.as_ref().map(|narrow| narrow.on(slice.day));
        let counts = |identity: &IdentityId| on_day.as_ref().is_none_or(|on_day| on_day.counts(*identity, directory));
        let who: Vec<IdentityId> = identities.iter().copied().filter(counts).collect();
        sums.add(&slice, &measures, Some(&slice.people.places(&who)));
    }
    let mut details = vec![Details::new(); rows.len()];
    for sum in sums.finish() {
        if let Some(&place) = places.get(&directory.subject(sum.identity)) {
            details[place].entry(sum.tool.to_string()).or_default().add(&sum.measures);
        }
    }
    Ok(details)
}
