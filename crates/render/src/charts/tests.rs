//! Pictures of small charts, kept as text, and what must hold for every picture.

use super::*;
use crate::{Theme, legend, standalone};
use tacho_domain::report::{
    Amount, Annotation, Bar, Bars, Bucket, Calendar, Distribution, Dot, Gauge, HeatDay, Point, Punch, Scatter, Series, Step,
    Strip, Timeline, TrendPoint, Unit,
};
use tacho_domain::{Day, Money, ToolId};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn line(tool: &'static str, colour: u8, values: &[Option<f64>]) -> Series {
    let from = day("2026-11-02");
    let last = values.len() - 1;
    let points = values.iter().enumerate().zip(0..).map(|((index, &value), offset)| Point {
        day: from.plus(offset),
        value,
        provisional: index == last,
    });
    Series { tool: ToolId::new(tool), label: format!("Tool <{tool}>"), colour, points: points.collect() }
}

fn week() -> Timeline {
    let series = vec![
        line("one", 0, &[Some(3.0), Some(4.0), None, Some(5.0), None, Some(1.0), Some(2.0)]),
        line("two", 1, &[Some(1.0), None, None, Some(2.0), Some(2.0), Some(2.0), Some(1.0)]),
    ];
    Timeline { series, ..Timeline::default() }
}

fn changes() -> Vec<Annotation> {
    let change = |on: &str, text: &str| Annotation { day: day(on), text: text.into(), source: String::new() };
    vec![
        change("2026-11-05", "Agents count as well"),
        change("2026-11-03", "Lines are counted anew."),
        change("2020-01-01", "Long ago"),
    ]
}

fn bar(label: &str, value: Amount, share: Option<f64>, context: &str) -> Bar {
    Bar { label: label.into(), colour: 0, value, share, context: context.into() }
}

fn bars(bars: Vec<Bar>) -> Chart {
    Chart::Bars(Bars { of: "Tool".into(), measure: "Interactions".into(), bars })
}

fn eight_days() -> Calendar {
    let counts = [Some(0), Some(1), None, Some(6), Some(16), Some(3), Some(0), Some(20)];
    let heat = |(interactions, offset)| HeatDay { day: day("2026-10-26").plus(offset), interactions };
    Calendar { days: counts.into_iter().zip(0..).map(heat).collect(), levels: Some([1, 6, 16, i64::MAX]) }
}

fn punch() -> Chart {
    let mut cells = vec![[Some(0); 24]; 7];
    cells[1][14] = Some(9);
    cells[6] = [None; 24];
    Chart::Punch(Punch { unit: "requests".into(), cells, zone: "UTC".into() })
}

fn distribution(labels: &[&str]) -> Chart {
    let buckets = labels.iter().zip(1..).map(|(label, people)| Bucket { label: (*label).into(), people }).collect();
    Chart::Distribution(Distribution { measure: "Active days".into(), buckets })
}

fn scatter(points: u32) -> Scatter {
    let dot = |at: u32| Dot { label: format!("Team {at}"), colour: 0, x: f64::from(at % 40), y: f64::from(at % 7) - 2.0 };
    let trend = [(0.0, 1.0), (39.0, 3.0)].map(|(x, y)| TrendPoint { x, y, low: y - 1.0, high: y + 1.0 });
    Scatter { across: "Days".into(), up: "Hours".into(), points: (0..points).map(dot).collect(), trend: trend.to_vec() }
}

fn strip() -> Chart {
    let states = [("final", "final"), ("provisional", "not settled"), ("missing", "missing"), ("odd", "odd")];
    let days = [0, 0, 2, 3, 1].into_iter().zip(0..).map(|(state, offset)| (day("2026-11-02").plus(offset), state));
    Chart::Strip(Strip { states: states.map(|(id, words)| (id.to_owned(), words.to_owned())).to_vec(), days: days.collect() })
}

fn gauge(value: f64) -> Chart {
    Chart::Gauge(Gauge { label: "Budget".into(), value: Some(value), marks: vec![0.75, 0.9] })
}

