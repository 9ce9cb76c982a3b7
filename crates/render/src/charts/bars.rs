//! A horizontal bar for each thing, with its value and its part of the whole in words.

use super::Heading;
use crate::palette::series_class;
use crate::svg::{Head, Mark, Picture, cut, width_of};
use crate::words::{NO_DATA, amount, share};
use tacho_domain::report::{Amount, Bar, Bars};

const WIDTH: f64 = 420.0;
const ROW: f64 = 40.0;
/// What a line of remarks below each bar adds to its row.
const REMARKS: f64 = 16.0;
/// More bars than this are told in the table only.
const MOST: usize = 12;
/// Between a name and the words at the other end.
const GAP: f64 = 14.0;
/// The size of the texts where the page is narrow: what fits then fits always.
const TEXT: f64 = 14.0;

/// Draws the bars, the longest filling the width.
pub(super) fn draw(heading: Heading<'_>, bars: &Bars) -> String {
    let shown = &bars.bars[..bars.bars.len().min(MOST)];
    let left_out = bars.bars.len() - shown.len();
    let rows = u32::try_from(shown.len()).unwrap_or(u32::MAX);
    // Remarks that leave no room for a name go below the bars, of all bars alike.
    let below = shown.iter().any(|bar| width_of(&bar.label, TEXT) + width_of(&words(bar, true), TEXT) + GAP > WIDTH);
    let row = if below { ROW + REMARKS } else { ROW };
    let height = f64::from(rows) * row + if left_out > 0 { 22.0 } else { 0.0 };
    let mut picture = Picture::open("bars", heading.id, (WIDTH, height), heading.title, heading.description);
    let most = shown.iter().filter_map(length).fold(0.0, f64::max);
    let mut y = 0.0;
    for bar in shown {
        draw_one(&mut picture, y, bar, below, length(bar).filter(|_| most > 0.0).map(|length| length / most));
        y += row;
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

fn draw_one(picture: &mut Picture, y: f64, bar: &Bar, below: bool, part: Option<f64>) {
    let beside = words(bar, !below);
    picture.label("value", (WIDTH, y + 15.0), "end", &beside);
    let name = cut(&bar.label, TEXT, WIDTH - width_of(&beside, TEXT) - GAP);
    picture.label("name", (0.0, y + 15.0), "start", &name);
    picture.rect("track", (0.0, y + 22.0), (WIDTH, 9.0), r#" rx="2""#);
    if let Some(part) = part {
        // Something, however little, is seen.
        let width = if part > 0.0 { (WIDTH * part).max(2.0) } else { 0.0 };
        picture.rect(&format!("bar {}", series_class(bar.colour)), (0.0, y + 22.0), (width, 9.0), r#" rx="2""#);
    }
    if below {
        picture.label("tick", (0.0, y + 44.0), "start", &cut(&bar.context, TEXT, WIDTH));
    }
    let mark = Mark { head: Head::None, label: &bar.label, text: words(bar, true) };
    picture.rect("column", (0.0, y), (WIDTH, ROW - 6.0), &mark.attributes());
}

/// `1,500 sessions · 75.0 %`, or without the remarks.
fn words(bar: &Bar, remarks: bool) -> String {
    let remarks = Some(&bar.context).filter(|context| remarks && !context.is_empty());
    let value = match (bar.value, remarks) {
        (Amount::Unknown, _) => None,
        (value, None) => Some(amount(value)),
        // A unit follows its number; anything else stands apart.
        (Amount::Count(_), Some(unit)) if unit.starts_with(char::is_lowercase) => Some(format!("{} {unit}", amount(bar.value))),
        (value, Some(context)) => Some(format!("{} · {context}", amount(value))),
    };
    match (value, bar.share) {
        (None, None) => NO_DATA.to_owned(),
        (Some(value), None) => value,
        (None, Some(part)) => share(part),
        (Some(value), Some(part)) => format!("{value} · {}", share(part)),
    }
}
