//! The way to a cluster: which one, with which credential, and whether it lets us in.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Method, Request, StatusCode, Uri, header};
use jiff::Timestamp;
use kube::client::{Body, ClientBuilder};
use kube::config::{AuthInfo, KubeConfigOptions};
use kube::{Client, Config};
use serde_json::{Value, json};

use super::credential::Plugin;
use super::kubeconfig::{Chosen, choose, plain};
use super::{Error, Result, certificate};

/// What time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A server that takes longer to accept a connection is not there.
const CONNECT: Duration = Duration::from_secs(10);
/// A server that leaves a request without a byte for longer is gone.
const READ: Duration = Duration::from_secs(60);
/// What a plugin may take; those of the clouds need two or three seconds.
const PLUGIN: Duration = Duration::from_secs(30);

/// What leads to a cluster.
pub struct Access<'a> {
    /// The inherited environment: KUBECONFIG (a list), HOME, PATH and what credential plugins read.
    pub environment: &'a BTreeMap<OsString, OsString>,
    /// Context of the kubeconfig; its current one by default.
    pub context: Option<&'a str>,
    /// Namespace that is deployed to.
    pub namespace: &'a str,
    /// The clock, for tokens that end.
    pub now: Clock,
}

/// A cluster that lets us in, and a namespace of it. Cheap to clone.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    watching: Client,
    about: Arc<About>,
}

struct About {
    server: String,
    context: String,
    namespace: String,
    now: Clock,
    /// When the client's own certificate ends, if it signs in with one.
    certificate_until: Option<Timestamp>,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("server", &self.about.server)
            .field("context", &self.about.context)
            .field("namespace", &self.about.namespace)
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// Finds the context, gets its credential, and asks the server for the namespace. `limit` is for all of it. A person
    /// waits, so nothing is asked twice but what the server wants to be asked again (Retry-After).
    ///
    /// # Errors
    /// No kubeconfig, unknown context, no credential, nobody there, a certificate that is not good, 401, a namespace that is
    /// missing or being deleted, or the limit passed.
    pub async fn connect(access: &Access<'_>, limit: Duration) -> Result<Self> {
        let what = match access.context {
            Some(context) => format!("connect to context {context}"),
            None => "connect to the current context".to_owned(),
        };
        let begun = tokio::time::Instant::now();
        let cluster = Self::open(access, limit).await?;
        // The credential plugin has a deadline of its own, so that it is the plugin that is named when it hangs.
        let entered = tokio::time::timeout_at(begun + limit, cluster.enter()).await;
        entered.unwrap_or_else(|_| Err(Error::timeout(what, limit)))?;
        Ok(cluster)
    }

    /// Around clients that are there already, for tests against a server of their own. `watching` has no read timeout.
    pub fn from_clients(
        client: Client,
        watching: Client,
        server: &str,
        context: &str,
        namespace: &str,
        now: Clock,
    ) -> Self {
        let about = About {
            server: server.to_owned(),
            context: context.to_owned(),
            namespace: namespace.to_owned(),
            now,
            certificate_until: None,
        };
        Self { client, watching, about: Arc::new(about) }
    }

