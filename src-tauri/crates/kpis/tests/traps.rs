//! What other tools get wrong (fourkeys, DevLake), and what is easy to get wrong besides.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod scenario;

use kpis::KpiId::{
    ChangeFailRate, ChangeLeadTime, DeploymentCycleTime, DeploymentFrequency, DeploymentSuccessRate,
    RecoveryTime, ReworkRate,
};
use kpis::State;
use scenario::{
    Answer, asked, attempt, commit, failure, hotfix, incident, instant, over, rollback, success, week,
};
use serde_json::json;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3_600.0;

fn failed(answer: &Answer) -> Vec<&str> {
    let events = &answer.kpi(ChangeFailRate).details.events;
    events.iter().filter(|event| event.value == Some(1.0)).map(|event| event.id.as_str()).collect()
}

/// fourkeys has no environment filter: rehearsals in staging would raise the frequency and lower the fail rate.
#[test]
fn other_environments_count_nowhere() {
    let staging = |id: &str, outcome: &str| {
        attempt(id, ("09:00", "09:05"), outcome, json!({"environment": "staging", "production": false}))
    };
    let answer = week(&[
        success("p", "10:00", "10:05"),
        staging("s1", "success"),
        staging("s2", "failure"),
        staging("s3", "cancelled"),
        incident("i", "s1", "09:10", Some("09:20")),
    ]);
    assert_eq!(answer.share(DeploymentSuccessRate), (1, 1));
    assert_eq!(answer.share(ChangeFailRate), (0, 1));
    answer.no_data(RecoveryTime);
    assert!(answer.0.iter().all(|kpi| kpi.excluded.is_empty()));
}

/// fourkeys divides incidents by deployments. A deployment fails once, one that never was live not at all, and a
/// rollback is no change.
#[test]
fn the_fail_rate_stays_within_one() {
    let answer = week(&[
        success("a", "09:00", "09:05"),
        failure("f", "10:00", "10:05"),
        rollback("r", "zero", "11:00", "11:05"),
        incident("i", "a", "09:10", Some("09:20")),
        incident("j", "sha-a", "09:30", Some("09:40")),
        incident("k", "f", "10:10", Some("10:20")),
        incident("l", "r", "11:10", Some("11:20")),
    ]);
    assert_eq!(answer.share(ChangeFailRate), (1, 1));
    assert_eq!(answer.excluded(ChangeFailRate), [("unsuccessful", 1)].into());
    assert_eq!(answer.kpi(RecoveryTime).n, 4);
    assert!(
        over(("2", "9"), &[failure("f", "10:00", "10:05"), incident("k", "f", "10:10", None)])
            .excluded(ChangeFailRate)
            .is_empty()
    );
}

/// DevLake takes a cancelled run for a failure.
#[test]
fn only_failures_are_failures() {
    let outcome = |id: &str, outcome: &str| attempt(id, ("10:00", ""), outcome, json!({}));
    let answer = week(&[
        success("a", "09:00", "09:05"),
        attempt("b", ("10:00", "10:05"), "cancelled", json!({})),
        outcome("c", "skipped"),
        outcome("d", "superseded"),
        outcome("e", "unknown"),
        outcome("f", "in_progress"),
    ]);
    assert_eq!(answer.share(DeploymentSuccessRate), (1, 1));
    let wanted = [("cancelled", 1), ("in_progress", 1), ("skipped", 1), ("superseded", 1), ("unknown", 1)];
    assert_eq!(answer.excluded(DeploymentSuccessRate), wanted.into());
    let left_out = |id| answer.kpi(id).details.events.iter().filter(|event| event.left_out.is_some()).count();
    assert_eq!(left_out(DeploymentCycleTime), 5);
}

/// DevLake takes the lower of the two in the middle.
#[test]
fn an_even_median_lies_between() {
    let answer = week(&[success("a", "10:00", "10:02"), success("b", "11:00", "11:04")]);
    assert_eq!(answer.value(DeploymentCycleTime), 3.0 * MINUTE);
}

