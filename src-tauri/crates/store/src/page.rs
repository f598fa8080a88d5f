//! ETags of list pages, and which rows each page held: a page that GitHub answers with "not modified" needs no body.

use std::collections::HashMap;

use rusqlite::Transaction;

pub(crate) const MIGRATION_1: &str = "CREATE TABLE page (
    repository INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE, url TEXT NOT NULL,
    owner TEXT NOT NULL, etag TEXT NOT NULL, next TEXT, numbers TEXT NOT NULL,
    PRIMARY KEY (repository, url)) WITHOUT ROWID;";

/// One page of a list, as it was last read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its URL.
    pub url: String,
    /// Which token the ETag belongs to: a truncated hash, from which no token can be had.
    pub owner: String,
    /// GitHub's ETag.
    pub etag: String,
    /// URL of the next page.
    pub next: Option<String>,
    /// Numbers of the issues or milestones on it.
    pub numbers: Vec<u32>,
}

/// The pages that belong to the owner of a token, by URL.
pub(crate) fn of_owner(
    t: &Transaction,
    repository: i64,
    owner: &str,
) -> rusqlite::Result<HashMap<String, Page>> {
    t.prepare_cached("SELECT url, etag, next, numbers FROM page WHERE repository = ?1 AND owner = ?2")?
        .query_map((repository, owner), |row| {
            let url: String = row.get(0)?;
            let numbers: String = row.get(3)?;
            let page = Page {
                url: url.clone(),
                owner: owner.to_owned(),
                etag: row.get(1)?,
                next: row.get(2)?,
                numbers: numbers.split(' ').filter_map(|n| n.parse().ok()).collect(),
            };
            Ok((url, page))
        })?
        .collect()
}

pub(crate) fn replace_all(t: &Transaction, repository: i64, pages: &[Page]) -> rusqlite::Result<()> {
    t.execute("DELETE FROM page WHERE repository = ?1", [repository])?;
    let mut insert = t.prepare_cached("INSERT OR REPLACE INTO page VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for page in pages {
        let numbers = page.numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
        insert.execute((repository, &page.url, &page.owner, &page.etag, &page.next, numbers))?;
    }
    Ok(())
}
