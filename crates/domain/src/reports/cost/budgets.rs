//! Budgets of the month that today is in: how far each is used up, and where it will end.

use super::Material;
use super::figures::forecasts;
use super::spent::{CHARGED, Forecast, VALUE, month, together};
use crate::Money;
use crate::budget::{Basis, Budget, Burn, MARKS, burn};
use crate::metrics::ratio;
use crate::report::{Cell, Chart, Column, Gauge, Note, Section, Table, Weight};

/// A budget with what is held against it.
pub(super) struct Held<'m> {
    budget: &'m Budget,
    name: String,
    /// Micro-dollars of the month so far.
    pub(super) so_far: Option<i64>,
    /// And at its end.
    pub(super) end: Option<i64>,
}

fn held<'m>(material: &'m Material<'_>) -> Vec<Held<'m>> {
    if material.narrowed { Vec::new() } else { material.budgets.iter().map(|budget| Held::of(budget, material)).collect() }
}

impl<'m> Held<'m> {
    pub(super) fn of(budget: &'m Budget, material: &Material<'_>) -> Self {
        let fits = |tool: &crate::ToolId| budget.tool.as_ref().is_none_or(|own| own == tool);
        let pick = if budget.basis == Basis::Value { VALUE } else { CHARGED };
        let of_tools: Vec<Forecast> =
            forecasts(material, pick).into_iter().filter(|(tool, _)| fits(tool)).map(|(_, forecast)| forecast).collect();
        let month = together(&of_tools);
        // Fees are due for the whole month at once. A tool without a list price has none that could be added.
        let fees = || {
            let seats = material.seats.iter().filter(|seats| fits(&seats.tool));
            seats.filter_map(|seats| seats.monthly_price).fold(0i64, |sum, price| sum.saturating_add(price.0))
        };
        let (so_far, end) = (month.map(|month| month.so_far), month.and_then(|month| month.end()));
        let with_fees = |amount: Option<i64>| match (budget.basis, amount, fees()) {
            (Basis::Charged | Basis::Value, amount, _) | (Basis::Bill, amount, 0) => amount,
            // Without metered use the fees are all there is.
            (Basis::Bill, amount, fees) => Some(fees.saturating_add(amount.unwrap_or(0))),
        };
        let tool = budget.tool.as_ref().map_or_else(|| "All tools".to_owned(), |tool| material.name_of(tool));
        Self { budget, name: tool, so_far: with_fees(so_far), end: with_fees(end) }
    }

    fn share(&self) -> Option<f64> {
        ratio(self.so_far, Some(self.budget.monthly.0))
    }

    fn title(&self) -> String {
        format!("Budget: {}, {}", self.name, self.budget.basis.describe().to_lowercase())
    }
}

/// A gauge for each budget.
pub(super) fn sections(material: &Material<'_>) -> Vec<Section> {
    held(material).iter().map(|held| section(held, material)).collect()
}

fn section(held: &Held<'_>, material: &Material<'_>) -> Section {
    let columns = vec![
        Column::text("month", "Month"),
        Column::number("budget", "Budget (USD)"),
        Column::number("so_far", "Month to date (USD)"),
        Column::number("burn", "Used up").explained("Month to date / budget."),
        Column::number("forecast", "Month forecast (USD)"),
        Column::number("forecast_share", "Forecast of budget"),
    ];
    let monthly = held.budget.monthly;
    let first = month(material.today).from.to_string();
    let row = vec![
        Cell::text(first.get(..7).unwrap_or(&first)),
        Cell::Money(monthly),
        Cell::money(held.so_far),
        Cell::share(held.share()),
        Cell::money(held.end),
        Cell::share(ratio(held.end, Some(monthly.0))),
    ];
    let gauge = Gauge { label: format!("Used of {monthly}"), value: held.share(), marks: [MARKS[0], MARKS[1], 1.0].to_vec() };
    let subtitle = match held.end {
        Some(end) => format!("Month to date of {monthly} for the month; the forecast is {}.", Money(end)),
        None => format!("Month to date of {monthly} for the month; there is no forecast yet."),
    };
    Section {
        chart: Some(Chart::Gauge(gauge)),
        ..Section::listed(&format!("budget_{}", held.budget.id), &held.title(), &subtitle, Table::new(columns, vec![row]))
    }
}

/// What must be known of budgets before anything else.
pub(super) fn notes(material: &Material<'_>) -> Vec<Note> {
    held(material).iter().filter_map(note).collect()
}

fn note(held: &Held<'_>) -> Option<Note> {
    let (share, monthly) = (held.share()?, held.budget.monthly);
    let spent = held.so_far.map(Money)?;
    let overrun = held.end.filter(|end| *end > monthly.0);
    let (weight, title) = match (burn(share), overrun) {
        (Burn::Over, _) => (Weight::Problem, "A budget is used up"),
        (Burn::AlmostGone, _) => (Weight::Warning, "A budget is almost used up"),
        (Burn::Attention, _) => (Weight::Warning, "A budget is used to three quarters"),
        (Burn::Fine, Some(_)) => (Weight::Warning, "A budget will not last the month"),
        (Burn::Fine, None) => return None,
    };
    let end = held.end.map_or_else(String::new, |end| format!(" The month is forecast to end at {}.", Money(end)));
    let text = format!("{}: {spent} of {monthly} this month, {:.0} %.{end}", held.title(), share * 100.0);
    Some(Note { weight, title: title.into(), text, way: None })
}
