//! Trees and working folders, written elsewhere.

use std::path::Path;

use super::{Scene, commit};
use crate::{Clone, Error, Limits};

fn text(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// A commit of a tree given as raw entries, which git would not make itself: mode, name, digits of the object.
fn raw_commit(scene: &Scene, entries: &[(&str, &str, &str)]) -> String {
    let mut tree = Vec::new();
    for (mode, name, sha) in entries {
        tree.extend(format!("{mode} {name}\0").bytes());
        tree.extend((0..40).step_by(2).map(|at| u8::from_str_radix(&sha[at..at + 2], 16).unwrap()));
    }
    let tree = scene.run_with(&["hash-object", "-t", "tree", "--literally", "-w", "--stdin"], &tree);
    scene.run(&["commit-tree", &tree, "-m", "Raw"])
}

fn blob(scene: &Scene, content: &str) -> String {
    scene.run_with(&["hash-object", "-w", "--stdin"], content.as_bytes())
}

#[tokio::test]
async fn a_commit_is_written_byte_for_byte() {
    let attributes = "* text eol=crlf\nsecret export-ignore\nversion export-subst\n*.up ident\n";
    let files = [
        (".gitattributes", attributes),
        ("secret", "kept\n"),
        ("version", "$Format:%H$\n"),
        ("id.up", "$Id$\n"),
        ("a/b/c d/été.txt", "two\r\nlines\n"),
        ("empty", ""),
    ];
    let (scene, clone, sha) = Scene::with(&files).await;
    scene.run(&["config", "core.autocrlf", "true"]);
    // What is on disk does not matter.
    scene.write("secret", "changed\n");
    clone.export(&sha, &scene.at("out")).await.unwrap();
    for (path, content) in files {
        assert_eq!(text(scene.at("out").join(path)), content, "{path}");
    }
    assert!(!scene.at("out/.git").exists());
    let left: Vec<_> =
        std::fs::read_dir(scene.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[tokio::test]
async fn a_folder_that_is_there_stays_as_it_is() {
    let (scene, clone, sha) = Scene::with(&[("a", "1")]).await;
    std::fs::create_dir(scene.at("out")).unwrap();
    let before = scene.names();
    let there = Error::Exists { path: scene.at("out").display().to_string() };
    assert_eq!(clone.export(&sha, &scene.at("out")).await, Err(there.clone()));
    assert_eq!(clone.export_working_tree(&scene.at("out")).await, Err(there));
    assert_eq!(scene.names(), before);
}

#[tokio::test]
async fn places_that_cannot_be_written_are_named() {
    let (scene, clone, sha) = Scene::with(&[("a", "1")]).await;
    let closed = scene.at("closed");
    std::fs::create_dir(&closed).unwrap();
    let mut places = vec![scene.at("nowhere/out"), scene.at("clone/a/out")];
    let mut rights = std::fs::metadata(&closed).unwrap().permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(&closed, rights).unwrap();
    match std::fs::write(closed.join("probe"), "") {
        Err(_) => places.push(closed.join("out")),
        // The superuser is not held by rights, but by this.
        Ok(()) if Path::new("/proc/self").exists() => places.push("/proc/out".into()),
        Ok(()) => {}
    }
    for place in places {
        for refused in [clone.export(&sha, &place).await, clone.export_working_tree(&place).await] {
            assert!(matches!(refused, Err(Error::Files { .. })), "{}: {refused:?}", place.display());
        }
        assert!(!place.exists());
    }
}

#[tokio::test]
async fn large_trees_are_refused_and_large_files_are_not() {
    let (scene, mut clone, first) = Scene::with(&[("a", "1"), ("b", "2"), ("c", "3")]).await;
    let large = "0123456789abcdef".repeat(1 << 20);
    let sha = commit(&clone, "main", Some(&first), &[("large", &large)], "Large", 1).await;
    clone.export(&sha, &scene.at("out")).await.unwrap();
    assert_eq!(std::fs::metadata(scene.at("out/large")).unwrap().len(), 16 << 20);
    let before = scene.names();
    let limits = *clone.git.limits();
    let no = scene.at("no");
    clone.git = scene.git.clone().with_limits(Limits { export_bytes: (16 << 20) - 1, ..limits });
    assert!(matches!(clone.export(&sha, &no).await, Err(Error::TooLarge { .. })));
    clone.git = scene.git.clone().with_limits(Limits { export_bytes: 2, ..limits });
    assert!(matches!(clone.export_working_tree(&no).await, Err(Error::TooLarge { .. })));
    clone.git = scene.git.clone().with_limits(Limits { export_files: 2, ..limits });
    assert!(matches!(clone.export(&first, &no).await, Err(Error::TooLarge { .. })));
    assert!(matches!(clone.export_working_tree(&no).await, Err(Error::TooLarge { .. })));
    assert_eq!(scene.names(), before);
}

#[tokio::test]
async fn a_commit_that_is_none_is_refused() {
    let (scene, clone, _) = Scene::with(&[("a", "1")]).await;
    assert!(matches!(clone.export("main", &scene.at("out")).await, Err(Error::BadName { .. })));
    let absent = "0123456789012345678901234567890123456789";
    assert!(matches!(clone.export(absent, &scene.at("out")).await, Err(Error::Failed { .. })));
    assert!(!scene.at("out").exists());
}

#[tokio::test]
async fn one_file_is_read_as_it_was_committed() {
    let files = [("a.toml", "one"), ("a folder/é*", "two"), (".gitattributes", "* text eol=crlf\n")];
    let (scene, mut clone, sha) = Scene::with(&files).await;
    scene.write("a.toml", "changed");
    assert_eq!(clone.file(&sha, "a.toml").await.unwrap().unwrap(), b"one");
    assert_eq!(clone.file(&sha, "a folder/é*").await.unwrap().unwrap(), b"two");
    for absent in ["b.toml", "a folder", "a.*", "a folder/é", "a.toml/b", "-r", ":(top)a.toml"] {
        assert_eq!(clone.file(&sha, absent).await.unwrap(), None, "{absent}");
    }
    for refused in ["../a.toml", "/a.toml", "a folder/", ""] {
        assert!(matches!(clone.file(&sha, refused).await, Err(Error::Refused { .. })), "{refused}");
    }
    let link = raw_commit(&scene, &[("120000", "a.toml", &blob(&scene, "/etc/passwd"))]);
    assert_eq!(clone.file(&link, "a.toml").await.unwrap(), None);
    let absent = "0123456789012345678901234567890123456789";
    assert!(matches!(clone.file(absent, "a.toml").await, Err(Error::Failed { .. })));
    let small = Limits { output: 60, ..*clone.git.limits() };
    let large = commit(&clone, "main", Some(&sha), &[("a", &"x".repeat(61))], "Large", 1).await;
    clone.git = scene.git.clone().with_limits(small);
    assert!(matches!(clone.file(&large, "a").await, Err(Error::TooLarge { .. })));
}

#[tokio::test]
async fn names_that_lead_out_are_refused() {
    let (scene, clone, first) = Scene::with(&[("a", "1")]).await;
    let one = blob(&scene, "1");
    let tree = scene.run(&["rev-parse", &format!("{first}^{{tree}}")]);
    let before = scene.names();
    for entry in
        [("40000", "..", &tree), ("40000", ".git", &tree), ("100644", ".GIT", &one), ("40000", ".", &tree)]
    {
        let sha = raw_commit(&scene, &[(entry.0, entry.1, entry.2)]);
        let refused = clone.export(&sha, &scene.at("out")).await;
        assert!(matches!(refused, Err(Error::Refused { .. })), "{entry:?}: {refused:?}");
    }
    assert_eq!(scene.names(), before);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[tokio::test]
    async fn links_and_programs_stay_what_they_are() {
        let (scene, clone, _) = Scene::with(&[("folder/file", "1")]).await;
        symlink("folder/file", scene.at("clone/link")).unwrap();
        symlink("../nowhere", scene.at("clone/folder/up")).unwrap();
        scene.write("program", "#!/bin/sh\n");
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(scene.at("clone/program"), executable).unwrap();
        scene.write("line\nbreak", "x");
        scene.run(&["add", "--all"]);
        scene.run(&["commit", "--quiet", "-m", "Second"]);
        let sha = clone.head().await.unwrap().sha;
        clone.export(&sha, &scene.at("out")).await.unwrap();
        clone.export_working_tree(&scene.at("tree")).await.unwrap();
        for out in ["out", "tree"] {
            let out = scene.at(out);
            assert_eq!(std::fs::read_link(out.join("link")).unwrap(), Path::new("folder/file"));
            assert_eq!(text(out.join("link")), "1");
            assert_eq!(std::fs::read_link(out.join("folder/up")).unwrap(), Path::new("../nowhere"));
            let mode = |name: &str| std::fs::metadata(out.join(name)).unwrap().permissions().mode();
            assert_ne!(mode("program") & 0o100, 0);
            assert_eq!(mode("folder/file") & 0o111, 0);
            assert_eq!(text(out.join("line\nbreak")), "x");
        }
    }

    #[tokio::test]
    async fn links_that_lead_out_are_refused() {
        let (scene, clone, _) = Scene::with(&[("folder/file", "1")]).await;
        let long = "a".repeat(5000);
        for (place, target) in [
            ("link", "/etc/passwd"),
            ("link", "../outside"),
            ("folder/link", "../../outside"),
            ("link", "folder/../../outside"),
            ("link", &long),
        ] {
            let target = blob(&scene, target);
            let (folder, name) = place.split_once('/').unwrap_or(("", place));
            let mut sha = raw_commit(&scene, &[("120000", name, &target)]);
            if !folder.is_empty() {
                let tree = scene.run(&["rev-parse", &format!("{sha}^{{tree}}")]);
                sha = raw_commit(&scene, &[("40000", folder, &tree)]);
            }
            let refused = clone.export(&sha, &scene.at("out")).await;
            assert!(matches!(refused, Err(Error::Refused { .. })), "{place}: {refused:?}");
        }
        symlink("/etc/passwd", scene.at("clone/link")).unwrap();
        let refused = clone.export_working_tree(&scene.at("out")).await;
        assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
        assert!(!scene.at("out").exists());
    }

    #[tokio::test]
    async fn nothing_is_written_through_a_link() {
        let (scene, clone, _) = Scene::with(&[("file", "1")]).await;
        let (here, up, one) = (blob(&scene, "."), blob(&scene, "../outside"), blob(&scene, "1"));
        let tree = |entries: &[(&str, &str, &str)]| {
            scene.run(&["rev-parse", &format!("{}^{{tree}}", raw_commit(&scene, entries))])
        };
        let before = scene.names();
        // `x` is a link to its own folder, and a folder whose link would then be one step too high.
        let link_below = tree(&[("120000", "y", &up)]);
        let file_below = tree(&[("100644", "y", &one)]);
        for below in [&link_below, &file_below] {
            let sha = raw_commit(&scene, &[("120000", "x", &here), ("40000", "x", below)]);
            let refused = clone.export(&sha, &scene.at("out")).await;
            assert!(refused.is_err(), "{refused:?}");
        }
        assert_eq!(scene.names(), before);
    }

    #[tokio::test]
    async fn the_working_folder_is_written_as_it_is() {
        let files = [
            ("kept", "1"),
            ("changed", "1"),
            ("gone", "1"),
            ("moved/x", "1"),
            (".gitignore", "*.env\n/moved\n"),
        ];
        let (scene, clone, _) = Scene::with(&files).await;
        scene.write("changed", "2");
        scene.write("new/file", "3");
        scene.write("secret.env", "4");
        std::fs::remove_file(scene.at("clone/gone")).unwrap();
        // A tracked file below what is now a link to somewhere else, which git ignores.
        std::fs::remove_dir_all(scene.at("clone/moved")).unwrap();
        std::fs::create_dir(scene.at("outside")).unwrap();
        std::fs::write(scene.at("outside/x"), "private").unwrap();
        symlink("../outside", scene.at("clone/moved")).unwrap();
        // A repository inside.
        scene.run(&["init", "--quiet", "inner"]);
        scene.write("inner/file", "5");
        scene.run(&["-C", "inner", "commit", "--quiet", "--allow-empty", "-m", "Inner"]);
        clone.export_working_tree(&scene.at("out")).await.unwrap();
        let out = scene.at("out");
        assert_eq!((text(out.join("kept")), text(out.join("changed"))), ("1".into(), "2".into()));
        assert_eq!(text(out.join("new/file")), "3");
        for absent in ["gone", "secret.env", "inner", "moved", ".git"] {
            assert!(out.join(absent).symlink_metadata().is_err(), "{absent}");
        }
    }

    #[tokio::test]
    async fn a_pipe_in_place_of_a_file_does_not_block() {
        let (scene, clone, _) = Scene::with(&[("file", "1")]).await;
        std::fs::remove_file(scene.at("clone/file")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(scene.at("clone/file")).status().unwrap();
        assert!(made.success());
        let refused = clone.export_working_tree(&scene.at("out")).await;
        assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
    }

    #[tokio::test]
    async fn submodules_are_empty_folders() {
        let (scene, clone, first) = Scene::with(&[("file", "1")]).await;
        let one = blob(&scene, "1");
        let sha = raw_commit(&scene, &[("100644", "a", &one), ("160000", "sub", &first)]);
        clone.export(&sha, &scene.at("out")).await.unwrap();
        assert_eq!(std::fs::read_dir(scene.at("out/sub")).unwrap().count(), 0);
        assert_eq!(text(scene.at("out/a")), "1");
    }

    #[tokio::test]
    async fn two_exports_at_once_do_not_mix() {
        let (scene, clone, first) = Scene::with(&[("a", "1")]).await;
        let second = commit(&clone, "main", Some(&first), &[("a", "2")], "Second", 1).await;
        let (one, two) = (scene.at("one"), scene.at("two"));
        let (a, b) = tokio::join!(clone.export(&first, &one), clone.export(&second, &two));
        a.unwrap();
        b.unwrap();
        assert_eq!((text(scene.at("one/a")), text(scene.at("two/a"))), ("1".into(), "2".into()));
        // Both want one place: one gets it, whole.
        let place = scene.at("place");
        let (a, b) = tokio::join!(clone.export(&first, &place), clone.export(&second, &place));
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        assert!(["1", "2"].contains(&text(place.join("a")).as_str()));
    }
}

#[tokio::test]
async fn a_dropped_export_leaves_nothing() {
    let large = "x".repeat(8 << 20);
    let (scene, clone, sha) = Scene::with(&[("large", &large)]).await;
    let before = scene.names();
    let out = scene.at("out");
    tokio::select! {
        biased;
        () = async {
            while scene.names() == before {
                tokio::task::yield_now().await;
            }
        } => {}
        done = clone.export(&sha, &out) => panic!("it was quicker than a look: {done:?}"),
    }
    let clean = async {
        while scene.names() != before {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), clean).await.unwrap();
    let again = Clone::open(&scene.git, &scene.at("clone")).await.unwrap();
    again.export(&sha, &out).await.unwrap();
}
