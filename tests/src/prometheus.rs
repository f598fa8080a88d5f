//! Prometheus, Alertmanager and node exporter on free loopback ports, each with a folder of its own; they end when dropped.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Running, free_port};
use crate::programs;

/// How Prometheus is set up; JSON is YAML too.
#[derive(Debug, Clone)]
pub struct Setup {
    /// `scrape_configs` of its configuration.
    pub scrape: Value,
    /// `groups` of a file of rules.
    pub groups: Value,
    /// Host and port of an Alertmanager.
    pub alertmanager: Option<String>,
    /// How often it scrapes and evaluates.
    pub interval: Duration,
}

impl Setup {
    /// Scrapes these jobs (name, host and port) every 200 ms.
    pub fn scraping(jobs: &[(&str, &str)]) -> Self {
        let jobs = jobs
            .iter()
            .map(|(name, target)| json!({ "job_name": name, "static_configs": [{ "targets": [target] }] }));
        let interval = Duration::from_millis(200);
        Self { scrape: jobs.collect(), groups: json!([]), alertmanager: None, interval }
    }
}

/// A server on loopback.
pub struct Server {
    running: Running,
    port: u16,
    _folder: TempDir,
}

impl Server {
    fn start(program: &str, folder: TempDir, arguments: impl FnOnce(&mut Command, &str)) -> Self {
        let port = free_port();
        let mut command = Command::new(programs::find(program));
        arguments(command.current_dir(folder.path()), &format!("127.0.0.1:{port}"));
        let mut running = Running::start(&mut command, folder.path());
        running.listening(port);
        Self { running, port, _folder: folder }
    }

    /// Its address, without a slash at the end.
    pub fn address(&self) -> String {
        format!("http://{}", self.target())
    }

    /// Host and port, as a target for scraping.
    pub fn target(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.running.id()
    }

    /// What it answers to GET on a path with a query.
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let mut url = reqwest::Url::parse(&format!("{}{path}", self.address())).unwrap();
        url.query_pairs_mut().extend_pairs(query);
        reqwest::get(url).await.unwrap().json().await.unwrap()
    }
}

/// Prometheus; it also scrapes itself, as job `prometheus`.
pub fn prometheus(setup: &Setup) -> Server {
    let folder = folder();
    Server::start("prometheus", folder, |command, listen| {
        let here = command.get_current_dir().unwrap().to_owned();
        let every = format!("{}ms", setup.interval.as_millis());
        let mut scrape = setup.scrape.as_array().cloned().unwrap_or_default();
        scrape.push(json!({ "job_name": "prometheus", "static_configs": [{ "targets": [listen] }] }));
        let managers: Vec<Value> = setup
            .alertmanager
            .iter()
            .map(|target| json!({ "static_configs": [{ "targets": [target] }] }))
            .collect();
        let config = json!({
            "global": { "scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every },
            "scrape_configs": scrape,
            "rule_files": ["rules.yml"],
            "alerting": { "alertmanagers": managers },
        });
        std::fs::write(here.join("rules.yml"), json!({ "groups": setup.groups }).to_string()).unwrap();
        std::fs::write(here.join("prometheus.yml"), config.to_string()).unwrap();
        command.args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.enable-lifecycle"]);
        command.args(["--log.level=warn", "--web.listen-address", listen]);
    })
}

/// Alertmanager, which tells nobody.
pub fn alertmanager() -> Server {
    let folder = folder();
    let config = json!({
        "route": { "receiver": "nobody", "group_wait": "100ms", "group_interval": "1s" },
        "receivers": [{ "name": "nobody" }],
    });
    std::fs::write(folder.path().join("alertmanager.yml"), config.to_string()).unwrap();
    Server::start("alertmanager", folder, |command, listen| {
        command.args(["--config.file=alertmanager.yml", "--storage.path=data", "--cluster.listen-address="]);
        command.args(["--web.listen-address", listen]);
    })
}

/// Node exporter: this machine's figures.
pub fn node_exporter() -> Server {
    Server::start("node_exporter", folder(), |command, listen| {
        command.args(["--web.listen-address", listen, "--log.level=error"]);
    })
}

fn folder() -> TempDir {
    tempfile::Builder::new().prefix("jalon-monitoring-").tempdir().unwrap()
}
