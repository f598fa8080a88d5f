//! Comparing words of two languages: lower case, without accents.

/// Lower-cased `text` with French and other Latin accents removed; everything else as it is.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        fold_into(c, &mut out);
    }
    out
}

/// Appends the folded form of one character.
pub(crate) fn fold_into(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
        return;
    }
    for lower in c.to_lowercase() {
        match lower {
            'à' | 'â' | 'ä' | 'á' | 'ã' | 'å' => out.push('a'),
            'ç' => out.push('c'),
            'è' | 'é' | 'ê' | 'ë' => out.push('e'),
            'ì' | 'î' | 'ï' | 'í' => out.push('i'),
            'ò' | 'ô' | 'ö' | 'ó' | 'õ' => out.push('o'),
            'ù' | 'û' | 'ü' | 'ú' => out.push('u'),
            'ÿ' | 'ý' => out.push('y'),
            'ñ' => out.push('n'),
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            // Documents from macOS spell accents as separate combining characters.
            '\u{300}'..='\u{36f}' => {}
            other => out.push(other),
        }
    }
}

/// Folded words of `text`, one space between; for comparing whole phrases.
pub(crate) fn phrase(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        let mut rest = text;
        while let Some(start) = rest.bytes().position(|b| b.is_ascii_alphanumeric()) {
            let word = &rest[start..];
            let end = word.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(word.len());
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(&word[..end]);
            rest = &word[end..];
        }
        out.make_ascii_lowercase();
        return out;
    }
    let mut gap = false;
    for c in text.chars() {
        if c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c) {
            if std::mem::take(&mut gap) && !out.is_empty() {
                out.push(' ');
            }
            fold_into(c, &mut out);
        } else {
            gap = true;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_punctuation_do_not_matter() {
        assert_eq!(phrase("  Échéance :"), "echeance");
        assert_eq!(phrase("À rendre, œuvre"), "a rendre oeuvre");
        assert_eq!(phrase("e\u{301}tape"), "etape");
        assert_eq!(phrase("- Due  DATE: (2)"), "due date 2");
        assert_eq!(phrase("…"), "");
    }
}
