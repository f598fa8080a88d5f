//! What a release would change, by the server's own answer: a dry run of every object beside the object as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use credentials::{Masker, Secret};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::apply::FIELD_MANAGER;
use super::autoscale::{Autoscaled, leave_replicas};
use super::compare::{compare, created, given_up, without_noise};
use super::manifests::label_as_helm;
use super::owner::other_owner;
use super::patch::{Patch, Sent};
use super::references::{is_secret, resolved};
use super::resources::{Resources, live};
use super::{Cluster, Error, FieldChange, FieldOwner, Manifest, ObjectId, Owner, Result};

/// Objects that are asked for at once.
pub(super) const AT_ONCE: usize = 8;

/// What is compared.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The release.
    pub manifests: &'a [Manifest],
    /// The release that runs: what it has and the new one has not is deleted. None at first.
    pub before: &'a [Manifest],
    /// Values of the secrets that the manifests refer to.
    pub secrets: &'a BTreeMap<String, Secret>,
    /// Who would deploy it.
    pub owner: Owner<'a>,
}

/// What a release would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    /// Objects, deletions first, then in the order of the manifests.
    pub changes: Vec<Change>,
    /// Objects that stay as they are.
    pub unchanged: usize,
    /// What the server warns of, each once, with the place in the manifests.
    pub warnings: Vec<String>,
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Deleted.
    Delete,
    /// Changed.
    Update,
    /// Created.
    Create,
}

/// An object that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What happens.
    pub action: Action,
    /// Object, with its namespace if its kind has one.
    pub id: ObjectId,
    /// Where it stands; for a deletion, where it stood.
    pub at: String,
    /// Fields that change; none for deletions, and for creations those of the manifest.
    pub fields: Vec<FieldChange>,
    /// Somebody else who deploys it: then it is refused.
    pub owner: Option<String>,
    /// Others who set fields that this release sets: then it is refused.
    pub conflicts: Vec<FieldOwner>,
    /// Whether it is an object of the whole cluster, which others may use.
    pub cluster_scoped: bool,
}

impl Diff {
    /// What is deleted, for [`super::prune`] after the rollout. Objects of others are not.
    pub fn deletions(&self) -> Vec<ObjectId> {
        let deleted = |change: &&Change| change.action == Action::Delete && change.owner.is_none();
        self.changes.iter().filter(deleted).map(|change| change.id.clone()).collect()
    }

    /// Why the release cannot be applied, if it cannot: the first object with another owner.
    pub fn refused(&self) -> Option<Error> {
        self.changes.iter().filter(|change| change.action != Action::Delete).find_map(|change| {
            let (id, at) = (Box::new(change.id.clone()), change.at.clone());
            match &change.owner {
                Some(owner) => Some(Error::Owned { id, at, owner: owner.clone() }),
                None if change.conflicts.is_empty() => None,
                None => Some(Error::Conflict { id, at, owners: change.conflicts.clone() }),
            }
        })
    }

    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// Compares. Objects of other owners are part of the answer ([`Change::owner`]); [`Diff::refused`] says whether there are any.
///
/// # Errors
/// An object that the server refuses, an API that is gone, a secret without a value, a server that does not answer, or the
/// limit passed.
pub async fn diff(cluster: &Cluster, wanted: &Wanted<'_>, limit: Duration) -> Result<Diff> {
    let work = compared(cluster, wanted);
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(Error::timeout("compare the release", limit)))
}

async fn compared(cluster: &Cluster, wanted: &Wanted<'_>) -> Result<Diff> {
    let (resources, autoscaled) =
        tokio::try_join!(Resources::discover(cluster), Autoscaled::find(cluster, wanted.manifests))?;
    let mut resources = resources;
    resources.announce(wanted.manifests);
    let mask = Masker::new(wanted.secrets.values().map(Secret::expose));
    let context = Context { cluster, wanted, resources: &resources, autoscaled: &autoscaled, mask: &mask };
    // Found before anything is asked, and told in the order of the files.
    for manifest in wanted.manifests {
        resources.find(&manifest.id(), &manifest.at)?;
    }
    let objects: Vec<_> = wanted.manifests.iter().map(|manifest| context.object(manifest)).collect();
    let objects: Vec<Compared> = stream::iter(objects).buffered(AT_ONCE).try_collect().await?;
    let gone =
        |before: &&Manifest| !wanted.manifests.iter().any(|manifest| manifest.id().is_same(&before.id()));
    let gone: Vec<_> = wanted.before.iter().filter(gone).map(|before| context.deleted(before)).collect();
    let mut changes: Vec<Change> = stream::iter(gone)
        .buffered(AT_ONCE)
        .try_filter_map(|change| async { Ok(change) })
        .try_collect()
        .await?;
    let mut unchanged = 0;
    let mut warnings = BTreeSet::new();
    for object in objects {
        warnings.extend(object.warnings);
        match object.change {
            Some(change) => changes.push(change),
            None => unchanged += 1,
        }
    }
    Ok(Diff { changes, unchanged, warnings: warnings.into_iter().collect() })
}

