//! PromQL over the own store. promql-parser reads it; here it is evaluated as Prometheus 3 does
//! (<https://prometheus.io/docs/prometheus/latest/querying/basics/>): every part of a query over all steps at once.
//! What is not evaluated is an error that names it.

mod aggregate;
mod binary;
mod calendar;
mod eval;
mod functions;
mod histogram;
mod labels;
mod math;
mod over_time;
mod rate;
mod select;
mod support;
#[cfg(test)]
mod tests;
mod value;

use promql_parser::parser::{self, Expr};

use crate::answer::{Answer, Point, Series};
use crate::error::{Error, Result};
use crate::samples::{SampleStore, Scope};

use eval::Evaluation;
use value::{Grid, Value, is_absent};

pub use support::check;

/// Steps that a range query may have; Prometheus has the same limit.
pub const STEPS: u64 = 11_000;
/// Samples that a query may load.
const SAMPLES: usize = 50_000_000;
/// Milliseconds for which a sample is the value of its series.
const LOOKBACK: i64 = 5 * 60 * 1000;

/// Queries over the samples of a scope. Calls block on SQLite.
#[derive(Clone)]
pub struct Own {
    store: SampleStore,
    scope: Scope,
}

impl Own {
    /// Queries over the samples of `scope`.
    pub fn new(store: SampleStore, scope: Scope) -> Self {
        Self { store, scope }
    }

    /// Answers a query at a time, in milliseconds since 1970. A range selector by itself answers with its samples.
    ///
    /// # Errors
    /// No PromQL, something that is not evaluated, series that don't match as they should, too many samples.
    pub fn instant(&self, query: &str, at: i64) -> Result<Answer> {
        within(at)?;
        let expr = parse(query)?;
        let grid = Grid { start: at, step: 1, steps: 1 };
        self.store.read(|m| {
            let mut evaluation = Evaluation::new(m, &self.scope, grid, SAMPLES);
            if let Expr::MatrixSelector(selector) = value::inner(&expr) {
                return evaluation.samples(selector, grid);
            }
            Ok(match evaluation.eval(&expr, grid)? {
                Value::Text(text) => Answer::Text(at, text),
                Value::Scalar(values) => {
                    Answer::Scalar(Point { at, value: values.first().copied().unwrap_or(f64::NAN) })
                }
                Value::Vector(rows) => {
                    let value = |row: &value::Row| row.values.first().copied().filter(|v| !is_absent(*v));
                    let rows = rows.into_iter();
                    Answer::Vector(
                        rows.filter_map(|row| value(&row).map(|value| (row.labels, Point { at, value })))
                            .collect(),
                    )
                }
            })
        })
    }

    /// Answers a query at each step of `[from, to]`, all in milliseconds; `from` is the first step.
    ///
    /// # Errors
    /// As [`Own::instant`]; more than 11,000 steps.
    pub fn range(&self, query: &str, from: i64, to: i64, step: i64) -> Result<Answer> {
        within(from)?;
        within(to)?;
        if step <= 0 || to < from {
            return Err(Error::Evaluation {
                reason: "the range is empty: it ends before it begins".to_owned(),
            });
        }
        let steps = to.abs_diff(from) / step.unsigned_abs() + 1;
        if steps > STEPS {
            return Err(Error::TooManySteps { steps });
        }
        let expr = parse(query)?;
        let grid = Grid { start: from, step, steps: usize::try_from(steps).unwrap_or(usize::MAX) };
        self.store.read(|m| match Evaluation::new(m, &self.scope, grid, SAMPLES).eval(&expr, grid)? {
            Value::Text(_) => Err(Error::Evaluation { reason: "a text has no range".to_owned() }),
            Value::Scalar(values) => {
                Ok(Answer::Matrix(vec![Series { labels: Default::default(), points: points(grid, &values) }]))
            }
            Value::Vector(mut rows) => {
                rows.sort_by(|a, b| a.labels.cmp(&b.labels));
                let series =
                    |row: value::Row| Series { points: points(grid, &row.values), labels: row.labels };
                Ok(Answer::Matrix(rows.into_iter().map(series).filter(|s| !s.points.is_empty()).collect()))
            }
        })
    }
}

/// Times so far away that a sum with them would overflow.
fn within(at: i64) -> Result<()> {
    const FARTHEST: u64 = 1 << 53;
    if at.unsigned_abs() < FARTHEST {
        return Ok(());
    }
    Err(Error::Evaluation { reason: format!("{at} ms since 1970 is no time") })
}

fn points(grid: Grid, values: &[f64]) -> Vec<Point> {
    let points = grid.times().zip(values).filter(|(_, value)| !is_absent(**value));
    points.map(|(at, value)| Point { at, value: *value }).collect()
}

fn parse(query: &str) -> Result<Expr> {
    let wrong = |reason: String| Error::Query { query: support::shown(query), reason };
    support::bounded(query).map_err(wrong)?;
    let expr = parser::parse(query).map_err(wrong)?;
    support::supported(&expr)?;
    Ok(expr)
}
