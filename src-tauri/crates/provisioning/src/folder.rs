//! The files of a configuration: read without running anything, and told apart by a digest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::hcl::Body;
use crate::{Error, Result};

/// More files than a configuration has.
const MOST_FILES: usize = 10_000;
/// More bytes than a configuration has.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// What the files of a configuration are at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// SHA-256 over names and contents, in hexadecimal.
    pub sha256: String,
    /// How many files there are.
    pub files: usize,
}

/// Reads the configuration of a folder.
pub(crate) fn configuration(dir: &Path) -> Result<Vec<Body>> {
    let mut found = Vec::new();
    for path in entries(dir)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let json = [".tf.json", ".tofu.json"].iter().any(|ending| name.ends_with(ending));
        let plain = [".tf", ".tofu"].iter().any(|ending| name.ends_with(ending));
        if !(json || plain) || !path.is_file() {
            continue;
        }
        let text =
            String::from_utf8_lossy(&std::fs::read(&path).map_err(|error| fail(&path, &error))?).into_owned();
        found.push(if json { Body::of_json(&text) } else { Body::of_text(&text) });
    }
    Ok(found)
}

/// The digest of everything that planning in `dir` reads of the team's files: the folder's own files and those of the local
/// modules that it calls. What the tool itself writes there is left out: states, saved plans, its own folder and lock file
/// (a saved plan holds the providers that it was made with, and the tool refuses others).
///
/// # Errors
/// A file cannot be read, or there is far more than a configuration.
pub fn digest(dir: &Path) -> Result<Digest> {
    let mut digest = Sha256::new();
    let (mut files, mut bytes) = (0_usize, 0_u64);
    let mut seen = BTreeSet::new();
    let mut waiting = vec![dir.to_path_buf()];
    while let Some(module) = waiting.pop() {
        let at = std::fs::canonicalize(&module).map_err(|error| fail(&module, &error))?;
        if !seen.insert(at.clone()) {
            continue;
        }
        let mut folders = vec![at.clone()];
        while let Some(folder) = folders.pop() {
            for path in entries(&folder)? {
                let kind = std::fs::symlink_metadata(&path).map_err(|error| fail(&path, &error))?;
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if written_by_the_tool(&name) {
                    continue;
                }
                if kind.is_dir() {
                    folders.push(path);
                    continue;
                }
                files += 1;
                bytes += kind.len();
                if files > MOST_FILES || bytes > MOST_BYTES {
                    let reason =
                        format!("it holds more than {MOST_FILES} files or {} MB", MOST_BYTES / 1024 / 1024);
                    return Err(Error::Folder { path: dir.display().to_string(), reason });
                }
                let relative = path.strip_prefix(&at).unwrap_or(&path);
                digest.update(relative.as_os_str().as_encoded_bytes());
                digest.update([0]);
                digest.update(contents(&path, &kind)?);
            }
        }
        let calls = configuration(&at)?;
        let sources = calls
            .iter()
            .flat_map(|body| body.blocks("module"))
            .filter_map(|(_, module)| module.text("source"));
        let mut local: Vec<PathBuf> = sources
            .filter(|source| source.starts_with("./") || source.starts_with("../"))
            .map(|source| at.join(source))
            .filter(|module| module.is_dir())
            .collect();
        local.sort();
        waiting.extend(local);
        digest.update([1]);
    }
    Ok(Digest { sha256: hex(&digest.finalize()), files })
}

/// The digest of a file's contents; of a link, where it leads.
fn contents(path: &Path, kind: &std::fs::Metadata) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| fail(path, &error);
    if kind.is_symlink() {
        let target = std::fs::read_link(path).map_err(failed)?;
        return Ok(Sha256::digest(target.as_os_str().as_encoded_bytes()).to_vec());
    }
    if !kind.is_file() {
        return Ok(vec![2]);
    }
    Ok(Sha256::digest(std::fs::read(path).map_err(failed)?).to_vec())
}

/// The SHA-256 of bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn written_by_the_tool(name: &str) -> bool {
    matches!(name, ".terraform" | ".terraform.lock.hcl" | ".git" | "crash.log")
        || name.ends_with(".tfstate")
        || name.ends_with(".tfplan")
        || (name.contains(".tfstate.") && (name.ends_with(".backup") || name.ends_with(".lock.info")))
}

/// Paths in a folder, sorted.
fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(|error| fail(dir, &error))? {
        paths.push(entry.map_err(|error| fail(dir, &error))?.path());
    }
    paths.sort();
    Ok(paths)
}

fn fail(path: &Path, error: &std::io::Error) -> Error {
    Error::Folder { path: path.display().to_string(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_follows_the_team_s_files_and_local_modules() {
        let project = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = project.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let dir = project.path().join("prod");
        write("prod/main.tf", "module \"vpc\" {\n  source = \"../modules/vpc\"\n}\n");
        write("modules/vpc/main.tf", "# one");
        let now = || digest(&dir).unwrap();
        let first = now();
        assert_eq!(first.files, 2);
        for (path, text) in [
            ("prod/terraform.tfstate", "{}"),
            ("prod/terraform.tfstate.backup", "{}"),
            ("prod/terraform.tfstate.1700000000.backup", "{}"),
            ("prod/.terraform.tfstate.lock.info", "{}"),
            ("prod/.terraform.lock.hcl", "x"),
            ("prod/.terraform/modules/modules.json", "{}"),
            ("prod/x.tfplan", ""),
            ("elsewhere/main.tf", ""),
        ] {
            write(path, text);
            assert_eq!(now(), first, "{path}");
        }
        let mut seen = vec![first.sha256];
        for (path, text) in [
            ("prod/files/policy.json", "{}"),
            ("modules/vpc/main.tf", "# two"),
            ("prod/main.tf", "module \"vpc\" {\n  source = \"../modules/vpc\"\n}\n\n"),
        ] {
            write(path, text);
            let next = now().sha256;
            assert!(!seen.contains(&next), "{path}");
            seen.push(next);
        }
        assert!(matches!(digest(&project.path().join("none")), Err(Error::Folder { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_counts_as_where_it_leads_and_modules_may_call_each_other() {
        let project = tempfile::tempdir().unwrap();
        for (name, other) in [("a", "b"), ("b", "a")] {
            let folder = project.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("main.tf"), format!("module \"m\" {{ source = \"../{other}\" }}"))
                .unwrap();
        }
        let link = project.path().join("a/secret");
        std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
        let first = digest(&project.path().join("a")).unwrap();
        assert_eq!(first.files, 3);
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &link).unwrap();
        assert_ne!(digest(&project.path().join("a")).unwrap(), first);
    }
}
