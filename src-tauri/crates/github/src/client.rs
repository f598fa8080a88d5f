//! One request at a time: sends, checks the status, reads the body within bounds, and names what went wrong.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use credentials::Secret;
use http::header::{ACCEPT, AUTHORIZATION, ETAG, IF_NONE_MATCH, LINK, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt, Limited};
use octocrab::Octocrab;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use store::Clock;
use tokio::time::timeout;
use url::Url;

use crate::model::{ErrorAnswer, UserAnswer};
use crate::{Endpoint, Error, Limits, Result};

/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(20);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Largest body that is read: a page of 100 issues with long texts is about 2 MB.
const BODY: usize = 32 << 20;
/// Redirects that are followed on the same origin: a renamed repository answers with one.
const REDIRECTS: usize = 3;

/// A client for one endpoint and one token.
#[derive(Clone)]
pub struct Client {
    crab: Octocrab,
    endpoint: Endpoint,
    authorization: Option<HeaderValue>,
    owner: String,
    clock: Clock,
    limits: Arc<Limits>,
}

/// An answer, read in full.
pub(crate) struct Answer {
    /// Whether GitHub said "not modified".
    pub unchanged: bool,
    /// ETag, if any.
    pub etag: Option<String>,
    /// `Link`, if any.
    pub link: Option<String>,
    /// HTTP status.
    pub status: u16,
    /// Body; empty when unchanged.
    pub body: Bytes,
}

impl Client {
    /// Builds a client. `token` none asks as nobody: public repositories, 60 requests an hour.
    ///
    /// # Errors
    /// The token holds bytes that no header can carry, or the system's certificates cannot be read.
    pub fn new(
        endpoint: Endpoint,
        token: Option<&Secret>,
        clock: Clock,
        limits: Arc<Limits>,
    ) -> Result<Self> {
        let host = endpoint.host();
        let authorization = token
            .map(|token| {
                let text = format!("Bearer {}", token.expose().trim());
                let mut value =
                    HeaderValue::from_str(&text).map_err(|_| Error::TokenRefused { host: host.clone() })?;
                value.set_sensitive(true);
                Ok::<_, Error>(value)
            })
            .transpose()?;
        let crab = build(&endpoint)?;
        Ok(Self { crab, owner: owner(token), endpoint, authorization, clock, limits })
    }

    /// The endpoint that is asked.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Names whose ETags these are, without telling the token.
    pub(crate) fn owner(&self) -> &str {
        &self.owner
    }

