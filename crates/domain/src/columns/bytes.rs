//! Whole numbers as few bytes: seven bits a byte, the small ones first, negative ones interleaved.

use super::Damaged;

#[expect(clippy::cast_sign_loss, reason = "zigzag is about the bits")]
pub(super) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

#[expect(clippy::cast_possible_wrap, reason = "zigzag is about the bits")]
pub(super) fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

pub(super) fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        #[expect(clippy::cast_possible_truncation, reason = "the low seven bits are meant")]
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 128 here")]
    bytes.push(value as u8);
}

pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl Reader<'_> {
    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, Damaged> {
        let byte = *self.bytes.get(self.at).ok_or(Damaged { at: self.at })?;
        self.at += 1;
        Ok(byte)
    }

    /// Most numbers are one byte, and every one of a million is read here.
    #[inline]
    pub(super) fn number(&mut self) -> Result<u64, Damaged> {
        let first = self.byte()?;
        if first < 0x80 { Ok(u64::from(first)) } else { self.rest(first) }
    }

    fn rest(&mut self, first: u8) -> Result<u64, Damaged> {
        let mut value = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Damaged { at: self.at })
    }
}
