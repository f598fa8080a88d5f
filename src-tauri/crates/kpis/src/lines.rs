//! Events as JSON lines: one object a line, `{"type":"attempt"|"incident"|"commit", …}` (the design's §4).

mod fault;
mod fields;

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::events::{Attempt, Commit, Events, Incident, Kind, Outcome};
use fields::Fields;

pub use fault::{BadLine, BadLines, Fault};

const TYPES: &[&str] = &["attempt", "incident", "commit"];
const ATTEMPT: &[&str] = &[
    "type",
    "id",
    "service",
    "environment",
    "production",
    "sha",
    "attempt",
    "requested",
    "started",
    "finished",
    "outcome",
    "kind",
];
const INCIDENT: &[&str] = &["type", "id", "attempt", "detected", "restored"];
const COMMIT: &[&str] = &["type", "sha", "committed", "attempt"];

/// Reads events from JSON lines. A byte order mark, carriage returns and blank lines are tolerated; `started`, `finished`,
/// `restored` and a commit's `attempt` may be null or absent; nothing else may be, and no other key may be there.
///
/// # Errors
/// [`BadLines`] with everything that is wrong on every line: nothing is made of half a file. That covers what only
/// shows across lines: an id that is there twice, an incident or commit whose `attempt` is neither the id of an attempt
/// nor a commit that one deployed.
pub fn parse_lines(text: &str) -> Result<Events, BadLines> {
    parse_bytes(text.as_bytes())
}

/// The same for bytes of which it is not known that they are UTF-8.
///
/// # Errors
/// As [`parse_lines`]; a line that is not UTF-8 is bad.
pub fn parse_bytes(bytes: &[u8]) -> Result<Events, BadLines> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut file = File::default();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        file.number = index + 1;
        match std::str::from_utf8(line) {
            Ok(text) if text.trim().is_empty() => {}
            Ok(text) => file.line(text.trim()),
            Err(_) => file.report(Fault::NotUtf8),
        }
    }
    file.finish()
}

/// A file as far as it was read.
#[derive(Default)]
struct File {
    events: Events,
    bad: Vec<BadLine>,
    /// The current line, from 1.
    number: usize,
    /// Line of each attempt's id.
    attempts: HashMap<String, usize>,
    /// Line of each incident's id.
    incidents: HashMap<String, usize>,
    /// Line of each pair of a commit and its deployment.
    ranges: HashMap<(String, Option<String>), usize>,
    /// Line and time of each commit.
    commits: HashMap<String, (usize, Timestamp)>,
    /// Ids and commits of attempts, those on bad lines too: what names them is not wrong for that.
    known: HashSet<String>,
    /// Line and name of each reference to an attempt.
    references: Vec<(usize, String)>,
}

impl File {
    fn report(&mut self, fault: Fault) {
        self.bad.push(BadLine { line: self.number, fault });
    }

    fn line(&mut self, text: &str) {
        let mut fields = match Fields::read(text) {
            Ok(fields) => fields,
            Err(fault) => return self.report(fault),
        };
        match fields.peek("type").and_then(Value::as_str) {
            Some("attempt") => self.attempt(&mut fields),
            Some("incident") => self.incident(&mut fields),
            Some("commit") => self.commit(&mut fields),
            _ => {
                // Says whether it is absent, of the wrong type or unknown; the rest of the line has no meaning then.
                fields.choice("type", TYPES.iter().map(|known| (*known, ())));
            }
        }
        let number = self.number;
        self.bad.extend(fields.faults().map(|fault| BadLine { line: number, fault }));
    }

    fn attempt(&mut self, fields: &mut Fields) {
        fields.only(ATTEMPT);
        let (id, sha) = (fields.text("id"), fields.text("sha"));
        self.known.extend(id.iter().chain(&sha).cloned());
        if let Some(id) = &id {
            self.unique("id", id.clone(), |file| &mut file.attempts, fields);
        }
        let service = fields.text("service");
        let environment = fields.text("environment");
        let production = fields.truth("production");
        let attempt = fields.number("attempt");
        let requested = fields.time("requested");
        let started = fields.optional_time("started");
        let finished = fields.optional_time("finished");
        let outcome = fields.choice("outcome", Outcome::ALL.map(|outcome| (outcome.as_str(), outcome)));
        let kind = fields.choice("kind", Kind::ALL.map(|kind| (kind.as_str(), kind)));
        fields.in_order(("requested", requested), ("started", started));
        fields.in_order(("requested", requested), ("finished", finished));
        fields.in_order(("started", started), ("finished", finished));
        match outcome {
            Some(Outcome::Success | Outcome::Failure) if finished.is_none() => {
                fields.missing("finished");
            }
            Some(Outcome::InProgress) if finished.is_some() => fields.report(Fault::FinishedInProgress),
            _ => {}
        }
        let read = || {
            Some(Attempt {
                id: id?,
                service: service?,
                environment: environment?,
                production: production?,
                sha: sha?,
                attempt: attempt?,
                requested: requested?,
                started,
                finished,
                outcome: outcome?,
                kind: kind?,
            })
        };
        self.events.attempts.extend(read());
    }

    fn incident(&mut self, fields: &mut Fields) {
        fields.only(INCIDENT);
        let id = fields.text("id");
        if let Some(id) = &id {
            self.unique("id", id.clone(), |file| &mut file.incidents, fields);
        }
        let attempt = fields.text("attempt");
        self.references.extend(attempt.iter().map(|name| (self.number, name.clone())));
        let detected = fields.time("detected");
        let restored = fields.optional_time("restored");
        fields.in_order(("detected", detected), ("restored", restored));
        let read = || Some(Incident { id: id?, attempt: attempt?, detected: detected?, restored });
        self.events.incidents.extend(read());
    }

    fn commit(&mut self, fields: &mut Fields) {
        fields.only(COMMIT);
        let sha = fields.text("sha");
        let committed = fields.time("committed");
        let attempt = fields.optional_text("attempt");
        self.references.extend(attempt.iter().map(|name| (self.number, name.clone())));
        if let Some(sha) = &sha {
            self.unique("sha", (sha.clone(), attempt.clone()), |file| &mut file.ranges, fields);
        }
        if let (Some(sha), Some(committed)) = (&sha, committed) {
            let (line, other) = *self.commits.entry(sha.clone()).or_insert((self.number, committed));
            if other != committed {
                fields.report(Fault::OtherTime { sha: fault::shown(sha), line });
            }
        }
        let read = || Some(Commit { sha: sha?, committed: committed?, attempt });
        self.events.commits.extend(read());
    }

    fn unique<K: std::hash::Hash + Eq>(
        &mut self,
        field: &'static str,
        key: K,
        of: impl Fn(&mut Self) -> &mut HashMap<K, usize>,
        fields: &mut Fields,
    ) {
        let number = self.number;
        let first = *of(self).entry(key).or_insert(number);
        if first != number {
            fields.report(Fault::Duplicate { field, first });
        }
    }

    fn finish(mut self) -> Result<Events, BadLines> {
        for (line, name) in std::mem::take(&mut self.references) {
            if !self.known.contains(&name) {
                self.bad.push(BadLine { line, fault: Fault::UnknownAttempt { named: fault::shown(&name) } });
            }
        }
        if self.bad.is_empty() {
            return Ok(self.events);
        }
        self.bad.sort_by_key(|bad| bad.line);
        let count = self.bad.iter().map(|bad| bad.line).collect::<BTreeSet<_>>().len();
        Err(BadLines { count, lines: self.bad })
    }
}