/// One of every kind, with names that try to escape.
fn every_kind() -> Vec<Chart> {
    let hostile = r#""><script>alert(1)</script>"#;
    let mut timeline = Timeline { annotations: changes(), ..week() };
    timeline.series[0].label = hostile.into();
    timeline.annotations[0].text = hostile.into();
    vec![
        Chart::Stacked(timeline.clone()),
        Chart::Lines(Timeline { unit: Unit::Share, step: Step::Week, ..timeline.clone() }),
        Chart::Columns(Timeline { unit: Unit::Dollars, step: Step::Month, ..timeline }),
        bars(vec![bar(hostile, Amount::Count(3), None, hostile), bar("none", Amount::Unknown, None, "")]),
        Chart::Calendar(eight_days()),
        punch(),
        distribution(&[hostile, "1 to 5"]),
        Chart::Scatter(Scatter { across: hostile.into(), up: hostile.into(), ..scatter(5) }),
        strip(),
        gauge(1.2),
    ]
}

fn picture(chart: &Chart) -> String {
    super::chart("it", "A title", chart).replace("><", ">\n<")
}

#[test]
fn areas_stack_break_at_gaps_and_stripe_what_is_provisional() {
    insta::assert_snapshot!(picture(&Chart::Stacked(week())));
}

#[test]
fn series_of_one_colour_differ_in_dashes() {
    let series =
        vec![line("one", 0, &[Some(0.25), Some(0.5)]), line("one", 0, &[Some(0.75), None]), line("two", 1, &[None, Some(1.2)])];
    assert_eq!([0, 1, 2].map(|place| dash(&series, place)), [0, 1, 0]);
    insta::assert_snapshot!(picture(&Chart::Lines(Timeline { series, unit: Unit::Share, ..Timeline::default() })));
}

#[test]
fn a_series_that_lies_on_an_earlier_one_is_dashed_so_that_both_are_seen() {
    let series = [
        line("ours", 0, &[Some(3.0), Some(5.0), None, Some(8.0)]),
        line("the vendor's", 6, &[Some(3.0), Some(5.0), Some(9.0), Some(7.0)]),
        line("another", 1, &[Some(3.0), Some(4.0), Some(9.5), Some(7.5)]),
        line("unknown", 2, &[None, None, None, None]),
    ];
    assert_eq!([0, 1, 2, 3].map(|place| dash(&series, place)), [0, 1, 0, 0]);
}

#[test]
fn columns_stand_on_each_other_and_changes_are_marked_where_they_begin() {
    let timeline = Timeline { unit: Unit::Dollars, annotations: changes(), ..week() };
    let notes: Vec<(usize, &str)> = annotated(&timeline).into_iter().map(|(place, note)| (place, note.text.as_str())).collect();
    assert_eq!(notes, [(1, "Lines are counted anew."), (3, "Agents count as well")]);
    insta::assert_snapshot!(picture(&Chart::Columns(timeline)));
}

