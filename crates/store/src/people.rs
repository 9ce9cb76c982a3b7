//! Members and the identities that belong to them.

use crate::sql::{Tx, bind};
use crate::{Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tacho_domain::{Directory, IdentityId, OrganizationId, SubjectId};

/// A person of the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Their number.
    pub id: SubjectId,
    /// Their name, where a roster gives one.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: String,
}

/// The last directory of each organization, with the version of its people it was read at.
#[derive(Default)]
pub(crate) struct DirectoryCache(Mutex<HashMap<OrganizationId, (i64, Arc<Directory>)>>);

impl Store {
    /// Who is who today; kept in memory until an identity or a match is new.
    pub async fn directory(&self, organization: OrganizationId) -> Result<Arc<Directory>, StoreError> {
        let mut tx = self.begin_reading().await?;
        let directory = self.read_directory(&mut tx, organization).await?;
        tx.commit().await?;
        Ok(directory)
    }

    pub(crate) async fn read_directory(&self, tx: &mut Tx, organization: OrganizationId) -> Result<Arc<Directory>, StoreError> {
        let row = tx.find("select people_version from organizations where id = $1", bind![organization]).await?;
        let Some(version) = row.map(|row| row.int(0)).transpose()? else { return Ok(Arc::default()) };
        if let Some((at, directory)) = self.directories.0.lock().unwrap_or_else(PoisonError::into_inner).get(&organization)
            && *at == version
        {
            return Ok(directory.clone());
        }
        let rows =
            tx.fetch("select id, member_id from identities where organization_id = $1 order by id", bind![organization]).await?;
        let mut identities = Vec::with_capacity(rows.len());
        for row in &rows {
            let member = match row.maybe_int(1)? {
                None => None,
                Some(_) => Some(SubjectId(row.number(1)?)),
            };
            identities.push((IdentityId(row.number(0)?), member));
        }
        let directory = Arc::new(Directory::new(identities));
        self.directories.0.lock().unwrap_or_else(PoisonError::into_inner).insert(organization, (version, directory.clone()));
        Ok(directory)
    }

    /// Every member, by number.
    pub async fn list_members(&self, organization: OrganizationId) -> Result<Vec<Member>, StoreError> {
        let rows =
            self.fetch("select id, name, email from members where organization_id = $1 order by id", bind![organization]).await?;
        rows.iter()
            .map(|row| Ok(Member { id: SubjectId(row.number(0)?), name: row.maybe_text(1)?, email: row.text(2)? }))
            .collect()
    }
}