    async fn open(access: &Access<'_>, limit: Duration) -> Result<Self> {
        // Only the first call has an effect, and whoever came before chose the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (environment, context) = (access.environment.clone(), access.context.map(str::to_owned));
        let chosen = tokio::task::spawn_blocking(move || choose(&environment, context.as_deref())).await;
        let chosen = chosen.map_err(|error| Error::KubeconfigInvalid {
            path: "kubeconfig".into(),
            reason: error.to_string(),
        })??;
        let Chosen { context, config, server, mut user } = chosen;
        let plugin = plugin(access, &context, &server, &mut user, limit).await?;
        let broken = |reason: String| Error::KubeconfigInvalid { path: format!("context {context}"), reason };
        let options = KubeConfigOptions { context: Some(context.clone()), ..Default::default() };
        let config = Config::from_custom_kubeconfig(config, &options).await;
        let mut config = config.map_err(|error| broken(plain(&error)))?;
        let certificate_until = certificate_end(&user);
        let has_proxy = server.proxy_url.as_ref().is_some_and(|url| !url.is_empty());
        config.auth_info = user;
        config.default_namespace = access.namespace.to_owned();
        config.default_retry = false;
        config.connect_timeout = Some(CONNECT);
        config.reset_reader_on_write = true;
        config.proxy_url = proxy(config.proxy_url, has_proxy, &config.cluster_url, access.environment);
        let host = config.cluster_url.host().unwrap_or_default().to_owned();
        let server = config.cluster_url.port_u16().map_or(host.clone(), |port| format!("{host}:{port}"));
        let client = |read: Option<Duration>| {
            let mut config = config.clone();
            config.read_timeout = read;
            let stack = ClientBuilder::try_from(config).map_err(|error| broken(client_error(&error)))?;
            Ok(signed(stack.build(), plugin.clone(), access.namespace))
        };
        let patient = super::retry::patient(client(Some(READ))?, access.namespace);
        let about = About {
            server,
            namespace: access.namespace.to_owned(),
            now: access.now.clone(),
            certificate_until,
            context: context.clone(),
        };
        Ok(Self { client: patient, watching: client(None)?, about: Arc::new(about) })
    }

    /// Asks for the namespace. Who may not read namespaces may still deploy to one.
    async fn enter(&self) -> Result<()> {
        let namespace = self.namespace().to_owned();
        let answer = self.ask(Method::GET, &format!("/api/v1/namespaces/{namespace}"), None).await?;
        match answer.status {
            403 => Ok(()),
            404 if answer.reason() == "NotFound" => {
                Err(Error::NamespaceMissing { namespace, context: self.context().to_owned() })
            }
            _ if !answer.is_success() => Err(self.told("read the namespace", &answer)),
            _ if answer.body.pointer("/status/phase").and_then(Value::as_str) == Some("Terminating") => {
                Err(Error::NamespaceEnding { namespace })
            }
            _ if answer.body.get("kind").and_then(Value::as_str) != Some("Namespace") => {
                Err(self.unreachable("what answers there is no Kubernetes API server".into()))
            }
            _ => Ok(()),
        }
    }

    /// For requests: sent again only when the server says so; one that is left without a byte for 60 s fails.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// For watches and logs that are followed: nothing ends them but their end and the caller's deadline.
    pub fn watching(&self) -> Client {
        self.watching.clone()
    }

    /// Host and port of the API server.
    pub fn server(&self) -> &str {
        &self.about.server
    }

    /// Name of the context.
    pub fn context(&self) -> &str {
        &self.about.context
    }

    /// Namespace that is deployed to.
    pub fn namespace(&self) -> &str {
        &self.about.namespace
    }

    /// Whether this context may only read here: it may not patch deployments of the namespace
    /// (SelfSubjectAccessReview, authorization.k8s.io/v1).
    ///
    /// # Errors
    /// The server cannot be asked.
    pub async fn read_only(&self, limit: Duration) -> Result<bool> {
        const WHAT: &str = "ask what you may do";
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": { "resourceAttributes": {
                "namespace": self.namespace(), "group": "apps", "resource": "deployments", "verb": "patch",
            } },
        });
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        let answer = self.ask(Method::POST, path, Some(("application/json", &review)));
        let answer = tokio::time::timeout(limit, answer).await.map_err(|_| Error::timeout(WHAT, limit))??;
        match answer.body.pointer("/status/allowed").and_then(Value::as_bool) {
            Some(allowed) if answer.is_success() => Ok(!allowed),
            _ => Err(self.told(WHAT, &answer)),
        }
    }

    /// What a 401 means here.
    pub(super) fn unauthorized(&self) -> Error {
        let (server, context) = (self.server().to_owned(), self.context().to_owned());
        match self.about.certificate_until.filter(|until| *until < (self.about.now)()) {
            Some(until) => Error::Certificate {
                server,
                reason: format!(
                    "your client certificate of context {context:?} expired on {until}; get a new one"
                ),
            },
            None => Error::Unauthorized {
                server,
                context,
                reason: "it is missing, has expired or was revoked; sign in to the cluster again".into(),
            },
        }
    }
}