struct Context<'a> {
    cluster: &'a Cluster,
    wanted: &'a Wanted<'a>,
    resources: &'a Resources,
    autoscaled: &'a Autoscaled,
    mask: &'a Masker,
}

#[derive(Default)]
struct Compared {
    change: Option<Change>,
    warnings: Vec<String>,
}

impl Context<'_> {
    async fn object(&self, manifest: &Manifest) -> Result<Compared> {
        let id = manifest.id();
        let resource = self.resources.find(&id, &manifest.at)?;
        let path = resource.path(self.cluster, &id);
        let mut object = resolved(manifest, self.wanted.secrets)?;
        let helm = matches!(self.wanted.owner, Owner::Helm { .. });
        if let Owner::Helm { release } = self.wanted.owner {
            label_as_helm(&mut object, release, self.cluster.namespace());
        }
        let mut change = Change {
            action: Action::Create,
            id: resource.placed(self.cluster, &id),
            at: manifest.at.clone(),
            fields: Vec::new(),
            owner: None,
            conflicts: Vec::new(),
            cluster_scoped: !resource.namespaced,
        };
        let secret = is_secret(manifest);
        if resource.announced {
            change.fields = created(without_noise(object), secret, self.mask);
            return Ok(Compared { change: Some(change), warnings: Vec::new() });
        }
        let patch = Patch { manager: if helm { "helm" } else { FIELD_MANAGER }, dry_run: true, force: helm };
        let waits = !helm && self.autoscaled.has(manifest);
        let (now, tried) = if waits {
            let now = live(self.cluster, &path, &id).await?;
            if let Some(now) = &now {
                leave_replicas(&mut object, now);
            }
            (now, None)
        } else {
            let sent = Sent { id: &id, at: &manifest.at, path: &path, object: &object, mask: self.mask };
            let (now, tried) = tokio::join!(live(self.cluster, &path, &id), patch.send(self.cluster, &sent));
            (now?, Some(tried))
        };
        let sent = Sent { id: &id, at: &manifest.at, path: &path, object: &object, mask: self.mask };
        let tried = match tried {
            Some(tried) => tried,
            None => patch.send(self.cluster, &sent).await,
        };
        change.owner =
            now.as_ref().and_then(|now| other_owner(now, self.wanted.owner, self.cluster.namespace()));
        let answer = match tried {
            Err(Error::Conflict { owners, .. }) => {
                change.conflicts = owners;
                // What would come of it is shown all the same.
                Patch { force: true, ..patch }.send(self.cluster, &sent).await?
            }
            // Another owner is told rather than what the server thinks of this one's wishes.
            Err(_) if change.owner.is_some() => {
                change.action = Action::Update;
                return Ok(Compared { change: Some(change), warnings: Vec::new() });
            }
            tried => tried?,
        };
        let warnings = answer.warnings.iter().map(|warning| format!("{}: {warning}", manifest.at)).collect();
        match now {
            None => change.fields = created(without_noise(object), secret, self.mask),
            Some(now) => {
                change.action = Action::Update;
                change.fields = self.fields(manifest, now, answer.body, helm);
            }
        }
        let same = change.action == Action::Update
            && change.fields.is_empty()
            && change.owner.is_none()
            && change.conflicts.is_empty();
        Ok(Compared { change: (!same).then_some(change), warnings })
    }

    fn fields(&self, manifest: &Manifest, now: Value, then: Value, helm: bool) -> Vec<FieldChange> {
        let secret = is_secret(manifest);
        let (now, then) = (without_noise(now), without_noise(then));
        let mut fields = compare(&now, &then, secret, self.mask);
        // What Helm 3 set it owns by updates, which the dry run of an apply does not take away.
        let before = self.wanted.before.iter().find(|before| before.id().is_same(&manifest.id()));
        if let Some(before) = before.filter(|_| helm) {
            for change in given_up(&before.object, &manifest.object, &then, secret, self.mask) {
                if !fields.iter().any(|known| known.path == change.path) {
                    fields.push(change);
                }
            }
        }
        fields
    }

    /// A deletion, unless the object is gone already or its API is.
    async fn deleted(&self, before: &Manifest) -> Result<Option<Change>> {
        let id = before.id();
        let Ok(resource) = self.resources.find(&id, &before.at) else { return Ok(None) };
        let Some(now) = live(self.cluster, &resource.path(self.cluster, &id), &id).await? else {
            return Ok(None);
        };
        Ok(Some(Change {
            action: Action::Delete,
            id: resource.placed(self.cluster, &id),
            at: before.at.clone(),
            fields: Vec::new(),
            owner: other_owner(&now, self.wanted.owner, self.cluster.namespace()),
            conflicts: Vec::new(),
            cluster_scoped: !resource.namespaced,
        }))
    }
}
