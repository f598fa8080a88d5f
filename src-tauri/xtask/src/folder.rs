//! A private folder for as long as a job lasts. It is named after its owner, so that the next job can clear away what an
//! interrupted one had no time to.

use std::env;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::place::Place;
use crate::processes;

const PREFIX: &str = "jalon-session-";

/// A folder that nobody else may enter; gone when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder, and a place whose processes carry its name as their mark.
    pub(crate) fn create(place: &Place) -> Result<(Self, Place), Failure> {
        let base = env::temp_dir();
        sweep(&base);
        let name = format!("{PREFIX}{}", std::process::id());
        let path = base.join(&name);
        create(&path)?;
        Ok((Self(path), place.marked(name)))
    }

    /// Makes a folder in it, as private.
    pub(crate) fn within(&self, name: &str) -> Result<(), Failure> {
        create(&self.0.join(name))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now is swept away by the next job.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn create(path: &Path) -> Result<(), Failure> {
    // Fails if it is there already: nobody can have prepared it for us.
    DirBuilder::new().mode(0o700).create(path).map_err(|error| Failure::file(path, &error))
}

/// Clears away folders whose owner is gone, and ends the processes that carry their name.
fn sweep(base: &Path) {
    let Ok(me) = fs::metadata("/proc/self") else {
        return;
    };
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(owner) = owner(&name) else { continue };
        // A process that ended but was not yet waited for has an empty command line.
        let line = fs::read(format!("/proc/{owner}/cmdline")).unwrap_or_default();
        let running = owner != std::process::id() && !line.is_empty();
        // The entry itself, not what a link points to.
        let mine = entry.metadata().is_ok_and(|data| data.is_dir() && data.uid() == me.uid());
        if mine && !running {
            processes::end_marked(&name);
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The process that a folder is named after.
fn owner(name: &str) -> Option<u32> {
    name.strip_prefix(PREFIX)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_names_its_owner() {
        assert_eq!(owner("jalon-session-4711"), Some(4711));
        assert_eq!(owner("jalon-session-"), None);
        assert_eq!(owner("somebody-else"), None);
    }

    #[test]
    fn what_an_ended_process_left_is_swept_away_and_the_rest_stays() {
        let base = env::temp_dir().join(format!("xtask-sweep-{}", std::process::id()));
        // No process has the largest number that fits.
        let (dead, alive, other) = (
            format!("{PREFIX}{}", u32::MAX),
            format!("{PREFIX}{}", std::os::unix::process::parent_id()),
            "other",
        );
        for name in [&dead, &alive, other] {
            fs::create_dir_all(base.join(name).join("data")).unwrap();
        }
        sweep(&base);
        let there = [&dead, &alive, other].map(|name| base.join(name).exists());
        fs::remove_dir_all(&base).unwrap();
        assert_eq!(there, [false, true, true]);
    }
}
