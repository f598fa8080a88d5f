//! Events of a namespace, kept by what they are about. Pure. A cluster forgets an event after about an hour; here it stays as
//! long as there is room.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;

/// Events that are kept; the oldest go first.
const KEPT: usize = 10_000;

/// An event of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLine {
    /// When it was last seen, by the cluster's clock.
    pub at: Timestamp,
    /// Whether it is a warning.
    pub warning: bool,
    /// What it is about: `Pod/web-5c…`.
    pub object: String,
    /// Identity of that object, empty where the event does not tell it: names come back, identities do not.
    pub uid: String,
    /// Reason, such as `FailedMount`.
    pub reason: String,
    /// Message, in the cluster's words.
    pub message: String,
    /// How often.
    pub count: u32,
}

impl EventLine {
    /// The line of an event; none without a time.
    pub fn of(event: &Event) -> Option<Self> {
        let series = event.series.as_ref();
        let at = series
            .and_then(|series| Some(series.last_observed_time.as_ref()?.0))
            .or_else(|| Some(event.last_timestamp.as_ref()?.0))
            .or_else(|| Some(event.event_time.as_ref()?.0))
            .or_else(|| Some(event.first_timestamp.as_ref()?.0))
            .or_else(|| Some(event.metadata.creation_timestamp.as_ref()?.0))?;
        let count = series.and_then(|series| series.count).or(event.count).unwrap_or(1);
        let about = &event.involved_object;
        Some(Self {
            at,
            warning: event.type_.as_deref() == Some("Warning"),
            object: format!(
                "{}/{}",
                about.kind.as_deref().unwrap_or_default(),
                about.name.as_deref().unwrap_or_default()
            ),
            uid: about.uid.clone().unwrap_or_default(),
            reason: event.reason.clone().unwrap_or_default(),
            message: event.message.as_deref().unwrap_or_default().trim().to_owned(),
            count: u32::try_from(count).unwrap_or(1).max(1),
        })
    }

    /// The event as a line of evidence: `FailedMount ×3: MountVolume.SetUp failed …`.
    pub fn quoted(&self) -> String {
        let times = if self.count > 1 { format!(" ×{}", self.count) } else { String::new() };
        format!("{}{times}: {}", self.reason, self.message)
    }
}

/// Events by identity, by time and by object.
#[derive(Debug, Default)]
pub struct Events {
    lines: HashMap<String, Arc<EventLine>>,
    by_time: BTreeMap<(Timestamp, String), Arc<EventLine>>,
    by_object: HashMap<String, Vec<Arc<EventLine>>>,
}

impl Events {
    /// Takes an event in, or its newer form. Returns its line if that is new.
    pub fn take(&mut self, event: &Event) -> Option<Arc<EventLine>> {
        let id = event.metadata.uid.clone().or_else(|| event.metadata.name.clone())?;
        let line = Arc::new(EventLine::of(event)?);
        if let Some(before) = self.lines.get(&id).cloned() {
            if before == line {
                return None;
            }
            self.forget(&id, &before);
        }
        self.by_object.entry(line.object.clone()).or_default().push(Arc::clone(&line));
        self.by_time.insert((line.at, id.clone()), Arc::clone(&line));
        self.lines.insert(id, Arc::clone(&line));
        while self.lines.len() > KEPT
            && let Some(((_, oldest), old)) = self.by_time.first_key_value()
        {
            let (oldest, old) = (oldest.clone(), Arc::clone(old));
            self.forget(&oldest, &old);
        }
        Some(line)
    }

    fn forget(&mut self, id: &str, line: &Arc<EventLine>) {
        self.lines.remove(id);
        self.by_time.remove(&(line.at, id.to_owned()));
        if let Some(lines) = self.by_object.get_mut(&line.object) {
            lines.retain(|other| !Arc::ptr_eq(other, line));
            if lines.is_empty() {
                self.by_object.remove(&line.object);
            }
        }
    }

    /// Events about an object, newest first. Those about an earlier object of the same name are left out where identities are
    /// known.
    pub fn about(&self, kind: &str, name: &str, uid: Option<&str>) -> Vec<&EventLine> {
        let same = |line: &&Arc<EventLine>| {
            uid.is_none_or(|uid| uid.is_empty() || line.uid.is_empty() || line.uid == uid)
        };
        let mut lines: Vec<&EventLine> = self
            .by_object
            .get(&format!("{kind}/{name}"))
            .into_iter()
            .flatten()
            .filter(same)
            .map(Arc::as_ref)
            .collect();
        lines.sort_by_key(|line| std::cmp::Reverse(line.at));
        lines
    }

    /// All of them, newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Arc<EventLine>> {
        self.by_time.values().rev()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(id: &str, at: &str, pod: &str, uid: &str, count: i32) -> Event {
        serde_json::from_value(json!({
            "metadata": {"name": id, "uid": id},
            "involvedObject": {"kind": "Pod", "name": pod, "uid": uid},
            "type": "Warning", "reason": "BackOff", "message": " Back-off restarting\n", "count": count,
            "lastTimestamp": at,
        }))
        .unwrap()
    }

    #[test]
    fn an_event_is_about_one_object_and_newest_come_first() {
        let mut events = Events::default();
        assert!(events.take(&event("a", "2026-01-01T10:00:00Z", "web-0", "u1", 1)).is_some());
        assert!(events.take(&event("b", "2026-01-01T10:00:05Z", "web-0", "u1", 4)).is_some());
        assert!(events.take(&event("c", "2026-01-01T09:00:00Z", "web-0", "u0", 9)).is_some());
        assert!(events.take(&event("d", "2026-01-01T10:00:09Z", "web-1", "u2", 1)).is_some());
        let about = events.about("Pod", "web-0", Some("u1"));
        assert_eq!(about.iter().map(|line| line.count).collect::<Vec<_>>(), [4, 1]);
        assert_eq!(about[0].quoted(), "BackOff ×4: Back-off restarting");
        assert_eq!(events.about("Pod", "web-0", None).len(), 3);
        assert_eq!(events.newest().next().unwrap().object, "Pod/web-1");
    }

    #[test]
    fn a_repeated_event_replaces_its_earlier_form() {
        let mut events = Events::default();
        events.take(&event("a", "2026-01-01T10:00:00Z", "web-0", "u1", 1));
        assert!(events.take(&event("a", "2026-01-01T10:00:00Z", "web-0", "u1", 1)).is_none());
        assert!(events.take(&event("a", "2026-01-01T10:01:00Z", "web-0", "u1", 2)).is_some());
        assert_eq!(events.about("Pod", "web-0", Some("u1")).len(), 1);
        assert_eq!(events.newest().count(), 1);
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let mut events = Events::default();
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        for second in 0..(KEPT as i64 + 5) {
            let at = start + jiff::SignedDuration::from_secs(second);
            events.take(&event(&format!("e{second}"), &at.to_string(), &format!("p{second}"), "", 1));
        }
        assert_eq!(events.newest().count(), KEPT);
        assert!(events.about("Pod", "p4", None).is_empty());
        assert_eq!(events.about("Pod", "p5", None).len(), 1);
    }
}
