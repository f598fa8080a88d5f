//! The terminal: progress on standard error, secrets from standard input, Ctrl-C as cancellation.

use std::io::{IsTerminal, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use engine::wire::{Progress, SecretText, Step};
use engine::{Error, Reporter, Work};

/// Time to end in order after Ctrl-C.
const GRACE: Duration = Duration::from_secs(1);
/// What shells expect of a program that Ctrl-C ended: 128 + SIGINT.
const INTERRUPTED: i32 = 130;
/// Longest secret that is read.
const MOST: u64 = 64 * 1024 + 2;

/// Work that reports to the terminal (unless it is none, or JSON was asked for) and ends on Ctrl-C.
pub fn work(json: bool) -> Work {
    let work = if !json && std::io::stderr().is_terminal() {
        Work::reporting(Arc::new(Line))
    } else {
        Work::silent()
    };
    let cancel = work.cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            cancel.cancel();
            // What can end in order does so at once; reading a secret, or asking the desktop, cannot.
            let _ = tokio::time::timeout(GRACE, std::future::pending::<()>()).await;
            std::process::exit(INTERRUPTED);
        }
    });
    work
}

/// Work that follows a run: the first Ctrl-C asks the run to cancel, and its end is waited for; the second one leaves.
pub fn patient_work() -> Work {
    let work = Work::silent();
    let cancel = work.cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            eprintln!("asking the run to cancel; Ctrl-C again leaves it to itself");
            cancel.cancel();
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(INTERRUPTED);
            }
        }
    });
    work
}

/// Whether a person is there to be asked.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks a person for one line; none where nothing can be read.
pub fn ask(question: &str) -> Option<String> {
    eprint!("{question}");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).ok()?;
    Some(line.trim().to_owned())
}

struct Line;

impl Reporter for Line {
    fn progress(&self, progress: Progress) {
        let step = match progress.step {
            Step::Inspecting => "looking through the folder",
            Step::Milestones => "reading milestones",
            Step::Issues => "reading issues",
            Step::Storing => "storing",
            Step::WaitingForCode => "waiting for the code to be entered; Ctrl-C cancels",
        };
        let mut error = std::io::stderr().lock();
        // A terminal that went away is no reason to fail.
        let _ = match (progress.done, progress.total) {
            (0, _) => writeln!(error, "{step}"),
            (done, Some(total)) => writeln!(error, "{step}: page {done} of {total}"),
            (done, None) => writeln!(error, "{step}: page {done}"),
        };
    }
}

/// Reads a secret: from a terminal without showing it, else all of standard input.
///
/// # Errors
/// Standard input cannot be read.
pub fn read_secret(prompt: &str) -> Result<SecretText, Error> {
    let unreadable =
        |reason: String| Error::BadRequest { reason: format!("standard input cannot be read: {reason}") };
    let stdin = std::io::stdin();
    let text = if stdin.is_terminal() {
        rpassword::prompt_password(prompt).map_err(|e| unreadable(e.to_string()))?
    } else {
        let mut text = String::new();
        stdin.lock().take(MOST).read_to_string(&mut text).map_err(|e| unreadable(e.to_string()))?;
        text
    };
    // `echo secret | jalonctl …` ends the line; the line's end is not part of the secret.
    Ok(SecretText::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Prints to standard output; a reader that closed early (`| head`) is no error.
pub fn out(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{}", text.trim_end());
}
