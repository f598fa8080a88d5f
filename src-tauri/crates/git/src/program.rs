//! One call of git: arguments, environment, deadline, bounds.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::settings::{self, Setting};
use crate::{Error, Result};

/// Variables that git needs of the caller's environment, on one platform or another.
const PASSED: &[&str] = &[
    "HOME",
    "XDG_CONFIG_HOME",
    "USERPROFILE",
    "HOMEDRIVE",
    "HOMEPATH",
    "PROGRAMDATA",
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "TEMP",
    "TMP",
];
/// Settings come through `GIT_CONFIG_COUNT`, which older ones do not know.
const OLDEST: (u32, u32) = (2, 31);
/// How much of git's complaints is kept.
const WORDS: u64 = 64 * 1024;

/// Bounds of git's calls.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long a question may take.
    pub call: Duration,
    /// How long an export may take.
    pub export: Duration,
    /// Most bytes that a question may print.
    pub output: u64,
    /// Most bytes in an export.
    pub export_bytes: u64,
    /// Most files in an export.
    pub export_files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(20),
            export: Duration::from_secs(120),
            output: 16 << 20,
            export_bytes: 2 << 30,
            export_files: 200_000,
        }
    }
}

/// The program `git` and what it may know of this process.
#[derive(Debug, Clone)]
pub struct Git {
    program: OsString,
    environment: Vec<(OsString, OsString)>,
    limits: Limits,
    /// Set once the version was found new enough; shared by copies.
    checked: Arc<OnceCell<()>>,
}

/// What a call printed.
pub(crate) struct Output {
    /// Exit status; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub text: Vec<u8>,
    /// Standard error, its first 64 KiB.
    pub words: String,
}

impl Git {
    /// `program` is `git` or its path; `variables` is the caller's environment, of which git gets `PATH` (absolute
    /// entries only), its home folders and what Windows needs.
    pub fn new(
        program: impl Into<OsString>,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Self {
        let mut environment = Vec::new();
        for (name, value) in variables {
            if name.eq_ignore_ascii_case("PATH") {
                // A relative entry would find programs in whatever folder is current.
                let absolute = std::env::split_paths(&value).filter(|folder| folder.is_absolute());
                environment.push((name, std::env::join_paths(absolute).unwrap_or_default()));
            } else if PASSED.iter().any(|wanted| name.eq_ignore_ascii_case(wanted)) {
                environment.push((name, value));
            }
        }
        Self { program: program.into(), environment, limits: Limits::default(), checked: Arc::default() }
    }

    /// The same git with other bounds.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Asks git for its version, once.
    ///
    /// # Errors
    /// git is missing, too old, or does not answer.
    pub(crate) async fn check(&self) -> Result<()> {
        self.checked
            .get_or_try_init(|| async {
                let text = self.answer(Path::new("."), &[], &["version"], b"").await?;
                let text = String::from_utf8_lossy(&text).trim().to_owned();
                let version = text.strip_prefix("git version ").unwrap_or(&text);
                let mut numbers = version.split('.').map_while(|part| part.parse::<u32>().ok());
                match (numbers.next(), numbers.next()) {
                    (Some(major), Some(minor)) if (major, minor) >= OLDEST => Ok(()),
                    _ => Err(Error::TooOld { found: version.chars().take(60).collect() }),
                }
            })
            .await
            .copied()
    }

    /// Starts git in a folder with the fixed settings and `more` of them. `complaints` is where its standard error goes.
    pub(crate) fn start(
        &self,
        dir: &Path,
        more: &[Setting],
        arguments: &[&str],
        complaints: Stdio,
    ) -> Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .envs(settings::environment(more))
            .arg("--no-pager")
            .arg("-C")
            .arg(dir)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(complaints)
            .kill_on_drop(true);
        command.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::Missing { program: self.program.to_string_lossy().into_owned() },
            _ => self.failed(arguments, &error.to_string()),
        })
    }

    /// Runs git to its end, whatever its exit status.
    pub(crate) async fn ask(
        &self,
        dir: &Path,
        more: &[Setting],
        arguments: &[&str],
        input: &[u8],
    ) -> Result<Output> {
        let work = async {
            let mut child = self.start(dir, more, arguments, Stdio::piped())?;
            let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
            let write = async move {
                if let Some(mut pipe) = stdin {
                    // git may end before it has read everything; its exit status tells why.
                    let _ = pipe.write_all(input).await;
                }
                Ok(())
            };
            let read = async {
                let text = whole(stdout, self.limits.output).await;
                text.map_err(|error| self.failed(arguments, &error.to_string()))?.ok_or_else(|| {
                    let what = format!("what git {} prints", subcommand(arguments));
                    Error::TooLarge { what, limit: format!("{} bytes", self.limits.output) }
                })
            };
            let listen = async { Ok(beginning(stderr).await) };
            let ((), text, words) = tokio::try_join!(write, read, listen)?;
            let status = child.wait().await.map_err(|error| self.failed(arguments, &error.to_string()))?;
            Ok(Output { code: status.code(), text, words })
        };
        self.in_time(self.limits.call, arguments, work).await
    }

    /// Runs git and wants success.
    pub(crate) async fn answer(
        &self,
        dir: &Path,
        more: &[Setting],
        arguments: &[&str],
        input: &[u8],
    ) -> Result<Vec<u8>> {
        let output = self.ask(dir, more, arguments, input).await?;
        if output.code == Some(0) { Ok(output.text) } else { Err(self.failed(arguments, &output.words)) }
    }

    /// A future with a deadline; when it passes, dropping the future ends the child.
    pub(crate) async fn in_time<T>(
        &self,
        limit: Duration,
        arguments: &[&str],
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        timeout(limit, work).await.unwrap_or_else(|_| {
            Err(Error::TimedOut { command: subcommand(arguments), seconds: limit.as_secs() })
        })
    }

    pub(crate) fn failed(&self, arguments: &[&str], words: &str) -> Error {
        // Warnings and hints come before the line that says why.
        let lines = || words.lines().map(str::trim).filter(|line| !line.is_empty());
        let telling = lines().find_map(|line| line.strip_prefix("fatal: ").or(line.strip_prefix("error: ")));
        let reason = telling.or_else(|| lines().next()).unwrap_or("it said nothing");
        let reason = reason.chars().filter(|letter| !letter.is_control()).take(300).collect();
        Error::Failed { command: subcommand(arguments), reason }
    }
}

fn subcommand(arguments: &[&str]) -> String {
    arguments.first().copied().unwrap_or_default().to_owned()
}

/// Reads to the end, or until there is more than `most` bytes: then none.
async fn whole(pipe: Option<impl AsyncRead + Unpin>, most: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut text = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(most.saturating_add(1)).read_to_end(&mut text).await?;
    }
    Ok(Some(text).filter(|text| text.len() as u64 <= most))
}

/// Reads to the end, because a pipe that nobody reads blocks the child, and keeps the beginning.
async fn beginning(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let mut text = Vec::new();
    if let Some(mut pipe) = pipe {
        // Words that break off are words all the same.
        let _ = (&mut pipe).take(WORDS).read_to_end(&mut text).await;
        let _ = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await;
    }
    String::from_utf8_lossy(&text).into_owned()
}
