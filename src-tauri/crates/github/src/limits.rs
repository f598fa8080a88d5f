//! GitHub's limits: after `Retry-After`, else `x-ratelimit-reset`, else a minute, doubling.
//! Source: docs.github.com, "Rate limits for the REST API" and "Best practices for using the REST API".

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

/// Longest wait that is believed: GitHub's own windows are an hour.
const LONGEST: Duration = Duration::from_secs(2 * 3600);

/// Until when GitHub asked for quiet. Shared by every client of one endpoint.
#[derive(Debug, Default)]
pub struct Limits(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    until: Option<Timestamp>,
    strikes: u32,
}

impl Limits {
    /// The time to wait for, if it is still ahead.
    pub fn blocked_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.lock().until.filter(|until| *until > now)
    }

    /// Takes over what an earlier process was told.
    pub fn restore(&self, until: Timestamp) {
        self.lock().until = Some(until);
    }

    /// Forgets what another token was told.
    pub fn clear(&self) {
        *self.lock() = State::default();
    }

    /// Notes an answer that says "slow down" and returns when to ask again.
    pub(crate) fn block(&self, headers: &HeaderMap, now: Timestamp) -> Timestamp {
        let mut state = self.lock();
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
        let asked = number("retry-after").map(Duration::from_secs_checked).or_else(|| {
            let exhausted = number("x-ratelimit-remaining") == Some(0);
            let reset = number("x-ratelimit-reset").filter(|_| exhausted)?;
            Some(Duration::from_secs_checked(reset.saturating_sub(now.as_second()).saturating_add(1)))
        });
        let wait = match asked {
            Some(wait) => wait,
            None => {
                let wait = Duration::from_secs(60 << state.strikes.min(5));
                state.strikes += 1;
                wait
            }
        };
        let until = now + SignedDuration::try_from(wait.min(LONGEST)).unwrap_or(SignedDuration::from_mins(1));
        state.until = Some(until);
        until
    }

    /// Notes an ordinary answer. One that was on its way when another was told to wait does not end that wait.
    pub(crate) fn relax(&self, now: Timestamp) {
        let mut state = self.lock();
        if state.until.is_none_or(|until| until <= now) {
            *state = State::default();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Seconds as a header gives them: negative ones are zero.
trait FromHeader {
    fn from_secs_checked(seconds: i64) -> Duration;
}

impl FromHeader for Duration {
    fn from_secs_checked(seconds: i64) -> Duration {
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect::<HeaderMap>()
    }

    fn wait(limits: &Limits, pairs: &[(&'static str, &str)]) -> i64 {
        let now = Timestamp::from_second(1000).unwrap();
        limits.block(&headers(pairs), now).as_second() - 1000
    }

    #[test]
    fn retry_after_comes_first_then_reset() {
        let limits = Limits::default();
        let reset = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1300")];
        assert_eq!(wait(&limits, &[("retry-after", "30"), reset[0], reset[1]]), 30);
        assert_eq!(wait(&limits, &reset), 301);
        assert_eq!(wait(&limits, &[("retry-after", "-5")]), 0);
        assert_eq!(wait(&limits, &[("retry-after", "99999999")]), 7200);
    }

    #[test]
    fn without_a_word_a_minute_doubling() {
        let limits = Limits::default();
        assert_eq!([wait(&limits, &[]), wait(&limits, &[]), wait(&limits, &[])], [60, 120, 240]);
        limits.relax(Timestamp::from_second(10_000).unwrap());
        assert_eq!(wait(&limits, &[]), 60);
    }

    #[test]
    fn blocked_only_while_the_time_is_ahead() {
        let limits = Limits::default();
        let now = Timestamp::from_second(1000).unwrap();
        let until = limits.block(&headers(&[("retry-after", "10")]), now);
        assert_eq!(limits.blocked_until(now), Some(until));
        assert_eq!(limits.blocked_until(until), None);
    }
}
