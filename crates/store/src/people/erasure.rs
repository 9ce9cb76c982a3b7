//! Pseudonymising a member for good: what names them goes, what they did stays, and nobody's figures change.

use super::changes::{Decision, Kind, record};
use super::members::read_member;
use super::{By, hold};
use crate::sql::{LIST, Tx, Value, bind, list_of};
use crate::{Store, StoreError};
use rand::Rng as _;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use tacho_domain::{IdentityKind, Instant, OrganizationId, SubjectId};

/// An organization's salt, which it has from its first pseudonymised member on. Whoever has the database can still try a
/// name that they know already; nobody can read one out of it.
#[derive(Clone)]
pub(crate) struct Salt(Vec<u8>);

/// What a hash stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ErasedKey {
    /// The identity that had the key, if there was one.
    pub(crate) identity: Option<u32>,
    /// The pseudonymised member.
    pub(crate) member: u32,
}

impl Salt {
    /// The organization's, if anybody was ever pseudonymised.
    pub(crate) async fn find(tx: &mut Tx, organization: OrganizationId) -> Result<Option<Self>, StoreError> {
        let row = tx.find("select salt from people_salts where organization_id = $1", bind![organization]).await?;
        row.map(|row| row.bytes(0).map(Self)).transpose()
    }

    async fn ensure(tx: &mut Tx, organization: OrganizationId) -> Result<Self, StoreError> {
        if let Some(salt) = Self::find(tx, organization).await? {
            return Ok(salt);
        }
        let mut salt = vec![0; 32];
        rand::rng().fill_bytes(&mut salt[..]);
        let sql = "insert into people_salts (organization_id, salt) values ($1, $2)";
        tx.execute(sql, bind![organization, salt.as_slice()]).await?;
        Ok(Self(salt))
    }

    fn hash(&self, kind: IdentityKind, key: &str) -> Vec<u8> {
        let mut digest = Sha256::new();
        for part in [&self.0[..], kind.as_str().as_bytes(), &[0], key.as_bytes()] {
            digest.update(part);
        }
        digest.finalize().to_vec()
    }

    /// What is left of these keys.
    pub(crate) async fn look_up(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        keys: &[(IdentityKind, &str)],
    ) -> Result<Vec<Option<ErasedKey>>, StoreError> {
        let hashes: Vec<Vec<u8>> = keys.iter().map(|(kind, key)| self.hash(*kind, key)).collect();
        let mut found: HashMap<Vec<u8>, ErasedKey> = HashMap::new();
        for chunk in hashes.chunks(LIST) {
            let mut values = bind![organization].to_vec();
            values.extend(chunk.iter().map(|hash| Value::from(hash.as_slice())));
            let list = list_of(2, &mut values);
            let sql =
                format!("select hash, identity_id, member_id from erased_keys where organization_id = $1 and hash in ({list})");
            for row in tx.fetch(sql, &values).await? {
                found.insert(row.bytes(0)?, ErasedKey { identity: row.maybe_number(1)?, member: row.number(2)? });
            }
        }
        Ok(hashes.iter().map(|hash| found.get(hash).copied()).collect())
    }

    /// The pseudonymised member who had the key.
    pub(crate) async fn member_of(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        kind: IdentityKind,
        key: &str,
    ) -> Result<Option<u32>, StoreError> {
        Ok(self.look_up(tx, organization, &[(kind, key)]).await?[0].map(|key| key.member))
    }

    /// Remembers a key; what is known of an identity is not forgotten for a mere address.
    async fn remember(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        (kind, key): (IdentityKind, &str),
        erased: ErasedKey,
    ) -> Result<(), StoreError> {
        tx.execute(
            "insert into erased_keys (organization_id, hash, identity_id, member_id) values ($1, $2, $3, $4)
             on conflict (organization_id, hash) do update
             set identity_id = coalesce(excluded.identity_id, erased_keys.identity_id), member_id = excluded.member_id",
            bind![organization, self.hash(kind, key), erased.identity, erased.member],
        )
        .await
        .map(drop)
    }
}

/// What is shown instead of a name, a login or an address.
pub(crate) fn pseudonym(member: u32) -> String {
    format!("Erased {member}")
}

