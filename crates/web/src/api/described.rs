//! What the older addresses read and answer, written out for the API's description: their handlers read fields one by one and
//! answer with reports of the domain, which knows of no API.

#![expect(dead_code, reason = "read by the description only; a test holds the answers against it")]

use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Which days and tools a report is about.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ViewQuery {
    /// That many days, ending yesterday.
    #[param(required = false, minimum = 1, maximum = 1096, example = 28)]
    days: u32,
    /// A named window instead.
    #[param(required = false, inline)]
    window: Named,
    /// The first day, instead.
    #[param(required = false, format = Date, example = "2026-11-01")]
    from: String,
    /// The last day.
    #[param(required = false, format = Date, example = "2026-11-20")]
    to: String,
    /// Ids of tools between commas; all tools where none is named.
    #[param(required = false, example = "cursor")]
    tool: String,
    /// Page of the member table, counted from 1.
    #[param(required = false, minimum = 1, maximum = 1_000_000)]
    page: u32,
    /// Rows of the member table.
    #[param(required = false, minimum = 1, maximum = 500)]
    limit: u32,
}

/// A window that moves on with time.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Named {
    Quarter,
    Year,
    LastMonth,
}

/// Days, both included.
#[derive(ToSchema)]
pub(crate) struct WindowOfDays {
    #[schema(format = Date)]
    from: String,
    #[schema(format = Date)]
    to: String,
}

/// A value with its unit. `unknown` has no value: nobody says.
#[derive(ToSchema)]
pub(crate) struct Amount {
    unit: Unit,
    /// A count, a share between 0 and 1, micro-dollars, seconds, or a number with a fraction.
    #[schema(required = false)]
    value: f64,
}

/// What a value is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Unit {
    Unknown,
    Count,
    Share,
    Money,
    Duration,
    Number,
}

/// A figure with all it needs to be believed.
#[derive(ToSchema)]
pub(crate) struct Figure {
    /// Stays the same: `active_members`.
    id: String,
    label: String,
    value: Amount,
    /// The value over the window before.
    before: Amount,
    /// What it is made of, by tool.
    parts: Vec<Part>,
    /// What is behind it, in words: "of 52 seats".
    context: String,
    /// How it is calculated.
    formula: String,
    /// Whether a day in it may still be restated.
    provisional: bool,
    /// One value per day of the window; `null` where there is no data.
    spark: Vec<Option<f64>>,
}

/// One tool's part.
#[derive(ToSchema)]
pub(crate) struct Part {
    tool: String,
    label: String,
    value: Amount,
    /// Its share of the whole, where the parts add up.
    #[schema(required)]
    share: Option<f64>,
}

/// A line over time.
#[derive(ToSchema)]
pub(super) struct Series {
    tool: String,
    label: String,
    /// Place in the palette.
    colour: u8,
    points: Vec<Point>,
}

/// A point of a line.
#[derive(ToSchema)]
pub(super) struct Point {
    #[schema(format = Date)]
    day: String,
    #[schema(required)]
    value: Option<f64>,
    provisional: bool,
}

/// A day of the calendar.
#[derive(ToSchema)]
pub(super) struct HeatDay {
    #[schema(format = Date)]
    day: String,
    #[schema(required)]
    interactions: Option<i64>,
}

/// One tool's use.
#[derive(ToSchema)]
pub(super) struct ToolUsage {
    tool: String,
    name: String,
    colour: u8,
    /// What its interactions are.
    unit: String,
    #[schema(required)]
    interactions: Option<i64>,
    #[schema(required)]
    tokens: Option<i64>,
    #[schema(required)]
    share: Option<f64>,
    active_members: i64,
    active_unmatched: i64,
}

/// A member, or an identity that nobody matched.
#[derive(ToSchema)]
pub(super) struct MemberRow {
    subject: i64,
    name: String,
    unmatched: bool,
    tools: Vec<String>,
    #[schema(required, format = Date)]
    last_active: Option<String>,
    active_days: u32,
    cohort: Cohort,
    #[schema(required)]
    interactions: Option<i64>,
    acceptance: Vec<Part>,
    #[schema(required)]
    lines_added: Option<i64>,
    /// At vendor prices, in micro-dollars.
    #[schema(required)]
    cost: Option<i64>,
    spark: Vec<Option<f64>>,
}

