//! Every bad line is named, with its number and what is wrong, and nothing is made of half a file.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod scenario;

use kpis::{BadLines, Kind, Outcome, parse_bytes, parse_lines};
use scenario::{at, attempt, commit, incident, success, text};
use serde_json::{Value, json};

fn bad(lines: &str) -> BadLines {
    parse_lines(lines).expect_err("this file is bad")
}

/// Numbers, codes and fields.
fn faults(lines: &str) -> Vec<(usize, &'static str, Option<&'static str>)> {
    bad(lines).lines.iter().map(|bad| (bad.line, bad.fault.code(), bad.fault.field())).collect()
}

fn without(mut line: Value, key: &str) -> Value {
    line.as_object_mut().unwrap().remove(key);
    line
}

fn with(mut line: Value, key: &str, value: Value) -> Value {
    line[key] = value;
    line
}

fn good() -> Value {
    success("a", "10:00", "10:05")
}

#[test]
fn a_good_file_is_read_whole() {
    let lines = [
        with(good(), "started", json!(at("10:01"))),
        incident("i", "sha-a", "10:10", None),
        without(commit("c", "09:00", None), "attempt"),
        with(attempt("b", ("11:00", ""), "skipped", json!({"kind": "rework"})), "attempt", json!(3)),
    ];
    // As Windows' tools would write it, with a gap.
    let text = format!("\u{feff}{}\r\n \t\n", text(&lines).replace('\n', "\r\n"));
    let events = parse_lines(&text).unwrap();
    assert_eq!((events.attempts.len(), events.incidents.len(), events.commits.len()), (2, 1, 1));
    let (a, b) = (&events.attempts[0], &events.attempts[1]);
    assert_eq!((a.outcome, a.kind, a.production, a.attempt), (Outcome::Success, Kind::Planned, true, 1));
    assert_eq!((a.started, a.finished), (Some(scenario::instant("10:01")), Some(scenario::instant("10:05"))));
    assert_eq!((b.outcome, b.kind, b.attempt, b.finished), (Outcome::Skipped, Kind::Rework, 3, None));
    assert_eq!(events.incidents[0].restored, None);
    assert_eq!(events.commits[0].attempt, None);
    assert_eq!(parse_lines("").unwrap(), kpis::Events::default());
    assert_eq!(parse_lines("\u{feff}\r\n\n").unwrap(), kpis::Events::default());
}

#[test]
fn offsets_are_instants() {
    let line = with(good(), "finished", json!("2025-01-06T11:05:00+01:00"));
    assert_eq!(
        parse_lines(&line.to_string()).unwrap().attempts[0].finished,
        Some(scenario::instant("10:05"))
    );
}

#[test]
fn all_bad_lines_are_named_at_once() {
    let lines = [
        good().to_string(),
        "{\"type\":\"attempt\"".to_owned(),
        String::new(),
        "[1]".to_owned(),
        "{\"type\":\"atempt\"}".to_owned(),
        "{\"id\":\"x\"}".to_owned(),
        with(success("b", "10:00", "10:05"), "finished", json!(at("09:00"))).to_string(),
        success("c", "10:00", "10:05").to_string(),
        success("c", "10:00", "10:05").to_string(),
        incident("i", "nobody", "10:00", None).to_string(),
        "{}x".to_owned(),
    ];
    let text = lines.join("\n");
    let wanted = [
        (2, "not_json", None),
        (4, "not_an_object", None),
        (5, "unknown_word", Some("type")),
        (6, "missing", Some("type")),
        (7, "before", Some("finished")),
        (9, "duplicate", Some("id")),
        (10, "unknown_attempt", Some("attempt")),
        (11, "not_json", None),
    ];
    assert_eq!(faults(&text), wanted);
    let bad = bad(&text);
    assert_eq!(bad.count, 8);
    let said = bad.to_string();
    for wanted in [
        "8 bad lines",
        "line 2: this is not JSON: EOF while parsing an object, at column 17",
        "line 5: `type` is \"atempt\", it must be one of attempt, incident, commit; the nearest known one is `attempt`",
        "line 7: `finished` is before `requested`",
        "line 9: `id` is the same as on line 8",
        "line 10: `attempt` is \"nobody\"",
    ] {
        assert!(said.contains(wanted), "{wanted} is not in {said}");
    }
    assert!(!said.contains("at line 1"), "{said}");
}

