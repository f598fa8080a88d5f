//! What is missing on this system, and installing it.

use std::io::IsTerminal;
use std::process::Command;

use crate::failure::Failure;
use crate::place::Place;
use crate::processes;

/// What building the window needs.
const BUILD: &[&str] =
    &["build-essential", "pkg-config", "libwebkit2gtk-4.1-dev", "librsvg2-dev", "libdbus-1-dev"];
/// What building everything except the window needs: SQLite is compiled from C.
const PLAIN: &[&str] = &["build-essential", "pkg-config", "git"];
/// What a virtual display needs.
const DISPLAY: &[&str] = &["xvfb", "xauth"];
/// What driving the window and the keychain in tests needs, and reading documents as a person would.
const PEERS: &[&str] = &[
    "webkit2gtk-driver",
    "gnome-keyring",
    "dbus",
    "fonts-dejavu-core",
    "fonts-liberation",
    "git",
    "libreoffice-writer-nogui",
    "libreoffice-impress-nogui",
    "poppler-utils",
];

/// Node that Vite supports: `^20.19 || >=22.12`.
const NODE_WANTED: &str = "20.19 or newer of 20, or 22.12 and up";
/// What is fetched where Node is missing or too old.
const NODE_FETCHED: &str = "node@22";

/// What a job needs from the operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Everything but the window: no WebKit.
    Plain,
    /// Building the window.
    Build,
    /// Building the window and opening it where nobody looks.
    BuildAndDisplay,
    /// Everything the tests use.
    Tests,
}

impl Need {
    fn packages(self) -> Vec<&'static str> {
        let groups: &[&[&str]] = match self {
            Need::Plain => &[PLAIN],
            Need::Build => &[BUILD],
            Need::BuildAndDisplay => &[BUILD, DISPLAY],
            Need::Tests => &[BUILD, DISPLAY, PEERS],
        };
        groups.concat()
    }
}

/// Installs what `need` is missing and a Node that builds the window, or says how to.
pub(crate) fn ready(place: &mut Place, need: Need) -> Result<(), Failure> {
    packages(place, need)?;
    node(place)
}

/// Installs what `need` is missing from the operating system, or says how to.
pub(crate) fn packages(place: &Place, need: Need) -> Result<(), Failure> {
    let answers = |program: &str, arguments: &[&str]| {
        processes::answer(place.command(program).args(arguments)).is_some()
    };
    match std::env::consts::OS {
        "linux" => linux_packages(place, need),
        "macos" => macos_parts(answers),
        "windows" => {
            if let Some(advice) = windows_parts(answers) {
                println!("{advice}");
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// What building on macOS needs beyond Rust. `answers` says whether a command ends well.
fn macos_parts(answers: impl Fn(&str, &[&str]) -> bool) -> Result<(), Failure> {
    if answers("xcode-select", &["-p"]) {
        return Ok(());
    }
    Err(Failure::new("Xcode's command line tools are missing", "run `xcode-select --install`"))
}

fn linux_packages(place: &Place, need: Need) -> Result<(), Failure> {
    if place.which("dpkg-query").is_none() || place.which("apt-get").is_none() {
        return other_linux(place, need);
    }
    let wanted = need.packages();
    let mut query = place.command("dpkg-query");
    query.args(["--show", "--showformat", "${Package} ${db:Status-Status}\n"]).args(&wanted);
    // It fails when it knows none of a name, yet prints the others.
    let known =
        query.output().map_err(|error| Failure::new(format!("dpkg-query: {error}"), "repair dpkg"))?;
    install(place, &missing(&wanted, &String::from_utf8_lossy(&known.stdout)))
}

/// The names in `wanted` that dpkg-query's answer does not list as installed.
fn missing<'a>(wanted: &[&'a str], known: &str) -> Vec<&'a str> {
    let installed = |name: &str| known.lines().any(|line| line.split_once(' ') == Some((name, "installed")));
    wanted.iter().copied().filter(|name| !installed(name)).collect()
}

fn install(place: &Place, packages: &[&str]) -> Result<(), Failure> {
    if packages.is_empty() {
        return Ok(());
    }
    let by_hand = format!("sudo apt-get update && sudo apt-get install {}", packages.join(" "));
    let Some(raise) = raise(place) else {
        return Err(Failure::new(
            format!("these packages are missing: {}", packages.join(" ")),
            format!("have someone who may run it run: {by_hand}"),
        ));
    };
    println!("Missing on this system: {}. Installing by apt-get.", packages.join(" "));
    // Lists may be absent (fresh image) or unreachable (no network); in the second case old ones can still do.
    if let Err(failure) = processes::run(&mut apt(place, &raise, &["update"])) {
        println!("{failure}; going on with the package lists that are here");
    }
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(packages);
    processes::run(&mut apt(place, &raise, &arguments)).map_err(|failure| {
        Failure::new(failure.what, format!("see apt's message above, then run: {by_hand}"))
    })
}

/// Reads the lists of packages anew.
pub(crate) fn refresh(place: &Place) -> Result<(), Failure> {
    let raise = raise(place).ok_or_else(|| {
        Failure::new("apt's lists are missing or old", "have someone who may run it run: sudo apt-get update")
    })?;
    processes::run(&mut apt(place, &raise, &["update"]))
}

/// Installs pip, which fetches what only PyPI has.
pub(crate) fn pip(place: &Place) -> Result<(), Failure> {
    if place.which("apt-get").is_none() {
        return Err(Failure::new(
            "python3 has no pip",
            "install python3 with pip, or Go from https://go.dev/dl",
        ));
    }
    install(place, &["python3-pip"])
}

fn apt(place: &Place, raise: &[&str], arguments: &[&str]) -> Command {
    let words = [raise, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]].concat();
    let mut command = place.command(words[0]);
    command.args(&words[1..]).args(["-o", "DPkg::Lock::Timeout=300"]).args(arguments);
    command
}

