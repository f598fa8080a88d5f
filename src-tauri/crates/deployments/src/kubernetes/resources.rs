//! What a cluster serves: under which path an object of a kind stands.

use std::collections::BTreeMap;

use http::Method;
use kube::client::APIGroupDiscoveryList;
use serde_json::Value;

use super::request::Answer;
use super::{Cluster, Error, Manifest, ObjectId, Result};

/// A kind that the cluster serves, or is about to.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    plural: String,
    pub(super) namespaced: bool,
    /// Its CRD is in the release, so the server does not know it yet.
    pub(super) announced: bool,
}

/// Kinds by version (`apps/v1`) and name (`Deployment`), in the server's order of preference.
#[derive(Debug, Default)]
pub(super) struct Resources {
    served: BTreeMap<(String, String), Resource>,
    versions: BTreeMap<String, Vec<String>>,
}

impl Resources {
    /// Asks the server, in two requests (aggregated discovery, Kubernetes 1.26 and newer).
    pub(super) async fn discover(cluster: &Cluster) -> Result<Self> {
        let client = cluster.client();
        let (core, groups) =
            tokio::join!(client.list_core_api_versions_aggregated(), client.list_api_groups_aggregated());
        let explain = |error: kube::Error| cluster.explain("list what it serves", &error);
        let mut resources = Self::default();
        resources.add(core.map_err(explain)?);
        resources.add(groups.map_err(explain)?);
        Ok(resources)
    }

    fn add(&mut self, list: APIGroupDiscoveryList) {
        for group in list.items {
            let name = group.metadata.and_then(|metadata| metadata.name).unwrap_or_default();
            for version in group.versions {
                let version_name = version.version.unwrap_or_default();
                let api_version =
                    if name.is_empty() { version_name } else { format!("{name}/{version_name}") };
                for resource in version.resources {
                    let kind = resource.response_kind.and_then(|kind| kind.kind).unwrap_or_default();
                    let plural = resource.resource.unwrap_or_default();
                    let namespaced = resource.scope.as_deref() == Some("Namespaced");
                    self.put(&api_version, &kind, Resource { plural, namespaced, announced: false });
                }
            }
        }
    }

    fn put(&mut self, api_version: &str, kind: &str, resource: Resource) {
        let key = (api_version.to_owned(), kind.to_owned());
        if self.served.contains_key(&key) {
            return;
        }
        self.served.insert(key, resource);
        self.versions.entry(kind.to_owned()).or_default().push(api_version.to_owned());
    }

    /// Learns the kinds of the CRDs that a release brings itself.
    pub(super) fn announce(&mut self, manifests: &[Manifest]) {
        for manifest in manifests.iter().filter(|manifest| manifest.kind() == "CustomResourceDefinition") {
            let spec = |path: &str| manifest.object.pointer(path).and_then(Value::as_str).unwrap_or_default();
            let (group, kind, plural) =
                (spec("/spec/group"), spec("/spec/names/kind"), spec("/spec/names/plural"));
            let namespaced = spec("/spec/scope") == "Namespaced";
            let versions = manifest.object.pointer("/spec/versions").and_then(Value::as_array);
            for version in versions.into_iter().flatten().filter_map(|version| version.get("name")?.as_str())
            {
                let resource = Resource { plural: plural.to_owned(), namespaced, announced: true };
                self.put(&format!("{group}/{version}"), kind, resource);
            }
        }
    }

    /// The resource of an object.
    ///
    /// # Errors
    /// [`Error::ApiGone`], with the version that does serve the kind, of the same group if there is one.
    pub(super) fn find(&self, id: &ObjectId, at: &str) -> Result<&Resource> {
        let found = self.served.get(&(id.api_version.clone(), id.kind.clone()));
        found.ok_or_else(|| {
            let versions = self.versions.get(&id.kind).map_or(&[][..], Vec::as_slice);
            let group =
                |version: &&String| version.split_once('/').map_or("", |(group, _)| group) == id.group();
            Error::ApiGone {
                at: at.to_owned(),
                api_version: id.api_version.clone(),
                kind: id.kind.clone(),
                successor: versions.iter().find(group).or(versions.first()).cloned(),
            }
        })
    }
}

impl Resource {
    /// Path of an object, in the cluster's namespace if the kind has namespaces.
    pub(super) fn path(&self, cluster: &Cluster, id: &ObjectId) -> String {
        let root = if id.api_version.contains('/') { "apis" } else { "api" };
        let namespace = match self.namespaced {
            true => format!("/namespaces/{}", id.namespace.as_deref().unwrap_or(cluster.namespace())),
            false => String::new(),
        };
        format!("/{root}/{}{namespace}/{}/{}", id.api_version, self.plural, id.name)
    }

    /// The object's name with the namespace it is in.
    pub(super) fn placed(&self, cluster: &Cluster, id: &ObjectId) -> ObjectId {
        let here = || id.namespace.clone().unwrap_or_else(|| cluster.namespace().to_owned());
        ObjectId { namespace: self.namespaced.then(here), ..id.clone() }
    }
}

/// The object as it is now; none if there is none.
pub(super) async fn live(cluster: &Cluster, path: &str, id: &ObjectId) -> Result<Option<Value>> {
    let answer: Answer = cluster.ask(Method::GET, path, None).await?;
    match answer.status {
        404 => Ok(None),
        _ if answer.is_success() => Ok(Some(answer.body)),
        _ => Err(cluster.told(&format!("read {id}"), &answer)),
    }
}
