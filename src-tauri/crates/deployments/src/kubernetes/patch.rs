//! One server-side apply of one object, dry or real, and what its refusal means.
//! (<https://kubernetes.io/docs/reference/using-api/server-side-apply/>)

use std::collections::BTreeMap;

use credentials::Masker;
use http::Method;
use serde_json::Value;

use super::request::Answer;
use super::{Cluster, Error, FieldOwner, ObjectId, Result};

/// How an object is applied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patch<'a> {
    /// Who owns the fields then.
    pub(super) manager: &'a str,
    pub(super) dry_run: bool,
    /// Takes fields away from others: for dry runs that only look.
    pub(super) force: bool,
}

/// An object on its way to the server.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) id: &'a ObjectId,
    pub(super) at: &'a str,
    pub(super) path: &'a str,
    pub(super) object: &'a Value,
    /// The server quotes values in its refusals.
    pub(super) mask: &'a Masker,
}

impl Patch<'_> {
    pub(super) async fn send(&self, cluster: &Cluster, sent: &Sent<'_>) -> Result<Answer> {
        // JSON is YAML, and the server reads it faster.
        const KIND: &str = "application/apply-patch+yaml";
        let path = format!(
            "{}?fieldManager={}&fieldValidation=Strict&force={}{}",
            sent.path,
            self.manager,
            self.force,
            if self.dry_run { "&dryRun=All" } else { "" }
        );
        let answer = cluster.ask(Method::PATCH, &path, Some((KIND, sent.object))).await?;
        if answer.is_success() { Ok(answer) } else { Err(refusal(cluster, sent, &answer)) }
    }
}

/// What the server's refusal means.
fn refusal(cluster: &Cluster, sent: &Sent<'_>, answer: &Answer) -> Error {
    let (id, at) = (Box::new(sent.id.clone()), sent.at.to_owned());
    let reason = sent.mask.apply(&answer.message());
    let cause = |wanted: &str| {
        answer.causes().iter().any(|cause| cause.get("reason").and_then(Value::as_str) == Some(wanted))
    };
    match answer.status {
        409 if cause("FieldManagerConflict") => Error::Conflict { id, at, owners: owners(answer) },
        403 if cause("NamespaceTerminating") => {
            Error::NamespaceEnding { namespace: cluster.namespace().to_owned() }
        }
        403 if reason.contains("exceeded quota") => Error::Quota { id, at, reason },
        // Admission's words: a webhook's refusal has whatever status it chose, 400 where it chose none, a policy's 422.
        400 | 403 | 422 if reason.contains("denied the request") || reason.contains("denied request") => {
            Error::Denied { id, at, reason }
        }
        // RBAC's own words.
        403 if reason.contains(" cannot ") && reason.contains(" resource \"") => {
            Error::Forbidden { what: format!("apply {id}"), reason }
        }
        404 if reason.contains("namespaces \"") => Error::NamespaceMissing {
            namespace: cluster.namespace().to_owned(),
            context: cluster.context().to_owned(),
        },
        422 if reason.contains("field is immutable") || reason.contains("Forbidden: updates to ") => {
            Error::Immutable { id, at, reason }
        }
        403 => Error::Denied { id, at, reason },
        400 | 422 => Error::Rejected { id, at, reason },
        // How a server-side apply says that a field is not in the schema.
        500 if reason.contains("failed to create typed patch object") => Error::Rejected { id, at, reason },
        status => Error::Api { what: format!("apply {id}"), status, message: reason },
    }
}

/// Who owns which of the fields that are in conflict, from `details.causes`:
/// `{"reason":"FieldManagerConflict","message":"conflict with \"helm\" using apps/v1","field":".spec.replicas"}`.
fn owners(answer: &Answer) -> Vec<FieldOwner> {
    let mut by_manager: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for cause in answer.causes() {
        let text = |name: &str| cause.get(name).and_then(Value::as_str).unwrap_or_default();
        let manager = text("message").split('"').nth(1).unwrap_or("another manager").to_owned();
        by_manager.entry(manager).or_default().push(text("field").to_owned());
    }
    by_manager.into_iter().map(|(manager, fields)| FieldOwner { manager, fields }).collect()
}
