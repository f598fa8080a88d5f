//! What a PromQL query answers, whoever was asked: Prometheus or the own store. On the wire it has Prometheus' shape
//! (<https://prometheus.io/docs/prometheus/latest/querying/api/>).

use std::collections::BTreeMap;
use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// Labels of a series, `__name__` among them where it has a name.
pub type Labels = BTreeMap<String, String>;

/// A value at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Milliseconds since 1970.
    pub at: i64,
    /// Value; NaN and infinities included.
    pub value: f64,
}

/// A series with its points, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// Labels.
    #[serde(rename = "metric")]
    pub labels: Labels,
    /// Points.
    #[serde(rename = "values")]
    pub points: Vec<Point>,
}

/// Result of a query.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// One number.
    Scalar(Point),
    /// One point a series.
    Vector(Vec<(Labels, Point)>),
    /// Many points a series.
    Matrix(Vec<Series>),
    /// A text.
    Text(i64, String),
}

impl Answer {
    /// `{ status, data: { resultType, result } }` as a tree. A long answer is better serialized as it is.
    pub fn to_json(&self) -> Value {
        json!(self)
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Scalar(_) => "scalar",
            Self::Vector(_) => "vector",
            Self::Matrix(_) => "matrix",
            Self::Text(..) => "string",
        }
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut whole = serializer.serialize_struct("Answer", 2)?;
        whole.serialize_field("status", "success")?;
        whole.serialize_field("data", &Data(self))?;
        whole.end()
    }
}

/// What an answer has under `data`.
struct Data<'a>(&'a Answer);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut data = serializer.serialize_struct("Data", 2)?;
        data.serialize_field("resultType", self.0.kind())?;
        match self.0 {
            Answer::Scalar(point) => data.serialize_field("result", point)?,
            Answer::Vector(rows) => {
                let rows: Vec<One> = rows.iter().map(|(metric, value)| One { metric, value }).collect();
                data.serialize_field("result", &rows)?;
            }
            Answer::Matrix(series) => data.serialize_field("result", series)?,
            Answer::Text(at, text) => data.serialize_field("result", &(Seconds(*at), text))?,
        }
        data.end()
    }
}

/// A series with its one point.
#[derive(Serialize)]
struct One<'a> {
    metric: &'a Labels,
    value: &'a Point,
}

impl Serialize for Point {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (Seconds(self.at), Number(self.value)).serialize(serializer)
    }
}

/// Milliseconds as seconds: whole ones stay whole, as Prometheus writes them.
struct Seconds(i64);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1000 == 0 {
            return serializer.serialize_i64(self.0 / 1000);
        }
        #[expect(clippy::cast_precision_loss, reason = "milliseconds fit for 285,000 years")]
        let exact = self.0 as f64 / 1000.0;
        serializer.serialize_f64(exact)
    }
}

/// A value as Prometheus writes it: a text.
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Whole numbers below are exact, and written as such much faster.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let value = self.0;
        if value.is_nan() {
            f.write_str("NaN")
        } else if value.is_infinite() {
            f.write_str(if value > 0.0 { "+Inf" } else { "-Inf" })
        } else if value.abs() < EXACT && value.trunc() == value && value != 0.0 {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            let whole = value as i64;
            fmt::Display::fmt(&whole, f)
        } else {
            fmt::Display::fmt(&value, f)
        }
    }
}

/// A value as Prometheus writes it: always a text.
pub fn number(value: f64) -> String {
    Number(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_prometheus_own() {
        let labels = Labels::from([("__name__".to_owned(), "up".to_owned())]);
        let vector = Answer::Vector(vec![(labels, Point { at: 1_500, value: f64::INFINITY })]);
        assert_eq!(
            vector.to_json(),
            json!({ "status": "success", "data": { "resultType": "vector",
                "result": [{ "metric": { "__name__": "up" }, "value": [1.5, "+Inf"] }] } })
        );
        assert_eq!(
            Answer::Scalar(Point { at: 2_000, value: 3.0 }).to_json()["data"]["result"],
            json!([2, "3"])
        );
    }

    #[test]
    fn numbers_are_written_in_full() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (-42.0, "-42"),
            (0.1, "0.1"),
            (1e15, "1000000000000000"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (1e21, "1000000000000000000000"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
