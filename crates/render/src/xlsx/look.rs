//! How cells look: the format of each kind of value, heads and sums.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, FormatUnderline};
use tacho_domain::report::Cell;

/// A hyperlink's blue; Excel's own.
const LINK: Color = Color::RGB(0x0005_63C1);
/// Behind heads.
const SHADE: Color = Color::RGB(0x00EE_F1F5);

/// The formats of a file.
pub(super) struct Look {
    /// The name of the report.
    pub(super) title: Format,
    /// What a line of the first sheet is about.
    pub(super) label: Format,
    /// Words that may run over several lines.
    pub(super) prose: Format,
    /// A column's head over words.
    pub(super) head: Format,
    /// A column's head over numbers.
    pub(super) numeric_head: Format,
    words: Format,
    link: Format,
    count: Format,
    number: Format,
    share: Format,
    money: Format,
    day: Format,
    instant: Format,
}

impl Look {
    pub(super) fn new() -> Self {
        let number = |pattern: &str| Format::new().set_num_format(pattern);
        let head = Format::new().set_bold().set_background_color(SHADE).set_border_bottom(FormatBorder::Thin).set_text_wrap();
        let head = head.set_align(FormatAlign::Top);
        Self {
            title: Format::new().set_bold().set_font_size(16),
            label: Format::new().set_bold().set_align(FormatAlign::Top),
            prose: Format::new().set_text_wrap().set_align(FormatAlign::Top).set_align(FormatAlign::Left),
            numeric_head: head.clone().set_align(FormatAlign::Right),
            head,
            words: Format::new(),
            link: Format::new().set_font_color(LINK).set_underline(FormatUnderline::Single),
            count: number("#,##0"),
            number: number("#,##0.00"),
            share: number("0.0%"),
            money: number("\"$\"#,##0.00;-\"$\"#,##0.00"),
            day: number("yyyy-mm-dd"),
            instant: number("yyyy-mm-dd hh:mm"),
        }
    }

    /// The format of a value.
    pub(super) fn of(&self, cell: &Cell) -> &Format {
        match cell {
            Cell::Nothing | Cell::Text(_) | Cell::Spark(_) => &self.words,
            Cell::Link { .. } => &self.link,
            Cell::Count(_) => &self.count,
            Cell::Number(_) | Cell::Duration(_) => &self.number,
            Cell::Share(_) => &self.share,
            Cell::Money(_) => &self.money,
            Cell::Day(_) => &self.day,
            Cell::Instant(_) => &self.instant,
        }
    }

    /// The same in a line of sums.
    pub(super) fn sum(&self, cell: &Cell) -> Format {
        self.of(cell).clone().set_bold().set_border_top(FormatBorder::Thin)
    }
}
