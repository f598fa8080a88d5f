//! Who deploys an object: two owners undo each other's work by turns, which is the worst outcome.

use serde_json::Value;

use super::manifests::{MANAGED_BY, SERVICE, label_value};

/// Who is about to deploy.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'a> {
    /// Jalon itself, by server-side apply, for a service.
    Jalon {
        /// Service.
        service: &'a str,
    },
    /// Helm, for a release in the cluster's namespace.
    Helm {
        /// Release.
        release: &'a str,
    },
}

/// Whose object it is, if it is somebody else's.
pub(super) fn other_owner(live: &Value, owner: Owner<'_>, namespace: &str) -> Option<String> {
    let metadata = live.get("metadata")?;
    let get =
        |group: &str, name: &str| metadata.get(group)?.get(name)?.as_str().filter(|value| !value.is_empty());
    let label = |name: &str| get("labels", name);
    let annotation = |name: &str| get("annotations", name);
    if let Some(application) = label("argocd.argoproj.io/instance")
        .or_else(|| annotation("argocd.argoproj.io/tracking-id")?.split(':').next())
    {
        return Some(format!("the Argo CD application {application}"));
    }
    for (name, kind) in [
        ("kustomize.toolkit.fluxcd.io/name", "Kustomization"),
        ("helm.toolkit.fluxcd.io/name", "HelmRelease"),
    ] {
        if let Some(name) = label(name) {
            return Some(format!("Flux's {kind} {name}"));
        }
    }
    let release = annotation("meta.helm.sh/release-name");
    let release_namespace = annotation("meta.helm.sh/release-namespace");
    let jalon = (label(MANAGED_BY) == Some("jalon")).then(|| label(SERVICE)).flatten();
    match owner {
        Owner::Jalon { service } => match (release, jalon) {
            (Some(release), _) => Some(format!("the Helm release {release}")),
            (None, Some(other)) if other != label_value(service) => {
                Some(format!("the service {other} of Jalon"))
            }
            _ => controller(metadata),
        },
        Owner::Helm { release: ours } => match (release, jalon) {
            (Some(other), _) if other != ours => Some(format!("the Helm release {other}")),
            (Some(_), _) if release_namespace.is_some_and(|other| other != namespace) => Some(format!(
                "the Helm release {ours} in the namespace {}",
                release_namespace.unwrap_or_default()
            )),
            (Some(_), _) => None,
            (None, Some(other)) => Some(format!("the service {other} of Jalon")),
            (None, None) => Some("somebody who made it without Helm".to_owned()),
        },
    }
}

/// A controller makes and changes the object by itself.
fn controller(metadata: &Value) -> Option<String> {
    let owners = metadata.get("ownerReferences")?.as_array()?;
    let owner = owners.iter().find(|owner| owner.get("controller").and_then(Value::as_bool) == Some(true))?;
    let text = |name: &str| owner.get(name).and_then(Value::as_str).unwrap_or_default();
    Some(format!("its controller {}/{}", text("kind"), text("name")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(metadata: Value, owner: Owner<'_>) -> Option<String> {
        other_owner(&json!({ "metadata": metadata }), owner, "dev")
    }

    #[test]
    fn others_are_named() {
        let jalon = Owner::Jalon { service: "web" };
        let helm = |release, namespace| json!({ "annotations": { "meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace } });
        assert_eq!(of(helm("shop", "dev"), jalon).as_deref(), Some("the Helm release shop"));
        let argo =
            json!({ "annotations": { "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:dev/web" } });
        assert_eq!(of(argo, jalon).as_deref(), Some("the Argo CD application shop"));
        let flux = json!({ "labels": { "kustomize.toolkit.fluxcd.io/name": "apps" } });
        assert_eq!(of(flux, jalon).as_deref(), Some("Flux's Kustomization apps"));
        let other = json!({ "labels": { MANAGED_BY: "jalon", SERVICE: "api" } });
        assert_eq!(of(other.clone(), jalon).as_deref(), Some("the service api of Jalon"));
        assert_eq!(of(other, Owner::Helm { release: "web" }).as_deref(), Some("the service api of Jalon"));
        let controlled =
            json!({ "ownerReferences": [{ "kind": "ReplicaSet", "name": "web-1", "controller": true }] });
        assert_eq!(of(controlled, jalon).as_deref(), Some("its controller ReplicaSet/web-1"));
        assert_eq!(
            of(helm("web", "prod"), Owner::Helm { release: "web" }).as_deref(),
            Some("the Helm release web in the namespace prod")
        );
        assert_eq!(
            of(json!({}), Owner::Helm { release: "web" }).as_deref(),
            Some("somebody who made it without Helm")
        );
    }

    #[test]
    fn ones_own_and_nobodys_are_free() {
        let jalon = Owner::Jalon { service: "web" };
        assert_eq!(of(json!({}), jalon), None);
        assert_eq!(of(json!({ "labels": { MANAGED_BY: "jalon", SERVICE: "web" } }), jalon), None);
        let ours = json!({ "annotations": { "meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "dev" } });
        assert_eq!(of(ours, Owner::Helm { release: "web" }), None);
    }
}
