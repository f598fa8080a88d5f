//! Logs of a cluster's pods, by `jalonctl` and as the window asks for them: their lines, and no secret of the environment.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "git is found on the PATH of whoever tests")]

use std::process::Command;

use serde_json::{Value, json};
use tests::cluster::Cluster;
use tests::process::run;
use tests::project::Bench;
use tests::site::Site;

const CANARY: &str = "canary-5d81b07e46";

const MANIFESTS: &str = "apiVersion: apps/v1
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
        - name: talks
          image: registry.example/web:1
";

async fn site() -> Site {
    let cluster = Cluster::shared().await;
    let namespace = cluster.namespace("logs").await;
    let bench = Bench::new();
    bench.write(
        "jalon.toml",
        &format!(
            "[project]\nname = \"app\"\n[[environment]]\nname = \"dev\"\nsecrets = [\"DATABASE_URL\"]\n\
             target = {{ kind = \"kubernetes\", context = \"jalon-test\", namespace = \"{namespace}\" }}\n\
             [[service]]\nname = \"web\"\nmanifests = [\"k8s/*.yaml\"]\n"
        ),
    );
    bench.write("k8s/web.yaml", MANIFESTS);
    let variables = vec![
        ("KUBECONFIG", cluster.kubeconfig().display().to_string()),
        ("JALON_SECRET_DATABASE_URL", CANARY.to_owned()),
    ];
    let site = Site::of(bench, variables);
    for words in ["init --quiet --initial-branch main", "add .", "commit --quiet --message v1", "tag v1"] {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=student-a", "-c", "user.email=student-a@example.org"]);
        let output = run(git.args(words.split(' ')).current_dir(site.dir()), "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    site
}

fn texts(log: &Value) -> Vec<String> {
    log["lines"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_pods_write_is_read_and_masked() {
    let mut site = site().await;
    let cluster = Cluster::shared().await;
    assert_eq!(site.refused("logs web --env dev", 1), "deploy.nothing_runs");
    site.done("deploy web --env dev --version v1");
    cluster.writes(&["listening on 8080", &format!("connected to {CANARY}:5432"), "GET /health 200"]);

    let view = site.done("diagnose web --env dev");
    let pods = view["workloads"][0]["pods"].as_array().unwrap();
    let pods: Vec<&str> = pods.iter().map(|pod| pod["name"].as_str().unwrap()).collect();
    assert_eq!(pods.len(), 2, "{view}");
    let log = texts(&site.done("logs web --env dev"));
    assert_eq!(log.len(), 6, "{log:?}");
    for pod in &pods {
        assert!(log.contains(&format!("{pod}: listening on 8080")), "{log:?}");
    }
    assert!(log.iter().any(|line| line.contains("connected to") && line.ends_with(":5432")), "{log:?}");
    assert!(!log.iter().any(|line| line.contains(CANARY)), "{log:?}");
    let last = texts(&site.done("logs web --env dev --lines 1"));
    assert!(last.len() == 2 && last.iter().all(|line| line.ends_with("GET /health 200")), "{last:?}");
    let printed = run(&mut site.command("logs web --env dev"), "");
    let printed = String::from_utf8_lossy(&printed.stdout).into_owned();
    assert!(printed.contains("listening on 8080") && !printed.contains(CANARY), "{printed}");

    // As the window asks, for one pod.
    let engine = site.engine();
    let ask = async |pod: &str, container: Value, previous: bool| {
        let params = json!({"dir": site.dir(), "service": "web", "environment": "dev", "pod": pod,
            "container": container, "previous": previous});
        engine::contract::dispatch(&engine, "pod_log", params, &engine::Work::silent()).await
    };
    let one = texts(&ask(pods[0], Value::Null, false).await.unwrap());
    assert_eq!((one.len(), one[0].as_str(), one[2].as_str()), (3, "listening on 8080", "GET /health 200"));
    assert!(one[1].starts_with("connected to ") && !one[1].contains(CANARY), "{one:?}");
    assert_eq!(texts(&ask(pods[0], json!("talks"), false).await.unwrap()), one);
    for (pod, container) in [("gone", Value::Null), (pods[0], json!("other"))] {
        let error = ask(pod, container, false).await.unwrap_err();
        assert_eq!(error.to_wire().code, "cluster.no_log", "{error}");
    }
    tests::canary::nowhere(&site.bench, CANARY);

    // Where the value is not known, nothing can be masked, and that is said.
    site.variables.retain(|(name, _)| *name != "JALON_SECRET_DATABASE_URL");
    let log = texts(&site.done("logs web --env dev"));
    assert_eq!(log.len(), 7, "{log:?}");
    assert!(log[0].contains("not masked") && log[0].ends_with("DATABASE_URL"), "{log:?}");
}
