//! Reads what the report of the costs is made of: sums of days, bills by article, and the packed days of people.

use super::deliveries::pulls;
use super::narrow::Narrow;
use super::packed::packed_slices;
use super::persons::{counted, names};
use super::told::told;
use super::{Asked, material};
use crate::people::{memberships, team_names};
use crate::sql::{Tx, bind};
use crate::{StoreError, budgets};
use std::collections::{BTreeMap, HashMap, HashSet};
use tacho_domain::budget::Budget;
use tacho_domain::delivery::{AuthorKind, PullRow};
use tacho_domain::measure::plus;
use tacho_domain::memberships::Memberships;
use tacho_domain::report::{Note, Report};
use tacho_domain::reports::cost::{
    self, BillLine, MEASURES, Material, Merged, ModelSpent, Spenders, Spent, Standing, forecast_days,
};
use tacho_domain::{Dimension, Ledger, SubjectId, ToolId, Window};

/// Costs of a billing API are provisional for so many days (METRICS rule 5).
const BILL_SETTLES_DAYS: i32 = 30;

pub(super) async fn answer(tx: &mut Tx, asked: &Asked<'_>) -> Result<Report, StoreError> {
    let (question, window) = (asked.question, asked.question.window);
    let narrow = Narrow::read(tx, asked, window).await?;
    let narrowed = narrow.is_some();
    let spenders = spenders(tx, asked, narrow.as_ref(), window).await?;
    let is_unmatched = |subject: SubjectId| asked.directory.unmatched().contains(subject);
    let seen: HashSet<SubjectId> = spenders
        .people()
        .into_iter()
        .map(|(subject, _)| subject)
        .filter(|subject| question.audience.sees(*subject, is_unmatched(*subject)))
        .collect();
    let material = Material {
        profiles: asked.known.profiles,
        directory: asked.directory,
        today: asked.known.today,
        narrowed,
        days: if narrowed { spenders.days.clone() } else { all_days(tx, asked, window).await? },
        lines: if narrowed { Vec::new() } else { lines(tx, asked, window).await? },
        models: if narrowed { Vec::new() } else { models(tx, asked, window).await? },
        names: names(tx, asked, seen).await?,
        team_names: team_names(tx, question.organization).await?,
        seats: if narrowed { Vec::new() } else { material::seats(tx, question).await? },
        budgets: budgets::read(tx, question.organization).await?,
        merged: merged(tx, asked, narrow.as_ref()).await?,
        last_synced: material::last_synced(tx, question).await?,
        spenders,
    };
    Ok(cost::document(question, &material))
}

/// What the Overview says of budgets.
pub(super) async fn attention(tx: &mut Tx, asked: &Asked<'_>) -> Result<Vec<Note>, StoreError> {
    let budgets = budgets::read(tx, asked.question.organization).await?;
    if budgets.is_empty() {
        return Ok(Vec::new());
    }
    Ok(cost::attention(&of_the_month(tx, asked, budgets).await?))
}

/// Where the costs of the month that today is in stand: the Cost page's numbers without its people.
pub(super) async fn standing(tx: &mut Tx, asked: &Asked<'_>) -> Result<Standing, StoreError> {
    let budgets = budgets::read(tx, asked.question.organization).await?;
    let month = cost::month(asked.known.today);
    Ok(cost::standing(&Material {
        lines: lines(tx, asked, month).await?,
        models: models(tx, asked, month).await?,
        seats: material::seats(tx, asked.question).await?,
        ..of_the_month(tx, asked, budgets).await?
    }))
}

/// Budgets and the days of a forecast, of everyone; nothing else.
async fn of_the_month<'a>(tx: &mut Tx, asked: &Asked<'a>, budgets: Vec<Budget>) -> Result<Material<'a>, StoreError> {
    let mut days = Spent::new();
    self::days(tx, asked, forecast_days(asked.known.today), &mut days).await?;
    Ok(Material {
        profiles: asked.known.profiles,
        directory: asked.directory,
        today: asked.known.today,
        narrowed: false,
        days,
        lines: Vec::new(),
        models: Vec::new(),
        names: HashMap::new(),
        team_names: BTreeMap::new(),
        seats: Vec::new(),
        budgets,
        merged: None,
        last_synced: None,
        spenders: Spenders::default(),
    })
}

async fn spenders(tx: &mut Tx, asked: &Asked<'_>, narrow: Option<&Narrow>, window: Window) -> Result<Spenders, StoreError> {
    let teams: Memberships = memberships(tx, asked.question.organization, asked.directory, window, asked.question.team).await?;
    let slices = packed_slices(tx, asked.question, window, &MEASURES).await?;
    Ok(Spenders::of(window, (asked.directory, &teams), counted(asked, narrow, &slices)))
}

