//! Round trips: a browser is sent to a provider and has to come back, the same browser, with the state it was given, once and
//! within ten minutes. Signing in, linking and connecting by OAuth all travel this way.

use crate::access::hash;
use crate::app::Site;
use crate::guard::cookie;
use crate::problem::Problem;
use crate::session::set_cookie;
use crate::signon::{Begun, SignOnRefused};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tacho_store::NewRoundTrip;
use url::form_urlencoded;

/// How long a browser may stay away; GitHub's codes live as long.
const AWAY_SECONDS: i64 = 600;

/// Where a browser goes, and why.
pub(crate) struct Trip<'a> {
    /// The provider's id.
    pub(crate) provider: &'a str,
    /// What it is for; it is claimed for that only.
    pub(crate) purpose: &'static str,
    /// The hash of the session it belongs to: only that one may end it.
    pub(crate) session: Option<&'a [u8]>,
    /// What else to remember; sealed meanwhile.
    pub(crate) more: Value,
}

/// A browser that came back.
pub(crate) struct Returned {
    /// What the provider's side kept.
    pub(crate) kept: Value,
    /// What else was remembered.
    pub(crate) more: Value,
    /// What the browser brought.
    pub(crate) code: SecretString,
}

fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-tacho_round_trip" } else { "tacho_round_trip" }
}

/// Sends the browser to the provider: the state goes along, into a cookie of this browser, and by its hash into the store.
pub(crate) async fn leave(site: &Site, begun: &Begun, trip: Trip<'_>) -> Result<Response, Problem> {
    #[expect(clippy::disallowed_methods, reason = "the state goes into the browser's cookie and, hashed, into the store")]
    let state = begun.state.expose_secret();
    let now = site.now();
    let payload = json!({ "provider": trip.provider, "kept": begun.kept, "more": trip.more });
    let new = NewRoundTrip {
        hash: &hash(state),
        purpose: trip.purpose,
        session: trip.session,
        payload: &payload,
        expires_at: now.plus_seconds(AWAY_SECONDS),
    };
    site.store().add_round_trip(&new, site.vault(), now).await?;
    #[expect(clippy::disallowed_methods, reason = "the browser goes there")]
    let mut response = Redirect::to(begun.url.expose_secret()).into_response();
    set_cookie(&mut response, cookie_name(site.secure_cookies()), state, AWAY_SECONDS, site.secure_cookies());
    Ok(response)
}

/// Takes a browser back: state, cookie, purpose, provider and session have to be those it left with. What the provider
/// refused is told in words.
pub(crate) async fn come_back(
    site: &Site,
    headers: &HeaderMap,
    query: &str,
    provider: &str,
    purpose: &'static str,
    session: Option<&[u8]>,
) -> Result<Returned, Problem> {
    let field = |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value);
    let state = field("state").filter(|state| (1..=200).contains(&state.len())).ok_or_else(lost)?;
    // Hashes are compared: how long that takes tells nothing of the state.
    let held = cookie(headers, cookie_name(site.secure_cookies())).map(hash);
    let state = hash(&state);
    if held.as_ref() != Some(&state) {
        return Err(lost());
    }
    let trip = site.store().claim_round_trip(&state, purpose, site.vault(), site.now()).await?.ok_or_else(lost)?;
    let mut payload = trip.payload;
    // A trip that left from a session comes back to that session; one of nobody may come back to anybody.
    let elsewhere = trip.session.is_some_and(|left| session != Some(left.as_slice()));
    if payload["provider"] != provider || elsewhere {
        return Err(lost());
    }
    if let Some(error) = field("error") {
        return Err(said_no(site, provider, &error));
    }
    let code = field("code").filter(|code| (1..=4096).contains(&code.len())).ok_or_else(lost)?;
    Ok(Returned { kept: payload["kept"].take(), more: payload["more"].take(), code: SecretString::from(code.into_owned()) })
}

/// Takes the state's cookie away again.
pub(crate) fn arrived(site: &Site, response: &mut Response) {
    set_cookie(response, cookie_name(site.secure_cookies()), "", 0, site.secure_cookies());
}

fn lost() -> Problem {
    let detail = "This was begun in another browser or window, took longer than ten minutes, or was used before. Begin again.";
    Problem::new(StatusCode::BAD_REQUEST, "round-trip-lost", detail)
}

/// What pages call a provider.
pub(crate) fn label(site: &Site, provider: &str) -> String {
    let card = site.sign_on().providers().into_iter().find(|card| card.id == provider);
    card.map_or_else(|| "the provider".to_owned(), |card| card.label)
}

/// The error codes of OAuth 2 and OpenID Connect that come through the browser.
fn said_no(site: &Site, provider: &str, error: &str) -> Problem {
    let label = label(site, provider);
    let detail = match error {
        "access_denied" => format!("{label} was told no, by you or by a rule there. Begin again if that was not meant."),
        "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
            format!("{label} wants you to sign in there first. Begin again.")
        }
        "redirect_uri_mismatch" => {
            format!(
                "{label} does not take Tacho's callback address. The operator has to register it there and check `public_url`."
            )
        }
        "application_suspended" | "unauthorized_client" | "invalid_client" => {
            format!("{label} does not accept Tacho as an application. The operator has to check the client there.")
        }
        "invalid_scope" => format!("{label} does not know what Tacho asks for. The operator has to check the configured scopes."),
        "server_error" | "temporarily_unavailable" => format!("{label} cannot answer now. Try again in a moment."),
        _ => {
            format!("{label} ended this with an error that Tacho does not know. Begin again; if it stays so, tell the operator.")
        }
    };
    tracing::info!(provider, known = !detail.contains("does not know."), "a provider refused a round trip");
    Problem::new(StatusCode::FORBIDDEN, "sign-on-refused", detail)
}

/// A refusal of the provider's side as a problem; what the operator has to mend is in the log too.
pub(crate) fn refused(refused: SignOnRefused) -> Problem {
    match refused {
        SignOnRefused::Unknown(_) => Problem::not_found("There is no sign-in of that name here."),
        SignOnRefused::Refused(words) => Problem::new(StatusCode::FORBIDDEN, "sign-on-refused", words),
        SignOnRefused::Broken(words) => {
            tracing::warn!(cause = words, "a provider cannot be used");
            Problem::new(StatusCode::BAD_GATEWAY, "sign-on-broken", words)
        }
    }
}