/// DevLake draws an empty month as 0.
#[test]
fn nothing_is_not_zero() {
    let answer = week(&[failure("f", "10:00", "10:05")]);
    answer.no_data(DeploymentCycleTime);
    answer.no_data(ChangeFailRate);
    answer.no_data(ReworkRate);
    // A failure is data for the success rate: none of one succeeded. And nothing was deployed, which was counted.
    assert_eq!(
        (answer.value(DeploymentSuccessRate), answer.kpi(DeploymentFrequency).state),
        (0.0, State::Ok)
    );
    assert_eq!(answer.secondary(DeploymentCycleTime, "mean").value, None);
    assert_eq!(answer.secondary(DeploymentCycleTime, "chains_without_success").value, Some(1.0));
    assert_eq!(answer.secondary(ChangeLeadTime, "oldest_undeployed_age").value, None);
}

#[test]
fn the_success_rate_is_not_what_the_fail_rate_leaves() {
    let answer = week(&[
        success("a", "09:00", "09:05"),
        failure("f", "10:00", "10:05"),
        success("b", "11:00", "11:05"),
        incident("i", "b", "11:10", None),
    ]);
    assert_eq!((answer.share(DeploymentSuccessRate), answer.share(ChangeFailRate)), ((2, 3), (1, 2)));
}

#[test]
fn an_open_incident_is_counted_as_open() {
    let lines = [success("a", "09:00", "09:05"), incident("i", "a", "09:10", Some("2 09:05"))];
    // On Monday night it was open; from Tuesday on it is not.
    let monday = over(("1", "2"), &lines);
    monday.no_data(RecoveryTime);
    assert_eq!(monday.excluded(RecoveryTime), [("open", 1)].into());
    assert_eq!(monday.share(ChangeFailRate), (1, 1));
    let tuesday = over(("2", "3"), &lines);
    assert_eq!((tuesday.value(RecoveryTime), tuesday.kpi(RecoveryTime).n), (24.0 * HOUR, 1));
    assert!(over(("3", "4"), &lines).excluded(RecoveryTime).is_empty());
}

/// Whether somebody wrote an incident down must not decide whether a deployment failed.
#[test]
fn a_rollback_or_hotfix_speaks_for_itself() {
    let answer = week(&[
        success("a", "09:00", "09:05"),
        success("b", "10:00", "10:05"),
        attempt("r1", ("10:20", "10:25"), "failure", json!({"kind": "rollback", "sha": "sha-a"})),
        rollback("r2", "a", "10:30", "10:35"),
        success("c", "11:00", "11:05"),
        hotfix("d", "12:00", "12:05"),
    ]);
    assert_eq!(failed(&answer), ["b", "c"]);
    assert_eq!(answer.share(ChangeFailRate), (2, 4));
    // b 10:05 → r2 10:35, c 11:05 → d 12:05; when anybody noticed is not known.
    assert_eq!((answer.kpi(RecoveryTime).n, answer.value(RecoveryTime)), (2, 45.0 * MINUTE));
    assert_eq!(answer.secondary(RecoveryTime, "from_detection").n, 0);
    assert_eq!(answer.share(ReworkRate), (2, 5));
}

#[test]
fn an_intervention_that_answers_an_incident_blames_nobody_else() {
    let lines = [
        success("a", "09:00", "09:05"),
        success("b", "10:00", "10:05"),
        // The incident was noticed while b was live, but a caused it.
        incident("i", "a", "10:20", Some("10:50")),
        hotfix("c", "10:40", "10:45"),
    ];
    assert_eq!(failed(&week(&lines)), ["a"]);
    // One old open incident does not excuse every later hotfix.
    let later = [
        success("a", "09:00", "09:05"),
        incident("i", "a", "09:10", None),
        hotfix("b", "10:00", "10:05"),
        success("c", "2 09:00", "2 09:05"),
        hotfix("d", "2 10:00", "2 10:05"),
    ];
    let answer = week(&later);
    assert_eq!(failed(&answer), ["a", "c"]);
    assert_eq!((answer.kpi(RecoveryTime).n, answer.excluded(RecoveryTime)), (1, [("open", 1)].into()));
}

/// Clearing a failed rollout away by deploying what is live again says nothing against what is live.
#[test]
fn returning_to_what_is_live_blames_nobody() {
    let answer = week(&[
        success("a", "09:00", "09:05"),
        failure("f", "10:00", "10:05"),
        rollback("r", "a", "10:06", "10:07"),
    ]);
    assert_eq!(answer.share(ChangeFailRate), (0, 1));
    answer.no_data(RecoveryTime);
}

