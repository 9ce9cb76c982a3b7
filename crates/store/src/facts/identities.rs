//! Which number an identity has: from memory, else from the table, else a new one.

use super::draw_numbers;
use crate::people::{MatchKind, Salt, pseudonymise};
use crate::sql::{LIST, Tx, Value, bind, clean, list_of};
use crate::{Engine, SliceWrite, StoreError};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tacho_domain::matching::login_of;
use tacho_domain::{Day, Fact, IdentityKind, IdentityRef, OrganizationId, WHOLE_ORGANIZATION};

/// Identities are never deleted and keep their numbers, so what a committed transaction saw may be remembered. Nothing is
/// put in before its commit: a transaction that is rolled back leaves no trace.
#[derive(Default)]
pub(crate) struct IdentityCache(Mutex<HashMap<OrganizationId, Arc<Known>>>);

#[derive(Clone, Default)]
pub(crate) struct Known([HashMap<String, Identity>; IdentityKind::ALL.len()]);

#[derive(Debug, Clone)]
struct Identity {
    id: u32,
    label: String,
    label_day: Day,
}

/// The identities of a slice's facts.
pub(crate) struct Resolved {
    /// For each fact the number of its identity; 0 where it names nobody.
    pub(crate) ids: Vec<u32>,
    /// To be remembered once the transaction has committed.
    learned: Vec<(IdentityKind, String, Identity)>,
}

impl IdentityCache {
    pub(crate) fn of(&self, organization: OrganizationId) -> Arc<Known> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(organization).or_default().clone()
    }

    /// Forgets an organization's keys and labels: some of them are to be known no more.
    pub(crate) fn forget(&self, organization: OrganizationId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&organization);
    }

    /// Remembers what a committed transaction resolved.
    pub(crate) fn learn(&self, organization: OrganizationId, resolved: Resolved) {
        if resolved.learned.is_empty() {
            return;
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = Arc::make_mut(all.entry(organization).or_default());
        for (kind, key, identity) in resolved.learned {
            known.0[kind as usize].insert(key, identity);
        }
    }
}

/// A reference that memory does not know, or knows by another label.
struct Open<'f> {
    reference: &'f IdentityRef,
    key: Cow<'f, str>,
    label: Cow<'f, str>,
    found: Option<Identity>,
    facts: Vec<usize>,
}

fn identity_of(fact: &Fact) -> Option<&IdentityRef> {
    match fact {
        Fact::Usage(fact) => Some(&fact.identity),
        Fact::Split(fact) => Some(&fact.identity),
        Fact::Seat(fact) => Some(&fact.identity),
        Fact::Person(fact) => Some(&fact.identity),
        Fact::Team(fact) => Some(&fact.identity),
        Fact::Cost(fact) => fact.identity.as_ref(),
        Fact::Hours(fact) => Some(&fact.identity),
        Fact::PullRequest(fact) => fact.author.as_ref(),
        Fact::CommitRecord(fact) => fact.identity.as_ref(),
        Fact::Total(_) | Fact::Deployment(_) | Fact::ChangedFiles(_) | Fact::PullCommits(_) => None,
    }
}

/// Numbers every fact's identity; new ones are inserted, newer labels noted.
pub(crate) async fn resolve(
    tx: &mut Tx,
    known: &Known,
    organization: OrganizationId,
    write: &SliceWrite<'_>,
) -> Result<Resolved, StoreError> {
    let (mut ids, mut open) = look_up(known, write);
    let mut missing: Vec<usize> = (0..open.len()).filter(|&place| open[place].found.is_none()).collect();
    find_stored(tx, organization, &mut open, &missing).await?;
    missing.retain(|&place| open[place].found.is_none());
    let salt = if missing.is_empty() { None } else { Salt::find(tx, organization).await? };
    if let Some(salt) = &salt {
        find_erased(tx, organization, salt, &mut open, &missing).await?;
        missing.retain(|&place| open[place].found.is_none());
    }
    if !missing.is_empty() {
        let first = draw_numbers(tx, organization, missing.len()).await?;
        if tx.engine() == Engine::Postgres {
            // Another transaction may have inserted some of them before it let go of the organization's row.
            find_stored(tx, organization, &mut open, &missing).await?;
            missing.retain(|&place| open[place].found.is_none());
        }
        insert(tx, organization, first, write.day, &mut open, &missing).await?;
        if let Some(salt) = &salt {
            veil(tx, organization, salt, &open, &missing).await?;
        }
    }
    relabel(tx, organization, write.day, &mut open).await?;
    let mut learned = Vec::with_capacity(open.len());
    for open in open {
        let Some(identity) = open.found else { continue };
        open.facts.iter().for_each(|&fact| ids[fact] = identity.id);
        learned.push((open.reference.kind, open.key.into_owned(), identity));
    }
    Ok(Resolved { ids, learned })
}

