//! A report and its parts as files, with the same numbers as on the page. Typesetting and drawing take a thread of their own.

use crate::app::Site;
use crate::audience::Face;
use crate::caller::Caller;
use crate::device::origin;
use crate::problem::Problem;
use crate::report::{self, Answered};
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use tacho_domain::report::{Report, Section, Table};
use tacho_render::{Made, PressError, Theme, poster};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pdf,
    Xlsx,
    Json,
    Csv,
    Svg,
    Png,
}

impl Kind {
    const ALL: [(&str, Self); 6] = [
        ("pdf", Self::Pdf),
        ("xlsx", Self::Xlsx),
        ("json", Self::Json),
        ("csv", Self::Csv),
        ("svg", Self::Svg),
        ("png", Self::Png),
    ];

    fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
        }
    }
}

/// What is asked for: the whole report, the table of its figures, or a section of it.
enum Wanted {
    Report(Kind),
    Figures(Kind),
    Section(Box<Section>, Kind),
}

/// Sharp on screens with two pixels for each.
const PIXELS: f32 = 2.0;

/// The name under which the figures go as a table.
const FIGURES: &str = "figures";

/// `GET /reports/{name}/{file}`: `report.pdf`, `members.csv`, `adoption.png`.
pub(super) async fn file(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path((name, file)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let name = report::named(&name)?;
    let Answered { report, view, .. } =
        report::answer(&site, &caller, &name, &query.unwrap_or_default(), Face::File(&file)).await?;
    let (wanted, extension) = wanted(&report, &file).ok_or_else(|| unknown(&report))?;
    let organization = site.store().find_organization(caller.organization).await?;
    let made = Made {
        organization: organization.map(|organization| organization.name).unwrap_or_default(),
        at: site.now(),
        link: format!("{}{}", origin(&site, &headers), view.href(&name.page())),
    };
    let (kind, named) = (wanted.kind(), file_name(&report, &wanted, extension));
    let bytes = tokio::task::spawn_blocking(move || press(&report, wanted, &made)).await;
    let bytes = bytes.map_err(|error| Problem::internal(&error))?.map_err(|error| Problem::internal(&error))?;
    let disposition = format!("attachment; filename=\"{named}\"");
    let headers = [(header::CONTENT_TYPE, kind.media_type().to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, bytes).into_response())
}

impl Wanted {
    fn kind(&self) -> Kind {
        match self {
            Self::Report(kind) | Self::Figures(kind) | Self::Section(_, kind) => *kind,
        }
    }
}

fn wanted(report: &Report, file: &str) -> Option<(Wanted, &'static str)> {
    let (stem, extension) = file.rsplit_once('.')?;
    let (extension, kind) = Kind::ALL.into_iter().find(|(known, _)| *known == extension)?;
    let wanted = match (stem, kind) {
        ("report", Kind::Pdf | Kind::Xlsx | Kind::Json) => Wanted::Report(kind),
        (FIGURES, Kind::Csv | Kind::Xlsx) => Wanted::Figures(kind),
        (id, Kind::Csv | Kind::Xlsx) => {
            let section = report.section(id).filter(|section| !section.table.columns.is_empty())?;
            Wanted::Section(Box::new(section.clone()), kind)
        }
        (id, Kind::Svg | Kind::Png) => {
            let section = report.section(id).filter(|section| !drawn(section).is_empty())?;
            Wanted::Section(Box::new(section.clone()), kind)
        }
        _ => return None,
    };
    Some((wanted, extension))
}

fn drawn(section: &Section) -> String {
    section.chart.as_ref().map(|chart| tacho_render::chart(&section.id, &section.title, chart)).unwrap_or_default()
}

fn unknown(report: &Report) -> Problem {
    let parts: Vec<&str> = report.sections.iter().map(|section| section.id.as_str()).collect();
    Problem::not_found(format!(
        "There is no such file. There are `report.pdf`, `report.xlsx`, `report.json`, `figures.csv`, and of each of these parts \
         `.csv` and `.xlsx`, of what is drawn `.svg` and `.png`: {}.",
        parts.join(", ")
    ))
}

/// `tacho-overview-members-2026-10-24-2026-11-20.csv`.
fn file_name(report: &Report, wanted: &Wanted, extension: &str) -> String {
    let part = match wanted {
        Wanted::Report(_) => String::new(),
        Wanted::Figures(_) => format!("-{FIGURES}"),
        Wanted::Section(section, _) => format!("-{}", section.id),
    };
    // Ids and names are of our making, but a header takes no chances.
    let plain = |text: String| text.replace(|letter: char| !letter.is_ascii_alphanumeric() && !"_-".contains(letter), "_");
    let name = plain(format!("{}{part}", report.name));
    format!("tacho-{name}-{}-{}.{extension}", report.window.from, report.window.to)
}

fn press(report: &Report, wanted: Wanted, made: &Made) -> Result<Vec<u8>, PressError> {
    match wanted {
        Wanted::Report(Kind::Pdf) => tacho_render::pdf(report, made),
        Wanted::Report(Kind::Xlsx) => sheets(report, &report.sections, made),
        Wanted::Report(_) => serde_json::to_vec(report).map_err(|error| PressError::Document(error.to_string())),
        Wanted::Figures(kind) => table(report, figures(report), kind, made),
        Wanted::Section(section, Kind::Svg) => Ok(poster(&section, Theme::Light).into_bytes()),
        Wanted::Section(section, Kind::Png) => tacho_render::png(&poster(&section, Theme::Light), PIXELS),
        Wanted::Section(section, kind) => table(report, *section, kind, made),
    }
}

fn table(report: &Report, section: Section, kind: Kind, made: &Made) -> Result<Vec<u8>, PressError> {
    match kind {
        Kind::Xlsx => sheets(report, &[section], made),
        _ => Ok(tacho_render::csv(&section.table.without_sparks())),
    }
}

/// The tables of sections that have one, a sheet each.
fn sheets(report: &Report, sections: &[Section], made: &Made) -> Result<Vec<u8>, PressError> {
    let with_table = sections.iter().filter(|section| !section.table.columns.is_empty());
    let tables: Vec<(String, Table)> =
        with_table.map(|section| (section.title.clone(), section.table.clone().without_sparks())).collect();
    let named: Vec<(String, &Table)> = tables.iter().map(|(title, table)| (title.clone(), table)).collect();
    tacho_render::xlsx(report, &named, made)
}

/// The figures as a table.
fn figures(report: &Report) -> Section {
    let all: Vec<_> = report.groups.iter().flat_map(|group| group.figures.iter().cloned()).collect();
    Section::listed(FIGURES, "Figures", "", tacho_render::tables::figures(&all))
}
