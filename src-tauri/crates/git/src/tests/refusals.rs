//! Folders that are no clone, and programs that are no git.

use super::{AUTHOR, Scene, commit, minute, tree, variables};
use crate::{Author, Clone, Error, Git, NewCommit};

async fn refusal(git: &Git, dir: &std::path::Path) -> Error {
    Clone::open(git, dir).await.unwrap_err()
}

#[tokio::test]
async fn folders_that_are_no_clone() {
    let scene = Scene::new();
    let name = |dir: &str| scene.at(dir).display().to_string();
    for dir in ["clone", "nowhere"] {
        assert_eq!(refusal(&scene.git, &scene.at(dir)).await, Error::NotClone { dir: name(dir) });
    }
    Clone::init(&scene.git, &scene.at("clone")).await.unwrap();
    assert_eq!(refusal(&scene.git, &scene.at("clone")).await, Error::NoCommit { dir: name("clone") });
    scene.run(&["init", "--quiet", "--bare", "bare"]);
    let bare = scene.at("clone/bare");
    assert_eq!(refusal(&scene.git, &bare).await, Error::NotClone { dir: bare.display().to_string() });
    // The metadata of a clone is not its folder.
    let inside = refusal(&scene.git, &scene.at("clone/.git")).await;
    assert!(matches!(inside, Error::NotClone { .. }), "{inside}");
}

#[tokio::test]
async fn only_the_top_of_a_clone_is_one() {
    let (scene, clone, sha) = Scene::with(&[("folder/file", "1")]).await;
    let inside = refusal(&scene.git, &scene.at("clone/folder")).await;
    assert!(matches!(inside, Error::NotTop { .. }), "{inside}");
    // A worktree is a clone.
    commit(&clone, "other", Some(&sha), &[], "Second", 1).await;
    scene.run(&["worktree", "add", "--quiet", "../tree", "other"]);
    let tree = Clone::open(&scene.git, &scene.at("tree")).await.unwrap();
    assert_eq!(tree.head().await.unwrap().branches, ["other"]);
    // A repository that claims somebody's home as its files.
    std::fs::create_dir(scene.at("elsewhere")).unwrap();
    scene.run(&["config", "core.worktree", scene.at("elsewhere").to_str().unwrap()]);
    let claimed = refusal(&scene.git, &scene.at("clone")).await;
    assert!(matches!(claimed, Error::NotTop { .. }), "{claimed}");
}

#[tokio::test]
async fn a_link_to_a_clone_is_that_clone() {
    let (scene, _, sha) = Scene::with(&[("a", "1")]).await;
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(scene.at("clone"), scene.at("link")).unwrap();
        let clone = Clone::open(&scene.git, &scene.at("link")).await.unwrap();
        assert_eq!(clone.head().await.unwrap().sha, sha);
    }
    let _ = (scene, sha);
}

#[tokio::test]
async fn git_may_be_missing() {
    let scene = Scene::new();
    let git = Git::new("git-of-nowhere", variables(scene.folder.path()));
    assert_eq!(refusal(&git, &scene.at("clone")).await, Error::Missing { program: "git-of-nowhere".into() });
    // Only what the caller passes is searched, and no folder relative to the current one.
    let git = Git::new("git", [("PATH".into(), ".:folder".into())]);
    assert_eq!(refusal(&git, &scene.at("clone")).await, Error::Missing { program: "git".into() });
}

#[tokio::test]
async fn a_folder_cannot_be_made_into_a_repository_where_there_is_none() {
    let scene = Scene::new();
    let refused = Clone::init(&scene.git, &scene.at("nowhere")).await.unwrap_err();
    assert!(matches!(refused, Error::Failed { .. }), "{refused}");
}

#[tokio::test]
async fn names_cannot_smuggle_commands_into_a_commit() {
    let (_scene, clone, sha) = Scene::with(&[("a", "1")]).await;
    let files = tree(&[("b", "1")]);
    let good = NewCommit {
        branch: "main",
        parent: Some(&sha),
        files: &files,
        message: "Second",
        author: AUTHOR,
        when: minute(1),
    };
    let evil = tree(&[("b\nreset refs/heads/evil", "1")]);
    let out = tree(&[("../b", "1")]);
    let quoted = tree(&[("\"b\"", "1")]);
    let forger = Author { name: "A\nmark :2", mail: "a@localhost" };
    for bad in [
        NewCommit { branch: "main\nreset refs/heads/evil", ..good },
        NewCommit { branch: "bad..name", ..good },
        NewCommit { parent: Some("main"), ..good },
        NewCommit { author: forger, ..good },
        NewCommit { author: Author { name: "<a>", mail: "" }, ..good },
        NewCommit { files: &evil, ..good },
        NewCommit { files: &out, ..good },
        NewCommit { files: &quoted, ..good },
        // Not on top of the branch.
        NewCommit { parent: None, ..good },
    ] {
        assert!(clone.commit_files(&bad).await.is_err(), "{bad:?}");
    }
    // A message may be anything.
    let message = "line\ndone\nreset refs/heads/evil\n";
    let second = clone.commit_files(&NewCommit { message, ..good }).await.unwrap();
    assert_eq!(clone.resolve("main").await.unwrap().sha, second);
    assert!(clone.resolve("evil").await.is_err());
}

#[cfg(unix)]
mod programs {
    use std::time::Duration;

    use super::*;
    use crate::Limits;

