//! The service's log: one JSON object a line.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::Clock;

/// Where lines go. Copies write to the same place.
#[derive(Clone)]
pub struct Log {
    clock: Clock,
    out: Arc<Mutex<Box<dyn Write + Send>>>,
}

impl Log {
    /// A log that writes to `out`, with the times of `clock`.
    pub fn new(clock: Clock, out: Box<dyn Write + Send>) -> Self {
        Self { clock, out: Arc::new(Mutex::new(out)) }
    }

    /// Something ordinary.
    pub(crate) fn info(&self, message: &str, more: &[(&str, Value)]) {
        self.write("info", message, more);
    }

    /// Something that should not be.
    pub(crate) fn error(&self, message: &str, more: &[(&str, Value)]) {
        self.write("error", message, more);
    }

    fn write(&self, level: &str, message: &str, more: &[(&str, Value)]) {
        let mut line = Map::new();
        line.insert("time".into(), (self.clock)().to_string().into());
        line.insert("level".into(), level.into());
        line.insert("message".into(), message.into());
        line.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let line = Value::Object(line).to_string() + "\n";
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody reads any more: then there is nobody to tell.
        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Log")
    }
}
