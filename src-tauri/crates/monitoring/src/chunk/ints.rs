//! Whole numbers around their median, packed with as many bits as most of them need; the few that need more are
//! written apart (patched frame of reference, <https://ieeexplore.ieee.org/document/1617427>).

use super::bits::{Reader, Writer, byte, push_varint, unzigzag, varint, zigzag};

pub(super) fn encode(numbers: &[i64], out: &mut Vec<u8>) {
    if numbers.is_empty() {
        return;
    }
    let mut sorted = numbers.to_vec();
    let middle = sorted.len() / 2;
    let reference = *sorted.select_nth_unstable(middle).1;
    let packed: Vec<u64> = numbers.iter().map(|n| zigzag(n.wrapping_sub(reference))).collect();
    let width = best_width(&packed);
    let high = |number: u64| number.checked_shr(width).unwrap_or(0);

    push_varint(zigzag(reference), out);
    #[expect(clippy::cast_possible_truncation, reason = "64 at most")]
    out.push(width as u8);
    push_varint(packed.iter().filter(|n| high(**n) > 0).count() as u64, out);
    let mut writer = Writer::default();
    packed.iter().for_each(|n| writer.push(*n, width));
    out.extend(writer.finish());
    let mut last = 0;
    for (index, number) in packed.iter().enumerate().filter(|(_, n)| high(**n) > 0) {
        push_varint((index - last) as u64, out);
        push_varint(high(*number), out);
        last = index;
    }
}

/// Bits a number with which the whole is shortest.
fn best_width(numbers: &[u64]) -> u32 {
    let mut of_length = [0usize; 65];
    for number in numbers {
        if let Some(count) = of_length.get_mut((64 - number.leading_zeros()) as usize) {
            *count += 1;
        }
    }
    let cost = |width: u32| {
        let apart = of_length.iter().enumerate().skip(width as usize + 1);
        let bytes: usize = apart.map(|(length, n)| n * (1 + (length - width as usize).div_ceil(7))).sum();
        (numbers.len() * width as usize).div_ceil(8) + bytes
    };
    (0..=64).min_by_key(|width| cost(*width)).unwrap_or(64)
}

/// Hands `n` numbers to `take`, in order; none if the bytes are damaged.
pub(super) fn decode(rest: &mut &[u8], n: usize, mut take: impl FnMut(i64)) -> Option<()> {
    if n == 0 {
        return Some(());
    }
    let reference = unzigzag(varint(rest)?);
    let width = u32::from(byte(rest)?);
    let apart = usize::try_from(varint(rest)?).ok()?;
    if width > 64 || apart > n {
        return None;
    }
    let length = (n * width as usize).div_ceil(8);
    let (packed, mut tail) = rest.split_at_checked(length)?;
    if width == 0 && apart == 0 {
        (0..n).for_each(|_| take(reference));
        *rest = tail;
        return Some(());
    }
    let mut reader = Reader::new(packed);
    let mut left = apart;
    let mut exception = |from: usize| -> Option<(usize, u64)> {
        if left == 0 {
            return Some((usize::MAX, 0));
        }
        left -= 1;
        let index = from.checked_add(usize::try_from(varint(&mut tail)?).ok()?)?;
        Some((index, varint(&mut tail)?.checked_shl(width)?))
    };
    let mut next = exception(0)?;
    for index in 0..n {
        let mut number = reader.take(width)?;
        if index == next.0 {
            number |= next.1;
            next = exception(index)?;
        }
        take(reference.wrapping_add(unzigzag(number)));
    }
    *rest = tail;
    (next.0 == usize::MAX).then_some(())
}
