//! The tree of a commit, or the working folder as it is, into a folder of its own.
//!
//! A commit's files are its blobs, byte for byte: they are read by `git cat-file`, not checked out or archived, so that
//! no attribute (`export-ignore`, `export-subst`, `eol`, `filter`) and no configuration changes them, and the same commit
//! is the same release on every machine. The price: files kept by git-lfs are exported as their pointers. Submodules are
//! empty folders. Everything is written into a sibling first and moved by one rename.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::fs;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};

use crate::clone::sha;
use crate::path::{inside, link_stays_inside, os_text};
use crate::{Clone, Error, Result};

/// Longest target of a link, as systems have it.
const LINK: u64 = 4096;

impl Clone {
    /// Writes the tree of a commit into `into`, which must not exist; its parent must.
    ///
    /// # Errors
    /// `into` exists or cannot be written; an entry would lead out of it; more bytes, files or time than the limits
    /// allow. Nothing is left behind then.
    pub async fn export(&self, commit: &str, into: &Path) -> Result<()> {
        let arguments = ["ls-tree", "-r", "-z", "--full-tree", sha(commit)?];
        let work = async {
            let staging = Staging::beside(into)?;
            let listing = self.answer(&arguments).await?;
            let entries = entries(&listing)?;
            self.allow_files(entries.len())?;
            let mut writer = Writer::new(staging.folder.path(), self.git.limits().export_bytes);
            self.write_blobs(&entries, &mut writer).await?;
            writer.finish().await?;
            staging.move_into_place()
        };
        self.git.in_time(self.git.limits().export, &["export"], work).await
    }

    /// Writes the working folder as it is on disk into `into`, which must not exist; its parent must. Files that git
    /// ignores, and repositories inside this one, are left out.
    ///
    /// # Errors
    /// As [`Clone::export`].
    pub async fn export_working_tree(&self, into: &Path) -> Result<()> {
        let work = async {
            let staging = Staging::beside(into)?;
            let listing = self.answer(&["ls-files", "-z", "-c", "-o", "--exclude-standard"]).await?;
            // Unmerged files are listed once a side.
            let paths: BTreeSet<&[u8]> =
                listing.split(|byte| *byte == 0).filter(|path| !path.is_empty()).collect();
            self.allow_files(paths.len())?;
            let mut writer = Writer::new(staging.folder.path(), self.git.limits().export_bytes);
            for path in paths {
                self.copy(path, &mut writer).await?;
            }
            writer.finish().await?;
            staging.move_into_place()
        };
        self.git.in_time(self.git.limits().export, &["export"], work).await
    }

    fn allow_files(&self, count: usize) -> Result<()> {
        let limit = self.git.limits().export_files;
        if count <= limit {
            return Ok(());
        }
        Err(Error::TooLarge { what: "the tree".to_owned(), limit: format!("{limit} files") })
    }

