//! The objects of a release, from its files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use deployments::kubernetes::{self, Manifest};
use globset::{GlobBuilder, GlobSetBuilder};

use crate::deploy::Place;
use crate::{Error, Refusal, Result};

/// Files of manifests, at most.
const FILES: usize = 2_000;
/// Larger files are no manifests.
const LARGEST: u64 = 4 << 20;

/// Reads the manifests that globs name, in a release's folder.
pub(super) fn manifests(
    folder: &Path,
    globs: &[String],
    place: &Place,
    namespace: &str,
    variables: &BTreeMap<String, String>,
    secrets: &BTreeSet<String>,
) -> Result<Vec<Manifest>> {
    let files = named(folder, globs, &place.environment)?;
    if files.is_empty() {
        let reason = format!("no file of this version matches {}", globs.join(", "));
        return Err(Refusal::VariableUnset { at: format!("manifests of {}", place.service), reason }.into());
    }
    let at = kubernetes::Place { environment: &place.environment, namespace, variables, secrets };
    Ok(kubernetes::read(&files, &at)?)
}

/// Values files of a chart with their texts.
pub(super) fn values(folder: &Path, files: &[String], environment: &str) -> Result<Vec<(String, String)>> {
    let read = |file: &String| {
        let path = file.replace("{environment}", environment);
        let text = text(folder, &path)?;
        Ok((path, text))
    };
    files.iter().map(read).collect()
}

fn text(folder: &Path, path: &str) -> Result<String> {
    let unreadable = |reason: String| Error::ProjectUnreadable { path: path.to_owned(), reason };
    let full = folder.join(path);
    // A release's folder holds files of a repository: a link could lead anywhere.
    let real = std::fs::canonicalize(&full).map_err(|error| unreadable(error.to_string()))?;
    let home = std::fs::canonicalize(folder).map_err(|error| unreadable(error.to_string()))?;
    if !real.starts_with(&home) {
        return Err(unreadable("it leads out of the repository".to_owned()));
    }
    let size = std::fs::metadata(&real).map_err(|error| unreadable(error.to_string()))?.len();
    if size > LARGEST {
        return Err(unreadable(format!("it has {size} bytes, more than a manifest has")));
    }
    std::fs::read_to_string(&real).map_err(|error| unreadable(error.to_string()))
}

/// Paths and texts of the files that globs name, sorted.
fn named(folder: &Path, globs: &[String], environment: &str) -> Result<Vec<(String, String)>> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let pattern = glob.replace("{environment}", environment);
        let built = GlobBuilder::new(&pattern).literal_separator(true).build().map_err(|error| {
            Error::BadRequest { reason: format!("manifests: {pattern:?} is no pattern: {error}") }
        })?;
        set.add(built);
    }
    let set = set
        .build()
        .map_err(|error| Error::BadRequest { reason: format!("manifests cannot be matched: {error}") })?;
    let mut paths = Vec::new();
    collect(folder, folder, &mut paths);
    paths.retain(|path| set.is_match(path));
    paths.sort();
    paths.truncate(FILES);
    paths.into_iter().map(|path| text(folder, &path).map(|text| (path, text))).collect()
}

fn collect(root: &Path, dir: &Path, paths: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect(root, &path, paths),
            Ok(_) => {
                let relative = path.strip_prefix(root).unwrap_or(&path);
                let parts = relative.components().map(|c| c.as_os_str().to_string_lossy());
                paths.push(parts.collect::<Vec<_>>().join("/"));
            }
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_name_files_of_the_environment_alone() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["k8s/a.yaml", "k8s/dev/b.yaml", "k8s/prod/c.yaml", "README.md"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "a: 1\n").unwrap();
        }
        let globs = ["k8s/*.yaml".to_owned(), "k8s/{environment}/*.yaml".to_owned()];
        let files = named(folder.path(), &globs, "dev").unwrap();
        let paths: Vec<_> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["k8s/a.yaml", "k8s/dev/b.yaml"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_release_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::NamedTempFile::new().unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("a.yaml")).unwrap();
        let error = named(folder.path(), &["*.yaml".to_owned()], "dev").unwrap_err();
        assert!(error.to_string().contains("out of the repository"), "{error}");
    }
}
