//! The individual's side: how much of one's own included use is left. Vendors' answers become [`UsageData`], which is kept
//! in one small state file, refreshed at the vendors' pace, and painted in the format of each bar.

mod error;
mod source;
mod state;
mod usage;

pub use error::ApiError;
pub use source::{Source, Tool};
pub use state::{Entry, Freshness, Note, State};
pub use usage::{Invalid, Limit, Meter, Milli, Unit, UsageData};
