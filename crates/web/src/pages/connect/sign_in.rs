//! Getting the credential by a sign-in at the vendor: what will be asked for, the way there, and the way back. Leaving is a
//! plain link, since a form of ours may not lead to another site.

use super::form::{Making, card_of};
use crate::api::v1::query::Path;
use crate::app::Site;
use crate::caller::Caller;
use crate::connections::{ConnectRefused, NewCredential, ScopeCard};
use crate::integrations::{find, may_manage};
use crate::pages::form::Form;
use crate::pages::integrations::{address, reauthorize, settings_of, with_card};
use crate::pages::{Frame, said, show};
use crate::problem::Problem;
use crate::round_trip::{self, Trip};
use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tacho_domain::IntegrationId;
use tacho_store::AuthKind;

/// What a round trip is for, in the store.
const PURPOSE: &str = "connection";

/// What is remembered while somebody is at the vendor.
#[derive(Serialize, Deserialize)]
struct Errand {
    goal: Goal,
    extra_scopes: Vec<String>,
}

/// What the token is for.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Goal {
    Connect { connector: String, name: String, settings: BTreeMap<String, String> },
    Reauthorize { integration: IntegrationId },
}

#[derive(Template)]
#[template(path = "integrations/sign_in.html")]
struct SummaryPage {
    frame: Frame,
    name: String,
    provider: String,
    url: String,
    back: String,
    leave: String,
    scopes: Vec<ScopeCard>,
}

