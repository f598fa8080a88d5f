//! `cargo xtask bench`: times and sizes of what ships, beside an empty window as the floor.

use crate::failure::Failure;
use crate::place::Place;
use crate::processes::run;
use crate::stages::{self, Stage, Wanted};
use crate::system::{self, Need};
use crate::test::STAGES;

/// Stages of `test` that a bench needs: the window's pages, and the programs that it drives.
const BEFORE: &[&str] = &["ui-build", "peers-install"];

/// Does what has to be there before, builds the release binaries and measures them.
pub(crate) fn bench(place: &mut Place, arguments: &[String]) -> Result<(), Failure> {
    // Said before minutes of building, not after.
    if !cfg!(target_os = "linux") {
        return Err(elsewhere());
    }
    system::ready(place, Need::Tests)?;
    stages::run(place, &before()?, false, &mut std::io::stdout())?;
    // One call: the empty window shares every dependency with the full one.
    let what = ["build", "--release", "-p", "jalon", "-p", "cli", "--bins", "--example", "empty"];
    run(&mut place.cargo(&what))?;
    measure(place, arguments)
}

fn before() -> Result<Vec<&'static Stage<Place>>, Failure> {
    let names = BEFORE.iter().map(|name| (*name).to_owned()).collect();
    stages::choose(STAGES, &Wanted { names, ..Wanted::default() })
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
    Err(elsewhere())
}

fn elsewhere() -> Failure {
    Failure::new("the window is measured on Linux alone", "run it on Linux")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_benches_drive_is_installed_before_they_measure() {
        let names: Vec<&str> = before().unwrap().iter().map(|stage| stage.name).collect();
        assert_eq!(names, ["ui-install", "ui-build", "peers-install"]);
    }
}