#[test]
fn every_missing_field_is_named() {
    for (line, fields) in [
        (
            good(),
            &["id", "service", "environment", "production", "sha", "attempt", "requested", "outcome", "kind"]
                [..],
        ),
        (incident("i", "a", "10:00", None), &["id", "attempt", "detected"]),
        (commit("c", "10:00", None), &["sha", "committed"]),
    ] {
        for field in fields {
            // The second line keeps references whole.
            for bad in [without(line.clone(), field), with(line.clone(), field, Value::Null)] {
                let text = text(&[bad, success("other", "10:00", "10:05"), attempt_named_a(&line)]);
                let found = faults(&text);
                assert_eq!(found, [(1, "missing", Some(*field))], "{field}");
            }
        }
    }
    assert_eq!(
        faults("{\"type\":\"commit\"}"),
        [(1, "missing", Some("sha")), (1, "missing", Some("committed"))]
    );
}

/// An attempt that an incident can name, unless the line itself is one.
fn attempt_named_a(line: &Value) -> Value {
    if line["type"] == "attempt" { success("another", "10:00", "10:05") } else { good() }
}

#[test]
fn every_wrong_type_is_named() {
    for (field, values) in [
        ("id", vec![json!(7), json!([]), json!(""), json!("  ")]),
        ("service", vec![json!(true)]),
        ("environment", vec![json!({})]),
        ("production", vec![json!("true"), json!(1)]),
        ("sha", vec![json!(1234567)]),
        ("attempt", vec![json!("1"), json!(0), json!(-1), json!(1.5), json!(4_294_967_296_u64)]),
        ("requested", vec![json!(1_736_157_600), json!(false)]),
        ("started", vec![json!(0)]),
        ("outcome", vec![json!(1)]),
        ("kind", vec![json!(["planned"])]),
    ] {
        for value in values {
            let text = text(&[with(good(), field, value.clone())]);
            assert_eq!(faults(&text), [(1, "wrong_type", Some(field))], "{field}: {value}");
        }
    }
    let said = bad(&text(&[with(good(), "production", json!("yes"))])).to_string();
    assert!(said.contains("line 1: `production` is the text \"yes\", it must be true or false"), "{said}");
}

#[test]
fn times_without_a_zone_are_no_instants() {
    for time in ["2025-01-06T10:00:00", "2025-01-06", "yesterday", "2025-02-30T10:00:00Z"] {
        let line = with(good(), "requested", json!(time));
        assert_eq!(faults(&line.to_string()), [(1, "not_a_time", Some("requested"))], "{time}");
    }
}

#[test]
fn unknown_keys_and_words_name_the_nearest() {
    let said = bad(&text(&[with(good(), "finnished", json!(null))])).to_string();
    assert!(said.contains("the key \"finnished\" is unknown; the nearest known one is `finished`"), "{said}");
    let said = bad(&text(&[with(good(), "xyz", json!(1))])).to_string();
    assert!(said.ends_with("line 1: the key \"xyz\" is unknown"), "{said}");
    let said = bad(&text(&[with(good(), "outcome", json!("Success"))])).to_string();
    assert!(
        said.contains("one of success, failure, cancelled, superseded, skipped, in_progress, unknown"),
        "{said}"
    );
    assert!(said.contains("the nearest known one is `success`"), "{said}");
    let said = bad(&text(&[with(good(), "kind", json!("hotfix"))])).to_string();
    assert!(said.ends_with("`kind` is \"hotfix\", it must be one of planned, rollback, rework"), "{said}");
    // A key of another type of line is unknown too.
    let line = with(commit("c", "10:00", None), "restored", json!(at("10:00")));
    assert_eq!(faults(&line.to_string()), [(1, "unknown_key", None)]);
}

#[test]
fn a_key_that_is_there_twice_is_refused() {
    let line = good().to_string().replacen('{', "{\"id\":\"z\",", 1);
    assert_eq!(faults(&line), [(1, "repeated_key", None)]);
}

