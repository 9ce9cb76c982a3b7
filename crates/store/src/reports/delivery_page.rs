//! Reads what the report of delivery is made of: the packed days of pull requests, and the days on which people used tools.

use super::Asked;
use super::commit_records;
use super::deliveries::{deployments, files, pulls, repositories, totals, use_days};
use super::gate::{forget_before, tells};
use super::persons::names;
use super::told::{Told, told};
use crate::people::{memberships, team_names};
use crate::sql::Tx;
use crate::{StoreError, surveys};
use std::collections::{BTreeMap, HashMap};
use tacho_domain::delivery::{Answered, REWORK_DAYS};
use tacho_domain::memberships::Memberships;
use tacho_domain::report::{Amount, Audience, Group, Question, Report, ReportName};
use tacho_domain::reports::delivery::{self, Material, authors, needed_days, use_window};
use tacho_domain::reports::people::{few, instead, withheld};
use tacho_domain::{SubjectId, Window};

pub(super) async fn answer(tx: &mut Tx, asked: &Asked<'_>) -> Result<Report, StoreError> {
    let (question, window) = (asked.question, asked.question.window);
    let days = needed_days(window);
    let teams = teams(tx, asked, days).await?;
    let told = told(tx, asked, days).await?;
    let mut material = read(tx, asked, &teams, &told, (days, use_window(window))).await?;
    material.team_names = team_names(tx, question.organization).await?;
    material.repositories = repositories(tx, asked).await?;
    material.files = if told.files { Some(files(tx, &told, reworked(window)).await?) } else { None };
    material.deployments = if told.deployments { Some(deployments(tx, &told, days).await?) } else { None };
    material.totals = totals(tx, asked, window).await?;
    material.answers = answers(tx, asked, window).await?;
    let Some(without_before) = pass(question, &material) else {
        return Ok(instead(&ReportName::Delivery, "Delivery".into(), question, withheld("They cover")));
    };
    let is_unmatched = |subject: SubjectId| asked.directory.unmatched().contains(subject);
    let credited = authors(question, &material);
    let seen = credited.iter().filter(|subject| question.audience.sees(*subject, is_unmatched(*subject)));
    material.names = names(tx, asked, seen.collect::<Vec<_>>()).await?;
    let mut report = delivery::document(question, &material);
    if without_before {
        forget_before(&mut report);
    }
    Ok(report)
}

/// Of a question about a team this one's members over all the days, else those of every team over the window: a person's
/// pull requests are in no table of teams.
async fn teams(tx: &mut Tx, asked: &Asked<'_>, days: Window) -> Result<Memberships, StoreError> {
    let question = asked.question;
    match (question.team, question.member) {
        (Some(team), _) => memberships(tx, question.organization, asked.directory, days, Some(team)).await,
        (None, Some(_)) => Ok(Memberships::new(days, &[])),
        (None, None) => memberships(tx, question.organization, asked.directory, question.window, None).await,
    }
}

/// The few figures that other reports show of the same question; `None`: no repository host told of the window, or too few
/// people are credited for whoever asks.
pub(super) async fn headline(tx: &mut Tx, asked: &Asked<'_>) -> Result<Option<Group>, StoreError> {
    let (question, window) = (asked.question, asked.question.window);
    let days = Window { from: window.before().from, to: window.to };
    let told = told(tx, asked, days).await?;
    if told.days.range(window.from..=window.to).next().is_none() {
        return Ok(None);
    }
    let teams = match question.team {
        Some(team) => memberships(tx, question.organization, asked.directory, days, Some(team)).await?,
        None => Memberships::new(days, &[]),
    };
    // Commits are as much older than the first merge as on the page itself.
    let reach = needed_days(window).from.since(use_window(window).from);
    let used = Window { from: days.from.minus(reach), to: days.to };
    let material = read(tx, asked, &teams, &told, (days, used)).await?;
    let Some(without_before) = pass(question, &material) else { return Ok(None) };
    let mut group = delivery::headline(question, &material);
    for figure in group.iter_mut().flat_map(|group| &mut group.figures).filter(|_| without_before) {
        figure.before = Amount::Unknown;
    }
    Ok(group)
}

/// Pull requests of some days, and use of some; all else is empty.
async fn read<'a>(
    tx: &mut Tx,
    asked: &Asked<'a>,
    teams: &'a Memberships,
    told: &Told,
    (days, used): (Window, Window),
) -> Result<Material<'a>, StoreError> {
    let mut pulls = pulls(tx, told, days).await?;
    commit_records::sign(tx, asked.question.organization, days, &mut pulls).await?;
    Ok(Material {
        directory: asked.directory,
        teams,
        team_names: BTreeMap::new(),
        names: HashMap::new(),
        repositories: BTreeMap::new(),
        days: told.days.clone(),
        pulls,
        use_days: use_days(tx, asked, used).await?,
        files: None,
        deployments: None,
        totals: Vec::new(),
        answers: None,
        last_synced: told.last_synced,
    })
}

/// Whether a narrowed question may be answered, as for every report; its people are those whom pull requests credit. `None`:
/// it may not; else whether the period before must not be compared with.
fn pass(question: &Question, material: &Material<'_>) -> Option<bool> {
    let is_narrow = question.team.is_some() || question.member.is_some();
    if !is_narrow || question.audience == Audience::Everyone {
        return Some(false);
    }
    let all = authors(&of_everybody(question), material);
    let these = authors(question, material);
    let then = authors(&Question { window: question.window.before(), ..question.clone() }, material);
    let told = tells(&question.audience, material.directory, &these, &all);
    (!told).then(|| few(&question.audience, material.directory, &then))
}

fn of_everybody(question: &Question) -> Question {
    Question { team: None, member: None, ..question.clone() }
}

/// The days whose changed files tell of rework: the window and the days after it in which a line may be changed again.
fn reworked(window: Window) -> Window {
    Window { from: window.before().from, to: window.to.plus(REWORK_DAYS) }
}

/// What people answered; `None`: nobody is asked, or ever was.
async fn answers(tx: &mut Tx, asked: &Asked<'_>, window: Window) -> Result<Option<Vec<Answered>>, StoreError> {
    let organization = asked.question.organization;
    let answers = surveys::read(tx, organization, window).await?;
    let asks = surveys::since(tx, organization).await?.is_some();
    Ok((asks || !answers.is_empty()).then_some(answers))
}
