//! The text that a target exposes: Prometheus' text format 0.0.4
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>) and OpenMetrics 1.0
//! (<https://prometheus.io/docs/specs/om/open_metrics_spec/>), with quoted UTF-8 names in both. Of the libraries one
//! drops samples whose labels hold braces, the other refuses untyped metrics; hence this one.

mod line;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::answer::Labels;
use crate::error::{Error, Result};

use line::{Line, Syntax};

/// Label that holds a series' name.
pub const NAME: &str = "__name__";

/// Which of the two formats a text is in; its content type says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Prometheus' text: timestamps in milliseconds, ends anywhere.
    Text,
    /// OpenMetrics: timestamps in seconds, ends with `# EOF`.
    OpenMetrics,
}

impl Format {
    /// The format that a content type names; what names none is Prometheus' text.
    pub fn of(content_type: &str) -> Self {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("application/openmetrics-text") { Self::OpenMetrics } else { Self::Text }
    }
}

/// What a `# TYPE` line says a metric is. Without one it is unknown: a name's suffix says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Only grows, or starts again.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Cumulative buckets, sum and count.
    Histogram,
    /// Buckets of gauges.
    GaugeHistogram,
    /// Quantiles, sum and count.
    Summary,
    /// Facts as labels.
    Info,
    /// One series a state.
    StateSet,
    /// Not said.
    Unknown,
}

impl Kind {
    fn parse(word: &str, format: Format) -> Option<Self> {
        Some(match (word, format) {
            ("counter", _) => Self::Counter,
            ("gauge", _) => Self::Gauge,
            ("histogram", _) => Self::Histogram,
            ("summary", _) => Self::Summary,
            ("untyped", Format::Text) | ("unknown", _) => Self::Unknown,
            ("gaugehistogram", Format::OpenMetrics) => Self::GaugeHistogram,
            ("info", Format::OpenMetrics) => Self::Info,
            ("stateset", Format::OpenMetrics) => Self::StateSet,
            _ => return None,
        })
    }

    /// Suffixes of the samples that belong to a metric of this kind.
    fn suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Counter => &["_total", "_created"],
            Self::Histogram => &["_bucket", "_sum", "_count", "_created"],
            Self::GaugeHistogram => &["_bucket", "_gsum", "_gcount"],
            Self::Summary => &["_sum", "_count", "_created"],
            Self::Info => &["_info"],
            Self::Gauge | Self::StateSet | Self::Unknown => &[],
        }
    }

    /// Kind of the series with this suffix: a counter's `_created` is a time, not a counter.
    fn of_suffix(self, suffix: &str) -> Self {
        match suffix {
            "_created" => Self::Gauge,
            _ => self,
        }
    }
}

/// One sample of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Labels, the name among them.
    pub labels: Labels,
    /// Value; NaN and infinities included.
    pub value: f64,
    /// Milliseconds since 1970, where the text gives a time of its own.
    pub at: Option<i64>,
    /// What its metric is.
    pub kind: Kind,
}

/// Reads a text. Help, units and exemplars are left aside. Whether a series stands twice is for the store to see.
///
/// # Errors
/// [`Error::NotMetrics`] for a web page or JSON, [`Error::Syntax`] with the line, [`Error::TooManySeries`] past `limit`.
pub fn parse(format: Format, body: &[u8], limit: usize) -> Result<Vec<Sample>> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if let Some(found) = stranger(body) {
        return Err(Error::NotMetrics { found });
    }
    let text = std::str::from_utf8(body).map_err(|e| Error::Syntax {
        line: 1 + body.get(..e.valid_up_to()).unwrap_or_default().iter().filter(|b| **b == b'\n').count(),
        reason: "it is not UTF-8".to_owned(),
    })?;
    let mut kinds: HashMap<String, Kind> = HashMap::new();
    let mut samples: Vec<Sample> = Vec::new();
    let mut ended = false;
    let mut last = 0;
    for (index, line) in text.split('\n').enumerate() {
        let at = |Syntax(reason)| Error::Syntax { line: index + 1, reason };
        let line = line.strip_suffix('\r').unwrap_or(line);
        last = index + 1;
        if ended {
            if line.is_empty() {
                continue;
            }
            return Err(at(Syntax::new("there is text after # EOF")));
        }
        match line::read(line, format).map_err(at)? {
            Line::Nothing => {}
            Line::End => ended = true,
            Line::Type { name, kind } => {
                kinds.insert(name.into_owned(), kind);
            }
            Line::Sample { labels, value, at } => {
                if samples.len() >= limit {
                    return Err(Error::TooManySeries { limit });
                }
                let kind = kind_of(&kinds, labels.get(NAME).map_or("", String::as_str));
                samples.push(Sample { labels, value, at, kind });
            }
        }
    }
    if format == Format::OpenMetrics && !ended {
        return Err(Error::Syntax {
            line: last,
            reason: "the text ends without # EOF: it was cut off".to_owned(),
        });
    }
    Ok(samples)
}

fn kind_of(kinds: &HashMap<String, Kind>, name: &str) -> Kind {
    if let Some(kind) = kinds.get(name) {
        return *kind;
    }
    let Some(cut) = name.rfind('_') else { return Kind::Unknown };
    let (family, suffix) = name.split_at(cut);
    match kinds.get(family) {
        Some(kind) if kind.suffixes().contains(&suffix) => kind.of_suffix(suffix),
        _ => Kind::Unknown,
    }
}

/// Names what is plainly something else: a login page answers 200, too.
fn stranger(body: &[u8]) -> Option<&'static str> {
    let start = body.trim_ascii_start();
    match start.first()? {
        b'<' => Some("a web page or XML"),
        b'[' => Some("JSON"),
        // A line of metrics may start with a quoted name in braces; JSON's braces hold a colon after the first text.
        b'{' => {
            let line = start.get(1..).unwrap_or_default().trim_ascii_start();
            let json = line.first() == Some(&b'}') && line.len() < 3
                || line.first() == Some(&b'"')
                    && after_text(line).is_some_and(|rest| rest.first() == Some(&b':'));
            json.then_some("JSON")
        }
        0 => Some("binary data"),
        0x1f => Some("compressed data"),
        _ => None,
    }
}

/// What follows the quoted text at the start, without blanks.
fn after_text(quoted: &[u8]) -> Option<&[u8]> {
    let mut escaped = false;
    for (index, byte) in quoted.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return quoted.get(index + 1..).map(<[u8]>::trim_ascii_start),
            _ => {}
        }
    }
    None
}
