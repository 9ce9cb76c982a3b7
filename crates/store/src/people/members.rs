//! Members: the people of the organization, whether a roster, a person or a file named them.

use super::changes::{Decision, Kind, record};
use super::erasure::Salt;
use super::merging::{certain, match_certain};
use super::state::{State, Touched, add_address};
use super::{By, hold};
use crate::facts::draw_numbers;
use crate::sql::{Row, Tx, bind, clean};
use crate::{Store, StoreError};
use std::collections::{BTreeSet, HashMap};
use tacho_domain::people_file::{check_email, is_login};
use tacho_domain::person::normal_email;
use tacho_domain::{Day, IdentityKind, Instant, OrganizationId, SubjectId};

/// Who made a member known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MemberSource {
    /// A vendor's roster.
    Roster,
    /// A person.
    Hand,
    /// An imported file.
    File,
}

impl MemberSource {
    /// All sources.
    pub const ALL: [Self; 3] = [Self::Roster, Self::Hand, Self::File];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Roster => "roster",
            Self::Hand => "hand",
            Self::File => "file",
        }
    }
}

/// A person of the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Their number.
    pub id: SubjectId,
    /// Their name, where somebody gave one; a pseudonym once they are pseudonymised.
    pub name: Option<String>,
    /// Their e-mail address; `None` once they are pseudonymised.
    pub email: Option<String>,
    /// Their GitHub login in lower case, where a person or a file gave it.
    pub github_login: Option<String>,
    /// Who made them known.
    pub source: MemberSource,
    /// Their last day with the organization, where a person or a file gave it. Their history stays.
    pub left_on: Option<Day>,
    /// Pseudonymised for good.
    pub erased: bool,
    /// How many identities are theirs.
    pub identities: u32,
}

/// Which members of a list are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MemberState {
    /// Neither left nor pseudonymised.
    Present,
    /// Left, on whatever day.
    Left,
    /// Pseudonymised.
    Erased,
}

/// A page of members.
#[derive(Debug, Clone, Default)]
pub struct MemberFilter {
    /// A part of the name, the address, the login or an identity's label; empty asks for everybody.
    pub search: String,
    /// Those who were in the team on the day.
    pub team: Option<(i64, Day)>,
    /// How they stand.
    pub state: Option<MemberState>,
    /// Those after this one.
    pub after: Option<SubjectId>,
    /// How many at most.
    pub limit: usize,
}

/// What a person writes of a member.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewMember<'a> {
    /// Their e-mail address.
    pub email: &'a str,
    /// Their name; empty counts as none.
    pub name: Option<&'a str>,
    /// Their GitHub login; empty counts as none.
    pub github_login: Option<&'a str>,
    /// Their last day with the organization.
    pub left_on: Option<Day>,
}

/// What was written, ready to be stored.
pub(super) struct Written {
    pub(super) email: String,
    pub(super) name: Option<String>,
    pub(super) github_login: Option<String>,
    pub(super) left_on: Option<Day>,
}

impl NewMember<'_> {
    fn check(&self) -> Result<Written, StoreError> {
        let email = normal_email(&clean(self.email));
        check_email(&email).map_err(|what| StoreError::invalid(format!("`email` {what}")))?;
        let said = |text: Option<&str>| text.map(|text| clean(text).trim().to_owned()).filter(|text| !text.is_empty());
        let name = said(self.name);
        if name.as_ref().is_some_and(|name| name.chars().count() > 200 || name.chars().any(char::is_control)) {
            return Err(StoreError::invalid("`name` is longer than 200 characters or holds a line break"));
        }
        let github_login = said(self.github_login).map(|login| login.trim_start_matches('@').to_lowercase());
        if let Some(login) = github_login.as_deref().filter(|login| !is_login(login)) {
            return Err(StoreError::invalid(format!("`github_login` `{login}` is not a GitHub login")));
        }
        Ok(Written { email, name, github_login, left_on: self.left_on })
    }
}

