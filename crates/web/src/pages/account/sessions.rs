//! Where an account is signed in, and how to end it there.

use super::{HERE, me};
use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::pages::said;
use crate::problem::Problem;
use crate::session as cookies;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::json;
use tacho_domain::audit::Action;
use tacho_render::words::instant;
use tacho_store::User;

/// A session as the page shows it.
pub(super) struct Session {
    pub(super) id: i64,
    pub(super) device: String,
    pub(super) agent: String,
    pub(super) method: String,
    pub(super) address: String,
    pub(super) since: String,
    pub(super) seen: String,
    pub(super) current: bool,
}

pub(super) async fn list(site: &Site, caller: &Caller, user: &User) -> Result<Vec<Session>, Problem> {
    let current = caller.session.as_deref().unwrap_or_default();
    let rows = site.store().list_sessions(user.id, current, site.now()).await?;
    let shown = |row: tacho_store::SessionRow| Session {
        id: row.id,
        device: device(&row.agent),
        agent: row.agent,
        method: row.method,
        address: if row.address.is_empty() { "unknown".to_owned() } else { row.address },
        since: instant(row.created_at),
        seen: instant(row.last_seen_at),
        current: row.current,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// What a browser calls itself, as people call it. Browsers name those they descend from too, so the order matters.
fn device(agent: &str) -> String {
    let first = |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown device".to_owned(),
    }
}

/// `POST /settings/account/sessions/{id}/revoke`.
pub(crate) async fn revoke(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let user = me(&site, &caller).await?;
    let unknown = || Problem::not_found("There is no such session of yours; it may have ended by itself.");
    let id: i64 = id.parse().map_err(|_| unknown())?;
    let current = caller.session.as_deref().unwrap_or_default();
    let rows = site.store().list_sessions(user.id, current, site.now()).await?;
    let row = rows.into_iter().find(|row| row.id == id).ok_or_else(unknown)?;
    if !site.store().revoke_session(user.id, id).await? {
        return Err(unknown());
    }
    audit::note(&site, &caller, Action::SessionRevoked, &user.email, json!({ "device": device(&row.agent) })).await?;
    Ok(if row.current { cookies::signed_out(&site, "signed-out") } else { said::back(HERE, "session-ended") })
}

/// `POST /settings/account/sessions/revoke-others`.
pub(crate) async fn revoke_others(State(site): State<Site>, Extension(caller): Extension<Caller>) -> Result<Response, Problem> {
    let user = me(&site, &caller).await?;
    let ended = site.store().revoke_sessions(user.id, caller.session.as_deref()).await?;
    audit::note(&site, &caller, Action::SessionRevoked, &user.email, json!({ "others": ended })).await?;
    Ok(said::back(HERE, "others-ended"))
}

/// `POST /settings/account/sessions/revoke-all`.
pub(crate) async fn revoke_all(State(site): State<Site>, Extension(caller): Extension<Caller>) -> Result<Response, Problem> {
    let user = me(&site, &caller).await?;
    let ended = site.store().revoke_sessions(user.id, None).await?;
    audit::note(&site, &caller, Action::SessionRevoked, &user.email, json!({ "all": ended })).await?;
    Ok(cookies::signed_out(&site, "signed-out-everywhere"))
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn a_browser_is_called_what_people_call_it() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1",
                "Safari on iPhone",
            ),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on macOS"),
            ("curl/8.5.0", "curl"),
            ("", "Unknown device"),
        ] {
            assert_eq!(device(agent), name);
        }
    }
}
