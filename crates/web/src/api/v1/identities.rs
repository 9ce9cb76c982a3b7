//! `/api/v1/identities`: the names that tools use, and whose they are; suggestions, the match rate and the history.

use super::answers::{Conflict, NotFound};
use super::body::Json;
use super::members::MemberJson;
use super::paging::{Page, PageQuery};
use super::query::{Path, Query};
use crate::app::Site;
use crate::caller::Caller;
use crate::people;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use tacho_domain::{Day, IdentityId, Permission, SubjectId, ToolId, Window};
use tacho_store::{IdentityRow, MatchKind, Suggestion};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

pub(crate) fn routes() -> Vec<Route> {
    let manage = Gate::Needs(Permission::ManagePeople);
    vec![
        Route::api(manage, routes!(list_identities)),
        Route::api(manage, routes!(find_identity)),
        Route::api(manage, routes!(match_identity)),
        Route::api(manage, routes!(ignore_identity)),
        Route::api(manage, routes!(split_identity)),
        Route::api(manage, routes!(list_suggestions)),
        Route::api(manage, routes!(refuse_suggestion)),
        Route::api(manage, routes!(match_rate)),
    ]
}

/// A name that a tool uses for somebody.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Identity)]
pub(crate) struct IdentityJson {
    id: u32,
    /// `email`, `github_id`, `github_login`, `api_key`, `service_account` or `organization`.
    #[schema(example = "email")]
    kind: &'static str,
    /// What the vendor knows it by.
    key: String,
    /// What people read.
    label: String,
    /// The member it belongs to.
    #[schema(required)]
    member_id: Option<u32>,
    #[schema(required)]
    member_name: Option<String>,
    /// `unmatched`, `by_roster`, `by_address`, `by_login`, `by_hand` or `ignored`.
    #[schema(example = "by_address")]
    how: &'static str,
    #[schema(required, value_type = Option<String>, format = Date)]
    last_active: Option<Day>,
    /// The tools it was active with.
    #[schema(value_type = Vec<String>)]
    tools: Vec<ToolId>,
}

impl From<IdentityRow> for IdentityJson {
    fn from(row: IdentityRow) -> Self {
        Self {
            id: row.id.0,
            kind: row.kind.as_str(),
            key: row.key,
            label: row.label,
            member_id: row.member.map(|member| member.0),
            member_name: row.member_name,
            how: row.how.as_str(),
            last_active: row.last_active,
            tools: row.tools,
        }
    }
}

/// Whether an identity has a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Whose {
    Matched,
    Unmatched,
    Ignored,
}

/// Which identities.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct IdentitiesQuery {
    /// A part of the label or of the member's name.
    #[param(required = false, nullable = false)]
    search: Option<String>,
    /// Whether they have a member.
    #[param(required = false, nullable = false, inline)]
    state: Option<Whose>,
    /// Those of this member.
    #[param(required = false, nullable = false)]
    member: Option<u32>,
}

/// Lists identities.
///
/// By number, in pages.
#[utoipa::path(get, path = "/api/v1/identities", tag = "People", params(PageQuery, IdentitiesQuery),
    responses((status = 200, description = "A page of identities.", body = Page<IdentityJson>)))]
async fn list_identities(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    page: PageQuery,
    Query(query): Query<IdentitiesQuery>,
) -> Result<Json<Page<IdentityJson>>, Problem> {
    let mut rows = site.store().list_identities(caller.organization).await?;
    let search = query.search.unwrap_or_default().to_lowercase();
    rows.retain(|row| {
        let state = match row.how {
            MatchKind::Unmatched => Whose::Unmatched,
            MatchKind::Ignored => Whose::Ignored,
            _ => Whose::Matched,
        };
        let texts = [row.label.as_str(), row.member_name.as_deref().unwrap_or("")];
        query.state.is_none_or(|wanted| wanted == state)
            && query.member.is_none_or(|wanted| row.member == Some(SubjectId(wanted)))
            && texts.iter().any(|text| text.to_lowercase().contains(&search))
    });
    Ok(Json(Page::cut(rows, &page, |row| row.id.0.into(), IdentityJson::from)))
}

/// Gives an identity.
#[utoipa::path(get, path = "/api/v1/identities/{id}", tag = "People", params(("id" = u32, Path, description = "The identity's number.")),
    responses((status = 200, description = "The identity.", body = IdentityJson), NotFound))]
async fn find_identity(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<u32>,
) -> Result<Json<IdentityJson>, Problem> {
    Ok(Json(people::identity(&site, &caller, IdentityId(id)).await?.into()))
}

/// Whose an identity is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Match {
    /// The member's number.
    member_id: u32,
}

/// Matches an identity to a member.
///
/// Also accepts a suggestion. Totals do not change; its use, past days too, counts as the member's. No tool's roster changes
/// it from then on.
#[utoipa::path(post, path = "/api/v1/identities/{id}/match", tag = "People", params(("id" = u32, Path, description = "The identity's number.")),
    request_body = Match, responses((status = 200, description = "The identity as it is now.", body = IdentityJson), NotFound, Conflict))]
async fn match_identity(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<u32>,
    Json(to): Json<Match>,
) -> Result<Json<IdentityJson>, Problem> {
    people::match_identity(&site, &caller, IdentityId(id), SubjectId(to.member_id)).await?;
    Ok(Json(people::identity(&site, &caller, IdentityId(id)).await?.into()))
}

