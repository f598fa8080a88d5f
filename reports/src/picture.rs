//! Pictures that others made: what they are and how large, from their bytes. They are not decoded.

/// Larger files are left out: a report has to travel by mail.
const MOST_BYTES: usize = 20 * 1024 * 1024;
/// Wider or higher pictures are left out: readers give up on them.
const MOST_PIXELS: u32 = 20_000;

/// A picture that Office can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Raster {
    /// `png` or `jpeg`.
    pub extension: &'static str,
    /// Width in pixels, at least 1.
    pub width: u32,
    /// Height in pixels, at least 1.
    pub height: u32,
}

/// Recognises PNG and JPEG; everything else, and what is cut short or out of all proportion, says why it cannot be shown.
pub(crate) fn raster(bytes: &[u8]) -> Result<Raster, &'static str> {
    if bytes.len() > MOST_BYTES {
        return Err("larger than 20 MiB");
    }
    let found = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        png(bytes).map(|(width, height)| Raster { extension: "png", width, height })
    } else if bytes.starts_with(&[0xff, 0xd8]) {
        jpeg(bytes).map(|(width, height)| Raster { extension: "jpeg", width, height })
    } else {
        return Err("neither PNG nor JPEG");
    };
    let picture = found.ok_or("cut short")?;
    if picture.width == 0 || picture.height == 0 {
        return Err("empty");
    }
    if picture.width > MOST_PIXELS || picture.height > MOST_PIXELS {
        return Err("larger than 20,000 pixels");
    }
    Ok(picture)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_be_bytes)
}

/// Walks the chunks (PNG specification, section 5.3) from IHDR to IEND.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    let size = (number(bytes, 16)?, number(bytes, 20)?);
    (bytes.get(12..16)? == b"IHDR").then_some(())?;
    let mut at = 8;
    loop {
        let length = usize::try_from(number(bytes, at)?).ok()?;
        let end = at.checked_add(length)?.checked_add(12)?;
        if bytes.len() < end {
            return None;
        }
        if bytes.get(at + 4..at + 8)? == b"IEND" {
            return Some(size);
        }
        at = end;
    }
}

/// Walks the segments (ITU T.81, annex B) to the frame header.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    bytes.ends_with(&[0xff, 0xd9]).then_some(())?;
    let mut at = 2;
    loop {
        let marker = *bytes.get(at + 1)?;
        (bytes.get(at) == Some(&0xff)).then_some(())?;
        if marker == 0xff {
            at += 1;
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]));
        let frame = (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker);
        if frame {
            let two = |i: usize| Some(u32::from(u16::from_be_bytes([*bytes.get(i)?, *bytes.get(i + 1)?])));
            return Some((two(at + 7)?, two(at + 5)?));
        }
        at += 2 + length.max(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2 × 1 pixels.
    const PNG: &[u8] = &[
        137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 2, 0, 0, 0, 1, 8, 0, 0, 0, 0,
        209, 73, 32, 86, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
    ];

    #[test]
    fn pictures_are_recognised() {
        assert_eq!(raster(PNG), Ok(Raster { extension: "png", width: 2, height: 1 }));
        let jpeg =
            [&[0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xc0, 0, 8, 8, 0, 3, 0, 4, 1][..], &[0xff, 0xd9]]
                .concat();
        assert_eq!(raster(&jpeg), Ok(Raster { extension: "jpeg", width: 4, height: 3 }));
    }

    #[test]
    fn what_is_broken_says_why() {
        for cut in 8..PNG.len() {
            assert_eq!(raster(&PNG[..cut]), Err("cut short"), "at {cut}");
        }
        assert_eq!(raster(b"<svg/>"), Err("neither PNG nor JPEG"));
        assert_eq!(raster(&[0xff, 0xd8, 0xff, 0xff, 0xff]), Err("cut short"));
        let mut wide = PNG.to_vec();
        wide[16] = 1;
        assert_eq!(raster(&wide), Err("larger than 20,000 pixels"));
    }
}
