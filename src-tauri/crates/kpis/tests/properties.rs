//! What holds for any events.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod scenario;

use jiff::tz::TimeZone;
use kpis::{Events, Kpi, Window, compute, parse_bytes, parse_lines};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;
use scenario::{attempt, commit, incident, text};
use serde_json::{Value, json};

/// A minute of three weeks, some before and after the window of two.
fn minute() -> impl Strategy<Value = u32> {
    0..3 * 7 * 24 * 60_u32
}

fn time(minute: u32) -> String {
    format!("-3 00:{minute}")
}

const OUTCOMES: &[&str] =
    &["success", "success", "success", "failure", "cancelled", "superseded", "in_progress"];

fn attempts() -> impl Strategy<Value = Vec<Value>> {
    let one = (
        minute(),
        0..300_u32,
        select(OUTCOMES),
        select(&["planned", "planned", "rollback", "rework"][..]),
        select(&["prod", "prod", "staging"][..]),
        select(&["app", "mail"][..]),
        0..8_u8,
    );
    proptest::collection::vec(one, 0..40).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(index, (minute, lasts, outcome, kind, environment, service, sha))| {
                let finished = if outcome == "in_progress" { String::new() } else { time(minute + lasts) };
                let changes = json!({
                    "kind": kind, "environment": environment, "production": environment == "prod",
                    "service": service, "sha": format!("x{sha}"),
                });
                attempt(&format!("a{index}"), (&time(minute), &finished), outcome, changes)
            })
            .collect()
    })
}

/// Attempts, and incidents and commits that name them by id or commit.
fn lines() -> impl Strategy<Value = Vec<Value>> {
    let named = || proptest::collection::vec((minute(), any::<Index>(), 0..4_u8, 0..500_u32), 0..12);
    (attempts(), named(), named()).prop_map(|(attempts, incidents, commits)| {
        let mut lines = attempts.clone();
        let name = |index: Index, by: u8| {
            let attempt = index.get(&attempts);
            attempt[if by.is_multiple_of(2) { "id" } else { "sha" }].as_str().unwrap_or_default().to_owned()
        };
        for (number, (minute, index, by, lasts)) in incidents.into_iter().enumerate() {
            if !attempts.is_empty() {
                let restored = (by > 1).then(|| time(minute + lasts));
                lines.push(incident(
                    &format!("i{number}"),
                    &name(index, by),
                    &time(minute),
                    restored.as_deref(),
                ));
            }
        }
        for (number, (minute, index, by, _)) in commits.into_iter().enumerate() {
            let attempt = (by > 0 && !attempts.is_empty()).then(|| name(index, by));
            lines.push(commit(&format!("c{number}"), &time(minute), attempt.as_deref()));
        }
        lines
    })
}

fn read(lines: &[Value]) -> Events {
    parse_lines(&text(lines)).unwrap_or_else(|bad| panic!("{bad}"))
}

