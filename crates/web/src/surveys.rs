//! What pages and REST do with surveys: each act is done once, here. Whose an answer is nobody else is told, so nothing of
//! it is written down but that an organization asks.

use crate::app::Site;
use crate::audit;
use crate::caller::Caller;
use crate::people::by;
use crate::problem::Problem;
use http::StatusCode;
use serde_json::json;
use tacho_domain::audit::Action;
use tacho_domain::delivery::SurveyAnswer;
use tacho_domain::{Permission, SubjectId};
use tacho_store::SurveyQuestion;

/// A pull request in an address: the repository's numeric id, and its number there.
pub(crate) type Place = (i64, u32);

/// Why there is nothing to ask somebody about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unasked {
    /// Their account is linked to no member.
    Unlinked,
    /// The organization does not ask.
    Off,
    /// It was merged before the organization asked, or nobody is credited with it.
    Past,
}

impl Unasked {
    /// What a person reads.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Unlinked => {
                "Your account is linked to no member yet, so you are asked about nothing. Whoever manages users can link it."
            }
            Self::Off => "This organization asks nobody about pull requests. An owner can turn surveys on in the settings.",
            Self::Past => {
                "Nobody is asked about this pull request: it was merged before surveys were turned on, or nobody is credited with it."
            }
        }
    }
}

impl From<Unasked> for Problem {
    fn from(unasked: Unasked) -> Self {
        Self::new(StatusCode::CONFLICT, "not-asked", unasked.words())
    }
}

/// Turns surveys on or off, and writes that down. Answers stay.
pub(crate) async fn turn(site: &Site, caller: &Caller, on: bool) -> Result<(), Problem> {
    caller.need(Permission::ManageOrganization)?;
    if site.store().put_surveys(caller.organization, on, by(caller), site.now()).await? {
        audit::note(site, caller, Action::OrganizationChanged, "surveys", json!({ "surveys": on })).await?;
    }
    Ok(())
}

/// The caller's own merged pull requests of the last weeks, newest first, answered ones included.
pub(crate) async fn questions(site: &Site, caller: &Caller) -> Result<Result<Vec<SurveyQuestion>, Unasked>, Problem> {
    let Some(member) = member(caller) else { return Ok(Err(Unasked::Unlinked)) };
    if site.store().find_survey_start(caller.organization).await?.is_none() {
        return Ok(Err(Unasked::Off));
    }
    Ok(Ok(site.store().list_survey_questions(caller.organization, member, site.now()).await?))
}

/// How many of them have no answer yet.
pub(crate) async fn waiting(site: &Site, caller: &Caller) -> Result<usize, Problem> {
    let asked = questions(site, caller).await?.unwrap_or_default();
    Ok(asked.iter().filter(|question| question.answer.is_none()).count())
}

/// One pull request as the caller is asked about it. One that is not there is 404 for everybody alike.
pub(crate) async fn question(
    site: &Site,
    caller: &Caller,
    (repository, number): Place,
) -> Result<Result<SurveyQuestion, Unasked>, Problem> {
    let store = site.store();
    if store.find_pull_request(caller.organization, repository, number).await?.is_none() {
        return Err(unknown());
    }
    let Some(member) = member(caller) else { return Ok(Err(Unasked::Unlinked)) };
    if store.find_survey_start(caller.organization).await?.is_none() {
        return Ok(Err(Unasked::Off));
    }
    Ok(store.find_survey_question(caller.organization, member, repository, number).await?.ok_or(Unasked::Past))
}

/// Notes the caller's answer in place of any other. The inner error is what is wrong with it.
pub(crate) async fn answer(
    site: &Site,
    caller: &Caller,
    place: Place,
    answer: SurveyAnswer,
) -> Result<Result<(), String>, Problem> {
    let member = member(caller).ok_or(Unasked::Unlinked)?;
    match site.store().put_survey_answer(caller.organization, member, place, answer, site.now()).await {
        Ok(true) => Ok(Ok(())),
        Ok(false) => Err(Unasked::Past.into()),
        Err(error) if error.is_invalid() => Ok(Err(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

/// Takes the caller's answer back. Gives whether there was one.
pub(crate) async fn take_back(site: &Site, caller: &Caller, (repository, number): Place) -> Result<bool, Problem> {
    let Some(member) = member(caller) else { return Ok(false) };
    Ok(site.store().remove_survey_answer(caller.organization, member, repository, number).await?)
}

/// There is no such pull request.
pub(crate) fn unknown() -> Problem {
    Problem::not_found("There is no merged pull request of that number in that repository.")
}

fn member(caller: &Caller) -> Option<SubjectId> {
    caller.member.filter(|_| caller.may(Permission::ViewOwnData))
}
