//! Where an organization's month stands, in the few numbers that a status line asks for again and again.

use super::{Asked, Known, cost_page, material, member_page};
use crate::{Store, StoreError};
use tacho_domain::report::{Audience, Question};
use tacho_domain::reports::cost::{Standing, month};
use tacho_domain::reports::member::Activity;
use tacho_domain::{Instant, OrganizationId, SubjectId, Window};

/// Days of which seats count: as many as the Cost page shows unasked.
const SEAT_DAYS: u32 = 28;

/// Where an organization's month stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationStanding {
    /// What it costs, of everyone.
    pub costs: Standing,
    /// What one member did in it, where one was asked for and there is one.
    pub member: Option<Activity>,
    /// When data was last read.
    pub last_synced: Option<Instant>,
}

impl Store {
    /// Where the month that today is in stands: its costs, and what one member did. The caller makes sure that whoever asks may
    /// see that member.
    pub async fn standing(
        &self,
        organization: OrganizationId,
        member: Option<SubjectId>,
        known: &Known<'_>,
    ) -> Result<OrganizationStanding, StoreError> {
        let mut tx = self.begin_reading().await?;
        let directory = self.read_directory(&mut tx, organization).await?;
        let nobody = |window| Question { audience: Audience::Nobody, ..Question::overview(organization, window) };
        let lately = nobody(Window::ending(known.today.minus(1), SEAT_DAYS));
        let asked = Asked { question: &lately, known, directory: &directory };
        let costs = cost_page::standing(&mut tx, &asked).await?;
        let of_month = nobody(Window { to: known.today, ..month(known.today) });
        let member = match member {
            Some(member) => member_page::activity(&mut tx, &Asked { question: &of_month, ..asked }, member).await?,
            None => None,
        };
        let last_synced = material::last_synced(&mut tx, &lately).await?;
        tx.commit().await?;
        Ok(OrganizationStanding { costs, member, last_synced })
    }
}
