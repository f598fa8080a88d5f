//! Operators between numbers and vectors.

use std::collections::{HashMap, HashSet};

use promql_parser::parser::token::{
    T_ADD, T_ATAN2, T_DIV, T_EQLC, T_GTE, T_GTR, T_LAND, T_LOR, T_LSS, T_LTE, T_LUNLESS, T_MOD, T_MUL, T_NEQ,
    T_POW, T_SUB, TokenId,
};
use promql_parser::parser::{BinModifier, BinaryExpr, LabelModifier, VectorMatchCardinality};

use super::eval::{Evaluation, wrong_type};
use super::value::{ABSENT, Grid, Row, Value, is_absent, merged, nameless, shown};
use crate::answer::Labels;
use crate::error::{Error, Result};
use crate::exposition::NAME;

/// Evaluates an operator.
pub(super) fn binary(evaluation: &mut Evaluation, binary: &BinaryExpr, grid: Grid) -> Result<Value> {
    let plain = BinModifier::default();
    let modifier = binary.modifier.as_ref().unwrap_or(&plain);
    let left = evaluation.eval(&binary.lhs, grid)?;
    let right = evaluation.eval(&binary.rhs, grid)?;
    let op = Operator { id: binary.op.id(), bool: modifier.return_bool };
    match (left, right) {
        (Value::Scalar(left), Value::Scalar(right)) => {
            let value = |(l, r)| op.number(l, r);
            Ok(Value::Scalar(left.into_iter().zip(right).map(value).collect()))
        }
        (Value::Vector(rows), Value::Scalar(numbers)) => {
            with_numbers(rows, &numbers, |v, n| op.apply(v, n, v), op)
        }
        (Value::Scalar(numbers), Value::Vector(rows)) => {
            with_numbers(rows, &numbers, |v, n| op.apply(n, v, v), op)
        }
        (Value::Vector(left), Value::Vector(right)) => match op.id {
            T_LAND | T_LOR | T_LUNLESS => sets(op.id, left, right, modifier, grid),
            _ => matched(op, left, right, modifier, grid),
        },
        _ => Err(wrong_type("a text has no operators")),
    }
}

#[derive(Clone, Copy)]
struct Operator {
    id: TokenId,
    bool: bool,
}

impl Operator {
    fn compares(self) -> bool {
        matches!(self.id, T_EQLC | T_NEQ | T_GTR | T_LSS | T_GTE | T_LTE)
    }

    fn holds(self, left: f64, right: f64) -> bool {
        match self.id {
            T_EQLC => left == right,
            T_NEQ => left != right,
            T_GTR => left > right,
            T_LSS => left < right,
            T_GTE => left >= right,
            _ => left <= right,
        }
    }

    fn number(self, left: f64, right: f64) -> f64 {
        match self.id {
            T_ADD => left + right,
            T_SUB => left - right,
            T_MUL => left * right,
            T_DIV => left / right,
            T_MOD => left % right,
            T_POW => left.powf(right),
            T_ATAN2 => left.atan2(right),
            _ => f64::from(u8::from(self.holds(left, right))),
        }
    }

    /// The result for a pair; a comparison lets `value` through, or answers 0 and 1 with `bool`.
    fn apply(self, left: f64, right: f64, value: f64) -> f64 {
        if !self.compares() || self.bool {
            self.number(left, right)
        } else if self.holds(left, right) {
            value
        } else {
            ABSENT
        }
    }

    /// Whether the result is something else than the left series.
    fn drops_name(self) -> bool {
        !self.compares() || self.bool
    }
}

fn with_numbers(
    mut rows: Vec<Row>,
    numbers: &[f64],
    apply: impl Fn(f64, f64) -> f64,
    op: Operator,
) -> Result<Value> {
    for row in &mut rows {
        for (value, number) in row.values.iter_mut().zip(numbers).filter(|(v, _)| !is_absent(**v)) {
            *value = apply(*value, *number);
        }
    }
    Ok(Value::Vector(if op.drops_name() { nameless(rows)? } else { merged(rows)? }))
}

/// The labels by which series find each other.
fn signature(labels: &Labels, modifier: &BinModifier) -> Labels {
    let mut signature = labels.clone();
    match &modifier.matching {
        Some(LabelModifier::Include(on)) => signature.retain(|name, _| on.labels.contains(name)),
        Some(LabelModifier::Exclude(ignored)) => {
            signature.retain(|name, _| name != NAME && !ignored.labels.contains(name));
        }
        None => {
            signature.remove(NAME);
        }
    }
    signature
}

fn by_signature(rows: &[Row], modifier: &BinModifier) -> HashMap<Labels, Vec<usize>> {
    let mut groups: HashMap<Labels, Vec<usize>> = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        groups.entry(signature(&row.labels, modifier)).or_default().push(index);
    }
    groups
}

