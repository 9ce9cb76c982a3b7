//! Where somebody who is signed in types the code that a program shows, sees who asks for what, and decides (RFC 8628, 3.3).

use super::form::{Errors, Field, Form};
use super::{Frame, show};
use crate::app::Site;
use crate::audit;
use crate::caller::{Caller, Who};
use crate::device::{TOKEN_DAYS, normal_code, shown_code};
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, Method, StatusCode};
use serde_json::json;
use tacho_domain::audit::Action;
use tacho_domain::{Permission, Rights};
use tacho_render::words::instant;
use tacho_store::DeviceGrant;
use url::form_urlencoded;

pub(crate) fn routes() -> Vec<Route> {
    let own = Gate::Needs(Permission::ManageOwnTokens);
    vec![Route::page(Method::GET, "/device", own, get(ask)), Route::page(Method::POST, "/device", own, post(decide))]
}

/// A device as the page shows it.
struct Shown {
    code: String,
    name: String,
    since: String,
    account: String,
    may: Vec<&'static str>,
    days: i64,
}

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage {
    frame: Frame,
    field: Field,
    device: Option<Shown>,
    done: Option<&'static str>,
}

/// `GET /device`: the form for a code, or the device of the code in the address.
async fn ask(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let typed = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "user_code").map(|(_, value)| value.into_owned());
    let Some(typed) = typed.filter(|typed| !typed.trim().is_empty()) else {
        return page(&site, &caller, &headers, Field::new("user_code", "Code"), None, None).await;
    };
    match find(&site, &typed).await? {
        Some((code, grant)) => {
            let shown = shown(&caller, &code, grant)?;
            page(&site, &caller, &headers, Field::new("user_code", "Code"), Some(shown), None).await
        }
        None => wrong(&site, &caller, &headers, &typed).await,
    }
}

/// `POST /device`.
async fn decide(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    if caller.session.is_none() {
        let detail = "A device is approved in a browser where its owner is signed in, not with an API token.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "not-permitted", detail));
    }
    let form = Form::read(&headers, &body)?;
    let (typed, user) = (form.text("user_code"), caller.user()?);
    let approve = match form.text("decision") {
        "approve" => true,
        "deny" => false,
        _ => return Err(Problem::field("decision", "send `approve` or `deny`")),
    };
    let Some((code, grant)) = find(&site, typed).await? else {
        return wrong(&site, &caller, &headers, typed).await;
    };
    if !site.store().decide_device_grant(caller.organization, &code, user, approve, site.now()).await? {
        return wrong(&site, &caller, &headers, typed).await;
    }
    let detail = json!({ "approved": approve, "scopes": grant.scopes.to_string() });
    audit::note(&site, &caller, Action::DeviceApproved, &grant.client_name, detail).await?;
    let done =
        if approve { "Approved: the program goes on by itself in a few seconds." } else { "Denied: the program gets nothing." };
    page(&site, &caller, &headers, Field::new("user_code", "Code"), None, Some(done)).await
}

async fn find(site: &Site, typed: &str) -> Result<Option<(String, DeviceGrant)>, Problem> {
    let Some(code) = normal_code(typed) else { return Ok(None) };
    let grant = site.store().find_device_grant(&code, site.now()).await?;
    Ok(grant.map(|grant| (code, grant)))
}

fn shown(caller: &Caller, code: &str, grant: DeviceGrant) -> Result<Shown, Problem> {
    caller.user()?;
    let account = match &caller.who {
        Who::User { email, .. } => email.clone(),
        Who::Token { name } => name.clone(),
    };
    let rights = Rights::scoped(caller.rights.role(), grant.scopes);
    Ok(Shown {
        code: shown_code(code),
        name: grant.client_name,
        since: instant(grant.created_at),
        account,
        may: grant.scopes.iter().filter(|permission| rights.may(*permission)).map(Permission::describe).collect(),
        days: TOKEN_DAYS,
    })
}

async fn wrong(site: &Site, caller: &Caller, headers: &HeaderMap, typed: &str) -> Result<Response, Problem> {
    let mut errors = Errors::default();
    errors.add(
        "user_code",
        "No device waits with this code. Type it as the program shows it; after 15 minutes it needs a new one.",
    );
    let typed: String = typed.chars().filter(|letter| !letter.is_control()).take(20).collect();
    let field = Field::new("user_code", "Code").value(typed).checked(&errors);
    let mut response = page(site, caller, headers, field, None, None).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

async fn page(
    site: &Site,
    caller: &Caller,
    headers: &HeaderMap,
    field: Field,
    device: Option<Shown>,
    done: Option<&'static str>,
) -> Result<Response, Problem> {
    let frame = Frame::of(site, caller, "Connect a device", "/device", headers).await?;
    let field = field.help("The program shows eight letters, such as WDJB-MJHT.");
    show(&DevicePage { frame, field, device, done })
}
