//! Finds the documents of a folder that read as plans.

use std::path::{Path, PathBuf};

use milestones::{ImportOptions, import};

use crate::wire::{PlanCandidate, Step};
use crate::{Error, Result, Work};

/// Folders below this depth are not looked into.
const DEPTH: usize = 6;
/// Documents that are read at most; those whose name speaks of a plan come first.
const MOST: usize = 400;
/// Larger documents are no plans.
const LARGEST: u64 = 1 << 20;
/// Folders of dependencies and output.
const SKIPPED: [&str; 7] = ["node_modules", "target", "vendor", "dist", "build", "venv", "__pycache__"];
/// Parts of names that speak of a plan.
const NAMES: [&str; 7] = ["plan", "jalon", "milestone", "roadmap", "échéanc", "echeanc", "calendrier"];

/// Which documents are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Among {
    /// All: somebody waits, and sees what is being done.
    All,
    /// Those whose name speaks of a plan: quick enough to be asked with every view.
    Named,
}

/// Documents that read as plans, best first: by name, then by deadlines and stages.
pub(crate) fn plans(dir: &Path, among: Among, work: &Work) -> Result<Vec<PlanCandidate>> {
    let mut files = Vec::new();
    collect(dir, 0, work, &mut files);
    files.sort_by_key(|path| (!named_like_a_plan(path), path.components().count(), path.clone()));
    files.retain(|path| among == Among::All || named_like_a_plan(path));
    files.truncate(MOST);
    let total = u32::try_from(files.len()).ok();
    let mut found = Vec::new();
    for (done, path) in (0..).zip(files) {
        if work.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        work.report(Step::Inspecting, done, total);
        // A file that cannot be read is no candidate; the one that is chosen is read again, and told about then.
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let plan = import(&bytes, &ImportOptions::default()).plan;
        let stages = plan.stages.iter().filter(|stage| stage.number.is_some()).count();
        let deadlines = plan.stages.iter().filter(|stage| stage.deadline.is_some()).count();
        if stages >= 2 || deadlines >= 2 {
            found.push(PlanCandidate {
                path: relative(dir, &path),
                title: plan.title,
                stages: u32::try_from(plan.stages.len()).unwrap_or(u32::MAX),
                deadlines: u32::try_from(deadlines).unwrap_or(u32::MAX),
            });
        }
    }
    found.sort_by_key(|plan| {
        let score = (plan.deadlines.min(plan.stages), plan.stages);
        (!named_like_a_plan(Path::new(&plan.path)), std::cmp::Reverse(score))
    });
    Ok(found)
}

fn collect(dir: &Path, depth: usize, work: &Work, files: &mut Vec<PathBuf>) {
    if work.cancel.is_cancelled() {
        return;
    }
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Links are not followed: they can lead out of the project, or in circles.
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && depth < DEPTH && !name.starts_with('.') && !SKIPPED.contains(&name.as_ref()) {
            collect(&entry.path(), depth + 1, work, files);
        } else if kind.is_file()
            && (name.ends_with(".md") || name.ends_with(".markdown"))
            && entry.metadata().is_ok_and(|meta| meta.len() <= LARGEST)
        {
            files.push(entry.path());
        }
    }
}

fn named_like_a_plan(path: &Path) -> bool {
    let name = path.file_stem().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    NAMES.iter().any(|part| name.contains(part))
}

fn relative(dir: &Path, path: &Path) -> String {
    let path = path.strip_prefix(dir).unwrap_or(path);
    path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_plan_comes_first_and_prose_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let plan = "# P\n## Stage 1: a\n### Deadline\n2026-11-02\n## Stage 2: b\n### Deadline\n2026-11-09\n";
        write("README.md", "# App\n\nA text.\n\n## Install\n\nRun it.\n");
        write("docs/steps.md", plan);
        write("docs/project/planning.md", plan);
        write("node_modules/x/plan.md", plan);
        let found = plans(folder.path(), Among::All, &Work::silent()).unwrap();
        let paths: Vec<_> = found.iter().map(|plan| plan.path.as_str()).collect();
        assert_eq!(paths, ["docs/project/planning.md", "docs/steps.md"]);
        assert_eq!((found[0].stages, found[0].deadlines), (2, 2));
        let named = plans(folder.path(), Among::Named, &Work::silent()).unwrap();
        assert_eq!(named, found[..1]);
    }
}
