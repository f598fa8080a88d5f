//! Starting, watching and ending processes. They are ended by their number, never by name.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::place::MARK;

/// Longest that any one command may take: a cold release build on a small machine needs half of it.
pub(crate) const LONGEST: Duration = Duration::from_secs(60 * 60);
/// How long a process may take to end after it was asked to.
const PARTING: Duration = Duration::from_secs(5);
/// WebKit's own processes take a moment to notice that their window is gone.
const AFTERGLOW: Duration = Duration::from_secs(10);
/// How often nothing must be found in a row.
const LOOKS: u32 = 5;
const POLL: Duration = Duration::from_millis(20);

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or_default().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

/// Runs a command on this terminal; an exit status other than 0 is a failure.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = finish(command, LONGEST)?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` ended with {status}", shown(command)), ""))
}

/// Runs a command on this terminal and hands back how it ended.
pub(crate) fn finish(command: &mut Command, longest: Duration) -> Result<ExitStatus, Failure> {
    println!("$ {}", shown(command));
    let mut child = start(command)?;
    match wait(&mut child, longest) {
        Some(status) => Ok(status),
        None => Err(overdue(command, &mut child, longest)),
    }
}

/// Runs a command, passes its standard output on line by line, and shows each line to `see`.
pub(crate) fn watch(command: &mut Command, mut see: impl FnMut(&str)) -> Result<(), Failure> {
    println!("$ {}", shown(command));
    let mut child = start(command.stdout(Stdio::piped()))?;
    let (send, lines) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                if send.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    break;
                }
            }
        });
    }
    let begun = Instant::now();
    let mut ended: Option<(ExitStatus, Instant)> = None;
    loop {
        match lines.recv_timeout(POLL) {
            Ok(line) => {
                println!("{line}");
                see(&line);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            // A process left behind may hold the pipe open: it is not waited for.
            Err(RecvTimeoutError::Timeout) if ended.is_some_and(|(_, at)| at.elapsed() > PARTING) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if ended.is_none() {
            ended = child.try_wait().ok().flatten().map(|status| (status, Instant::now()));
        }
        if ended.is_none() && begun.elapsed() > LONGEST {
            return Err(overdue(command, &mut child, LONGEST));
        }
    }
    let status = match ended {
        Some((status, _)) => status,
        None => wait(&mut child, PARTING).ok_or_else(|| overdue(command, &mut child, PARTING))?,
    };
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` ended with {status}", shown(command)), ""))
}

/// What a command prints, if it is there and succeeds.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Starts a command, or says which program is missing.
pub(crate) fn start(command: &mut Command) -> Result<Child, Failure> {
    command.spawn().map_err(|error| {
        let program = command.get_program().to_string_lossy().into_owned();
        Failure::new(format!("{program} could not be started: {error}"), format!("install {program}"))
    })
}

/// Waits for a child; `None` when time is up.
pub(crate) fn wait(child: &mut Child, longest: Duration) -> Option<ExitStatus> {
    let begun = Instant::now();
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        if begun.elapsed() > longest {
            return None;
        }
        thread::sleep(POLL);
    }
}

/// Asks a child to end, and insists after a while.
pub(crate) fn dismiss(child: &mut Child) {
    signal("TERM", &[child.id()]);
    if wait(child, PARTING).is_none() {
        // Either it is gone already, or waiting for it settles it.
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// A process that carries our mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Marked {
    /// Process number.
    pub pid: u32,
    /// Its command line, shortened.
    pub line: String,
}

/// Processes that were started with `mark` in their environment and still run. Empty where there is no /proc.
pub(crate) fn marked(mark: &str) -> Vec<Marked> {
    let wanted = format!("{MARK}={mark}");
    let own = std::process::id();
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let mut found: Vec<Marked> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| *pid != own)
        .filter_map(|pid| {
            let surroundings = fs::read(format!("/proc/{pid}/environ")).ok()?;
            surroundings.split(|byte| *byte == 0).any(|pair| pair == wanted.as_bytes()).then_some(())?;
            let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            Some(Marked { pid, line: line.trim_end().chars().take(100).collect() })
        })
        .collect();
    found.sort_by_key(|process| process.pid);
    found
}

/// Processes that carry `mark` and still run after a moment's grace, apart from those in `known`.
pub(crate) fn remaining(mark: &str, known: &[u32]) -> Vec<Marked> {
    let begun = Instant::now();
    let mut calm = 0;
    loop {
        let mut found = marked(mark);
        found.retain(|process| !known.contains(&process.pid));
        // Between fork and exec a process shows no environment: one empty look proves nothing.
        calm = if found.is_empty() { calm + 1 } else { 0 };
        if calm == LOOKS || begun.elapsed() > AFTERGLOW {
            return found;
        }
        thread::sleep(POLL);
    }
}

/// Ends every process that carries `mark`, first politely.
pub(crate) fn end_marked(mark: &str) {
    let pids = |found: Vec<Marked>| found.into_iter().map(|process| process.pid).collect::<Vec<_>>();
    signal("TERM", &pids(marked(mark)));
    let begun = Instant::now();
    while begun.elapsed() < PARTING && !marked(mark).is_empty() {
        thread::sleep(POLL);
    }
    signal("KILL", &pids(marked(mark)));
}

fn overdue(command: &Command, child: &mut Child, longest: Duration) -> Failure {
    let mark = command.get_envs().find(|(name, _)| *name == MARK).and_then(|(_, value)| value?.to_str());
    if let Some(mark) = mark {
        end_marked(mark);
    }
    dismiss(child);
    Failure::new(
        format!("`{}` was still running after {} s and was ended", shown(command), longest.as_secs()),
        "look above for the last thing it said, and run that alone",
    )
}

/// Sends a signal by the shell's own `kill`: the program of that name is missing on small systems.
fn signal(name: &str, pids: &[u32]) {
    if pids.is_empty() || cfg!(windows) {
        return;
    }
    let script = format!("kill -{name} \"$@\" 2>/dev/null || true");
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh"]).args(pids.iter().map(u32::to_string));
    // If there is no shell, the caller's own deadline remains.
    let _ = command.status();
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Two clones may be tested at once.
    fn mark(name: &str) -> String {
        format!("{name}-{}", std::process::id())
    }

    fn shell(script: &str, mark: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]).env(MARK, mark);
        command
    }

    #[test]
    fn every_line_is_seen_and_the_status_counts() {
        let mut lines = Vec::new();
        watch(&mut shell("echo one; printf two", &mark("seen")), |line| lines.push(line.to_owned())).unwrap();
        assert_eq!(lines, ["one", "two"]);
        let failure = watch(&mut shell("echo one; exit 3", &mark("seen")), |_| {}).unwrap_err();
        assert!(failure.what.contains('3'), "{}", failure.what);
    }

    #[test]
    fn a_command_that_overruns_is_ended_with_all_its_children() {
        let failure = finish(&mut shell("sleep 60 & sleep 60", &mark("overrun")), Duration::from_millis(200))
            .unwrap_err();
        assert!(failure.what.contains("still running"));
        assert_eq!(marked(&mark("overrun")), []);
    }

    #[test]
    fn what_left_its_group_is_found_by_its_mark() {
        let mut child = start(&mut shell("setsid sleep 60 & exit 0", &mark("astray"))).unwrap();
        assert!(wait(&mut child, PARTING).unwrap().success());
        let begun = Instant::now();
        while !marked(&mark("astray")).iter().any(|found| found.line == "sleep 60") {
            assert!(begun.elapsed() < PARTING, "not found: {:?}", marked(&mark("astray")));
            thread::sleep(POLL);
        }
        end_marked(&mark("astray"));
        assert_eq!(marked(&mark("astray")), []);
    }

    #[test]
    fn a_missing_program_is_named() {
        let failure = run(&mut Command::new("no-such-program")).unwrap_err();
        assert!(failure.what.contains("no-such-program") && failure.next.contains("install"));
    }
}
