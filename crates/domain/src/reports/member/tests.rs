//! What a person's page promises: parts add up, no data is not zero, nothing of others is in it.

use super::{DataDay, Material, PastMonth, UsedDay, UsedSplit, Who, build, calendar_days, needed_days, past_until};
use crate::columns::bit_of;
use crate::report::{Amount, Cell, Chart, Question, Report, ReportName};
use crate::share::SharedCard;
use crate::{AcceptanceRule, Day, Dimension, Measure, Measures, OrganizationId, SubjectId, ToolId, ToolProfile, Window};
use proptest::prelude::*;

const RULE: AcceptanceRule = AcceptanceRule {
    id: "edits",
    label: "Edits",
    accepted: &[Measure::EditsAccepted],
    offered: &[Measure::EditsAccepted, Measure::EditsRejected],
    formula: "accepted by decided",
};

fn profile(id: &'static str, name: &'static str, colour: u8) -> ToolProfile {
    ToolProfile {
        id,
        name,
        interaction_unit: "requests",
        interaction_formula: "requests",
        active_formula: "any request",
        acceptance: &[RULE],
        colour,
        ..ToolProfile::BLANK
    }
}

fn profiles() -> [ToolProfile; 2] {
    [profile("one", "Tool One", 0), profile("two", "Tool Two", 1)]
}

const LAST: Day = Day(20_700);

fn window() -> Window {
    Window::ending(LAST, 90)
}

fn asked(tools: &[&'static str]) -> Question {
    let tools = tools.iter().map(|tool| ToolId::new(tool)).collect();
    Question { tools, ..Question::overview(OrganizationId(1), window()) }
}

fn data(back: i32, tool: &'static str) -> DataDay {
    DataDay { day: LAST.minus(back), tool: ToolId::new(tool), provisional: back < 3, knows_activity: true }
}

fn used(back: i32, tool: &'static str, interactions: i64) -> UsedDay {
    let measures = Measures::default()
        .with(Measure::Interactions, interactions)
        .with(Measure::LinesAdded, interactions * 2)
        .with(Measure::EditsAccepted, interactions)
        .with(Measure::EditsRejected, 1);
    UsedDay { day: LAST.minus(back), tool: ToolId::new(tool), active: Some(interactions > 0), measures }
}

fn material(profiles: &[ToolProfile], data: Vec<DataDay>, used: Vec<UsedDay>) -> Material<'_> {
    let who = Who { subject: SubjectId(7), name: "Ada".into(), unmatched: false, identities: 1 };
    let (splits, past) = (Vec::new(), Vec::new());
    Material { profiles, who, data, used, past, splits, punch: None, active_hours: None, last_synced: None }
}

fn report(material: &Material<'_>, tools: &[&'static str]) -> Report {
    build(&ReportName::Mine, &asked(tools), material)
}

fn value(report: &Report, id: &str) -> Amount {
    report.figure(id).map_or(Amount::Unknown, |figure| figure.value)
}

#[test]
fn days_count_once_whatever_the_tools_and_the_top_tool_has_the_most() {
    let profiles = profiles();
    let days = (0..200).flat_map(|back| [data(back, "one"), data(back, "two")]).collect();
    let own = vec![used(0, "one", 4), used(0, "two", 9), used(5, "two", 2), used(95, "one", 3), used(150, "one", 1)];
    let material = material(&profiles, days, own);
    let report = report(&material, &[]);
    assert_eq!(value(&report, "interactions"), Amount::Count(15));
    assert_eq!(report.figure("interactions").unwrap().before, Amount::Count(4));
    assert_eq!(value(&report, "active_days"), Amount::Count(2));
    assert_eq!(report.figure("active_days").unwrap().before, Amount::Count(2));
    assert_eq!(report.figure("active_days").unwrap().context, "of 90, light use");
    let top = report.figure("top_tool").unwrap();
    assert_eq!((top.label.as_str(), top.context.as_str()), ("Top tool: Tool Two", "11 of 15 interactions"));
    assert!(report.figure("interactions").unwrap().provisional);
    assert!(!report.is_empty);
}

#[test]
fn a_day_without_data_is_not_a_zero_and_a_day_without_the_person_is() {
    let profiles = profiles();
    let material = material(&profiles, vec![data(10, "one"), data(8, "one")], vec![used(10, "one", 4)]);
    let report = report(&material, &[]);
    let Some(Chart::Calendar(calendar)) = &report.section("heatmap").unwrap().chart else { panic!("a calendar") };
    let at = |back| calendar.days.iter().find(|day| day.day == LAST.minus(back)).unwrap().interactions;
    assert_eq!((at(10), at(9), at(8)), (Some(4), None, Some(0)));
    assert_eq!(calendar.levels, Some([1, 6, 16, i64::MAX]));
    assert_eq!(report.provenance.missing_days, 88);
    assert_eq!(report.figure("interactions").unwrap().before, Amount::Unknown, "no data before");
}

