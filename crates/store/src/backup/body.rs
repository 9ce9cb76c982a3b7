//! How rows lie in the file: whole rows in blocks, each value with its kind. The same values are the same bytes on either
//! engine, so that a checksum of a table can be compared between them.

use super::schema::{Column, Kind};
use super::unusable;
use crate::StoreError;
use crate::sql::Row;
use sha2::{Digest, Sha256};

/// A block is sent on when it is that long.
pub(super) const BLOCK_BYTES: usize = 256 * 1024;
/// No row of ours is anywhere near as long.
pub(super) const LONGEST_BLOCK_BYTES: usize = 1 << 30;

pub(super) const TABLE: u8 = 1;
pub(super) const ROW: u8 = 2;
pub(super) const TABLE_END: u8 = 3;
pub(super) const END: u8 = 4;

const NULL: u8 = 0;
const INT: u8 = 1;
const TEXT: u8 = 2;
const BYTES: u8 = 3;

/// Rows of a table, counted and summed. The order of rows does not matter: engines sort differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub(super) rows: u64,
    pub(super) sum: u128,
}

impl Tally {
    pub(super) fn add(&mut self, row: &[u8]) {
        let digest = Sha256::digest(row);
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        self.rows += 1;
        self.sum = self.sum.wrapping_add(u128::from_le_bytes(half));
    }
}

/// Writes a row's values.
pub(super) fn put_row(block: &mut Vec<u8>, row: &Row, columns: &[Column]) -> Result<(), StoreError> {
    for (place, column) in columns.iter().enumerate() {
        match column.kind {
            Kind::Int => match row.maybe_int(place)? {
                Some(value) => {
                    block.push(INT);
                    put_number(block, zigzag(value));
                }
                None => block.push(NULL),
            },
            Kind::Text => put_bytes(block, TEXT, row.maybe_text(place)?.as_deref().map(str::as_bytes)),
            Kind::Bytes => put_bytes(block, BYTES, row.maybe_bytes(place)?.as_deref()),
        }
    }
    Ok(())
}

fn put_bytes(block: &mut Vec<u8>, kind: u8, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => {
            block.push(kind);
            put_number(block, bytes.len() as u64);
            block.extend_from_slice(bytes);
        }
        None => block.push(NULL),
    }
}

/// Small numbers in few bytes: seven bits a byte, the eighth says that more follow.
pub(super) fn put_number(block: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        #[expect(clippy::cast_possible_truncation, reason = "the lowest seven bits are wanted")]
        block.push(number as u8 | 0x80);
        number >>= 7;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 128")]
    block.push(number as u8);
}

/// Small whether positive or negative.
fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

/// A value as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell<'b> {
    Null,
    Int(i64),
    Text(&'b str),
    Bytes(&'b [u8]),
}

/// Reads a block from its beginning.
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    place: usize,
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, place: 0 }
    }

    /// How far it has come.
    pub(super) fn place(&self) -> usize {
        self.place
    }

    pub(super) fn byte(&mut self) -> Result<u8, StoreError> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'b [u8], StoreError> {
        let end = self.place.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| unusable("a row breaks off"))?;
        let taken = &self.bytes[self.place..end];
        self.place = end;
        Ok(taken)
    }

    pub(super) fn number(&mut self) -> Result<u64, StoreError> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(unusable("a number has no end"))
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// Hands over the values of a row one by one; gives the bytes that they were.
    pub(super) fn row(
        &mut self,
        columns: &[Column],
        mut each: impl FnMut(Kind, Cell<'b>) -> Result<(), StoreError>,
    ) -> Result<&'b [u8], StoreError> {
        let begun = self.place;
        for column in columns {
            let cell = self.cell(column)?;
            each(column.kind, cell)?;
        }
        Ok(&self.bytes[begun..self.place])
    }

    fn cell(&mut self, column: &Column) -> Result<Cell<'b>, StoreError> {
        let kind = self.byte()?;
        if kind == NULL {
            return Ok(Cell::Null);
        }
        let number = self.number()?;
        let length = || usize::try_from(number).map_err(|_| unusable("a value is too long"));
        match (kind, column.kind) {
            (INT, Kind::Int) => Ok(Cell::Int(unzigzag(number))),
            (TEXT, Kind::Text) => {
                let text = std::str::from_utf8(self.take(length()?)?);
                text.map(Cell::Text).map_err(|_| unusable(format!("column `{}` holds what is no text", column.name)))
            }
            (BYTES, Kind::Bytes) => self.take(length()?).map(Cell::Bytes),
            _ => Err(unusable(format!("column `{}` holds a value of another kind", column.name))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_is_read_as_it_was_written(value in any::<i64>()) {
            let mut block = vec![INT];
            put_number(&mut block, zigzag(value));
            let columns = [Column { name: "n".into(), kind: Kind::Int }];
            let (mut reader, mut cells) = (Reader::new(&block), Vec::new());
            let read = reader.row(&columns, |_, cell| {
                cells.push(cell);
                Ok(())
            });
            prop_assert_eq!(read.unwrap(), &block[..]);
            prop_assert_eq!(&cells[..], &[Cell::Int(value)]);
        }

        #[test]
        fn bytes_that_mean_nothing_are_refused_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let columns = [Kind::Int, Kind::Text, Kind::Bytes].map(|kind| Column { name: "c".into(), kind });
            let _ = Reader::new(&bytes).row(&columns, |_, _| Ok(()));
        }
    }

    #[test]
    fn a_tally_does_not_mind_the_order_and_minds_every_byte() {
        let tally = |rows: &[&[u8]]| {
            let mut tally = Tally::default();
            for row in rows {
                tally.add(row);
            }
            tally
        };
        assert_eq!(tally(&[b"one", b"two"]), tally(&[b"two", b"one"]));
        assert_ne!(tally(&[b"one", b"two"]), tally(&[b"one", b"twp"]));
        assert_ne!(tally(&[b"one"]), tally(&[b"one", b"one"]));
    }
}
