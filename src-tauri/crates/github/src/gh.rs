//! The token that GitHub's own command line, `gh`, is signed in with.

use std::ffi::OsStr;
use std::process::Stdio;
use std::time::Duration;

use credentials::Secret;
use tokio::process::Command;
use tokio::time::timeout;

use crate::{Error, Result};

/// gh answers from its own files; more than this means it waits for somebody.
const LIMIT: Duration = Duration::from_secs(10);

/// Asks `gh auth token` for the token of a host. `program` is `gh`, or its path.
///
/// # Errors
/// gh is missing, hangs, or is not signed in to the host.
pub async fn token_of_gh(program: &OsStr, host: &str) -> Result<Secret> {
    let mut command = Command::new(program);
    command
        .args(["auth", "token", "--hostname", host])
        // gh would otherwise hand back a variable's token as if it had kept it.
        .env_remove("GH_TOKEN")
        .env_remove("GITHUB_TOKEN")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let output = timeout(LIMIT, command.output())
        .await
        .map_err(|_| Error::GhNotSignedIn { host: host.into(), reason: "gh did not answer".into() })?
        .map_err(|_| Error::GhMissing)?;
    let token = String::from_utf8(output.stdout).unwrap_or_default().trim().to_owned();
    if output.status.success() && !token.is_empty() && !token.contains(char::is_whitespace) {
        return Ok(Secret::new(token));
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let reason = words.lines().next().unwrap_or("it printed no token").chars().take(200).collect();
    Err(Error::GhNotSignedIn { host: host.into(), reason })
}