#[test]
fn somebody_without_anything_has_zeros_and_a_word_and_without_any_data_nothing() {
    let profiles = profiles();
    let nobody = report(&material(&profiles, vec![data(1, "one")], Vec::new()), &[]);
    assert_eq!(value(&nobody, "interactions"), Amount::Count(0));
    assert_eq!(value(&nobody, "active_days"), Amount::Count(0));
    assert_eq!(nobody.notes[0].title, "Nothing in this window");
    assert!(nobody.figure("top_tool").is_none() && !nobody.is_empty);
    let nothing = report(&material(&profiles, Vec::new(), Vec::new()), &[]);
    assert_eq!(value(&nothing, "interactions"), Amount::Unknown);
    assert!(nothing.is_empty);
    let mut unlinked = material(&profiles, Vec::new(), Vec::new());
    unlinked.who.identities = 0;
    assert_eq!(report(&unlinked, &[]).notes[0].title, "No identity yet");
}

#[test]
fn history_goes_back_as_far_as_the_person_does() {
    let profiles = profiles();
    let days = (0..800).map(|back| data(back, "one")).collect();
    let material = material(&profiles, days, vec![used(700, "one", 5), used(400, "one", 7), used(1, "one", 1)]);
    let report = report(&material, &[]);
    let table = &report.section("history").unwrap().table;
    let sum = table.column("interactions").unwrap();
    let total: i64 = table.rows.iter().map(|row| if let Cell::Count(value) = row[sum] { value } else { 0 }).sum();
    assert_eq!(total, 13);
    assert_eq!(table.rows.last().unwrap()[0], Cell::Day(LAST.minus(700).month()));
    assert_eq!(table.rows[0][table.column("state").unwrap()], Cell::text("provisional"));
}

#[test]
fn splits_name_their_tool_and_rates_stay_within_it() {
    let profiles = profiles();
    let mut material = material(&profiles, vec![data(1, "one"), data(1, "two")], vec![used(1, "one", 4), used(1, "two", 4)]);
    let split = |tool, value: &str, measures| UsedSplit {
        tool: ToolId::new(tool),
        dimension: Dimension::Model,
        value: value.into(),
        measures,
    };
    let edits = Measures::default().with(Measure::EditsAccepted, 3).with(Measure::EditsRejected, 1);
    let cost = Measures::default().with(Measure::Cost, 2_000_000);
    material.splits = vec![split("one", "gpt-x", edits), split("two", "opus", cost)];
    let report = report(&material, &[]);
    let table = &report.section("models").unwrap().table;
    let heads: Vec<&str> = table.columns.iter().map(|column| column.id.as_str()).collect();
    assert_eq!(heads, ["name", "tool", "metered_value", "acceptance_one_edits"]);
    assert_eq!(table.rows[0], [Cell::text("gpt-x"), Cell::text("Tool One"), Cell::Nothing, Cell::Share(0.75)]);
    assert_eq!(table.rows[1][2..], [Cell::money(Some(2_000_000)), Cell::Nothing]);
    assert!(report.section("languages").is_none());
}

