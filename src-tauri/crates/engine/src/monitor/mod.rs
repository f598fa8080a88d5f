//! Monitoring: what is measured, what is an alarm, and what is done about it.

mod act;
mod alarms;
mod evaluate;
mod indicated;
mod notice;
mod query;
mod scrape;
mod source;
#[cfg(test)]
mod tests;
mod view;
mod watch;

pub use act::alarm_act;
pub use alarms::{alarm_acknowledge, alarm_silence, alarms};
pub use notice::Notice;
pub use query::monitor_query;
pub use view::monitoring;
pub use watch::{AlarmChange, Watcher, watch};
