//! Numbers with few decimals as differences of whole numbers. What is no such number, a stale marker within them, is
//! written apart with all its bits.

use super::bits::{byte, push_varint, unzigzag, varint, word, zigzag};
use super::ints;

/// Decimals that are tried.
const SCALES: [f64; 10] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/// Whole numbers up to here are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Above this share of numbers apart, something else is shorter anyway.
const APART: usize = 8;

pub(super) fn encode(values: &[f64]) -> Option<Vec<u8>> {
    let ordinary = |v: &f64| v.is_finite() && !(*v == 0.0 && v.is_sign_negative());
    let apart: Vec<(usize, f64)> = values.iter().copied().enumerate().filter(|(_, v)| !ordinary(v)).collect();
    if apart.len() > values.len() / APART {
        return None;
    }
    let mut scale = 0;
    for value in values.iter().filter(|v| ordinary(v)) {
        while whole(*value, *SCALES.get(scale)?).is_none() {
            scale += 1;
        }
    }
    let factor = *SCALES.get(scale)?;
    let mut numbers = Vec::with_capacity(values.len());
    for value in values {
        // In the place of one that is written apart stands the one before, which costs nothing.
        let number = match ordinary(value) {
            true => whole(*value, factor)?,
            false => numbers.last().copied().unwrap_or(0),
        };
        numbers.push(number);
    }
    let first = *numbers.first()?;
    let steps: Vec<i64> =
        numbers.iter().zip(numbers.iter().skip(1)).map(|(a, b)| b.wrapping_sub(*a)).collect();

    let mut out = Vec::with_capacity(64);
    out.push(u8::try_from(scale).ok()?);
    push_varint(apart.len() as u64, &mut out);
    let mut last = 0;
    for (index, value) in apart {
        push_varint((index - last) as u64, &mut out);
        out.extend(value.to_bits().to_le_bytes());
        last = index;
    }
    push_varint(zigzag(first), &mut out);
    ints::encode(&steps, &mut out);
    Some(out)
}

/// The whole number that is `value` at this scale, if it is that exactly.
fn whole(value: f64, factor: f64) -> Option<i64> {
    let scaled = (value * factor).round();
    #[expect(clippy::cast_possible_truncation, reason = "exact below 2^53")]
    (scaled.abs() < EXACT && scaled / factor == value).then_some(scaled as i64)
}

pub(super) fn decode(rest: &mut &[u8], n: usize, values: &mut Vec<f64>) -> Option<()> {
    let factor = *SCALES.get(usize::from(byte(rest)?))?;
    let apart = usize::try_from(varint(rest)?).ok()?;
    if apart > n {
        return None;
    }
    let mut replaced = Vec::with_capacity(apart);
    let mut index = 0usize;
    for _ in 0..apart {
        index = index.checked_add(usize::try_from(varint(rest)?).ok()?)?;
        replaced.push((index, f64::from_bits(word(rest)?)));
    }
    let start = values.len();
    let mut number = unzigzag(varint(rest)?);
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
    let real = |number: i64| number as f64 / factor;
    values.push(real(number));
    ints::decode(rest, n - 1, |step| {
        number = number.wrapping_add(step);
        values.push(real(number));
    })?;
    for (index, value) in replaced {
        *values.get_mut(start + index)? = value;
    }
    Some(())
}
