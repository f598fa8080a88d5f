//! The rules. Each is a function of a file's path and text.

use std::collections::BTreeSet;

use super::{Finding, Source, json, words};

/// A file longer than this is two files.
const LONGEST: usize = 500;
/// Written by a program, so as long as it needs to be.
const GENERATED: &str = "generated.ts";
/// What the design puts at the top.
const TOP: &[&str] = &[
    ".cargo",
    ".ci",
    ".editorconfig",
    ".gitattributes",
    ".github",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "clippy.toml",
    "deny.toml",
    "icons",
    "milestones",
    "reports",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "src-tauri",
    "tests",
    "ui",
];
/// Crates that one room alone may depend on, by the start of their name.
const WALLS: &[(&str, &str)] =
    &[("rusqlite", "store"), ("keyring", "credentials"), ("zbus-secret-service", "credentials")];
const API: &str = "ui/src/lib/api/";
const LANGUAGES: &[&str] = &["en", "fr"];
/// Where crates come from; anything else is one machine's mirror.
const CRATES: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Names at the top of the clone that the design does not know.
pub(super) fn top_level(paths: &[&str]) -> Vec<Finding> {
    let names: BTreeSet<&str> = paths.iter().map(|path| path.split('/').next().unwrap_or(path)).collect();
    names
        .into_iter()
        .filter(|name| !TOP.contains(name))
        .map(|name| at(name, 0, "the top of the clone has no place for this: move it into a room"))
        .collect()
}

/// All rules but the one above.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        for rule in [long, padded, boundary, walls, left_out, places, mirrors] {
            findings.extend(rule(source));
        }
    }
    findings.extend(messages(sources));
    findings
}

fn at(path: &str, line: usize, message: impl Into<String>) -> Finding {
    Finding { path: path.to_owned(), line, message: message.into() }
}

fn is_source(source: &Source) -> bool {
    ["rs", "ts", "svelte", "css"].contains(&source.extension())
}

fn long(source: &Source) -> Vec<Finding> {
    let count = source.lines().count();
    if !is_source(source) || source.name() == GENERATED || count <= LONGEST {
        return Vec::new();
    }
    vec![at(&source.path, 0, format!("{count} lines: near {LONGEST} a file is two files"))]
}

fn padded(source: &Source) -> Vec<Finding> {
    if !is_source(source) {
        return Vec::new();
    }
    let why = |word: &str| format!("`{word}` says nothing: name the thing it is or the step it does");
    let stem = source.name().split('.').next().unwrap_or_default();
    let file = words::empty(stem).map(|word| at(&source.path, 0, why(&word)));
    let declarations = source.lines().filter(|_| source.extension() == "rs").filter_map(|(line, text)| {
        let word = words::empty(words::declared(text)?)?;
        Some(at(&source.path, line, why(&word)))
    });
    file.into_iter().chain(declarations).collect()
}

fn boundary(source: &Source) -> Vec<Finding> {
    let inside = source.path.starts_with("ui/src/") && ["ts", "js", "svelte"].contains(&source.extension());
    if !inside || source.path.starts_with(API) {
        return Vec::new();
    }
    lines_with(source, "@tauri-apps/", "only ui/src/lib/api talks to Tauri: call what it exports")
}

fn walls(source: &Source) -> Vec<Finding> {
    if source.name() != "Cargo.toml" || source.path == "Cargo.toml" {
        return Vec::new();
    }
    source
        .lines()
        .flat_map(|(line, text)| WALLS.iter().map(move |(name, room)| (line, text, *name, *room)))
        .filter(|(_, text, name, room)| {
            text.trim_start().starts_with(name)
                && source.path != format!("src-tauri/crates/{room}/Cargo.toml")
        })
        .map(|(line, _, name, room)| {
            at(&source.path, line, format!("{name} belongs to the room `{room}` alone"))
        })
        .collect()
}

/// Tests that somebody switched off, or switched all others off for.
fn left_out(source: &Source) -> Vec<Finding> {
    let message = "a test that does not run proves nothing: mend it or delete it";
    match source.extension() {
        "rs" => lines_with(source, concat!("#[", "ignore"), message),
        "ts" | "js" => ["it", "test", "describe", "suite"]
            .iter()
            .flat_map(|who| ["only", "skip", "todo", "fails"].map(|how| format!("{who}.{how}")))
            .flat_map(|needle| lines_with(source, &needle, message))
            .collect(),
        _ => Vec::new(),
    }
}

