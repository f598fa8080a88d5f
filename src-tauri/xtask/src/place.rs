//! Where this clone is, and how commands are started in it.

use std::cell::Cell;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use crate::failure::Failure;
use crate::tally::Counts;

/// Environment variable that every process started from here carries, so that what is left over can be found.
pub(crate) const MARK: &str = "XTASK_MARK";

/// The clone, its build folder, and the search path for programs.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Root of the clone.
    pub root: PathBuf,
    /// Cargo's build folder, wherever the person's configuration has put it.
    pub target: PathBuf,
    /// Value of [`MARK`] for processes started from this place.
    pub mark: String,
    /// Tests that ran so far; shared by all copies of this place.
    pub counts: Rc<Cell<Counts>>,
    path: Vec<PathBuf>,
    cargo: OsString,
}

impl Place {
    /// Reads where we are from what Cargo says and from where this program lies.
    pub(crate) fn find() -> Result<Self, Failure> {
        let crate_dir = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let lost =
            || Failure::new("cannot tell where this clone is", "start it as `cargo xtask …` in the clone");
        let root = crate_dir.ancestors().nth(2).ok_or_else(lost)?.to_path_buf();
        // <target>/<profile>/xtask, also with CARGO_TARGET_DIR or build.target-dir.
        let exe = env::current_exe().map_err(|error| Failure::file(&root, &error))?;
        let target = exe.ancestors().nth(2).ok_or_else(lost)?.to_path_buf();
        let path = env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mark = format!("xtask-{}", std::process::id());
        Ok(Self { root, target, mark, counts: Rc::default(), path, cargo })
    }

    /// The same place, whose processes carry another mark.
    pub(crate) fn marked(&self, mark: String) -> Self {
        Self { mark, ..self.clone() }
    }

    /// The window's sources.
    pub(crate) fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// A binary that Cargo built.
    pub(crate) fn built(&self, profile: &str, name: &str) -> PathBuf {
        self.target.join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// Puts a folder in front of the search path of everything started later.
    pub(crate) fn prepend(&mut self, dir: PathBuf) {
        self.path.insert(0, dir);
    }

    /// The file that `program` means, if it is there.
    pub(crate) fn which(&self, program: &str) -> Option<PathBuf> {
        let name = format!("{program}{}", env::consts::EXE_SUFFIX);
        self.path.iter().map(|dir| dir.join(&name)).find(|file| file.is_file())
    }

    /// A command in the root of the clone.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env(MARK, &self.mark);
        if let Ok(path) = env::join_paths(&self.path) {
            command.env("PATH", path);
        }
        // Cargo described xtask to us; its children are described anew.
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(|name| {
                ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|prefix| name.starts_with(prefix))
            }) {
                command.env_remove(name);
            }
        }
        command
    }

    /// The Cargo that started us, with arguments.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(&self.cargo);
        command.args(arguments);
        command
    }

    /// npm in `dir`.
    pub(crate) fn npm(&self, dir: &Path, arguments: &[&str]) -> Command {
        let mut command = self.command(if cfg!(windows) { "npm.cmd" } else { "npm" });
        command.current_dir(dir).args(arguments);
        command
    }

    /// Tauri's own tool, as pinned by the window's lock file.
    pub(crate) fn tauri(&self, arguments: &[&str]) -> Command {
        let script = self.ui().join("node_modules/@tauri-apps/cli/tauri.js");
        let mut command = self.command("node");
        command.arg(script).args(arguments).current_dir(self.root.join("src-tauri"));
        command
    }
}
