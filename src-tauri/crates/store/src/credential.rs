//! Names of credentials and when they were set. Values are in the keychain; no column could hold one.

use jiff::Timestamp;

use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str = "CREATE TABLE credential (
    name TEXT PRIMARY KEY, set_at INTEGER NOT NULL) WITHOUT ROWID;";

/// A credential's name, never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Name, e.g. `GITHUB_TOKEN`.
    pub name: String,
    /// When it was set.
    pub set_at: Timestamp,
}

impl Store {
    /// Remembers that a credential was set in the keychain.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn remember_credential(&self, credential: &Credential) -> Result<()> {
        self.run(|c| {
            c.execute(
                "INSERT INTO credential VALUES (?1, ?2) ON CONFLICT DO UPDATE SET set_at = ?2",
                (&credential.name, credential.set_at.as_millisecond()),
            )
            .map(drop)
        })
    }

    /// Forgets a credential's name.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn forget_credential(&self, name: &str) -> Result<()> {
        self.run(|c| c.execute("DELETE FROM credential WHERE name = ?1", [name]).map(drop))
    }

    /// All names, sorted.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn credentials(&self) -> Result<Vec<Credential>> {
        self.run(|c| {
            c.prepare_cached("SELECT name, set_at FROM credential ORDER BY name")?
                .query_map([], |row| {
                    Ok(Credential { name: row.get(0)?, set_at: crate::issue::time(row, 1)? })
                })?
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remember_replace_forget() {
        let store = Store::in_memory().unwrap();
        let credential =
            |at| Credential { name: "GITHUB_TOKEN".into(), set_at: Timestamp::from_second(at).unwrap() };
        store.remember_credential(&credential(1)).unwrap();
        store.remember_credential(&credential(2)).unwrap();
        assert_eq!(store.credentials().unwrap(), [credential(2)]);
        store.forget_credential("GITHUB_TOKEN").unwrap();
        assert!(store.credentials().unwrap().is_empty());
    }
}
