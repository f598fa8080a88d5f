//! Which names of a tree may be written below a folder.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::{Error, Result};

/// Bytes that git printed, as a name of this system.
#[cfg(unix)]
pub(crate) fn os_text(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStrExt as _;
    std::ffi::OsStr::from_bytes(bytes).to_owned()
}

/// Bytes that git printed, as a name of this system.
#[cfg(not(unix))]
pub(crate) fn os_text(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// A path of a tree as a relative path whose every part is an ordinary name.
///
/// # Errors
/// A part is empty, `.`, `..` or `.git`, or no name that Windows could write where this is Windows.
pub(crate) fn inside(path: &[u8]) -> Result<PathBuf> {
    let refuse = |reason: &str| Error::Refused {
        path: String::from_utf8_lossy(path).into_owned(),
        reason: reason.to_owned(),
    };
    let mut found = PathBuf::new();
    for part in path.split(|byte| *byte == b'/') {
        if matches!(part, b"" | b"." | b"..") || part.contains(&0) {
            return Err(refuse("it leads out of the folder"));
        }
        if part.eq_ignore_ascii_case(b".git") {
            return Err(refuse("it would become part of a git repository"));
        }
        if cfg!(windows) && !std::str::from_utf8(part).is_ok_and(fits_windows) {
            return Err(refuse("Windows has no such name"));
        }
        found.push(os_text(part));
    }
    Ok(found)
}

/// Whether a link stays in the folder: `depth` is the number of folders above it.
///
/// Steps up may only come first. They then start at a real folder, because links are made last and never stand where a
/// folder should, and whatever follows leads through links that were held to the same rule.
pub(crate) fn link_stays_inside(target: &[u8], depth: usize) -> bool {
    let mut up = 0;
    let mut descends = false;
    for (index, part) in target.split(|byte| *byte == b'/').enumerate() {
        match part {
            b"" if index == 0 => return false,
            b"" | b"." => {}
            b".." if descends => return false,
            b".." => up += 1,
            part if cfg!(windows) && part.iter().any(|byte| matches!(byte, b'\\' | b':')) => return false,
            part if part.eq_ignore_ascii_case(b".git") => return false,
            _ => descends = true,
        }
    }
    up <= depth
}

/// Whether Windows can write a file of this name, and means a file of this folder by it.
fn fits_windows(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_uppercase();
    let device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT")).is_some_and(|number| {
            let mut digits = number.chars();
            matches!(digits.next(), Some('0'..='9' | '¹' | '²' | '³')) && digits.next().is_none()
        });
    let forbidden = |letter: char| letter.is_control() || "\\:<>\"|?*".contains(letter);
    let short_git = part.to_ascii_lowercase().starts_with("git~");
    !device && !short_git && !part.contains(forbidden) && !part.ends_with(['.', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_pass() {
        for path in ["a", "a/b c/d", ".gitignore", "...", "été/\u{1f600}", "-x", ".github/w.yaml"] {
            assert_eq!(inside(path.as_bytes()).unwrap(), PathBuf::from(path), "{path}");
        }
        #[cfg(unix)]
        assert!(inside(b"line\nbreak/\xff").is_ok());
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for path in ["", "/a", "a//b", "../a", "a/../b", "a/.", "a/", ".git/config", "a/.GIT/hooks/x", "a\0b"]
        {
            assert!(matches!(inside(path.as_bytes()), Err(Error::Refused { .. })), "{path:?}");
        }
    }

    #[test]
    fn links_stay_inside_or_are_refused() {
        for (target, depth) in [("a", 0), ("a/b", 0), ("./a", 0), ("../a", 1), ("../../a/b", 2), ("..", 1)] {
            assert!(link_stays_inside(target.as_bytes(), depth), "{target} at {depth}");
        }
        for (target, depth) in [
            ("/etc", 3),
            ("", 1),
            ("../a", 0),
            ("../../a", 1),
            ("a/../b", 3),
            ("a/../../b", 1),
            (".git/x", 0),
        ] {
            assert!(!link_stays_inside(target.as_bytes(), depth), "{target} at {depth}");
        }
    }

    #[test]
    fn names_that_windows_takes_for_something_else() {
        for name in ["nul", "CON.txt", "com1", "LPT9.x", "a:b", "a\\b", "a.", "a ", "git~1", "a?", "COM²"] {
            assert!(!fits_windows(name), "{name}");
        }
        for name in ["null", "console", "com", "com10", "a.b", "git", "été"] {
            assert!(fits_windows(name), "{name}");
        }
    }
}
