//! The form of a question: how much an AI tool had to do with it and how much time that saved, or whether one could tell.

use super::HERE;
use crate::pages::form::Form;
use tacho_domain::delivery::{Assistance, MOST_MINUTES_SAVED, SurveyAnswer, SurveyRole};
use tacho_render::words::instant;
use tacho_store::SurveyQuestion;

/// One of the answers that can be chosen.
pub(super) struct Choice {
    pub(super) word: &'static str,
    pub(super) label: &'static str,
    pub(super) chosen: bool,
}

/// A pull request as `survey/form.html` asks about it.
pub(super) struct Asked {
    /// Unique on its page.
    pub(super) id: String,
    /// Where its own page is, and its form goes.
    pub(super) path: String,
    /// `owner/name#12`.
    pub(super) label: String,
    pub(super) merged: String,
    pub(super) is_author: bool,
    pub(super) choices: Vec<Choice>,
    pub(super) minutes: String,
    pub(super) most_minutes: u32,
    /// The answer in words, where there is one.
    pub(super) said: Option<String>,
    pub(super) wrong_answer: Option<String>,
    pub(super) wrong_minutes: Option<String>,
}

/// What is wrong with an answer: the field, and words.
pub(super) type Wrong = (&'static str, String);

impl Asked {
    pub(super) fn of(question: &SurveyQuestion) -> Self {
        let (repository, number) = (&question.repository, question.number);
        let name = if repository.name.is_empty() { format!("repository {}", repository.id) } else { repository.name.clone() };
        let given = question.answer.map(SurveyAnswer::word);
        let choice = |word: &'static str, label| Choice { word, label, chosen: given == Some(word) };
        let choices = match question.role {
            SurveyRole::Author => Assistance::ALL.map(|one| choice(one.as_str(), one.words())).into(),
            SurveyRole::Reviewer => [(true, "Yes"), (false, "No")]
                .map(|(could_tell, label)| choice(SurveyAnswer::Reviewer { could_tell }.word(), label))
                .into(),
        };
        Self {
            id: format!("pull-{}-{number}", repository.id),
            path: format!("{HERE}/{}/{number}", repository.id),
            label: format!("{name}#{number}"),
            merged: instant(question.merged_at),
            is_author: question.role == SurveyRole::Author,
            choices,
            minutes: question.answer.and_then(minutes).map_or_else(String::new, |minutes| minutes.to_string()),
            most_minutes: MOST_MINUTES_SAVED,
            said: question.answer.map(words),
            wrong_answer: None,
            wrong_minutes: None,
        }
    }

    /// The same as it was typed, with what is wrong with it.
    pub(super) fn typed(mut self, form: &Form, (field, why): Wrong) -> Self {
        for choice in &mut self.choices {
            choice.chosen = choice.word == form.text("answer");
        }
        form.text("minutes").clone_into(&mut self.minutes);
        if field == "minutes" {
            self.wrong_minutes = Some(why);
        } else {
            self.wrong_answer = Some(why);
        }
        self
    }
}

/// Reads the form of a question.
pub(super) fn read(form: &Form, role: SurveyRole) -> Result<SurveyAnswer, Wrong> {
    let minutes = match (role, form.text("minutes")) {
        (SurveyRole::Reviewer, _) | (_, "") => None,
        (SurveyRole::Author, typed) => {
            let minutes = typed.parse().ok().filter(|minutes| *minutes <= MOST_MINUTES_SAVED);
            let why = format!("Write a whole number of minutes from 0 to {MOST_MINUTES_SAVED}, a working week, or nothing.");
            Some(minutes.ok_or(("minutes", why))?)
        }
    };
    let answer = SurveyAnswer::parse(form.text("answer"), minutes).filter(|answer| answer.role() == role);
    answer.ok_or_else(|| ("answer", "Choose one of the answers.".to_owned()))
}

fn minutes(answer: SurveyAnswer) -> Option<u32> {
    match answer {
        SurveyAnswer::Author { minutes_saved, .. } => minutes_saved,
        SurveyAnswer::Reviewer { .. } => None,
    }
}

/// An answer as a line of the list.
fn words(answer: SurveyAnswer) -> String {
    match answer {
        SurveyAnswer::Author { assistance, minutes_saved: None } => assistance.words().to_owned(),
        SurveyAnswer::Author { assistance, minutes_saved: Some(minutes) } => {
            format!("{}, {minutes} min saved", assistance.words())
        }
        SurveyAnswer::Reviewer { could_tell } => (if could_tell { "Could tell" } else { "Could not tell" }).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Form {
        Form::of_pairs(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn an_answer_fits_whoever_is_asked() {
        let author = |assistance, minutes_saved| Ok(SurveyAnswer::Author { assistance, minutes_saved });
        let read = |fields: &[(&str, &str)], role| read(&form(fields), role).map_err(|(field, _)| field);
        assert_eq!(read(&[("answer", "mostly"), ("minutes", " 30 ")], SurveyRole::Author), author(Assistance::Mostly, Some(30)));
        assert_eq!(read(&[("answer", "no"), ("minutes", "")], SurveyRole::Author), author(Assistance::No, None));
        for wrong in ["-1", "2401", "1.5", "an hour"] {
            assert_eq!(read(&[("answer", "no"), ("minutes", wrong)], SurveyRole::Author), Err("minutes"), "{wrong}");
        }
        for wrong in ["", "perhaps", "could_tell"] {
            assert_eq!(read(&[("answer", wrong)], SurveyRole::Author), Err("answer"), "{wrong}");
        }
        assert_eq!(read(&[("answer", "mostly")], SurveyRole::Reviewer), Err("answer"));
        let told = SurveyAnswer::Reviewer { could_tell: true };
        assert_eq!(read(&[("answer", "could_tell"), ("minutes", "x")], SurveyRole::Reviewer), Ok(told));
    }
}
