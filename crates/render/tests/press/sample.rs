//! A report as large as a real one: 28 days, three tools, names from everywhere.

use tacho_domain::report::{
    Amount, Annotation, Bar, Bars, Bucket, Calendar, Cell, Chart, Column, Distribution, Figure, Gauge, Group, HeatDay, Note,
    Part, Point, Provenance, Punch, Report, ReportName, Section, Series, Step, Table, Timeline, Unit, Weight,
};
use tacho_domain::{Day, Instant, Money, ToolId, Window};
use tacho_render::Made;

const TOOLS: [(&str, &str); 3] = [("github_copilot", "GitHub Copilot"), ("claude_code", "Claude Code"), ("cursor", "Cursor")];

const NAMES: [&str; 10] = [
    "Ada Lovelace",
    "Łukasz Wiśniewski-Brzęczyszczykiewicz",
    "Дмитрий Менделеев",
    "Ελένη Παπαδοπούλου",
    "Nguyễn Thị Minh Khai",
    "maximiliane-alexandra.von-und-zu-hohenstein@engineering.subsidiary.example.com",
    "Þórður Ægisson",
    "José Ángel Núñez Çelik",
    "Grace Hopper",
    "svc_build_runner_production_eu_central_1_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

/// The window: 28 days, four weeks from a Monday on.
pub(crate) fn window() -> Window {
    Window::new(day(0), day(27)).unwrap()
}

fn day(offset: i32) -> Day {
    "2026-10-26".parse::<Day>().unwrap().plus(offset)
}

/// Made by Example Corporation one Saturday.
pub(crate) fn made() -> Made {
    Made {
        organization: "Example Corporation".into(),
        at: Instant::parse("2026-11-23T09:41:00Z").unwrap(),
        link: "https://tacho.example.com/?days=28".into(),
    }
}

/// A number that looks like chance and is always the same.
fn some(place: i32, tool: i32, most: i32) -> i32 {
    (place * 7919 + tool * 104_729 + place * place * 31).rem_euclid(most)
}

fn working(offset: i32) -> bool {
    day(offset).is_workday()
}

fn series(tool: usize, value: impl Fn(i32) -> Option<f64>, days: impl Iterator<Item = i32>) -> Series {
    let point = |offset: i32| Point { day: day(offset), value: value(offset), provisional: offset > 24 };
    Series {
        tool: ToolId::new(TOOLS[tool].0),
        label: TOOLS[tool].1.into(),
        colour: u8::try_from(tool).unwrap(),
        points: days.map(point).collect(),
    }
}

fn adoption() -> Chart {
    let value = |tool: i32, offset: i32| {
        let base = if working(offset) { 120 - 30 * tool } else { 8 };
        Some(f64::from(base + offset + some(offset, tool, 14)))
    };
    let all = (0..3).map(|tool| series(tool, move |offset| value(i32::try_from(tool).unwrap(), offset), 0..28)).collect();
    let step = Annotation {
        day: day(9),
        text: "From 4 November on the vendor counts agent requests apart.".into(),
        source: "https://docs.example.com/changelog".into(),
    };
    Chart::Stacked(Timeline { series: all, annotations: vec![step], ..Timeline::default() })
}

fn acceptance() -> Chart {
    let weeks = || (0..28).step_by(7);
    let value = |tool: i32, offset: i32| Some(0.25 + f64::from(tool) * 0.2 + f64::from(some(offset, tool, 9)) / 100.0);
    let all = (0..3).map(|tool| series(tool, move |offset| value(i32::try_from(tool).unwrap(), offset), weeks())).collect();
    Chart::Lines(Timeline { series: all, unit: Unit::Share, step: Step::Week, annotations: Vec::new() })
}

fn spending() -> Chart {
    let value = |tool: i32, offset: i32| (tool != 0).then(|| f64::from(some(offset, tool, 900)) / 10.0);
    let all = (1..3).map(|tool| series(tool, move |offset| value(i32::try_from(tool).unwrap(), offset), 0..28)).collect();
    Chart::Columns(Timeline { series: all, unit: Unit::Dollars, ..Timeline::default() })
}

fn usage() -> Chart {
    let bar = |place: usize, count: Option<i64>, share, unit: &str| Bar {
        label: TOOLS[place].1.into(),
        colour: u8::try_from(place).unwrap(),
        value: Amount::count(count),
        share,
        context: unit.into(),
    };
    let bars = vec![
        bar(0, Some(48_211), Some(0.61), "prompts and accepted completions"),
        bar(1, Some(21_840), Some(0.28), "prompts"),
        bar(2, Some(8_702), Some(0.11), "requests"),
    ];
    Chart::Bars(Bars { of: "Tool".into(), measure: "Interactions".into(), bars })
}

fn activity() -> Chart {
    let heat = |offset: i32| HeatDay {
        day: day(offset),
        interactions: (offset > -150)
            .then(|| i64::from(if working(offset) { 900 + some(offset, 1, 1400) } else { some(offset, 2, 90) })),
    };
    Chart::Calendar(Calendar { days: (-161..28).map(heat).collect(), levels: None })
}

fn hours() -> Chart {
    let hour = |weekday: i32, hour: i32| {
        (weekday < 5).then(|| i64::from(if (8..19).contains(&hour) { some(hour, weekday, 400) } else { 0 }))
    };
    let row = |weekday: i32| std::array::from_fn(|at| hour(weekday, i32::try_from(at).unwrap()));
    Chart::Punch(Punch { unit: "requests".into(), cells: (0..7).map(row).collect(), zone: "UTC".into() })
}

fn cohorts() -> Chart {
    let buckets = [("none", 31), ("light, up to 25 % of working days", 44), ("moderate, up to 75 %", 82), ("heavy, more", 55)];
    let bucket = |(label, people): (&str, i64)| Bucket { label: label.into(), people };
    Chart::Distribution(Distribution { measure: "Active days".into(), buckets: buckets.map(bucket).to_vec() })
}

fn budget() -> Chart {
    Chart::Gauge(Gauge { label: "Of 10,000 US$ budgeted for November".into(), value: Some(0.78), marks: vec![0.75, 0.9] })
}

/// The member table of so many rows.
pub(crate) fn members(rows: usize) -> Table {
    let columns = vec![
        Column::text("name", "Name"),
        Column::text("tools", "Tools"),
        Column::text("last_active", "Last active"),
        Column::number("active_days", "Active days").explained("Distinct days of the window with at least one interaction."),
        Column::number("interactions", "Interactions"),
        Column::number("acceptance_copilot", "Acceptance, GitHub Copilot").explained("Accepted by offered suggestions."),
        Column::number("acceptance_cursor", "Acceptance, Cursor (lines)"),
        Column::number("lines_added", "Lines added"),
        Column::number("cost", "Metered value (USD)"),
        Column::text("trend", "Interactions per day"),
    ];
    let row = |place: usize| {
        let chance = |tool: i32, most: i32| i64::from(some(i32::try_from(place).unwrap(), tool, most));
        let name = if place < NAMES.len() { NAMES[place].to_owned() } else { format!("{} {place}", NAMES[place % 5]) };
        vec![
            Cell::link(name, format!("/members/{place}")),
            Cell::text(if place.is_multiple_of(3) { "GitHub Copilot, Claude Code, Cursor" } else { "GitHub Copilot" }),
            Cell::Day(day(27 - i32::try_from(chance(3, 9)).unwrap())),
            Cell::Count(20 - chance(1, 17)),
            Cell::Count(4000 - chance(2, 3000)),
            if place.is_multiple_of(4) { Cell::Nothing } else { Cell::Share(0.31) },
            if place.is_multiple_of(3) { Cell::Share(0.482) } else { Cell::Nothing },
            Cell::Count(chance(5, 20_000)),
            Cell::Money(Money(chance(6, 90_000_000))),
            Cell::Spark(vec![Some(1.0), None, Some(3.0)]),
        ]
    };
    let total = vec![
        Cell::text("All 212 members"),
        Cell::Nothing,
        Cell::Nothing,
        Cell::Nothing,
        Cell::Count(78_753),
        Cell::Share(0.31),
        Cell::Share(0.482),
        Cell::Count(1_204_511),
        Cell::Money(Money(7_841_220_000)),
        Cell::Nothing,
    ];
    Table { hidden_rows: 3, ..Table::new(columns, (0..rows).map(row).collect()).with_total(total) }
}

fn figure(id: &str, label: &str, value: Amount, before: Amount, context: &str, formula: &str) -> Figure {
    Figure {
        id: id.into(),
        label: label.into(),
        value,
        before,
        parts: Vec::new(),
        context: context.into(),
        formula: formula.into(),
        provisional: false,
        spark: Vec::new(),
    }
}

fn parts(values: &[(usize, Amount, Option<f64>)]) -> Vec<Part> {
    let part = |(tool, value, share): &(usize, Amount, Option<f64>)| Part {
        tool: ToolId::new(TOOLS[*tool].0),
        label: TOOLS[*tool].1.into(),
        value: *value,
        share: *share,
    };
    values.iter().map(part).collect()
}

fn adoption_figures() -> Vec<Figure> {
    let active = figure(
        "active_members",
        "Active members",
        Amount::Count(181),
        Amount::Count(164),
        "of 212 members",
        "Distinct members with at least one interaction in the window.",
    );
    let split = parts(&[(0, Amount::Count(160), None), (1, Amount::Count(92), None), (2, Amount::Count(41), None)]);
    let interactions = figure(
        "interactions",
        "Interactions",
        Amount::Count(78_753),
        Amount::Count(70_101),
        "each tool in its own unit",
        "Sum over all members and days of what each vendor counts as one interaction.",
    );
    let shares = parts(&[
        (0, Amount::Count(48_211), Some(0.61)),
        (1, Amount::Count(21_840), Some(0.28)),
        (2, Amount::Count(8_702), Some(0.11)),
    ]);
    let stickiness = figure(
        "stickiness",
        "Stickiness",
        Amount::Share(0.564),
        Amount::Share(0.581),
        "mean of 20 working days by 181",
        "Mean daily active members over working days, divided by members active in the window.",
    );
    vec![
        Figure { parts: split, ..active },
        Figure { parts: shares, provisional: true, ..interactions },
        stickiness,
        figure(
            "adoption",
            "Seat adoption",
            Amount::Share(0.853),
            Amount::Share(0.853),
            "160 of 188 seats",
            "Seats whose holder was active in the window, divided by all seats.",
        ),
    ]
}

fn money_figures() -> Vec<Figure> {
    let metered = figure(
        "metered_value",
        "Metered value, API list-price equivalent",
        Amount::Money(Money(7_841_220_000)),
        Amount::Money(Money(6_900_000_000)),
        "Claude Code and Cursor",
        "Tokens by kind and model times the vendor's list price of the day.",
    );
    let fees = figure(
        "seat_fees",
        "Seat fees per month",
        Amount::Money(Money(3_572_000_000)),
        Amount::Unknown,
        "188 seats at 19 US$",
        "Seats times the plan's list price.",
    );
    vec![metered, fees, figure("commits", "Commits with an agent", Amount::Unknown, Amount::Unknown, "no vendor says", "")]
}

fn notes() -> Vec<Note> {
    let note = |weight, title: &str, text: &str, way: Option<(&str, &str)>| Note {
        weight,
        title: title.into(),
        text: text.into(),
        way: way.map(|(to, words)| (to.to_owned(), words.to_owned())),
    };
    vec![
        note(Weight::Info, "Provisional", "The last 3 days may still be restated by GitHub.", None),
        note(
            Weight::Warning,
            "Unmatched",
            "12 identities match no member. Set `email` in the roster or match them by hand.",
            Some(("/settings/people", "Match identities")),
        ),
        note(
            Weight::Problem,
            "Refused",
            "Cursor answers `401 Unauthorized` since 20 November.",
            Some(("/settings", "Integrations")),
        ),
    ]
}

/// The whole report, its member table with so many rows.
pub(crate) fn report(rows: usize) -> Report {
    let sections = vec![
        Section::drawn(
            "adoption",
            "AI adoption",
            "Active members per day, stacked by tool. Who used two tools stands in both.",
            adoption(),
        )
        .widened(),
        Section::drawn("usage", "Use by tool", "Interactions, each tool in its own unit.", usage()),
        Section::drawn(
            "heatmap",
            "Activity",
            "Interactions per day, all tools. At least half a year, whatever the window.",
            activity(),
        ),
        Section::drawn(
            "acceptance",
            "Acceptance by week",
            "Accepted by offered, per tool and rule; never blended.",
            acceptance(),
        ),
        Section::drawn("hours", "Hours of the day", "Requests by weekday and hour.", hours()),
        Section::drawn("cohorts", "How often people use it", "Members by their part of working days.", cohorts()),
        Section::drawn("spending", "Metered value per day", "At the vendors' list prices.", spending()),
        Section::drawn("budget", "Budget", "What November has cost so far.", budget()),
        Section::listed(
            "models",
            "Models",
            "Interactions by model.",
            Table::new(vec![Column::text("model", "Model")], Vec::new()),
        )
        .or_else_saying("No connected vendor names models in this window."),
        Section::listed("members", "Members", "Everyone with a seat or any use.", members(rows)).widened(),
    ];
    Report {
        name: ReportName::Overview,
        title: "Overview".into(),
        question: "Are we using what we pay for, and is it growing?".into(),
        window: window(),
        scope: vec!["Team: Platform Engineering".into()],
        notes: notes(),
        groups: vec![
            Group { heading: "Adoption".into(), figures: adoption_figures() },
            Group { heading: "Output and cost".into(), figures: money_figures() },
        ],
        sections,
        provenance: Provenance {
            last_synced: Instant::parse("2026-11-23T06:00:00Z"),
            coverage: Some(0.953),
            provisional_days: 3,
            missing_days: 0,
        },
        is_empty: false,
    }
}

/// A report about a time before there was anything.
pub(crate) fn empty() -> Report {
    let timeline = Timeline::default();
    let sections = vec![
        Section::drawn("adoption", "AI adoption", "Active members per day.", Chart::Stacked(timeline)),
        Section::listed("members", "Members", "Everyone.", Table::default()),
    ];
    let provenance = Provenance { last_synced: None, coverage: None, provisional_days: 0, missing_days: 28 };
    Report { scope: Vec::new(), notes: Vec::new(), groups: Vec::new(), sections, provenance, is_empty: true, ..report(0) }
}
