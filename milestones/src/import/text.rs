//! From bytes to text, and from offsets to lines and columns.

use std::borrow::Cow;
use std::cell::Cell;

/// What a file's bytes hold.
pub(super) enum Decoded<'a> {
    /// White space only.
    Empty,
    /// No text.
    Binary,
    /// Text without byte order mark; `invalid` is the offset of the first byte that was no UTF-8.
    Text {
        /// The text.
        text: Cow<'a, str>,
        /// Offset in `text` of the first character that was guessed.
        invalid: Option<usize>,
    },
}

/// Reads bytes as UTF-8; what is none is read as Windows-1252, the commonest other encoding of French text.
pub(super) fn decode(bytes: &[u8]) -> Decoded<'_> {
    if let Some(text) = utf16(bytes) {
        return Decoded::Text { text: Cow::Owned(text), invalid: Some(0) };
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Decoded::Empty;
    }
    let control = |byte: &u8| *byte < 0x20 && !matches!(*byte, b'\t'..=b'\r');
    // No early end: this way the compiler looks at many bytes at once, and most texts have no such byte.
    if bytes.iter().fold(false, |any, byte| any | control(byte))
        && (bytes.contains(&0) || bytes.iter().filter(|byte| control(byte)).count() * 20 > bytes.len())
    {
        return Decoded::Binary;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let empty = text.trim().is_empty();
        return if empty {
            Decoded::Empty
        } else {
            Decoded::Text { text: Cow::Borrowed(text), invalid: None }
        };
    }
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut invalid = None;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            invalid.get_or_insert(text.len());
            text.extend(chunk.invalid().iter().map(|byte| windows_1252(*byte)));
        }
    }
    let text = Cow::Owned(text);
    Decoded::Text { text, invalid }
}

/// UTF-16 with a byte order mark, as older Windows editors save it.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (body, big) = match bytes {
        [0xff, 0xfe, body @ ..] => (body, false),
        [0xfe, 0xff, body @ ..] => (body, true),
        _ => return None,
    };
    let units = body.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    });
    let text: Option<String> = char::decode_utf16(units).map(Result::ok).collect();
    text.filter(|text| !text.contains('\0') && !text.trim().is_empty())
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// Where lines start. Lines end with `\n`, `\r\n` or `\r`.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// Index of the line asked for last: most questions come in the document's order.
    latest: Cell<usize>,
}

impl<'a> Lines<'a> {
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = Vec::with_capacity(bytes.len() / 32 + 1);
        starts.push(0);
        let mut read = |at: usize, chunk: [u8; 8]| {
            let word = u64::from_le_bytes(chunk);
            let mut ends = equal(word, b'\n') | equal(word, b'\r');
            while ends != 0 {
                let end = at + ends.trailing_zeros() as usize / 8;
                ends &= ends - 1;
                if bytes[end] == b'\n' || bytes.get(end + 1) != Some(&b'\n') {
                    starts.push(end + 1);
                }
            }
        };
        let (chunks, rest) = bytes.as_chunks::<8>();
        for (i, chunk) in chunks.iter().enumerate() {
            read(8 * i, *chunk);
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        read(8 * chunks.len(), last);
        let latest = Cell::new(0);
        Self { text, starts, latest }
    }

    /// How many lines there are.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// 1-based line of a byte offset.
    pub fn line(&self, offset: usize) -> u32 {
        let latest = self.latest.get();
        let near = if self.starts[latest] <= offset { latest } else { 0 };
        let rest = &self.starts[near..];
        // Doubled steps: what lies near is found in a few, what lies far in no more than twice as many.
        let mut step = 1;
        while rest.get(step).is_some_and(|start| *start <= offset) {
            step *= 2;
        }
        let from = step / 2;
        let upto = step.min(rest.len());
        let line = near + from + rest[from..upto].partition_point(|start| *start <= offset);
        self.latest.set(line.saturating_sub(1));
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// First byte of a 1-based line.
    pub fn start(&self, line: u32) -> usize {
        self.starts.get((line as usize).saturating_sub(1)).copied().unwrap_or(0)
    }

    /// 1-based line and column, the column in characters. For diagnostics only: reads the line.
    pub fn position(&self, offset: usize) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.starts[line as usize - 1];
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let column = self.text[start.min(end)..end].chars().count() + 1;
        (line, u32::try_from(column).unwrap_or(u32::MAX))
    }
}

