//! Members come from rosters, and identities are matched to them by e-mail address. What a person decided stays, and of
//! those who were pseudonymised nothing is written.

use super::draw_numbers;
use crate::StoreError;
use crate::people::{MatchKind, Salt, pseudonymise};
use crate::sql::{LIST, Tx, Value, bind, clean, list_of};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use tacho_domain::person::normal_email;
use tacho_domain::{IdentityKind, IntegrationId, OrganizationId, PersonFact};

/// What a roster changes; empty when everyone is matched already.
#[derive(Default)]
struct Plan {
    /// Address and name of members to make.
    joining: Vec<(String, Option<String>)>,
    /// Members who get a name.
    naming: Vec<(u32, String)>,
    /// Identities to match: their number, the member's address, whether by this roster (else by their own address).
    matching: Vec<(u32, String, bool)>,
}

struct StoredMember {
    id: u32,
    name: Option<String>,
    name_from: Option<i64>,
    /// A person wrote the name, or it is a pseudonym, or the address is only a former one or of somebody who was merged.
    named: bool,
}

impl StoredMember {
    fn may_be_named_by(&self, integration: IntegrationId) -> bool {
        !self.named && (self.name.is_none() || self.name_from == Some(integration.0))
    }
}

/// Makes and names members, and matches identities: the person's own and the one of the e-mail address.
/// An identity or a name that another roster gave is left as it is, so that two rosters never take turns. Gives the
/// identities of which nothing may be written.
pub(crate) async fn match_people(
    tx: &mut Tx,
    organization: OrganizationId,
    integration: IntegrationId,
    people: &BTreeMap<u32, &PersonFact>,
) -> Result<BTreeSet<u32>, StoreError> {
    let salt = Salt::find(tx, organization).await?;
    let erased = match &salt {
        Some(salt) => veil(tx, organization, salt, people).await?,
        None => BTreeSet::new(),
    };
    let mut wanted: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut address_of: HashMap<u32, String> = HashMap::new();
    for (&identity, person) in people.iter().filter(|(identity, _)| !erased.contains(identity)) {
        let Some(email) = address(person) else { continue };
        let name = person.name.as_deref().map(|name| clean(name).trim().to_owned()).filter(|name| !name.is_empty());
        let known = wanted.entry(email.clone()).or_default();
        *known = known.take().or(name);
        address_of.insert(identity, email);
    }
    let (plan, _) = plan(tx, organization, integration, &wanted, &address_of).await?;
    if plan.joining.is_empty() && plan.naming.is_empty() && plan.matching.is_empty() {
        return Ok(erased);
    }
    let drawn = plan.joining.len();
    let first = draw_numbers(tx, organization, drawn).await?;
    // Only now, with the organization's row held, does what was read stay true.
    let (plan, mut members) = self::plan(tx, organization, integration, &wanted, &address_of).await?;
    insert(tx, organization, integration, first, &plan.joining, &mut members).await?;
    rename(tx, organization, integration, &plan.naming).await?;
    link(tx, organization, integration, &plan.matching, &members).await?;
    Ok(erased)
}

/// The address by which a person is known.
fn address(person: &PersonFact) -> Option<String> {
    let own = (person.identity.kind == IdentityKind::Email).then_some(&person.identity.key);
    person.email.as_ref().or(own).map(|email| normal_email(&clean(email))).filter(|email| !email.is_empty())
}

