//! How much of the usage has a name: the match rate.

use crate::sql::bind;
use crate::{Store, StoreError};
use std::collections::{HashMap, HashSet};
use tacho_domain::matching::is_personal;
use tacho_domain::metrics::ratio;
use tacho_domain::{IdentityKind, OrganizationId, Window, decode_people};

/// How many of the identities that stand for a person, and were used in a window, are some member's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MatchRate {
    /// Identities of people with usage in the window; those that were set aside are not among them.
    pub people: u32,
    /// Of these, how many belong to a member.
    pub matched: u32,
    /// Identities with usage in the window that a person set aside.
    pub ignored: u32,
    /// Interactions of `people` that belong to no member.
    pub unmatched_interactions: i64,
    /// Interactions of `people`.
    pub all_interactions: i64,
}

impl MatchRate {
    /// The share of matched identities; `None` where nobody used anything.
    ///
    /// ```
    /// use tacho_store::MatchRate;
    /// assert_eq!(MatchRate { people: 4, matched: 3, ..MatchRate::default() }.rate(), Some(0.75));
    /// assert_eq!(MatchRate::default().rate(), None);
    /// ```
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        ratio(Some(self.matched.into()), Some(self.people.into()))
    }
}

impl Store {
    /// The match rate over a window. Counted are addresses and GitHub accounts that were active or have interactions on a
    /// counted day; keys and service accounts, behind which nobody can be known, are not.
    pub async fn match_rate(&self, organization: OrganizationId, window: Window) -> Result<MatchRate, StoreError> {
        let mut tx = self.begin_reading().await?;
        let days = tx
            .fetch(
                "select people from slice_people where organization_id = $1 and day between $2 and $3",
                bind![organization, window.from, window.to],
            )
            .await?;
        let sql = "select id, kind, how, cast(case when member_id is null then 0 else 1 end as bigint) from identities where organization_id = $1";
        let identities = tx.fetch(sql, bind![organization]).await?;
        tx.commit().await?;
        let (mut used, mut interactions) = (HashSet::new(), HashMap::<u32, i64>::new());
        for row in days {
            decode_people(&row.bytes(0)?, |day| {
                let much = day.interactions.unwrap_or(0);
                if day.active == Some(true) || much > 0 {
                    used.insert(day.identity.0);
                    *interactions.entry(day.identity.0).or_default() += much;
                }
            })
            .map_err(|error| StoreError::damaged("slice_people", "people", window, error))?;
        }
        let mut rate = MatchRate::default();
        for row in identities {
            let id = row.number(0)?;
            let personal = IdentityKind::parse(&row.text(1)?).is_some_and(is_personal);
            if !used.contains(&id) {
                continue;
            }
            if row.text(2)? == super::MatchKind::Ignored.as_str() {
                rate.ignored += 1;
            } else if personal {
                let matched = row.int(3)? != 0;
                let much = interactions.get(&id).copied().unwrap_or(0);
                rate.people += 1;
                rate.matched += u32::from(matched);
                rate.all_interactions += much;
                rate.unmatched_interactions += if matched { 0 } else { much };
            }
        }
        Ok(rate)
    }
}