/// What was merged; `None`: no repository host told of the window.
async fn merged(tx: &mut Tx, asked: &Asked<'_>, narrow: Option<&Narrow>) -> Result<Option<Merged>, StoreError> {
    let (window, before) = (asked.question.window, asked.question.window.before());
    let both = Window { from: before.from, to: window.to };
    let told = told(tx, asked, both).await?;
    if told.days.range(window.from..=window.to).next().is_none() {
        return Ok(None);
    }
    let narrow_before = Narrow::read(tx, asked, before).await?;
    let counts = |pull: &PullRow| {
        let day = pull.merged_at.day();
        let narrow = if day < window.from { narrow_before.as_ref() } else { narrow };
        let author = pull.author.map(|author| asked.directory.subject(author));
        narrow.is_none_or(|narrow| author.is_some_and(|author| narrow.includes(day, author)))
    };
    let (mut now, mut then) = (0, 0);
    for pull in pulls(tx, &told, both).await?.iter().filter(|pull| pull.author_kind != AuthorKind::Bot && counts(pull)) {
        *if pull.merged_at.day() < window.from { &mut then } else { &mut now } += 1;
    }
    let before_is_told = told.days.range(before.from..=before.to).next().is_some();
    Ok(Some(Merged { now, before: before_is_told.then_some(then) }))
}

/// The days of the window, the one before and those of the forecast. A window of long ago is read by itself, so that what
/// lies between is not.
async fn all_days(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<Spent, StoreError> {
    let shown = Window { from: window.before().from, to: window.to };
    let forecast = forecast_days(asked.known.today);
    let mut spent = Spent::new();
    if forecast.from <= shown.to && shown.from <= forecast.to {
        days(tx, asked, Window { from: shown.from.min(forecast.from), to: shown.to.max(forecast.to) }, &mut spent).await?;
    } else {
        days(tx, asked, shown, &mut spent).await?;
        days(tx, asked, forecast, &mut spent).await?;
    }
    Ok(spent)
}

async fn days(tx: &mut Tx, asked: &Asked<'_>, window: Window, spent: &mut Spent) -> Result<(), StoreError> {
    let organization = asked.question.organization;
    let usage = tx
        .fetch(
            "select tool, day, max(provisional), cast(sum(cost_micros) as bigint), cast(sum(billed_micros) as bigint)
             from slice_rollups where organization_id = $1 and day between $2 and $3 group by tool, day",
            bind![organization, window.from, window.to],
        )
        .await?;
    let bills = tx
        .fetch(
            "select tool, day, 0, cast(sum(gross_micros) as bigint), cast(sum(net_micros) as bigint) from slice_costs
             where organization_id = $1 and day between $2 and $3 and ledger = $4 group by tool, day",
            bind![organization, window.from, window.to, Ledger::Metered.as_str()],
        )
        .await?;
    let unsettled_from = asked.known.today.minus(BILL_SETTLES_DAYS);
    for (rows, is_bill) in [(usage, false), (bills, true)] {
        for row in &rows {
            let (tool, day) = (ToolId(row.text(0)?.into()), row.day(1)?);
            if !asked.question.asks_for(&tool) {
                continue;
            }
            let known = spent.entry(tool).or_default().entry(day).or_default();
            known.value = plus(known.value, row.maybe_int(3)?);
            known.charged = plus(known.charged, row.maybe_int(4)?);
            known.provisional |= if is_bill { day >= unsettled_from } else { row.int(2)? != 0 };
        }
    }
    Ok(())
}

async fn lines(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<Vec<BillLine>, StoreError> {
    let rows = tx
        .fetch(
            "select tool, ledger, sku, model, cast(sum(quantity_micros) as bigint), cast(sum(gross_micros) as bigint),
                    cast(sum(net_micros) as bigint)
             from slice_cost_lines where organization_id = $1 and day between $2 and $3
             group by tool, ledger, sku, model order by tool, ledger, sku, model",
            bind![asked.question.organization, window.from, window.to],
        )
        .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in &rows {
        let tool = ToolId(row.text(0)?.into());
        if asked.question.asks_for(&tool) {
            let (ledger, sku, model) = (row.text(1)?, row.text(2)?, row.text(3)?);
            let (quantity, gross, net) = (row.maybe_int(4)?, row.int(5)?, row.maybe_int(6)?);
            lines.push(BillLine { tool, ledger, sku, model, quantity, gross, net });
        }
    }
    Ok(lines)
}

async fn models(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<Vec<ModelSpent>, StoreError> {
    let rows = tx
        .fetch(
            "select tool, value, cast(sum(cost_micros) as bigint), cast(sum(tokens_input) as bigint),
                    cast(sum(tokens_output) as bigint), cast(sum(tokens_cache_read) as bigint),
                    cast(sum(tokens_cache_write) as bigint)
             from slice_splits where organization_id = $1 and day between $2 and $3 and dimension = $4
             group by tool, value order by tool, value",
            bind![asked.question.organization, window.from, window.to, Dimension::Model.as_str()],
        )
        .await?;
    let mut models = Vec::with_capacity(rows.len());
    for row in &rows {
        let tool = ToolId(row.text(0)?.into());
        if asked.question.asks_for(&tool) {
            let mut tokens = None;
            for column in 3..7 {
                tokens = plus(tokens, row.maybe_int(column)?);
            }
            models.push(ModelSpent { tool, model: row.text(1)?, tokens, value: row.maybe_int(2)? });
        }
    }
    Ok(models)
}
