//! What the demonstration's people say of their pull requests when they are asked: invented like everything else of theirs,
//! and kept as anybody's answers are.

use crate::failure::Outcome;
use crate::wiring::Installation;
use std::collections::HashMap;
use tacho_domain::delivery::{Assistance, AuthorKind, SurveyAnswer};
use tacho_domain::{SubjectId, Window};
use tacho_simulator::{PullTruth, Truth};
use tacho_store::By;

/// As if the organization had asked for so many days.
const ASKED_DAYS: u32 = 28;
/// More answers show nothing more.
const MOST: usize = 400;

/// Has the organization ask since some weeks, and half of the authors and some reviewers answer; the other half waits.
pub(super) async fn ask(installation: &Installation, truth: &Truth) -> Outcome {
    let (store, organization, now) = (&installation.store, installation.organization, installation.now());
    store.put_surveys(organization, true, By::Operator, now.plus_seconds(-i64::from(ASKED_DAYS) * 86_400)).await?;
    let members = store.list_members(organization).await?;
    let by_email: HashMap<&str, SubjectId> =
        members.iter().filter_map(|member| Some((member.email.as_deref()?, member.id))).collect();
    let people = truth.people();
    let member = |person: usize| by_email.get(people.get(person)?.email.as_deref()?).copied();
    let asked = Window::ending(now.day().minus(1), ASKED_DAYS - 1);
    let merged = truth.pull_requests(asked).filter(|pull| pull.author_kind == AuthorKind::Human);
    for pull in merged.filter(|pull| pull.number % 2 == 0).take(MOST) {
        let author = pull.author.and_then(member).map(|author| (author, of_author(&pull)));
        let reviewer = pull.reviewers.first().filter(|_| pull.number % 3 == 0).and_then(|person| member(*person));
        let reviewer = reviewer.map(|reviewer| (reviewer, SurveyAnswer::Reviewer { could_tell: pull.exact }));
        let place = (pull.repository_id, pull.number);
        for (who, answer) in author.into_iter().chain(reviewer) {
            let question = store.find_survey_question(organization, who, place.0, place.1).await?;
            if question.is_some_and(|question| question.role == answer.role()) {
                store.put_survey_answer(organization, who, place, answer, now).await?;
            }
        }
    }
    Ok(())
}

/// Whoever left a trailer had most of it written; of the others with tools, every other one had a little help.
fn of_author(pull: &PullTruth) -> SurveyAnswer {
    let minutes = pull.number % 5 * 10;
    let (assistance, minutes_saved) = match (pull.exact, pull.with_ai) {
        (true, _) => (Assistance::Mostly, Some(30 + minutes)),
        (false, true) if pull.number.is_multiple_of(4) => (Assistance::ALittle, Some(5 + minutes)),
        _ => (Assistance::No, None),
    };
    SurveyAnswer::Author { assistance, minutes_saved }
}
