//! The tool's commands, each run to its end for a run: log, deadline, cancellation.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use credentials::Masker;
use runs::{Child, ChildEnd, Lines, LogWriter, RunFolder, Stream};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::diagnostic::{error_of, plain};
use crate::stream::Reader;
use crate::{Diagnostic, Error, Output, Plan, Program, Result, StateId};

/// A longer answer of the tool is not read.
const LARGEST: usize = 512 * 1024 * 1024;
/// A longer message of its stream is cut. One of them may be a whole state.
const LONGEST_MESSAGE: usize = LARGEST;
/// More words for a person are not read.
const LONGEST_WORDS: usize = 4 * 1024 * 1024;

/// How long the tool's commands may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// What only reads.
    pub read: Duration,
    /// Fetching providers and modules.
    pub init: Duration,
    /// Planning.
    pub plan: Duration,
    /// Applying.
    pub apply: Duration,
    /// Waiting for the state's lock.
    pub lock: Duration,
    /// Ending in order after it was asked to, where nothing is changed.
    pub grace: Duration,
    /// The same while applying: what is being created is finished, and the state written.
    pub grace_of_apply: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        Self {
            read: minutes(5),
            init: minutes(15),
            plan: minutes(30),
            apply: minutes(180),
            lock: Duration::from_secs(5),
            grace: Duration::from_secs(60),
            grace_of_apply: minutes(15),
        }
    }
}

/// What is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// That the world is as the configuration says.
    Apply,
    /// That nothing of it is left.
    Destroy,
    /// Nothing: only a look at what is not as the state says.
    Drift,
}

impl Mode {
    /// In a word: `apply`, `destroy` or `drift`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Destroy => "destroy",
            Self::Drift => "drift",
        }
    }
}

/// How far an apply came.
#[derive(Debug, Default)]
pub struct Applied {
    /// What was done, in order: `creation of aws_vpc.main`.
    pub done: Vec<String>,
    /// Resources on which something failed.
    pub failed: Vec<String>,
    /// The state, where it was printed because it could be written nowhere: its only copy.
    pub state: Option<String>,
    /// Why it did not come to its end.
    pub error: Option<Error>,
}

/// The tool in the folder of a configuration, for one run.
pub struct Tool<'r> {
    /// Which program.
    pub program: Program,
    /// Folder of the configuration.
    pub dir: PathBuf,
    /// All of its environment; see [`crate::environment`].
    pub environment: BTreeMap<OsString, OsString>,
    /// Values that must not be shown.
    pub secrets: Vec<&'r str>,
    /// Folder of the run.
    pub folder: &'r RunFolder,
    /// Log of the run.
    pub log: &'r LogWriter,
    /// Cancelled when the run shall end.
    pub cancel: &'r CancellationToken,
    /// How long each command may take.
    pub limits: Limits,
}

