//! `jalonctl` before a cluster that refuses, hangs, breaks off or is busy: at the diff, at the apply, and while the rollout is
//! followed. Nothing is called a success that was none, everything ends in time, and what passes is no failure.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "git is found on the PATH of whoever tests")]

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::cluster::{Access, Cluster};
use tests::fault_proxy::Fault::{
    Close, CutAfterBytes, CutAfterEvents, Expired, Hang, Pass, RetryAfter, Status,
};
use tests::fault_proxy::{Fault, FaultProxy};
use tests::process::{run, run_within, until};
use tests::project::Bench;
use tests::site::Site;

/// The longest that one step waits, and what starting a run may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(60 + 60);
/// No rule ends by itself.
const ALWAYS: usize = usize::MAX;

const MANIFESTS: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  greeting: hello
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      nodeSelector: SELECTOR
      containers:
        - name: web
          image: IMAGE
";

/// A team whose cluster is behind a proxy that can fail.
struct Team {
    site: Site,
    proxy: FaultProxy,
    cluster: &'static Cluster,
    namespace: String,
}

impl Team {
    /// Three versions: `good` comes up, `stuck` never does, `gated` once a node has the label of this namespace.
    async fn new() -> Self {
        let cluster = Cluster::shared().await;
        let (proxy, namespace) = (FaultProxy::start().await, cluster.namespace("faults").await);
        let bench = Bench::new();
        bench.write(
            "jalon.toml",
            &format!(
                "[project]\nname = \"app\"\n[[environment]]\nname = \"dev\"\n\
                 target = {{ kind = \"kubernetes\", context = \"jalon-test\", namespace = \"{namespace}\" }}\n\
                 [[service]]\nname = \"web\"\nmanifests = [\"k8s/*.yaml\"]\n"
            ),
        );
        let kubeconfig = proxy.write_kubeconfig(bench.path(), &Access::Administrator, &namespace);
        let variables =
            vec![("KUBECONFIG", kubeconfig.display().to_string()), ("JALON_HEALTH_TIMEOUT", "60".to_owned())];
        let team = Self { site: Site::of(bench, variables), proxy, cluster, namespace };
        team.git(&["init", "--quiet", "--initial-branch", "main"]);
        let gate = format!("{{gate: {}}}", team.namespace);
        for (tag, image, selector) in
            [("good", "web:1", "{}"), ("stuck", "stuck:1", "{}"), ("gated", "web:2", gate.as_str())]
        {
            let text = MANIFESTS.replace("IMAGE", &format!("registry.example/{image}"));
            team.site.bench.write("k8s/web.yaml", &text.replace("SELECTOR", selector));
            team.git(&["add", "."]);
            team.git(&["commit", "--quiet", "--message", tag]);
            team.git(&["tag", tag]);
        }
        team
    }

    fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=student-a", "-c", "user.email=student-a@example.org"]).args(arguments);
        let output = run(command.current_dir(self.site.dir()), "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Past the proxy.
    fn kubectl(&self, arguments: &[&str]) -> String {
        let mut all = vec!["--namespace", &self.namespace];
        all.extend(arguments);
        String::from_utf8_lossy(&run(&mut self.cluster.kubectl(&all), "").stdout).into_owned()
    }

    fn deployed(&self) -> String {
        self.kubectl(&["get", "deployment", "web", "--ignore-not-found", "--output", "name"])
    }

    fn deploy(&self, version: &str) -> (i32, Value) {
        let words = format!("deploy web --env dev --version {version} --json");
        let output = run_within(LIMIT, &mut self.site.command(&words), "");
        let run = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code().unwrap(), run)
    }

    /// A deployment that has to fail, with this code, in this step.
    fn fails(&self, version: &str, code: &str, step: &str, about: &dyn std::fmt::Debug) {
        let (exit, run) = self.deploy(version);
        assert_eq!((exit, &run["state"]), (1, &json!("failed")), "{about:?}: {run}");
        assert_eq!(run["reason"]["code"], code, "{about:?}: {run}");
        let steps = run["steps"].as_array().unwrap();
        let failed = steps.iter().find(|step| step["state"] == "failed");
        assert_eq!(failed.unwrap()["id"], step, "{about:?}: {run}");
    }

    fn comes_up(&self, version: &str, about: &dyn std::fmt::Debug) {
        let (exit, run) = self.deploy(version);
        assert_eq!((exit, &run["state"]), (0, &json!("succeeded")), "{about:?}: {run}");
    }
}

