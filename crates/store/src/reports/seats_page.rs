//! Reads what the report of the seats is made of: the newest lists of seats, and the last use of everybody in them.

use super::last_use::last_use;
use super::narrow::Narrow;
use super::persons::names;
use super::seat_lists::each_seat;
use super::{Asked, material};
use crate::sql::{Tx, bind};
use crate::{StoreError, seat_exclusions};
use std::collections::{BTreeMap, HashMap, HashSet};
use tacho_domain::columns::ListedSeat;
use tacho_domain::metrics::People;
use tacho_domain::report::{Note, Report, ReportName};
use tacho_domain::reports::people::{few, instead, withheld};
use tacho_domain::reports::seats::{self, HeldSeat, Material};
use tacho_domain::seats::{HELD_DAYS, LOOK_BACK_DAYS};
use tacho_domain::{Day, IdentityId, SubjectId, ToolId, Window};

/// A vendor's list of seats: integration, stream, and the tool it is of.
type Stream = (i64, String, ToolId);

/// An older list is looked for within so many days before the one wanted.
const GAP_DAYS: i32 = 35;

/// Vendors forget activity after 90 idle days; lists this far apart miss none.
const MEMORY_DAYS: i32 = 80;

pub(super) async fn answer(tx: &mut Tx, asked: &Asked<'_>) -> Result<Report, StoreError> {
    let window = asked.question.window;
    let as_of = window.to.plus(1).min(asked.known.today);
    let lists = Lists::read(tx, asked, window, as_of).await?;
    let narrow = Narrow::read(tx, asked, Window::day(window.to)).await?;
    let mut seats = Vec::new();
    for (stream, day) in lists.newest(window) {
        let mut of_stream = read_list(tx, asked, &stream, day).await?;
        of_stream.retain(|(_, seat)| narrow.as_ref().is_none_or(|narrow| narrow.includes(window.to, seat.subject)));
        complete(tx, asked, &lists, (&stream, as_of), &mut of_stream).await?;
        seats.extend(of_stream.into_iter().map(|(_, seat)| seat));
    }
    if narrow.is_some() && few(&asked.question.audience, asked.directory, &holders(&seats)) {
        return Ok(instead(&ReportName::Seats, "Seats".into(), asked.question, withheld("These seats are of")));
    }
    fill_use(tx, asked, as_of, &mut seats).await?;
    fill_names(tx, asked, &mut seats).await?;
    // A list's length says nothing of a team's or a person's seats.
    let held = if narrow.is_none() { lists.held(window) } else { BTreeMap::new() };
    Ok(seats::document(asked.question, &of(tx, asked, as_of, seats, held).await?))
}

/// What the Overview says of seats that could be released.
pub(super) async fn attention(tx: &mut Tx, asked: &Asked<'_>) -> Result<Option<Note>, StoreError> {
    let window = asked.question.window;
    let as_of = window.to.plus(1).min(asked.known.today);
    let lists = Lists::read(tx, asked, window, as_of).await?;
    let mut seats = Vec::new();
    for (stream, day) in lists.newest(window) {
        let mut of_stream = read_list(tx, asked, &stream, day).await?;
        complete(tx, asked, &lists, (&stream, as_of), &mut of_stream).await?;
        seats.extend(of_stream.into_iter().map(|(_, seat)| seat));
    }
    fill_use(tx, asked, as_of, &mut seats).await?;
    Ok(seats::attention(&of(tx, asked, as_of, seats, BTreeMap::new()).await?))
}

async fn of<'a>(
    tx: &mut Tx,
    asked: &Asked<'a>,
    as_of: Day,
    seats: Vec<HeldSeat>,
    held: BTreeMap<ToolId, BTreeMap<Day, i64>>,
) -> Result<Material<'a>, StoreError> {
    Ok(Material {
        profiles: asked.known.profiles,
        as_of,
        exclusions: seat_exclusions::read(tx, asked.question.organization).await?,
        held,
        seats,
        last_synced: material::last_synced(tx, asked.question).await?,
    })
}

/// Everybody who holds a seat.
fn holders(seats: &[HeldSeat]) -> People {
    let mut holders = People::default();
    for seat in seats {
        holders.insert(seat.subject);
    }
    holders
}

/// The days on which lists were read, with how many seats each named, a year back.
struct Lists(BTreeMap<Stream, BTreeMap<Day, i64>>);

impl Lists {
    async fn read(tx: &mut Tx, asked: &Asked<'_>, window: Window, as_of: Day) -> Result<Self, StoreError> {
        let from = Window::ending(as_of, LOOK_BACK_DAYS).from.min(window.before().from);
        let rows = tx
            .fetch(
                "select integration_id, stream, tool, day, seats from slice_seats
                 where organization_id = $1 and day between $2 and $3 order by day",
                bind![asked.question.organization, from, window.to.plus(1)],
            )
            .await?;
        let mut lists: BTreeMap<Stream, BTreeMap<Day, i64>> = BTreeMap::new();
        for row in &rows {
            let tool = ToolId(row.text(2)?.into());
            if asked.question.asks_for(&tool) {
                lists.entry((row.int(0)?, row.text(1)?, tool)).or_default().insert(row.day(3)?, row.int(4)?);
            }
        }
        Ok(Self(lists))
    }

