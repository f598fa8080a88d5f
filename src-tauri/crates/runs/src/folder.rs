//! A run's folder: its log, the wish to cancel it, the lock of its process.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Error, ProcessId, Result};

/// The command that works for a run, as its folder remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NotedChild {
    /// Which process.
    #[serde(flatten)]
    pub process: ProcessId,
    /// Whether it must not be killed; see [`crate::Child::gentle`].
    #[serde(default)]
    pub gentle: bool,
}

/// Folder of one run below the data folder.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// The folder of a run.
    pub fn of(home: &Path, id: i64) -> Self {
        Self { path: home.join("runs").join(id.to_string()) }
    }

    pub(crate) fn create(&self) -> Result<()> {
        std::fs::create_dir_all(&self.path).map_err(|error| Error::folder(&self.path, &error))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its log.
    pub fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// What its process says outside the log: an error before the log is open, a panic.
    pub(crate) fn outcry(&self) -> PathBuf {
        self.path.join("stderr")
    }

    pub(crate) fn lock_path(&self) -> PathBuf {
        self.path.join("lock")
    }

    fn cancel_path(&self) -> PathBuf {
        self.path.join("cancel")
    }

    fn child_path(&self) -> PathBuf {
        self.path.join("child.json")
    }

    /// Where a run keeps what nobody else may read, such as a saved plan; gone once the run has ended.
    pub fn private(&self) -> PathBuf {
        self.path.join("private")
    }

    /// Makes [`RunFolder::private`], which only its owner may enter.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn make_private(&self) -> Result<PathBuf> {
        let path = self.private();
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map_err(|error| Error::folder(&path, &error))?;
        Ok(path)
    }

    /// Deletes [`RunFolder::private`].
    ///
    /// # Errors
    /// It is there and cannot be deleted.
    pub fn remove_private(&self) -> Result<()> {
        let path = self.private();
        match std::fs::remove_dir_all(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::folder(&path, &error)),
            _ => Ok(()),
        }
    }

    /// Asks the run to cancel.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn ask_to_cancel(&self) -> Result<()> {
        let path = self.cancel_path();
        File::create(&path).map(drop).map_err(|error| Error::folder(&path, &error))
    }

    /// Whether it was asked to cancel.
    pub fn asked_to_cancel(&self) -> bool {
        self.cancel_path().exists()
    }

    /// Notes the child that works for the run now, so that whoever finds the run interrupted can end it.
    pub(crate) fn note_child(&self, child: Option<NotedChild>) -> Result<()> {
        let path = self.child_path();
        let written = match child.and_then(|child| serde_json::to_string(&child).ok()) {
            Some(text) => std::fs::write(&path, text),
            None => match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        };
        written.map_err(|error| Error::folder(&path, &error))
    }

    /// The child that worked for the run when it was last heard of.
    pub(crate) fn child(&self) -> Option<NotedChild> {
        serde_json::from_str(&std::fs::read_to_string(self.child_path()).ok()?).ok()
    }
}

/// A lock that ends with the process that holds it.
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not read: closing it gives the lock up")] File);

impl Lock {
    /// Takes the lock, or none where somebody holds it.
    pub(crate) fn try_take(path: &Path) -> Result<Option<Self>> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(|error| Error::folder(path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::folder(path, &error)),
        }
    }

    /// Whether nobody holds the lock; a folder that is gone is held by nobody.
    pub(crate) fn is_free(path: &Path) -> bool {
        match OpenOptions::new().write(true).open(path) {
            Ok(file) => file.try_lock().is_ok(),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_once_and_given_up_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        assert!(Lock::is_free(&path));
        let held = Lock::try_take(&path).unwrap().unwrap();
        assert!(Lock::try_take(&path).unwrap().is_none());
        assert!(!Lock::is_free(&path));
        drop(held);
        assert!(Lock::is_free(&path));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_private_is_the_owners_alone_and_goes() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let folder = RunFolder::of(home.path(), 7);
        let path = folder.make_private().unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        std::fs::write(path.join("plan"), "secret").unwrap();
        folder.remove_private().unwrap();
        folder.remove_private().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn the_wish_to_cancel_stays() {
        let home = tempfile::tempdir().unwrap();
        let folder = RunFolder::of(home.path(), 7);
        folder.create().unwrap();
        assert!(!folder.asked_to_cancel());
        folder.ask_to_cancel().unwrap();
        assert!(RunFolder::of(home.path(), 7).asked_to_cancel());
    }
}
