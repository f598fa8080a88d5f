//! Why a cluster cannot be read.

use std::time::Duration;

use crate::error::milliseconds;

/// Why a cluster cannot be read. No variant carries what a credential plugin printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// 401, or no credential could be had.
    #[error("the cluster does not accept the credential for {what}: {reason}; sign in to the cluster again")]
    Unauthorized {
        /// What was asked.
        what: String,
        /// The server's words.
        reason: String,
    },
    /// 403.
    #[error(
        "the cluster does not allow you to {what}: {reason}; ask for a role that may get, list and watch it"
    )]
    Forbidden {
        /// What was asked.
        what: String,
        /// The server's words, which name user and verb.
        reason: String,
    },
    /// 429 or 5xx: it may pass.
    #[error("the cluster answered {status} to: {what}; {reason}")]
    Busy {
        /// What was asked.
        what: String,
        /// HTTP status.
        status: u16,
        /// The server's words.
        reason: String,
        /// When it wants to be asked again, in milliseconds; 0 where it does not say.
        retry_ms: u64,
    },
    /// The limit of a request passed.
    #[error("no answer within {limit_ms} ms to: {what}")]
    NoAnswer {
        /// What was asked.
        what: String,
        /// Limit, in milliseconds.
        limit_ms: u64,
    },
    /// Nobody answers, or the connection broke.
    #[error("the cluster cannot be reached to {what}: {reason}")]
    Unreachable {
        /// What was asked.
        what: String,
        /// Why.
        reason: String,
    },
    /// The cluster has no such kind, or no such object.
    #[error("the cluster has nothing to {what}: {reason}")]
    NotServed {
        /// What was asked.
        what: String,
        /// The server's words.
        reason: String,
    },
    /// Another refusal.
    #[error("the cluster answered {status} to: {what}; {reason}")]
    Refused {
        /// What was asked.
        what: String,
        /// HTTP status.
        status: u16,
        /// The server's words.
        reason: String,
    },
    /// The answer is none that is known.
    #[error("the answer to {what} cannot be read: {reason}; is this the address of a Kubernetes API?")]
    Unreadable {
        /// What was asked.
        what: String,
        /// Why.
        reason: String,
    },
}

impl ReadError {
    /// A short stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized { .. } => "unauthorized",
            Self::Forbidden { .. } => "forbidden",
            Self::Busy { .. } => "busy",
            Self::NoAnswer { .. } => "no_answer",
            Self::Unreachable { .. } => "unreachable",
            Self::NotServed { .. } => "not_served",
            Self::Refused { .. } => "refused",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    /// Whether asking again as the same person leads nowhere.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Unauthorized { .. } | Self::Forbidden { .. } | Self::NotServed { .. })
    }

    /// How long the server wants to be left alone.
    pub(crate) fn retry(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_ms, .. } if *retry_ms > 0 => Some(Duration::from_millis(*retry_ms)),
            _ => None,
        }
    }

    /// A limit that passed.
    pub(crate) fn no_answer(what: &str, limit: Duration) -> Self {
        Self::NoAnswer { what: what.to_owned(), limit_ms: milliseconds(limit) }
    }

    /// What a failed request means.
    pub(crate) fn of(what: &str, error: &kube::Error) -> Self {
        let what = what.to_owned();
        match error {
            kube::Error::Api(status) => Self::of_status(&what, status),
            // Its text may hold a plugin's command line and what it printed.
            kube::Error::Auth(_) => {
                Self::Unauthorized { what, reason: "its credential could not be had".to_owned() }
            }
            kube::Error::SerdeError(error) => Self::Unreadable { what, reason: error.to_string() },
            kube::Error::FromUtf8(error) => Self::Unreadable { what, reason: error.to_string() },
            kube::Error::HyperError(error) => Self::Unreachable { what, reason: innermost(error) },
            kube::Error::ReadEvents(error) => Self::Unreachable { what, reason: innermost(error) },
            kube::Error::Service(error) => Self::Unreachable { what, reason: innermost(error.as_ref()) },
            other => Self::Unreadable { what, reason: innermost(other) },
        }
    }

    /// What a status of the API server means.
    pub(crate) fn of_status(what: &str, status: &kube::core::Status) -> Self {
        let (what, reason) = (what.to_owned(), told(&status.message));
        match status.code {
            401 => Self::Unauthorized { what, reason },
            403 => Self::Forbidden { what, reason },
            404 => Self::NotServed { what, reason },
            429 | 500..=599 => {
                let seconds = status.details.as_ref().map_or(0, |details| details.retry_after_seconds);
                Self::Busy { what, status: status.code, reason, retry_ms: u64::from(seconds) * 1000 }
            }
            code => Self::Refused { what, status: code, reason },
        }
    }
}

/// A server's words, or a page of HTML by its beginning.
fn told(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it says no more");
    line.chars().take(300).collect()
}

/// The last of a chain of errors tells what happened; those before it only where.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        last = error.to_string();
        source = error.source();
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16, message: &str, retry: u32) -> kube::core::Status {
        let details = kube::core::response::StatusDetails {
            retry_after_seconds: retry,
            ..serde_json::from_str("{}").unwrap()
        };
        kube::core::Status::failure(message, "").with_code(code).with_details(details)
    }

    #[test]
    fn every_status_has_its_meaning() {
        let cases = [
            (401, "unauthorized", true),
            (403, "forbidden", true),
            (404, "not_served", true),
            (409, "refused", false),
            (429, "busy", false),
            (500, "busy", false),
            (503, "busy", false),
        ];
        for (code, name, is_final) in cases {
            let error = ReadError::of_status("list pods", &status(code, "words", 0));
            assert_eq!((error.code(), error.is_final()), (name, is_final), "{code}");
            assert!(error.to_string().contains("list pods"), "{error}");
        }
    }

    #[test]
    fn a_busy_server_says_when_to_come_back_and_a_page_is_cut() {
        let busy = ReadError::of_status("list pods", &status(429, "slow down", 7));
        assert_eq!(busy.retry(), Some(Duration::from_secs(7)));
        let page = ReadError::of_status("list pods", &status(502, "\n<html>\n<body>Bad gateway", 0));
        assert_eq!(page.to_string(), "the cluster answered 502 to: list pods; <html>");
    }
}
