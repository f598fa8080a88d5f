//! `cargo xtask tidy`: the house's own rules, as checks on the files that Git knows or would take.

mod json;
mod rules;
mod words;

use std::fs;

use crate::failure::Failure;
use crate::place::Place;
use crate::processes::answer;
use crate::stages::Note;

/// A text file of the clone.
pub(crate) struct Source {
    /// From the root, with slashes.
    pub path: String,
    /// All of it.
    pub text: String,
}

impl Source {
    /// The part of the name after the last dot.
    fn extension(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, end)| end)
    }

    /// The last part of the path.
    fn name(&self) -> &str {
        self.path.rsplit_once('/').map_or(&self.path, |(_, name)| name)
    }

    /// Line numbers from 1, and the lines.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// One breach of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// File, from the root.
    pub path: String,
    /// Line from 1; 0 means the file as a whole.
    pub line: usize,
    /// What is wrong and what to do about it.
    pub message: String,
}

/// Checks the whole clone.
pub(crate) fn stage(place: &Place) -> Result<Note, Failure> {
    let mut list = place.command("git");
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let names = answer(&mut list).ok_or_else(|| {
        Failure::new("git cannot list the files of this folder", "install git; run it in a clone")
    })?;
    let mut paths: Vec<&str> = names.split('\0').filter(|path| !path.is_empty()).collect();
    paths.sort_unstable();
    paths.dedup();
    // Pictures are no text; a file deleted but not committed is no file.
    let sources: Vec<Source> = paths
        .iter()
        .filter_map(|path| {
            Some(Source { path: (*path).to_owned(), text: fs::read_to_string(place.root.join(path)).ok()? })
        })
        .collect();
    let mut findings = rules::top_level(&paths);
    findings.extend(rules::check(&sources));
    if findings.is_empty() {
        return Ok(format!("{} files", sources.len()));
    }
    for Finding { path, line, message } in &findings {
        if *line == 0 { println!("{path}: {message}") } else { println!("{path}:{line}: {message}") }
    }
    Err(Failure::new(format!("{} findings", findings.len()), "CONTRIBUTING.md says why each rule is there"))
}
