//! Functions of a range of samples: one value a series and window.

use promql_parser::parser::{Call, Expr};

use super::eval::{Evaluation, wrong_type};
use super::rate::{self, Window};
use super::select::{Ranges, ahead};
use super::value::{ABSENT, Grid, Row, Value, inner, is_absent, merged, nameless};
use super::{functions, math};
use crate::error::{Error, Result};
use crate::samples::{Aspect, Column};

type Function = fn(Window, f64) -> Option<f64>;

/// What a function does, which part of rollups it wants, whether it keeps the series' name, where its range stands
/// among the arguments.
struct Known {
    function: Function,
    aspect: Aspect,
    named: bool,
    range: usize,
}

fn known(name: &str) -> Option<Known> {
    let of = |aspect, function| Some(Known { function, aspect, named: false, range: 0 });
    let kept = |aspect, function| Some(Known { function, aspect, named: true, range: 0 });
    match name {
        "rate" => of(Aspect::Counter, |w, _| rate::rate(w)),
        "increase" => of(Aspect::Counter, |w, _| rate::change(w, true)),
        "delta" => of(Aspect::Last, |w, _| rate::change(w, false)),
        "irate" => of(Aspect::Raw, |w, _| rate::instant(w, true)),
        "idelta" => of(Aspect::Raw, |w, _| rate::instant(w, false)),
        "deriv" => of(Aspect::Raw, |w, _| {
            let first = w.times.first().filter(|_| w.times.len() > 1)?;
            Some(math::line(w.times, w.values, *first).0)
        }),
        "predict_linear" => of(Aspect::Raw, |w, ahead| {
            let (slope, value) = math::line(w.times, w.values, w.now);
            (w.times.len() > 1).then_some(slope * ahead + value)
        }),
        "min_over_time" => {
            of(Aspect::Min, |w, _| Some(math::extreme(w.values.iter().copied(), |a, b| a < b)))
        }
        "max_over_time" => {
            of(Aspect::Max, |w, _| Some(math::extreme(w.values.iter().copied(), |a, b| a > b)))
        }
        "sum_over_time" => of(Aspect::Mean, |w, _| Some(math::sum(weighted(w)))),
        "count_over_time" => of(Aspect::Mean, |w, _| Some(samples(w))),
        "avg_over_time" => of(Aspect::Mean, |w, _| {
            Some(match w.counts {
                None => math::mean(w.values.iter().copied()),
                Some(_) => math::sum(weighted(w)) / samples(w),
            })
        }),
        "last_over_time" => kept(Aspect::Last, |w, _| w.values.last().copied()),
        "first_over_time" => kept(Aspect::Raw, |w, _| w.values.first().copied()),
        "present_over_time" => of(Aspect::Last, |_, _| Some(1.0)),
        "stdvar_over_time" => of(Aspect::Raw, |w, _| Some(math::variance(w.values.iter().copied()))),
        "stddev_over_time" => of(Aspect::Raw, |w, _| Some(math::variance(w.values.iter().copied()).sqrt())),
        "quantile_over_time" => {
            let quantile: Function = |w, q| Some(math::quantile(q, &mut w.values.to_vec()));
            Some(Known { function: quantile, aspect: Aspect::Raw, named: false, range: 1 })
        }
        "changes" => of(Aspect::Raw, |w, _| {
            Some(pairs(w, |before, after| before != after && !(before.is_nan() && after.is_nan())))
        }),
        "resets" => of(Aspect::Raw, |w, _| Some(pairs(w, |before, after| after < before))),
        _ => None,
    }
}

fn weighted(window: Window) -> impl Iterator<Item = f64> {
    let weights = window.counts.into_iter().flatten().copied().chain(std::iter::repeat(1.0));
    window.values.iter().zip(weights).map(|(value, weight)| value * weight)
}

fn samples(window: Window) -> f64 {
    match window.counts {
        None => math::count(window.values.iter().copied()),
        Some(counts) => counts.iter().sum(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are fewer values than that")]
fn pairs(window: Window, is: fn(f64, f64) -> bool) -> f64 {
    window.values.iter().zip(window.values.iter().skip(1)).filter(|(a, b)| is(**a, **b)).count() as f64
}

/// Calls a function of a range, if it is one.
pub(super) fn call(evaluation: &mut Evaluation, call: &Call, grid: Grid) -> Result<Option<Value>> {
    let name = call.func.name;
    let arg = |index: usize| call.args.args.get(index).ok_or_else(|| wrong_type("an argument is missing"));
    if name == "absent_over_time" {
        let ranges = ranges(evaluation, arg(0)?, grid, Aspect::Last, name)?;
        let mut present = vec![false; grid.steps];
        for column in &ranges.columns {
            let values = windows(column, &ranges, grid, |_, _| 1.0);
            present.iter_mut().zip(values).for_each(|(present, v)| *present |= !is_absent(v));
        }
        return Ok(Some(functions::absence(arg(0)?, &present)));
    }
    let Some(known) = known(name) else { return Ok(None) };
    let numbers = match name {
        "quantile_over_time" => evaluation.scalar(arg(0)?, grid)?,
        "predict_linear" => evaluation.scalar(arg(1)?, grid)?,
        _ => Vec::new(),
    };
    let ranges = ranges(evaluation, arg(known.range)?, grid, known.aspect, &format!("{name}()"))?;
    let mut rows = Vec::with_capacity(ranges.columns.len());
    for column in &ranges.columns {
        let number = |step: usize| numbers.get(step).copied().unwrap_or(f64::NAN);
        let values = windows(column, &ranges, grid, |step, window| {
            (known.function)(window, number(step)).unwrap_or(ABSENT)
        });
        evaluation.spend(values.len())?;
        rows.push(Row { labels: column.labels.clone(), values });
    }
    Ok(Some(Value::Vector(if known.named { merged(rows)? } else { nameless(rows)? })))
}

fn ranges(
    evaluation: &mut Evaluation,
    expr: &Expr,
    grid: Grid,
    aspect: Aspect,
    what: &str,
) -> Result<Ranges> {
    match inner(expr) {
        Expr::MatrixSelector(selector) => evaluation.ranges(selector, grid, aspect, what),
        Expr::Subquery(subquery) => evaluation.subranges(subquery, grid),
        _ => {
            Err(Error::Evaluation { reason: format!("{what} needs a range of samples, such as metric[5m]") })
        }
    }
}

/// Applies to the window at each step, which moves forward only.
fn windows(
    column: &Column,
    ranges: &Ranges,
    grid: Grid,
    mut function: impl FnMut(usize, Window) -> f64,
) -> Vec<f64> {
    let (mut from, mut to) = (0, 0);
    let mut values = Vec::with_capacity(ranges.ends.len());
    for (step, (end, now)) in ranges.ends.iter().copied().zip(grid.times()).enumerate() {
        let start = end - ranges.range;
        from += ahead(column.times.get(from..).unwrap_or_default(), start);
        to = to.max(from);
        to += ahead(column.times.get(to..).unwrap_or_default(), end);
        let window = Window {
            times: column.times.get(from..to).unwrap_or_default(),
            values: column.values.get(from..to).unwrap_or_default(),
            counts: column.counts.as_ref().and_then(|counts| counts.get(from..to)),
            start,
            end,
            now,
        };
        values.push(if window.times.is_empty() { ABSENT } else { function(step, window) });
    }
    values
}
