//! What a PromQL query answers, whoever was asked: Prometheus or the own store. On the wire it has Prometheus' shape
//! (<https://prometheus.io/docs/prometheus/latest/querying/api/>).

use std::collections::BTreeMap;

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
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Labels.
    pub labels: Labels,
    /// Points.
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
    /// `{ status, data: { resultType, result } }`.
    pub fn to_json(&self) -> Value {
        let (kind, result) = match self {
            Self::Scalar(point) => ("scalar", pair(point)),
            Self::Vector(series) => {
                let row =
                    |(labels, point): &(Labels, Point)| json!({ "metric": labels, "value": pair(point) });
                ("vector", series.iter().map(row).collect())
            }
            Self::Matrix(series) => {
                let row = |series: &Series| {
                    let values: Vec<Value> = series.points.iter().map(pair).collect();
                    json!({ "metric": series.labels, "values": values })
                };
                ("matrix", series.iter().map(row).collect())
            }
            Self::Text(at, text) => ("string", json!([seconds(*at), text])),
        };
        json!({ "status": "success", "data": { "resultType": kind, "result": result } })
    }
}

fn pair(point: &Point) -> Value {
    json!([seconds(point.at), number(point.value)])
}

/// Whole seconds stay whole, as Prometheus writes them.
fn seconds(at: i64) -> Value {
    if at % 1000 == 0 {
        json!(at / 1000)
    } else {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds fit for 285,000 years")]
        let exact = at as f64 / 1000.0;
        json!(exact)
    }
}

/// A value as Prometheus writes it: always a text.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
    } else {
        value.to_string()
    }
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
}
