//! Values of a plan: which ones differ, and how they are shown without what is sensitive in them.

use std::collections::{BTreeMap, BTreeSet};

use credentials::Masker;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A longer text is cut: nobody reads it here.
const LONGEST: usize = 4000;

/// A value as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Shown {
    /// A value: text as it is, anything else as JSON.
    Value {
        /// The text.
        text: String,
    },
    /// There is none.
    Absent,
    /// Sensitive: never shown.
    Masked,
    /// Known once it is applied.
    Unknown,
}

/// One attribute that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Path, such as `scaling_config.0.desired_size`.
    pub path: String,
    /// Before.
    pub before: Shown,
    /// After.
    pub after: Shown,
    /// Whether it is why the resource is replaced.
    pub forces_replacement: bool,
}

/// The format's "change representation": values, and beside them which parts are unknown or sensitive, as `true` in the
/// value's shape.
#[derive(Clone, Copy)]
pub(crate) struct Change<'v> {
    pub before: &'v Value,
    pub after: &'v Value,
    pub after_unknown: &'v Value,
    pub before_sensitive: &'v Value,
    pub after_sensitive: &'v Value,
    replace_paths: &'v Value,
}

impl<'v> Change<'v> {
    pub(crate) fn of(change: &'v Value) -> Self {
        Self {
            before: &change["before"],
            after: &change["after"],
            after_unknown: &change["after_unknown"],
            before_sensitive: &change["before_sensitive"],
            after_sensitive: &change["after_sensitive"],
            replace_paths: &change["replace_paths"],
        }
    }

    fn child(&self, step: &Step) -> Self {
        Self {
            before: step.of(self.before),
            after: step.of(self.after),
            after_unknown: step.within(self.after_unknown),
            before_sensitive: step.within(self.before_sensitive),
            after_sensitive: step.within(self.after_sensitive),
            replace_paths: self.replace_paths,
        }
    }

    fn children(&self) -> BTreeSet<Step> {
        let mut steps = BTreeSet::new();
        for value in [self.before, self.after, self.after_unknown] {
            match value {
                Value::Object(map) => steps.extend(map.keys().cloned().map(Step::Key)),
                Value::Array(list) => steps.extend((0..list.len()).map(Step::Index)),
                _ => {}
            }
        }
        steps
    }

    /// Whether it is shown part by part: both sides are of one shape, and no side is sensitive or unknown as a whole.
    fn has_parts(&self) -> bool {
        let whole = [self.after_unknown, self.before_sensitive, self.after_sensitive];
        if whole.iter().any(|flag| **flag == Value::Bool(true)) {
            return false;
        }
        match (self.before, self.after) {
            (Value::Object(_), Value::Object(_)) => true,
            (Value::Object(map), Value::Null) | (Value::Null, Value::Object(map)) => !map.is_empty(),
            // A list of words reads best in one piece; one of objects does not.
            (Value::Array(a), Value::Array(b)) => a.iter().chain(b).any(is_nested),
            (Value::Array(list), Value::Null) | (Value::Null, Value::Array(list)) => {
                list.iter().any(is_nested)
            }
            _ => false,
        }
    }
}

fn is_nested(value: &Value) -> bool {
    matches!(value, Value::Object(_) | Value::Array(_))
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Index(usize),
    Key(String),
}

impl Step {
    fn of<'v>(&self, value: &'v Value) -> &'v Value {
        match self {
            Self::Key(key) => &value[key.as_str()],
            Self::Index(index) => &value[*index],
        }
    }

    /// The same in the shape beside a value, where `true` stands for all that is below.
    fn within<'v>(&self, value: &'v Value) -> &'v Value {
        if value.is_boolean() { value } else { self.of(value) }
    }

    fn is(&self, value: &Value) -> bool {
        match self {
            Self::Key(key) => value.as_str() == Some(key),
            Self::Index(index) => value.as_u64() == u64::try_from(*index).ok(),
        }
    }
}

/// The attributes of a change that differ, by path.
pub(crate) fn attributes(change: &Change, mask: &Masker) -> Vec<Attribute> {
    let mut found = Vec::new();
    walk(change, &mut Vec::new(), mask, &mut found);
    found
}

