//! Selectors: which series, at which times.

use std::time::UNIX_EPOCH;

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{AtModifier, MatrixSelector, Offset, SubqueryExpr, VectorSelector};
use regex::Regex;

use super::LOOKBACK;
use super::eval::Evaluation;
use super::value::{ABSENT, Grid, Row, Value, is_absent};
use crate::answer::{Answer, Labels, Point, Series};
use crate::error::{Error, Result};
use crate::exposition::NAME;
use crate::samples::{Aspect, Coarse, Column, Selection, is_stale, select};

/// Columns and the window over them at each step.
pub(super) struct Ranges {
    pub(super) columns: Vec<Column>,
    /// End of the window at each step.
    pub(super) ends: Vec<i64>,
    /// Length of the window in milliseconds.
    pub(super) range: i64,
}

/// A label that has to match.
enum Test {
    Equal(String),
    NotEqual(String),
    Matches(Regex),
    Differs(Regex),
}

fn tests(selector: &VectorSelector) -> Result<Vec<(String, Test)>> {
    let test = |matcher: &Matcher| {
        // Prometheus 3: a dot is any character, a line's end too.
        let pattern = |regex: &Regex| {
            Regex::new(&format!("^(?s:{})$", matcher.value)).unwrap_or_else(|_| regex.clone())
        };
        let test = match &matcher.op {
            MatchOp::Equal => Test::Equal(matcher.value.clone()),
            MatchOp::NotEqual => Test::NotEqual(matcher.value.clone()),
            MatchOp::Re(regex) => Test::Matches(pattern(regex)),
            MatchOp::NotRe(regex) => Test::Differs(pattern(regex)),
        };
        (matcher.name.clone(), test)
    };
    Ok(selector.matchers.matchers.iter().map(test).collect())
}

