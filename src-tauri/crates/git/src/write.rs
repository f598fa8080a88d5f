//! Making a repository: for the sample, and for tests.
//!
//! Commits go through `git fast-import`: no hook, filter, ignore rule, signature or setting of the person's has a say,
//! so that the same input has the same digits everywhere.

use std::clone::Clone as _;
use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use crate::clone::sha;
use crate::path::inside;
use crate::{Clone, Error, Git, Result};

/// Whose commits these are.
#[derive(Debug, Clone, Copy)]
pub struct Author<'a> {
    /// Name, without `<`, `>` and line breaks.
    pub name: &'a str,
    /// E-mail address, likewise.
    pub mail: &'a str,
}

/// A commit to make. Author and committer are one, at one time, in UTC.
#[derive(Debug, Clone, Copy)]
pub struct NewCommit<'a> {
    /// Branch that it goes on top of, and that is made where there is none.
    pub branch: &'a str,
    /// All digits of the commit before it; none for the first.
    pub parent: Option<&'a str>,
    /// The whole tree: content by path, relative and with `/`.
    pub files: &'a BTreeMap<String, Vec<u8>>,
    /// Message.
    pub message: &'a str,
    /// Whose.
    pub author: Author<'a>,
    /// When; fractions of a second are dropped.
    pub when: Timestamp,
}

impl Clone {
    /// Makes a repository in a folder that exists: branch `main`, no commit, no hooks from anybody's template.
    ///
    /// # Errors
    /// git is missing, too old or cannot write there.
    pub async fn init(git: &Git, dir: &Path) -> Result<Self> {
        git.check().await?;
        let arguments =
            ["init", "--quiet", "--template=", "--initial-branch=main", "--object-format=sha1", "."];
        git.answer(dir, &[("init.defaultRefFormat".into(), "files".into())], &arguments, b"").await?;
        // Files are what was committed, on Windows too.
        git.answer(dir, &[], &["config", "core.autocrlf", "false"], b"").await?;
        Self::find(git, dir).await
    }

    /// Adds a commit and returns its digits. The working folder stays as it is.
    ///
    /// # Errors
    /// A name is none that git takes, the branch has moved on, or git fails.
    pub async fn commit_files(&self, commit: &NewCommit<'_>) -> Result<String> {
        let NewCommit { branch, parent, files, message, author, when } = *commit;
        let mut stream = format!("commit refs/heads/{}\nmark :1\n", one_line(branch)?).into_bytes();
        stream.extend(format!("committer {}", signature(author, when)?).bytes());
        data(&mut stream, message.as_bytes());
        if let Some(parent) = parent {
            stream.extend(format!("from {}\n", sha(parent)?).bytes());
        }
        stream.extend(b"deleteall\n");
        for (path, content) in files {
            inside(path.as_bytes())?;
            let path = one_line(path)?;
            if path.starts_with('"') {
                return Err(refused(path));
            }
            stream.extend(format!("M 100644 inline {path}\n").bytes());
            data(&mut stream, content);
        }
        stream.extend(b"get-mark :1\n");
        let answer = self.import(stream).await?;
        Ok(sha(String::from_utf8_lossy(&answer).trim())?.to_owned())
    }

    /// Puts a tag with a message on a commit.
    ///
    /// # Errors
    /// A name is none that git takes, the commit is not there, or git fails.
    pub async fn tag(
        &self,
        name: &str,
        commit: &str,
        message: &str,
        author: Author<'_>,
        when: Timestamp,
    ) -> Result<()> {
        let mut stream = format!("tag {}\nfrom {}\n", one_line(name)?, sha(commit)?).into_bytes();
        stream.extend(format!("tagger {}", signature(author, when)?).bytes());
        data(&mut stream, message.as_bytes());
        self.import(stream).await?;
        Ok(())
    }

    /// Writes the files of the current branch into the working folder. For a repository made here: changes in its folder
    /// are lost.
    ///
    /// # Errors
    /// There is no commit, or git cannot write.
    pub async fn check_out(&self) -> Result<()> {
        let mut plain = self.settings.clone();
        plain.push(("core.attributesFile".to_owned(), "/dev/null".to_owned()));
        self.git.answer(&self.dir, &plain, &["reset", "--hard", "--quiet"], b"").await?;
        Ok(())
    }

    async fn import(&self, mut stream: Vec<u8>) -> Result<Vec<u8>> {
        stream.extend(b"done\n");
        let arguments = ["fast-import", "--quiet", "--done", "--date-format=raw"];
        self.git.answer(&self.dir, &self.settings, &arguments, &stream).await
    }
}

fn data(stream: &mut Vec<u8>, content: &[u8]) {
    stream.extend(format!("data {}\n", content.len()).bytes());
    stream.extend(content);
    stream.push(b'\n');
}

fn signature(author: Author<'_>, when: Timestamp) -> Result<String> {
    for text in [author.name, author.mail] {
        if one_line(text)?.contains(['<', '>']) {
            return Err(refused(text));
        }
    }
    Ok(format!("{} <{}> {} +0000\n", author.name, author.mail, when.as_second()))
}

/// A text that cannot become a second command of the stream.
fn one_line(text: &str) -> Result<&str> {
    if text.is_empty() || text.contains(char::is_control) { Err(refused(text)) } else { Ok(text) }
}

fn refused(name: &str) -> Error {
    Error::BadName {
        name: name.to_owned(),
        reason: "it is empty or holds characters that have no place there".into(),
    }
}
