//! Monitoring: Prometheus' API, the own scraper and its store, indicators and alarms.
