//! The files of a clone that say something of how it is deployed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::{Error, Result, Work};

/// Folders below this depth are not looked into.
const DEPTH: usize = 8;
/// Files that are listed at most.
const MOST: usize = 20_000;
/// Larger files say nothing about deployment.
const LARGEST: u64 = 512 << 10;
/// Folders of dependencies and output.
const SKIPPED: [&str; 8] =
    ["node_modules", "target", "vendor", "dist", "build", "venv", "__pycache__", "site-packages"];

/// Paths, relative and with `/`, and what is in them when asked.
pub(super) struct Files {
    root: PathBuf,
    paths: BTreeSet<String>,
    read: RefCell<BTreeMap<String, Rc<str>>>,
}

impl Files {
    /// Lists the files of a folder. Links are not followed: they can lead out of the project, or in circles.
    pub(super) fn collect(root: &Path, work: &Work) -> Result<Self> {
        let mut paths = BTreeSet::new();
        collect(root, "", 0, work, &mut paths);
        if work.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        Ok(Self { root: root.to_owned(), paths, read: RefCell::default() })
    }

    /// All paths, sorted.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// The text of a file; empty where it cannot be read.
    pub(super) fn text(&self, path: &str) -> Rc<str> {
        if let Some(text) = self.read.borrow().get(path) {
            return Rc::clone(text);
        }
        let bytes = std::fs::read(self.root.join(path)).unwrap_or_default();
        let text: Rc<str> = String::from_utf8_lossy(&bytes).into();
        self.read.borrow_mut().insert(path.to_owned(), Rc::clone(&text));
        text
    }
}

fn collect(root: &Path, below: &str, depth: usize, work: &Work, paths: &mut BTreeSet<String>) {
    if work.cancel.is_cancelled() || paths.len() >= MOST {
        return;
    }
    let Ok(entries) = std::fs::read_dir(root.join(below)) else { return };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let Ok(kind) = entry.file_type() else { continue };
        let path = join(below, &name);
        if kind.is_dir() {
            let hidden = name.starts_with('.') && name != ".github";
            if depth < DEPTH && !hidden && !SKIPPED.contains(&name.as_str()) {
                collect(root, &path, depth + 1, work, paths);
            }
        } else if kind.is_file()
            && says_something(&name)
            && entry.metadata().is_ok_and(|m| m.len() <= LARGEST)
        {
            paths.insert(path);
        }
    }
}

fn says_something(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    matches!(ending, Some("tf" | "tofu" | "tfvars" | "hcl" | "yaml" | "yml")) || name == "Vagrantfile"
}

/// A path below a folder; the root is "".
pub(super) fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

/// The folder of a path; "" for the root.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// The last part of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Whether a path is in a folder or below it.
pub(super) fn within(path: &str, dir: &str) -> bool {
    dir.is_empty() || path == dir || path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
}

/// The folder that a relative reference means, seen from another; none where it leads out of the clone.
pub(super) fn resolve(from: &str, reference: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    for part in reference.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
