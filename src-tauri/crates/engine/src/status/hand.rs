//! Links set by hand: one small file a stage in `.jalon/stages/`, so that two people's links never conflict.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use toml_edit::DocumentMut;

use crate::project::replace_file;
use crate::{Error, Result};

/// Where they are.
pub(super) fn folder(project: &Path) -> PathBuf {
    project.join(".jalon").join("stages")
}

/// What is set by hand.
#[derive(Debug, Default)]
pub(super) struct ByHand {
    /// Milestone numbers by stage key.
    pub links: HashMap<String, u32>,
    /// Files that cannot be read, e.g. in the middle of a merge, and why. They take nothing else down.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// Reads all links of a project.
pub(super) fn read(project: &Path) -> ByHand {
    let mut found = ByHand::default();
    // No folder: nothing was set by hand.
    let Ok(entries) = std::fs::read_dir(folder(project)) else { return found };
    for path in entries.flatten().map(|entry| entry.path()) {
        let Some(key) = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()) else { continue };
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        match number(&path) {
            Ok(number) => drop(found.links.insert(key, number)),
            Err(reason) => found.unreadable.push((path, reason)),
        }
    }
    found
}

fn number(path: &Path) -> std::result::Result<u32, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    // A merge conflict is the likeliest reason: the first line of the parser's words names the place.
    let first = |error: toml_edit::TomlError| error.to_string().lines().next().unwrap_or_default().to_owned();
    let document: DocumentMut = text.parse().map_err(first)?;
    let number = document.get("milestone").and_then(|item| item.as_integer());
    number
        .and_then(|number| u32::try_from(number).ok())
        .ok_or_else(|| "it names no milestone = NUMBER".to_owned())
}

/// Sets or removes one link.
pub(super) fn write(project: &Path, key: &str, milestone: Option<u32>) -> Result<()> {
    let folder = folder(project);
    let path = folder.join(format!("{key}.toml"));
    let failed = |path: &Path, error: std::io::Error| Error::ProjectNotWritable {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    match milestone {
        Some(number) => {
            std::fs::create_dir_all(&folder).map_err(|e| failed(&folder, e))?;
            replace_file(
                &path,
                &format!("# GitHub milestone of stage {key}, set by hand.\nmilestone = {number}\n"),
            )
        }
        None => match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(&path, error)),
            _ => Ok(()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_replace_remove() {
        let project = tempfile::tempdir().unwrap();
        assert!(read(project.path()).links.is_empty());
        write(project.path(), "6", Some(3)).unwrap();
        write(project.path(), "6", Some(4)).unwrap();
        write(project.path(), "final-interview", Some(5)).unwrap();
        let found = read(project.path()).links;
        assert_eq!((found["6"], found["final-interview"], found.len()), (4, 5, 2));
        write(project.path(), "6", None).unwrap();
        write(project.path(), "6", None).unwrap();
        assert_eq!(read(project.path()).links.len(), 1);
    }

    #[test]
    fn a_conflicted_file_is_named_and_takes_nothing_else_down() {
        let project = tempfile::tempdir().unwrap();
        write(project.path(), "5", Some(3)).unwrap();
        write(project.path(), "6", Some(3)).unwrap();
        std::fs::write(project.path().join(".jalon/stages/6.toml"), "<<<<<<< HEAD\nmilestone = 3\n").unwrap();
        let found = read(project.path());
        assert_eq!(found.links, HashMap::from([("5".to_owned(), 3)]));
        assert!(found.unreadable[0].0.ends_with("6.toml"));
    }
}