    /// Of each stream its newest list in the window, the morning after it included.
    fn newest(&self, window: Window) -> Vec<(Stream, Day)> {
        let newest = |days: &BTreeMap<Day, i64>| days.range(window.from..=window.to.plus(1)).next_back().map(|(day, _)| *day);
        self.0.iter().filter_map(|(stream, days)| Some((stream.clone(), newest(days)?))).collect()
    }

    /// The newest list of a stream up to a day, if it is not too old.
    fn up_to(&self, stream: &Stream, day: Day) -> Option<Day> {
        self.0.get(stream)?.range(day.minus(GAP_DAYS)..=day).next_back().map(|(day, _)| *day)
    }

    fn held(&self, window: Window) -> BTreeMap<ToolId, BTreeMap<Day, i64>> {
        let mut held: BTreeMap<ToolId, BTreeMap<Day, i64>> = BTreeMap::new();
        for ((_, _, tool), days) in &self.0 {
            for (day, seats) in days.range(window.before().from..) {
                *held.entry(tool.clone()).or_default().entry(*day).or_default() += seats;
            }
        }
        held
    }
}

async fn read_list(
    tx: &mut Tx,
    asked: &Asked<'_>,
    (integration, stream, tool): &Stream,
    day: Day,
) -> Result<Vec<(IdentityId, HeldSeat)>, StoreError> {
    let mut seats = Vec::new();
    each_seat(tx, asked.question.organization, (*integration, stream), day, |listed| {
        seats.push((listed.identity, seat(asked, asked.directory.subject(listed.identity), tool, &listed)));
    })
    .await?;
    Ok(seats)
}

fn seat(asked: &Asked<'_>, subject: SubjectId, tool: &ToolId, listed: &ListedSeat<'_>) -> HeldSeat {
    HeldSeat {
        subject,
        name: String::new(),
        unmatched: asked.directory.unmatched().contains(subject),
        tool: tool.clone(),
        plan: listed.plan.map(str::to_owned),
        since: listed.since,
        held_on: None,
        vendor_activity: listed.last_activity,
        counted_activity: None,
        cancels_on: listed.cancels_on,
        price: listed.price,
    }
}

/// Adds what older lists know: whether a seat without a first day was held already, and activity that the vendor has
/// forgotten since.
async fn complete(
    tx: &mut Tx,
    asked: &Asked<'_>,
    lists: &Lists,
    (stream, as_of): (&Stream, Day),
    seats: &mut [(IdentityId, HeldSeat)],
) -> Result<(), StoreError> {
    let (integration, name, _) = stream;
    let organization = asked.question.organization;
    if seats.iter().any(|(_, seat)| seat.since.is_none())
        && let Some(day) = lists.up_to(stream, as_of.minus(HELD_DAYS))
    {
        let mut held = HashSet::new();
        each_seat(tx, organization, (*integration, name), day, |listed| {
            held.insert(listed.identity);
        })
        .await?;
        for (identity, seat) in seats.iter_mut().filter(|(_, seat)| seat.since.is_none()) {
            seat.held_on = held.contains(identity).then_some(day);
        }
    }
    let mut forgotten: HashMap<IdentityId, &mut HeldSeat> =
        seats.iter_mut().filter(|(_, seat)| seat.vendor_activity.is_none()).map(|(id, seat)| (*id, seat)).collect();
    let days = (1..=i32::try_from(LOOK_BACK_DAYS).unwrap_or(0) / MEMORY_DAYS).map(|step| as_of.minus(step * MEMORY_DAYS));
    for day in days.filter_map(|day| lists.up_to(stream, day)) {
        if forgotten.is_empty() {
            break;
        }
        let mut known = Vec::new();
        each_seat(tx, organization, (*integration, name), day, |listed| {
            known.extend(listed.last_activity.map(|last| (listed.identity, last)));
        })
        .await?;
        for (identity, last) in known {
            if let Some(seat) = forgotten.remove(&identity) {
                seat.vendor_activity = Some(last);
            }
        }
    }
    Ok(())
}

async fn fill_use(tx: &mut Tx, asked: &Asked<'_>, as_of: Day, seats: &mut [HeldSeat]) -> Result<(), StoreError> {
    let mut holders: BTreeMap<ToolId, HashSet<SubjectId>> = BTreeMap::new();
    for seat in seats.iter() {
        holders.entry(seat.tool.clone()).or_default().insert(seat.subject);
    }
    let known = last_use(tx, asked, Window::ending(as_of, LOOK_BACK_DAYS), holders).await?;
    for seat in seats.iter_mut() {
        seat.counted_activity = known.get(&seat.tool).and_then(|of_tool| of_tool.get(&seat.subject)).copied();
    }
    Ok(())
}

async fn fill_names(tx: &mut Tx, asked: &Asked<'_>, seats: &mut [HeldSeat]) -> Result<(), StoreError> {
    let subjects: HashSet<SubjectId> =
        seats.iter().filter(|seat| asked.question.audience.sees(seat.subject, seat.unmatched)).map(|seat| seat.subject).collect();
    let names = names(tx, asked, subjects).await?;
    for seat in seats.iter_mut() {
        seat.name = names.get(&seat.subject).cloned().unwrap_or_default();
    }
    Ok(())
}