fn walk(change: &Change, path: &mut Vec<Step>, mask: &Masker, found: &mut Vec<Attribute>) {
    let parts = change.has_parts() || (path.is_empty() && !change.children().is_empty());
    if parts {
        for step in change.children() {
            let child = change.child(&step);
            path.push(step);
            walk(&child, path, mask, found);
            path.pop();
        }
        return;
    }
    let unknown = any_true(change.after_unknown);
    if change.before == change.after && !unknown {
        return;
    }
    found.push(Attribute {
        path: path.iter().map(word).collect::<Vec<_>>().join("."),
        before: show(change.before, change.before_sensitive, &Value::Null, mask),
        after: show(change.after, change.after_sensitive, change.after_unknown, mask),
        forces_replacement: forces(change.replace_paths, path),
    });
}

fn word(step: &Step) -> String {
    match step {
        Step::Key(key) => key.clone(),
        Step::Index(index) => index.to_string(),
    }
}

/// Whether a path is, holds, or lies below one of those that force the replacement.
fn forces(replace_paths: &Value, path: &[Step]) -> bool {
    let mut causes = replace_paths.as_array().into_iter().flatten().filter_map(Value::as_array);
    causes.any(|cause| path.iter().zip(cause).all(|(step, wanted)| step.is(wanted)))
}

/// Whether a shape says `true` anywhere.
fn any_true(shape: &Value) -> bool {
    match shape {
        Value::Bool(flag) => *flag,
        Value::Array(list) => list.iter().any(any_true),
        Value::Object(map) => map.values().any(any_true),
        _ => false,
    }
}

/// A value as it is shown. One that holds something sensitive is masked as a whole.
pub(crate) fn show(value: &Value, sensitive: &Value, unknown: &Value, mask: &Masker) -> Shown {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if *sensitive == Value::Bool(true) && (!value.is_null() || any_true(unknown)) {
        Shown::Masked
    } else if any_true(unknown) {
        Shown::Unknown
    } else if value.is_null() {
        Shown::Absent
    } else if any_true(sensitive) || mask.apply(&text) != text {
        Shown::Masked
    } else {
        Shown::Value { text: cut(text) }
    }
}

fn cut(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

/// Every text that a plan calls sensitive anywhere. A state forgets that about some copies of a value, so they are looked
/// for wherever they turn up.
pub(crate) fn sensitive_texts(plan: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for key in ["resource_changes", "resource_drift"] {
        for entry in plan[key].as_array().into_iter().flatten() {
            let change = Change::of(&entry["change"]);
            collect(change.before, change.before_sensitive, &mut found);
            collect(change.after, change.after_sensitive, &mut found);
        }
    }
    for change in plan["output_changes"].as_object().into_iter().flat_map(|map| map.values()) {
        let change = Change::of(change);
        collect(change.before, change.before_sensitive, &mut found);
        collect(change.after, change.after_sensitive, &mut found);
    }
    for state in [&plan["prior_state"]["values"], &plan["planned_values"]] {
        for output in state["outputs"].as_object().into_iter().flat_map(|map| map.values()) {
            collect(&output["value"], &output["sensitive"], &mut found);
        }
        modules(&state["root_module"], &mut found);
    }
    let declared: BTreeMap<&str, &Value> = plan["configuration"]["root_module"]["variables"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, variable)| (name.as_str(), &variable["sensitive"]))
        .collect();
    for (name, variable) in plan["variables"].as_object().into_iter().flatten() {
        if let Some(sensitive) = declared.get(name.as_str()) {
            collect(&variable["value"], sensitive, &mut found);
        }
    }
    found
}

fn modules(module: &Value, found: &mut BTreeSet<String>) {
    for resource in module["resources"].as_array().into_iter().flatten() {
        collect(&resource["values"], &resource["sensitive_values"], found);
    }
    for child in module["child_modules"].as_array().into_iter().flatten() {
        modules(child, found);
    }
}

