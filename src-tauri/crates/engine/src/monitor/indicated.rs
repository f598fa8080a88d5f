//! Indicators of jalon.toml in their environments, as rules and in words.

use std::time::Duration;

use monitoring::Comparison;
use monitoring::alarm::{Alarm, Checks, Rule, State, Transition};
use store::alarm::{AlarmKey, AlarmRow, AlarmTransition};

use crate::project::{self, Environment, Indicator, Probe, Project};

/// An indicator in an environment.
#[derive(Clone, Copy)]
pub(super) struct Indicated<'p> {
    pub indicator: &'p Indicator,
    pub environment: &'p Environment,
    /// Service that it is about: the one that its action names, else the first.
    pub service: Option<&'p str>,
}

/// Every indicator in every environment that it is meant for.
pub(super) fn indicated(project: &Project) -> Vec<Indicated<'_>> {
    let config = &project.config;
    let first = config.services.first().map(|service| service.name.as_str());
    let mut all = Vec::new();
    for environment in &config.environments {
        for indicator in &config.indicators {
            let named = &indicator.environments;
            if named.is_empty() || named.contains(&environment.name) {
                let action = indicator.action.as_ref();
                let service = action.and_then(|action| action.service.as_deref()).or(first);
                all.push(Indicated { indicator, environment, service });
            }
        }
    }
    all
}

impl Indicated<'_> {
    /// Names its alarm in calls.
    pub(super) fn id(&self) -> String {
        format!("{}/{}", self.environment.name, self.indicator.name)
    }

    /// Names its alarm in the store.
    pub(super) fn key(&self, project: &Project) -> AlarmKey {
        AlarmKey {
            project: project.dir.display().to_string(),
            environment: self.environment.name.clone(),
            indicator: self.indicator.name.clone(),
        }
    }

    /// When it is an alarm. What recovers has to stay clear for as long as it had to be raised.
    pub(super) fn rule(&self, interval: Duration) -> Rule {
        let comparison = |one: &project::Comparison| Comparison::new(one.operator, one.value);
        let hold = Duration::from_secs(self.indicator.for_seconds.into());
        Rule {
            raise: self.indicator.raise.as_ref().and_then(comparison),
            clear: self.indicator.clear.as_ref().and_then(comparison),
            hold,
            keep: hold,
            interval,
        }
    }

    /// What is asked, in words.
    pub(super) fn query(&self) -> String {
        match (&self.indicator.query, &self.indicator.probe) {
            (Some(query), _) => query.clone(),
            (None, Some(Probe::Http(address))) => format!("GET {address}"),
            (None, Some(Probe::Tls(place))) => format!("seconds until the certificate of {place} ends"),
            (None, Some(Probe::Sql(query))) => query.clone(),
            (None, None) => String::new(),
        }
    }

    /// `> 1 for 2m, clears < 0.5`; empty for an indicator that only shows.
    pub(super) fn words(&self) -> String {
        let Some(raise) = &self.indicator.raise else { return String::new() };
        let mut words = compared(raise);
        if self.indicator.for_seconds > 0 {
            words.push_str(&format!(" for {}", duration(self.indicator.for_seconds)));
        }
        if let Some(clear) = &self.indicator.clear {
            words.push_str(&format!(", clears {}", compared(clear)));
        }
        words
    }

    /// The alarm that is stored, if it is still about the same thing; else one that nobody looked at.
    pub(super) fn alarm(&self, row: Option<AlarmRow>, now: i64) -> Alarm {
        match row {
            Some(row) if row.rule == self.identity() => of_row(row),
            _ => Alarm::new(now),
        }
    }

    /// The row of an alarm.
    pub(super) fn row(&self, alarm: &Alarm) -> AlarmRow {
        AlarmRow {
            rule: self.identity(),
            state: alarm.state.as_str().to_owned(),
            since: alarm.since,
            raised_since: alarm.raised_since,
            clear_since: alarm.clear_since,
            evaluated: alarm.evaluated,
            failures: alarm.failures,
            value: alarm.value,
            message: alarm.message.clone(),
            checks: alarm.checks.as_str().to_owned(),
            flapping: alarm.flapping,
        }
    }

    /// Query and rule: with another one, what was seen before says nothing.
    fn identity(&self) -> String {
        format!("{} | {}", self.query(), self.words())
    }
}

