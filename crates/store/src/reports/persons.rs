//! Slices with those who count on each day, and what people are called.

use super::Asked;
use super::everybody::each_name;
use super::narrow::Narrow;
use crate::StoreError;
use crate::sql::{LIST, Tx, Value, bind, list_of};
use std::collections::HashMap;
use tacho_domain::columns::CountedSlice;
use tacho_domain::metrics::People;
use tacho_domain::reports::people::Counted;
use tacho_domain::{Directory, OrganizationId, SubjectId};

/// Slices, each with the places of those who count on its day.
pub(super) fn counted<'s>(
    asked: &Asked<'_>,
    narrow: Option<&Narrow>,
    slices: &'s [CountedSlice],
) -> impl Iterator<Item = Counted<'s>> {
    slices.iter().map(move |slice| (slice, these(asked, narrow, slice)))
}

/// The places of those of a slice who count, ascending; `None`: everybody counts.
pub(super) fn these(asked: &Asked<'_>, narrow: Option<&Narrow>, slice: &CountedSlice) -> Option<Vec<usize>> {
    narrow.map(|narrow| narrow.on(slice.day).places(&slice.people, asked.directory))
}

/// What the subjects of a report are called.
pub(super) async fn names(
    tx: &mut Tx,
    asked: &Asked<'_>,
    subjects: impl IntoIterator<Item = SubjectId>,
) -> Result<HashMap<SubjectId, String>, StoreError> {
    names_of(tx, asked.question.organization, asked.directory, subjects).await
}

/// What subjects are called: a member's name or else address, an unmatched identity's label. Whoever has none is not in it.
pub(super) async fn names_of(
    tx: &mut Tx,
    organization: OrganizationId,
    directory: &Directory,
    subjects: impl IntoIterator<Item = SubjectId>,
) -> Result<HashMap<SubjectId, String>, StoreError> {
    let (unmatched, members): (Vec<SubjectId>, Vec<SubjectId>) =
        subjects.into_iter().partition(|subject| directory.unmatched().contains(*subject));
    let mut names = HashMap::with_capacity(unmatched.len() + members.len());
    for (subjects, name, table) in [(unmatched, "label", "identities"), (members, "coalesce(name, email)", "members")] {
        if subjects.len() > LIST {
            // To read everybody's name is cheaper than to ask for that many.
            let mut wanted = People::default();
            for subject in subjects {
                wanted.insert(subject);
            }
            let of = format!("{table} where organization_id = $1");
            each_name(tx, (&of, name, "id > 0"), bind![organization], |number, _, name| {
                if let (true, Some(name)) = (wanted.contains(SubjectId(number)), name) {
                    names.insert(SubjectId(number), name.to_owned());
                }
            })
            .await?;
        } else if !subjects.is_empty() {
            let mut values = bind![organization].to_vec();
            values.extend(subjects.iter().map(|subject| Value::from(subject.0)));
            let list = list_of(2, &mut values);
            let text = format!("select id, {name} from {table} where organization_id = $1 and id in ({list})");
            for row in tx.fetch(text, &values).await? {
                if let Some(name) = row.maybe_text(1)? {
                    names.insert(SubjectId(row.number(0)?), name);
                }
            }
        }
    }
    Ok(names)
}
