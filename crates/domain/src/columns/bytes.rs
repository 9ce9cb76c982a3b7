//! Whole numbers as few bytes: seven bits a byte, the small ones first, negative ones interleaved.

use super::Damaged;

#[expect(clippy::cast_sign_loss, reason = "zigzag is about the bits")]
pub(crate) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

#[expect(clippy::cast_possible_wrap, reason = "zigzag is about the bits")]
pub(crate) fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

pub(crate) fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        #[expect(clippy::cast_possible_truncation, reason = "the low seven bits are meant")]
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 128 here")]
    bytes.push(value as u8);
}

pub(crate) struct Reader<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
}

impl Reader<'_> {
    #[inline]
    pub(crate) fn byte(&mut self) -> Result<u8, Damaged> {
        let byte = *self.bytes.get(self.at).ok_or(Damaged { at: self.at })?;
        self.at += 1;
        Ok(byte)
    }

    /// Most numbers are one byte, and every one of a million is read here.
    #[inline]
    pub(crate) fn number(&mut self) -> Result<u64, Damaged> {
        let first = self.byte()?;
        if first < 0x80 { Ok(u64::from(first)) } else { self.rest(first) }
    }

    /// The same for numbers of which nobody knows whether they are small: without a branch on each byte, which a processor
    /// would guess wrong half of the time.
    #[inline]
    pub(crate) fn any_number(&mut self) -> Result<u64, Damaged> {
        let Some(eight) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<8>) else { return self.number() };
        let word = u64::from_le_bytes(*eight);
        let ends = !word & 0x8080_8080_8080_8080;
        if ends == 0 {
            return self.number();
        }
        let length = ends.trailing_zeros() + 1;
        self.at += length as usize / 8;
        let seven = word & (u64::MAX >> (64 - length)) & 0x7f7f_7f7f_7f7f_7f7f;
        let fourteen = (seven & 0x007f_007f_007f_007f) | ((seven & 0x7f00_7f00_7f00_7f00) >> 1);
        let twenty_eight = (fourteen & 0x0000_3fff_0000_3fff) | ((fourteen & 0x3fff_0000_3fff_0000) >> 2);
        Ok((twenty_eight & 0x0fff_ffff) | ((twenty_eight & 0x0fff_ffff_0000_0000) >> 4))
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