fn kpis(lines: &[Value]) -> Vec<Kpi> {
    let zone = TimeZone::get("Europe/Paris").unwrap();
    let window = Window::new(scenario::instant("1 00:00"), scenario::instant("15 00:00"), zone).unwrap();
    compute(&read(lines), &window)
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 400,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2025),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        let _ = parse_bytes(&bytes);
    }

    /// Good lines with letters exchanged, lost or doubled.
    #[test]
    fn any_damage(lines in lines(), edits in proptest::collection::vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..20)) {
        let mut bytes = text(&lines).into_bytes();
        for (place, byte, how) in edits {
            if bytes.is_empty() {
                break;
            }
            let index = place.index(bytes.len());
            match how {
                0 => bytes[index] = byte,
                1 => { bytes.remove(index); }
                _ => bytes.insert(index, byte),
            }
        }
        if let Err(bad) = parse_bytes(&bytes) {
            let last = bytes.split(|byte| *byte == b'\n').count();
            prop_assert!(!bad.lines.is_empty());
            prop_assert!(bad.lines.iter().all(|bad| (1..=last).contains(&bad.line)));
            prop_assert!(bad.lines.is_sorted_by_key(|bad| bad.line));
        }
    }

    /// Fields of any type, in any combination.
    #[test]
    fn any_objects(fields in proptest::collection::vec((
        select(&["type", "id", "sha", "attempt", "requested", "finished", "outcome", "kind", "detected", "committed"][..]),
        select(&["null", "1", "-1.5e300", "\"\"", "\"attempt\"", "\"incident\"", "\"commit\"", "[]", "{}",
            "\"2025-01-01T00:00:00Z\"", "\"-009999-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59Z\""][..]),
    ), 0..12)) {
        let members: Vec<String> = fields.iter().map(|(key, value)| format!("{key:?}:{value}")).collect();
        let _ = parse_lines(&format!("{{{}}}", members.join(",")));
    }

    #[test]
    fn the_order_of_lines_means_nothing((lines, shuffled) in lines().prop_flat_map(|lines| {
        (Just(lines.clone()), Just(lines).prop_shuffle())
    })) {
        prop_assert_eq!(kpis(&lines), kpis(&shuffled));
    }

    #[test]
    fn values_lie_in_their_intervals(lines in lines()) {
        for kpi in kpis(&lines) {
            prop_assert_eq!(kpi.value.is_some(), kpi.state == kpis::State::Ok);
            if let (Some(value), Some((low, high))) = (kpi.value, kpi.interval) {
                prop_assert!(low <= value && value <= high, "{:?}", kpi);
                prop_assert!(low >= 0.0);
                prop_assert!(kpi.unit != kpis::Unit::Ratio || high <= 1.0);
            }
            let counted = kpi.details.events.iter().filter(|event| event.left_out.is_none()).count() as u64;
            prop_assert_eq!(counted, kpi.n);
            prop_assert_eq!(kpi.excluded.values().sum::<u64>(), kpi.details.events.len() as u64 - counted);
            prop_assert!(kpi.details.count.is_none_or(|count| count <= kpi.n));
            prop_assert!(kpi.details.events.iter().all(|event| event.value.is_none_or(|value| value >= 0.0)));
        }
    }

    /// An attempt that was cancelled, whatever it wanted to deploy, is one more that was left out.
    #[test]
    fn a_cancelled_attempt_changes_only_what_is_left_out(
        lines in lines(),
        minute in minute(),
        sha in 0..8_u8,
        kind in select(&["planned", "rollback", "rework"][..]),
    ) {
        // A commit that has never been tried to an end is first heard of by its earliest attempt, even a cancelled one.
        let end = scenario::at("15 00:00");
        let tried = |line: &Value| {
            let settled = line["outcome"] == "success" || line["outcome"] == "failure";
            settled && line["finished"].as_str().is_some_and(|finished| finished < end.as_str())
        };
        let sha = format!("x{sha}");
        prop_assume!(!lines.iter().any(|line| line["sha"] == sha) || lines.iter().any(|line| line["sha"] == sha && tried(line)));
        let mut more = lines.clone();
        more.push(attempt("extra", (&time(minute), &time(minute)), "cancelled", json!({"kind": kind, "sha": sha})));
        let in_window = (4 * 24 * 60..18 * 24 * 60).contains(&minute);
        for (before, after) in kpis(&lines).into_iter().zip(kpis(&more)) {
            let attempts = !["change_lead_time", "recovery_time"].contains(&before.id.as_str());
            let cancelled = |kpi: &Kpi| kpi.excluded.get("cancelled").copied().unwrap_or_default();
            prop_assert_eq!(cancelled(&after), cancelled(&before) + u64::from(attempts && in_window));
            let rest = |kpi: &Kpi| {
                let mut kpi = kpi.clone();
                kpi.excluded.remove("cancelled");
                kpi.details.events.retain(|event| event.left_out != Some("cancelled"));
                kpi
            };
            prop_assert_eq!(rest(&before), rest(&after));
        }
    }

    /// What happened after a window does not change what is said about it.
    #[test]
    fn a_closed_window_stays_as_it_was(lines in lines()) {
        let end = scenario::instant("15 00:00");
        let zone = TimeZone::UTC;
        let window = Window::new(scenario::instant("1 00:00"), end, zone).unwrap();
        let events = read(&lines);
        prop_assert_eq!(compute(&events, &window), compute(&events.as_of(end), &window));
    }

    /// Neighbouring windows share the deployments of the two together, and lose none.
    #[test]
    fn windows_add_up(lines in lines(), middle in 1..14_i32) {
        let events = read(&lines);
        let between = |from: &str, to: &str| {
            let window = Window::new(scenario::instant(from), scenario::instant(to), TimeZone::UTC).unwrap();
            compute(&events, &window)
        };
        let middle = format!("{middle} 07:00");
        let (first, second) = (between("1 00:00", &middle), between(&middle, "15 00:00"));
        let whole = between("1 00:00", "15 00:00");
        for id in ["deployment_cycle_time", "deployment_frequency", "deployment_success_rate", "rework_rate"] {
            let n = |kpis: &[Kpi]| kpis.iter().find(|kpi| kpi.id.as_str() == id).unwrap().n;
            prop_assert_eq!(n(&first) + n(&second), n(&whole), "{}", id);
        }
    }
}
