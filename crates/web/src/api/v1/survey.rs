//! `/api/v1/survey`: what the caller is asked about merged pull requests, and what they say. Nobody's answers but one's own.

use super::answers::{Conflict, NotFound};
use super::body::Json;
use super::query::Path;
use crate::app::Site;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routing::{Gate, Route};
use crate::surveys::{self, Unasked};
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use tacho_domain::Permission;
use tacho_domain::delivery::{SurveyAnswer, SurveyRole};
use tacho_store::SurveyQuestion;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(super) fn routes() -> Vec<Route> {
    let own = Gate::Needs(Permission::ViewOwnData);
    vec![
        Route::api(own, routes!(list_questions)),
        Route::api(own, routes!(find_question)),
        Route::api(own, routes!(put_answer)),
        Route::api(own, routes!(remove_answer)),
    ]
}

/// As whom somebody is asked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AskedAs {
    /// As the author: "AI-assisted?"
    Author,
    /// As a reviewer: "Could you tell?"
    Reviewer,
}

/// What is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SurveyAnswerWord)]
enum AnswerWord {
    /// An author: no AI tool had a part in it.
    No,
    /// An author: a little.
    ALittle,
    /// An author: most of it.
    Mostly,
    /// A reviewer could tell that an AI tool had a part in it.
    CouldTell,
    /// A reviewer could not.
    CouldNotTell,
}

impl AnswerWord {
    const ALL: [(Self, &'static str); 5] = [
        (Self::No, "no"),
        (Self::ALittle, "a_little"),
        (Self::Mostly, "mostly"),
        (Self::CouldTell, "could_tell"),
        (Self::CouldNotTell, "could_not_tell"),
    ];

    fn of(answer: SurveyAnswer) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, word)| *word == answer.word()).map(|(known, _)| known)
    }

    fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(known, _)| *known == self).map_or("", |(_, word)| word)
    }
}

/// A merged pull request that you are asked about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SurveyQuestion)]
struct SurveyQuestionBody {
    /// The repository's numeric id at its host.
    #[schema(example = 5_000_001)]
    repository_id: i64,
    #[schema(example = "acme/api")]
    repository: String,
    #[schema(example = 12)]
    number: u32,
    #[schema(format = DateTime)]
    merged_at: String,
    asked_as: AskedAs,
    /// What you said; `null`: nothing yet.
    #[schema(required)]
    answer: Option<AnswerWord>,
    /// How many minutes it saved you, as you said.
    #[schema(required, example = 30)]
    minutes_saved: Option<u32>,
}

impl From<SurveyQuestion> for SurveyQuestionBody {
    fn from(question: SurveyQuestion) -> Self {
        let minutes_saved = match question.answer {
            Some(SurveyAnswer::Author { minutes_saved, .. }) => minutes_saved,
            Some(SurveyAnswer::Reviewer { .. }) | None => None,
        };
        Self {
            repository_id: question.repository.id,
            repository: question.repository.name,
            number: question.number,
            merged_at: question.merged_at.to_string(),
            asked_as: match question.role {
                SurveyRole::Author => AskedAs::Author,
                SurveyRole::Reviewer => AskedAs::Reviewer,
            },
            answer: question.answer.and_then(AnswerWord::of),
            minutes_saved,
        }
    }
}

/// Why somebody is asked about nothing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NotAsked {
    /// The account is linked to no member.
    Unlinked,
    /// The organization does not ask.
    Off,
}

/// What you are asked about.
#[derive(Debug, Serialize, ToSchema)]
struct SurveyQuestions {
    /// Why there are none to come; `null`: you are asked.
    #[schema(required)]
    not_asked: Option<NotAsked>,
    /// Your pull requests of the last 30 days, newest first, answered ones included.
    items: Vec<SurveyQuestionBody>,
}

/// Your own merged pull requests that you are asked about.
#[utoipa::path(get, path = "/api/v1/survey/questions",
    responses((status = 200, description = "Those of the last 30 days.", body = SurveyQuestions)))]
async fn list_questions(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<SurveyQuestions>, Problem> {
    let (questions, not_asked) = match surveys::questions(&site, &caller).await? {
        Ok(questions) => (questions, None),
        Err(Unasked::Unlinked) => (Vec::new(), Some(NotAsked::Unlinked)),
        Err(Unasked::Off | Unasked::Past) => (Vec::new(), Some(NotAsked::Off)),
    };
    Ok(Json(SurveyQuestions { not_asked, items: questions.into_iter().map(SurveyQuestionBody::from).collect() }))
}

/// A merged pull request as you are asked about it: as its author, or else as a reviewer.
#[utoipa::path(get, path = "/api/v1/survey/questions/{repository}/{number}",
    params(("repository" = i64, Path, description = "The repository's numeric id."), ("number" = u32, Path, description = "The pull request's number.")),
    responses((status = 200, description = "The question with your answer.", body = SurveyQuestionBody), Conflict, NotFound))]
async fn find_question(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(place): Path<(i64, u32)>,
) -> Result<Json<SurveyQuestionBody>, Problem> {
    Ok(Json(surveys::question(&site, &caller, place).await??.into()))
}

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SurveyAnswer)]
struct SurveyAnswerBody {
    answer: AnswerWord,
    /// An author's: how many minutes it saved.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 2400, example = 30)]
    minutes_saved: Option<u32>,
}

/// Answers, or answers anew.
///
/// Nobody else is shown it: reports hold sums over at least five people.
#[utoipa::path(put, path = "/api/v1/survey/questions/{repository}/{number}", request_body = SurveyAnswerBody,
    params(("repository" = i64, Path, description = "The repository's numeric id."), ("number" = u32, Path, description = "The pull request's number.")),
    responses((status = 200, description = "The question with your answer.", body = SurveyQuestionBody), Conflict, NotFound))]
async fn put_answer(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(place): Path<(i64, u32)>,
    Json(body): Json<SurveyAnswerBody>,
) -> Result<Json<SurveyQuestionBody>, Problem> {
    let question = surveys::question(&site, &caller, place).await??;
    let answer = SurveyAnswer::parse(body.answer.word(), body.minutes_saved).filter(|answer| answer.role() == question.role);
    let answer = answer.ok_or_else(|| {
        let why = match question.role {
            SurveyRole::Author => "you are its author: send `no`, `a_little` or `mostly`",
            SurveyRole::Reviewer => "you are asked as a reviewer: send `could_tell` or `could_not_tell`",
        };
        Problem::field("answer", why).with("pointer", "/answer")
    })?;
    let kept = surveys::answer(&site, &caller, place, answer).await?;
    kept.map_err(|why| Problem::field("minutes_saved", why).with("pointer", "/minutes_saved"))?;
    find_question(State(site), Extension(caller), Path(place)).await
}

/// Takes your answer back.
#[utoipa::path(delete, path = "/api/v1/survey/questions/{repository}/{number}",
    params(("repository" = i64, Path, description = "The repository's numeric id."), ("number" = u32, Path, description = "The pull request's number.")),
    responses((status = 204, description = "It is gone."), NotFound))]
async fn remove_answer(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(place): Path<(i64, u32)>,
) -> Result<StatusCode, Problem> {
    if surveys::take_back(&site, &caller, place).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::not_found("You gave no answer that could be taken back."))
}
