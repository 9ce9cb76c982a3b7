//! How wide the columns of a table are: numbers never break, words share what is left, and a table that is too wide for an
//! upright page lies across.

use crate::table::Written;
use serde::Serialize;
use tacho_domain::report::{Cell, Column};

/// Points between the margins of an upright page, and of one that lies across. The template has the same margins.
pub(super) const UPRIGHT: f64 = 493.0;
pub(super) const ACROSS: f64 = 739.0;

/// Between one run of a table down the page and the next.
pub(super) const GUTTER: f64 = 16.0;

/// Between the letters of one column and the next.
const GAP: f64 = 9.0;
/// Words in a column of their own are no narrower and no wider than this many characters, unless there is room.
const NARROWEST: usize = 15;
const WIDEST: usize = 34;
/// More rows than this do not make the measure better.
const MEASURED: usize = 2_000;
/// Sizes of type, in points, largest first.
const SIZES: [f64; 4] = [8.0, 7.0, 6.0, 5.0];

/// A table of more rows than this rather lies across than being set smaller; a shorter one need not have pages of its own.
const SHORT: usize = 12;

/// How a table is set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Setting {
    /// Whether its pages lie across.
    pub(super) across: bool,
    /// The size of its type.
    pub(super) size: f64,
    /// Points for each column.
    pub(super) widths: Vec<f64>,
}

/// What a column asks for, in characters.
struct Wish {
    least: usize,
    wanted: usize,
    numeric: bool,
}

/// The setting with the largest type in which every column has room.
pub(super) fn setting(columns: &[Column], rows: &[Vec<Cell>], total: Option<&[Cell]>) -> Setting {
    let wishes: Vec<Wish> = columns.iter().enumerate().map(|(place, column)| wish(column, cells(rows, total, place))).collect();
    let mut ways = [(false, SIZES[0]), (false, SIZES[1]), (true, SIZES[0]), (true, SIZES[1]), (true, SIZES[2]), (true, SIZES[3])];
    if rows.len() > SHORT {
        ways.swap(1, 2);
    }
    let fits = |&&(across, size): &&(bool, f64)| wishes.iter().map(|wish| points(wish.least, size)).sum::<f64>() <= room(across);
    let &(across, size) = ways.iter().find(fits).unwrap_or(&ways[ways.len() - 1]);
    Setting { across, size, widths: widths(&wishes, size, room(across)) }
}

fn cells<'a>(rows: &'a [Vec<Cell>], total: Option<&'a [Cell]>, place: usize) -> impl Iterator<Item = &'a Cell> {
    rows.iter().take(MEASURED).map(Vec::as_slice).chain(total).filter_map(move |row| row.get(place))
}

fn wish<'a>(column: &Column, cells: impl Iterator<Item = &'a Cell>) -> Wish {
    let (mut letters, mut digits) = (0, 0);
    for cell in cells {
        let long = cell.shown().chars().count();
        match cell.words() {
            Some(_) => letters = letters.max(long),
            None => digits = digits.max(long),
        }
    }
    let head = column.label.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0).min(14);
    let least = letters.min(NARROWEST).max(digits).max(head).max(3);
    // A head may take two lines.
    let spread = column.label.chars().count().div_ceil(2).min(WIDEST);
    Wish { least, wanted: letters.min(WIDEST).max(spread).max(least), numeric: letters == 0 }
}

fn room(across: bool) -> f64 {
    if across { ACROSS } else { UPRIGHT }
}

/// The room that so many characters take.
fn points(characters: usize, size: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few dozen characters")]
    let characters = characters as f64;
    characters * size * 0.6 + GAP
}

/// Each column gets what it cannot do without; what is left goes to those that want more, and then to all words.
fn widths(wishes: &[Wish], size: f64, room: f64) -> Vec<f64> {
    let least: Vec<f64> = wishes.iter().map(|wish| points(wish.least, size)).collect();
    let wanted: Vec<f64> = wishes.iter().map(|wish| points(wish.wanted, size)).collect();
    let (needed, hoped): (f64, f64) = (least.iter().sum(), wanted.iter().sum());
    if needed >= room {
        return least.iter().map(|width| width * room / needed).collect();
    }
    let part = if hoped > needed { ((room - needed) / (hoped - needed)).min(1.0) } else { 0.0 };
    let mut widths: Vec<f64> = least.iter().zip(&wanted).map(|(least, wanted)| least + (wanted - least) * part).collect();
    let words = wishes.iter().filter(|wish| !wish.numeric).count();
    let spare = (room - widths.iter().sum::<f64>()).max(0.0);
    #[expect(clippy::cast_precision_loss, reason = "a few columns")]
    for (width, wish) in widths.iter_mut().zip(wishes) {
        // A table of a few narrow columns stays narrow: the eye must find its way along a row.
        *width += if wish.numeric || words == 0 { 0.0 } else { (spare / words as f64).min(*width * 0.5) };
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(texts: usize, numbers: usize, letters: usize) -> (Vec<Column>, Vec<Vec<Cell>>) {
        let words = (0..texts).map(|place| Column::text(format!("t{place}"), "Words"));
        let values = (0..numbers).map(|place| Column::number(format!("n{place}"), "Interactions"));
        let row = (0..texts).map(|_| Cell::text("x".repeat(letters))).chain((0..numbers).map(|_| Cell::Count(1_234_567)));
        (words.chain(values).collect(), vec![row.collect()])
    }

    fn set(texts: usize, numbers: usize, letters: usize) -> Setting {
        let (columns, rows) = table(texts, numbers, letters);
        setting(&columns, &rows, None)
    }

    #[test]
    fn a_few_columns_stand_upright_and_many_lie_across() {
        assert!(!set(1, 3, 20).across);
        assert!(set(2, 11, 20).across);
    }

    #[test]
    fn a_narrow_table_stays_narrow() {
        assert!(set(1, 1, 6).widths.iter().sum::<f64>() < UPRIGHT / 2.0);
    }

    proptest! {
        #[test]
        fn no_table_leaves_its_page_and_numbers_have_room(texts in 0usize..6, numbers in 0usize..30, letters in 0usize..200) {
            let setting = set(texts, numbers, letters);
            let room = if setting.across { ACROSS } else { UPRIGHT };
            prop_assert!(setting.widths.iter().sum::<f64>() <= room + 0.01);
            if texts + numbers <= 14 {
                let needed = 9.0 * setting.size * 0.6;
                prop_assert!(setting.widths[texts..].iter().all(|width| *width >= needed));
            }
        }
    }
}
