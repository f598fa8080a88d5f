//! A project with stacks, driven by `jalonctl` with a real Terraform or OpenTofu.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::process::{Running, alive, built, descendants, run, run_within, until_within};
use crate::programs;
use crate::project::Bench;
use crate::site::kill;

/// A run starts the tool a dozen times: more than others, where a machine is busy.
pub const LONG: Duration = Duration::from_secs(300);

/// A project whose stack `cluster` is in `infra/dev` and `infra/prod`; prod wants its name typed.
pub struct Stacks {
    /// Data folder and project.
    pub bench: Bench,
    /// Variables of every call, above those of the test's own environment.
    pub variables: Vec<(String, String)>,
    folders: Vec<PathBuf>,
}

/// Programs that are tried: OpenTofu, and Terraform where it is among the peers, too.
pub fn tools() -> Vec<(&'static str, PathBuf)> {
    let tofu = programs::tofu();
    let name = if programs::is_terraform(&tofu) { "terraform" } else { "tofu" };
    let mut tools = vec![(name, tofu)];
    if name == "tofu"
        && let Some(terraform) = programs::listed_as("terraform")
    {
        tools.push(("terraform", terraform));
    }
    tools
}

impl Stacks {
    /// A project for a tool, with one main.tf for both environments; committed and trusted.
    pub fn new((tool, program): &(&str, PathBuf), main: &str) -> Self {
        let stacks = Self::of(tool, program.parent().unwrap().to_owned());
        for environment in ["dev", "prod"] {
            stacks.write(&format!("infra/{environment}/main.tf"), main);
        }
        stacks.commit();
        stacks.done("trust --yes");
        stacks
    }

    /// A project for a tool that is looked for in a folder; without files of a stack.
    pub fn of(tool: &str, folder: PathBuf) -> Self {
        let stacks = Self { bench: Bench::new(), variables: Vec::new(), folders: vec![folder] };
        stacks.configure(tool, "SIZE = \"1\"");
        stacks.write("world/motd.txt", "hello\n");
        stacks
    }

    /// Writes jalon.toml.
    pub fn configure(&self, tool: &str, variables: &str) {
        self.write(
            "jalon.toml",
            &format!(
                "[project]\nname = \"app\"\n\
                 [[environment]]\nname = \"dev\"\ntarget = {{ kind = \"local\", port = 18080 }}\n\
                 variables = {{ {variables} }}\nsecrets = [\"DB_PASSWORD\"]\n\
                 [[environment]]\nname = \"prod\"\nproduction = true\n\
                 target = {{ kind = \"local\", port = 18081 }}\n\
                 [[stack]]\nname = \"cluster\"\ntool = \"{tool}\"\ndir = \"infra/{{environment}}\"\n"
            ),
        );
    }

    /// Writes a file of the project.
    pub fn write(&self, path: &str, text: &str) {
        self.bench.write(path, text);
    }

    /// A path of the project.
    pub fn path(&self, path: &str) -> PathBuf {
        self.bench.project().join(path)
    }

