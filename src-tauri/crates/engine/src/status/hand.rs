//! Links set by hand: one small file a stage in `.jalon/stages/`, so that two people's links never conflict.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use toml_edit::DocumentMut;

use crate::project::replace_file;
use crate::{Error, Result};

fn folder(project: &Path) -> PathBuf {
    project.join(".jalon").join("stages")
}

/// Milestone numbers by stage key.
pub(super) fn read(project: &Path) -> Result<HashMap<String, u32>> {
    let mut found = HashMap::new();
    let folder = folder(project);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(unreadable(&folder, error.to_string())),
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let Some(key) = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()) else {
            continue;
        };
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|e| unreadable(&path, e.to_string()))?;
        let document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| {
            // A merge conflict is the likeliest reason: the first line of the parser's words names the place.
            unreadable(&path, e.to_string().lines().next().unwrap_or_default().to_owned())
        })?;
        let number = document.get("milestone").and_then(|item| item.as_integer());
        let number = number.and_then(|number| u32::try_from(number).ok());
        found.insert(
            key,
            number.ok_or_else(|| unreadable(&path, "it names no milestone = NUMBER".into()))?,
        );
    }
    Ok(found)
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

fn unreadable(path: &Path, reason: String) -> Error {
    Error::ProjectUnreadable {
        path: path.display().to_string(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_replace_remove() {
        let project = tempfile::tempdir().unwrap();
        assert!(read(project.path()).unwrap().is_empty());
        write(project.path(), "6", Some(3)).unwrap();
        write(project.path(), "6", Some(4)).unwrap();
        write(project.path(), "final-interview", Some(5)).unwrap();
        let found = read(project.path()).unwrap();
        assert_eq!((found["6"], found["final-interview"], found.len()), (4, 5, 2));
        write(project.path(), "6", None).unwrap();
        write(project.path(), "6", None).unwrap();
        assert_eq!(read(project.path()).unwrap().len(), 1);
    }

    #[test]
    fn a_conflicted_file_is_named() {
        let project = tempfile::tempdir().unwrap();
        write(project.path(), "6", Some(3)).unwrap();
        std::fs::write(
            project.path().join(".jalon/stages/6.toml"),
            "<<<<<<< HEAD\nmilestone = 3\n",
        )
        .unwrap();
        assert!(
            matches!(read(project.path()), Err(Error::ProjectUnreadable { path, .. }) if path.contains("6.toml"))
        );
    }
}
