//! What the page of a report has besides the report: one function for each that has something.

use super::sources::{self, Source, SourceRow};
use crate::app::Site;
use crate::caller::Caller;
use crate::connections::ConnectorCard;
use crate::pages::{share, survey};
use crate::problem::Problem;
use crate::surveys;
use askama::Template;
use tacho_domain::Permission;
use tacho_domain::report::{Report, ReportName};

/// Blocks of a page, as HTML that templates made.
#[derive(Default)]
pub(super) struct Extras {
    /// Below the notes.
    pub(super) above: Vec<String>,
    /// In the place of figures and charts while there are none.
    pub(super) instead: Vec<String>,
    /// Below the last section.
    pub(super) below: Vec<String>,
}

pub(super) async fn of(site: &Site, caller: &Caller, report: &Report, sources: &[Source]) -> Result<Extras, Problem> {
    match report.name {
        ReportName::Overview => overview(site, caller, sources),
        ReportName::Seats => ways(caller, Permission::ManagePeople, "/settings/seats", "Say whose seats stay"),
        ReportName::Cost => ways(caller, Permission::ManageIntegrations, "/settings/budgets", "Set budgets"),
        ReportName::Delivery => delivery(site, caller, sources),
        ReportName::Mine => mine(site, caller).await,
        _ => Ok(Extras::default()),
    }
}

/// A block that a template made.
pub(super) fn block(template: &impl Template) -> Result<String, Problem> {
    template.render().map_err(|error| Problem::internal(&error))
}

#[derive(Template)]
#[template(path = "connect.html")]
struct Connect {
    connectable: Vec<ConnectorCard>,
}

#[derive(Template)]
#[template(path = "report/unconnected.html")]
struct Unconnected;

#[derive(Template)]
#[template(path = "money/way.html")]
struct WayOn {
    href: &'static str,
    label: &'static str,
}

#[derive(Template)]
#[template(path = "report/undelivered.html")]
struct Undelivered {
    may_connect: bool,
}

/// Delivery says how to begin where no host of code is connected: what an integration tells of is then always a tool.
fn delivery(site: &Site, caller: &Caller, known: &[Source]) -> Result<Extras, Problem> {
    let of_tool = |(integration, _): &Source| site.tools().iter().any(|tool| tool.id == integration.tool.as_str());
    if known.iter().all(of_tool) {
        let instead = vec![block(&Undelivered { may_connect: caller.may(Permission::ManageIntegrations) })?];
        return Ok(Extras { instead, ..Extras::default() });
    }
    ways(caller, Permission::ManageOrganization, "/settings/organization#surveys", "Ask authors and reviewers")
}

/// My usage says what waits for an answer, and leads to what can be done with one's numbers.
async fn mine(site: &Site, caller: &Caller) -> Result<Extras, Problem> {
    let waiting = surveys::waiting(site, caller).await?;
    let above = survey::note(waiting)?.into_iter().collect();
    Ok(Extras { above, below: share::panel(caller)?.into_iter().collect(), ..Extras::default() })
}

/// A way to the settings behind a report, for whoever may change them.
fn ways(caller: &Caller, needs: Permission, href: &'static str, label: &'static str) -> Result<Extras, Problem> {
    let below = if caller.may(needs) { vec![block(&WayOn { href, label })?] } else { Vec::new() };
    Ok(Extras { below, ..Extras::default() })
}

#[derive(Template)]
#[template(path = "report/sources.html")]
struct Sources {
    sources: Vec<SourceRow>,
}

/// The Overview says how to begin, and where its numbers come from.
fn overview(site: &Site, caller: &Caller, known: &[Source]) -> Result<Extras, Problem> {
    let mut extras = Extras::default();
    if known.is_empty() && caller.may(Permission::ManageIntegrations) {
        extras.instead.push(block(&Connect { connectable: site.connections().connectors() })?);
    } else if known.is_empty() {
        extras.instead.push(block(&Unconnected)?);
    } else if caller.may(Permission::ViewIntegrations) {
        extras.below.push(block(&Sources { sources: sources::rows(known, site) })?);
    }
    Ok(extras)
}
