//! Reports: a question is answered from roll-ups.

mod active;
mod agents;
mod commit_records;
mod cost_page;
mod deliveries;
mod delivery_page;
mod details;
mod everybody;
mod gate;
mod hours;
mod identities;
mod last_use;
mod material;
mod member_page;
mod members_page;
mod narrow;
mod narrowed;
mod overview_page;
mod packed;
mod past_months;
mod persons;
mod reconciliation_page;
mod remembered;
mod scope;
mod seat_lists;
mod seats_page;
mod standing;
mod team_page;
mod teams_page;
mod told;
mod tool_page;
mod tool_parts;

use crate::migrations::measure_sums;
use crate::sql::{Tx, bind};
use crate::{Store, StoreError};
use futures_util::future::BoxFuture;
use gate::Gate;
pub use standing::OrganizationStanding;
use tacho_domain::overview;
use tacho_domain::report::{Overview, Question, Report, ReportName};
use tacho_domain::{Day, Dimension, Directory, IntegrationId, Measure, Measures, OrganizationId, ToolId, ToolProfile, Window};

/// A question with all that every report is made with.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) question: &'a Question,
    pub(crate) known: &'a Known<'a>,
    pub(crate) directory: &'a Directory,
}

/// A part of a tool's usage over a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitSum {
    /// The tool.
    pub tool: ToolId,
    /// The part, in the vendor's word.
    pub value: String,
    /// What was counted.
    pub measures: Measures,
}

/// A vendor's own total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalRow {
    /// The day.
    pub day: Day,
    /// From which connection.
    pub integration: IntegrationId,
    /// From which stream.
    pub stream: String,
    /// The vendor's name for it.
    pub name: String,
    /// The value.
    pub value: i64,
}

/// What a report needs to know besides its question.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// What is known of the tools.
    pub profiles: &'a [ToolProfile],
    /// The day it is, UTC.
    pub today: Day,
}

impl Store {
    /// Answers a question with a report: whole tables, to be arranged by whoever shows them. `None` where there is no such
    /// member, team, integration or tool, or none that the asker may see.
    pub async fn report(&self, name: &ReportName, question: &Question, known: &Known<'_>) -> Result<Option<Report>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let directory = self.read_directory(&mut tx, question.organization).await?;
        let report = complete(&mut tx, name, &Asked { question, known, directory: &directory }).await?;
        tx.commit().await?;
        Ok(report)
    }

    /// Answers "are we using what we pay for, and is it growing?".
    pub async fn overview(&self, question: &Question, profiles: &[ToolProfile]) -> Result<Overview, StoreError> {
        let mut tx = self.begin_reading().await?;
        let directory = self.read_directory(&mut tx, question.organization).await?;
        let material = material::read(&mut tx, question, profiles, &directory).await?;
        let mut overview = overview::build(question, &material);
        details::fill(&mut tx, question, profiles, &directory, &mut overview.members.rows).await?;
        tx.commit().await?;
        Ok(overview)
    }

    /// A window's usage by one dimension, counted streams only, by tool and value.
    pub async fn list_splits(
        &self,
        organization: OrganizationId,
        dimension: Dimension,
        window: Window,
    ) -> Result<Vec<SplitSum>, StoreError> {
        let sql = format!(
            "select tool, value, {} from slice_splits where organization_id = $1 and day between $2 and $3 and dimension = $4
             group by tool, value order by tool, value",
            measure_sums("", Measure::ALL)
        );
        let rows = self.fetch(sql, bind![organization, window.from, window.to, dimension.as_str()]).await?;
        rows.iter()
            .map(|row| {
                Ok(SplitSum { tool: ToolId(row.text(0)?.into()), value: row.text(1)?, measures: row.measures(2, Measure::ALL)? })
            })
            .collect()
    }

    /// The vendors' own totals in a window, to reconcile with.
    pub async fn list_totals(&self, organization: OrganizationId, window: Window) -> Result<Vec<TotalRow>, StoreError> {
        let rows = self
            .fetch(
                "select t.day, t.integration_id, t.stream, t.name, t.value from slices s cross join usage_totals t
                 where s.organization_id = $1 and s.day between $2 and $3 and t.organization_id = s.organization_id
                   and t.integration_id = s.integration_id and t.stream = s.stream and t.day = s.day
                 order by t.day, t.integration_id, t.stream, t.name",
                bind![organization, window.from, window.to],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(TotalRow {
                    day: row.day(0)?,
                    integration: IntegrationId(row.int(1)?),
                    stream: row.text(2)?,
                    name: row.text(3)?,
                    value: row.int(4)?,
                })
            })
            .collect()
    }
}

/// What stands on every report around its own answer. Boxed, so that all of it is compiled in this crate only.
fn complete<'t>(tx: &'t mut Tx, name: &'t ReportName, asked: &'t Asked<'t>) -> BoxFuture<'t, Result<Option<Report>, StoreError>> {
    Box::pin(async move {
        let mut report = match gate::pass(tx, asked, name).await? {
            Gate::Shut(report) => Some(*report),
            Gate::Open { question, notes, without_before } => {
                let asked = Asked { question: &question, ..*asked };
                let mut report = answer(tx, name, &asked).await?;
                if let Some(report) = &mut report {
                    hours::add_section(tx, &asked, report).await?;
                    report.notes.splice(0..0, notes);
                    if without_before {
                        gate::forget_before(report);
                    }
                }
                report
            }
        };
        if let Some(report) = report.as_mut().filter(|report| report.scope.is_empty()) {
            report.scope = scope::scope(tx, asked, name).await?;
        }
        Ok(report)
    })
}

async fn answer(tx: &mut Tx, name: &ReportName, asked: &Asked<'_>) -> Result<Option<Report>, StoreError> {
    Ok(match name {
        ReportName::Overview => Some(overview_page::answer(tx, asked).await?),
        ReportName::Tool(tool) => tool_page::answer(tx, asked, tool).await?,
        ReportName::Member(member) => member_page::answer(tx, asked, name, *member).await?,
        ReportName::Mine => match asked.question.member {
            Some(member) => member_page::answer(tx, asked, name, member).await?,
            None => None,
        },
        ReportName::Seats => Some(seats_page::answer(tx, asked).await?),
        ReportName::Cost => Some(cost_page::answer(tx, asked).await?),
        ReportName::Delivery => Some(delivery_page::answer(tx, asked).await?),
        ReportName::Reconciliation(integration) => reconciliation_page::answer(tx, asked, *integration).await?,
        ReportName::Members => Some(members_page::answer(tx, asked).await?),
        ReportName::Teams => Some(teams_page::answer(tx, asked).await?),
        ReportName::Team(team) => team_page::answer(tx, asked, *team).await?,
    })
}
