//! The team's own chapters: Markdown files that `[report] sources` names.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::project::{Project, stays_inside};
use crate::wire::ReportSource;
use crate::{Refusal, Result};

/// A larger chapter is no chapter.
const LARGEST: u64 = 5 << 20;
/// A larger picture is left out.
const LARGEST_PICTURE: u64 = 20 << 20;
/// Files that are looked at.
const MOST: usize = 10_000;
/// Folders below this depth are not looked into.
const DEPTH: usize = 8;

/// A chapter.
pub(super) struct Chapter {
    /// Below the project, with `/`.
    pub path: String,
    /// Its text, or why there is none.
    pub text: std::result::Result<String, String>,
}

impl Chapter {
    pub(super) fn on_wire(self) -> ReportSource {
        let (title, words, problem) = match &self.text {
            Ok(text) => {
                let heading = text.lines().find_map(|line| line.strip_prefix("# ").map(str::trim));
                (heading.map(str::to_owned), text.split_whitespace().count(), None)
            }
            Err(problem) => (None, 0, Some(problem.clone())),
        };
        let name = self.path.rsplit('/').next().unwrap_or(&self.path).to_owned();
        ReportSource {
            title: title.unwrap_or(name),
            words: u32::try_from(words).unwrap_or(u32::MAX),
            problem,
            path: self.path,
        }
    }

    /// Pictures that the chapter names, by the name it uses: those below the project that can be read.
    pub(super) fn pictures(&self, project: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        let Ok(text) = &self.text else { return };
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for part in text.split("![").skip(1) {
            let target =
                part.split_once("](").and_then(|(_, rest)| rest.split_once(')')).map(|(target, _)| target);
            let Some(name) = target.and_then(|target| target.split_whitespace().next()) else { continue };
            let plain = name.trim_matches(['<', '>']);
            let path = joined(folder, plain);
            if let Some(path) = path
                && let Ok(bytes) = read(&project.join(path), LARGEST_PICTURE)
            {
                found.insert(plain.to_owned(), bytes);
            }
        }
    }
}

/// A path relative to a folder, below the project; none where it leads out.
fn joined(folder: &str, path: &str) -> Option<PathBuf> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    stays_inside(&joined).then(|| PathBuf::from(joined))
}

/// The chapters of a project, in the order of `sources`, those of one entry by name.
pub(super) fn all(project: &Project) -> Result<Vec<Chapter>> {
    let mut files = Vec::new();
    collect(&project.dir, &project.dir, 0, &mut files);
    files.sort();
    let mut chapters: Vec<Chapter> = Vec::new();
    for source in &project.config.report.sources {
        let set = globs(source)?;
        let matching: Vec<&String> = files.iter().filter(|path| set.is_match(path)).collect();
        if matching.is_empty() {
            let text = Err("no file matches".to_owned());
            chapters.push(Chapter { path: source.clone(), text });
        }
        for path in matching {
            if chapters.iter().any(|chapter| chapter.path == *path) {
                continue;
            }
            let text = read(&project.dir.join(path), LARGEST)
                .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned()));
            chapters.push(Chapter { path: path.clone(), text });
        }
    }
    Ok(chapters)
}

fn read(path: &Path, most: u64) -> std::result::Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let meta = path.metadata().map_err(|error| error.to_string())?;
    if !meta.is_file() {
        return Err("it is not a file".to_owned());
    }
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > most {
        return Err(format!("it is larger than {} MB", most >> 20));
    }
    Ok(bytes)
}

/// `**.md`, as people write it, means every `.md` below.
fn globs(source: &str) -> Result<GlobSet> {
    let fail = |error: globset::Error| Refusal::SourceUnreadable {
        path: source.to_owned(),
        reason: error.to_string(),
    };
    let mut set = GlobSetBuilder::new();
    let deep = source.replace("**/", "\0").replace("**", "**/*").replace('\0', "**/");
    set.add(GlobBuilder::new(&deep).literal_separator(true).build().map_err(fail)?);
    Ok(set.build().map_err(fail)?)
}

fn collect(root: &Path, dir: &Path, depth: usize, files: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        if files.len() >= MOST {
            return;
        }
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Links are not followed: they can lead out of the project, or in circles.
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir()
            && depth < DEPTH
            && !name.starts_with('.')
            && name != "node_modules"
            && name != "target"
        {
            collect(root, &entry.path(), depth + 1, files);
        } else if kind.is_file() {
            let path = entry.path();
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let parts = relative.components().map(|part| part.as_os_str().to_string_lossy());
            files.push(parts.collect::<Vec<_>>().join("/"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_reach_as_far_as_people_mean() {
        let matches = |glob: &str, path: &str| globs(glob).unwrap().is_match(path);
        assert!(matches("docs/project/**.md", "docs/project/a.md"));
        assert!(matches("docs/project/**.md", "docs/project/deep/b.md"));
        assert!(matches("docs/**/c.md", "docs/c.md"));
        assert!(matches("docs/*.md", "docs/a.md"));
        assert!(!matches("docs/*.md", "docs/deep/a.md"));
        assert!(globs("docs/[.md").is_err());
    }

    #[test]
    fn pictures_stay_below_the_project() {
        assert_eq!(joined("docs/report", "../a.png"), Some("docs/a.png".into()));
        assert_eq!(joined("docs", "./img/a.png"), Some("docs/img/a.png".into()));
        assert_eq!(joined("docs", "../../a.png"), None);
    }
}
