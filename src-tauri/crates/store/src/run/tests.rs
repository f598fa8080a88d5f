use super::*;

fn new(environment: &str) -> NewRun {
    NewRun {
        project: "/p".into(),
        kind: "deploy".into(),
        name: "campus".into(),
        environment: environment.into(),
        production: false,
        promoted_from: None,
        version: Some("v1".into()),
        sha: Some("a".repeat(40)),
        dirty: false,
        rework: false,
        asked_by: None,
        plan: "{}".into(),
        command: "jalonctl deploy campus --env dev".into(),
        steps: "[]".into(),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn one_run_at_a_time_for_a_service_in_an_environment() {
    let store = Store::in_memory().unwrap();
    let Journalled::Run(id) = store.journal_run(&new("dev"), at(1)).unwrap() else { panic!() };
    assert_eq!(store.journal_run(&new("dev"), at(2)).unwrap(), Journalled::Busy(id));
    assert!(matches!(store.journal_run(&new("prod"), at(2)).unwrap(), Journalled::Run(_)));
    let stack = NewRun { kind: "provision".into(), ..new("dev") };
    let Journalled::Run(other) = store.journal_run(&stack, at(2)).unwrap() else { panic!() };
    assert_eq!(store.journal_run(&stack, at(2)).unwrap(), Journalled::Busy(other));
    // Even a writer that does not ask first is refused.
    let second = store.run(|c| {
        c.execute(
            "INSERT INTO run (project, kind, name, environment, production, dirty, rework, plan, command, steps, state, requested)
             VALUES ('/p', 'deploy', 'campus', 'dev', 0, 0, 0, '', '', '', 'running', 1)",
            [],
        )
    });
    assert!(second.is_err());
    assert!(
        store.advance_run(id, RunState::Planned, RunState::Cancelled, at(3), &RunEnd::default()).unwrap()
    );
    assert!(matches!(store.journal_run(&new("dev"), at(4)).unwrap(), Journalled::Run(_)));
}

#[test]
fn of_two_that_change_a_state_one_wins_and_every_change_is_journalled() {
    let store = Store::in_memory().unwrap();
    let Journalled::Run(id) = store.journal_run(&new("dev"), at(1)).unwrap() else { panic!() };
    let to = |from, to, second| store.advance_run(id, from, to, at(second), &RunEnd::default()).unwrap();
    assert!(to(RunState::Planned, RunState::Running, 2));
    assert!(!to(RunState::Planned, RunState::Interrupted, 3));
    assert!(to(RunState::Running, RunState::Succeeded, 4));
    assert!(!to(RunState::Running, RunState::Interrupted, 5));
    let run = store.run_of(id).unwrap().unwrap();
    assert_eq!((run.state, run.started, run.finished), (RunState::Succeeded, Some(at(2)), Some(at(4))));
    assert_eq!(
        store.changes_of_run(id).unwrap(),
        [(at(1), RunState::Planned), (at(2), RunState::Running), (at(4), RunState::Succeeded)]
    );
    assert!(store.runs_under_way().unwrap().is_empty());
}

#[test]
fn a_run_that_waits_gives_its_place_up_and_one_under_way_does_not() {
    let store = Store::in_memory().unwrap();
    let Journalled::Run(old) = store.journal_run(&new("dev"), at(1)).unwrap() else { panic!() };
    let end = RunEnd { reason: Some("{}".into()), ..RunEnd::default() };
    store.advance_run(old, RunState::Planned, RunState::Running, at(2), &RunEnd::default()).unwrap();
    let instead = |second| store.journal_run_instead(old, &end, &new("dev"), at(second)).unwrap();
    assert_eq!(instead(3), Journalled::Busy(old));
    let waits = RunState::WaitingForConfirmation;
    store.advance_run(old, RunState::Running, waits, at(4), &RunEnd::default()).unwrap();
    assert_eq!(store.journal_run(&new("dev"), at(5)).unwrap(), Journalled::Busy(old));
    let Journalled::Run(id) = instead(6) else { panic!() };
    assert_eq!(store.run_of(old).unwrap().unwrap().state, RunState::Cancelled);
    assert_eq!(store.run_of(id).unwrap().unwrap().state, RunState::Planned);
}

#[test]
fn steps_and_reasons_are_kept_and_seen_as_changes() {
    let store = Store::in_memory().unwrap();
    let Journalled::Run(id) = store.journal_run(&new("dev"), at(1)).unwrap() else { panic!() };
    let before = store.run_of(id).unwrap().unwrap().revision;
    store.note_steps(id, "[1]").unwrap();
    let end = RunEnd { refused: true, reason: Some("{}".into()), left_behind: Some("[\"x\"]".into()) };
    store.advance_run(id, RunState::Planned, RunState::Cancelled, at(2), &end).unwrap();
    let run = &store.runs_of_project("/p", 10).unwrap()[0];
    assert_eq!((run.what.steps.as_str(), run.refused, run.reason.as_deref()), ("[1]", true, Some("{}")));
    assert_eq!(run.left_behind, "[\"x\"]");
    assert!(run.revision >= before + 2);
}
