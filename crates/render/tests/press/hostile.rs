//! Words that another program might take for something else, in every place of a report that holds words.

use crate::sample;
use tacho_domain::report::{Cell, Chart, Column, Note, Report, Section, Table, Weight};

/// Each means something to a typesetter, a spreadsheet, a browser or a terminal.
pub(crate) const WORDS: [&str; 22] = [
    r#"#panic("no")"#,
    r#"#read("/etc/passwd")"#,
    "#sys.inputs",
    "*bold* _slanted_",
    "$x^2 + sum_1^n$",
    r"back\slash \u{41} \ ",
    "`raw` ```rust raw```",
    "@label and <label>",
    "= Heading - item + item / term: x",
    "// comment /* comment */",
    "]]] [[[ }}} {{{ )))",
    "#[#{#(",
    "https://evil.example/?q=1",
    "<script>alert('1')</script>",
    "&amp; &lt; \"quoted\" 'single'",
    "=1+1",
    "+cmd|'/C calc'!A1",
    "-2+3",
    "@SUM(A1:A9)",
    "{=HYPERLINK(\"https://evil.example\",\"x\")}",
    "~ -- --- ... -? #let x = 1;",
    "internal:Sheet1!A1 mailto:a@b.c",
];

/// The sample with one of those words everywhere.
pub(crate) fn report(words: &str) -> Report {
    let mut report = sample::report(0);
    report.title = words.into();
    report.question = words.into();
    report.scope = vec![words.into()];
    report.notes = vec![Note {
        weight: Weight::Info,
        title: words.into(),
        text: words.into(),
        way: Some(("/settings".into(), words.into())),
    }];
    report.groups.truncate(1);
    report.groups[0].heading = words.into();
    report.groups[0].figures.truncate(1);
    let figure = &mut report.groups[0].figures[0];
    (figure.label, figure.context, figure.formula) = (words.into(), words.into(), words.into());
    figure.parts.iter_mut().for_each(|part| part.label = words.into());
    report.sections = vec![drawn(&report, words), listed(words)];
    report
}

fn drawn(report: &Report, words: &str) -> Section {
    let mut chart = report.sections[0].chart.clone().unwrap();
    if let Chart::Stacked(timeline) = &mut chart {
        timeline.series.iter_mut().for_each(|series| series.label = words.into());
        timeline.annotations.iter_mut().for_each(|annotation| annotation.text = words.into());
    }
    Section::drawn("drawn", words, words, chart)
}

fn listed(words: &str) -> Section {
    let columns = vec![Column::text("a", words).explained(words), Column::text("b", "Linked"), Column::number("c", words)];
    let row = vec![Cell::text(words), Cell::link(words, "/members/7"), Cell::Count(5)];
    let table = Table::new(columns, vec![row.clone(), row.clone()]).with_total(row);
    Section::listed("listed", words, words, table)
}
