//! The member table: ranked by interactions over everyone, then cut to the page that was asked for.

use super::gather::Gathered;
use crate::metrics::cohort;
use crate::report::{MemberRow, MemberTable, Question};
use crate::{SubjectId, ToolId};

pub(super) fn table(question: &Question, gathered: &Gathered<'_>) -> MemberTable {
    let mut ranked: Vec<usize> = (0..gathered.people.len()).filter(|&index| gathered.people[index].seen).collect();
    ranked.sort_by_key(|&index| {
        let person = &gathered.people[index];
        (std::cmp::Reverse((person.interactions, person.active_days)), index)
    });
    let rows = ranked.iter().skip(question.offset).take(question.limit).map(|&index| row(question, gathered, index));
    MemberTable { rows: rows.collect(), total_rows: ranked.len(), offset: question.offset }
}

fn row(question: &Question, gathered: &Gathered<'_>, index: usize) -> MemberRow {
    let person = &gathered.people[index];
    let subject = SubjectId(u32::try_from(index).unwrap_or(u32::MAX));
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
        spark: Vec::new(),
    }
}
