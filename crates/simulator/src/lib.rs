//! The vendors' APIs in a box: GitHub, Anthropic and Cursor on loopback, one invented organization behind all three,
//! the right answers to hold a reader's figures against, and faults on demand. The same seed gives the same bytes.

mod activity;
mod anthropic;
mod cursor;
mod delivery;
mod dice;
mod faults;
mod github;
mod names;
mod oauth;
mod organization;
pub mod quota;
mod reply;
mod running;
mod secrets;
mod site;
mod traffic;
mod truth;
mod world;

pub use activity::Tool;
pub use delivery::{Delivery, DeploymentTruth, FileTruth, PRODUCTION, Planted, PullTruth, ReleaseTruth, RepositoryDay, webhook};
pub use faults::{Endpoint, Fault, Faults, Rule};
pub use oauth::OAuthSwitches;
pub use organization::{Config, Kind};
pub use running::{Running, Simulator};
pub use secrets::{Secrets, Vendor};
pub use traffic::Calls;
pub use truth::{
    Acceptance, Active, AssociationTruth, Bill, ByPart, ChangeTruth, CohortTruth, ComparedTruth, DeliveryTruth, DeploymentsTruth,
    Figures, LagTruth, Length, MemberAnswer, PersonTruth, PieceTruth, PointTruth, Row, SeatTruth, SideTruth, Truth, middle_line,
};
