//! The document, read back with `pdftotext` and `mutool`.

use crate::readers::{dense, laid_out, said, text};
use crate::{hostile, sample};
use proptest::prelude::*;
use tacho_domain::report::{Report, Table};
use tacho_render::{Made, pdf, words};

fn printed(report: &Report) -> Vec<u8> {
    pdf(report, &sample::made()).unwrap()
}

#[test]
fn the_document_says_what_the_report_says() {
    let report = sample::report(30);
    let bytes = printed(&report);
    let read = dense(&text(&bytes));
    let has = |words: &str| assert!(read.contains(&dense(words)), "{words}\nin\n{read}");
    for words in [&report.title, &report.question, &report.scope[0], "Example Corporation", "26 Oct 2026 to 22 Nov 2026"] {
        has(words);
    }
    for note in &report.notes {
        has(&note.title);
        has(&note.text.replace('`', ""));
    }
    for figure in report.groups.iter().flat_map(|group| &group.figures) {
        has(&figure.label);
        has(&figure.context);
        has(&figure.formula);
        has(&if figure.value.number().is_some() { words::amount(figure.value) } else { "no data".into() });
    }
    for section in &report.sections {
        has(&section.title);
        has(&section.subtitle);
    }
    for name in ["Łukasz Wiśniewski-Brzęczyszczykiewicz", "Дмитрий Менделеев", "Ελένη Παπαδοπούλου", "Nguyễn Thị Minh Khai"]
    {
        has(name);
    }
    has("No connected vendor names models in this window.");
    has("Accepted by offered suggestions.");
    has("3 more rows are not visible to you; the totals hold them all the same.");
    has("2026-11-23 06:00 UTC");
    has("All 212 members");
}

#[test]
fn charts_are_set_in_text_that_can_be_read() {
    let read = text(&printed(&sample::report(1)));
    // An axis of the adoption chart, a bar's value, an hour of the punch card.
    for words in ["400", "48,211 · ", "18:00"] {
        assert!(read.contains(words), "{words}\nin\n{read}");
    }
}

#[test]
fn the_file_says_what_it_is() {
    let bytes = printed(&sample::report(5));
    let about = said("pdfinfo", &["{}"], &bytes);
    let value = |name: &str| {
        let line = about.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim_start_matches(':').trim().to_owned()
    };
    assert_eq!(value("Title"), "Overview, 26 Oct 2026 to 22 Nov 2026");
    assert_eq!(value("Author"), "Example Corporation");
    assert_eq!(value("Creator"), "Tacho");
    assert_eq!(value("Tagged"), "yes");
    assert!(value("Page size").contains("A4"), "{about}");
    assert_eq!(value("JavaScript"), "no");
    let pages: usize = value("Pages").parse().unwrap();
    let read = text(&bytes);
    for page in 1..=pages {
        assert!(read.contains(&format!("{page} of {pages}")), "page {page}");
    }
}

#[test]
fn every_font_is_in_the_file() {
    let fonts = said("pdffonts", &["{}"], &printed(&sample::report(5)));
    let lines: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!lines.is_empty());
    for line in lines {
        assert!(line.contains("+Inter-") && line.contains(" yes yes yes "), "{fonts}");
    }
}

#[test]
fn the_same_report_gives_the_same_bytes_and_two_readers_agree() {
    let bytes = printed(&sample::report(5));
    assert!(bytes == printed(&sample::report(5)));
    let muted = said("mutool", &["draw", "-q", "-F", "txt", "{}"], &bytes);
    for words in ["Overview", "78,753", "Дмитрий Менделеев", "How this is calculated"] {
        assert!(dense(&muted).contains(&dense(words)), "{words}");
    }
}

#[test]
fn hostile_words_are_words() {
    for words in hostile::WORDS {
        let bytes = printed(&hostile::report(words));
        let read = dense(&text(&bytes));
        let times = read.matches(&dense(words)).count();
        assert!(times >= 12, "{words}: {times} times in\n{read}");
    }
}

#[test]
fn links_lead_to_the_installation_and_nowhere_else() {
    let opened = |bytes: &[u8]| said("mutool", &["show", "{}", "grep"], bytes);
    let bytes = printed(&hostile::report("https://evil.example/?q=1"));
    let objects = opened(&bytes);
    let targets: Vec<&str> = objects.split("/URI(").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(targets.contains(&"https://tacho.example.com/members/7"), "{targets:?}");
    assert!(targets.iter().all(|target| target.starts_with("https://tacho.example.com/")), "{targets:?}");
    let nowhere = Made { link: String::new(), ..sample::made() };
    let bytes = pdf(&hostile::report("https://evil.example/?q=1"), &nowhere).unwrap();
    assert!(!opened(&bytes).contains("/URI("));
}

#[test]
fn a_long_table_runs_on_with_its_heads_and_says_where_it_ends() {
    let mut report = sample::report(0);
    report.sections.retain(|section| section.id == "members");
    report.sections[0].table = Table { total_rows: 345, ..sample::members(120) };
    let read = laid_out(&printed(&report));
    assert!(
        dense(&read).contains(&dense("The document holds 120 of 345 rows; the spreadsheet and the CSV file hold all of them."))
    );
    assert!(read.contains("All 212 members"));
    let pages: Vec<&str> = read.split('\u{c}').filter(|page| page.contains("GitHub Copilot, ")).collect();
    assert!(pages.len() >= 3, "{}", pages.len());
    assert!(pages.iter().all(|page| page.contains("Last active")), "a page without heads");
}

#[test]
fn a_report_without_data_is_a_document_too() {
    let bytes = printed(&sample::empty());
    let read = text(&bytes);
    for words in ["There is no data in this window.", "No data in this window.", "never", "28 days", "1 of 1"] {
        assert!(read.contains(words), "{words}\nin\n{read}");
    }
}

#[test]
fn a_table_of_any_shape_can_be_set() {
    let mut report = sample::report(0);
    report.sections.retain(|section| section.id == "members");
    let odd = [
        Table::default(),
        Table { columns: Vec::new(), ..sample::members(3) },
        Table { total: Some(Vec::new()), ..sample::members(3) },
    ];
    for table in odd {
        report.sections[0].table = table;
        printed(&report);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn whatever_the_words_there_is_a_document(words in "(\\PC|[\\x00-\\x1f]|[#$*_`@<>\\[\\]{}()\\\\/]|\u{202e}|\u{200d}|\u{301}){0,60}") {
        prop_assert!(pdf(&hostile::report(&words), &sample::made()).is_ok());
    }
}
