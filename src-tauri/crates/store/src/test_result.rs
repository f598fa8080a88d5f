//! What a service's own tests said of a commit.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::issue::time;
use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str = "CREATE TABLE test_result (project TEXT NOT NULL, service TEXT NOT NULL, sha TEXT NOT NULL, command TEXT NOT NULL, passed INTEGER NOT NULL, run INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (project, service, sha, command)) WITHOUT ROWID;";

/// Which tests, of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestSubject {
    /// Folder of the project.
    pub project: String,
    /// Service.
    pub service: String,
    /// Full commit.
    pub sha: String,
    /// The command as JSON: a result of another command says nothing.
    pub command: String,
}

/// What the tests said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// Whether they passed.
    pub passed: bool,
    /// Run that ran them.
    pub run: i64,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// Notes what the tests of a commit said; the newest result counts.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn note_test(&self, of: &TestSubject, result: &TestResult) -> Result<()> {
        self.run(|c| {
            c.execute(
                "INSERT OR REPLACE INTO test_result VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                (
                    &of.project,
                    &of.service,
                    &of.sha,
                    &of.command,
                    result.passed,
                    result.run,
                    result.at.as_millisecond(),
                ),
            )
            .map(drop)
        })
    }

    /// What the tests of a commit said, if they ran.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn test_of(&self, of: &TestSubject) -> Result<Option<TestResult>> {
        self.run(|c| {
            c.query_row(
                "SELECT passed, run, at FROM test_result WHERE project = ?1 AND service = ?2 AND sha = ?3 AND command = ?4",
                (&of.project, &of.service, &of.sha, &of.command),
                |row| Ok(TestResult { passed: row.get(0)?, run: row.get(1)?, at: time(row, 2)? }),
            )
            .optional()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_result_counts_for_that_commit_and_command_alone() {
        let store = Store::in_memory().unwrap();
        let of = |sha: &str, command: &str| TestSubject {
            project: "/p".into(),
            service: "s".into(),
            sha: sha.into(),
            command: command.into(),
        };
        let result = |passed, run| TestResult { passed, run, at: Timestamp::UNIX_EPOCH };
        store.note_test(&of("a", "t"), &result(false, 1)).unwrap();
        store.note_test(&of("a", "t"), &result(true, 2)).unwrap();
        assert_eq!(store.test_of(&of("a", "t")).unwrap(), Some(result(true, 2)));
        assert_eq!(store.test_of(&of("b", "t")).unwrap(), None);
        assert_eq!(store.test_of(&of("a", "u")).unwrap(), None);
    }
}
