//! Use by tool as horizontal bars with their share. Units differ between tools, so each row names its own.

use super::series_class;
use crate::svg::{Picture, escape};
use crate::words::{NO_DATA, count, share};
use tacho_domain::report::ToolUsage;

const WIDTH: f64 = 420.0;
const ROW: f64 = 54.0;

/// Draws one bar per tool, the longest filling the width.
#[must_use]
pub fn usage_bars(usage: &[ToolUsage], title: &str, description: &str) -> String {
    let rows = u32::try_from(usage.len()).unwrap_or(u32::MAX).max(1);
    let mut picture = Picture::open("usage", WIDTH, f64::from(rows) * ROW, title, description);
    let most = usage.iter().filter_map(|tool| tool.share).fold(0.0, f64::max);
    let mut y = 0.0;
    for tool in usage {
        picture.label("name", (0.0, y + 15.0), "start", &tool.name);
        let value = tool.interactions.map_or_else(|| NO_DATA.to_owned(), |n| format!("{} {}", count(n), tool.unit));
        let part = tool.share.map_or_else(|| NO_DATA.to_owned(), share);
        picture.label("value", (WIDTH, y + 15.0), "end", &format!("{value} · {part}"));
        picture.rect("track", (0.0, y + 24.0), (WIDTH, 10.0), r#" rx="2""#);
        if let (Some(part), true) = (tool.share, most > 0.0) {
            let more = format!(
                r#" rx="2" data-series="{}" data-value="{}" data-text="{}""#,
                escape(&tool.name),
                tool.interactions.unwrap_or(0),
                escape(&value)
            );
            picture.rect(&format!("bar {}", series_class(tool.colour)), (0.0, y + 24.0), (WIDTH * part / most, 10.0), &more);
        }
        y += ROW;
    }
    picture.close()
}
