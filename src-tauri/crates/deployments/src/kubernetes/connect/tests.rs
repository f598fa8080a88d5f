use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Response, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::*;

const LIMIT: Duration = Duration::from_secs(30);
const NAMESPACE: &str = r#"{"kind":"Namespace","apiVersion":"v1","status":{"phase":"Active"}}"#;

/// A server that answers as it is told, and keeps the Authorization headers that it saw.
struct Server {
    address: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(
        answer: impl Fn(&str) -> Option<(u16, &'static str)> + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, kept) = (answer.clone(), kept.clone());
                let service = service_fn(move |request: Request<Incoming>| {
                    let (answer, kept) = (answer.clone(), kept.clone());
                    async move {
                        let signed = request.headers().get(header::AUTHORIZATION);
                        let signed = signed.map_or("", |value| value.to_str().unwrap()).to_owned();
                        kept.lock().unwrap().push(signed.clone());
                        let Some((status, body)) = answer(&signed) else {
                            return std::future::pending().await;
                        };
                        let response = Response::builder().status(status).body(Full::new(Bytes::from(body)));
                        response
                    }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, seen }
    }
}

struct Scene {
    folder: tempfile::TempDir,
    environment: BTreeMap<OsString, OsString>,
}

impl Scene {
    /// A kubeconfig that leads to the server, with a user of these words.
    fn new(server: &Server, user: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: dev\nclusters: [{{name: c, cluster: {{server: \"http://{}\"}}}}]\ncontexts: [{{name: dev, context: {{cluster: c, user: u}}}}]\nusers:\n- name: u\n  user:\n{user}",
            server.address
        );
        std::fs::write(&path, text.replace("FOLDER", &folder.path().display().to_string())).unwrap();
        let environment = BTreeMap::from([
            ("KUBECONFIG".into(), path.into()),
            ("PATH".into(), "/usr/bin:/bin".into()),
            // A proxy that is not there: what is on this computer is asked directly.
            ("HTTPS_PROXY".into(), "http://127.0.0.1:1".into()),
        ]);
        Self { folder, environment }
    }

    /// A credential plugin of the shell's words.
    fn plugin(&self, script: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.folder.path().join("plugin");
        std::fs::write(&path, format!("#!/bin/sh\ncd '{}'\n{script}\n", self.folder.path().display()))
            .unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        path
    }

    async fn connect(&self, now: Clock, limit: Duration) -> Result<Cluster> {
        let access = Access { environment: &self.environment, context: None, namespace: "shop", now };
        Cluster::connect(&access, limit).await
    }
}

fn at(time: &str) -> Clock {
    let time: Timestamp = time.parse().unwrap();
    Arc::new(move || time)
}

const EXEC: &str = "    exec: {apiVersion: client.authentication.k8s.io/v1, command: FOLDER/plugin, args: [\"--secret\", arg-s3cret-1], env: [{name: CODE, value: env-s3cret-2}], interactiveMode: Always}\n";
/// Prints a token with its number, good for ten minutes.
const NUMBERED: &str = "echo x >> runs; printf '{\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t%s\",\"expirationTimestamp\":\"2026-01-01T00:10:00Z\"}}' $(wc -l < runs)";

fn read(path: &Path, name: &str) -> String {
    std::fs::read_to_string(path.join(name)).unwrap()
}

#[tokio::test]
async fn a_plugins_token_is_kept_until_it_ends_or_is_refused() {
    let server = Server::start(|signed| match signed {
        "Bearer t3" => Some((401, "{}")),
        _ => Some((200, NAMESPACE)),
    })
    .await;
    let scene = Scene::new(&server, EXEC);
    scene.plugin(&format!("printf %s \"$KUBERNETES_EXEC_INFO$CODE$1\" > seen; {NUMBERED}"));
    let now = Arc::new(Mutex::new("2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap()));
    let clock = now.clone();
    let cluster = scene.connect(Arc::new(move || *clock.lock().unwrap()), LIMIT).await.unwrap();
    cluster.enter().await.unwrap();
    // Twenty seconds before its end another one is fetched, which ends just so: each request fetches one.
    *now.lock().unwrap() = "2026-01-01T00:09:40Z".parse().unwrap();
    cluster.enter().await.unwrap();
    assert_eq!(cluster.enter().await.unwrap_err().code(), "unauthorized");
    // Refused before its end: the next request fetches another.
    *now.lock().unwrap() = "2026-01-01T00:00:00Z".parse().unwrap();
    cluster.enter().await.unwrap();
    assert_eq!(
        *server.seen.lock().unwrap(),
        ["Bearer t1", "Bearer t1", "Bearer t2", "Bearer t3", "Bearer t4"]
    );
    let seen = read(scene.folder.path(), "seen");
    assert!(seen.contains("\"interactive\":false") && seen.ends_with("env-s3cret-2--secret"), "{seen}");
}

#[tokio::test]
async fn a_plugin_that_fails_asks_or_hangs_is_told_without_its_secrets() {
    let server = Server::start(|_| Some((200, NAMESPACE))).await;
    let scene = Scene::new(&server, EXEC);
    for (script, words) in [
        (
            "echo \"$2 and $CODE are wrong\" >&2; exit 3",
            "plugin ended with exit code 3: ••• and ••• are wrong",
        ),
        ("echo '{\"token\": \"0ut-s3cret-3\"'", "plugin wrote no ExecCredential"),
        ("echo '{\"status\": {}}'", "plugin gave neither a token nor a certificate"),
        (
            "read code && echo \"{\\\"status\\\":{\\\"token\\\":\\\"$code\\\"}}\"",
            "plugin ended with exit code 1: it said nothing",
        ),
        (
            "echo '{\"status\":{\"token\":\"a\",\"expirationTimestamp\":\"soon\"}}'",
            "plugin gave a time that is none",
        ),
    ] {
        scene.plugin(script);
        let error = scene.connect(at("2026-01-01T00:00:00Z"), LIMIT).await.unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(said.contains(words) && !said.contains("s3cret"), "{said}");
    }
    scene.plugin("sleep 300");
    let begun = Instant::now();
    let error = scene.connect(at("2026-01-01T00:00:00Z"), Duration::from_millis(500)).await.unwrap_err();
    assert!(matches!(&error, Error::CredentialTimeout { program, .. } if program == "plugin"), "{error}");
    assert!(begun.elapsed() < LIMIT);
    assert!(server.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_hangs_or_is_another_is_told() {
    let hanging = Server::start(|_| None).await;
    let scene = Scene::new(&hanging, "    token: t0ken-s3cret\n");
    let error = scene.connect(at("2026-01-01T00:00:00Z"), Duration::from_millis(300)).await.unwrap_err();
    assert_eq!(error.to_string(), "no answer within 300 ms to: connect to the current context");
    for (status, body, code) in [
        (200, "<html>", "unreachable"),
        (200, NAMESPACE, ""),
        (403, "{\"reason\":\"Forbidden\",\"message\":\"namespaces \\\"shop\\\" is forbidden\"}", ""),
        (403, "{\"message\":\"User \\\"system:anonymous\\\" cannot get\"}", "unauthorized"),
        (404, "{\"reason\":\"NotFound\"}", "namespace_missing"),
        (404, "no such page", "api"),
        (200, "{\"kind\":\"Namespace\",\"status\":{\"phase\":\"Terminating\"}}", "namespace_ending"),
        // Once, without trying again.
        (503, "{\"message\":\"etcd is away\"}", "api"),
    ] {
        let server = Server::start(move |_| Some((status, body))).await;
        let scene = Scene::new(&server, "    token: t0ken-s3cret\n");
        let connected = scene.connect(at("2026-01-01T00:00:00Z"), LIMIT).await;
        assert_eq!(connected.as_ref().err().map_or("", Error::code), code, "{connected:?}");
        let said = format!("{connected:?}");
        assert!(!said.contains("s3cret"), "{said}");
        assert_eq!(*server.seen.lock().unwrap(), ["Bearer t0ken-s3cret"]);
    }
}

#[test]
fn the_environments_proxy_is_for_what_is_elsewhere() {
    let environment = |no_proxy: &str| -> BTreeMap<OsString, OsString> {
        [("https_proxy", "http://proxy:3128"), ("NO_PROXY", no_proxy)]
            .map(|(name, value)| (name.into(), value.into()))
            .into()
    };
    let through = |server: &str, no_proxy: &str| {
        proxy(None, false, &server.parse().unwrap(), &environment(no_proxy)).map(|uri| uri.to_string())
    };
    assert_eq!(through("https://eks.example.org", "localhost").as_deref(), Some("http://proxy:3128/"));
    for (server, no_proxy) in [
        ("https://127.0.0.1:6443", ""),
        ("https://[::1]:6443", ""),
        ("https://localhost:6443", ""),
        ("https://api.example.org:6443", "a, .example.org"),
        ("https://api.example.org", "api.example.org"),
        ("https://api.example.org", "*"),
    ] {
        assert_eq!(through(server, no_proxy), None, "{server} {no_proxy}");
    }
    let own: Uri = "http://of-the-kubeconfig:1".parse().unwrap();
    assert_eq!(
        proxy(Some(own.clone()), true, &"https://127.0.0.1".parse().unwrap(), &environment("*")),
        Some(own)
    );
}
