//! Commands of repositories that a person allowed to run here, by digest.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str = "CREATE TABLE trust (project TEXT NOT NULL, digest TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (project, digest)) WITHOUT ROWID;";

impl Store {
    /// Remembers that a project's commands with this digest may run.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn trust(&self, project: &str, digest: &str, at: Timestamp) -> Result<()> {
        self.run(|c| {
            c.execute(
                "INSERT INTO trust VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                (project, digest, at.as_millisecond()),
            )
            .map(drop)
        })
    }

    /// Whether a project's commands with this digest may run.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn trusts(&self, project: &str, digest: &str) -> Result<bool> {
        self.run(|c| {
            c.query_row("SELECT 1 FROM trust WHERE project = ?1 AND digest = ?2", (project, digest), |_| {
                Ok(())
            })
            .optional()
            .map(|found| found.is_some())
        })
    }

    /// Whether any commands of a project were trusted before.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn trusted_before(&self, project: &str) -> Result<bool> {
        self.run(|c| {
            c.query_row("SELECT 1 FROM trust WHERE project = ?1 LIMIT 1", [project], |_| Ok(()))
                .optional()
                .map(|found| found.is_some())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_is_of_a_project_and_a_digest() {
        let store = Store::in_memory().unwrap();
        assert!(!store.trusted_before("/p").unwrap());
        store.trust("/p", "d1", Timestamp::UNIX_EPOCH).unwrap();
        store.trust("/p", "d1", Timestamp::UNIX_EPOCH).unwrap();
        assert!(store.trusts("/p", "d1").unwrap());
        assert!(!store.trusts("/p", "d2").unwrap());
        assert!(!store.trusts("/q", "d1").unwrap());
        assert!(store.trusted_before("/p").unwrap());
    }
}
