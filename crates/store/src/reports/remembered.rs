//! Whole slices that are remembered: what is known of each as far as its stamp is still the same, and the rest read.

use crate::StoreError;
use crate::day_memory::{Remember, SliceKey, Stamped};
use crate::sql::{Row, Tx, bind};
use std::collections::HashMap;
use tacho_domain::{Damaged, Day, IntegrationId, OrganizationId};

/// What is known of some slices of an organization.
pub(super) struct Recalled<T> {
    slices: Vec<Stamped>,
    known: Vec<Option<T>>,
}

/// The days from the first to the last slice that is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) organization: OrganizationId,
    pub(super) from: Day,
    pub(super) to: Day,
}

impl Stretch {
    /// The slice of a row that begins with day, integration and stream.
    pub(super) fn key(&self, row: &Row) -> Result<SliceKey, StoreError> {
        Ok((self.organization, IntegrationId(row.int(1)?), row.text(2)?.into(), row.day(0)?))
    }
}

impl<T: Remember + Default> Recalled<T> {
    pub(super) fn of(tx: &Tx, slices: Vec<Stamped>) -> Self {
        let known = tx.days.recall(slices.iter().map(|(key, stamp)| (key, *stamp)));
        Self { slices, known }
    }

    /// What is to be read, if anything is.
    pub(super) fn lacks(&self) -> Option<Stretch> {
        let new = || self.slices.iter().zip(&self.known).filter(|(_, known)| known.is_none());
        let days = || new().map(|(((_, _, _, day), _), _)| *day);
        let ((organization, ..), _) = self.slices.first()?;
        Some(Stretch { organization: *organization, from: days().min()?, to: days().max()? })
    }

    /// The slices in their order. `found` is what a stretch of days holds, also of slices that are known; a slice that is
    /// neither known nor found holds nothing.
    pub(super) fn filled(self, tx: &Tx, mut found: HashMap<SliceKey, T>) -> Vec<(SliceKey, T)> {
        let mut new = Vec::new();
        let mut all = Vec::with_capacity(self.slices.len());
        for ((key, stamp), known) in self.slices.into_iter().zip(self.known) {
            let value = known.unwrap_or_else(|| {
                let value = found.remove(&key).unwrap_or_default();
                new.push((key.clone(), stamp, value.clone()));
                value
            });
            all.push((key, value));
        }
        if !new.is_empty() {
            tx.days.keep(new);
        }
        all
    }
}

/// Slices that are one packed value each. `sql` gives day, integration, stream and value between two days of an organization;
/// table and column are for an error.
pub(super) async fn packed<T: Remember + Default>(
    tx: &mut Tx,
    slices: Vec<Stamped>,
    sql: &'static str,
    (table, column): (&'static str, &'static str),
    unpack: impl Fn(&[u8]) -> Result<T, Damaged>,
) -> Result<Vec<(SliceKey, T)>, StoreError> {
    let recalled = Recalled::of(tx, slices);
    let mut found = HashMap::new();
    if let Some(stretch) = recalled.lacks() {
        for row in tx.fetch(sql, bind![stretch.organization, stretch.from, stretch.to]).await? {
            let key = stretch.key(&row)?;
            let value = unpack(&row.bytes(3)?).map_err(|error| StoreError::damaged(table, column, key.3, error))?;
            found.insert(key, value);
        }
    }
    Ok(recalled.filled(tx, found))
}
