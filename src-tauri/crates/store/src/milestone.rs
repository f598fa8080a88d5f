//! GitHub milestones as last read.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, Row, Transaction};

pub(crate) const MIGRATION_1: &str = "CREATE TABLE milestone (
    repository INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE, number INTEGER NOT NULL,
    title TEXT NOT NULL, description TEXT, url TEXT NOT NULL, closed INTEGER NOT NULL, due_on TEXT,
    created_at INTEGER NOT NULL, closed_at INTEGER, PRIMARY KEY (repository, number)) WITHOUT ROWID;";

/// A milestone. Counts are not kept: they follow from the issues, which tell pull requests apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// Number in the repository.
    pub number: u32,
    /// Title.
    pub title: String,
    /// Markdown.
    pub description: Option<String>,
    /// Page on GitHub.
    pub url: String,
    /// Whether it is closed.
    pub closed: bool,
    /// The day that was meant: the date part of GitHub's timestamp, never shifted by a time zone.
    pub due_on: Option<Date>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

pub(crate) fn all(connection: &Connection, repository: i64) -> rusqlite::Result<Vec<Milestone>> {
    connection
        .prepare_cached(
            "SELECT number, title, description, url, closed, due_on, created_at, closed_at
             FROM milestone WHERE repository = ?1 ORDER BY number",
        )?
        .query_map([repository], read)?
        .collect()
}

fn read(row: &Row) -> rusqlite::Result<Milestone> {
    let due_on: Option<String> = row.get(5)?;
    Ok(Milestone {
        number: row.get(0)?,
        title: row.get(1)?,
        description: row.get(2)?,
        url: row.get(3)?,
        closed: row.get(4)?,
        // Written by this file only; a hand-edited value reads as no date rather than failing the screen.
        due_on: due_on.and_then(|text| text.parse().ok()),
        created_at: crate::issue::time(row, 6)?,
        closed_at: crate::issue::maybe_time(row, 7)?,
    })
}

pub(crate) fn replace_all(t: &Transaction, repository: i64, rows: &[Milestone]) -> rusqlite::Result<()> {
    t.execute("DELETE FROM milestone WHERE repository = ?1", [repository])?;
    let mut insert = t.prepare_cached("INSERT INTO milestone VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    for row in rows {
        insert.execute((
            repository,
            row.number,
            &row.title,
            &row.description,
            &row.url,
            row.closed,
            row.due_on.map(|day| day.to_string()),
            row.created_at.as_millisecond(),
            row.closed_at.map(Timestamp::as_millisecond),
        ))?;
    }
    Ok(())
}