/// At which steps any of the rows has a value.
fn presence(rows: &[Row], members: Option<&Vec<usize>>, grid: Grid) -> Vec<bool> {
    let mut there = vec![false; grid.steps];
    for row in members.into_iter().flatten().filter_map(|index| rows.get(*index)) {
        there.iter_mut().zip(&row.values).for_each(|(there, v)| *there |= !is_absent(*v));
    }
    there
}

fn sets(op: TokenId, left: Vec<Row>, right: Vec<Row>, modifier: &BinModifier, grid: Grid) -> Result<Value> {
    // `or` keeps the left side and asks of the right one; the others keep what of the left side is asked for.
    let (asked, mut kept, mut all) = if op == T_LOR {
        (left.as_slice(), right, left.clone())
    } else {
        (right.as_slice(), left, Vec::new())
    };
    let groups = by_signature(asked, modifier);
    for row in &mut kept {
        let there = presence(asked, groups.get(&signature(&row.labels, modifier)), grid);
        for (value, there) in row.values.iter_mut().zip(there) {
            if there != (op == T_LAND) {
                *value = ABSENT;
            }
        }
    }
    all.extend(kept);
    Ok(Value::Vector(merged(all)?))
}

fn matched(
    op: Operator,
    left: Vec<Row>,
    right: Vec<Row>,
    modifier: &BinModifier,
    grid: Grid,
) -> Result<Value> {
    let swapped = matches!(modifier.card, VectorMatchCardinality::OneToMany(_));
    let grouped = modifier.card != VectorMatchCardinality::OneToOne;
    let (many, one) = if swapped { (right, left) } else { (left, right) };
    let side = if swapped { "left" } else { "right" };
    let groups = by_signature(&one, modifier);
    let mut answer: Vec<Row> = Vec::new();
    // Steps at which a signature was answered, to see what matches twice.
    let mut taken: HashMap<Labels, HashSet<usize>> = HashMap::new();
    for row in &many {
        let signature = signature(&row.labels, modifier);
        let Some(members) = groups.get(&signature) else { continue };
        let taken = taken.entry(signature.clone()).or_default();
        for (place, index) in members.iter().enumerate() {
            let Some(other) = one.get(*index) else { continue };
            let mut values = vec![ABSENT; grid.steps];
            let mut any = false;
            for (step, value) in values.iter_mut().enumerate() {
                let at = |row: &Row| row.values.get(step).copied().unwrap_or(ABSENT);
                let (mine, theirs) = (at(row), at(other));
                if is_absent(theirs) {
                    continue;
                }
                let twice = members.iter().take(place).filter_map(|i| one.get(*i)).any(|o| !is_absent(at(o)));
                if twice {
                    return Err(ambiguous(&signature, side));
                }
                if is_absent(mine) {
                    continue;
                }
                let (l, r) = if swapped { (theirs, mine) } else { (mine, theirs) };
                // A comparison lets the left value through, whichever side has many.
                *value = op.apply(l, r, l);
                if is_absent(*value) {
                    continue;
                }
                any = true;
                if !grouped && !taken.insert(step) {
                    return Err(unexplained(&signature));
                }
            }
            if any {
                answer.push(Row { labels: result_labels(op, &row.labels, &other.labels, modifier), values });
            }
        }
    }
    Ok(Value::Vector(merged(answer)?))
}

fn result_labels(op: Operator, many: &Labels, one: &Labels, modifier: &BinModifier) -> Labels {
    let mut labels = many.clone();
    if op.drops_name() {
        labels.remove(NAME);
    }
    if modifier.card == VectorMatchCardinality::OneToOne {
        match &modifier.matching {
            Some(LabelModifier::Include(on)) => labels.retain(|name, _| on.labels.contains(name)),
            Some(LabelModifier::Exclude(ignored)) => labels.retain(|name, _| !ignored.labels.contains(name)),
            None => {}
        }
    }
    for name in modifier.card.labels().into_iter().flat_map(|included| &included.labels) {
        match one.get(name) {
            Some(value) => labels.insert(name.clone(), value.clone()),
            None => labels.remove(name),
        };
    }
    labels
}

fn ambiguous(signature: &Labels, side: &str) -> Error {
    Error::Evaluation {
        reason: format!(
            "several series on the {side} side have the labels {}: name more labels with on(), or aggregate that side",
            shown(signature)
        ),
    }
}

fn unexplained(signature: &Labels) -> Error {
    Error::Evaluation {
        reason: format!(
            "several series on the left side match the one with the labels {}: say so with group_left",
            shown(signature)
        ),
    }
}
