//! What a tool warns of, and which of it has a name of its own here.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Error, Lock};

/// What the tool warns of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Whether it is an error; else a warning.
    pub error: bool,
    /// In a line.
    pub summary: String,
    /// At length; empty where there is no more to say.
    pub detail: String,
    /// Resource, or file and line, where it names one.
    pub at: Option<String>,
}

impl Diagnostic {
    /// Reads `diagnostic` of the message stream and of `validate -json`.
    pub(crate) fn of_json(value: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
        let place = || {
            let file = value["range"]["filename"].as_str()?;
            Some(match value["range"]["start"]["line"].as_u64() {
                Some(line) => format!("{file}:{line}"),
                None => file.to_owned(),
            })
        };
        Self {
            error: value["severity"] != "warning",
            summary: text(&value["summary"]),
            detail: text(&value["detail"]),
            at: value["address"].as_str().map(str::to_owned).or_else(place),
        }
    }

    /// Reads what commands without a machine-readable form print: `Error: …`, then paragraphs.
    pub(crate) fn of_text(text: &str) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for line in text.lines() {
            let line = plain(line);
            let line = line.trim_end().trim_start_matches(['│', '╷', '╵']);
            let line = line.strip_prefix(' ').unwrap_or(line);
            let begins = [("Error: ", true), ("Warning: ", false)]
                .into_iter()
                .find_map(|(word, error)| Some((line.strip_prefix(word)?, error)));
            if let Some((summary, error)) = begins {
                let summary = summary.to_owned();
                found.push(Self { error, summary, detail: String::new(), at: None });
            } else if let Some(last) = found.last_mut() {
                if last.at.is_none()
                    && let Some(at) = line.trim_start().strip_prefix("on ").and_then(place_of)
                {
                    last.at = Some(at);
                }
                last.detail.push_str(line);
                last.detail.push('\n');
            }
        }
        for one in &mut found {
            one.detail = one.detail.trim().to_owned();
        }
        found
    }

    /// Summary and the first paragraph of the detail that says more.
    pub(crate) fn reason(&self) -> String {
        let detail = self.detail.lines().map(str::trim).filter(|line| !line.is_empty());
        let detail: Vec<&str> = detail.take(6).collect();
        match detail.is_empty() {
            true => self.summary.clone(),
            false => format!("{}: {}", self.summary, detail.join(" ")),
        }
    }
}

/// `main.tf line 2, in resource …`
fn place_of(text: &str) -> Option<String> {
    let (file, rest) = text.split_once(" line ")?;
    let line: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!line.is_empty()).then(|| format!("{file}:{line}"))
}

/// Without the escapes that colour a terminal.
pub(crate) fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        text.push_str(before);
        rest = after.find(|c: char| c.is_ascii_alphabetic()).map_or("", |end| &after[end + 1..]);
    }
    text.push_str(rest);
    text
}

/// The error that a failed command's diagnostics tell of. Tools give them no code, so this is the one place that goes by
/// their words; what has no name here is told as it is.
pub(crate) fn error_of(what: &str, diagnostics: &[Diagnostic], otherwise: &str) -> Error {
    let errors = || diagnostics.iter().filter(|one| one.error);
    let holding = |words: &[&str]| {
        errors().find(|one| {
            words.iter().any(|word| one.summary.contains(word) || flat(&one.detail).contains(word))
        })
    };
    if let Some(one) = holding(&["no space left on device", "not enough space on the disk", "file too large"])
    {
        return Error::DiskFull { reason: one.reason() };
    }
    if let Some(one) = errors().find(|one| one.summary.contains("state lock"))
        && let Some(lock) = Lock::of_detail(&one.detail)
    {
        return Error::Locked(Box::new(lock));
    }
    if holding(&["Saved plan is stale", "Saved plan does not match the given state"]).is_some() {
        return Error::Stale { reason: "the state was changed since it was planned".to_owned() };
    }
    let state = [
        "Unsupported state file format",
        "Failed to refresh state",
        "Failed to read state",
        "Error loading state",
        "state snapshot was created by",
        "state data in S3 does not have the expected content",
        "Failed to decrypt",
    ];
    if let Some(one) = holding(&state) {
        return Error::State { reason: one.reason() };
    }
    let provider = [
        "Failed to query available provider packages",
        "Failed to resolve provider packages",
        "Failed to install provider",
        "Failed to load plugin schemas",
        "Required plugins are not installed",
        "Inconsistent dependency lock file",
        "Missing required provider",
        "Could not load plugin",
        "Failed to download module",
        "Module not installed",
    ];
    if let Some(one) = holding(&provider) {
        return Error::Provider { reason: one.reason() };
    }
    // Where a state is lost, that; else the last one: the first error is often a summary of the others.
    match errors().find(|one| one.summary == "Failed to save state").or_else(|| errors().next_back()) {
        Some(one) => Error::Failed { what: what.to_owned(), reason: one.reason(), at: one.at.clone() },
        None => Error::Failed { what: what.to_owned(), reason: otherwise.to_owned(), at: None },
    }
}

