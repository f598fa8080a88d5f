//! A desktop session for tests: private folders, a display, a message bus and an unlocked keychain, all of which are gone
//! afterwards. The person's own home, keychain, tokens and bus are out of reach in it.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::display::{Display, first_line};
use crate::failure::Failure;
use crate::folder::Folder;
use crate::place::Place;
use crate::processes::{self, Marked};

const HOME: &str = "home";
/// Unlocks a keychain that lives as long as the session; no secret.
const PASSWORD: &[u8] = b"session";
const KEYRING_START: Duration = Duration::from_secs(30);
/// A bus that starts nothing by itself: no accessibility, settings or portal services, and no second keychain.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:path=BUS</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;
/// What would let a test reach the person's own things.
const WITHHELD: &[&str] =
    &["GH_TOKEN", "GITHUB_TOKEN", "SSH_AUTH_SOCK", "GNOME_KEYRING_CONTROL", "KUBECONFIG", "LANGUAGE"];

/// What a session has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Furniture {
    /// An unlocked keychain on the bus. Without it the bus is there, and asking for a keychain finds none.
    pub keyring: bool,
}

/// A running session; everything in it ends when dropped.
pub(crate) struct Session {
    place: Place,
    address: String,
    keyring: Option<Child>,
    bus: Child,
    display: Display,
    // Last: fields are dropped in their order.
    folder: Folder,
}

impl Session {
    /// Starts one, after clearing away what an interrupted one has left.
    pub(crate) fn start(place: &Place, furniture: Furniture) -> Result<Self, Failure> {
        // The processes of this session are told apart from those of the job around it.
        let (folder, place) = Folder::create(place)?;
        for (_, name) in XDG {
            folder.within(name)?;
        }
        folder.within(HOME)?;
        let display = Display::start(&place, folder.path())?;
        let (bus, address) = start_bus(&place, folder.path())?;
        // From here on, Drop ends what was started.
        let mut session = Self { place, address, keyring: None, bus, display, folder };
        if furniture.keyring {
            session.start_keyring()?;
        }
        Ok(session)
    }

    /// Moves a command into the session.
    pub(crate) fn lend(&self, command: &mut Command) {
        // Cargo and rustup live under the real home.
        if let Some(home) = env::var_os("HOME").map(PathBuf::from) {
            for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
                if env::var_os(name).is_none() && home.join(folder).is_dir() {
                    command.env(name, home.join(folder));
                }
            }
        }
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            let theirs = text.starts_with("JALON_")
                || text.starts_with("DBUS_")
                || text.starts_with("XDG_") && !text.ends_with("_DIRS");
            if theirs || WITHHELD.contains(&&*text) {
                command.env_remove(&name);
            }
        }
        command.env(crate::place::MARK, &self.place.mark);
        command.env("HOME", self.folder.path().join(HOME)).env("LC_ALL", "C.UTF-8");
        for (name, folder) in XDG {
            command.env(name, self.folder.path().join(folder));
        }
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        // Settings in memory and no accessibility bus: both would be started by the bus.
        command.env("GSETTINGS_BACKEND", "memory").env("NO_AT_BRIDGE", "1");
        self.display.lend(command);
    }

    /// What the commands run so far have left running. Waits a moment for it to end by itself; the rest ends with the
    /// session.
    pub(crate) fn leftovers(&self) -> Vec<Marked> {
        processes::remaining(&self.place.mark, &self.servers())
    }

    fn servers(&self) -> Vec<u32> {
        self.keyring.iter().map(Child::id).chain([self.bus.id(), self.display.pid()]).collect()
    }

    fn start_keyring(&mut self) -> Result<(), Failure> {
        let mut command = self.place.command("gnome-keyring-daemon");
        command.args(["--unlock", "--components=secrets", "--foreground"]);
        self.lend(&mut command);
        let log = self.folder.path().join("keyring.log");
        let open = || fs::File::options().create(true).append(true).open(&log);
        let (out, errors) =
            open().and_then(|out| Ok((out, open()?))).map_err(|error| Failure::file(&log, &error))?;
        let mut child = processes::start(command.stdin(Stdio::piped()).stdout(out).stderr(errors))?;
        // Closed after the password: that is how the daemon knows where it ends.
        let told = child.stdin.take().map(|mut input| input.write_all(PASSWORD));
        self.keyring = Some(child);
        if !matches!(told, Some(Ok(()))) {
            return Err(Failure::new("gnome-keyring-daemon did not take its password", "start again"));
        }
        let begun = Instant::now();
        while !self.has_keychain() {
            if begun.elapsed() > KEYRING_START {
                let said = fs::read_to_string(&log).unwrap_or_default();
                return Err(Failure::new(
                    format!("no keychain after {} s\n{said}", KEYRING_START.as_secs()),
                    "check that the packages gnome-keyring and dbus are installed",
                ));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn has_keychain(&self) -> bool {
        let mut ask = self.place.command("dbus-send");
        self.lend(&mut ask);
        ask.args(["--session", "--print-reply", "--reply-timeout=2000", "--dest=org.freedesktop.DBus"]);
        ask.args([
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.NameHasOwner",
            "string:org.freedesktop.secrets",
        ]);
        processes::answer(&mut ask).is_some_and(|reply| reply.contains("boolean true"))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let servers = self.servers();
        if processes::marked(&self.place.mark).iter().any(|found| !servers.contains(&found.pid)) {
            // Something outlived its command; the servers go with it.
            processes::end_marked(&self.place.mark);
        }
        if let Some(keyring) = &mut self.keyring {
            processes::dismiss(keyring);
        }
        processes::dismiss(&mut self.bus);
        // Then the display, then the folder, by their own drops.
    }
}

/// Runs one command in a session of its own and hands back its exit code.
pub(crate) fn one(
    place: &Place,
    furniture: Furniture,
    words: &[String],
    longest: Duration,
) -> Result<u8, Failure> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(Failure::new("no command was given", "cargo xtask session -- COMMAND…"));
    };
    let session = Session::start(place, furniture)?;
    let mut command = place.command(program);
    command.args(arguments);
    if let Ok(here) = env::current_dir() {
        command.current_dir(here);
    }
    session.lend(&mut command);
    let mut child = processes::start(&mut command)?;
    let Some(status) = processes::wait(&mut child, longest) else {
        processes::dismiss(&mut child);
        let what = format!("`{program}` was still running after {} s and was ended", longest.as_secs());
        return Err(Failure::new(what, "give it longer with --deadline SECONDS"));
    };
    for left in session.leftovers() {
        eprintln!("left running, now ended: {} {}", left.pid, left.line);
    }
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

const XDG: &[(&str, &str)] = &[
    ("XDG_DATA_HOME", "data"),
    ("XDG_CONFIG_HOME", "config"),
    ("XDG_CACHE_HOME", "cache"),
    ("XDG_STATE_HOME", "state"),
    ("XDG_RUNTIME_DIR", "run"),
];

fn start_bus(place: &Place, dir: &Path) -> Result<(Child, String), Failure> {
    let socket = dir.join("run/bus");
    let config = dir.join("bus.conf");
    fs::write(&config, BUS.replace("path=BUS", &format!("path={}", socket.display())))
        .map_err(|error| Failure::file(&config, &error))?;
    let mut command = place.command("dbus-daemon");
    command.arg(format!("--config-file={}", config.display())).args([
        "--nofork",
        "--nopidfile",
        "--print-address=1",
    ]);
    first_line(&mut command, &dir.join("bus.log"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bus_starts_nothing_by_itself() {
        assert!(!BUS.contains("servicedir"));
        assert!(BUS.contains(">unix:path=BUS<"));
    }
}
