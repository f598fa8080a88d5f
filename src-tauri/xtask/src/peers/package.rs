//! Programs from the system's packages, unpacked into the cache: installing them would start services.

use std::fs;
use std::path::PathBuf;

use super::Program;
use super::cache::Cache;
use crate::failure::Failure;
use crate::place::Place;
use crate::processes;
use crate::system;

/// Fetches a package and keeps its programs.
pub(super) fn unpack(place: &Place, cache: &Cache, name: &str, programs: &[&Program]) -> Result<(), Failure> {
    if place.which("apt-get").is_none() || place.which("dpkg-deb").is_none() {
        let names: Vec<&str> = programs.iter().flat_map(|program| program.known_as).copied().collect();
        return Err(Failure::new(
            format!("{name} is missing, and there is no apt to fetch it with"),
            format!("install it so that one of these is on PATH: {}", names.join(", ")),
        ));
    }
    let partial = cache.partial(name)?;
    let fetch = || processes::run(place.command("apt-get").args(["download", name]).current_dir(&partial));
    if fetch().is_err() {
        // The lists of a fresh image are empty.
        system::refresh(place)?;
        fetch().map_err(|failure| {
            Failure::new(failure.what, format!("check the network, or install {name} without its service"))
        })?;
    }
    let files = fs::read_dir(&partial).map_err(|error| Failure::file(&partial, &error))?;
    let package = files
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|end| end == "deb"));
    let package = package.ok_or_else(|| Failure::new(format!("apt-get fetched no {name}"), "start again"))?;
    let version = version_in(&package.file_name().unwrap_or_default().to_string_lossy());
    let tree = partial.join("tree");
    processes::run(place.command("dpkg-deb").arg("--extract").arg(&package).arg(&tree))?;
    let mut found = Vec::new();
    for program in programs {
        let there: Option<PathBuf> =
            program.known_as.iter().map(|name| tree.join("usr/bin").join(name)).find(|path| path.is_file());
        let there = there.ok_or_else(|| {
            Failure::new(format!("the package {name} has no {}", program.name), "install it yourself")
        })?;
        let named = partial.join(program.name);
        fs::rename(&there, &named).map_err(|error| Failure::file(&there, &error))?;
        found.push(named);
    }
    cache.keep(&found, &cache.folder(name, &version))?;
    let _ = fs::remove_dir_all(partial);
    Ok(())
}

/// The version in a package's file name, as a folder may be called.
fn version_in(file: &str) -> String {
    let version = file.split('_').nth(1).unwrap_or("0").rsplit("%3a").next().unwrap_or("0");
    version.replace(|letter: char| !letter.is_ascii_alphanumeric() && !".+-".contains(letter), "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packages_version_is_in_its_name() {
        assert_eq!(version_in("prometheus_2.42.0+ds-5+deb12u1_amd64.deb"), "2.42.0+ds-5+deb12u1");
        assert_eq!(version_in("x_1%3a2.0~rc1_all.deb"), "2.0-rc1");
    }
}
