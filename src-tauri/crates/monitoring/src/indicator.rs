//! Indicators: what of an answer counts, and when that is too much.

use crate::alarm::Observation;
use crate::{Answer, Point};

/// A comparison such as `> 1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    operator: Operator,
    /// The value that is compared with.
    pub value: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Above,
    AtLeast,
    Below,
    AtMost,
    Equal,
    Unequal,
}

impl Comparison {
    /// A comparison by `>`, `>=`, `<`, `<=`, `==` or `!=`; none by anything else.
    pub fn new(operator: &str, value: f64) -> Option<Self> {
        let operator = match operator {
            ">" => Operator::Above,
            ">=" => Operator::AtLeast,
            "<" => Operator::Below,
            "<=" => Operator::AtMost,
            "==" => Operator::Equal,
            "!=" => Operator::Unequal,
            _ => return None,
        };
        Some(Self { operator, value })
    }

    /// Whether a value fits. NaN fits nothing.
    pub fn holds(self, value: f64) -> bool {
        match self.operator {
            Operator::Above => value > self.value,
            Operator::AtLeast => value >= self.value,
            Operator::Below => value < self.value,
            Operator::AtMost => value <= self.value,
            Operator::Equal => value == self.value,
            Operator::Unequal => !value.is_nan() && value != self.value,
        }
    }

    /// Of two values the one that is nearer to fitting.
    fn worse(self, a: f64, b: f64) -> f64 {
        match self.operator {
            Operator::Above | Operator::AtLeast => a.max(b),
            Operator::Below | Operator::AtMost => a.min(b),
            Operator::Equal | Operator::Unequal => {
                if self.holds(a) {
                    a
                } else {
                    b
                }
            }
        }
    }
}

/// The one value of an answer: of several series the worst, because one instance in trouble is trouble. A value that is
/// no number is no data.
pub fn measure(answer: &Answer, raise: Option<Comparison>) -> Observation {
    let points: Vec<Point> = match answer {
        Answer::Scalar(point) => vec![*point],
        Answer::Vector(series) => series.iter().map(|(_, point)| *point).collect(),
        Answer::Matrix(_) => {
            return Observation::Failed("the query gives ranges: an indicator needs one value".into());
        }
        Answer::Text(..) => {
            return Observation::Failed("the query gives a text: an indicator needs a number".into());
        }
    };
    let numbers = points.iter().map(|point| point.value).filter(|value| !value.is_nan());
    let worst = numbers.reduce(|a, b| raise.map_or(a.max(b), |raise| raise.worse(a, b)));
    match worst {
        Some(value) => Observation::Value(value),
        None if points.is_empty() => Observation::NoData("the query finds no series".into()),
        None => Observation::NoData("the query's value is no number (NaN)".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;

    fn vector(values: &[f64]) -> Answer {
        Answer::Vector(values.iter().map(|value| (Labels::new(), Point { at: 0, value: *value })).collect())
    }

    #[test]
    fn comparisons() {
        let holds = |operator, value: f64| Comparison::new(operator, 1.0).unwrap().holds(value);
        for (operator, below, equal, above) in [
            (">", false, false, true),
            (">=", false, true, true),
            ("<", true, false, false),
            ("<=", true, true, false),
            ("==", false, true, false),
            ("!=", true, false, true),
        ] {
            assert_eq!(
                (holds(operator, 0.5), holds(operator, 1.0), holds(operator, 2.0)),
                (below, equal, above)
            );
            assert!(!holds(operator, f64::NAN), "{operator}");
        }
        assert_eq!(Comparison::new("=", 1.0), None);
    }

    #[test]
    fn the_worst_series_counts() {
        let measured = |operator, values: &[f64]| measure(&vector(values), Comparison::new(operator, 1.0));
        assert_eq!(measured(">", &[0.0, 3.0, 2.0]), Observation::Value(3.0));
        assert_eq!(measured("<", &[0.5, f64::NAN, 2.0]), Observation::Value(0.5));
        assert_eq!(measured("!=", &[1.0, 4.0, 1.0]), Observation::Value(4.0));
        assert_eq!(measured("==", &[0.0, 1.0, 2.0]), Observation::Value(1.0));
        assert_eq!(measure(&vector(&[1.0, 2.0]), None), Observation::Value(2.0));
    }

    #[test]
    fn nothing_and_nan_are_no_data() {
        assert!(matches!(measure(&vector(&[]), None), Observation::NoData(_)));
        assert!(matches!(measure(&vector(&[f64::NAN]), None), Observation::NoData(_)));
        assert!(matches!(
            measure(&Answer::Scalar(Point { at: 0, value: f64::NAN }), None),
            Observation::NoData(_)
        ));
        assert!(matches!(measure(&Answer::Matrix(vec![]), None), Observation::Failed(_)));
        assert!(matches!(measure(&Answer::Text(0, "x".into()), None), Observation::Failed(_)));
        let infinite = measure(&vector(&[f64::INFINITY]), None);
        assert_eq!(infinite, Observation::Value(f64::INFINITY));
    }
}
