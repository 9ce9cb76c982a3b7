//! Reads what a person's page is made of: that person's rows alone, each by its key, and their older months.

use super::{Asked, hours, past_months};
use crate::StoreError;
use crate::migrations::measure_sums;
use crate::sql::{LIST, Row, Tx, Value, bind};
use tacho_domain::report::{Question, Report, ReportName};
use tacho_domain::reports::member::{self, Activity, DataDay, Material, UsedDay, UsedSplit, Who};
use tacho_domain::{Dimension, Instant, Measure, SubjectId, ToolId, WHOLE_ORGANIZATION, Window};

/// The measures of splits: what vendors attribute to a model, a language, an editor or a feature.
const OF_SPLITS: &[Measure] = &[
    Measure::Interactions,
    Measure::Prompts,
    Measure::Requests,
    Measure::Sessions,
    Measure::Suggestions,
    Measure::Acceptances,
    Measure::EditsProposed,
    Measure::EditsAccepted,
    Measure::EditsRejected,
    Measure::Generations,
    Measure::GenerationsAccepted,
    Measure::LinesAdded,
    Measure::LinesRemoved,
    Measure::TokensInput,
    Measure::TokensOutput,
    Measure::TokensCacheRead,
    Measure::TokensCacheWrite,
    Measure::Cost,
    Measure::Credits,
];

/// The report of a member, or of an identity that matches none. `None` where there is no such one, or none that the asker
/// may see.
pub(super) async fn answer(
    tx: &mut Tx,
    asked: &Asked<'_>,
    name: &ReportName,
    subject: SubjectId,
) -> Result<Option<Report>, StoreError> {
    let Some(who) = who(tx, asked, subject).await?.filter(|who| asked.question.audience.sees(subject, who.unmatched)) else {
        return Ok(None);
    };
    let question = Question { member: Some(subject), team: None, ..asked.question.clone() };
    let asked = Asked { question: &question, ..*asked };
    let window = question.window;
    let identities: Vec<u32> = asked.directory.identities(subject).map(|identity| identity.0).collect();
    let needed = member::needed_days(window);
    let past = past_months::read(tx, &asked, &identities).await?;
    let mut data = data(tx, &asked, needed).await?;
    let mut used = used(tx, &asked, needed, Measure::ALL, &identities).await?;
    for older in past.by_day {
        data.extend(self::data(tx, &asked, older).await?);
        used.extend(self::used(tx, &asked, older, &[Measure::Interactions], &identities).await?);
    }
    let material = Material {
        profiles: asked.known.profiles,
        who,
        data,
        used,
        past: past.months,
        splits: splits(tx, &asked, &identities).await?,
        punch: hours::punch(tx, &asked, window).await?,
        active_hours: hours::active_hours(tx, &asked, window).await?.get(&subject).copied(),
        last_synced: last_synced(tx, &asked).await?,
    };
    Ok(Some(member::build(name, &question, &material)))
}

/// What somebody did in the question's window, in two numbers. `None` where there is no such one.
pub(super) async fn activity(tx: &mut Tx, asked: &Asked<'_>, subject: SubjectId) -> Result<Option<Activity>, StoreError> {
    let Some(who) = who(tx, asked, subject).await? else { return Ok(None) };
    let window = asked.question.window;
    let identities: Vec<u32> = asked.directory.identities(subject).map(|identity| identity.0).collect();
    let material = Material {
        profiles: asked.known.profiles,
        who,
        data: data(tx, asked, window).await?,
        used: used(tx, asked, window, &[Measure::Interactions], &identities).await?,
        past: Vec::new(),
        splits: Vec::new(),
        punch: None,
        active_hours: None,
        last_synced: None,
    };
    Ok(Some(member::activity(asked.question, &material)))
}

/// The person by their number; nobody stands for the organization as a whole, and a merged member for nobody.
async fn who(tx: &mut Tx, asked: &Asked<'_>, subject: SubjectId) -> Result<Option<Who>, StoreError> {
    if subject.0 == WHOLE_ORGANIZATION.0 {
        return Ok(None);
    }
    let organization = asked.question.organization;
    let unmatched = asked.directory.unmatched().contains(subject);
    let sql = if unmatched {
        "select label from identities where organization_id = $1 and id = $2"
    } else {
        "select coalesce(name, email, '') from members where organization_id = $1 and id = $2 and merged_into is null"
    };
    let Some(row) = tx.find(sql, bind![organization, subject]).await? else { return Ok(None) };
    let identities = asked.directory.identities(subject).count();
    Ok(Some(Who { subject, name: row.text(0)?, unmatched, identities }))
}

