//! What a deployment would change.

use deployments::kubernetes::{self, Owner, Seen, Wanted};

use super::view::{not_a_cluster, place_of};
use super::{ANSWERS, beside_charts, names, release_name, render, secret_name, values};
use crate::deploy::{At, What, config_at, plan, release_of, working_tree};
use crate::wire::*;
use crate::{Engine, Error, Result, Work};

/// What a deployment would change.
///
/// # Errors
/// The version does not render, an object has another owner, or the cluster cannot be read.
pub async fn diff(engine: &Engine, params: DiffQuery, work: &Work) -> Result<Diff> {
    work.soon("comparing with the cluster", async {
        let (project, place) = place_of(&params.dir, &params.service, &params.environment)?;
        let At::Cluster { .. } = place.at else { return Err(not_a_cluster(&place)) };
        engine.expect_trust(&project.dir, &project.config)?;
        let environment = project.environment(&params.environment)?;
        let clone = engine.clone_of(&project.dir).await?;
        let release = match &params.version {
            Some(version) => release_of(clone.resolve(version).await?),
            None => working_tree(&project, &clone).await?,
        };
        let (config, at) = match &release.dirty {
            Some(_) => (project.config.clone(), "jalon.toml".to_owned()),
            None => config_at(&project, &clone, &release.sha).await?,
        };
        let what = plan::what(plan::service_of(&config, &place.service, &at)?, &place, &at)?;
        let folder = engine.export_release(&project, &clone, &release, &place.environment).await?;
        let variables = crate::deploy::variables_of(engine, &environment.variables, &release, &place);
        let cluster = engine.cluster_of(&place, ANSWERS).await?;
        let secrets: Vec<_> = engine.secrets_of(environment).await?;
        let secrets = values(&secrets, &environment.secrets);
        let helm_release = release_name(&place.service);
        let left = engine.objects_at(&project.dir, &place)?;
        let secret_names = names(environment);
        let proven = match &release.dirty {
            Some(_) => None,
            None => {
                let from = environment.promotes_from.as_deref();
                engine.proven(&project, from, &place.service, &release.sha).await?
            }
        };
        let mut own = Vec::new();
        if !secret_names.is_empty() {
            own.push(kubernetes::secret(&secret_name(&place.service), &secret_names));
        }
        let labels = kubernetes::Labels {
            service: &place.service,
            release: "next",
            version: &release.version,
            commit: None,
            brought: "next",
            environment: &place.environment,
        };
        let by_jalon = Owner::Jalon { service: &place.service };
        let mut changes = Vec::new();
        let (mut unchanged, mut warnings) = (0, Vec::new());
        let (manifests, before, owner) = match &what {
            What::Chart { helm, values } => {
                let program = kubernetes::Helm::find(&engine.around.inherited, &cluster, ANSWERS).await?;
                let texts = render::values(&folder, values, &environment.name)?;
                let private =
                    tempfile::tempdir_in(&engine.around.home).map_err(|error| Error::DataFolder {
                        path: engine.around.home.display().to_string(),
                        reason: error.to_string(),
                    })?;
                let chart = kubernetes::Chart {
                    release: &helm_release,
                    dir: &folder.join(helm.replace("{environment}", &environment.name)),
                    values: &texts,
                    environment: &environment.name,
                    variables: &variables,
                    secrets: &secrets,
                    pins: engine.pins(proven.as_ref()),
                    private: private.path(),
                };
                let after = program.rendered(&chart, ANSWERS).await?.manifests;
                let before = program.manifests(&helm_release, None, ANSWERS).await?;
                kubernetes::label(&mut own, &labels);
                let was = beside_charts(&left, &place.service);
                let wanted = Wanted { manifests: &own, before: &was, secrets: &secrets, owner: by_jalon };
                let found = kubernetes::diff(&cluster, &wanted, crate::FOREGROUND).await?;
                changes.extend(found.changes);
                unchanged += found.unchanged;
                warnings.extend(found.warnings);
                (after, before, Owner::Helm { release: &helm_release })
            }
            What::Manifests { manifests } => {
                let mut after = render::manifests(
                    &folder,
                    manifests,
                    &place,
                    cluster.namespace(),
                    &variables,
                    &secret_names,
                )?;
                after.append(&mut own);
                if let Some(proven) = &proven {
                    kubernetes::pin(&mut after, &proven.digests);
                }
                kubernetes::label(&mut after, &labels);
                (after, left, by_jalon)
            }
            What::Process { .. } => return Err(not_a_cluster(&place)),
        };
        let wanted = Wanted { manifests: &manifests, before: &before, secrets: &secrets, owner };
        let found = kubernetes::diff(&cluster, &wanted, crate::FOREGROUND).await?;
        changes.extend(found.changes);
        unchanged += found.unchanged;
        warnings.extend(found.warnings);
        changes.sort_by_key(|change| change.action != kubernetes::Action::Delete);
        Ok(Diff {
            version: release.version,
            place: format!("{}/{}", cluster.context(), cluster.namespace()),
            objects: changes.into_iter().map(change).collect(),
            unchanged: u32::try_from(unchanged).unwrap_or(u32::MAX),
            warnings,
        })
    })
    .await
}

fn change(change: kubernetes::Change) -> ObjectChange {
    let seen = |seen: Seen| match seen {
        Seen::Absent => ValueView::Absent,
        Seen::Masked => ValueView::Masked,
        Seen::Value(text) => ValueView::Value { text },
    };
    ObjectChange {
        action: match change.action {
            kubernetes::Action::Delete => ObjectAction::Delete,
            kubernetes::Action::Update => ObjectAction::Update,
            kubernetes::Action::Create => ObjectAction::Create,
        },
        kind: change.id.kind,
        name: change.id.name,
        namespace: change.id.namespace,
        fields: change
            .fields
            .into_iter()
            .map(|field| AttributeChange {
                path: field.path,
                before: seen(field.before),
                after: seen(field.after),
                forces_replacement: false,
            })
            .collect(),
        owner: change.owner,
    }
}
