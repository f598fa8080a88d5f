//! Deployments, runs, KPIs and documents as lines for a person.

use std::fmt::Write as _;

use engine::wire::*;

use super::Human;

/// One line of a log.
pub fn log_line(line: &LogLine) -> String {
    let time = line.at.get(11..19).unwrap_or(&line.at);
    let from = if line.stream == "stderr" { "!" } else { " " };
    format!("{time} {from} {}", line.text)
}

fn word(state: RunState, refused: bool) -> &'static str {
    match state {
        RunState::Planned => "planned",
        RunState::WaitingForConfirmation => "waiting for confirmation",
        RunState::Running => "running",
        RunState::Succeeded => "succeeded",
        RunState::Failed => "FAILED",
        RunState::Cancelled if refused => "refused by the gate",
        RunState::Cancelled => "cancelled",
        RunState::Interrupted => "interrupted",
    }
}

fn kind(row: &RunRow) -> &'static str {
    match row.kind {
        RunKind::Deploy if row.promoted_from.is_some() => "promote",
        RunKind::Deploy => "deploy",
        RunKind::Rollback => "roll back",
        RunKind::Provision => "provision",
        RunKind::Backup => "backup",
        RunKind::Action if row.deed.as_deref() == Some("restart") => "restart",
        RunKind::Action => "stop",
    }
}

fn row(row: &RunRow) -> String {
    let version = row.version.as_deref().unwrap_or("");
    let mut text = format!(
        "{:>5}  {}  {:<9} {:<16} {version:<18} {:<10} {}",
        row.id,
        row.requested.get(..19).unwrap_or(&row.requested),
        kind(row),
        row.name,
        row.environment,
        word(row.state, row.refused)
    );
    if row.attempt > 1 {
        let _ = write!(text, ", attempt {}", row.attempt);
    }
    text
}

impl Human for Runs {
    fn lines(&self) -> String {
        if self.runs.is_empty() {
            return "no runs yet".to_owned();
        }
        self.runs.iter().map(row).collect::<Vec<_>>().join("\n")
    }
}

impl Human for RunDetail {
    fn lines(&self) -> String {
        let mut text = row(&self.run);
        for step in &self.steps {
            let state = match step.state {
                StepState::ToCome => "to come",
                StepState::Running => "running",
                StepState::Done => "done",
                StepState::Failed => "FAILED",
                StepState::Skipped => "not needed",
            };
            let _ = write!(text, "\n         {:<8} {state}", step.id);
        }
        if let Some(reason) = &self.run.reason {
            let _ = write!(text, "\n  {} [{}]", reason.message, reason.code);
        }
        for left in &self.left_behind {
            let _ = write!(text, "\n  left behind: {left}");
        }
        if let Some(shared) = &self.shared {
            let told = match (shared.state, &shared.deployment, &shared.reason) {
                (SharedState::GivenUp, _, Some(reason)) => reason.message.clone(),
                (SharedState::GivenUp, ..) => "GitHub is not told".to_owned(),
                (SharedState::Waiting, ..) => format!("{} is told with the next call", shared.repository),
                (SharedState::Told, Some(id), _) => format!("deployment {id} of {}", shared.repository),
                (SharedState::Told, None, _) => format!("told to {}", shared.repository),
            };
            let _ = write!(text, "\n  {told}");
        }
        text
    }
}

impl Human for Log {
    fn lines(&self) -> String {
        self.lines.iter().map(log_line).collect::<Vec<_>>().join("\n")
    }
}

impl Human for Started {
    fn lines(&self) -> String {
        self.plan.join("\n")
    }
}

impl Human for Trusted {
    fn lines(&self) -> String {
        format!("trusted:\n{}\ndigest {}", self.commands.join("\n"), self.digest)
    }
}

impl Human for Exported {
    fn lines(&self) -> String {
        let notes: String = self.notes.iter().map(|note| format!("\n  {note}")).collect();
        format!("{} ({} bytes){notes}", self.path, self.size)
    }
}

impl Human for Kpis {
    fn lines(&self) -> String {
        let day = |text: &str| text.get(..10).unwrap_or(text).to_owned();
        let scope = self.environment.as_deref().unwrap_or("production");
        let mut text = format!("{scope}, {} to {}", day(&self.from), day(&self.to));
        for kpi in &self.kpis {
            let value = kpi.value.map_or_else(|| "no data".to_owned(), |value| figure(&kpi.unit, value));
            let interval = match kpi.interval {
                Some((lo, hi)) => format!("[{} to {}]", figure(&kpi.unit, lo), figure(&kpi.unit, hi)),
                None => "no interval".to_owned(),
            };
            let left_out: Vec<String> =
                kpi.excluded.iter().map(|(reason, n)| format!("{n} {}", reason.replace('_', " "))).collect();
            let left_out = if left_out.is_empty() {
                String::new()
            } else {
                format!(", left out: {}", left_out.join(", "))
            };
            let _ = write!(text, "\n{:<24} {value:<14} {interval}  n = {}{left_out}", kpi.id, kpi.n);
        }
        text
    }
}

fn figure(unit: &str, value: f64) -> String {
    match unit {
        "s" if value >= 3600.0 => format!("{:.1} h", value / 3600.0),
        "s" if value >= 60.0 => format!("{:.1} min", value / 60.0),
        "s" => format!("{value:.1} s"),
        "per_week" => format!("{value:.2} a week"),
        _ => format!("{:.1} %", value * 100.0),
    }
}
