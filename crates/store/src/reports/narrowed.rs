//! What an Overview is made from when the question is narrowed to a member or a team: the same roll-ups, made again from
//! the packed days of those who count.

use super::narrow::Narrow;
use super::packed::packed_slices;
use crate::StoreError;
use crate::sql::{Tx, bind};
use std::collections::BTreeMap;
use std::sync::Arc;
use tacho_domain::columns::{CountedSlice, LaidPeople, PersonDay, decode_seats};
use tacho_domain::overview::{CostSum, Packed, SeatCount, SliceRollup, compared_days, needed_days};
use tacho_domain::report::{Audience, Question};
use tacho_domain::{Directory, IdentityId, Ledger, Measure, Measures, Money, ToolId, Window, encode_active};

/// The slices that are compared, each with what those who count did. `narrow` is of their days, at least.
pub(super) async fn slices(
    tx: &mut Tx,
    question: &Question,
    directory: &Directory,
    narrow: &Narrow,
) -> Result<Vec<SliceRollup>, StoreError> {
    let (window, compared) = (question.window, compared_days(question.window));
    let mut slices = Vec::new();
    for slice in packed_slices(tx, question, compared, Measure::ALL).await? {
        let those = Those::of(&slice, Measure::ALL, narrow.on(slice.day).places(&slice.people, directory));
        let people = if window.contains(slice.day) {
            Packed::Whole(Arc::new(LaidPeople::of(&those.people(&slice), None)))
        } else {
            Packed::Active(encode_active(&those.people(&slice)))
        };
        slices.push(those.rollup(&slice, people));
    }
    Ok(slices)
}

/// The slices of the heatmap's older days.
pub(super) async fn older_slices(
    tx: &mut Tx,
    question: &Question,
    directory: &Directory,
    narrow: &Narrow,
) -> Result<Vec<SliceRollup>, StoreError> {
    let (needed, compared) = (needed_days(question.window), compared_days(question.window));
    let (older, mut slices) = (Window { from: needed.from, to: compared.from.minus(1) }, Vec::new());
    // The calendar's older days are of a group that nobody has counted: whoever may not see everyone does not get them.
    if older.from <= older.to && question.audience == Audience::Everyone {
        for slice in packed_slices(tx, question, older, &[]).await? {
            let those = Those::of(&slice, &[Measure::Interactions], narrow.on(slice.day).places(&slice.people, directory));
            slices.push(those.rollup(&slice, Packed::Unread));
        }
    }
    Ok(slices)
}

/// Where the people of a slice who count are, and what they did together.
struct Those {
    places: Vec<usize>,
    sums: Measures,
}

impl Those {
    fn of(slice: &CountedSlice, measures: &[Measure], places: Vec<usize>) -> Self {
        Self { sums: slice.sums(measures, Some(&places)), places }
    }

    fn people(&self, slice: &CountedSlice) -> Vec<PersonDay> {
        self.places.iter().map(|place| slice.people.at(*place)).collect()
    }

    fn rollup(self, slice: &CountedSlice, people: Packed) -> SliceRollup {
        let nobody = slice.knows_activity && self.places.is_empty();
        SliceRollup {
            integration: slice.integration,
            tool: slice.tool.clone(),
            day: slice.day,
            provisional: slice.provisional,
            knows_activity: slice.knows_activity,
            sums: if nobody { Measures::default().with(Measure::Interactions, 0) } else { self.sums },
            people,
        }
    }
}

/// The seats of those who count on the last day, at each stream's newest snapshot.
pub(super) async fn seats(
    tx: &mut Tx,
    question: &Question,
    directory: &Directory,
    narrow: &Narrow,
) -> Result<Vec<SeatCount>, StoreError> {
    let window = question.window;
    let rows = tx
        .fetch(
            "with newest as (
                 select integration_id, stream, tool, max(day) as day from slice_seats
                 where organization_id = $1 and day between $2 and $3 group by integration_id, stream, tool)
             select n.tool, s.seats from newest n cross join slice_seat_lists s
             where s.organization_id = $1 and s.integration_id = n.integration_id and s.stream = n.stream and s.day = n.day",
            bind![question.organization, window.from, window.to.plus(1)],
        )
        .await?;
    let mut tools: BTreeMap<String, (i64, Option<i64>)> = BTreeMap::new();
    let on_day = narrow.on(window.to);
    for row in &rows {
        let tool = row.text(0)?;
        decode_seats(&row.bytes(1)?, |seat| {
            if on_day.counts(seat.identity, directory) {
                let (seats, price) = tools.entry(tool.clone()).or_insert((0, Some(0)));
                *seats += 1;
                *price = price.zip(seat.price).map(|(sum, price)| sum.saturating_add(price.0));
            }
        })
        .map_err(|error| StoreError::damaged("slice_seat_lists", "seats", window, error))?;
    }
    let count = |(tool, (seats, price)): (String, (i64, Option<i64>))| SeatCount {
        tool: ToolId(tool.into()),
        seats,
        monthly_price: price.map(Money),
    };
    Ok(tools.into_iter().map(count).filter(|seats| question.asks_for(&seats.tool)).collect())
}

/// Metered amounts of the billing APIs that name those who count.
pub(super) async fn costs(
    tx: &mut Tx,
    question: &Question,
    directory: &Directory,
    narrow: &Narrow,
    window: Window,
) -> Result<Vec<CostSum>, StoreError> {
    let rows = tx
        .fetch(
            "select r.tool, c.day, c.identity_id, cast(sum(c.gross_micros) as bigint), cast(sum(c.net_micros) as bigint)
             from slice_costs r cross join cost_daily c
             where r.organization_id = $1 and r.day between $2 and $3 and r.ledger = $4 and c.organization_id = r.organization_id
               and c.integration_id = r.integration_id and c.stream = r.stream and c.day = r.day and c.ledger = r.ledger
               and c.identity_id > 0
             group by r.tool, c.day, c.identity_id",
            bind![question.organization, window.from, window.to, Ledger::Metered.as_str()],
        )
        .await?;
    let mut tools: BTreeMap<String, (i64, Option<i64>)> = BTreeMap::new();
    for row in &rows {
        if narrow.counts(row.day(1)?, IdentityId(row.number(2)?), directory) {
            let (gross, net) = tools.entry(row.text(0)?).or_default();
            *gross = gross.saturating_add(row.int(3)?);
            *net = tacho_domain::measure::plus(*net, row.maybe_int(4)?);
        }
    }
    let sum = |(tool, (gross, net)): (String, (i64, Option<i64>))| CostSum {
        tool: ToolId(tool.into()),
        gross: Money(gross),
        net: net.map(Money),
    };
    Ok(tools.into_iter().map(sum).collect())
}
