//! What is evaluated, and what is not: told by name, before anything is.

use promql_parser::label::Matchers;
use promql_parser::parser::token::{
    T_AVG, T_BOTTOMK, T_COUNT, T_COUNT_VALUES, T_GROUP, T_MAX, T_MIN, T_QUANTILE, T_STDDEV, T_STDVAR, T_SUM,
    T_TOPK, TokenId,
};
use promql_parser::parser::{Expr, VectorMatchFillValues};

use crate::error::{Error, Result};

/// Characters of a query.
const LONGEST: usize = 4096;
/// Parentheses within parentheses, and operators in a row: the parser and this room recurse into them.
const DEEPEST: usize = 50;
const OPERATORS: usize = 300;

const FUNCTIONS: &[&str] = &[
    "abs",
    "absent",
    "absent_over_time",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "avg_over_time",
    "ceil",
    "changes",
    "clamp",
    "clamp_max",
    "clamp_min",
    "cos",
    "cosh",
    "count_over_time",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "days_in_month",
    "deg",
    "delta",
    "deriv",
    "exp",
    "first_over_time",
    "floor",
    "histogram_quantile",
    "hour",
    "idelta",
    "increase",
    "irate",
    "label_join",
    "label_replace",
    "last_over_time",
    "ln",
    "log10",
    "log2",
    "max_over_time",
    "min_over_time",
    "minute",
    "month",
    "pi",
    "predict_linear",
    "present_over_time",
    "quantile_over_time",
    "rad",
    "rate",
    "resets",
    "round",
    "scalar",
    "sgn",
    "sin",
    "sinh",
    "sort",
    "sort_desc",
    "sqrt",
    "stddev_over_time",
    "stdvar_over_time",
    "sum_over_time",
    "tan",
    "tanh",
    "time",
    "timestamp",
    "vector",
    "year",
];

/// Whether a query can be answered: it is PromQL, and nothing in it is beyond what is evaluated.
///
/// # Errors
/// [`Error::Query`] or [`Error::Unsupported`].
pub fn check(query: &str) -> Result<()> {
    super::parse(query).map(drop)
}

/// A query in a message.
pub(super) fn shown(query: &str) -> String {
    const SHOWN: usize = 200;
    match query.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", query.get(..end).unwrap_or_default()),
        None => query.to_owned(),
    }
}

/// Refuses what would exhaust the stack.
pub(super) fn bounded(query: &str) -> std::result::Result<(), String> {
    if query.chars().count() > LONGEST {
        return Err(format!("it is longer than {LONGEST} characters"));
    }
    let (mut depth, mut operators) = (0usize, 0usize);
    let mut quote: Option<char> = None;
    let mut escaped = false;
    let mut word = String::new();
    for c in query.chars().chain([' ']) {
        if let Some(end) = quote {
            match c {
                _ if escaped => escaped = false,
                '\\' if end != '`' => escaped = true,
                _ if c == end => quote = None,
                _ => {}
            }
            continue;
        }
        if c.is_alphanumeric() || c == '_' {
            word.push(c.to_ascii_lowercase());
            continue;
        }
        operators += usize::from(matches!(word.as_str(), "and" | "or" | "unless" | "atan2" | "offset"));
        word.clear();
        match c {
            '"' | '\'' | '`' => quote = Some(c),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '+' | '-' | '*' | '/' | '%' | '^' | '<' | '>' | '=' | '!' => operators += 1,
            _ => {}
        }
        if depth > DEEPEST {
            return Err(format!("it nests deeper than {DEEPEST} parentheses"));
        }
        // Subqueries nest without parentheses.
        operators += usize::from(c == '[');
        if operators > OPERATORS {
            return Err(format!("it has more than {OPERATORS} operators"));
        }
    }
    Ok(())
}

fn unsupported<T>(what: impl Into<String>) -> Result<T> {
    Err(Error::Unsupported { what: what.into() })
}

/// Walks a query before it is evaluated.
pub(super) fn supported(expr: &Expr) -> Result<()> {
    match expr {
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Ok(()),
        Expr::Paren(paren) => supported(&paren.expr),
        Expr::Unary(unary) => supported(&unary.expr),
        Expr::Subquery(subquery) => supported(&subquery.expr),
        Expr::VectorSelector(selector) => matchers(&selector.matchers),
        Expr::MatrixSelector(selector) => matchers(&selector.vs.matchers),
        Expr::Extension(_) => unsupported("extensions of the language"),
        Expr::Call(call) => {
            if !FUNCTIONS.contains(&call.func.name) {
                return unsupported(format!("the function {}()", call.func.name));
            }
            call.args.args.iter().try_for_each(|arg| supported(arg))
        }
        Expr::Binary(binary) => {
            if let Some(modifier) = &binary.modifier
                && modifier.fill_values != VectorMatchFillValues::default()
            {
                return unsupported("the modifier fill");
            }
            supported(&binary.lhs)?;
            supported(&binary.rhs)
        }
        Expr::Aggregate(aggregate) => {
            const KNOWN: [TokenId; 12] = [
                T_SUM,
                T_AVG,
                T_COUNT,
                T_MIN,
                T_MAX,
                T_GROUP,
                T_STDDEV,
                T_STDVAR,
                T_TOPK,
                T_BOTTOMK,
                T_QUANTILE,
                T_COUNT_VALUES,
            ];
            if !KNOWN.contains(&aggregate.op.id()) {
                return unsupported(format!("the aggregation {}", aggregate.op));
            }
            if let Some(param) = &aggregate.param {
                supported(param)?;
            }
            supported(&aggregate.expr)
        }
    }
}

fn matchers(matchers: &Matchers) -> Result<()> {
    if matchers.or_matchers.is_empty() { Ok(()) } else { unsupported("or between label matchers") }
}
