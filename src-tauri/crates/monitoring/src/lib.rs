//! Monitoring: Prometheus' API, the own scraper and its store, indicators and alarms.

pub mod answer;
pub mod chunk;
pub mod error;
pub mod exposition;
pub mod promql;
pub mod samples;
pub mod scrape;

pub use answer::{Answer, Labels, Point, Series};
pub use error::{Error, Result};
pub use promql::Own;
pub use samples::{SampleStore, Scope};
