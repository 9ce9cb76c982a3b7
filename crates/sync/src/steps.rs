//! The places of a run at which a test may have the process die.

/// A place in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// A slice's replies are here and read, and nothing is kept yet.
    Fetched,
    /// The raw replies are archived.
    Archived,
    /// A day is about to be replaced.
    BeforeReplace,
    /// A day was replaced; others of its slice may not be.
    Replaced,
    /// A slice is done.
    SliceDone,
    /// Every slice is done and the outcome is not noted yet.
    BeforeOutcome,
    /// The sync is over and its job is not marked finished yet.
    BeforeFinish,
}

impl Step {
    /// Every place, in the order a run passes them.
    pub const ALL: [Self; 7] = [
        Self::Fetched,
        Self::Archived,
        Self::BeforeReplace,
        Self::Replaced,
        Self::SliceDone,
        Self::BeforeOutcome,
        Self::BeforeFinish,
    ];
}
