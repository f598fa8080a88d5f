//! A desktop that shows notifications, on a message bus of a test's own: what it is told can be read.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use zbus::zvariant::Value;

use crate::process::{Running, until};
use crate::project::Bench;

/// What the desktop was told: first lines and bodies.
type Shown = Arc<Mutex<Vec<(String, String)>>>;

/// The running desktop.
pub struct Notifications {
    /// Address of its bus, for `DBUS_SESSION_BUS_ADDRESS`.
    pub address: String,
    shown: Shown,
    folder: PathBuf,
    // Ended in this order: the service before its bus.
    _service: zbus::Connection,
    _bus: Running,
}

impl Notifications {
    /// Starts a bus and the service on it.
    pub async fn start(bench: &Bench) -> Self {
        let folder = bench.path().with_extension("desktop");
        std::fs::create_dir(&folder).unwrap();
        let socket = folder.join("bus");
        let address = format!("unix:path={}", socket.display());
        let bus = Running::start(
            Command::new("dbus-daemon").args(["--session", "--nofork", "--nopidfile", "--address", &address]),
            &folder,
        );
        until("the bus", || socket.exists());
        let shown = Shown::default();
        let service = zbus::connection::Builder::address(address.as_str())
            .unwrap()
            .name("org.freedesktop.Notifications")
            .unwrap()
            .serve_at("/org/freedesktop/Notifications", Service(shown.clone()))
            .unwrap()
            .build()
            .await
            .unwrap();
        Self { address, shown, folder, _service: service, _bus: bus }
    }

    /// What was shown so far: first lines and bodies.
    pub fn shown(&self) -> Vec<(String, String)> {
        self.shown.lock().unwrap().clone()
    }
}

impl Drop for Notifications {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// <https://specifications.freedesktop.org/notification-spec/latest/protocol.html>
struct Service(Shown);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[allow(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &self,
        _app_name: &str,
        _replaces: u32,
        _icon: &str,
        summary: &str,
        body: &str,
        _actions: Vec<String>,
        _hints: HashMap<String, Value<'_>>,
        _expires: i32,
    ) -> u32 {
        let mut shown = self.0.lock().unwrap();
        shown.push((summary.to_owned(), body.to_owned()));
        u32::try_from(shown.len()).unwrap()
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ["tests", "jalon", "1", "1.2"].map(str::to_owned).into()
    }
}
