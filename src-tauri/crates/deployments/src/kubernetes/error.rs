//! What can go wrong with a cluster: told with what happened, to what, and what to do.

use super::manifests::ObjectId;

/// Result of this room.
pub type Result<T> = std::result::Result<T, Error>;

/// Fields of an object that somebody else set.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FieldOwner {
    /// Name of the field manager: `kubectl-client-side-apply`, `helm`, `kube-controller-manager` ….
    pub manager: String,
    /// Paths as the server tells them: `.spec.replicas`.
    pub fields: Vec<String>,
}

/// What can go wrong. No variant carries a secret: what programs and servers said has been masked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no kubeconfig.
    #[error(
        "there is no kubeconfig: {looked} does not exist; create it with your provider's tool, or set KUBECONFIG"
    )]
    NoKubeconfig {
        /// The paths that were looked at.
        looked: String,
    },
    /// A kubeconfig cannot be read.
    #[error("the kubeconfig {path} cannot be used: {reason}")]
    KubeconfigInvalid {
        /// File.
        path: String,
        /// Why; never its text.
        reason: String,
    },
    /// The context is not in the kubeconfig.
    #[error("the kubeconfig has no context {context:?}{}; change target.context in jalon.toml or sign in to that cluster", known_as(.known))]
    UnknownContext {
        /// The wanted one; empty where the current one is meant and there is none.
        context: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// The credential for the cluster cannot be had.
    #[error("no credential for context {context:?}: {reason}")]
    Credential {
        /// Context.
        context: String,
        /// Why, masked.
        reason: String,
    },
    /// The program that gets the credential does not end.
    #[error(
        "{program}, which signs in to context {context:?}, did not end within {limit_ms} ms and was ended: run it in a terminal, it may ask something"
    )]
    CredentialTimeout {
        /// Context.
        context: String,
        /// Its name, without folder and arguments.
        program: String,
        /// Limit, in milliseconds.
        limit_ms: u64,
    },
    /// Nobody answers.
    #[error("the cluster at {server} cannot be reached: {reason}")]
    Unreachable {
        /// Host and port.
        server: String,
        /// Why.
        reason: String,
    },
    /// The server's certificate, or the client's, is not good.
    #[error("the connection to {server} is not safe: {reason}")]
    Certificate {
        /// Host and port.
        server: String,
        /// Whose certificate and what is wrong with it.
        reason: String,
    },
    /// 401.
    #[error("{server} does not accept the credential of context {context:?}: {reason}")]
    Unauthorized {
        /// Host and port.
        server: String,
        /// Context.
        context: String,
        /// What is known about it.
        reason: String,
    },
    /// 403.
    #[error("the cluster does not allow you to {what}: {reason}")]
    Forbidden {
        /// What was asked.
        what: String,
        /// The server's words, which name user and verb.
        reason: String,
    },
    /// The namespace is not there.
    #[error(
        "there is no namespace {namespace:?} in context {context:?}: create it (kubectl create namespace {namespace}) or change target.namespace"
    )]
    NamespaceMissing {
        /// Namespace.
        namespace: String,
        /// Context.
        context: String,
    },
    /// The namespace is on its way out.
    #[error(
        "the namespace {namespace:?} is being deleted, so nothing can be created in it: wait until it is gone, then create it anew"
    )]
    NamespaceEnding {
        /// Namespace.
        namespace: String,
    },
    /// The caller's limit passed.
    #[error("no answer within {limit_ms} ms to: {what}")]
    Timeout {
        /// What was waited for.
        what: String,
        /// Limit, in milliseconds.
        limit_ms: u64,
    },
    /// A manifest or a values file is not good.
    #[error("{at}: {reason}")]
    Manifest {
        /// `path:line` or `path:line:column`.
        at: String,
        /// What is wrong.
        reason: String,
    },
    /// Two documents of one name.
    #[error("{id} stands twice, in {first} and in {second}: the second would undo the first")]
    Duplicate {
        /// Object.
        id: Box<ObjectId>,
        /// Where first.
        first: String,
        /// Where again.
        second: String,
    },
    /// A manifest names another namespace.
    #[error(
        "{at}: {id} names the namespace {namespace:?}, but this environment deploys to {expected:?}: leave metadata.namespace out"
    )]
    OtherNamespace {
        /// Object.
        id: Box<ObjectId>,
        /// Where.
        at: String,
        /// Namespace it names.
        namespace: String,
        /// The environment's.
        expected: String,
    },
    /// More than is read.
    #[error("{what} is too large: at most {limit}")]
    TooLarge {
        /// What.
        what: String,
        /// How much is read.
        limit: String,
    },
    /// A Secret's value stands in the repository.
    #[error(
        "{at}: {id} holds the value of {key:?} in plain text; keep it in the keychain (jalonctl credentials set NAME), list NAME in the environment's secrets and write ${{NAME}} in its place, under stringData"
    )]
    SecretInText {
        /// The Secret.
        id: Box<ObjectId>,
        /// Where.
        at: String,
        /// Which key.
        key: String,
    },
    /// A secret would be readable by everybody who may read workloads.
    #[error(
        "{at}: {id} would hold the secret {name} in {path}, where everybody who may see it can read it; put it into a Secret's stringData and refer to that (secretKeyRef)"
    )]
    SecretOutside {
        /// Object.
        id: Box<ObjectId>,
        /// Where.
        at: String,
        /// Name of the secret.
        name: String,
        /// Path in the object.
        path: String,
    },
    /// The keychain has no value for a reference.
    #[error(
        "{at}: {id} needs the secret {name}, which is not in the keychain: jalonctl credentials set {name}"
    )]
    SecretMissing {
        /// Object.
        id: Box<ObjectId>,
        /// Where.
        at: String,
        /// Name of the secret.
        name: String,
    },
    /// The cluster does not serve this API.
    #[error("{at}: this cluster has no {kind} in {api_version}{}", successor_text(.successor.as_deref()))]
    ApiGone {
        /// Where.
        at: String,
        /// As the manifest has it.
        api_version: String,
        /// Kind.
        kind: String,
        /// The version in which the cluster does serve the kind.
        successor: Option<String>,
    },
    /// Somebody else deploys the object.
    #[error(
        "{at}: {id} belongs to {owner}, and an object with two owners is undone by turns: nothing was changed"
    )]
    Owned {
        /// Object.
        id: Box<ObjectId>,
        /// Where.
        at: String,
        /// Who.
        owner: String,
    },
    /// 409 of a server-side apply: fields belong to other managers.
    #[error("{at}: {id} has fields that others set: {}; take them out of the manifest or let the other give them up", owners_text(.owners))]
    Conflict {
        /// Object.
        id: Box<ObjectId>,
        /// Where.
        at: String,
        /// Who owns what.
        owners: Vec<FieldOwner>,
    },
    /// An admission webhook or policy denies the object.
    #[error("{at}: a rule of the cluster denies {id}: {reason}")]
    Denied {
        /// Object.
        id: Box<ObjectId>,
        /// Where.
        at: String,
        /// Its words.
        reason: String,
    },
    /// The server does not take the object: it is invalid.
    #[error("{at}: the cluster refuses {id}: {reason}")]
    Rejected {
        /// Object.
        id: Box<ObjectId>,
        /// Where.
        at: String,
        /// The server's words.
        reason: String,
    },
    /// A field cannot be changed after creation.
    #[error("{at}: {id} cannot be changed in place: {reason}; delete it first or give it a new name")]
    Immutable {
        /// Object.
        id: Box<ObjectId>,
        /// Where.
        at: String,
        /// The server's words.
        reason: String,
    },
    /// A quota is used up.
    #[error("{at}: there is no room for {id}: {reason}")]
    Quota {
        /// Object.
        id: Box<ObjectId>,
        /// Where.
        at: String,
        /// The server's words.
        reason: String,
    },
    /// Another answer of the server.
    #[error("the cluster answered {status} to: {what}; {message}")]
    Api {
        /// What was asked.
        what: String,
        /// HTTP status.
        status: u16,
        /// The server's words.
        message: String,
    },
    /// The text of a recorded release is not one.
    #[error("the recorded release cannot be read: {reason}")]
    Recorded {
        /// Why.
        reason: String,
    },
    /// There is no Helm.
    #[error("helm is not installed (looked on PATH): install Helm 3.13 or newer, or 4, from https://helm.sh")]
    HelmMissing,
    /// Helm is too old or unknown.
    #[error("helm {version} cannot be used: install Helm 3.13 or newer, or 4")]
    HelmTooOld {
        /// Version as it said.
        version: String,
    },
    /// The chart is not there.
    #[error("there is no chart in {dir}: {reason}")]
    ChartMissing {
        /// Folder.
        dir: String,
        /// What is missing.
        reason: String,
    },
    /// The chart does not render.
    #[error("the chart does not render: {at}: {reason}")]
    ChartDoesNotRender {
        /// Template and line, as Helm names them; the chart where it names none.
        at: String,
        /// Helm's words.
        reason: String,
    },
    /// Another operation on the release has not ended.
    #[error(
        "another operation on the Helm release {release} has not ended ({status} since {since}): wait for it; if whoever began it is gone, roll back (helm rollback {release}){}",
        first_install(.status)
    )]
    HelmPending {
        /// Release.
        release: String,
        /// `pending-install`, `pending-upgrade` or `pending-rollback`.
        status: String,
        /// When it began, RFC 3339.
        since: String,
    },
    /// There is no such release or revision.
    #[error("Helm has no {what}")]
    HelmUnknown {
        /// Release and revision.
        what: String,
    },
    /// Helm ended with an error.
    #[error("helm could not {what}: {reason}")]
    Helm {
        /// What it was asked to do.
        what: String,
        /// Its words, masked.
        reason: String,
    },
    /// A file could not be written or read.
    #[error("{path}: {reason}")]
    File {
        /// File.
        path: String,
        /// What the system said.
        reason: String,
    },
}

