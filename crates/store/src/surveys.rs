//! Surveys: what authors and reviewers are asked about merged pull requests, and what they say. Whose an answer is nobody
//! else is told.

use crate::people::By;
use crate::pull_requests;
use crate::sql::{Row, Tx, bind};
use crate::{Store, StoreError};
use std::collections::BTreeMap;
use tacho_domain::delivery::{Answered, AuthorKind, MOST_MINUTES_SAVED, Repository, SurveyAnswer, SurveyRole};
use tacho_domain::{Day, Instant, OrganizationId, SubjectId, Window};

/// Authors are asked about what was merged in so many days: later nobody remembers.
const ASKED_DAYS: u32 = 30;

/// A merged pull request that somebody is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyQuestion {
    /// Where.
    pub repository: Repository,
    /// Its number there.
    pub number: u32,
    /// When it was merged.
    pub merged_at: Instant,
    /// As whom they are asked.
    pub role: SurveyRole,
    /// What they said already.
    pub answer: Option<SurveyAnswer>,
}

/// A member's own answers, whoever was merged into them included.
const OF_MEMBER: &str =
    "organization_id = $1 and member_id in (select id from members where organization_id = $1 and (id = $2 or merged_into = $2))";

impl Store {
    /// Since when an organization asks; `None`: it does not.
    pub async fn find_survey_start(&self, organization: OrganizationId) -> Result<Option<Instant>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let since = since(&mut tx, organization).await?;
        tx.commit().await?;
        Ok(since)
    }

    /// Has an organization ask from now on, or no longer. Answers stay. Gives whether that is a change.
    pub async fn put_surveys(&self, organization: OrganizationId, on: bool, by: By, now: Instant) -> Result<bool, StoreError> {
        let by = by.to_string();
        let changed = if on {
            let sql = "insert into surveys (organization_id, since, changes, by_whom) values ($1, $2, 1, $3)
                       on conflict (organization_id) do update
                       set since = excluded.since, changes = surveys.changes + 1, by_whom = excluded.by_whom
                       where surveys.since is null";
            self.execute(sql, bind![organization, now, by.as_str()]).await?
        } else {
            let sql = "update surveys set since = null, changes = changes + 1, by_whom = $2
                       where organization_id = $1 and since is not null";
            self.execute(sql, bind![organization, by.as_str()]).await?
        };
        Ok(changed > 0)
    }

    /// A member's own pull requests of the last 30 days that were merged since the organization asks, newest first, those
    /// with an answer included. Empty where it does not ask.
    pub async fn list_survey_questions(
        &self,
        organization: OrganizationId,
        member: SubjectId,
        now: Instant,
    ) -> Result<Vec<SurveyQuestion>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let Some(since) = since(&mut tx, organization).await? else { return Ok(Vec::new()) };
        let from = Window::ending(now.day(), ASKED_DAYS).from.max(since.day());
        let said = answers_of(&mut tx, organization, member, from).await?;
        let rows = tx
            .fetch(
                "select p.repository_id, coalesce(r.name, ''), p.number, p.merged_at, p.author_kind from identities i
                 cross join pull_requests p
                 left join repositories r on r.organization_id = p.organization_id and r.id = p.repository_id
                 where i.organization_id = $1 and i.member_id = $2 and p.organization_id = i.organization_id
                   and p.author_id = i.id and p.day >= $3 and p.merged_at >= $4
                 order by p.merged_at desc, p.repository_id, p.number",
                bind![organization, member, from, since],
            )
            .await?;
        tx.commit().await?;
        let mut questions: Vec<SurveyQuestion> = Vec::with_capacity(rows.len());
        for row in &rows {
            if row.text(4)? == AuthorKind::Bot.as_str() {
                continue;
            }
            let (repository, number) = (Repository { id: row.int(0)?, name: row.text(1)? }, row.number(2)?);
            let answer = said.get(&(repository.id, number, SurveyRole::Author.as_str())).copied();
            questions.push(SurveyQuestion { repository, number, merged_at: row.instant(3)?, role: SurveyRole::Author, answer });
        }
        // Two integrations may both read a repository.
        questions.dedup_by(|one, other| (one.repository.id, one.number) == (other.repository.id, other.number));
        Ok(questions)
    }

    /// One pull request as a member is asked about it: as its author, or else as a reviewer. `None`: there is no such one,
    /// nobody is credited with it, or it was merged before the organization asked.
    pub async fn find_survey_question(
        &self,
        organization: OrganizationId,
        member: SubjectId,
        repository: i64,
        number: u32,
    ) -> Result<Option<SurveyQuestion>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let question = question(&mut tx, organization, member, (repository, number)).await?;
        tx.commit().await?;
        Ok(question)
    }

    /// Notes what a member says of a pull request, in place of what they said before. Gives whether they are asked about it.
    ///
    /// # Errors
    /// When they are asked as somebody else (an author is no reviewer), or have saved more than a working week.
    pub async fn put_survey_answer(
        &self,
        organization: OrganizationId,
        member: SubjectId,
        (repository, number): (i64, u32),
        answer: SurveyAnswer,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let minutes = match answer {
            SurveyAnswer::Author { minutes_saved, .. } => minutes_saved,
            SurveyAnswer::Reviewer { .. } => None,
        };
        if minutes.is_some_and(|minutes| minutes > MOST_MINUTES_SAVED) {
            return Err(StoreError::invalid(format!("`minutes_saved` must be at most {MOST_MINUTES_SAVED}, a working week")));
        }
        let mut tx = self.begin().await?;
        let Some(asked) = question(&mut tx, organization, member, (repository, number)).await? else { return Ok(false) };
        if asked.role != answer.role() {
            let role = asked.role.as_str();
            return Err(StoreError::invalid(format!("you are asked about this pull request as its {role}")));
        }
        let role = answer.role().as_str();
        // What was said by somebody who was merged into them is theirs, and is said anew.
        let sql = format!("delete from survey_answers where {OF_MEMBER} and repository_id = $3 and number = $4 and role = $5");
        tx.execute(sql, bind![organization, member, repository, number, role]).await?;
        tx.execute(
            "insert into survey_answers
                 (organization_id, repository_id, number, role, member_id, day, answer, minutes_saved, answered_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            bind![organization, repository, number, role, member, asked.merged_at.day(), answer.word(), minutes, now],
        )
        .await?;
        note_change(&mut tx, organization).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes back what a member said of a pull request. Gives whether they had said anything.
    pub async fn remove_survey_answer(
        &self,
        organization: OrganizationId,
        member: SubjectId,
        repository: i64,
        number: u32,
    ) -> Result<bool, StoreError> {
        let sql = format!("delete from survey_answers where {OF_MEMBER} and repository_id = $3 and number = $4");
        let mut tx = self.begin().await?;
        let removed = tx.execute(sql, bind![organization, member, repository, number]).await? > 0;
        note_change(&mut tx, organization).await?;
        tx.commit().await?;
        Ok(removed)
    }

    /// Everything that a member said, oldest first: for themselves only.
    pub async fn list_survey_answers(
        &self,
        organization: OrganizationId,
        member: SubjectId,
    ) -> Result<Vec<Answered>, StoreError> {
        let sql = format!(
            "select repository_id, number, day, $2, answer, minutes_saved from survey_answers where {OF_MEMBER}
             order by day, repository_id, number, role"
        );
        self.fetch(sql, bind![organization, member]).await?.iter().map(answered).collect()
    }
}

/// All answers about what was merged in a window, for sums.
pub(crate) async fn read(tx: &mut Tx, organization: OrganizationId, window: Window) -> Result<Vec<Answered>, StoreError> {
    let sql = "select a.repository_id, a.number, a.day, coalesce(m.merged_into, m.id), a.answer, a.minutes_saved
               from survey_answers a join members m on m.organization_id = a.organization_id and m.id = a.member_id
               where a.organization_id = $1 and a.day between $2 and $3 order by a.day, a.repository_id, a.number, a.role, m.id";
    tx.fetch(sql, bind![organization, window.from, window.to]).await?.iter().map(answered).collect()
}

pub(crate) async fn since(tx: &mut Tx, organization: OrganizationId) -> Result<Option<Instant>, StoreError> {
    let row = tx.find("select since from surveys where organization_id = $1", bind![organization]).await?;
    Ok(row.map(|row| row.maybe_instant(0)).transpose()?.flatten())
}

/// Makes whoever watches look again.
async fn note_change(tx: &mut Tx, organization: OrganizationId) -> Result<(), StoreError> {
    tx.execute("update surveys set changes = changes + 1 where organization_id = $1", bind![organization]).await.map(drop)
}

async fn question(
    tx: &mut Tx,
    organization: OrganizationId,
    member: SubjectId,
    (repository, number): (i64, u32),
) -> Result<Option<SurveyQuestion>, StoreError> {
    let Some(since) = since(tx, organization).await? else { return Ok(None) };
    let Some(found) = pull_requests::find(tx, organization, repository, number).await? else { return Ok(None) };
    let fact = found.fact;
    if fact.merged_at < since || fact.author_kind == AuthorKind::Bot || found.author.is_none() {
        return Ok(None);
    }
    let role = if found.author == Some(member) { SurveyRole::Author } else { SurveyRole::Reviewer };
    let said = answers_of(tx, organization, member, fact.merged_at.day()).await?;
    let answer = said.get(&(repository, number, role.as_str())).copied();
    Ok(Some(SurveyQuestion { repository: fact.repository, number, merged_at: fact.merged_at, role, answer }))
}

/// What a member said of what was merged from that day on, by repository, number and role.
async fn answers_of(
    tx: &mut Tx,
    organization: OrganizationId,
    member: SubjectId,
    from: Day,
) -> Result<BTreeMap<(i64, u32, &'static str), SurveyAnswer>, StoreError> {
    let sql = format!(
        "select repository_id, number, day, member_id, answer, minutes_saved from survey_answers
         where {OF_MEMBER} and day >= $3"
    );
    let mut said = BTreeMap::new();
    for row in tx.fetch(sql, bind![organization, member, from]).await? {
        let answered = answered(&row)?;
        said.insert((answered.repository, answered.number, answered.answer.role().as_str()), answered.answer);
    }
    Ok(said)
}

fn answered(row: &Row) -> Result<Answered, StoreError> {
    let (repository, number, word) = (row.int(0)?, row.number(1)?, row.text(4)?);
    let unknown = || StoreError::damaged("survey_answers", "answer", format!("({repository}, {number})"), format!("`{word}`"));
    Ok(Answered {
        repository,
        number,
        day: row.day(2)?,
        member: SubjectId(row.number(3)?),
        answer: SurveyAnswer::parse(&word, row.maybe_number(5)?).ok_or_else(unknown)?,
    })
}
