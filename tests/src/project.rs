//! Temporary homes and projects; both are gone when the test is.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use engine::{Engine, Fallback, Surroundings};
use tempfile::TempDir;

use crate::process::root;

/// A temporary folder with a data folder and a project.
pub struct Bench {
    folder: TempDir,
}

impl Bench {
    /// An empty data folder and an empty project folder.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("jalon-test-").tempdir().unwrap();
        std::fs::create_dir(folder.path().join("project")).unwrap();
        Self { folder }
    }

    /// The whole folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The project folder.
    pub fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// The project folder as text.
    pub fn dir(&self) -> String {
        self.project().canonicalize().unwrap().display().to_string()
    }

    /// Writes a file of the project.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.project().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A project over the user's document, or the one of its shape where that is not here; with a jalon.toml.
    pub fn with_plan(self) -> Self {
        self.write("docs/planning.md", &plan());
        self.write(
            "jalon.toml",
            "[project]\nname = \"app\"\ngithub = \"team/app\"\nplan = \"docs/planning.md\"\ntimezone = \"Europe/Paris\"\n",
        );
        self
    }

    /// The variables of a process at [`crate::team::now`].
    pub fn variables(&self, api: &str) -> BTreeMap<String, String> {
        [
            ("JALON_HOME", self.home().display().to_string()),
            ("JALON_GITHUB_API", api.to_owned()),
            ("JALON_NOW", crate::team::now()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// An engine in this process, signed in by the environment unless `token` is empty.
    pub fn engine(&self, api: &str, token: &str) -> Engine {
        let mut variables = self.variables(api);
        variables.insert("JALON_GITHUB_TOKEN".into(), token.into());
        let variables = variables.into_iter().map(|(n, v)| (OsString::from(n), OsString::from(v)));
        Engine::open(Surroundings::read(variables, None, Fallback::Memory).unwrap()).unwrap()
    }
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}

/// The plan: the user's own where it is here, with its links pointing to the scenario's repository.
pub fn plan() -> String {
    let users = root().join("../shared/inputs/planning.md");
    let text = std::fs::read_to_string(users).unwrap_or_else(|_| {
        println!("skipped: ../shared is not here");
        println!("A document of the same shape stands in.");
        std::fs::read_to_string(root().join("milestones/tests/documents/shape.md")).unwrap()
    });
    relink(&text)
}

/// Points milestone links at the scenario's repository.
fn relink(text: &str) -> String {
    text.split("https://github.com/")
        .enumerate()
        .map(|(index, part)| match part.find("/milestone/") {
            Some(end) if index > 0 => format!("https://github.com/team/app{}", &part[end..]),
            _ if index > 0 => format!("https://github.com/{part}"),
            _ => part.to_owned(),
        })
        .collect()
}
