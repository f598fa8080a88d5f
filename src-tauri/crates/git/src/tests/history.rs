//! Commits, names and changed files.

use super::{AUTHOR, Scene, commit, minute};
use crate::{Clone, Error};

/// main: a – b – c; next: b – d. Tags: v1 on a (with a message), v2 on b (without), v3 on d.
async fn history() -> (Scene, Clone, [String; 4]) {
    let (scene, clone, a) = Scene::with(&[("a.txt", "1\n")]).await;
    let b = commit(&clone, "main", Some(&a), &[("a.txt", "2\n")], "Second\n\nwith a body", 10).await;
    let c = commit(&clone, "main", Some(&b), &[("a.txt", "3\n")], "Third", 30).await;
    let d = commit(&clone, "next", Some(&b), &[("a.txt", "4\n")], "Fourth", 20).await;
    clone.tag("v1", &a, "One", AUTHOR, minute(1)).await.unwrap();
    scene.run(&["tag", "v2", &b]);
    clone.tag("v3", &d, "Three", AUTHOR, minute(21)).await.unwrap();
    clone.check_out().await.unwrap();
    (scene, clone, [a, b, c, d])
}

#[tokio::test]
async fn head_is_told_in_full() {
    let (scene, _, [_, _, c, _]) = history().await;
    let clone = Clone::open(&scene.git, &scene.at("clone")).await.unwrap();
    let head = clone.head().await.unwrap();
    assert_eq!(head.sha, c);
    assert_eq!(head.short, c[..7]);
    assert_eq!(head.subject, "Third");
    assert_eq!(head.author, "student-a");
    assert_eq!(head.committed, minute(30));
    assert_eq!((head.tags, head.branches), (vec![], vec!["main".to_owned()]));
    assert_eq!(head.describe, format!("v2-1-g{}", &c[..7]));
    // Somebody who is not on GitHub.
    scene.run(&["commit", "--allow-empty", "--quiet", "-m", "Été\nsecond line"]);
    let head = clone.head().await.unwrap();
    assert_eq!((head.author.as_str(), head.subject.as_str()), ("Student B", "Été second line"));
}

#[tokio::test]
async fn the_same_input_makes_the_same_commits() {
    let (_, _, first) = history().await;
    let (_, _, second) = history().await;
    assert_eq!(first, second);
    // The SHA-1 of this tree, author and time by the definition of a commit, so the same on every machine.
    assert_eq!(first[0], "ebe80d206fc89cc8a764711aa1a1f67d53188961");
}

#[tokio::test]
async fn names_lead_to_commits() {
    let (scene, clone, [a, b, c, d]) = history().await;
    let digits = &b[..10];
    for (name, sha) in [("v1", &a), ("v2", &b), ("next", &d), ("main", &c), ("HEAD~1", &b), (digits, &b)] {
        assert_eq!(&clone.resolve(name).await.unwrap().sha, sha, "{name}");
    }
    let tagged = clone.resolve("v1").await.unwrap();
    assert_eq!((tagged.tags, tagged.describe.as_str()), (vec!["v1".to_owned()], "v1"));
    // Only a remote has it.
    scene.run(&["update-ref", "refs/remotes/origin/theirs", &d]);
    assert_eq!(clone.resolve("theirs").await.unwrap().sha, d);
    let unknown = "0123456789012345678901234567890123456789";
    for name in ["v9", "a b", "v1..v2", unknown, "main:a.txt"] {
        assert_eq!(clone.resolve(name).await, Err(Error::Unknown { name: name.into() }), "{name}");
    }
    for name in ["", "--help", "-1", "a\nb", "a\0b"] {
        assert!(matches!(clone.resolve(name).await, Err(Error::BadName { .. })), "{name:?}");
    }
}

#[tokio::test]
async fn a_branch_that_looks_like_an_option_is_a_branch() {
    let (scene, clone, [_, _, _, d]) = history().await;
    let e = commit(&clone, "x", Some(&d), &[("e", "")], "Fifth", 40).await;
    scene.run(&["update-ref", "refs/heads/--help", &e]);
    let versions = clone.versions(10).await.unwrap();
    let newest = &versions[0];
    assert_eq!((&newest.sha, newest.branches.len()), (&e, 2));
    assert!(newest.branches.contains(&"--help".to_owned()));
    assert_eq!(clone.resolve("refs/heads/--help").await.unwrap().sha, e);
}

#[tokio::test]
async fn few_digits_may_fit_several_commits() {
    let (scene, clone, _) = Scene::with(&[("a", "1")]).await;
    // Four digits are 65,536 values: among 1,200 commits some share theirs, and always the same ones.
    let mut stream = String::new();
    for number in 0..1200 {
        stream.push_str("commit refs/heads/many\ncommitter A <a@localhost> 1900000000 +0000\n");
        stream.push_str(&format!("data <<END\n{number}\nEND\n"));
    }
    scene.run_with(&["fast-import", "--quiet"], stream.as_bytes());
    let mut digits: Vec<String> =
        scene.run(&["rev-list", "many"]).lines().map(|sha| sha[..4].to_owned()).collect();
    digits.sort();
    let shared = digits.windows(2).find(|pair| pair[0] == pair[1]).unwrap()[0].clone();
    assert_eq!(clone.resolve(&shared).await, Err(Error::Ambiguous { name: shared.clone() }));
    let between = clone.between(None, &clone.resolve("many").await.unwrap().sha, 5000).await.unwrap();
    assert_eq!(between.len(), 1000);
}