/// The key of a pseudonymised identity: no vendor gives such a one.
pub(crate) fn pseudonymous_key(identity: u32) -> String {
    format!("erased {identity}")
}

/// Puts pseudonyms in place of identities' keys and labels, remembers the keys as hashes, and empties what rosters said.
pub(crate) async fn pseudonymise(
    tx: &mut Tx,
    organization: OrganizationId,
    salt: &Salt,
    identities: &BTreeSet<u32>,
    member: u32,
) -> Result<(), StoreError> {
    for &id in identities {
        let sql = "select kind, key, label from identities where organization_id = $1 and id = $2 and erased = 0";
        let Some(row) = tx.find(sql, bind![organization, id]).await? else { continue };
        let (kind, key, label) = (row.text(0)?, row.text(1)?, row.text(2)?);
        let kind =
            IdentityKind::parse(&kind).ok_or_else(|| StoreError::damaged("identities", "kind", id, format!("`{kind}`")))?;
        let erased = ErasedKey { identity: Some(id), member };
        salt.remember(tx, organization, (kind, &key), erased).await?;
        if kind == IdentityKind::GithubId {
            // An old file knows the login only.
            let login = label.trim().to_lowercase();
            salt.remember(tx, organization, (IdentityKind::GithubLogin, &login), ErasedKey { identity: None, member }).await?;
        }
        let sql = "update identities set key = $3, label = $4, erased = 1 where organization_id = $1 and id = $2";
        tx.execute(sql, bind![organization, id, pseudonymous_key(id).as_str(), pseudonym(member).as_str()]).await?;
        let sql = "update roster_daily set name = null, email = null where organization_id = $1 and identity_id = $2";
        tx.execute(sql, bind![organization, id]).await?;
    }
    Ok(())
}

impl Store {
    /// Pseudonymises a member for good: the name, addresses, logins, and the keys and labels of all identities go, from the
    /// tables and from the history of decisions; so do those of members who were merged into this one, and the link to a
    /// user. What was counted stays as it is, under a pseudonym, and every figure is the same as before. A vendor that
    /// names the person again is understood through salted hashes, and lands on the pseudonym. There is no way back.
    ///
    /// The archive keeps vendors' replies as they came, so the replies of every fetch in which the person is named are
    /// deleted first; those days can then not be read anew by a repaired reader. When this is cut short, nothing else has
    /// happened yet, and it can be done again.
    ///
    /// Three things are left, and whoever answers for privacy must know them: the audit log is never changed, and what it
    /// says of the person it goes on saying; an account with which the person signs in is removed with the users; and while
    /// a vendor still lists the person, the replies of later syncs name them again in the archive (never in the tables): take
    /// them out at the vendor first. Backups that were made before hold everything.
    ///
    /// Gives whether there is such a member who was not pseudonymised before.
    pub async fn erase_member(
        &self,
        organization: OrganizationId,
        id: SubjectId,
        by: By,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_reading().await?;
        let known = read_member(&mut tx, organization, id.0).await?.is_some_and(|member| !member.erased);
        let traces = Traces::read(&mut tx, organization, id.0).await?;
        tx.commit().await?;
        if !known {
            return Ok(false);
        }
        self.remove_archives_naming(organization, &traces.words()).await?;
        let mut tx = self.begin().await?;
        hold(&mut tx, organization).await?;
        // Read again, now that nobody changes it any more.
        if read_member(&mut tx, organization, id.0).await?.is_none_or(|member| member.erased) {
            return Ok(false);
        }
        let traces = Traces::read(&mut tx, organization, id.0).await?;
        let salt = Salt::ensure(&mut tx, organization).await?;
        for email in &traces.emails {
            let erased = ErasedKey { identity: None, member: id.0 };
            salt.remember(&mut tx, organization, (IdentityKind::Email, email), erased).await?;
        }
        for login in &traces.logins {
            let erased = ErasedKey { identity: None, member: id.0 };
            salt.remember(&mut tx, organization, (IdentityKind::GithubLogin, login), erased).await?;
        }
        pseudonymise(&mut tx, organization, &salt, &traces.identities, id.0).await?;
        for member in &traces.members {
            forget(&mut tx, organization, *member, id.0).await?;
        }
        for identity in &traces.identities {
            forget_changes(&mut tx, organization, "identity_id", *identity).await?;
        }
        let decision = Decision::of_member(Kind::Erase, id.0, None);
        record(&mut tx, organization, &decision, None, (by, now)).await?;
        tx.commit().await?;
        self.identities.forget(organization);
        Ok(true)
    }
}

