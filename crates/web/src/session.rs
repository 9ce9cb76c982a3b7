//! Sessions: begun when somebody signs in, with a fresh secret each time; the browser keeps it in a cookie that no script
//! reads and no other site sends along. The store knows its hash only.

use crate::access::{self, SESSION_IDLE_SECONDS, SESSION_SECONDS};
use crate::app::Site;
use crate::asking::Asking;
use crate::audit;
use crate::guard::{cookie_name, session_secret};
use crate::problem::Problem;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderValue, header};
use serde_json::json;
use tacho_domain::OrganizationId;
use tacho_domain::audit::{Action, Actor};
use tacho_store::{NewSession, User};
use url::Url;

/// How somebody proved who they are; kept with the session and in the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Method(pub(crate) &'static str);

impl Method {
    pub(crate) const PASSWORD: Self = Self("password");
    pub(crate) const LINK: Self = Self("link");
}

/// Lets a user into an organization: ends the session that the browser brought, begins a new one, notes the sign-in, and
/// sends the browser on. Whoever calls has made sure who it is.
pub(crate) async fn begin(
    site: &Site,
    headers: &HeaderMap,
    asking: &Asking,
    organization: OrganizationId,
    user: &User,
    method: &str,
    next: &str,
) -> Result<Response, Problem> {
    if let Some(secret) = session_secret(headers, site.secure_cookies()) {
        site.store().remove_session(&access::hash(secret)).await?;
    }
    let (secret, now) = (access::fresh(), site.now());
    let new = NewSession {
        user: user.id,
        hash: &access::hash(&secret),
        method,
        agent: &asking.agent,
        address: &asking.address,
        expires_at: now.plus_seconds(SESSION_SECONDS),
        idle_seconds: SESSION_IDLE_SECONDS,
    };
    site.store().add_session(organization, &new, now).await?;
    let actor = Actor::User { id: user.id, email: user.email.clone() };
    audit::note_as(site, organization, &actor, asking, Action::SignedIn, &user.email, json!({ "method": method })).await?;
    let mut response = Redirect::to(local(next).as_deref().unwrap_or("/")).into_response();
    set_cookie(&mut response, cookie_name(site.secure_cookies()), &secret, SESSION_SECONDS, site.secure_cookies());
    Ok(response)
}

/// Gives the browser a session's new secret.
pub(crate) fn hand_over(site: &Site, response: &mut Response, secret: &str) {
    set_cookie(response, cookie_name(site.secure_cookies()), secret, SESSION_SECONDS, site.secure_cookies());
}

/// Takes the session's cookie away and shows the sign-in page.
pub(crate) fn signed_out(site: &Site, slug: &str) -> Response {
    let mut response = crate::pages::said::back("/sign-in", slug);
    set_cookie(&mut response, cookie_name(site.secure_cookies()), "", 0, site.secure_cookies());
    response
}

/// Sets a cookie that no script reads and that other sites' forms do not send.
pub(crate) fn set_cookie(response: &mut Response, name: &str, value: &str, seconds: i64, secure: bool) {
    let flag = if secure { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{flag}");
    // Names and secrets of ours are plain ASCII.
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// The address of a page of ours, or nothing: a sign-in must not be a way to send people elsewhere.
pub(crate) fn local(next: &str) -> Option<String> {
    let harmless =
        next.starts_with('/') && !next.contains('\\') && !next.chars().any(|letter| letter.is_control() || letter == ' ');
    let base = Url::parse("http://tacho.invalid").ok()?;
    let url = base.join(next).ok().filter(|url| harmless && url.origin() == base.origin() && !next.starts_with("//"))?;
    let path = url.path();
    // Neither in a circle nor straight out again.
    let door = path.starts_with("//") || ["/sign-in", "/sign-out", "/api/"].iter().any(|door| path.starts_with(door));
    (!door).then(|| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_ours_are_returned_to() {
        for (next, kept) in [
            ("/", "/"),
            ("/settings/users?said=saved&x=%2F", "/settings/users?said=saved&x=%2F"),
            ("/a/../settings#part", "/settings"),
            ("/?tool=a", "/?tool=a"),
        ] {
            assert_eq!(local(next).as_deref(), Some(kept), "{next}");
        }
        for foreign in [
            "",
            "https://evil.example",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "javascript:alert(1)",
            "settings",
            "http:/evil.example",
            "/..//evil.example",
            "/sign-out",
            "/sign-in?next=/",
            "/api/overview",
            "/%0d%0aSet-Cookie:x=y\r\n",
        ] {
            assert_eq!(local(foreign), None, "{foreign:?}");
        }
    }
}
