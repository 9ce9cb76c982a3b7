//! How much each identity was used, from the packed days.

use crate::sql::bind;
use crate::{Store, StoreError};
use std::collections::HashMap;
use tacho_domain::{IdentityId, OrganizationId, Window, decode_people};

impl Store {
    /// Interactions of each identity with counted use in the window, all tools. Single people's numbers: show them only to
    /// whoever may see everyone's.
    pub async fn interactions_by_identity(
        &self,
        organization: OrganizationId,
        window: Window,
    ) -> Result<HashMap<IdentityId, i64>, StoreError> {
        let rows = self
            .fetch(
                "select people from slice_people where organization_id = $1 and day between $2 and $3",
                bind![organization, window.from, window.to],
            )
            .await?;
        let mut interactions = HashMap::new();
        for row in &rows {
            decode_people(&row.bytes(0)?, |day| {
                if let Some(many) = day.interactions {
                    *interactions.entry(day.identity).or_insert(0) += many;
                }
            })
            .map_err(|error| StoreError::damaged("slice_people", "people", window, error))?;
        }
        Ok(interactions)
    }
}
