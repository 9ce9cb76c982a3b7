//! My share card: its preview, the links that show it, and how they end.

use super::card::{self, Numbers};
use super::place::{absolute, base, is_reachable};
use crate::access::{fresh, hash};
use crate::app::Site;
use crate::caller::Caller;
use crate::pages::form::{Errors, Field, Form, line};
use crate::pages::said::{self, Said};
use crate::pages::{Frame, show};
use crate::problem::Problem;
use crate::{audience, audit};
use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::json;
use tacho_domain::audit::Action;
use tacho_domain::report::{Question, ReportName};
use tacho_domain::share::SharedCard;
use tacho_domain::{SubjectId, Window};
use tacho_render::words::{instant, plural, window};
use tacho_store::{Known, NewShare, Share};
use url::form_urlencoded::{Serializer, byte_serialize};

const HERE: &str = "/me/share";
const SAID: Said = &[("revoked", "The link does not work any more, and its picture is gone from this server.")];
/// Days of the card.
const DAYS: [u32; 4] = [28, 90, 180, 365];
const USUAL_DAYS: u32 = 90;
/// Days until a link ends.
const ENDS: [u32; 3] = [7, 30, 90];
const USUAL_END: u32 = 30;
const DAY_SECONDS: i64 = 86_400;
/// The longest name that a card has room for.
const NAME_LENGTH: usize = 60;

/// What somebody wants the card to be.
struct Wanted {
    days: u32,
    ends: u32,
    name: String,
    /// Whether it names the organization.
    organization: bool,
}

impl Wanted {
    /// Reads the form; what it leaves out is as usual. The name is theirs to write.
    fn read(form: &Form, usual_name: &str, errors: &mut Errors) -> Result<Self, Problem> {
        let number = |field: &'static str, known: &[u32], usual: u32| match form.text(field) {
            "" => Ok(usual),
            text => {
                let found = text.parse().ok().filter(|number| known.contains(number));
                let offered: Vec<String> = known.iter().map(u32::to_string).collect();
                found.ok_or_else(|| Problem::field(field, format!("is not offered: send one of {}", offered.join(", "))))
            }
        };
        let typed = match form.text("name") {
            "" if form.all("name").next().is_none() => usual_name,
            typed => typed,
        };
        errors.take("name", line(typed, "a name", NAME_LENGTH));
        Ok(Self {
            days: number("days", &DAYS, USUAL_DAYS)?,
            ends: number("ends", &ENDS, USUAL_END)?,
            name: typed.to_owned(),
            organization: !form.text("organization").is_empty(),
        })
    }

    /// The address of its picture, for its owner.
    fn picture(&self) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("days", &self.days.to_string()).append_pair("name", &self.name);
        if self.organization {
            query.append_pair("organization", "1");
        }
        format!("{HERE}/card.png?{}", query.finish())
    }
}

/// A link that works.
struct Row {
    id: i64,
    what: String,
    made: String,
    ends: String,
    views: String,
}

/// A link that was made and is shown this once.
struct Made {
    url: String,
    linked_in: String,
    picture: String,
}

#[derive(Template)]
#[template(path = "share/own.html")]
struct OwnPage {
    frame: Frame,
    /// Whether the caller is a member at all; the rest is empty where not.
    linked: bool,
    made: Option<Made>,
    /// Whether anybody outside can follow a link.
    reachable: bool,
    base: String,
    name: Field,
    organization: String,
    shows_organization: bool,
    days: Vec<(u32, bool)>,
    ends: Vec<(u32, bool)>,
    /// The preview and its words; empty while what was typed is wrong.
    picture: String,
    sentence: String,
    rows: Vec<Row>,
}

/// What the page shows besides.
struct Shown<'a> {
    query: Option<&'a str>,
    errors: Errors,
    made: Option<Made>,
}

/// `GET /me/share`.
pub(super) async fn page(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let Some(member) = caller.member else { return unlinked(&site, &caller, &headers).await };
    let mut errors = Errors::default();
    let wanted = Wanted::read(&Form::of_query(&query), &usual_name(&site, &caller, member).await?, &mut errors)?;
    full(&site, &caller, member, &headers, &wanted, Shown { query: Some(&query), errors, made: None }).await
}

