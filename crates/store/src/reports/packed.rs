//! The counted slices of a window with their people and columns: a few hundred rows, whatever the number of people, and of
//! those only what is not remembered.

use crate::StoreError;
use crate::day_memory::{Remembered, SliceKey};
use crate::sql::{Row, Tx, Value, bind, list_of};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tacho_domain::columns::{CountedSlice, LaidPeople, LaidValues};
use tacho_domain::report::Question;
use tacho_domain::{Damaged, Day, IntegrationId, Measure, OrganizationId, ToolId, Window};

/// A slice's row of the roll-ups.
pub(super) struct Head {
    pub(super) key: SliceKey,
    tool: ToolId,
    provisional: bool,
    pub(super) knows_activity: bool,
    pub(super) stamp: Option<i64>,
}

/// The slices of the tools that are asked for, by day, with the columns of these measures. Interactions are with the
/// people, and have no column.
pub(super) async fn packed_slices(
    tx: &mut Tx,
    question: &Question,
    window: Window,
    measures: &[Measure],
) -> Result<Vec<CountedSlice>, StoreError> {
    Ok(keyed_slices(tx, question, window, measures).await?.into_iter().map(|(_, slice)| slice).collect())
}

/// The same, each with its key.
pub(super) async fn keyed_slices(
    tx: &mut Tx,
    question: &Question,
    window: Window,
    measures: &[Measure],
) -> Result<Vec<(SliceKey, CountedSlice)>, StoreError> {
    let measures: Vec<Measure> = measures.iter().copied().filter(|measure| *measure != Measure::Interactions).collect();
    let heads = heads(tx, question, window).await?;
    let known = tx.days.recall::<Remembered>(heads.iter().map(|head| (&head.key, head.stamp)));
    let lacks = |known: &Option<Remembered>| {
        known.as_ref().is_none_or(|known| measures.iter().any(|one| !known.columns.contains_key(one)))
    };
    let new: Vec<usize> = (0..heads.len()).filter(|place| lacks(&known[*place])).collect();
    let read = if new.is_empty() { HashMap::new() } else { read(tx, &heads, &known, &new, &measures).await? };
    let mut slices = Vec::with_capacity(heads.len());
    for (place, (head, known)) in heads.into_iter().zip(known).enumerate() {
        let Some(slice) = read.get(&place).or(known.as_ref()) else { continue };
        let column = |measure: &Measure| slice.columns.get(measure).cloned().flatten().map(|values| (*measure, values));
        let (_, integration, _, day) = &head.key;
        let (integration, day) = (*integration, *day);
        let (people, columns) = (slice.people.clone(), measures.iter().filter_map(column).collect());
        let (tool, provisional, knows_activity) = (head.tool, head.provisional, head.knows_activity);
        slices.push((head.key, CountedSlice { integration, tool, day, provisional, knows_activity, people, columns }));
    }
    Ok(slices)
}

/// The slices of the window: of each stream one row with all its days. A driver takes longer over a row than the database
/// does, and these are read with every question.
pub(super) async fn heads(tx: &mut Tx, question: &Question, window: Window) -> Result<Vec<Head>, StoreError> {
    let sql = "select integration_id, stream, tool,
                      string_agg(cast(day as text) || ' ' || cast(provisional as text) || ' ' || cast(knows_activity as text)
                                 || ' ' || coalesce(cast(stamp as text), ''), ',')
               from slice_rollups where organization_id = $1 and day between $2 and $3 group by integration_id, stream, tool";
    let rows = tx.fetch(sql, bind![question.organization, window.from, window.to]).await?;
    let mut heads = Vec::new();
    for row in &rows {
        let (integration, tool) = (IntegrationId(row.int(0)?), ToolId(row.text(2)?.into()));
        if question.asks_for(&tool) {
            let (stream, days): (Arc<str>, String) = (row.text(1)?.into(), row.text(3)?);
            let key = |day| (question.organization, integration, stream.clone(), day);
            for text in days.split(',') {
                let told = head(text, &tool, key);
                heads.push(told.ok_or_else(|| StoreError::damaged("slice_rollups", "day", window, format!("`{text}`")))?);
            }
        }
    }
    heads.sort_by(|one, two| (one.key.3, one.key.1, &one.key.2).cmp(&(two.key.3, two.key.1, &two.key.2)));
    Ok(heads)
}

/// A day as it stands in its stream's row: "20700 0 1 -2712" or, without a stamp, "20700 0 1 ".
fn head(text: &str, tool: &ToolId, key: impl Fn(Day) -> SliceKey) -> Option<Head> {
    let mut fields = text.split(' ');
    let mut field = || fields.next();
    let (day, provisional, knows_activity, stamp) = (field()?.parse().ok()?, field()? == "1", field()? == "1", field()?);
    let stamp = if stamp.is_empty() { None } else { Some(stamp.parse().ok()?) };
    Some(Head { key: key(Day(day)), tool: tool.clone(), provisional, knows_activity, stamp })
}