impl Store {
    /// Every member, by number; those who turned out to be somebody else are left out.
    pub async fn list_members(&self, organization: OrganizationId) -> Result<Vec<Member>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let members = read_members(&mut tx, organization).await?;
        tx.commit().await?;
        Ok(members)
    }

    /// The member of that number.
    pub async fn find_member(&self, organization: OrganizationId, id: SubjectId) -> Result<Option<Member>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let member = read_member(&mut tx, organization, id.0).await?;
        tx.commit().await?;
        Ok(member)
    }

    /// A page of members, by number.
    pub async fn page_members(&self, organization: OrganizationId, filter: &MemberFilter) -> Result<Vec<Member>, StoreError> {
        let mut tx = self.begin_reading().await?;
        // Compared here, because the engines fold the case of other letters than A to Z differently.
        let mut members = read_members(&mut tx, organization).await?;
        let search = filter.search.trim().to_lowercase();
        if !search.is_empty() {
            let labels = labels(&mut tx, organization).await?;
            members.retain(|member| {
                let own = [&member.name, &member.email, &member.github_login].into_iter().flatten();
                let labels = labels.get(&member.id.0).into_iter().flatten();
                own.chain(labels).any(|text| text.to_lowercase().contains(&search))
            });
        }
        if let Some((team, day)) = filter.team {
            let directory = self.read_directory(&mut tx, organization).await?;
            let of_team = super::team_members::read(&mut tx, organization, &directory, team, day).await?;
            let of_team: BTreeSet<SubjectId> = of_team.into_iter().map(|member| member.id).collect();
            members.retain(|member| of_team.contains(&member.id));
        }
        tx.commit().await?;
        let state = |member: &Member| match (member.erased, member.left_on) {
            (true, _) => MemberState::Erased,
            (false, Some(_)) => MemberState::Left,
            (false, None) => MemberState::Present,
        };
        members.retain(|member| filter.state.is_none_or(|wanted| wanted == state(member)));
        members.retain(|member| filter.after.is_none_or(|after| member.id > after));
        members.truncate(filter.limit);
        Ok(members)
    }

    /// Adds a member by hand, and matches the identities that are certainly theirs.
    ///
    /// # Errors
    /// When the address is no address, somebody else's, or was pseudonymised, or the login is somebody else's.
    pub async fn add_member(
        &self,
        organization: OrganizationId,
        new: &NewMember<'_>,
        by: By,
        now: Instant,
    ) -> Result<SubjectId, StoreError> {
        let written = new.check()?;
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        check_free(&mut tx, organization, None, &written).await?;
        let mut touched = Touched::default();
        touched.addresses.insert(written.email.clone());
        touched.identities = certain(&mut tx, organization, None, &written).await?;
        let before = State::read(&mut tx, organization, &touched).await?;
        let id = insert(&mut tx, organization, &written, MemberSource::Hand).await?;
        touched.members.insert(id);
        match_certain(&mut tx, organization, id, &written).await?;
        let decision = Decision::of_member(Kind::Add, id, None);
        record(&mut tx, organization, &decision, Some((&touched, &before)), (by, now)).await?;
        tx.commit().await?;
        Ok(SubjectId(id))
    }

    /// Changes what is written of a member. Their former address still means them when a roster gives it. Gives whether
    /// there is such a member.
    ///
    /// # Errors
    /// As for adding one, and for a member who was pseudonymised.
    pub async fn put_member(
        &self,
        organization: OrganizationId,
        id: SubjectId,
        new: &NewMember<'_>,
        by: By,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let written = new.check()?;
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        let Some(member) = read_member(&mut tx, organization, id.0).await? else { return Ok(false) };
        if member.erased {
            return Err(StoreError::invalid("this member was pseudonymised for good: nothing can be written of them"));
        }
        check_free(&mut tx, organization, Some(id.0), &written).await?;
        let mut touched = Touched::default();
        touched.members.insert(id.0);
        touched.addresses.extend([written.email.clone()].into_iter().chain(member.email.clone()));
        touched.identities = certain(&mut tx, organization, Some(id.0), &written).await?;
        let before = State::read(&mut tx, organization, &touched).await?;
        update(&mut tx, organization, &member, &written).await?;
        match_certain(&mut tx, organization, id.0, &written).await?;
        let decision = Decision::of_member(Kind::Change, id.0, None);
        record(&mut tx, organization, &decision, Some((&touched, &before)), (by, now)).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Refuses what belongs to somebody else.
pub(super) async fn check_free(
    tx: &mut Tx,
    organization: OrganizationId,
    own: Option<u32>,
    written: &Written,
) -> Result<(), StoreError> {
    let email = &written.email;
    let sql = "select coalesce(merged_into, id), merged_into from members where organization_id = $1 and email = $2";
    if let Some(row) = tx.find(sql, bind![organization, email.as_str()]).await?
        && (Some(row.number(0)?) != own || row.maybe_int(1)?.is_some())
    {
        return Err(StoreError::invalid(format!("`email` `{email}` is another member's: change or merge that one")));
    }
    if let Some(salt) = Salt::find(tx, organization).await?
        && salt.member_of(tx, organization, IdentityKind::Email, email).await?.is_some()
    {
        return Err(StoreError::invalid("`email` was pseudonymised for good: no member is made of it again"));
    }
    let Some(login) = &written.github_login else { return Ok(()) };
    let sql = "select coalesce(merged_into, id) from members where organization_id = $1 and github_login = $2";
    for row in tx.fetch(sql, bind![organization, login.as_str()]).await? {
        if Some(row.number(0)?) != own {
            return Err(StoreError::invalid(format!("`github_login` `{login}` is another member's: change or merge that one")));
        }
    }
    Ok(())
}

/// Makes a member; the address is theirs alone from now on.
pub(super) async fn insert(
    tx: &mut Tx,
    organization: OrganizationId,
    written: &Written,
    source: MemberSource,
) -> Result<u32, StoreError> {
    forget_address(tx, organization, &written.email).await?;
    let number = draw_numbers(tx, organization, 1).await?;
    let id = u32::try_from(number).map_err(|_| StoreError::damaged("organizations", "next_number", organization.0, "used up"))?;
    tx.execute(
        "insert into members (organization_id, id, email, name, name_decided, github_login, left_on, source)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        bind![
            organization,
            id,
            written.email.as_str(),
            written.name.as_deref(),
            written.name.is_some(),
            written.github_login.as_deref(),
            written.left_on,
            source.as_str()
        ],
    )
    .await?;
    Ok(id)
}

