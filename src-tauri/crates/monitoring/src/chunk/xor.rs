//! Numbers as the bits in which they differ from the one before (Gorilla, section 4.1.2).

use super::bits::{Reader, Writer, push_varint, varint};

pub(super) fn encode(values: &[f64]) -> Vec<u8> {
    let mut writer = Writer::default();
    let mut last = 0u64;
    let mut window: Option<(u32, u32)> = None;
    for value in values {
        let bits = value.to_bits();
        let differs = bits ^ last;
        last = bits;
        if differs == 0 {
            writer.push(0, 1);
            continue;
        }
        // Five bits hold the leading zeros.
        let (leading, trailing) = (differs.leading_zeros().min(31), differs.trailing_zeros());
        // A new window costs eleven bits; the old one costs what it is wider.
        let fits = |l, t| leading >= l && trailing >= t && (leading - l) + (trailing - t) <= 11;
        match window {
            Some((l, t)) if fits(l, t) => {
                writer.push(0b10, 2);
                writer.push(differs >> t, 64 - l - t);
            }
            _ => {
                let length = 64 - leading - trailing;
                writer.push(0b11, 2);
                writer.push(u64::from(leading), 5);
                writer.push(u64::from(length - 1), 6);
                writer.push(differs >> trailing, length);
                window = Some((leading, trailing));
            }
        }
    }
    let bytes = writer.finish();
    let mut out = Vec::with_capacity(bytes.len() + 2);
    push_varint(bytes.len() as u64, &mut out);
    out.extend(bytes);
    out
}

pub(super) fn decode(rest: &mut &[u8], n: usize, values: &mut Vec<f64>) -> Option<()> {
    let length = usize::try_from(varint(rest)?).ok()?;
    let (bytes, tail) = rest.split_at_checked(length)?;
    let mut reader = Reader::new(bytes);
    let mut last = 0u64;
    let mut window: Option<(u32, u32)> = None;
    for _ in 0..n {
        if reader.take(1)? == 1 {
            if reader.take(1)? == 1 {
                let leading = u32::try_from(reader.take(5)?).ok()?;
                let length = u32::try_from(reader.take(6)?).ok()? + 1;
                window = Some((leading, 64u32.checked_sub(leading + length)?));
            }
            let (leading, trailing) = window?;
            last ^= reader.take(64 - leading - trailing)? << trailing;
        }
        values.push(f64::from_bits(last));
    }
    *rest = tail;
    Some(())
}