/// What makes a command run as root: nothing, or sudo. `None` where neither is possible.
fn raise(place: &Place) -> Option<Vec<&'static str>> {
    if processes::answer(place.command("id").arg("-u")).as_deref() == Some("0") {
        return Some(Vec::new());
    }
    place.which("sudo")?;
    if std::io::stdin().is_terminal() {
        return Some(vec!["sudo"]);
    }
    // Nobody can type a password here.
    processes::answer(place.command("sudo").args(["-n", "true"])).map(|_| vec!["sudo", "-n"])
}

/// Without apt nothing is installed; what matters is looked for.
fn other_linux(place: &Place, need: Need) -> Result<(), Failure> {
    let libraries = ["--exists", "webkit2gtk-4.1", "librsvg-2.0", "dbus-1"];
    let built =
        need == Need::Plain || processes::answer(place.command("pkg-config").args(libraries)).is_some();
    let programs: &[&str] = match need {
        Need::Plain | Need::Build => &[],
        Need::BuildAndDisplay => &["Xvfb"],
        Need::Tests => &[
            "Xvfb",
            "WebKitWebDriver",
            "gnome-keyring-daemon",
            "dbus-daemon",
            "dbus-send",
            "soffice",
            "pdftoppm",
        ],
    };
    let absent: Vec<&str> = programs.iter().copied().filter(|name| place.which(name).is_none()).collect();
    if built && absent.is_empty() {
        return Ok(());
    }
    let programs =
        if absent.is_empty() { String::new() } else { format!(" and the programs {}", absent.join(", ")) };
    Err(Failure::new(
        format!(
            "this is neither Debian nor Ubuntu, and WebKitGTK 4.1, librsvg, D-Bus{programs} are not all here"
        ),
        "Fedora: dnf install gcc make pkgconf webkit2gtk4.1-devel librsvg2-devel dbus-devel; \
         Arch: pacman -S base-devel webkit2gtk-4.1 librsvg dbus; then start again",
    ))
}

/// What the window needs on Windows, and how to get it; none where it is there.
fn windows_parts(answers: impl Fn(&str, &[&str]) -> bool) -> Option<&'static str> {
    const KEY: &str =
        r"HKLM\SOFTWARE\WOW6432Node\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}";
    // Part of Windows 11; missing on some Windows 10.
    (!answers("reg", &["query", KEY, "/v", "pv"])).then_some(
        "WebView2 was not found: if the window stays away, winget install Microsoft.EdgeWebView2Runtime",
    )
}

