//! A Kubernetes control plane of the tests' own: etcd, API server, controllers, scheduler, and KWOK instead of machines.
//! One for each test process, on free loopback ports; every test works in a namespace of its own. What happens to a pod
//! depends on the name of its image: `tests/peers/kwok/stages.yaml` says how.

pub mod certificates;
mod keeper;
pub(crate) mod kubeconfig;
mod servers;
pub mod team;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::{Api, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::process::LIMIT;
use crate::programs;
use certificates::Identity;
use servers::Servers;

pub use kubeconfig::{Access, CONTEXT, Plugin, plugin_processes};

/// Longest that a control plane may take to start: 10 s on two idle cores, ten times that where others build.
pub const START: Duration = Duration::from_secs(240);

static SHARED: OnceCell<Cluster> = OnceCell::const_new();
static NAMES: AtomicU32 = AtomicU32::new(1);

/// A running control plane.
pub struct Cluster {
    servers: Servers,
    administrator: Identity,
}

impl Cluster {
    /// The one of this process; started by the first who asks, ended when the process ends, however it ends.
    pub async fn shared() -> &'static Self {
        SHARED.get_or_init(Self::start).await
    }

    async fn start() -> Self {
        // Somebody else in this process may have been first: the same choice.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let servers = Servers::start().await;
        let administrator = servers.authority.user("administrator", &["system:masters"]);
        let cluster = Self { servers, administrator };
        cluster.account_exists("default").await;
        cluster
    }

    /// Address of the API server.
    pub fn address(&self) -> String {
        format!("https://127.0.0.1:{}", self.servers.port)
    }

    /// The certificate of its authority, in PEM.
    pub fn authority(&self) -> String {
        self.servers.authority.certificate()
    }

    /// Somebody who may do everything.
    pub fn administrator(&self) -> &Identity {
        &self.administrator
    }

    /// The kubeconfig of somebody who may do everything; it names no namespace.
    pub fn kubeconfig(&self) -> &Path {
        &self.servers.kubeconfig
    }

    /// Process ids of its servers.
    pub fn processes(&self) -> Vec<u32> {
        self.servers.processes()
    }

    /// Its folder, with a log for each server.
    pub fn folder(&self) -> &Path {
        &self.servers.folder
    }

    /// A client of somebody who may do everything, for this test's runtime.
    pub async fn client(&self) -> kube::Client {
        self.client_with(self.kubeconfig()).await
    }

    /// A client with a kubeconfig of this control plane; anything else is refused. It never retries, and waits for an
    /// answer no longer than [`LIMIT`].
    pub async fn client_with(&self, kubeconfig: &Path) -> kube::Client {
        let read = Kubeconfig::read_from(kubeconfig).unwrap();
        let servers: Vec<&str> =
            read.clusters.iter().filter_map(|named| named.cluster.as_ref()?.server.as_deref()).collect();
        let own = |server: &&str| server.starts_with("https://127.0.0.1:");
        assert!(servers.iter().all(own) && !servers.is_empty(), "another cluster: {servers:?}");
        let options = KubeConfigOptions { context: Some(CONTEXT.to_owned()), ..KubeConfigOptions::default() };
        let mut config = kube::Config::from_custom_kubeconfig(read, &options).await.unwrap();
        config.connect_timeout = Some(LIMIT);
        config.read_timeout = Some(LIMIT);
        config.default_retry = false;
        kube::Client::try_from(config).unwrap()
    }

    /// kubectl as somebody who may do everything.
    pub fn kubectl(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(programs::kubectl());
        command.args(["--context", CONTEXT]).args(arguments);
        command
    }