/// Absolute paths of the machine that somebody happened to work on.
fn places(source: &Source) -> Vec<Finding> {
    let roots = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];
    source
        .lines()
        .filter(|(_, text)| roots.iter().any(|root| names_root(text, root)))
        .map(|(line, _)| {
            at(&source.path, line, "a path of one machine: make it relative, or have it passed in")
        })
        .collect()
}

/// Whether `root` begins a path in `text`, rather than being the middle of one.
fn names_root(text: &str, root: &str) -> bool {
    text.match_indices(root).any(|(start, _)| {
        !text[..start].ends_with(|before: char| before.is_alphanumeric() || "/._-~}>".contains(before))
    })
}

fn mirrors(source: &Source) -> Vec<Finding> {
    let foreign = |marker: &str, home: &str| {
        source
            .lines()
            .filter(|(_, text)| text.trim_start().starts_with(marker) && !text.contains(home))
            .map(|(line, _)| {
                at(&source.path, line, format!("not from {home}: fetch it from there and lock again"))
            })
            .collect()
    };
    let none =
        |marker: &str| lines_with(source, marker, "a registry is a person's own setting, not the clone's");
    match source.name() {
        "Cargo.lock" => foreign("source = ", CRATES),
        "package-lock.json" => none("\"resolved\":"),
        ".npmrc" => [none("registry="), none("registry =")].concat(),
        "config.toml" if source.path.contains(".cargo/") => {
            [none("[source"), none("[registr"), none("replace-with")].concat()
        }
        _ => Vec::new(),
    }
}

fn lines_with(source: &Source, needle: &str, message: &str) -> Vec<Finding> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    source
        .lines()
        .filter(|(_, text)| {
            // `it.only` is not in `unit.only`.
            text.match_indices(needle)
                .any(|(start, _)| !needle.starts_with(is_word) || !text[..start].ends_with(is_word))
        })
        .map(|(line, _)| at(&source.path, line, message))
        .collect()
}

