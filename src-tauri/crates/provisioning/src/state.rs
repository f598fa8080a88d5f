//! Which state a state is, and what it holds.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::folder::sha256;

/// Which state of many a state is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StateId {
    /// Grows with every change.
    pub serial: u64,
    /// Names the state's whole history.
    pub lineage: String,
    /// Digests of the instances that it holds; none where it was not read just now, or cannot be understood. They are written
    /// down nowhere: whoever has the digest of a short secret has the secret.
    #[serde(skip)]
    held: Option<BTreeSet<String>>,
}

/// Two are the same state by their names: what one holds is known only where it was just read.
impl PartialEq for StateId {
    fn eq(&self, other: &Self) -> bool {
        (self.serial, &self.lineage) == (other.serial, &other.lineage)
    }
}

impl Eq for StateId {}

impl StateId {
    /// Reads a state.
    pub(crate) fn read(json: &[u8]) -> serde_json::Result<Self> {
        let id: Self = serde_json::from_slice(json)?;
        let held = serde_json::from_slice::<Value>(json).ok().and_then(|state| held(&state));
        Ok(Self { held, ..id })
    }

    /// Whether it is `other` or later in the same history, and every instance of `other` is in it as it was. A serial alone says
    /// nothing of that: two applies from one state both count up by one.
    pub(crate) fn holds(&self, other: &Self) -> bool {
        let (Some(own), Some(others)) = (&self.held, &other.held) else { return false };
        self.lineage == other.lineage && self.serial >= other.serial && others.is_subset(own)
    }
}

/// The instances of a state in the tools' format 4, each with its attributes: an `id` is not enough, because that of a
/// `random_password` is always `none`. None where there is no such list, as in an encrypted state.
fn held(state: &Value) -> Option<BTreeSet<String>> {
    let mut held = BTreeSet::new();
    for resource in state["resources"].as_array()? {
        // What is only read can be read again.
        if resource["mode"] == "data" {
            continue;
        }
        for instance in resource["instances"].as_array()? {
            held.insert(digest(resource, instance));
        }
    }
    Some(held)
}

fn digest(resource: &Value, instance: &Value) -> String {
    let named = ["module", "type", "name"].map(|key| &resource[key]);
    let kept = ["index_key", "deposed", "attributes", "attributes_flat"].map(|key| &instance[key]);
    let mut both = json!([named, kept]);
    // The tool may print the same attributes in another order.
    both.sort_all_objects();
    sha256(both.to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(serial: u64, lineage: &str, resources: &Value) -> StateId {
        let state =
            json!({ "version": 4, "serial": serial, "lineage": lineage, "resources": resources }).to_string();
        StateId::read(state.as_bytes()).unwrap()
    }

    fn resource(name: &str, attributes: &Value) -> Value {
        json!({"mode": "managed", "type": "random_password", "name": name, "instances": [{"attributes": attributes}]})
    }

    #[test]
    fn a_state_holds_another_where_nothing_of_it_is_lost() {
        let data =
            json!({"mode": "data", "type": "http", "name": "d", "instances": [{"attributes": {"id": 1}}]});
        let a = resource("a", &json!({"id": "none", "result": "one"}));
        let kept = state(5, "l", &json!([a, data]));
        // In another order, beside another one, and without what is only read.
        let again = resource("a", &json!({"result": "one", "id": "none"}));
        let b = resource("b", &json!({"id": "none", "result": "one"}));
        assert!(state(5, "l", &json!([b, again])).holds(&kept));
        assert!(state(9, "l", &json!([a])).holds(&kept));
        for (serial, lineage, resources) in [
            (4, "l", json!([a])),
            (5, "m", json!([a])),
            (5, "l", json!([b])),
            (9, "l", json!([])),
            // The same id, and another password.
            (5, "l", json!([resource("a", &json!({"id": "none", "result": "two"}))])),
        ] {
            let other = state(serial, lineage, &resources);
            assert!(!other.holds(&kept), "{serial} {lineage} {resources}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_held_by_nothing() {
        let encrypted = br#"{"serial":1,"lineage":"l","encrypted_data":"bm8=","encryption_version":"v0"}"#;
        let encrypted = StateId::read(encrypted).unwrap();
        assert!(!state(1, "l", &json!([])).holds(&encrypted));
        assert!(!encrypted.holds(&state(1, "l", &json!([]))));
        assert!(StateId::read(b"{ half").is_err());
    }

    #[test]
    fn it_is_written_down_by_its_names_alone() {
        let read = state(3, "l", &json!([resource("a", &json!({"result": "hunter22"}))]));
        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(written, r#"{"serial":3,"lineage":"l"}"#);
        let back: StateId = serde_json::from_str(&written).unwrap();
        assert_eq!(back, read);
        assert!(!back.holds(&read), "what it holds is not known any more");
    }
}
