//! Why no node takes a pod, from the scheduler's words: `0/3 nodes are available: 1 node(s) had untolerated taint …`.

use super::{Cause, CauseId, PLACING, Patience, SCALING, between, missing_reference};
use crate::kubernetes::events::{EventLine, Events};

/// The cause where the scheduler finds no node. `events` are the pod's, newest first.
pub(super) fn cause(
    object: &str,
    message: &str,
    claims: &[String],
    events: &[&EventLine],
    all: &Events,
) -> Cause {
    let words = message.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
    // A claim that cannot be provisioned is the cause behind the pod that waits for it.
    for claim in claims {
        let about = all.about("PersistentVolumeClaim", claim, None);
        if let Some(event) = about.iter().find(|event| event.reason == "ProvisioningFailed") {
            return Cause::new(
                CauseId::Storage,
                format!("PersistentVolumeClaim/{claim}"),
                format!("No volume can be made for the claim {claim}."),
                Patience::After(PLACING),
            )
            .with("claim", claim)
            .with("reason", "provisioning")
            .shown(event.quoted())
            .shown(message);
        }
    }
    if let Some((missing, _)) = missing_reference(message)
        && let Some(claim) = missing.strip_prefix("PersistentVolumeClaim/")
    {
        let sentence = format!("The pod refers to the claim {claim}, which is not there.");
        return Cause::new(CauseId::Storage, object, sentence, Patience::After(super::MISSING))
            .with("claim", claim)
            .with("reason", "missing")
            .shown(message);
    }
    let mut resource = between(message, "Insufficient ", "").map(|rest| {
        let end = rest.find(|letter: char| letter == ',' || letter.is_whitespace()).unwrap_or(rest.len());
        rest[..end].trim_end_matches('.').to_owned()
    });
    if resource.is_none() && says(&["too many pods"]) {
        resource = Some("pods".to_owned());
    }
    let (reason, sentence) =
        if says(&["persistentvolumeclaim", "volume node affinity", "available persistent volumes"]) {
            ("claim", "No node takes the pod: a volume claim is not bound where it could run.".to_owned())
        } else if let Some(resource) = &resource {
            (
                "resources",
                format!("No node takes the pod: there is not enough {resource} for what it requests."),
            )
        } else if says(&["affinity", "node selector", "topology spread", "free ports"]) {
            (
                "affinity",
                "No node takes the pod: none fits its node selector, affinity, spread or host ports."
                    .to_owned(),
            )
        } else if says(&["taint", "were unschedulable"]) {
            (
                "taint",
                "No node takes the pod: the nodes are cordoned or have taints that it does not tolerate."
                    .to_owned(),
            )
        } else if says(&["no nodes available"]) {
            ("no_nodes", "No node takes the pod: the cluster has none.".to_owned())
        } else {
            ("other", "No node takes the pod.".to_owned())
        };
    let grows = events.iter().find(|event| event.reason == "TriggeredScaleUp");
    let patience = Patience::After(if grows.is_some() { SCALING } else { PLACING });
    Cause::new(CauseId::Unschedulable, object, sentence, patience)
        .with("reason", reason)
        .maybe("resource", resource)
        .shown(message)
        .shown(grows.map(|event| event.quoted()).unwrap_or_default())
}
