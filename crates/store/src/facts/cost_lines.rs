//! Roll-ups of a slice's costs by article and model.

use super::rows::Gathered;
use crate::sql::Tx;
use crate::{SliceWrite, StoreError};
use std::collections::BTreeMap;
use tacho_domain::OrganizationId;
use tacho_domain::measure::plus;

/// Quantity, gross and net.
type Line = (Option<i64>, i64, Option<i64>);

/// Writes a slice's costs by ledger, article and model, everyone's added up.
pub(super) async fn write_cost_lines(
    tx: &mut Tx,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
    rows: &Gathered<'_>,
) -> Result<(), StoreError> {
    if rows.costs.is_empty() {
        return Ok(());
    }
    let mut lines: BTreeMap<(&str, &str, &str), Line> = BTreeMap::new();
    for ((_, ledger, sku, model), cost) in &rows.costs {
        let (quantity, gross, net) = lines.entry((ledger, sku, model)).or_default();
        *quantity = plus(*quantity, cost.quantity);
        *gross = gross.saturating_add(cost.gross);
        *net = plus(*net, cost.net);
    }
    let columns = [
        "organization_id",
        "day",
        "integration_id",
        "stream",
        "ledger",
        "sku",
        "model",
        "tool",
        "quantity_micros",
        "gross_micros",
        "net_micros",
    ];
    let mut loader = tx.loader("slice_cost_lines", &columns);
    for ((ledger, sku, model), (quantity, gross, net)) in lines {
        loader.int(organization.0)?;
        loader.int(i64::from(write.day.0))?;
        loader.int(write.integration.0)?;
        for text in [write.stream, ledger, sku, model, write.tool.as_str()] {
            loader.text(text)?;
        }
        loader.int(quantity)?;
        loader.int(gross)?;
        loader.int(net)?;
        loader.end_row().await?;
    }
    loader.finish().await.map(drop)
}
