//! What a clone tells of its commits and files.

use std::clone::Clone as _;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::commit::{self, Commit, Names};
use crate::settings::{self, Setting};
use crate::{Error, Git, Result};

/// Most commits that one list holds.
const LONGEST: usize = 1000;

/// A git clone that was looked at and found in order. Made for one use: what its configuration says about filters is
/// read when it is opened.
#[derive(Debug)]
pub struct Clone {
    pub(crate) git: Git,
    pub(crate) dir: PathBuf,
    pub(crate) settings: Vec<Setting>,
}

impl Clone {
    /// Opens the clone whose top folder is `dir`.
    ///
    /// # Errors
    /// git is missing or too old; the folder is no clone, not its top, somebody else's, or without a commit.
    pub async fn open(git: &Git, dir: &Path) -> Result<Self> {
        let clone = Self::find(git, dir).await?;
        let head = clone.ask(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).await?;
        if head.code != Some(0) {
            return Err(Error::NoCommit { dir: clone.dir.display().to_string() });
        }
        Ok(clone)
    }

    /// Opens a clone that may have no commit yet.
    pub(crate) async fn find(git: &Git, dir: &Path) -> Result<Self> {
        git.check().await?;
        let name = || dir.display().to_string();
        let dir = std::path::absolute(dir).map_err(|_| Error::NotClone { dir: name() })?;
        if !dir.is_dir() {
            return Err(Error::NotClone { dir: name() });
        }
        let mut clone = Self { git: git.clone(), dir, settings: Vec::new() };
        let arguments = ["rev-parse", "--show-toplevel"];
        let output = clone.ask(&arguments).await?;
        let says = |words: &str| output.words.contains(words);
        if says("dubious ownership") || says("unsafe repository") {
            return Err(Error::Ownership { dir: name() });
        }
        if says("not a git repository") || says("work tree") || says("bare repository") {
            return Err(Error::NotClone { dir: name() });
        }
        if output.code != Some(0) {
            return Err(clone.git.failed(&arguments, &output.words));
        }
        let text = output.text.strip_suffix(b"\n").unwrap_or(&output.text);
        let top = PathBuf::from(crate::path::os_text(text));
        let same = |a: &Path, b: &Path| Some(a.canonicalize().ok()? == b.canonicalize().ok()?);
        if same(&top, &clone.dir) != Some(true) {
            return Err(Error::NotTop { dir: name(), top: top.display().to_string() });
        }
        let arguments = ["config", "--list", "--show-scope", "-z"];
        let listing = clone.answer(&arguments).await?;
        clone.settings = settings::without_own_filters(&listing)
            .ok_or_else(|| clone.git.failed(&arguments, "the name of a filter is not UTF-8"))?;
        Ok(clone)
    }

    /// The commit that is checked out.
    ///
    /// # Errors
    /// git fails or takes too long.
    pub async fn head(&self) -> Result<Commit> {
        let text = self.answer(&["rev-parse", "--verify", "HEAD^{commit}"]).await?;
        self.described(String::from_utf8_lossy(&text).trim()).await
    }

    /// The commit that a tag, a branch, a remote's branch or the beginning of its digits names. `next` also finds
    /// `origin/next`, where there is no branch of one's own.
    ///
    /// # Errors
    /// No such name, more than one commit, or a name that begins with `-` or holds control characters.
    pub async fn resolve(&self, name: &str) -> Result<Commit> {
        let reason = match name {
            "" => Some("it is empty"),
            name if name.starts_with('-') => Some("it begins with -"),
            name if name.contains(char::is_control) => Some("it holds a control character"),
            _ => None,
        };
        if let Some(reason) = reason {
            return Err(Error::BadName { name: name.to_owned(), reason: reason.to_owned() });
        }
        for candidate in [name.to_owned(), format!("refs/remotes/origin/{name}")] {
            let output = self.ask(&["rev-parse", "--verify", &format!("{candidate}^{{commit}}")]).await?;
            if output.code == Some(0) {
                return self.described(String::from_utf8_lossy(&output.text).trim()).await;
            }
            if output.words.contains("is ambiguous") {
                return Err(Error::Ambiguous { name: name.to_owned() });
            }
        }
        Err(Error::Unknown { name: name.to_owned() })
    }

