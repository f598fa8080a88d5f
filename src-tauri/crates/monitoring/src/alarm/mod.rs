//! Alarms: what an indicator's values make of it over time. Pure: the time, the value and what was before come in; what
//! is now, and what changed, go out.
//!
//! ```text
//!            raised            held for `for`           clear             held for `keep`
//!   OK ───────────────▶ Pending ───────────▶ Firing ───────────▶ Recovering ───────────▶ OK
//!    ◀──── not raised ────┘                    ◀───── raised ──────┘
//! ```
//! From everywhere: no data → NoData, the third failure in a row → Error, nobody looked for three intervals → Unknown.
//! What follows those begins anew: `for` has to pass again.

mod flapping;
pub mod notice;

use std::time::Duration;

pub use flapping::{Checks, MOST_CHECKS};

use crate::indicator::Comparison;

/// So many failures in a row are an error; fewer are a network that stuttered.
const ATTEMPTS: u32 = 3;
/// So many intervals without a look are a computer that slept, or a Jalon that was closed.
const MISSED: i64 = 3;

/// State of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Fine.
    Ok,
    /// Raised, not yet for long enough.
    Pending,
    /// Raised for long enough.
    Firing,
    /// Clear, not yet for long enough.
    Recovering,
    /// There is no data. Never the same as fine.
    NoData,
    /// It could not be evaluated.
    Error,
    /// Nobody looked.
    Unknown,
}

impl State {
    /// As stored, and as written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Recovering => "recovering",
            Self::NoData => "no_data",
            Self::Error => "error",
            Self::Unknown => "unknown",
        }
    }

    /// Reads [`State::as_str`]; a word of a newer Jalon is nothing that is known.
    pub fn parse(text: &str) -> Self {
        let all = [Self::Ok, Self::Pending, Self::Firing, Self::Recovering, Self::NoData, Self::Error];
        all.into_iter().find(|state| state.as_str() == text).unwrap_or(Self::Unknown)
    }

    /// Whether the alarm has been firing and has not ended yet.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Firing | Self::Recovering)
    }
}

/// What one look found.
#[derive(Debug, Clone, PartialEq)]
pub enum Observation {
    /// A value.
    Value(f64),
    /// Nothing, and why.
    NoData(String),
    /// It could not be found out, and why.
    Failed(String),
}

/// When an alarm is raised and cleared.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Raises; none for an indicator that only shows.
    pub raise: Option<Comparison>,
    /// Clears; what no longer raises, where there is none.
    pub clear: Option<Comparison>,
    /// How long it has to be raised.
    pub hold: Duration,
    /// How long it has to be clear.
    pub keep: Duration,
    /// Between two looks.
    pub interval: Duration,
}

impl Rule {
    fn raises(&self, value: f64) -> bool {
        self.raise.is_some_and(|raise| raise.holds(value))
    }

    fn clears(&self, value: f64) -> bool {
        !self.raises(value) && self.clear.is_none_or(|clear| clear.holds(value))
    }
}

/// An alarm and its memory. All times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// State.
    pub state: State,
    /// Since when it is in this state.
    pub since: i64,
    /// Since when it has been raised without a pause: when it became active. Kept over restarts.
    pub raised_since: Option<i64>,
    /// Since when it has been clear without a pause, while it recovers.
    pub clear_since: Option<i64>,
    /// When it was looked at the last time.
    pub evaluated: Option<i64>,
    /// Failures in a row.
    pub failures: u32,
    /// Last value.
    pub value: Option<f64>,
    /// What missing data or the error is about.
    pub message: Option<String>,
    /// What the last looks found.
    pub checks: Checks,
    /// Whether it changes too often for anything to be done about it.
    pub flapping: bool,
}

/// A change of state.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// When.
    pub at: i64,
    /// State before.
    pub from: State,
    /// State after.
    pub to: State,
    /// Value that caused it.
    pub value: Option<f64>,
    /// What missing data or the error is about.
    pub message: Option<String>,
}

impl Alarm {
    /// An alarm that nobody looked at yet.
    pub fn new(now: i64) -> Self {
        Self {
            state: State::Unknown,
            since: now,
            raised_since: None,
            clear_since: None,
            evaluated: None,
            failures: 0,
            value: None,
            message: None,
            checks: Checks::default(),
            flapping: false,
        }
    }

    /// The state to show at a time: one that nobody looked at for three intervals is not known.
    pub fn state_at(&self, now: i64, interval: Duration) -> State {
        if self.missed(now, interval) { State::Unknown } else { self.state }
    }

    /// Takes in what was found; what changed, in order.
    pub fn observe(&mut self, now: i64, found: Observation, rule: &Rule) -> Vec<Transition> {
        let mut changes = Vec::new();
        if self.missed(now, rule.interval) {
            self.begin_anew();
            self.checks = Checks::default();
            self.flapping = false;
            self.failures = 0;
            self.value = None;
            self.message = None;
            self.enter(State::Unknown, now, &mut changes);
        }
        self.evaluated = Some(now);
        match found {
            Observation::Value(value) => {
                self.failures = 0;
                self.message = None;
                self.value = Some(value);
                self.checks.note(if rule.raises(value) {
                    Some('r')
                } else if rule.clears(value) {
                    Some('c')
                } else {
                    None
                });
                let next = self.judge(now, value, rule);
                self.enter(next, now, &mut changes);
            }
            Observation::NoData(message) => {
                self.failures = 0;
                self.value = None;
                self.message = Some(message);
                self.checks.note(Some('n'));
                self.begin_anew();
                self.enter(State::NoData, now, &mut changes);
            }
            Observation::Failed(message) => {
                self.failures = self.failures.saturating_add(1);
                self.message = Some(message);
                if self.failures >= ATTEMPTS {
                    self.value = None;
                    self.checks.note(Some('e'));
                    self.begin_anew();
                    self.enter(State::Error, now, &mut changes);
                }
            }
        }
        self.flapping = self.checks.flapping(self.flapping);
        changes
    }

    /// The state that a value leads to.
    fn judge(&mut self, now: i64, value: f64, rule: &Rule) -> State {
        if self.state.is_active() {
            if rule.raises(value) {
                self.clear_since = None;
                return State::Firing;
            }
            if !rule.clears(value) {
                // Between the two thresholds nothing changes, but it is not clear without a pause either.
                self.clear_since = None;
                return self.state;
            }
            let since = *self.clear_since.get_or_insert(now);
            if !held(since, now, rule.keep) {
                return State::Recovering;
            }
            self.begin_anew();
            return State::Ok;
        }
        if !rule.raises(value) {
            self.begin_anew();
            return State::Ok;
        }
        let since = *self.raised_since.get_or_insert(now);
        if held(since, now, rule.hold) { State::Firing } else { State::Pending }
    }

    fn missed(&self, now: i64, interval: Duration) -> bool {
        let interval = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX);
        // A clock that was set back says as little about the time between as one that slept.
        self.evaluated.is_some_and(|last| now.abs_diff(last) > interval.saturating_mul(MISSED).unsigned_abs())
    }

    fn begin_anew(&mut self) {
        self.raised_since = None;
        self.clear_since = None;
    }

    fn enter(&mut self, next: State, now: i64, changes: &mut Vec<Transition>) {
        if next == self.state {
            return;
        }
        let (value, message) = (self.value, self.message.clone());
        changes.push(Transition { at: now, from: self.state, to: next, value, message });
        self.state = next;
        self.since = now;
    }
}

fn held(since: i64, now: i64, long: Duration) -> bool {
    u128::try_from(now - since).is_ok_and(|passed| passed >= long.as_millis())
}

#[cfg(test)]
mod tests;
