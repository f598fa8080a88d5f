//! Answers as lines for a person. Scripts use `--json`.

mod cluster;
mod deliver;
mod monitor;
mod provision;

use std::fmt::Write as _;

use engine::wire::*;

pub use deliver::log_line;

/// An answer that can be read.
pub trait Human {
    /// Lines of text.
    fn lines(&self) -> String;
}

impl Human for ProjectHeader {
    fn lines(&self) -> String {
        let github = self.github.as_deref().unwrap_or("no GitHub repository yet");
        let plan = self.plan.as_deref().unwrap_or("the plan that is found");
        format!(
            "{} in {}\n  repository  {github}\n  plan        {plan}\n  time zone   {}",
            self.name, self.dir, self.timezone
        )
    }
}

impl Human for PlanDocument {
    fn lines(&self) -> String {
        let mut text = String::new();
        for stage in &self.stages {
            let number = stage.number.map_or_else(|| "–".to_owned(), |n| n.to_string());
            let deadline = stage.deadline.as_ref().map_or_else(|| "no deadline".to_owned(), days);
            let milestone =
                stage.milestone.as_ref().map_or(String::new(), |m| format!("  milestone {}", m.number));
            let _ = writeln!(text, "{number:>2}  {deadline:<24} {}{milestone}", stage.title);
            for (name, items) in [
                ("activity", &stage.activities),
                ("deliverable", &stage.deliverables),
                ("extra", &stage.extras),
                ("bonus", &stage.bonus),
            ] {
                for item in items {
                    list(&mut text, name, item, 0);
                }
            }
            for note in &stage.notes {
                let _ = writeln!(
                    text,
                    "      {:<12} {}",
                    "note",
                    note.text.replace('\n', "\n                   ")
                );
            }
        }
        for odd in &self.diagnostics {
            let _ =
                writeln!(text, "line {}, column {}: {} [{}]", odd.line, odd.column, odd.message, odd.code);
        }
        text
    }
}

fn list(text: &mut String, name: &str, item: &PlanItem, depth: usize) {
    let tick = match item.done {
        Some(true) => "[x] ",
        Some(false) => "[ ] ",
        None => "",
    };
    let _ = writeln!(text, "      {name:<12} {}{tick}{}", "  ".repeat(depth), item.text);
    for child in &item.children {
        list(text, "", child, depth + 1);
    }
}

fn days(deadline: &PlanDeadline) -> String {
    if deadline.from == deadline.to {
        deadline.to.clone()
    } else {
        format!("{}..{}", deadline.from, deadline.to)
    }
}

impl Human for Status {
    fn lines(&self) -> String {
        let mut text = match &self.as_of {
            Some(at) => format!("{}, GitHub as of {at}\n", self.project),
            None => format!("{}, GitHub not read yet: jalonctl sync\n", self.project),
        };
        for stage in &self.stages {
            let number = stage.number.map_or_else(|| "–".to_owned(), |n| n.to_string());
            let deadline = stage.deadline.as_ref().map_or_else(|| "no deadline".to_owned(), days);
            let done =
                stage.done.map_or_else(|| "no data".to_owned(), |done| format!("{:.0} %", done * 100.0));
            let in_time = match stage.on_time {
                Some(true) => "on time",
                Some(false) => "late",
                None => "",
            };
            let _ = writeln!(text, "{number:>2}  {deadline:<24} {done:>7}  {in_time:<8} {}", stage.title);
            for risk in &stage.risks {
                let _ = writeln!(text, "      ! {risk}");
            }
        }
        text
    }
}

impl Human for Milestones {
    fn lines(&self) -> String {
        let mut text = String::new();
        for stage in &self.stages {
            let milestone = stage.milestone.as_ref();
            let milestone =
                milestone.map_or_else(|| "no milestone".to_owned(), |m| format!("{} {}", m.number, m.title));
            let _ = writeln!(text, "{:<24} {milestone}", stage.brief.key);
        }
        for milestone in &self.unlinked {
            let _ = writeln!(text, "{:<24} {} {}", "no stage", milestone.number, milestone.title);
        }
        text
    }
}

impl Human for SyncOutcome {
    fn lines(&self) -> String {
        format!(
            "{}: {} milestones, {} issues, {} pull requests; {} pages read, {} unchanged",
            self.repository,
            self.milestones,
            self.issues,
            self.pull_requests,
            self.pages_read,
            self.pages_unchanged
        )
    }
}

impl Human for AuthStatus {
    fn lines(&self) -> String {
        let Some(place) = self.place.filter(|_| self.signed_in) else {
            return format!("nobody is signed in to {}", self.host);
        };
        let who = self
            .login
            .as_deref()
            .map_or_else(|| "signed in".to_owned(), |login| format!("signed in as {login}"));
        format!("{who} to {}, token in {}", self.host, named(place))
    }
}

impl Human for Credentials {
    fn lines(&self) -> String {
        let mut text = String::new();
        for credential in &self.credentials {
            let since = credential.set_at.as_deref().unwrap_or("");
            let _ = writeln!(text, "{:<32} {:<20} {since}", credential.name, named(credential.place));
        }
        if text.is_empty() {
            text.push_str("no credentials");
        }
        text
    }
}

fn named(place: CredentialPlace) -> &'static str {
    match place {
        CredentialPlace::Keychain => "the keychain",
        CredentialPlace::Memory => "memory",
        CredentialPlace::Environment => "the environment",
        CredentialPlace::Unreadable => "a locked keychain",
    }
}

impl Human for Doctor {
    fn lines(&self) -> String {
        let mut text = String::new();
        for check in &self.checks {
            let mark = match check.state {
                CheckState::Ok => "ok  ",
                CheckState::Warn => "warn",
                CheckState::Fail => "FAIL",
            };
            let _ = writeln!(text, "{mark}  {:<12} {}", check.id, check.message);
            if let Some(fix) = &check.fix {
                let _ = writeln!(text, "                    {fix}");
            }
        }
        text
    }
}
