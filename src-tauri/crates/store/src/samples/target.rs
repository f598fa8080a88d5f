//! Whose samples: a project's environment is a scope, what is scraped in it are targets.

use rusqlite::OptionalExtension;

use super::Moment;
use crate::Result;

pub(crate) const MIGRATION_1: &str = "
CREATE TABLE scope (
    id INTEGER PRIMARY KEY, project TEXT NOT NULL, environment TEXT NOT NULL, UNIQUE (project, environment));
CREATE TABLE target (
    id INTEGER PRIMARY KEY,
    scope INTEGER NOT NULL REFERENCES scope (id) ON DELETE CASCADE,
    labels TEXT NOT NULL,
    address TEXT NOT NULL DEFAULT '',
    interval INTEGER NOT NULL DEFAULT 0,
    claimed INTEGER,
    scraped INTEGER,
    samples INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    UNIQUE (scope, labels)
);";

/// A target, as it was last scraped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetRow {
    /// Its labels, as JSON.
    pub labels: String,
    /// Address that was scraped.
    pub address: String,
    /// Milliseconds between two scrapes.
    pub interval: i64,
    /// When it was last scraped, in milliseconds since 1970.
    pub scraped: Option<i64>,
    /// Samples that it answered with.
    pub samples: i64,
    /// Why the last scrape failed, in English.
    pub error: Option<String>,
}

impl Moment<'_> {
    /// The scope of a project's environment, if anything was stored for it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn find_scope(&self, project: &str, environment: &str) -> Result<Option<i64>> {
        self.run(|t| {
            t.prepare_cached("SELECT id FROM scope WHERE project = ?1 AND environment = ?2")?
                .query_row((project, environment), |row| row.get(0))
                .optional()
        })
    }

    /// The scope of a project's environment, made where there is none.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn scope(&self, project: &str, environment: &str) -> Result<i64> {
        if let Some(id) = self.find_scope(project, environment)? {
            return Ok(id);
        }
        self.run(|t| {
            t.execute("INSERT INTO scope (project, environment) VALUES (?1, ?2)", (project, environment))?;
            Ok(t.last_insert_rowid())
        })
    }

    /// A target by its labels, made where there is none.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn target(&self, scope: i64, labels: &str) -> Result<i64> {
        self.run(|t| {
            let found = t
                .prepare_cached("SELECT id FROM target WHERE scope = ?1 AND labels = ?2")?
                .query_row((scope, labels), |row| row.get(0))
                .optional()?;
            if let Some(id) = found {
                return Ok(id);
            }
            t.execute("INSERT INTO target (scope, labels) VALUES (?1, ?2)", (scope, labels))?;
            Ok(t.last_insert_rowid())
        })
    }

    /// Claims the scrape of a target at a time, unless one was claimed at or after `since` (and not in the future, as
    /// seen from `at`: a clock that was set back holds nobody up).
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn claim_target(&self, target: i64, at: i64, since: i64) -> Result<bool> {
        self.run(|t| {
            t.prepare_cached(
                "UPDATE target SET claimed = ?2
                 WHERE id = ?1 AND (claimed IS NULL OR claimed < ?3 OR claimed > ?2)",
            )?
            .execute((target, at, since))
            .map(|rows| rows == 1)
        })
    }

    /// When a target was last scraped, in milliseconds since 1970.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_scrape(&self, target: i64) -> Result<Option<i64>> {
        self.run(|t| {
            t.prepare_cached("SELECT scraped FROM target WHERE id = ?1")?
                .query_row([target], |row| row.get(0))
        })
    }

    /// Notes a scrape of a target.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn note_scrape(&self, target: i64, row: &TargetRow) -> Result<()> {
        self.run(|t| {
            t.prepare_cached(
                "UPDATE target SET address = ?2, interval = ?3, scraped = ?4, samples = ?5, error = ?6 WHERE id = ?1",
            )?
            .execute((target, &row.address, row.interval, row.scraped, row.samples, &row.error))
            .map(drop)
        })
    }

    /// Targets of a scope that were scraped at least once, by labels.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn targets(&self, scope: i64) -> Result<Vec<TargetRow>> {
        self.run(|t| {
            t.prepare_cached(
                "SELECT labels, address, interval, scraped, samples, error FROM target
                 WHERE scope = ?1 AND scraped IS NOT NULL ORDER BY labels",
            )?
            .query_map([scope], |row| {
                Ok(TargetRow {
                    labels: row.get(0)?,
                    address: row.get(1)?,
                    interval: row.get(2)?,
                    scraped: row.get(3)?,
                    samples: row.get(4)?,
                    error: row.get(5)?,
                })
            })?
            .collect()
        })
    }
}