/// What a refusal of one request comes to, whether it was to try or to do something.
const REFUSALS: [(Fault, &str); 9] = [
    (Status(401), "cluster.unauthorized"),
    (Status(403), "cluster.manifest"),
    (Status(409), "cluster.api"),
    (Status(410), "cluster.api"),
    (Status(503), "cluster.api"),
    // For an hour: nobody waits for that.
    (RetryAfter(429, 3600), "cluster.api"),
    // Every second, for ever.
    (RetryAfter(503, 1), "cluster.api"),
    (Close, "cluster.unreachable"),
    (CutAfterBytes(20), "cluster.unreachable"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_at_the_diff_changes_nothing() {
    let team = Team::new().await;
    for (fault, code) in REFUSALS {
        team.proxy.fail_on(Some("PATCH"), "dryRun=All", fault, ALWAYS);
        team.fails("good", code, "diff", &fault);
        assert_eq!(team.deployed(), "", "{fault:?}");
        team.proxy.heal();
    }
    team.comes_up("good", &"healed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_at_the_apply_is_no_success() {
    let team = Team::new().await;
    for (fault, code) in REFUSALS {
        team.proxy.fail_on(Some("PATCH"), "dryRun=All", Pass, ALWAYS);
        team.proxy.fail_on(Some("PATCH"), "/deployments/web", fault, ALWAYS);
        team.fails("good", code, "apply", &fault);
        team.proxy.heal();
        // Of an answer that broke off nobody knows; of what was refused nothing is there.
        let expected = if matches!(fault, CutAfterBytes(_)) { "deployment.apps/web\n" } else { "" };
        assert_eq!(team.deployed(), expected, "{fault:?}");
    }
    // The same again is what mends it, also where it was applied.
    team.comes_up("good", &"healed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_is_refused_half_way_says_so() {
    let team = Team::new().await;
    team.comes_up("good", &"before the stop");
    team.proxy.fail_on(Some("DELETE"), "/deployments/web", Status(403), ALWAYS);
    let (code, run) = team.site.json("stop web --env dev");
    assert_eq!((code, &run["reason"]["code"]), (1, &json!("cluster.forbidden")), "{run}");
    assert!(run["left_behind"].to_string().contains("may be gone in part"), "{run}");
    team.proxy.heal();
    team.site.done("stop web --env dev");
    assert_eq!(team.deployed(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_is_given_up_in_time() {
    let (diff, apply) = (Team::new().await, Team::new().await);
    diff.proxy.fail_on(Some("PATCH"), "dryRun=All", Hang, ALWAYS);
    apply.proxy.fail_on(Some("PATCH"), "dryRun=All", Pass, ALWAYS);
    apply.proxy.fail_on(Some("PATCH"), "", Hang, ALWAYS);
    std::thread::scope(|scope| {
        scope.spawn(|| diff.fails("good", "cluster.timeout", "diff", &Hang));
        scope.spawn(|| apply.fails("good", "cluster.timeout", "apply", &Hang));
    });
    assert_eq!((diff.deployed(), apply.deployed()), (String::new(), String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_is_asked_again_when_it_says() {
    let team = Team::new().await;
    team.proxy.fail_on(Some("POST"), "selfsubjectaccessreviews", RetryAfter(429, 1), 1);
    team.proxy.fail_on(Some("GET"), "/apis", RetryAfter(503, 1), 1);
    team.proxy.fail_on(Some("PATCH"), "dryRun=All", RetryAfter(429, 1), 1);
    team.proxy.fail_on(Some("PATCH"), "dryRun=All", Pass, ALWAYS);
    team.proxy.fail_on(Some("PATCH"), "", RetryAfter(429, 2), 1);
    let begun = Instant::now();
    team.comes_up("good", &"busy");
    assert!(begun.elapsed() >= Duration::from_secs(5), "it waits as it is asked to: {:?}", begun.elapsed());
    let busy = team.proxy.seen().into_iter().filter(|seen| matches!(seen.status, Some(429 | 503))).count();
    assert_eq!(busy, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_that_cannot_be_watched_is_no_success() {
    let mut team = Team::new().await;
    team.site.variables.push(("JALON_HEALTH_TIMEOUT", "4".to_owned()));
    for (fault, code) in [
        (Status(401), "cluster.unauthorized"),
        (Status(403), "cluster.forbidden"),
        (Status(409), "cluster.rollout_timed_out"),
        (Status(410), "cluster.rollout_timed_out"),
        (RetryAfter(429, 1), "cluster.rollout_timed_out"),
        (Status(503), "cluster.rollout_timed_out"),
        (Expired, "cluster.rollout_timed_out"),
        (Close, "cluster.rollout_timed_out"),
        (CutAfterEvents(1), "cluster.rollout_timed_out"),
        (Hang, "cluster.rollout_timed_out"),
    ] {
        team.proxy.fail_on(Some("GET"), "watch=", fault, ALWAYS);
        team.fails("stuck", code, "rollout", &fault);
        team.proxy.heal();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_breaks_goes_on() {
    let team = Team::new().await;
    let faults = [
        (Status(410), 2),
        (Expired, 2),
        (RetryAfter(429, 1), 2),
        (Status(503), 2),
        (Close, 2),
        (CutAfterEvents(1), 2),
        (Hang, 1),
    ];
    for (fault, times) in faults {
        team.proxy.fail_on(Some("GET"), "watch=", fault, times);
    }
    let all = faults.iter().map(|(_, times)| times).sum();
    let deploying = team.site.start("deploy web --env dev --version gated");
    // Nothing comes up before every one of them happened.
    until("every fault", || team.proxy.count("watch=") > all);
    let label = |value: &str| {
        let labelled = team.kubectl(&["label", "node", "node-1", value, "--overwrite"]);
        assert!(labelled.contains("node/node-1"), "{labelled}");
    };
    label(&format!("gate={}", team.namespace));
    let ended = deploying.ended_within(LIMIT);
    label("gate-");
    let run = &team.site.runs()[0];
    assert_eq!((ended, &run["state"]), (Some(0), &json!("succeeded")), "{run}");
}
