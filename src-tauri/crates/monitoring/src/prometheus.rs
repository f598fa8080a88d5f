//! Prometheus, and what speaks its HTTP API (Mimir, VictoriaMetrics, Thanos)
//! (<https://prometheus.io/docs/prometheus/latest/querying/api/>).

use credentials::Secret;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::http::{Answered, Ask, Http, without_query};
use crate::{Answer, Error, Labels, Point, Result, Series};

/// Most points a series that a range may have; Prometheus refuses more.
pub const MOST_STEPS: i64 = 11_000;
/// Largest answer that is read: 20 series of 11,000 points are about 7 MB.
const BODY: usize = 64 << 20;

/// One Prometheus.
pub struct Prometheus<'a> {
    http: &'a Http,
    base: Url,
    token: Option<Secret>,
}

/// An answer with what the server adds to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told<T> {
    /// The answer.
    #[serde(flatten)]
    pub answer: T,
    /// Warnings and remarks of the server, to be shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// An alert of Prometheus' own rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Labels, `alertname` among them.
    pub labels: Labels,
    /// Annotations such as `summary`.
    pub annotations: Labels,
    /// Whether it fires; pending otherwise.
    pub firing: bool,
    /// Since when, in milliseconds since 1970.
    pub active_at: Option<i64>,
    /// Value of its expression.
    pub value: Option<f64>,
}

