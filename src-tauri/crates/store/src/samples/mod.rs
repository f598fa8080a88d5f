//! Samples of the own scraper, in a file of their own: `samples.sqlite`. What a chunk's bytes mean is for `monitoring`
//! to know; here are series, and which chunks of them lie where. A scrape is one transaction.

pub mod chunk;
pub mod rollup;
pub mod series;
pub mod target;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::{Result, bring_up, translate};

/// Schema versions of `samples.sqlite` in order. Shipped entries are never edited.
const MIGRATIONS: &[&str] =
    &[target::MIGRATION_1, series::MIGRATION_1, chunk::MIGRATION_1, rollup::MIGRATION_1];

/// The open file. Readers don't wait for the writer.
pub struct Samples {
    writer: Mutex<Connection>,
    /// None in memory, where there is one connection.
    reader: Option<Mutex<Connection>>,
    path: PathBuf,
}

/// One transaction; everything in it is of one moment, or written together.
pub struct Moment<'a> {
    pub(crate) t: Transaction<'a>,
    path: &'a Path,
}

impl Samples {
    /// Opens or creates `samples.sqlite` in `folder`, which must exist, and brings its schema up to date.
    ///
    /// # Errors
    /// A newer schema, a damaged file, a lock that is held, no permission.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("samples.sqlite");
        let connect =
            || Connection::open_with_flags(&path, OpenFlags::default()).map_err(|e| translate(&path, &e));
        let mut writer = connect()?;
        let mut reader = connect()?;
        // The last seconds before a power cut may be lost, nothing before them: scrapes are no journal.
        bring_up(&mut writer, &path, "NORMAL", MIGRATIONS)?;
        bring_up(&mut reader, &path, "NORMAL", MIGRATIONS)?;
        // A range query reads thousands of chunks that a plot asks for again and again.
        reader.pragma_update(None, "cache_size", -32_000).map_err(|e| translate(&path, &e))?;
        Ok(Self { writer: Mutex::new(writer), reader: Some(Mutex::new(reader)), path })
    }

    /// Samples in memory, for tests.
    ///
    /// # Errors
    /// SQLite cannot allocate.
    pub fn in_memory() -> Result<Self> {
        let path = PathBuf::from(":memory:");
        let mut writer = Connection::open_in_memory().map_err(|e| translate(&path, &e))?;
        bring_up(&mut writer, &path, "NORMAL", MIGRATIONS)?;
        Ok(Self { writer: Mutex::new(writer), reader: None, path })
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes in one transaction, which no other process writes beside: all of it or nothing.
    ///
    /// # Errors
    /// What `work` says; the database cannot be written.
    pub fn write<T, E: From<crate::Error>>(
        &self,
        work: impl FnOnce(&Moment) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.within(&self.writer, TransactionBehavior::Immediate, work)
    }

    /// Reads in one transaction; writers are not kept out.
    ///
    /// # Errors
    /// What `work` says; the database cannot be read.
    pub fn read<T, E: From<crate::Error>>(
        &self,
        work: impl FnOnce(&Moment) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let connection = self.reader.as_ref().unwrap_or(&self.writer);
        self.within(connection, TransactionBehavior::Deferred, work)
    }

    fn within<T, E: From<crate::Error>>(
        &self,
        connection: &Mutex<Connection>,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Moment) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        // SQLite rolls an unfinished transaction back by itself, so a poisoned connection is a sound one.
        let mut connection: MutexGuard<Connection> =
            connection.lock().unwrap_or_else(PoisonError::into_inner);
        let fail = |e: rusqlite::Error| E::from(translate(&self.path, &e));
        let t = connection.transaction_with_behavior(behavior).map_err(fail)?;
        let moment = Moment { t, path: &self.path };
        let value = work(&moment)?;
        moment.t.commit().map_err(fail)?;
        Ok(value)
    }
}

impl Moment<'_> {
    pub(crate) fn run<T>(&self, work: impl FnOnce(&Transaction) -> rusqlite::Result<T>) -> Result<T> {
        work(&self.t).map_err(|e| translate(self.path, &e))
    }
}
