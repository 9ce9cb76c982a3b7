//! The page of a report.

use super::extras::{self, Extras};
use super::figures::{self, Cards};
use super::header::{self, Header};
use super::notes::{self, Note};
use super::person::{self, Picked};
use super::sections::{self, SectionView};
use super::sources;
use crate::app::Site;
use crate::assets;
use crate::audience::{self, Face};
use crate::caller::Caller;
use crate::pages::{Frame, show};
use crate::problem::Problem;
use crate::report::{self, Answered};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderName, HeaderValue};
use tacho_domain::report::ReportName;
use tacho_domain::{IntegrationId, Permission, SubjectId, ToolId};
use tacho_render::words;

#[derive(Template)]
#[template(path = "report/page.html")]
struct ReportPage {
    frame: Frame,
    header: Header,
    notes: Vec<Note>,
    extras: Extras,
    /// Why there is nothing to show; empty where there is something.
    nothing: String,
    groups: Vec<Cards>,
    sections: Vec<SectionView>,
}

#[derive(Template)]
#[template(path = "report/unlinked.html")]
struct UnlinkedPage {
    frame: Frame,
    /// Whether the role lets them see numbers of their own at all.
    may: bool,
    /// Whether they can link accounts themselves.
    manages: bool,
}

/// What every handler here takes.
type Asking = (State<Site>, Extension<Caller>, RawQuery, HeaderMap);

async fn page(asking: Asking, name: ReportName) -> Result<Response, Problem> {
    let (State(site), Extension(caller), RawQuery(query), headers) = asking;
    let query = query.unwrap_or_default();
    let (query, choices) = match person::picked(&site, &caller, &name, &query).await? {
        Picked::Address(address) => return Ok(Redirect::to(&address).into_response()),
        Picked::Query(query, choices) => (query, choices),
    };
    let Answered { report, view, question } = report::answer(&site, &caller, &name, &query, Face::Page).await?;
    let sources = sources::of(&site, &caller, &report.name).await?;
    let mut notes = notes::of_sources(&sources, site.now(), &caller);
    notes.extend(notes::of_report(&report, &view, &caller, &question));
    notes.sort_by_key(notes::Note::rank);
    notes.extend(choices);
    let frame = Frame::of(&site, &caller, &report.title, &report.name.page(), &headers).await?.carrying(&view);
    let page = ReportPage {
        frame,
        header: header::of(&site, &caller, &report, &view).await?,
        notes,
        extras: extras::of(&site, &caller, &report, &sources).await?,
        nothing: if report.is_empty { words::window(report.window) } else { String::new() },
        groups: figures::cards(&report, &view),
        sections: sections::all(&report, &view, audience::words(&caller)),
    };
    let mut response = show(&page)?;
    response.headers_mut().insert(SPECULATION_RULES, rules());
    Ok(response)
}

/// Tells the browser which pages to fetch while the pointer rests on their links. No script does it: the answer would be
/// thrown away, since pages are not kept.
const SPECULATION_RULES: HeaderName = HeaderName::from_static("speculation-rules");

fn rules() -> HeaderValue {
    HeaderValue::from_str(&format!("\"{}\"", assets::rules())).unwrap_or(HeaderValue::from_static(""))
}

macro_rules! pages {
    ($($handler:ident $name:expr)+) => {
        $(
            #[doc = concat!("The page `", stringify!($name), "`.")]
            pub(super) async fn $handler(
                site: State<Site>,
                caller: Extension<Caller>,
                query: RawQuery,
                headers: HeaderMap,
            ) -> Result<Response, Problem> {
                page((site, caller, query, headers), $name).await
            }
        )+
    };
}

pages! {
    overview ReportName::Overview
    members ReportName::Members
    teams ReportName::Teams
    seats ReportName::Seats
    cost ReportName::Cost
    delivery ReportName::Delivery
}

macro_rules! pages_of {
    ($($handler:ident $kind:ty, $name:expr)+) => {
        $(
            #[doc = concat!("The page `", stringify!($name), "` of one thing.")]
            pub(super) async fn $handler(
                site: State<Site>,
                caller: Extension<Caller>,
                Path(of): Path<String>,
                query: RawQuery,
                headers: HeaderMap,
            ) -> Result<Response, Problem> {
                let of = of.parse::<$kind>().map_err(|_| Problem::not_found("There is nothing at this address."))?;
                page((site, caller, query, headers), $name(of)).await
            }
        )+
    };
}

pages_of! {
    tool String, (|id: String| ReportName::Tool(ToolId(id.into())))
    member u32, (|id| ReportName::Member(SubjectId(id)))
    team i64, ReportName::Team
    reconciliation i64, (|id| ReportName::Reconciliation(IntegrationId(id)))
}

/// `GET /me`: one's own use; whoever is no member yet learns what to do about it.
pub(super) async fn mine(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if report::own(&caller).is_none() {
        return show(&UnlinkedPage {
            frame: Frame::of(&site, &caller, "My usage", "/me", &headers).await?,
            may: caller.may(Permission::ViewOwnData),
            manages: caller.may(Permission::ManageUsers),
        });
    }
    page((State(site), Extension(caller), query, headers), ReportName::Mine).await
}
