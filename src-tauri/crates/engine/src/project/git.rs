//! What a clone says of itself. Files are read; git is not run, so nothing of an untrusted repository is either.

use std::path::{Path, PathBuf};

/// Whether the folder is the top of a git clone or worktree.
pub(crate) fn is_clone(dir: &Path) -> bool {
    dir.join(".git").exists()
}

/// `owner/name` of the remote `origin`, when it is on github.com, on `host`, or behind a name of the person's own ssh
/// configuration. The same name on another forge is somebody else's repository.
pub(crate) fn origin(dir: &Path, host: &str) -> Option<String> {
    let text = std::fs::read_to_string(common_dir(dir)?.join("config")).ok()?;
    let (at, repository) = repository_of(&origin_url(&text)?)?;
    let known = at == "github.com" || at == "ssh.github.com" || at == host || !at.contains('.');
    known.then_some(repository)
}

/// The folder with `config`: `.git`, or what a worktree's `.git` file leads to.
fn common_dir(dir: &Path) -> Option<PathBuf> {
    let git = dir.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = std::fs::read_to_string(&git).ok()?;
    let own = dir.join(text.strip_prefix("gitdir:")?.trim());
    match std::fs::read_to_string(own.join("commondir")) {
        Ok(common) => Some(own.join(common.trim())),
        Err(_) => Some(own),
    }
}

fn origin_url(config: &str) -> Option<String> {
    let mut inside = false;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line
                .trim_end_matches(']')
                .trim_start_matches('[')
                .split_whitespace()
                .eq(["remote", "\"origin\""]);
        } else if inside
            && let Some((key, value)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("url")
        {
            return Some(value.trim().trim_matches('"').to_owned());
        }
    }
    None
}

/// Host and `owner/name` of a clone address: `https://github.com/o/n.git`, `git@github.com:o/n`, `ssh://git@…/o/n`.
fn repository_of(address: &str) -> Option<(String, String)> {
    let (host, path) = match address.split_once("://") {
        Some(("file", _)) => return None,
        Some((_, rest)) => rest.split_once('/')?,
        None => address.split_once(':').filter(|(host, _)| !host.contains('/') && host.len() > 1)?,
    };
    let host = host.rsplit('@').next()?.split(':').next()?.to_lowercase();
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    super::config::is_repository(path).then(|| (host, path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (address, repository) in [
            ("https://github.com/team/app.git", Some("team/app")),
            ("https://token@github.com/team/app", Some("team/app")),
            ("git@github.com:team/app.git", Some("team/app")),
            ("ssh://git@github.com:22/team/app.git/", Some("team/app")),
            ("/srv/git/app.git", None),
            ("file:///srv/team/app", None),
            (r"C:\git\app", None),
            ("https://gitlab.example/a/b/c", None),
        ] {
            let found = repository_of(address).map(|(_, repository)| repository);
            assert_eq!(found.as_deref(), repository, "{address}");
        }
    }

    #[test]
    fn another_forge_is_not_github() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        for (url, host, expected) in [
            ("https://gitlab.com/team/app.git", "github.com", None),
            ("https://git.example.org/team/app.git", "git.example.org", Some("team/app")),
            ("git@github-school:team/app.git", "github.com", Some("team/app")),
        ] {
            let config = format!("[remote \"origin\"]\n\turl = {url}\n");
            std::fs::write(folder.path().join(".git/config"), config).unwrap();
            assert_eq!(origin(folder.path(), host).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn clones_worktrees_and_folders_that_are_neither() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!((is_clone(folder.path()), origin(folder.path(), "")), (false, None));
        let main = folder.path().join("main");
        std::fs::create_dir_all(main.join(".git/worktrees/w")).unwrap();
        let config = "[core]\n\tbare = false\n[remote \"up\"]\n\turl = git@github.com:x/y\n[remote \"origin\"]\n\turl = git@github.com:team/app.git\n";
        std::fs::write(main.join(".git/config"), config).unwrap();
        std::fs::write(main.join(".git/worktrees/w/commondir"), "../..\n").unwrap();
        assert_eq!(origin(&main, "").as_deref(), Some("team/app"));
        let tree = folder.path().join("tree");
        std::fs::create_dir(&tree).unwrap();
        std::fs::write(tree.join(".git"), "gitdir: ../main/.git/worktrees/w\n").unwrap();
        assert!(is_clone(&tree));
        assert_eq!(origin(&tree, "").as_deref(), Some("team/app"));
    }
}
