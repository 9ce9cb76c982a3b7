//! What goes together with the use of AI tools, and how sure that is (METRICS: "Association, not proof"). Deterministic:
//! the same values give the same answer on every machine.

mod before_after;
mod compare;
mod interval;
mod medians;
mod rank;
mod resample;

pub use before_after::{Change, Paired, PairedPerson, paired};
pub use compare::{Comparison, Difference, LEAST_PEOPLE, LEAST_VALUES, Side, Sides};
pub use interval::{median_interval, median_of};
pub use rank::{LEAST_WEEKS, RankCorrelation, spearman};
pub use resample::Resampler;