/// The high bit of every byte of `word` that equals `byte`; all other bits are zero.
///
/// Eight bytes at once, after "Determine if a word has a byte equal to n" of Sean Eron Anderson's Bit
/// Twiddling Hacks, in the form without false positives.
fn equal(word: u64, byte: u8) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let differs = word ^ u64::from_le_bytes([byte; 8]);
    !(((differs & LOW) + LOW) | differs | LOW)
}

/// Splits front matter off: what stands between its fences, and where the rest starts.
///
/// Done here rather than by the Markdown parser, which takes any `---` … `---` pair of a document for
/// metadata and would swallow the stages between two rules.
pub(super) fn front_matter(text: &str) -> Option<(&str, usize)> {
    let first = text.split_inclusive('\n').next()?;
    let closing: &[&str] = match first.trim_end() {
        "---" if first.ends_with('\n') => &["---", "..."],
        "+++" if first.ends_with('\n') => &["+++"],
        _ => return None,
    };
    let mut offset = first.len();
    // A rule followed by a blank line opens no front matter.
    if text[offset..].lines().next().is_none_or(|line| line.trim().is_empty()) {
        return None;
    }
    for line in text[offset..].split_inclusive('\n') {
        if closing.contains(&line.trim_end()) {
            return Some((text[first.len()..offset].trim_end_matches(['\n', '\r']), offset + line.len()));
        }
        offset += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_every_line_ending() {
        let text = "é\r\n\rœuvre x\n";
        let lines = Lines::new(text);
        assert_eq!(lines.position(text.find('x').unwrap()), (3, 7));
        assert_eq!(lines.line(0), 1);
        assert_eq!(lines.position(text.len()), (4, 1));
    }

    #[test]
    fn lines_are_found_in_any_order() {
        let text = "a\n\r\nlonger than eight bytes\r\rx\n".repeat(20);
        let lines = Lines::new(&text);
        let ends = |upto: usize| {
            let bytes = text.as_bytes();
            (0..upto).filter(|i| bytes[*i] == b'\n' || bytes[*i] == b'\r' && bytes[*i + 1] != b'\n').count()
        };
        for step in [1, 7, 101, 311] {
            for offset in (0..text.len()).map(|i| i * step % text.len()) {
                assert_eq!(lines.line(offset) as usize, ends(offset) + 1, "{offset}");
            }
        }
    }

    #[test]
    fn front_matter_needs_both_fences_at_the_top() {
        assert_eq!(front_matter("---\na: 1\n---\nx"), Some(("a: 1", 13)));
        assert_eq!(front_matter("+++\r\na = 1\r\n+++\r\nx"), Some(("a = 1", 17)));
        assert_eq!(front_matter("---\n\n## Stage 1\n\n---\n"), None);
        assert_eq!(front_matter("---\na: 1\n"), None);
        assert_eq!(front_matter("x\n---\na\n---\n"), None);
    }

    #[test]
    fn other_encodings_are_read() {
        let Decoded::Text { text, invalid } = decode(b"# Livrables \xe9t\xe9 \x97 \xc3\xa9") else {
            panic!()
        };
        assert_eq!((text.as_ref(), invalid), ("# Livrables été — é", Some(12)));
        let Decoded::Text { text, .. } = decode(b"\xff\xfe#\0 \0A\0") else { panic!() };
        assert_eq!(text, "# A");
    }
}
