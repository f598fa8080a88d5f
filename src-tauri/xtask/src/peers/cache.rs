//! The folder that all clones of one user share.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The cache; a folder `<name>-<version>` for each bundle.
pub(super) struct Cache(PathBuf);

impl Cache {
    /// Where the platform keeps what can be made again.
    pub(super) fn of_this_user() -> Result<Self, Failure> {
        let home = |below: &str| env::home_dir().map(|home| home.join(below));
        let base = match env::consts::OS {
            "windows" => env::var_os("LOCALAPPDATA").map(PathBuf::from),
            "macos" => home("Library/Caches"),
            _ => env::var_os("XDG_CACHE_HOME")
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
                .or(home(".cache")),
        };
        let base = base.ok_or_else(|| Failure::new("there is no home folder for the cache", "set HOME"))?;
        let path = base.join("jalon-peers");
        fs::create_dir_all(&path).map_err(|error| Failure::file(&path, &error))?;
        Ok(Self(path))
    }

    /// A cache in a folder that is there.
    #[cfg(test)]
    pub(super) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The folder of a bundle's version.
    pub(super) fn folder(&self, name: &str, version: &str) -> PathBuf {
        self.0.join(format!("{name}-{version}"))
    }

    /// A program of that version, if it is there.
    pub(super) fn program(&self, name: &str, version: &str, program: &str) -> Option<PathBuf> {
        let path = self.folder(name, version).join(format!("{program}{}", env::consts::EXE_SUFFIX));
        path.is_file().then_some(path)
    }

    /// A program of any version that was unpacked, if it is there: a package's version is the system's business.
    pub(super) fn unpacked(&self, name: &str, program: &str) -> Option<PathBuf> {
        let prefix = format!("{name}-");
        let folders = fs::read_dir(&self.0).ok()?.flatten().filter(|entry| {
            let folder = entry.file_name().to_string_lossy().into_owned();
            folder
                .strip_prefix(&prefix)
                .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        });
        let mut found: Vec<PathBuf> =
            folders.map(|entry| entry.path().join(program)).filter(|path| path.is_file()).collect();
        found.sort();
        found.pop()
    }

    /// Held for as long as the result lives, and by the system given up with the process.
    pub(super) fn lock(&self, name: &str) -> Result<File, Failure> {
        let path = self.0.join(format!("{name}.lock"));
        let failed = |error: std::io::Error| Failure::file(&path, &error);
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        if file.try_lock().is_err() {
            println!("{name}: waiting for another clone that makes it");
            file.lock().map_err(failed)?;
        }
        Ok(file)
    }

    /// An empty folder beside the others, for what is not complete yet.
    pub(super) fn partial(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.0.join(format!("{name}.partial"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).map_err(|error| Failure::file(&path, &error))?;
        Ok(path)
    }

    /// Moves complete files to where they are found, one rename each.
    pub(super) fn keep(&self, files: &[PathBuf], folder: &Path) -> Result<(), Failure> {
        fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
        for file in files {
            let to = folder.join(file.file_name().unwrap_or_default());
            fs::rename(file, &to).map_err(|error| Failure::file(file, &error))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(name: &str) -> Cache {
        let path = env::temp_dir().join(format!("xtask-peers-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Cache::at(path)
    }

    #[test]
    fn a_program_is_there_once_it_is_complete() {
        let cache = cache("keep");
        let partial = cache.partial("helm").unwrap();
        let program = format!("helm{}", env::consts::EXE_SUFFIX);
        fs::write(partial.join(&program), "x").unwrap();
        assert_eq!(cache.program("helm", "3.1", "helm"), None);
        cache.keep(&[partial.join(&program)], &cache.folder("helm", "3.1")).unwrap();
        let found = cache.program("helm", "3.1", "helm");
        let other = cache.program("helm", "3.2", "helm");
        fs::remove_dir_all(cache.path()).unwrap();
        assert!(found.is_some_and(|path| path.ends_with(program)));
        assert_eq!(other, None);
    }

    #[test]
    fn an_unpacked_program_is_not_taken_from_its_longer_neighbour() {
        let cache = cache("unpacked");
        for folder in ["prometheus-2.42.0", "prometheus-node-exporter-1.5.0"] {
            fs::create_dir_all(cache.path().join(folder)).unwrap();
        }
        fs::write(cache.path().join("prometheus-node-exporter-1.5.0/prometheus"), "").unwrap();
        let none = cache.unpacked("prometheus", "prometheus");
        fs::write(cache.path().join("prometheus-2.42.0/prometheus"), "").unwrap();
        let found = cache.unpacked("prometheus", "prometheus");
        fs::remove_dir_all(cache.path()).unwrap();
        assert_eq!(none, None);
        assert!(found.is_some_and(|path| path.ends_with("prometheus-2.42.0/prometheus")));
    }

    #[test]
    fn one_clone_waits_for_the_other() {
        let cache = cache("lock");
        let held = cache.lock("kwok").unwrap();
        let path = cache.path().join("kwok.lock");
        let taken = File::options().write(true).open(&path).unwrap().try_lock().is_err();
        drop(held);
        let free = File::options().write(true).open(&path).unwrap().try_lock().is_ok();
        fs::remove_dir_all(cache.path()).unwrap();
        assert_eq!((taken, free), (true, true));
    }
}
