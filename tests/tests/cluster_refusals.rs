//! `jalonctl` before a cluster that refuses, hangs, breaks off or is busy: at the diff, at the apply, while a
//! rollout is followed, in Helm's own requests, at deletions. Nothing is called a success that was none,
//! everything ends in time, and what passes is no failure.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "git and Helm are found on the PATH of whoever tests")]

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::cluster::{Access, Cluster};
use tests::fault_proxy::Fault::{
    Close, CutAfterBytes, CutAfterEvents, Expired, Hang, Pass, RetryAfter, Status,
};
use tests::fault_proxy::{Fault, FaultProxy};
use tests::process::{run, run_within, until};
use tests::programs;
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

/// The objects of a version.
fn manifests(image: &str, selector: &str) -> String {
    MANIFESTS.replace("IMAGE", &format!("registry.example/{image}")).replace("SELECTOR", selector)
}

/// What Helm calls a revision of the service.
fn revision(number: u32) -> String {
    format!("secret/sh.helm.release.v1.web.v{number}\n")
}

/// A team whose cluster is behind a proxy that can fail.
struct Team {
    site: Site,
    proxy: FaultProxy,
    cluster: &'static Cluster,
    namespace: String,
}

impl Team {
    /// A repository without a commit; `service` says what the service `web` consists of.
    async fn of(service: &str) -> Self {
        let cluster = Cluster::shared().await;
        let (proxy, namespace) = (FaultProxy::start().await, cluster.namespace("faults").await);
        let bench = Bench::new();
        bench.write(
            "jalon.toml",
            &format!(
                "[project]\nname = \"app\"\n[[environment]]\nname = \"dev\"\n\
                 target = {{ kind = \"kubernetes\", context = \"jalon-test\", namespace = \"{namespace}\" }}\n\
                 [[service]]\nname = \"web\"\n{service}\n"
            ),
        );
        let kubeconfig = proxy.write_kubeconfig(bench.path(), &Access::Administrator, &namespace);
        let variables =
            vec![("KUBECONFIG", kubeconfig.display().to_string()), ("JALON_HEALTH_TIMEOUT", "60".to_owned())];
        let team = Self { site: Site::of(bench, variables), proxy, cluster, namespace };
        team.git(&["init", "--quiet", "--initial-branch", "main"]);
        team
    }

    /// Three versions: `good` comes up, `stuck` never does, `gated` once a node has this namespace's label.
    async fn new() -> Self {
        let team = Self::of("manifests = [\"k8s/*.yaml\"]").await;
        let gate = format!("{{gate: {}}}", team.namespace);
        for (tag, image, selector) in
            [("good", "web:1", "{}"), ("stuck", "stuck:1", "{}"), ("gated", "web:2", gate.as_str())]
        {
            team.version(tag, "k8s/web.yaml", &manifests(image, selector));
        }
        team
    }

    /// Two versions of a chart: `good`, which serves, and `next`.
    async fn with_chart() -> Self {
        let mut team = Self::of("helm = \"chart\"").await;
        let (helm, path) = (programs::helm(), std::env::var("PATH").unwrap());
        let path = format!("{}:{path}", helm.parent().unwrap().display());
        team.site.variables.push(("PATH", path));
        team.site.bench.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n");
        for (tag, image) in [("good", "web:1"), ("next", "web:2")] {
            team.version(tag, "chart/templates/web.yaml", &manifests(image, "{}"));
        }
        team.comes_up("good", &"before the fault");
        team
    }

    /// Commits a file, under a tag.
    fn version(&self, tag: &str, path: &str, text: &str) {
        self.site.bench.write(path, text);
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", tag]);
        self.git(&["tag", tag]);
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

    /// The image that the Deployment is to run, and how many of its pods are ready.
    fn serves(&self) -> String {
        let both = "jsonpath={.spec.template.spec.containers[0].image} {.status.readyReplicas}";
        self.kubectl(&["get", "deployment", "web", "--output", both])
    }

    /// Helm's records of revisions with a status, by name.
    fn records(&self, status: &str) -> String {
        let wanted = format!("owner=helm,status={status}");
        self.kubectl(&["get", "secret", "--selector", &wanted, "--output", "name"])
    }

    fn deploy(&self, version: &str) -> (i32, Value) {
        let words = format!("deploy web --env dev --version {version} --json");
        let output = run_within(LIMIT, &mut self.site.command(&words), "");
        let run = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code().unwrap(), run)
    }

    /// A deployment that has to fail, with this code, in this step; its run.
    fn fails(&self, version: &str, code: &str, step: &str, about: &dyn std::fmt::Debug) -> Value {
        let (exit, run) = self.deploy(version);
        assert_eq!((exit, &run["state"]), (1, &json!("failed")), "{about:?}: {run}");
        assert_eq!(run["reason"]["code"], code, "{about:?}: {run}");
        let steps = run["steps"].as_array().unwrap();
        let failed = steps.iter().find(|step| step["state"] == "failed");
        assert_eq!(failed.unwrap()["id"], step, "{about:?}: {run}");
        run
    }

    fn comes_up(&self, version: &str, about: &dyn std::fmt::Debug) {
        let (exit, run) = self.deploy(version);
        assert_eq!((exit, &run["state"]), (0, &json!("succeeded")), "{about:?}: {run}");
    }
}