/// How many of the working days were active.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum Cohort {
    None,
    Light,
    Moderate,
    Heavy,
}

/// A page of the member table.
#[derive(ToSchema)]
pub(super) struct MemberTable {
    rows: Vec<MemberRow>,
    total_rows: u64,
    /// How many more there are that you may not see; the totals hold them all the same.
    hidden_rows: u64,
    offset: u64,
}

/// Where the numbers come from.
#[derive(ToSchema)]
pub(crate) struct Provenance {
    /// When data was last read from a vendor.
    #[schema(required, format = DateTime)]
    last_synced: Option<String>,
    /// Share of interactions that belong to matched members.
    #[schema(required)]
    coverage: Option<f64>,
    provisional_days: u32,
    missing_days: u32,
}

/// The report behind the Overview page.
#[derive(ToSchema)]
pub(super) struct OverviewReport {
    window: WindowOfDays,
    figures: Vec<Figure>,
    /// Active members per day and tool.
    adoption: Vec<Series>,
    heatmap: Vec<HeatDay>,
    usage: Vec<ToolUsage>,
    /// Acceptance per week, tool and rule.
    acceptance: Vec<Series>,
    members: MemberTable,
    provenance: Provenance,
}

/// A connection to be made.
#[derive(ToSchema)]
#[schema(as = UsageConnect)]
pub(super) struct ConnectBody {
    /// A tool's id, or a connector's.
    #[schema(example = "cursor")]
    provider: String,
    /// The secret. It is tried with the vendor before anything is stored, and never shown again.
    #[schema(example = "key_...")]
    api_key: String,
    /// What people will call it.
    #[schema(required = false, nullable)]
    name: Option<String>,
    /// Settings of the connector; numbers and booleans are taken as they are written.
    #[schema(required = false)]
    settings: Option<BTreeMap<String, Value>>,
}

/// What to sync.
#[derive(ToSchema)]
#[schema(as = UsageSync)]
pub(super) struct SyncBody {
    #[schema(example = 1)]
    integration_id: i64,
}

/// An integration that was connected, or whose sync was asked for.
#[derive(ToSchema)]
#[schema(as = UsageDone)]
pub(super) struct Done {
    success: bool,
    integration_id: i64,
    #[schema(required, format = DateTime)]
    last_synced_at: Option<String>,
}

/// All integrations.
#[derive(ToSchema)]
pub(super) struct UsageIntegrations {
    integrations: Vec<UsageIntegration>,
}

/// What is connected and how it fares.
#[derive(ToSchema)]
pub(super) struct UsageIntegration {
    integration_id: i64,
    /// The tool whose use it reports.
    provider: String,
    connector: String,
    name: String,
    settings: BTreeMap<String, String>,
    #[schema(example = "active")]
    state: String,
    /// The last characters of the secret.
    #[schema(required)]
    credential_tail: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(required, format = DateTime)]
    last_synced_at: Option<String>,
    #[schema(required, format = DateTime)]
    next_try_at: Option<String>,
    #[schema(required)]
    failure: Option<SyncFailure>,
    stream_failures: Vec<StreamFailed>,
}

/// Why something could not be synced.
#[derive(ToSchema)]
pub(super) struct SyncFailure {
    kind: String,
    cause: String,
    fix: String,
    #[schema(format = DateTime)]
    at: String,
}

/// One kind of data that could not be synced.
#[derive(ToSchema)]
pub(super) struct StreamFailed {
    stream: String,
    failure: SyncFailure,
}

/// What becomes of an integration's data.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum Kept {
    Keep,
    Delete,
}

/// Whether the server works.
#[derive(ToSchema)]
pub(super) struct Probe {
    #[schema(example = "ok")]
    status: String,
}
