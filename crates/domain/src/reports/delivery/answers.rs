//! What authors and reviewers say when they are asked, beside what is measured. Never of one person: fewer than five
//! people's answers are not given to anybody.

use super::gather::{Gathered, Tiers};
use crate::Window;
use crate::delivery::{Answered, Assistance, SurveyAnswer};
use crate::metrics::{People, ratio};
use crate::report::{Cell, Column, Section, Table};
use crate::reports::people::FEW;
use std::collections::HashSet;

/// Answers of a window, added up.
#[derive(Debug, Default)]
pub(super) struct Said {
    people: People,
    no: i64,
    little: i64,
    mostly: i64,
    minutes: Vec<i64>,
    reviewers: People,
    could_tell: i64,
    could_not: i64,
}

impl Said {
    fn add(&mut self, answered: &Answered) {
        match answered.answer {
            SurveyAnswer::Author { assistance, minutes_saved } => {
                self.people.insert(answered.member);
                match assistance {
                    Assistance::No => self.no += 1,
                    Assistance::ALittle => self.little += 1,
                    Assistance::Mostly => self.mostly += 1,
                }
                self.minutes.extend(minutes_saved.map(i64::from));
            }
            SurveyAnswer::Reviewer { could_tell } => {
                self.reviewers.insert(answered.member);
                *(if could_tell { &mut self.could_tell } else { &mut self.could_not }) += 1;
            }
        }
    }

    fn authors(&self) -> i64 {
        self.no + self.little + self.mostly
    }

    /// The share of authors' answers that name any help; `None`: too few people.
    pub(super) fn share(&self) -> Option<f64> {
        let share = ratio(Some(self.little + self.mostly), Some(self.authors()));
        share.filter(|_| self.people.count() >= FEW)
    }
}

/// The answers about pull requests of a window that count for the question.
pub(super) fn said(gathered: &Gathered<'_>, window: Window) -> Said {
    let pulls: HashSet<(i64, u32)> = gathered.within(window).iter().map(|pull| (pull.row.repository, pull.row.number)).collect();
    let answers = gathered.material.answers.iter().flatten();
    let mut said = Said::default();
    answers.filter(|one| window.contains(one.day) && pulls.contains(&(one.repository, one.number))).for_each(|one| said.add(one));
    said
}

/// Nothing where nobody is asked.
pub(super) fn section(gathered: &Gathered<'_>) -> Option<Section> {
    gathered.material.answers.as_ref()?;
    let mut said = said(gathered, gathered.window());
    let tiers = Tiers::of(gathered.now());
    let columns = vec![
        Column::text("what", "Who says"),
        Column::number("share", "Share"),
        Column::number("number", "Answers or pull requests"),
        Column::number("people", "People"),
        Column::text("more", "Remarks"),
    ];
    let enough = |people: &People| people.count() >= FEW;
    let why = |people: &People| if enough(people) { String::new() } else { format!("not shown: fewer than {FEW} people") };
    let mut rows = vec![
        row("Measured, at least", tiers.floor(), tiers.all, None, "exact evidence".into()),
        row("Measured, at most", tiers.ceiling(), tiers.all, None, "evidence of any tier".into()),
    ];
    let authors = if enough(&said.people) { said.authors() } else { 0 };
    let share = |part: i64| ratio(Some(part), Some(authors));
    for (what, part) in [
        ("Authors: AI-assisted a little or mostly", said.little + said.mostly),
        ("Authors: mostly", said.mostly),
        ("Authors: no", said.no),
    ] {
        rows.push(row(what, share(part), authors, Some(said.people.count()), why(&said.people)));
    }
    let saved = crate::delivery::percentile(&mut said.minutes, 50).filter(|_| enough(&said.people));
    let told = saved.map_or_else(|| why(&said.people), |minutes| format!("median: {minutes} min"));
    rows.push(row(
        "Authors: time saved",
        None,
        if authors > 0 { i64::try_from(said.minutes.len()).unwrap_or(i64::MAX) } else { 0 },
        None,
        told,
    ));
    let reviewers = if enough(&said.reviewers) { said.could_tell + said.could_not } else { 0 };
    let could_tell = ratio(Some(said.could_tell), Some(reviewers));
    rows.push(row("Reviewers: could tell", could_tell, reviewers, Some(said.reviewers.count()), why(&said.reviewers)));
    Some(Section::listed(
        "answers",
        "What people say",
        "Answers to the survey about pull requests merged in the window, beside what is measured. Nobody has to answer, so these \
         are of those who did.",
        Table::new(columns, rows),
    ))
}

fn row(what: &str, share: Option<f64>, number: i64, people: Option<i64>, more: String) -> Vec<Cell> {
    vec![Cell::text(what), Cell::share(share), Cell::Count(number), Cell::count(people), Cell::text(more)]
}
