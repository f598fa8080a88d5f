//! Writing: a scrape is one transaction.

use std::collections::HashSet;

use store::samples::Moment;
use store::samples::chunk::Chunk;
use store::samples::target::TargetRow;

use super::{STALE, SampleStore, Scope, name_of, number_of, text_of};
use crate::answer::{Labels, Point};
use crate::chunk::{self, FULL};
use crate::error::{Error, Result};
use crate::exposition::{Kind, NAME};
use crate::scrape::{Scrape, Target};

/// Jitter that is none: a scrape this close to its grid is on it, and costs no bytes for its time.
const JITTER: i64 = 2;

/// What became of samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Stored.
    pub stored: usize,
    /// Not stored: no younger than the newest sample of their series.
    pub dropped: usize,
    /// Series that ended: they were not among what was scraped.
    pub stale: usize,
}

/// One series to append to.
struct Entry<'a> {
    labels: &'a Labels,
    kind: Kind,
    points: &'a [Point],
    live: bool,
}

impl SampleStore {
    /// Claims the scrape of a target at `at` (milliseconds since 1970), so that window and `jalonctl` don't scrape
    /// twice: true for the one that scrapes.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn claim(&self, scope: &Scope, target: &Target, at: i64) -> Result<bool> {
        // Half an interval apart is nobody's next scrape.
        let since = at - interval(target) / 2;
        self.samples.write(|m| {
            let scope = m.scope(&scope.project, &scope.environment)?;
            let id = m.target(scope, &text_of(&target.labels))?;
            Ok(m.claim_target(id, at, since)?)
        })
    }

    /// Stores what a scrape brought: its samples with the target's labels, `up`, `scrape_duration_seconds` and
    /// `scrape_samples_scraped`. Series that are gone, all of them if it failed, are marked stale.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn record(&self, scope: &Scope, target: &Target, scrape: &Scrape) -> Result<Recorded> {
        let (samples, error) = match &scrape.result {
            Ok(samples) => (samples.as_slice(), None),
            Err(error) => (&[][..], Some(error.to_string())),
        };
        self.samples.write(|m| {
            let scope = m.scope(&scope.project, &scope.environment)?;
            let id = m.target(scope, &text_of(&target.labels))?;
            let at = on_grid(scrape.at, m.last_scrape(id)?, interval(target));
            let mut recorded = Recorded::default();
            let mut seen = HashSet::new();
            #[expect(clippy::cast_precision_loss, reason = "there are fewer samples than that")]
            let own = [
                ("up", if error.is_none() { 1.0 } else { 0.0 }),
                ("scrape_duration_seconds", scrape.took.as_secs_f64()),
                ("scrape_samples_scraped", samples.len() as f64),
            ];
            for (name, value) in own {
                let mut labels = target.labels.clone();
                labels.insert(NAME.to_owned(), name.to_owned());
                let points = [Point { at, value }];
                let entry = Entry { labels: &labels, kind: Kind::Gauge, points: &points, live: false };
                seen.insert(append(m, scope, Some(id), &entry, &mut recorded)?);
            }
            for sample in samples {
                let labels = with_labels(&sample.labels, &target.labels);
                let points = [Point { at: sample.at.unwrap_or(at), value: sample.value }];
                // What brings its own time says itself when it ends.
                let live = sample.at.is_none();
                let entry = Entry { labels: &labels, kind: sample.kind, points: &points, live };
                seen.insert(append(m, scope, Some(id), &entry, &mut recorded)?);
            }
            for series in m.live_series(id)?.into_iter().filter(|series| !seen.contains(series)) {
                let end = [Point { at, value: f64::from_bits(STALE) }];
                if grow(m, series, i64::MIN, &end, false)? == 1 {
                    recorded.stale += 1;
                }
            }
            let row = TargetRow {
                labels: String::new(),
                address: target.address(),
                interval: interval(target),
                scraped: Some(at),
                samples: i64::try_from(samples.len()).unwrap_or(i64::MAX),
                error: error.clone(),
            };
            m.note_scrape(id, &row)?;
            Ok(recorded)
        })
    }

    /// Stores values at one time (milliseconds since 1970).
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn append(&self, scope: &Scope, at: i64, values: &[(Labels, f64)]) -> Result<Recorded> {
        let series: Vec<(Labels, Vec<Point>)> = values
            .iter()
            .map(|(labels, value)| (labels.clone(), vec![Point { at, value: *value }]))
            .collect();
        self.append_series(scope, &series)
    }

    /// Stores runs of samples, oldest first, in one transaction.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn append_series(&self, scope: &Scope, series: &[(Labels, Vec<Point>)]) -> Result<Recorded> {
        self.samples.write(|m| {
            let scope = m.scope(&scope.project, &scope.environment)?;
            let mut recorded = Recorded::default();
            for (labels, points) in series {
                let entry = Entry { labels, kind: Kind::Unknown, points, live: false };
                append(m, scope, None, &entry, &mut recorded)?;
            }
            Ok(recorded)
        })
    }
}

