//! Projects: a folder with a jalon.toml, usually a git clone.

mod config;
mod create;
mod discover;
mod git;
mod survey;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::wire::{ProjectDir, ProjectHeader, Proposal, Step};
use crate::{Engine, Error, FOREGROUND, Result, Work};

pub(crate) use config::{
    Candidate, Checks, Comparison, Config, Environment, Indicator, Owner, Probe, Service, Stack, Strategy,
    Target, Tool, stays_inside,
};
pub(crate) use create::replace as replace_file;
pub use create::{create_project, set_repository};
use discover::Among;

/// Setting that names the project that was open last.
pub(crate) const LAST: &str = "project.last";

/// Longest time that reading jalon.toml, the plan or the links may take: all three and the keychain stay within
/// [`FOREGROUND`].
pub(crate) const READING: Duration = Duration::from_secs(8);

/// A project whose jalon.toml was read.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    pub dir: PathBuf,
    pub config: Config,
}

impl Project {
    /// Reads the project of a folder.
    pub(crate) fn load(dir: &str) -> Result<Self> {
        let dir = folder(dir)?;
        let config = Config::load(&dir)?;
        Ok(Self { dir, config })
    }

    /// The same, for somebody who waits: see [`read`].
    pub(crate) async fn load_in_time(dir: &str, work: &Work) -> Result<Self> {
        let path = Path::new(dir).join(config::FILE).display().to_string();
        let dir = dir.to_owned();
        let late = |reason| Error::ProjectUnreadable { path, reason };
        read(work, READING, late, move || Self::load(&dir)).await
    }

    /// Imports its plan, for somebody who waits: see [`read`].
    pub(crate) async fn plan_in_time(&self, work: &Work) -> Result<milestones::Import> {
        let path = self.dir.join(self.config.plan.as_deref().unwrap_or_default()).display().to_string();
        let project = self.clone();
        let late = |reason| Error::PlanUnreadable { path, reason };
        read(work, READING, late, move || crate::plan::load(&project)).await
    }

    /// Finds the planning document: the one that jalon.toml names, else the best one that is there.
    pub(crate) fn plan_path(&self) -> Result<String> {
        if let Some(path) = &self.config.plan {
            return Ok(path.clone());
        }
        let found = discover::plans(&self.dir, Among::Named, &Work::silent())?;
        let best = found.into_iter().next();
        best.map(|plan| plan.path).ok_or_else(|| Error::PlanMissing { dir: self.dir.display().to_string() })
    }

    /// The zone in which its days begin.
    pub(crate) fn zone(&self) -> Result<jiff::tz::TimeZone> {
        jiff::tz::TimeZone::get(&self.config.timezone)
            .map_err(|_| Error::TimezoneUnknown { timezone: self.config.timezone.clone() })
    }

    pub(crate) fn header(&self) -> ProjectHeader {
        ProjectHeader {
            dir: self.dir.display().to_string(),
            name: self.config.name.clone(),
            github: self.config.github.clone(),
            plan: self.config.plan.clone(),
            timezone: self.config.timezone.clone(),
        }
    }
}

/// Reads files off the async threads. Ends when it is cancelled, and within a limit: a file of the network may never
/// answer, and the thread that asks for it is then left to it.
pub(crate) async fn read<T: Send + 'static>(
    work: &Work,
    limit: Duration,
    late: impl FnOnce(String) -> Error,
    read: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::select! {
        biased;
        () = work.cancel.cancelled() => Err(Error::Cancelled),
        done = tokio::time::timeout(limit, tokio::task::spawn_blocking(read)) => match done {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(late("reading it broke off".to_owned())),
            Err(_) => Err(late(format!("it was not read within {} s", limit.as_secs()))),
        },
    }
}

/// The folder as an absolute path.
pub(crate) fn folder(dir: &str) -> Result<PathBuf> {
    let named = || dir.to_owned();
    match std::fs::canonicalize(dir) {
        Ok(path) if path.is_dir() => Ok(plain(path)),
        Ok(_) => Err(Error::ProjectNotAFolder { dir: named() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::ProjectNotFound { dir: named() })
        }
        Err(error) => Err(Error::ProjectUnreadable { path: named(), reason: error.to_string() }),
    }
}

/// Windows' canonical paths begin with `\\?\`, which people and other programs do not expect.
fn plain(path: PathBuf) -> PathBuf {
    match path.to_str().and_then(|text| text.strip_prefix(r"\\?\")) {
        Some(short) if !short.starts_with("UNC") => PathBuf::from(short),
        _ => path,
    }
}

/// Looks through a folder: is there a jalon.toml, which documents read as plans, where is it on GitHub.
///
/// # Errors
/// The folder is not there or cannot be read.
pub async fn inspect_project(engine: &Engine, params: ProjectDir, work: &Work) -> Result<Proposal> {
    work.report(Step::Inspecting, 0, None);
    let timezone = engine.around.timezone.clone();
    let host = engine.endpoint.host();
    let (path, telling) = (params.dir.clone(), work.clone());
    let late = |reason| Error::ProjectUnreadable { path, reason };
    let propose = move || propose(&folder(&params.dir)?, timezone, &host, &telling);
    read(work, FOREGROUND, late, propose).await
}

fn propose(dir: &Path, timezone: String, host: &str, work: &Work) -> Result<Proposal> {
    let github = git::origin(dir, host);
    let folder_name = dir.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = github.as_deref().and_then(|full| full.split('/').next_back()).map(str::to_owned);
    Ok(Proposal {
        dir: dir.display().to_string(),
        configured: dir.join(config::FILE).exists(),
        git: git::is_clone(dir),
        name: name.or(folder_name).unwrap_or_else(|| "project".to_owned()),
        plans: discover::plans(dir, Among::All, work)?,
        github,
        timezone,
    })
}

/// Opens a project and remembers it as the last one.
///
/// # Errors
/// The folder has no valid jalon.toml, or does not answer.
pub async fn open_project(engine: &Engine, params: ProjectDir, work: &Work) -> Result<ProjectHeader> {
    let header = Project::load_in_time(&params.dir, work).await?.header();
    engine.store.remember_project(&store::project::Project {
        dir: header.dir.clone(),
        name: header.name.clone(),
        opened_at: engine.now(),
    })?;
    engine.store.set_setting(LAST, Some(&header.dir))?;
    engine.woken.notify_one();
    Ok(header)
}

/// Closes the open project.
///
/// # Errors
/// The store cannot be written.
pub async fn close_project(engine: &Engine, _params: (), _work: &Work) -> Result<()> {
    Ok(engine.store.set_setting(LAST, None)?)
}

/// Takes a project out of the list of recent ones.
///
/// # Errors
/// The store cannot be written.
pub async fn forget_project(engine: &Engine, params: ProjectDir, _work: &Work) -> Result<()> {
    if engine.store.setting(LAST)?.as_deref() == Some(&params.dir) {
        engine.store.set_setting(LAST, None)?;
    }
    Ok(engine.store.forget_project(&params.dir)?)
}

/// The nearest folder, from here upwards, with a jalon.toml: what a command line without `--project` means.
///
/// # Errors
/// There is none.
pub fn resolve_project(start: &Path) -> Result<String> {
    start
        .ancestors()
        .find(|dir| dir.join(config::FILE).is_file())
        .map(|dir| dir.display().to_string())
        .ok_or_else(|| Error::ProjectNoConfig { dir: start.display().to_string() })
}
