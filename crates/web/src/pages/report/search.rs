//! `/search?q=`: members whom the caller may see, teams, tools, pages, and how figures are made.

use super::person;
use crate::app::Site;
use crate::audience;
use crate::caller::Caller;
use crate::pages::form::Form;
use crate::pages::{Frame, Piece, frame, pieces, show};
use crate::people::called;
use crate::problem::Problem;
use crate::view::View;
use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use tacho_domain::ToolProfile;
use tacho_domain::report::{Audience, Report, ReportName};
use tacho_store::Known;

/// Members and teams that are listed at most.
const MOST: usize = 20;

/// Something that was found.
struct Hit {
    /// Where it is; empty where there is no page of it.
    href: String,
    label: String,
    /// What it is, or how it is made.
    text: Vec<Piece>,
}

impl Hit {
    fn new(href: impl Into<String>, label: impl Into<String>, text: &str) -> Self {
        Self { href: href.into(), label: label.into(), text: pieces(text) }
    }
}

#[derive(Template)]
#[template(path = "report/search.html")]
struct SearchPage {
    frame: Frame,
    typed: String,
    groups: Vec<(&'static str, Vec<Hit>)>,
}

pub(super) async fn search(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let sent = Form::of_query(&query.unwrap_or_default());
    let typed: String = sent.text("q").chars().take(100).collect();
    let groups = if typed.is_empty() { Vec::new() } else { groups(&site, &caller, &typed).await? };
    let frame = Frame::of(&site, &caller, "Search", "/search", &headers).await?.searched(&typed);
    show(&SearchPage { frame, typed, groups })
}

async fn groups(site: &Site, caller: &Caller, typed: &str) -> Result<Vec<(&'static str, Vec<Hit>)>, Problem> {
    let words: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
    let groups = [
        ("Pages", pages(caller, &words)),
        ("Tools", tools(site.tools(), &words)),
        ("Members", members(site, caller, typed).await?),
        ("Teams", teams(site, caller, &words).await?),
        ("How figures are made", definitions(site, caller, &words).await?),
    ];
    Ok(groups.into_iter().filter(|(_, hits)| !hits.is_empty()).collect())
}

/// Whether every word is in the text.
fn fits(words: &[String], text: &str) -> bool {
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word))
}

fn pages(caller: &Caller, words: &[String]) -> Vec<Hit> {
    let open = frame::open_ways(caller).into_iter().filter(|(_, label)| fits(words, label));
    open.map(|(href, label)| Hit::new(href, label, "")).collect()
}

fn tools(profiles: &[ToolProfile], words: &[String]) -> Vec<Hit> {
    let found = profiles.iter().filter(|profile| fits(words, profile.name));
    found.map(|profile| Hit::new(format!("/tools/{}", profile.id), profile.name, "How this tool is used.")).collect()
}

async fn members(site: &Site, caller: &Caller, typed: &str) -> Result<Vec<Hit>, Problem> {
    let audience = audience::of(site, caller).await?;
    let found = person::found(site, caller, &audience, typed, MOST).await?;
    Ok(found.iter().map(|member| Hit::new(ReportName::Member(member.id).page(), called(member), "")).collect())
}

async fn teams(site: &Site, caller: &Caller, words: &[String]) -> Result<Vec<Hit>, Problem> {
    let teams = site.store().list_team_names(caller.organization).await?;
    let found = teams.into_iter().filter(|(_, name)| fits(words, name)).take(MOST);
    Ok(found.map(|(team, name)| Hit::new(ReportName::Team(team).page(), name, "")).collect())
}

/// The reports whose figures are looked through.
const DEFINING: [ReportName; 6] =
    [ReportName::Overview, ReportName::Members, ReportName::Teams, ReportName::Seats, ReportName::Cost, ReportName::Delivery];

/// Figures and columns by name and formula: from the tools' own rules and from reports over a day, whose definitions are those
/// of any window.
async fn definitions(site: &Site, caller: &Caller, words: &[String]) -> Result<Vec<Hit>, Problem> {
    let mut hits = rules(site.tools(), words);
    let view = View::parse("days=1", site.tools(), site.yesterday())?;
    let question = view.question(caller.organization, site.yesterday(), Audience::Nobody);
    let known = Known { profiles: site.tools(), today: site.now().day() };
    for name in DEFINING {
        if let Some(report) = site.store().report(&name, &question, &known).await? {
            hits.extend(of_report(&report, words));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    hits.retain(|hit| seen.insert((hit.label.clone(), hit.text.iter().map(|piece| piece.text.clone()).collect::<String>())));
    Ok(hits)
}

fn of_report(report: &Report, words: &[String]) -> Vec<Hit> {
    let page = report.name.page();
    let figures = report.groups.iter().flat_map(|group| &group.figures);
    let figures = figures.map(|figure| (format!("{page}#figure-{}", figure.id), &figure.label, &figure.formula));
    let columns = report.sections.iter().flat_map(|section| {
        let explained = section.table.columns.iter().filter(|column| !column.formula.is_empty());
        explained.map(|column| (format!("{page}#{}", section.id), &column.label, &column.formula))
    });
    let found = figures.chain(columns).filter(|(_, label, formula)| fits(words, &format!("{label} {formula}")));
    found.map(|(href, label, formula)| Hit::new(href, label, formula)).collect()
}

/// What each tool counts, by its profile.
fn rules(profiles: &[ToolProfile], words: &[String]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for profile in profiles {
        let page = format!("/tools/{}", profile.id);
        let mut add = |label: String, formula: &str| {
            if fits(words, &format!("{label} {formula}")) {
                hits.push(Hit::new(&page, label, formula));
            }
        };
        add(format!("Interactions, {}", profile.name), profile.interaction_formula);
        add(format!("Active, {}", profile.name), profile.active_formula);
        for rule in profile.acceptance {
            let part = if rule.label.is_empty() { String::new() } else { format!(": {}", rule.label) };
            add(format!("Acceptance, {}{part}", profile.name), rule.formula);
        }
    }
    hits
}
