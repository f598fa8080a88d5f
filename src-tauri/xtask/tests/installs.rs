//! What is installed on a system where things are missing: a toy clone, and stand-ins for dpkg, apt, sudo, npm and Node
//! that note how they were called.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// All packages of the tests but two: one was removed and left its settings, one was never here.
const INSTALLED: &str = "build-essential pkg-config libwebkit2gtk-4.1-dev librsvg2-dev libdbus-1-dev xvfb xauth \
    dbus fonts-dejavu-core git fonts-liberation libreoffice-writer-nogui libreoffice-impress-nogui poppler-utils";

/// One test at a time: a program that was just written cannot be started while another test is starting its own, which
/// for a moment still has the file open.
static ALONE: Mutex<()> = Mutex::new(());

/// A system with nothing but what a test puts there.
struct System(PathBuf, #[expect(dead_code, reason = "held, not read")] MutexGuard<'static, ()>);

impl System {
    fn new(name: &str) -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        for part in ["bin", "clone/ui", "clone/src-tauri/xtask", "target/debug"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        fs::write(folder.join("clone/ui/package-lock.json"), "{}").unwrap();
        // What it fetches lands in the build folder it lies in: in this one, not in the real one.
        fs::hard_link(env!("CARGO_BIN_EXE_xtask"), folder.join("target/debug/xtask")).unwrap();
        symlink("/usr/bin/env", folder.join("bin/env")).unwrap();
        let system = Self(folder, alone);
        system.program("id", "echo 1000");
        system.program("git", "");
        system.program(
            "dpkg-query",
            &format!("printf '%s installed\\n' {INSTALLED}; echo gnome-keyring config-files"),
        );
        system.program("apt-get", "");
        system
    }

    /// A program that notes its name and arguments, then does `script`.
    fn program(&self, name: &str, script: &str) {
        let text = format!(
            "#!/bin/sh\necho \"{name} $*\" >>'{log}'\nT='{folder}'\n{script}\n",
            log = self.0.join("log").display(),
            folder = self.0.display(),
        );
        let path = self.0.join("bin").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn xtask(&self, words: &[&str]) -> Output {
        let mut command = Command::new(self.0.join("target/debug/xtask"));
        command.args(words).env_clear().env("PATH", self.0.join("bin"));
        command.env("CARGO_MANIFEST_DIR", self.0.join("clone/src-tauri/xtask"));
        command.env("CARGO", self.0.join("bin/cargo")).output().unwrap()
    }

    /// Calls of a program so far.
    fn calls(&self, name: &str) -> Vec<String> {
        let log = fs::read_to_string(self.0.join("log")).unwrap_or_default();
        log.lines().filter(|line| line.starts_with(&format!("{name} "))).map(str::to_owned).collect()
    }
}

impl Drop for System {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn who_may_not_install_is_told_what_and_how() {
    let system = System::new("nobody");
    let output = system.xtask(&["test", "peers"]);
    assert_eq!(output.status.code(), Some(1));
    let words = errors(&output);
    assert!(words.contains("these packages are missing: webkit2gtk-driver gnome-keyring\n"), "{words}");
    assert!(words.contains("sudo apt-get install webkit2gtk-driver gnome-keyring"), "{words}");
    assert_eq!(system.calls("apt-get"), [""; 0], "nothing was tried");

    // A sudo that wants a password from nobody is no sudo.
    system.program("sudo", "exit 1");
    assert!(errors(&system.xtask(&["test", "peers"])).contains("these packages are missing"));
    assert_eq!(system.calls("sudo"), ["sudo -n true"]);
}

#[test]
fn root_and_sudo_install_what_is_missing_and_no_more() {
    for root in [true, false] {
        let system = System::new(if root { "root" } else { "sudo" });
        if root {
            system.program("id", "echo 0");
        } else {
            system.program("sudo", "shift; [ \"$*\" = true ] || exec \"$@\"");
        }
        // No network for the lists is no reason to stop; a package that cannot be had is.
        system.program("apt-get", "case \"$*\" in *update) exit 100;; *) exit 7;; esac");
        let output = system.xtask(&["test", "peers"]);
        assert_eq!(output.status.code(), Some(1));
        let calls = system.calls("apt-get");
        assert_eq!(calls.len(), 2, "{calls:?}");
        assert!(calls[0].ends_with(" update"), "{calls:?}");
        assert!(
            calls[1].ends_with(" install --yes --no-install-recommends webkit2gtk-driver gnome-keyring"),
            "{calls:?}"
        );
        assert!(errors(&output).contains("see apt's message above"), "{}", errors(&output));
        assert_eq!(system.calls("sudo").len(), if root { 0 } else { 3 }, "asked once, used twice");
    }
}

#[test]
fn a_node_that_is_missing_or_too_old_is_fetched_into_the_build_folder_once() {
    for here in [None, Some("v18.20.4")] {
        let system = System::new(if here.is_some() { "old-node" } else { "no-node" });
        system.program("id", "echo 0");
        for folder in ["/bin", "/usr/bin"] {
            for name in ["mkdir", "cp", "chmod", "cat"] {
                if Path::new(folder).join(name).is_file() && !system.0.join("bin").join(name).exists() {
                    symlink(Path::new(folder).join(name), system.0.join("bin").join(name)).unwrap();
                }
            }
        }
        // npm as Debian has it: it brings an old Node, and can fetch a newer one.
        let fetching = "case \"$*\" in\n\
            --version) echo 9.2.0;;\n\
            *node@22) mkdir -p \"$T/target/node/node_modules/node/bin\"\n\
            printf '#!/bin/sh\\necho v22.20.0\\n' >\"$T/target/node/node_modules/node/bin/node\"\n\
            chmod +x \"$T/target/node/node_modules/node/bin/node\";;\n\
            ci*) mkdir -p node_modules; node --version >\"$T/node-of-ci\";;\n\
            esac";
        match here {
            Some(version) => {
                system.program("node", &format!("echo {version}"));
                system.program("npm", fetching);
            }
            None => {
                system.program("npm.new", fetching);
                system.program("node.new", "echo v18.20.4");
                let install = "case \"$*\" in *nodejs\\ npm) cp \"$T/bin/npm.new\" \"$T/bin/npm\"\n\
                    cp \"$T/bin/node.new\" \"$T/bin/node\";; esac";
                system.program("apt-get", install);
            }
        }
        for _ in 0..2 {
            let output = system.xtask(&["test", "ui-install"]);
            assert!(
                output.status.success(),
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                errors(&output)
            );
        }
        let node = fs::read_to_string(system.0.join("node-of-ci")).unwrap();
        assert_eq!(node, "v22.20.0\n", "what follows finds the new one");
        let log = fs::read_to_string(system.0.join("log")).unwrap();
        assert_eq!(log.lines().filter(|line| line.ends_with("node@22")).count(), 1, "{log}");
        let installs =
            system.calls("apt-get").into_iter().filter(|call| call.ends_with("nodejs npm")).count();
        assert_eq!(installs, usize::from(here.is_none()), "{log}");
    }
}
