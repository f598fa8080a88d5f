//! `cargo xtask bench`: times and sizes of what ships, beside an empty window as the floor.

use crate::failure::Failure;
use crate::place::Place;
use crate::processes::run;
use crate::system::{self, Need};
use crate::ui;

/// Builds the release binaries and measures them.
pub(crate) fn bench(place: &mut Place, arguments: &[String]) -> Result<(), Failure> {
    system::ready(place, Need::Tests)?;
    ui::ready(place)?;
    // One call: the empty window shares every dependency with the full one.
    let what = ["build", "--release", "-p", "jalon", "-p", "cli", "--bins", "--example", "empty"];
    run(&mut place.cargo(&what))?;
    measure(place, arguments)
}

#[cfg(target_os = "linux")]
fn measure(place: &Place, arguments: &[String]) -> Result<(), Failure> {
    use crate::session::{Furniture, Session};

    const WHAT: &[&str] = &["bench", "-p", "tests", "--features", "peers"];
    run(&mut place.cargo(&[WHAT, &["--no-run"]].concat()))?;
    let session = Session::start(place, Furniture { keyring: true })?;
    let mut command = place.cargo(WHAT);
    if !arguments.is_empty() {
        command.arg("--").args(arguments);
    }
    session.lend(&mut command);
    run(&mut command)
}

#[cfg(not(target_os = "linux"))]
fn measure(_: &Place, _: &[String]) -> Result<(), Failure> {
    Err(Failure::new("the window is measured on Linux alone", "run it on Linux"))
}
