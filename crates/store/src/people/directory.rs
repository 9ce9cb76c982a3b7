//! The directory of who is who, kept in memory until something about people changes.

use crate::sql::{Tx, bind};
use crate::{Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tacho_domain::{Directory, IdentityId, OrganizationId, SubjectId};

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
            identities.push((IdentityId(row.number(0)?), row.maybe_number(1)?.map(SubjectId)));
        }
        let directory = Arc::new(Directory::new(identities));
        self.directories.0.lock().unwrap_or_else(PoisonError::into_inner).insert(organization, (version, directory.clone()));
        Ok(directory)
    }
}
