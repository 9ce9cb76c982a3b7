//! When in the day and the week tools were used, from sources that give the instants of events. Whole days come from the
//! roll-up; what is narrowed to a member or a team comes from their own rows, by key.

use super::Asked;
use super::narrow::Narrow;
use crate::StoreError;
use crate::sql::{LIST, Row, Tx, Value, bind};
use std::collections::{BTreeSet, HashMap};
use tacho_domain::columns::hours_of;
use tacho_domain::hours::{HOURS, weekday};
use tacho_domain::report::{Chart, Punch, Report, ReportName, Section};
use tacho_domain::{
    Damaged, Day, DayHours, IdentityId, IntegrationId, SliceState, SubjectId, ToolId, WHOLE_ORGANIZATION, Window, decode_hours,
};

/// The section of the punch card, in every report.
const PUNCH: &str = "punch";

/// Events by weekday and hour; `None`: nothing in the window has a time of day. Narrowed by the question.
pub(super) async fn punch(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<Option<Punch>, StoreError> {
    let mut weekdays = [DayHours::default(); 7];
    let mut streams = BTreeSet::new();
    match Narrow::read(tx, asked, window).await? {
        None => {
            for row in rolled_up(tx, asked, window, "events").await? {
                weekdays[weekday(row.day)].add(&DayHours::unpack(&row.bytes).map_err(|error| damaged(window, error))?);
                streams.insert((row.integration, row.stream));
            }
        }
        // Of several people the roll-up is read as well: it is one row a day, not one for each of them.
        Some(narrow) if asked.question.member.is_none() => {
            for row in rolled_up(tx, asked, window, "counts").await? {
                let who = narrow.on(row.day).who(asked.directory);
                if let Some(hours) = hours_of(&row.bytes, &who).map_err(|error| damaged(window, error))? {
                    weekdays[weekday(row.day)].add(&hours);
                    streams.insert((row.integration, row.stream));
                }
            }
        }
        Some(narrow) => {
            for row in of_people(tx, asked, window, &narrow).await? {
                weekdays[weekday(row.day)].add(&row.hours);
                streams.insert((row.integration, row.stream));
            }
        }
    }
    if streams.is_empty() {
        return Ok(None);
    }
    let answered = answered(tx, asked, window, &streams).await?;
    let cell = |count: &u32, known: bool| known.then_some(i64::from(*count));
    let cells = weekdays.iter().zip(answered).map(|(hours, known)| {
        let mut cells = [None; HOURS];
        cells.iter_mut().zip(&hours.0).for_each(|(to, count)| *to = cell(count, known));
        cells
    });
    Ok(Some(Punch { unit: "events".into(), cells: cells.collect(), zone: "UTC".into() }))
}

/// Adds the punch card to a report that is about many people, where there is anything to show.
pub(super) async fn add_section(tx: &mut Tx, asked: &Asked<'_>, report: &mut Report) -> Result<(), StoreError> {
    let mut question = asked.question.clone();
    match &report.name {
        ReportName::Overview => {}
        ReportName::Tool(tool) => question.tools = vec![tool.clone()],
        ReportName::Team(team) => question.team = Some(*team),
        _ => return Ok(()),
    }
    // Where a report is withheld, this part of it is withheld too.
    if report.is_empty || report.sections.is_empty() || report.section(PUNCH).is_some() {
        return Ok(());
    }
    let asked = Asked { question: &question, ..*asked };
    let window = report.window;
    if let Some(punch) = punch(tx, &asked, window).await? {
        report.sections.push(Section::drawn(
            PUNCH,
            "Hours of the week",
            "Events by weekday and hour, UTC, of tools whose vendor gives the time of each event.",
            Chart::Punch(punch),
        ));
    }
    Ok(())
}

/// Active hours of each subject: distinct clock hours with an event, added up over the window's days. Who is not in it has
/// no data. Narrowed by the question.
pub(super) async fn active_hours(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<HashMap<SubjectId, u32>, StoreError> {
    let mut hours = Hours::default();
    match Narrow::read(tx, asked, window).await? {
        None => {
            for row in rolled_up(tx, asked, window, "people").await? {
                hours.begin(row.day);
                decode_hours(&row.bytes, |identity, mask| {
                    if identity != WHOLE_ORGANIZATION {
                        hours.add(asked.directory.subject(identity), mask);
                    }
                })
                .map_err(|error| damaged(window, error))?;
            }
        }
        Some(narrow) if asked.question.member.is_none() => {
            for row in rolled_up(tx, asked, window, "people").await? {
                hours.begin(row.day);
                let who = narrow.on(row.day).who(asked.directory);
                decode_hours(&row.bytes, |identity, mask| {
                    if who.binary_search(&identity).is_ok() {
                        hours.add(asked.directory.subject(identity), mask);
                    }
                })
                .map_err(|error| damaged(window, error))?;
            }
        }
        Some(narrow) => {
            let mut rows = of_people(tx, asked, window, &narrow).await?;
            rows.sort_unstable_by_key(|row| row.day);
            for row in rows {
                hours.begin(row.day);
                hours.add(row.subject, row.hours.mask());
            }
        }
    }
    Ok(hours.end())
}

/// Adds masks up day by day, so that an hour in which somebody used two tools is one hour.
#[derive(Default)]
struct Hours {
    day: Option<Day>,
    /// The hours of the day at hand and those of the days before, by subject; whom nothing is known of has neither.
    masks: Vec<u32>,
    sums: Vec<u32>,
}

impl Hours {
    /// The rows that follow are of this day.
    fn begin(&mut self, day: Day) {
        if self.day.replace(day) != Some(day) {
            self.close();
        }
    }

    fn add(&mut self, subject: SubjectId, mask: u32) {
        let place = subject.0 as usize;
        if self.masks.len() <= place {
            let length = (place + 1).next_power_of_two();
            self.masks.resize(length, 0);
            self.sums.resize(length, 0);
        }
        self.masks[place] |= mask;
    }

    fn close(&mut self) {
        for (sum, mask) in self.sums.iter_mut().zip(&mut self.masks) {
            *sum += std::mem::take(mask).count_ones();
        }
    }

    fn end(mut self) -> HashMap<SubjectId, u32> {
        self.close();
        (0..).zip(self.sums).filter(|(_, hours)| *hours > 0).map(|(subject, hours)| (SubjectId(subject), hours)).collect()
    }
}

/// A packed value of a slice.
struct Packed {
    day: Day,
    integration: IntegrationId,
    stream: String,
    bytes: Vec<u8>,
}

/// The roll-ups of the tools that are asked for, by day.
async fn rolled_up(tx: &mut Tx, asked: &Asked<'_>, window: Window, column: &'static str) -> Result<Vec<Packed>, StoreError> {
    let sql = format!(
        "select day, integration_id, stream, tool, {column} from slice_hours
         where organization_id = $1 and day between $2 and $3 order by day"
    );
    let rows = tx.fetch(sql, bind![asked.question.organization, window.from, window.to]).await?;
    let mut packed = Vec::with_capacity(rows.len());
    for row in &rows {
        if asked.question.asks_for(&ToolId(row.text(3)?.into())) {
            let (day, integration, stream) = (row.day(0)?, IntegrationId(row.int(1)?), row.text(2)?);
            packed.push(Packed { day, integration, stream, bytes: row.bytes(4)? });
        }
    }
    Ok(packed)
}

/// One identity's hours of a day.
struct Personal {
    day: Day,
    integration: IntegrationId,
    stream: String,
    subject: SubjectId,
    hours: DayHours,
}

/// The rows of those to whom the question is narrowed.
async fn of_people(tx: &mut Tx, asked: &Asked<'_>, window: Window, narrow: &Narrow) -> Result<Vec<Personal>, StoreError> {
    let mut found = Vec::new();
    for chunk in narrow.identities().chunks(LIST) {
        for row in personal(tx, asked, window, chunk).await? {
            let (day, identity) = (row.day(0)?, IdentityId(row.number(4)?));
            let counts = narrow.counts(day, identity, asked.directory);
            if counts && asked.question.asks_for(&ToolId(row.text(3)?.into())) {
                let subject = asked.directory.subject(identity);
                let hours = DayHours::unpack(&row.bytes(5)?).map_err(|error| damaged(window, error))?;
                let (integration, stream) = (IntegrationId(row.int(1)?), row.text(2)?);
                found.push(Personal { day, integration, stream, subject, hours });
            }
        }
    }
    Ok(found)
}

/// The slices that have hours are few, and lead into the fact table's own key.
async fn personal(tx: &mut Tx, asked: &Asked<'_>, window: Window, identities: &[IdentityId]) -> Result<Vec<Row>, StoreError> {
    let mut values = bind![asked.question.organization, window.from, window.to].to_vec();
    values.extend(identities.iter().map(|identity| Value::from(identity.0)));
    // Few statement texts, each stays prepared: what is filled up is null and equals nobody.
    values.resize(3 + identities.len().next_power_of_two(), Value::Int(None));
    let wanted: Vec<String> = (4..=values.len()).map(|place| format!("(${place})")).collect();
    let sql = format!(
        "with wanted as materialized (
             select s.day, s.integration_id, s.stream, s.tool, v.id
             from slice_hours s cross join (select column1 as id from (values {}) w) v
             where s.organization_id = $1 and s.day between $2 and $3)
         select w.day, w.integration_id, w.stream, w.tool, u.identity_id, u.events from wanted w cross join usage_hours u
         where u.organization_id = $1 and u.integration_id = w.integration_id and u.stream = w.stream and u.day = w.day
           and u.identity_id = w.id",
        wanted.join(",")
    );
    tx.fetch(sql, &values).await
}

/// The weekdays for which the streams have an answer, be it that nothing happened.
async fn answered(
    tx: &mut Tx,
    asked: &Asked<'_>,
    window: Window,
    streams: &BTreeSet<(IntegrationId, String)>,
) -> Result<[bool; 7], StoreError> {
    let mut known = [false; 7];
    for (integration, stream) in streams {
        let rows = tx
            .fetch(
                "select day from slices where organization_id = $1 and integration_id = $2 and stream = $3
                 and day between $4 and $5 and state in ($6, $7)",
                bind![
                    asked.question.organization,
                    *integration,
                    stream.as_str(),
                    window.from,
                    window.to,
                    SliceState::Provisional.as_str(),
                    SliceState::Final.as_str()
                ],
            )
            .await?;
        for row in rows {
            known[weekday(row.day(0)?)] = true;
        }
    }
    Ok(known)
}

fn damaged(window: Window, error: Damaged) -> StoreError {
    StoreError::damaged("slice_hours or usage_hours", "events", window, error)
}
