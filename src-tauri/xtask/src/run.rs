//! `cargo xtask run`: from a fresh clone to an open window.

use crate::failure::Failure;
use crate::place::Place;
use crate::processes;
use crate::system::{self, Need};
use crate::test::APP;
use crate::ui;

/// What the person asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Open it on a display that nobody sees.
    pub virtual_display: bool,
    /// Build it as it ships.
    pub release: bool,
    /// For Jalon itself.
    pub arguments: Vec<String>,
}

/// Installs what is missing, builds, opens the window and waits until it is closed.
pub(crate) fn run(place: &mut Place, wish: &Wish) -> Result<(), Failure> {
    // Said before ten minutes of building, not after.
    if !wish.virtual_display && !has_display() {
        return Err(Failure::new(
            "there is no display to open a window on ($DISPLAY and $WAYLAND_DISPLAY are not set)",
            "start it in a desktop session, or without seeing it: cargo xtask run --virtual-display",
        ));
    }
    if wish.virtual_display && !cfg!(target_os = "linux") {
        return Err(Failure::new("a virtual display exists on Linux alone", "leave out --virtual-display"));
    }
    system::ready(place, if wish.virtual_display { Need::BuildAndDisplay } else { Need::Build })?;
    ui::ready(place)?;
    let mut build = place.cargo(APP);
    if wish.release {
        build.arg("--release");
    }
    processes::run(&mut build)?;
    let mut jalon = place.command(place.built(if wish.release { "release" } else { "debug" }, "jalon"));
    jalon.args(&wish.arguments);
    if wish.virtual_display { unseen(place, jalon) } else { open(jalon) }
}

fn open(mut jalon: std::process::Command) -> Result<(), Failure> {
    println!("$ {}", processes::shown(&jalon));
    // As long as the person likes.
    let status = processes::start(&mut jalon)?.wait().map_err(|error| Failure::new(error.to_string(), ""))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("Jalon ended with {status}"), "")) }
}

#[cfg(target_os = "linux")]
fn unseen(place: &Place, mut jalon: std::process::Command) -> Result<(), Failure> {
    let (folder, place) = crate::folder::Folder::create(place)?;
    let display = crate::display::Display::start(&place, folder.path())?;
    display.lend(&mut jalon);
    let name = display.name();
    println!("The window opens on the virtual display {name}, where nobody sees it. Ctrl-C ends it.");
    open(jalon)
}

#[cfg(not(target_os = "linux"))]
fn unseen(_: &Place, _: std::process::Command) -> Result<(), Failure> {
    Err(Failure::new("a virtual display exists on Linux alone", "leave out --virtual-display"))
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