fn look_up<'f>(known: &Known, write: &SliceWrite<'f>) -> (Vec<u32>, Vec<Open<'f>>) {
    let mut ids = vec![WHOLE_ORGANIZATION.0; write.facts.len()];
    let mut open: Vec<Open<'f>> = Vec::new();
    let mut places: HashMap<(IdentityKind, Cow<'f, str>), usize> = HashMap::new();
    let mut last: Option<(&IdentityRef, u32)> = None;
    for (place, fact) in write.facts.iter().enumerate() {
        let Some(reference) = identity_of(fact) else { continue };
        if reference.kind == IdentityKind::Organization {
            continue;
        }
        // A reader gives the splits of an identity after its usage.
        if let Some((before, id)) = last
            && before == reference
        {
            ids[place] = id;
            continue;
        }
        let (key, label) = (clean(&reference.key), clean(&reference.label));
        let found = known.0[reference.kind as usize].get(key.as_ref());
        match found {
            Some(identity) if !is_newer(identity, &label, write.day) => {
                ids[place] = identity.id;
                last = Some((reference, identity.id));
            }
            _ => {
                let found = found.cloned();
                let at = *places.entry((reference.kind, key.clone())).or_insert_with(|| {
                    open.push(Open { reference, key, label, found, facts: Vec::new() });
                    open.len() - 1
                });
                open[at].facts.push(place);
            }
        }
    }
    (ids, open)
}

fn is_newer(identity: &Identity, label: &str, day: Day) -> bool {
    identity.label != label && day > identity.label_day && !label.is_empty()
}

async fn find_stored(
    tx: &mut Tx,
    organization: OrganizationId,
    open: &mut [Open<'_>],
    missing: &[usize],
) -> Result<(), StoreError> {
    for kind in IdentityKind::ALL {
        let of_kind: Vec<usize> = missing.iter().copied().filter(|&place| open[place].reference.kind == kind).collect();
        for chunk in of_kind.chunks(LIST) {
            let mut values = bind![organization, kind.as_str()].to_vec();
            values.extend(chunk.iter().map(|&place| Value::from(open[place].key.as_ref())));
            let keys = list_of(3, &mut values);
            let rows = tx
                .fetch(
                    format!("select key, id, label, label_day from identities where organization_id = $1 and kind = $2 and key in ({keys})"),
                    &values,
                )
                .await?;
            let mut stored = HashMap::with_capacity(rows.len());
            for row in rows {
                stored.insert(row.text(0)?, Identity { id: row.number(1)?, label: row.text(2)?, label_day: row.day(3)? });
            }
            for &place in chunk {
                open[place].found = stored.remove(open[place].key.as_ref());
            }
        }
    }
    Ok(())
}

/// Finds identities whose keys are known as hashes only.
async fn find_erased(
    tx: &mut Tx,
    organization: OrganizationId,
    salt: &Salt,
    open: &mut [Open<'_>],
    missing: &[usize],
) -> Result<(), StoreError> {
    let keys: Vec<(IdentityKind, &str)> =
        missing.iter().map(|&place| (open[place].reference.kind, open[place].key.as_ref())).collect();
    let found = salt.look_up(tx, organization, &keys).await?;
    for (&place, erased) in missing.iter().zip(found) {
        let open = &mut open[place];
        if let Some(id) = erased.and_then(|erased| erased.identity) {
            // Its label is a pseudonym that no day renews.
            open.found = Some(Identity { id, label: open.label.clone().into_owned(), label_day: Day(i32::MAX) });
        }
    }
    Ok(())
}

/// Pseudonymises new identities of those who were pseudonymised before: by their address or their GitHub login.
async fn veil(
    tx: &mut Tx,
    organization: OrganizationId,
    salt: &Salt,
    open: &[Open<'_>],
    inserted: &[usize],
) -> Result<(), StoreError> {
    for &place in inserted {
        let open = &open[place];
        let (kind, Some(identity)) = (open.reference.kind, &open.found) else { continue };
        let member = match login_of(kind, &open.key, &open.label) {
            Some(login) => salt.member_of(tx, organization, IdentityKind::GithubLogin, &login).await?,
            None if kind == IdentityKind::Email => salt.member_of(tx, organization, kind, &open.key).await?,
            None => None,
        };
        if let Some(member) = member {
            let sql = "update identities set member_id = $3, member_from = null, how = $4 where organization_id = $1 and id = $2";
            let how = if kind == IdentityKind::Email { MatchKind::ByAddress } else { MatchKind::ByLogin };
            tx.execute(sql, bind![organization, identity.id, member, how.as_str()]).await?;
            pseudonymise(tx, organization, salt, &BTreeSet::from([identity.id]), member).await?;
        }
    }
    Ok(())
}

async fn insert(
    tx: &mut Tx,
    organization: OrganizationId,
    first: i64,
    day: Day,
    open: &mut [Open<'_>],
    missing: &[usize],
) -> Result<(), StoreError> {
    let of_kind =
        |kind: fn(IdentityKind) -> bool| missing.iter().map(|&place| &open[place]).filter(move |o| kind(o.reference.kind));
    let emails: Vec<&str> = of_kind(|kind| kind == IdentityKind::Email).map(|open| open.key.as_ref()).collect();
    let emails = members_by_email(tx, organization, &emails).await?;
    let logins: Vec<String> = of_kind(|kind| matches!(kind, IdentityKind::GithubId | IdentityKind::GithubLogin))
        .filter_map(|open| login_of(open.reference.kind, &open.key, &open.label))
        .collect();
    let logins = members_by_login(tx, organization, &logins).await?;
    let columns = ["organization_id", "id", "kind", "key", "label", "label_day", "member_id", "how"];
    let mut loader = tx.loader("identities", &columns);
    for (place, &missing) in missing.iter().enumerate() {
        let open = &mut open[missing];
        let number = first + i64::try_from(place).unwrap_or(i64::MAX);
        let id =
            u32::try_from(number).map_err(|_| StoreError::damaged("organizations", "next_number", organization.0, "used up"))?;
        let (member, how) = match login_of(open.reference.kind, &open.key, &open.label) {
            Some(login) => (logins.get(&login), MatchKind::ByLogin),
            None if open.reference.kind == IdentityKind::Email => (emails.get(open.key.as_ref()), MatchKind::ByAddress),
            None => (None, MatchKind::Unmatched),
        };
        let how = if member.is_some() { how } else { MatchKind::Unmatched };
        loader.int(organization.0)?;
        loader.int(number)?;
        loader.text(open.reference.kind.as_str())?;
        loader.text(open.key.as_ref())?;
        loader.text(open.label.as_ref())?;
        loader.int(i64::from(day.0))?;
        loader.int(member.copied().map(i64::from))?;
        loader.text(how.as_str())?;
        loader.end_row().await?;
        open.found = Some(Identity { id, label: open.label.clone().into_owned(), label_day: day });
    }
    loader.finish().await.map(drop)
}

/// The members who have these addresses, or had them once, or are merged with those who have them.
pub(super) async fn members_by_email(
    tx: &mut Tx,
    organization: OrganizationId,
    emails: &[&str],
) -> Result<HashMap<String, u32>, StoreError> {
    let mut members = HashMap::new();
    for chunk in emails.chunks(LIST) {
        let mut values = bind![organization].to_vec();
        values.extend(chunk.iter().map(|email| Value::from(*email)));
        let list = list_of(2, &mut values);
        for sql in [
            format!(
                "select a.email, coalesce(m.merged_into, m.id) from member_addresses a
                 join members m on m.organization_id = a.organization_id and m.id = a.member_id
                 where a.organization_id = $1 and a.email in ({list})"
            ),
            format!("select email, coalesce(merged_into, id) from members where organization_id = $1 and email in ({list})"),
        ] {
            for row in tx.fetch(sql, &values).await? {
                members.insert(row.text(0)?, row.number(1)?);
            }
        }
    }
    Ok(members)
}

/// The members whose records name these GitHub logins.
async fn members_by_login(
    tx: &mut Tx,
    organization: OrganizationId,
    logins: &[String],
) -> Result<HashMap<String, u32>, StoreError> {
    let mut members = HashMap::new();
    for chunk in logins.chunks(LIST) {
        let mut values = bind![organization].to_vec();
        values.extend(chunk.iter().map(|login| Value::from(login.as_str())));
        let list = list_of(2, &mut values);
        let sql = format!(
            "select github_login, coalesce(merged_into, id) from members
             where organization_id = $1 and github_login in ({list}) order by id desc"
        );
        for row in tx.fetch(sql, &values).await? {
            members.insert(row.text(0)?, row.number(1)?);
        }
    }
    Ok(members)
}

/// Logins change while ids stay: the newest day's label is shown. All changed labels go in one statement.
async fn relabel(tx: &mut Tx, organization: OrganizationId, day: Day, open: &mut [Open<'_>]) -> Result<(), StoreError> {
    let mut stale: Vec<(&mut Identity, &str)> = open
        .iter_mut()
        .filter_map(|open| Some((open.found.as_mut()?, open.label.as_ref())))
        .filter(|(identity, label)| is_newer(identity, label, day))
        .collect();
    for chunk in stale.chunks_mut(LIST / 2) {
        let mut values = bind![organization, day].to_vec();
        let mut rows = Vec::with_capacity(chunk.len());
        for (identity, label) in chunk.iter_mut() {
            rows.push(format!("(${}, ${})", values.len() + 1, values.len() + 2));
            values.extend([Value::from(identity.id), Value::from(*label)]);
            **identity = Identity { id: identity.id, label: (*label).to_owned(), label_day: day };
        }
        let sql = format!(
            "with fresh (id, label) as (values {})
             update identities set label = fresh.label, label_day = $2 from fresh
             where organization_id = $1 and identities.id = fresh.id and label_day < $2
               and identities.erased = 0",
            rows.join(",")
        );
        tx.execute(sql, &values).await?;
    }
    Ok(())
}