/// The people of the roster who were pseudonymised, by their identity or by their address; in the latter case an identity
/// that is new is theirs and gets a pseudonym at once.
async fn veil(
    tx: &mut Tx,
    organization: OrganizationId,
    salt: &Salt,
    people: &BTreeMap<u32, &PersonFact>,
) -> Result<BTreeSet<u32>, StoreError> {
    let mut erased = BTreeSet::new();
    let sql = "select id from identities where organization_id = $1 and erased = 1";
    for row in tx.fetch(sql, bind![organization]).await? {
        erased.insert(row.number(0)?);
    }
    let others = people.iter().filter(|(identity, _)| !erased.contains(identity));
    let addressed: Vec<(u32, String)> = others.filter_map(|(identity, person)| Some((*identity, address(person)?))).collect();
    let keys: Vec<(IdentityKind, &str)> = addressed.iter().map(|(_, email)| (IdentityKind::Email, email.as_str())).collect();
    let found = salt.look_up(tx, organization, &keys).await?;
    for ((identity, _), key) in addressed.iter().zip(found) {
        let Some(key) = key else { continue };
        draw_numbers(tx, organization, 0).await?;
        // Of somebody whom a person decided upon, the decision stays; the roster's words are left out all the same.
        let sql = "update identities set member_id = $3, member_from = null, how = $4
                   where organization_id = $1 and id = $2 and decided_at is null";
        if tx.execute(sql, bind![organization, *identity, key.member, MatchKind::ByRoster.as_str()]).await? > 0 {
            pseudonymise(tx, organization, salt, &BTreeSet::from([*identity]), key.member).await?;
        }
        erased.insert(*identity);
    }
    erased.retain(|identity| people.contains_key(identity));
    Ok(erased)
}

async fn plan(
    tx: &mut Tx,
    organization: OrganizationId,
    integration: IntegrationId,
    wanted: &BTreeMap<String, Option<String>>,
    address_of: &HashMap<u32, String>,
) -> Result<(Plan, HashMap<String, StoredMember>), StoreError> {
    let members = stored_members(tx, organization, wanted).await?;
    let mut plan = Plan::default();
    for (email, name) in wanted {
        match (members.get(email), name) {
            (None, name) => plan.joining.push((email.clone(), name.clone())),
            (Some(member), Some(name)) if member.name.as_ref() != Some(name) && member.may_be_named_by(integration) => {
                plan.naming.push((member.id, name.clone()));
            }
            _ => {}
        }
    }
    let mut seen = HashSet::new();
    for row in stored_identities(tx, organization, wanted, address_of).await? {
        let (id, kind, key, member, from) = (row.number(0)?, row.text(1)?, row.text(2)?, row.maybe_int(3)?, row.maybe_int(4)?);
        if row.int(5)? != 0 {
            continue;
        }
        let by_own_address = kind == IdentityKind::Email.as_str() && wanted.contains_key(&key);
        let Some(email) = (if by_own_address { Some(&key) } else { address_of.get(&id) }) else { continue };
        let same = member.is_some() && member == members.get(email).map(|member| i64::from(member.id));
        let free = member.is_none() || by_own_address || from == Some(integration.0);
        if !same && free && seen.insert(id) {
            plan.matching.push((id, email.clone(), !by_own_address));
        }
    }
    plan.matching.sort_unstable();
    Ok((plan, members))
}

async fn stored_members(
    tx: &mut Tx,
    organization: OrganizationId,
    wanted: &BTreeMap<String, Option<String>>,
) -> Result<HashMap<String, StoredMember>, StoreError> {
    let emails: Vec<&str> = wanted.keys().map(String::as_str).collect();
    let mut members = HashMap::with_capacity(emails.len());
    // Former addresses, and those of members who were merged, lead to whom they mean.
    for (email, id) in super::identities::members_by_email(tx, organization, &emails).await? {
        members.insert(email, StoredMember { id, name: None, name_from: None, named: true });
    }
    for chunk in emails.chunks(LIST) {
        let mut values = bind![organization].to_vec();
        values.extend(chunk.iter().map(|email| Value::from(*email)));
        let list = list_of(2, &mut values);
        let sql = format!(
            "select email, id, name, name_from, name_decided from members
             where organization_id = $1 and merged_into is null and email in ({list})"
        );
        for row in tx.fetch(sql, &values).await? {
            let (id, name, name_from) = (row.number(1)?, row.maybe_text(2)?, row.maybe_int(3)?);
            members.insert(row.text(0)?, StoredMember { id, name, name_from, named: row.int(4)? != 0 });
        }
    }
    Ok(members)
}

/// 1 where a person decided, or a pseudonym is there for good.
const DECIDED: &str = "cast(case when decided_at is null and erased = 0 then 0 else 1 end as bigint)";

