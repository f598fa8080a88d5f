//! Settings of one person: key and value.

use rusqlite::OptionalExtension;

use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str =
    "CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;";

impl Store {
    /// The value of a setting, or none.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn setting(&self, key: &str) -> Result<Option<String>> {
        self.run(|c| {
            c.query_row("SELECT value FROM setting WHERE key = ?1", [key], |row| row.get(0)).optional()
        })
    }

    /// Sets a setting, or clears it.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn set_setting(&self, key: &str, value: Option<&str>) -> Result<()> {
        self.run(|c| match value {
            Some(value) => c
                .execute(
                    "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2",
                    [key, value],
                )
                .map(drop),
            None => c.execute("DELETE FROM setting WHERE key = ?1", [key]).map(drop),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_replace_clear() {
        let store = Store::in_memory().unwrap();
        assert_eq!(store.setting("theme").unwrap(), None);
        store.set_setting("theme", Some("dark")).unwrap();
        store.set_setting("theme", Some("light")).unwrap();
        assert_eq!(store.setting("theme").unwrap().as_deref(), Some("light"));
        store.set_setting("theme", None).unwrap();
        assert_eq!(store.setting("theme").unwrap(), None);
    }
}