    /// What could be deployed: commits of the newest `limit` tags and local branches, and the last `limit` commits of
    /// what is checked out, each once, newest first. `limit` is held
    /// between 1 and 500.
    ///
    /// # Errors
    /// git fails or takes too long.
    pub async fn versions(&self, limit: usize) -> Result<Vec<Commit>> {
        // git takes a count of 0 for all.
        let limit = limit.clamp(1, LONGEST / 2);
        let count = format!("--count={limit}");
        let names = self.names(&["--sort=-creatordate", &count]).await?;
        let mut seen = BTreeSet::new();
        let named: Vec<&str> =
            names.commits.iter().map(String::as_str).filter(|sha| seen.insert(*sha)).collect();
        let mut commits = Vec::new();
        if !named.is_empty() {
            // Through standard input: an argument list has a limit of its own.
            let arguments = ["log", "-z", commit::FORMAT, "--no-walk=unsorted", "--stdin"];
            let input = named.join("\n") + "\n";
            let text = self.git.answer(&self.dir, &self.settings, &arguments, input.as_bytes()).await?;
            commits = commit::read(&text, &names);
        }
        let recent = self.log(limit, "HEAD", &names).await?;
        commits.extend(recent.into_iter().filter(|commit| !seen.contains(commit.sha.as_str())));
        commits.sort_by_key(|commit| std::cmp::Reverse(commit.committed));
        Ok(commits)
    }

    /// Commits that `to` holds and `from` does not, newest first; all of them without `from`. 1,000 at most.
    ///
    /// # Errors
    /// A sha is none, or not in this clone.
    pub async fn between(&self, from: Option<&str>, to: &str, limit: usize) -> Result<Vec<Commit>> {
        let to = sha(to)?;
        let range = match from {
            Some(from) => format!("{}..{to}", sha(from)?),
            None => to.to_owned(),
        };
        let names = self.names(&["--sort=-creatordate"]).await?;
        self.log(limit.min(LONGEST), &range, &names).await
    }

    /// Whether every commit of `ancestor` is also one of `descendant`. A commit is its own ancestor.
    ///
    /// # Errors
    /// A sha is none, or not in this clone.
    pub async fn is_ancestor(&self, ancestor: &str, descendant: &str) -> Result<bool> {
        let arguments = ["merge-base", "--is-ancestor", sha(ancestor)?, sha(descendant)?];
        let output = self.ask(&arguments).await?;
        match output.code {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(self.git.failed(&arguments, &output.words)),
        }
    }

    /// Files that differ from what is checked out, and files that git neither has nor ignores; a folder of such files
    /// stands for them, with `/` at its end. Relative, with `/`; a submodule counts when another of its commits is
    /// checked out. Bytes that are not UTF-8 are replaced.
    ///
    /// # Errors
    /// git fails or takes too long.
    pub async fn changed(&self) -> Result<Vec<String>> {
        // git would look into submodules with their configuration, which was not looked at.
        let text = self
            .answer(&[
                "status",
                "--porcelain=v1",
                "-z",
                "--no-renames",
                "--untracked-files=normal",
                "--ignore-submodules=dirty",
            ])
            .await?;
        let entries = text.split(|byte| *byte == 0).filter_map(|entry| entry.get(3..));
        Ok(entries.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
    }

    async fn described(&self, sha: &str) -> Result<Commit> {
        let points_at = format!("--points-at={sha}");
        let names = self.names(&["--sort=-creatordate", &points_at]).await?;
        let found = self.log(1, sha, &names).await?.into_iter().next();
        let mut commit = found.ok_or_else(|| Error::Unknown { name: sha.to_owned() })?;
        let text = self.answer(&["describe", "--tags", "--always", sha]).await?;
        commit.describe = String::from_utf8_lossy(&text).trim().to_owned();
        Ok(commit)
    }

    async fn names(&self, options: &[&str]) -> Result<Names> {
        let mut arguments = vec!["for-each-ref", Names::FORMAT];
        arguments.extend_from_slice(options);
        arguments.extend(["refs/tags", "refs/heads"]);
        Ok(Names::read(&self.answer(&arguments).await?))
    }

    /// `range` is digits, two of them, or HEAD: never a person's words.
    async fn log(&self, limit: usize, range: &str, names: &Names) -> Result<Vec<Commit>> {
        let count = format!("--max-count={limit}");
        let text = self.answer(&["log", "-z", commit::FORMAT, &count, range, "--"]).await?;
        Ok(commit::read(&text, names))
    }

    pub(crate) async fn ask(&self, arguments: &[&str]) -> Result<crate::program::Output> {
        self.git.ask(&self.dir, &self.settings, arguments, b"").await
    }

    pub(crate) async fn answer(&self, arguments: &[&str]) -> Result<Vec<u8>> {
        self.git.answer(&self.dir, &self.settings, arguments, b"").await
    }
}

/// All digits of a commit, and nothing else.
pub(crate) fn sha(text: &str) -> Result<&str> {
    if matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text);
    }
    Err(Error::BadName { name: text.to_owned(), reason: "all digits of a commit are needed here".to_owned() })
}
