//! `cargo xtask test`: everything that must hold before a change is merged.

use std::fs;
use std::process::Command;

use crate::failure::Failure;
use crate::place::Place;
use crate::processes::{self, Marked, answer, run, watch};
use crate::stages::{self, Note, Stage, Wanted};
use crate::system::{self, Need};
use crate::tally::Tally;
use crate::ui::{self, Step};
use crate::{generate, peers as programs, tidy};

const DENY_VERSION: &str = "0.20.2";

/// All stages, cheap ones first. Later ones find what earlier ones built.
pub(crate) const STAGES: &[Stage<Place>] = &[
    Stage { name: "rustfmt", about: "Rust sources are formatted", needs: &[], quick: true, act: rustfmt },
    Stage { name: "tidy", about: "the house's own rules", needs: &[], quick: true, act: tidy::stage },
    Stage {
        name: "generated",
        about: "TypeScript types are those of the Rust contract",
        needs: &[],
        quick: true,
        act: |place| generate::stage(place, true),
    },
    Stage {
        name: "ui-install",
        about: "npm ci in ui",
        needs: &[],
        quick: true,
        act: |place| ui::install(place, &place.ui()).map(note),
    },
    Stage {
        name: "ui-build",
        about: "the window's pages",
        needs: &["ui-install"],
        quick: true,
        act: |place| ui::build(place).map(note),
    },
    Stage {
        name: "svelte-check",
        about: "types and accessibility of the pages",
        needs: &["ui-install"],
        quick: true,
        act: svelte_check,
    },
    Stage {
        name: "vitest",
        about: "unit tests of the pages",
        needs: &["ui-install"],
        quick: true,
        act: vitest,
    },
    Stage {
        name: "clippy",
        about: "no warning in any crate, the window included",
        needs: &["ui-build"],
        quick: false,
        act: clippy,
    },
    Stage {
        name: "deny",
        about: "licences, unwanted crates and sources",
        needs: &[],
        quick: false,
        act: deny,
    },
    Stage {
        name: "rust",
        about: "unit and integration tests of the rooms",
        needs: &[],
        quick: true,
        act: rust,
    },
    Stage {
        name: "app",
        about: "builds Jalon and jalonctl",
        needs: &["ui-build"],
        quick: false,
        act: |place| run(&mut place.cargo(APP)).map(|()| Note::new()),
    },
    Stage {
        name: "peers-install",
        about: "programs that tests drive: from npm, a Kubernetes control plane, Helm, OpenTofu, Prometheus",
        needs: &[],
        quick: false,
        act: |place| {
            ui::install(place, &place.root.join("tests/peers"))?;
            programs::install(place)
        },
    },
    Stage {
        name: "peers",
        about: "journeys: real window, real keychain, stand-ins for the rest",
        needs: &["app", "peers-install"],
        quick: false,
        act: peers,
    },
];

/// The binaries as `run` builds them too: one selection, so that nothing is built twice.
pub(crate) const APP: &[&str] = &["build", "-p", "jalon", "-p", "cli"];

/// Does all that is wanted and says how many tests went well, on a line of its own at the very end. Returns the exit code.
pub(crate) fn test(place: &mut Place, wanted: &Wanted) -> u8 {
    let result = run_all(place, wanted);
    if let Err(failure) = &result {
        eprintln!("{failure}");
    }
    println!("\n{}", place.counts.get().with_end(result.is_ok()));
    u8::from(result.is_err())
}

/// Installs what the wanted stages use, runs them, and makes sure that they left nothing behind.
fn run_all(place: &mut Place, wanted: &Wanted) -> Result<(), Failure> {
    let chosen = stages::choose(STAGES, wanted)?;
    let names: Vec<&str> = chosen.iter().map(|stage| stage.name).collect();
    let any = |some: &[&str]| names.iter().any(|name| some.contains(name));
    if any(&["peers"]) {
        system::packages(place, Need::Tests)?;
    } else if any(&["clippy", "app"]) {
        system::packages(place, Need::Build)?;
    } else if any(&["generated", "deny", "rust"]) {
        system::packages(place, Need::Plain)?;
    }
    if any(&["ui-install", "peers-install"]) {
        system::node(place)?;
    }
    let before = changes(place);
    let result = stages::run(place, &chosen, wanted.keep_going, &mut std::io::stdout());
    let after = changes(place);
    if before != after {
        let lines: Vec<&str> = after.lines().filter(|line| !before.lines().any(|old| old == *line)).collect();
        let what = format!("the tests changed the working copy:\n{}", lines.join("\n"));
        println!("{what}");
        result?;
        return Err(Failure::new(what, "make the test write into a temporary folder"));
    }
    result
}

/// Git's view of the working copy; empty where this is no clone.
fn changes(place: &Place) -> String {
    answer(place.command("git").args(["status", "--porcelain", "--untracked-files=all"])).unwrap_or_default()
}