/// Takes the plugin out of the user and asks it for the first time. A certificate goes into the user.
async fn plugin(
    access: &Access<'_>,
    context: &str,
    server: &kube::config::Cluster,
    user: &mut AuthInfo,
    limit: Duration,
) -> Result<Option<Arc<Plugin>>> {
    if let Some(provider) = user.auth_provider.as_ref().filter(|provider| provider.name != "oidc") {
        let reason = format!(
            "its auth-provider {:?} was removed from Kubernetes in 1.26; write the kubeconfig anew with your provider's tool",
            provider.name
        );
        return Err(Error::Credential { context: context.to_owned(), reason });
    }
    let Some(exec) = user.exec.take() else { return Ok(None) };
    // client-go's order: what stands in the kubeconfig comes before a plugin.
    if user.token.is_some() || user.token_file.is_some() || user.username.is_some() {
        return Ok(None);
    }
    let limit = PLUGIN.min(limit);
    let plugin = Plugin::new(context, &exec, server, access.environment, limit, access.now.clone())?;
    let status = plugin.fetch().await?;
    if let (Some(certificate), Some(key)) = (&status.client_certificate_data, &status.client_key_data) {
        user.client_certificate_data = Some(STANDARD.encode(certificate));
        user.client_key_data = Some(STANDARD.encode(key.expose()).into());
    }
    Ok(plugin.keep(&status).await?.then(|| Arc::new(plugin)))
}

/// A client that signs each request with the plugin's token.
fn signed(client: Client, plugin: Option<Arc<Plugin>>, namespace: &str) -> Client {
    let Some(plugin) = plugin else { return client };
    let service = tower::service_fn(move |mut request: Request<Body>| {
        let (client, plugin) = (client.clone(), plugin.clone());
        async move {
            let signature = plugin.header().await.map_err(|error| kube::Error::Service(error.into()))?;
            request.headers_mut().insert(header::AUTHORIZATION, signature);
            let response = client.send(request).await?;
            if response.status() == StatusCode::UNAUTHORIZED {
                plugin.refused().await;
            }
            Ok::<_, kube::Error>(response)
        }
    });
    Client::new(service, namespace)
}

/// Through which proxy: the kubeconfig's, or the environment's unless NO_PROXY names the host or it is this computer. What the
/// client library found by itself counts for the first case only, because it takes NO_PROXY for names of proxies.
fn proxy(
    found: Option<Uri>,
    from_kubeconfig: bool,
    server: &Uri,
    environment: &BTreeMap<OsString, OsString>,
) -> Option<Uri> {
    if from_kubeconfig {
        return found;
    }
    let get = |names: [&str; 2]| {
        let value = names.iter().find_map(|name| environment.get(OsStr::new(name)));
        value.and_then(|value| value.to_str()).filter(|value| !value.is_empty())
    };
    let host = server.host()?.trim_matches(['[', ']']);
    let address = host.parse::<std::net::IpAddr>();
    let direct = get(["NO_PROXY", "no_proxy"]).unwrap_or_default().split(',').map(str::trim).any(|entry| {
        let entry = entry.trim_start_matches('.');
        entry == "*" || (!entry.is_empty() && (host == entry || host.ends_with(&format!(".{entry}"))))
    });
    if direct || host == "localhost" || address.is_ok_and(|address| address.is_loopback()) {
        return None;
    }
    get(["HTTPS_PROXY", "https_proxy"])?.parse().ok()
}

/// Why no client can be made, without what a credential holds.
fn client_error(error: &kube::Error) -> String {
    match error {
        kube::Error::Auth(kube::client::AuthError::ReadTokenFile(error, path)) => {
            format!("its token file {}: {error}", path.display())
        }
        kube::Error::Auth(_) => "its credential cannot be used".to_owned(),
        kube::Error::InferKubeconfig(error) => plain(error),
        other => other.to_string(),
    }
}

/// When the user's own certificate ends.
fn certificate_end(user: &AuthInfo) -> Option<Timestamp> {
    let pem = match (&user.client_certificate_data, &user.client_certificate) {
        (Some(data), _) => String::from_utf8(STANDARD.decode(data).ok()?).ok()?,
        (None, Some(path)) => std::fs::read_to_string(path).ok()?,
        (None, None) => return None,
    };
    certificate::valid_until(&pem)
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
