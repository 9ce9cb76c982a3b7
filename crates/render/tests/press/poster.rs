//! Charts as pictures for slides.

use crate::{hostile, sample};
use tacho_render::{Theme, png, poster};

#[test]
fn every_chart_is_a_picture_with_title_and_legend() {
    let report = sample::report(1);
    for section in report.sections.iter().filter(|section| section.chart.is_some()) {
        for theme in [Theme::Light, Theme::Dark] {
            let drawn = poster(section, theme);
            assert!(drawn.contains(&format!(">{}</text>", section.title)) && !drawn.contains("var("), "{drawn}");
            png(&drawn, 0.5).unwrap();
        }
    }
    let adoption = poster(report.section("adoption").unwrap(), Theme::Light);
    for words in ["GitHub Copilot", "Claude Code", "Cursor", "provisional: may still be restated"] {
        assert!(adoption.contains(&format!(">{words}</text>")), "{words}");
    }
}

#[test]
fn what_has_no_picture_has_no_poster() {
    assert_eq!(poster(sample::report(1).section("members").unwrap(), Theme::Light), "");
    assert_eq!(poster(&sample::empty().sections[0], Theme::Light), "");
}

#[test]
fn hostile_words_stay_words() {
    for words in hostile::WORDS.iter().chain(&["\u{0}\u{fffe}\u{ffff}\u{1b}", "a\u{202e}b"]) {
        let drawn = poster(&hostile::report(words).sections[0], Theme::Light);
        assert!(!drawn.contains("<script"), "{drawn}");
        png(&drawn, 0.2).unwrap();
    }
}