/// The identities that the roster names, and those whose key is one of the addresses.
async fn stored_identities(
    tx: &mut Tx,
    organization: OrganizationId,
    wanted: &BTreeMap<String, Option<String>>,
    address_of: &HashMap<u32, String>,
) -> Result<Vec<crate::sql::Row>, StoreError> {
    let mut rows = Vec::new();
    let mut ids: Vec<u32> = address_of.keys().copied().collect();
    ids.sort_unstable();
    for chunk in ids.chunks(LIST) {
        let mut values = bind![organization].to_vec();
        values.extend(chunk.iter().map(|id| Value::from(*id)));
        let list = list_of(2, &mut values);
        let sql = format!(
            "select id, kind, key, member_id, member_from, {DECIDED} from identities where organization_id = $1 and id in ({list})"
        );
        rows.extend(tx.fetch(sql, &values).await?);
    }
    let emails: Vec<&String> = wanted.keys().collect();
    for chunk in emails.chunks(LIST) {
        let mut values = bind![organization, IdentityKind::Email.as_str()].to_vec();
        values.extend(chunk.iter().map(|email| Value::from(email.as_str())));
        let list = list_of(3, &mut values);
        let sql = format!(
            "select id, kind, key, member_id, member_from, {DECIDED} from identities where organization_id = $1 and kind = $2 and key in ({list})"
        );
        rows.extend(tx.fetch(sql, &values).await?);
    }
    Ok(rows)
}

async fn insert(
    tx: &mut Tx,
    organization: OrganizationId,
    integration: IntegrationId,
    first: i64,
    joining: &[(String, Option<String>)],
    members: &mut HashMap<String, StoredMember>,
) -> Result<(), StoreError> {
    let mut loader = tx.loader("members", &["organization_id", "id", "email", "name", "name_from"]);
    for (place, (email, name)) in joining.iter().enumerate() {
        let number = first + i64::try_from(place).unwrap_or(i64::MAX);
        let id =
            u32::try_from(number).map_err(|_| StoreError::damaged("organizations", "next_number", organization.0, "used up"))?;
        loader.int(organization.0)?;
        loader.int(number)?;
        loader.text(email.as_str())?;
        loader.text(name.as_deref())?;
        loader.int(name.as_ref().map(|_| integration.0))?;
        loader.end_row().await?;
        members.insert(email.clone(), StoredMember { id, name: name.clone(), name_from: Some(integration.0), named: false });
    }
    loader.finish().await.map(drop)
}

async fn rename(
    tx: &mut Tx,
    organization: OrganizationId,
    integration: IntegrationId,
    naming: &[(u32, String)],
) -> Result<(), StoreError> {
    for chunk in naming.chunks(LIST / 2) {
        let mut values = bind![organization, integration].to_vec();
        let mut rows = Vec::with_capacity(chunk.len());
        for (id, name) in chunk {
            rows.push(format!("(${}, ${})", values.len() + 1, values.len() + 2));
            values.extend([Value::from(*id), Value::from(name.as_str())]);
        }
        let sql = format!(
            "with fresh (id, name) as (values {})
             update members set name = fresh.name, name_from = $2 from fresh
             where organization_id = $1 and members.id = fresh.id",
            rows.join(",")
        );
        tx.execute(sql, &values).await?;
    }
    Ok(())
}

async fn link(
    tx: &mut Tx,
    organization: OrganizationId,
    integration: IntegrationId,
    matching: &[(u32, String, bool)],
    members: &HashMap<String, StoredMember>,
) -> Result<(), StoreError> {
    for chunk in matching.chunks(LIST / 3) {
        let mut values = bind![organization].to_vec();
        let mut rows = Vec::with_capacity(chunk.len());
        for (identity, email, by_roster) in chunk {
            let member = members
                .get(email)
                .ok_or_else(|| StoreError::damaged("members", "email", identity, "vanished while it was matched"))?;
            rows.push(format!("(${}, ${}, ${})", values.len() + 1, values.len() + 2, values.len() + 3));
            values.extend([Value::from(*identity), Value::from(member.id), Value::from(by_roster.then_some(integration.0))]);
        }
        let sql = format!(
            "with fresh (id, member_id, member_from) as (values {})
             update identities set member_id = fresh.member_id, member_from = fresh.member_from,
                    how = case when fresh.member_from is null then 'by_address' else 'by_roster' end from fresh
             where organization_id = $1 and identities.id = fresh.id",
            rows.join(",")
        );
        tx.execute(sql, &values).await?;
    }
    Ok(())
}
