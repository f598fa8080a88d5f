//! A secret that must be found nowhere, in none of the forms in which programs write things down.

use std::path::Path;

use crate::project::Bench;

/// Searches everything that was written below a bench, and the arguments of every running process.
pub fn nowhere(bench: &Bench, canary: &str) {
    let forms = forms(canary);
    let mut rest = vec![bench.path().to_path_buf()];
    let mut files = 0;
    while let Some(path) = rest.pop() {
        let Ok(kind) = std::fs::symlink_metadata(&path).map(|meta| meta.file_type()) else {
            continue;
        };
        if kind.is_dir() {
            // A program that still runs may take away what was there a moment ago.
            rest.extend(std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()));
        } else if kind.is_file() {
            files += 1;
            none_in(&path, &forms);
        }
    }
    assert!(files > 0, "nothing was written, so nothing was searched");
    for process in std::fs::read_dir("/proc").unwrap().flatten() {
        none_in(&process.path().join("cmdline"), &forms);
    }
}

/// Searches what a running process was started with: its arguments and its environment.
pub fn not_given_to(process: u32, canary: &str) {
    let forms = forms(canary);
    for name in ["cmdline", "environ"] {
        let path = Path::new("/proc").join(process.to_string()).join(name);
        assert!(!std::fs::read(&path).unwrap().is_empty(), "process {process} has ended");
        none_in(&path, &forms);
    }
}

/// A secret in one notation.
struct Form {
    name: &'static str,
    bytes: Vec<u8>,
}

fn none_in(path: &Path, forms: &[Form]) {
    let Ok(bytes) = std::fs::read(path) else { return };
    for form in forms {
        assert!(!holds(&bytes, &form.bytes), "{} holds the canary as {}", path.display(), form.name);
    }
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    memchr::memmem::find(bytes, wanted).is_some()
}

/// As it is, in hexadecimal and in base64, each in one and (WebKit keeps some of its strings so) two bytes a letter.
fn forms(canary: &str) -> Vec<Form> {
    let hex = |digits: fn(u8) -> String| canary.bytes().map(digits).collect::<String>();
    let mut texts = vec![
        ("text", canary.to_owned()),
        ("hexadecimal", hex(|byte| format!("{byte:02x}"))),
        ("hexadecimal", hex(|byte| format!("{byte:02X}"))),
    ];
    for before in 0..3 {
        let text = base64(canary.as_bytes(), before);
        texts.push(("URL-safe base64", text.replace('+', "-").replace('/', "_")));
        texts.push(("base64", text));
    }
    let both = |(name, text): (&'static str, String)| {
        let wide = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [Form { name, bytes: text.into_bytes() }, Form { name, bytes: wide }]
    };
    texts.into_iter().flat_map(both).collect()
}

/// The letters of base64 that stand for these bytes alone, wherever `before` bytes (modulo 3) precede them.
fn base64(bytes: &[u8], before: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bit = |index: usize| bytes[index / 8] >> (7 - index % 8) & 1;
    // Letters begin at every sixth bit of the whole text; the first that holds none of what precedes.
    let first = (before * 8).next_multiple_of(6) - before * 8;
    let starts = (first..).step_by(6).take_while(|start| start + 6 <= bytes.len() * 8);
    let value = |start: usize| (start..start + 6).fold(0, |value, index| value << 1 | bit(index));
    starts.map(|start| char::from(LETTERS[usize::from(value(start))])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_found_wherever_the_secret_begins() {
        // By the tool of that name: `printf 'x-canary-1>?' | base64`, and with one and two letters more before it.
        let written = ["Y2FuYXJ5LTE+Pz4=", "eGNhbmFyeS0xPj8+", "eHhjYW5hcnktMT4/Pg=="];
        for (before, written) in written.into_iter().enumerate() {
            let wanted = base64(b"canary-1>?>", before);
            assert!(written.contains(&wanted) && wanted.len() >= 13, "{written} {wanted}");
        }
    }

    #[test]
    fn every_form_is_found_and_nothing_else() {
        let found = |text: &[u8]| forms("canary-1>?>").iter().any(|form| holds(text, &form.bytes));
        for text in [
            &b"token=canary-1>?>;"[..],
            b"63616e6172792d313e3f3e",
            b"63616E6172792D313E3F3E",
            b"Basic eHhjYW5hcnktMT4/Pg==",
            b"?state=eHhjYW5hcnktMT4_Pg",
            b"c\0a\0n\0a\0r\0y\0-\x001\0>\0?\0>\0",
        ] {
            assert!(found(text), "{}", String::from_utf8_lossy(text));
        }
        assert!(!found(b"canary-2, 63616e61, eHhjYW5hcnkt"));
    }

    #[test]
    #[should_panic(expected = "holds the canary as hexadecimal")]
    fn a_file_that_holds_it_fails() {
        let bench = Bench::new();
        bench.write("log.txt", "63616e6172792d76616c7565");
        nowhere(&bench, "canary-value");
    }
}