fn interval(target: &Target) -> i64 {
    i64::try_from(target.interval.as_millis()).unwrap_or(i64::MAX).max(1)
}

/// The time of a scrape, moved to a whole number of intervals after the last one if it is that but for jitter.
fn on_grid(at: i64, last: Option<i64>, interval: i64) -> i64 {
    let Some(last) = last else { return at };
    let apart = at.saturating_sub(last);
    let grid = last.saturating_add((apart + interval / 2).div_euclid(interval) * interval);
    if grid > last && (grid - at).abs() <= JITTER { grid } else { at }
}

/// The target's labels win; what a sample says beside them is kept under `exported_…`, as Prometheus does.
fn with_labels(sample: &Labels, target: &Labels) -> Labels {
    let mut labels = target.clone();
    for (name, value) in sample {
        let mut name = name.clone();
        while target.contains_key(&name) || name.starts_with("exported_") && labels.contains_key(&name) {
            name.insert_str(0, "exported_");
        }
        labels.insert(name, value.clone());
    }
    labels
}

fn append(
    m: &Moment,
    scope: i64,
    target: Option<i64>,
    entry: &Entry,
    recorded: &mut Recorded,
) -> Result<i64> {
    let labels = text_of(entry.labels);
    let (series, rolled) = m.series(scope, target, name_of(entry.labels), &labels, number_of(entry.kind))?;
    let stored = grow(m, series, rolled, entry.points, entry.live)?;
    recorded.stored += stored;
    recorded.dropped += entry.points.len() - stored;
    Ok(series)
}

/// Appends to the growing chunk of a series; full ones are closed. How many samples were younger than all others.
fn grow(m: &Moment, series: i64, rolled: i64, points: &[Point], live: bool) -> Result<usize> {
    let head = m.head(series)?;
    let mut growing = match &head {
        Some(head) => points_of(series, head)?,
        None => Vec::new(),
    };
    let mut newest = head.as_ref().map_or(rolled.saturating_sub(1), |head| head.t1);
    let mut stored = 0;
    for point in points {
        if point.at <= newest {
            continue;
        }
        if growing.len() >= FULL {
            if let Some(full) = chunk_of(&growing) {
                m.put_chunk(series, &full)?;
            }
            growing.clear();
        }
        growing.push(*point);
        newest = point.at;
        stored += 1;
    }
    if stored > 0
        && let Some(head) = chunk_of(&growing)
    {
        m.put_head(series, &head, live)?;
    }
    Ok(stored)
}

/// The samples of a chunk.
pub(super) fn points_of(series: i64, chunk: &Chunk) -> Result<Vec<Point>> {
    let (mut times, mut values) = (Vec::new(), Vec::new());
    let n = usize::try_from(chunk.n).unwrap_or(0);
    chunk::decode(&chunk.payload, chunk.t0, n, &mut times, &mut values)
        .map_err(|damage| damaged(series, damage))?;
    Ok(times.into_iter().zip(values).map(|(at, value)| Point { at, value }).collect())
}

/// A chunk of samples; none of none.
pub(super) fn chunk_of(points: &[Point]) -> Option<Chunk> {
    let (first, last) = (points.first()?, points.last()?);
    let n = i64::try_from(points.len()).ok()?;
    Some(Chunk { t0: first.at, t1: last.at, n, payload: chunk::encode(points) })
}

pub(super) fn damaged(series: i64, damage: chunk::Damaged) -> Error {
    Error::Damaged { series: format!("series {series}"), reason: damage.0 }
}
