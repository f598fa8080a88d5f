//! `cargo xtask package`: the file that people install.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::failure::Failure;
use crate::place::Place;
use crate::processes::run;
use crate::system::{self, Need};
use crate::ui;

/// Kinds of bundle that need no download while they are made.
pub(crate) fn usual() -> &'static str {
    if cfg!(target_os = "macos") {
        "dmg"
    } else if cfg!(windows) {
        "msi"
    } else {
        "deb"
    }
}

/// Builds the bundles, a comma-separated list of Tauri's names for them, and says where they lie.
pub(crate) fn package(place: &mut Place, bundles: &str) -> Result<(), Failure> {
    system::ready(place, Need::Build)?;
    ui::ready(place)?;
    run(&mut place.tauri(&["build", "--bundles", bundles]))?;
    let folder = place.target.join("release/bundle");
    let mut missing = Vec::new();
    for kind in bundles.split(',') {
        match newest(&folder.join(kind), kind) {
            Some(file) => {
                let size = fs::metadata(&file).map(|data| data.len()).unwrap_or(0);
                println!("{} ({:.1} MB)", file.display(), size as f64 / 1e6);
            }
            None => missing.push(kind),
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        format!("nothing new of kind {} in {}", missing.join(", "), folder.display()),
        "see what Tauri said above",
    ))
}

fn newest(folder: &Path, kind: &str) -> Option<PathBuf> {
    let of_kind = |path: &PathBuf| {
        let end = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        end == kind || (kind == "nsis" && end == "exe")
    };
    let age = |path: &PathBuf| {
        fs::metadata(path).and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
    };
    let entries = fs::read_dir(folder).ok()?;
    entries.flatten().map(|entry| entry.path()).filter(of_kind).max_by_key(age)
}