/// The days of a window with data of anybody.
async fn data(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<Vec<DataDay>, StoreError> {
    let sql =
        "select day, tool, provisional, knows_activity from slice_rollups where organization_id = $1 and day between $2 and $3";
    let rows = tx.fetch(sql, bind![asked.question.organization, window.from, window.to]).await?;
    let day = |row: &Row| {
        Ok(DataDay {
            day: row.day(0)?,
            tool: ToolId(row.text(1)?.into()),
            provisional: row.int(2)? != 0,
            knows_activity: row.int(3)? != 0,
        })
    };
    rows.iter().map(day).collect()
}

/// The identities' keys in the counted slices of a window, as the common head of a statement. One materialized list of whole
/// keys leaves a planner without statistics only one way: a look-up per key (see `details.rs`).
fn wanted(asked: &Asked<'_>, window: Window, identities: &[u32]) -> (String, Vec<Value>) {
    let mut values = bind![asked.question.organization, window.from, window.to].to_vec();
    values.extend(identities.iter().map(|identity| Value::from(*identity)));
    // Few statement texts, each stays prepared: what is filled up is null and equals nobody.
    values.resize(3 + identities.len().next_power_of_two(), Value::Int(None));
    let places: Vec<String> = (4..=values.len()).map(|place| format!("(${place})")).collect();
    let head = format!(
        "with wanted as materialized (
             select r.integration_id, r.stream, r.day, r.tool, v.id
             from slice_rollups r cross join (select column1 as id from (values {}) w) v
             where r.organization_id = $1 and r.day between $2 and $3)",
        places.join(",")
    );
    (head, values)
}

/// What the identities did, by day and tool.
async fn used(
    tx: &mut Tx,
    asked: &Asked<'_>,
    window: Window,
    measures: &[Measure],
    identities: &[u32],
) -> Result<Vec<UsedDay>, StoreError> {
    let mut days = Vec::new();
    for chunk in identities.chunks(LIST) {
        let (head, values) = wanted(asked, window, chunk);
        let sql = format!(
            "{head}
             select w.day, w.tool, max(u.active), {} from wanted w cross join usage_daily u
             where u.organization_id = $1 and u.integration_id = w.integration_id and u.stream = w.stream and u.day = w.day
               and u.identity_id = w.id
             group by w.day, w.tool order by w.day, w.tool",
            measure_sums("u.", measures)
        );
        for row in tx.fetch(sql, &values).await? {
            let (day, tool) = (row.day(0)?, ToolId(row.text(1)?.into()));
            days.push(UsedDay { day, tool, active: row.maybe_flag(2)?, measures: row.measures(3, measures)? });
        }
    }
    Ok(days)
}

/// The identities' use of each model, language, editor and feature over the window, most interactions first.
async fn splits(tx: &mut Tx, asked: &Asked<'_>, identities: &[u32]) -> Result<Vec<UsedSplit>, StoreError> {
    let mut splits: Vec<UsedSplit> = Vec::new();
    for chunk in identities.chunks(LIST) {
        let (head, values) = wanted(asked, asked.question.window, chunk);
        let sql = format!(
            "{head}
             select w.tool, u.dimension, u.value, {} from wanted w cross join usage_splits u
             where u.organization_id = $1 and u.integration_id = w.integration_id and u.stream = w.stream and u.day = w.day
               and u.identity_id = w.id
             group by w.tool, u.dimension, u.value",
            measure_sums("u.", OF_SPLITS)
        );
        for row in tx.fetch(sql, &values).await? {
            let (tool, value, name) = (ToolId(row.text(0)?.into()), row.text(2)?, row.text(1)?);
            let dimension = Dimension::parse(&name)
                .ok_or_else(|| StoreError::damaged("usage_splits", "dimension", asked.question.window, format!("`{name}`")))?;
            let measures = row.measures(3, OF_SPLITS)?;
            let same = |split: &&mut UsedSplit| split.tool == tool && split.dimension == dimension && split.value == value;
            match splits.iter_mut().find(same) {
                Some(split) => split.measures.add(&measures),
                None => splits.push(UsedSplit { tool, dimension, value, measures }),
            }
        }
    }
    splits.sort_by(|one, two| {
        let rank = |split: &UsedSplit| {
            let measures = &split.measures;
            measures[Measure::Interactions]
                .or(measures[Measure::Requests])
                .or(measures.tokens())
                .or(measures[Measure::LinesAdded])
        };
        let order = (&one.tool.0, one.dimension).cmp(&(&two.tool.0, two.dimension));
        order.then(rank(two).cmp(&rank(one))).then_with(|| one.value.cmp(&two.value))
    });
    Ok(splits)
}

async fn last_synced(tx: &mut Tx, asked: &Asked<'_>) -> Result<Option<Instant>, StoreError> {
    let sql = "select tool, max(last_synced_at) from integrations where organization_id = $1 group by tool";
    let mut newest = None;
    for row in tx.fetch(sql, bind![asked.question.organization]).await? {
        if asked.question.asks_for(&ToolId(row.text(0)?.into())) {
            newest = newest.max(row.maybe_instant(1)?);
        }
    }
    Ok(newest)
}