/// What a refusal of one request comes to, whether it was to try or to do something.
const REFUSALS: [(Fault, &str); 9] = [
    (Status(401), "cluster.unauthorized"),
    (Status(403), "cluster.denied"),
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
    let (plain, chart) = (Team::new().await, Team::with_chart().await);
    plain.comes_up("good", &"before the stop");
    // What it was refused Helm keeps to itself.
    for (team, refused) in [(plain, "cluster.forbidden"), (chart, "cluster.helm_failed")] {
        team.proxy.fail_on(Some("DELETE"), "/deployments/web", Status(403), ALWAYS);
        let (code, run) = team.site.json("stop web --env dev");
        assert_eq!((code, &run["reason"]["code"]), (1, &json!(refused)), "{run}");
        assert!(run["left_behind"].to_string().contains("may be gone in part"), "{run}");
        assert_eq!(team.serves(), "registry.example/web:1 1");
        team.proxy.heal();
        team.site.done("stop web --env dev");
        assert_eq!(team.deployed(), "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_deleted_after_a_rollout_is_named_and_goes_with_the_next_one() {
    let team = Team::new().await;
    let extra = "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n";
    team.version("extra", "k8s/web.yaml", &format!("{}{extra}", manifests("web:2", "{}")));
    let there = || team.kubectl(&["get", "configmap", "extra", "--ignore-not-found", "--output", "name"]);
    for (fault, code) in [(Status(403), "cluster.forbidden"), (Status(503), "cluster.api")] {
        team.comes_up("extra", &"before the fault");
        team.proxy.fail_on(Some("DELETE"), "/configmaps/extra", fault, ALWAYS);
        let run = team.fails("good", code, "record", &fault);
        team.proxy.heal();
        assert!(run["reason"]["message"].as_str().unwrap().contains("delete ConfigMap/extra"), "{run}");
        assert!(run["left_behind"].to_string().contains("good is applied"), "{run}");
        assert_eq!(there(), "configmap/extra\n", "{fault:?}");
    }
    team.comes_up("good", &"healed");
    assert_eq!(there(), "");
}

/// Where Helm is refused, and in which step: its history, the record of a new revision, the object itself.
const HELMS: [(&str, &str, &str); 3] = [
    ("GET", "owner%3Dhelm", "render"),
    ("POST", "/secrets", "apply"),
    ("PATCH", "/deployments/web", "apply"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_helm_is_refused_is_told_and_the_release_before_serves_on() {
    let team = Team::with_chart().await;
    for (method, part, step) in HELMS {
        for (code, word) in
            [(401, "Unauthorized"), (403, "Forbidden"), (429, "TooManyRequests"), (503, "ServiceUnavailable")]
        {
            // Jalon's own dry run passes: what is refused is Helm.
            team.proxy.fail_on(Some("PATCH"), "dryRun=All", Pass, ALWAYS);
            team.proxy.fail_on(Some(method), part, Status(code), ALWAYS);
            let about = format!("{code} to {method} {part}");
            let run = team.fails("next", "cluster.helm_failed", step, &about);
            team.proxy.heal();
            let message = run["reason"]["message"].as_str().unwrap();
            assert!(message.contains(&format!("the fault proxy says {word}")), "{about}: {run}");
            let left = run["left_behind"].to_string().contains("the Helm release web");
            assert_eq!(left, step == "apply", "{about}: {run}");
            assert_eq!(team.serves(), "registry.example/web:1 1", "{about}");
            assert_eq!(team.records("deployed"), revision(1), "{about}");
        }
    }
    team.comes_up("next", &"healed");
    until("the next release serving", || team.serves() == "registry.example/web:2 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_helm_cannot_record_as_done_is_no_success_and_has_a_way_back() {
    let team = Team::with_chart().await;
    team.proxy.fail_on(Some("PUT"), "/secrets/", Status(503), ALWAYS);
    let run = team.fails("next", "cluster.helm_failed", "apply", &"its record");
    assert!(run["left_behind"].to_string().contains("jalonctl rollback web --env dev"), "{run}");
    team.proxy.heal();
    assert_eq!((team.records("deployed"), team.records("pending-upgrade")), (revision(1), revision(2)));
    team.fails("next", "cluster.helm_pending", "render", &"half a release");
    team.site.done("rollback web --env dev");
    assert_eq!(team.records("deployed"), revision(3));
    until("the release before serving", || team.serves() == "registry.example/web:1 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helm_that_waits_for_ever_is_ended_in_time_and_in_order() {
    let [reads, writes, waits] =
        [Team::with_chart().await, Team::with_chart().await, Team::with_chart().await];
    reads.proxy.fail_on(Some("GET"), "owner%3Dhelm", Hang, ALWAYS);
    // Helm itself would wait for that hour.
    for (team, fault) in [(&writes, Hang), (&waits, RetryAfter(429, 3600))] {
        team.proxy.fail_on(Some("PATCH"), "dryRun=All", Pass, ALWAYS);
        team.proxy.fail_on(Some("PATCH"), "/deployments/web", fault, ALWAYS);
    }
    // Asked to end, Helm still records that its revision failed.
    let all =
        [(&reads, "render", String::new()), (&writes, "apply", revision(2)), (&waits, "apply", revision(2))];
    std::thread::scope(|scope| {
        for (team, step, _) in &all {
            scope.spawn(move || team.fails("next", "cluster.timeout", step, step));
        }
    });
    for (team, step, failed) in &all {
        assert_eq!(team.serves(), "registry.example/web:1 1", "{step}");
        assert_eq!(team.records("deployed"), revision(1), "{step}");
        assert_eq!((team.records("pending-upgrade"), &team.records("failed")), (String::new(), failed));
    }
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