#[test]
fn a_place_says_which_days_it_stands_for() {
    let series = vec![line("one", 0, &[Some(1.0)])];
    let weekly = picture(&Chart::Lines(Timeline { series, step: Step::Week, ..Timeline::default() }));
    assert!(weekly.contains(r#"data-day="2026-11-02" data-to="2026-11-08" data-text="1""#), "{weekly}");
}

#[test]
fn a_calendar_begins_on_monday_and_stripes_what_is_unknown() {
    insta::assert_snapshot!(picture(&Chart::Calendar(eight_days())));
}

#[test]
fn bars_name_their_units_and_a_tool_without_counts_has_no_bar() {
    insta::assert_snapshot!(picture(&bars(vec![
        bar("First", Amount::Count(1500), Some(0.75), "sessions"),
        bar("Second", Amount::Money(Money(500_000_000)), Some(0.25), ""),
        bar("Mute", Amount::Unknown, None, ""),
    ])));
}

#[test]
fn a_dozen_bars_are_drawn_and_the_rest_is_counted() {
    let many = picture(&bars((0..30).map(|n| bar("name", Amount::Count(n), None, "")).collect()));
    assert_eq!(many.matches("track").count(), 12);
    assert!(many.contains(">and 18 more in the table<"));
}

#[test]
fn ranges_with_long_names_become_rows() {
    assert!(picture(&distribution(&["0", "1 to 5", "6 to 15"])).contains("chart-distribution"));
    let long = ["10,000 to 19,999"; 9];
    assert!(picture(&distribution(&long)).contains("chart-bars"));
}

#[test]
fn a_crowd_is_a_few_shapes_and_a_group_has_names() {
    assert_eq!(picture(&Chart::Scatter(scatter(600))).matches("data-place").count(), 600);
    let crowd = picture(&Chart::Scatter(scatter(3000)));
    assert_eq!((crowd.matches("data-place").count(), crowd.matches(r#"class="crowd"#).count()), (0, 1));
}

#[test]
fn a_strip_tells_what_is_missing_by_more_than_colour() {
    insta::assert_snapshot!(picture(&strip()));
    let classes: Vec<String> = legend(&strip()).into_iter().map(|key| key.class).collect();
    assert_eq!(classes, ["state-final", "state-provisional", "state-missing", "heat-4"]);
}

#[test]
fn a_gauge_changes_its_tone_at_its_marks_and_may_run_over() {
    let tone =
        |value: f64| ["calm", "warn", "bad"].into_iter().find(|tone| picture(&gauge(value)).contains(&format!("tone-{tone}")));
    assert_eq!([0.5, 0.75, 0.9, 1.5].map(tone), [Some("calm"), Some("warn"), Some("bad"), Some("bad")]);
    assert!(picture(&gauge(1.5)).contains(">100 %<"));
}

#[test]
fn a_punch_card_has_a_cell_for_every_hour() {
    let card = picture(&punch());
    assert_eq!(card.matches("data-place").count(), 7 * 24);
    assert!(card.contains(r#"data-x="Tuesday 14:00 UTC" data-label="requests" data-text="9""#), "{card}");
    assert_eq!(card.matches("url(#it-stripes)").count(), 24);
}

#[test]
fn a_legend_names_what_can_be_hidden_and_what_stripes_mean() {
    let keys = legend(&Chart::Stacked(Timeline { annotations: changes(), ..week() }));
    let words: Vec<(&str, Option<usize>)> = keys.iter().map(|key| (key.class.as_str(), key.series)).collect();
    assert_eq!(
        words,
        [("series-0", Some(0)), ("series-1", Some(1)), ("key-provisional", None), ("key-void", None), ("key-annotation", None)]
    );
    let levels: Vec<String> = legend(&Chart::Calendar(eight_days())).into_iter().map(|key| key.label).collect();
    assert_eq!(levels, ["0", "1 to 5", "6 to 15", "16 or more", "no data"]);
}

#[test]
fn a_spark_has_gaps_and_nothing_known_draws_nothing() {
    assert_eq!(spark(&[None, None]), "");
    assert_eq!(spark_bars(&[None, Some(0.0)]), "");
    assert_eq!(spark_bars(&[None, Some(2.0), Some(0.0), Some(1.0)]).matches('M').count(), 2);
    insta::assert_snapshot!(spark(&[Some(0.0), Some(4.0), None, Some(2.0)]).replace("><", ">\n<"));
}

#[test]
fn nothing_to_draw_draws_nothing() {
    let void = vec![line("one", 0, &[None, None])];
    for chart in [
        Chart::Stacked(Timeline::default()),
        Chart::Lines(Timeline { series: void, ..Timeline::default() }),
        bars(Vec::new()),
        Chart::Calendar(Calendar::default()),
        Chart::Punch(Punch::default()),
        Chart::Distribution(Distribution::default()),
        Chart::Scatter(Scatter::default()),
        Chart::Strip(Strip::default()),
        Chart::Gauge(Gauge::default()),
    ] {
        assert_eq!(super::chart("it", "Nothing", &chart), "");
        assert!(!crate::caption(&chart).is_empty());
    }
}

#[test]
fn no_picture_carries_what_a_strict_policy_blocks_or_a_name_that_escapes() {
    for chart in every_kind() {
        let picture = super::chart("it", "<b>", &chart);
        for blocked in ["<script", "<style", " style=", "<b>", "javascript:", "NaN", "inf\"", "=\"inf"] {
            assert!(!picture.contains(blocked), "{blocked} in {picture}");
        }
        let opened = picture.matches("<g ").count();
        assert_eq!(opened, picture.matches("</g>").count(), "{picture}");
    }
}

#[test]
fn every_kind_can_leave_the_page_in_light_and_dark() {
    for chart in every_kind() {
        for theme in [Theme::Light, Theme::Dark] {
            let alone = standalone(&super::chart("it", "A title", &chart), theme);
            assert!(alone.contains(theme.colour("box").unwrap()));
            for of_the_page in ["var(", "class=\"column\"", "<script>"] {
                assert!(!alone.contains(of_the_page), "{of_the_page} in {alone}");
            }
            resvg::usvg::Tree::from_str(&alone, &resvg::usvg::Options::default()).unwrap();
        }
    }
    assert_eq!(standalone("", Theme::Light), "");
}
