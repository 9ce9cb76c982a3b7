//! The pull requests themselves, each with why it is counted as AI-assisted. Nobody's whom the asker may not see.

use super::gather::{Gathered, Pull};
use crate::delivery::{Assisted, AuthorKind, Part, Signal, SignalKind, SignalSet, Tier};
use crate::report::{Cell, Column, ListedPull, ReportName, Section, Table};
use std::collections::BTreeMap;

/// The id of its section.
pub(super) const SECTION: &str = "pull_requests";

/// More than this nobody reads; the newest are listed.
const LISTED: usize = 5_000;

pub(super) fn section(gathered: &Gathered<'_>) -> Section {
    let columns = vec![
        Column::text("pull_request", "Pull request"),
        Column::text("merged", "Merged"),
        Column::text("author", "Credited to"),
        Column::number("cycle", "Cycle time"),
        Column::number("pickup", "Pickup time"),
        Column::number("review", "Review time"),
        Column::number("lines", "Lines"),
        Column::text("tier", "AI-assisted"),
        Column::text("why", "Why"),
    ];
    let all = gathered.now();
    let seen = || all.iter().rev().filter(|pull| gathered.sees(pull.author));
    let many = seen().count();
    let rows: Vec<Vec<Cell>> = seen().take(LISTED).map(|pull| row(gathered, pull)).collect();
    let listed =
        |Pull { row, .. }: &Pull<'_>| ListedPull { repository: row.repository, number: row.number, signals: row.signals };
    let cut = if many > LISTED { format!(" The newest {LISTED} of {many} are listed.") } else { String::new() };
    let pulls = seen().take(LISTED).map(listed).collect();
    let table = Table { hidden_rows: all.len() - many, pulls, ..Table::new(columns, rows) };
    let subtitle = format!("Merged in the window, the newest first. Titles are never stored.{cut}");
    Section::listed(SECTION, "Pull requests", &subtitle, table)
        .widened()
        .or_else_saying("No pull request that you may see was merged in this window.")
}

fn row(gathered: &Gathered<'_>, pull: &Pull<'_>) -> Vec<Cell> {
    let row = pull.row;
    let mut cells = vec![
        Cell::Text(format!("{}#{}", gathered.repository(row.repository), row.number)),
        Cell::Instant(row.merged_at.instant()),
        author(gathered, pull),
    ];
    cells.extend([Part::Cycle, Part::Pickup, Part::Review].map(|part| Cell::duration(part.of(row))));
    cells.extend([Cell::Count(row.lines()), Cell::text(pull.tier().map_or("no evidence", Tier::as_str)), Cell::text(why(pull))]);
    cells
}

fn author(gathered: &Gathered<'_>, pull: &Pull<'_>) -> Cell {
    let Some(author) = pull.author else { return Cell::text("nobody named") };
    let name = gathered.material.names.get(&author).cloned().unwrap_or_else(|| format!("Person {}", author.0));
    if pull.is_member { Cell::link(name, ReportName::Member(author).page()) } else { Cell::text(name) }
}

/// Every sign that names an agent, and else what the author's use says.
fn why(pull: &Pull<'_>) -> String {
    match pull.assisted {
        None => String::new(),
        Some(Assisted::WithinCommits) => "the author used an AI tool on a day of the commits".into(),
        Some(Assisted::DayBefore) => "the author used an AI tool on the day before the first commit".into(),
        Some(Assisted::Signal(_)) if pull.row.signals == SignalSet::default() && pull.row.author_kind == AuthorKind::Agent => {
            "an agent opened it".into()
        }
        Some(Assisted::Signal(_)) => signs(pull.row.signals, &[], str::to_owned),
    }
}

/// The signs of each agent, the surest first: `Claude Code: commit trailer, branch prefix; Cursor: label`. What is told of no
/// agent by name is "an agent".
fn signs(kinds: SignalSet, told: &[Signal], name: impl Fn(&str) -> String) -> String {
    let mut agents: Vec<(String, Vec<&str>)> = Vec::new();
    let mut add = |agent: String, kind: SignalKind| match agents.iter_mut().find(|(known, _)| *known == agent) {
        Some((_, signs)) => signs.push(kind.words()),
        None => agents.push((agent, vec![kind.words()])),
    };
    for kind in SignalKind::ALL {
        let mut of_kind = told.iter().filter(|signal| signal.kind == kind).peekable();
        if of_kind.peek().is_none() && kinds.has(kind) {
            add("an agent".to_owned(), kind);
        }
        of_kind.for_each(|signal| add(name(&signal.agent), kind));
    }
    let words = agents.iter().map(|(agent, signs)| format!("{agent}: {}", signs.join(", ")));
    words.collect::<Vec<String>>().join("; ")
}

/// Says in rows of the list which agents their signs name, as far as `told` has the pull request by repository and number;
/// `name` is what an agent of an id is called.
pub fn name_agents(section: &mut Section, told: &BTreeMap<(i64, u32), Vec<Signal>>, name: impl Fn(&str) -> String) {
    let table = &mut section.table;
    let Some(place) = table.column("why") else { return };
    for (row, pull) in table.rows.iter_mut().zip(&table.pulls) {
        let Some(signals) = told.get(&(pull.repository, pull.number)).filter(|signals| !signals.is_empty()) else { continue };
        row[place] = Cell::Text(signs(pull.signals, signals, &name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_stand_with_their_agents_the_surest_first() {
        use SignalKind::{Branch, Label, Marker, Trailer, VendorRecord};
        let signal = |kind, agent: &str| Signal { kind, agent: agent.to_owned() };
        let told = [signal(Branch, "cursor"), signal(Marker, "claude_code"), signal(Trailer, "claude_code")];
        let kinds = SignalSet::of([Trailer, Marker, Branch]);
        let named = signs(kinds, &told, str::to_uppercase);
        assert_eq!(named, "CLAUDE_CODE: commit trailer, marker in a commit's message; CURSOR: branch prefix");
        assert_eq!(signs(kinds, &[], str::to_uppercase), "an agent: commit trailer, marker in a commit's message, branch prefix");
        let some = signs(SignalSet::of([VendorRecord, Label]), &[signal(Label, "codex")], str::to_uppercase);
        assert_eq!(some, "an agent: its vendor's record of a commit; CODEX: label");
    }
}
