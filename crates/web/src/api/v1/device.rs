//! How a program on another machine gets a token (RFC 8628): it asks for a code, shows it, and asks again until somebody has
//! decided. The answers are those of the RFC, so that any client of it works.

use crate::access::hash;
use crate::app::Site;
use crate::asking::Asking;
use crate::caller::{Caller, Who};
use crate::device::{INTERVAL_SECONDS, TOKEN_DAYS, WAIT_SECONDS, fresh_code, new_token, origin, shown_code};
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use crate::{access, audit};
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode, header};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::json;
use tacho_domain::Scopes;
use tacho_domain::audit::{Action, Actor};
use tacho_store::{DevicePoll, NewDeviceGrant};
use url::form_urlencoded;
use utoipa::ToSchema;
use utoipa_axum::routes;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What a device gets that names nothing.
const LEAST: &str = "view_aggregates";
/// Codes tried before giving up; that two waiting devices share one is a matter of 2.5e10.
const TRIES: usize = 4;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::api(Gate::Open, routes!(ask_for_code)).with_secret_answers(),
        Route::api(Gate::Open, routes!(ask_for_token)).with_secret_answers(),
        Route::api(Gate::SignedIn, routes!(give_token_back)),
    ]
}

/// What a program sends to be given a code.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; it is read field by field")]
struct DeviceCodeForm {
    /// What the program calls itself, shown to whoever approves it.
    #[schema(example = "tacho on laptop", min_length = 1, max_length = 80)]
    client_id: String,
    /// Permissions, with blanks between them; without any it may see totals.
    #[schema(example = "view_aggregates view_own_data")]
    scope: Option<String>,
}

/// A code to be shown.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of RFC 8628")]
struct DeviceCode {
    /// The device's secret, to ask with.
    device_code: String,
    /// What a person types.
    #[schema(example = "WDJB-MJHT")]
    user_code: String,
    /// Where they type it.
    #[schema(example = "https://tacho.example.com/device")]
    verification_uri: String,
    /// The same with the code in it.
    #[schema(example = "https://tacho.example.com/device?user_code=WDJB-MJHT")]
    verification_uri_complete: String,
    /// How long the code waits.
    #[schema(example = 900)]
    expires_in: i64,
    /// How long to wait between two questions.
    #[schema(example = 5)]
    interval: i64,
}

/// What a program sends to be given a token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; it is read field by field")]
struct DeviceTokenForm {
    /// `urn:ietf:params:oauth:grant-type:device_code`.
    #[schema(example = "urn:ietf:params:oauth:grant-type:device_code")]
    grant_type: String,
    /// The device's secret.
    device_code: String,
    /// What the program calls itself.
    client_id: String,
}

/// The token of a device.
#[derive(Serialize, ToSchema)]
struct DeviceToken {
    /// The token, for `Authorization: Bearer`.
    access_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// How long it lives, in seconds.
    #[schema(example = 7_776_000)]
    expires_in: i64,
    /// The permissions it names.
    #[schema(example = "view_aggregates")]
    scope: String,
}

/// Why there is no code or token (RFC 6749, 5.2; RFC 8628, 3.5).
#[derive(Serialize, ToSchema)]
struct DeviceRefusal {
    /// `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_request`, `invalid_scope`,
    /// `unsupported_grant_type`.
    #[schema(example = "authorization_pending")]
    error: &'static str,
    /// The same for people.
    error_description: String,
}

/// Ask for a code
///
/// The program shows `user_code` and `verification_uri`, and asks for its token every `interval` seconds.
#[utoipa::path(
    post,
    path = "/api/v1/device/code",
    request_body(content = DeviceCodeForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The code.", body = DeviceCode),
        (status = 400, description = "A field is missing or wrong.", body = DeviceRefusal),
    )
)]
async fn ask_for_code(
    State(site): State<Site>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = match Fields::read(&headers, &body) {
        Ok(form) => form,
        Err(why) => return Ok(no("invalid_request", why)),
    };
    let name = form.get("client_id").trim();
    let fit = (1..=80).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if !fit {
        return Ok(no("invalid_request", "`client_id`: send what the program calls itself, 1 to 80 characters"));
    }
    let wanted = Some(form.get("scope")).filter(|scope| !scope.trim().is_empty()).unwrap_or(LEAST);
    let scopes = match Scopes::parse(wanted) {
        Ok(scopes) => scopes,
        Err(name) => {
            let name: String = name.chars().filter(|letter| !letter.is_control()).take(40).collect();
            return Ok(no("invalid_scope", format!("`scope`: `{name}` is no permission")));
        }
    };
    // Whoever approves it sees where it asks from; so does whoever looks through the tokens later.
    let client_name = if asking.address.is_empty() { name.to_owned() } else { format!("{name} (from {})", asking.address) };
    let (device_code, now) = (access::fresh(), site.now());
    let mut tries = 0;
    let user_code = loop {
        let user_code = fresh_code();
        let new = NewDeviceGrant {
            device_hash: &hash(&device_code),
            user_code: &user_code,
            client_name: &client_name,
            scopes,
            expires_at: now.plus_seconds(WAIT_SECONDS),
        };
        tries += 1;
        match site.store().add_device_grant(&new, now).await {
            Ok(()) => break user_code,
            Err(error) if error.is_invalid() && tries < TRIES => {}
            Err(error) => return Err(error.into()),
        }
    };
    let (page, user_code) = (format!("{}/device", origin(&site, &headers)), shown_code(&user_code));
    Ok(fresh(&DeviceCode {
        device_code,
        verification_uri_complete: format!("{page}?user_code={user_code}"),
        verification_uri: page,
        user_code,
        expires_in: WAIT_SECONDS,
        interval: INTERVAL_SECONDS,
    }))
}

