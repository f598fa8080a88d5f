//! What can go wrong in this room.

/// What can go wrong with a scrape, the samples or a query.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The samples cannot be read or written.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The query is not PromQL.
    #[error("the query {query} is not PromQL: {reason}. Correct it and ask again")]
    Query {
        /// The query.
        query: String,
        /// What the parser said.
        reason: String,
    },
    /// PromQL that the own store does not evaluate.
    #[error(
        "Jalon's own store does not evaluate {what}. Write the query without it, or let a Prometheus answer it"
    )]
    Unsupported {
        /// Function, modifier or operator.
        what: String,
    },
    /// The query is PromQL, and what it asks for has no answer.
    #[error("the query has no answer: {reason}")]
    Evaluation {
        /// Why, with the series it is about.
        reason: String,
    },
    /// More steps than a range query may have.
    #[error("the range has {steps} steps, more than the 11,000 that a query may have: make the step longer")]
    TooManySteps {
        /// Steps asked for.
        steps: u64,
    },
    /// More samples than a query may load.
    #[error("the query loads more than {limit} samples: shorten the range or select fewer series")]
    TooManySamples {
        /// The limit.
        limit: usize,
    },
    /// Old samples are kept as minimum, maximum, sum, count and last value only.
    #[error("{what} needs single samples, which are kept for 14 days: ask for a younger range")]
    NeedsRaw {
        /// The function.
        what: String,
    },
    /// A chunk of samples cannot be decoded.
    #[error("the stored samples of {series} are damaged ({reason}): remove samples.sqlite to start again")]
    Damaged {
        /// The series.
        series: String,
        /// What does not fit.
        reason: &'static str,
    },
    /// Nothing answers at a target's address.
    #[error("{address} cannot be reached: {reason}. Check that the service runs and the address is right")]
    Unreachable {
        /// Address.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// A target did not end its answer in time.
    #[error("{address} did not finish its answer within {seconds} s")]
    TimedOut {
        /// Address.
        address: String,
        /// The limit.
        seconds: u64,
    },
    /// A target answered with an error.
    #[error("{address} answered with status {status} instead of metrics")]
    Status {
        /// Address.
        address: String,
        /// HTTP status.
        status: u16,
    },
    /// A target points elsewhere; that is not followed.
    #[error("{address} redirects to {to}, which is not followed: name the final address")]
    Redirected {
        /// Address.
        address: String,
        /// Where it points.
        to: String,
    },
    /// A target's answer is too long.
    #[error("the answer of {address} is longer than {limit} bytes")]
    TooLarge {
        /// Address.
        address: String,
        /// Bytes that are read.
        limit: usize,
    },
    /// The answer has too many series.
    #[error("there are more than {limit} series: drop labels with many values, such as ids or paths")]
    TooManySeries {
        /// Series that are taken.
        limit: usize,
    },
    /// The answer is something else than metrics.
    #[error("this is {found}, not metrics: check the path, which is often /metrics")]
    NotMetrics {
        /// What it looks like, with its article.
        found: &'static str,
    },
    /// A line that the format does not allow.
    #[error("line {line} of the metrics is wrong: {reason}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Not an address that can be asked.
    #[error("{address:?} is no address that can be asked: {reason}")]
    BadAddress {
        /// As written.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A token would travel where everybody on the way can read it.
    #[error(
        "the token for {address} is not sent over plain http, where everybody on the way can read it: name its https address"
    )]
    PlainToken {
        /// Address.
        address: String,
    },
    /// The answer broke off.
    #[error("{address} broke off in the middle of its answer: try again")]
    CutOff {
        /// Address.
        address: String,
    },
    /// The answer is something else than Prometheus' API gives.
    #[error(
        "{address} answers, but not as Prometheus does: {reason}. A login page or another service may stand there"
    )]
    NotPrometheus {
        /// Address.
        address: String,
        /// What came instead.
        reason: String,
    },
    /// No token, or a wrong one.
    #[error("{address} does not let Jalon in (status {status}): set the credential PROMETHEUS_TOKEN")]
    TokenRefused {
        /// Address.
        address: String,
        /// 401 or 403.
        status: u16,
    },
    /// The server's own trouble.
    #[error("{address} has trouble of its own (status {status}): try again in a few minutes")]
    Server {
        /// Address.
        address: String,
        /// HTTP status.
        status: u16,
    },
    /// Prometheus understood the question and refuses it, in its own words.
    #[error("{kind}: {message}")]
    Api {
        /// `errorType`: `bad_data`, `execution`, `timeout`, `canceled`, `unavailable`, `internal`.
        kind: String,
        /// `error`.
        message: String,
    },
}

/// Result of the room.
pub type Result<T> = std::result::Result<T, Error>;
