//! Counts tests from what Rust's test harness prints, so that none is left out quietly.

use crate::failure::Failure;
use crate::stages::Note;

/// The one thing a test may leave out: a folder that only some machines have.
const ALLOWED: &str = "skipped: ../shared is not here";

/// What a run of tests said about itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    passed: u32,
    ignored: u32,
    allowed: u32,
    skipped: Vec<String>,
}

impl Tally {
    /// Takes one line of output.
    pub(crate) fn see(&mut self, line: &str) {
        let line = line.trim_end();
        if line == ALLOWED {
            self.allowed += 1;
        } else if line.starts_with("skipped:") {
            self.skipped.push(line.to_owned());
        } else if let Some(result) = line.strip_prefix("test result: ") {
            self.passed += count(result, "passed");
            self.ignored += count(result, "ignored");
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
        let failure = verdict(&[WELL, "skipped: no keychain"]).unwrap_err();
        assert!(failure.what.contains("no keychain"));
        assert!(verdict(&[WELL, "skipped: ../shared is not here, nor is the rest"]).is_err());
    }

    #[test]
    fn ignored_tests_and_no_tests_fail() {
        let ignoring = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out";
        assert!(verdict(&[ignoring]).is_err());
        assert!(verdict(&[]).is_err());
        assert!(verdict(&["test result: ok. 0 passed; 0 failed; 0 ignored"]).is_err());
    }
}