fn milliseconds(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

/// The times at which a selector looks, for each step.
fn moved(evaluation: &Evaluation, grid: Grid, at: Option<&AtModifier>, offset: Option<&Offset>) -> Vec<i64> {
    let fixed = at.map(|at| match at {
        AtModifier::Start => evaluation.whole.start,
        AtModifier::End => evaluation.whole.end(),
        AtModifier::At(time) => match time.duration_since(UNIX_EPOCH) {
            Ok(after) => milliseconds(after),
            Err(before) => -milliseconds(before.duration()),
        },
    });
    let offset = match offset {
        None => 0,
        Some(Offset::Pos(offset)) => milliseconds(*offset),
        Some(Offset::Neg(offset)) => -milliseconds(*offset),
    };
    grid.times().map(|time| fixed.unwrap_or(time).saturating_sub(offset)).collect()
}

impl Evaluation<'_> {
    fn columns(
        &mut self,
        selector: &VectorSelector,
        from: i64,
        to: i64,
        aspect: Aspect,
        what: &str,
    ) -> Result<Vec<Column>> {
        let tests = tests(selector)?;
        let named = tests.iter().find_map(|(label, test)| match test {
            Test::Equal(value) if label == NAME && !value.is_empty() => Some(value.as_str()),
            _ => None,
        });
        let name = selector.name.as_deref().or(named);
        let matches = |labels: &Labels| {
            tests.iter().all(|(label, test)| {
                let value = labels.get(label).map_or("", String::as_str);
                match test {
                    Test::Equal(wanted) => value == wanted,
                    Test::NotEqual(unwanted) => value != unwanted,
                    Test::Matches(pattern) => pattern.is_match(value),
                    Test::Differs(pattern) => !pattern.is_match(value),
                }
            })
        };
        let selection = Selection { name, matches: &matches, from, to, aspect, what };
        select(self.moment, self.scope, &selection, self.limit, &mut self.budget)
    }

    /// The newest value of each series at each step, and when it was sampled.
    pub(super) fn instant_with_times(
        &mut self,
        selector: &VectorSelector,
        grid: Grid,
    ) -> Result<Vec<(Row, Vec<i64>)>> {
        let times = moved(self, grid, selector.at.as_ref(), selector.offset.as_ref());
        let (Some(first), Some(last)) = (times.first(), times.last()) else { return Ok(Vec::new()) };
        // Rollups reach further back than samples.
        let from = first.saturating_sub(Coarse::longest(LOOKBACK));
        let columns = self.columns(selector, from, *last, Aspect::Last, "")?;
        let mut rows = Vec::with_capacity(columns.len());
        for column in columns {
            let mut values = Vec::with_capacity(times.len());
            let mut sampled = Vec::with_capacity(times.len());
            let mut next = 0;
            for time in &times {
                next += ahead(column.times.get(next..).unwrap_or_default(), *time);
                let newest = next.checked_sub(1);
                let at = newest.and_then(|i| column.times.get(i)).copied().unwrap_or(i64::MIN);
                let value = newest.and_then(|i| column.values.get(i)).copied().unwrap_or(ABSENT);
                let fresh = at > time.saturating_sub(column.coarse.lookback(at, LOOKBACK));
                values.push(if fresh { value } else { ABSENT });
                sampled.push(at);
            }
            if !values.iter().all(|v| is_absent(*v)) {
                self.spend(values.len())?;
                rows.push((Row { labels: column.labels, values }, sampled));
            }
        }
        Ok(rows)
    }

    /// The newest value of each series at each step.
    pub(super) fn instant_vector(&mut self, selector: &VectorSelector, grid: Grid) -> Result<Value> {
        let rows = self.instant_with_times(selector, grid)?;
        Ok(Value::Vector(rows.into_iter().map(|(row, _)| row).collect()))
    }

    /// The samples of a range selector.
    pub(super) fn ranges(
        &mut self,
        selector: &MatrixSelector,
        grid: Grid,
        aspect: Aspect,
        what: &str,
    ) -> Result<Ranges> {
        let range = milliseconds(selector.range);
        let ends = moved(self, grid, selector.vs.at.as_ref(), selector.vs.offset.as_ref());
        let (Some(first), Some(last)) = (ends.first(), ends.last()) else {
            return Ok(Ranges { columns: Vec::new(), ends, range });
        };
        let from = first.saturating_sub(range).saturating_add(1);
        let mut columns = self.columns(&selector.vs, from, *last, aspect, what)?;
        columns.iter_mut().for_each(without_markers);
        Ok(Ranges { columns, ends, range })
    }

    /// The values of a query within a query.
    pub(super) fn subranges(&mut self, subquery: &SubqueryExpr, grid: Grid) -> Result<Ranges> {
        // Prometheus' default for a step that is not given is its evaluation interval, a minute.
        let step = subquery.step.map_or(60_000, milliseconds);
        if step <= 0 {
            return Err(Error::Evaluation { reason: "the step of a subquery is zero".to_owned() });
        }
        let range = milliseconds(subquery.range);
        let ends = moved(self, grid, subquery.at.as_ref(), subquery.offset.as_ref());
        let (Some(first), Some(last)) = (ends.first(), ends.last()) else {
            return Ok(Ranges { columns: Vec::new(), ends, range });
        };
        // Steps of a subquery are whole multiples of their length, whenever it is asked.
        let start = (first.saturating_sub(range).div_euclid(step) + 1) * step;
        let steps = if *last < start { 0 } else { (last - start) / step + 1 };
        let steps = usize::try_from(steps).unwrap_or(usize::MAX);
        self.spend(steps)?;
        let inner = Grid { start, step, steps };
        let rows = match self.eval(&subquery.expr, inner)? {
            Value::Vector(rows) => rows,
            Value::Scalar(values) => vec![Row { labels: Labels::new(), values }],
            Value::Text(_) => {
                return Err(Error::Evaluation { reason: "a subquery of a text".to_owned() });
            }
        };
        let column = |row: Row| {
            let (times, values) = inner.times().zip(row.values).filter(|(_, v)| !is_absent(*v)).unzip();
            Column { labels: row.labels, times, values, counts: None, coarse: Coarse::NONE }
        };
        Ok(Ranges { columns: rows.into_iter().map(column).collect(), ends, range })
    }

    /// The samples of a range selector by itself.
    pub(super) fn samples(&mut self, selector: &MatrixSelector, grid: Grid) -> Result<Answer> {
        let ranges = self.ranges(selector, grid, Aspect::Raw, "a range of samples")?;
        let series = |column: Column| Series {
            points: column
                .times
                .into_iter()
                .zip(column.values)
                .map(|(at, value)| Point { at, value })
                .collect(),
            labels: column.labels,
        };
        Ok(Answer::Matrix(ranges.columns.into_iter().map(series).filter(|s| !s.points.is_empty()).collect()))
    }
}

/// How many of `times` are at or before `time`: few as a rule, so they are tried one by one before they are searched, and
/// searched near before far.
pub(super) fn ahead(times: &[i64], time: i64) -> usize {
    const TRIED: usize = 16;
    let tried = times.iter().take(TRIED).take_while(|t| **t <= time).count();
    if tried < TRIED {
        return tried;
    }
    let (mut near, mut far) = (TRIED, TRIED * 2);
    while times.get(far).is_some_and(|t| *t <= time) {
        (near, far) = (far, far * 2);
    }
    let within = times.get(near..far.min(times.len())).unwrap_or_default();
    near + within.partition_point(|t| *t <= time)
}

/// Markers of staleness end a series; they are no samples of a range.
fn without_markers(column: &mut Column) {
    if !column.values.iter().any(|v| is_stale(*v)) {
        return;
    }
    let keep: Vec<bool> = column.values.iter().map(|v| !is_stale(*v)).collect();
    let mut kept = keep.iter();
    column.times.retain(|_| kept.next().copied().unwrap_or(false));
    let mut kept = keep.iter();
    column.values.retain(|_| kept.next().copied().unwrap_or(false));
    if let Some(counts) = &mut column.counts {
        let mut kept = keep.iter();
        counts.retain(|_| kept.next().copied().unwrap_or(false));
    }
}
