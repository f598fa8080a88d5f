//! Rollups: what of samples is kept when they are too old: minimum, maximum, sum, count and last value of each bucket,
//! and how much a counter grew, with its resets made good.

use store::samples::Moment;
use store::samples::chunk::Chunk;
use store::samples::series::SeriesRow;

use super::column::{Aspect, Column, Selection};
use super::is_stale;
use super::record::damaged;
use crate::answer::Point;
use crate::chunk::{self, Damaged};
use crate::error::{Error, Result};

/// Milliseconds of a fine bucket: five minutes.
pub(super) const FINE: i64 = 5 * 60 * 1000;
/// Milliseconds of an hourly bucket.
pub(super) const HOURLY: i64 = 60 * 60 * 1000;
/// Milliseconds of a day in UTC.
pub(super) const DAY: i64 = 24 * HOURLY;

/// Milliseconds that are stored together: some 250 buckets.
fn together(resolution: i64) -> i64 {
    if resolution == FINE { DAY } else { 10 * DAY }
}

/// One bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bucket {
    /// Its first millisecond.
    pub(super) start: i64,
    /// Time of its last sample.
    pub(super) last_at: i64,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) sum: f64,
    pub(super) count: f64,
    pub(super) last: f64,
    /// Growth since the last sample of the bucket before, each drop taken for a start from zero.
    pub(super) increase: f64,
}

/// Buckets of samples, oldest first; `before` is the sample before them. Markers of staleness are no samples.
pub(super) fn buckets(points: &[Point], resolution: i64, before: Option<f64>) -> Vec<Bucket> {
    let mut all: Vec<Bucket> = Vec::new();
    // Value before the bucket, and whether there was a reset within it: without one the growth is one subtraction.
    let (mut base, mut reset) = (before, false);
    let mut previous = before;
    for point in points.iter().filter(|p| !is_stale(p.value)) {
        let start = point.at.div_euclid(resolution) * resolution;
        let value = point.value;
        if all.last().is_none_or(|bucket| bucket.start != start) {
            (base, reset) = (previous, false);
            all.push(Bucket {
                start,
                last_at: point.at,
                min: f64::NAN,
                max: f64::NAN,
                sum: 0.0,
                count: 0.0,
                last: value,
                increase: 0.0,
            });
        }
        let Some(bucket) = all.last_mut() else { continue };
        let step = match previous {
            Some(previous) if value < previous => {
                reset = true;
                value
            }
            Some(previous) => value - previous,
            None => {
                base = Some(value);
                0.0
            }
        };
        bucket.increase = match base {
            Some(base) if !reset => value - base,
            _ => bucket.increase + step,
        };
        bucket.last_at = point.at;
        bucket.last = value;
        bucket.min = if bucket.min <= value { bucket.min } else { value };
        bucket.max = if bucket.max >= value { bucket.max } else { value };
        bucket.sum += value;
        bucket.count += 1.0;
        previous = Some(value);
    }
    all
}

fn encode(buckets: &[Bucket], resolution: i64) -> Option<Chunk> {
    let (first, last) = (buckets.first()?, buckets.last()?);
    let mut payload = Vec::new();
    let indices: Vec<i64> =
        buckets.iter().zip(buckets.iter().skip(1)).map(|(a, b)| (b.start - a.start) / resolution).collect();
    let lasts: Vec<i64> = buckets.iter().map(|b| b.last_at - b.start).collect();
    chunk::encode_ints(&indices, &mut payload);
    chunk::encode_ints(&lasts, &mut payload);
    for column in COLUMNS {
        let values: Vec<f64> = buckets.iter().map(|b| column(&mut b.clone()).to_owned()).collect();
        chunk::encode_values(&values, &mut payload);
    }
    let n = i64::try_from(buckets.len()).ok()?;
    Some(Chunk { t0: first.start, t1: last.start + resolution - 1, n, payload })
}

const COLUMNS: [fn(&mut Bucket) -> &mut f64; 6] =
    [|b| &mut b.min, |b| &mut b.max, |b| &mut b.sum, |b| &mut b.count, |b| &mut b.last, |b| &mut b.increase];

