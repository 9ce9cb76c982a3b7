//! The ledgers side by side, by tool; costs by model and by article.

use super::figures::{each, forecasts};
use super::spent::{CHARGED, VALUE, sum};
use super::{BillLine, Material};
use crate::measure::plus;
use crate::metrics::{People, ratio};
use crate::report::{Amount, Bar, Bars, Cell, Chart, Column, Note, Section, Table, Weight};
use crate::{ToolId, Window};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The ledgers side by side.
pub(super) fn ledgers(window: Window, material: &Material<'_>) -> Section {
    let mut columns = vec![
        Column::text("tool", "Tool"),
        Column::number("metered_value", "Metered value (USD, API list-price equivalent)"),
        Column::number("metered_charged", "Metered, charged (USD)"),
        Column::number("active_members", "Active members"),
        Column::number("per_active_member", "Metered value per active member (USD)"),
    ];
    if !material.narrowed {
        columns.extend([
            Column::number("seats", "Seats"),
            Column::number("seat_fees", "Seat fees per month (USD)"),
            Column::number("month_value_forecast", "Month forecast, at vendor prices (USD)"),
            Column::number("month_charged_forecast", "Month forecast, charged (USD)"),
        ]);
    }
    let tools = material.tools(window);
    let rows = tools.iter().map(|tool| ledger_row(tool, window, material)).collect();
    let table = Table::new(columns, rows);
    Section::listed(
        "ledgers",
        "The two ledgers by tool",
        "Seat fees are what is paid whatever the use; metered use is counted beside them. They are not added.",
        if tools.is_empty() { table } else { table.with_total(total(window, material)) },
    )
}

fn row_end(window: Window, material: &Material<'_>, tool: Option<&ToolId>) -> Vec<Cell> {
    let fits = |other: &ToolId| tool.is_none_or(|tool| tool == other);
    let over = |pick| {
        let days = material.days.iter().filter(|(tool, _)| fits(tool));
        days.fold(None, |all, (_, days)| plus(all, sum(Some(days), window, pick)))
    };
    let mut people = People::default();
    material.spenders.tools.iter().filter(|known| fits(&known.tool)).for_each(|known| people.extend(&known.active));
    let active = people.count() - people.count_within(material.directory.unmatched());
    let mut cells =
        vec![Cell::money(over(VALUE)), Cell::money(over(CHARGED)), Cell::Count(active), Cell::money(each(over(VALUE), active))];
    if !material.narrowed {
        let seats = || material.seats.iter().filter(|seats| fits(&seats.tool));
        let held = seats().fold(None, |sum, seats| plus(sum, Some(seats.seats)));
        let fees = seats().fold(None, |sum, seats| plus(sum, seats.monthly_price.map(|price| price.0)));
        let month = |pick| {
            let ends = forecasts(material, pick).into_iter().filter(|(tool, _)| fits(tool)).map(|(_, forecast)| forecast.end());
            // Where one of the tools has no end, all together have none.
            ends.reduce(|all, one| Some(all?.saturating_add(one?))).flatten()
        };
        cells.extend([Cell::count(held), Cell::money(fees), Cell::money(month(VALUE)), Cell::money(month(CHARGED))]);
    }
    cells
}

fn ledger_row(tool: &ToolId, window: Window, material: &Material<'_>) -> Vec<Cell> {
    let mut cells = vec![Cell::text(material.name_of(tool))];
    cells.extend(row_end(window, material, Some(tool)));
    cells
}

fn total(window: Window, material: &Material<'_>) -> Vec<Cell> {
    let mut cells = vec![Cell::text("All tools")];
    cells.extend(row_end(window, material, None));
    cells
}

/// A model of a tool, from its bills where it has any, else from usage.
struct Model<'m> {
    tool: &'m ToolId,
    name: &'m str,
    tokens: Option<i64>,
    value: Option<i64>,
}

fn of_models<'m>(material: &'m Material<'_>) -> Vec<Model<'m>> {
    let mut billed: BTreeMap<(&ToolId, &str), i64> = BTreeMap::new();
    for line in material.lines.iter().filter(|line| !line.model.is_empty()) {
        let sum = billed.entry((&line.tool, &line.model)).or_default();
        *sum = sum.saturating_add(line.gross);
    }
    let has_bill = |tool: &ToolId| billed.keys().any(|(known, _)| *known == tool);
    let used = material.models.iter().filter(|one| !has_bill(&one.tool) && (one.value.is_some() || one.tokens.unwrap_or(0) > 0));
    let used = used.map(|one| Model { tool: &one.tool, name: &one.model, tokens: one.tokens, value: one.value });
    let billed = billed.iter().map(|((tool, name), value)| Model { tool, name, tokens: None, value: Some(*value) });
    let mut models: Vec<Model<'m>> = billed.chain(used).collect();
    models.sort_by_key(|one| (Reverse(one.value), one.tool, one.name));
    models
}

