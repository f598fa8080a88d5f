//! `cargo xtask` where nobody looks: a session, and the window on a display of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tests::process::{Running, alive, built, descendants, root, run, until};
use tests::project::Bench;

/// The built xtask as Cargo would start it, in a desktop without a display.
fn xtask(words: &[&str]) -> Command {
    let mut command = Command::new(built("xtask"));
    command.args(words).current_dir(root());
    command.env("CARGO_MANIFEST_DIR", root().join("src-tauri/xtask"));
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("XAUTHORITY");
    command
}

/// Whatever happens to the test, what runs below a process ends with it.
struct Below(u32);

impl Drop for Below {
    fn drop(&mut self) {
        let ids: Vec<String> = descendants(self.0).iter().map(u32::to_string).collect();
        if !ids.is_empty() {
            let _ = Command::new("kill").arg("-TERM").args(ids).status();
        }
    }
}

/// Name of its program: the first 15 letters.
fn program(id: u32) -> String {
    std::fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default().trim().to_owned()
}

/// The child of `of` that runs `name`.
fn child(of: u32, name: &str) -> Option<u32> {
    descendants(of).into_iter().find(|id| program(*id) == name)
}

#[test]
fn a_session_has_a_display_a_bus_and_a_home_of_its_own_and_leaves_nothing() {
    let script = "test -S /tmp/.X11-unix/X${DISPLAY#:} && test -s \"$XAUTHORITY\" && test -z \"$WAYLAND_DISPLAY\" \
        && dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetId >/dev/null \
        && echo \"$HOME\"";
    let output =
        run(&mut xtask(&["session", "--no-keyring", "--deadline", "50", "--", "sh", "-c", script]), "");
    let (said, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success(), "{said}{errors}");
    let home = PathBuf::from(said.lines().next_back().unwrap());
    assert!(home.is_absolute() && !home.exists(), "{} is gone with its session", home.display());
    let output = run(&mut xtask(&["session", "--no-keyring", "--", "sh", "-c", "exit 7"]), "");
    assert_eq!(output.status.code(), Some(7), "the command's own exit code");
}

#[test]
fn run_opens_the_window_on_a_virtual_display_and_clears_it_away() {
    let bench = Bench::new();
    let mut command = xtask(&["run", "--virtual-display"]);
    command.envs(bench.variables("http://127.0.0.1:9"));
    for folder in ["DATA", "CACHE", "CONFIG", "STATE"] {
        command.env(format!("XDG_{folder}_HOME"), bench.path().join("xdg").join(folder.to_lowercase()));
    }
    let running = Running::with_input(&mut command, bench.path(), Stdio::null());
    let log = || std::fs::read_to_string(bench.path().join("xtask.log")).unwrap();
    let id = running.id();
    let _below = Below(id);
    // Everything was built by the stages before: what takes time is the window.
    until("an open window", || {
        assert!(alive(id), "it ended:\n{}", log());
        log().contains("jalon: window ready")
    });
    assert!(log().contains("The window opens on the virtual display :"), "{}", log());
    let (display, jalon) = (child(id, "Xvfb").unwrap(), child(id, "jalon").unwrap());
    assert!(child(jalon, "WebKitWebProces").is_some(), "a page is shown");
    let lent = std::fs::read(format!("/proc/{jalon}/environ")).unwrap();
    assert!(lent.split(|byte| *byte == 0).any(|pair| pair.starts_with(b"DISPLAY=:")));

    // As if somebody closed the window.
    assert!(run(Command::new("kill").args(["-TERM", &jalon.to_string()]), "").status.success());
    assert_eq!(running.ended(), Some(1), "Jalon was ended by a signal, and that is told:\n{}", log());
    assert!(log().contains("Jalon ended with signal"), "{}", log());
    until("the end of the display", || !alive(display));
}