    fn quick() -> Limits {
        Limits { call: Duration::from_millis(500), export: Duration::from_millis(500), ..Limits::default() }
    }

    #[tokio::test]
    async fn another_users_clone_is_distrusted() {
        let (scene, ..) = Scene::with(&[("a", "1")]).await;
        // What git's own tests set to act as somebody else.
        let git = scene.program("#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec git \"$@\"\n");
        let refused = refusal(&git, &scene.at("clone")).await;
        assert!(matches!(refused, Error::Ownership { .. }), "{refused}");
        assert!(refused.to_string().contains("safe.directory"));
        // The person's own word for it counts.
        std::fs::write(scene.at("home/.gitconfig"), "[safe]\n\tdirectory = *\n").unwrap();
        Clone::open(&git, &scene.at("clone")).await.unwrap();
    }

    #[tokio::test]
    async fn nothing_of_this_process_is_handed_on() {
        let (scene, ..) = Scene::with(&[("a", "1")]).await;
        let git =
            scene.program(&format!("#!/bin/sh\nenv > '{}'\nexec git \"$@\"\n", scene.at("env").display()));
        Clone::open(&git, &scene.at("clone")).await.unwrap();
        let names = |name: &str| name.starts_with("CARGO");
        assert!(std::env::vars_os().any(|(name, _)| names(&name.to_string_lossy())), "nothing to look for");
        let env = std::fs::read_to_string(scene.at("env")).unwrap();
        assert!(env.contains("GIT_TERMINAL_PROMPT=0") && !env.lines().any(names), "{env}");
    }

    #[tokio::test]
    async fn an_old_git_is_refused() {
        let scene = Scene::new();
        for (printed, told) in
            [("git version 2.30.9", "2.30.9"), ("git version 1.99", "1.99"), ("hello", "hello")]
        {
            let git = scene.program(&format!("#!/bin/sh\necho '{printed}'\n"));
            let refused = refusal(&git, &scene.at("clone")).await;
            assert_eq!(refused, Error::TooOld { found: told.into() });
        }
    }

    #[tokio::test]
    async fn a_program_that_never_ends_is_ended() {
        let scene = Scene::new();
        let script = format!("#!/bin/sh\necho $$ > '{}'\nexec sleep 60\n", scene.at("pid").display());
        let git = scene.program(&script).with_limits(quick());
        let refused = tokio::time::timeout(Duration::from_secs(10), refusal(&git, &scene.at("clone"))).await;
        assert_eq!(refused.unwrap(), Error::TimedOut { command: "version".into(), seconds: 0 });
        let pid = std::fs::read_to_string(scene.at("pid")).unwrap();
        gone(pid.trim()).await;
    }

    #[tokio::test]
    async fn a_program_that_never_stops_talking_is_ended() {
        let scene = Scene::new();
        let limits = Limits { output: 100_000, ..Limits::default() };
        let git = scene.program("#!/bin/sh\nexec yes\n").with_limits(limits);
        let refused = tokio::time::timeout(Duration::from_secs(10), refusal(&git, &scene.at("clone"))).await;
        assert!(matches!(refused.unwrap(), Error::TooLarge { .. }));
    }

    #[tokio::test]
    async fn many_complaints_do_not_block_it() {
        let scene = Scene::new();
        let script =
            "#!/bin/sh\nhead -c 1000000 /dev/zero >&2\necho 'fatal: not a git repository' >&2\nexit 128\n";
        let git = scene.program(script);
        let refused = tokio::time::timeout(Duration::from_secs(10), refusal(&git, &scene.at("clone"))).await;
        assert!(matches!(refused.unwrap(), Error::Failed { .. }));
    }

    #[tokio::test]
    async fn an_export_that_hangs_leaves_nothing() {
        let (scene, _, sha) = Scene::with(&[("a", "1")]).await;
        let script = format!(
            "#!/bin/sh\ncase \"$*\" in *cat-file*) echo $$ > '{}'; exec sleep 60;; esac\nexec git \"$@\"\n",
            scene.at("pid").display()
        );
        let git = scene.program(&script);
        let mut clone = Clone::open(&git, &scene.at("clone")).await.unwrap();
        clone.git = git.with_limits(Limits { export: Duration::from_millis(500), ..Limits::default() });
        let before = scene.names();
        let refused = clone.export(&sha, &scene.at("out")).await.unwrap_err();
        assert_eq!(refused, Error::TimedOut { command: "export".into(), seconds: 0 });
        gone(std::fs::read_to_string(scene.at("pid")).unwrap().trim()).await;
        std::fs::remove_file(scene.at("pid")).unwrap();
        assert_eq!(scene.names(), before);
    }

    /// Waits until a process is no more.
    async fn gone(pid: &str) {
        let end = async {
            loop {
                let mut look = std::process::Command::new("kill");
                if !look.args(["-0", pid]).stderr(std::process::Stdio::null()).status().unwrap().success() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(5), end).await.is_ok(), "{pid} still runs");
    }
}

#[tokio::test]
async fn variables_of_the_caller_do_not_lead_elsewhere() {
    let (scene, _, sha) = Scene::with(&[("a", "1")]).await;
    let mut all = variables(scene.folder.path());
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_EXEC_PATH"] {
        all.push((name.into(), "nowhere".into()));
    }
    let clone = Clone::open(&Git::new("git", all), &scene.at("clone")).await.unwrap();
    assert_eq!(clone.head().await.unwrap().sha, sha);
}
