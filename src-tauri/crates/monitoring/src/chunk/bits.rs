//! Bits and variable-length numbers.

/// Writes bits, the highest first.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    /// Bits that are not yet a byte, in its lowest `filled` bits.
    pending: u64,
    filled: u32,
}

impl Writer {
    /// Appends the lowest `width` bits, at most 64.
    pub(super) fn push(&mut self, bits: u64, width: u32) {
        if width > 32 {
            self.push_few(bits >> 32, width - 32);
            self.push_few(bits & 0xffff_ffff, 32);
        } else {
            self.push_few(bits, width);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the highest eight of the pending bits are a byte")]
    fn push_few(&mut self, bits: u64, width: u32) {
        self.pending = self.pending << width | bits & ((1 << width) - 1);
        self.filled += width;
        while self.filled >= 8 {
            self.filled -= 8;
            self.bytes.push((self.pending >> self.filled) as u8);
        }
    }

    /// The bytes; the last one is filled up with zeros.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.filled > 0 {
            self.push_few(0, 8 - self.filled);
        }
        self.bytes
    }
}

/// Reads what [`Writer`] wrote.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    /// Bits that were read.
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next `width` bits, at most 64; none at the end.
    #[inline]
    pub(super) fn take(&mut self, width: u32) -> Option<u64> {
        /// As many bits as a word holds, wherever in its first byte they begin.
        const MOST: u32 = 57;
        if width > MOST {
            let high = self.take(width - 32)?;
            return Some(high << 32 | self.take(32)?);
        }
        let end = self.at + width as usize;
        if width == 0 || end > self.bytes.len() * 8 {
            return (width == 0).then_some(0);
        }
        let rest = self.bytes.get(self.at / 8..)?;
        let word = match rest.first_chunk::<8>() {
            Some(word) => u64::from_be_bytes(*word),
            None => rest.iter().zip(0..).fold(0, |word, (byte, n)| word | u64::from(*byte) << (56 - 8 * n)),
        };
        let bits = word << (self.at % 8) >> (64 - width);
        self.at = end;
        Some(bits)
    }
}

pub(super) fn byte(rest: &mut &[u8]) -> Option<u8> {
    let (first, tail) = rest.split_first()?;
    *rest = tail;
    Some(*first)
}

pub(super) fn word(rest: &mut &[u8]) -> Option<u64> {
    let (first, tail) = rest.split_first_chunk::<8>()?;
    *rest = tail;
    Some(u64::from_le_bytes(*first))
}

pub(super) fn push_varint(mut number: u64, out: &mut Vec<u8>) {
    while number > 0x7f {
        #[expect(clippy::cast_possible_truncation, reason = "seven bits and a flag")]
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    #[expect(clippy::cast_possible_truncation, reason = "seven bits")]
    out.push(number as u8);
}

pub(super) fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let next = byte(rest)?;
        number |= u64::from(next & 0x7f).checked_shl(shift)?;
        if next < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Small numbers of either sign become small numbers.
pub(super) fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}

pub(super) fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}
