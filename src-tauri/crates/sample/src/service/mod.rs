//! The service that the sample deploys: users and courses over HTTP on this computer, with health and metrics. It can be
//! told to misbehave, and it can check itself.

mod arguments;
mod check;
mod client;
mod data;
mod fault;
mod log;
mod metrics;
mod page;
mod routes;
mod server;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;

pub use arguments::{Arguments, USAGE};
pub use check::check;
pub use fault::Fault;
pub use log::Log;
pub use server::Server;

/// The injected clock.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Why the service does not run, or no longer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The arguments make no sense.
    #[error("{reason}\n{USAGE}")]
    Usage {
        /// What is wrong.
        reason: String,
    },
    /// A file of its data is missing or damaged.
    #[error("{path} cannot be used: {reason}")]
    Data {
        /// Which file.
        path: String,
        /// What is wrong, with its place.
        reason: String,
    },
    /// Nothing can listen on the port.
    #[error("127.0.0.1:{port} cannot be listened on: {reason}")]
    Port {
        /// The port.
        port: u16,
        /// The system's words.
        reason: String,
    },
    /// It crashed because it was told to.
    #[error("crashed on purpose: --fault {fault}")]
    Fault {
        /// The fault, as it was given.
        fault: String,
    },
    /// The system gives no threads or signals.
    #[error("the service cannot start: {reason}")]
    System {
        /// The system's words.
        reason: String,
    },
}

/// Result of the service.
pub type Result<T> = std::result::Result<T, Error>;

/// Serves until `stop` is done, then lets requests end that have begun.
///
/// # Errors
/// The data is damaged, the port is taken, or a fault asks for a crash.
pub async fn serve(
    arguments: &Arguments,
    clock: Clock,
    log: Log,
    stop: impl Future<Output = ()>,
) -> Result<()> {
    let mut stop = std::pin::pin!(stop);
    let delay = arguments.fault.delay();
    if !delay.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = &mut stop => return Ok(()),
        }
    }
    Server::bind(arguments, clock, log).await?.run(stop).await
}

/// The whole program `sample-service`: `arguments` are those after its name. Ends with 0 when it was asked to end or its
/// checks passed, 1 when it failed, 2 when it was called wrongly.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::parse(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // A closed pipe is no reason to panic.
            let _ = writeln!(std::io::stderr(), "sample-service: {error}");
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "sample-service: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        if arguments.check {
            return check(&arguments, real_clock(), &mut std::io::stdout()).await;
        }
        let log = Log::new(real_clock(), Box::new(std::io::stdout()));
        let served = match stop_signal() {
            Ok(stop) => serve(&arguments, real_clock(), log.clone(), stop).await,
            Err(error) => Err(Error::System { reason: error.to_string() }),
        };
        match &served {
            Ok(()) => log.info("stopped", &[]),
            Err(error) => log.error(&error.to_string(), &[]),
        }
        served.is_ok()
    });
    // A thread that hangs on a full pipe must not keep the program.
    runtime.shutdown_background();
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the program's outermost function is where the real clock enters"
)]
fn real_clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// Done when somebody asks the program to end: SIGTERM or SIGINT.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Done when somebody asks the program to end: Ctrl+C, Ctrl+Break, a closed console.
#[cfg(windows)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
    let (mut interrupt, mut end, mut close) = (ctrl_c()?, ctrl_break()?, ctrl_close()?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = end.recv() => {}
            _ = close.recv() => {}
        }
    })
}
