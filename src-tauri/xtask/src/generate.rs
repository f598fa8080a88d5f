//! `cargo xtask generate`: TypeScript from the contract that is declared in Rust.

use crate::failure::Failure;
use crate::place::Place;
use crate::processes::run;
use crate::stages::Note;

/// Writes the generated types, or compares them with what is committed.
pub(crate) fn stage(place: &Place, check: bool) -> Result<Note, Failure> {
    // Selected as for the tests of the rooms: nothing is built twice.
    let what = ["build", "--workspace", "--exclude", "jalon", "--exclude", "tests", "--example", "generate"];
    run(&mut place.cargo(&what))?;
    let mut generate = place.command(place.built("debug/examples", "generate"));
    generate.env("CARGO_MANIFEST_DIR", place.root.join("src-tauri/crates/engine"));
    if check {
        generate.arg("--check");
    }
    run(&mut generate)
        .map(|()| Note::new())
        .map_err(|failure| Failure::new(failure.what, "run `cargo xtask generate` and commit what it writes"))
}