    async fn write_blobs(&self, entries: &[Entry<'_>], writer: &mut Writer<'_>) -> Result<()> {
        let arguments = ["cat-file", "--batch"];
        let broken = |error: std::io::Error| self.git.failed(&arguments, &error.to_string());
        let mut child = self.git.start(&self.dir, &self.settings, &arguments, Stdio::null())?;
        let (Some(mut requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(self.git.failed(&arguments, "it has no pipes"));
        };
        let mut answers = BufReader::new(answers);
        for entry in entries {
            if entry.kind == Kind::Submodule {
                writer.folder(&entry.path).await?;
                continue;
            }
            requests.write_all(format!("{}\n", entry.sha).as_bytes()).await.map_err(broken)?;
            let mut header = Vec::new();
            (&mut answers).take(256).read_until(b'\n', &mut header).await.map_err(broken)?;
            let header = String::from_utf8_lossy(&header).into_owned();
            let size = match header.split_whitespace().collect::<Vec<_>>()[..] {
                [_, "blob", size] => size.parse::<u64>().ok(),
                _ => None,
            };
            let missing = || self.git.failed(&arguments, &format!("{}: {}", entry.sha, header.trim()));
            let size = size.ok_or_else(missing)?;
            let mut content = (&mut answers).take(size);
            match entry.kind {
                Kind::Link => writer.link(&entry.path, &mut content, size).await?,
                kind => writer.file(&entry.path, &mut content, size, kind == Kind::Program).await?,
            }
            if content.limit() != 0 || answers.read_u8().await.map_err(broken)? != b'\n' {
                return Err(self.git.failed(&arguments, "its output broke off"));
            }
        }
        drop(requests);
        child.wait().await.map_err(broken)?;
        Ok(())
    }

    async fn copy(&self, path: &[u8], writer: &mut Writer<'_>) -> Result<()> {
        // A repository inside this one; it is another's.
        if path.ends_with(b"/") {
            return Ok(());
        }
        let path = inside(path)?;
        let from = self.dir.join(&path);
        // A file may be tracked below what has become a link since.
        for folder in path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()) {
            match fs::symlink_metadata(self.dir.join(folder)).await {
                Ok(about) if about.is_dir() => {}
                // Deleted here, with all that was in it.
                _ => return Ok(()),
            }
        }
        let about = match fs::symlink_metadata(&from).await {
            Ok(about) => about,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(files(&from, &error)),
        };
        if about.is_symlink() {
            let target = fs::read_link(&from).await.map_err(|error| files(&from, &error))?;
            let target = target.as_os_str().as_encoded_bytes();
            return writer.link(&path, &mut &target[..], target.len() as u64).await;
        }
        if about.is_dir() {
            // A submodule.
            return writer.folder(&path).await;
        }
        if !about.is_file() {
            return Err(refused(&path, "it is neither a file nor a link"));
        }
        let mut content = fs::File::open(&from).await.map_err(|error| files(&from, &error))?;
        writer.file(&path, &mut content, about.len(), is_program(&about)).await
    }
}

#[cfg(unix)]
fn is_program(about: &std::fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
fn is_program(_: &std::fs::Metadata) -> bool {
    false
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Program,
    Link,
    Submodule,
}

/// One line of `git ls-tree`.
#[derive(Debug)]
struct Entry<'a> {
    kind: Kind,
    sha: &'a str,
    path: PathBuf,
}

fn entries(listing: &[u8]) -> Result<Vec<Entry<'_>>> {
    let lines = listing.split(|byte| *byte == 0).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let tab = line.iter().position(|byte| *byte == b'\t').unwrap_or(line.len());
            let path = inside(line.get(tab + 1..).unwrap_or_default())?;
            let head = std::str::from_utf8(&line[..tab]).unwrap_or_default();
            let mut words = head.split(' ');
            let kind = match words.next() {
                Some("120000") => Kind::Link,
                Some("160000") => Kind::Submodule,
                Some("100755") => Kind::Program,
                Some(mode) if mode.starts_with("100") => Kind::File,
                _ => return Err(refused(&path, "it is neither a file nor a link")),
            };
            Ok(Entry { kind, sha: words.nth(1).unwrap_or_default(), path })
        })
        .collect()
}

/// Writes below one folder. Links come last, so that nothing is ever written through one.
struct Writer<'a> {
    root: &'a Path,
    bytes_left: u64,
    bytes_limit: u64,
    folders: BTreeSet<PathBuf>,
    links: BTreeMap<PathBuf, Vec<u8>>,
}

impl<'a> Writer<'a> {
    fn new(root: &'a Path, bytes: u64) -> Self {
        Self { root, bytes_left: bytes, bytes_limit: bytes, folders: BTreeSet::new(), links: BTreeMap::new() }
    }

    async fn folder(&mut self, path: &Path) -> Result<()> {
        if path.as_os_str().is_empty() || self.folders.contains(path) {
            return Ok(());
        }
        let place = self.root.join(path);
        fs::create_dir_all(&place).await.map_err(|error| files(&place, &error))?;
        self.folders.extend(path.ancestors().map(Path::to_owned));
        Ok(())
    }

