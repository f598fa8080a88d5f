//! A display that nobody sees: Xvfb with a cookie of its own, ended by process number.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::failure::Failure;
use crate::place::Place;
use crate::processes;

/// A cold Xvfb on a loaded machine.
const START: Duration = Duration::from_secs(30);

/// A running X server; ends when dropped.
pub(crate) struct Display {
    child: Child,
    number: String,
    cookie: PathBuf,
}

impl Display {
    /// Starts one on the first free number. `dir` is private; cookie and log lie in it.
    pub(crate) fn start(place: &Place, dir: &Path) -> Result<Self, Failure> {
        let cookie = dir.join("Xauthority");
        write_cookie(&cookie).map_err(|error| Failure::file(&cookie, &error))?;
        let mut command = place.command("Xvfb");
        command
            .args(["-displayfd", "1", "-screen", "0", "1920x1200x24", "-nolisten", "tcp", "-auth"])
            .arg(&cookie);
        let (child, number) = first_line(&mut command, &dir.join("Xvfb.log"))?;
        Ok(Self { child, number, cookie })
    }

    /// Makes a command open its windows here.
    pub(crate) fn lend(&self, command: &mut Command) {
        command.env("DISPLAY", self.name()).env("XAUTHORITY", &self.cookie);
        command.env_remove("WAYLAND_DISPLAY").env("GDK_BACKEND", "x11");
    }

    /// `:99`, say.
    pub(crate) fn name(&self) -> String {
        format!(":{}", self.number)
    }

    /// The server's process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // Asked, not killed: it then removes its lock and its socket.
        processes::dismiss(&mut self.child);
    }
}

/// Starts a server whose first line on standard output says where it listens; the rest goes to `log`.
pub(crate) fn first_line(command: &mut Command, log: &Path) -> Result<(Child, String), Failure> {
    let file = File::create(log).map_err(|error| Failure::file(log, &error))?;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file);
    let mut child = processes::start(command)?;
    let (send, line) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        thread::spawn(move || {
            let mut line = String::new();
            let mut output = BufReader::new(output);
            // Without a line the channel closes, and that is the answer.
            if output.read_line(&mut line).is_ok() && !line.is_empty() && send.send(line).is_ok() {
                let _ = std::io::copy(&mut output, &mut std::io::sink());
            }
        });
    }
    match line.recv_timeout(START) {
        Ok(line) => Ok((child, line.trim().to_owned())),
        Err(_) => {
            processes::dismiss(&mut child);
            let said = fs::read_to_string(log).unwrap_or_default();
            let name = processes::shown(command);
            Err(Failure::new(format!("`{name}` did not come up\n{said}"), "see what it said above"))
        }
    }
}

/// One X authority entry, valid for any host name and any display number, as libXau reads it: family, address, number,
/// name and data, each with its length in front, big-endian.
fn write_cookie(file: &Path) -> std::io::Result<()> {
    let mut secret = [0_u8; 16];
    File::open("/dev/urandom")?.read_exact(&mut secret)?;
    File::create(file)?.write_all(&cookie(secret))
}

fn cookie(secret: [u8; 16]) -> Vec<u8> {
    const ANY_HOST: [u8; 2] = [0xff, 0xff];
    let mut entry = ANY_HOST.to_vec();
    for part in [&b""[..], b"", b"MIT-MAGIC-COOKIE-1", &secret] {
        // Every part is shorter than 19 bytes.
        entry.extend([0, part.len() as u8]);
        entry.extend(part);
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::cookie;

    #[test]
    fn the_cookie_is_laid_out_as_libxau_wants_it() {
        let entry = cookie([7; 16]);
        assert_eq!(entry.len(), 2 + 2 + 2 + 2 + 18 + 2 + 16);
        assert_eq!(entry[..8], [0xff, 0xff, 0, 0, 0, 0, 0, 18]);
        assert_eq!(&entry[8..26], b"MIT-MAGIC-COOKIE-1");
        assert_eq!(entry[26..28], [0, 16]);
    }
}