impl Tool<'_> {
    /// Prepares the folder: backend, providers, modules.
    ///
    /// # Errors
    /// It fails; [`Error::Provider`] where something cannot be fetched.
    pub async fn init(&self) -> Result<()> {
        let read = Capture::new(Some(self.log.clone()));
        let end = self
            .run("init", &["init", "-input=false", "-no-color"], self.limits.init, &read.lines(), None)
            .await?;
        expect_done("init", end, &read.diagnostics())
    }

    /// Asks whether the configuration is valid.
    ///
    /// # Errors
    /// It is not: the first error, with its place.
    pub async fn validate(&self) -> Result<()> {
        let read = Capture::new(None);
        let end = self.run("validate", &["validate", "-json"], self.limits.read, &read.lines(), None).await?;
        let Ok(said) = serde_json::from_slice::<Value>(&read.out()) else {
            return expect_done("validate", end, &read.diagnostics());
        };
        let found: Vec<Diagnostic> =
            said["diagnostics"].as_array().into_iter().flatten().map(Diagnostic::of_json).collect();
        for one in &found {
            let word = if one.error { "Error" } else { "Warning" };
            self.log.say(format!("{word}: {}", one.reason()));
        }
        if said["valid"] == true { Ok(()) } else { Err(error_of("validate", &found, "it is not valid")) }
    }

    /// Plans, and saves the plan.
    ///
    /// # Errors
    /// It fails; [`Error::Locked`] where somebody holds the state.
    pub async fn plan(&self, mode: Mode, out: &Path) -> Result<Vec<Diagnostic>> {
        let lock = format!("-lock-timeout={}s", self.limits.lock.as_secs());
        let out = format!("-out={}", out.display());
        let mut arguments = vec!["plan", "-json", "-input=false", &lock, &out];
        arguments.extend(match mode {
            Mode::Apply => None,
            Mode::Destroy => Some("-destroy"),
            Mode::Drift => Some("-refresh-only"),
        });
        let mask = Masker::new(self.secrets.iter().copied());
        let (reader, end) = self.stream("plan", &arguments, self.limits.plan, &mask, None).await?;
        let diagnostics = reader.diagnostics.clone();
        self.ended("plan", reader, end)?;
        Ok(diagnostics)
    }

    /// Reads a saved plan. What the plan calls sensitive is known to the masker.
    ///
    /// # Errors
    /// [`Error::PlanUnknown`], or it fails.
    pub async fn show(&self, plan: &Path) -> Result<(Plan, Masker)> {
        let path = plan.display().to_string();
        let json = self.capture("show", &["show", "-json", &path]).await?;
        crate::read(&json, &self.secrets)
    }

    /// Which state there is; none where there is none yet. Takes no lock.
    ///
    /// # Errors
    /// [`Error::State`] where it cannot be read.
    pub async fn state(&self) -> Result<Option<StateId>> {
        let json = self.capture("state pull", &["state", "pull"]).await?;
        if json.trim_ascii().is_empty() {
            return Ok(None);
        }
        let state = StateId::read(&json).map_err(|error| Error::State { reason: error.to_string() })?;
        // Where a backend has none yet, an empty one that belongs to no history is printed.
        Ok(Some(state).filter(|state| !state.lineage.is_empty()))
    }

    /// Applies a saved plan. `mask` knows what the plan calls sensitive. It always tells how far it came.
    pub async fn apply(&self, plan: &Path, mask: &Masker) -> Applied {
        let lock = format!("-lock-timeout={}s", self.limits.lock.as_secs());
        let path = plan.display().to_string();
        let arguments = ["apply", "-json", "-input=false", &lock, &path];
        let grace = Some(self.limits.grace_of_apply);
        match self.stream("apply", &arguments, self.limits.apply, mask, grace).await {
            Err(error) => Applied { error: Some(error), ..Applied::default() },
            Ok((mut reader, end)) => {
                let (done, failed) = (std::mem::take(&mut reader.done), std::mem::take(&mut reader.failed));
                let state = reader.state.take();
                Applied { done, failed, state, error: self.ended("apply", reader, end).err() }
            }
        }
    }

    /// Reads the outputs of the state.
    ///
    /// # Errors
    /// It fails.
    pub async fn outputs(&self, mask: &Masker) -> Result<Vec<Output>> {
        crate::plan::outputs(&self.capture("output", &["output", "-json"]).await?, mask)
    }

    /// Takes a lock off.
    ///
    /// # Errors
    /// It fails: there is no such lock, or it cannot be taken off by others.
    pub async fn unlock(&self, id: &str) -> Result<()> {
        let read = Capture::new(Some(self.log.clone()));
        let arguments = ["force-unlock", "-force", id];
        let end = self.run("force-unlock", &arguments, self.limits.read, &read.lines(), None).await?;
        expect_done("force-unlock", end, &read.diagnostics())
    }

    /// The output of a command that only reads. None of it is logged: it may hold anything.
    async fn capture(&self, what: &str, arguments: &[&str]) -> Result<Vec<u8>> {
        let read = Capture::new(None);
        let end = self.run(what, arguments, self.limits.read, &read.lines(), None).await?;
        expect_done(what, end, &read.diagnostics())?;
        Ok(read.out())
    }

    async fn stream(
        &self,
        what: &str,
        arguments: &[&str],
        limit: Duration,
        mask: &Masker,
        grace: Option<Duration>,
    ) -> Result<(Reader, End)> {
        let reader = Arc::new(Mutex::new(Reader::of(what == "apply")));
        let stop = self.cancel.child_token();
        let (into, log, mask, ask) = (reader.clone(), self.log.clone(), mask.clone(), stop.clone());
        let each = move |stream: Stream, line: &str| {
            let mut reader = into.lock().unwrap_or_else(PoisonError::into_inner);
            for line in reader.line(line) {
                log.write(stream, &mask.apply(&line));
            }
            if reader.unknown_version.is_some() {
                ask.cancel();
            }
        };
        let lines = Lines { longest: LONGEST_MESSAGE, each: Arc::new(each) };
        let child = self.child(arguments, grace);
        let end = child.run_with(&lines, self.folder, self.log, limit, &stop).await?;
        let reader = std::mem::take(&mut *reader.lock().unwrap_or_else(PoisonError::into_inner));
        Ok((reader, self.end(what, end, limit)))
    }

    /// What a stream's end means.
    fn ended(&self, what: &str, reader: Reader, end: End) -> Result<()> {
        if let Some(found) = reader.unknown_version {
            return Err(Error::StreamVersion { program: self.program.name().to_owned(), found });
        }
        let mut diagnostics = reader.diagnostics;
        diagnostics.extend(said(&reader.printed.join("\n")));
        expect_done(what, end, &diagnostics)
    }

    async fn run(
        &self,
        what: &str,
        arguments: &[&str],
        limit: Duration,
        lines: &Lines,
        grace: Option<Duration>,
    ) -> Result<End> {
        let child = self.child(arguments, grace);
        let end = child.run_with(lines, self.folder, self.log, limit, self.cancel).await?;
        Ok(self.end(what, end, limit))
    }

    fn child(&self, arguments: &[&str], grace: Option<Duration>) -> Child {
        let command = [self.program.name()].iter().chain(arguments).map(|word| (*word).to_owned()).collect();
        Child {
            command,
            dir: self.dir.clone(),
            environment: self.environment.clone(),
            grace: grace.unwrap_or(self.limits.grace),
            // What plans holds a lock, what applies a state.
            gentle: true,
        }
    }

    fn end(&self, what: &str, end: ChildEnd, limit: Duration) -> End {
        match end {
            ChildEnd::Exited(Some(0)) => End::Done,
            ChildEnd::Exited(Some(status)) => End::Failed(format!("exit status {status}")),
            ChildEnd::Exited(None) => End::Failed("a signal ended it".to_owned()),
            ChildEnd::Cancelled => End::Error(Error::Cancelled),
            ChildEnd::TimedOut => {
                let what = format!("{} {what}", self.program.name());
                End::Error(Error::TimedOut { what, seconds: limit.as_secs() })
            }
        }
    }
}

