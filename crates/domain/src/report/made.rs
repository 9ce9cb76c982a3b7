//! Rows that are made only where they are shown: a table of all members is sorted and searched as a whole, and fifty of its rows
//! are looked at.

use super::{Arrangement, Cell, Column, Sorted, Table};

/// Rows before they are made.
pub trait Rows {
    /// How many there are.
    fn count(&self) -> usize;
    /// The cells of one column in these rows, which are counted from 0.
    fn cells(&self, column: usize, rows: &[usize]) -> Vec<Cell>;
}

impl Table {
    /// The table of these rows: all of them, or those that are left once arranged, and the same as if all had been made first.
    /// Where it cannot be arranged so, because there is no such column, all of them are made, and [`Table::arrange`] says why.
    #[must_use]
    pub fn made(columns: Vec<Column>, of: &impl Rows, wanted: Option<&Arrangement>) -> Self {
        let mut rows: Vec<usize> = (0..of.count()).collect();
        let table = Self { total_rows: rows.len(), ..Self::default() };
        let sort = |(asked, descending): &(String, bool)| {
            let place = columns.iter().position(|column| column.id == *asked)?;
            Some((place, Sorted { column: asked.clone(), descending: *descending }))
        };
        let sorted = wanted.and_then(|wanted| wanted.sort.as_ref()).map(sort);
        let Some(wanted) = wanted.filter(|_| sorted != Some(None)) else {
            let rows = cells(&columns, of, &rows);
            return Self { columns, rows, ..table };
        };
        let sorted = sorted.flatten().map(|(place, sorted)| {
            let mut keys: Vec<(Cell, usize)> = of.cells(place, &rows).into_iter().zip(rows.iter().copied()).collect();
            keys.sort_by(|(one, _), (two, _)| one.order(two, sorted.descending));
            rows = keys.into_iter().map(|(_, row)| row).collect();
            sorted
        });
        let search = wanted.search.trim().to_lowercase();
        if !search.is_empty() {
            let mut found = vec![false; of.count()];
            for place in 0..columns.len() {
                let cells = of.cells(place, &rows);
                rows.iter().zip(cells).for_each(|(row, cell)| found[*row] |= cell.holds(&search));
            }
            rows.retain(|row| found[*row]);
        }
        let (total_rows, offset) = (rows.len(), wanted.offset.min(rows.len()));
        let shown = &rows[offset..offset.saturating_add(wanted.limit).min(total_rows)];
        let rows = cells(&columns, of, shown);
        Self { columns, rows, total_rows, offset, sorted, arranged: Some(wanted.clone()), ..table }
    }
}

/// Whole rows, from their columns.
fn cells(columns: &[Column], of: &impl Rows, rows: &[usize]) -> Vec<Vec<Cell>> {
    let mut made: Vec<Vec<Cell>> = rows.iter().map(|_| Vec::with_capacity(columns.len())).collect();
    for place in 0..columns.len() {
        made.iter_mut().zip(of.cells(place, rows)).for_each(|(row, cell)| row.push(cell));
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Whole(Vec<Vec<Cell>>);

    impl Rows for Whole {
        fn count(&self) -> usize {
            self.0.len()
        }

        fn cells(&self, column: usize, rows: &[usize]) -> Vec<Cell> {
            rows.iter().map(|row| self.0[*row][column].clone()).collect()
        }
    }

    fn any_rows() -> impl Strategy<Value = Vec<Vec<Cell>>> {
        let value = prop::option::of(0i64..5);
        let row = ("[a-cÄ]{0,3}", value).prop_map(|(word, value)| vec![Cell::Text(word), Cell::count(value)]);
        prop::collection::vec(row, 0..30)
    }

    proptest! {
        #[test]
        fn the_rows_are_those_of_a_table_that_was_made_whole_and_arranged(
            rows in any_rows(),
            sort in prop::option::of((prop::sample::select(vec!["name", "value", "colour"]), any::<bool>())),
            search in "[aÄ ]{0,2}", offset in 0usize..40, limit in prop_oneof![0usize..10, Just(usize::MAX)],
        ) {
            let columns = || vec![Column::text("name", "Name"), Column::number("value", "Value")];
            let sort = sort.map(|(column, descending)| (column.to_owned(), descending));
            let wanted = Arrangement { section: None, sort, search, offset, limit };
            let mut whole = Table::new(columns(), rows.clone());
            let mut made = Table::made(columns(), &Whole(rows.clone()), Some(&wanted));
            let known = whole.arrange(&wanted);
            prop_assert_eq!(made.arrange(&wanted), known);
            made.arranged = None;
            prop_assert_eq!(&made, &whole);
            prop_assert_eq!(Table::made(columns(), &Whole(rows.clone()), None), Table::new(columns(), rows));
        }
    }
}
