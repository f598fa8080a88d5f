//! GitHub issues and pull requests as last read. GitHub lists both together; `pull_request` tells them apart.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, Row, Transaction};

pub(crate) const MIGRATION_1: &str = "CREATE TABLE issue (
    repository INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE, number INTEGER NOT NULL,
    title TEXT NOT NULL, url TEXT NOT NULL, pull_request INTEGER NOT NULL, closed INTEGER NOT NULL,
    state_reason TEXT, milestone INTEGER, assignees TEXT NOT NULL, labels TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, closed_at INTEGER,
    PRIMARY KEY (repository, number)) WITHOUT ROWID;";

/// An issue or a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Number in the repository.
    pub number: u32,
    /// Title.
    pub title: String,
    /// Page on GitHub.
    pub url: String,
    /// Whether it is a pull request.
    pub pull_request: bool,
    /// Whether it is closed.
    pub closed: bool,
    /// `completed`, `not_planned`, `reopened`, `duplicate`, or none.
    pub state_reason: Option<String>,
    /// Number of its milestone.
    pub milestone: Option<u32>,
    /// Logins.
    pub assignees: Vec<String>,
    /// Label names.
    pub labels: Vec<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

pub(crate) fn all(connection: &Connection, repository: i64) -> rusqlite::Result<Vec<Issue>> {
    connection
        .prepare_cached(
            "SELECT number, title, url, pull_request, closed, state_reason, milestone, assignees, labels,
                    created_at, updated_at, closed_at FROM issue WHERE repository = ?1 ORDER BY number",
        )?
        .query_map([repository], read)?
        .collect()
}

fn read(row: &Row) -> rusqlite::Result<Issue> {
    Ok(Issue {
        number: row.get(0)?,
        title: row.get(1)?,
        url: row.get(2)?,
        pull_request: row.get(3)?,
        closed: row.get(4)?,
        state_reason: row.get(5)?,
        milestone: row.get(6)?,
        assignees: list(row, 7)?,
        labels: list(row, 8)?,
        created_at: time(row, 9)?,
        updated_at: time(row, 10)?,
        closed_at: maybe_time(row, 11)?,
    })
}

pub(crate) fn replace_all(t: &Transaction, repository: i64, rows: &[Issue]) -> rusqlite::Result<()> {
    t.execute("DELETE FROM issue WHERE repository = ?1", [repository])?;
    let mut insert = t.prepare_cached(
        "INSERT OR REPLACE INTO issue VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    for row in rows {
        insert.execute((
            repository,
            row.number,
            &row.title,
            &row.url,
            row.pull_request,
            row.closed,
            &row.state_reason,
            row.milestone,
            serde_json::to_string(&row.assignees).map_err(unwritable)?,
            serde_json::to_string(&row.labels).map_err(unwritable)?,
            row.created_at.as_millisecond(),
            row.updated_at.as_millisecond(),
            row.closed_at.map(Timestamp::as_millisecond),
        ))?;
    }
    Ok(())
}

fn unwritable(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

fn list(row: &Row, column: usize) -> rusqlite::Result<Vec<String>> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|e| unreadable(column, Type::Text, e))
}

/// A time, stored as milliseconds since 1970 in UTC.
pub(crate) fn time(row: &Row, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|e| unreadable(column, Type::Integer, e))
}

/// A time that may be missing.
pub(crate) fn maybe_time(row: &Row, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let value: Option<i64> = row.get(column)?;
    value
        .map(|ms| Timestamp::from_millisecond(ms).map_err(|e| unreadable(column, Type::Integer, e)))
        .transpose()
}

fn unreadable(
    column: usize,
    kind: Type,
    error: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, kind, Box::new(error))
}
