//! Members come from rosters, and identities are matched to them by e-mail address.

use super::draw_numbers;
use crate::StoreError;
use crate::sql::{LIST, Tx, Value, bind, clean, list_of};
use std::collections::{BTreeMap, HashMap, HashSet};
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
}

impl StoredMember {
    fn may_be_named_by(&self, integration: IntegrationId) -> bool {
        self.name.is_none() || self.name_from == Some(integration.0)
    }
}

/// Makes and names members, and matches identities: the person's own and the one of the e-mail address.
/// An identity or a name that another roster gave is left as it is, so that two rosters never take turns.
pub(crate) async fn match_people(
    tx: &mut Tx,
    organization: OrganizationId,
    integration: IntegrationId,
    people: &BTreeMap<u32, &PersonFact>,
) -> Result<(), StoreError> {
    let mut wanted: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut address_of: HashMap<u32, String> = HashMap::new();
    for (&identity, person) in people {
        let own = (person.identity.kind == IdentityKind::Email).then_some(&person.identity.key);
        let Some(email) =
            person.email.as_ref().or(own).map(|email| normal_email(&clean(email))).filter(|email| !email.is_empty())
        else {
            continue;
        };
        let name = person.name.as_deref().map(|name| clean(name).trim().to_owned()).filter(|name| !name.is_empty());
        let known = wanted.entry(email.clone()).or_default();
        *known = known.take().or(name);
        address_of.insert(identity, email);
    }
    let (plan, _) = plan(tx, organization, integration, &wanted, &address_of).await?;
    if plan.joining.is_empty() && plan.naming.is_empty() && plan.matching.is_empty() {
        return Ok(());
    }
    let drawn = plan.joining.len();
    let first = draw_numbers(tx, organization, drawn).await?;
    // Only now, with the organization's row held, does what was read stay true.
    let (plan, mut members) = self::plan(tx, organization, integration, &wanted, &address_of).await?;
    insert(tx, organization, integration, first, &plan.joining, &mut members).await?;
    rename(tx, organization, integration, &plan.naming).await?;
    link(tx, organization, integration, &plan.matching, &members).await
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
    let emails: Vec<&String> = wanted.keys().collect();
    let mut members = HashMap::with_capacity(emails.len());
    for chunk in emails.chunks(LIST) {
        let mut values = bind![organization].to_vec();
        values.extend(chunk.iter().map(|email| Value::from(email.as_str())));
        let list = list_of(2, &mut values);
        let sql = format!("select email, id, name, name_from from members where organization_id = $1 and email in ({list})");
        for row in tx.fetch(sql, &values).await? {
            members.insert(
                row.text(0)?,
                StoredMember { id: row.number(1)?, name: row.maybe_text(2)?, name_from: row.maybe_int(3)? },
            );
        }
    }
    Ok(members)
}

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
        let sql =
            format!("select id, kind, key, member_id, member_from from identities where organization_id = $1 and id in ({list})");
        rows.extend(tx.fetch(sql, &values).await?);
    }
    let emails: Vec<&String> = wanted.keys().collect();
    for chunk in emails.chunks(LIST) {
        let mut values = bind![organization, IdentityKind::Email.as_str()].to_vec();
        values.extend(chunk.iter().map(|email| Value::from(email.as_str())));
        let list = list_of(3, &mut values);
        let sql = format!(
            "select id, kind, key, member_id, member_from from identities where organization_id = $1 and kind = $2 and key in ({list})"
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
        members.insert(email.clone(), StoredMember { id, name: name.clone(), name_from: Some(integration.0) });
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
             update identities set member_id = fresh.member_id, member_from = fresh.member_from from fresh
             where organization_id = $1 and identities.id = fresh.id",
            rows.join(",")
        );
        tx.execute(sql, &values).await?;
    }
    Ok(())
}
