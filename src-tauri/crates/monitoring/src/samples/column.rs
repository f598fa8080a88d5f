//! Reading: the samples of a series within a range as two columns.

use store::samples::Moment;
use store::samples::series::SeriesRow;

use super::record::damaged;
use super::rollup::{self, FINE, HOURLY};
use super::{Scope, find};
use crate::answer::Labels;
use crate::chunk;
use crate::error::{Error, Result};

/// What of old samples is wanted where only rollups are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// The last value of each bucket.
    Last,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The mean, with the number of samples behind it.
    Mean,
    /// The last value, and what a counter reached before it started again.
    Counter,
    /// Nothing but single samples will do.
    Raw,
}

/// Which part of a column are rollups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coarse {
    /// Points before this time stand for an hour.
    pub hourly_until: i64,
    /// Points before this time stand for five minutes or more.
    pub rolled_until: i64,
}

impl Coarse {
    /// No part.
    pub const NONE: Self = Self { hourly_until: i64::MIN, rolled_until: i64::MIN };

    /// The longest that [`Coarse::lookback`] says.
    pub(crate) fn longest(lookback: i64) -> i64 {
        lookback + HOURLY
    }

    /// Milliseconds for which the point at this time is the value of its series: longer than `lookback` where it
    /// stands for longer.
    pub fn lookback(&self, at: i64, lookback: i64) -> i64 {
        if at >= self.rolled_until {
            lookback
        } else if at >= self.hourly_until {
            lookback + FINE
        } else {
            lookback + HOURLY
        }
    }
}

/// Samples of a series, oldest first.
#[derive(Debug, Clone)]
pub struct Column {
    /// Labels, the name among them.
    pub labels: Labels,
    /// Milliseconds since 1970.
    pub times: Vec<i64>,
    /// Values, one a time; the staleness marker among them.
    pub values: Vec<f64>,
    /// How many samples each value stands for, where some stand for more than one ([`Aspect::Mean`]).
    pub counts: Option<Vec<f64>>,
    /// Which part are rollups.
    pub coarse: Coarse,
}

/// Which samples are read.
pub(crate) struct Selection<'a> {
    /// Name of the series, where only one is meant.
    pub name: Option<&'a str>,
    /// Which labels are meant.
    pub matches: &'a dyn Fn(&Labels) -> bool,
    /// First time, in milliseconds since 1970.
    pub from: i64,
    /// Last time.
    pub to: i64,
    /// What is wanted of rollups.
    pub aspect: Aspect,
    /// Whose need it is, for an error.
    pub what: &'a str,
}

/// Reads series of a scope; `budget` is how many samples may still be loaded.
pub(crate) fn select(
    m: &Moment,
    scope: &Scope,
    wanted: &Selection,
    limit: usize,
    budget: &mut usize,
) -> Result<Vec<Column>> {
    let Some(scope) = find(m, scope)? else { return Ok(Vec::new()) };
    let mut columns = Vec::new();
    for row in m.series_of(scope, wanted.name)? {
        let labels: Labels = serde_json::from_str(&row.labels)
            .map_err(|_| Error::Damaged { series: row.labels.clone(), reason: "labels" })?;
        if !(wanted.matches)(&labels) {
            continue;
        }
        let mut column = read(m, &row, labels, wanted)?;
        if column.times.is_empty() {
            continue;
        }
        *budget = budget.checked_sub(column.times.len()).ok_or(Error::TooManySamples { limit })?;
        column.times.shrink_to_fit();
        columns.push(column);
    }
    // Stored by JSON, answered by labels.
    columns.sort_by(|a, b| a.labels.cmp(&b.labels));
    Ok(columns)
}

fn read(m: &Moment, row: &SeriesRow, labels: Labels, wanted: &Selection) -> Result<Column> {
    let coarse = Coarse { hourly_until: i64::MIN, rolled_until: row.rolled };
    let mut column = Column { labels, times: Vec::new(), values: Vec::new(), counts: None, coarse };
    if wanted.from < row.rolled {
        rollup::read(m, row, wanted, &mut column)?;
    }
    let from = wanted.from.max(row.rolled);
    if from > wanted.to {
        return Ok(column);
    }
    let rolled = column.times.len();
    m.each_chunk(row.id, from, wanted.to, |t0, n, payload| {
        let n = usize::try_from(n).unwrap_or(0);
        chunk::decode(payload, t0, n, &mut column.times, &mut column.values).map_err(|d| damaged(row.id, d))
    })?;
    let end = column.times.partition_point(|t| *t <= wanted.to);
    column.times.truncate(end);
    column.values.truncate(end);
    let raw = column.times.get(rolled..).unwrap_or_default();
    let early = raw.partition_point(|t| *t < from);
    column.times.drain(rolled..rolled + early);
    column.values.drain(rolled..rolled + early);
    if let Some(counts) = &mut column.counts {
        counts.resize(column.times.len(), 1.0);
    }
    Ok(column)
}
