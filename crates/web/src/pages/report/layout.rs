//! How the sections of a report share the page's width: two beside each other, and none alone with a hole at its side.

use tacho_domain::report::{Chart, Section};

/// Columns of a plain table that still fit beside something else.
const FEW_COLUMNS: usize = 4;

/// The class of a narrow picture with a row of its own: its table stands beside it.
pub(super) const LONE: &str = "span-8 lone";

/// The class of each section, in their order.
pub(super) fn classes(sections: &[Section]) -> Vec<&'static str> {
    let mut classes = Vec::with_capacity(sections.len());
    let mut rest = sections;
    while let Some((first, after)) = rest.split_first() {
        let pair = after.first().filter(|second| !is_wide(first) && !is_wide(second));
        if let Some(second) = pair {
            classes.extend(beside(first, second));
            rest = &after[1..];
        } else {
            classes.push(if is_narrow(first) { LONE } else { "span-8" });
            rest = after;
        }
    }
    classes
}

/// What never fills a whole width stands beside something even if it was meant to have a row of its own.
fn is_wide(section: &Section) -> bool {
    match section.chart {
        Some(_) => section.wide && !is_narrow(section),
        None => section.wide || section.table.columns.len() > FEW_COLUMNS,
    }
}

fn is_narrow(section: &Section) -> bool {
    matches!(section.chart, Some(Chart::Bars(_) | Chart::Distribution(_) | Chart::Gauge(_)))
}

/// What goes over time takes more of the width than what does not.
fn beside(first: &Section, second: &Section) -> [&'static str; 2] {
    match (is_long(first), is_long(second)) {
        (true, false) => ["span-5", "span-3"],
        (false, true) => ["span-3", "span-5"],
        _ => ["span-4", "span-4"],
    }
}

fn is_long(section: &Section) -> bool {
    matches!(
        section.chart,
        Some(Chart::Stacked(_) | Chart::Lines(_) | Chart::Columns(_) | Chart::Calendar(_) | Chart::Punch(_) | Chart::Strip(_))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacho_domain::report::{Bars, Column, Table, Timeline};

    #[test]
    fn rows_are_full_whatever_comes_after_what() {
        let over_time = || Section::drawn("a", "", "", Chart::Lines(Timeline::default()));
        let bars = || Section::drawn("b", "", "", Chart::Bars(Bars::default()));
        let table = |columns: usize| {
            let columns = (0..columns).map(|place| Column::text(format!("c{place}"), "")).collect();
            Section::listed("t", "", "", Table::new(columns, Vec::new()))
        };
        assert_eq!(classes(&[over_time(), bars(), bars(), over_time()]), ["span-5", "span-3", "span-3", "span-5"]);
        assert_eq!(classes(&[over_time(), table(9), bars(), table(2)]), ["span-8", "span-8", "span-4", "span-4"]);
        assert_eq!(classes(&[bars(), bars(), over_time().widened(), bars()]), ["span-4", "span-4", "span-8", LONE]);
        assert_eq!(classes(&[bars().widened(), bars()]), ["span-4", "span-4"]);
        assert!(classes(&[]).is_empty());
    }
}
