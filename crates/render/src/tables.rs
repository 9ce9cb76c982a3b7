//! The figures of a report as a table, for files.

use tacho_domain::report::{Cell, Column, Figure, Table};

fn text(label: &str) -> Column {
    Column::text(label, label)
}

fn number(label: &str) -> Column {
    Column::number(label, label)
}

/// Each figure with its value, the value before and its parts.
#[must_use]
pub fn figures(figures: &[Figure]) -> Table {
    let mut rows = Vec::new();
    for figure in figures {
        rows.push(vec![
            Cell::Text(figure.label.clone()),
            Cell::Text("all".into()),
            figure.value.into(),
            figure.before.into(),
            Cell::Text(figure.context.clone()),
        ]);
        for part in &figure.parts {
            rows.push(vec![
                Cell::Text(figure.label.clone()),
                Cell::Text(part.label.clone()),
                part.value.into(),
                Cell::Nothing,
                Cell::Nothing,
            ]);
        }
    }
    let columns = ["Figure", "Tool"].map(text).into_iter();
    let columns = columns.chain(["Value", "Period before"].map(number)).chain([text("Context")]);
    Table::new(columns.collect(), rows)
}
