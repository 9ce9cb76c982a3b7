//! The pull requests themselves, each with why it is counted as AI-assisted. Nobody's whom the asker may not see.

use super::gather::{Gathered, Pull};
use crate::delivery::{Assisted, AuthorKind, Part, SignalKind, Tier};
use crate::report::{Cell, Column, ReportName, Section, Table};

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
    let cut = if many > LISTED { format!(" The newest {LISTED} of {many} are listed.") } else { String::new() };
    let table = Table { hidden_rows: all.len() - many, ..Table::new(columns, rows) };
    let subtitle = format!("Merged in the window, the newest first. Titles are never stored.{cut}");
    Section::listed("pull_requests", "Pull requests", &subtitle, table)
        .widened()
        .or_else_saying("No pull request that you may see was merged in this window.")
}

fn row(gathered: &Gathered<'_>, pull: &Pull) -> Vec<Cell> {
    let row = &pull.row;
    let mut cells = vec![
        Cell::Text(format!("{}#{}", gathered.repository(row.repository), row.number)),
        Cell::Instant(row.merged_at.instant()),
        author(gathered, pull),
    ];
    cells.extend([Part::Cycle, Part::Pickup, Part::Review].map(|part| Cell::duration(part.of(row))));
    cells.extend([Cell::Count(row.lines()), Cell::text(pull.tier().map_or("no evidence", Tier::as_str)), Cell::text(why(pull))]);
    cells
}

fn author(gathered: &Gathered<'_>, pull: &Pull) -> Cell {
    let Some(author) = pull.author else { return Cell::text("nobody named") };
    let name = gathered.material.names.get(&author).cloned().unwrap_or_else(|| format!("Person {}", author.0));
    if pull.is_member { Cell::link(name, ReportName::Member(author).page()) } else { Cell::text(name) }
}

/// Every sign that names an agent, and else what the author's use says.
fn why(pull: &Pull) -> String {
    let signs: Vec<&str> =
        SignalKind::ALL.into_iter().filter(|kind| pull.row.signals.has(*kind)).map(SignalKind::words).collect();
    match pull.assisted {
        None => String::new(),
        Some(Assisted::WithinCommits) => "the author used an AI tool on a day of the commits".into(),
        Some(Assisted::DayBefore) => "the author used an AI tool on the day before the first commit".into(),
        Some(Assisted::Signal(_)) if signs.is_empty() && pull.row.author_kind == AuthorKind::Agent => "an agent opened it".into(),
        Some(Assisted::Signal(_)) => format!("an agent {}", signs.join(", ")),
    }
}