/// Models without a price, each with what its tool is called.
pub(super) fn unpriced<'m>(material: &'m Material<'_>) -> impl Iterator<Item = (&'m str, String)> {
    let models = of_models(material).into_iter().filter(|one| one.value.is_none());
    models.map(|one| (one.name, material.name_of(one.tool)))
}

/// Warns of models without a price: their cost is nowhere, and that is not nothing.
pub(super) fn unpriced_models(material: &Material<'_>) -> Option<Note> {
    let unpriced: Vec<String> =
        unpriced(material).map(|(model, tool)| format!("`{}` ({tool})", model.replace('`', "'"))).collect();
    (!unpriced.is_empty()).then(|| Note {
        weight: Weight::Warning,
        title: "Some models have no price".into(),
        text: format!("Nobody gives the cost of {}. It is unknown, not zero, and is in no total.", unpriced.join(", ")),
        way: None,
    })
}

/// Bars drawn; the table has all models.
const BARS: usize = 12;

/// Costs by model. What the vendor attributes to no model is a line of its own, so that all of them add up to the total.
pub(super) fn models(window: Window, material: &Material<'_>) -> Section {
    let models = if material.narrowed { Vec::new() } else { of_models(material) };
    let whole = material.value_of_all(window);
    let columns = vec![
        Column::text("model", "Model"),
        Column::text("tool", "Tool"),
        Column::number("value", "Metered value (USD, API list-price equivalent)"),
        Column::number("share", "Share").explained("Of the metered value of all tools."),
        Column::number("tokens", "Tokens").explained("Input, output, and tokens read from and written to a cache."),
    ];
    let row = |one: &Model<'_>| {
        vec![
            Cell::text(one.name),
            Cell::text(material.name_of(one.tool)),
            Cell::money(one.value),
            Cell::share(ratio(one.value, whole)),
            Cell::count(one.tokens),
        ]
    };
    let mut rows: Vec<Vec<Cell>> = models.iter().map(row).collect();
    for tool in material.tools(window).into_iter().filter(|_| !models.is_empty()) {
        let named = models.iter().filter(|one| *one.tool == tool).fold(None, |sum, one| plus(sum, one.value));
        let rest = material.value(&tool, window).map(|all| all.saturating_sub(named.unwrap_or(0))).filter(|rest| *rest != 0);
        if let Some(rest) = rest {
            let share = Cell::share(ratio(Some(rest), whole));
            let name = Cell::text(material.name_of(&tool));
            rows.push(vec![Cell::text("Attributed to no model"), name, Cell::money(Some(rest)), share, Cell::Nothing]);
        }
    }
    let bar = |one: &Model<'_>| Bar {
        label: one.name.to_owned(),
        colour: material.colour(one.tool),
        value: Amount::money(one.value),
        share: ratio(one.value, whole),
        context: material.name_of(one.tool),
    };
    let drawn = models.iter().filter(|one| one.value.is_some_and(|value| value != 0)).take(BARS).map(bar).collect();
    let table = Table::new(columns, rows);
    let total =
        vec![Cell::text("All models"), Cell::Nothing, Cell::money(whole), Cell::share(ratio(whole, whole)), Cell::Nothing];
    Section {
        chart: Some(Chart::Bars(Bars { of: "Model".into(), measure: "Metered value (USD)".into(), bars: drawn })),
        ..Section::listed(
            "models",
            "By model",
            "From bills where a tool has any, else from usage.",
            if models.is_empty() { table } else { table.with_total(total) },
        )
    }
    .or_else_saying("No vendor attributes costs to models here.")
}

/// What bills say, article by article.
pub(super) fn lines(material: &Material<'_>) -> Section {
    let columns = vec![
        Column::text("sku", "Article"),
        Column::text("model", "Model"),
        Column::text("tool", "Tool"),
        Column::text("ledger", "Ledger"),
        Column::number("quantity", "Quantity").explained("In the vendor's own unit, such as credits."),
        Column::number("gross", "At vendor prices (USD)"),
        Column::number("net", "Charged (USD)"),
    ];
    #[expect(clippy::cast_precision_loss, reason = "a quantity to look at")]
    let quantity = |micros: Option<i64>| micros.map_or(Cell::Nothing, |micros| Cell::Number(micros as f64 / 1e6));
    let row = |line: &&BillLine| {
        vec![
            Cell::text(if line.sku.is_empty() { "not named" } else { &line.sku }),
            if line.model.is_empty() { Cell::Nothing } else { Cell::text(&line.model) },
            Cell::text(material.name_of(&line.tool)),
            Cell::text(&line.ledger),
            quantity(line.quantity),
            Cell::money(Some(line.gross)),
            Cell::money(line.net),
        ]
    };
    let mut lines: Vec<&BillLine> = material.lines.iter().collect();
    lines.sort_by_key(|line| Reverse(line.gross));
    let table = Table::new(columns, lines.iter().map(row).collect());
    Section::listed("lines", "What bills say", "Every article and model that a billing API names in the window.", table)
        .or_else_saying("No tool has a billing API that told of this window; costs are from usage.")
}