/// Ask for the token
///
/// Until somebody has decided the answer is 400 with `authorization_pending`; a program that asks too often is told `slow_down`
/// and waits five seconds longer from then on.
#[utoipa::path(
    post,
    path = "/api/v1/device/token",
    request_body(content = DeviceTokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token, told once.", body = DeviceToken),
        (status = 400, description = "Not yet, or not at all.", body = DeviceRefusal),
    )
)]
async fn ask_for_token(
    State(site): State<Site>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = match Fields::read(&headers, &body) {
        Ok(form) => form,
        Err(why) => return Ok(no("invalid_request", why)),
    };
    if form.get("grant_type") != GRANT {
        return Ok(no("unsupported_grant_type", format!("`grant_type`: send `{GRANT}`")));
    }
    let expired = || no("expired_token", "This code was used, refused or waited longer than 15 minutes. Ask for another one.");
    let device_code = form.get("device_code");
    if !access::is_secret(device_code) {
        return Ok(no("invalid_request", "`device_code`: send the one that came with the user code"));
    }
    let now = site.now();
    let (organization, user, scopes, name) = match site.store().poll_device_grant(&hash(device_code), now).await? {
        DevicePoll::Pending => return Ok(no("authorization_pending", "Nobody has decided yet. Ask again after the interval.")),
        DevicePoll::SlowDown => return Ok(no("slow_down", "Asked too soon. Wait five seconds longer from now on.")),
        DevicePoll::Denied => return Ok(no("access_denied", "Somebody refused this device.")),
        DevicePoll::Expired => return Ok(expired()),
        DevicePoll::Approved { organization, user, scopes, name } => (organization, user, scopes, name),
    };
    let Some((token, name)) = new_token(&site, organization, user, scopes, &name, now).await? else {
        return Ok(no(
            "access_denied",
            "Whoever approved this device may not let it in any more, or has too many tokens of its name.",
        ));
    };
    if let Some(user) = site.store().find_user(user).await? {
        let actor = Actor::User { id: user.id, email: user.email };
        let detail = json!({ "scopes": scopes.to_string(), "by": "device" });
        audit::note_as(&site, organization, &actor, &asking, Action::TokenMade, &name, detail).await?;
    }
    #[expect(clippy::disallowed_methods, reason = "the device is told its token, once")]
    let access_token = token.expose_secret().to_owned();
    let scope = scopes.to_string();
    Ok(fresh(&DeviceToken { access_token, token_type: "bearer", expires_in: TOKEN_DAYS * 86_400, scope }))
}

/// Give the token back
///
/// Revokes the API token that the request is made with; what `tacho logout` does.
#[utoipa::path(
    delete,
    path = "/api/v1/device/token",
    responses(
        (status = 204, description = "It is gone."),
        (status = 400, description = "The request came with a session, not with a token."),
    )
)]
async fn give_token_back(State(site): State<Site>, Extension(caller): Extension<Caller>) -> Result<Response, Problem> {
    let name = match &caller.who {
        Who::User { token: Some(name), .. } | Who::Token { name } => name,
        Who::User { .. } => return Err(Problem::field("Authorization", "send the API token that is to be given back")),
    };
    let user = caller.user().ok();
    for token in site.store().list_api_tokens(caller.organization, user).await? {
        if token.name == *name && token.user.as_ref().map(|(id, _)| *id) == user {
            site.store().remove_api_token(caller.organization, token.id, user).await?;
            audit::note(&site, &caller, Action::TokenRevoked, name, json!({ "by": "itself" })).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The fields of a form; the RFC knows no other body.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn read(headers: &HeaderMap, body: &Bytes) -> Result<Self, &'static str> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let form =
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
        if !form {
            return Err("send a form, `Content-Type: application/x-www-form-urlencoded`");
        }
        let fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
        let again = fields.iter().enumerate().any(|(place, (key, _))| fields[..place].iter().any(|(known, _)| known == key));
        let odd = fields.iter().any(|(_, value)| value.contains('\0'));
        // RFC 6749, 3.2: a field stands there once.
        if again || odd {
            return Err("a field is there twice, or holds U+0000");
        }
        Ok(Self(fields))
    }

    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }
}

fn fresh(body: &impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(serde_json::to_value(body).unwrap_or_default())).into_response()
}

fn no(error: &'static str, description: impl Into<String>) -> Response {
    (StatusCode::BAD_REQUEST, fresh(&DeviceRefusal { error, error_description: description.into() })).into_response()
}
