//! What may be done about an alarm, and whether it may be now. Pure. Nothing is done here, and nothing by itself: a
//! person confirms what these conditions allow.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::alarm::State;

/// A deployment is suspected, and rolled back, within so long.
pub const SUSPECT: Duration = Duration::from_secs(30 * 60);
/// Between two actions on one target.
pub const COOLDOWN: Duration = Duration::from_secs(30 * 60);
/// Actions on one target within an hour.
pub const MOST_AN_HOUR: usize = 3;
/// Actions within a day, on all targets.
pub const MOST_A_DAY: usize = 5;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Back to the release before.
    Rollback,
    /// The same release again.
    Restart,
}

impl Kind {
    /// As written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Restart => "restart",
        }
    }
}

/// What is known when an action is judged. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Now.
    pub now: i64,
    /// State of the alarm.
    pub state: State,
    /// Whether it flaps.
    pub flapping: bool,
    /// The last change of the service there.
    pub deployment: Option<Deployment>,
    /// Version that ran there before; none where nothing did.
    pub previous: Option<String>,
    /// Files of schema migrations that differ between the two versions; none where that cannot be told, with the reason.
    pub migrations: std::result::Result<Vec<String>, String>,
    /// When actions were started on this target.
    pub on_target: Vec<i64>,
    /// When actions were started anywhere.
    pub anywhere: Vec<i64>,
}

/// A change of what runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Version that it brought.
    pub version: String,
    /// When it was done.
    pub finished: i64,
    /// Whether it went back: then there is nothing new to take back.
    pub back: bool,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// `state`, `recent_deployment`, `previous_release`, `no_migration`, `cooldown` or `limit`.
    pub id: &'static str,
    /// Whether it is met. What is not known is not met.
    pub met: bool,
    /// English fact.
    pub message: String,
    /// What the fact is about.
    pub params: BTreeMap<String, String>,
}

/// Conditions of an action, in the order in which a person reads them.
pub fn checks(kind: Kind, facts: &Facts) -> Vec<Check> {
    let mut all = vec![state(facts)];
    if kind == Kind::Rollback {
        all.extend([recent_deployment(facts), previous_release(facts), no_migration(facts)]);
    }
    all.extend([cooldown(facts), limit(facts)]);
    all
}

fn check<const N: usize>(id: &'static str, met: bool, message: String, params: [(&str, String); N]) -> Check {
    Check { id, met, message, params: params.map(|(name, value)| (name.to_owned(), value)).into() }
}

fn state(facts: &Facts) -> Check {
    let params = [("state", facts.state.as_str().to_owned()), ("flapping", facts.flapping.to_string())];
    match facts.state {
        _ if facts.flapping => {
            check("state", false, "the alarm comes and goes too often to act on it".into(), params)
        }
        State::Firing => check("state", true, "the alarm is firing".into(), params),
        State::NoData => check("state", false, "there is no data: nothing is done on that".into(), params),
        State::Error => {
            check("state", false, "the indicator cannot be evaluated: nothing is done on that".into(), params)
        }
        State::Unknown => {
            check("state", false, "nobody knows how it is: nothing is done on that".into(), params)
        }
        other => check("state", false, format!("the alarm is {}, not firing", other.as_str()), params),
    }
}

fn recent_deployment(facts: &Facts) -> Check {
    let id = "recent_deployment";
    let limit = minutes(SUSPECT);
    let Some(deployment) = &facts.deployment else {
        return check(id, false, "nothing was deployed here".into(), [("limit", limit.to_string())]);
    };
    let ago = facts.now - deployment.finished;
    let params = [
        ("version", deployment.version.clone()),
        ("minutes", (ago / 60_000).to_string()),
        ("limit", limit.to_string()),
    ];
    let version = &deployment.version;
    if deployment.back {
        return check(
            id,
            false,
            format!("{version} was gone back to already: there is nothing new to take back"),
            params,
        );
    }
    let met = within(ago, SUSPECT);
    let message = format!("{version} was deployed {} min ago; {limit} min at most", ago / 60_000);
    check(id, met, message, params)
}