async fn full(
    site: &Site,
    caller: &Caller,
    member: SubjectId,
    headers: &HeaderMap,
    wanted: &Wanted,
    shown: Shown<'_>,
) -> Result<Response, Problem> {
    let frame = frame(site, caller, headers).await?.saying(shown.query, SAID);
    let base = base(site, headers);
    let sound = shown.errors.is_empty();
    let card = card(site, caller, member, wanted, &frame.organization).await?;
    let shares = site.store().list_shares(caller.organization, member, site.now()).await?;
    let mut response = show(&OwnPage {
        linked: true,
        made: shown.made,
        reachable: is_reachable(base.as_ref()),
        base: base.as_ref().map_or_else(String::new, |url| url.as_str().trim_end_matches('/').to_owned()),
        name: Field::new("name", "Name on the card")
            .value(&wanted.name)
            .help("In your own words: whoever has the link reads it.")
            .checked(&shown.errors),
        organization: frame.organization.clone(),
        shows_organization: wanted.organization,
        days: DAYS.into_iter().map(|days| (days, days == wanted.days)).collect(),
        ends: ENDS.into_iter().map(|days| (days, days == wanted.ends)).collect(),
        picture: if sound { wanted.picture() } else { String::new() },
        sentence: Numbers::of(&card).sentence(),
        rows: shares.iter().map(row).collect(),
        frame,
    })?;
    if !sound {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn frame(site: &Site, caller: &Caller, headers: &HeaderMap) -> Result<Frame, Problem> {
    Frame::of(site, caller, "Share my numbers", HERE, headers).await
}

/// The page for an account that is no member: there is nothing to share.
async fn unlinked(site: &Site, caller: &Caller, headers: &HeaderMap) -> Result<Response, Problem> {
    show(&OwnPage {
        frame: frame(site, caller, headers).await?,
        linked: false,
        made: None,
        reachable: true,
        base: String::new(),
        name: Field::new("name", "Name on the card"),
        organization: String::new(),
        shows_organization: false,
        days: Vec::new(),
        ends: Vec::new(),
        picture: String::new(),
        sentence: String::new(),
        rows: Vec::new(),
    })
}

fn row(share: &Share) -> Row {
    let card: Option<SharedCard> = serde_json::from_value(share.card.clone()).ok();
    let what = card.map_or_else(String::new, |card| match &card.organization {
        Some(organization) => format!("{}, {organization}: {}", card.name, window(card.window())),
        None => format!("{}: {}", card.name, window(card.window())),
    });
    Row {
        id: share.id,
        what,
        made: instant(share.created_at),
        ends: instant(share.expires_at),
        views: plural(u64::try_from(share.views).unwrap_or(0), "time", "times"),
    }
}

/// What the card calls somebody unless they write another name. Never an address.
async fn usual_name(site: &Site, caller: &Caller, member: SubjectId) -> Result<String, Problem> {
    let member = site.store().find_member(caller.organization, member).await?;
    let name = member.and_then(|member| member.name).unwrap_or_default();
    Ok(if name.trim().is_empty() { "A developer".to_owned() } else { name.chars().take(NAME_LENGTH).collect() })
}

/// The card as it would be shared now.
async fn card(
    site: &Site,
    caller: &Caller,
    member: SubjectId,
    wanted: &Wanted,
    organization: &str,
) -> Result<SharedCard, Problem> {
    let days = Window::ending(site.yesterday(), wanted.days);
    let question = Question {
        member: Some(member),
        audience: audience::of(site, caller).await?,
        ..Question::overview(caller.organization, days)
    };
    let known = Known { profiles: site.tools(), today: site.now().day() };
    let report = site.store().report(&ReportName::Mine, &question, &known).await?;
    let report = report.ok_or_else(|| Problem::not_found("There is no member that your account is linked to any more."))?;
    Ok(SharedCard::of(&report, &wanted.name, wanted.organization.then_some(organization)))
}

/// `GET /me/share/card.png`: the preview, and the picture to keep.
pub(super) async fn picture(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let member = caller.member.ok_or_else(|| Problem::not_found("Your account is linked to no member."))?;
    let form = Form::of_query(&query.unwrap_or_default());
    let mut errors = Errors::default();
    let wanted = Wanted::read(&form, &usual_name(&site, &caller, member).await?, &mut errors)?;
    if let Some(why) = errors.of("name") {
        return Err(Problem::field("name", why));
    }
    let organization = site.store().find_organization(caller.organization).await?.map(|found| found.name).unwrap_or_default();
    let card = card(&site, &caller, member, &wanted, &organization).await?;
    let file = format!("tacho-{}-{}.png", card.from, card.to);
    let keep = !form.text("download").is_empty();
    Ok(card::answer(&card::drawn(&card).await?, keep.then_some(file.as_str())))
}

/// `POST /me/share`.
pub(super) async fn make(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let Some(member) = caller.member else { return unlinked(&site, &caller, &headers).await };
    let form = Form::read(&headers, &body)?;
    let mut errors = Errors::default();
    let wanted = Wanted::read(&form, &usual_name(&site, &caller, member).await?, &mut errors)?;
    let mut made = None;
    if errors.is_empty() {
        match add(&site, &caller, member, &wanted, &headers).await {
            Ok(link) => made = Some(link),
            Err(problem) => errors = Errors::of_problem(problem, "name")?,
        }
    }
    full(&site, &caller, member, &headers, &wanted, Shown { query: None, errors, made }).await
}

async fn add(site: &Site, caller: &Caller, member: SubjectId, wanted: &Wanted, headers: &HeaderMap) -> Result<Made, Problem> {
    let organization = site.store().find_organization(caller.organization).await?.map(|found| found.name).unwrap_or_default();
    let card = card(site, caller, member, wanted, &organization).await?;
    let content = serde_json::to_value(&card).map_err(|error| Problem::internal(&error))?;
    let token = fresh();
    let expires_at = site.now().plus_seconds(i64::from(wanted.ends) * DAY_SECONDS);
    let new = NewShare { member, hash: &hash(&token), card: &content, made_by: caller.user().ok(), expires_at };
    let id = site.store().add_share(caller.organization, &new, site.now()).await?;
    let detail = json!({
        "id": id,
        "from": card.from,
        "to": card.to,
        "names_organization": wanted.organization,
        "expires_at": expires_at.to_string(),
    });
    audit::note(site, caller, Action::ShareCreated, "share card", detail).await?;
    let path = format!("/s/{token}");
    let url = absolute(base(site, headers).as_ref(), &path);
    let encoded: String = byte_serialize(url.as_bytes()).collect();
    Ok(Made {
        linked_in: format!("https://www.linkedin.com/sharing/share-offsite/?url={encoded}"),
        picture: format!("{path}/card.png"),
        url,
    })
}

/// `POST /me/share/{id}/revoke`.
pub(super) async fn revoke(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let unknown = || Problem::not_found("There is no such link of yours.");
    let (id, member) = id.parse().ok().zip(caller.member).ok_or_else(unknown)?;
    if !site.store().remove_share(caller.organization, member, id).await? {
        return Err(unknown());
    }
    audit::note(&site, &caller, Action::ShareRevoked, "share card", json!({ "id": id })).await?;
    Ok(said::back(HERE, "revoked"))
}
