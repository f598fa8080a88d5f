//! What parts of a query are while it is evaluated: values at all steps at once.

use std::collections::HashMap;

use promql_parser::parser::Expr;

use crate::answer::Labels;
use crate::error::{Error, Result};
use crate::exposition::NAME;
use crate::samples::STALE;

/// Evenly spaced times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    /// First time, in milliseconds since 1970.
    pub(super) start: i64,
    /// Milliseconds between two.
    pub(super) step: i64,
    /// How many.
    pub(super) steps: usize,
}

impl Grid {
    pub(super) fn times(self) -> impl Iterator<Item = i64> {
        (0..self.steps).map(move |index| self.start + i64::try_from(index).unwrap_or(0) * self.step)
    }

    pub(super) fn end(self) -> i64 {
        self.start + i64::try_from(self.steps.saturating_sub(1)).unwrap_or(0) * self.step
    }
}

/// "No value at this step". The staleness marker never comes out of a calculation, and never goes into one.
pub(super) const ABSENT: f64 = f64::from_bits(STALE);

pub(super) fn is_absent(value: f64) -> bool {
    value.to_bits() == STALE
}

/// A series at all steps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) labels: Labels,
    /// One value a step; [`ABSENT`] where there is none.
    pub(super) values: Vec<f64>,
}

/// What a part of a query is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// One number a step.
    Scalar(Vec<f64>),
    /// Series, each with other labels.
    Vector(Vec<Row>),
    Text(String),
}

/// What stands in parentheses.
pub(super) fn inner(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => inner(&paren.expr),
        other => other,
    }
}

/// Applies to each value that is there.
pub(super) fn map(mut rows: Vec<Row>, f: impl Fn(usize, f64) -> f64) -> Vec<Row> {
    for row in &mut rows {
        for (step, value) in row.values.iter_mut().enumerate().filter(|(_, v)| !is_absent(**v)) {
            *value = f(step, *value);
        }
    }
    rows
}

/// The rows without their names, which no longer say what they are.
pub(super) fn nameless(mut rows: Vec<Row>) -> Result<Vec<Row>> {
    for row in &mut rows {
        row.labels.remove(NAME);
    }
    merged(rows)
}

/// Rows with the same labels become one, unless they have values at the same step. Empty rows go.
pub(super) fn merged(rows: Vec<Row>) -> Result<Vec<Row>> {
    let mut all: Vec<Row> = Vec::with_capacity(rows.len());
    let mut places: HashMap<Labels, usize> = HashMap::with_capacity(rows.len());
    for row in rows {
        if row.values.iter().all(|v| is_absent(*v)) {
            continue;
        }
        let known = places.get(&row.labels).and_then(|place| all.get_mut(*place));
        let Some(known) = known else {
            places.insert(row.labels.clone(), all.len());
            all.push(row);
            continue;
        };
        for (mine, theirs) in known.values.iter_mut().zip(row.values).filter(|(_, v)| !is_absent(*v)) {
            if !is_absent(*mine) {
                return Err(same_labels(&known.labels));
            }
            *mine = theirs;
        }
    }
    Ok(all)
}

pub(super) fn same_labels(labels: &Labels) -> Error {
    Error::Evaluation { reason: format!("two series of the result have the labels {}", shown(labels)) }
}

/// Labels as PromQL writes them.
pub(super) fn shown(labels: &Labels) -> String {
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    format!("{{{}}}", pairs.join(", "))
}