#[test]
fn a_rollback_that_failed_leaves_its_deployment_open() {
    let answer = week(&[
        success("a", "09:00", "09:05"),
        success("b", "10:00", "10:05"),
        attempt("r", ("10:20", "10:25"), "failure", json!({"kind": "rollback", "sha": "sha-a"})),
    ]);
    assert_eq!(failed(&answer), ["b"]);
    answer.no_data(RecoveryTime);
    assert_eq!(answer.excluded(RecoveryTime), [("open", 1)].into());
}

/// The first rollback came before anybody wrote the incident down: still one failure, one recovery.
#[test]
fn a_deployment_with_an_incident_is_not_counted_twice() {
    let answer = week(&[
        success("a", "09:00", "09:05"),
        success("b", "10:00", "10:05"),
        attempt("r1", ("10:20", "10:25"), "failure", json!({"kind": "rollback", "sha": "sha-a"})),
        incident("i", "b", "10:30", Some("10:45")),
        rollback("r2", "a", "10:35", "10:40"),
    ]);
    assert_eq!(failed(&answer), ["b"]);
    assert_eq!((answer.kpi(RecoveryTime).n, answer.value(RecoveryTime)), (1, 40.0 * MINUTE));
    assert!(answer.excluded(RecoveryTime).is_empty());
}

#[test]
fn returning_to_what_failed_restores_nothing() {
    let answer = week(&[
        success("a", "09:00", "09:05"),
        success("b", "10:00", "10:05"),
        incident("i", "a", "10:10", None),
        rollback("r", "a", "10:35", "10:40"),
    ]);
    answer.no_data(RecoveryTime);
    assert_eq!(answer.excluded(RecoveryTime), [("open", 1)].into());
}

#[test]
fn an_incident_that_names_a_commit_means_what_was_live() {
    let staging = json!({"environment": "staging", "production": false, "sha": "sha-a"});
    let answer = week(&[
        attempt("s", ("08:00", "08:05"), "success", staging.clone()),
        attempt("t", ("11:30", "11:35"), "success", staging),
        failure("f", "09:00", "09:05"),
        attempt("a", ("09:10", "09:15"), "success", json!({"attempt": 2})),
        success("b", "10:00", "10:05"),
        rollback("r", "a", "11:00", "11:05"),
        incident("i", "sha-a", "12:00", Some("12:30")),
    ]);
    // b by the rollback; a, not its return, by the incident.
    assert_eq!(failed(&answer), ["a", "b"]);
    let events = &answer.kpi(RecoveryTime).details.events;
    let recoveries: Vec<(&str, &str)> =
        events.iter().map(|event| (event.id.as_str(), event.attempts[0].as_str())).collect();
    assert_eq!(recoveries, [("r", "b"), ("i", "a")]);
}

#[test]
fn what_was_restored_before_the_deployment_had_finished_is_left_out() {
    let answer = week(&[
        success("a", "09:00", "10:00"),
        incident("i", "a", "09:10", Some("09:30")),
        attempt("b", ("11:00", ""), "in_progress", json!({})),
        incident("j", "b", "11:10", Some("11:20")),
    ]);
    answer.no_data(RecoveryTime);
    assert_eq!(answer.excluded(RecoveryTime), [("out_of_order", 1), ("unfinished", 1)].into());
}

/// The boundary belongs to the later window, and neighbours share nothing.
#[test]
fn windows_are_half_open() {
    let lines = [
        success("a", "1 23:50", "2 00:00"),
        failure("b", "2 23:59", "3 00:01"),
        attempt("c", ("2 00:00", ""), "in_progress", json!({})),
        attempt("d", ("1 10:00", "2 00:00"), "cancelled", json!({})),
    ];
    let (monday, tuesday) = (over(("1", "2"), &lines), over(("2", "3"), &lines));
    // On Monday night a and d were still under way.
    assert_eq!((monday.kpi(DeploymentFrequency).n, tuesday.kpi(DeploymentFrequency).n), (0, 1));
    assert_eq!(monday.excluded(DeploymentSuccessRate), [("in_progress", 2)].into());
    assert_eq!(tuesday.excluded(DeploymentSuccessRate), [("cancelled", 1), ("in_progress", 2)].into());
    assert_eq!(over(("1", "4"), &lines).share(DeploymentSuccessRate), (1, 2));
    // Requested before the window, finished in it: the whole cycle counts.
    assert_eq!(tuesday.value(DeploymentCycleTime), 10.0 * MINUTE);
}

