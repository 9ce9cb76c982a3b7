//! The right answers, from what people did rather than from what was served, added up by plain loops: an opinion
//! independent of the code it judges.

mod answers;
mod association;
mod delivery;
mod hours;
mod money;
mod pulls;
mod rows;
mod tools;
mod written;
mod written_delivery;

pub use answers::{Acceptance, Active, MemberAnswer};
pub use association::{
    AssociationTruth, ChangeTruth, CohortTruth, ComparedTruth, LagTruth, PieceTruth, PointTruth, SideTruth, middle_line,
};
pub use delivery::{DeliveryTruth, DeploymentsTruth, Length};
pub use money::SeatTruth;
pub(crate) use rows::cursor_members;
pub use rows::{Bill, Figures, PersonTruth, Row};
pub use tools::ByPart;

use crate::activity::Tool;
use crate::world::World;
use std::sync::Arc;
use tacho_domain::{Day, Window};

/// The right answers as of now: it follows restated days, late reports and the passing of days.
#[derive(Debug, Clone)]
pub struct Truth(pub(crate) Arc<World>);

impl Truth {
    /// The days anybody may have used anything.
    #[must_use]
    pub fn history(&self) -> Window {
        self.0.history()
    }

    /// Everybody, members first.
    #[must_use]
    pub fn people(&self) -> Vec<PersonTruth> {
        self.0.people.iter().map(|person| PersonTruth::of(person, &self.0)).collect()
    }

    /// What the vendor has by now of that tool and day: one row for each person it reports, by person. `None` where
    /// it has no report at all, which is not the same as nobody.
    #[must_use]
    pub fn rows(&self, tool: Tool, day: Day) -> Option<Vec<Row>> {
        rows::of(&self.0, tool, day)
    }

    /// The bill of a day in Copilot AI credits; `None` before they existed and where it is not there yet.
    #[must_use]
    pub fn bill(&self, day: Day) -> Option<Bill> {
        rows::bill(&self.0, day)
    }

    /// Seats held today; `None` for a tool whose vendor tells of none.
    #[must_use]
    pub fn seats(&self, tool: Tool) -> Option<u32> {
        let today = self.0.today();
        let count = match tool {
            Tool::Copilot => self.0.copilot_seats(today).count(),
            Tool::Cursor => rows::cursor_members(&self.0).filter(|person| person.left.is_none_or(|left| today < left)).count(),
            Tool::Claude => return None,
        };
        u32::try_from(count).ok()
    }
}
