//! Deployments on a real control plane by `jalonctl`: diff, deploy, promote, a broken image, roll back, stop; Helm; and
//! what must be refused.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::process::Command;

use serde_json::{Value, json};
use tests::cluster::Cluster;
use tests::process::run;
use tests::project::Bench;
use tests::site::Site;

const CANARY: &str = "canary-7f3a91c2d5";

const MANIFESTS: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  greeting: ${GREETING:-hello}
  environment: '{environment}'
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: IMAGE
          envFrom:
            - secretRef:
                name: web-secrets
";

/// A team's repository with three versions, and two namespaces to bring them to.
struct Team {
    site: Site,
    dev: String,
    prod: String,
    cluster: &'static Cluster,
}

impl Team {
    async fn new(service: &str) -> Self {
        let cluster = Cluster::shared().await;
        let (dev, prod) = (cluster.namespace("dev").await, cluster.namespace("prod").await);
        let bench = Bench::new();
        bench.write(
            "jalon.toml",
            &format!(
                "[project]\nname = \"app\"\n\
                 [[environment]]\nname = \"dev\"\nsecrets = [\"DATABASE_URL\"]\n\
                 target = {{ kind = \"kubernetes\", context = \"jalon-test\", namespace = \"{dev}\" }}\n\
                 [[environment]]\nname = \"prod\"\nproduction = true\npromotes_from = \"dev\"\nsecrets = [\"DATABASE_URL\"]\n\
                 protection = {{ checks = \"none\", confirm = \"name\" }}\n\
                 target = {{ kind = \"kubernetes\", context = \"jalon-test\", namespace = \"{prod}\" }}\n\
                 [[service]]\nname = \"web\"\n{service}\n"
            ),
        );
        let kubeconfig = cluster.kubeconfig().display().to_string();
        let path = std::env::var("PATH").unwrap();
        let helm = tests::programs::helm();
        let path = format!("{}:{path}", helm.parent().unwrap().display());
        let variables = vec![
            ("KUBECONFIG", kubeconfig),
            ("JALON_SECRET_DATABASE_URL", CANARY.to_owned()),
            ("PATH", path),
        ];
        let team = Self { site: Site::of(bench, variables), dev, prod, cluster };
        team.git(&["init", "--quiet", "--initial-branch", "main"]);
        team
    }

    fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=student-a", "-c", "user.email=student-a@example.org"]).args(arguments);
        let output = run(command.current_dir(self.site.dir()), "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Commits what is there, under a tag.
    fn version(&self, tag: &str) {
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", tag]);
        self.git(&["tag", tag]);
    }

    fn manifests(&self, image: &str, tag: &str) {
        self.site.bench.write("k8s/web.yaml", &MANIFESTS.replace("IMAGE", image));
        self.version(tag);
    }

    /// What kubectl says, as text.
    fn kubectl(&self, namespace: &str, words: &str) -> String {
        let mut arguments = vec!["--namespace", namespace];
        arguments.extend(words.split(' '));
        let output = run(&mut self.cluster.kubectl(&arguments), "");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn image(&self, namespace: &str) -> String {
        self.kubectl(namespace, "get deployment web -o jsonpath={.spec.template.spec.containers[0].image}")
    }
}

fn texts(log: &Value) -> Vec<String> {
    log["lines"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_with_manifests() {
    let team = Team::new("manifests = [\"k8s/*.yaml\"]").await;
    let site = &team.site;
    team.manifests("registry.example/web:1", "v1");
    team.manifests("registry.example/web:2", "v2");
    team.manifests("registry.example/web:broken", "v3");

    // What would change is told before anything does.
    let diff = site.done("diff web --env dev --version v1");
    let created: Vec<_> = diff["objects"].as_array().unwrap().iter().map(|o| o["action"].clone()).collect();
    assert_eq!(created, vec![json!("create"); 3], "{diff}");
    assert!(!diff.to_string().contains(CANARY));
    assert_eq!(team.image(&team.dev), "");

    let first = site.done("deploy web --env dev --version v1");
    assert_eq!(first["state"], "succeeded", "{first}");
    assert_eq!(team.image(&team.dev), "registry.example/web:1");
    let secret = "get secret web-secrets -o jsonpath={.data.DATABASE_URL}";
    assert!(!team.kubectl(&team.dev, secret).is_empty());
    assert_eq!(team.kubectl(&team.dev, "get configmap web -o jsonpath={.data.environment}"), "dev");

    // Not what never ran in dev; then the promotion of what did.
    assert_eq!(site.refused("deploy web --env prod --version v2 --confirm prod", 3), "gate.closed");
    assert_eq!(site.refused("promote web --from dev --to prod", 3), "gate.unconfirmed");
    site.done("promote web --from dev --to prod --confirm prod");
    assert_eq!(team.image(&team.prod), "registry.example/web:1");

    site.done("deploy web --env dev --version v2");
    let again = site.done("diff web --env dev --version v2");
    assert_eq!(again["objects"], json!([]), "nothing is left to change: {again}");

    // A broken image: the cause is named well before any time limit.
    let (code, run) = site.json("deploy web --env dev --version v3");
    assert_eq!((code, &run["reason"]["code"]), (1, &json!("cluster.rollout_failed")), "{run}");
    assert_eq!(run["reason"]["params"]["cause"], "image");
    assert!(run["reason"]["message"].as_str().unwrap().contains("registry.example/web:broken"), "{run}");
    let view = site.done("diagnose web --env dev");
    assert_eq!(view["workloads"][0]["cause"]["id"], "image", "{view}");

    // Back to what served.
    site.done("rollback web --env dev --to v2");
    assert_eq!(team.image(&team.dev), "registry.example/web:2");
    let runs = site.runs();
    assert_eq!(runs[0]["kind"], "rollback");

    // The secret's value is in the cluster and nowhere else.
    for run in &runs {
        let log = site.done(&format!("runs log {}", run["id"].as_str().unwrap()));
        assert!(!texts(&log).iter().any(|line| line.contains(CANARY)));
    }
    tests::canary::nowhere(&site.bench, CANARY);

    site.done("stop web --env dev");
    assert_eq!(
        team.kubectl(&team.dev, "get deployment,configmap/web,secret/web-secrets --ignore-not-found -o name"),
        ""
    );
    assert_eq!(site.refused("stop web --env dev", 1), "deploy.nothing_runs");
}
