//! The processes of a control plane.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::certificates::{self, Authority};
use super::keeper::Keeper;
use super::{START, kubeconfig, within};
use crate::process::{Running, free_port, root};
use crate::programs;

/// Nodes that KWOK plays.
const NODES: usize = 2;

/// The log of containers that have one.
pub(super) const LOG: &str = "talks.log";

/// What runs, and where its things are.
pub(super) struct Servers {
    /// Port of the API server.
    pub port: u16,
    /// Everything it writes.
    pub folder: PathBuf,
    /// Of somebody who may do everything.
    pub kubeconfig: PathBuf,
    /// Who vouches for server and users.
    pub authority: Authority,
    running: Vec<Running>,
    keeper: Keeper,
}

impl Servers {
    /// Starts all of them and waits until the API server is ready and the nodes are.
    pub(super) async fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("jalon-cluster-").tempdir().unwrap().keep();
        let keeper = Keeper::of(&folder);
        let authority = Authority::new("jalon-test-cluster");
        let port = free_port();
        let administrator = authority.user("administrator", &["system:masters"]);
        let kubeconfig = kubeconfig::write(
            &folder,
            &format!("https://127.0.0.1:{port}"),
            &authority.certificate(),
            &kubeconfig::certificate(&administrator),
            "default",
        );
        let mut servers = Self { port, folder, kubeconfig, authority, running: Vec::new(), keeper };
        let etcd = servers.etcd();
        servers.api_server(&etcd);
        servers.ready().await;
        servers.controllers();
        servers.kwok(free_port());
        servers.nodes().await;
        servers
    }

    pub(super) fn processes(&self) -> Vec<u32> {
        self.running.iter().map(Running::id).collect()
    }

    fn etcd(&mut self) -> String {
        let (client, peer) = (local("http", free_port()), local("http", free_port()));
        let mut command = Command::new(programs::find("etcd"));
        command.arg("--data-dir").arg(self.folder.join("etcd")).arg("--unsafe-no-fsync");
        for (option, value) in [
            ("--listen-client-urls", &client),
            ("--advertise-client-urls", &client),
            ("--listen-peer-urls", &peer),
            ("--initial-advertise-peer-urls", &peer),
            ("--initial-cluster", &format!("default={peer}")),
        ] {
            command.args([option, value]);
        }
        self.run(&mut command);
        client
    }

    fn api_server(&mut self, etcd: &str) {
        let server = self.authority.server("kube-apiserver");
        let (private, public) = certificates::keys();
        let mut command = Command::new(programs::find("kube-apiserver"));
        command.args([
            "--etcd-servers",
            etcd,
            "--bind-address=127.0.0.1",
            "--secure-port",
            &self.port.to_string(),
        ]);
        command.arg("--tls-cert-file").arg(self.file("server.crt", &server.certificate));
        command.arg("--tls-private-key-file").arg(self.file("server.key", &server.key));
        command.arg("--client-ca-file").arg(self.file("authority.crt", &self.authority.certificate()));
        command.arg("--service-account-key-file").arg(self.file("tokens.pub", &public));
        command.arg("--service-account-signing-key-file").arg(self.file("tokens.key", &private));
        command.args([
            "--service-account-issuer=https://kubernetes.default.svc",
            "--authorization-mode=Node,RBAC",
        ]);
        command.args(["--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.0.0.0/16"]);
        command.arg("--kubelet-preferred-address-types=InternalIP");
        self.run(&mut command);
    }

    fn controllers(&mut self) {
        for (program, more) in
            [("kube-controller-manager", &["--use-service-account-credentials"][..]), ("kube-scheduler", &[])]
        {
            let mut command = Command::new(programs::find(program));
            for option in ["--kubeconfig", "--authentication-kubeconfig", "--authorization-kubeconfig"] {
                command.arg(option).arg(&self.kubeconfig);
            }
            command.args(["--leader-elect=false", "--bind-address=127.0.0.1"]);
            command.args(["--secure-port", &free_port().to_string()]).args(more);
            if program == "kube-controller-manager" {
                command.arg("--root-ca-file").arg(self.folder.join("authority.crt"));
                command.arg("--service-account-private-key-file").arg(self.folder.join("tokens.key"));
            }
            self.run(&mut command);
        }
    }

    fn kwok(&mut self, port: u16) {
        let mut command = Command::new(programs::find("kwok"));
        command.arg("--kubeconfig").arg(&self.kubeconfig);
        command.arg("--config").arg(root().join("tests/peers/kwok/stages.yaml"));
        command.args(["--manage-all-nodes=true", "--cidr=10.1.0.0/16", "--node-ip=127.0.0.1"]);
        command.arg("--config").arg(self.file("logs.yaml", &logs(&self.folder)));
        // The API server asks for logs over TLS, as it asks a kubelet.
        let server = self.authority.server("kwok");
        command.arg("--tls-cert-file").arg(self.file("kwok.crt", &server.certificate));
        command.arg("--tls-private-key-file").arg(self.file("kwok.key", &server.key));
        command.args(["--node-lease-duration-seconds=40", "--node-port", &port.to_string()]);
        command.args(["--server-address", &format!("127.0.0.1:{port}")]);
        self.run(&mut command);
    }

    async fn ready(&mut self) {
        let api = self.running.len() - 1;
        let kubeconfig = self.kubeconfig.clone();
        let running = &mut self.running[api];
        within(START, "an API server that is ready", async || {
            running.assert_running();
            kubectl(&kubeconfig, &["get", "--raw", "/readyz"]).then_some(())
        })
        .await;
    }

    /// Nodes with nothing behind them.
    async fn nodes(&self) {
        for number in 1..=NODES {
            let node =
                format!(r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"node-{number}"}}}}"#);
            let file = self.file("node.json", &node);
            within(START, "a node", async || {
                kubectl(&self.kubeconfig, &["apply", "--filename", &file.to_string_lossy()]).then_some(())
            })
            .await;
        }
        let wait = ["wait", "nodes", "--all", "--for=condition=Ready", "--timeout=5s"];
        within(START, "nodes that are ready", async || kubectl(&self.kubeconfig, &wait).then_some(())).await;
    }

    fn run(&mut self, command: &mut Command) {
        let running = Running::start(command.current_dir(&self.folder), &self.folder);
        self.keeper.tell(running.id());
        self.running.push(running);
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// What the log of every container named `talks` is: one file.
fn logs(folder: &Path) -> String {
    let file = folder.join(LOG);
    format!(
        "apiVersion: kwok.x-k8s.io/v1alpha1\nkind: ClusterLogs\nmetadata: {{name: talks}}\nspec:\n  logs:\n  \
         - {{containers: [talks], logsFile: {}}}\n",
        file.display()
    )
}

fn local(scheme: &str, port: u16) -> String {
    format!("{scheme}://127.0.0.1:{port}")
}

fn kubectl(kubeconfig: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new(programs::kubectl());
    command.arg("--kubeconfig").arg(kubeconfig).args(arguments);
    crate::process::run(&mut command, "").status.success()
}
