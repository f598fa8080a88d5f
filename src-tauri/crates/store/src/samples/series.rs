//! Series: labels within a scope.

use rusqlite::OptionalExtension;

use super::Moment;
use crate::Result;

pub(crate) const MIGRATION_1: &str = "
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    scope INTEGER NOT NULL REFERENCES scope (id) ON DELETE CASCADE,
    target INTEGER REFERENCES target (id) ON DELETE SET NULL,
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    kind INTEGER NOT NULL,
    -- Samples before this time (ms) are kept as rollups, from it on as they are.
    rolled INTEGER NOT NULL DEFAULT (-9223372036854775807),
    UNIQUE (scope, labels)
);
CREATE INDEX series_by_name ON series (scope, name);
CREATE INDEX series_of_target ON series (target);";

/// A series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesRow {
    /// Names it in other tables.
    pub id: i64,
    /// Labels, the name among them, as JSON with sorted keys.
    pub labels: String,
    /// What its metric is; a number of `monitoring`'s.
    pub kind: i64,
    /// Milliseconds since 1970: what is older are rollups.
    pub rolled: i64,
}

impl Moment<'_> {
    /// A series by its labels, made where there is none, and its `rolled`. What is said of its target and kind last
    /// counts; no target leaves what is known.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn series(
        &self,
        scope: i64,
        target: Option<i64>,
        name: &str,
        labels: &str,
        kind: i64,
    ) -> Result<(i64, i64)> {
        self.run(|t| {
            let found: Option<(i64, Option<i64>, i64, i64)> = t
                .prepare_cached(
                    "SELECT id, target, kind, rolled FROM series WHERE scope = ?1 AND labels = ?2",
                )?
                .query_row((scope, labels), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
                .optional()?;
            if let Some((id, old_target, old_kind, rolled)) = found {
                let target = target.or(old_target);
                if target != old_target || kind != old_kind {
                    t.prepare_cached("UPDATE series SET target = ?2, kind = ?3 WHERE id = ?1")?
                        .execute((id, target, kind))?;
                }
                return Ok((id, rolled));
            }
            t.prepare_cached(
                "INSERT INTO series (scope, target, name, labels, kind) VALUES (?1, ?2, ?3, ?4, ?5)
                 RETURNING id, rolled",
            )?
            .query_row((scope, target, name, labels, kind), |row| Ok((row.get(0)?, row.get(1)?)))
        })
    }

    /// Series of a scope, of one name where one is given, by labels.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn series_of(&self, scope: i64, name: Option<&str>) -> Result<Vec<SeriesRow>> {
        self.run(|t| {
            t.prepare_cached(
                "SELECT id, labels, kind, rolled FROM series
                 WHERE scope = ?1 AND (?2 IS NULL OR name = ?2) ORDER BY labels",
            )?
            .query_map((scope, name), row)?
            .collect()
        })
    }

    /// Series that have samples before `time` which are not rolled up.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn series_to_roll(&self, time: i64) -> Result<Vec<SeriesRow>> {
        self.run(|t| {
            t.prepare_cached(
                "SELECT id, labels, kind, rolled FROM series WHERE rolled < ?1 AND (
                     EXISTS (SELECT 1 FROM chunk WHERE series = series.id AND t0 < ?1)
                     OR EXISTS (SELECT 1 FROM head WHERE series = series.id AND t0 < ?1))",
            )?
            .query_map([time], row)?
            .collect()
        })
    }

    /// Notes until when a series is kept as rollups.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn set_rolled(&self, series: i64, rolled: i64) -> Result<()> {
        self.run(|t| {
            t.prepare_cached("UPDATE series SET rolled = ?2 WHERE id = ?1")?
                .execute((series, rolled))
                .map(drop)
        })
    }

    /// Removes series of which nothing is left, then scopes and targets without any; how many series that were.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn remove_empty(&self) -> Result<usize> {
        self.run(|t| {
            let removed = t.execute(
                "DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM head WHERE series = series.id)
                 AND NOT EXISTS (SELECT 1 FROM chunk WHERE series = series.id)
                 AND NOT EXISTS (SELECT 1 FROM rollup WHERE series = series.id)",
                (),
            )?;
            if removed > 0 {
                t.execute(
                    "DELETE FROM target WHERE NOT EXISTS (SELECT 1 FROM series WHERE target = target.id)",
                    (),
                )?;
                t.execute(
                    "DELETE FROM scope WHERE NOT EXISTS (SELECT 1 FROM series WHERE scope = scope.id)",
                    (),
                )?;
            }
            Ok(removed)
        })
    }
}

fn row(row: &rusqlite::Row) -> rusqlite::Result<SeriesRow> {
    Ok(SeriesRow { id: row.get(0)?, labels: row.get(1)?, kind: row.get(2)?, rolled: row.get(3)? })
}
