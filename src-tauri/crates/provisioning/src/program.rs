//! The programs: which ones there are, which versions work, what they inherit.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A program says within this time which version it is.
const SAYS: Duration = Duration::from_secs(20);

/// A program of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Program {
    /// HashiCorp's.
    Terraform,
    /// OpenTofu.
    Tofu,
}

impl Program {
    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::Tofu => "tofu",
        }
    }

    /// Oldest version that works: the last free Terraform, the first OpenTofu.
    fn oldest(self) -> Version {
        match self {
            Self::Terraform => Version { major: 1, minor: 5, patch: 0 },
            Self::Tofu => Version { major: 1, minor: 6, patch: 0 },
        }
    }

    /// Asks the program on the PATH which version it is, in a folder that holds no configuration.
    ///
    /// # Errors
    /// It is missing, too old, hangs, or says something else.
    pub async fn version(self, dir: &Path, environment: &BTreeMap<OsString, OsString>) -> Result<String> {
        let program = self.name().to_owned();
        let mut command = tokio::process::Command::new(self.name());
        command
            .args(["version", "-json"])
            .current_dir(dir)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = match tokio::time::timeout(SAYS, command.output()).await {
            Err(_) => {
                let what = format!("{program} version");
                return Err(Error::TimedOut { what, seconds: SAYS.as_secs() });
            }
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::Missing { program });
            }
            Ok(Err(error)) => return Err(Error::NoVersion { program, reason: error.to_string() }),
            Ok(Ok(output)) => output,
        };
        let said = serde_json::from_slice::<serde_json::Value>(&output.stdout).ok();
        let found = said.as_ref().and_then(|said| said["terraform_version"].as_str()).unwrap_or_default();
        let Some(version) = Version::parse(found) else {
            let said = [output.stderr, output.stdout].concat();
            let said = crate::diagnostic::plain(&String::from_utf8_lossy(&said));
            let reason =
                said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("nothing").to_owned();
            return Err(Error::NoVersion { program, reason });
        };
        let oldest = self.oldest();
        if version < oldest {
            let needed = format!("{}.{}.{}", oldest.major, oldest.minor, oldest.patch);
            return Err(Error::TooOld { program, found: found.to_owned(), needed });
        }
        Ok(found.to_owned())
    }
}

/// `major.minor.patch`; what follows makes no difference here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let plain = text.split(['-', '+']).next()?;
        let mut parts = plain.split('.').map(|part| part.parse().ok());
        Some(Self {
            major: parts.next()??,
            minor: parts.next()??,
            patch: parts.next().flatten().unwrap_or(0),
        })
    }
}

/// Variables of a person's shell that would change what a command does, or make it tell everything it knows.
const LEFT_OUT: &[&str] = &[
    "TF_LOG",
    "TF_CLI_ARGS",
    "TF_WORKSPACE",
    "TF_DATA_DIR",
    "TF_INPUT",
    "TF_IN_AUTOMATION",
    "TF_REATTACH_PROVIDERS",
    "TF_STATE_PERSIST_INTERVAL",
];

/// The environment of the tool: what is inherited, without what would change how it is run, and values by name as its
/// variables: `TF_VAR_name` as written and in lower case, and the name itself for what reads that (a provider, a script).
pub fn environment<'v>(
    inherited: &BTreeMap<OsString, OsString>,
    values: impl IntoIterator<Item = (&'v str, &'v str)>,
) -> BTreeMap<OsString, OsString> {
    let left_out = |name: &OsString| {
        name.to_str().is_some_and(|name| {
            LEFT_OUT.iter().any(|word| name == *word || name.starts_with(&format!("{word}_")))
        })
    };
    let mut environment: BTreeMap<OsString, OsString> = inherited
        .iter()
        .filter(|(name, _)| !left_out(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for (name, value) in values {
        for name in [format!("TF_VAR_{}", name.to_lowercase()), format!("TF_VAR_{name}"), name.to_owned()] {
            environment.insert(name.into(), value.into());
        }
    }
    // No questions, no hints about commands to type, no call home.
    for (name, value) in [("TF_IN_AUTOMATION", "1"), ("TF_INPUT", "0"), ("CHECKPOINT_DISABLE", "1")] {
        environment.insert(name.into(), value.into());
    }
    environment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        let version = |text| Version::parse(text).unwrap();
        assert!(version("1.11.4") > version("1.5.7"));
        assert!(version("1.6.0-rc1") >= Program::Tofu.oldest());
        assert!(version("1.4.9") < Program::Terraform.oldest());
        assert_eq!(Version::parse("moon"), None);
    }

    #[test]
    fn the_environment_names_variables_and_tells_no_logs() {
        let inherited: BTreeMap<OsString, OsString> = [
            ("PATH", "/bin"),
            ("TF_LOG", "TRACE"),
            ("TF_LOG_PATH", "/tmp/x"),
            ("TF_CLI_ARGS_plan", "-destroy"),
            ("TF_WORKSPACE", "other"),
            ("TF_PLUGIN_CACHE_DIR", "/cache"),
            ("TF_LOGO", "kept"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .into();
        let environment = environment(&inherited, [("DB_PASSWORD", "p"), ("region", "r")]);
        let names: Vec<&str> = environment.keys().filter_map(|name| name.to_str()).collect();
        assert_eq!(
            names,
            [
                "CHECKPOINT_DISABLE",
                "DB_PASSWORD",
                "PATH",
                "TF_INPUT",
                "TF_IN_AUTOMATION",
                "TF_LOGO",
                "TF_PLUGIN_CACHE_DIR",
                "TF_VAR_DB_PASSWORD",
                "TF_VAR_db_password",
                "TF_VAR_region",
                "region",
            ]
        );
        assert_eq!(environment[&OsString::from("TF_VAR_db_password")], "p");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn missing_old_and_odd_programs_are_told_apart() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tofu");
        let environment = BTreeMap::from([("PATH".into(), folder.path().as_os_str().to_owned())]);
        let asked = || Program::Tofu.version(folder.path(), &environment);
        assert!(matches!(asked().await, Err(Error::Missing { .. })));
        let write = |said: &str| {
            std::fs::write(&path, format!("#!/bin/sh\necho '{said}'\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        };
        write(r#"{"terraform_version":"1.5.9"}"#);
        let error = asked().await.unwrap_err();
        assert_eq!(error.to_string(), "tofu 1.5.9 is too old: 1.6.0 or newer is needed");
        write("no idea");
        assert!(asked().await.unwrap_err().to_string().ends_with("no idea"));
        write(r#"{"terraform_version":"1.12.6"}"#);
        assert_eq!(asked().await.unwrap(), "1.12.6");
    }
}
