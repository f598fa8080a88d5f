//! One request to the API server: its answer with the server's warnings, or what went wrong in this room's words.

use std::collections::BTreeSet;

use http::{Method, Request, header};
use http_body_util::{BodyExt, Limited};
use kube::client::Body;
use serde_json::Value;

use super::{Cluster, Error, Result};

/// No answer of one object is larger: etcd itself holds 1.5 MiB.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
    /// What the server warns of (RFC 7234 5.5, code 299), deprecated APIs among it.
    pub(super) warnings: BTreeSet<String>,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The server's words.
    pub(super) fn message(&self) -> String {
        let words = self.body.get("message").and_then(Value::as_str);
        words.map_or_else(|| format!("HTTP {}", self.status), str::to_owned)
    }

    /// The machine's word for it: `Forbidden`, `Invalid`, `Conflict` ….
    pub(super) fn reason(&self) -> &str {
        self.body.get("reason").and_then(Value::as_str).unwrap_or_default()
    }

    /// `details.causes`.
    pub(super) fn causes(&self) -> &[Value] {
        self.body.pointer("/details/causes").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

impl Cluster {
    /// Sends a request; 401 and what is no answer are errors, every other status is the caller's to judge.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, &Value)>,
    ) -> Result<Answer> {
        let mut request =
            Request::builder().method(method).uri(path).header(header::ACCEPT, "application/json");
        let bytes = match body {
            None => Vec::new(),
            Some((kind, value)) => {
                request = request.header(header::CONTENT_TYPE, kind);
                value.to_string().into_bytes()
            }
        };
        let request = request
            .body(Body::from(bytes))
            .map_err(|error| self.unreachable(format!("the request {path} cannot be made: {error}")))?;
        let response = self.client().send(request).await.map_err(|error| self.failed(&error))?;
        let status = response.status().as_u16();
        let warnings =
            response.headers().get_all(header::WARNING).iter().filter_map(|value| value.to_str().ok());
        let warnings = warnings.filter_map(warning_text).collect();
        let body = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await;
        let body =
            body.map_err(|error| self.unreachable(format!("the answer broke off: {error}")))?.to_bytes();
        let body = serde_json::from_slice(&body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
        let answer = Answer { status, body, warnings };
        // Who sends no credential is `system:anonymous`, and is forbidden everything instead of being asked to sign in.
        if status == 401 || (status == 403 && answer.message().contains("\"system:anonymous\"")) {
            return Err(self.unauthorized());
        }
        Ok(answer)
    }

    /// What an error of the client means; `what` is what was asked.
    pub fn explain(&self, what: &str, error: &kube::Error) -> Error {
        let kube::Error::Api(status) = error else { return self.failed(error) };
        match status.code {
            401 => self.unauthorized(),
            403 if status.message.contains("\"system:anonymous\"") => self.unauthorized(),
            403 => Error::Forbidden { what: what.to_owned(), reason: status.message.clone() },
            code => Error::Api { what: what.to_owned(), status: code, message: status.message.clone() },
        }
    }

    /// What a request that got no answer means.
    pub(super) fn failed(&self, error: &kube::Error) -> Error {
        let mut cause: &(dyn std::error::Error + 'static) = match error {
            kube::Error::Service(error) => &**error,
            error => error,
        };
        loop {
            if let Some(error) = cause.downcast_ref::<Error>() {
                return error.clone();
            }
            let words = cause.to_string();
            if let Some(reason) = certificate_problem(&words) {
                return Error::Certificate { server: self.server().to_owned(), reason };
            }
            // The innermost cause says it: connection refused, name not known.
            match inner(cause) {
                Some(next) => cause = next,
                None => return self.unreachable(words),
            }
        }
    }

    pub(super) fn unreachable(&self, reason: String) -> Error {
        Error::Unreachable { server: self.server().to_owned(), reason }
    }

    /// An answer that is an error, where the object and its place in a manifest do not matter.
    pub(super) fn told(&self, what: &str, answer: &Answer) -> Error {
        match answer.status {
            403 => Error::Forbidden { what: what.to_owned(), reason: answer.message() },
            status => Error::Api { what: what.to_owned(), status, message: answer.message() },
        }
    }
}

/// An io::Error that wraps another one hands out its cause's cause as `source`.
fn inner<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a (dyn std::error::Error + 'static)> {
    if let Some(wrapped) = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        return Some(wrapped);
    }
    error.source()
}

/// rustls' words for a certificate, in a person's.
fn certificate_problem(words: &str) -> Option<String> {
    let (_, problem) = words.split_once("invalid peer certificate: ")?;
    let plain = if problem.starts_with("UnknownIssuer") {
        "its certificate is signed by an authority that the kubeconfig does not name (certificate-authority)"
            .to_owned()
    } else if problem.to_ascii_lowercase().starts_with("certificate expired")
        || problem.starts_with("Expired")
    {
        format!("its certificate has expired ({problem})")
    } else if problem.to_ascii_lowercase().starts_with("certificate not valid for name")
        || problem.starts_with("NotValidForName")
    {
        format!("its certificate is for another name ({problem})")
    } else {
        format!("its certificate is not good ({problem})")
    };
    Some(plain)
}

/// The text of `299 - "text"`.
fn warning_text(value: &str) -> Option<String> {
    let quoted = value.split_once('"')?.1.rsplit_once('"')?.0;
    let mut text = String::with_capacity(quoted.len());
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        text.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_lose_code_agent_and_quotes() {
        assert_eq!(
            warning_text(r#"299 - "policy/v1beta1 is \"old\"""#).as_deref(),
            Some("policy/v1beta1 is \"old\"")
        );
        assert_eq!(warning_text("299 -"), None);
    }

    #[test]
    fn certificates_are_named() {
        let said = |words: &str| certificate_problem(words).unwrap_or_default();
        assert!(said("invalid peer certificate: UnknownIssuer").contains("authority"));
        assert!(
            said("invalid peer certificate: certificate expired: verification time 1")
                .contains("has expired")
        );
        assert!(
            said("invalid peer certificate: certificate not valid for name \"a\"").contains("another name")
        );
        assert_eq!(certificate_problem("connection refused"), None);
    }
}
