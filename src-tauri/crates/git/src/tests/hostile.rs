//! A repository that wants its programs run.

#![cfg(unix)]

use std::path::PathBuf;

use super::{Scene, commit};
use crate::Clone;

/// Every way in: each would make the file `bait`.
fn set_traps(scene: &Scene) -> PathBuf {
    let bait = scene.at("bait");
    let script = scene.at("trap");
    scene.program(&format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\ncat\n", bait.display()));
    std::fs::rename(scene.at("program"), &script).unwrap();
    let trap = script.to_str().unwrap();
    for hook in ["post-index-change", "reference-transaction", "post-checkout", "pre-commit", "post-commit"] {
        std::fs::create_dir_all(scene.at("clone/.git/hooks")).unwrap();
        std::fs::copy(&script, scene.at(&format!("clone/.git/hooks/{hook}"))).unwrap();
    }
    for (name, value) in [
        ("core.fsmonitor", trap),
        ("core.pager", trap),
        ("pager.log", "true"),
        ("alias.status", &format!("!{trap}")),
        ("alias.log", &format!("!{trap}")),
        ("diff.external", trap),
        ("log.showSignature", "true"),
        ("gpg.program", trap),
        ("filter.a=b.clean", trap),
        ("filter.a=b.smudge", trap),
        ("filter.a=b.required", "true"),
        ("filter.long.process", trap),
        ("tar.tar.command", trap),
        ("core.sshCommand", trap),
        ("core.askPass", trap),
        ("credential.helper", trap),
    ] {
        scene.run(&["config", name, value]);
    }
    bait
}

#[tokio::test]
async fn nothing_of_it_runs() {
    let attributes = "*.txt filter=a=b diff=a\n*.bin filter=long\n";
    let files = [(".gitattributes", attributes), ("a.txt", "one\n"), ("b.bin", "two\n")];
    let (scene, clone, first) = Scene::with(&files).await;
    // A signature for log to check.
    let tree = scene.run(&["rev-parse", "HEAD^{tree}"]);
    let signed = format!(
        "tree {tree}\nparent {first}\nauthor A <a@localhost> 1900000060 +0000\n\
         committer A <a@localhost> 1900000060 +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n \
         -----END PGP SIGNATURE-----\n\nSigned\n"
    );
    let sha = scene.run_with(&["hash-object", "-t", "commit", "-w", "--stdin"], signed.as_bytes());
    scene.run(&["update-ref", "refs/heads/main", &sha]);
    drop(clone);
    let bait = set_traps(&scene);

    // Same size, other time: git has to read the files to know whether they changed.
    scene.write("a.txt", "ONE\n");
    scene.write("b.bin", "TWO\n");
    let clone = Clone::open(&scene.git, &scene.at("clone")).await.unwrap();
    assert_eq!(clone.head().await.unwrap().subject, "Signed");
    clone.resolve("main").await.unwrap();
    clone.versions(10).await.unwrap();
    assert_eq!(clone.changed().await.unwrap(), ["a.txt", "b.bin"]);
    clone.between(Some(&first), &sha, 10).await.unwrap();
    clone.is_ancestor(&first, &sha).await.unwrap();
    clone.export(&sha, &scene.at("out")).await.unwrap();
    clone.export_working_tree(&scene.at("tree")).await.unwrap();
    assert_eq!(std::fs::read_to_string(scene.at("out/a.txt")).unwrap(), "one\n");
    assert_eq!(std::fs::read_to_string(scene.at("tree/a.txt")).unwrap(), "ONE\n");
    assert!(!bait.exists(), "{}", std::fs::read_to_string(&bait).unwrap());

    // The traps are real: git by itself falls into them.
    for arguments in [&["--no-optional-locks", "status"][..], &["log", "-1"], &["archive", "HEAD"]] {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(scene.at("clone")).args(arguments);
        command.env_clear().envs(super::variables(scene.folder.path()));
        let _ = command.output().unwrap();
        let caught = std::fs::read_to_string(&bait).unwrap_or_default();
        assert!(!caught.is_empty(), "git {arguments:?} runs nothing: this test proves nothing about it");
        std::fs::remove_file(&bait).unwrap();
    }
}

#[tokio::test]
async fn the_persons_own_filters_are_used_to_compare() {
    let files = [(".gitattributes", "*.txt filter=person\n"), ("a.txt", "one\n")];
    let (scene, _, _) = Scene::with(&files).await;
    std::fs::write(scene.at("home/.gitconfig"), "[filter \"person\"]\n\tclean = tr A-Z a-z\n").unwrap();
    // To that filter nothing has changed.
    scene.write("a.txt", "ONE\n");
    let clone = Clone::open(&scene.git, &scene.at("clone")).await.unwrap();
    assert_eq!(clone.changed().await.unwrap(), Vec::<String>::new());
    // The repository may not put a program of its own in its place.
    scene.run(&["config", "filter.person.clean", &format!("touch '{}'", scene.at("bait").display())]);
    let clone = Clone::open(&scene.git, &scene.at("clone")).await.unwrap();
    assert_eq!(clone.changed().await.unwrap(), Vec::<String>::new());
    assert!(!scene.at("bait").exists());
}

#[tokio::test]
async fn a_partial_clone_fetches_nothing() {
    let (scene, clone, sha) = Scene::with(&[("a", "content that is missing")]).await;
    let bait = scene.at("bait");
    let url = format!("ext::touch {}", bait.display());
    for (name, value) in [
        ("remote.origin.url", url.as_str()),
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialclonefilter", "blob:none"),
        ("extensions.partialClone", "origin"),
        ("core.repositoryformatversion", "1"),
        ("protocol.ext.allow", "always"),
    ] {
        scene.run(&["config", name, value]);
    }
    let blob = scene.run(&["rev-parse", "HEAD:a"]);
    std::fs::remove_file(scene.at("clone/.git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    assert!(clone.export(&sha, &scene.at("out")).await.is_err());
    assert!(!bait.exists() && !scene.at("out").exists());
    // git by itself runs the command.
    let mut command = std::process::Command::new("git");
    command.arg("-C").arg(scene.at("clone")).args(["cat-file", "-p", &blob]);
    command.env_clear().envs(super::variables(scene.folder.path()));
    assert!(!command.output().unwrap().status.success());
    assert!(bait.exists(), "this test proves nothing");
}

#[tokio::test]
async fn nothing_stands_in_for_a_commit() {
    let (scene, clone, first) = Scene::with(&[("a", "good")]).await;
    let evil = commit(&clone, "evil", None, &[("a", "evil")], "Evil", 1).await;
    scene.run(&["replace", &first, &evil]);
    std::fs::create_dir_all(scene.at("clone/.git/info")).unwrap();
    std::fs::write(scene.at("clone/.git/info/grafts"), format!("{first} {evil}\n")).unwrap();
    assert_eq!(clone.head().await.unwrap().subject, "First");
    assert_eq!(clone.between(None, &first, 10).await.unwrap().len(), 1);
    clone.export(&first, &scene.at("out")).await.unwrap();
    assert_eq!(std::fs::read_to_string(scene.at("out/a")).unwrap(), "good");
    assert_eq!(scene.run(&["show", "-s", "--format=%s", &first]), "Evil");
}
