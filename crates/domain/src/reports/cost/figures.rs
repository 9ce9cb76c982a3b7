//! The figures of the costs. The two ledgers stand side by side and are never silently added.

use super::spent::{CHARGED, Forecast, Pick, VALUE, forecast, sum, together, words};
use super::{Material, merged, people};
use crate::measure::plus;
use crate::metrics::{People, ratio};
use crate::report::{Amount, Figure, Group, Part, Question};
use crate::{Day, Money, ToolId, Window};

pub(super) fn groups(question: &Question, material: &Material<'_>) -> Vec<Group> {
    let window = question.window;
    if material.tools(window).is_empty() {
        return Vec::new();
    }
    let mut ledgers = vec![metered(window, material, &VALUE_RULE), metered(window, material, &CHARGED_RULE)];
    let mut each = vec![per_active_member(window, material)];
    let mut month = Vec::new();
    if !material.narrowed {
        ledgers.push(seat_fees(material));
        each.push(effective_seat_cost(material));
        month.extend(month_figures(material));
    }
    each.push(people::concentration(question, material));
    let work = merged::per_merged(question, material).into_iter().collect();
    let group = |heading: &str, figures| Group { heading: heading.into(), figures };
    let mut groups = vec![
        group("The two ledgers", ledgers),
        group("This month", month),
        group("For each who uses it", each),
        group("For each piece of work", work),
    ];
    groups.retain(|group| !group.figures.is_empty());
    groups
}

struct Rule {
    id: &'static str,
    label: &'static str,
    pick: Pick,
    context: &'static str,
    formula: &'static str,
}

const VALUE_RULE: Rule = Rule {
    id: "metered_value",
    label: "Metered use, at vendor prices",
    pick: VALUE,
    context: "API list-price equivalent where a subscription includes it",
    formula: "Value of tokens and credits at each vendor's prices, whether a subscription includes them or not. From the billing \
              API where there is one, else from usage; never both.",
};
const CHARGED_RULE: Rule = Rule {
    id: "metered_charged",
    label: "Metered use, charged",
    pick: CHARGED,
    context: "on top of subscriptions",
    formula: "The part of the metered value that is charged on top of subscriptions.",
};

fn parts(window: Window, material: &Material<'_>, value: impl Fn(&ToolId) -> Option<i64>, all: Option<i64>) -> Vec<Part> {
    let part = |tool: ToolId| {
        let own = value(&tool);
        Part { label: material.name_of(&tool), tool, value: Amount::money(own), share: ratio(own, all) }
    };
    material.tools(window).into_iter().map(part).collect()
}

fn metered(window: Window, material: &Material<'_>, rule: &Rule) -> Figure {
    let all = |window| material.days.values().fold(None, |all, days| plus(all, sum(Some(days), window, rule.pick)));
    let now = all(window);
    let at = |day: Day| all(Window::day(day)).map(|micros| Money(micros).dollars());
    let provisional = material.days.values().any(|days| days.range(window.from..=window.to).any(|(_, day)| day.provisional));
    Figure {
        id: rule.id.into(),
        label: rule.label.into(),
        value: Amount::money(now),
        before: Amount::money(all(window.before())),
        parts: parts(window, material, |tool| sum(material.days.get(tool), window, rule.pick), now),
        context: rule.context.into(),
        formula: rule.formula.into(),
        provisional,
        spark: window.days().map(at).collect(),
    }
}

/// A figure without a period before and without days.
fn plain(id: &str, label: &str, value: Option<i64>, formula: &str) -> Figure {
    Figure::bare(id, label, Amount::money(value), formula)
}

fn seat_fees(material: &Material<'_>) -> Figure {
    let total = material.seats.iter().fold(None, |sum, seats| plus(sum, seats.monthly_price.map(|price| price.0)));
    let part = |seats: &crate::overview::SeatCount| Part {
        tool: seats.tool.clone(),
        label: material.name_of(&seats.tool),
        value: Amount::money(seats.monthly_price.map(|price| price.0)),
        share: None,
    };
    Figure {
        parts: material.seats.iter().map(part).collect(),
        context: "at list price, beside metered use, not added to it".into(),
        ..plain(
            "seat_fees",
            "Seat fees per month",
            total,
            "Seats at the newest snapshot times the published list price of their plan. A plan without a published price is left out.",
        )
    }
}

