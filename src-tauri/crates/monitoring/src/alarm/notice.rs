//! When a person is told, after Alertmanager: alarms of one environment are told together, the first ones after a short
//! wait for their company, further ones after a longer one, and all of them again while they last.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The first alarm of a group waits so long for others.
    pub wait: Duration,
    /// Further alarms of a group that was told of wait so long.
    pub interval: Duration,
    /// What lasts is told again after so long.
    pub repeat: Duration,
}

/// An alarm that fires and is neither silenced nor acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    /// Names it.
    pub id: String,
    /// What it is told together with: its environment.
    pub group: String,
    /// Labels that make it the same as another one that somebody else raised: name, environment, service.
    pub labels: (String, Option<String>, Option<String>),
    /// Since when its span lasts, in milliseconds since 1970: tells it from an earlier one.
    pub since: i64,
    /// Since when it has been firing.
    pub fired: i64,
}

/// When a person was told of an alarm, and of which of its spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noticed {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// [`Firing::since`] of the span that was told of.
    pub since: i64,
}

/// Groups to tell of now, each with the ids of its alarms.
pub fn due(
    now: i64,
    pace: Pace,
    firing: &[Firing],
    noticed: &BTreeMap<String, Noticed>,
) -> Vec<(String, Vec<String>)> {
    let mut groups: BTreeMap<&str, Vec<&Firing>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for alarm in firing {
        // Jalon's own and Prometheus' alert about the same thing are one thing to a person.
        if seen.insert(&alarm.labels) {
            groups.entry(&alarm.group).or_default().push(alarm);
        }
    }
    let told = |alarm: &Firing| noticed.get(&alarm.id).filter(|noticed| noticed.since == alarm.since);
    let past =
        |from: i64, long: Duration| i128::from(now) - i128::from(from) >= long.as_millis().cast_signed();
    let mut due = Vec::new();
    for (group, alarms) in groups {
        let last = alarms.iter().filter_map(|alarm| told(alarm)).map(|noticed| noticed.at).max();
        let first_new = alarms.iter().filter(|alarm| told(alarm).is_none()).map(|alarm| alarm.fired).min();
        let ready = match (last, first_new) {
            (None, Some(first)) => past(first, pace.wait),
            (Some(last), Some(_)) => past(last, pace.interval),
            (Some(last), None) => past(last, pace.repeat),
            (None, None) => false,
        };
        if ready {
            let again = last.is_some_and(|last| past(last, pace.repeat));
            let wanted = alarms.iter().filter(|alarm| again || told(alarm).is_none());
            due.push((group.to_owned(), wanted.map(|alarm| alarm.id.clone()).collect()));
        }
    }
    due
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        wait: Duration::from_secs(30),
        interval: Duration::from_secs(300),
        repeat: Duration::from_secs(4 * 3600),
    };

    fn alarm(id: &str, group: &str, since: i64) -> Firing {
        let labels = (id.trim_end_matches('\'').to_owned(), Some(group.to_owned()), None);
        Firing { id: id.into(), group: group.into(), labels, since: since * 1000, fired: since * 1000 }
    }

    /// Plays seconds one by one; what was told when.
    fn play(until: i64, firing: impl Fn(i64) -> Vec<Firing>) -> Vec<(i64, String)> {
        let (mut noticed, mut told) = (BTreeMap::new(), Vec::new());
        for second in 0..=until {
            let now = firing(second);
            for (group, ids) in due(second * 1000, PACE, &now, &noticed) {
                told.push((second, format!("{group}: {}", ids.join(" "))));
                for id in ids {
                    let since = now.iter().find(|alarm| alarm.id == id).unwrap().since;
                    noticed.insert(id, Noticed { at: second * 1000, since });
                }
            }
        }
        told
    }

    #[test]
    fn company_is_waited_for_and_what_lasts_is_told_again() {
        let told = play(14_800, |second| {
            let all = [
                alarm("a", "prod", 0),
                alarm("b", "prod", 20),
                alarm("c", "prod", 60),
                alarm("d", "dev", 61),
            ];
            all.into_iter().filter(|alarm| alarm.since <= second * 1000).collect()
        });
        let told: Vec<(i64, &str)> = told.iter().map(|(at, text)| (*at, text.as_str())).collect();
        assert_eq!(
            told,
            [
                (30, "prod: a b"),
                (91, "dev: d"),
                (330, "prod: c"),
                (14_491, "dev: d"),
                (14_730, "prod: a b c")
            ]
        );
    }

    #[test]
    fn a_blink_is_not_told_and_a_new_span_is() {
        let told = play(1_000, |second| match second {
            0..=20 => vec![alarm("a", "prod", 0)],
            100..=200 => vec![alarm("a", "prod", 100)],
            600.. => vec![alarm("a", "prod", 600)],
            _ => vec![],
        });
        assert_eq!(told, [(130, "prod: a".to_owned()), (630, "prod: a".to_owned())]);
    }

    #[test]
    fn the_same_thing_told_by_two_is_one() {
        let told = play(1_000, |_| vec![alarm("a", "prod", 0), alarm("a'", "prod", 0)]);
        assert_eq!(told, [(30, "prod: a".to_owned())]);
    }
}
