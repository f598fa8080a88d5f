//! A run of samples as bytes, without loss. Times are differences around their median; values are a constant, scaled
//! integers, or XORed with the one before (Gorilla, <https://www.vldb.org/pvldb/vol8/p1816-teller.pdf>), whichever is
//! shortest: a chunk of a counter that grows steadily is a few bytes long.

mod bits;
mod ints;
mod scaled;
#[cfg(test)]
mod tests;
mod xor;

use crate::answer::Point;

/// Samples in a full chunk: an hour at 15 s.
pub const FULL: usize = 240;

/// More samples than a chunk ever has: what claims more is damaged.
const LONGEST: usize = 1 << 16;

const CONSTANT: u8 = 0;
const SCALED: u8 = 1;
const XOR: u8 = 2;

/// What does not fit in a damaged chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged(pub &'static str);

/// Bytes of `points`, oldest first. The time of the first one and how many there are have to be kept beside them.
pub fn encode(points: &[Point]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    let steps: Vec<i64> =
        points.iter().zip(points.iter().skip(1)).map(|(a, b)| b.at.wrapping_sub(a.at)).collect();
    let values: Vec<f64> = points.iter().map(|p| p.value).collect();
    ints::encode(&steps, &mut out);
    encode_values(&values, &mut out);
    out
}

/// The samples of `payload`, appended to `times` and `values`.
///
/// # Errors
/// The bytes are not what [`encode`] wrote for `n` samples.
pub fn decode(
    payload: &[u8],
    first: i64,
    n: usize,
    times: &mut Vec<i64>,
    values: &mut Vec<f64>,
) -> Result<(), Damaged> {
    if n == 0 || n > LONGEST {
        return Err(Damaged("how many there are"));
    }
    let mut rest = payload;
    times.reserve(n);
    times.push(first);
    let mut at = first;
    ints::decode(&mut rest, n - 1, |step| {
        at = at.wrapping_add(step);
        times.push(at);
    })
    .ok_or(Damaged("times"))?;
    decode_values(&mut rest, n, values).ok_or(Damaged("values"))?;
    if rest.is_empty() { Ok(()) } else { Err(Damaged("length")) }
}

/// Bytes of numbers alone; how many there are has to be kept beside them.
pub(crate) fn encode_values(values: &[f64], out: &mut Vec<u8>) {
    let Some(first) = values.first() else { return };
    if values.iter().all(|v| v.to_bits() == first.to_bits()) {
        out.push(CONSTANT);
        out.extend(first.to_bits().to_le_bytes());
        return;
    }
    let xored = xor::encode(values);
    match scaled::encode(values) {
        Some(scaled) if scaled.len() <= xored.len() => {
            out.push(SCALED);
            out.extend(scaled);
        }
        _ => {
            out.push(XOR);
            out.extend(xored);
        }
    }
}

/// Appends `n` numbers to `values`; none if the bytes are damaged.
pub(crate) fn decode_values(rest: &mut &[u8], n: usize, values: &mut Vec<f64>) -> Option<()> {
    if n == 0 {
        return Some(());
    }
    if n > LONGEST {
        return None;
    }
    values.reserve(n);
    match bits::byte(rest)? {
        CONSTANT => {
            let value = f64::from_bits(bits::word(rest)?);
            values.extend(std::iter::repeat_n(value, n));
            Some(())
        }
        SCALED => scaled::decode(rest, n, values),
        XOR => xor::decode(rest, n, values),
        _ => None,
    }
}

/// Bytes of whole numbers alone.
pub(crate) fn encode_ints(numbers: &[i64], out: &mut Vec<u8>) {
    ints::encode(numbers, out);
}

/// Reads `n` whole numbers; none if the bytes are damaged.
pub(crate) fn decode_ints(rest: &mut &[u8], n: usize) -> Option<Vec<i64>> {
    if n > LONGEST {
        return None;
    }
    let mut numbers = Vec::with_capacity(n);
    ints::decode(rest, n, |number| numbers.push(number))?;
    Some(numbers)
}