/// Ignores an identity.
///
/// For bots and shared keys that are nobody in particular. Its use counts in totals; the match rate leaves it out.
#[utoipa::path(post, path = "/api/v1/identities/{id}/ignore", tag = "People", params(("id" = u32, Path, description = "The identity's number.")),
    responses((status = 200, description = "The identity as it is now.", body = IdentityJson), NotFound, Conflict))]
async fn ignore_identity(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<u32>,
) -> Result<Json<IdentityJson>, Problem> {
    people::ignore_identity(&site, &caller, IdentityId(id)).await?;
    Ok(Json(people::identity(&site, &caller, IdentityId(id)).await?.into()))
}

/// Takes an identity away from its member.
///
/// It stays so, whatever a tool's roster says, until it is matched again. One that is ignored is ignored no longer.
#[utoipa::path(post, path = "/api/v1/identities/{id}/split", tag = "People", params(("id" = u32, Path, description = "The identity's number.")),
    responses((status = 200, description = "The identity as it is now.", body = IdentityJson), NotFound, Conflict))]
async fn split_identity(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<u32>,
) -> Result<Json<IdentityJson>, Problem> {
    people::split_identity(&site, &caller, IdentityId(id)).await?;
    Ok(Json(people::identity(&site, &caller, IdentityId(id)).await?.into()))
}

/// That an identity may be a member's. Nothing is applied without somebody's yes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suggestion)]
pub(crate) struct SuggestionJson {
    identity: IdentityJson,
    member: MemberJson,
    /// How alike the names are, from 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    likeness: f64,
    /// Why, in words.
    why: String,
}

impl From<Suggestion> for SuggestionJson {
    fn from(one: Suggestion) -> Self {
        Self { identity: one.identity.into(), member: one.member.into(), likeness: one.likeness, why: one.why }
    }
}

/// Lists suggested matches.
///
/// By identity, in pages; `after` is the number of the last identity, of which all suggestions are on one page.
#[utoipa::path(get, path = "/api/v1/suggestions", tag = "People", params(PageQuery),
    responses((status = 200, description = "A page of suggestions.", body = Page<SuggestionJson>)))]
async fn list_suggestions(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    page: PageQuery,
) -> Result<Json<Page<SuggestionJson>>, Problem> {
    let all = site.store().list_suggestions(caller.organization).await?;
    let mut by_identity: Vec<Vec<Suggestion>> = Vec::new();
    for one in all {
        match by_identity.iter_mut().find(|known| known.first().is_some_and(|first| first.identity.id == one.identity.id)) {
            Some(known) => known.push(one),
            None => by_identity.push(vec![one]),
        }
    }
    by_identity.sort_by_key(|known| known.first().map(|one| one.identity.id));
    let key = |known: &Vec<Suggestion>| known.first().map_or(0, |one| i64::from(one.identity.id.0));
    let cut = Page::cut(by_identity, &page, key, |known| known);
    Ok(Json(Page { items: cut.items.into_iter().flatten().map(SuggestionJson::from).collect(), next: cut.next }))
}

/// A suggestion that is wrong.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refusal {
    identity_id: u32,
    member_id: u32,
}

/// Refuses a suggestion.
///
/// It is not suggested again. To accept one, match the identity.
#[utoipa::path(post, path = "/api/v1/suggestions/refuse", tag = "People", request_body = Refusal,
    responses((status = 204, description = "It is refused."), NotFound))]
async fn refuse_suggestion(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Json(wrong): Json<Refusal>,
) -> Result<StatusCode, Problem> {
    people::refuse_suggestion(&site, &caller, IdentityId(wrong.identity_id), SubjectId(wrong.member_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How much of the use has a name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MatchRate)]
pub(crate) struct MatchRateJson {
    /// First day.
    #[schema(value_type = String, format = Date)]
    from: Day,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    to: Day,
    /// `matched` by `people`; `null` where nobody used anything.
    #[schema(required, minimum = 0, maximum = 1)]
    rate: Option<f64>,
    /// E-mail addresses and GitHub accounts with use in these days, but for ignored ones.
    people: u32,
    /// Of these, how many belong to a member.
    matched: u32,
    /// Identities with use that are ignored.
    ignored: u32,
    /// Interactions of `people` that belong to no member.
    unmatched_interactions: i64,
    /// Interactions of `people`.
    all_interactions: i64,
}

/// Gives the match rate of the last 28 days.
#[utoipa::path(get, path = "/api/v1/match-rate", tag = "People",
    responses((status = 200, description = "The match rate.", body = MatchRateJson)))]
async fn match_rate(State(site): State<Site>, Extension(caller): Extension<Caller>) -> Result<Json<MatchRateJson>, Problem> {
    let window = Window::ending(site.yesterday(), people::RATE_DAYS);
    let rate = site.store().match_rate(caller.organization, window).await?;
    Ok(Json(MatchRateJson {
        from: window.from,
        to: window.to,
        rate: rate.rate(),
        people: rate.people,
        matched: rate.matched,
        ignored: rate.ignored,
        unmatched_interactions: rate.unmatched_interactions,
        all_interactions: rate.all_interactions,
    }))
}
