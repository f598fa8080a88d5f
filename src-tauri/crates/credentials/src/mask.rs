//! Takes secrets out of text before anybody stores or shows it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// What stands for a secret.
pub const MASK: &str = "•••";
/// Shorter values are words and numbers that stand in every log.
const SHORTEST: usize = 4;

/// Knows some secrets, and what they look like in logs. `Debug` is left out on purpose.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Masker {
    forms: Vec<String>,
}

impl Masker {
    /// Learns the values, and the forms they take in base64 (at any place of an encoded text), in JSON and in addresses. Of
    /// a value of several lines every line counts, because a log is lines.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut forms: Vec<String> = values.into_iter().flat_map(forms).collect();
        forms.retain(|form| form.len() >= SHORTEST);
        forms.sort_unstable();
        forms.dedup();
        Self { forms }
    }

    /// Knows what another one does, too.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.forms.extend_from_slice(&other.forms);
        self.forms.sort_unstable();
        self.forms.dedup();
        self
    }

    /// The length of the longest form, in bytes: how much has to be looked at together.
    pub fn longest(&self) -> usize {
        self.forms.iter().map(String::len).max().unwrap_or(0)
    }

    /// The text with every form masked.
    pub fn apply(&self, text: &str) -> String {
        self.mask(text, usize::MAX)
    }

    /// The first `keep` bytes of `text` with every form masked; one that begins there is masked to its end, and those that
    /// overlap are masked together.
    pub fn mask(&self, text: &str, keep: usize) -> String {
        let keep = text.floor_char_boundary(keep);
        let mut found: Vec<(usize, usize)> = Vec::new();
        for form in &self.forms {
            let step = form.chars().next().map_or(1, char::len_utf8);
            let mut from = 0;
            while let Some(start) = text.get(from..).and_then(|rest| rest.find(form)) {
                found.push((from + start, from + start + form.len()));
                from += start + step;
            }
        }
        found.retain(|(start, _)| *start < keep);
        found.sort_unstable();
        let mut masked = String::with_capacity(keep);
        let mut done = 0;
        for (start, end) in found {
            if start >= done {
                masked.push_str(&text[done..start]);
                masked.push_str(MASK);
            }
            done = done.max(end);
        }
        masked.push_str(text.get(done..keep).unwrap_or_default());
        masked
    }
}

fn forms(value: &str) -> Vec<String> {
    let mut forms: Vec<String> = value.lines().map(|line| line.trim().to_owned()).collect();
    forms.push(value.to_owned());
    if value.len() < SHORTEST {
        return forms;
    }
    if let Ok(quoted) = serde_json::to_string(value) {
        forms.push(quoted[1..quoted.len() - 1].to_owned());
    }
    forms.push(percent(value));
    for before in 0..3 {
        // The first characters also hold bits of what stands before the value, the last ones of what comes after: they
        // differ from place to place and are left out.
        let bytes: Vec<u8> = std::iter::repeat_n(0, before).chain(value.bytes()).collect();
        let start = (before * 8).div_ceil(6);
        let end = bytes.len() * 8 / 6;
        forms.extend(
            [STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|engine| engine.encode(&bytes)[start..end].to_owned()),
        );
    }
    // What stands alone is masked to its last character.
    forms.extend([STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|engine| engine.encode(value)));
    forms
}

fn percent(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::*;

    fn masked(secrets: &[&str], text: &str) -> String {
        Masker::new(secrets.iter().copied()).apply(text)
    }

    #[test]
    fn values_go_and_the_rest_stays() {
        assert_eq!(masked(&["s3cret"], "a s3cret b s3crets3cret"), "a ••• b ••••••");
        assert_eq!(masked(&[], "plain"), "plain");
        // Too short to be told from any other text.
        assert_eq!(masked(&["abc"], "abcabc"), "abcabc");
        assert_eq!(masked(&["été!"], "cet été! là"), "cet ••• là");
    }

    #[test]
    fn overlapping_secrets_leave_no_rest() {
        assert_eq!(masked(&["abcd", "cdef"], "xabcdefy"), "x•••y");
        assert_eq!(masked(&["aaaa"], "aaaaaay"), "•••y");
        assert_eq!(masked(&["long-secret", "secret"], "long-secret"), "•••");
    }

    #[test]
    fn a_cut_never_leaves_part_of_a_secret() {
        let masker = Masker::new(["s3cret"]);
        let text = "ab s3cret s3cret";
        for keep in 0..=text.len() {
            let seen = masker.mask(text, keep);
            assert!(!seen.contains("s3"), "{keep}: {seen}");
        }
        assert_eq!((masker.mask(text, 3), masker.mask(text, 4)), ("ab ".into(), "ab •••".into()));
        assert_eq!(masker.mask("é", 1), "");
    }

    #[test]
    fn base64_is_masked_wherever_the_secret_stands() {
        let secret = "pa55-w?rd~~";
        for before in ["", "u", "us", "use", "user:"] {
            for after in ["", "x", "xy", "xyz"] {
                let whole = format!("{before}{secret}{after}");
                for encoded in [STANDARD.encode(&whole), URL_SAFE.encode(&whole)] {
                    let seen = masked(&[secret], &format!("Authorization: Basic {encoded}"));
                    assert!(seen.contains(MASK), "{before}|{after}: {seen}");
                    // At each end a character may be left, with at most five bits of the secret.
                    let left = seen.split(' ').next_back().unwrap().replace(MASK, "");
                    let kept = before.len().div_ceil(3) * 4 + after.len().div_ceil(3) * 4 + 4;
                    assert!(left.len() <= kept, "{before}|{after}: {seen}");
                }
            }
        }
        assert_eq!(masked(&[secret], &STANDARD.encode(secret)), "•••=");
    }

    #[test]
    fn other_spellings_are_masked() {
        assert_eq!(masked(&["a\"b\\c d"], r#"{"k":"a\"b\\c d"}"#), r#"{"k":"•••"}"#);
        assert_eq!(masked(&["p@ss/word"], "postgres://u:p%40ss%2Fword@db"), "postgres://u:•••@db");
        assert_eq!(masked(&["-----BEGIN\nMIIE\nx"], "MIIE and -----BEGIN"), "••• and •••");
    }
}
