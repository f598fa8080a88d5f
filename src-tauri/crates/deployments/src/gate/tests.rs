use super::*;

const AT: Timestamp = Timestamp::UNIX_EPOCH;

/// Everything is as it should be, and the name is typed.
fn good() -> Facts {
    Facts {
        environment: "prod".into(),
        production: true,
        commit: "7e1c9a4".into(),
        origin: Some(Origin { environment: "dev".into(), before: succeeded(false, Now::Healthy) }),
        checks: Checks::Local,
        test: Test::Passed { at: AT },
        required: Required::NotAsked,
        tree: Tree::Clean,
        confirmation: Some(Confirmation { name: "prod".into(), typed: Some("prod".into()) }),
    }
}

fn succeeded(dirty: bool, now: Now) -> Before {
    Before::Succeeded { version: "0.6.0".into(), at: AT, dirty, now }
}

fn states(facts: &Facts) -> Vec<State> {
    Gate::judge(facts).conditions.into_iter().map(|condition| condition.state).collect()
}

#[test]
fn good_facts_open_and_pass() {
    let gate = Gate::judge(&good());
    assert!(gate.open() && gate.passed());
    assert_eq!(gate.conditions.len(), 4);
    assert_eq!(gate.closed_by().count(), 0);
}

#[test]
fn the_commit_has_to_have_run_in_front() {
    for (before, wanted, found) in [
        (Before::Unknown, State::Unknown, Ran::Unknown),
        (Before::Never, State::Unmet, Ran::Never),
        (Before::Failed { at: AT }, State::Unmet, Ran::Failed),
        (succeeded(true, Now::Healthy), State::Unmet, Ran::Dirty),
        (succeeded(false, Now::Gone), State::Met, Ran::Earlier),
        (succeeded(false, Now::Healthy), State::Met, Ran::Healthy),
        (succeeded(false, Now::Unhealthy), State::Unmet, Ran::Unhealthy),
        (succeeded(false, Now::Unknown), State::Unknown, Ran::Unknown),
    ] {
        let facts =
            Facts { origin: Some(Origin { environment: "dev".into(), before: before.clone() }), ..good() };
        let gate = Gate::judge(&facts);
        assert_eq!(gate.conditions[0].state, wanted, "{before:?}");
        assert_eq!(gate.open(), wanted == State::Met, "{before:?}");
        assert_eq!(gate.passed(), wanted == State::Met, "{before:?}");
        let Fact::RanBefore { found: shown, .. } = &gate.conditions[0].fact else { panic!("wrong fact") };
        assert_eq!(*shown, found);
    }
}

#[test]
fn production_without_an_environment_in_front_is_closed() {
    let facts = Facts { origin: None, ..good() };
    let gate = Gate::judge(&facts);
    assert!(!gate.open());
    assert!(matches!(gate.conditions[0].fact, Fact::RanBefore { found: Ran::Nowhere, .. }));
    assert!(Gate::judge(&Facts { checks: Checks::None, ..facts.clone() }).open(), "who asks for nothing");
    assert!(Gate::judge(&Facts { production: false, ..facts }).open());
}

#[test]
fn checks_that_are_not_known_are_closed() {
    let failed = Test::Failed { at: AT, summary: "2 of 48 failed".into() };
    for (checks, test, state) in [
        (Checks::None, failed.clone(), State::Met),
        (Checks::Required, Test::Passed { at: AT }, State::Unknown),
        (Checks::Local, Test::Passed { at: AT }, State::Met),
        (Checks::Local, failed, State::Unmet),
        (Checks::Local, Test::NotYet, State::Pending),
        (Checks::Local, Test::Running, State::Pending),
        (Checks::Local, Test::NoCommand, State::Unmet),
        (Checks::Local, Test::Unknown, State::Unknown),
    ] {
        let gate = Gate::judge(&Facts { checks, test: test.clone(), ..good() });
        assert_eq!(gate.conditions[1].state, state, "{checks:?} {test:?}");
        assert_eq!(gate.open(), matches!(state, State::Met | State::Pending), "{checks:?} {test:?}");
        assert_eq!(gate.passed(), state == State::Met, "{checks:?} {test:?}");
    }
}

#[test]
fn a_dirty_tree_is_refused_for_production_alone() {
    for (tree, state) in
        [(Tree::Dirty { files: 2 }, State::Unmet), (Tree::Unknown, State::Unknown), (Tree::Clean, State::Met)]
    {
        let facts = Facts { tree, ..good() };
        assert_eq!(states(&facts)[2], state);
        assert!(Gate::judge(&Facts { production: false, ..facts }).passed());
    }
}

#[test]
fn the_name_is_asked_last() {
    for (typed, state, open, passed) in [
        (None, State::AtTheEnd, true, false),
        (Some("prod"), State::Met, true, true),
        (Some("Prod"), State::Unmet, false, false),
        (Some(""), State::Unmet, false, false),
    ] {
        let confirmation = Some(Confirmation { name: "prod".into(), typed: typed.map(str::to_owned) });
        let gate = Gate::judge(&Facts { confirmation, ..good() });
        assert_eq!(
            (gate.conditions[3].state, gate.open(), gate.passed()),
            (state, open, passed),
            "{typed:?}"
        );
    }
}

#[test]
fn an_environment_without_protection_asks_nothing() {
    let facts = Facts {
        production: false,
        origin: None,
        checks: Checks::None,
        test: Test::Unknown,
        tree: Tree::Unknown,
        confirmation: None,
        ..good()
    };
    assert!(Gate::judge(&facts).passed());
    assert_eq!(states(&facts), [State::Met]);
}

#[test]
fn conditions_serialise_flat() {
    let gate = Gate::judge(&good());
    let text = serde_json::to_string(&gate.conditions[3]).unwrap();
    assert_eq!(text, r#"{"id":"name_typed","name":"prod","state":"met"}"#);
    let all = serde_json::to_string(&gate).unwrap();
    assert_eq!(serde_json::from_str::<Gate>(&all).unwrap(), gate);
}
