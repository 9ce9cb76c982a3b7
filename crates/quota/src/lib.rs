//! The individual's side: how much of one's own included use is left. Vendors' answers become [`UsageData`], which is kept
//! in one small state file, refreshed at the vendors' pace, and painted in the format of each bar.

mod ask;
mod auth;
mod error;
mod file;
mod fingerprint;
mod lock;
mod options;
mod own_file;
mod paint;
mod places;
mod quotas;
mod read;
mod schedule;
mod source;
mod state;
mod usage;
mod view;

pub use ask::{Ask, Network};
pub use auth::{Given, Session, StoredToken, Token, TokenOrigin, Tokens};
pub use error::ApiError;
pub use file::{STATE_BYTES, StateFile, Unreadable};
pub use fingerprint::{fingerprint, fingerprint_of_folder};
pub use lock::RefreshLock;
pub use options::{BadOption, CopilotHost, Options, SHORTEST_INTERVAL, ServerLogin, check_address};
pub use own_file::write_own_file;
pub use paint::{About, Format, Look, paint, paint_status_line};
pub use places::Places;
pub use quotas::{Change, Quotas};
pub use read::{StatusLine, read, status_line};
pub use schedule::{Trigger, is_due};
pub use source::{Source, Tool};
pub use state::{Entry, Freshness, Note, State};
pub use usage::{Invalid, Limit, Meter, Milli, Unit, UsageData};
pub use view::{Choice, Condition, Display, Level, MeterView, Thresholds, ToolView, Verdict, View};