impl Error {
    /// A short stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoKubeconfig { .. } => "no_kubeconfig",
            Self::KubeconfigInvalid { .. } => "kubeconfig_invalid",
            Self::UnknownContext { .. } => "unknown_context",
            Self::Credential { .. } => "credential",
            Self::CredentialTimeout { .. } => "credential_timeout",
            Self::Unreachable { .. } => "unreachable",
            Self::Certificate { .. } => "certificate",
            Self::Unauthorized { .. } => "unauthorized",
            Self::Forbidden { .. } => "forbidden",
            Self::NamespaceMissing { .. } => "namespace_missing",
            Self::NamespaceEnding { .. } => "namespace_ending",
            Self::Timeout { .. } => "timeout",
            Self::Manifest { .. } => "manifest",
            Self::Duplicate { .. } => "duplicate",
            Self::OtherNamespace { .. } => "other_namespace",
            Self::TooLarge { .. } => "too_large",
            Self::SecretInText { .. } => "secret_in_text",
            Self::SecretOutside { .. } => "secret_outside",
            Self::SecretMissing { .. } => "secret_missing",
            Self::ApiGone { .. } => "api_gone",
            Self::Owned { .. } => "owned",
            Self::Conflict { .. } => "conflict",
            Self::Denied { .. } => "denied",
            Self::Rejected { .. } => "rejected",
            Self::Immutable { .. } => "immutable",
            Self::Quota { .. } => "quota",
            Self::Api { .. } => "api",
            Self::Recorded { .. } => "recorded",
            Self::HelmMissing => "helm_missing",
            Self::HelmTooOld { .. } => "helm_too_old",
            Self::ChartMissing { .. } => "chart_missing",
            Self::ChartDoesNotRender { .. } => "chart_does_not_render",
            Self::HelmPending { .. } => "helm_pending",
            Self::HelmUnknown { .. } => "helm_unknown",
            Self::Helm { .. } => "helm",
            Self::File { .. } => "file",
        }
    }

    /// Whether Jalon refused, rather than something failed: another owner, or a secret about to be shown.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Owned { .. }
                | Self::Conflict { .. }
                | Self::OtherNamespace { .. }
                | Self::SecretInText { .. }
                | Self::SecretOutside { .. }
        )
    }

    /// A limit that passed.
    pub(crate) fn timeout(what: impl Into<String>, limit: std::time::Duration) -> Self {
        Self::Timeout { what: what.into(), limit_ms: crate::error::milliseconds(limit) }
    }

    /// A failed operation on a file.
    pub(crate) fn file(path: &std::path::Path, reason: impl std::fmt::Display) -> Self {
        Self::File { path: path.display().to_string(), reason: reason.to_string() }
    }
}

fn known_as(known: &[String]) -> String {
    match known {
        [] => "; it has none".to_owned(),
        known => format!("; it has {}", known.join(", ")),
    }
}

fn successor_text(successor: Option<&str>) -> String {
    match successor {
        Some(version) => format!(": write apiVersion: {version}"),
        None => ": it was removed, or its CRD is not installed".to_owned(),
    }
}

fn owners_text(owners: &[FieldOwner]) -> String {
    let owner = |owner: &FieldOwner| format!("{} by {}", owner.fields.join(", "), owner.manager);
    owners.iter().map(owner).collect::<Vec<_>>().join("; ")
}

fn first_install(status: &str) -> &'static str {
    if status == "pending-install" { ", or uninstall it, for it was its first installation" } else { "" }
}
