//! The bill in AI credits. A credit costs a cent.
//! <https://docs.github.com/en/rest/billing/usage>, read 2026-11-21.

use super::Scope;
use super::rows::hundredths;
use crate::reply::{Reply, refusal};
use crate::secrets::Vendor;
use crate::site::{Asked, Site};
use crate::world::BillLine;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tacho_domain::{Day, Window};

pub(super) fn usage(site: &Site, asked: &Asked, scope: Scope) -> Result<Reply, Reply> {
    let number = |name: &str| -> Result<Option<i16>, Reply> {
        let text = asked.query.get(name);
        let wrong = |_| refusal(Vendor::Github, 400, &format!("`{name}` must be a number"));
        text.map(|text| text.parse().map_err(wrong)).transpose()
    };
    let today = site.world.today();
    let year = number("year")?.unwrap_or(today.date().year());
    let named = asked.query.contains_key("year");
    let month = number("month")?.or((!named).then(|| today.date().month().into()));
    let day = number("day")?;
    let small = |value: i16| i8::try_from(value).unwrap_or(-1);
    let wrong = || refusal(Vendor::Github, 400, "The date is not valid");
    let from = Day::from_ymd(year, small(month.unwrap_or(1)), small(day.unwrap_or(1))).ok_or_else(wrong)?;
    let to = match (month, day) {
        (Some(_), Some(_)) => from,
        (Some(_), None) => from.month().plus(31).month().minus(1),
        (None, _) => Day::from_ymd(year, 12, 31).ok_or_else(wrong)?,
    };
    let mut period = Map::new();
    period.insert("year".into(), json!(year));
    period.extend(month.map(|month| ("month".to_owned(), json!(month))));
    period.extend(day.map(|day| ("day".to_owned(), json!(day))));
    let mut body = json!({"timePeriod": period, "usageItems": items(site, Window { from, to })});
    match scope {
        Scope::Organization => body["organization"] = json!(site.world.config.organization),
        Scope::Enterprise => body["enterprise"] = json!(site.world.config.enterprise),
    }
    Ok(Reply::json(200, &body))
}

fn items(site: &Site, window: Window) -> Vec<Value> {
    let mut lines: BTreeMap<&str, BillLine> = BTreeMap::new();
    let history = site.world.history();
    for day in window.days().filter(|day| history.contains(*day)) {
        for line in site.world.bill(day) {
            let sum = lines.entry(line.model).or_insert(BillLine { model: line.model, gross: 0, included: 0 });
            sum.gross += line.gross;
            sum.included += line.included;
        }
    }
    lines.values().map(item).collect()
}

/// Names on bills are not those of the reports.
fn display(model: &str) -> &str {
    match model {
        "gpt-5.4" => "GPT-5.4",
        "gpt-5.4-mini" => "GPT-5.4 mini",
        "auto" => "Auto: GPT-5.4 mini",
        "claude-sonnet-4.6" => "Claude Sonnet 4.6",
        "claude-opus-4.6" => "Claude Opus 4.6",
        other => other,
    }
}

fn item(line: &BillLine) -> Value {
    let net = line.gross - line.included;
    json!({
        "product": "Copilot",
        "sku": "copilot_ai_credit",
        "model": display(line.model),
        "unitType": "ai-credits",
        "pricePerUnit": 0.01,
        "grossQuantity": hundredths(line.gross),
        "grossAmount": hundredths(line.gross) / 100.0,
        "discountQuantity": hundredths(line.included),
        "discountAmount": hundredths(line.included) / 100.0,
        "netQuantity": hundredths(net),
        "netAmount": hundredths(net) / 100.0,
    })
}
