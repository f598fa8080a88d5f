//! The only room with SQL: one SQLite file in the data folder. A table's file holds its migration, its row and its
//! handles. What is stored here can be read from GitHub again or is one person's; nothing of the team's lives here.

pub mod action_audit;
pub mod alarm;
pub mod alarm_note;
pub mod credential;
pub mod deployed_commit;
pub mod deployment;
pub mod export;
pub mod issue;
pub mod milestone;
pub mod outbox;
pub mod page;
pub mod project;
pub mod release;
pub mod repository;
pub mod run;
pub mod samples;
pub mod setting;
mod snapshot;
pub mod test_result;
pub mod trust;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use rusqlite_migration::{M, Migrations};

pub use snapshot::RepositorySnapshot;

/// The injected clock.
pub type Clock = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// How long a statement waits for another process's write.
const BUSY: Duration = Duration::from_secs(5);

/// Schema versions in order. Shipped entries are never edited; a change is a new entry at the end.
const MIGRATIONS: &[&str] = &[
    setting::MIGRATION_1,
    project::MIGRATION_1,
    repository::MIGRATION_1,
    milestone::MIGRATION_1,
    issue::MIGRATION_1,
    page::MIGRATION_1,
    credential::MIGRATION_1,
    run::MIGRATION_1,
    trust::MIGRATION_1,
    test_result::MIGRATION_1,
    deployed_commit::MIGRATION_1,
    export::MIGRATION_1,
    release::MIGRATION_1,
    outbox::MIGRATION_1,
    deployment::MIGRATION_1,
    run::MIGRATION_2,
    alarm::MIGRATION_1,
    alarm_note::MIGRATION_1,
    action_audit::MIGRATION_1,
];

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A newer Jalon wrote this file.
    #[error("{path} was written by a newer Jalon")]
    Newer {
        /// The database file.
        path: String,
    },
    /// Another process kept the file locked.
    #[error("{path} is in use by another process")]
    Busy {
        /// The database file.
        path: String,
    },
    /// The file is not a database, or its pages are broken.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// The database file.
        path: String,
        /// What SQLite said.
        reason: String,
    },
    /// Anything else: disk full, no permission.
    #[error("{path} cannot be used: {reason}")]
    Failed {
        /// The database file.
        path: String,
        /// What SQLite or the system said.
        reason: String,
    },
}

/// Result of the room.
pub type Result<T> = std::result::Result<T, Error>;

/// The open database. Cheap to share behind an `Arc`; statements are short.
pub struct Store {
    connection: Mutex<Connection>,
    path: PathBuf,
}

impl Store {
    /// Opens or creates `jalon.sqlite` in `folder`, which must exist, and brings its schema up to date in one
    /// transaction.
    ///
    /// # Errors
    /// A newer schema, a damaged file, a lock that is held, no permission.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("jalon.sqlite");
        let connection =
            Connection::open_with_flags(&path, OpenFlags::default()).map_err(|e| translate(&path, &e))?;
        Self::prepare(connection, path)
    }

    /// A store in memory, for tests.
    ///
    /// # Errors
    /// SQLite cannot allocate.
    pub fn in_memory() -> Result<Self> {
        let path = PathBuf::from(":memory:");
        let connection = Connection::open_in_memory().map_err(|e| translate(&path, &e))?;
        Self::prepare(connection, path)
    }

    fn prepare(mut connection: Connection, path: PathBuf) -> Result<Self> {
        // A journalled run is on the disk before it is acted on, even if the machine loses its power then.
        bring_up(&mut connection, &path, "FULL", MIGRATIONS)?;
        Ok(Self { connection: Mutex::new(connection), path })
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs statements; SQL errors become the room's.
    fn run<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        work(&self.lock()).map_err(|e| translate(&self.path, &e))
    }

    /// Runs statements in one transaction: all of them or none.
    fn transact<T>(&self, work: impl FnOnce(&rusqlite::Transaction) -> rusqlite::Result<T>) -> Result<T> {
        let mut connection = self.lock();
        let run = |connection: &mut Connection| {
            let transaction =
                connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run(&mut connection).map_err(|e| translate(&self.path, &e))
    }

    /// Reads in one transaction: everything seen is of one moment, and writers are not kept out.
    fn view<T>(&self, work: impl FnOnce(&rusqlite::Transaction) -> rusqlite::Result<T>) -> Result<T> {
        let mut connection = self.lock();
        let run = |connection: &mut Connection| work(&connection.transaction()?);
        run(&mut connection).map_err(|e| translate(&self.path, &e))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // SQLite rolls an unfinished transaction back by itself, so a poisoned connection is a sound one.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sets a connection up and brings its schema up to date in one transaction.
fn bring_up(
    connection: &mut Connection,
    path: &Path,
    synchronous: &str,
    schema: &[&'static str],
) -> Result<()> {
    let fail = |e: &rusqlite::Error| translate(path, e);
    connection.busy_timeout(BUSY).map_err(|e| fail(&e))?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(|e| fail(&e))?;
    connection.pragma_update(None, "synchronous", synchronous).map_err(|e| fail(&e))?;
    connection.pragma_update(None, "foreign_keys", "ON").map_err(|e| fail(&e))?;
    let migrations = Migrations::new(schema.iter().copied().map(M::up).collect());
    migrations.to_latest(connection).map_err(|error| match error {
        rusqlite_migration::Error::MigrationDefinition(_) => {
            Error::Newer { path: path.display().to_string() }
        }
        rusqlite_migration::Error::RusqliteError { err, .. } => translate(path, &err),
        other => Error::Failed { path: path.display().to_string(), reason: other.to_string() },
    })?;
    restrict(path);
    Ok(())
}

fn translate(path: &Path, error: &rusqlite::Error) -> Error {
    let path = path.display().to_string();
    let reason = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy { path },
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Error::Damaged { path, reason },
        _ => Error::Failed { path, reason },
    }
}

/// Other accounts of the computer have no business with issue titles.
#[cfg(unix)]
fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    // Best effort: some file systems know no modes.
    let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
}

#[cfg(not(unix))]
fn restrict(_path: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_valid_and_reopening_keeps_data() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.set_setting("k", Some("v")).unwrap();
        drop(store);
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(store.setting("k").unwrap().as_deref(), Some("v"));
    }

    #[test]
    fn a_newer_database_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.set_setting("k", Some("v")).unwrap();
        store.run(|c| c.pragma_update(None, "user_version", MIGRATIONS.len() as i64 + 1)).unwrap();
        drop(store);
        assert!(matches!(Store::open(folder.path()), Err(Error::Newer { .. })));
        let raw = Connection::open(folder.path().join("jalon.sqlite")).unwrap();
        let value: String = raw.query_row("SELECT value FROM setting", [], |row| row.get(0)).unwrap();
        assert_eq!(value, "v");
    }

    #[test]
    fn a_file_that_is_no_database_is_named_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jalon.sqlite");
        std::fs::write(&path, "this is not a database, it is a sentence of some length").unwrap();
        assert!(matches!(Store::open(folder.path()), Err(Error::Damaged { .. })));
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("this is"));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(std::fs::metadata(store.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