fn collect(value: &Value, sensitive: &Value, found: &mut BTreeSet<String>) {
    match (value, sensitive) {
        (Value::String(text), Value::Bool(true)) => {
            found.insert(text.clone());
        }
        (Value::Number(number), Value::Bool(true)) => {
            found.insert(number.to_string());
        }
        (Value::Object(map), shape) => {
            for (key, value) in map {
                collect(value, Step::Key(key.clone()).within(shape), found);
            }
        }
        (Value::Array(list), shape) => {
            for (index, value) in list.iter().enumerate() {
                collect(value, Step::Index(index).within(shape), found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(change: &Value) -> Vec<(String, Shown, Shown)> {
        let found = attributes(&Change::of(change), &Masker::default());
        found.into_iter().map(|one| (one.path, one.before, one.after)).collect()
    }

    fn shown(text: &str) -> Shown {
        Shown::Value { text: text.to_owned() }
    }

    #[test]
    fn lists_of_words_stay_whole_and_those_of_objects_are_followed() {
        let change = json!({
            "before": { "types": ["a", "b"], "rule": [{ "port": 1, "to": "x" }], "same": {"deep": [1]} },
            "after": { "types": ["a"], "rule": [{ "port": 2, "to": "x" }, { "port": 3 }], "same": {"deep": [1]} },
        });
        assert_eq!(
            of(&change),
            [
                ("rule.0.port".to_owned(), shown("1"), shown("2")),
                ("rule.1.port".to_owned(), Shown::Absent, shown("3")),
                ("types".to_owned(), shown("[\"a\",\"b\"]"), shown("[\"a\"]")),
            ]
        );
    }

    #[test]
    fn unknown_and_sensitive_parts_are_told_from_values() {
        let change = json!({
            "before": { "id": "i-1", "tags": { "a": "x" }, "key": "old", "gone": 1 },
            "after": { "tags": { "a": "x" }, "key": "new" },
            "after_unknown": { "id": true, "tags": { "b": true } },
            "before_sensitive": { "key": true },
            "after_sensitive": { "key": true },
        });
        assert_eq!(
            of(&change),
            [
                ("gone".to_owned(), shown("1"), Shown::Absent),
                ("id".to_owned(), shown("i-1"), Shown::Unknown),
                ("key".to_owned(), Shown::Masked, Shown::Masked),
                ("tags.b".to_owned(), Shown::Absent, Shown::Unknown),
            ]
        );
    }

    #[test]
    fn what_is_created_shows_what_it_will_have() {
        let change = json!({
            "before": null,
            "after": { "name": "n", "none": null, "settings": { "a": true } },
            "after_unknown": { "id": true },
        });
        let paths: Vec<String> = of(&change).into_iter().map(|(path, ..)| path).collect();
        assert_eq!(paths, ["id", "name", "settings.a"]);
        assert!(of(&json!({ "before": null, "after": null })).is_empty());
        // A resource that is sensitive as a whole hides even the names of its attributes' values.
        let hidden = json!({ "before": null, "after": { "a": "b" }, "after_sensitive": true });
        assert_eq!(of(&hidden), [("a".to_owned(), Shown::Absent, Shown::Masked)]);
    }

    #[test]
    fn long_texts_are_cut_and_a_secret_in_a_text_masks_it() {
        let mask = Masker::new(["hunter22"]);
        let none = Value::Null;
        let Shown::Value { text } = show(&json!("é".repeat(3000)), &none, &none, &mask) else { panic!() };
        assert!(text.len() < 4010 && text.ends_with('…'));
        assert_eq!(show(&json!({"url": "db://hunter22@h"}), &none, &none, &mask), Shown::Masked);
        assert_eq!(show(&json!("c"), &json!({"a": true}), &none, &mask), Shown::Masked);
        assert_eq!(show(&none, &json!(true), &none, &mask), Shown::Absent);
    }

    #[test]
    fn causes_of_a_replacement_are_found_above_and_below() {
        let change = json!({
            "before": { "network": [{ "subnet": "a", "size": 1 }], "other": 1 },
            "after": { "network": [{ "subnet": "b", "size": 2 }], "other": 2 },
            "replace_paths": [["network", 0, "subnet"]],
        });
        let found = attributes(&Change::of(&change), &Masker::default());
        let forcing: Vec<&str> =
            found.iter().filter(|one| one.forces_replacement).map(|one| one.path.as_str()).collect();
        assert_eq!(forcing, ["network.0.subnet"]);
    }
}