    /// Login of the token's owner: the check that a token works.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn login(&self) -> Result<String> {
        let answer = self.get(&self.endpoint.url("/user"), "the account", None).await?;
        self.parse::<UserAnswer>(&answer.body).map(|user| user.login)
    }

    /// GETs an absolute address, conditionally when an ETag is given.
    pub(crate) async fn get(&self, address: &str, what: &str, etag: Option<&str>) -> Result<Answer> {
        self.in_time(self.send(Method::GET, address, what, etag, None)).await
    }

    /// POSTs JSON to an absolute address, once: an answer that does not come says nothing about what was written.
    pub(crate) async fn post(&self, address: &str, what: &str, body: &serde_json::Value) -> Result<Answer> {
        self.in_time(self.send(Method::POST, address, what, None, Some(body))).await
    }

    async fn in_time(&self, answer: impl Future<Output = Result<Answer>>) -> Result<Answer> {
        timeout(ANSWER, answer)
            .await
            .map_err(|_| Error::Timeout { host: self.endpoint.host(), seconds: ANSWER.as_secs() })?
    }

    async fn send(
        &self,
        method: Method,
        address: &str,
        what: &str,
        etag: Option<&str>,
        json: Option<&serde_json::Value>,
    ) -> Result<Answer> {
        let host = self.endpoint.host();
        let now = (self.clock)();
        if let Some(retry_at) = self.limits.blocked_until(now) {
            return Err(Error::RateLimited { host, retry_at });
        }
        let mut address = address.to_owned();
        for _ in 0..=REDIRECTS {
            let url = self.own(&address)?;
            let mut request = http::Request::builder().method(method.clone()).uri(url.as_str());
            if let Some(headers) = request.headers_mut() {
                headers.extend(self.headers(etag));
            }
            let request = self.crab.build_request(request, json).map_err(|error| self.transport(&error))?;
            let response = self.crab.execute(request).await.map_err(|error| self.transport(&error))?;
            let (parts, body) = response.into_parts();
            // A write is sent on only where GitHub says that it was not done and keeps its method.
            let moved = match method {
                Method::GET => parts.status.is_redirection() && parts.status != StatusCode::NOT_MODIFIED,
                _ => matches!(parts.status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT),
            };
            if moved {
                address = self.redirect(&url, &parts.headers)?;
                continue;
            }
            let text = |name: HeaderName| parts.headers.get(name)?.to_str().ok().map(str::to_owned);
            let body = if parts.status == StatusCode::NOT_MODIFIED {
                Bytes::new()
            } else {
                Limited::new(body, BODY)
                    .collect()
                    .await
                    .map_err(|_| Error::CutOff { host: host.clone() })?
                    .to_bytes()
            };
            self.check(parts.status, &parts.headers, &body, what)?;
            return Ok(Answer {
                unchanged: parts.status == StatusCode::NOT_MODIFIED,
                etag: text(ETAG),
                link: text(LINK),
                status: parts.status.as_u16(),
                body,
            });
        }
        Err(Error::NotJson { host, reason: "it redirects without end".into() })
    }

    /// Parses a body as GitHub's JSON.
    pub(crate) fn parse<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T> {
        parse(&self.endpoint.host(), body)
    }

    fn headers(&self, etag: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers
            .insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json, application/json;q=0.9"));
        headers.insert("x-github-api-version", HeaderValue::from_static("2022-11-28"));
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        if let Some(etag) = etag.and_then(|etag| HeaderValue::from_str(etag).ok()) {
            headers.insert(IF_NONE_MATCH, etag);
        }
        headers
    }

    /// Refuses an address that the token must not reach.
    fn own(&self, address: &str) -> Result<Url> {
        let host = self.endpoint.host();
        let url = Url::parse(address).map_err(|e| Error::NotJson {
            host: host.clone(),
            reason: format!("an address in it is none: {e}"),
        })?;
        if self.endpoint.owns(&url) {
            return Ok(url);
        }
        Err(Error::RedirectElsewhere { host, elsewhere: url.host_str().unwrap_or("nowhere").to_owned() })
    }

    fn redirect(&self, from: &Url, headers: &HeaderMap) -> Result<String> {
        let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let target = location.and_then(|location| from.join(location).ok()).ok_or_else(|| {
            Error::NotJson { host: self.endpoint.host(), reason: "it redirects without saying where".into() }
        })?;
        self.own(target.as_str()).map(String::from)
    }

    /// Turns a status into an error, or lets the answer pass.
    fn check(&self, status: StatusCode, headers: &HeaderMap, body: &[u8], what: &str) -> Result<()> {
        let host = self.endpoint.host();
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            self.limits.relax((self.clock)());
            return Ok(());
        }
        let reason = serde_json::from_slice::<ErrorAnswer>(body).map_or_else(
            |_| "no reason given".to_owned(),
            |answer| answer.message.chars().take(300).collect(),
        );
        let what = what.to_owned();
        Err(match status.as_u16() {
            401 => Error::TokenRefused { host },
            429 => Error::RateLimited { host, retry_at: self.limits.block(headers, (self.clock)()) },
            403 if is_limit(headers, &reason) => {
                Error::RateLimited { host, retry_at: self.limits.block(headers, (self.clock)()) }
            }
            403 => Error::Forbidden { host, what, reason },
            404 | 410 => Error::NotFound { host, what },
            status @ 500.. => Error::Server { host, status },
            status => Error::Unexpected { host, status, reason },
        })
    }

    fn transport(&self, error: &octocrab::Error) -> Error {
        transport(&self.endpoint.host(), error)
    }
}

/// An octocrab without token, retry or redirects; also carries the sign-in's own requests.
pub(crate) fn build(endpoint: &Endpoint) -> Result<Octocrab> {
    let host = endpoint.host();
    let failed = |e: octocrab::Error| Error::Unreachable { host: host.clone(), reason: innermost(&e) };
    Octocrab::builder()
        .base_uri(endpoint.as_str())
        .map_err(failed)?
        .set_connect_timeout(Some(CONNECT))
        .set_read_timeout(Some(ANSWER))
        .set_write_timeout(Some(ANSWER))
        .build()
        .map_err(failed)
}

/// Parses JSON and tells a broken-off body from one that is something else.
pub(crate) fn parse<T: DeserializeOwned>(host: &str, body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| {
        let host = host.to_owned();
        let html = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
        if html {
            Error::NotJson { host, reason: "a web page".into() }
        } else if error.is_eof() {
            Error::CutOff { host }
        } else {
            Error::NotJson { host, reason: error.to_string() }
        }
    })
}

/// What kept a request from being answered.
pub(crate) fn transport(host: &str, error: &octocrab::Error) -> Error {
    let host = host.to_owned();
    let reason = innermost(error);
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        // hyper's own type is not nameable without depending on it; its wording is the only sign left.
        let words = error.to_string();
        if words.contains("IncompleteMessage") || words.contains("connection closed before message completed")
        {
            return Error::CutOff { host };
        }
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && io.kind() == std::io::ErrorKind::TimedOut
        {
            return Error::Timeout { host, seconds: CONNECT.as_secs() };
        }
        cause = error.source();
    }
    Error::Unreachable { host, reason }
}

fn innermost(error: &octocrab::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

fn is_limit(headers: &HeaderMap, reason: &str) -> bool {
    let exhausted = headers.get("x-ratelimit-remaining").is_some_and(|value| value == "0");
    exhausted || headers.contains_key("retry-after") || reason.to_ascii_lowercase().contains("rate limit")
}

fn owner(token: Option<&Secret>) -> String {
    let Some(token) = token else {
        return "nobody".to_owned();
    };
    let digest = Sha256::digest(token.expose().trim().as_bytes());
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
