//! Events written as the JSON lines that a person would feed to `jalonctl kpis --events`, and questions about the answer.

#![allow(dead_code, reason = "each test file asks its own questions")]

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kpis::{Kpi, KpiId, Secondary, State, Window, compute, parse_lines};
use serde_json::{Value, json};

/// `3 10:00` is ten on day 3. Day 1, which may be left out, is Monday, 6 January 2025; day 0 is the Sunday before.
pub fn at(text: &str) -> String {
    let (day, time) = text.split_once(' ').unwrap_or(("1", text));
    let day: i64 = day.parse().unwrap();
    let midnight: Timestamp = "2025-01-05T00:00:00Z".parse().unwrap();
    let (hours, minutes) = time.split_once(':').unwrap();
    let minutes = day * 24 * 60 + hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap();
    (midnight + jiff::SignedDuration::from_mins(minutes)).to_string()
}

pub fn instant(text: &str) -> Timestamp {
    at(text).parse().unwrap()
}

/// A planned attempt in production; its commit is named after it, `changes` win over everything.
pub fn attempt(id: &str, times: (&str, &str), outcome: &str, changes: Value) -> Value {
    let mut line = json!({
        "type": "attempt", "id": id, "service": "app", "environment": "prod", "production": true,
        "sha": format!("sha-{id}"), "attempt": 1, "requested": at(times.0), "started": null,
        "finished": (!times.1.is_empty()).then(|| at(times.1)), "outcome": outcome, "kind": "planned",
    });
    let members = changes.as_object().unwrap().clone();
    line.as_object_mut().unwrap().extend(members);
    line
}

pub fn success(id: &str, requested: &str, finished: &str) -> Value {
    attempt(id, (requested, finished), "success", json!({}))
}

pub fn failure(id: &str, requested: &str, finished: &str) -> Value {
    attempt(id, (requested, finished), "failure", json!({}))
}

pub fn rollback(id: &str, to: &str, requested: &str, finished: &str) -> Value {
    let changes = json!({"kind": "rollback", "sha": format!("sha-{to}")});
    attempt(id, (requested, finished), "success", changes)
}

pub fn hotfix(id: &str, requested: &str, finished: &str) -> Value {
    attempt(id, (requested, finished), "success", json!({"kind": "rework"}))
}

pub fn incident(id: &str, attempt: &str, detected: &str, restored: Option<&str>) -> Value {
    json!({"type": "incident", "id": id, "attempt": attempt, "detected": at(detected), "restored": restored.map(at)})
}

pub fn commit(sha: &str, committed: &str, attempt: Option<&str>) -> Value {
    json!({"type": "commit", "sha": sha, "committed": at(committed), "attempt": attempt})
}

pub fn text(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// What was computed.
pub struct Answer(pub Vec<Kpi>);

/// Over days of production, `to` left out.
pub fn over(days: (&str, &str), lines: &[Value]) -> Answer {
    asked(days, None, lines)
}

pub fn asked(days: (&str, &str), environment: Option<&str>, lines: &[Value]) -> Answer {
    let events = parse_lines(&text(lines)).unwrap_or_else(|bad| panic!("{bad}"));
    let begins = |day: &str| instant(&format!("{day} 00:00"));
    let window = Window::new(begins(days.0), begins(days.1), TimeZone::UTC).unwrap();
    Answer(compute(&events, &window.in_environment(environment.map(str::to_owned))))
}

/// One week from Monday.
pub fn week(lines: &[Value]) -> Answer {
    over(("1", "8"), lines)
}

impl Answer {
    pub fn kpi(&self, id: KpiId) -> &Kpi {
        self.0.iter().find(|kpi| kpi.id == id).unwrap()
    }

    pub fn secondary(&self, id: KpiId, secondary: &str) -> &Secondary {
        self.kpi(id).details.secondary.iter().find(|other| other.id == secondary).unwrap()
    }

    pub fn value(&self, id: KpiId) -> f64 {
        self.kpi(id).value.unwrap()
    }

    /// `(how many, of how many)`.
    pub fn share(&self, id: KpiId) -> (u64, u64) {
        let kpi = self.kpi(id);
        (kpi.details.count.unwrap(), kpi.n)
    }

    pub fn excluded(&self, id: KpiId) -> BTreeMap<&str, u64> {
        self.kpi(id).excluded.iter().map(|(reason, count)| (reason.as_str(), *count)).collect()
    }

    pub fn no_data(&self, id: KpiId) {
        let kpi = self.kpi(id);
        assert_eq!((kpi.state, kpi.value, kpi.n, kpi.interval), (State::NoData, None, 0, None), "{id}");
    }

    /// Both ends, as they are printed: to so many digits.
    pub fn interval(&self, id: KpiId, times: f64, wanted: (f64, f64), digits: i32) {
        let (low, high) = self.kpi(id).interval.unwrap();
        let printed = |value: f64| (value * times * 10_f64.powi(digits)).round() / 10_f64.powi(digits);
        assert_eq!((printed(low), printed(high)), wanted, "{id}");
    }
}
