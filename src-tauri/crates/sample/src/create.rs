//! The sample's repository.

use std::collections::BTreeMap;
use std::path::Path;

use git::{Author, Clone, Git, NewCommit};
use jiff::{Timestamp, ToSpan};
use tempfile::TempDir;

use crate::files::{Options, Release, files, papers};
use crate::{Error, Result};

/// Nobody's: the commits are the sample's own.
const AUTHOR: Author<'_> = Author { name: "Jalon sample", mail: "sample@localhost" };

/// Writes the sample into a folder that does not exist yet, or is empty: branch `main` at v1.1.0, checked out; branch
/// `next` with two release candidates; tags for all four. The same options make the same commits.
///
/// # Errors
/// The folder holds something or cannot be written, or git is missing. Nothing is changed then.
pub async fn create(git: &Git, dir: &Path, options: &Options) -> Result<()> {
    let dir = std::path::absolute(dir).map_err(|error| files_error(dir, &error))?;
    let there = vacant(&dir)?;
    let parent = dir.parent().unwrap_or(&dir);
    let staging = beside(parent).map_err(|error| files_error(parent, &error))?;
    commit_all(&Clone::init(git, staging.path()).await?, options).await?;
    // Windows replaces no folder, not even an empty one.
    if there {
        std::fs::remove_dir(&dir).map_err(|error| files_error(&dir, &error))?;
    }
    if let Err(error) = std::fs::rename(staging.path(), &dir) {
        if there {
            let _ = std::fs::create_dir(&dir);
        }
        return Err(files_error(&dir, &error));
    }
    // It is elsewhere now: there is nothing to remove.
    let _ = staging.keep();
    Ok(())
}

/// Whether an empty folder is there.
fn vacant(dir: &Path) -> Result<bool> {
    let about = match dir.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(files_error(dir, &error)),
        Ok(about) => about,
    };
    if !about.is_dir() {
        return Err(Error::NotEmpty { dir: dir.display().to_string() });
    }
    let mut entries = std::fs::read_dir(dir).map_err(|error| files_error(dir, &error))?;
    match entries.next() {
        None => Ok(true),
        Some(_) => Err(Error::NotEmpty { dir: dir.display().to_string() }),
    }
}

/// A folder that is removed unless it is kept, with the rights of an ordinary one.
fn beside(parent: &Path) -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".jalon-sample-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    builder.tempdir_in(parent)
}

async fn commit_all(clone: &Clone, options: &Options) -> Result<()> {
    let ago = |minutes: i64| options.now.saturating_sub(minutes.minutes()).unwrap_or(options.now);
    let commit = async |branch: &str,
                        parent: Option<&str>,
                        files: &BTreeMap<String, Vec<u8>>,
                        message: &str,
                        when: Timestamp| {
        clone.commit_files(&NewCommit { branch, parent, files, message, author: AUTHOR, when }).await
    };
    let mut last = commit("main", None, &papers(options), "Plan the project", ago(55)).await?;
    for (release, branch, message, minutes) in [
        (Release::V1_0_0, "main", "Add the service: users and courses", 45),
        (Release::V1_1_0, "main", "Search courses and show how many take part", 30),
        (Release::V1_2_0Rc1, "next", "Offer a course on HTTP", 15),
        (Release::V1_2_0Rc2, "next", "Give the course on HTTP to somebody else", 5),
    ] {
        let when = ago(minutes);
        last = commit(branch, Some(&last), &files(options, release), message, when).await?;
        let tag = release.tag();
        clone.tag(&tag, &last, &format!("Campus {}", release.version()), AUTHOR, when).await?;
    }
    clone.check_out().await?;
    Ok(())
}

