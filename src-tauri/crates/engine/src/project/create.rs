//! Makes a project: writes files that are not there yet, and nothing else.

use std::io::Write;
use std::path::Path;

use milestones::TemplateLanguage;
use toml_edit::{DocumentMut, value};

use super::config::Config;
use super::{Project, config, folder, open_project, survey};
use crate::wire::{Language, NewProject, PlanChoice, ProjectDir, ProjectHeader, SetRepository};
use crate::{Engine, Error, FOREGROUND, Result, Work};

/// Where a plan of Jalon's is written.
const TEMPLATE_PATH: &str = "docs/planning.md";

/// Writes jalon.toml with what the clone shows of stacks, services and environments, and the plan when one of Jalon's is
/// chosen, then opens the project.
///
/// # Errors
/// A value is wrong, or a file is there already: then nothing was written.
pub async fn create_project(engine: &Engine, params: NewProject, work: &Work) -> Result<ProjectHeader> {
    let dir = folder(&params.dir)?;
    let github = params.github.as_deref().map(str::trim).filter(|full| !full.is_empty());
    if let Some(repository) = github.filter(|full| !config::is_repository(full)) {
        return Err(Error::RepositoryInvalid { repository: repository.to_owned() });
    }
    if jiff::tz::TimeZone::get(&params.timezone).is_err() {
        return Err(Error::TimezoneUnknown { timezone: params.timezone });
    }
    let name = match params.name.trim() {
        "" => {
            return Err(Error::BadRequest { reason: "a project needs a name".into() });
        }
        name => name,
    };
    let config_path = dir.join(config::FILE);
    // A link to nowhere is there too.
    if config_path.symlink_metadata().is_ok() {
        return Err(Error::ProjectExists { path: config_path.display().to_string() });
    }
    let found = look(&dir, work).await?;
    let plan = match &params.plan {
        PlanChoice::Existing { path } => existing(&dir, path)?,
        PlanChoice::Template { language, starts_on } => template(&dir, *language, starts_on)?,
    };
    let text = with_found(config_text(name, github, &plan, &params.timezone), &found);
    if let Err(error) = write_new(&config_path, &text) {
        if matches!(params.plan, PlanChoice::Template { .. }) {
            // Both files or none: a plan left behind would be in the way of the next try.
            let _ = std::fs::remove_file(dir.join(&plan));
            let _ = std::fs::remove_dir(dir.join("docs"));
        }
        return Err(error);
    }
    open_project(engine, ProjectDir { dir: dir.display().to_string() }, work).await
}

/// What the clone shows, as a part of jalon.toml.
async fn look(dir: &Path, work: &Work) -> Result<String> {
    let (path, own, telling) = (dir.display().to_string(), dir.to_owned(), work.clone());
    let late = |reason| Error::ProjectUnreadable { path, reason };
    super::read(work, FOREGROUND, late, move || Ok(survey::text(&survey::survey(&own, &telling)?))).await
}

/// Both parts. Should what was found not read back, it is there as a comment: a project can be opened in any case.
fn with_found(project: String, found: &str) -> String {
    let whole = format!("{project}{found}");
    if Config::parse(&whole, Path::new(config::FILE)).is_ok() {
        return whole;
    }
    let commented = found.lines().map(|line| match line {
        "" => "\n".to_owned(),
        line if line.starts_with('#') => format!("{line}\n"),
        line => format!("# {line}\n"),
    });
    project + &commented.collect::<String>()
}

fn existing(dir: &Path, path: &str) -> Result<String> {
    if !config::stays_inside(path) || !dir.join(path).is_file() {
        let reason = "it is not in this folder".to_owned();
        return Err(Error::PlanUnreadable { path: path.to_owned(), reason });
    }
    Ok(path.to_owned())
}

fn template(dir: &Path, language: Language, starts_on: &str) -> Result<String> {
    let first_day = starts_on.parse().map_err(|_| Error::BadRequest {
        reason: format!("{starts_on:?} is not a day such as 2026-11-23"),
    })?;
    let language = match language {
        Language::En => TemplateLanguage::En,
        Language::Fr => TemplateLanguage::Fr,
    };
    let path = dir.join(TEMPLATE_PATH);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|error| not_writable(parent, &error))?;
    }
    write_new(&path, &milestones::template(language, first_day))?;
    Ok(TEMPLATE_PATH.to_owned())
}