#[tokio::test]
async fn versions_are_each_once_and_newest_first() {
    let (scene, clone, [a, b, c, d]) = history().await;
    // Names of something that nobody can deploy.
    let blob = scene.run(&["hash-object", "-w", "a.txt"]);
    scene.run(&["tag", "blob", &blob]);
    let shas = |found: Vec<crate::Commit>| found.into_iter().map(|commit| commit.sha).collect::<Vec<_>>();
    assert_eq!(shas(clone.versions(10).await.unwrap()), [c.clone(), d.clone(), b.clone(), a.clone()]);
    // The newest names, and HEAD.
    assert_eq!(shas(clone.versions(1).await.unwrap()), [c.as_str()]);
    let versions = clone.versions(50).await.unwrap();
    let told: Vec<&str> = versions.iter().map(|version| version.describe.as_str()).collect();
    assert_eq!(told, [&c[..7], "v3", "v2", "v1"]);
}

#[tokio::test]
async fn what_lies_between_two_commits() {
    let (_scene, clone, [a, b, c, d]) = history().await;
    let shas = |found: Vec<crate::Commit>| found.into_iter().map(|commit| commit.sha).collect::<Vec<_>>();
    assert_eq!(shas(clone.between(Some(&a), &c, 10).await.unwrap()), [c.clone(), b.clone()]);
    assert_eq!(shas(clone.between(Some(&a), &c, 1).await.unwrap()), [c.as_str()]);
    assert_eq!(shas(clone.between(None, &b, 10).await.unwrap()), [b.clone(), a.clone()]);
    assert_eq!(shas(clone.between(Some(&c), &a, 10).await.unwrap()), Vec::<String>::new());
    assert!(clone.is_ancestor(&a, &d).await.unwrap());
    assert!(clone.is_ancestor(&c, &c).await.unwrap());
    assert!(!clone.is_ancestor(&c, &d).await.unwrap());
    for bad in ["main", "--all", "", &c[..39]] {
        assert!(matches!(clone.between(None, bad, 1).await, Err(Error::BadName { .. })), "{bad}");
        assert!(matches!(clone.is_ancestor(bad, &c).await, Err(Error::BadName { .. })), "{bad}");
    }
    let absent = "0123456789012345678901234567890123456789";
    assert!(matches!(clone.between(Some(absent), &c, 1).await, Err(Error::Failed { .. })));
    assert!(matches!(clone.is_ancestor(absent, &c).await, Err(Error::Failed { .. })));
}

#[tokio::test]
async fn changed_files_are_named_whatever_their_names() {
    let files = [("kept", "1"), ("changed", "1"), ("gone", "1"), (".gitignore", "*.log\n")];
    let (scene, clone, _) = Scene::with(&files).await;
    assert_eq!(clone.changed().await.unwrap(), Vec::<String>::new());
    let index = scene.at("clone/.git/index");
    let before = std::fs::read(&index).unwrap();
    scene.write("changed", "2");
    std::fs::remove_file(scene.at("clone/gone")).unwrap();
    scene.write("ignored.log", "");
    scene.write("folder/new", "");
    let mut expected = vec!["changed", "folder/", "gone", "été à l’école"];
    scene.write("été à l’école", "");
    if cfg!(unix) {
        for name in ["line\nbreak", " space ", "\"quoted\"", "-x", "a -> b"] {
            scene.write(name, "");
            expected.push(name);
        }
    }
    let mut changed = clone.changed().await.unwrap();
    changed.sort();
    expected.sort_unstable();
    assert_eq!(changed, expected);
    // Looking is not writing.
    assert_eq!(std::fs::read(&index).unwrap(), before);
}

#[tokio::test]
async fn files_that_differ_between_two_commits() {
    let (_scene, clone, first) = Scene::with(&[("a/x.py", "1"), ("b.md", "1"), ("same", "1")]).await;
    let files = [("a/migrations/0002 \u{e9}.sql", "2"), ("b.md", "2"), ("same", "1")];
    let second = commit(&clone, "main", Some(&first), &files, "Second", 1).await;
    let expected = ["a/migrations/0002 \u{e9}.sql", "a/x.py", "b.md"];
    assert_eq!(clone.differing(&first, &second).await.unwrap(), expected);
    assert_eq!(clone.differing(&second, &first).await.unwrap(), expected);
    assert_eq!(clone.differing(&first, &first).await.unwrap(), Vec::<String>::new());
    assert!(clone.differing(&first, "HEAD").await.is_err());
    assert!(clone.differing(&first, &"0".repeat(40)).await.is_err());
}
