//! A namespace of the control plane, and a kubeconfig that leads there.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use credentials::Secret;
use deployments::kubernetes::{
    self, Action, Applying, Cluster, Diff, Labels, Manifest, Owner, Place, Seen, Wanted,
};
use jiff::Timestamp;
use tests::cluster::{Access, CONTEXT, Cluster as Peer};
use tests::programs;

pub(crate) const LIMIT: Duration = Duration::from_secs(60);
/// Must be found nowhere but in the cluster's Secret.
pub(crate) const CANARY: &str = "c4n4ry-In-The-Cluster";

/// A namespace, and a kubeconfig that leads there.
pub(crate) struct Scene {
    pub(crate) peer: &'static Peer,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) namespace: String,
    pub(crate) environment: BTreeMap<OsString, OsString>,
}

impl Scene {
    pub(crate) async fn new(stem: &str) -> Self {
        Self::with(stem, |_| Access::Administrator).await
    }

    pub(crate) async fn with(stem: &str, access: impl FnOnce(&str) -> Access) -> Self {
        let peer = Peer::shared().await;
        let namespace = peer.namespace(stem).await;
        let folder = tempfile::tempdir().unwrap();
        let access = access(&namespace);
        let mut scene = Self { peer, folder, namespace, environment: BTreeMap::new() };
        scene.sign_in(&access);
        scene
    }

    pub(crate) fn sign_in(&mut self, access: &Access) {
        // What an earlier access left.
        let _ = std::fs::remove_file(self.folder.path().join("credential-plugin"));
        let kubeconfig = self.peer.write_kubeconfig(self.folder.path(), access, &self.namespace);
        let helm = programs::helm();
        let path =
            std::env::join_paths([helm.parent().unwrap(), Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
        self.environment = BTreeMap::from([
            ("KUBECONFIG".into(), kubeconfig.into()),
            ("HOME".into(), self.folder.path().into()),
            ("PATH".into(), path),
        ]);
    }

    pub(crate) async fn try_connect(&self, limit: Duration) -> kubernetes::Result<Cluster> {
        let access = kubernetes::Access {
            environment: &self.environment,
            context: Some(CONTEXT),
            namespace: &self.namespace,
            now: Arc::new(|| "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap()),
        };
        Cluster::connect(&access, limit).await
    }

    pub(crate) async fn connect(&self) -> Cluster {
        self.try_connect(LIMIT).await.unwrap()
    }

    pub(crate) fn read(&self, text: &str) -> kubernetes::Result<Vec<Manifest>> {
        let secrets = BTreeSet::from(["PASSWORD".to_owned()]);
        let variables = BTreeMap::from([("REPLICAS".to_owned(), "2".to_owned())]);
        let place = Place {
            environment: "dev",
            namespace: &self.namespace,
            variables: &variables,
            secrets: &secrets,
        };
        let mut manifests = kubernetes::read(&[("k8s/web.yaml".to_owned(), text.to_owned())], &place)?;
        kubernetes::label(
            &mut manifests,
            &Labels {
                service: "web",
                release: "7",
                version: "v1",
                commit: None,
                brought: "t",
                environment: "dev",
            },
        );
        Ok(manifests)
    }

    pub(crate) fn kubectl(&self, arguments: &[&str]) -> String {
        let output = self.peer.kubectl(&["-n", &self.namespace]).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// kubectl with a manifest as its input.
    pub(crate) fn kubectl_apply(&self, arguments: &[&str], manifest: &str) {
        let path = self.folder.path().join("kubectl.yaml");
        std::fs::write(&path, manifest).unwrap();
        let path = path.display().to_string();
        self.kubectl(&[&["apply", "-f", path.as_str()], arguments].concat());
    }
}

pub(crate) fn secrets() -> BTreeMap<String, Secret> {
    BTreeMap::from([("PASSWORD".to_owned(), Secret::new(CANARY.to_owned()))])
}

pub(crate) async fn diff(
    cluster: &Cluster,
    manifests: &[Manifest],
    before: &[Manifest],
) -> kubernetes::Result<Diff> {
    let wanted = Wanted { manifests, before, secrets: &secrets(), owner: Owner::Jalon { service: "web" } };
    kubernetes::diff(cluster, &wanted, LIMIT).await
}

pub(crate) async fn apply(cluster: &Cluster, manifests: &[Manifest]) -> kubernetes::Result<Vec<String>> {
    let secrets = secrets();
    let applying = Applying { manifests, secrets: &secrets, service: "web" };
    let mut heard = 0;
    let applied = kubernetes::apply(cluster, &applying, LIMIT, &mut |_| heard += 1).await?;
    assert_eq!(applied.len(), heard);
    assert!(applied.iter().all(|applied| !applied.uid.is_empty() && !applied.resource_version.is_empty()));
    let mut lines: Vec<String> =
        applied.iter().map(|applied| format!("{} {:?}", applied.id, applied.outcome)).collect();
    lines.sort();
    Ok(lines)
}

pub(crate) fn told(diff: &Diff) -> Vec<String> {
    let seen = |seen: &Seen| match seen {
        Seen::Absent => "-".to_owned(),
        Seen::Masked => "***".to_owned(),
        Seen::Value(text) => text.clone(),
    };
    let mut lines = Vec::new();
    for change in &diff.changes {
        lines.push(format!("{:?} {}", change.action, change.id));
        if change.action == Action::Update {
            let fields = change.fields.iter();
            lines.extend(fields.map(|f| format!("  {}: {} -> {}", f.path, seen(&f.before), seen(&f.after))));
        }
    }
    lines
}

/// A small service.
pub(crate) const WEB: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {greeting: hello}
---
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData:
  url: postgres://web:${PASSWORD}@db/web
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${REPLICAS}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: 'example.org/web:1', ports: [{containerPort: 8080}]}
";