/// Every language says the same things, and says something.
fn messages(sources: &[Source]) -> Vec<Finding> {
    if !sources.iter().any(|source| source.path == "ui/package.json") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut languages: Vec<(String, BTreeSet<String>)> = Vec::new();
    for language in LANGUAGES {
        let path = format!("ui/messages/{language}.json");
        let Some(source) = sources.iter().find(|source| source.path == path) else {
            findings.push(at(&path, 0, "is missing: the window speaks every one of its languages"));
            continue;
        };
        match json::texts(&source.text) {
            Ok(texts) => {
                let empty = texts.iter().filter(|(_, text)| text.trim().is_empty());
                findings
                    .extend(empty.map(|(key, _)| at(&path, 0, format!("`{key}` is empty: translate it"))));
                let mut keys = BTreeSet::new();
                for (key, _) in texts {
                    if let Some(key) = keys.replace(key) {
                        findings.push(at(&path, 0, format!("`{key}` is there twice")));
                    }
                }
                languages.push((path, keys));
            }
            Err(error) => findings.push(at(&path, 0, format!("is not JSON: {error}"))),
        }
    }
    for (path, keys) in &languages {
        for (_, others) in &languages {
            findings.extend(
                others.difference(keys).map(|key| at(path, 0, format!("`{key}` is missing: translate it"))),
            );
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&[source(path, text)])
            .into_iter()
            .map(|finding| {
                format!("{}:{}", finding.line, finding.message.split(':').next().unwrap_or_default())
            })
            .collect()
    }

    #[test]
    fn the_top_level_is_the_designs() {
        assert!(top_level(&["Cargo.toml", "ui/src/App.svelte", ".github/workflows/ci.yml"]).is_empty());
        assert_eq!(top_level(&["scripts/a.sh", "scripts/b.sh"]).len(), 1);
    }

    #[test]
    fn long_files_are_found_unless_generated() {
        let text = "x\n".repeat(LONGEST + 1);
        assert_eq!(found("ui/src/a.css", &text).len(), 1);
        assert!(found("ui/src/a.css", &"x\n".repeat(LONGEST)).is_empty());
        assert!(found("ui/src/lib/api/generated.ts", &text).is_empty());
        assert!(found("README.md", &text).is_empty());
    }

    #[test]
    fn empty_names_are_found_in_files_and_declarations() {
        assert_eq!(found("ui/src/lib/utils.ts", ""), ["0:`utils` says nothing"]);
        assert_eq!(found("a/b.rs", "\npub struct RunManager;"), ["2:`manager` says nothing"]);
        assert!(found("a/b.rs", "// a Manager of runs, the Secret Service").is_empty());
    }

    #[test]
    fn tauri_is_imported_in_one_folder() {
        let import = "import { invoke } from '@tauri-apps/api/core'";
        assert_eq!(found("ui/src/routes/Plan.svelte", import).len(), 1);
        assert!(found("ui/src/lib/api/index.ts", import).is_empty());
    }

    #[test]
    fn sql_and_keychains_have_one_room_each() {
        assert_eq!(found("src-tauri/crates/engine/Cargo.toml", "rusqlite.workspace = true").len(), 1);
        assert_eq!(found("tests/Cargo.toml", "keyring-core = \"1\"").len(), 1);
        assert!(found("src-tauri/crates/store/Cargo.toml", "rusqlite.workspace = true").is_empty());
        assert!(found("src-tauri/crates/credentials/Cargo.toml", "keyring.workspace = true").is_empty());
        assert!(found("src-tauri/crates/engine/Cargo.toml", "# rusqlite is in store").is_empty());
    }

    #[test]
    fn tests_that_do_not_run_are_found() {
        assert_eq!(found("a/b.rs", concat!("#[", "ignore = \"slow\"]")).len(), 1);
        assert_eq!(found("ui/src/a.test.ts", "describe.skip('x')").len(), 1);
        assert_eq!(found("ui/src/a.test.ts", "  it.only('x')").len(), 1);
        assert!(found("ui/src/a.ts", "unit.only(3); list.skip(1)").is_empty());
        assert!(found("a/b.rs", "list.iter().skip(1)").is_empty());
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        let work = concat!("/wo", "rk/main");
        assert_eq!(found("a/b.rs", &format!("let dir = \"{work}\";")).len(), 1);
        assert_eq!(found("README.md", &format!("cd {}x", concat!("/ro", "ot/"))).len(), 1);
        assert!(found("README.md", &format!("https://example.org{work} and src{work}")).is_empty());
    }

    #[test]
    fn mirrors_are_found() {
        assert!(found("Cargo.lock", &format!("source = \"{CRATES}\"")).is_empty());
        assert_eq!(found("Cargo.lock", "source = \"registry+https://mirror.example/index\"").len(), 1);
        assert_eq!(
            found("ui/package-lock.json", "  \"resolved\": \"https://mirror.example/a.tgz\",").len(),
            1
        );
        assert_eq!(found("ui/.npmrc", "registry=https://mirror.example").len(), 1);
        assert!(found("ui/.npmrc", "omit-lockfile-registry-resolved=true\n").is_empty());
        assert_eq!(found(".cargo/config.toml", "[source.crates-io]").len(), 1);
    }

    #[test]
    fn languages_have_the_same_keys_and_no_gaps() {
        let with = |en: &str, fr: &str| {
            let files = [
                source("ui/package.json", "{}"),
                source("ui/messages/en.json", en),
                source("ui/messages/fr.json", fr),
            ];
            check(&files).into_iter().map(|finding| finding.message).collect::<Vec<_>>()
        };
        assert!(with(r#"{"a": "x"}"#, r#"{"a": "y"}"#).is_empty());
        assert_eq!(with(r#"{"a": "x", "b": "x"}"#, r#"{"a": "y"}"#), ["`b` is missing: translate it"]);
        assert_eq!(with(r#"{"a": "x"}"#, r#"{"a": " "}"#), ["`a` is empty: translate it"]);
        assert_eq!(with(r#"{"a": "x", "a": "z"}"#, r#"{"a": "y"}"#), ["`a` is there twice"]);
        assert_eq!(with("{", r#"{"a": "y"}"#).len(), 1);
        assert_eq!(check(&[source("ui/package.json", "{}")]).len(), 2);
    }
}