/// A comparison as jalon.toml writes it.
pub(super) fn compared(comparison: &project::Comparison) -> String {
    format!("{} {}", comparison.operator, comparison.value)
}

/// `90s`, `2m`, `1h30m`.
pub(super) fn duration(seconds: u32) -> String {
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    parts.iter().filter(|(number, _)| *number > 0).map(|(number, unit)| format!("{number}{unit}")).collect()
}

fn of_row(row: AlarmRow) -> Alarm {
    Alarm {
        state: State::parse(&row.state),
        since: row.since,
        raised_since: row.raised_since,
        clear_since: row.clear_since,
        evaluated: row.evaluated,
        failures: row.failures,
        value: row.value,
        message: row.message,
        checks: Checks::parse(&row.checks),
        flapping: row.flapping,
    }
}

/// A change as it is stored.
pub(super) fn transition(change: &Transition) -> AlarmTransition {
    AlarmTransition {
        at: change.at,
        from: change.from.as_str().to_owned(),
        to: change.to.as_str().to_owned(),
        value: change.value,
        message: change.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::project::Config;

    fn project(indicator: &str) -> Project {
        let text = format!(
            "[project]\nname = \"p\"\n[[environment]]\nname = \"dev\"\ntarget = {{ kind = \"local\", port = 8080 }}\n\
             [[environment]]\nname = \"prod\"\ntarget = {{ kind = \"local\", port = 8081 }}\n\
             [[service]]\nname = \"a\"\n[[service]]\nname = \"b\"\n[[indicator]]\nname = \"errors\"\n{indicator}\n"
        );
        let config = Config::parse(&text, Path::new("jalon.toml")).unwrap();
        Project { dir: "/p".into(), config }
    }

    #[test]
    fn an_indicator_stands_in_each_of_its_environments() {
        let everywhere = project("query = \"up\"");
        let ids: Vec<String> = indicated(&everywhere).iter().map(Indicated::id).collect();
        assert_eq!(ids, ["dev/errors", "prod/errors"]);
        assert_eq!(indicated(&everywhere)[0].service, Some("a"));
        let one = project(
            "query = \"up\"\nenvironments = [\"prod\"]\naction = { kind = \"restart\", service = \"b\" }",
        );
        let all = indicated(&one);
        assert_eq!((all.len(), all[0].id().as_str(), all[0].service), (1, "prod/errors", Some("b")));
    }

    #[test]
    fn rules_in_words() {
        let words = |indicator: &str| indicated(&project(indicator))[0].words();
        assert_eq!(
            words("query = \"up\"\nraise = \"> 1\"\nclear = \"< 0.5\"\nfor = \"1h30m\""),
            "> 1 for 1h30m, clears < 0.5"
        );
        assert_eq!(words("query = \"up\"\nraise = \"!= 2\""), "!= 2");
        assert_eq!(words("query = \"up\""), "");
    }

    #[test]
    fn another_rule_is_another_alarm() {
        let (old, new) =
            (project("query = \"up\"\nraise = \"> 1\""), project("query = \"up\"\nraise = \"> 2\""));
        let (old, new) = (indicated(&old)[0], indicated(&new)[0]);
        let mut alarm = Alarm::new(5);
        alarm.observe(10, monitoring::alarm::Observation::Value(3.0), &old.rule(Duration::from_secs(15)));
        assert_eq!(old.alarm(Some(old.row(&alarm)), 20), alarm);
        assert_eq!(new.alarm(Some(old.row(&alarm)), 20), Alarm::new(20));
        assert_eq!(old.alarm(None, 20), Alarm::new(20));
    }
}
