//! Ways to misbehave on purpose, for tests and demonstrations.

use std::str::FromStr;
use std::time::Duration;

use super::{Error, Result};

/// Longest time that a fault may take: a day.
const LONGEST: u64 = 86_400;

/// How the service misbehaves.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Fault {
    /// Not at all.
    #[default]
    None,
    /// Ends with an error before it listens.
    CrashAtStart,
    /// Serves so long, then ends with an error, requests or not.
    CrashAfter(Duration),
    /// Listens only after so long.
    SlowStart(Duration),
    /// `/health` takes requests and does not answer.
    HangHealth,
    /// `/health` answers 503.
    Unhealthy,
    /// Writes a hundred lines into its log every millisecond.
    FloodLog,
    /// This share of requests, from 0 to 1, is answered with 500; health and metrics are not.
    ErrorRate(f64),
}

impl Fault {
    /// How long it waits before it listens.
    pub(crate) fn delay(self) -> Duration {
        match self {
            Self::SlowStart(delay) => delay,
            _ => Duration::ZERO,
        }
    }

    /// The fault as it is written on the command line.
    pub(crate) fn text(self) -> String {
        match self {
            Self::None => "none".to_owned(),
            Self::CrashAtStart => "crash_at_start".to_owned(),
            Self::CrashAfter(after) => format!("crash_after={}", after.as_secs()),
            Self::SlowStart(delay) => format!("slow_start={}", delay.as_millis()),
            Self::HangHealth => "hang_health".to_owned(),
            Self::Unhealthy => "unhealthy".to_owned(),
            Self::FloodLog => "flood_log".to_owned(),
            Self::ErrorRate(share) => format!("error_rate={share}"),
        }
    }
}

impl FromStr for Fault {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::Usage { reason: format!("{text:?} is no fault that the service knows") };
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let number = |most: u64| {
            let number = value.and_then(|value| value.parse::<u64>().ok());
            number.filter(|number| *number <= most).ok_or_else(wrong)
        };
        let fault = match (name, value) {
            ("none" | "", None) => Self::None,
            ("crash_at_start", None) => Self::CrashAtStart,
            ("hang_health", None) => Self::HangHealth,
            ("unhealthy", None) => Self::Unhealthy,
            ("flood_log", None) => Self::FloodLog,
            ("crash_after", Some(_)) => Self::CrashAfter(Duration::from_secs(number(LONGEST)?)),
            ("slow_start", Some(_)) => Self::SlowStart(Duration::from_millis(number(LONGEST * 1000)?)),
            ("error_rate", Some(share)) => {
                let share = share.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
                Self::ErrorRate(share.ok_or_else(wrong)?)
            }
            _ => return Err(wrong()),
        };
        Ok(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_reads_back() {
        for text in [
            "none",
            "crash_at_start",
            "crash_after=20",
            "slow_start=3000",
            "hang_health",
            "unhealthy",
            "flood_log",
            "error_rate=0.2",
        ] {
            assert_eq!(text.parse::<Fault>().unwrap().text(), text);
        }
        assert_eq!("".parse::<Fault>().unwrap(), Fault::None);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "boom",
            "unhealthy=1",
            "crash_after",
            "crash_after=-1",
            "crash_after=1.5",
            "crash_after=86401",
            "slow_start=x",
            "error_rate=1.1",
            "error_rate=NaN",
            "error_rate",
            "none=",
        ] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }
}
