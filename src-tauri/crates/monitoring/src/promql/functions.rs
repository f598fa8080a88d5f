//! Functions of numbers and instant vectors.

use promql_parser::label::MatchOp;
use promql_parser::parser::{Call, Expr};

use super::eval::{Evaluation, wrong_type};
use super::value::{ABSENT, Grid, Row, Value, inner, is_absent, map, nameless};
use super::{calendar, histogram, labels, over_time, rate};
use crate::answer::Labels;
use crate::error::{Error, Result};
use crate::exposition::NAME;

/// Calls a function.
pub(super) fn call(evaluation: &mut Evaluation, call: &Call, grid: Grid) -> Result<Value> {
    if let Some(value) = over_time::call(evaluation, call, grid)? {
        return Ok(value);
    }
    let name = call.func.name;
    let args = &call.args.args;
    let arg =
        |index: usize| args.get(index).map(AsRef::as_ref).ok_or_else(|| wrong_type("an argument is missing"));
    if let Some(function) = elementwise(name) {
        let rows = evaluation.vector(arg(0)?, grid)?;
        return Ok(Value::Vector(nameless(map(rows, |_, v| function(v)))?));
    }
    if let Some(part) = calendar::part(name) {
        let rows = match args.first() {
            Some(_) => evaluation.vector(arg(0)?, grid)?,
            None => vec![Row { labels: Labels::new(), values: grid.times().map(rate::seconds).collect() }],
        };
        return Ok(Value::Vector(nameless(map(rows, |_, v| part(v)))?));
    }
    match name {
        "time" => Ok(Value::Scalar(grid.times().map(rate::seconds).collect())),
        "pi" => Ok(Value::Scalar(vec![std::f64::consts::PI; grid.steps])),
        "vector" => {
            let values = evaluation.scalar(arg(0)?, grid)?;
            Ok(Value::Vector(vec![Row { labels: Labels::new(), values }]))
        }
        "scalar" => {
            let rows = evaluation.vector(arg(0)?, grid)?;
            Ok(Value::Scalar((0..grid.steps).map(|step| single(&rows, step)).collect()))
        }
        "timestamp" => timestamp(evaluation, arg(0)?, grid),
        "absent" => {
            let rows = evaluation.vector(arg(0)?, grid)?;
            let there =
                |step: usize| rows.iter().any(|row| row.values.get(step).is_some_and(|v| !is_absent(*v)));
            let present: Vec<bool> = (0..grid.steps).map(there).collect();
            Ok(absence(arg(0)?, &present))
        }
        "round" => {
            let rows = evaluation.vector(arg(0)?, grid)?;
            let to = match args.get(1) {
                Some(to) => evaluation.scalar(to, grid)?,
                None => vec![1.0; grid.steps],
            };
            // Division by an inverse keeps 0.1 a tenth.
            let round = |step: usize, v: f64| {
                let inverse = 1.0 / at(&to, step);
                (v * inverse + 0.5).floor() / inverse
            };
            Ok(Value::Vector(nameless(map(rows, round))?))
        }
        "clamp" | "clamp_min" | "clamp_max" => clamp(evaluation, name, args, grid),
        "sort" | "sort_desc" => {
            let mut rows = evaluation.vector(arg(0)?, grid)?;
            // Only an instant query has an order, and it has one step.
            let key = |row: &Row| row.values.first().copied().unwrap_or(f64::NAN);
            let descending = name == "sort_desc";
            rows.sort_by(|a, b| {
                let (a, b) = (key(a), key(b));
                let order = a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()));
                if descending && !a.is_nan() && !b.is_nan() { order.reverse() } else { order }
            });
            Ok(Value::Vector(rows))
        }
        "histogram_quantile" => {
            let quantiles = evaluation.scalar(arg(0)?, grid)?;
            let rows = evaluation.vector(arg(1)?, grid)?;
            Ok(Value::Vector(histogram::quantiles(&quantiles, rows, grid)?))
        }
        "label_replace" => {
            let rows = evaluation.vector(arg(0)?, grid)?;
            let mut texts = Vec::new();
            for index in 1..5 {
                texts.push(evaluation.text(arg(index)?, grid)?);
            }
            Ok(Value::Vector(labels::replace(rows, &texts)?))
        }
        "label_join" => {
            let rows = evaluation.vector(arg(0)?, grid)?;
            let mut texts = Vec::new();
            for index in 1..args.len() {
                texts.push(evaluation.text(arg(index)?, grid)?);
            }
            Ok(Value::Vector(labels::join(rows, &texts)?))
        }
        _ => Err(Error::Unsupported { what: format!("the function {name}()") }),
    }
}