/// Each tool's forecast, with its tool.
pub(super) fn forecasts(material: &Material<'_>, pick: Pick) -> Vec<(ToolId, Forecast)> {
    let of_tool = |(tool, days)| forecast(days, pick, material.today).map(|forecast| (ToolId::clone(tool), forecast));
    material.days.iter().filter_map(of_tool).collect()
}

const FORECAST_FORMULA: &str = "Month to date, and for each remaining day the mean of the same weekday in the last four weeks. A \
                                day without any cost counts as 0 once a tool has told of any. Of the calendar month that today is in, \
                                whatever the window.";

fn month_figures(material: &Material<'_>) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (id, pick, label) in [("month_value", VALUE, "at vendor prices"), ("month_charged", CHARGED, "charged")] {
        let of_tools = forecasts(material, pick);
        let all: Vec<Forecast> = of_tools.iter().map(|(_, forecast)| *forecast).collect();
        let Some(month) = together(&all) else { continue };
        let part = |value: fn(&Forecast) -> Option<i64>| {
            let part = move |(tool, forecast): &(ToolId, Forecast)| Part {
                tool: tool.clone(),
                label: material.name_of(tool),
                value: Amount::money(value(forecast)),
                share: ratio(value(forecast), value(&month)),
            };
            of_tools.iter().map(part).collect::<Vec<_>>()
        };
        let so_far = Figure {
            parts: part(|forecast| Some(forecast.so_far)),
            context: format!("through {}", month.through),
            provisional: true,
            ..plain(
                &format!("{id}_to_date"),
                &format!("Month to date, {label}"),
                Some(month.so_far),
                "Sum over the days of the calendar month that today is in, up to the last one that was told.",
            )
        };
        let end = Figure {
            parts: part(Forecast::end),
            context: if month.rest.is_some() { words(&month) } else { "less than a week of data".into() },
            provisional: true,
            ..plain(&format!("{id}_forecast"), &format!("Month forecast, {label}"), month.end(), FORECAST_FORMULA)
        };
        figures.extend([so_far, end]);
    }
    figures
}

/// How many of a set are members.
fn members_in(material: &Material<'_>, people: &People) -> i64 {
    people.count() - people.count_within(material.directory.unmatched())
}

#[expect(clippy::cast_possible_truncation, reason = "micro-dollars far below 2^52")]
pub(super) fn each(value: Option<i64>, people: i64) -> Option<i64> {
    ratio(value, Some(people)).map(|each| each.round() as i64)
}

fn per_active_member(window: Window, material: &Material<'_>) -> Figure {
    let mut everyone = People::default();
    material.spenders.tools.iter().for_each(|tool| everyone.extend(&tool.active));
    let active = members_in(material, &everyone);
    let of_tool = |tool: &ToolId| {
        let own = material.spenders.tools.iter().find(|known| known.tool == *tool)?;
        each(material.value(tool, window), members_in(material, &own.active))
    };
    let mut parts = parts(window, material, of_tool, None);
    parts.retain(|part| part.value != Amount::Unknown);
    Figure {
        parts,
        context: format!("{} active members; API list-price equivalent", crate::money::group(active)),
        ..plain(
            "cost_per_active_member",
            "Metered value per active member",
            each(material.value_of_all(window), active),
            "Metered value over the window / distinct members active in it. Seat fees are not in it.",
        )
    }
}

fn effective_seat_cost(material: &Material<'_>) -> Figure {
    let priced = || material.seats.iter().filter_map(|seats| Some((seats, seats.monthly_price?.0)));
    let week = |tool: &ToolId| material.spenders.tools.iter().find(|known| known.tool == *tool).map(|known| &known.active_week);
    let mut active = People::default();
    priced().filter_map(|(seats, _)| week(&seats.tool)).for_each(|people| active.extend(people));
    let fees = priced().fold(None, |sum, (_, price)| plus(sum, Some(price)));
    let part = |(seats, price): (&crate::overview::SeatCount, i64)| Part {
        tool: seats.tool.clone(),
        label: material.name_of(&seats.tool),
        value: Amount::money(each(Some(price), week(&seats.tool).map_or(0, People::count))),
        share: None,
    };
    Figure {
        parts: priced().map(part).collect(),
        context: format!("{} active in 7 days", crate::money::group(active.count())),
        ..plain(
            "effective_seat_cost",
            "Seat fees per active person",
            each(fees, active.count()),
            "Seat fees per month / distinct people active in the last 7 days of the window, of tools whose seats have a list price.",
        )
    }
}
