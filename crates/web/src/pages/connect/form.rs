//! What is needed, and the credential; then everything is tried, and only what works is connected.

use super::ways::{self, Ways};
use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::connections::{ConnectRefused, ConnectRequest, ConnectorCard, NewCredential, ScopeCard};
use crate::pages::form::Form;
use crate::pages::integrations::{Doctor, Input, address, inputs, settings_of, told};
use crate::pages::{Frame, Piece, said, show};
use crate::problem::Problem;
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use std::collections::BTreeMap;
use tacho_domain::audit::Action;
use tacho_domain::{IntegrationId, UserId};

#[derive(Template)]
#[template(path = "integrations/connect.html")]
struct ConnectPage {
    frame: Frame,
    name: String,
    /// Where the forms are sent to.
    action: String,
    personal: bool,
    /// The settings for each way, whose ids have to differ.
    key_settings: Vec<Input>,
    app_settings: Vec<Input>,
    sign_in_settings: Vec<Input>,
    needed: Vec<ScopeCard>,
    optional: Vec<(ScopeCard, bool)>,
    ways: Ways,
    wrong: Option<Vec<Piece>>,
    doctor: Option<Doctor>,
}

/// Whose connection is being made, and with what.
pub(super) struct Making<'a> {
    pub(super) site: &'a Site,
    pub(super) caller: &'a Caller,
    pub(super) headers: &'a HeaderMap,
    pub(super) card: ConnectorCard,
    pub(super) owner: Option<UserId>,
}

pub(super) async fn form(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(connector): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let card = card_of(&site, &connector)?;
    Making { site: &site, caller: &caller, headers: &headers, card, owner: None }.page(None, None).await
}

pub(super) async fn own_form(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(connector): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (card, owner) = own_card(&site, &caller, &connector)?;
    Making { site: &site, caller: &caller, headers: &headers, card, owner }.page(None, None).await
}

pub(super) async fn connect(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(connector): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let card = card_of(&site, &connector)?;
    Making { site: &site, caller: &caller, headers: &headers, card, owner: None }.take(&body).await
}

pub(super) async fn connect_own(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(connector): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let (card, owner) = own_card(&site, &caller, &connector)?;
    Making { site: &site, caller: &caller, headers: &headers, card, owner }.take(&body).await
}

/// What is known of a connector.
pub(crate) fn card_of(site: &Site, connector: &str) -> Result<ConnectorCard, Problem> {
    let cards = site.connections().connectors();
    let known: Vec<String> = cards.iter().map(|card| format!("`{}`", card.id)).collect();
    let found = cards.into_iter().find(|card| card.id == connector);
    found.ok_or_else(|| Problem::not_found(format!("There is no such connector. There are: {}.", known.join(", "))))
}

/// The same for a member who connects it for themselves, if it can be.
fn own_card(site: &Site, caller: &Caller, connector: &str) -> Result<(ConnectorCard, Option<UserId>), Problem> {
    let card = card_of(site, connector)?;
    let owner = caller.user()?;
    match &card.not_personal {
        None => Ok((card, Some(owner))),
        Some(why) => Err(Problem::not_found(format!("You cannot connect {} for yourself: {why}", card.name))),
    }
}

impl Making<'_> {
    async fn take(&self, body: &Bytes) -> Result<Response, Problem> {
        let form = Form::read(self.headers, body)?;
        let credential = ways::credential(&self.card, &form);
        let settings = settings_of(&self.card, &form);
        match self.connect(form.text("name"), settings, credential).await? {
            Ok(id) => Ok(said::back(&address(id), "connected")),
            Err(refused) => {
                let page = self.page(Some(&refused), Some(&form)).await?;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
            }
        }
    }

    /// Tries it, stores it, writes it down. What the caller can mend is given back.
    pub(super) async fn connect(
        &self,
        name: &str,
        settings: BTreeMap<String, String>,
        credential: NewCredential,
    ) -> Result<Result<IntegrationId, ConnectRefused>, Problem> {
        let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        let request = ConnectRequest { connector: self.card.id.clone(), name, settings, credential, owner: self.owner };
        make(self.site, self.caller, request).await
    }

    /// The page, with what was typed and what is wrong with it.
    pub(super) async fn page(&self, refused: Option<&ConnectRefused>, form: Option<&Form>) -> Result<Response, Problem> {
        let card = &self.card;
        let typed = form.map(|form| {
            let mut typed = settings_of(card, form);
            typed.insert("name".to_owned(), form.text("name").to_owned());
            typed
        });
        let typed = typed.unwrap_or_default();
        let with_name = |prefix: &str| {
            let name =
                Input::text(prefix, "name", "Name (optional)", "What people call it. Without one it is called after the tool.");
            let name = name.value(typed.get("name").map_or("", String::as_str));
            std::iter::once(name).chain(inputs(card, prefix, &typed, refused)).collect()
        };
        let (wrong, doctor) = told(refused);
        let (needed, optional): (Vec<_>, Vec<_>) = card.scopes.iter().cloned().partition(|scope| scope.setting.is_some());
        let ticked = |scope: &ScopeCard| form.is_some_and(|form| form.all("scope").any(|ticked| ticked == scope.scope));
        let here = if self.owner.is_some() { "/settings/tools" } else { "/settings/integrations" };
        show(&ConnectPage {
            frame: Frame::of(self.site, self.caller, &format!("Connect {}", card.name), here, self.headers).await?,
            name: card.name.clone(),
            action: format!("{here}/connect/{}", card.id),
            personal: self.owner.is_some(),
            key_settings: with_name("key"),
            app_settings: with_name("app"),
            sign_in_settings: with_name("sign"),
            needed,
            optional: optional.into_iter().map(|scope| (scope.clone(), ticked(&scope))).collect(),
            ways: Ways::of(self.site, card, refused, form),
            wrong,
            doctor,
        })
    }
}

/// Connects, and writes that down. What the caller can mend is given back.
pub(crate) async fn make(
    site: &Site,
    caller: &Caller,
    request: ConnectRequest,
) -> Result<Result<IntegrationId, ConnectRefused>, Problem> {
    let (connector, personal) = (request.connector.clone(), request.owner.is_some());
    let id = match site.connections().connect(caller.organization, request).await {
        Ok(connected) => connected.integration,
        Err(ConnectRefused::Broken(error)) => return Err(Problem::internal(error.as_ref())),
        Err(refused) => return Ok(Err(refused)),
    };
    let found = site.store().find_integration(caller.organization, id).await?;
    let name = found.map_or_else(|| connector.clone(), |found| found.name);
    let detail = json!({ "integration_id": id, "connector": connector, "personal": personal });
    audit::note(site, caller, Action::IntegrationConnected, &name, detail).await?;
    Ok(Ok(id))
}
