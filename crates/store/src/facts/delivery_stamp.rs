//! What a slice tells of delivery, in one number: two slices of the same number tell the same.

use super::delivery::Delivered;
use super::rows::Gathered;
use crate::SliceWrite;
use sha2::{Digest, Sha256};
use tacho_domain::StreamRole;

impl Gathered<'_> {
    /// The stamp of the slice; also of one that tells nothing of delivery, so that a slice that was written is never without.
    pub(crate) fn delivery_stamp(&self, write: &SliceWrite<'_>) -> i64 {
        let mut digest = Sha256::new();
        // What is evidence only is not packed.
        digest.update([u8::from(write.role == StreamRole::Delivery)]);
        add(&mut digest, &self.delivered);
        digest.finalize().first_chunk::<8>().map_or(0, |eight| i64::from_le_bytes(*eight))
    }
}

/// The packed values as reports read them, and the rows of deployments.
fn add(digest: &mut Sha256, delivered: &Delivered<'_>) {
    for packed in [delivered.packed_pulls(), delivered.packed_files()] {
        digest.update(packed.len().to_le_bytes());
        digest.update(packed);
    }
    for ((repository, key), fact) in delivered.deployments() {
        digest.update(repository.to_le_bytes());
        digest.update(key.len().to_le_bytes());
        digest.update(key.as_bytes());
        digest.update(fact.created_at.0.to_le_bytes());
        let finished_at = fact.finished_at.map(|at| at.0);
        digest.update([u8::from(finished_at.is_some())]);
        digest.update(finished_at.unwrap_or_default().to_le_bytes());
        digest.update(fact.outcome.as_str());
    }
}
