//! Evaluation of a query's parts.

use promql_parser::parser::{Expr, UnaryExpr};
use store::samples::Moment;

use super::value::{Grid, Value, map, nameless};
use super::{aggregate, binary, functions};
use crate::error::{Error, Result};
use crate::samples::Scope;

/// A query that is being evaluated.
pub(super) struct Evaluation<'a> {
    pub(super) moment: &'a Moment<'a>,
    pub(super) scope: &'a Scope,
    /// Steps of the whole query: what `start()` and `end()` mean.
    pub(super) whole: Grid,
    /// Samples that may be loaded, and how many of them still.
    pub(super) limit: usize,
    pub(super) budget: usize,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(moment: &'a Moment<'a>, scope: &'a Scope, whole: Grid, limit: usize) -> Self {
        Self { moment, scope, whole, limit, budget: limit }
    }

    /// Counts values that are kept in memory.
    pub(super) fn spend(&mut self, values: usize) -> Result<()> {
        self.budget = self.budget.checked_sub(values).ok_or(Error::TooManySamples { limit: self.limit })?;
        Ok(())
    }

    /// The value of a part at each step of a grid.
    pub(super) fn eval(&mut self, expr: &Expr, grid: Grid) -> Result<Value> {
        match expr {
            Expr::NumberLiteral(literal) => Ok(Value::Scalar(vec![literal.val; grid.steps])),
            Expr::StringLiteral(literal) => Ok(Value::Text(literal.val.clone())),
            Expr::Paren(paren) => self.eval(&paren.expr, grid),
            Expr::Unary(unary) => self.negated(unary, grid),
            Expr::VectorSelector(selector) => self.instant_vector(selector, grid),
            Expr::Call(call) => functions::call(self, call, grid),
            Expr::Aggregate(aggregate) => aggregate::aggregate(self, aggregate, grid),
            Expr::Binary(binary) => binary::binary(self, binary, grid),
            Expr::MatrixSelector(_) | Expr::Subquery(_) => Err(Error::Evaluation {
                reason: "a range of samples has no value at a time: apply a function such as rate()"
                    .to_owned(),
            }),
            Expr::Extension(_) => Err(Error::Unsupported { what: "extensions of the language".to_owned() }),
        }
    }

    fn negated(&mut self, unary: &UnaryExpr, grid: Grid) -> Result<Value> {
        match self.eval(&unary.expr, grid)? {
            Value::Scalar(values) => Ok(Value::Scalar(values.into_iter().map(|v| -v).collect())),
            Value::Vector(rows) => Ok(Value::Vector(nameless(map(rows, |_, v| -v))?)),
            Value::Text(_) => Err(wrong_type("a text cannot be negative")),
        }
    }

    /// A part that the grammar says is a number.
    pub(super) fn scalar(&mut self, expr: &Expr, grid: Grid) -> Result<Vec<f64>> {
        match self.eval(expr, grid)? {
            Value::Scalar(values) => Ok(values),
            _ => Err(wrong_type("a number is expected")),
        }
    }

    /// A part that the grammar says is a vector.
    pub(super) fn vector(&mut self, expr: &Expr, grid: Grid) -> Result<Vec<super::value::Row>> {
        match self.eval(expr, grid)? {
            Value::Vector(rows) => Ok(rows),
            _ => Err(wrong_type("an instant vector is expected")),
        }
    }

    /// A part that the grammar says is a text.
    pub(super) fn text(&mut self, expr: &Expr, grid: Grid) -> Result<String> {
        match self.eval(expr, grid)? {
            Value::Text(text) => Ok(text),
            _ => Err(wrong_type("a text is expected")),
        }
    }
}

pub(super) fn wrong_type(reason: &str) -> Error {
    Error::Evaluation { reason: reason.to_owned() }
}
