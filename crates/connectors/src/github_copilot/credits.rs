//! AI credits: what a day's use cost, by article and model. Gross is all use; net is what is charged after the pooled
//! allowance of the seats. One credit is $0.01; Copilot bills in credits since 2026-06-01.
//!
//! <https://docs.github.com/en/rest/billing/usage> (read 2026-11-21)

use super::ID;
use super::value::{Amount, Count};
use crate::{Call, Misread, Read, Reply, Sink, json};
use serde::Deserialize;
use tacho_domain::{CostFact, Day, Fact, Ledger, Money, money};

/// Fields that GitHub documents and no fact is made of.
const UNUSED: &[&str] = &[
    "organization",
    "enterprise",
    "user",
    "product",
    "model",
    "costCenter",
    "unitType",
    "pricePerUnit",
    "discountQuantity",
    "discountAmount",
    "netQuantity",
];

/// Unlike the rest of the API, in camel case. `usageItems` is required: without it, the reply is another document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    #[serde(default)]
    time_period: Period,
    usage_items: Vec<Item>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Period {
    year: Count,
    month: Count,
    day: Count,
}

/// The schema calls some of these whole numbers; all of them come with fractions.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Item {
    sku: Option<String>,
    model: Option<String>,
    gross_quantity: Amount,
    gross_amount: Amount,
    net_amount: Amount,
}

impl Period {
    /// The day, or the first day of a longer period: items of an imported month or year carry no days.
    fn day(&self) -> Option<Day> {
        let part = |count: Count, default: i8| count.0.map_or(Some(default), |value| i8::try_from(value).ok());
        Day::from_ymd(i16::try_from(self.year.0?).ok()?, part(self.month, 1)?, part(self.day, 1)?)
    }
}

/// Reads the usage of a day.
pub(super) fn read(call: &Call, reply: &mut Reply<'_>, sink: &mut dyn Sink) -> Result<Read, Misread> {
    let usage: Usage = json::whole(ID, call, reply, &mut super::drift::Quiet { known: UNUSED, sink })?;
    let day = usage.time_period.day().unwrap_or(call.window.from);
    for (number, item) in (1u64..).zip(usage.usage_items) {
        let Some(gross) = item.gross_amount.0.and_then(Money::from_dollars) else {
            sink.skipped_line(number, "an item without an amount");
            continue;
        };
        sink.fact(Fact::Cost(CostFact {
            day,
            identity: None,
            ledger: Ledger::Metered,
            sku: item.sku.unwrap_or_default(),
            model: item.model.filter(|model| !model.is_empty()),
            quantity_micros: item.gross_quantity.0.and_then(|quantity| money::micros(quantity, 1_000_000.0)),
            gross,
            net: item.net_amount.0.and_then(Money::from_dollars),
        }));
    }
    Ok(Read::done())
}
