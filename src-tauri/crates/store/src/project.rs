//! Projects that were opened on this computer.

use jiff::Timestamp;

use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str = "CREATE TABLE project (dir TEXT PRIMARY KEY, name TEXT NOT NULL, opened_at INTEGER NOT NULL) WITHOUT ROWID;";

/// A project that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Folder, absolute.
    pub dir: String,
    /// Name it had.
    pub name: String,
    /// When it was last opened.
    pub opened_at: Timestamp,
}

impl Store {
    /// Remembers that a project was opened.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn remember_project(&self, project: &Project) -> Result<()> {
        self.run(|c| {
            c.execute(
                "INSERT INTO project VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET name = ?2, opened_at = ?3",
                (&project.dir, &project.name, project.opened_at.as_millisecond()),
            )
            .map(drop)
        })
    }

    /// Forgets a project; its folder is left alone.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn forget_project(&self, dir: &str) -> Result<()> {
        self.run(|c| c.execute("DELETE FROM project WHERE dir = ?1", [dir]).map(drop))
    }

    /// Projects opened before, newest first, ten at most.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn recent_projects(&self) -> Result<Vec<Project>> {
        self.run(|c| {
            c.prepare_cached(
                "SELECT dir, name, opened_at FROM project ORDER BY opened_at DESC, dir LIMIT 10",
            )?
            .query_map([], |row| {
                Ok(Project { dir: row.get(0)?, name: row.get(1)?, opened_at: crate::issue::time(row, 2)? })
            })?
            .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_first_and_forgotten_when_asked() {
        let store = Store::in_memory().unwrap();
        let project = |dir: &str, at| Project {
            dir: dir.into(),
            name: dir.to_uppercase(),
            opened_at: Timestamp::from_second(at).unwrap(),
        };
        store.remember_project(&project("a", 1)).unwrap();
        store.remember_project(&project("b", 2)).unwrap();
        store.remember_project(&project("a", 3)).unwrap();
        assert_eq!(store.recent_projects().unwrap(), [project("a", 3), project("b", 2)]);
        store.forget_project("a").unwrap();
        assert_eq!(store.recent_projects().unwrap(), [project("b", 2)]);
    }
}
