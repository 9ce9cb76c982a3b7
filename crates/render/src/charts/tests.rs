//! Pictures of small reports, kept as text, and what must hold for every picture.

use super::*;
use tacho_domain::report::{HeatDay, Point, Series, ToolUsage};
use tacho_domain::{Day, ToolId};

fn line(tool: &'static str, colour: u8, values: &[Option<f64>]) -> Series {
    let from: Day = "2026-11-02".parse().unwrap();
    let last = values.len() - 1;
    let points = values.iter().enumerate().zip(0..).map(|((index, &value), offset)| Point {
        day: from.plus(offset),
        value,
        provisional: index == last,
    });
    Series { tool: ToolId::new(tool), label: format!("Tool <{tool}>"), colour, points: points.collect() }
}

fn two() -> Vec<Series> {
    vec![
        line("one", 0, &[Some(3.0), Some(4.0), None, Some(5.0), None, Some(1.0), Some(2.0)]),
        line("two", 1, &[Some(1.0), None, None, Some(2.0), Some(2.0), Some(2.0), Some(1.0)]),
    ]
}

#[test]
fn areas_stack_break_at_gaps_and_hatch_what_is_provisional() {
    insta::assert_snapshot!(adoption(&two(), "AI adoption", "Two tools & a week").replace("><", ">\n<"));
}

#[test]
fn rules_of_one_tool_share_a_colour_and_differ_in_dashes() {
    let rates =
        [line("one", 0, &[Some(0.25), Some(0.5)]), line("one", 0, &[Some(0.75), None]), line("two", 1, &[None, Some(1.2)])];
    assert_eq!(dashes(&rates), [0, 1, 0]);
    insta::assert_snapshot!(acceptance(&rates, "Acceptance", "Weekly").replace("><", ">\n<"));
}

#[test]
fn a_calendar_begins_on_monday_and_stripes_what_is_unknown() {
    let from: Day = "2026-10-26".parse().unwrap();
    let counts = [Some(0), Some(1), None, Some(6), Some(16), Some(3), Some(0), Some(20)];
    let days: Vec<HeatDay> =
        counts.into_iter().zip(0..).map(|(interactions, offset)| HeatDay { day: from.plus(offset), interactions }).collect();
    insta::assert_snapshot!(calendar(&days, "Activity", "Eight days").replace("><", ">\n<"));
}

#[test]
fn bars_name_their_units_and_a_tool_without_counts_has_no_bar() {
    let tool = |name: &str, colour, interactions: Option<i64>, share| ToolUsage {
        tool: ToolId::new("any"),
        name: name.into(),
        colour,
        unit: "sessions".into(),
        interactions,
        tokens: None,
        share,
        active_members: 1,
        active_unmatched: 0,
    };
    let usage = [tool("First", 0, Some(1500), Some(0.75)), tool("Second", 1, Some(500), Some(0.25)), tool("Mute", 2, None, None)];
    insta::assert_snapshot!(usage_bars(&usage, "Use", "By tool").replace("><", ">\n<"));
}

#[test]
fn a_spark_has_gaps_and_nothing_known_draws_nothing() {
    assert_eq!(spark(&[None, None]), "");
    assert_eq!(spark_bars(&[None, Some(0.0)]), "");
    assert_eq!(spark_bars(&[None, Some(2.0), Some(0.0), Some(1.0)]).matches("<rect").count(), 2);
    insta::assert_snapshot!(spark(&[Some(0.0), Some(4.0), None, Some(2.0)]).replace("><", ">\n<"));
}

#[test]
fn no_picture_carries_what_a_strict_policy_blocks_or_a_name_that_escapes() {
    let hostile = [Series { label: r#""><script>alert(1)</script>"#.into(), ..line("one", 9, &[Some(1.0), Some(2.0)]) }];
    let pictures = [
        adoption(&hostile, "<b>", "<i>"),
        acceptance(&hostile, "<b>", "<i>"),
        calendar(&[], "<b>", "<i>"),
        adoption(&[], "", ""),
    ];
    for picture in pictures {
        for blocked in ["<script", "<style", " style=", "<b>", "<i>", "javascript:", "NaN", "inf"] {
            assert!(!picture.contains(blocked), "{blocked} in {picture}");
        }
    }
}
