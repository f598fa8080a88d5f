//! Monitoring and alarms as lines for a person.

use std::fmt::Write as _;

use engine::wire::*;
use serde_json::json;

use super::Human;

fn word(state: AlarmState) -> &'static str {
    match state {
        AlarmState::Firing => "FIRING",
        AlarmState::Recovering => "recovering",
        AlarmState::Pending => "pending",
        AlarmState::Error => "ERROR",
        AlarmState::NoData => "no data",
        AlarmState::Unknown => "unknown",
        AlarmState::Ok => "ok",
    }
}

/// A value with its unit.
fn figure(value: Option<f64>, unit: &str) -> String {
    match (value, unit) {
        (None, _) => "no data".to_owned(),
        (Some(value), "ratio") => format!("{:.1} %", value * 100.0),
        (Some(value), "per_s") => format!("{value:.2} /s"),
        (Some(value), "1" | "") => format!("{value}"),
        (Some(value), unit) => format!("{value:.3} {unit}"),
    }
}

fn alarm(text: &mut String, alarm: &AlarmView) {
    let value =
        alarm.value.map_or(String::new(), |value| figure(Some(value), alarm.unit.as_deref().unwrap_or("")));
    let _ = writeln!(text, "{:<11} {:<36} {value:<12} {}", word(alarm.state), alarm.id, alarm.rule);
    let mut more = |line: String| {
        let _ = writeln!(text, "            {line}");
    };
    if let Some(message) = &alarm.message {
        more(message.clone());
    }
    if let Some(until) = &alarm.silenced_until {
        more(format!("silenced until {until}"));
    }
    if let Some(known) = &alarm.acknowledged {
        more(format!(
            "acknowledged {}{}",
            known.at,
            known.by.as_ref().map_or(String::new(), |by| format!(" by {by}"))
        ));
    }
    if let Some(suspect) = &alarm.suspect {
        more(format!(
            "began {} s after {} was deployed (run {})",
            suspect.seconds_before, suspect.version, suspect.run
        ));
    }
    if let Some(action) = &alarm.action {
        let to = action.to.as_ref().map_or(String::new(), |to| format!(" to {to}"));
        if action.allowed {
            more(format!("{}{to}: jalonctl alarms act {}", action.kind, alarm.id));
        } else {
            more(format!("{}{to} is not offered:", action.kind));
        }
        for check in action.checks.iter().filter(|check| !check.met) {
            more(format!("  {}", check.message));
        }
    }
}

impl Human for Alarms {
    fn lines(&self) -> String {
        let mut text = String::new();
        for one in &self.alarms {
            alarm(&mut text, one);
        }
        if self.alarms.is_empty() {
            text.push_str("no alarms: jalon.toml names no [[indicator]]\n");
        }
        for problem in &self.problems {
            let _ = writeln!(text, "! {}", problem.message);
        }
        text
    }
}

impl Human for Monitoring {
    fn lines(&self) -> String {
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "–".to_owned());
        let mut text = format!("{} in {}, ", name(&self.service), name(&self.environment));
        let _ = match &self.source.address {
            Some(address) => writeln!(text, "measured at {address}"),
            None => writeln!(text, "measured nowhere"),
        };
        if let Some(error) = &self.source.error {
            let _ = writeln!(text, "! {}", error.message);
        }
        for warning in &self.source.warnings {
            let _ = writeln!(text, "! {warning}");
        }
        for signal in &self.signals {
            let problem = signal.problem.as_deref().unwrap_or("");
            let _ = writeln!(text, "{:<11} {:<16} {problem}", signal.id, figure(signal.last, &signal.unit));
        }
        for indicator in &self.indicators {
            let value = figure(indicator.value, indicator.unit.as_deref().unwrap_or(""));
            let _ = writeln!(
                text,
                "{:<11} {:<16} {} {}",
                word(indicator.state),
                indicator.name,
                value,
                indicator.raise
            );
        }
        for mark in &self.deployments {
            let how = if mark.succeeded { "" } else { " FAILED" };
            let _ = writeln!(text, "{}  {} {}{how}", mark.at, mark.kind, mark.version);
        }
        text
    }
}

impl Human for MetricsAnswer {
    fn lines(&self) -> String {
        let mut text = String::new();
        let answer = json!(self);
        let result = &answer["data"]["result"];
        match answer["data"]["resultType"].as_str() {
            Some("vector" | "matrix") => {
                for row in result.as_array().into_iter().flatten() {
                    let _ = match (&row["value"], row["values"].as_array()) {
                        (_, Some(values)) => {
                            let last = values.last().map(|pair| pair[1].to_string()).unwrap_or_default();
                            writeln!(text, "{}  {} points, last {last}", row["metric"], values.len())
                        }
                        (value, None) => writeln!(text, "{}  {}", row["metric"], value[1]),
                    };
                }
            }
            _ => {
                let _ = writeln!(text, "{}", result[1]);
            }
        }
        if text.is_empty() {
            text.push_str("no series\n");
        }
        for warning in answer["warnings"].as_array().into_iter().flatten() {
            let _ = writeln!(text, "! {warning}");
        }
        text
    }
}
