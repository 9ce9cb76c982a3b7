//! A horizontal bar for each thing, with its value and its part of the whole in words.

use super::Heading;
use crate::palette::series_class;
use crate::svg::{Head, Mark, Picture, cut, width_of};
use crate::words::{NO_DATA, amount, share};
use tacho_domain::report::{Amount, Bar, Bars};

const WIDTH: f64 = 420.0;
const ROW: f64 = 40.0;
/// More bars than this are told in the table only.
const MOST: usize = 12;
/// The size of the texts where the page is narrow: what fits then fits always.
const TEXT: f64 = 14.0;

/// Draws the bars, the longest filling the width.
pub(super) fn draw(heading: Heading<'_>, bars: &Bars) -> String {
    let shown = &bars.bars[..bars.bars.len().min(MOST)];
    let left_out = bars.bars.len() - shown.len();
    let rows = u32::try_from(shown.len()).unwrap_or(u32::MAX);
    let height = f64::from(rows) * ROW + if left_out > 0 { 22.0 } else { 0.0 };
    let mut picture = Picture::open("bars", heading.id, (WIDTH, height), heading.title, heading.description);
    let most = shown.iter().filter_map(length).fold(0.0, f64::max);
    let mut y = 0.0;
    for bar in shown {
        draw_one(&mut picture, y, bar, length(bar).filter(|_| most > 0.0).map(|length| length / most));
        y += ROW;
    }
    if left_out > 0 {
        picture.label("tick", (0.0, y + 15.0), "start", &format!("and {left_out} more in the table"));
    }
    picture.close()
}

/// Shares make bars of different units comparable; without them the value does.
fn length(bar: &Bar) -> Option<f64> {
    bar.share.or_else(|| bar.value.number()).filter(|length| *length >= 0.0)
}

fn draw_one(picture: &mut Picture, y: f64, bar: &Bar, part: Option<f64>) {
    let words = words(bar);
    picture.label("value", (WIDTH, y + 15.0), "end", &words);
    let name = cut(&bar.label, TEXT, WIDTH - width_of(&words, TEXT) - 14.0);
    picture.label("name", (0.0, y + 15.0), "start", &name);
    picture.rect("track", (0.0, y + 22.0), (WIDTH, 9.0), r#" rx="2""#);
    if let Some(part) = part {
        // Something, however little, is seen.
        let width = if part > 0.0 { (WIDTH * part).max(2.0) } else { 0.0 };
        picture.rect(&format!("bar {}", series_class(bar.colour)), (0.0, y + 22.0), (width, 9.0), r#" rx="2""#);
    }
    let mark = Mark { head: Head::None, label: &bar.label, text: words };
    picture.rect("column", (0.0, y), (WIDTH, ROW - 6.0), &mark.attributes());
}

/// `1,500 sessions · 75.0 %`.
fn words(bar: &Bar) -> String {
    let value = match bar.value {
        Amount::Unknown => None,
        value if bar.context.is_empty() => Some(amount(value)),
        value => Some(format!("{} {}", amount(value), bar.context)),
    };
    match (value, bar.share) {
        (None, None) => NO_DATA.to_owned(),
        (Some(value), None) => value,
        (None, Some(part)) => share(part),
        (Some(value), Some(part)) => format!("{value} · {}", share(part)),
    }
}
