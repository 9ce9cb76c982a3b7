//! What the page of a report has besides the report: one function for each that has something.

use super::sources::{self, Source, SourceRow};
use crate::app::Site;
use crate::caller::Caller;
use crate::connections::ConnectorCard;
use crate::pages::share;
use crate::problem::Problem;
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

pub(super) fn of(site: &Site, caller: &Caller, report: &Report, sources: &[Source]) -> Result<Extras, Problem> {
    match report.name {
        ReportName::Overview => overview(site, caller, sources),
        ReportName::Seats => ways(caller, Permission::ManagePeople, "/settings/seats", "Say whose seats stay"),
        ReportName::Cost => ways(caller, Permission::ManageIntegrations, "/settings/budgets", "Set budgets"),
        ReportName::Mine => Ok(Extras { below: share::panel(caller)?.into_iter().collect(), ..Extras::default() }),
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
