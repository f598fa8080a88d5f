//! `cargo xtask`: everything one does with a clone of Jalon. It has no dependencies, so that a fresh clone answers at once,
//! and it installs what is missing before it needs it.

// The outermost program: environment, temporary folder and waiting are its own business.
#![allow(clippy::disallowed_methods)]

mod arguments;
mod bench;
#[cfg(target_os = "linux")]
mod display;
mod failure;
#[cfg(target_os = "linux")]
mod folder;
mod generate;
mod icons;
mod package;
mod peers;
mod place;
mod processes;
mod run;
#[cfg(target_os = "linux")]
mod session;
mod stages;
mod system;
mod tally;
mod test;
mod tidy;
mod ui;

use std::io::Write;
use std::process::ExitCode;

use arguments::Job;
use failure::Failure;
use place::Place;

const HELP: &str = "\
cargo xtask JOB: installs what is missing, then does it. Every job can be run again and again.

  run [--virtual-display] [--release] [-- ARGUMENTS]
                      builds Jalon and opens its window; --virtual-display opens it where nobody sees it
  test [--quick] [--keep-going] [STAGE…]
                      all checks and tests, or the stages named and what they need;
                      --quick leaves out what needs WebKit; --list names the stages
  ci                  what CI runs: test
  bench [-- FILTER]   measures the release build beside an empty window
  package [--bundles KINDS]
                      the file that people install: deb, dmg or msi
  tidy                the house's own rules
  generate [--check]  TypeScript types from the Rust contract
  icons               every size of the icon from icons/jalon.svg
  session [--no-keyring] [--deadline SECONDS] -- COMMAND…
                      runs a command as tests run: private home, virtual display, message bus, unlocked keychain

Exit codes: 0 done, 1 failed, 2 not understood; session hands on its command's own.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let job = match arguments::parse(&words) {
        Ok(job) => job,
        Err(why) => {
            eprintln!("{why}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match act(job) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn act(job: Job) -> Result<u8, Failure> {
    let mut place = Place::find()?;
    match job {
        // Whoever pipes it into `head` has seen enough: no error.
        Job::Help => drop(writeln!(std::io::stdout(), "{HELP}")),
        Job::Run(wish) => run::run(&mut place, &wish)?,
        Job::Test(wanted) => return Ok(test::test(&mut place, &wanted)),
        Job::Stages => {
            for stage in test::STAGES {
                println!(
                    "{:14} {}{}",
                    stage.name,
                    stage.about,
                    if stage.quick { "" } else { " (not in --quick)" }
                );
            }
        }
        Job::Bench(arguments) => bench::bench(&mut place, &arguments)?,
        Job::Package(kinds) => package::package(&mut place, kinds.as_deref().unwrap_or(package::usual()))?,
        Job::Tidy => println!("tidy: {}", tidy::stage(&place)?),
        Job::Icons => icons::icons(&mut place)?,
        Job::Generate { check } => drop(generate::stage(&place, check)?),
        Job::Session { keyring, longest, command } => return in_session(&place, keyring, &command, longest),
    }
    Ok(0)
}

#[cfg(target_os = "linux")]
fn in_session(
    place: &Place,
    keyring: bool,
    words: &[String],
    longest: std::time::Duration,
) -> Result<u8, Failure> {
    session::one(place, session::Furniture { keyring }, words, longest)
}

#[cfg(not(target_os = "linux"))]
fn in_session(_: &Place, _: bool, _: &[String], _: std::time::Duration) -> Result<u8, Failure> {
    Err(Failure::new("sessions exist on Linux alone", "run the command itself"))
}