#[test]
fn what_contradicts_itself_is_refused() {
    let finished = |outcome: &str, finished: Value| {
        faults(&text(&[with(with(good(), "outcome", json!(outcome)), "finished", finished)]))
    };
    assert_eq!(finished("success", Value::Null), [(1, "missing", Some("finished"))]);
    assert_eq!(finished("failure", Value::Null), [(1, "missing", Some("finished"))]);
    assert_eq!(finished("in_progress", json!(at("10:05"))), [(1, "finished_in_progress", Some("finished"))]);
    assert_eq!(finished("success", json!("soon")), [(1, "not_a_time", Some("finished"))]);
    let started = |time: &str| faults(&text(&[with(good(), "started", json!(at(time)))]));
    assert_eq!(started("09:59"), [(1, "before", Some("started"))]);
    assert_eq!(started("10:06"), [(1, "before", Some("finished"))]);
    let restored = [good(), incident("i", "a", "10:10", Some("10:09"))];
    assert_eq!(faults(&text(&restored)), [(2, "before", Some("restored"))]);
    let instants = [with(good(), "finished", json!(at("10:00"))), incident("i", "a", "10:10", Some("10:10"))];
    assert!(parse_lines(&text(&instants)).is_ok());
}

#[test]
fn duplicates_are_found_in_each_type() {
    let lines = [
        good(),
        success("b", "11:00", "11:05"),
        incident("a", "a", "10:10", None),
        incident("a", "b", "10:10", None),
        commit("c", "09:00", Some("a")),
        commit("c", "09:00", Some("b")),
        commit("c", "09:00", Some("a")),
        commit("c", "09:01", None),
        commit("d", "09:00", Some("e")),
    ];
    let wanted = [
        (4, "duplicate", Some("id")),
        (7, "duplicate", Some("sha")),
        (8, "other_time", Some("committed")),
        (9, "unknown_attempt", Some("attempt")),
    ];
    assert_eq!(faults(&text(&lines)), wanted);
}

#[test]
fn references_may_come_first_and_may_name_a_bad_line() {
    let lines = [incident("i", "a", "10:10", None), commit("c", "09:00", Some("sha-a")), good()];
    assert!(parse_lines(&text(&lines)).is_ok());
    let lines = [incident("i", "a", "10:10", None), without(good(), "kind")];
    assert_eq!(faults(&text(&lines)), [(2, "missing", Some("kind"))]);
}

#[test]
fn what_is_no_text_is_named_by_line() {
    let mut bytes = text(&[good()]).into_bytes();
    bytes.extend(b"\xFF\xFE{\n");
    bytes.extend(text(&[success("b", "10:00", "10:05")]).bytes());
    let bad = parse_bytes(&bytes).unwrap_err();
    assert_eq!((bad.count, bad.lines[0].line, bad.lines[0].fault.code()), (1, 2, "not_utf8"));
}

#[test]
fn foreign_text_is_quoted_and_cut() {
    let said = bad(&text(&[with(good(), "outcome", json!("\u{1b}[31m\n".repeat(5_000)))])).to_string();
    assert!(said.len() < 1_000 && !said.contains('\u{1b}'), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
    let deep = "{\"id\":".to_owned() + &"[".repeat(100_000);
    assert_eq!(faults(&deep), [(1, "not_json", None)]);
}

/// Nothing here takes time that grows with the square of the file: that would be minutes.
#[test]
fn a_hundred_thousand_lines() {
    let mut lines = Vec::new();
    for number in 0..40_000_u32 {
        let minute = number * 3;
        let times = (format!("1 00:{minute}"), format!("1 00:{}", minute + 2));
        let (kind, sha) = if number % 10 == 9 { ("rollback", number - 2) } else { ("planned", number / 2) };
        let changes = json!({"kind": kind, "sha": format!("sha-{sha}")});
        let outcome = if number % 7 == 0 { "failure" } else { "success" };
        let id = format!("a{number}");
        lines.push(attempt(&id, (&times.0, &times.1), outcome, changes));
        lines.push(commit(&format!("c{number}"), &times.0, Some(&id)));
        if number % 2 == 0 {
            lines.push(incident(&format!("i{number}"), &id, &times.1, None));
        }
    }
    assert_eq!(lines.len(), 100_000);
    let answer = scenario::over(("1", "100"), &lines);
    assert_eq!(answer.kpi(kpis::KpiId::DeploymentSuccessRate).n, 40_000);
    assert_eq!(bad(&"nonsense\n".repeat(100_000)).count, 100_000);
}
