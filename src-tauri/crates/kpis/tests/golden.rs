//! The golden cases, number by number.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod scenario;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kpis::KpiId::{
    ChangeFailRate, ChangeLeadTime, DeploymentCycleTime, DeploymentFrequency, DeploymentSuccessRate,
    RecoveryTime, ReworkRate,
};
use kpis::{
    Deployment, DeploymentStatus, Events, IsoWeek, Kind, KpiId, Outcome, State, Window, attempt_of_statuses,
    compute, parse_lines,
};
use scenario::{attempt, commit, failure, incident, over, rollback, success, week};
use serde_json::json;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3_600.0;

#[test]
fn case_1_nothing_in_six_weeks() {
    let answer = over(("1", "43"), &[]);
    let order: Vec<KpiId> = answer.0.iter().map(|kpi| kpi.id).collect();
    assert_eq!(order, KpiId::ALL);
    let frequency = answer.kpi(DeploymentFrequency);
    assert_eq!((frequency.state, frequency.value, frequency.n), (State::Ok, Some(0.0), 0));
    assert_eq!(frequency.interval.unwrap().0, 0.0);
    // 3.689 / 6 = 0.6148, printed as 0.61.
    answer.interval(DeploymentFrequency, 1.0, (0.0, 0.61), 2);
    assert_eq!(frequency.details.weeks.len(), 6);
    assert!(
        frequency
            .details
            .weeks
            .iter()
            .all(|week| (week.success, week.failure, week.partial) == (0, 0, false))
    );
    for id in KpiId::ALL.into_iter().filter(|id| *id != DeploymentFrequency) {
        answer.no_data(id);
        assert!(answer.excluded(id).is_empty());
    }
}

#[test]
fn case_2_failures_and_what_is_in_progress() {
    let answer = week(&[
        success("a", "10:00", "10:04"),
        failure("b", "10:30", "10:35"),
        success("c", "11:00", "11:10"),
        attempt("d", ("12:00", ""), "in_progress", json!({})),
    ]);
    assert_eq!(answer.share(DeploymentSuccessRate), (2, 3));
    assert_eq!((answer.value(DeploymentSuccessRate) * 1000.0).round(), 667.0);
    answer.interval(DeploymentSuccessRate, 100.0, (20.8, 93.9), 1);
    assert_eq!(answer.excluded(DeploymentSuccessRate), [("in_progress", 1)].into());
    assert_eq!(answer.value(DeploymentCycleTime), 7.0 * MINUTE);
    assert_eq!((answer.kpi(DeploymentCycleTime).interval, answer.kpi(DeploymentCycleTime).n), (None, 2));
}

#[test]
fn case_3_cancelled_and_superseded_are_left_out() {
    let answer = week(&[
        success("a", "10:00", "10:04"),
        attempt("b", ("10:10", "10:12"), "cancelled", json!({})),
        success("c", "11:00", "11:10"),
        attempt("d", ("11:20", ""), "superseded", json!({})),
    ]);
    assert_eq!(answer.share(DeploymentSuccessRate), (2, 2));
    assert_eq!(answer.value(DeploymentSuccessRate), 1.0);
    answer.interval(DeploymentSuccessRate, 100.0, (34.2, 100.0), 1);
    assert_eq!(answer.excluded(DeploymentSuccessRate), [("cancelled", 1), ("superseded", 1)].into());
}

#[test]
fn case_4_a_retry_is_one_deployment() {
    let answer = week(&[
        failure("a", "10:00", "10:05"),
        attempt("b", ("10:20", "10:30"), "success", json!({"sha": "sha-a", "attempt": 2})),
    ]);
    assert_eq!(answer.share(DeploymentSuccessRate), (1, 2));
    let eventual = answer.secondary(DeploymentSuccessRate, "eventual_rate");
    assert_eq!((eventual.value, eventual.n), (Some(1.0), 1));
    let first = answer.secondary(DeploymentSuccessRate, "first_attempt_rate");
    assert_eq!((first.value, first.n), (Some(0.0), 1));
    assert_eq!(answer.value(DeploymentCycleTime), 30.0 * MINUTE);
    assert_eq!((answer.kpi(DeploymentFrequency).n, answer.value(DeploymentFrequency)), (1, 1.0));
    let chain = &answer.kpi(DeploymentCycleTime).details.events[0];
    assert_eq!(chain.attempts, ["a", "b"]);
    assert_eq!((chain.value, chain.at), (Some(1_800.0), scenario::instant("10:30")));
}