fn config_text(name: &str, github: Option<&str>, plan: &str, timezone: &str) -> String {
    let quoted = |text: &str| value(text).to_string().trim().to_owned();
    let github = match github {
        Some(full) => format!("github = {}", quoted(full)),
        None => "# github = \"owner/name\"".to_owned(),
    };
    format!(
        "# The project as code: shared by the team, read by Jalon and jalonctl.\n\n[project]\n\
         name = {}\n\
         {github}  # repository with the milestones and issues\n\
         plan = {}  # planning document, relative to this file\n\
         timezone = {}  # days and deadlines are meant here\n",
        quoted(name),
        quoted(plan),
        quoted(timezone),
    )
}

/// Names the repository in jalon.toml; comments and everything else stay.
///
/// # Errors
/// The name is none, or the file cannot be read or written.
pub async fn set_repository(engine: &Engine, params: SetRepository, work: &Work) -> Result<ProjectHeader> {
    let repository = params.github.trim().to_owned();
    if !config::is_repository(&repository) {
        return Err(Error::RepositoryInvalid { repository });
    }
    let project = Project::load(&params.dir)?;
    let path = project.dir.join(config::FILE);
    let unreadable = |reason: String| Error::ProjectUnreadable { path: path.display().to_string(), reason };
    let text = std::fs::read_to_string(&path).map_err(|e| unreadable(e.to_string()))?;
    let mut document: DocumentMut =
        text.parse().map_err(|e: toml_edit::TomlError| unreadable(e.to_string()))?;
    if let Some(table) = document.get_mut("project").and_then(|item| item.as_table_like_mut()) {
        match table.get_mut("github").and_then(toml_edit::Item::as_value_mut) {
            // Comments hang on the value: it is changed in place.
            Some(old) => {
                let decor = old.decor().clone();
                *old = repository.into();
                *old.decor_mut() = decor;
            }
            None => drop(table.insert("github", value(repository))),
        }
    }
    replace(&path, &document.to_string())?;
    open_project(engine, ProjectDir { dir: params.dir }, work).await
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, text: &str) -> Result<()> {
    let mut file = match std::fs::File::create_new(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Error::ProjectExists { path: path.display().to_string() });
        }
        Err(error) => return Err(not_writable(path, &error)),
    };
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a file would be taken for the team's next time.
        let _ = std::fs::remove_file(path);
        not_writable(path, &error)
    })
}

/// Replaces a file in one step: readers see the old text or the new one.
pub(crate) fn replace(path: &Path, text: &str) -> Result<()> {
    // A link is followed: what it points to is what the team shares.
    let path = &std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    let next = path.with_file_name(name);
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(&next)?;
        file.write_all(text.as_bytes())?;
        if let Ok(before) = std::fs::metadata(path) {
            file.set_permissions(before.permissions())?;
        }
        file.sync_all()?;
        std::fs::rename(&next, path)
    };
    write().map_err(|error| {
        let _ = std::fs::remove_file(&next);
        not_writable(path, &error)
    })
}

fn not_writable(path: &Path, error: &std::io::Error) -> Error {
    Error::ProjectNotWritable { path: path.display().to_string(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_reads_back_whatever_the_name() {
        for name in ["app", "a \"b\" # c", "l'été \\ 1"] {
            let folder = tempfile::tempdir().unwrap();
            let text = config_text(name, Some("team/app"), "docs/planning.md", "Europe/Paris");
            write_new(&folder.path().join(config::FILE), &text).unwrap();
            let config = config::Config::load(folder.path()).unwrap();
            assert_eq!((config.name.as_str(), config.github.as_deref()), (name, Some("team/app")));
        }
    }

    #[test]
    fn what_does_not_read_back_is_a_comment() {
        let project = "[project]\nname = \"app\"\n".to_owned();
        let good = "\n[[stack]]\nname = \"a\"\ndir = \"a\"\n";
        assert_eq!(with_found(project.clone(), good), format!("{project}{good}"));
        let bad = with_found(project.clone(), "\n# why\n[[stack]]\nname = \"a\"\n");
        assert_eq!(bad, format!("{project}\n# why\n# [[stack]]\n# name = \"a\"\n"));
    }

    #[test]
    fn replacing_leaves_nothing_beside_and_follows_links() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real.toml");
        std::fs::write(&real, "old").unwrap();
        replace(&real, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            let link = folder.path().join("link.toml");
            std::os::unix::fs::symlink(&real, &link).unwrap();
            replace(&link, "newer").unwrap();
            assert!(link.symlink_metadata().unwrap().is_symlink());
            assert_eq!(std::fs::read_to_string(&real).unwrap(), "newer");
        }
    }
}
