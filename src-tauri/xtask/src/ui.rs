//! The window's sources: fetching what they need and building them, only when something changed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::place::Place;
use crate::processes;

/// Outcome of a step that may have had nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It was done.
    Done,
    /// Nothing had changed since it was done last.
    Fresh,
}

/// `npm ci` in `dir`, unless the lock file and npm's settings are those of last time.
pub(crate) fn install(place: &Place, dir: &Path) -> Result<Step, Failure> {
    let lock = dir.join("package-lock.json");
    if !lock.is_file() {
        return Err(Failure::new(
            format!("{} is missing", lock.display()),
            "run `npm install` in its folder once and commit the lock file",
        ));
    }
    let mut print = Print::new();
    for name in ["package-lock.json", "package.json", ".npmrc"] {
        print.file(dir, &dir.join(name));
    }
    let stamp = dir.join("node_modules/.xtask-installed");
    if print.is_in(&stamp) {
        return Ok(Step::Fresh);
    }
    processes::run(&mut place.npm(dir, &["ci", "--include=dev", "--no-audit", "--no-fund"]))?;
    print.write(&stamp)?;
    Ok(Step::Done)
}

/// `npm run build` in `ui`, unless no source changed since. Needs [`install`] first.
pub(crate) fn build(place: &Place) -> Result<Step, Failure> {
    let ui = place.ui();
    let mut files = Vec::new();
    sources(&ui, &mut files).map_err(|error| Failure::file(&ui, &error))?;
    files.sort();
    let mut print = Print::new();
    for file in &files {
        print.file(&ui, file);
    }
    // Not in dist: everything in there becomes part of the program.
    let stamp = ui.join("node_modules/.xtask-built");
    if ui.join("dist/index.html").is_file() && print.is_in(&stamp) {
        return Ok(Step::Fresh);
    }
    processes::run(&mut place.npm(&ui, &["run", "build"]))?;
    print.write(&stamp)?;
    Ok(Step::Done)
}

/// Both, for jobs that only want the window.
pub(crate) fn ready(place: &Place) -> Result<(), Failure> {
    install(place, &place.ui())?;
    build(place).map(|_| ())
}

fn sources(dir: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || matches!(&*name, "node_modules" | "dist") {
            continue;
        }
        if entry.file_type()?.is_dir() {
            sources(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// A fingerprint (FNV-1a, 64 bits) of names and contents: tells edits apart, keeps no secrets.
struct Print(u64);

impl Print {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().chain(&[0xff]) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn file(&mut self, base: &Path, file: &Path) {
        self.add(file.strip_prefix(base).unwrap_or(file).to_string_lossy().as_bytes());
        self.add(&fs::read(file).unwrap_or_default());
    }

    fn is_in(&self, stamp: &Path) -> bool {
        fs::read_to_string(stamp).is_ok_and(|text| text == self.text())
    }

    fn write(&self, stamp: &Path) -> Result<(), Failure> {
        fs::write(stamp, self.text()).map_err(|error| Failure::file(stamp, &error))
    }

    fn text(&self) -> String {
        format!("{:016x}\n", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(parts: &[&str]) -> String {
        let mut print = Print::new();
        for part in parts {
            print.add(part.as_bytes());
        }
        print.text()
    }

    #[test]
    fn the_fingerprint_tells_contents_and_their_borders_apart() {
        assert_eq!(print(&["a", "b"]), print(&["a", "b"]));
        assert_ne!(print(&["a", "b"]), print(&["a", "c"]));
        assert_ne!(print(&["ab", ""]), print(&["a", "b"]));
    }

    #[test]
    fn the_fingerprint_is_the_published_function() {
        let mut print = Print::new();
        print.0 = (print.0 ^ u64::from(b'a')).wrapping_mul(0x0100_0000_01b3);
        assert_eq!(print.text(), "af63dc4c8601ec8c\n");
    }
}