fn previous_release(facts: &Facts) -> Check {
    match &facts.previous {
        Some(version) => check(
            "previous_release",
            true,
            format!("{version} ran here before"),
            [("version", version.clone())],
        ),
        None => check("previous_release", false, "no other release ran here before".into(), []),
    }
}

fn no_migration(facts: &Facts) -> Check {
    let id = "no_migration";
    match &facts.migrations {
        Ok(files) if files.is_empty() => {
            check(id, true, "no schema migration lies between the two versions".into(), [])
        }
        Ok(files) => {
            let message = format!("a schema migration lies between the two versions: {}", files.join(", "));
            check(id, false, message, [("files", files.join(", "))])
        }
        Err(reason) => {
            let message = format!("whether a schema migration lies between is not known: {reason}");
            check(id, false, message, [("reason", reason.clone())])
        }
    }
}

fn cooldown(facts: &Facts) -> Check {
    let id = "cooldown";
    let limit = minutes(COOLDOWN);
    let last = facts.on_target.iter().max().map(|last| facts.now - last);
    match last {
        Some(ago) if within(ago, COOLDOWN) => {
            let message =
                format!("the last action here was {} min ago; {limit} min have to pass", ago / 60_000);
            check(id, false, message, [("minutes", (ago / 60_000).to_string()), ("limit", limit.to_string())])
        }
        _ => check(id, true, format!("no action here within {limit} min"), [("limit", limit.to_string())]),
    }
}

fn limit(facts: &Facts) -> Check {
    let count = |times: &[i64], span: i64| times.iter().filter(|at| facts.now - **at < span).count();
    let (hour, day) = (count(&facts.on_target, HOUR), count(&facts.anywhere, DAY));
    let met = hour < MOST_AN_HOUR && day < MOST_A_DAY;
    let message = format!(
        "{hour} of {MOST_AN_HOUR} actions here within an hour, {day} of {MOST_A_DAY} in all within a day"
    );
    check("limit", met, message, [("hour", hour.to_string()), ("day", day.to_string())])
}

/// Whether so many milliseconds lie within a span; what lies ahead does not.
fn within(ago: i64, span: Duration) -> bool {
    u128::try_from(ago).is_ok_and(|ago| ago <= span.as_millis())
}

fn minutes(span: Duration) -> u64 {
    span.as_secs() / 60
}

/// Files among these that are schema migrations: everything below a folder `migrations` or `alembic`.
pub fn migrations(changed: &[String]) -> Vec<String> {
    let is = |path: &&String| {
        let mut folders = path.split('/').rev().skip(1);
        folders
            .any(|folder| folder.eq_ignore_ascii_case("migrations") || folder.eq_ignore_ascii_case("alembic"))
    };
    changed.iter().filter(is).cloned().collect()
}