/// How a command ended.
enum End {
    Done,
    /// By itself, with what is known of that.
    Failed(String),
    /// Because it was asked to.
    Error(Error),
}

fn expect_done(what: &str, end: End, diagnostics: &[Diagnostic]) -> Result<()> {
    match end {
        End::Done => Ok(()),
        End::Error(error) => Err(error),
        End::Failed(reason) => Err(error_of(what, diagnostics, &reason)),
    }
}

/// Errors in what a command printed; where it does not call them so, all of it.
fn said(text: &str) -> Vec<Diagnostic> {
    let found = Diagnostic::of_text(text);
    if found.iter().any(|one| one.error) || text.trim().is_empty() {
        return found;
    }
    let mut lines = text.lines().map(plain);
    let summary = lines.find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned();
    let detail = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
    vec![Diagnostic { error: true, summary, detail, at: None }]
}

/// Takes in what a command prints.
struct Capture {
    log: Option<LogWriter>,
    read: Arc<Mutex<Read>>,
}

#[derive(Default)]
struct Read {
    out: Vec<u8>,
    /// What a person would read: standard error, and standard output where that is logged.
    words: String,
}

impl Capture {
    /// With a log, everything that is printed goes there, too.
    fn new(log: Option<LogWriter>) -> Self {
        Self { log, read: Arc::default() }
    }

    fn lines(&self) -> Lines {
        let (read, log) = (self.read.clone(), self.log.clone());
        let each = move |stream: Stream, line: &str| {
            let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
            if stream == Stream::Stdout && log.is_none() {
                if read.out.len() + line.len() < LARGEST {
                    read.out.extend_from_slice(line.as_bytes());
                    read.out.push(b'\n');
                }
                return;
            }
            if read.words.len() < LONGEST_WORDS {
                read.words.push_str(line);
                read.words.push('\n');
            }
            if let Some(log) = log.as_ref().filter(|_| !line.trim().is_empty()) {
                log.write(stream, &plain(line));
            }
        };
        Lines { longest: LARGEST, each: Arc::new(each) }
    }

    fn out(&self) -> Vec<u8> {
        std::mem::take(&mut self.read.lock().unwrap_or_else(PoisonError::into_inner).out)
    }

    fn diagnostics(&self) -> Vec<Diagnostic> {
        said(&self.read.lock().unwrap_or_else(PoisonError::into_inner).words)
    }
}
