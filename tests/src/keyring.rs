//! A message bus and a Secret Service of a test's own, which it may lock without locking anybody else's.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use credentials::{Fallback, Vault};

use crate::process::{Running, run, until};
use crate::project::Bench;

/// The running service.
pub struct Keyring {
    /// Address of its bus, for `DBUS_SESSION_BUS_ADDRESS`.
    pub address: String,
    // Ended in this order: the service before its bus.
    service: Running,
    _bus: Running,
}

impl Keyring {
    /// Starts a bus and an unlocked keychain on it.
    pub fn start(bench: &Bench) -> Self {
        // Outside the bench: what the keychain writes is its own, encrypted business.
        let folder: PathBuf = bench.path().with_extension("keyring");
        std::fs::create_dir(&folder).unwrap();
        let socket = folder.join("bus");
        let address = format!("unix:path={}", socket.display());
        let bus = Running::start(
            Command::new("dbus-daemon").args(["--session", "--nofork", "--nopidfile", "--address", &address]),
            &folder,
        );
        until("the bus", || socket.exists());
        let password = folder.join("password");
        std::fs::write(&password, "password").unwrap();
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets", "--unlock"]);
        command
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .env("HOME", &folder)
            .env("XDG_RUNTIME_DIR", &folder);
        command.env("XDG_DATA_HOME", folder.join("data"));
        let input = Stdio::from(std::fs::File::open(&password).unwrap());
        let service = Running::with_input(&mut command, &folder, input);
        let keyring = Self { address, service, _bus: bus };
        until("the keychain", || keyring.default_collection().is_some());
        keyring
    }

    /// Locks the default collection.
    pub fn lock(&self) {
        let collection = self.default_collection().unwrap();
        let objects = format!("array:objpath:{collection}");
        let answer = self.call("org.freedesktop.Secret.Service.Lock", &[&objects]);
        assert!(answer.is_some(), "the keychain locks");
    }

    /// Stops the service where it is: it takes questions and answers none.
    pub fn hang(&self) {
        let mut command = Command::new("kill");
        assert!(run(command.args(["-STOP", &self.service.id().to_string()]), "").status.success());
    }

    fn default_collection(&self) -> Option<String> {
        let answer = self.call("org.freedesktop.Secret.Service.ReadAlias", &["string:default"])?;
        let path = answer.split('"').nth(1)?.to_owned();
        (path != "/").then_some(path)
    }

    fn call(&self, method: &str, arguments: &[&str]) -> Option<String> {
        let mut command = Command::new("dbus-send");
        command.arg(format!("--bus={}", self.address));
        command.args(["--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets", method]);
        command.args(arguments);
        let output = run(&mut command, "");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        if let Some(folder) =
            self.address.strip_prefix("unix:path=").and_then(|path| path.strip_suffix("/bus"))
        {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// What the keychain of this process's session holds under a name.
pub fn kept(name: &str) -> Option<String> {
    // On a thread of its own: asking waits, and a test's runtime may not.
    let ask = || {
        let vault = Vault::new(credentials::platform(), Fallback::Refuse);
        vault.get(name).unwrap().map(|(secret, _)| secret.expose().to_owned())
    };
    std::thread::scope(|scope| scope.spawn(ask).join().unwrap())
}
