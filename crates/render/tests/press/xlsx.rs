//! The spreadsheet, its parts read as they are written.

use crate::readers::{names, part};
use crate::{hostile, sample};
use tacho_domain::report::{Cell, Column, Report, Table};
use tacho_domain::{Day, Instant, Money};
use tacho_render::{Made, xlsx};

fn written(report: &Report) -> Vec<u8> {
    let tables: Vec<(String, &Table)> = report.sections.iter().map(|section| (section.title.clone(), &section.table)).collect();
    xlsx(report, &tables, &sample::made()).unwrap()
}

fn sheet_of(table: &Table) -> Vec<u8> {
    xlsx(&sample::report(0), &[("Sheet".into(), table)], &sample::made()).unwrap()
}

/// The attributes and inside of a cell.
fn cell(sheet: &str, place: &str) -> String {
    let begin = format!("<c r=\"{place}\"");
    let rest = sheet.split_once(&begin).unwrap_or_else(|| panic!("no {place} in {sheet}")).1;
    rest.split("</c>").next().unwrap().to_owned()
}

#[test]
fn values_are_what_they_are() {
    let columns = ["Count", "Number", "Share", "Money", "Day", "Instant", "Nothing"].map(|label| Column::number(label, label));
    let at = Instant::parse("2026-11-23T12:00:00Z").unwrap();
    let day: Day = "2026-11-23".parse().unwrap();
    let row = vec![
        Cell::Count(1_234_567),
        Cell::Number(2.5),
        Cell::Share(0.345),
        Cell::Money(Money(-12_345_678)),
        Cell::Day(day),
        Cell::Instant(at),
        Cell::Nothing,
    ];
    let book = sheet_of(&Table::new(columns.to_vec(), vec![row]));
    let sheet = part(&book, "xl/worksheets/sheet2.xml");
    let value = |place: &str| cell(&sheet, place).split("<v>").nth(1).map(|rest| rest.replace("</v>", ""));
    let values = ["A2", "B2", "C2", "D2", "E2", "F2"].map(|place| value(place).unwrap());
    assert_eq!(values, ["1234567", "2.5", "0.345", "-12.345678", "46349", "46349.5"]);
    assert!(["A2", "B2", "C2", "D2", "E2", "F2"].iter().all(|place| !cell(&sheet, place).contains("t=")), "{sheet}");
    assert!(!sheet.contains("\"G2\""), "no data is no value");
    let styles = part(&book, "xl/styles.xml");
    for format in ["0.0%", "&quot;$&quot;#,##0.00", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"] {
        assert!(styles.contains(format), "{format} in {styles}");
    }
}

#[test]
fn words_are_never_formulas_and_links_lead_home() {
    for words in hostile::WORDS {
        let book = written(&hostile::report(words));
        for name in names(&book) {
            let text = part(&book, &name);
            assert!(!text.contains("<f>") && !text.contains("<f "), "{words} in {name}");
            if name.contains("_rels/") {
                let outside = text.split("<Relationship ").filter(|relation| relation.contains("TargetMode=\"External\""));
                assert!(outside.into_iter().all(|relation| relation.contains("Target=\"https://tacho.example.com/")), "{text}");
            }
        }
        let sheet = part(&book, "xl/worksheets/sheet3.xml");
        assert!(cell(&sheet, "A2").contains("t=\"s\""), "{words}: {sheet}");
    }
}

#[test]
fn heads_stay_filter_and_print_on_every_page() {
    let book = written(&sample::report(30));
    let members = part(&book, "xl/worksheets/sheet11.xml");
    assert!(members.contains("state=\"frozen\"") && members.contains("topLeftCell=\"A2\""), "{members}");
    // Nine columns: the small pictures are left out. 30 rows and the head; the sums stand below, unfiltered.
    assert!(members.contains("<autoFilter ref=\"A1:I31\"/>"), "{members}");
    assert!(cell(&members, "E32").contains("<v>78753</v>"));
    let workbook = part(&book, "xl/workbook.xml");
    assert!(workbook.contains("_xlnm.Print_Titles"), "{workbook}");
    let sheets: Vec<&str> = workbook.split("<sheet name=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(sheets[..3], ["About", "AI adoption", "Use by tool"]);
}

#[test]
fn the_first_sheet_says_what_the_file_is() {
    let report = sample::report(3);
    let book = written(&report);
    let shared = part(&book, "xl/sharedStrings.xml");
    let expected = [
        "Overview",
        "Are we using what we pay for, and is it growing?",
        "26 Oct 2026 to 22 Nov 2026",
        "Team: Platform Engineering",
        "Example Corporation",
        "Set email in the roster",
        "Distinct members with at least one interaction in the window.",
        "Accepted by offered suggestions.",
        "https://tacho.example.com/?days=28",
        "3 not visible to you",
        "Everyone with a seat or any use.",
    ];
    for words in expected {
        assert!(shared.contains(words), "{words} in {shared}");
    }
    let core = part(&book, "docProps/core.xml");
    assert!(core.contains("2026-11-23T09:41:00Z") && core.contains("Overview, 26 Oct 2026"), "{core}");
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    assert!(written(&sample::report(20)) == written(&sample::report(20)));
}

#[test]
fn every_shape_of_table_can_be_written() {
    let nowhere = Made { link: "javascript:alert(1)".into(), ..sample::made() };
    let hidden = Table { columns: Vec::new(), ..Table::default() };
    let long = Table::new(
        vec![Column::text("a", "A")],
        vec![vec![Cell::text("x".repeat(40_000))], vec![Cell::text("😀".repeat(20_000))]],
    );
    let odd = Table::new(
        vec![Column::number("a", "A"), Column::text("b", "B")],
        vec![vec![Cell::Number(f64::NAN), Cell::link("", "/x")], vec![Cell::Share(f64::INFINITY), Cell::Day(Day(-40_000))]],
    );
    for table in [&Table::default(), &hidden, &long, &odd, &sample::members(5_000)] {
        xlsx(&sample::empty(), &[("Odd".into(), table)], &nowhere).unwrap();
    }
    xlsx(&sample::empty(), &[], &nowhere).unwrap();
}
