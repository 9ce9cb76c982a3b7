//! What a reader must know before the figures: above all what the comparison is not.

use super::gather::Gathered;
use crate::delivery::AuthorKind;
use crate::report::{Cell, Column, Note, Provenance, Section, Table, Weight};
use crate::reports::{context, sight};

pub(super) fn all(gathered: &Gathered<'_>, known: &Provenance, hidden_rows: usize) -> Vec<Note> {
    let is_empty = gathered.now().is_empty();
    let mut notes = Vec::new();
    if !is_empty {
        notes.push(what_this_is_not());
        notes.extend(no_use(gathered));
        notes.extend(unmatched(gathered));
        notes.extend(cut_short(gathered));
        notes.extend(whole_only(gathered));
    }
    notes.extend(sight(gathered.question, hidden_rows));
    notes.extend(context::days(known, gathered.window(), is_empty));
    notes
}

fn note(weight: Weight, title: impl Into<String>, text: impl Into<String>) -> Note {
    Note { weight, title: title.into(), text: text.into(), way: None }
}

fn what_this_is_not() -> Note {
    note(
        Weight::Info,
        "Association, not proof",
        "People choose whether to use AI tools, and those who do differ from those who do not: in experience, in the code they work \
         on, in the size and kind of their tasks. A difference between them is not what the tools caused, and no difference does \
         not mean that they do nothing. Merged pull requests are not value, and a short cycle is not quality. Do not judge a \
         person by any of this.",
    )
}

fn no_use(gathered: &Gathered<'_>) -> Option<Note> {
    (!gathered.material.use_days.knows()).then(|| {
        note(
            Weight::Warning,
            "Use of AI tools is not known",
            "No connected tool tells who was active, so evidence comes from the pull requests alone and nobody can be compared.",
        )
    })
}

fn unmatched(gathered: &Gathered<'_>) -> Option<Note> {
    let of_people = || gathered.now().iter().filter(|pull| pull.row.author_kind == AuthorKind::Human);
    let unmatched = of_people().filter(|pull| !pull.is_member).count();
    let text = format!(
        "{unmatched} of {} pull requests by people are of authors who match no member. They count in every total, but what tools \
         their authors use is not known, so they are in no comparison.",
        of_people().count()
    );
    let way = Some(("/settings/people?show=unmatched".to_owned(), "Match them".to_owned()));
    (unmatched > 0).then(|| Note { way, ..note(Weight::Warning, "Some authors match no member", text) })
}

fn cut_short(gathered: &Gathered<'_>) -> Option<Note> {
    let many = gathered.now().iter().filter(|pull| pull.row.truncated).count();
    let text = format!(
        "{many} of {} have more commits, reviews or labels than are read: what names an agent, or the first commit, may be missed.",
        gathered.now().len()
    );
    (many > 0).then(|| note(Weight::Info, "Some pull requests are read in part", text))
}

fn whole_only(gathered: &Gathered<'_>) -> Option<Note> {
    let is_left_out = !gathered.is_whole() && gathered.material.deployments.is_some();
    let text = "Deployments name no team and no person, so their figures are of everyone only.";
    is_left_out.then(|| note(Weight::Info, "Deployments are left out", text))
}

/// The host's own totals beside ours; nothing where it gives none, and of a team or a person, which they do not name.
pub(super) fn totals(gathered: &Gathered<'_>) -> Option<Section> {
    if gathered.material.totals.is_empty() || !gathered.is_whole() {
        return None;
    }
    let columns = vec![
        Column::text("name", "Count"),
        Column::number("value", "As the host counts"),
        Column::number("days", "Days it told of"),
    ];
    let row = |total: &super::VendorTotal| {
        let words = total.name.replace('_', " ").replace("copilot", "Copilot");
        let name = words.replacen('p', "P", usize::from(words.starts_with('p')));
        vec![Cell::text(name), Cell::Count(total.value), Cell::Count(i64::from(total.days))]
    };
    let rows = gathered.material.totals.iter().map(row).collect();
    Some(Section::listed(
        "host_totals",
        "The host's own counts",
        "From the host's reports by repository, over the days of the window that they cover. They count all repositories and bots \
         too, so they need not equal the figures above.",
        Table::new(columns, rows),
    ))
}
