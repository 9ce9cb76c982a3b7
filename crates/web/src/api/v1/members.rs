//! `/api/v1/members`: the people of the organization.

use super::answers::{Conflict, NotFound};
use super::body::Json;
use super::paging::{Page, PageQuery};
use super::query::{Path, Query};
use crate::app::Site;
use crate::caller::Caller;
use crate::people::{self, Refused, Written};
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use axum::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use http::{StatusCode, header};
use serde::{Deserialize, Deserializer, Serialize};
use tacho_domain::{Day, Permission, SubjectId};
use tacho_store::{Member, MemberFilter, MemberState};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

pub(crate) fn routes() -> Vec<Route> {
    let manage = Gate::Needs(Permission::ManagePeople);
    vec![
        Route::api(manage, routes!(list_members)),
        Route::api(manage, routes!(add_member)),
        Route::api(manage, routes!(find_member)),
        Route::api(manage, routes!(change_member)),
        Route::api(manage, routes!(merge_members)),
        Route::api(Gate::Needs(Permission::ErasePeople), routes!(erase_member)),
    ]
}

/// A person of the organization.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberJson {
    #[schema(example = 42)]
    id: u32,
    /// `null` where nobody gave one; a pseudonym once they are pseudonymised.
    #[schema(required, example = "Ada Okafor")]
    name: Option<String>,
    /// `null` once they are pseudonymised.
    #[schema(required, example = "ada@example.com")]
    email: Option<String>,
    #[schema(required, example = "ada-okafor")]
    github_login: Option<String>,
    /// Who made them known: `roster`, `hand` or `file`.
    #[schema(example = "roster")]
    source: &'static str,
    /// Their last day with the organization; their history stays.
    #[schema(required, value_type = Option<String>, format = Date)]
    left_on: Option<Day>,
    /// Pseudonymised for good.
    erased: bool,
    /// How many identities are theirs.
    identities: u32,
}

impl From<Member> for MemberJson {
    fn from(member: Member) -> Self {
        Self {
            id: member.id.0,
            name: member.name,
            email: member.email,
            github_login: member.github_login,
            source: member.source.as_str(),
            left_on: member.left_on,
            erased: member.erased,
            identities: member.identities,
        }
    }
}

/// How a member stands.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// Neither left nor pseudonymised.
    Present,
    Left,
    Erased,
}

/// Which members.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MembersQuery {
    /// A part of the name, the address, the login or an identity's label.
    #[param(required = false, nullable = false)]
    search: Option<String>,
    /// Those who are in this team today.
    #[param(required = false, nullable = false)]
    team: Option<i64>,
    /// How they stand.
    #[param(required = false, nullable = false, inline)]
    state: Option<Standing>,
}

/// Lists members.
///
/// By number, in pages.
#[utoipa::path(get, path = "/api/v1/members", tag = "People", params(PageQuery, MembersQuery),
    responses((status = 200, description = "A page of members.", body = Page<MemberJson>)))]
async fn list_members(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    page: PageQuery,
    Query(query): Query<MembersQuery>,
) -> Result<Json<Page<MemberJson>>, Problem> {
    let filter = MemberFilter {
        search: query.search.unwrap_or_default(),
        team: query.team.map(|team| (team, site.now().day())),
        state: query.state.map(|state| match state {
            Standing::Present => MemberState::Present,
            Standing::Left => MemberState::Left,
            Standing::Erased => MemberState::Erased,
        }),
        after: page.after.map(|after| SubjectId(u32::try_from(after).unwrap_or(u32::MAX))),
        limit: page.rows(),
    };
    let members = site.store().page_members(caller.organization, &filter).await?;
    Ok(Json(Page::of(members, &page, |member| member.id.0.into(), MemberJson::from)))
}

/// A member to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMemberJson {
    /// Identities with this address become theirs.
    #[schema(max_length = 254, example = "ada@example.com")]
    email: String,
    #[serde(default)]
    #[schema(max_length = 200, example = "Ada Okafor")]
    name: Option<String>,
    #[serde(default)]
    #[schema(max_length = 100, example = "ada-okafor")]
    github_login: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    left_on: Option<Day>,
}

/// Adds a member by hand.
#[utoipa::path(post, path = "/api/v1/members", tag = "People", request_body = NewMemberJson,
    responses((status = 201, description = "The member.", body = MemberJson, headers(("Location" = String))), Conflict))]
