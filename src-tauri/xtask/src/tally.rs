//! Counts tests from what Rust's test harness prints, so that none is left out quietly.

use std::fmt;

use crate::failure::Failure;
use crate::stages::Note;

/// The one thing a test may leave out: a folder that only some machines have. A file in it may be named after that.
const ALLOWED: &str = "skipped: ../shared is not here";
const NAMED: &str = ", so not ";

/// Tests over all stages, for the last line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    passed: u32,
    failed: u32,
}

impl Counts {
    /// With those of a run.
    pub(crate) fn plus(self, tally: &Tally) -> Self {
        Self { passed: self.passed + tally.passed, failed: self.failed + tally.failed }
    }

    /// As the whole job ended: one that failed is never called `0 failed`, also where it was no test that did.
    pub(crate) fn with_end(self, well: bool) -> Self {
        Self { failed: if well { self.failed } else { self.failed.max(1) }, ..self }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// What a run of tests said about itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    passed: u32,
    failed: u32,
    ignored: u32,
    allowed: u32,
    skipped: Vec<String>,
}

impl Tally {
    /// Takes one line of output.
    pub(crate) fn see(&mut self, line: &str) {
        let line = line.trim_end();
        if line.strip_prefix(ALLOWED).is_some_and(|rest| rest.is_empty() || rest.starts_with(NAMED)) {
            self.allowed += 1;
        } else if line.starts_with("skipped:") {
            self.skipped.push(line.to_owned());
        } else if let Some(result) = line.strip_prefix("test result: ") {
            self.passed += count(result, "passed");
            self.failed += count(result, "failed");
            self.ignored += count(result, "ignored");
        } else if let Some(result) = plain(line).trim_start().strip_prefix("Tests ") {
            // Vitest: `Tests  1 failed | 212 passed (213)`.
            self.passed += count(result, "passed");
            self.failed += count(result, "failed");
            self.ignored += count(result, "skipped") + count(result, "todo");
        }
    }

    /// Well, if tests ran and none was left out.
    pub(crate) fn verdict(&self) -> Result<Note, Failure> {
        if !self.skipped.is_empty() {
            return Err(Failure::new(
                format!("required tests were skipped:\n{}", self.skipped.join("\n")),
                "provide what they miss; only `../shared` may be absent",
            ));
        }
        if self.ignored > 0 {
            return Err(Failure::new(
                format!("{} tests are ignored", self.ignored),
                "mend them or delete them",
            ));
        }
        if self.passed == 0 {
            return Err(Failure::new("no test ran", "a stage of tests without tests cannot fail: add one"));
        }
        let absent =
            if self.allowed > 0 { format!(", {} without ../shared", self.allowed) } else { String::new() };
        Ok(format!("{} tests{absent}", self.passed))
    }
}

/// A line without the colours that a tool puts in where it believes in a terminal.
fn plain(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}

/// The number before `word` in `ok. 3 passed; 0 failed; 1 ignored; …`.
fn count(result: &str, word: &str) -> u32 {
    let words: Vec<&str> = result.split([' ', ';']).filter(|part| !part.is_empty()).collect();
    words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(lines: &[&str]) -> Result<Note, Failure> {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.see(line));
        tally.verdict()
    }

    const WELL: &str =
        "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";

    #[test]
    fn results_of_several_binaries_add_up() {
        assert_eq!(verdict(&[WELL, "noise", WELL]), Ok("6 tests".into()));
    }

    #[test]
    fn only_the_shared_folder_may_be_absent_and_it_is_said() {
        assert_eq!(verdict(&[WELL, ALLOWED]), Ok("3 tests, 1 without ../shared".into()));
        let named = "skipped: ../shared is not here, so not /clone/../shared/inputs/planning.md";
        assert_eq!(verdict(&[WELL, named]), Ok("3 tests, 1 without ../shared".into()));
        let failure = verdict(&[WELL, "skipped: no keychain"]).unwrap_err();
        assert!(failure.what.contains("no keychain"));
        assert!(verdict(&[WELL, "skipped: ../shared is not here, nor is the rest"]).is_err());
    }

    #[test]
    fn the_last_line_counts_all_runs_and_never_hides_a_failure() {
        let counts = |lines: &[&str]| {
            let mut tally = Tally::default();
            lines.iter().for_each(|line| tally.see(line));
            Counts::default().plus(&tally)
        };
        const BADLY: &str = "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out";
        const VITEST: &str = "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m213 passed\u{1b}[39m\u{1b}[22m\u{1b}[90m (213)\u{1b}[39m";
        assert_eq!(counts(&[WELL, BADLY, VITEST]).to_string(), "218 passed, 1 failed");
        assert_eq!(counts(&["      Tests  2 failed | 211 passed (213)"]).to_string(), "211 passed, 2 failed");
        assert_eq!(counts(&[WELL]).with_end(true).to_string(), "3 passed, 0 failed");
        assert_eq!(counts(&[WELL]).with_end(false).to_string(), "3 passed, 1 failed");
        assert_eq!(counts(&[BADLY]).with_end(false).to_string(), "2 passed, 1 failed");
    }

    #[test]
    fn skipped_tests_of_the_pages_fail_too() {
        assert!(verdict(&[" Tests  212 passed | 1 skipped (213)"]).is_err());
        assert_eq!(verdict(&[" Tests  213 passed (213)"]), Ok("213 tests".into()));
    }

    #[test]
    fn ignored_tests_and_no_tests_fail() {
        let ignoring = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out";
        assert!(verdict(&[ignoring]).is_err());
        assert!(verdict(&[]).is_err());
        assert!(verdict(&["test result: ok. 0 passed; 0 failed; 0 ignored"]).is_err());
    }
}
