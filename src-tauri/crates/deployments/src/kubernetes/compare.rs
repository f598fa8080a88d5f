//! Two states of an object, field by field, without what servers and controllers write by themselves.

use std::collections::{BTreeMap, BTreeSet};

use credentials::Masker;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::manifests::MARKS;

/// A field that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Path: `spec.template.spec.containers[web].image`. Items of lists are named by their key where they have one.
    pub path: String,
    /// Before.
    pub before: Seen,
    /// After.
    pub after: Seen,
}

/// What can be seen of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// It is not there.
    Absent,
    /// It is a secret's.
    Masked,
    /// As JSON.
    Value(String),
}

/// By which fields Kubernetes tells items of a list apart, the likeliest first.
const KEYS: [&str; 8] =
    ["name", "containerPort", "port", "mountPath", "devicePath", "topologyKey", "ip", "key"];
/// Written by the server and by controllers.
const METADATA: [&str; 6] =
    ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"];
const ANNOTATIONS: [&str; 2] =
    ["kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision"];

/// The object without what nobody who deploys decides.
pub(super) fn without_noise(mut object: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for name in METADATA {
            metadata.remove(name);
        }
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            for name in ANNOTATIONS.iter().chain(&MARKS) {
                annotations.remove(*name);
            }
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
    }
    object
}

/// The fields in which two states differ, by path. `secret` masks what a Secret holds; `mask` what is known to be secret.
pub(super) fn compare(before: &Value, after: &Value, secret: bool, mask: &Masker) -> Vec<FieldChange> {
    let mut found = Vec::new();
    Compare { secret, mask, found: &mut found }.values("", Some(before), Some(after));
    found
}

/// The fields of an object that is not there yet, without those that name it.
pub(super) fn created(mut object: Value, secret: bool, mask: &Masker) -> Vec<FieldChange> {
    let mut found = Vec::new();
    for (of, names) in [("", ["apiVersion", "kind"]), ("/metadata", ["name", "namespace"])] {
        if let Some(fields) = object.pointer_mut(of).and_then(Value::as_object_mut) {
            names.iter().for_each(|name| drop(fields.remove(*name)));
        }
    }
    Compare { secret, mask, found: &mut found }.values("", None, Some(&object));
    found
}

struct Compare<'a> {
    secret: bool,
    mask: &'a Masker,
    found: &'a mut Vec<FieldChange>,
}

impl Compare<'_> {
    fn values(&mut self, path: &str, before: Option<&Value>, after: Option<&Value>) {
        if before == after {
            return;
        }
        match (before, after) {
            (Some(Value::Object(before)), Some(Value::Object(after))) => self.fields(path, before, after),
            (Some(Value::Object(before)), None) if !before.is_empty() => {
                self.fields(path, before, &Map::new())
            }
            (None, Some(Value::Object(after))) if !after.is_empty() => self.fields(path, &Map::new(), after),
            (Some(Value::Array(before)), Some(Value::Array(after))) => self.items(path, before, after),
            (Some(Value::Array(before)), None) if !before.is_empty() => self.items(path, before, &[]),
            (None, Some(Value::Array(after))) if !after.is_empty() => self.items(path, &[], after),
            _ => {
                let change = FieldChange {
                    path: path.to_owned(),
                    before: self.seen(path, before),
                    after: self.seen(path, after),
                };
                self.found.push(change);
            }
        }
    }

    fn fields(&mut self, path: &str, before: &Map<String, Value>, after: &Map<String, Value>) {
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for name in names {
            // What stands in the path of the field has the type and the name in it already.
            let dotted = name.contains(['.', '/', '[']);
            let path = match (path.is_empty(), dotted) {
                (true, _) => name.clone(),
                (false, true) => format!("{path}[\"{name}\"]"),
                (false, false) => format!("{path}.{name}"),
            };
            self.values(&path, before.get(name), after.get(name));
        }
    }

    fn items(&mut self, path: &str, before: &[Value], after: &[Value]) {
        let key = KEYS.into_iter().find(|key| names(before, key).is_some() && names(after, key).is_some());
        let Some((before_by, after_by)) = key.and_then(|key| Some((names(before, key)?, names(after, key)?)))
        else {
            for index in 0..before.len().max(after.len()) {
                self.values(&format!("{path}[{index}]"), before.get(index), after.get(index));
            }
            return;
        };
        let all: BTreeSet<&String> = before_by.keys().chain(after_by.keys()).collect();
        for name in all {
            let (before, after) = (before_by.get(name).copied(), after_by.get(name).copied());
            self.values(&format!("{path}[{name}]"), before, after);
        }
    }

    fn seen(&self, path: &str, value: Option<&Value>) -> Seen {
        let inside =
            ["data.", "data[", "stringData.", "stringData["].iter().any(|part| path.starts_with(part));
        match value {
            None => Seen::Absent,
            Some(_) if self.secret && (inside || path == "data" || path == "stringData") => Seen::Masked,
            Some(value) => Seen::Value(self.mask.apply(&value.to_string())),
        }
    }
}

