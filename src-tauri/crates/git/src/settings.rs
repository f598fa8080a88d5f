//! Settings that keep git from running what a repository asks for.
//!
//! They come as `GIT_CONFIG_KEY_n` and `GIT_CONFIG_VALUE_n`, which override every file and, unlike `-c`, take any name.

use std::collections::BTreeMap;

/// Name and value of one setting.
pub(crate) type Setting = (String, String);

/// Opens as an empty file, and has no files in it.
const NOTHING: &str = "/dev/null";

/// What holds for every call.
const FIXED: &[(&str, &str)] = &[
    // Programs that a repository can name.
    ("core.hooksPath", NOTHING),
    ("core.fsmonitor", "false"),
    ("core.pager", "cat"),
    ("log.showSignature", "false"),
    ("commit.gpgSign", "false"),
    ("tag.gpgSign", "false"),
    ("tag.forceSignAnnotated", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("protocol.allow", "never"),
    ("safe.bareRepository", "explicit"),
    // Output that other settings would change.
    ("core.abbrev", "auto"),
    ("core.quotePath", "false"),
    ("i18n.logOutputEncoding", "UTF-8"),
    ("log.showRoot", "true"),
    ("log.follow", "false"),
];

/// Variables of the child.
const VARIABLES: &[(&str, &str)] = &[
    ("LC_ALL", "C"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_ADVICE", "0"),
    // A path is a path, whatever characters it holds.
    ("GIT_LITERAL_PATHSPECS", "1"),
    // A commit is what its digits say: nothing is put in its place.
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_GRAFT_FILE", NOTHING),
    // A partial clone would fetch what is missing, by a command of its own choice. No protocol has this name.
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
];

/// The child's variables: the fixed ones, and all settings.
pub(crate) fn environment(more: &[Setting]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let settings: Vec<Setting> = FIXED.iter().map(owned).chain(more.iter().cloned()).collect();
    let mut variables: Vec<(String, String)> = VARIABLES.iter().map(owned).collect();
    variables.push(("GIT_CONFIG_COUNT".to_owned(), settings.len().to_string()));
    for (index, (name, value)) in settings.into_iter().enumerate() {
        variables.push((format!("GIT_CONFIG_KEY_{index}"), name));
        variables.push((format!("GIT_CONFIG_VALUE_{index}"), value));
    }
    variables
}

/// What undoes the filters that the repository's own configuration names: each gets the value of the person's or the
/// machine's configuration, or none. `listing` is what `git config --list --show-scope -z` prints: scope NUL name
/// newline value NUL. None where a filter's name is not UTF-8, so that it could not be undone.
pub(crate) fn without_own_filters(listing: &[u8]) -> Option<Vec<Setting>> {
    let mut trusted: BTreeMap<&str, &str> = BTreeMap::new();
    let mut own: Vec<&str> = Vec::new();
    let mut parts = listing.split(|byte| *byte == 0);
    while let (Some(scope), Some(entry)) = (parts.next(), parts.next()) {
        let end = entry.iter().position(|byte| *byte == b'\n').unwrap_or(entry.len());
        let (name, value) = (&entry[..end], entry.get(end + 1..).unwrap_or_default());
        if !name.starts_with(b"filter.") {
            continue;
        }
        let name = std::str::from_utf8(name).ok()?;
        match scope {
            b"local" | b"worktree" => own.push(name),
            b"command" => {}
            _ => drop(trusted.insert(name, std::str::from_utf8(value).ok()?)),
        }
    }
    own.sort_unstable();
    own.dedup();
    let undone = own.into_iter().map(|name| {
        let none = if name.ends_with(".required") { "false" } else { "" };
        (name.to_owned(), trusted.get(name).copied().unwrap_or(none).to_owned())
    });
    Some(undone.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_filters_are_undone_and_the_persons_kept() {
        let listing = b"system\0core.editor\nx\0global\0filter.lfs.clean\ngit-lfs clean -- %f\0\
                       local\0filter.lfs.clean\nrm -rf x\0local\0filter.a=b.smudge\nevil\0\
                       local\0filter.v.required\0worktree\0filter.w.process\np\0command\0filter.z.clean\nq\0";
        let pairs = without_own_filters(listing).unwrap();
        let expected = [
            ("filter.a=b.smudge", ""),
            ("filter.lfs.clean", "git-lfs clean -- %f"),
            ("filter.v.required", "false"),
            ("filter.w.process", ""),
        ];
        let found: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(found, expected);
        assert_eq!(without_own_filters(b""), Some(vec![]));
        assert_eq!(without_own_filters(b"local\0filter.\xff.clean\nevil\0"), None);
    }

    #[test]
    fn settings_are_counted() {
        let variables: BTreeMap<String, String> =
            environment(&[("filter.x.clean".into(), String::new())]).into_iter().collect();
        let count: usize = variables["GIT_CONFIG_COUNT"].parse().unwrap();
        assert_eq!(count, FIXED.len() + 1);
        assert_eq!(variables[&format!("GIT_CONFIG_KEY_{}", count - 1)], "filter.x.clean");
        assert_eq!(variables[&format!("GIT_CONFIG_VALUE_{}", count - 1)], "");
    }
}
