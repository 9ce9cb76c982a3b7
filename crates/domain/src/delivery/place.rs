//! Where a pull request is, packed as its distance from the one before it.

use crate::columns::Damaged;
use crate::columns::bytes::{Reader, put, unzigzag, zigzag};

/// A repository and a number in it, as far as a packed day has been written or read.
#[derive(Default)]
pub(super) struct Place {
    repository: i64,
    number: u32,
}

impl Place {
    /// Packs the next place.
    pub(super) fn put(&mut self, bytes: &mut Vec<u8>, repository: i64, number: u32) {
        // The distance of ids in wrapping arithmetic: any two of them have one.
        put(bytes, zigzag(repository.wrapping_sub(self.repository)));
        put(bytes, zigzag(i64::from(number) - i64::from(self.number)));
        *self = Self { repository, number };
    }

    /// Reads the next place: repository and number.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>) -> Result<(i64, u32), Damaged> {
        self.repository = self.repository.wrapping_add(unzigzag(reader.number()?));
        let number = i64::from(self.number).saturating_add(unzigzag(reader.number()?));
        self.number = u32::try_from(number).map_err(|_| Damaged { at: reader.at })?;
        Ok((self.repository, self.number))
    }
}