/// Takes a member's own row back to a pseudonym, with all that leads to it.
async fn forget(tx: &mut Tx, organization: OrganizationId, member: u32, into: u32) -> Result<(), StoreError> {
    tx.execute(
        "update members set email = null, name = $3, name_from = null, name_decided = 1, github_login = null, erased = 1
         where organization_id = $1 and id = $2",
        bind![organization, member, pseudonym(into).as_str()],
    )
    .await?;
    for sql in [
        "delete from member_addresses where organization_id = $1 and member_id = $2",
        "delete from refused_matches where organization_id = $1 and member_id = $2",
        "delete from shares where organization_id = $1 and member_id = $2",
        "delete from seat_exclusions where organization_id = $1 and member_id = $2",
        "update memberships set member_id = null where organization_id = $1 and member_id = $2",
    ] {
        tx.execute(sql, bind![organization, member]).await?;
    }
    forget_changes(tx, organization, "member_id", member).await?;
    forget_changes(tx, organization, "other_member_id", member).await
}

/// What changes were before and after holds names: it goes, and they can no longer be undone.
async fn forget_changes(tx: &mut Tx, organization: OrganizationId, column: &'static str, id: u32) -> Result<(), StoreError> {
    let sql = format!(
        "update people_changes set touched = null, before = null, after = null where organization_id = $1 and {column} = $2"
    );
    tx.execute(sql, bind![organization, id]).await.map(drop)
}

/// Everything that names a member.
#[derive(Default)]
struct Traces {
    /// The member, and those who were merged into them.
    members: BTreeSet<u32>,
    identities: BTreeSet<u32>,
    emails: BTreeSet<String>,
    logins: BTreeSet<String>,
    names: BTreeSet<String>,
    /// Numbers and names that vendors use.
    keys: BTreeSet<String>,
}

impl Traces {
    async fn read(tx: &mut Tx, organization: OrganizationId, id: u32) -> Result<Self, StoreError> {
        let mut traces = Self::default();
        let sql =
            "select id, email, name, github_login from members where organization_id = $1 and (id = $2 or merged_into = $2)";
        for row in tx.fetch(sql, bind![organization, id]).await? {
            traces.members.insert(row.number(0)?);
            traces.emails.extend(row.maybe_text(1)?);
            traces.names.extend(row.maybe_text(2)?);
            traces.logins.extend(row.maybe_text(3)?);
        }
        for member in traces.members.clone() {
            let sql = "select email from member_addresses where organization_id = $1 and member_id = $2";
            for row in tx.fetch(sql, bind![organization, member]).await? {
                traces.emails.insert(row.text(0)?);
            }
        }
        let sql = "select id, kind, key, label from identities where organization_id = $1 and member_id = $2 and erased = 0";
        for row in tx.fetch(sql, bind![organization, id]).await? {
            traces.identities.insert(row.number(0)?);
            let (kind, key, label) = (row.text(1)?, row.text(2)?, row.text(3)?);
            match IdentityKind::parse(&kind) {
                Some(IdentityKind::Email) => drop(traces.emails.insert(key)),
                _ => traces.keys.extend([key, label]),
            }
        }
        let rosters = "select distinct r.name, r.email from roster_daily r
                       join identities i on i.organization_id = r.organization_id and i.id = r.identity_id
                       where r.organization_id = $1 and i.member_id = $2";
        for row in tx.fetch(rosters, bind![organization, id]).await? {
            traces.names.extend(row.maybe_text(0)?);
            traces.emails.extend(row.maybe_text(1)?.map(|email| tacho_domain::person::normal_email(&email)));
        }
        Ok(traces)
    }

    /// What to look for in kept replies.
    fn words(&self) -> Vec<String> {
        let all = [&self.emails, &self.logins, &self.names, &self.keys].into_iter().flatten();
        all.filter(|word| !word.trim().is_empty()).cloned().collect()
    }
}
