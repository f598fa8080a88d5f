//! A service on a cluster, as lines for a person.

use std::fmt::Write as _;

use engine::wire::*;

use super::Human;

fn value(value: &ValueView) -> &str {
    match value {
        ValueView::Value { text } => text,
        ValueView::Absent => "nothing",
        ValueView::Masked => "masked",
        ValueView::Unknown => "known after apply",
    }
}

impl Human for Diff {
    fn lines(&self) -> String {
        let mut text = format!("{} against {}\n", self.version, self.place);
        for object in &self.objects {
            let verb = match object.action {
                ObjectAction::Delete => "delete",
                ObjectAction::Update => "update",
                ObjectAction::Create => "create",
            };
            let _ = writeln!(text, "{verb} {}/{}", object.kind, object.name);
            if let Some(owner) = &object.owner {
                let _ = writeln!(text, "  owned by {owner}: refused");
            }
            for field in &object.fields {
                let _ =
                    writeln!(text, "  {}: {} → {}", field.path, value(&field.before), value(&field.after));
            }
        }
        for warning in &self.warnings {
            let _ = writeln!(text, "warning: {warning}");
        }
        let _ = write!(text, "{} objects stay as they are", self.unchanged);
        text
    }
}

impl Human for ClusterView {
    fn lines(&self) -> String {
        let mut text = format!("{}/{} at {}\n", self.context, self.namespace, self.server);
        if let Some(error) = &self.error {
            let _ = writeln!(text, "cannot be read: {}", error.message);
        }
        for workload in &self.workloads {
            let health = serde_json::json!(workload.health);
            let health = health.as_str().unwrap_or_default();
            let _ = writeln!(text, "{health:<12} {}/{}  {}", workload.kind, workload.name, workload.message);
            if let Some(cause) = &workload.cause {
                let _ = writeln!(text, "  {}", cause.message);
                for line in &cause.evidence {
                    let _ = writeln!(text, "    {line}");
                }
            }
            for pod in &workload.pods {
                let (ready, of) = pod.ready;
                let _ =
                    writeln!(text, "  {}  {ready}/{of}  {}  {} restarts", pod.name, pod.status, pod.restarts);
            }
        }
        for event in self.events.iter().filter(|event| event.warning) {
            let _ = writeln!(text, "{}  {}  {}: {}", event.at, event.object, event.reason, event.message);
        }
        text.trim_end().to_owned()
    }
}
