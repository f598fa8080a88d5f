//! Other processes of this program: a run, the host of a service, the one that pins a chart's images for Helm, the sample's
//! service. Both binaries ask here first.

use std::ffi::OsString;
use std::process::ExitCode;

use deployments::kubernetes::{self, PIN_PROCESS};
use deployments::local;
use tokio::runtime::Runtime;

use crate::carry_out::{RUN_PROCESS, carry_out};
use crate::deploy::HOST_PROCESS;
use crate::{Engine, Surroundings};

/// Argument that makes this program the sample's service.
const SAMPLE_SERVICE: &str = "sample-service";

/// What this process is, if its arguments say that it is a part of Jalon that nobody types; its exit code then.
/// `surroundings` is asked only where they are needed.
pub fn reenter(
    arguments: impl IntoIterator<Item = OsString>,
    surroundings: impl FnOnce() -> crate::Result<Surroundings>,
) -> Option<ExitCode> {
    let mut arguments = arguments.into_iter().skip(1);
    let part = arguments.next()?;
    match part.to_str()? {
        RUN_PROCESS => Some(ended(run(arguments, surroundings))),
        HOST_PROCESS => Some(ended(host(arguments, surroundings))),
        PIN_PROCESS => Some(ended(pin(arguments))),
        SAMPLE_SERVICE => Some(sample::service::run(arguments)),
        _ => None,
    }
}

fn ended(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn runtime() -> Result<Runtime, String> {
    Runtime::new().map_err(|error| format!("this system starts no threads: {error}"))
}

fn run(
    mut arguments: impl Iterator<Item = OsString>,
    surroundings: impl FnOnce() -> crate::Result<Surroundings>,
) -> Result<(), String> {
    let id = arguments.next().and_then(|id| id.to_str()?.parse().ok()).ok_or("which run is not said")?;
    let confirmed = arguments.next().is_some_and(|word| word == runs::CONFIRMED);
    let around = surroundings().map_err(|error| error.to_string())?;
    let engine = Engine::open(around).map_err(|error| error.to_string())?;
    let runtime = runtime()?;
    let done = runtime.block_on(carry_out(&engine, id, confirmed)).map_err(|error| error.to_string());
    runtime.shutdown_background();
    done
}

fn host(
    mut arguments: impl Iterator<Item = OsString>,
    surroundings: impl FnOnce() -> crate::Result<Surroundings>,
) -> Result<(), String> {
    let folder = arguments.next().ok_or("which folder is not said")?.into();
    let port =
        arguments.next().and_then(|port| port.to_str()?.parse().ok()).ok_or("which port is not said")?;
    let around = surroundings().map_err(|error| error.to_string())?;
    let runtime = runtime()?;
    let place = local::Place { folder, port };
    let done = runtime.block_on(local::host_main(place, around.clock)).map_err(|error| error.to_string());
    runtime.shutdown_background();
    done
}

fn pin(mut arguments: impl Iterator<Item = OsString>) -> Result<(), String> {
    let digests = arguments.next().ok_or("which digests is not said")?;
    let out = std::io::BufWriter::new(std::io::stdout().lock());
    kubernetes::post_render(digests.as_ref(), std::io::stdin().lock(), out)
}