fn decode(chunk: &Chunk, resolution: i64) -> std::result::Result<Vec<Bucket>, Damaged> {
    let n = usize::try_from(chunk.n).unwrap_or(0);
    let mut rest = chunk.payload.as_slice();
    let damage = Damaged("rollups");
    let indices = chunk::decode_ints(&mut rest, n.saturating_sub(1)).ok_or(damage)?;
    let lasts = chunk::decode_ints(&mut rest, n).ok_or(damage)?;
    let mut start = chunk.t0;
    let mut buckets = Vec::with_capacity(n);
    for (index, last) in std::iter::once(0).chain(indices).zip(lasts) {
        start = start.wrapping_add(index.wrapping_mul(resolution));
        let last_at = start.wrapping_add(last);
        let empty =
            Bucket { start, last_at, min: 0.0, max: 0.0, sum: 0.0, count: 0.0, last: 0.0, increase: 0.0 };
        buckets.push(empty);
    }
    for column in COLUMNS {
        let mut values = Vec::new();
        chunk::decode_values(&mut rest, n, &mut values).ok_or(damage)?;
        buckets.iter_mut().zip(values).for_each(|(bucket, value)| *column(bucket) = value);
    }
    Ok(buckets)
}

/// Last value of the youngest bucket of a series.
pub(super) fn last_value(m: &Moment, series: i64, resolution: i64) -> Result<Option<f64>> {
    let Some(chunk) = m.last_rollup(series, resolution)? else { return Ok(None) };
    let buckets = decode(&chunk, resolution).map_err(|d| damaged(series, d))?;
    Ok(buckets.last().map(|b| b.last))
}

/// Stores buckets that are younger than those of the series that are stored.
pub(super) fn add(m: &Moment, series: i64, resolution: i64, buckets: &[Bucket]) -> Result<()> {
    let group = |bucket: &Bucket| bucket.start.div_euclid(together(resolution));
    let mut stored = match m.last_rollup(series, resolution)? {
        Some(chunk) => decode(&chunk, resolution).map_err(|d| damaged(series, d))?,
        None => Vec::new(),
    };
    let newest = stored.last().map_or(i64::MIN, |b| b.start);
    // Only a group that grows is written again.
    if let (Some(old), Some(new)) = (stored.last(), buckets.first())
        && group(old) != group(new)
    {
        stored.clear();
    }
    stored.extend(buckets.iter().filter(|b| b.start > newest));
    for together in stored.chunk_by(|a, b| group(a) == group(b)) {
        if let Some(chunk) = encode(together, resolution) {
            m.put_rollup(series, resolution, &chunk)?;
        }
    }
    Ok(())
}

/// Appends what is wanted of the rollups of a series to `column`.
pub(super) fn read(m: &Moment, row: &SeriesRow, wanted: &Selection, column: &mut Column) -> Result<()> {
    let until = wanted.to.min(row.rolled - 1);
    let load = |resolution, from, to| -> Result<Vec<Bucket>> {
        let mut buckets = Vec::new();
        for chunk in m.rollups(row.id, resolution, from, to)? {
            buckets.extend(decode(&chunk, resolution).map_err(|d| damaged(row.id, d))?);
        }
        Ok(buckets)
    };
    let fine = load(FINE, wanted.from, until)?;
    // Fine rollups are removed by the day, so a day has all of them or none.
    let fine_from = fine.first().map_or(row.rolled, |b| b.start.div_euclid(DAY) * DAY);
    let mut all = Vec::new();
    if wanted.from < fine_from {
        all = load(HOURLY, wanted.from, until.min(fine_from - 1))?;
        all.retain(|b| b.start < fine_from);
    }
    column.coarse.hourly_until = fine_from;
    all.extend(fine);
    all.retain(|b| b.last_at >= wanted.from && b.last_at <= until);
    if all.is_empty() {
        return Ok(());
    }
    let value: fn(&Bucket) -> f64 = match wanted.aspect {
        Aspect::Raw => return Err(Error::NeedsRaw { what: wanted.what.to_owned() }),
        Aspect::Counter => {
            counter(&all, column);
            return Ok(());
        }
        Aspect::Last => |b| b.last,
        Aspect::Min => |b| b.min,
        Aspect::Max => |b| b.max,
        Aspect::Mean => {
            column.counts = Some(all.iter().map(|b| b.count).collect());
            |b| b.sum / b.count
        }
    };
    column.times.extend(all.iter().map(|b| b.last_at));
    column.values.extend(all.iter().map(value));
    Ok(())
}

/// A counter with its resets: where a bucket grew by more than its last value says, it reached a height and began at
/// zero again in between.
fn counter(buckets: &[Bucket], column: &mut Column) {
    let mut push = |at, value| {
        column.times.push(at);
        column.values.push(value);
    };
    let mut before: Option<&Bucket> = None;
    for bucket in buckets {
        if let Some(before) = before
            && bucket.last - before.last != bucket.increase
            && bucket.last_at - before.last_at > 3
        {
            let between = before.last_at + (bucket.last_at - before.last_at) / 2;
            push(between, before.last + bucket.increase - bucket.last);
            push(between + 1, 0.0);
        }
        push(bucket.last_at, bucket.last);
        before = Some(bucket);
    }
}
