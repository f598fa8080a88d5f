//! GitHub repositories that were read, and how the last try went.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction};

use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str = "CREATE TABLE repository (
    id INTEGER PRIMARY KEY, api TEXT NOT NULL, full_name TEXT NOT NULL COLLATE NOCASE,
    synced_at INTEGER, tried_at INTEGER, error TEXT, UNIQUE (api, full_name));";

/// How old a repository's stored state is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncState {
    /// When all of it was last read.
    pub synced_at: Option<Timestamp>,
    /// When that was last tried.
    pub tried_at: Option<Timestamp>,
    /// The last try's error as JSON, if it failed.
    pub error: Option<String>,
}

/// Names a repository on one GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RepositoryId {
    /// Base URL of the API: the same name elsewhere is another repository.
    pub api: String,
    /// `owner/name`, compared without case.
    pub full_name: String,
}

impl Store {
    /// How old the stored state is; all none for a repository never read.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn sync_state(&self, id: &RepositoryId) -> Result<SyncState> {
        self.run(|c| {
            c.query_row(
                "SELECT synced_at, tried_at, error FROM repository WHERE api = ?1 AND full_name = ?2",
                (&id.api, &id.full_name),
                |row| {
                    Ok(SyncState {
                        synced_at: crate::issue::maybe_time(row, 0)?,
                        tried_at: crate::issue::maybe_time(row, 1)?,
                        error: row.get(2)?,
                    })
                },
            )
            .optional()
        })
        .map(Option::unwrap_or_default)
    }

    /// Records a failed try; what was stored before stays.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn record_failed_sync(&self, id: &RepositoryId, at: Timestamp, error: &str) -> Result<()> {
        self.transact(|t| {
            let key = key(t, id)?;
            t.execute(
                "UPDATE repository SET tried_at = ?2, error = ?3 WHERE id = ?1",
                (key, at.as_millisecond(), error),
            )
            .map(drop)
        })
    }
}

/// The repository's row, made when it is missing.
pub(crate) fn key(transaction: &Transaction, id: &RepositoryId) -> rusqlite::Result<i64> {
    transaction.execute(
        "INSERT INTO repository (api, full_name) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        (&id.api, &id.full_name),
    )?;
    transaction.query_row(
        "SELECT id FROM repository WHERE api = ?1 AND full_name = ?2",
        (&id.api, &id.full_name),
        |row| row.get(0),
    )
}
