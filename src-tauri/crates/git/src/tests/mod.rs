//! The room against the real git, in folders of its own.

mod export;
mod history;
mod hostile;
mod refusals;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::Timestamp;
use tempfile::TempDir;

use crate::{Author, Clone, Git, NewCommit};

const AUTHOR: Author<'_> = Author { name: "Student A", mail: "7+student-a@users.noreply.github.com" };

/// A folder with a home for git and a repository `clone`.
struct Scene {
    folder: TempDir,
    git: Git,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "clone"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let git = Git::new("git", variables(folder.path()));
        Self { folder, git }
    }

    /// `clone` with one commit of these files.
    async fn with(files: &[(&str, &str)]) -> (Self, Clone, String) {
        let scene = Self::new();
        let clone = Clone::init(&scene.git, &scene.at("clone")).await.unwrap();
        let sha = commit(&clone, "main", None, files, "First", 0).await;
        clone.check_out().await.unwrap();
        (scene, clone, sha)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// git as a person would run it in `clone`.
    fn run(&self, arguments: &[&str]) -> String {
        self.run_with(arguments, b"")
    }

    fn run_with(&self, arguments: &[&str], input: &[u8]) -> String {
        let mut child = Command::new("git")
            .env_clear()
            .envs(variables(self.folder.path()))
            .args(["-c", "user.name=Student B", "-c", "user.email=student-b@localhost"])
            .arg("-C")
            .arg(self.at("clone"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {words}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.at("clone").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A program that stands in for git. Another process writes it: a file that this one has open for writing cannot be
    /// run, and tests fork beside each other.
    #[cfg(unix)]
    fn program(&self, script: &str) -> Git {
        let path = self.at("program");
        let status = Command::new("sh")
            .args(["-c", "printf '%s' \"$2\" > \"$1\" && chmod 755 \"$1\"", "sh"])
            .arg(&path)
            .arg(script)
            .status()
            .unwrap();
        assert!(status.success());
        Git::new(path, variables(self.folder.path()))
    }

    /// Everything below the scene's folder but git's own, for comparing before and after.
    fn names(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut rest = vec![self.folder.path().to_owned()];
        while let Some(folder) = rest.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                if entry.file_type().unwrap().is_dir() && entry.file_name() != ".git" {
                    rest.push(entry.path());
                }
                found.push(entry.path());
            }
        }
        found.sort();
        found
    }
}

fn variables(folder: &Path) -> Vec<(OsString, OsString)> {
    let needed =
        |name: &OsString| ["PATH", "SYSTEMROOT"].iter().any(|known| name.eq_ignore_ascii_case(known));
    let mut variables: Vec<_> = std::env::vars_os().filter(|(name, _)| needed(name)).collect();
    variables.push(("HOME".into(), folder.join("home").into()));
    variables
}

fn minute(minute: i64) -> Timestamp {
    Timestamp::from_second(1_900_000_000 + 60 * minute).unwrap()
}

fn tree(files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}

async fn commit(
    clone: &Clone,
    branch: &str,
    parent: Option<&str>,
    files: &[(&str, &str)],
    message: &str,
    at: i64,
) -> String {
    let files = tree(files);
    let new = NewCommit { branch, parent, files: &files, message, author: AUTHOR, when: minute(at) };
    clone.commit_files(&new).await.unwrap()
}
