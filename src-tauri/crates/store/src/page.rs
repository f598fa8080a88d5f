//! ETags of list pages, and which rows each page held: a page that GitHub answers with "not modified" needs no body.

use rusqlite::{OptionalExtension, Transaction};

use crate::repository::RepositoryId;
use crate::{Result, Store};

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

impl Store {
    /// What is known of a page for the owner of a token.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn page(&self, id: &RepositoryId, url: &str, owner: &str) -> Result<Option<Page>> {
        self.run(|c| {
            c.prepare_cached(
                "SELECT etag, next, numbers FROM page JOIN repository ON repository.id = page.repository
                 WHERE api = ?1 AND full_name = ?2 AND url = ?3 AND owner = ?4",
            )?
            .query_row((&id.api, &id.full_name, url, owner), |row| {
                let numbers: String = row.get(2)?;
                Ok(Page {
                    url: url.to_owned(),
                    owner: owner.to_owned(),
                    etag: row.get(0)?,
                    next: row.get(1)?,
                    numbers: numbers.split(' ').filter_map(|n| n.parse().ok()).collect(),
                })
            })
            .optional()
        })
    }
}

pub(crate) fn replace_all(t: &Transaction, repository: i64, pages: &[Page]) -> rusqlite::Result<()> {
    t.execute("DELETE FROM page WHERE repository = ?1", [repository])?;
    let mut insert = t.prepare_cached("INSERT OR REPLACE INTO page VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for page in pages {
        let numbers = page
            .numbers
            .iter()
            .map(u32::to_string)
            .collect::<Vec<_>>()
            .join(" ");
        insert.execute((
            repository,
            &page.url,
            &page.owner,
            &page.etag,
            &page.next,
            numbers,
        ))?;
    }
    Ok(())
}
