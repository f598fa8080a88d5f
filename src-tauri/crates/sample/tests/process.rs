//! The service as a process: arguments, exit status, signals.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sample::{Language, Options, Release, files};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(10);

fn release(release: Release) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(Language::En, Timestamp::UNIX_EPOCH, "UTC", 1, 2).unwrap();
    std::fs::create_dir(folder.path().join("service")).unwrap();
    for (path, content) in files(&options, release) {
        if path.starts_with("service/") {
            std::fs::write(folder.path().join(path), content).unwrap();
        }
    }
    folder
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_campus"));
    command.args(arguments).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A process that is ended with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// Starts the service on a free port and reads from its log where that is.
    fn start(folder: &Path, more: &[&str]) -> (Self, u16, BufReader<std::process::ChildStdout>) {
        let mut arguments = vec!["--port", "0", "--data", "service"];
        arguments.extend(more);
        let mut child = command(folder, &arguments).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let process = Self(child);
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let (_, port) = line.split_once("127.0.0.1:").unwrap_or_else(|| panic!("{line}"));
        let digits = port.split('"').next().unwrap();
        (process, digits.parse().unwrap(), out)
    }

    fn status(&mut self) -> i32 {
        let end = Instant::now() + LIMIT;
        while Instant::now() < end {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            std::thread::yield_now();
        }
        panic!("it does not end");
    }
}

fn output(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command(folder, arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn checks_end_with_0_or_1_as_they_went() {
    let check = ["--check", "--data", "service"];
    let (status, out, err) = output(release(Release::V1_1_0).path(), &check);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    assert!(out.ends_with("11 of 11 checks passed\n"), "{out}");
    let (status, out, _) = output(release(Release::V1_2_0Rc1).path(), &check);
    assert_eq!(status, 1, "{out}");
    assert!(out.contains("teacher-c") && out.ends_with("10 of 11 checks passed\n"), "{out}");
    let (status, out, _) = output(release(Release::V1_2_0Rc2).path(), &check);
    assert_eq!(status, 1);
    assert!(out.contains("courses.json") && out.ends_with("0 of 1 checks passed\n"), "{out}");
}

#[test]
fn what_keeps_it_from_starting_is_said() {
    let folder = release(Release::V1_2_0Rc2);
    let (status, out, _) = output(folder.path(), &["--port", "0", "--data", "service"]);
    assert_eq!(status, 1);
    assert!(out.contains("\"level\":\"error\"") && out.contains("courses.json"), "{out}");
    let good = release(Release::V1_1_0);
    let crash = ["--port", "0", "--data", "service", "--fault", "crash_at_start"];
    let (status, out, _) = output(good.path(), &crash);
    assert_eq!(status, 1);
    assert!(out.contains("crashed on purpose"), "{out}");
    let (status, out, err) = output(good.path(), &["--data", "service"]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(err.contains("--port is missing") && err.contains("usage:"), "{err}");
    let (_process, port, _out) = Process::start(good.path(), &[]);
    let (status, out, _) = output(good.path(), &["--port", &port.to_string(), "--data", "service"]);
    assert_eq!(status, 1);
    assert!(out.contains(&format!("127.0.0.1:{port} cannot be listened on")), "{out}");
}

#[test]
fn a_crash_ends_it_with_1() {
    let folder = release(Release::V1_1_0);
    let (mut process, port, mut out) = Process::start(folder.path(), &["--fault", "crash_after=2"]);
    assert!(get(port, "/health").starts_with("HTTP/1.1 200"));
    assert_eq!(process.status(), 1);
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("crash_after=2"), "{rest}");
}

#[cfg(unix)]
#[test]
fn signals_end_it_with_0() {
    for name in ["-TERM", "-INT"] {
        let folder = release(Release::V1_1_0);
        let (mut process, port, mut out) = Process::start(folder.path(), &["--environment", "dev"]);
        assert!(get(port, "/").contains("<span>dev</span>"));
        let pid = process.0.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
        assert_eq!(process.status(), 0, "{name}");
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("\"message\":\"stopped\""), "{rest}");
    }
}

#[cfg(unix)]
#[test]
fn it_ends_before_a_slow_start_is_over() {
    let folder = release(Release::V1_1_0);
    let slow = ["--port", "0", "--data", "service", "--fault", "slow_start=60000"];
    let mut process = Process(command(folder.path(), &slow).spawn().unwrap());
    let pid = process.0.id().to_string();
    // Until it listens for signals, one would end it by default, with no status.
    let caught = |pid: &str| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:\t"));
        caught.is_none_or(|mask| u64::from_str_radix(mask, 16).unwrap_or(0) & (1 << 14) != 0)
    };
    let end = Instant::now() + LIMIT;
    while cfg!(target_os = "linux") && !caught(&pid) && Instant::now() < end {
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let status = process.status();
    assert!(status == 0 || cfg!(not(target_os = "linux")), "{status}");
}

#[test]
fn it_serves_on_when_nobody_reads_its_log() {
    let folder = release(Release::V1_1_0);
    let (mut process, port, out) = Process::start(folder.path(), &[]);
    drop(out);
    for _ in 0..3 {
        assert!(get(port, "/users").starts_with("HTTP/1.1 200"));
    }
    assert!(process.0.try_wait().unwrap().is_none());
}
