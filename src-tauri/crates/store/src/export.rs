//! Documents that were written: where, when, and what they were.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::issue::time;
use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str = "CREATE TABLE export (project TEXT NOT NULL, document TEXT NOT NULL, path TEXT NOT NULL, at INTEGER NOT NULL, size INTEGER NOT NULL, digest TEXT NOT NULL, notes TEXT NOT NULL, PRIMARY KEY (project, document)) WITHOUT ROWID;";

/// The last export of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Absolute path.
    pub path: String,
    /// When.
    pub at: Timestamp,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of what was written.
    pub digest: String,
    /// What was left out, as a JSON list of sentences.
    pub notes: String,
}

impl Store {
    /// Remembers the last export of a project's `document` (`report` or `slides`).
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn note_export(&self, project: &str, document: &str, export: &Export) -> Result<()> {
        self.run(|c| {
            c.execute(
                "INSERT OR REPLACE INTO export VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                (
                    project,
                    document,
                    &export.path,
                    export.at.as_millisecond(),
                    export.size,
                    &export.digest,
                    &export.notes,
                ),
            )
            .map(drop)
        })
    }

    /// The last export of a document, if there was one.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn export_of(&self, project: &str, document: &str) -> Result<Option<Export>> {
        self.run(|c| {
            c.query_row(
                "SELECT path, at, size, digest, notes FROM export WHERE project = ?1 AND document = ?2",
                (project, document),
                |row| {
                    Ok(Export {
                        path: row.get(0)?,
                        at: time(row, 1)?,
                        size: row.get(2)?,
                        digest: row.get(3)?,
                        notes: row.get(4)?,
                    })
                },
            )
            .optional()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_of_each_document_is_known() {
        let store = Store::in_memory().unwrap();
        let export = |size| Export {
            path: "/out/report.docx".into(),
            at: Timestamp::UNIX_EPOCH,
            size,
            digest: "d".into(),
            notes: "[]".into(),
        };
        store.note_export("/p", "report", &export(1)).unwrap();
        store.note_export("/p", "report", &export(2)).unwrap();
        assert_eq!(store.export_of("/p", "report").unwrap(), Some(export(2)));
        assert_eq!(store.export_of("/p", "slides").unwrap(), None);
    }
}
