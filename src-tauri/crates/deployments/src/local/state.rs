//! The files of a data folder: who we are, what runs, how the host is reached. Every one is replaced whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Release, Slot};
use crate::Error;

pub(super) const LOCK: &str = "host.lock";
pub(super) const HOST: &str = "host.json";
pub(super) const STATE: &str = "state.json";
const IDENTITY: &str = "identity";

/// What `state.json` says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// What the host was doing when it wrote this.
    pub phase: Phase,
    /// What it is about to do, if it is about to do something.
    pub intent: Option<Intent>,
    /// Every instance that may have a process.
    pub instances: Vec<Recorded>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// Nothing runs, and everything that ran has ended.
    #[default]
    Stopped,
    Running,
}

/// An act that may or may not have happened by the time somebody reads this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub(super) enum Intent {
    /// A process is started; it is not among the instances yet.
    Start { release: Release },
    /// Requests are sent to another instance.
    Switch { to: Release },
    /// Everything is stopped.
    Stop,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Recorded {
    pub release: Release,
    pub slot: Slot,
    pub role: Role,
    pub port: u16,
    pub pid: u32,
    /// When the process began, in seconds since 1970 by the system's own account: a pid alone may be another's by now.
    pub birth: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    Candidate,
    Live,
    Warm,
    Retiring,
}

/// How a host is reached.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Contact {
    /// The control port on 127.0.0.1.
    pub port: u16,
    /// The host's process.
    pub pid: u32,
    /// What a client has to say first.
    pub token: String,
    /// What the host answers, so that a client never gives a secret to a stranger on a port that was freed.
    pub proof: String,
}

/// Replaces `folder/name` by `value`, readable by its owner alone: it is the old file or the new one at any moment, also
/// after a loss of power. Which of the two is found after that is open, and does not matter: no process is left then.
pub(super) fn write<T: Serialize>(folder: &Path, name: &str, value: &T) -> Result<(), Error> {
    let path = folder.join(name);
    let result = (|| {
        let text = serde_json::to_vec(value)?;
        let fresh = folder.join(format!("{name}.new"));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&fresh)?;
        file.write_all(&text)?;
        file.sync_data()?;
        drop(file);
        fs::rename(&fresh, &path)
    })();
    result.map_err(|error| Error::file(&path, error))
}

/// Reads `folder/name`; none if there is none.
pub(super) fn read<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Option<T>, Error> {
    let path = folder.join(name);
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| Error::file(&path, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file(&path, error)),
    }
}

/// The random name of this place, and whether it is new. Written before any process is started.
pub(super) fn identity(folder: &Path) -> Result<(String, bool), Error> {
    if let Some(identity) = read(folder, IDENTITY)? {
        return Ok((identity, false));
    }
    let identity = random::<8>()?;
    write(folder, IDENTITY, &identity)?;
    Ok((identity, true))
}

/// `N` random bytes in hexadecimal.
pub(super) fn random<const N: usize>() -> Result<String, Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::HostNotStarted { reason: format!("no random numbers: {error}") })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Makes the folder, for its owner alone.
pub(super) fn make_folder(folder: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| Error::file(folder, error))
}

/// Takes the host's lock. Clients hold it for moments, to see whether a host lives, so it is tried for a while.
///
/// # Errors
/// [`Error::HostRuns`] if another host keeps it.
pub(super) async fn lock(folder: &Path, limit: Duration) -> Result<File, Error> {
    let path = folder.join(LOCK);
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|error| Error::file(&path, error))?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if began.elapsed() < limit => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Error::HostRuns { folder: folder.display().to_string() });
            }
            Err(TryLockError::Error(error)) => return Err(Error::file(&path, error)),
        }
    }
}

/// Whether a host lives. Looking does not keep a host from starting for longer than a moment.
pub(super) fn locked(folder: &Path) -> Result<bool, Error> {
    let path = folder.join(LOCK);
    match OpenOptions::new().write(true).open(&path) {
        Ok(file) => match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(Error::file(&path, error)),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::file(&path, error)),
    }
}

/// Removes `folder/name`, if it is there.
pub(super) fn remove(folder: &Path, name: &str) -> Result<(), Error> {
    let path = folder.join(name);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(&path, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_replaced_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read::<State>(folder.path(), STATE).unwrap(), None);
        let state = State { phase: Phase::Running, intent: Some(Intent::Stop), instances: Vec::new() };
        write(folder.path(), STATE, &State::default()).unwrap();
        write(folder.path(), STATE, &state).unwrap();
        assert_eq!(read(folder.path(), STATE).unwrap(), Some(state));
        let names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, [STATE]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join(STATE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), STATE, &State::default()).unwrap();
        // A folder in the way of the fresh file.
        fs::create_dir(folder.path().join("state.json.new")).unwrap();
        let state = State { phase: Phase::Running, ..State::default() };
        assert!(matches!(write(folder.path(), STATE, &state), Err(Error::File { .. })));
        assert_eq!(read(folder.path(), STATE).unwrap(), Some(State::default()));
    }

    #[test]
    fn damaged_files_are_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(STATE), "{\"phase\":").unwrap();
        let Err(Error::File { path, .. }) = read::<State>(folder.path(), STATE) else {
            panic!("it was read")
        };
        assert!(path.ends_with(STATE));
    }

    #[test]
    fn the_identity_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (identity_1, fresh) = identity(folder.path()).unwrap();
        assert!(fresh && identity_1.len() == 16);
        assert_eq!(identity(folder.path()).unwrap(), (identity_1, false));
    }

    #[tokio::test]
    async fn one_lock_is_held_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!locked(folder.path()).unwrap());
        let held = lock(folder.path(), Duration::ZERO).await.unwrap();
        assert!(locked(folder.path()).unwrap());
        assert!(matches!(lock(folder.path(), Duration::ZERO).await, Err(Error::HostRuns { .. })));
        drop(held);
        assert!(!locked(folder.path()).unwrap());
        lock(folder.path(), Duration::ZERO).await.unwrap();
    }
}
