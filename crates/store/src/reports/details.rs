//! The names and details of the member table's rows, for the page that is shown only.

use super::narrow::Narrow;
use super::person_sums::person_sums;
use crate::StoreError;
use crate::migrations::measure_sums;
use crate::sql::{LIST, Tx, Value, bind, list_of};
use std::collections::HashMap;
use tacho_domain::measure::plus;
use tacho_domain::metrics::acceptance;
use tacho_domain::report::{Amount, MemberRow, Part, Question};
use tacho_domain::{Directory, Measure, Measures, Money, OrganizationId, SubjectId, ToolId, ToolProfile, Window};

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
    let names = names(tx, question.organization, rows).await?;
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

/// A member's name or else address; an unmatched identity's label.
async fn names(tx: &mut Tx, organization: OrganizationId, rows: &[MemberRow]) -> Result<HashMap<SubjectId, String>, StoreError> {
    let mut names = HashMap::with_capacity(rows.len());
    let texts = [(true, "id, label from identities"), (false, "id, coalesce(name, email) from members")];
    for (unmatched, text) in texts {
        let of_kind: Vec<&MemberRow> = rows.iter().filter(|row| row.unmatched == unmatched).collect();
        for chunk in of_kind.chunks(LIST) {
            let mut values = bind![organization].to_vec();
            values.extend(chunk.iter().map(|row| Value::from(row.subject.0)));
            let list = list_of(2, &mut values);
            for row in tx.fetch(format!("select {text} where organization_id = $1 and id in ({list})"), &values).await? {
                names.insert(SubjectId(row.number(0)?), row.text(1)?);
            }
        }
    }
    Ok(names)
}

/// The measures that the details need.
fn needed(profiles: &[ToolProfile]) -> Vec<Measure> {
    let rules = profiles.iter().flat_map(|profile| profile.acceptance).flat_map(|rule| rule.accepted.iter().chain(rule.offered));
    let mut needed: Vec<Measure> = rules.copied().chain([Measure::LinesAdded, Measure::Cost, Measure::Credits]).collect();
    needed.sort_unstable();
    needed.dedup();
    needed
}

/// Reads the rows' identities in the counted slices of the window. The slices are few and lead into the fact table's own
/// key, so that no second index has to be kept while loading.
async fn details(
    tx: &mut Tx,
    question: &Question,
    profiles: &[ToolProfile],
    directory: &Directory,
    rows: &[MemberRow],
) -> Result<Vec<Details>, StoreError> {
    let window = question.window;
    let place = |subject| rows.iter().position(|row: &MemberRow| row.subject == subject);
    let measures = needed(profiles);
    let mut details: Vec<Details> = vec![Details::new(); rows.len()];
    if let Some(narrow) = Narrow::of(tx, question, directory, window).await? {
        // Who counts changes from day to day, which no sum over rows knows.
        for sum in person_sums(tx, question, directory, &narrow, &measures).await? {
            if let Some(place) = place(directory.subject(sum.identity)) {
                details[place].entry(sum.tool.to_string()).or_default().add(&sum.measures);
            }
        }
        return Ok(details);
    }
    let identities: Vec<u32> = rows.iter().flat_map(|row| directory.identities(row.subject)).map(|identity| identity.0).collect();
    let subjects: HashMap<u32, usize> = identities
        .iter()
        .filter_map(|&identity| Some((identity, place(directory.subject(tacho_domain::IdentityId(identity)))?)))
        .collect();
    for chunk in identities.chunks(LIST) {
        for row in usage(tx, question.organization, window, &measures, chunk).await? {
            let tool = row.text(0)?;
            let Some(&place) = subjects.get(&row.number(1)?) else { continue };
            if question.asks_for(&ToolId(tool.clone().into())) {
                details[place].entry(tool).or_default().add(&row.measures(2, &measures)?);
            }
        }
    }
    Ok(details)
}

async fn usage(
    tx: &mut Tx,
    organization: OrganizationId,
    window: Window,
    measures: &[Measure],
    identities: &[u32],
) -> Result<Vec<crate::sql::Row>, StoreError> {
    let mut values = bind![organization, window.from, window.to].to_vec();
    values.extend(identities.iter().map(|identity| Value::from(*identity)));
    // Few statement texts, each stays prepared: what is filled up is null and equals nobody.
    values.resize(3 + identities.len().next_power_of_two(), Value::Int(None));
    let wanted: Vec<String> = (4..=values.len()).map(|place| format!("(${place})")).collect();
    // One materialized list of whole keys leaves a planner without statistics only one way: a look-up per key. Given the
    // identities as `in (...)` or as a join of their own, `PostgreSQL` read all of each slice (800 ms instead of 10).
    let sql = format!(
        "with wanted as materialized (
             select r.integration_id, r.stream, r.day, r.tool, v.id
             from slice_rollups r cross join (select column1 as id from (values {}) w) v
             where r.organization_id = $1 and r.day between $2 and $3)
         select w.tool, u.identity_id, {} from wanted w cross join usage_daily u
         where u.organization_id = $1 and u.integration_id = w.integration_id and u.stream = w.stream and u.day = w.day
           and u.identity_id = w.id
         group by w.tool, u.identity_id",
        wanted.join(","),
        measure_sums("u.", measures)
    );
    tx.fetch(sql, &values).await
}