#[test]
fn case_5_an_incident_and_a_rollback() {
    // Service counts as restored when the rollback is live, whether or not somebody closed the incident then.
    for restored in [Some("10:40"), None] {
        let answer = week(&[
            success("a", "08:55", "09:00"),
            success("b", "09:55", "10:00"),
            incident("i", "b", "10:10", restored),
            rollback("r", "a", "10:35", "10:40"),
        ]);
        assert_eq!(answer.share(ChangeFailRate), (1, 2));
        answer.interval(ChangeFailRate, 100.0, (9.5, 90.5), 1);
        assert_eq!(answer.value(RecoveryTime), 40.0 * MINUTE);
        assert_eq!((answer.kpi(RecoveryTime).n, answer.kpi(RecoveryTime).interval), (1, None));
        assert_eq!(answer.secondary(RecoveryTime, "from_detection").value, Some(30.0 * MINUTE));
        assert_eq!(answer.share(ReworkRate), (1, 3));
        answer.interval(ReworkRate, 100.0, (6.1, 79.2), 1);
        assert_eq!(answer.kpi(DeploymentFrequency).n, 3);
        // The return to a's commit is a chain of its own: five minutes, not an hour and 45.
        assert_eq!(answer.value(DeploymentCycleTime), 5.0 * MINUTE);
    }
}

#[test]
fn case_6_two_incidents_of_one_deployment() {
    let answer = week(&[
        success("a", "09:55", "10:00"),
        incident("i", "sha-a", "10:10", Some("10:20")),
        incident("j", "sha-a", "11:10", Some("11:20")),
    ]);
    assert_eq!(answer.share(ChangeFailRate), (1, 1));
    assert_eq!(answer.value(ChangeFailRate), 1.0);
}

#[test]
fn case_7_weeks_follow_the_projects_zone() {
    let instant: Timestamp = "2025-03-30T22:30Z".parse().unwrap();
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    assert_eq!(IsoWeek::of(instant, &TimeZone::UTC).to_string(), "2025-W13");
    assert_eq!(IsoWeek::of(instant, &berlin).to_string(), "2025-W14");

    // The same in what is plotted.
    let line = json!({
        "type": "attempt", "id": "a", "service": "app", "environment": "prod", "production": true, "sha": "x",
        "attempt": 1, "requested": "2025-03-30T22:00:00Z", "finished": "2025-03-30T22:30:00Z",
        "outcome": "success", "kind": "planned",
    });
    let events = parse_lines(&line.to_string()).unwrap();
    for (zone, wanted) in [(TimeZone::UTC, "2025-W13"), (berlin, "2025-W14")] {
        let window = Window::of_days("2025-03-24".parse().unwrap(), "2025-04-07".parse().unwrap(), zone);
        let kpis = compute(&events, &window.unwrap());
        let weeks = &kpis[1].details.weeks;
        let counts: Vec<(String, u64)> =
            weeks.iter().map(|week| (week.week.to_string(), week.success)).collect();
        let expected = ["2025-W13", "2025-W14"].map(|name| (name.to_owned(), u64::from(name == wanted)));
        assert_eq!(counts, expected);
    }
}

#[test]
fn case_8_frequency_over_weeks_with_none() {
    let mut lines = Vec::new();
    for (week, count) in [0, 2, 0, 5, 1, 4].into_iter().enumerate() {
        for number in 0..count {
            let day = week * 7 + number + 1;
            lines.push(success(
                &format!("{week}-{number}"),
                &format!("{day} 10:00"),
                &format!("{day} 10:05"),
            ));
        }
    }
    let answer = over(("1", "43"), &lines);
    assert_eq!((answer.value(DeploymentFrequency), answer.kpi(DeploymentFrequency).n), (2.0, 12));
    answer.interval(DeploymentFrequency, 1.0, (1.03, 3.49), 2);
    let weekly = answer.secondary(DeploymentFrequency, "weekly_median");
    assert_eq!((weekly.value, weekly.n), (Some(1.5), 6));
    let counts: Vec<u64> =
        answer.kpi(DeploymentFrequency).details.weeks.iter().map(|week| week.success).collect();
    assert_eq!(counts, [0, 2, 0, 5, 1, 4]);
    assert_eq!(answer.kpi(DeploymentFrequency).band, Some("daily_to_weekly"));
}