/// In one line: tools wrap what they print.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const INIT: &str = "\n\u{1b}[31mError: Terraform encountered problems during initialisation, including problems\u{1b}[0m\n\
        with the configuration, described below.\n\n\nError: Invalid expression\n\n  on main.tf line 2, in resource \
        \"terraform_data\" \"x\":\n   2:   input = \n\nExpected the start of an expression.\n";

    #[test]
    fn printed_errors_are_read_with_their_place() {
        let found = Diagnostic::of_text(INIT);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(
            (found[1].summary.as_str(), found[1].at.as_deref()),
            ("Invalid expression", Some("main.tf:2"))
        );
        let boxed = "╷\n│ Warning: Unable to open CLI configuration file\n│ \n│ It does not exist.\n╵\n";
        let found = Diagnostic::of_text(boxed);
        assert_eq!(
            (found[0].error, found[0].summary.as_str(), found[0].detail.as_str()),
            (false, "Unable to open CLI configuration file", "It does not exist.")
        );
        let error = error_of("init", &Diagnostic::of_text(INIT), "");
        assert!(
            error.to_string().starts_with("init failed at main.tf:2: Invalid expression: on main.tf line 2"),
            "{error}"
        );
    }

    #[test]
    fn failures_with_a_name_are_told_by_it() {
        let named = |summary: &str, detail: &str| {
            let one = Diagnostic {
                error: true,
                summary: summary.to_owned(),
                detail: detail.to_owned(),
                at: Some("aws_vpc.main".to_owned()),
            };
            let warning =
                Diagnostic { error: false, summary: "Saved plan is stale".to_owned(), ..one.clone() };
            error_of("apply", &[warning, one], "exit status 1")
        };
        assert!(matches!(named("Saved plan is stale", ""), Error::Stale { .. }));
        let lock = "Error message: busy\nLock Info:\n  ID: 7\n  Who: student-a@lab\n  Created: now\n";
        assert!(
            matches!(named("Error acquiring the state lock", lock), Error::Locked(lock) if lock.id == "7")
        );
        // A damaged local state is found while it is locked.
        let damaged = "Error message: Unsupported state file format: The state file could not be parsed";
        assert!(matches!(named("Error acquiring the state lock", damaged), Error::State { .. }));
        let full = "Error saving state: write terraform.tfstate: no space left\non device";
        assert!(matches!(named("Failed to save state", full), Error::DiskFull { .. }));
        let absent = named("Failed to query available provider packages", "no such host");
        assert!(matches!(absent, Error::Provider { .. }));
        let of = |summary: &str, detail: &str| Diagnostic {
            error: true,
            summary: summary.to_owned(),
            detail: detail.to_owned(),
            at: None,
        };
        let lost = [of("Failed to save state", "POST failed"), of("Failed to persist state", "see above")];
        let lost = error_of("apply", &lost, "").to_string();
        assert!(lost.contains("POST failed"), "{lost}");
        let other = named("creating EC2 VPC", "403: not allowed");
        assert_eq!(other.to_string(), "apply failed at aws_vpc.main: creating EC2 VPC: 403: not allowed");
        assert_eq!(error_of("apply", &[], "exit status 2").to_string(), "apply failed: exit status 2");
    }
}
