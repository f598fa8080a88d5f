//! Retention: samples for 14 days, five-minute rollups for 90, hourly ones for two years.

use jiff::Timestamp;
use store::samples::Moment;
use store::samples::series::SeriesRow;

use super::SampleStore;
use super::record::{chunk_of, damaged, points_of};
use super::rollup::{self, DAY, FINE, HOURLY};
use crate::answer::Point;
use crate::chunk;
use crate::error::{Error, Result};

/// Days for which samples are kept as they are.
const RAW_DAYS: i64 = 14;
/// Days for which five-minute rollups are kept.
const FINE_DAYS: i64 = 90;
/// Days for which hourly rollups are kept.
const HOURLY_DAYS: i64 = 730;

/// What retention did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Maintained {
    /// Series whose old samples became rollups.
    pub rolled: usize,
    /// Series of which nothing was left.
    pub removed: usize,
}

impl SampleStore {
    /// Turns old samples into rollups and removes what is too old. A series is a transaction, so scrapes are not kept
    /// waiting, and being killed in between loses nothing.
    ///
    /// # Errors
    /// The database cannot be written; a chunk is damaged.
    pub fn maintain(&self, now: Timestamp) -> Result<Maintained> {
        let days_ago = |days: i64| (now.as_millisecond() - days * DAY).div_euclid(DAY) * DAY;
        let cut = days_ago(RAW_DAYS);
        let due = self.samples.read(|m| m.series_to_roll(cut).map_err(Error::from))?;
        for series in &due {
            self.samples.write(|m| roll(m, series, cut))?;
        }
        self.samples.write(|m| {
            m.remove_rollups(FINE, days_ago(FINE_DAYS))?;
            m.remove_rollups(HOURLY, days_ago(HOURLY_DAYS))?;
            Ok(Maintained { rolled: due.len(), removed: m.remove_empty()? })
        })
    }
}

fn roll(m: &Moment, series: &SeriesRow, cut: i64) -> Result<()> {
    let id = series.id;
    let (mut times, mut values) = (Vec::new(), Vec::new());
    m.each_chunk(id, i64::MIN, cut - 1, |t0, n, payload| {
        let n = usize::try_from(n).unwrap_or(0);
        chunk::decode(payload, t0, n, &mut times, &mut values).map_err(|d| damaged(id, d))
    })?;
    let points: Vec<Point> = times.into_iter().zip(values).map(|(at, value)| Point { at, value }).collect();
    let old = points.partition_point(|p| p.at < cut);
    let (old, _) = points.split_at(old);
    for resolution in [FINE, HOURLY] {
        let before = rollup::last_value(m, id, resolution)?;
        rollup::add(m, id, resolution, &rollup::buckets(old, resolution, before))?;
    }
    // The chunk that reaches past the cut keeps what is younger.
    let head = m.head(id)?;
    let growing = head.as_ref().map_or(i64::MAX, |head| head.t0);
    let straddling: Vec<Point> = points.iter().copied().filter(|p| p.at >= cut && p.at < growing).collect();
    m.remove_chunks(id, cut)?;
    if let Some(rest) = chunk_of(&straddling) {
        m.put_chunk(id, &rest)?;
    }
    if let Some(head) = head.filter(|head| head.t0 < cut) {
        let rest: Vec<Point> = points_of(id, &head)?.into_iter().filter(|p| p.at >= cut).collect();
        match chunk_of(&rest) {
            Some(rest) => m.trim_head(id, &rest)?,
            None => m.remove_head(id)?,
        }
    }
    m.set_rolled(id, cut)?;
    Ok(())
}
