//! The table of seats: each with its class, the reason and the evidence.

use super::{HeldSeat, Judged, Material, name_of};
use crate::report::{Cell, Column, Question, ReportName, Table};
use crate::seats::{LOOK_BACK_DAYS, SeatClass};
use crate::{Day, Money};

pub(super) fn table(question: &Question, material: &Material<'_>, judged: &[Judged<'_>]) -> Table {
    let columns = vec![
        Column::text("name", "Name"),
        Column::text("tool", "Tool"),
        Column::text("class", "Class"),
        Column::text("reason", "Reason"),
        Column::number("idle_days", "Idle days")
            .explained("Days from the last activity, the vendor's or ours, to the day of the report."),
        Column::text("last_activity", "Last activity")
            .explained("The later of the vendor's last activity and our last active day."),
        Column::text("since", "Held since").explained("As the vendor says; else the earliest day on which we know it was held."),
        Column::text("plan", "Plan"),
        Column::number("price", "List price per month (USD)"),
        Column::text("evidence", "Evidence"),
    ];
    let seen = |one: &&Judged<'_>| question.audience.sees(one.seat.subject, one.seat.unmatched);
    let mut shown: Vec<&Judged<'_>> = judged.iter().filter(seen).collect();
    shown.sort_by_cached_key(|one| {
        let longest = std::cmp::Reverse(one.idle_days(material.as_of));
        (one.class, longest, one.seat.name.to_lowercase(), one.seat.subject, one.seat.tool.clone())
    });
    let rows = shown.iter().map(|one| row(material, one)).collect();
    let table = Table { hidden_rows: judged.len() - shown.len(), ..Table::new(columns, rows) };
    if judged.is_empty() { table } else { table.with_total(total(judged)) }
}

fn row(material: &Material<'_>, one: &Judged<'_>) -> Vec<Cell> {
    let seat = one.seat;
    vec![
        if seat.unmatched { Cell::text(&seat.name) } else { Cell::link(&seat.name, ReportName::Member(seat.subject).page()) },
        Cell::text(name_of(material.profiles, &seat.tool)),
        Cell::text(one.class.describe()),
        Cell::text(reason(material.as_of, one)),
        Cell::count(one.idle_days(material.as_of).map(i64::from)),
        Cell::day(one.last_activity),
        Cell::day(one.held_since),
        seat.plan.as_deref().map_or(Cell::Nothing, Cell::text),
        seat.price.map_or(Cell::Nothing, Cell::Money),
        Cell::text(evidence(material, seat)),
    ]
}

/// Prices of all seats, of those that are not shown too; a seat without a price adds nothing.
fn total(judged: &[Judged<'_>]) -> Vec<Cell> {
    let price =
        judged.iter().filter_map(|one| one.seat.price).fold(None, |sum, Money(price)| crate::measure::plus(sum, Some(price)));
    let mut cells = vec![Cell::text("All seats")];
    cells.resize(8, Cell::Nothing);
    cells.extend([Cell::money(price), Cell::Nothing]);
    cells
}

fn days(many: i32) -> String {
    if many == 1 { "1 day".to_owned() } else { format!("{many} days") }
}

fn reason(as_of: Day, one: &Judged<'_>) -> String {
    let unused = one.idle_days(as_of).map_or_else(|| "never used".to_owned(), |many| format!("unused for {}", days(many)));
    let held = one.held_since.map(|since| as_of.since(since));
    match one.class {
        SeatClass::Pending => one.seat.cancels_on.map_or_else(String::new, |day| format!("Ends on {day}")),
        SeatClass::InUse => match one.idle_days(as_of) {
            Some(0) => "Used today".into(),
            Some(many) => format!("Used {} ago", days(many)),
            None => String::new(),
        },
        SeatClass::New => match held {
            Some(many) => format!("Held for {} only", days(many)),
            None => "Nobody knows since when it is held".into(),
        },
        SeatClass::Excluded => one.exclusion.map_or_else(String::new, |exclusion| format!("{}; {unused}", exclusion.words())),
        SeatClass::NeverUsed => match held {
            Some(many) => format!("Never used in {}", days(many)),
            None => "Never used".into(),
        },
        SeatClass::Idle30 | SeatClass::Idle60 | SeatClass::Idle90 => {
            one.idle_days(as_of).map_or_else(String::new, |many| format!("Unused for {}", days(many)))
        }
    }
}

fn evidence(material: &Material<'_>, seat: &HeldSeat) -> String {
    let vendor = match seat.vendor_activity {
        Some(day) => format!("{} says {day}", name_of(material.profiles, &seat.tool)),
        None => format!("{} names no activity", name_of(material.profiles, &seat.tool)),
    };
    match seat.counted_activity {
        Some(day) => format!("{vendor}; last active day counted {day}"),
        None => format!("{vendor}; no active day counted in {LOOK_BACK_DAYS} days"),
    }
}
