//! The card that somebody shares.

use tacho_domain::Day;
use tacho_domain::report::HeatDay;
use tacho_render::{ShareCard, png, share_card};

fn card(days: i32) -> ShareCard {
    let last: Day = "2026-11-22".parse().unwrap();
    let heat = |back: i32| {
        let day = last.minus(back);
        let busy = if day.is_workday() { (back * 7 + back * back) % 29 } else { 0 };
        HeatDay { day, interactions: (back % 40 != 39).then(|| busy.into()) }
    };
    ShareCard {
        name: "Ada Lovelace".into(),
        organization: Some("Example Corporation".into()),
        window: "25 Aug 2026 to 22 Nov 2026".into(),
        interactions: Some(12_345),
        active_days: 67,
        days: days.unsigned_abs(),
        top_tool: Some("GitHub Copilot".into()),
        heatmap: (0..days).rev().map(heat).collect(),
    }
}

fn bare() -> ShareCard {
    ShareCard { organization: None, interactions: None, top_tool: None, heatmap: Vec::new(), active_days: 0, ..card(7) }
}

#[test]
fn the_card_says_what_it_is_given() {
    insta::assert_snapshot!(share_card(&card(7)).replace("><", ">\n<"));
    let drawn = share_card(&bare());
    assert_eq!(drawn.matches(">no data<").count(), 2);
    assert!(!drawn.contains("Example Corporation"));
}

#[test]
fn a_card_is_a_picture_of_its_size() {
    for (name, card) in [("week", card(28)), ("quarter", card(90)), ("year", card(365)), ("bare", bare())] {
        let bytes = png(&share_card(&card), 1.0).unwrap();
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!((number(16), number(20)), (1200, 627), "{name}");
    }
}

#[test]
fn hostile_words_stay_words() {
    for words in crate::hostile::WORDS {
        let hostile = ShareCard {
            name: words.into(),
            organization: Some(words.into()),
            top_tool: Some(words.into()),
            window: words.into(),
            ..card(28)
        };
        let drawn = share_card(&hostile);
        assert!(!drawn.contains("<script") && !drawn.contains("href"), "{drawn}");
        png(&drawn, 0.2).unwrap();
    }
    let control = ShareCard { name: "a\u{0}b\u{1b}[31m\u{fffe}".into(), ..card(28) };
    png(&share_card(&control), 0.2).unwrap();
}