/// Reads what is lacking of the new ones, and remembers it: their people, and those of the measures that any of them lacks.
async fn read(
    tx: &mut Tx,
    heads: &[Head],
    known: &[Option<Remembered>],
    new: &[usize],
    measures: &[Measure],
) -> Result<HashMap<usize, Remembered>, StoreError> {
    let places: HashMap<&SliceKey, usize> = new.iter().map(|place| (&heads[*place].key, *place)).collect();
    let mut slices: HashMap<usize, Remembered> = HashMap::with_capacity(new.len());
    slices.extend(new.iter().filter_map(|place| Some((*place, known[*place].clone()?))));
    let unread: Vec<usize> = new.iter().copied().filter(|place| known[*place].is_none()).collect();
    if !unread.is_empty() {
        let mut like: BTreeMap<(IntegrationId, Arc<str>), Arc<LaidPeople>> = BTreeMap::new();
        for (key, packed) in people(tx, heads, &unread).await? {
            let Some(place) = places.get(&key).filter(|place| known[**place].is_none()) else { continue };
            let of_stream = (key.1, key.2.clone());
            let laid = LaidPeople::unpack(&packed, like.get(&of_stream).map(Arc::as_ref))
                .map_err(|error| damaged("people", key.3, error))?;
            let people = Arc::new(laid);
            like.insert(of_stream, people.clone());
            slices.insert(*place, Remembered { people, columns: HashMap::new() });
        }
    }
    let is_lacking = |measure: &&Measure| slices.values().any(|slice| !slice.columns.contains_key(*measure));
    let lacking: Vec<Measure> = measures.iter().filter(is_lacking).copied().collect();
    if !lacking.is_empty() {
        for slice in slices.values_mut() {
            for measure in &lacking {
                slice.columns.entry(*measure).or_default();
            }
        }
        for (key, measure, packed) in columns(tx, heads, new, &lacking).await? {
            if let Some(slice) = places.get(&key).and_then(|place| slices.get_mut(place)) {
                let values = LaidValues::unpack(&packed, slice.people.len()).map_err(|error| damaged("packed", key.3, error))?;
                slice.columns.insert(measure, Some(Arc::new(values)));
            }
        }
    }
    let kept = |(place, slice): (&usize, &Remembered)| (heads[*place].key.clone(), heads[*place].stamp, slice.clone());
    tx.days.keep(slices.iter().map(kept));
    Ok(slices)
}

/// The organization and the days from the first to the last of these slices.
fn stretch(heads: &[Head], places: &[usize]) -> (OrganizationId, Day, Day) {
    let days = || places.iter().map(|place| heads[*place].key.3);
    let (from, to) = (days().min().unwrap_or(Day(0)), days().max().unwrap_or(Day(0)));
    (places.first().map_or(OrganizationId(0), |place| heads[*place].key.0), from, to)
}

fn slice_key(organization: OrganizationId, row: &Row) -> Result<SliceKey, StoreError> {
    Ok((organization, IntegrationId(row.int(1)?), row.text(2)?.into(), row.day(0)?))
}

async fn people(tx: &mut Tx, heads: &[Head], places: &[usize]) -> Result<Vec<(SliceKey, Vec<u8>)>, StoreError> {
    let (organization, from, to) = stretch(heads, places);
    let sql = "select day, integration_id, stream, people from slice_people
               where organization_id = $1 and day between $2 and $3 order by day";
    let rows = tx.fetch(sql, bind![organization, from, to]).await?;
    rows.iter().map(|row| Ok((slice_key(organization, row)?, row.bytes(3)?))).collect()
}

async fn columns(
    tx: &mut Tx,
    heads: &[Head],
    places: &[usize],
    measures: &[Measure],
) -> Result<Vec<(SliceKey, Measure, Vec<u8>)>, StoreError> {
    let (organization, from, to) = stretch(heads, places);
    let mut values = bind![organization, from, to].to_vec();
    values.extend(measures.iter().map(|measure| Value::from(measure.name())));
    let list = list_of(4, &mut values);
    let sql = format!(
        "select day, integration_id, stream, measure, packed from slice_columns
         where organization_id = $1 and day between $2 and $3 and measure in ({list})"
    );
    let mut columns = Vec::new();
    for row in tx.fetch(sql, &values).await? {
        if let Some(measure) = Measure::parse(&row.text(3)?) {
            columns.push((slice_key(organization, &row)?, measure, row.bytes(4)?));
        }
    }
    Ok(columns)
}

fn damaged(column: &'static str, day: Day, error: Damaged) -> StoreError {
    let table = if column == "people" { "slice_people" } else { "slice_columns" };
    StoreError::damaged(table, column, day, error)
}
