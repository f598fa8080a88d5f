//! Kubeconfigs of many kinds, for one control plane.

use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use serde_json::{Value, json};

use super::Cluster;
use super::certificates::Identity;

/// The one context of every kubeconfig that is written here.
pub const CONTEXT: &str = "jalon-test";

/// How somebody proves who they are.
#[derive(Debug, Clone)]
pub enum Access {
    /// A certificate with which one may do everything.
    Administrator,
    /// A user's certificate; what they may do is up to bindings.
    Certificate(&'static str),
    /// A certificate that ended in 2001.
    Expired,
    /// A bearer token, e.g. of [`Cluster::account`].
    Token(String),
    /// A program that prints credentials.
    Exec(Plugin),
    /// Nothing at all.
    Nobody,
}

/// What a credential plugin does, once it has noted its process for [`plugin_processes`].
#[derive(Debug, Clone)]
pub enum Plugin {
    /// Prints an ExecCredential with this token.
    Answers(String),
    /// Never answers, and waits for a process of its own.
    Hangs,
    /// Asks on standard error and waits for a line on standard input, whose text is then the token.
    Asks,
    /// Ends with exit code 1 and this text on standard error.
    Fails(&'static str),
    /// Is not there.
    Missing,
}

/// The `user` of a kubeconfig.
pub(crate) fn user(cluster: &Cluster, folder: &Path, access: &Access) -> Value {
    match access {
        Access::Administrator => certificate(cluster.administrator()),
        Access::Certificate(name) => certificate(&cluster.certificates().user(name, &[])),
        Access::Expired => certificate(&cluster.certificates().expired("administrator", &["system:masters"])),
        Access::Token(token) => json!({ "token": token }),
        Access::Exec(plugin) => exec(folder, plugin),
        Access::Nobody => json!({}),
    }
}

/// A `user` with a certificate.
pub(crate) fn certificate(identity: &Identity) -> Value {
    json!({
        "client-certificate-data": base64(&identity.certificate),
        "client-key-data": base64(&identity.key),
    })
}

/// A `user` with a program, which is written into the folder.
fn exec(folder: &Path, plugin: &Plugin) -> Value {
    let path = folder.join("credential-plugin");
    let answer = |token: &str| {
        json!({
            "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": { "token": token },
        })
    };
    let script = match plugin {
        Plugin::Answers(token) => Some(format!("cat <<'END'\n{}\nEND", answer(token))),
        Plugin::Hangs => Some("sleep 600 &\necho $! >> \"$0.ids\"\nwait".to_owned()),
        Plugin::Asks => {
            let ask = "printf 'Enter the code: ' >&2\nread -r code || exit 1";
            Some(format!("{ask}\nsed \"s/CODE/$code/\" <<'END'\n{}\nEND", answer("CODE")))
        }
        Plugin::Fails(text) => Some(format!("cat >&2 <<'END'\n{text}\nEND\nexit 1")),
        Plugin::Missing => None,
    };
    if let Some(script) = script {
        std::fs::write(&path, format!("#!/bin/sh\necho $$ >> \"$0.ids\"\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    json!({
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": path,
            "interactiveMode": if matches!(plugin, Plugin::Asks) { "IfAvailable" } else { "Never" },
            "provideClusterInfo": false,
        }
    })
}

/// Ids of every process that the plugin of a folder's kubeconfig was so far.
pub fn plugin_processes(folder: &Path) -> Vec<u32> {
    let ids = std::fs::read_to_string(folder.join("credential-plugin.ids")).unwrap_or_default();
    ids.lines().map(|id| id.parse().unwrap()).collect()
}

/// Writes `kubeconfig.json` into a folder, for its owner's eyes.
pub(crate) fn write(folder: &Path, server: &str, authority: &str, user: &Value, namespace: &str) -> PathBuf {
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{
            "name": CONTEXT,
            "cluster": { "server": server, "certificate-authority-data": base64(authority) },
        }],
        "users": [{ "name": "somebody", "user": user }],
        "contexts": [{
            "name": CONTEXT,
            "context": { "cluster": CONTEXT, "user": "somebody", "namespace": namespace },
        }],
        "current-context": CONTEXT,
    });
    let path = folder.join("kubeconfig.json");
    let mut options = std::fs::File::options();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(&path).unwrap();
    serde_json::to_writer_pretty(file, &config).unwrap();
    path
}

fn base64(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}