fn note(step: Step) -> Note {
    match step {
        Step::Done => Note::new(),
        Step::Fresh => "nothing had changed".to_owned(),
    }
}

fn rustfmt(place: &Place) -> Result<Note, Failure> {
    run(&mut place.cargo(&["fmt", "--all", "--check"]))
        .map(|()| Note::new())
        .map_err(|failure| Failure::new(failure.what, "run `cargo fmt --all`"))
}

fn svelte_check(place: &Place) -> Result<Note, Failure> {
    run(&mut place.npm(&place.ui(), &["run", "check"])).map(|()| Note::new())
}

fn vitest(place: &Place) -> Result<Note, Failure> {
    let (tally, result) = counted(place, &mut place.npm(&place.ui(), &["run", "test"]));
    result?;
    tally.verdict()
}

/// Runs tests and counts them, whether they go well or not.
fn counted(place: &Place, command: &mut Command) -> (Tally, Result<(), Failure>) {
    let mut tally = Tally::default();
    let result = watch(command, |line| tally.see(line));
    place.counts.set(place.counts.get().plus(&tally));
    (tally, result)
}

fn clippy(place: &Place) -> Result<Note, Failure> {
    let what = ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    run(&mut place.cargo(&what)).map(|()| Note::new())
}

fn deny(place: &Place) -> Result<Note, Failure> {
    let tools = place.target.join("tools");
    let own = tools.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    let right = |program: &std::path::Path| {
        answer(place.command(program).arg("--version")).is_some_and(|said| said.ends_with(DENY_VERSION))
    };
    let found = [Some(own.clone()), place.which("cargo-deny")].into_iter().flatten().find(|path| right(path));
    let program = if let Some(program) = found {
        program
    } else {
        println!("cargo-deny {DENY_VERSION} is missing: building it once, which takes minutes");
        fs::create_dir_all(&tools).map_err(|error| Failure::file(&tools, &error))?;
        let root = tools.to_string_lossy();
        run(&mut place.cargo(&["install", "cargo-deny", "--version", DENY_VERSION, "--root", &root]))?;
        own
    };
    run(place.command(program).args(["--all-features", "check", "licenses", "bans", "sources"]))
        .map(|()| Note::new())
        .map_err(|failure| Failure::new(failure.what, "replace the crate, or argue for it in deny.toml"))
}

fn rust(place: &Place) -> Result<Note, Failure> {
    const WHAT: &[&str] = &["test", "--workspace", "--exclude", "jalon", "--exclude", "tests"];
    // Built apart: what is left running afterwards was left by a test, not by a compiler's cache.
    run(&mut place.cargo(&[WHAT, &["--no-run"]].concat()))?;
    let place = place.marked(format!("{}-rust", place.mark));
    let (tally, result) = counted(&place, &mut place.cargo(&[WHAT, &["--", "--show-output"]].concat()));
    let left = processes::remaining(&place.mark, &[]);
    processes::end_marked(&place.mark);
    result?;
    nothing_left(&left)?;
    tally.verdict()
}

#[cfg(target_os = "linux")]
fn peers(place: &Place) -> Result<Note, Failure> {
    use crate::session::{Furniture, Session};

    const WHAT: &[&str] = &["test", "-p", "tests", "--features", "peers"];
    run(&mut place.cargo(&[WHAT, &["--no-run"]].concat()))?;
    let session = Session::start(place, Furniture { keyring: true })?;
    let mut command = place.cargo(&[WHAT, &["--", "--show-output"]].concat());
    session.lend(&mut command);
    let (tally, result) = counted(place, &mut command);
    result?;
    nothing_left(&session.leftovers())?;
    tally.verdict()
}

fn nothing_left(left: &[Marked]) -> Result<(), Failure> {
    if left.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = left.iter().map(|process| format!("{} {}", process.pid, process.line)).collect();
    Err(Failure::new(
        format!("the tests left processes running, now ended:\n{}", lines.join("\n")),
        "end them where the test ends, also when it fails",
    ))
}

#[cfg(not(target_os = "linux"))]
fn peers(_: &Place) -> Result<Note, Failure> {
    Err(Failure::new(
        "the window is driven on Linux alone: WebKitGTK has a driver, the other platforms' views have none",
        "name the other stages, or run this one on Linux",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_stages_respects_what_they_need() {
        for (place, stage) in STAGES.iter().enumerate() {
            for need in stage.needs {
                assert!(
                    STAGES[..place].iter().any(|earlier| earlier.name == *need),
                    "{} before {}",
                    need,
                    stage.name
                );
            }
        }
    }

    #[test]
    fn quick_means_without_the_window() {
        let chosen = stages::choose(STAGES, &Wanted { quick: true, ..Wanted::default() }).unwrap();
        assert!(chosen.iter().all(|stage| stage.quick && !["clippy", "app", "peers"].contains(&stage.name)));
        assert!(chosen.iter().any(|stage| stage.name == "rust"));
    }
}