    /// A program that finds this control plane and no other.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("KUBECONFIG", self.kubeconfig())
            .env("HOME", self.folder())
            .env_remove("KUBERNETES_SERVICE_HOST");
        command
    }

    /// A new namespace whose pods may start. Its name starts with `stem`.
    pub async fn namespace(&self, stem: &str) -> String {
        let name = format!("{stem}-{}", NAMES.fetch_add(1, Ordering::Relaxed));
        let namespaces: Api<Namespace> = Api::all(self.client().await);
        namespaces
            .create(&PostParams::default(), &object(json!({ "metadata": { "name": name } })))
            .await
            .unwrap();
        self.account_exists(&name).await;
        name
    }

    /// Pods are refused until their namespace has its ServiceAccount.
    async fn account_exists(&self, namespace: &str) {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client().await, namespace);
        within(START, &format!("the ServiceAccount of {namespace}"), async || {
            accounts.get_opt("default").await.ok()?
        })
        .await;
    }

    /// A new ServiceAccount that may do in its namespace what a ClusterRole allows (`view`, `edit`, `admin`), and its
    /// token.
    pub async fn account(&self, namespace: &str, name: &str, role: &str) -> String {
        let client = self.client().await;
        let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), namespace);
        let options = PostParams::default();
        accounts.create(&options, &object(json!({ "metadata": { "name": name } }))).await.unwrap();
        let binding = json!({
            "metadata": { "name": name },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role },
            "subjects": [{ "kind": "ServiceAccount", "name": name, "namespace": namespace }],
        });
        let bindings: Api<RoleBinding> = Api::namespaced(client.clone(), namespace);
        bindings.create(&options, &object(binding)).await.unwrap();
        // The server learns of a binding a moment after it has taken it.
        let (verb, group, resource) =
            if role == "view" { ("get", "", "pods") } else { ("patch", "apps", "deployments") };
        let review: SubjectAccessReview = object(json!({ "spec": {
            "user": format!("system:serviceaccount:{namespace}:{name}"),
            "resourceAttributes": { "namespace": namespace, "verb": verb, "group": group, "resource": resource },
        }}));
        let reviews: Api<SubjectAccessReview> = Api::all(client);
        within(START, &format!("what {name} may do in {namespace}"), async || {
            let answer = reviews.create(&options, &review).await.ok()?;
            answer.status.filter(|status| status.allowed)
        })
        .await;
        let request = TokenRequest {
            spec: TokenRequestSpec { expiration_seconds: Some(3600), ..TokenRequestSpec::default() },
            ..TokenRequest::default()
        };
        accounts.create_token_request(name, &options, &request).await.unwrap().status.unwrap().token
    }

    /// From now on these lines are the log of every container that is named `talks`.
    pub fn writes(&self, lines: &[&str]) {
        let line = |text: &&str| format!("2026-01-01T10:00:00.000000000Z stdout F {text}\n");
        let text: String = lines.iter().map(line).collect();
        std::fs::write(self.folder().join(servers::LOG), text).unwrap();
    }

    /// Writes `kubeconfig.json` into a folder: this control plane, with this access, in this namespace.
    pub fn write_kubeconfig(&self, folder: &Path, access: &Access, namespace: &str) -> PathBuf {
        let access = kubeconfig::user(self, folder, access);
        kubeconfig::write(folder, &self.address(), &self.authority(), &access, namespace)
    }

    pub(crate) fn certificates(&self) -> &certificates::Authority {
        &self.servers.authority
    }
}

/// An object of the API from its JSON.
pub fn object<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// A Deployment with one container of an image: `broken`, `crash`, `oomkilled`, `misconfigured`, `nosecret`, `unready` or
/// `stuck` in
/// the image's name decides how its pods fare.
pub fn deployment(name: &str, image: &str, replicas: i32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name },
        "spec": {
            "replicas": replicas,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{ "name": "main", "image": image }] },
            },
        },
    })
}

/// Asks again until there is something; fails after [`LIMIT`] with `what`.
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    within(LIMIT, what, ask).await
}

async fn within<T>(limit: Duration, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let found = tokio::time::timeout(limit, asking).await;
    found.unwrap_or_else(|_| panic!("{what} did not happen within {} s", limit.as_secs()))
}