/// The deployment that an alarm is suspected to come from: the last one, if it was done within half an hour before.
pub fn suspect<T>(
    raised_since: i64,
    deployments: &[T],
    finished: impl Fn(&T) -> i64,
) -> Option<(&T, Duration)> {
    let last =
        deployments.iter().filter(|one| finished(one) <= raised_since).max_by_key(|one| finished(one))?;
    let before = Duration::from_millis((raised_since - finished(last)).unsigned_abs());
    (before <= SUSPECT).then_some((last, before))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const NOW: i64 = 1_000 * HOUR;

    /// Everything as it has to be.
    fn facts() -> Facts {
        Facts {
            now: NOW,
            state: State::Firing,
            flapping: false,
            deployment: Some(Deployment { version: "v2".into(), finished: NOW - 5 * MINUTE, back: false }),
            previous: Some("v1".into()),
            migrations: Ok(vec![]),
            on_target: vec![],
            anywhere: vec![],
        }
    }

    /// Ids of the conditions that are not met.
    fn unmet(kind: Kind, facts: &Facts) -> Vec<&'static str> {
        checks(kind, facts).into_iter().filter(|check| !check.met).map(|check| check.id).collect()
    }

    #[test]
    fn a_roll_back_that_is_right() {
        assert_eq!(unmet(Kind::Rollback, &facts()), Vec::<&str>::new());
        let all: Vec<&str> = checks(Kind::Rollback, &facts()).iter().map(|check| check.id).collect();
        assert_eq!(
            all,
            ["state", "recent_deployment", "previous_release", "no_migration", "cooldown", "limit"]
        );
        let all: Vec<&str> = checks(Kind::Restart, &facts()).iter().map(|check| check.id).collect();
        assert_eq!(all, ["state", "cooldown", "limit"]);
    }

    #[test]
    fn every_condition_refuses_alone() {
        let rollback = |change: &dyn Fn(&mut Facts)| {
            let mut facts = facts();
            change(&mut facts);
            unmet(Kind::Rollback, &facts)
        };
        for state in
            [State::Ok, State::Pending, State::Recovering, State::NoData, State::Error, State::Unknown]
        {
            assert_eq!(rollback(&|facts| facts.state = state), ["state"], "{state:?}");
        }
        assert_eq!(rollback(&|facts| facts.flapping = true), ["state"]);
        let deployed = |ago: i64, back: bool| {
            rollback(&|facts| {
                facts.deployment = Some(Deployment { version: "v2".into(), finished: NOW - ago, back });
            })
        };
        assert_eq!(deployed(30 * MINUTE, false), Vec::<&str>::new());
        assert_eq!(deployed(30 * MINUTE + 1, false), ["recent_deployment"]);
        assert_eq!(
            deployed(-1, false),
            ["recent_deployment"],
            "a deployment ahead of the clock tells nothing"
        );
        assert_eq!(deployed(MINUTE, true), ["recent_deployment"]);
        assert_eq!(rollback(&|facts| facts.deployment = None), ["recent_deployment"]);
        assert_eq!(rollback(&|facts| facts.previous = None), ["previous_release"]);
        assert_eq!(rollback(&|facts| facts.migrations = Ok(vec!["a".into()])), ["no_migration"]);
        assert_eq!(rollback(&|facts| facts.migrations = Err("no clone".into())), ["no_migration"]);
        assert_eq!(rollback(&|facts| facts.on_target = vec![NOW - 30 * MINUTE]), ["cooldown"]);
        assert_eq!(rollback(&|facts| facts.on_target = vec![NOW - 31 * MINUTE]), Vec::<&str>::new());
        let busy = (1..=3).map(|n| NOW - HOUR + n).collect::<Vec<_>>();
        assert_eq!(rollback(&|facts| facts.on_target = busy.clone()), ["limit"]);
        let day = (1..=5).map(|n| NOW - DAY + n).collect::<Vec<_>>();
        assert_eq!(rollback(&|facts| facts.anywhere = day.clone()), ["limit"]);
        assert_eq!(rollback(&|facts| facts.anywhere = day[1..].to_vec()), Vec::<&str>::new());
    }

    #[test]
    fn migrations_are_found_by_their_folder() {
        let changed = [
            "app/migrations/0002_add.py",
            "db/Migrations/x.sql",
            "alembic/versions/a.py",
            "migrations.md",
            "docs/migrations",
            "app/models.py",
        ];
        let changed = changed.map(str::to_owned);
        assert_eq!(migrations(&changed), changed[..3]);
    }

    #[test]
    fn the_last_deployment_within_half_an_hour_is_suspected() {
        let all = [10 * MINUTE, 50 * MINUTE, 70 * MINUTE];
        let found =
            |at: i64| suspect(at, &all, |one| *one).map(|(one, before)| (*one / MINUTE, before.as_secs()));
        assert_eq!(found(60 * MINUTE), Some((50, 600)));
        assert_eq!(found(75 * MINUTE), Some((70, 300)));
        assert_eq!(found(45 * MINUTE), None);
        assert_eq!(found(5 * MINUTE), None);
        assert_eq!(found(70 * MINUTE), Some((70, 0)));
    }
}
