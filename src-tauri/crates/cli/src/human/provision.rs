//! Plans as lines for a person.

use std::fmt::Write as _;

use engine::wire::*;

use super::Human;

fn value(value: &ValueView) -> String {
    match value {
        ValueView::Value { text } => text.replace('\n', "\\n"),
        ValueView::Absent => "none".to_owned(),
        ValueView::Masked => "masked".to_owned(),
        ValueView::Unknown => "known after apply".to_owned(),
    }
}

fn attribute(text: &mut String, attribute: &AttributeChange) {
    let AttributeChange { path, before, after, forces_replacement } = attribute;
    let forces = if *forces_replacement { "  (forces replacement)" } else { "" };
    let _ = write!(text, "\n      {path}: {} -> {}{forces}", value(before), value(after));
}

fn change(text: &mut String, change: &PlanChange) {
    let verb = match change.action {
        PlanAction::Destroy => "destroy",
        PlanAction::Replace if change.create_first => "replace, new one first,",
        PlanAction::Replace => "replace",
        PlanAction::Update => "update",
        PlanAction::Create => "create",
        PlanAction::Read => "read",
        PlanAction::Forget => "forget",
        PlanAction::Move => "move",
        PlanAction::Import => "import",
    };
    let from = change.previous_address.as_ref().map_or(String::new(), |from| format!(" from {from}"));
    let reason = change.reason.as_ref().map_or(String::new(), |why| format!("  ({})", why.replace('_', " ")));
    let _ = write!(text, "\n  {verb} {}{from}{reason}", change.address);
    for one in &change.attributes {
        attribute(text, one);
    }
}

impl Human for ProvisionPlan {
    fn lines(&self) -> String {
        let PlanCounts { create, update, replace, destroy, unchanged } = self.counts;
        let mut text = format!(
            "run {}: {} in {} with {}\n{destroy} to destroy, {replace} to replace, {update} to update, {create} to create, \
             {unchanged} unchanged",
            self.run.id, self.run.name, self.run.environment, self.program
        );
        for one in &self.changes {
            change(&mut text, one);
        }
        if !self.drift.is_empty() {
            text.push_str("\nnot as the state says:");
        }
        for one in &self.drift {
            change(&mut text, one);
        }
        if !self.outputs.is_empty() {
            text.push_str("\nchanges of outputs:");
        }
        for one in &self.outputs {
            attribute(&mut text, one);
        }
        for one in &self.diagnostics {
            let at = one.at.as_ref().map_or(String::new(), |at| format!(" at {at}"));
            let _ = write!(text, "\n{}: {}{at}", one.severity, one.summary);
        }
        for one in &self.results {
            let _ = write!(text, "\noutput {} = {}", one.name, value(&one.value));
        }
        if let Some(problem) = &self.problem {
            let _ = write!(text, "\n{} [{}]", problem.message, problem.code);
        }
        text
    }
}