/// Puts whole months in place of their days, those that are wanted.
fn with_months(mut material: Material<'_>, wanted: impl Fn(Day) -> bool) -> Material<'_> {
    let until = past_until(window());
    let folds = |day: Day| day < until && wanted(day.month());
    let blank = |day: Day, tool: &ToolId| PastMonth {
        month: day.month(),
        tool: tool.clone(),
        knows_activity: 0,
        present: 0,
        active: 0,
        interactions: None,
    };
    let mut past = Vec::new();
    for data in material.data.iter().filter(|data| folds(data.day)) {
        let knows_activity = if data.knows_activity { bit_of(data.day) } else { 0 };
        past.push(PastMonth { knows_activity, ..blank(data.day, &data.tool) });
    }
    for used in material.used.iter().filter(|used| folds(used.day)) {
        let active = if used.active == Some(true) { bit_of(used.day) } else { 0 };
        let interactions = used.measures[Measure::Interactions];
        past.push(PastMonth { present: bit_of(used.day), active, interactions, ..blank(used.day, &used.tool) });
    }
    material.data.retain(|data| !folds(data.day));
    material.used.retain(|used| !folds(used.day));
    Material { past, ..material }
}

/// What a vendor told of some days: how long ago, of which tool, whether it knows activity; and whether the person is named in
/// it, as active, with how many interactions.
type Told = (i32, usize, bool, Option<(Option<bool>, Option<i64>)>);

fn any_history() -> impl Strategy<Value = Vec<Told>> {
    let named = prop::option::of((any::<Option<bool>>(), prop::option::of(0i64..50)));
    prop::collection::vec((0i32..700, 0usize..2, any::<bool>(), named), 0..120)
}

fn as_days(told: &[Told]) -> (Vec<DataDay>, Vec<UsedDay>) {
    let ids = ["one", "two"];
    let data =
        told.iter().map(|(back, tool, knows_activity, _)| DataDay { knows_activity: *knows_activity, ..data(*back, ids[*tool]) });
    let used = told.iter().filter_map(|(back, tool, _, named)| {
        let (active, interactions) = (*named)?;
        let mut day = UsedDay { active, measures: Measures::default(), ..used(*back, ids[*tool], 0) };
        day.measures[Measure::Interactions] = interactions;
        Some(day)
    });
    (data.collect(), used.collect())
}

fn any_days() -> impl Strategy<Value = Vec<(i32, usize, i64)>> {
    prop::collection::vec((0i32..300, 0usize..2, 0i64..50), 0..80)
}

proptest! {
    #[test]
    fn parts_spark_trend_and_history_add_up_to_the_total(days in any_days(), pick in 0usize..3) {
        let (profiles, ids) = (profiles(), ["one", "two"]);
        let own: Vec<UsedDay> = days.iter().map(|(back, tool, many)| used(*back, ids[*tool], *many)).collect();
        let all = (0..300).flat_map(|back| [data(back, "one"), data(back, "two")]).collect();
        let tools: &[&'static str] = match pick { 0 => &[], 1 => &["one"], _ => &["two"] };
        let counts = |tool: usize| tools.is_empty() || tools.contains(&ids[tool]);
        let expected: i64 =
            days.iter().filter(|(back, tool, _)| *back < 90 && counts(*tool)).map(|(_, _, many)| many).sum();
        let material = material(&profiles, all, own);
        let report = report(&material, tools);
        let figure = report.figure("interactions").unwrap();
        prop_assert_eq!(figure.value, Amount::Count(expected));
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let total = expected as f64;
        let sum: f64 = figure.spark.iter().flatten().sum();
        prop_assert!((sum - total).abs() < 1e-9);
        let parts: f64 = figure.parts.iter().filter_map(|part| part.value.number()).sum();
        prop_assert!((parts - total).abs() < 1e-9);
        let Some(Chart::Lines(trend)) = &report.section("trend").unwrap().chart else { panic!("lines") };
        let drawn: f64 = trend.series.iter().flat_map(|one| &one.points).filter_map(|point| point.value).sum();
        prop_assert!((drawn - total).abs() < 1e-9);
        let whole: i64 = days.iter().filter(|(_, tool, _)| counts(*tool)).map(|(_, _, many)| many).sum();
        let Some(Chart::Columns(history)) = &report.section("history").unwrap().chart else { panic!("columns") };
        let months: f64 = history.series.iter().flat_map(|one| &one.points).filter_map(|point| point.value).sum();
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let whole = whole as f64;
        prop_assert!((months - whole).abs() < 1e-9);
    }

    #[test]
    fn whether_a_month_is_known_by_its_days_or_as_a_whole_makes_no_difference(
        told in any_history(), wanted in prop::collection::vec(any::<bool>(), 12), tool in prop::option::of(0usize..2),
    ) {
        let profiles = profiles();
        let (data, used) = as_days(&told);
        let tools: &[&'static str] = match tool { None => &[], Some(0) => &["one"], Some(_) => &["two"] };
        let by_day = report(&material(&profiles, data.clone(), used.clone()), tools);
        let all = with_months(material(&profiles, data.clone(), used.clone()), |_| true);
        prop_assert!(all.data.iter().all(|data| data.day >= past_until(window())));
        prop_assert_eq!(&report(&all, tools), &by_day);
        let some = with_months(material(&profiles, data, used), |month| wanted[month.0.unsigned_abs() as usize / 31 % 12]);
        prop_assert_eq!(&report(&some, tools), &by_day);
    }

    #[test]
    fn what_is_needed_holds_the_window_the_one_before_and_whole_weeks_of_the_calendar(len in 1u32..800) {
        let window = Window::ending(LAST, len);
        let (needed, calendar) = (needed_days(window), calendar_days(window));
        prop_assert!(needed.from <= window.before().from && needed.from <= calendar.from && needed.to == window.to);
        prop_assert!(calendar.len() >= 90 && calendar.from.week() == calendar.from);
    }
}

#[test]
fn a_card_holds_the_three_numbers_the_window_and_what_was_chosen_alone() {
    let profiles = profiles();
    let days = (0..200).map(|back| data(back, "one")).collect();
    let material = material(&profiles, days, vec![used(0, "one", 4), used(5, "one", 2), used(95, "one", 3)]);
    let report = report(&material, &[]);
    let card = SharedCard::of(&report, "A. L.", None);
    assert_eq!((card.interactions, card.active_days, card.top_tool.as_deref()), (Some(6), 2, Some("Tool One")));
    assert_eq!((card.each_day.len(), card.window()), (90, window()));
    assert_eq!(card.heatmap().last().unwrap().interactions, Some(4));
    let text = serde_json::to_string(&card).unwrap();
    assert!(!text.contains("Ada"), "{text}");
    assert_eq!(serde_json::from_str::<SharedCard>(&text).unwrap(), card);
}
