//! Scraping: one GET of a target's metrics, bounded in time, bytes and series. A scrape that fails is a fact to record,
//! not an error of the caller.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HOST, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderName, Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::time::Instant;
use url::Url;

use crate::answer::Labels;
use crate::error::{Error, Result};
use crate::exposition::{self, Format, Sample};

/// What is taken, the richest first (<https://prometheus.io/docs/instrumenting/content_negotiation/>).
const ACCEPTED: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
    application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
    text/plain;version=0.0.4;q=0.2,*/*;q=0.1";

/// Redirects within the target that are followed: frameworks send `/metrics` to `/metrics/`.
const REDIRECTS: usize = 2;

/// What is scraped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Address of its metrics, http or https.
    pub url: Url,
    /// Labels of each of its series: `job`, `instance`, and what else tells targets apart.
    pub labels: Labels,
    /// Time between two scrapes.
    pub interval: Duration,
}

impl Target {
    /// The address for people: without a password, which has no business in messages.
    pub fn address(&self) -> String {
        shown(&self.url)
    }
}

/// Bounds of a scrape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the first byte sent to the last one read.
    pub deadline: Duration,
    /// Bytes of the answer.
    pub body: usize,
    /// Series in it.
    pub series: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(10), body: 16 << 20, series: 10_000 }
    }
}

/// What a scrape brought.
#[derive(Debug)]
pub struct Scrape {
    /// When it began, in milliseconds since 1970.
    pub at: i64,
    /// How long it took.
    pub took: Duration,
    /// Its samples, or why there are none.
    pub result: Result<Vec<Sample>>,
}

/// Scrapes a target. `at` is now.
pub async fn scrape(target: &Target, limits: &Limits, at: jiff::Timestamp) -> Scrape {
    let begun = Instant::now();
    let read = tokio::time::timeout(limits.deadline, fetch(&target.url, limits)).await;
    let result = match read {
        Ok(Ok((format, body))) => exposition::parse(format, &body, limits.series),
        Ok(Err(error)) => Err(error),
        Err(_) => {
            Err(Error::TimedOut { address: target.address(), seconds: limits.deadline.as_secs().max(1) })
        }
    };
    Scrape { at: at.as_millisecond(), took: begun.elapsed(), result }
}

async fn fetch(url: &Url, limits: &Limits) -> Result<(Format, Vec<u8>)> {
    if url.scheme() == "https" {
        let tls = hyper_rustls::HttpsConnectorBuilder::new().with_native_roots();
        let tls = tls.map_err(|e| unreachable(url, &e))?.https_only().enable_http1().build();
        fetch_with(tls, url, limits).await
    } else {
        fetch_with(HttpConnector::new(), url, limits).await
    }
}

async fn fetch_with<C>(connector: C, url: &Url, limits: &Limits) -> Result<(Format, Vec<u8>)>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
    let mut next = url.clone();
    for _ in 0..=REDIRECTS {
        let response = client.request(request(&next)?).await.map_err(|e| unreachable(&next, &e))?;
        if !response.status().is_redirection() {
            return read(&next, response, limits).await;
        }
        let to = response.headers().get(LOCATION).and_then(|v| v.to_str().ok());
        let Some(to) = to.and_then(|to| next.join(to).ok()) else {
            return Err(Error::Status { address: shown(&next), status: response.status().as_u16() });
        };
        if to.origin() != url.origin() {
            return Err(Error::Redirected { address: shown(&next), to: shown(&to) });
        }
        next = to;
    }
    Err(Error::Redirected { address: shown(url), to: shown(&next) })
}

fn request(url: &Url) -> Result<Request<Empty<Bytes>>> {
    let mut plain = url.clone();
    // Neither can fail for what has a host; what has none is refused right below.
    let _ = plain.set_username("");
    let _ = plain.set_password(None);
    plain.set_fragment(None);
    let host = plain.host_str().map(|host| match plain.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    });
    Request::get(plain.as_str())
        .header(HOST, host.unwrap_or_default())
        .header(ACCEPT, ACCEPTED)
        .header(ACCEPT_ENCODING, "identity")
        .header(USER_AGENT, concat!("jalon/", env!("CARGO_PKG_VERSION")))
        .body(Empty::new())
        .map_err(|e| unreachable(url, &e))
}

async fn read(url: &Url, response: Response<Incoming>, limits: &Limits) -> Result<(Format, Vec<u8>)> {
    if !response.status().is_success() {
        return Err(Error::Status { address: shown(url), status: response.status().as_u16() });
    }
    let kind = header(response.headers(), CONTENT_TYPE);
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "text/html" | "application/xhtml+xml" => return Err(Error::NotMetrics { found: "a web page" }),
        "application/json" => return Err(Error::NotMetrics { found: "JSON" }),
        "application/vnd.google.protobuf" => return Err(Error::NotMetrics { found: "binary data" }),
        _ => {}
    }
    if !matches!(header(response.headers(), CONTENT_ENCODING), "" | "identity") {
        return Err(Error::NotMetrics { found: "compressed data" });
    }
    let format = Format::of(kind);
    let too_large = || Error::TooLarge { address: shown(url), limit: limits.body };
    let mut incoming = response.into_body();
    if incoming.size_hint().lower() > limits.body as u64 {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|e| unreachable(url, &e))?;
        let Ok(data) = frame.into_data() else { continue };
        if body.len() + data.len() > limits.body {
            return Err(too_large());
        }
        body.extend_from_slice(&data);
    }
    Ok((format, body))
}

fn header(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// An address without user, password and query.
fn shown(url: &Url) -> String {
    let mut plain = url.clone();
    let _ = plain.set_username("");
    let _ = plain.set_password(None);
    plain.set_query(None);
    plain.set_fragment(None);
    plain.to_string()
}

/// The innermost cause is what says something.
fn unreachable(url: &Url, error: &dyn std::error::Error) -> Error {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Error::Unreachable { address: shown(url), reason: cause.to_string() }
}

#[cfg(test)]
mod tests;
