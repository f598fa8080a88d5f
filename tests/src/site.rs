//! A sample project on free ports, driven by `jalonctl`; stopped, and found to have left nothing, when it is dropped.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::process::{Running, alive, built, free_port, run, until};
use crate::project::Bench;

/// A sample project and its data folder.
pub struct Site {
    /// Data folder and project.
    pub bench: Bench,
    /// Variables of every call.
    pub variables: Vec<(&'static str, String)>,
}

impl Site {
    /// Writes the sample.
    pub fn new() -> Self {
        Self::in_language("en")
    }

    /// A project that is there already; `variables` reach every call.
    pub fn of(bench: Bench, variables: Vec<(&'static str, String)>) -> Self {
        Self { bench, variables }
    }

    /// Writes the sample in a language.
    pub fn in_language(language: &str) -> Self {
        let site = Self { bench: Bench::new(), variables: Vec::new() };
        std::fs::remove_dir(site.bench.project()).unwrap();
        let dir = site.bench.project().display().to_string();
        let [dev, prod] = [free_port(), free_port()].map(|port| port.to_string());
        let arguments = ["--dir", &dir, "--dev-port", &dev, "--prod-port", &prod, "--language", language];
        let output = run(site.command("sample").args(arguments), "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        site
    }

    /// Puts the project on a GitHub, whose checks production asks for, and signs in.
    pub fn on_github(&mut self, api: &str) {
        let path = self.dir().join("jalon.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text
            .replacen("# github = \"owner/name\"", "github = \"team/app\"", 1)
            .replace("checks = \"local\"", "checks = \"required\"");
        std::fs::write(path, text).unwrap();
        for words in ["add jalon.toml", "commit --quiet --message Protect"] {
            let mut git = Command::new("git");
            git.args(["-c", "user.name=student-a", "-c", "user.email=student-a@example.org"]);
            let output = run(git.args(words.split(' ')).current_dir(self.dir()), "");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        self.variables = vec![
            ("JALON_GITHUB_API", api.to_owned()),
            ("JALON_GITHUB_TOKEN", crate::github::TOKEN.to_owned()),
        ];
    }

    /// Folder of the project.
    pub fn dir(&self) -> PathBuf {
        self.bench.project()
    }

    /// `jalonctl` with words, from the project's folder where it is there. The clock runs: runs take time.
    pub fn command(&self, words: &str) -> Command {
        let mut command = Command::new(built("jalonctl"));
        let dir = if self.dir().is_dir() { self.dir() } else { self.bench.path().to_owned() };
        command.args(words.split(' ')).current_dir(dir).env("JALON_HOME", self.bench.home());
        // Where documents go when nobody says where.
        command.env("HOME", self.bench.path());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// An engine in this process over the site's data, at the time that the wall clock shows.
    pub fn engine(&self) -> engine::Engine {
        let own = [("JALON_HOME", self.bench.home().display().to_string())];
        let all = own.iter().chain(&self.variables).map(|(name, value)| (name.into(), value.into()));
        let surroundings = engine::Surroundings::read(all, None, engine::Fallback::Memory).unwrap();
        engine::Engine::open(surroundings).unwrap()
    }

    /// Exit code and answer of a call with `--json`; the answer is null where there is none.
    pub fn json(&self, words: &str) -> (i32, Value) {
        let (code, answer, _) = self.full(words);
        (code, answer)
    }

    /// Exit code, answer, and error.
    pub fn full(&self, words: &str) -> (i32, Value, Value) {
        let output = self.output(words);
        let read = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or(Value::Null);
        (output.status.code().unwrap(), read(&output.stdout), read(&output.stderr)["error"].clone())
    }

    fn output(&self, words: &str) -> Output {
        run(&mut self.command(&format!("{words} --json")), "")
    }

    /// A call that must succeed.
    pub fn done(&self, words: &str) -> Value {
        let (code, answer, error) = self.full(words);
        assert_eq!(code, 0, "{words}: {error} {answer}");
        answer
    }

    /// A call that must fail with this exit code; its error's code.
    pub fn refused(&self, words: &str, code: i32) -> String {
        let (found, answer, error) = self.full(words);
        assert_eq!(found, code, "{words}: {error} {answer}");
        error["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Starts a call and leaves it running.
    pub fn start(&self, words: &str) -> Running {
        Running::start(self.command(words).stdin(Stdio::null()), self.bench.path())
    }

    /// Runs of the project, newest first.
    pub fn runs(&self) -> Vec<Value> {
        self.done("runs list")["runs"].as_array().unwrap().clone()
    }

    /// The port of an environment.
    pub fn port(&self, environment: &str) -> u16 {
        let text = std::fs::read_to_string(self.dir().join("jalon.toml")).unwrap();
        let (_, after) = text.split_once(&format!("name = \"{environment}\"")).unwrap();
        let (_, after) = after.split_once("port = ").unwrap();
        after.split(' ').next().unwrap().parse().unwrap()
    }

    /// The version that answers in an environment; none where nothing does.
    pub fn version(&self, environment: &str) -> Option<String> {
        let body = http(self.port(environment), "/health").ok()?;
        let health: Value = serde_json::from_str(&body).ok()?;
        health["version"].as_str().map(str::to_owned)
    }

    /// Breaks the service in dev from now on; `none` mends it. Deploy a tag to leave the working tree out of it.
    pub fn fault(&self, fault: &str) {
        let path = self.dir().join("jalon.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let line = text.lines().find(|line| line.contains("variables = { FAULT")).unwrap().to_owned();
        let new = match fault {
            "none" => "# variables = { FAULT = \"unhealthy\" }".to_owned(),
            fault => format!("variables = {{ FAULT = \"{fault}\" }}"),
        };
        std::fs::write(&path, text.replace(&line, &new)).unwrap();
    }

    /// Processes of this site with a word among their arguments: Jalon's by their data folder, services by the folder
    /// they run in.
    pub fn processes(&self, word: &str) -> Vec<u32> {
        let home = format!("JALON_HOME={}", self.bench.home().display());
        let below = self.bench.path().to_owned();
        let runs_below =
            |id: u32| std::fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|dir| dir.starts_with(&below));
        let holds = |id: u32, name: &str, wanted: &str| {
            let bytes = std::fs::read(format!("/proc/{id}/{name}")).unwrap_or_default();
            bytes.split(|byte| *byte == 0).any(|part| part == wanted.as_bytes())
        };
        let names =
            std::fs::read_dir("/proc").unwrap().flatten().filter_map(|e| e.file_name().into_string().ok());
        names
            .filter_map(|name| name.parse().ok())
            .filter(|id| (holds(*id, "environ", &home) || runs_below(*id)) && alive(*id))
            .filter(|id| word.is_empty() || holds(*id, "cmdline", word))
            .collect()
    }

    /// Kills processes of this site as a crash would, and waits until they are gone.
    pub fn kill(&self, word: &str) -> usize {
        let found = self.processes(word);
        for id in &found {
            kill(*id);
        }
        until("the end of what was killed", || self.processes(word).iter().all(|id| !found.contains(id)));
        found.len()
    }
}

impl Default for Site {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for words in ["stop campus --env dev", "stop campus --env prod --confirm prod"] {
            let _ = run(&mut self.command(words), "");
        }
        if !std::thread::panicking() {
            until("the end of every process of the sample", || self.processes("").is_empty());
        }
        // A test that failed leaves nothing either.
        for id in self.processes("") {
            kill(id);
        }
    }
}

/// Sends SIGKILL to one process, by its id.
pub fn kill(id: u32) {
    let status = Command::new("kill").args(["-KILL", &id.to_string()]).stderr(Stdio::null()).status();
    assert!(status.is_ok(), "the program kill is missing");
}

/// Body of a page on loopback; an error where nobody answers or the answer is no success.
pub fn http(port: u16, path: &str) -> std::io::Result<String> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(crate::process::LIMIT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    match text.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.1 2") => Ok(body.to_owned()),
        _ => Err(std::io::Error::other(text)),
    }
}
