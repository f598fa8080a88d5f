//! Aggregations: many series become few.

use std::collections::BTreeMap;

use promql_parser::parser::token::{
    T_AVG, T_BOTTOMK, T_COUNT, T_COUNT_VALUES, T_GROUP, T_MAX, T_MIN, T_QUANTILE, T_STDDEV, T_STDVAR, T_SUM,
    T_TOPK, TokenId,
};
use promql_parser::parser::{AggregateExpr, LabelModifier};

use super::eval::{Evaluation, wrong_type};
use super::math;
use super::value::{ABSENT, Grid, Row, Value, is_absent, merged};
use crate::answer::{Labels, number};
use crate::error::{Error, Result};
use crate::exposition::NAME;

/// Evaluates an aggregation.
pub(super) fn aggregate(evaluation: &mut Evaluation, aggregate: &AggregateExpr, grid: Grid) -> Result<Value> {
    let op = aggregate.op.id();
    let param =
        || aggregate.param.as_ref().ok_or_else(|| wrong_type("the aggregation's parameter is missing"));
    let numbers = match op {
        T_TOPK | T_BOTTOMK | T_QUANTILE => evaluation.scalar(param()?, grid)?,
        _ => Vec::new(),
    };
    let label = match op {
        T_COUNT_VALUES => evaluation.text(param()?, grid)?,
        _ => String::new(),
    };
    let rows = evaluation.vector(&aggregate.expr, grid)?;
    let mut groups: BTreeMap<Labels, Vec<Row>> = BTreeMap::new();
    for row in rows {
        groups.entry(group_of(&row.labels, aggregate.modifier.as_ref())).or_default().push(row);
    }
    let mut answer = Vec::new();
    for (labels, rows) in groups {
        match op {
            T_TOPK | T_BOTTOMK => answer.extend(best(rows, &numbers, grid, op == T_TOPK)),
            T_COUNT_VALUES => answer.extend(count_values(&labels, &rows, &label, grid)),
            _ => {
                let q = |step: usize| numbers.get(step).copied().unwrap_or(f64::NAN);
                let reduce = reduction(op)?;
                let mut present = Vec::with_capacity(rows.len());
                let mut values = Vec::with_capacity(grid.steps);
                for step in 0..grid.steps {
                    present.clear();
                    present
                        .extend(rows.iter().filter_map(|r| r.values.get(step)).filter(|v| !is_absent(**v)));
                    values.push(if present.is_empty() { ABSENT } else { reduce(&mut present, q(step)) });
                }
                answer.push(Row { labels, values });
            }
        }
    }
    Ok(Value::Vector(merged(answer)?))
}

fn group_of(labels: &Labels, modifier: Option<&LabelModifier>) -> Labels {
    let listed = |listed: &[String], name: &String| listed.contains(name);
    let chosen = |keep: &dyn Fn(&String) -> bool| {
        labels
            .iter()
            .filter(|(name, _)| keep(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    match modifier {
        None => Labels::new(),
        Some(LabelModifier::Include(by)) => chosen(&|name| listed(&by.labels, name)),
        Some(LabelModifier::Exclude(without)) => {
            chosen(&|name| name != NAME && !listed(&without.labels, name))
        }
    }
}

fn reduction(op: TokenId) -> Result<fn(&mut [f64], f64) -> f64> {
    Ok(match op {
        T_SUM => |values, _| math::sum(values.iter().copied()),
        T_AVG => |values, _| math::mean(values.iter().copied()),
        T_COUNT => |values, _| math::count(values.iter().copied()),
        T_MIN => |values, _| math::extreme(values.iter().copied(), |a, b| a < b),
        T_MAX => |values, _| math::extreme(values.iter().copied(), |a, b| a > b),
        T_GROUP => |_, _| 1.0,
        T_STDVAR => |values, _| math::variance(values.iter().copied()),
        T_STDDEV => |values, _| math::variance(values.iter().copied()).sqrt(),
        T_QUANTILE => |values, q| math::quantile(q, values),
        _ => return Err(Error::Unsupported { what: "this aggregation".to_owned() }),
    })
}

/// The `k` greatest or least of a group at each step, with their own labels, the best of the last step first.
fn best(rows: Vec<Row>, numbers: &[f64], grid: Grid, greatest: bool) -> Vec<Row> {
    let mut kept: Vec<Row> =
        rows.iter().map(|row| Row { labels: row.labels.clone(), values: vec![ABSENT; grid.steps] }).collect();
    let mut order: Vec<usize> = Vec::new();
    for step in 0..grid.steps {
        let k = numbers.get(step).copied().unwrap_or(f64::NAN);
        let value =
            |index: &usize| rows.get(*index).and_then(|row| row.values.get(step)).copied().unwrap_or(ABSENT);
        order = (0..rows.len()).filter(|index| !is_absent(value(index))).collect();
        // NaN is worse than any number; of equals the first one is better.
        order.sort_by(|a, b| {
            let (a, b) = (value(a), value(b));
            let order = if greatest { b.partial_cmp(&a) } else { a.partial_cmp(&b) };
            order.unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
        });
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates; NaN is none"
        )]
        order.truncate(if k >= 1.0 { k as usize } else { 0 });
        for index in &order {
            if let Some(place) = kept.get_mut(*index).and_then(|row| row.values.get_mut(step)) {
                *place = value(index);
            }
        }
    }
    let mut ranked: Vec<(usize, Row)> = kept.into_iter().enumerate().collect();
    ranked.sort_by_key(|(index, _)| order.iter().position(|o| o == index).unwrap_or(usize::MAX));
    ranked.into_iter().map(|(_, row)| row).collect()
}

/// How often each value occurs in a group, the value as a label.
fn count_values(labels: &Labels, rows: &[Row], label: &str, grid: Grid) -> Vec<Row> {
    let mut counts: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in rows {
        for (step, value) in row.values.iter().enumerate().filter(|(_, v)| !is_absent(**v)) {
            let values = counts.entry(number(*value)).or_insert_with(|| vec![ABSENT; grid.steps]);
            if let Some(place) = values.get_mut(step) {
                *place = if is_absent(*place) { 1.0 } else { *place + 1.0 };
            }
        }
    }
    let row = |(value, values): (String, Vec<f64>)| {
        let mut labels = labels.clone();
        labels.insert(label.to_owned(), value);
        Row { labels, values }
    };
    counts.into_iter().map(row).collect()
}
