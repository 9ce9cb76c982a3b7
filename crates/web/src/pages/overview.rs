//! The Overview: are we using what we pay for, and is it growing?

use super::cards::{self, Group};
use super::members::{self, Members};
use super::notes::{self, Note};
use super::panels::{self, Panel};
use super::sources::{self, SourceRow};
use super::{Frame, show};
use crate::app::Site;
use crate::audience::{self, Face};
use crate::caller::Caller;
use crate::connections::ConnectorCard;
use crate::problem::Problem;
use crate::view::{Choice, View};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use tacho_domain::report::Audience;
use tacho_domain::{Permission, ToolId, Window};
use tacho_render::{tables, words};

/// A link of the window picker or the tool filter.
struct Choosable {
    href: String,
    label: String,
    chosen: bool,
    class: String,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    frame: Frame,
    windows: Vec<Choosable>,
    tools: Vec<Choosable>,
    window: Window,
    days: String,
    before: String,
    chosen_tools: Vec<ToolId>,
    notes: Vec<Note>,
    /// Connectors to choose from, while nothing is connected.
    connectable: Vec<ConnectorCard>,
    /// Whether anything is connected at all.
    connected: bool,
    empty: bool,
    groups: Vec<Group>,
    panels: Vec<Panel>,
    members: Members,
    sources: Vec<SourceRow>,
    fresh: String,
}

pub(crate) async fn overview(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (now, yesterday) = (site.now(), site.yesterday());
    let view = View::parse(&query.unwrap_or_default(), site.tools(), yesterday)?;
    let audience = audience::of(&site, &caller).await?;
    let report = site.store().overview(&view.question(caller.organization, yesterday, audience), site.tools()).await?;
    audience::note_seen(&site, &caller, Face::Page, &report).await?;
    let sources = sources::list(&site, caller.organization).await?;
    show(&OverviewPage {
        frame: Frame::of(&site, &caller, "Overview", "/", &headers).await?,
        windows: windows(&view),
        tools: tools(&view, &site),
        window: report.window,
        days: words::window(report.window),
        before: words::window(report.window.before()),
        chosen_tools: view.tools.clone(),
        notes: notes::all(&report, &sources, now, &caller),
        connectable: if sources.is_empty() && caller.may(Permission::ManageIntegrations) {
            site.connections().connectors()
        } else {
            Vec::new()
        },
        connected: !sources.is_empty(),
        empty: report.is_empty(),
        groups: cards::groups(&report),
        panels: panels::all(&report, &view, site.tools()),
        members: members::table(&report, &view, site.tools(), audience::words(&caller)),
        sources: if caller.may(Permission::ViewIntegrations) { sources::rows(&sources, &site) } else { Vec::new() },
        fresh: report.provenance.last_synced.map_or_else(|| "not synced yet".to_owned(), words::instant),
    })
}

fn windows(view: &View) -> Vec<Choosable> {
    let choices = [
        (Choice::Days(7), "7 days"),
        (Choice::Days(28), "28 days"),
        (Choice::Days(90), "90 days"),
        (Choice::Quarter, "Quarter"),
        (Choice::Year, "Year"),
    ];
    let link = |(choice, label): (Choice, &str)| Choosable {
        href: view.over(choice).href("/"),
        label: label.to_owned(),
        chosen: view.choice == choice,
        class: String::new(),
    };
    choices.into_iter().map(link).collect()
}

fn tools(view: &View, site: &Site) -> Vec<Choosable> {
    let all = Choosable {
        href: view.all_tools().href("/"),
        label: "All tools".into(),
        chosen: view.tools.is_empty(),
        class: String::new(),
    };
    let link = |profile: &tacho_domain::ToolProfile| {
        let tool = ToolId::new(profile.id);
        Choosable {
            href: view.toggled(&tool).href("/"),
            label: profile.name.to_owned(),
            chosen: view.tools.contains(&tool),
            class: format!("series-{}", profile.colour % 8),
        }
    };
    std::iter::once(all).chain(site.tools().iter().map(link)).collect()
}

/// The most rows a downloaded member table holds.
const ALL_ROWS: usize = 100_000;

/// `GET /overview/{table}.csv`: a table behind the page, as a file.
pub(crate) async fn table(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(file): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let unknown =
        || Problem::not_found(format!("There is no such table. There are: {}, each with `.csv`.", tables::NAMES.join(", ")));
    let name = file.strip_suffix(".csv").filter(|name| tables::NAMES.contains(name)).ok_or_else(unknown)?;
    let view = View::parse(&query.unwrap_or_default(), site.tools(), site.yesterday())?;
    let audience = if name == "members" { audience::of(&site, &caller).await? } else { Audience::Nobody };
    let mut question = view.question(caller.organization, site.yesterday(), audience);
    (question.offset, question.limit) = (0, if name == "members" { ALL_ROWS } else { 0 });
    let report = site.store().overview(&question, site.tools()).await?;
    audience::note_seen(&site, &caller, Face::File, &report).await?;
    let table = tables::of(&report, name, site.tools()).ok_or_else(unknown)?;
    let disposition = format!("attachment; filename=\"tacho-{name}-{}-{}.csv\"", report.window.from, report.window.to);
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, tacho_render::csv(&table)).into_response())
}
