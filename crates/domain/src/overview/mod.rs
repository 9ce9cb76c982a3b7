//! Builds the Overview from packed days. Aggregates come from all rows; only the member table is cut to its page, so no
//! figure shrinks because of who looks at it.

pub(crate) mod adoption;
pub(crate) mod figures;
pub(crate) mod gather;
mod members;

use crate::columns::LaidPeople;
use crate::report::{Overview, Question};
use crate::{Directory, Instant, IntegrationId, Measures, Money, ToolId, ToolProfile, Window};
use gather::Gathered;
use std::sync::Arc;

/// One counted slice as the store keeps it for dashboards.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceRollup {
    /// From which connection.
    pub integration: IntegrationId,
    /// Of which tool.
    pub tool: ToolId,
    /// The day.
    pub day: crate::Day,
    /// Whether it may still be restated.
    pub provisional: bool,
    /// Whether it knows who was active: only then is nobody in it a zero, and not "no data".
    pub knows_activity: bool,
    /// All people's measures added up.
    pub sums: Measures,
    /// Its people, as far as they were read.
    pub people: Packed,
}

/// The people of a slice, as packed as they are needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packed {
    /// Everyone: for the days of the window.
    Whole(Arc<LaidPeople>),
    /// Who was active, by [`crate::encode_active`]: for the period before.
    Active(Vec<u8>),
    /// Nobody was read: for the heatmap's older days.
    Unread,
}

/// The seats of a tool at the newest snapshot in the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatCount {
    /// The tool.
    pub tool: ToolId,
    /// Seats held.
    pub seats: i64,
    /// Their list prices per month; `None` where a plan has no published price.
    pub monthly_price: Option<Money>,
}

/// Amounts of the billing APIs over a window, which usage rows do not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostSum {
    /// The tool.
    pub tool: ToolId,
    /// Value of all metered use at the vendor's prices.
    pub gross: Money,
    /// The part charged; `None` where a vendor does not say.
    pub net: Option<Money>,
}

/// All that an Overview is made from.
#[derive(Debug)]
pub struct Material<'a> {
    /// What is known of the tools.
    pub profiles: &'a [ToolProfile],
    /// The slices of [`needed_days`].
    pub slices: Vec<SliceRollup>,
    /// Who is who.
    pub directory: &'a Directory,
    /// Seats by tool.
    pub seats: Vec<SeatCount>,
    /// Billing amounts over the window.
    pub costs: Vec<CostSum>,
    /// Billing amounts over the window before.
    pub costs_before: Vec<CostSum>,
    /// When data was last read.
    pub last_synced: Option<Instant>,
}

/// Weeks the calendar heatmap shows at least.
pub const HEATMAP_WEEKS: u32 = 26;

/// The days whose slices an Overview of `window` reads: the window, the one before, and the heatmap's.
#[must_use]
pub fn needed_days(window: Window) -> Window {
    Window { from: heatmap_days(window).from.min(compared_days(window).from), to: window.to }
}

/// Days over which monthly active members are counted.
pub const MONTH: u32 = 28;

/// The days whose active people are read: the window, the one before, and four weeks up to the end of each.
#[must_use]
pub fn compared_days(window: Window) -> Window {
    let before = window.before();
    Window { from: before.from.min(Window::ending(before.to, MONTH).from), to: window.to }
}

/// The days the heatmap shows: the window, or half a year where that is longer, from a Monday on.
#[must_use]
pub fn heatmap_days(window: Window) -> Window {
    let half_year = Window::ending(window.to, HEATMAP_WEEKS * 7).from;
    Window { from: window.from.min(half_year).week(), to: window.to }
}

/// Answers the question, but for the names and details of the member table, which the store adds for the page's rows.
#[must_use]
pub fn build(question: &Question, material: &Material<'_>) -> Overview {
    answer(question, material, &Gathered::read(question, material))
}

/// The same from what was gathered already.
pub(crate) fn answer(question: &Question, material: &Material<'_>, gathered: &Gathered<'_>) -> Overview {
    Overview {
        window: question.window,
        figures: figures::all(question, material, gathered),
        adoption: gathered.adoption(question.window),
        heatmap: gathered.heatmap(question.window),
        usage: gathered.usage(),
        acceptance: gathered.weekly_acceptance(question.window),
        members: members::table(question, material, gathered),
        provenance: gathered.provenance(question.window, material.last_synced),
    }
}
