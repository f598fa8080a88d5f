//! The sample's service by itself, without the rest of Jalon: for this room's tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    sample::service::run(std::env::args_os().skip(1))
}
