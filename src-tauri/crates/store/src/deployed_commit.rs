//! Commits that a deployment brought first: what lead times are computed from.

use jiff::Timestamp;

use crate::issue::time;
use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str = "CREATE TABLE deployed_commit (run INTEGER NOT NULL REFERENCES run (id), sha TEXT NOT NULL, committed INTEGER NOT NULL, PRIMARY KEY (run, sha)) WITHOUT ROWID;";

/// A commit that a run brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployedCommit {
    /// Run that brought it.
    pub run: i64,
    /// Full commit.
    pub sha: String,
    /// Its committer date.
    pub committed: Timestamp,
}

impl Store {
    /// Notes the commits that a run brought.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn note_commits(&self, commits: &[DeployedCommit]) -> Result<()> {
        self.transact(|t| {
            let mut insert =
                t.prepare_cached("INSERT OR REPLACE INTO deployed_commit VALUES (?1, ?2, ?3)")?;
            for commit in commits {
                insert.execute((commit.run, &commit.sha, commit.committed.as_millisecond()))?;
            }
            Ok(())
        })
    }

    /// Commits that a project's runs brought.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn commits_of_project(&self, project: &str) -> Result<Vec<DeployedCommit>> {
        self.run(|c| {
            c.prepare_cached(
                "SELECT run, deployed_commit.sha, committed FROM deployed_commit JOIN run ON run.id = run
                 WHERE project = ?1 ORDER BY run, committed, deployed_commit.sha",
            )?
            .query_map([project], |row| {
                Ok(DeployedCommit { run: row.get(0)?, sha: row.get(1)?, committed: time(row, 2)? })
            })?
            .collect()
        })
    }
}
