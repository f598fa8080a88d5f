//! A deployment beside `kubectl apply --server-side` with `kubectl rollout status`, and a diff of 200 objects beside
//! `kubectl diff`, on one control plane: whole processes, pair by pair.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot run fails")]
#![allow(clippy::disallowed_methods, reason = "measures time")]

use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tests::cluster::Cluster;
use tests::measure::{compare, milliseconds};
use tests::process::run;
use tests::project::Bench;
use tests::site::Site;

const ROUNDS: usize = 15;
const DIFFS: usize = 9;
const OBJECTS: usize = 200;
/// Of which a diff finds changed.
const CHANGED: usize = 20;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (cluster, own, by_hand) = runtime.block_on(async {
        let cluster = Cluster::shared().await;
        (cluster, cluster.namespace("own").await, cluster.namespace("by-hand").await)
    });
    let bench = Bench::new();
    let project = format!(
        "[project]\nname = \"app\"\n[[environment]]\nname = \"dev\"\n\
         target = {{ kind = \"kubernetes\", context = \"jalon-test\", namespace = \"{own}\" }}\n\
         [[service]]\nname = \"web\"\nmanifests = [\"web/*.yaml\"]\n\
         [[service]]\nname = \"many\"\nmanifests = [\"many/*.yaml\"]\n"
    );
    bench.write("jalon.toml", &project);
    let site = Site::of(bench, vec![("KUBECONFIG", cluster.kubeconfig().display().to_string())]);
    let pair = Pair { site, cluster, by_hand };
    pair.git("init --quiet --initial-branch main");
    pair.many("before");
    for version in 0..=ROUNDS {
        pair.write("web/web.yaml", &web(version));
        pair.git("add .");
        pair.git(&format!("commit --quiet --message v{version}"));
        pair.git(&format!("tag v{version}"));
    }
    pair.deploy();
    pair.diff();
}

/// One set of manifests, brought to two namespaces.
struct Pair {
    site: Site,
    cluster: &'static Cluster,
    by_hand: String,
}

impl Pair {
    fn write(&self, path: &str, text: &str) {
        self.site.bench.write(path, text);
    }

    fn git(&self, words: &str) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=student-a", "-c", "user.email=student-a@example.org"]);
        timed(command.args(words.split(' ')).current_dir(self.site.dir()), &[0]);
    }

    fn kubectl(&self, words: &str, folder: Option<&Path>) -> Command {
        let mut command = self.cluster.kubectl(&["--namespace", &self.by_hand]);
        command.args(words.split(' '));
        if let Some(folder) = folder {
            command.arg("--filename").arg(folder);
        }
        command
    }

    fn many(&self, word: &str) {
        let objects = (0..OBJECTS).fold(String::new(), |mut text, number| {
            let word = if number < CHANGED { word } else { "before" };
            writeln!(
                text,
                "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings-{number}\ndata:\n  word: {word}\n  \
                 number: \"{number}\""
            )
            .unwrap();
            text
        });
        self.write("many/many.yaml", &objects);
    }

    fn deploy(&self) {
        let apply = |version: usize| {
            self.write("by-hand/web.yaml", &web(version));
            let folder = self.site.dir().join("by-hand");
            let applied = timed(&mut self.kubectl("apply --server-side", Some(&folder)), &[0]);
            applied + timed(&mut self.kubectl("rollout status deployment/web", None), &[0])
        };
        let deploy = |version: usize| {
            timed(&mut self.site.command(&format!("deploy web --env dev --version v{version}")), &[0])
        };
        deploy(0);
        apply(0);
        let rounds: Vec<[Duration; 2]> =
            (1..=ROUNDS).map(|version| [deploy(version), apply(version)]).collect();
        let of = |which: usize| -> Vec<Duration> { rounds.iter().map(|round| round[which]).collect() };
        println!("deployment of three objects with two pods, {ROUNDS} rounds, medians");
        println!(
            "  jalonctl deploy           {}  ratio {} (goal: at most 1.2)",
            milliseconds(&of(0)),
            compare(&of(0), &of(1))
        );
        println!("  apply and rollout status  {}", milliseconds(&of(1)));
    }

    fn diff(&self) {
        timed(&mut self.site.command("deploy many --env dev --version v0"), &[0]);
        let folder = self.site.dir().join("many");
        timed(&mut self.kubectl("apply --server-side", Some(&folder)), &[0]);
        self.many("after");
        let found = self.site.done("diff many --env dev");
        assert_eq!(found["objects"].as_array().unwrap().len(), CHANGED);
        let rounds: Vec<[Duration; 2]> = (0..DIFFS)
            .map(|_| {
                let own = timed(&mut self.site.command("diff many --env dev"), &[0]);
                // 1: there are differences.
                [own, timed(&mut self.kubectl("diff --server-side", Some(&folder)), &[1])]
            })
            .collect();
        let of = |which: usize| -> Vec<Duration> { rounds.iter().map(|round| round[which]).collect() };
        println!("diff of {OBJECTS} objects of which {CHANGED} differ, {DIFFS} rounds, medians");
        println!(
            "  jalonctl diff             {}  ratio {} (goal: at most 1.3)",
            milliseconds(&of(0)),
            compare(&of(0), &of(1))
        );
        println!("  kubectl diff              {}", milliseconds(&of(1)));
    }
}

fn web(version: usize) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  version: v{version}\n---\n\
         apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: {{app: web}}\n  ports: [{{port: 80}}]\n---\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n  \
         selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    \
         spec: {{containers: [{{name: web, image: \"registry.example/web:{version}\"}}]}}\n"
    )
}

fn timed(command: &mut Command, codes: &[i32]) -> Duration {
    let begin = Instant::now();
    let output = run(command, "");
    let took = begin.elapsed();
    let said = || String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code().is_some_and(|code| codes.contains(&code)), "{command:?}: {}", said());
    took
}