async fn add_member(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Json(new): Json<NewMemberJson>,
) -> Result<impl IntoResponse, Problem> {
    let written = Written {
        email: new.email,
        name: new.name.unwrap_or_default(),
        github_login: new.github_login.unwrap_or_default(),
        left_on: new.left_on,
    };
    let id = people::add_member(&site, &caller, &written).await?;
    let member = people::member(&site, &caller, id).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/api/v1/members/{}", id.0))], Json(MemberJson::from(member))))
}

/// Gives a member.
#[utoipa::path(get, path = "/api/v1/members/{id}", tag = "People", params(("id" = u32, Path, description = "The member's number.")),
    responses((status = 200, description = "The member.", body = MemberJson), NotFound))]
async fn find_member(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<u32>,
) -> Result<Json<MemberJson>, Problem> {
    Ok(Json(people::member(&site, &caller, SubjectId(id)).await?.into()))
}

/// What is to be changed; what is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "left out, taken away, given: three answers")]
pub(crate) struct MemberChange {
    #[serde(default)]
    #[schema(max_length = 254, nullable = false)]
    email: Option<String>,
    /// `null` takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 200)]
    name: Option<Option<String>>,
    /// `null` takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 100)]
    github_login: Option<Option<String>>,
    /// Their last day with the organization; `null`: they are still here.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date)]
    left_on: Option<Option<Day>>,
}

/// Tells a field that is `null` from one that was left out.
#[expect(clippy::option_option, reason = "left out, taken away, given: three answers")]
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Changes a member.
#[utoipa::path(patch, path = "/api/v1/members/{id}", tag = "People", params(("id" = u32, Path, description = "The member's number.")),
    request_body = MemberChange, responses((status = 200, description = "The member as they are now.", body = MemberJson), NotFound, Conflict))]
async fn change_member(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<u32>,
    Json(change): Json<MemberChange>,
) -> Result<Json<MemberJson>, Problem> {
    let id = SubjectId(id);
    let known = people::member(&site, &caller, id).await?;
    let mut written = Written::of(&known);
    written.email = change.email.unwrap_or(written.email);
    written.name = change.name.map_or(written.name, Option::unwrap_or_default);
    written.github_login = change.github_login.map_or(written.github_login, Option::unwrap_or_default);
    written.left_on = change.left_on.unwrap_or(written.left_on);
    people::put_member(&site, &caller, id, &written).await?;
    Ok(Json(people::member(&site, &caller, id).await?.into()))
}

/// Into whom a member is merged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Merge {
    /// The number of the member that stays.
    into: u32,
}

/// Merges two members.
///
/// The identities and teams of the member in the address become those of the other. Totals do not change. It can be taken
/// back: `/api/v1/people-changes`.
#[utoipa::path(post, path = "/api/v1/members/{id}/merge", tag = "People", params(("id" = u32, Path, description = "The member that goes.")),
    request_body = Merge, responses((status = 200, description = "The member that stays.", body = MemberJson), NotFound, Conflict))]
async fn merge_members(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<u32>,
    Json(merge): Json<Merge>,
) -> Result<Json<MemberJson>, Problem> {
    people::merge_members(&site, &caller, SubjectId(id), SubjectId(merge.into)).await?;
    Ok(Json(people::member(&site, &caller, SubjectId(merge.into)).await?.into()))
}

/// What has to be said to pseudonymise a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Erasure {
    /// The member's name as it is shown, or the address where they have no name: so that nobody is hit by a slip.
    name: String,
}

/// Pseudonymises a member for good.
///
/// Name, address and the labels of their identities are replaced; the use stays, and totals do not change. It cannot be
/// taken back.
#[utoipa::path(post, path = "/api/v1/members/{id}/erase", tag = "People", params(("id" = u32, Path, description = "The member's number.")),
    request_body = Erasure, responses((status = 200, description = "What is left of the member.", body = MemberJson), NotFound, Conflict))]
async fn erase_member(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<u32>,
    Json(erasure): Json<Erasure>,
) -> Result<Json<MemberJson>, Problem> {
    let id = SubjectId(id);
    let member = people::member(&site, &caller, id).await?;
    if erasure.name.trim() != people::called(&member).trim() {
        return Err(Refused::Field("name", "is not this member's name: send it exactly as it is shown".into()).into());
    }
    people::erase_member(&site, &caller, id).await?;
    Ok(Json(people::member(&site, &caller, id).await?.into()))
}