impl<'a> Prometheus<'a> {
    /// The Prometheus at an address; its API may stand below a path, as in `https://example.org/prometheus`.
    ///
    /// # Errors
    /// It is no http or https address, or holds a password.
    pub fn new(http: &'a Http, address: &str, token: Option<Secret>) -> Result<Self> {
        let bad = |reason: &str| Error::BadAddress { address: address.to_owned(), reason: reason.to_owned() };
        let mut base = Url::parse(address).map_err(|error| bad(&error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(bad("it begins with neither http:// nor https://"));
        }
        if base.password().is_some() {
            return Err(Error::BadAddress {
                address: base.host_str().unwrap_or_default().to_owned(),
                reason: "it holds a password: keep a token as PROMETHEUS_TOKEN instead".to_owned(),
            });
        }
        base.set_query(None);
        base.set_fragment(None);
        let path = format!("{}/", base.path().trim_end_matches('/'));
        base.set_path(&path);
        Ok(Self { http, base, token })
    }

    /// The address that is asked.
    pub fn address(&self) -> &str {
        self.base.as_str()
    }

    /// Asks at one time, in milliseconds since 1970.
    ///
    /// # Errors
    /// See [`Error`]; what is wrong with the query is [`Error::Api`], in the server's words.
    pub async fn instant(&self, query: &str, at: i64) -> Result<Told<Answer>> {
        self.query("query", &[("query", query), ("time", &seconds(at))]).await
    }

    /// Asks over a range, in milliseconds since 1970, both ends included.
    ///
    /// # Errors
    /// See [`Prometheus::instant`]; a range of more than [`MOST_STEPS`] is refused before it is asked.
    pub async fn range(&self, query: &str, from: i64, to: i64, step: i64) -> Result<Told<Answer>> {
        expect_steps(from, to, step)?;
        let (start, end, step) = (seconds(from), seconds(to), seconds(step));
        self.query("query_range", &[("query", query), ("start", &start), ("end", &end), ("step", &step)])
            .await
    }

    /// Alerts that are pending or firing.
    ///
    /// # Errors
    /// See [`Prometheus::instant`].
    pub async fn alerts(&self) -> Result<Told<Vec<Alert>>> {
        let told: Told<AlertsData> = self.get("alerts", &[]).await?;
        let alerts = told.answer.alerts.into_iter().map(|alert| Alert {
            firing: alert.state == "firing",
            active_at: alert
                .active_at
                .and_then(|text| text.parse().ok())
                .map(jiff::Timestamp::as_millisecond),
            value: alert.value.and_then(|text| text.parse().ok()),
            labels: alert.labels,
            annotations: alert.annotations,
        });
        Ok(Told { answer: alerts.collect(), warnings: told.warnings })
    }

    /// POSTs, because a query may be longer than an address; servers that take no POST are asked by GET.
    async fn query(&self, path: &str, pairs: &[(&str, &str)]) -> Result<Told<Answer>> {
        let form = form(pairs);
        let posted = self.ask(self.url(path)?, Some(form)).await?;
        let fall_back =
            [StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_IMPLEMENTED].contains(&posted.status);
        let told: Told<QueryData> =
            if fall_back { self.get(path, pairs).await? } else { self.read(&posted)? };
        let mut warnings = told.warnings;
        let answer = told.answer.answer(self.address(), &mut warnings)?;
        Ok(Told { answer, warnings })
    }

    async fn get<T: for<'de> Deserialize<'de>>(&self, path: &str, pairs: &[(&str, &str)]) -> Result<Told<T>> {
        let mut address = self.url(path)?;
        if !pairs.is_empty() {
            address.set_query(Some(&form(pairs)));
        }
        self.read(&self.ask(address, None).await?)
    }

    async fn ask(&self, address: Url, form: Option<String>) -> Result<Answered> {
        let token = self.token.as_ref();
        self.http.ask(&Ask { address, form, accept: "application/json", token, body: BODY }).await
    }

    fn url(&self, path: &str) -> Result<Url> {
        let bad = |error: url::ParseError| Error::BadAddress {
            address: self.base.to_string(),
            reason: error.to_string(),
        };
        self.base.join(&format!("api/v1/{path}")).map_err(bad)
    }

    /// Takes the envelope off, or tells why there is none.
    fn read<T: for<'de> Deserialize<'de>>(&self, answered: &Answered) -> Result<Told<T>> {
        let address = without_query(&self.base);
        let status = answered.status.as_u16();
        let refused = || Error::TokenRefused { address: address.clone(), status };
        let envelope: Envelope = match serde_json::from_slice(&answered.body) {
            Ok(envelope) => envelope,
            // A proxy in front says no in its own words; so does one that has lost its server.
            Err(_) if matches!(status, 401 | 403) => return Err(refused()),
            Err(_) if status >= 500 => return Err(Error::Server { address, status }),
            Err(error) if error.is_eof() && answered.status.is_success() => {
                return Err(Error::CutOff { address });
            }
            Err(error) => return Err(Error::NotPrometheus { address, reason: instead(answered, &error) }),
        };
        if envelope.status == "error" {
            return Err(match status {
                401 | 403 => refused(),
                _ => Error::Api {
                    kind: envelope.error_type.unwrap_or_else(|| "internal".to_owned()),
                    message: envelope.error.unwrap_or_else(|| format!("status {status}")),
                },
            });
        }
        let not = |reason: String| Error::NotPrometheus { address: address.clone(), reason };
        if envelope.status != "success" || !answered.status.is_success() {
            return Err(match status {
                401 | 403 => refused(),
                500.. => Error::Server { address, status },
                _ => not(format!("JSON of another kind, with status {status}")),
            });
        }
        let data = serde_json::from_value(envelope.data).map_err(|error| not(error.to_string()))?;
        Ok(Told { answer: data, warnings: [envelope.warnings, envelope.infos].concat() })
    }
}

/// Refuses a range of too many steps, in Prometheus' own words.
///
/// # Errors
/// The step is none, the range runs backwards, or it has more than [`MOST_STEPS`].
pub fn expect_steps(from: i64, to: i64, step: i64) -> Result<()> {
    let bad = |message: &str| Err(Error::Api { kind: "bad_data".to_owned(), message: message.to_owned() });
    if step <= 0 {
        return bad("zero or negative query resolution step widths are not accepted. Try a positive integer");
    }
    if to < from {
        return bad("end timestamp must not be before start time");
    }
    if (to - from) / step > MOST_STEPS {
        return bad(
            "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
        );
    }
    Ok(())
}

/// A range that is worth drawing: the step is the scrape interval or what a pixel stands for, whichever is longer, and
/// both ends lie on it, so that the same points are asked for again a moment later. All in milliseconds.
pub fn aligned(from: i64, to: i64, interval: i64, pixels: u32) -> (i64, i64, i64) {
    let span = (to - from).max(0);
    let pixels = i64::from(pixels).clamp(1, MOST_STEPS);
    // Whole seconds: a step of 1.234 s would be honest and unreadable.
    let a_pixel = (span + pixels - 1) / pixels;
    let step = interval.max((a_pixel + 999) / 1000 * 1000).max(1000);
    (from.div_euclid(step) * step, to.div_euclid(step) * step, step)
}

/// What stands where JSON should.
fn instead(answered: &Answered, error: &serde_json::Error) -> String {
    let first = answered.body.iter().find(|byte| !byte.is_ascii_whitespace());
    let status = answered.status.as_u16();
    if answered.content_type.starts_with("text/html") || first == Some(&b'<') {
        format!("a web page, with status {status}")
    } else if first.is_none() {
        format!("nothing, with status {status}")
    } else {
        format!("{error}, with status {status}")
    }
}

fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Milliseconds as seconds, without the rounding of a float.
fn seconds(milliseconds: i64) -> String {
    let (whole, rest) = (milliseconds / 1000, (milliseconds % 1000).abs());
    let sign = if milliseconds < 0 && whole == 0 { "-" } else { "" };
    if rest == 0 { whole.to_string() } else { format!("{sign}{whole}.{rest:03}") }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    status: String,
    #[serde(default)]
    data: Value,
    error_type: Option<String>,
    error: Option<String>,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    infos: Vec<String>,
}

#[derive(Deserialize)]
struct AlertsData {
    alerts: Vec<AlertData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AlertData {
    #[serde(default)]
    labels: Labels,
    #[serde(default)]
    annotations: Labels,
    state: String,
    active_at: Option<String>,
    value: Option<String>,
}

/// `[seconds, "value"]`.
type Pair = (f64, String);

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum QueryData {
    Scalar(Pair),
    String(Pair),
    Vector(Vec<VectorRow>),
    Matrix(Vec<MatrixRow>),
}

#[derive(Deserialize)]
struct VectorRow {
    metric: Labels,
    value: Option<Pair>,
}

#[derive(Deserialize)]
struct MatrixRow {
    metric: Labels,
    #[serde(default)]
    values: Vec<Pair>,
}

impl QueryData {
    /// The answer. Native histograms have no one value; that they are left out is a warning.
    fn answer(self, address: &str, warnings: &mut Vec<String>) -> Result<Answer> {
        let point = |pair: &Pair| point(address, pair);
        Ok(match self {
            Self::Scalar(pair) => Answer::Scalar(point(&pair)?),
            Self::String(pair) => Answer::Text(milliseconds(pair.0), pair.1),
            Self::Vector(rows) => {
                let mut series = Vec::with_capacity(rows.len());
                let all = rows.len();
                for row in rows {
                    if let Some(pair) = &row.value {
                        series.push((row.metric, point(pair)?));
                    }
                }
                left_out(all - series.len(), warnings);
                Answer::Vector(series)
            }
            Self::Matrix(rows) => {
                let mut series = Vec::with_capacity(rows.len());
                let all = rows.len();
                for row in rows {
                    let points = row.values.iter().map(point).collect::<Result<Vec<_>>>()?;
                    if !points.is_empty() {
                        series.push(Series { labels: row.metric, points });
                    }
                }
                left_out(all - series.len(), warnings);
                Answer::Matrix(series)
            }
        })
    }
}

fn left_out(histograms: usize, warnings: &mut Vec<String>) {
    if histograms > 0 {
        warnings
            .push(format!("{histograms} series of native histograms are left out: they have no one value"));
    }
}

fn point(address: &str, (at, value): &Pair) -> Result<Point> {
    let value = value.parse().map_err(|_| Error::NotPrometheus {
        address: address.to_owned(),
        reason: format!("{:?} is no value", value.chars().take(40).collect::<String>()),
    })?;
    Ok(Point { at: milliseconds(*at), value })
}

#[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 in milliseconds fit")]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

#[cfg(test)]
mod tests;
