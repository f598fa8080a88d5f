//! One commit, as git tells of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// All digits.
    pub sha: String,
    /// As few digits as git needs, seven at least.
    pub short: String,
    /// First paragraph of the message on one line.
    pub subject: String,
    /// The author's GitHub login where the e-mail address tells it (`…@users.noreply.github.com`), else the name as
    /// written.
    pub author: String,
    /// When it was committed. A time that no calendar has becomes the nearest that one has.
    pub committed: Timestamp,
    /// Names of the tags on it, newest first.
    pub tags: Vec<String>,
    /// Names of the local branches that end at it.
    pub branches: Vec<String>,
    /// For [`crate::Clone::head`] and [`crate::Clone::resolve`], `git describe --tags --always`: the nearest tag, how
    /// many commits ago, and the digits. In lists, where git would walk the history once a commit, its first tag or
    /// [`Commit::short`].
    pub describe: String,
}

/// What `git log` prints for one commit: fields, each ended by NUL.
pub(crate) const FORMAT: &str = "--format=tformat:%H%x00%h%x00%s%x00%an%x00%ae%x00%ct";
const FIELDS: usize = 6;

/// Reads what `git log -z` printed in [`FORMAT`].
pub(crate) fn read(text: &[u8], names: &Names) -> Vec<Commit> {
    let text = String::from_utf8_lossy(text);
    let fields: Vec<&str> = text.split('\0').collect();
    let commit = |fields: &[&str]| {
        let [sha, short, subject, name, mail, seconds] = fields.try_into().ok()?;
        let sha: String = str::to_owned(sha);
        let tags = names.tags.get(&sha).cloned().unwrap_or_default();
        let branches = names.branches.get(&sha).cloned().unwrap_or_default();
        let describe = tags.first().cloned().unwrap_or_else(|| short.to_owned());
        Some(Commit {
            short: short.to_owned(),
            subject: subject.to_owned(),
            author: login(mail).unwrap_or(name).to_owned(),
            committed: timestamp(seconds),
            tags,
            branches,
            describe,
            sha,
        })
    };
    fields.chunks_exact(FIELDS).filter_map(commit).collect()
}

fn timestamp(seconds: &str) -> Timestamp {
    let seconds = seconds.parse::<i64>().unwrap_or(0);
    Timestamp::from_second(seconds).unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// `login` of `login@users.noreply.github.com` and `123+login@users.noreply.github.com`.
fn login(mail: &str) -> Option<&str> {
    let name = mail.strip_suffix("@users.noreply.github.com")?;
    Some(name.split_once('+').map_or(name, |(_, login)| login)).filter(|login| !login.is_empty())
}

/// Tags and branches by the digits of the commit that they name.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Commits in git's order, each once or more.
    pub commits: Vec<String>,
    tags: BTreeMap<String, Vec<String>>,
    branches: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// What `git for-each-ref` prints for one name. A tag with a message is an object of its own that names the commit.
    pub(crate) const FORMAT: &str =
        "--format=%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)%00%(refname)";

    /// Reads what `git for-each-ref` printed in [`Names::FORMAT`]; names of anything but a commit are left out.
    pub(crate) fn read(text: &[u8]) -> Self {
        let mut names = Self::default();
        for line in String::from_utf8_lossy(text).lines() {
            let fields: Vec<&str> = line.split('\0').collect();
            let (sha, full) = match fields[..] {
                ["commit", sha, _, _, full] | ["tag", _, "commit", sha, full] => (sha.to_owned(), full),
                _ => continue,
            };
            let (all, name) = match (full.strip_prefix("refs/tags/"), full.strip_prefix("refs/heads/")) {
                (Some(tag), _) => (&mut names.tags, tag),
                (None, Some(branch)) => (&mut names.branches, branch),
                (None, None) => continue,
            };
            all.entry(sha.clone()).or_default().push(name.to_owned());
            names.commits.push(sha);
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_come_from_the_address_that_github_gives() {
        assert_eq!(login("1+student-a@users.noreply.github.com"), Some("student-a"));
        assert_eq!(login("student-a@users.noreply.github.com"), Some("student-a"));
        for other in ["student-a@example.org", "1+@users.noreply.github.com", "@users.noreply.github.com", ""]
        {
            assert_eq!(login(other), None, "{other}");
        }
    }

    #[test]
    fn impossible_times_become_the_nearest() {
        assert_eq!(timestamp("0"), Timestamp::UNIX_EPOCH);
        assert_eq!(timestamp("9223372036854775807"), Timestamp::MAX);
        assert_eq!(timestamp("-9223372036854775807"), Timestamp::MIN);
        assert_eq!(timestamp(""), Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn broken_output_yields_no_commit() {
        assert_eq!(read(b"", &Names::default()), []);
        assert_eq!(read(b"abc\0a\0subject", &Names::default()), []);
    }
}
