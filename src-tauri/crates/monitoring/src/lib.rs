//! Monitoring: Prometheus' API, the own scraper and its store, indicators and alarms.

pub mod answer;

pub use answer::{Answer, Labels, Point, Series};