/// Writes what changed; a name that was left as it is stays the roster's.
pub(super) async fn update(
    tx: &mut Tx,
    organization: OrganizationId,
    member: &Member,
    written: &Written,
) -> Result<(), StoreError> {
    forget_address(tx, organization, &written.email).await?;
    tx.execute(
        "update members set email = $3, name_decided = case when $4 = coalesce(name, '') then name_decided else 1 end,
         name = nullif($4, ''), github_login = $5, left_on = $6 where organization_id = $1 and id = $2",
        bind![
            organization,
            member.id,
            written.email.as_str(),
            written.name.as_deref().unwrap_or_default(),
            written.github_login.as_deref(),
            written.left_on
        ],
    )
    .await?;
    if let Some(former) = member.email.as_ref().filter(|former| **former != written.email) {
        add_address(tx, organization, former, member.id.0).await?;
    }
    Ok(())
}

async fn forget_address(tx: &mut Tx, organization: OrganizationId, email: &str) -> Result<(), StoreError> {
    let sql = "delete from member_addresses where organization_id = $1 and email = $2";
    tx.execute(sql, bind![organization, email]).await.map(drop)
}

const MEMBER: &str = "m.id, m.name, m.email, m.github_login, m.source, m.left_on, m.erased, count(i.id)
    from members m left join identities i on i.organization_id = m.organization_id and i.member_id = m.id
    where m.organization_id = $1 and m.merged_into is null";
const OF_MEMBER: &str = "group by m.id, m.name, m.email, m.github_login, m.source, m.left_on, m.erased";

pub(super) async fn read_members(tx: &mut Tx, organization: OrganizationId) -> Result<Vec<Member>, StoreError> {
    let rows = tx.fetch(format!("select {MEMBER} {OF_MEMBER} order by m.id"), bind![organization]).await?;
    rows.iter().map(member).collect()
}

pub(super) async fn read_member(tx: &mut Tx, organization: OrganizationId, id: u32) -> Result<Option<Member>, StoreError> {
    let row = tx.find(format!("select {MEMBER} and m.id = $2 {OF_MEMBER}"), bind![organization, id]).await?;
    row.as_ref().map(member).transpose()
}

fn member(row: &Row) -> Result<Member, StoreError> {
    let id = SubjectId(row.number(0)?);
    let source = row.text(4)?;
    let source = MemberSource::ALL
        .into_iter()
        .find(|known| known.as_str() == source)
        .ok_or_else(|| StoreError::damaged("members", "source", id.0, format!("`{source}`")))?;
    Ok(Member {
        id,
        name: row.maybe_text(1)?,
        email: row.maybe_text(2)?,
        github_login: row.maybe_text(3)?,
        source,
        left_on: row.maybe_day(5)?,
        erased: row.int(6)? != 0,
        identities: row.number(7)?,
    })
}

/// The labels of each member's identities.
async fn labels(tx: &mut Tx, organization: OrganizationId) -> Result<HashMap<u32, Vec<String>>, StoreError> {
    let sql = "select member_id, label from identities where organization_id = $1 and member_id is not null";
    let mut labels: HashMap<u32, Vec<String>> = HashMap::new();
    for row in tx.fetch(sql, bind![organization]).await? {
        labels.entry(row.number(0)?).or_default().push(row.text(1)?);
    }
    Ok(labels)
}