fn at(values: &[f64], step: usize) -> f64 {
    values.get(step).copied().unwrap_or(f64::NAN)
}

fn elementwise(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "abs" => f64::abs,
        "ceil" => f64::ceil,
        "floor" => f64::floor,
        "exp" => f64::exp,
        "ln" => f64::ln,
        "log2" => f64::log2,
        "log10" => f64::log10,
        "sqrt" => f64::sqrt,
        "sgn" => |v| {
            if v > 0.0 {
                1.0
            } else if v < 0.0 {
                -1.0
            } else {
                v
            }
        },
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tan" => f64::tan,
        "asin" => f64::asin,
        "acos" => f64::acos,
        "atan" => f64::atan,
        "sinh" => f64::sinh,
        "cosh" => f64::cosh,
        "tanh" => f64::tanh,
        "asinh" => f64::asinh,
        "acosh" => f64::acosh,
        "atanh" => f64::atanh,
        "deg" => |v| v * 180.0 / std::f64::consts::PI,
        "rad" => |v| v * std::f64::consts::PI / 180.0,
        _ => return None,
    })
}

/// The value of the only series at a step, or NaN.
fn single(rows: &[Row], step: usize) -> f64 {
    let mut values = rows.iter().filter_map(|row| row.values.get(step)).filter(|v| !is_absent(**v));
    match (values.next(), values.next()) {
        (Some(value), None) => *value,
        _ => f64::NAN,
    }
}

fn timestamp(evaluation: &mut Evaluation, arg: &Expr, grid: Grid) -> Result<Value> {
    // Of a selector it is when the value was sampled, of anything calculated when it was calculated.
    let rows: Vec<Row> = if let Expr::VectorSelector(selector) = inner(arg) {
        let rows = evaluation.instant_with_times(selector, grid)?.into_iter();
        rows.map(|(row, times)| {
            let time =
                |(value, time): (&f64, &i64)| if is_absent(*value) { ABSENT } else { rate::seconds(*time) };
            Row { values: row.values.iter().zip(&times).map(time).collect(), labels: row.labels }
        })
        .collect()
    } else {
        let times: Vec<f64> = grid.times().map(rate::seconds).collect();
        map(evaluation.vector(arg, grid)?, |step, _| at(&times, step))
    };
    Ok(Value::Vector(nameless(rows)?))
}

fn clamp(evaluation: &mut Evaluation, name: &str, args: &[Box<Expr>], grid: Grid) -> Result<Value> {
    let arg =
        |index: usize| args.get(index).map(AsRef::as_ref).ok_or_else(|| wrong_type("an argument is missing"));
    let rows = evaluation.vector(arg(0)?, grid)?;
    let (low, high) = match name {
        "clamp" => (evaluation.scalar(arg(1)?, grid)?, evaluation.scalar(arg(2)?, grid)?),
        "clamp_min" => (evaluation.scalar(arg(1)?, grid)?, vec![f64::INFINITY; grid.steps]),
        _ => (vec![f64::NEG_INFINITY; grid.steps], evaluation.scalar(arg(1)?, grid)?),
    };
    // What is no number stays none.
    let between = |step: usize, v: f64| {
        let (low, high) = (at(&low, step), at(&high, step));
        if high < low {
            ABSENT
        } else if v.is_nan() || low.is_nan() || high.is_nan() {
            f64::NAN
        } else {
            v.min(high).max(low)
        }
    };
    Ok(Value::Vector(nameless(map(rows, between))?))
}

/// 1 at the steps at which nothing is there, with the labels that the selector says it would have.
pub(super) fn absence(expr: &Expr, present: &[bool]) -> Value {
    let selector = match inner(expr) {
        Expr::VectorSelector(selector) => Some(selector),
        Expr::MatrixSelector(selector) => Some(&selector.vs),
        _ => None,
    };
    let mut labels = Labels::new();
    let mut spoilt: Vec<&str> = vec![NAME];
    for matcher in selector.into_iter().flat_map(|selector| &selector.matchers.matchers) {
        let name = matcher.name.as_str();
        if spoilt.contains(&name) {
            continue;
        }
        match matcher.op {
            MatchOp::Equal if !labels.contains_key(name) => {
                labels.insert(name.to_owned(), matcher.value.clone());
            }
            _ => {
                labels.remove(name);
                spoilt.push(name);
            }
        }
    }
    labels.retain(|_, value| !value.is_empty());
    if present.iter().all(|p| *p) {
        return Value::Vector(Vec::new());
    }
    let values = present.iter().map(|there| if *there { ABSENT } else { 1.0 }).collect();
    Value::Vector(vec![Row { labels, values }])
}