fn files_error(path: &Path, error: &std::io::Error) -> Error {
    Error::Files { path: path.display().to_string(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::Language;
    use crate::service::{Arguments, Fault, check};

    /// A folder with a home for git.
    struct Scene {
        folder: TempDir,
        git: Git,
    }

    impl Scene {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("home")).unwrap();
            // git takes what it needs of them; the home is this test's.
            let mut variables: Vec<(OsString, OsString)> =
                std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "SystemRoot").collect();
            variables.push(("HOME".into(), folder.path().join("home").into()));
            Self { git: Git::new("git", variables), folder }
        }

        fn at(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn names(&self) -> Vec<OsString> {
            let entries = std::fs::read_dir(self.folder.path()).unwrap();
            let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        }
    }

    fn options() -> Options {
        let now = "2026-11-26T10:00:00.5Z".parse().unwrap();
        Options::new(Language::En, now, "Europe/Paris", 8081, 8082).unwrap()
    }

    #[tokio::test]
    async fn the_repository_is_ready_to_use() {
        let scene = Scene::new();
        let dir = scene.at("campus");
        create(&scene.git, &dir, &options()).await.unwrap();
        assert_eq!(scene.names(), ["campus", "home"]);
        let clone = Clone::open(&scene.git, &dir).await.unwrap();
        let head = clone.head().await.unwrap();
        assert_eq!((head.describe.as_str(), &head.branches[..]), ("v1.1.0", &["main".to_owned()][..]));
        assert_eq!(head.author, "Jalon sample");
        assert_eq!(clone.changed().await.unwrap(), Vec::<String>::new());
        for (path, content) in files(&options(), Release::V1_1_0) {
            assert_eq!(std::fs::read(dir.join(&path)).unwrap(), content, "{path}");
        }
        let versions = clone.versions(20).await.unwrap();
        let names: Vec<&str> = versions.iter().map(|version| version.describe.as_str()).collect();
        assert_eq!(names[..4], ["v1.2.0-rc.2", "v1.2.0-rc.1", "v1.1.0", "v1.0.0"]);
        assert_eq!((versions.len(), versions[0].branches.as_slice()), (5, &["next".to_owned()][..]));
        let now = options().now;
        for version in &versions {
            let age = now.duration_since(version.committed).as_secs();
            assert!((0..=3600).contains(&age), "{age}");
        }
        assert!(clone.is_ancestor(&head.sha, &versions[0].sha).await.unwrap());
    }

    #[tokio::test]
    async fn each_release_passes_its_tests_or_fails_them() {
        let scene = Scene::new();
        create(&scene.git, &scene.at("campus"), &options()).await.unwrap();
        let clone = Clone::open(&scene.git, &scene.at("campus")).await.unwrap();
        for (release, good, word) in [
            (Release::V1_0_0, true, "11 of 11 checks passed"),
            (Release::V1_1_0, true, "11 of 11 checks passed"),
            (
                Release::V1_2_0Rc1,
                false,
                "FAIL  every course has a teacher among the users: http names \"teacher-c\"",
            ),
            (Release::V1_2_0Rc2, false, "FAIL  the service starts: "),
        ] {
            let sha = clone.resolve(&release.tag()).await.unwrap().sha;
            let out = scene.at(release.version());
            clone.export(&sha, &out).await.unwrap();
            let arguments = Arguments {
                port: 0,
                data: out.join("service"),
                environment: String::new(),
                fault: Fault::None,
                check: true,
            };
            let mut lines = Vec::new();
            let passed = check(&arguments, Arc::new(|| Timestamp::UNIX_EPOCH), &mut lines).await;
            let lines = String::from_utf8(lines).unwrap();
            assert_eq!(passed, good, "{lines}");
            assert!(lines.contains(word), "{lines}");
            // One thing is wrong with a bad one, so that its reason is plain.
            assert_eq!(lines.matches("FAIL").count(), usize::from(!good), "{lines}");
        }
    }

    async fn shas(scene: &Scene, name: &str, options: &Options) -> Vec<String> {
        create(&scene.git, &scene.at(name), options).await.unwrap();
        let clone = Clone::open(&scene.git, &scene.at(name)).await.unwrap();
        assert_eq!(clone.changed().await.unwrap(), Vec::<String>::new());
        clone.versions(20).await.unwrap().into_iter().map(|version| version.sha).collect()
    }

    #[tokio::test]
    async fn the_same_options_make_the_same_commits_whoever_asks() {
        let (scene, other) = (Scene::new(), Scene::new());
        let template = other.at("home/template/hooks");
        std::fs::create_dir_all(&template).unwrap();
        std::fs::write(template.join("pre-commit"), "#!/bin/sh\nexit 1\n").unwrap();
        std::fs::write(other.at("home/ignore"), "*\n").unwrap();
        std::fs::write(other.at("home/attributes"), "* text eol=crlf filter=loud\n").unwrap();
        let config = "[core]\n\tautocrlf = true\n\texcludesFile = ~/ignore\n\tattributesFile = ~/attributes\n\
                      [init]\n\tdefaultBranch = trunk\n\ttemplateDir = ~/template\n\tdefaultObjectFormat = sha256\n\
                      [commit]\n\tgpgSign = true\n[tag]\n\tgpgSign = true\n[user]\n\tname = Student B\n\
                      [filter \"loud\"]\n\tclean = tr a-z A-Z\n\tsmudge = tr a-z A-Z\n\trequired = true\n";
        std::fs::write(other.at("home/.gitconfig"), config).unwrap();
        let first = shas(&scene, "one", &options()).await;
        assert_eq!(first, shas(&scene, "two", &options()).await);
        create(&other.git, &other.at("one"), &options()).await.unwrap();
        let clone = Clone::open(&other.git, &other.at("one")).await.unwrap();
        let theirs: Vec<String> =
            clone.versions(20).await.unwrap().into_iter().map(|version| version.sha).collect();
        assert_eq!(first, theirs);
        assert!(!other.at("one/.git/hooks/pre-commit").exists());
        assert!(
            std::fs::read_to_string(other.at("one/README.md")).unwrap().starts_with("# Campus: a project")
        );
        let later = Options { now: options().now + 1.minute(), ..options() };
        let later = shas(&scene, "three", &later).await;
        assert!(first.iter().all(|sha| !later.contains(sha)));
        let french = Options { language: Language::Fr, ..options() };
        assert_ne!(first, shas(&scene, "four", &french).await);
    }

    #[tokio::test]
    async fn an_empty_folder_is_taken_and_anything_else_is_left_alone() {
        let scene = Scene::new();
        std::fs::create_dir(scene.at("empty")).unwrap();
        create(&scene.git, &scene.at("empty"), &options()).await.unwrap();
        assert!(scene.at("empty/jalon.toml").is_file());
        let before = scene.names();

        // The sample itself, a file, a folder with one hidden file.
        std::fs::create_dir(scene.at("hidden")).unwrap();
        std::fs::write(scene.at("hidden/.x"), "").unwrap();
        std::fs::write(scene.at("file"), "").unwrap();
        for name in ["empty", "hidden", "file"] {
            let refused = create(&scene.git, &scene.at(name), &options()).await.unwrap_err();
            assert_eq!(refused, Error::NotEmpty { dir: scene.at(name).display().to_string() });
        }
        for name in ["nowhere/campus", "file/campus"] {
            let refused = create(&scene.git, &scene.at(name), &options()).await.unwrap_err();
            assert!(matches!(refused, Error::Files { .. }), "{refused}");
        }
        let missing = Git::new("git-of-nowhere", []);
        let refused = create(&missing, &scene.at("campus"), &options()).await.unwrap_err();
        assert!(matches!(refused, Error::Git(git::Error::Missing { .. })), "{refused}");
        std::fs::create_dir(scene.at("vacant")).unwrap();
        assert!(create(&missing, &scene.at("vacant"), &options()).await.is_err());
        assert!(scene.at("vacant").is_dir());
        let mut after = scene.names();
        after.retain(|name| name != "hidden" && name != "file" && name != "vacant");
        assert_eq!(after, before);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_link_is_not_replaced_and_the_folder_is_an_ordinary_one() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let scene = Scene::new();
        std::fs::create_dir(scene.at("ordinary")).unwrap();
        symlink(scene.at("nowhere"), scene.at("link")).unwrap();
        let refused = create(&scene.git, &scene.at("link"), &options()).await.unwrap_err();
        assert!(matches!(refused, Error::NotEmpty { .. }), "{refused}");
        assert!(scene.at("link").is_symlink());
        create(&scene.git, &scene.at("campus"), &options()).await.unwrap();
        let mode = |name: &str| std::fs::metadata(scene.at(name)).unwrap().permissions().mode();
        assert_eq!(mode("campus"), mode("ordinary"));
    }
}
