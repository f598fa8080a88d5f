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

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

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
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
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
    write_ahead(connection).map_err(|e| fail(&e))?;
    connection.pragma_update(None, "synchronous", synchronous).map_err(|e| fail(&e))?;
    connection.pragma_update(None, "foreign_keys", "ON").map_err(|e| fail(&e))?;
    if !migrate(connection, schema).map_err(|e| fail(&e))? {
        return Err(Error::Newer { path: path.display().to_string() });
    }
    restrict(path);
    Ok(())
}

/// Turns the write-ahead log on. Of two that do so to a new file SQLite refuses one at once, whatever its busy
/// timeout: each holds what the other waits for.
#[allow(
    clippy::disallowed_methods,
    reason = "SQLite tells nobody when the other is done; the wait has a deadline"
)]
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let started = Instant::now();
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && started.elapsed() < BUSY =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            result => return result,
        }
    }
}

/// Runs the steps that the file lacks, in the transaction that also reads its version: the window and jalonctl may
/// open one new folder at the same moment. (`rusqlite_migration` reads the version before its transaction, so the
/// second of two repeats what the first has just done.) False, and nothing done, where a newer Jalon wrote the file.
fn migrate(connection: &mut Connection, schema: &[&str]) -> rusqlite::Result<bool> {
    let version = |c: &Connection| c.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    let newest = schema.len() as i64;
    // An up-to-date file is opened without waiting for who writes to it.
    match version(connection)?.cmp(&newest) {
        Ordering::Less => {}
        Ordering::Equal => return Ok(true),
        Ordering::Greater => return Ok(false),
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = version(&transaction)?;
    let Some(missing) = usize::try_from(done).ok().and_then(|done| schema.get(done..)) else {
        return Ok(false);
    };
    for step in missing {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", newest)?;
    transaction.commit()?;
    Ok(true)
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
    fn many_open_a_new_folder_at_the_same_moment() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let start = std::sync::Barrier::new(8);
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        start.wait();
                        Store::open(folder.path()).unwrap().set_setting("k", Some("v")).unwrap();
                    });
                }
            });
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_version_and_the_tables() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &["CREATE TABLE a (x)"]).unwrap();
        let next = ["CREATE TABLE a (x)", "CREATE TABLE b (x)", "CREATE TABLE a (x)"];
        migrate(&mut connection, &next).unwrap_err();
        assert_eq!(migrate(&mut connection, &["CREATE TABLE a (x)"]), Ok(true));
        assert_eq!(migrate(&mut connection, &next[..2]), Ok(true), "table b went with its transaction");
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
