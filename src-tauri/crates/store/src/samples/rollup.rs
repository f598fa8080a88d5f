//! Rollups: what is left of samples that are too old to keep.

use rusqlite::OptionalExtension;

use super::Moment;
use super::chunk::Chunk;
use crate::Result;

pub(crate) const MIGRATION_1: &str = "
CREATE TABLE rollup (
    id INTEGER PRIMARY KEY,
    series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    resolution INTEGER NOT NULL,
    t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, n INTEGER NOT NULL, payload BLOB NOT NULL,
    UNIQUE (series, resolution, t0)
);
CREATE INDEX rollup_by_age ON rollup (resolution, t1);";

impl Moment<'_> {
    /// Adds a run of buckets, or replaces the one that begins at the same time. `resolution` is in milliseconds.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn put_rollup(&self, series: i64, resolution: i64, buckets: &Chunk) -> Result<()> {
        self.run(|t| {
            t.prepare_cached(
                "INSERT OR REPLACE INTO rollup (series, resolution, t0, t1, n, payload)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute((series, resolution, buckets.t0, buckets.t1, buckets.n, &buckets.payload))
            .map(drop)
        })
    }

    /// The youngest run of buckets of a series.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_rollup(&self, series: i64, resolution: i64) -> Result<Option<Chunk>> {
        self.run(|t| {
            t.prepare_cached(
                "SELECT t0, t1, n, payload FROM rollup WHERE series = ?1 AND resolution = ?2
                 ORDER BY t0 DESC LIMIT 1",
            )?
            .query_row((series, resolution), chunk)
            .optional()
        })
    }

    /// Runs of buckets of a series that touch `[from, to]`, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn rollups(&self, series: i64, resolution: i64, from: i64, to: i64) -> Result<Vec<Chunk>> {
        self.run(|t| {
            t.prepare_cached(
                "SELECT t0, t1, n, payload FROM rollup WHERE series = ?1 AND resolution = ?2
                 AND t0 <= ?4 AND t1 >= ?3 ORDER BY t0",
            )?
            .query_map((series, resolution, from, to), chunk)?
            .collect()
        })
    }

    /// Removes runs of buckets that ended before `time`; how many.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn remove_rollups(&self, resolution: i64, time: i64) -> Result<usize> {
        self.run(|t| t.execute("DELETE FROM rollup WHERE resolution = ?1 AND t1 < ?2", (resolution, time)))
    }
}

fn chunk(row: &rusqlite::Row) -> rusqlite::Result<Chunk> {
    Ok(Chunk { t0: row.get(0)?, t1: row.get(1)?, n: row.get(2)?, payload: row.get(3)? })
}