/// Makes a Node that can build the window the one that later commands find.
pub(crate) fn node(place: &mut Place) -> Result<(), Failure> {
    let folder = place.target.join("node");
    let fetched = folder.join("node_modules/node/bin");
    if fetched.is_dir() {
        place.prepend(fetched.clone());
        if version(place).is_some_and(recent) {
            return Ok(());
        }
    }
    let here = version(place);
    let npm = |place: &Place| processes::answer(&mut place.npm(&place.root, &["--version"])).is_some();
    if here.is_some_and(recent) && npm(place) {
        return Ok(());
    }
    match here {
        Some((major, minor)) => println!("Node {major}.{minor} is too old (wanted: {NODE_WANTED})."),
        None => println!("Node is missing (wanted: {NODE_WANTED})."),
    }
    if !npm(place) {
        if !cfg!(target_os = "linux") || place.which("apt-get").is_none() {
            return Err(Failure::new("Node and npm are missing", "install Node 22 from https://nodejs.org"));
        }
        install(place, &["nodejs", "npm"])?;
        if version(place).is_some_and(recent) {
            return Ok(());
        }
    }
    println!("Fetching {NODE_FETCHED} into {}; nothing outside this folder changes.", folder.display());
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    let prefix = folder.to_string_lossy().into_owned();
    let arguments = ["install", "--no-audit", "--no-fund", "--no-save", "--prefix", &prefix, NODE_FETCHED];
    processes::run(&mut place.npm(&folder, &arguments)).map_err(|failure| {
        Failure::new(failure.what, "check the network, or install Node 22 from https://nodejs.org yourself")
    })?;
    place.prepend(fetched);
    if version(place).is_some_and(recent) {
        return Ok(());
    }
    Err(Failure::new(
        "the Node that npm fetched does not run here",
        "install Node 22 from https://nodejs.org",
    ))
}

fn version(place: &Place) -> Option<(u32, u32)> {
    parse_version(&processes::answer(place.command("node").arg("--version"))?)
}

/// `v22.12.0` as major and minor.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn recent(version: (u32, u32)) -> bool {
    matches!(version, (20, 19..) | (22, 12..) | (23.., _))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_installed_packages_count() {
        let known = "xvfb installed\nxauth config-files\ndbus installed\n";
        assert_eq!(missing(&["xvfb", "xauth", "dbus", "nowhere"], known), ["xauth", "nowhere"]);
    }

    #[test]
    fn other_systems_are_told_what_is_missing_and_how_to_get_it() {
        let failure = macos_parts(|program, _| program != "xcode-select").unwrap_err();
        assert!(failure.what.contains("Xcode") && failure.next.contains("xcode-select --install"));
        assert!(macos_parts(|_, _| true).is_ok());
        let advice = windows_parts(|program, _| program != "reg").unwrap();
        assert!(advice.contains("WebView2") && advice.contains("winget install"));
        assert!(windows_parts(|_, _| true).is_none());
    }

    #[test]
    fn a_name_is_not_its_longer_neighbour() {
        assert_eq!(missing(&["dbus"], "dbus-x11 installed\n"), ["dbus"]);
    }

    #[test]
    fn node_is_judged_as_vite_judges_it() {
        let judged = |text| parse_version(text).map(recent);
        for good in ["v20.19.0", "v20.20.2\n", "v22.12.0", "v24.1.0"] {
            assert_eq!(judged(good), Some(true), "{good}");
        }
        for old in ["v18.20.4", "v20.18.9", "v21.7.0", "v22.11.0"] {
            assert_eq!(judged(old), Some(false), "{old}");
        }
        assert_eq!(judged("nonsense"), None);
    }

    #[test]
    fn tests_need_all_that_the_window_needs() {
        let tests = Need::Tests.packages();
        assert!(Need::BuildAndDisplay.packages().iter().all(|name| tests.contains(name)));
    }
}