#[test]
fn case_9_lead_times() {
    // The third commit may be told of at the attempt that failed, at the one that succeeded, or by what was deployed.
    for third in ["f", "s2", "sha-s2"] {
        let answer = week(&[
            success("base", "0 11:55", "0 12:00"),
            commit("c1", "1 09:00", Some("s1")),
            commit("c2", "1 10:00", Some("s1")),
            success("s1", "1 11:50", "1 12:00"),
            commit("c3", "2 09:00", Some(third)),
            failure("f", "2 09:55", "2 10:00"),
            success("s2", "2 14:50", "2 15:00"),
            commit("c4", "3 09:00", None),
        ]);
        let lead = answer.kpi(ChangeLeadTime);
        assert_eq!((lead.value, lead.n, lead.interval), (Some(3.0 * HOUR), 3, None), "{third}");
        let times: Vec<(&str, Option<f64>)> = lead
            .details
            .events
            .iter()
            .map(|event| (event.id.as_str(), event.value.map(|seconds| seconds / HOUR)))
            .collect();
        assert_eq!(times, [("c1", Some(3.0)), ("c2", Some(2.0)), ("c3", Some(6.0)), ("c4", None)]);
        assert_eq!(answer.excluded(ChangeLeadTime), [("undeployed", 1)].into());
        let oldest = answer.secondary(ChangeLeadTime, "oldest_undeployed_age");
        assert_eq!((oldest.value, oldest.n), (Some((4.0 * 24.0 + 15.0) * HOUR), 1));
    }
}

#[test]
fn case_10_the_median_is_not_the_mean() {
    let mut lines = Vec::new();
    for (index, minutes) in [10, 20, 30, 1000].into_iter().enumerate() {
        let day = index + 1;
        let finished = format!("{day} 00:{minutes}");
        lines.push(success(&format!("a{index}"), &format!("{day} 00:00"), &finished));
    }
    let answer = week(&lines);
    assert_eq!(answer.value(DeploymentCycleTime), 25.0 * MINUTE);
    assert_eq!(answer.secondary(DeploymentCycleTime, "mean").value, Some(265.0 * MINUTE));
}

#[test]
fn case_11_statuses_of_a_deployment() {
    let at = |time: &str| scenario::instant(time);
    let statuses: Vec<DeploymentStatus> =
        [("queued", "10:00"), ("in_progress", "10:01"), ("success", "10:05"), ("inactive", "12:00")]
            .map(|(state, time)| DeploymentStatus { state: state.parse().unwrap(), at: at(time) })
            .to_vec();
    let deployment = Deployment {
        id: "1".to_owned(),
        service: "app".to_owned(),
        environment: "prod".to_owned(),
        production: true,
        sha: "x".to_owned(),
        attempt: 1,
        kind: Kind::Planned,
        created: at("10:00"),
    };
    let attempt = attempt_of_statuses(deployment, &statuses, at("2 00:00"));
    assert_eq!((attempt.outcome, attempt.finished), (Outcome::Success, Some(at("10:05"))));
    assert_eq!((attempt.requested, attempt.started), (at("10:00"), Some(at("10:01"))));

    let window = Window::new(at("1 00:00"), at("8 00:00"), TimeZone::UTC).unwrap();
    let kpis = compute(&Events { attempts: vec![attempt], ..Events::default() }, &window);
    assert_eq!(kpis[0].value, Some(5.0 * MINUTE));
    let waited = kpis[0].details.secondary.iter().find(|other| other.id == "request_to_start").unwrap();
    assert_eq!(waited.value, Some(MINUTE));
}

#[test]
fn case_12_production_only() {
    let staging = json!({"environment": "staging", "production": false, "sha": "sha-p"});
    let lines = [attempt("s", ("09:00", "09:05"), "success", staging), success("p", "10:00", "10:05")];
    let answer = week(&lines);
    assert_eq!((answer.kpi(DeploymentFrequency).n, answer.value(DeploymentFrequency)), (1, 1.0));
    assert_eq!(answer.kpi(DeploymentFrequency).details.events[0].id, "p");
    // An environment that is named is shown apart, exactly.
    for (environment, id) in [("staging", "s"), ("prod", "p")] {
        let named = scenario::asked(("1", "8"), Some(environment), &lines);
        assert_eq!(named.kpi(DeploymentFrequency).n, 1);
        assert_eq!(named.kpi(DeploymentFrequency).details.events[0].id, id);
    }
    scenario::asked(("1", "8"), Some("elsewhere"), &lines).no_data(DeploymentSuccessRate);
}