/// What the sign-in will ask for, and why.
pub(super) async fn summary(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(connector): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let card = card_of(&site, &connector)?;
    let query = query.unwrap_or_default();
    let form = Form::of_query(&query);
    let settings = settings_of(&card, &form);
    if let Err(refused) = site.connections().check(&card.id, &settings) {
        let making = Making { site: &site, caller: &caller, headers: &headers, card, owner: None };
        let page = making.page(Some(&refused), Some(&form)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let provider = provider_of(&site, card.sign_in.as_deref())?;
    let asked = site.connections().scopes(&card.id, &settings, &extra(&form));
    let base = format!("/settings/integrations/connect/{}", card.id);
    show(&SummaryPage {
        frame: Frame::of(&site, &caller, &format!("Connect {}", card.name), "/settings/integrations", &headers).await?,
        name: card.name.clone(),
        provider: provider.label,
        url: provider.url,
        leave: format!("{base}/leave?{query}"),
        back: base,
        scopes: card.scopes.into_iter().filter(|scope| asked.contains(&scope.scope)).collect(),
    })
}

/// Leaves for the vendor to connect.
pub(super) async fn leave(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(connector): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let card = card_of(&site, &connector)?;
    let form = Form::of_query(&query.unwrap_or_default());
    let (settings, extra_scopes) = (settings_of(&card, &form), extra(&form));
    let scopes = site.connections().scopes(&card.id, &settings, &extra_scopes);
    let goal = Goal::Connect { connector: card.id, name: form.text("name").to_owned(), settings };
    go(&site, &caller, card.sign_in.as_deref(), &scopes, goal, extra_scopes).await
}

/// Leaves for the vendor to authorize an integration again, with what it lacks.
pub(super) async fn leave_again(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (integration, card) = with_card(&site, &caller, id).await?;
    let mut extra_scopes = extra(&Form::of_query(&query.unwrap_or_default()));
    for scope in &integration.extra_scopes {
        if !extra_scopes.contains(scope) {
            extra_scopes.push(scope.clone());
        }
    }
    let scopes = site.connections().scopes(&card.id, &integration.settings, &extra_scopes);
    let goal = Goal::Reauthorize { integration: integration.id };
    go(&site, &caller, card.sign_in.as_deref(), &scopes, goal, extra_scopes).await
}

async fn go(
    site: &Site,
    caller: &Caller,
    provider: Option<&str>,
    scopes: &[String],
    goal: Goal,
    extra_scopes: Vec<String>,
) -> Result<Response, Problem> {
    let provider = provider_of(site, provider)?;
    let session = session_of(caller)?;
    let begun = site.sign_on().begin_connection(&provider.id, scopes).await.map_err(round_trip::refused)?;
    let more = serde_json::json!(Errand { goal, extra_scopes });
    round_trip::leave(site, &begun, Trip { provider: &provider.id, purpose: PURPOSE, session: Some(session), more }).await
}

/// The way back: the code is traded for a token, the token is tried, and only then anything is stored.
pub(super) async fn come_back(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let session = Some(session_of(&caller)?);
    let query = query.unwrap_or_default();
    let returned = round_trip::come_back(&site, &headers, &query, &provider, PURPOSE, session).await?;
    let errand: Errand = serde_json::from_value(returned.more).map_err(|error| Problem::internal(&error))?;
    let granted = site.sign_on().finish_connection(&provider, &returned.kept, &returned.code).await;
    let secret = granted.map_err(round_trip::refused)?.access_token;
    let credential = NewCredential { secret, auth: AuthKind::OAuth, extra_scopes: errand.extra_scopes };
    let mut response = run(&site, &caller, &headers, errand.goal, credential).await?;
    round_trip::arrived(&site, &mut response);
    Ok(response)
}

/// Does what the token was got for.
async fn run(
    site: &Site,
    caller: &Caller,
    headers: &HeaderMap,
    goal: Goal,
    credential: NewCredential,
) -> Result<Response, Problem> {
    match goal {
        Goal::Connect { connector, name, settings } => {
            caller.need(tacho_domain::Permission::ManageIntegrations)?;
            let card = card_of(site, &connector)?;
            let making = Making { site, caller, headers, card, owner: None };
            let typed = settings.clone().into_iter().chain([("name".to_owned(), name.clone())]);
            let typed = Form::of_pairs(typed);
            match making.connect(&name, settings, credential).await? {
                Ok(id) => Ok(said::back(&address(id), "connected")),
                Err(refused) => {
                    let page = making.page(Some(&refused), Some(&typed)).await?;
                    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
                }
            }
        }
        Goal::Reauthorize { integration } => {
            let integration = find(site, caller, integration, may_manage).await?;
            match reauthorize(site, caller, &integration, credential).await? {
                None => Ok(said::back(&address(integration.id), "reauthorized")),
                Some(refused) => Err(not_reauthorized(&refused)),
            }
        }
    }
}

fn not_reauthorized(refused: &ConnectRefused) -> Problem {
    let words = match refused {
        ConnectRefused::Vendor { cause, fix, .. } => format!("{cause} {fix}"),
        other => other.to_string(),
    };
    let detail = format!("You signed in, but the new token does not do: {words} The old credential stays.");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "connection-refused", detail)
}

/// What was ticked beyond what is needed.
fn extra(form: &Form) -> Vec<String> {
    form.all("scope").map(str::to_owned).collect()
}

fn provider_of(site: &Site, wanted: Option<&str>) -> Result<crate::signon::ProviderCard, Problem> {
    let known = site.sign_on().providers();
    known.into_iter().find(|provider| provider.connects && Some(provider.id.as_str()) == wanted).ok_or_else(|| {
        let detail = "This server is not registered with that provider, so nobody can sign in there for a connection. Paste the \
                      credential instead, or have the operator set the sign-in up.";
        Problem::not_found(detail)
    })
}

/// A token of the API has no browser that could come back.
fn session_of(caller: &Caller) -> Result<&[u8], Problem> {
    let detail = "Sign in with a browser to do this; an API token cannot leave for another site and come back.";
    caller.session.as_deref().ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "not-permitted", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errand_is_remembered_whole() {
        let goal = Goal::Connect { connector: "c".into(), name: "n".into(), settings: [("a".to_owned(), "b".to_owned())].into() };
        let errand = Errand { goal, extra_scopes: vec!["x".into()] };
        let again: Errand = serde_json::from_value(serde_json::json!(errand)).unwrap();
        assert!(matches!(again.goal, Goal::Connect { name, .. } if name == "n"));
        assert_eq!(extra(&Form::of_query("scope=a&scope=b%3Ac&name=x")), ["a", "b:c"]);
    }
}