    fn take(&mut self, size: u64) -> Result<()> {
        self.bytes_left = self.bytes_left.checked_sub(size).ok_or_else(|| Error::TooLarge {
            what: "the tree".to_owned(),
            limit: format!("{} bytes", self.bytes_limit),
        })?;
        Ok(())
    }

    async fn file(
        &mut self,
        path: &Path,
        content: &mut (impl AsyncRead + Unpin),
        size: u64,
        program: bool,
    ) -> Result<()> {
        self.take(size)?;
        self.folder(path.parent().unwrap_or(Path::new(""))).await?;
        let place = self.root.join(path);
        let fail = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                refused(path, "this file system takes it for another name of the same tree")
            }
            _ => files(&place, &error),
        };
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(if program { 0o777 } else { 0o666 });
        #[cfg(not(unix))]
        let _ = program;
        let mut file = options.open(&place).await.map_err(fail)?;
        // A file that grows while it is copied ends where it ended when it was looked at.
        tokio::io::copy(&mut content.take(size), &mut file).await.map_err(fail)?;
        file.flush().await.map_err(fail)
    }

    async fn link(&mut self, path: &Path, target: &mut (impl AsyncRead + Unpin), size: u64) -> Result<()> {
        if size > LINK {
            return Err(refused(path, "it is a link to a name longer than systems take"));
        }
        let mut bytes = Vec::new();
        target.take(size).read_to_end(&mut bytes).await.map_err(|error| files(path, &error))?;
        if !link_stays_inside(&bytes, path.components().count() - 1) {
            let target = String::from_utf8_lossy(&bytes);
            return Err(refused(
                path,
                &format!("it is a link that may lead out of the folder, to {target:?}"),
            ));
        }
        self.links.insert(path.to_owned(), bytes);
        Ok(())
    }

    async fn finish(mut self) -> Result<()> {
        let links = std::mem::take(&mut self.links);
        // All folders first: below a link there is then none to make.
        for path in links.keys() {
            self.folder(path.parent().unwrap_or(Path::new(""))).await?;
        }
        for (path, target) in links {
            let place = self.root.join(&path);
            make_link(&os_text(&target), &place).await.map_err(|error| files(&place, &error))?;
        }
        Ok(())
    }
}

#[cfg(unix)]
async fn make_link(target: &OsStr, place: &Path) -> std::io::Result<()> {
    fs::symlink(target, place).await
}

/// A text file with the target, as git itself writes where links need a privilege.
#[cfg(not(unix))]
async fn make_link(target: &OsStr, place: &Path) -> std::io::Result<()> {
    fs::write(place, target.as_encoded_bytes()).await
}

/// A folder beside the one that is wanted, removed unless it gets there.
struct Staging {
    folder: TempDir,
    into: PathBuf,
}

impl Staging {
    fn beside(into: &Path) -> Result<Self> {
        let into = std::path::absolute(into).map_err(|error| files(into, &error))?;
        if into.symlink_metadata().is_ok() {
            return Err(Error::Exists { path: into.display().to_string() });
        }
        let parent = into.parent().unwrap_or(&into);
        let folder = tempfile::Builder::new().prefix(".jalon-export-").tempdir_in(parent);
        Ok(Self { folder: folder.map_err(|error| files(parent, &error))?, into })
    }

    fn move_into_place(self) -> Result<()> {
        if self.into.symlink_metadata().is_ok() {
            return Err(Error::Exists { path: self.into.display().to_string() });
        }
        std::fs::rename(self.folder.path(), &self.into).map_err(|error| files(&self.into, &error))?;
        // It is elsewhere now: there is nothing to remove.
        let _ = self.folder.keep();
        Ok(())
    }
}

fn files(path: &Path, error: &std::io::Error) -> Error {
    Error::Files { path: path.display().to_string(), reason: error.to_string() }
}

fn refused(path: &Path, reason: &str) -> Error {
    Error::Refused { path: path.to_string_lossy().into_owned(), reason: reason.to_owned() }
}