#[test]
fn partial_weeks_are_drawn_and_left_out_of_the_weekly_median() {
    let mut lines: Vec<_> = (0..5).map(|n| success(&format!("a{n}"), "3 10:00", "3 10:05")).collect();
    lines.push(success("b", "9 10:00", "9 10:05"));
    lines.push(failure("c", "9 11:00", "9 11:05"));
    // From Tuesday of the first week to Wednesday of the third.
    let answer = over(("2", "17"), &lines);
    let weeks = &answer.kpi(DeploymentSuccessRate).details.weeks;
    let counts: Vec<(u64, u64, bool)> =
        weeks.iter().map(|week| (week.success, week.failure, week.partial)).collect();
    assert_eq!(counts, [(5, 0, true), (1, 1, false), (0, 0, true)]);
    let weekly = answer.secondary(DeploymentFrequency, "weekly_median");
    assert_eq!((weekly.value, weekly.n), (Some(1.0), 1));
    assert_eq!(answer.value(DeploymentFrequency), 6.0 / (15.0 / 7.0));
    assert_eq!(over(("2", "4"), &lines).secondary(DeploymentFrequency, "weekly_median").value, None);
}

#[test]
fn deploying_a_commit_again_is_another_deployment() {
    let again = |id: &str, times: (&str, &str)| attempt(id, times, "success", json!({"sha": "x"}));
    let answer = week(&[again("a", ("09:00", "09:10")), again("b", ("3 09:00", "3 09:20"))]);
    assert_eq!(answer.kpi(DeploymentFrequency).n, 2);
    assert_eq!(answer.value(DeploymentCycleTime), 15.0 * MINUTE);
}

#[test]
fn the_first_deployment_is_the_baseline() {
    let answer = week(&[
        commit("old", "-300 09:00", Some("a")),
        success("a", "1 11:50", "1 12:00"),
        commit("new", "2 09:00", Some("b")),
        success("b", "2 09:50", "2 10:00"),
    ]);
    assert_eq!((answer.kpi(ChangeLeadTime).n, answer.value(ChangeLeadTime)), (1, HOUR));
    assert_eq!(answer.excluded(ChangeLeadTime), [("baseline", 1)].into());
    assert_eq!(answer.secondary(DeploymentCycleTime, "commit_to_request").value, Some(50.0 * MINUTE));
}

#[test]
fn promotion_carries_commits_to_production_and_rollbacks_carry_none() {
    let staging = |id: &str, sha: &str, times: (&str, &str)| {
        let changes = json!({"environment": "staging", "production": false, "sha": sha});
        attempt(id, times, "success", changes)
    };
    let lines = [
        success("p0", "0 10:00", "0 10:05"),
        staging("s1", "x", ("1 10:00", "1 10:05")),
        commit("c1", "1 09:00", Some("s1")),
        staging("s2", "y", ("2 10:00", "2 10:05")),
        commit("c2", "2 09:00", Some("s2")),
        rollback("r", "p0", "2 11:00", "2 11:05"),
        attempt("p2", ("3 08:55", "3 09:00"), "success", json!({"sha": "y"})),
        staging("s3", "z", ("4 10:00", "4 10:05")),
        commit("c3", "4 09:00", Some("s3")),
    ];
    let answer = week(&lines);
    assert_eq!((answer.kpi(ChangeLeadTime).n, answer.value(ChangeLeadTime)), (2, 36.0 * HOUR));
    assert_eq!(answer.excluded(ChangeLeadTime), [("undeployed", 1)].into());
    // Staging has a baseline of its own.
    let staging = asked(("1", "8"), Some("staging"), &lines);
    assert_eq!(
        (staging.kpi(ChangeLeadTime).n, staging.value(ChangeLeadTime)),
        (2, 1.0 * HOUR + 5.0 * MINUTE)
    );
    assert_eq!(staging.excluded(ChangeLeadTime), [("baseline", 1)].into());
}

