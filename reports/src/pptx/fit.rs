//! Words that fit: PowerPoint does not shrink them when it opens a file, so they are measured here.

use super::model::{CAREFUL, Emu, FLOOR, LINE, Paragraph, Span, points};
use crate::measure::{Face, Fonts, Piece};

/// Characters beyond which no place on a slide has room: what comes after them is not measured.
const LONGEST: usize = 1_200;

/// The largest of some sizes in which the words take at most so many lines; in the last one they are cut.
pub(crate) fn span(fonts: &Fonts, like: &Span, sizes: &[f64], width: Emu, lines: usize) -> Span {
    let mut made = like.clone();
    made.text = one_line(&like.text);
    let face = if like.bold { Face::Bold } else { Face::Regular };
    let width = points(width) * CAREFUL;
    for size in sizes {
        made.points = *size;
        let piece = Piece { text: &made.text, face, points: *size };
        // A long text is cut further below: measuring all of it in every size would be for nothing.
        if made.text.len() < LONGEST && fonts.lines(&[piece], width, width).len() <= lines {
            return made;
        }
    }
    made.text = cut(fonts, &made.text, face, made.points, width, lines);
    made
}

/// Words without ends of line and runs of spaces; narrow and no-break spaces stay.
fn one_line(text: &str) -> String {
    let plain = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
    text.split(plain).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// As many words as so many lines hold, with an ellipsis.
fn cut(fonts: &Fonts, text: &str, face: Face, size: f64, width: f64, lines: usize) -> String {
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    let ranges = fonts.lines(&[Piece { text: &short, face, points: size }], width, width);
    if ranges.len() <= lines {
        return short;
    }
    let end = ranges.get(lines.saturating_sub(1)).map_or(0, |range| range.end);
    let mut kept: Vec<char> = short[..end].trim_end().chars().collect();
    loop {
        let candidate: String = kept.iter().chain(&['…']).collect();
        let piece = Piece { text: &candidate, face, points: size };
        if kept.is_empty() || fonts.lines(&[piece], width, width).len() <= lines {
            return candidate;
        }
        kept.pop();
        while kept.last() == Some(&' ') {
            kept.pop();
        }
    }
}

/// Height in points of some paragraphs in a width.
pub(crate) fn height(fonts: &Fonts, paragraphs: &[Paragraph], width: Emu) -> f64 {
    paragraphs.iter().map(|paragraph| paragraph.height(fonts, points(width))).sum()
}

/// Paragraphs in smaller words until they fit, by steps of a twelfth and no further than to half their size or [`FLOOR`];
/// then from the end they are left out and an ellipsis tells so.
pub(crate) fn paragraphs(fonts: &Fonts, words: &[Paragraph], width: Emu, room: Emu) -> Vec<Paragraph> {
    let mut made = words.to_vec();
    for step in 0..=6 {
        let scale = 1.0 - f64::from(step) / 12.0;
        made = words.to_vec();
        for paragraph in &mut made {
            paragraph.before *= scale;
            for span in &mut paragraph.spans {
                span.points = ((span.points * scale * 2.0).round() / 2.0).max(FLOOR.min(span.points));
            }
        }
        if height(fonts, &made, width) <= points(room) {
            return made;
        }
    }
    while made.len() > 1 && height(fonts, &made, width) > points(room) {
        made.pop();
    }
    if let Some(last) = made.last_mut()
        && let Some(first) = last.spans.first().cloned()
    {
        let text: String = last.spans.iter().map(|span| span.text.as_str()).collect();
        let above = height(fonts, &made[..made.len() - 1], width);
        let lines = ((points(room) - above) / (first.points * LINE)).floor().max(1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lines of a slide")]
        let lines = lines as usize;
        let like = Span { text: format!("{text} …"), ..first };
        let fitted = span(fonts, &like, &[like.points], width, lines);
        if let Some(last) = made.last_mut() {
            last.spans = vec![fitted];
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(text: &str, lines: usize) -> Span {
        let fonts = Fonts::read().unwrap();
        span(&fonts, &Span::bold(text, 28.0, "000000"), &[28.0, 24.0, 20.0], 200 * 12_700, lines)
    }

    #[test]
    fn words_shrink_before_they_are_cut() {
        assert_eq!(fitted("Short", 1).points, 28.0);
        assert_eq!(fitted("A title of some words", 2).points, 28.0);
        assert_eq!(fitted("A title of some words and one", 2).points, 24.0);
        let long = fitted(&"word ".repeat(2_000), 2);
        assert!(long.text.ends_with('…') && long.text.len() < 80, "{}", long.text);
        assert_eq!(long.points, 20.0);
        assert_eq!(fitted("a\n b", 1).text, "a b");
    }

    #[test]
    fn paragraphs_never_leave_their_box() {
        let fonts = Fonts::read().unwrap();
        let one = |text: &str| Paragraph::new(vec![Span::new(text, 18.0, "000000")]);
        let many: Vec<Paragraph> =
            (0..80).map(|n| one(&format!("line {n} of a list that is far too long"))).collect();
        let (width, room) = (300 * 12_700, 200 * 12_700);
        let made = paragraphs(&fonts, &many, width, room);
        assert!(height(&fonts, &made, width) <= 200.0);
        assert!(made.last().unwrap().spans[0].text.ends_with('…'));
        assert_eq!(paragraphs(&fonts, &many[..2], width, room), many[..2]);
    }
}
