//! The head of a report: what it answers, for which days and whom, and the links that change that.

use crate::app::Site;
use crate::audience;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::view::{Choice, View};
use tacho_domain::report::{Audience, Report, ReportName};
use tacho_domain::{SubjectId, ToolId, ToolProfile, Window};
use tacho_render::words::{instant, plural, window};

/// A link of a picker.
pub(super) struct Choosable {
    pub(super) href: String,
    pub(super) label: String,
    pub(super) chosen: bool,
    pub(super) class: String,
}

/// A team that can be chosen.
pub(super) struct TeamChoice {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) chosen: bool,
}

/// A form's hidden field.
pub(super) type Hidden = (&'static str, String);

/// What narrows a report to one member.
pub(super) struct Person {
    pub(super) name: String,
    /// The address of the same about everyone.
    pub(super) without: String,
}

/// The head.
pub(super) struct Header {
    pub(super) title: String,
    pub(super) question: String,
    /// The page's own address, without a query.
    pub(super) path: String,
    pub(super) days: String,
    pub(super) scope: Vec<String>,
    /// How fresh it is, and what is missing or may change.
    pub(super) state: String,
    pub(super) files: Vec<(String, &'static str)>,
    pub(super) windows: Vec<Choosable>,
    pub(super) compare: Choosable,
    pub(super) tools: Vec<Choosable>,
    pub(super) window: Window,
    /// What the form for other days keeps.
    pub(super) kept_by_days: Vec<Hidden>,
    pub(super) teams: Vec<TeamChoice>,
    /// Whether it can be narrowed to one member, by name.
    pub(super) names_people: bool,
    pub(super) person: Option<Person>,
    /// What the form for team and member keeps.
    pub(super) kept_by_people: Vec<Hidden>,
    /// Whether one of the two forms has something to say.
    pub(super) narrowed: bool,
}

/// By what a report can be narrowed.
struct Filters {
    tools: bool,
    team: bool,
    member: bool,
}

fn filters(name: &ReportName) -> Filters {
    let (tools, team, member) = match name {
        ReportName::Overview | ReportName::Cost => (true, true, true),
        ReportName::Tool(_) => (false, true, true),
        ReportName::Members | ReportName::Seats => (true, true, false),
        ReportName::Teams | ReportName::Team(_) | ReportName::Member(_) | ReportName::Mine => (true, false, false),
        ReportName::Delivery => (false, true, false),
        ReportName::Reconciliation(_) => (false, false, false),
    };
    Filters { tools, team, member }
}

pub(super) async fn of(site: &Site, caller: &Caller, report: &Report, view: &View) -> Result<Header, Problem> {
    let path = report.name.page();
    let filters = filters(&report.name);
    let audience = audience::of(site, caller).await?;
    let compare = Choosable {
        href: view.compared(!view.compare).href(&path),
        label: "Compare with the days before".into(),
        chosen: view.compare,
        class: String::new(),
    };
    let person = match view.member.filter(|_| filters.member) {
        Some(member) => Some(person(site, caller, view, &path, member, &audience).await?),
        None => None,
    };
    Ok(Header {
        title: report.title.clone(),
        question: report.question.clone(),
        days: window(report.window),
        scope: report.scope.clone(),
        state: state(report),
        files: files(report, view),
        windows: windows(view, &path),
        compare,
        tools: if filters.tools { tools(view, &path, site.tools()) } else { Vec::new() },
        window: report.window,
        kept_by_days: kept(view, &["days", "window", "from", "to"]),
        teams: if filters.team { teams(site, caller, view).await? } else { Vec::new() },
        names_people: filters.member && audience != Audience::Nobody,
        person,
        kept_by_people: kept(view, &["team", "member"]),
        narrowed: matches!(view.choice, Choice::Range(_)) || view.team.is_some() || view.member.is_some(),
        path,
    })
}

/// The fields of this view that a form keeps: all but its own, and not which page or order of a table.
fn kept(view: &View, own: &[&str]) -> Vec<Hidden> {
    let of_tables = ["section", "sort", "order", "search", "page"];
    view.fields().into_iter().filter(|(field, _)| !own.contains(field) && !of_tables.contains(field)).collect()
}

fn state(report: &Report) -> String {
    let known = &report.provenance;
    let synced = known.last_synced.map_or_else(|| "not synced yet".to_owned(), |at| format!("last synced {}", instant(at)));
    let provisional =
        (known.provisional_days > 0).then(|| format!("{} provisional", plural(u64::from(known.provisional_days), "day", "days")));
    let missing =
        (known.missing_days > 0).then(|| format!("{} without data", plural(u64::from(known.missing_days), "day", "days")));
    std::iter::once(synced).chain(provisional).chain(missing).collect::<Vec<_>>().join(" · ")
}

fn files(report: &Report, view: &View) -> Vec<(String, &'static str)> {
    let view = view.for_files();
    let file = |(extension, label)| (view.href(&format!("/reports/{}/report.{extension}", report.name)), label);
    [("pdf", "PDF"), ("xlsx", "XLSX"), ("json", "JSON")].into_iter().map(file).collect()
}

fn windows(view: &View, path: &str) -> Vec<Choosable> {
    let choices = [
        (Choice::Days(7), "7 days"),
        (Choice::Days(28), "28 days"),
        (Choice::Days(90), "90 days"),
        (Choice::LastMonth, "Last month"),
        (Choice::Quarter, "Quarter"),
        (Choice::Year, "Year"),
    ];
    let link = |(choice, label): (Choice, &str)| Choosable {
        href: view.over(choice).href(path),
        label: label.to_owned(),
        chosen: view.choice == choice,
        class: String::new(),
    };
    choices.into_iter().map(link).collect()
}

fn tools(view: &View, path: &str, profiles: &[ToolProfile]) -> Vec<Choosable> {
    let all = Choosable {
        href: view.all_tools().href(path),
        label: "All tools".into(),
        chosen: view.tools.is_empty(),
        class: String::new(),
    };
    let link = |profile: &ToolProfile| {
        let tool = ToolId::new(profile.id);
        Choosable {
            href: view.toggled(&tool).href(path),
            label: profile.name.to_owned(),
            chosen: view.tools.contains(&tool),
            class: format!("series-{}", profile.colour % 8),
        }
    };
    std::iter::once(all).chain(profiles.iter().map(link)).collect()
}

async fn teams(site: &Site, caller: &Caller, view: &View) -> Result<Vec<TeamChoice>, Problem> {
    let teams = site.store().list_team_names(caller.organization).await?;
    Ok(teams.into_iter().map(|(id, name)| TeamChoice { id, chosen: view.team == Some(id), name }).collect())
}

/// Whoever may not see a member learns no name.
async fn person(
    site: &Site,
    caller: &Caller,
    view: &View,
    path: &str,
    member: SubjectId,
    audience: &Audience,
) -> Result<Person, Problem> {
    let known = site.store().find_member(caller.organization, member).await?.filter(|_| audience.sees(member, false));
    let name = known.as_ref().map_or_else(|| format!("Member {}", member.0), crate::people::called);
    Ok(Person { name, without: view.everyone().href(path) })
}
