//! Credentials that a program hands out (EKS, GKE, OIDC …): client-go's credential plugins, run off the async threads, with a
//! deadline, never asking anybody, and asked again when what they gave is about to end.
//! (<https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>)

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use credentials::{Masker, Secret};
use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use kube::config::{Cluster as Server, ExecAuthCluster, ExecConfig};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use super::program::{Failure, Program, masked_words};
use super::{Clock, Error, Result};

/// A token is asked for again this long before it ends.
const EARLY: SignedDuration = SignedDuration::from_secs(30);

/// A program that hands out credentials, and the token that it gave last.
pub(super) struct Plugin {
    context: String,
    command: String,
    arguments: Vec<OsString>,
    environment: BTreeMap<OsString, OsString>,
    install_hint: Option<String>,
    mask: Masker,
    limit: Duration,
    now: Clock,
    held: Mutex<Option<Held>>,
}

/// A token. Without an end it is good until the server says otherwise.
struct Held {
    token: Secret,
    until: Option<Timestamp>,
}

/// What a plugin gave: a token, a client certificate with its key (both PEM), or both.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    token: Option<Secret>,
    expiration_timestamp: Option<String>,
    pub(super) client_certificate_data: Option<String>,
    pub(super) client_key_data: Option<Secret>,
}

#[derive(Deserialize)]
struct ExecCredential {
    status: Option<Status>,
}

impl Plugin {
    /// Takes the kubeconfig's words. `limit` is the time that the program has, each time.
    pub(super) fn new(
        context: &str,
        exec: &ExecConfig,
        server: &Server,
        inherited: &BTreeMap<OsString, OsString>,
        limit: Duration,
        now: Clock,
    ) -> Result<Self> {
        let broken =
            |reason: &str| Error::Credential { context: context.to_owned(), reason: reason.to_owned() };
        let command = exec.command.clone().ok_or_else(|| broken("its exec plugin names no command"))?;
        let mut info = json!({
            "kind": "ExecCredential",
            "apiVersion": exec.api_version,
            // Nobody sits at a terminal here: a plugin that has to ask fails instead of waiting.
            "spec": { "interactive": false },
        });
        if exec.provide_cluster_info {
            let about = ExecAuthCluster::try_from(server)
                .map_err(|error| broken(&super::kubeconfig::plain(&error)))?;
            info["spec"]["cluster"] = serde_json::to_value(about)
                .map_err(|_| broken("its cluster cannot be described to the plugin"))?;
        }
        let given: Vec<(&String, &String)> = exec
            .env
            .iter()
            .flatten()
            .filter_map(|pair| Some((pair.get("name")?, pair.get("value")?)))
            .collect();
        let arguments = exec.args.clone().unwrap_or_default();
        let mask = Masker::new(
            given.iter().map(|(_, value)| value.as_str()).chain(arguments.iter().map(String::as_str)),
        );
        let mut environment = inherited.clone();
        environment.extend(given.iter().map(|(name, value)| (name.into(), value.into())));
        environment.insert("KUBERNETES_EXEC_INFO".into(), info.to_string().into());
        Ok(Self {
            context: context.to_owned(),
            command,
            arguments: arguments.into_iter().map(OsString::from).collect(),
            environment,
            install_hint: exec.install_hint.clone(),
            mask,
            limit,
            now,
            held: Mutex::new(None),
        })
    }

    /// Runs the program.
    pub(super) async fn fetch(&self) -> Result<Status> {
        let name = self.name();
        let failed = |reason: String| Error::Credential { context: self.context.clone(), reason };
        let program = Program {
            program: &self.command,
            arguments: &self.arguments,
            environment: &self.environment,
            dir: None,
            grace: Duration::ZERO,
            cancel: None,
        };
        let output = program.run(self.limit).await.map_err(|failure| match failure {
            Failure::NotFound => {
                let hint = self.install_hint.as_deref().map(|hint| format!(": {}", hint.trim()));
                failed(format!("{name}, which signs in, is not installed{}", hint.unwrap_or_default()))
            }
            Failure::NotStarted(error) => failed(format!("{name} could not be started: {error}")),
            Failure::Cancelled => failed(format!("{name} was cancelled")),
            Failure::TimedOut => Error::CredentialTimeout {
                context: self.context.clone(),
                program: name.clone(),
                limit_ms: crate::error::milliseconds(self.limit),
            },
        })?;
        if !output.success {
            let code = output.code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
            let words = masked_words(&output.stderr, &self.mask);
            let words = if words.is_empty() { "it said nothing".to_owned() } else { words };
            return Err(failed(format!("{name} ended with {code}: {words}; sign in again in a terminal")));
        }
        // Most plugins write JSON, some YAML, which holds JSON; the parser's words are left out, for they quote the text.
        let credential: ExecCredential = serde_saphyr::from_slice(&output.stdout)
            .map_err(|_| failed(format!("{name} wrote no ExecCredential")))?;
        let status = credential.status.ok_or_else(|| failed(format!("{name} gave no credential")))?;
        if status.token.is_none()
            && (status.client_certificate_data.is_none() || status.client_key_data.is_none())
        {
            return Err(failed(format!("{name} gave neither a token nor a certificate with its key")));
        }
        Ok(status)
    }

    /// Keeps the token of an answer, if there is one.
    pub(super) async fn keep(&self, status: &Status) -> Result<bool> {
        let Some(token) = status.token.clone() else { return Ok(false) };
        let until = status.expiration_timestamp.as_deref().map(str::parse).transpose();
        let until = until.map_err(|_| Error::Credential {
            context: self.context.clone(),
            reason: format!("{} gave a time that is none", self.name()),
        })?;
        *self.held.lock().await = Some(Held { token, until });
        Ok(true)
    }

    /// The header that signs a request, asking the program if the token is about to end.
    pub(super) async fn header(&self) -> Result<HeaderValue> {
        let mut held = self.held.lock().await;
        let good = held.as_ref().filter(|held| held.until.is_none_or(|until| (self.now)() + EARLY < until));
        if good.is_none() {
            drop(held);
            let status = self.fetch().await?;
            self.keep(&status).await?;
            held = self.held.lock().await;
        }
        let token = held.as_ref().map_or("", |held| held.token.expose());
        let mut header = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| Error::Credential {
            context: self.context.clone(),
            reason: format!("{} gave a token with characters that no header can hold", self.name()),
        })?;
        header.set_sensitive(true);
        Ok(header)
    }

    /// The server no longer takes the token: the next request asks for another.
    pub(super) async fn refused(self: &Arc<Self>) {
        *self.held.lock().await = None;
    }

    /// The program's name without folder and arguments, which may hold anything.
    fn name(&self) -> String {
        let name = Path::new(&self.command).file_name();
        name.map_or_else(|| self.command.clone(), |name| name.to_string_lossy().into_owned())
    }
}
