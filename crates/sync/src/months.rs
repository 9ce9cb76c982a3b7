//! Rolling up past months, after whatever may have changed them: a person's page reads a month that is rolled up at once.

use crate::Engine;
use tacho_domain::OrganizationId;
use tacho_store::StoreError;
use tokio_util::sync::CancellationToken;

impl Engine {
    /// Rolls up the past months of an organization that are not, oldest first, each in a short transaction of its own. What
    /// fails is logged and no more: without a roll-up the same answer takes longer, and the next sync tries again.
    pub(crate) async fn roll_up(&self, organization: OrganizationId, cancel: &CancellationToken) {
        if let Err(error) = self.try_to_roll_up(organization, cancel).await {
            tracing::warn!(organization = organization.0, %error, "past months could not be rolled up");
        }
    }

    /// The same for every organization.
    pub(crate) async fn roll_up_all(&self, cancel: &CancellationToken) {
        match self.store().list_organizations().await {
            Ok(organizations) => {
                for organization in organizations {
                    self.roll_up(organization.id, cancel).await;
                }
            }
            Err(error) => tracing::warn!(%error, "past months could not be rolled up"),
        }
    }

    async fn try_to_roll_up(&self, organization: OrganizationId, cancel: &CancellationToken) -> Result<(), StoreError> {
        for month in self.store().list_unrolled_months(organization, self.now().day()).await? {
            if cancel.is_cancelled() {
                break;
            }
            if self.store().roll_up_month(organization, month).await? {
                tracing::debug!(organization = organization.0, %month, "rolled up");
            }
        }
        Ok(())
    }
}
