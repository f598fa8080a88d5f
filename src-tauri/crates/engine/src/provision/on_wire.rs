//! Plans as they cross to the window, and in words.

use provisioning::{Action, Attribute, Change, Diagnostic, Mode, Output, Plan, Shown};

use crate::wire::{
    AttributeChange, OutputValue, PlanAction, PlanChange, PlanCounts, ToolDiagnostic, ValueView,
};

/// Name of what is planned, as requests and answers spell it.
pub(super) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Apply => "apply",
        Mode::Destroy => "destroy",
        Mode::Drift => "drift",
    }
}

pub(super) fn counts(plan: &Plan) -> PlanCounts {
    PlanCounts {
        create: plan.count(Action::Create),
        update: plan.count(Action::Update),
        replace: plan.count(Action::Replace),
        destroy: plan.count(Action::Destroy),
        unchanged: plan.unchanged,
    }
}

/// What a plan would do, one line each; the most dangerous first.
pub(super) fn words(plan: &Plan, of: Mode) -> Vec<String> {
    if of == Mode::Drift {
        let drifted = plan.drift.iter().map(|change| format!("{} is not as the state says", change.address));
        let outputs = plan.outputs.iter().map(|output| format!("output {} would change", output.path));
        let all: Vec<String> = drifted.chain(outputs).collect();
        return if all.is_empty() { vec!["everything is as the state says".to_owned()] } else { all };
    }
    if !plan.applicable {
        return vec!["nothing is to be done: everything is as the configuration says".to_owned()];
    }
    let counts = counts(plan);
    let mut words = vec![format!(
        "{} to destroy, {} to replace, {} to update, {} to create, {} unchanged",
        counts.destroy, counts.replace, counts.update, counts.create, counts.unchanged
    )];
    for change in &plan.changes {
        let verb = match change.action {
            Action::Destroy => "destroy",
            Action::Replace => "replace",
            Action::Update => "update",
            Action::Create => "create",
            Action::Forget => "forget",
            Action::Move => "move",
            Action::Import => "import",
            Action::Read => "read",
        };
        let from = change.previous_address.as_ref().map_or(String::new(), |from| format!(" from {from}"));
        let causes: Vec<&str> = change
            .attributes
            .iter()
            .filter(|attribute| attribute.forces_replacement)
            .map(|attribute| attribute.path.as_str())
            .collect();
        let cause =
            if causes.is_empty() { String::new() } else { format!(", because of {}", causes.join(", ")) };
        words.push(format!("{verb} {}{from}{cause}", change.address));
    }
    words
}

pub(super) fn change(change: &Change) -> PlanChange {
    PlanChange {
        address: change.address.clone(),
        previous_address: change.previous_address.clone(),
        resource: change.resource.clone(),
        action: match change.action {
            Action::Destroy => PlanAction::Destroy,
            Action::Replace => PlanAction::Replace,
            Action::Update => PlanAction::Update,
            Action::Create => PlanAction::Create,
            Action::Forget => PlanAction::Forget,
            Action::Move => PlanAction::Move,
            Action::Import => PlanAction::Import,
            Action::Read => PlanAction::Read,
        },
        create_first: change.create_first,
        reason: change.reason.clone(),
        attributes: change.attributes.iter().map(attribute).collect(),
    }
}

pub(super) fn attribute(attribute: &Attribute) -> AttributeChange {
    AttributeChange {
        path: attribute.path.clone(),
        before: value(&attribute.before),
        after: value(&attribute.after),
        forces_replacement: attribute.forces_replacement,
    }
}

fn value(shown: &Shown) -> ValueView {
    match shown {
        Shown::Value { text } => ValueView::Value { text: text.clone() },
        Shown::Absent => ValueView::Absent,
        Shown::Masked => ValueView::Masked,
        Shown::Unknown => ValueView::Unknown,
    }
}

pub(super) fn output(output: &Output) -> OutputValue {
    OutputValue { name: output.name.clone(), value: value(&output.value) }
}

pub(super) fn diagnostic(one: &Diagnostic) -> ToolDiagnostic {
    ToolDiagnostic {
        severity: if one.error { "error" } else { "warning" }.to_owned(),
        summary: one.summary.clone(),
        detail: one.detail.clone(),
        at: one.at.clone(),
    }
}
