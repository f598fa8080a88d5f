//! A plan as a person reads it, from `show -json`.
//! <https://developer.hashicorp.com/terraform/internals/json-format>

use credentials::Masker;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::value::{Attribute, Change as Values, Shown, attributes, sensitive_texts, show};
use crate::{Error, Result};

/// Major version of the format that this room reads.
const MAJOR: &str = "1";

/// What a tool would do, with nothing sensitive in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Changes, the most dangerous first.
    pub changes: Vec<Change>,
    /// What is not as the state says.
    pub drift: Vec<Change>,
    /// Changes of outputs.
    pub outputs: Vec<Attribute>,
    /// Resources that stay as they are.
    pub unchanged: u32,
    /// Whether applying it would change anything: the world, the state or outputs.
    pub applicable: bool,
}

/// What happens to a resource, the most dangerous first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Destroyed.
    Destroy,
    /// Destroyed and created anew.
    Replace,
    /// Updated in place.
    Update,
    /// Created.
    Create,
    /// Forgotten by the state, left in the world.
    Forget,
    /// Only its address changes.
    Move,
    /// Taken into the state.
    Import,
    /// Read while applying.
    Read,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Address of the resource.
    pub address: String,
    /// Address before it moved.
    pub previous_address: Option<String>,
    /// Type of the resource.
    pub resource: String,
    /// What happens.
    pub action: Action,
    /// Whether a replacement is created before the old one is destroyed.
    pub create_first: bool,
    /// The tool's own name of the cause, such as `replace_because_tainted`.
    pub reason: Option<String>,
    /// Attributes that change.
    pub attributes: Vec<Attribute>,
}

impl Plan {
    /// How many resources something happens to.
    pub fn count(&self, action: Action) -> u32 {
        let found = self.changes.iter().filter(|change| change.action == action).count();
        u32::try_from(found).unwrap_or(u32::MAX)
    }
}

/// Reads a plan. `secrets` are values that must not be shown wherever they turn up; the masker that comes with the plan also
/// knows what the plan itself calls sensitive.
///
/// # Errors
/// [`Error::PlanUnknown`] where it is of another format, or holds what could not be shown.
pub fn read(json: &[u8], secrets: &[&str]) -> Result<(Plan, Masker)> {
    let unknown = |reason: String| Error::PlanUnknown { reason };
    let json: Value =
        serde_json::from_slice(json).map_err(|error| unknown(format!("it is no JSON: {error}")))?;
    let format = json["format_version"].as_str().unwrap_or("none");
    if format.split('.').next() != Some(MAJOR) {
        return Err(unknown(format!("it is of format {format}, and this Jalon knows format {MAJOR}")));
    }
    if json["errored"] == true {
        return Err(unknown("it was broken off by an error".to_owned()));
    }
    let sensitive = sensitive_texts(&json);
    let mask = Masker::new(sensitive.iter().map(String::as_str).chain(secrets.iter().copied()));
    let mut plan = Plan::default();
    for entry in list(&json["resource_changes"]) {
        match change(entry, &mask)? {
            Some(change) => plan.changes.push(change),
            None if entry["mode"] != "data" => plan.unchanged += 1,
            None => {}
        }
    }
    for entry in list(&json["resource_drift"]) {
        plan.drift.extend(change(entry, &mask)?);
    }
    plan.changes.sort_by(|a, b| (a.action, &a.address).cmp(&(b.action, &b.address)));
    plan.drift.sort_by(|a, b| (a.action, &a.address).cmp(&(b.action, &b.address)));
    for (name, values) in json["output_changes"].as_object().into_iter().flatten() {
        if actions(values) == ["no-op"] {
            continue;
        }
        let values = Values::of(values);
        plan.outputs.push(Attribute {
            path: name.clone(),
            before: show(values.before, values.before_sensitive, &Value::Null, &mask),
            after: show(values.after, values.after_sensitive, values.after_unknown, &mask),
            forces_replacement: false,
        });
    }
    let changes = plan.changes.iter().any(|change| change.action != Action::Read) || !plan.outputs.is_empty();
    plan.applicable = json["applyable"].as_bool().unwrap_or(changes);
    Ok((plan, mask))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn actions(change: &Value) -> Vec<&str> {
    list(&change["actions"]).iter().filter_map(Value::as_str).collect()
}

/// One entry of `resource_changes` or `resource_drift`; none where nothing happens to it.
fn change(entry: &Value, mask: &Masker) -> Result<Option<Change>> {
    let text = |key: &str| entry[key].as_str().map(str::to_owned);
    let address = text("address").unwrap_or_default();
    let previous_address = text("previous_address").filter(|previous| *previous != address);
    let values = &entry["change"];
    let (action, create_first) = match actions(values).as_slice() {
        ["no-op"] | [] if values["importing"].is_object() => (Action::Import, false),
        ["no-op"] | [] if previous_address.is_some() => (Action::Move, false),
        ["no-op"] | [] => return Ok(None),
        ["create"] => (Action::Create, false),
        ["read"] => (Action::Read, false),
        ["update"] => (Action::Update, false),
        ["delete"] => (Action::Destroy, false),
        ["delete", "create"] => (Action::Replace, false),
        ["create", "delete"] => (Action::Replace, true),
        ["forget"] => (Action::Forget, false),
        ["create", "forget"] | ["forget", "create"] => (Action::Replace, true),
        // What cannot be named cannot be confirmed.
        other => {
            let reason =
                format!("{address} would be changed by {}, which is new to this Jalon", other.join(" and "));
            return Err(Error::PlanUnknown { reason });
        }
    };
    let attributes = match action {
        // Everything of it goes: its address says what that is.
        Action::Destroy | Action::Forget => Vec::new(),
        _ => attributes(&Values::of(values), mask),
    };
    let instance = entry["deposed"].as_str().map(|key| format!(" (deposed {key})"));
    Ok(Some(Change {
        address: address + instance.as_deref().unwrap_or_default(),
        previous_address,
        resource: text("type").unwrap_or_default(),
        action,
        create_first,
        reason: text("action_reason"),
        attributes,
    }))
}

/// An output of a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Name.
    pub name: String,
    /// Value; masked where it is sensitive.
    pub value: Shown,
}