    /// Commits everything that git does not ignore.
    pub fn commit(&self) {
        if !self.path(".git").exists() {
            self.write(".gitignore", ".terraform/\n*.tfstate*\n");
            self.git(&["init", "--quiet"]);
        }
        self.git(&["add", "--all"]);
        let author = ["-c", "user.name=student-a", "-c", "user.email=student-a@users.noreply.github.com"];
        self.git(&[&author[..], &["commit", "--quiet", "--allow-empty", "--message", "change"]].concat());
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(self.bench.project()).env("HOME", self.bench.path());
        let output = run(&mut git, "");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Puts a folder before all others of the PATH.
    pub fn put_first(&mut self, folder: PathBuf) {
        self.folders.insert(0, folder);
    }

    /// Variables that every program gets.
    pub fn environment(&self) -> Vec<(String, String)> {
        let system = std::env::var_os("PATH").unwrap_or_default();
        let path =
            std::env::join_paths(self.folders.iter().cloned().chain(std::env::split_paths(&system))).unwrap();
        let own = [
            ("PATH", path.into_string().unwrap()),
            ("HOME", self.bench.path().display().to_string()),
            ("CHECKPOINT_DISABLE", "1".to_owned()),
            // The settings of whoever tests are not asked for: an empty name is none.
            ("TF_CLI_CONFIG_FILE", String::new()),
        ];
        own.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(self.variables.clone()).collect()
    }

    /// Gives a program its environment.
    pub fn equip(&self, command: &mut Command) {
        command.current_dir(self.bench.project()).envs(self.environment());
    }

    /// `jalonctl` with words.
    pub fn command(&self, words: &str) -> Command {
        let mut command = Command::new(built("jalonctl"));
        self.equip(&mut command);
        command.args(words.split(' ')).env("JALON_HOME", self.bench.home());
        if !self.variables.iter().any(|(name, _)| name == "JALON_SECRET_DB_PASSWORD") {
            command.env("JALON_SECRET_DB_PASSWORD", "hunter22hunter22");
        }
        command
    }

    /// Exit code, answer, and error of a call with `--json`.
    pub fn full(&self, words: &str) -> (i32, Value, Value) {
        let output = run_within(LONG, &mut self.command(&format!("{words} --json")), "");
        let read = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or(Value::Null);
        (output.status.code().unwrap(), read(&output.stdout), read(&output.stderr)["error"].clone())
    }

    /// A call that must succeed.
    pub fn done(&self, words: &str) -> Value {
        let (code, answer, error) = self.full(words);
        assert_eq!(code, 0, "{words}: {error} {answer:#}\n{}", self.last_log());
        answer
    }

    /// A call that must fail with this exit code: its error.
    pub fn refused(&self, words: &str, code: i32) -> Value {
        let (found, answer, error) = self.full(words);
        assert_eq!(found, code, "{words}: {error} {answer:#}\n{}", self.last_log());
        error
    }

    /// Waits for something that a run does.
    pub fn until(&self, what: &str, ready: impl FnMut() -> bool) {
        until_within(LONG, what, ready);
    }

    /// Starts a call and leaves it running.
    pub fn start(&self, words: &str) -> Running {
        Running::start(&mut self.command(words), self.bench.path())
    }

    /// Runs of the project, newest first.
    pub fn runs(&self) -> Vec<Value> {
        self.done("runs list")["runs"].as_array().unwrap().clone()
    }

    /// Texts of a run's log.
    pub fn log(&self, id: &str) -> String {
        let log = self.done(&format!("runs log {id}"));
        let texts =
            log["lines"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap().to_owned());
        texts.collect::<Vec<_>>().join("\n")
    }

    fn last_log(&self) -> String {
        let newest = std::fs::read_dir(self.bench.home().join("runs")).into_iter().flatten().flatten();
        let newest = newest.filter_map(|entry| entry.file_name().to_str()?.parse::<u64>().ok()).max();
        newest.map_or(String::new(), |id| {
            std::fs::read_to_string(self.bench.home().join(format!("runs/{id}/log"))).unwrap_or_default()
        })
    }

    /// Whether a run still keeps its saved plan.
    pub fn keeps_plan(&self, id: &str) -> bool {
        self.bench.home().join(format!("runs/{id}/private")).exists()
    }

    /// Processes that have the data folder in their environment, or run in the project, with a word among their arguments.
    pub fn processes(&self, word: &str) -> Vec<u32> {
        let home = format!("JALON_HOME={}", self.bench.home().display());
        let project = self.bench.project();
        let holds = |id: u32, name: &str, wanted: &str| {
            let bytes = std::fs::read(format!("/proc/{id}/{name}")).unwrap_or_default();
            bytes.split(|byte| *byte == 0).any(|part| part == wanted.as_bytes())
        };
        let here = |id: u32| {
            std::fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|dir| dir.starts_with(&project))
        };
        let names =
            std::fs::read_dir("/proc").unwrap().flatten().filter_map(|e| e.file_name().into_string().ok());
        names
            .filter_map(|name| name.parse().ok())
            .filter(|id| (holds(*id, "environ", &home) || here(*id)) && alive(*id))
            .filter(|id| word.is_empty() || holds(*id, "cmdline", word))
            .collect()
    }

    /// Kills the processes of runs as a crash would; how many runs. A program that one of them is about to start still
    /// carries its name.
    pub fn kill_runs(&self) -> usize {
        let found = self.processes("run-process");
        let runs =
            found.iter().filter(|id| !found.iter().any(|other| descendants(*other).contains(id))).count();
        for id in &found {
            kill(*id);
        }
        until_within(LONG, "the end of what was killed", || found.iter().all(|id| !alive(*id)));
        runs
    }

    /// The state of an environment's stack, as its file holds it.
    pub fn state(&self, environment: &str) -> Value {
        let bytes = std::fs::read(self.path(&format!("infra/{environment}/terraform.tfstate")));
        bytes.map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}

impl Drop for Stacks {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            until_within(LONG, "the end of every process of the project", || self.processes("").is_empty());
        }
        for id in self.processes("") {
            kill(id);
        }
    }
}

/// Writes a program that a shell runs.
pub fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, format!("#!/bin/sh\n{text}")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
