//! The own time-series store: what scrapes bring, in chunks. All calls block on SQLite for a few milliseconds.

mod column;
mod maintain;
mod record;
mod rollup;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use store::samples::{Moment, Samples};

use crate::answer::Labels;
use crate::error::{Error, Result};
use crate::exposition::{Kind, NAME};

pub use column::{Aspect, Coarse, Column};
pub(crate) use column::{Selection, select};
pub use maintain::Maintained;
pub use record::Recorded;

/// The staleness marker: a NaN of its own that says that a series ended here.
pub const STALE: u64 = 0x7ff0_0000_0000_0002;

/// Whether a value is the staleness marker.
pub fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE
}

/// Whose samples.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    /// Folder of the project.
    pub project: String,
    /// Environment.
    pub environment: String,
}

/// What is scraped in a scope, and how that went last.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Labels of the target.
    pub labels: Labels,
    /// Its address.
    pub address: String,
    /// Milliseconds between two scrapes.
    pub interval: i64,
    /// When it was last scraped, in milliseconds since 1970.
    pub last: i64,
    /// Samples that it answered with then.
    pub samples: i64,
    /// Why it did not answer then, in English.
    pub error: Option<String>,
}

/// The store. Clones are the same store.
#[derive(Clone)]
pub struct SampleStore {
    samples: Arc<Samples>,
}

impl SampleStore {
    /// A store over the open file.
    pub fn new(samples: Samples) -> Self {
        Self { samples: Arc::new(samples) }
    }

    /// Reads in one transaction.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Moment) -> Result<T>) -> Result<T> {
        self.samples.read(work)
    }

    /// What is scraped in a scope, by labels.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn sources(&self, scope: &Scope) -> Result<Vec<Source>> {
        let rows = self.samples.read(|m| match find(m, scope)? {
            Some(id) => m.targets(id).map_err(Error::from),
            None => Ok(Vec::new()),
        })?;
        let source = |row: store::samples::target::TargetRow| Source {
            labels: serde_json::from_str(&row.labels).unwrap_or_default(),
            address: row.address,
            interval: row.interval,
            last: row.scraped.unwrap_or_default(),
            samples: row.samples,
            error: row.error,
        };
        Ok(rows.into_iter().map(source).collect())
    }

    /// Samples stored and the bytes of their chunks.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn size(&self) -> Result<(i64, i64)> {
        self.samples.read(|m| m.size_of_chunks().map_err(Error::from))
    }
}

fn find(m: &Moment, scope: &Scope) -> Result<Option<i64>> {
    Ok(m.find_scope(&scope.project, &scope.environment)?)
}

/// Labels as they are stored: JSON with sorted keys.
fn text_of(labels: &Labels) -> String {
    serde_json::to_string(labels).unwrap_or_default()
}

fn name_of(labels: &Labels) -> &str {
    labels.get(NAME).map_or("", String::as_str)
}

/// Kinds as they are stored.
fn number_of(kind: Kind) -> i64 {
    match kind {
        Kind::Unknown => 0,
        Kind::Counter => 1,
        Kind::Gauge => 2,
        Kind::Histogram => 3,
        Kind::GaugeHistogram => 4,
        Kind::Summary => 5,
        Kind::Info => 6,
        Kind::StateSet => 7,
    }
}
