//! Chunks: full ones, and the one of each series that still grows. A rowid table with a unique index: without rowids,
//! blobs of this size balloon.

use rusqlite::OptionalExtension;

use super::Moment;
use crate::Result;

pub(crate) const MIGRATION_1: &str = "
CREATE TABLE chunk (
    id INTEGER PRIMARY KEY,
    series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, n INTEGER NOT NULL, payload BLOB NOT NULL,
    UNIQUE (series, t0)
);
-- Written anew with every scrape; apart, so that full chunks stay packed.
CREATE TABLE head (
    series INTEGER PRIMARY KEY REFERENCES series (id) ON DELETE CASCADE,
    t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, n INTEGER NOT NULL, payload BLOB NOT NULL,
    live INTEGER NOT NULL
);";

/// A run of samples of one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Time of the first sample, in milliseconds since 1970.
    pub t0: i64,
    /// Time of the last one.
    pub t1: i64,
    /// How many there are.
    pub n: i64,
    /// The samples.
    pub payload: Vec<u8>,
}

impl Moment<'_> {
    /// The chunk of a series that still grows.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn head(&self, series: i64) -> Result<Option<Chunk>> {
        self.run(|t| {
            t.prepare_cached("SELECT t0, t1, n, payload FROM head WHERE series = ?1")?
                .query_row([series], chunk)
                .optional()
        })
    }

    /// Replaces the chunk of a series that still grows. `live`: the next scrape is expected to have the series again.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn put_head(&self, series: i64, head: &Chunk, live: bool) -> Result<()> {
        self.run(|t| {
            t.prepare_cached("INSERT OR REPLACE INTO head VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                .execute((series, head.t0, head.t1, head.n, &head.payload, live))
                .map(drop)
        })
    }

    /// Replaces the samples of the chunk of a series that still grows by fewer.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn trim_head(&self, series: i64, head: &Chunk) -> Result<()> {
        self.run(|t| {
            t.prepare_cached("UPDATE head SET t0 = ?2, t1 = ?3, n = ?4, payload = ?5 WHERE series = ?1")?
                .execute((series, head.t0, head.t1, head.n, &head.payload))
                .map(drop)
        })
    }

    /// Removes the chunk of a series that still grows.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn remove_head(&self, series: i64) -> Result<()> {
        self.run(|t| t.prepare_cached("DELETE FROM head WHERE series = ?1")?.execute([series]).map(drop))
    }

    /// Adds a full chunk.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn put_chunk(&self, series: i64, full: &Chunk) -> Result<()> {
        self.run(|t| {
            t.prepare_cached(
                "INSERT OR REPLACE INTO chunk (series, t0, t1, n, payload) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((series, full.t0, full.t1, full.n, &full.payload))
            .map(drop)
        })
    }

    /// Series of a target that the next scrape is expected to have again.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn live_series(&self, target: i64) -> Result<Vec<i64>> {
        self.run(|t| {
            t.prepare_cached(
                "SELECT head.series FROM series JOIN head ON head.series = series.id
                 WHERE series.target = ?1 AND head.live",
            )?
            .query_map([target], |row| row.get(0))?
            .collect()
        })
    }

    /// Hands the chunks of a series that touch `[from, to]` to `take`, oldest first, the growing one last: first time,
    /// number of samples, bytes.
    ///
    /// # Errors
    /// What `take` says; the database cannot be read.
    pub fn each_chunk<E: From<crate::Error>>(
        &self,
        series: i64,
        from: i64,
        to: i64,
        mut take: impl FnMut(i64, i64, &[u8]) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let mut said = Ok(());
        self.run(|t| {
            // Chunks don't overlap, so the last one that begins before `from` is the first that can touch the range.
            let mut full = t.prepare_cached(
                "SELECT t0, n, payload FROM chunk WHERE series = ?1 AND t0 <= ?3 AND t0 >= ifnull(
                     (SELECT t0 FROM chunk WHERE series = ?1 AND t0 <= ?2 ORDER BY t0 DESC LIMIT 1), ?2)
                 ORDER BY t0",
            )?;
            let mut head = t.prepare_cached(
                "SELECT t0, n, payload FROM head WHERE series = ?1 AND t0 <= ?3 AND t1 >= ?2",
            )?;
            for statement in [&mut full, &mut head] {
                let mut rows = statement.query((series, from, to))?;
                while let Some(row) = rows.next()? {
                    let payload = row.get_ref(2)?.as_blob()?;
                    said = take(row.get(0)?, row.get(1)?, payload);
                    if said.is_err() {
                        return Ok(());
                    }
                }
            }
            Ok(())
        })?;
        said
    }

    /// Removes the full chunks of a series that begin before `time`.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn remove_chunks(&self, series: i64, time: i64) -> Result<usize> {
        self.run(|t| {
            t.prepare_cached("DELETE FROM chunk WHERE series = ?1 AND t0 < ?2")?.execute((series, time))
        })
    }

    /// Samples and the bytes of their chunks, in all.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn size_of_chunks(&self) -> Result<(i64, i64)> {
        self.run(|t| {
            t.query_row(
                "SELECT ifnull(sum(n), 0), ifnull(sum(length(payload)), 0)
                 FROM (SELECT n, payload FROM chunk UNION ALL SELECT n, payload FROM head)",
                (),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
        })
    }
}

fn chunk(row: &rusqlite::Row) -> rusqlite::Result<Chunk> {
    Ok(Chunk { t0: row.get(0)?, t1: row.get(1)?, n: row.get(2)?, payload: row.get(3)? })
}
