use proptest::prelude::*;

use super::*;

const SECOND: i64 = 1000;

/// Raised above 10, clear below 5; held for 30 s, kept for 30 s; looked at every 15 s.
fn rule() -> Rule {
    Rule {
        raise: Comparison::new(">", 10.0),
        clear: Comparison::new("<", 5.0),
        hold: Duration::from_secs(30),
        keep: Duration::from_secs(30),
        interval: Duration::from_secs(15),
    }
}

/// What one look finds: `^` raised, `_` clear, `-` between, `?` no data, `!` a failure, `z` three minutes of sleep.
fn play(alarm: &mut Alarm, now: &mut i64, looks: &str, rule: &Rule) -> Vec<Transition> {
    let mut changes = Vec::new();
    for look in looks.chars() {
        *now += if look == 'z' { 180 * SECOND } else { 15 * SECOND };
        let found = match look {
            '^' => Observation::Value(11.0),
            '_' => Observation::Value(1.0),
            '-' => Observation::Value(7.0),
            '?' => Observation::NoData("no series".into()),
            '!' => Observation::Failed("it broke".into()),
            _ => continue,
        };
        changes.extend(alarm.observe(*now, found, rule));
    }
    changes
}

/// The states that looks lead through, from one that nobody looked at.
fn states(looks: &str, rule: &Rule) -> Vec<State> {
    let (mut alarm, mut now) = (Alarm::new(0), 0);
    looks
        .chars()
        .map(|look| {
            play(&mut alarm, &mut now, &look.to_string(), rule);
            alarm.state
        })
        .collect()
}

#[test]
fn every_transition() {
    use State::{Error as E, Firing as F, NoData as N, Ok as O, Pending as P, Recovering as R, Unknown as U};
    for (looks, expected) in [
        ("_", vec![O]),
        ("-", vec![O]),
        ("?", vec![N]),
        ("^", vec![P]),
        // `for`: raised at 15, 30 s later it fires.
        ("^^^", vec![P, P, F]),
        ("^_^^^", vec![P, O, P, P, F]),
        // Between the thresholds it is no longer raised, so nothing is pending.
        ("^-^^^", vec![P, O, P, P, F]),
        // Firing lasts between the thresholds, and clears only after `keep`.
        ("^^^-", vec![P, P, F, F]),
        ("^^^___", vec![P, P, F, R, R, O]),
        ("^^^_^", vec![P, P, F, R, F]),
        ("^^^_-___", vec![P, P, F, R, R, R, R, O]),
        ("^^^_-_^", vec![P, P, F, R, R, R, F]),
        // No data: at once, from everywhere, and `for` begins anew.
        ("_?_", vec![O, N, O]),
        ("^?^^^", vec![P, N, P, P, F]),
        ("^^^?^", vec![P, P, F, N, P]),
        ("^^^_?_", vec![P, P, F, R, N, O]),
        // Two failures change nothing, the third is an error.
        ("_!!_", vec![O, O, O, O]),
        ("_!!!_", vec![O, O, O, E, O]),
        ("!!!", vec![U, U, E]),
        ("^^^!!^", vec![P, P, F, F, F, F]),
        ("^^^!!!^^^", vec![P, P, F, F, F, E, P, P, F]),
        ("?!!!", vec![N, N, N, E]),
        ("!!!?", vec![U, U, E, N]),
        ("_!!?!", vec![O, O, O, N, N]),
    ] {
        assert_eq!(states(looks, &rule()), expected, "{looks}");
    }
}

#[test]
fn without_for_it_fires_at_once_and_without_clear_it_clears_with_the_raise() {
    use State::{Firing as F, Ok as O};
    let at_once = Rule { clear: None, hold: Duration::ZERO, keep: Duration::ZERO, ..rule() };
    assert_eq!(states("_^-^_", &at_once), [O, F, O, F, O]);
    let only_shows = Rule { raise: None, clear: None, ..rule() };
    assert_eq!(states("^_-", &only_shows), [O, O, O]);
    assert_eq!(states("?", &only_shows), [State::NoData]);
}

