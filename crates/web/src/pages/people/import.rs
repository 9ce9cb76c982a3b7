//! `/settings/people/import`: people from a CSV file, pasted or chosen. What it would do is shown before anything is done.

use crate::app::Site;
use crate::caller::Caller;
use crate::pages::form::Errors;
use crate::pages::people::refused;
use crate::pages::said::back;
use crate::pages::{Frame, show};
use crate::people::{self, Outlook};
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use tacho_domain::people_file::{self, PeopleFileError};

/// Wrong lines that are listed; the others are counted.
const LISTED: usize = 100;

#[derive(Template)]
#[template(path = "people/import.html")]
struct ImportPage {
    frame: Frame,
    csv: String,
    errors: Errors,
    wrong: Vec<PeopleFileError>,
    wrong_more: usize,
}

#[derive(Template)]
#[template(path = "people/preview.html")]
struct PreviewPage {
    frame: Frame,
    csv: String,
    outlook: Outlook,
}

#[derive(Template)]
#[template(path = "people/imported.html")]
struct ImportedPage {
    frame: Frame,
    refused: Vec<(u32, String)>,
}

async fn page(site: &Site, caller: &Caller, headers: &HeaderMap) -> Result<ImportPage, Problem> {
    Ok(ImportPage {
        frame: Frame::of(site, caller, "Import people", "/settings/people", headers).await?,
        csv: String::new(),
        errors: Errors::default(),
        wrong: Vec::new(),
        wrong_more: 0,
    })
}

pub(super) async fn offer(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    show(&page(&site, &caller, &headers).await?)
}

pub(super) async fn preview(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let csv = sent(request).await?;
    let mut form = page(&site, &caller, &headers).await?;
    if csv.trim().is_empty() {
        form.errors.add("csv", "Choose a file or paste its lines.");
        return refused(&form);
    }
    match people_file::read(&csv) {
        Ok(lines) => {
            let outlook = people::outlook(&site, &caller, &lines).await?;
            show(&PreviewPage { frame: form.frame, csv, outlook })
        }
        Err(wrong) => wrong_lines(form, csv, wrong),
    }
}

fn wrong_lines(mut form: ImportPage, csv: String, mut wrong: Vec<PeopleFileError>) -> Result<Response, Problem> {
    form.wrong_more = wrong.len().saturating_sub(LISTED);
    wrong.truncate(LISTED);
    form.errors.add("csv", "Nothing was imported: mend the lines that are named above and send it again.");
    refused(&ImportPage { csv, wrong, ..form })
}

pub(super) async fn apply(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let csv = sent(request).await?;
    match people_file::read(&csv) {
        Err(wrong) => wrong_lines(page(&site, &caller, &headers).await?, csv, wrong),
        Ok(lines) => {
            let imported = people::import(&site, &caller, &lines).await?;
            if imported.refused.is_empty() {
                return Ok(back("/settings/people?show=members", "imported"));
            }
            let frame = Frame::of(&site, &caller, "Import people", "/settings/people", &headers).await?;
            show(&ImportedPage { frame, refused: imported.refused })
        }
    }
}

/// The text that was pasted, or the file's where one was chosen.
async fn sent(request: Request) -> Result<String, Problem> {
    let unreadable = |status: StatusCode| match status {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::of_status(status),
        _ => Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid-body",
            "The form cannot be read. Send it as `multipart/form-data` with the field `csv` or `file`, in UTF-8.",
        ),
    };
    let mut form = Multipart::from_request(request, &()).await.map_err(|refused| unreadable(refused.status()))?;
    let mut csv = String::new();
    while let Some(field) = form.next_field().await.map_err(|error| unreadable(error.status()))? {
        if matches!(field.name(), Some("csv" | "file")) {
            let bytes = field.bytes().await.map_err(|error| unreadable(error.status()))?;
            let text = String::from_utf8(bytes.to_vec())
                .map_err(|_| Problem::field("file", "is not UTF-8 text: save it as `CSV UTF-8` and send it again"))?;
            if !text.trim().is_empty() {
                csv = text;
            }
        }
    }
    Ok(csv)
}