/// Reads `output -json`.
///
/// # Errors
/// It is no JSON object.
pub(crate) fn outputs(json: &[u8], mask: &Masker) -> Result<Vec<Output>> {
    let outputs: serde_json::Map<String, Value> = serde_json::from_slice(json)
        .map_err(|error| Error::PlanUnknown { reason: format!("the outputs are no JSON: {error}") })?;
    let output = |(name, output): (String, Value)| Output {
        name,
        value: show(&output["value"], &output["sensitive"], &Value::Null, mask),
    };
    Ok(outputs.into_iter().map(output).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Shown {
        Shown::Value { text: text.to_owned() }
    }

    fn of(plan: &Plan, address: &str) -> Change {
        plan.changes
            .iter()
            .find(|change| change.address == address)
            .unwrap_or_else(|| panic!("{plan:#?}"))
            .clone()
    }

    fn attribute(change: &Change, path: &str) -> Attribute {
        let found = change.attributes.iter().find(|attribute| attribute.path == path);
        found.unwrap_or_else(|| panic!("{path}: {change:#?}")).clone()
    }

    #[test]
    fn real_plans_are_read_the_dangerous_first_and_masked() {
        for json in [include_str!("recorded/plan.terraform.json"), include_str!("recorded/plan.tofu.json")] {
            let (plan, mask) = read(json.as_bytes(), &["from-the-keychain"]).unwrap();
            let order: Vec<(Action, &str)> =
                plan.changes.iter().map(|change| (change.action, change.address.as_str())).collect();
            assert_eq!(
                order,
                [
                    (Action::Destroy, "terraform_data.gone"),
                    (Action::Replace, "terraform_data.node"),
                    (Action::Replace, "terraform_data.warm"),
                    (Action::Update, "terraform_data.database"),
                    (Action::Create, "terraform_data.extra[\"x\"]"),
                    (Action::Move, "terraform_data.renamed"),
                ]
            );
            assert_eq!((plan.unchanged, plan.applicable), (1, true));
            let gone = of(&plan, "terraform_data.gone");
            assert_eq!(gone.reason.as_deref(), Some("delete_because_no_resource_config"));
            let node = of(&plan, "terraform_data.node");
            assert_eq!(
                (node.create_first, node.reason.as_deref()),
                (false, Some("replace_because_cannot_update"))
            );
            let cause = attribute(&node, "triggers_replace");
            assert!(cause.forces_replacement, "{cause:?}");
            assert_eq!((cause.before, cause.after), (shown("[\"t3.medium\"]"), shown("[\"t3.large\"]")));
            assert_eq!(attribute(&node, "id").after, Shown::Unknown);
            assert!(of(&plan, "terraform_data.warm").create_first);
            let database = of(&plan, "terraform_data.database");
            assert_eq!(attribute(&database, "input.size").after, shown("3"));
            let password = attribute(&database, "input.password");
            assert_eq!((password.before, password.after), (Shown::Masked, Shown::Masked));
            // The state of a resource forgets what was sensitive about a value; a value that was sensitive stays masked.
            assert_eq!(attribute(&database, "output").before, Shown::Masked);
            assert_eq!(
                of(&plan, "terraform_data.renamed").previous_address.as_deref(),
                Some("terraform_data.named")
            );
            let outputs: Vec<(&str, &Shown)> =
                plan.outputs.iter().map(|output| (output.path.as_str(), &output.after)).collect();
            assert_eq!(outputs, [("password", &Shown::Masked), ("size", &Shown::Unknown)]);
            let stored = serde_json::to_string(&plan).unwrap();
            for secret in ["hunter22", "other44x", "from-the-keychain"] {
                assert!(!stored.contains(secret), "{stored}");
                assert!(!mask.apply(secret).contains(secret));
            }
            assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
        }
    }

    #[test]
    fn a_look_at_drift_names_what_is_not_as_it_was() {
        // Written after the format's description; tests/provision_drift has a real one.
        let (plan, _) = read(include_bytes!("recorded/drift.json"), &[]).unwrap();
        assert!(plan.changes.is_empty(), "{plan:#?}");
        let found: Vec<(Action, &str)> =
            plan.drift.iter().map(|change| (change.action, change.address.as_str())).collect();
        assert_eq!(
            found,
            [(Action::Destroy, "aws_instance.old"), (Action::Update, "aws_security_group.nodes")]
        );
        let attribute = &plan.drift[1].attributes[0];
        assert_eq!(attribute.path, "ingress.0.cidr_blocks");
        assert_eq!((plan.unchanged, plan.outputs.len()), (1, 1));
    }

    #[test]
    fn what_cannot_be_shown_in_full_is_refused() {
        let refused = |json: &str| read(json.as_bytes(), &[]).err().unwrap().to_string();
        assert!(refused("{").contains("no JSON"));
        assert!(refused("{}").contains("format none"));
        assert!(refused(r#"{"format_version":"2.0"}"#).contains("format 2.0"));
        assert!(refused(r#"{"format_version":"1.2","errored":true}"#).contains("broken off"));
        let new = r#"{"format_version":"1.3","resource_changes":[{"address":"a.b","change":{"actions":["teleport"]}}]}"#;
        assert!(refused(new).contains("a.b would be changed by teleport"));
        assert!(read(br#"{"format_version":"1.99","added_later":true}"#, &[]).is_ok());
    }

    #[test]
    fn every_action_has_its_name() {
        let action = |actions: &str, more: &str| {
            let json = format!(
                r#"{{"format_version":"1.2","resource_changes":[{{"address":"a.b","mode":"managed"{more},
                "change":{{"actions":{actions},"before":null,"after":null}}}}]}}"#
            );
            read(json.as_bytes(), &[])
                .unwrap()
                .0
                .changes
                .first()
                .map(|change| (change.action, change.create_first))
        };
        assert_eq!(action(r#"["no-op"]"#, ""), None);
        assert_eq!(action(r#"["no-op"]"#, r#","previous_address":"a.b""#), None);
        assert_eq!(action(r#"["no-op"]"#, r#","previous_address":"a.a""#), Some((Action::Move, false)));
        assert_eq!(action(r#"["read"]"#, ""), Some((Action::Read, false)));
        assert_eq!(action(r#"["forget"]"#, ""), Some((Action::Forget, false)));
        assert_eq!(action(r#"["create","delete"]"#, ""), Some((Action::Replace, true)));
        let importing = r#"{"format_version":"1.2","resource_changes":[{"address":"a.b","change":
            {"actions":["no-op"],"importing":{"id":"x"},"before":null,"after":null}}]}"#;
        assert_eq!(read(importing.as_bytes(), &[]).unwrap().0.changes[0].action, Action::Import);
    }

    #[test]
    fn outputs_are_masked_where_they_say_so_and_where_they_hold_a_secret() {
        let json = r#"{"list":{"sensitive":false,"value":["a"]},"url":{"sensitive":false,"value":"db://u:hunter22@h"},
            "word":{"sensitive":true,"value":"x"}}"#;
        let outputs = outputs(json.as_bytes(), &Masker::new(["hunter22"])).unwrap();
        let values: Vec<&Shown> = outputs.iter().map(|output| &output.value).collect();
        assert_eq!(values, [&shown("[\"a\"]"), &Shown::Masked, &Shown::Masked]);
    }
}
