//! Ends what a test process has started when that process ends, however it ends.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

/// Reads process ids until its owner is gone; then ends them and removes the folder. A process is only ended if its
/// command line names the folder: an id may belong to somebody else by then.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
while read -r id; do ids="$ids $id"; done
for id in $ids; do
    if tr '\0' ' ' < "/proc/$id/cmdline" 2>/dev/null | grep -qF -- "$1"; then kill -KILL "$id"; fi
done
for try in 1 2 3 4 5 6 7 8 9 10; do rm -rf -- "$1" && break; done 2>/dev/null
"#;

/// A process of its own that outlives its owner by a moment.
pub(super) struct Keeper(Mutex<Child>);

impl Keeper {
    /// Watches over a folder and the processes that are told about.
    pub(super) fn of(folder: &Path) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "keeper"]).arg(folder);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(Mutex::new(child.unwrap()))
    }

    /// A process that ends with the owner; its command line must name the folder.
    pub(super) fn tell(&self, id: u32) {
        writeln!(self.0.lock().unwrap().stdin.as_mut().unwrap(), "{id}").unwrap();
    }
}