#[test]
fn when_it_became_active_is_kept_and_told() {
    let (mut alarm, mut now) = (Alarm::new(0), 0);
    let changes = play(&mut alarm, &mut now, "^^^", &rule());
    assert_eq!((alarm.raised_since, alarm.since), (Some(15 * SECOND), 45 * SECOND));
    let told: Vec<_> = changes.iter().map(|change| (change.at / SECOND, change.from, change.to)).collect();
    assert_eq!(told, [(15, State::Unknown, State::Pending), (45, State::Pending, State::Firing)]);
    assert_eq!(changes[1].value, Some(11.0));
    // Failures on the way do not make it forget.
    play(&mut alarm, &mut now, "!!^", &rule());
    assert_eq!((alarm.state, alarm.raised_since, alarm.failures), (State::Firing, Some(15 * SECOND), 0));
}

#[test]
fn after_a_sleep_nothing_is_known_and_for_begins_anew() {
    let (mut alarm, mut now) = (Alarm::new(0), 0);
    play(&mut alarm, &mut now, "^^^", &rule());
    assert_eq!(alarm.state_at(now + 45 * SECOND, rule().interval), State::Firing);
    assert_eq!(alarm.state_at(now + 45 * SECOND + 1, rule().interval), State::Unknown);
    let changes = play(&mut alarm, &mut now, "z^", &rule());
    let told: Vec<_> = changes.iter().map(|change| (change.from, change.to)).collect();
    assert_eq!(told, [(State::Firing, State::Unknown), (State::Unknown, State::Pending)]);
    play(&mut alarm, &mut now, "^^", &rule());
    assert_eq!(alarm.state, State::Firing);
    // A pending alarm does not become firing because the computer slept.
    let (mut alarm, mut now) = (Alarm::new(0), 0);
    play(&mut alarm, &mut now, "^z^", &rule());
    assert_eq!(alarm.state, State::Pending);
    // Nor does a clock that was set back count as time.
    let mut alarm = Alarm::new(0);
    alarm.observe(1_000 * SECOND, Observation::Value(11.0), &rule());
    alarm.observe(10 * SECOND, Observation::Value(11.0), &rule());
    assert_eq!((alarm.state, alarm.raised_since), (State::Pending, Some(10 * SECOND)));
}

#[test]
fn a_fixed_clock_hangs_nothing_and_fires_nothing_early() {
    let mut alarm = Alarm::new(0);
    for _ in 0..100 {
        alarm.observe(7, Observation::Value(11.0), &rule());
    }
    assert_eq!(alarm.state, State::Pending);
}

#[test]
fn flapping_is_noticed_and_forgotten_after_a_sleep() {
    let (mut alarm, mut now) = (Alarm::new(0), 0);
    play(&mut alarm, &mut now, "_^_^_^_^_^", &rule());
    assert!(alarm.flapping);
    play(&mut alarm, &mut now, "z_", &rule());
    assert!(!alarm.flapping);
}

#[test]
fn states_read_back() {
    for state in [
        State::Ok,
        State::Pending,
        State::Firing,
        State::Recovering,
        State::NoData,
        State::Error,
        State::Unknown,
    ] {
        assert_eq!(State::parse(state.as_str()), state);
    }
    assert_eq!(State::parse("moon"), State::Unknown);
}

proptest! {
    /// Whatever happened before: no data is never fine, an error never fires, and firing needs its time.
    #[test]
    fn nothing_is_claimed_that_was_not_seen(looks in "[_^?!z-]{1,60}") {
        let rule = rule();
        let (mut alarm, mut now) = (Alarm::new(0), 0);
        for look in looks.chars() {
            let before = alarm.clone();
            let changes = play(&mut alarm, &mut now, &look.to_string(), &rule);
            for change in &changes {
                prop_assert_ne!(change.from, change.to);
                if change.to == State::Firing && !before.state.is_active() {
                    let since = alarm.raised_since.unwrap();
                    prop_assert!(now - since >= 30 * SECOND, "{looks}");
                }
                if change.to == State::Ok && before.state.is_active() {
                    prop_assert!(changes.iter().any(|c| c.from == State::Unknown) || before.clear_since.is_some());
                }
            }
            if changes.len() > 1 {
                for pair in changes.windows(2) {
                    prop_assert_eq!(pair[0].to, pair[1].from);
                }
            }
            match look {
                '?' => prop_assert_eq!(alarm.state, State::NoData),
                '!' => prop_assert!(alarm.failures > 0 && (alarm.failures < 3 || alarm.state == State::Error)),
                '^' => prop_assert!(matches!(alarm.state, State::Pending | State::Firing)),
                _ => {}
            }
            prop_assert!(alarm.state != State::Ok || alarm.message.is_none() || alarm.failures > 0);
            prop_assert!(alarm.checks.as_str().len() <= MOST_CHECKS);
        }
    }
}