/// Items by the value of a key, if every item has one of its own.
fn names<'a>(items: &'a [Value], key: &str) -> Option<BTreeMap<String, &'a Value>> {
    let mut all = BTreeMap::new();
    for item in items {
        let name = match item.get(key)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        if all.insert(name, item).is_some() {
            return None;
        }
    }
    Some(all)
}

/// The paths of `before` that are not in `after` but still in `live`, with their values there: what Helm takes out because its
/// chart no longer has it.
pub(super) fn given_up(
    before: &Value,
    after: &Value,
    live: &Value,
    secret: bool,
    mask: &Masker,
) -> Vec<FieldChange> {
    let gone = compare(before, after, secret, mask);
    let gone: BTreeSet<String> =
        gone.into_iter().filter(|change| change.after == Seen::Absent).map(|change| change.path).collect();
    // Every field of what is live, as if it were taken away.
    let mut found = Vec::new();
    Compare { secret, mask, found: &mut found }.values("", Some(live), None);
    found.retain(|change| gone.contains(&change.path));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn changes(before: Value, after: Value) -> Vec<String> {
        let mask = Masker::new(["hunter22"]);
        let text = |seen: Seen| match seen {
            Seen::Absent => "-".to_owned(),
            Seen::Masked => "***".to_owned(),
            Seen::Value(text) => text,
        };
        let secret = before["kind"] == "Secret" || after["kind"] == "Secret";
        let found = compare(&without_noise(before), &without_noise(after), secret, &mask);
        found.into_iter().map(|c| format!("{}: {} -> {}", c.path, text(c.before), text(c.after))).collect()
    }

    #[test]
    fn fields_are_named_by_path_and_key() {
        let before = json!({ "spec": { "replicas": 2, "c": [{ "name": "a", "image": "x:1" }, { "name": "b", "image": "y" }], "args": ["1", "2"] } });
        let after = json!({ "spec": { "c": [{ "name": "b", "image": "y" }, { "name": "a", "image": "x:2" }], "args": ["1"], "new": {} },
            "metadata": { "annotations": { "a.b/c": "d" } } });
        assert_eq!(
            changes(before, after),
            [
                "metadata.annotations[\"a.b/c\"]: - -> \"d\"",
                "spec.args[1]: \"2\" -> -",
                "spec.c[a].image: \"x:1\" -> \"x:2\"",
                "spec.new: - -> {}",
                "spec.replicas: 2 -> -"
            ]
        );
    }

    #[test]
    fn what_servers_write_is_no_change() {
        let before = json!({ "metadata": { "name": "a", "uid": "1", "managedFields": [], "generation": 1, "annotations": { MARKS[0]: "1" } }, "status": { "x": 1 } });
        let after = json!({ "metadata": { "name": "a", "uid": "2", "generation": 2, "resourceVersion": "9", "annotations": { MARKS[0]: "2", MARKS[3]: "t" } } });
        assert_eq!(changes(before, after), Vec::<String>::new());
    }

    #[test]
    fn secrets_show_that_they_change_but_not_to_what() {
        let secret = |value: &str| json!({ "kind": "Secret", "data": { "k.v": value }, "metadata": { "labels": { "a": value } } });
        assert_eq!(
            changes(secret("hunter22"), secret("b")),
            ["data[\"k.v\"]: *** -> ***", "metadata.labels.a: \"•••\" -> \"b\""]
        );
        assert_eq!(
            changes(json!({ "kind": "Secret" }), json!({ "kind": "Secret", "data": {} })),
            ["data: - -> ***"]
        );
    }

    #[test]
    fn a_new_object_is_told_by_its_fields_and_a_new_secret_masked() {
        let secret = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "a", "labels": { "b": "c" } }, "data": { "k": "dmFsdWU=" } });
        let found = created(secret, true, &Masker::default());
        let told = |path: &str, after| FieldChange { path: path.into(), before: Seen::Absent, after };
        assert_eq!(
            found,
            [told("data.k", Seen::Masked), told("metadata.labels.b", Seen::Value("\"c\"".into()))]
        );
    }

    #[test]
    fn what_a_chart_no_longer_has_is_given_up() {
        let before = json!({ "spec": { "a": 1, "b": { "c": 2, "d": 3 } } });
        let after = json!({ "spec": { "a": 1, "b": { "c": 2 } } });
        let live = json!({ "spec": { "a": 1, "b": { "c": 2, "d": 4 }, "e": 5 } });
        let found = given_up(&before, &after, &live, false, &Masker::default());
        assert_eq!(
            found,
            [FieldChange { path: "spec.b.d".into(), before: Seen::Value("4".into()), after: Seen::Absent }]
        );
    }
}
