//! Monitoring: Prometheus' API, the own scraper and its store, indicators and alarms.

pub mod action;
pub mod alarm;
pub mod answer;
pub mod chunk;
pub mod error;
pub mod exposition;
pub mod http;
pub mod indicator;
pub mod probe;
pub mod prometheus;
pub mod promql;
pub mod samples;
pub mod scrape;
pub mod signals;

pub use answer::{Answer, Labels, Point, Series};
pub use error::{Error, Result};
pub use indicator::Comparison;
pub use prometheus::{Alert, Prometheus, Told};
pub use promql::Own;
pub use samples::{SampleStore, Scope};