#[test]
fn the_earliest_of_the_deployments_that_contain_a_commit_counts() {
    let answer = week(&[
        success("base", "0 10:00", "0 10:05"),
        commit("c", "1 09:00", Some("f")),
        failure("f", "1 10:00", "1 10:05"),
        success("slow", "1 11:00", "1 13:00"),
        success("fast", "1 11:05", "1 12:00"),
    ]);
    assert_eq!((answer.kpi(ChangeLeadTime).n, answer.value(ChangeLeadTime)), (1, 3.0 * HOUR));
    assert_eq!(answer.kpi(ChangeLeadTime).details.events[0].attempts, ["fast"]);
}

/// Nothing tells when that commit was first deployed: before the record began.
#[test]
fn a_rollback_beyond_the_record_carries_nothing() {
    let answer = week(&[
        success("base", "0 10:00", "0 10:05"),
        commit("c", "1 09:00", Some("f")),
        failure("f", "1 10:00", "1 10:05"),
        rollback("r", "ancient", "1 11:00", "1 11:05"),
    ]);
    answer.no_data(ChangeLeadTime);
    assert_eq!(answer.excluded(ChangeLeadTime), [("undeployed", 1)].into());
}

#[test]
fn another_service_carries_nothing() {
    let other = |id: &str, times: (&str, &str)| attempt(id, times, "success", json!({"service": "mail"}));
    let answer = week(&[
        success("a0", "0 10:00", "0 10:05"),
        other("m0", ("0 10:00", "0 10:05")),
        failure("a1", "1 10:00", "1 10:05"),
        commit("c", "1 09:00", Some("a1")),
        other("m1", ("2 10:00", "2 10:05")),
    ]);
    answer.no_data(ChangeLeadTime);
    assert_eq!(answer.excluded(ChangeLeadTime), [("undeployed", 1)].into());
}

#[test]
fn clocks_that_differ_do_not_shorten_the_lead_time() {
    let answer = week(&[
        success("a", "0 10:00", "0 10:05"),
        success("b", "1 10:00", "1 10:05"),
        commit("late", "1 10:06", Some("b")),
        commit("c", "1 09:05", Some("b")),
    ]);
    assert_eq!((answer.kpi(ChangeLeadTime).n, answer.value(ChangeLeadTime)), (1, HOUR));
    assert_eq!(answer.excluded(ChangeLeadTime), [("out_of_order", 1)].into());
}

#[test]
fn a_band_is_shown_where_the_interval_fits_it() {
    let mut lines: Vec<_> = vec![success("base", "0 10:00", "0 10:05")];
    for day in 1..=6 {
        let id = format!("a{day}");
        lines.push(commit(&format!("c{day}"), &format!("{day} 08:00"), Some(&id)));
        lines.push(success(&id, &format!("{day} 10:00"), &format!("{day} {}:05", 10 + day)));
    }
    let answer = week(&lines);
    assert_eq!(answer.kpi(ChangeLeadTime).band, Some("under_day"));
    assert_eq!(answer.kpi(ChangeLeadTime).interval, Some((3.0 * HOUR + 300.0, 8.0 * HOUR + 300.0)));
    // Below n = 6 there is no interval, and so no band.
    let fewer = over(("1", "6"), &lines);
    assert_eq!((fewer.kpi(ChangeLeadTime).n, fewer.kpi(ChangeLeadTime).band), (5, None));
}

#[test]
fn every_number_opens_its_events() {
    let answer = week(&[
        success("a", "09:00", "09:05"),
        failure("f", "10:00", "10:05"),
        attempt("g", ("10:20", "10:30"), "success", json!({"sha": "sha-f", "attempt": 2, "kind": "rework"})),
    ]);
    for kpi in &answer.0 {
        assert_eq!(
            kpi.details.events.iter().filter(|event| event.left_out.is_none()).count() as u64,
            kpi.n,
            "{}",
            kpi.id
        );
        assert!(!kpi.details.formula.is_empty());
    }
    let chain = &answer.kpi(DeploymentCycleTime).details.events[1];
    assert_eq!((chain.attempts.as_slice(), chain.label), (&["f".to_owned(), "g".to_owned()][..], "rework"));
    assert_eq!((chain.at, chain.sha.as_str()), (instant("10:30"), "sha-f"));
}
