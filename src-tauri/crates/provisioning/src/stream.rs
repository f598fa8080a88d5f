//! The machine-readable stream of `plan -json` and `apply -json`.
//! <https://developer.hashicorp.com/terraform/internals/machine-readable-ui>

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Diagnostic;

/// Major version of the stream that this room reads.
const MAJOR: &str = "1";
/// Types of messages that say all they have to say in their text.
const PLAIN: &[&str] = &[
    "version",
    "log",
    "planned_change",
    "change_summary",
    "outputs",
    "resource_drift",
    "init_output",
    "state_lock_acquire",
    "state_lock_release",
    "refresh_start",
    "refresh_complete",
    "provision_start",
    "provision_progress",
    "provision_complete",
    "provision_errored",
    "apply_start",
    "apply_progress",
    "ephemeral_op_start",
    "ephemeral_op_progress",
    "ephemeral_op_complete",
    "ephemeral_op_errored",
];

/// Reads a stream line by line, and remembers what is needed in the end.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// Warnings and errors.
    pub diagnostics: Vec<Diagnostic>,
    /// What was done, in order: `creation of aws_vpc.main`.
    pub done: Vec<String>,
    /// Resources on which something failed.
    pub failed: Vec<String>,
    /// Version of a stream that this room does not know.
    pub unknown_version: Option<String>,
    /// Lines that are no messages: what the tool prints where it breaks.
    pub printed: Vec<String>,
    /// The state, where it was printed because it could be written nowhere.
    pub state: Option<String>,
    /// Whether a plan is applied that was shown before: what it would do is not said again.
    applying: bool,
    noted: BTreeSet<String>,
}

impl Reader {
    /// Reads the stream of `apply`, or of `plan`.
    pub(crate) fn of(applying: bool) -> Self {
        Self { applying, ..Self::default() }
    }

    /// Takes a line; what a person shall read of it, a line each.
    pub(crate) fn line(&mut self, text: &str) -> Vec<String> {
        let Ok(message @ Value::Object(_)) = serde_json::from_str::<Value>(text) else {
            if text.starts_with("{\"@") {
                // Cut, it may be a state: none of it is kept.
                return vec![format!("a message of {} bytes cannot be read", text.len())];
            }
            let text = crate::diagnostic::plain(text);
            if self.printed.len() < 200 && !text.trim().is_empty() {
                self.printed.push(text.clone());
            }
            return vec![text];
        };
        let said = message["@message"].as_str().unwrap_or_default().to_owned();
        if let Some(state) = crate::rescued::printed_in(text, &message) {
            self.state = Some(state.to_owned());
            return vec![format!("{said}: it is kept apart from this log")];
        }
        let hook = &message["hook"];
        let resource = || hook["resource"]["addr"].as_str().unwrap_or("a resource").to_owned();
        match message["type"].as_str().unwrap_or_default() {
            "version" => self.version(&message),
            "diagnostic" => return self.diagnostic(&message["diagnostic"]),
            "apply_complete" => {
                let what = match hook["action"].as_str() {
                    Some("create") => "creation",
                    Some("update") => "update",
                    Some("delete") => "destruction",
                    Some("read") => return vec![said],
                    _ => "change",
                };
                self.done.push(format!("{what} of {}", resource()));
            }
            "planned_change" | "resource_drift" if self.applying => return Vec::new(),
            "apply_errored" => self.failed.push(resource()),
            kind if PLAIN.contains(&kind) => {}
            kind => {
                if self.noted.insert(kind.to_owned()) {
                    let note =
                        format!("a message of type {kind:?} is new to this Jalon: its text alone is kept");
                    return vec![said, note];
                }
            }
        }
        vec![said]
    }

    fn version(&mut self, message: &Value) {
        let Some(found) = message["ui"].as_str() else { return };
        if found.split('.').next() != Some(MAJOR) {
            self.unknown_version = Some(found.to_owned());
        }
    }

    fn diagnostic(&mut self, value: &Value) -> Vec<String> {
        let one = Diagnostic::of_json(value);
        let word = if one.error { "Error" } else { "Warning" };
        let at = one.at.as_ref().map_or(String::new(), |at| format!(" ({at})"));
        let mut lines = vec![format!("{word}: {}{at}", one.summary)];
        lines.extend(
            one.detail.lines().filter(|line| !line.trim().is_empty()).map(|line| format!("  {line}")),
        );
        self.diagnostics.push(one);
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(stream: &str) -> (Reader, Vec<String>) {
        let mut reader = Reader::default();
        let lines = stream.lines().flat_map(|line| reader.line(line)).collect();
        (reader, lines)
    }

    #[test]
    fn a_failed_apply_says_what_was_done_and_what_failed() {
        for stream in [
            include_str!("recorded/apply-failed.terraform.jsonl"),
            include_str!("recorded/apply-failed.tofu.jsonl"),
        ] {
            let (reader, lines) = read(stream);
            assert_eq!(reader.unknown_version, None);
            assert_eq!(reader.done, ["creation of terraform_data.first"]);
            assert_eq!(reader.failed, ["terraform_data.second"]);
            let error = reader.diagnostics.iter().find(|one| one.error).unwrap();
            assert_eq!(error.at.as_deref(), Some("terraform_data.second"));
            assert!(error.detail.contains("exit status 3"), "{error:?}");
            assert!(
                lines.iter().any(|line| line == "terraform_data.second: (local-exec): on the way"),
                "{lines:#?}"
            );
            assert!(lines.iter().all(|line| !line.contains("new to this Jalon")), "{lines:#?}");
        }
    }

    #[test]
    fn a_message_of_a_new_type_is_kept_and_noted_once() {
        let line = r#"{"@level":"info","@message":"a.b: Thinking...","type":"resource_thinking"}"#;
        let (reader, lines) = read(&format!("{line}\n{line}\n"));
        assert_eq!(lines.len(), 3);
        assert_eq!((lines[0].as_str(), lines[2].as_str()), ("a.b: Thinking...", "a.b: Thinking..."));
        assert!(lines[1].contains("resource_thinking"));
        assert!(reader.diagnostics.is_empty());
    }

    #[test]
    fn another_major_version_is_found_and_another_minor_one_is_fine() {
        let version = |ui: &str| {
            let line = format!(
                r#"{{"@message":"Terraform 3.0.0","terraform":"3.0.0","type":"version","ui":"{ui}"}}"#
            );
            read(&line).0.unknown_version
        };
        assert_eq!(version("1.9"), None);
        assert_eq!(version("2.0").as_deref(), Some("2.0"));
        assert_eq!(version("10.1").as_deref(), Some("10.1"));
    }

    #[test]
    fn a_printed_state_is_kept_and_not_logged() {
        let line = r#"{"@message":"Emergency state dump","state":{"serial":1,"lineage":"9d7a","outputs":{"p":"hunter22"}}}"#;
        let (reader, lines) = read(&format!("{line}\n{}\n", &line[..line.len() - 4]));
        assert!(reader.state.unwrap().contains("hunter22"));
        assert!(reader.printed.is_empty() && lines.len() == 2);
        assert!(lines.iter().all(|line| !line.contains("hunter22")), "{lines:#?}");
    }

    #[test]
    fn what_is_no_message_is_kept_as_it_is() {
        let (reader, lines) = read("\u{1b}[31mpanic: oh\u{1b}[0m\n[]\n\"text\"\n");
        assert_eq!(lines, ["panic: oh", "[]", "\"text\""]);
        assert_eq!(reader.printed, lines);
    }
}
