//! Everything a process brings from outside: read once in `main`, injected from there on.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use credentials::{Fallback, Vault};
use jiff::Timestamp;
use store::Clock;

use crate::Error;

/// Clock, folders, environment and policy of one process.
pub struct Surroundings {
    /// Data folder.
    pub home: PathBuf,
    /// The clock.
    pub clock: Clock,
    /// Whether `JALON_NOW` fixes the clock.
    pub fixed_clock: bool,
    /// The system's IANA time zone: proposed for new projects.
    pub timezone: String,
    /// Where secrets go without a keychain.
    pub fallback: Fallback,
    /// The program `gh`.
    pub gh: OsString,
    /// The program `git`.
    pub git: OsString,
    /// This program: runs, hosts of services and the sample's service are other processes of it.
    pub program: PathBuf,
    /// What children of Jalon inherit: everything but Jalon's own variables, some of which are secrets.
    pub inherited: BTreeMap<OsString, OsString>,
    variables: BTreeMap<String, String>,
}

impl Surroundings {
    /// Reads the surroundings of this process: `JALON_*` variables, the clock, the system's time zone.
    /// `platform_home` is the platform's data folder; `JALON_HOME` moves it, `JALON_NOW` (RFC 3339) stops the clock.
    ///
    /// # Errors
    /// There is no data folder, or `JALON_NOW` is no time.
    #[allow(clippy::disallowed_methods, reason = "the one place where the real clock is injected")]
    pub fn read(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        platform_home: Option<PathBuf>,
        fallback: Fallback,
    ) -> Result<Self, Error> {
        let is_own = |name: &OsString| name.to_str().is_some_and(|name| name.starts_with("JALON_"));
        let (own, inherited): (BTreeMap<_, _>, BTreeMap<_, _>) =
            variables.into_iter().partition(|(name, _)| is_own(name));
        let variables: BTreeMap<String, String> = own
            .into_iter()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let home = variables.get("JALON_HOME").map(PathBuf::from).or(platform_home).ok_or_else(|| {
            Error::DataFolder { path: "JALON_HOME".into(), reason: "this system names no home folder".into() }
        })?;
        let fixed = variables
            .get("JALON_NOW")
            .map(|text| {
                text.parse::<Timestamp>().map_err(|_| Error::BadRequest {
                    reason: format!("JALON_NOW={text:?} is no RFC 3339 time"),
                })
            })
            .transpose()?;
        let clock: Clock = match fixed {
            Some(now) => Arc::new(move || now),
            None => Arc::new(Timestamp::now),
        };
        let timezone = jiff::tz::TimeZone::system().iana_name().unwrap_or("UTC").to_owned();
        let program = std::env::current_exe().map_err(|error| Error::DataFolder {
            path: home.display().to_string(),
            reason: format!("this program cannot be found: {error}"),
        })?;
        Ok(Self {
            home,
            clock,
            fixed_clock: fixed.is_some(),
            timezone,
            fallback,
            gh: "gh".into(),
            git: "git".into(),
            program,
            inherited,
            variables,
        })
    }

    /// A `JALON_*` variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Jalon's own variables that another process of it needs: all but secrets.
    pub(crate) fn handed_on(&self) -> impl Iterator<Item = (&str, &str)> {
        let secret = |name: &str| name == "JALON_GITHUB_TOKEN" || name.starts_with("JALON_SECRET_");
        self.variables
            .iter()
            .filter(move |(name, _)| !secret(name) && name.as_str() != "JALON_HOME")
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Names and values of the secrets that the environment supplies: used, never stored.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().filter_map(|(name, value)| match name.as_str() {
            "JALON_GITHUB_TOKEN" => Some((crate::auth::GITHUB_TOKEN, value.as_str())),
            name => Some((name.strip_prefix("JALON_SECRET_")?, value.as_str())),
        })
    }

    pub(crate) fn vault(&self) -> Vault {
        Vault::new(credentials::platform(), self.fallback)
    }
}
