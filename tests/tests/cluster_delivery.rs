//! Deployments on a real control plane by `jalonctl`: diff, deploy, promote, a broken image, roll back, stop; Helm; and
//! what must be refused.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::time::Duration;

use serde_json::{Value, json};
use tests::cluster::team::{CANARY, MANIFESTS, Team};
use tests::process::{alive, run, run_within, until};

fn texts(log: &Value) -> Vec<String> {
    log["lines"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_with_manifests() {
    let team = Team::new("manifests = [\"k8s/*.yaml\"]").await;
    let site = &team.site;
    team.manifests("registry.example/web:1", "v1");
    team.manifests("registry.example/web:2", "v2");
    // A version that brings an object more, and whose image is broken.
    site.bench.write("k8s/extra.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n");
    team.manifests("registry.example/web:broken", "v3");
    assert_eq!(
        site.refused("deploy web --env dev --version v1 --strategy blue-green", 1),
        "deploy.strategy_unknown"
    );

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

    // What failed before it changed anything is nothing to go back from.
    site.bench.write("k8s/tab.yaml", "a:\n\tb: 1\n");
    team.version("tabbed");
    let (code, run) = site.json("deploy web --env dev --version tabbed");
    assert_eq!((code, &run["left_behind"]), (1, &json!([])), "{run}");
    site.done("rollback web --env dev");
    assert_eq!(team.image(&team.dev), "registry.example/web:1");
    site.done("deploy web --env dev --version v2");

    // A broken image: the cause is named well before any time limit.
    let (code, run) = site.json("deploy web --env dev --version v3");
    assert_eq!((code, &run["reason"]["code"]), (1, &json!("cluster.rollout_failed")), "{run}");
    assert_eq!(run["reason"]["params"]["cause"], "image");
    assert!(run["reason"]["message"].as_str().unwrap().contains("registry.example/web:broken"), "{run}");
    let view = site.done("diagnose web --env dev");
    assert_eq!(view["workloads"][0]["cause"]["id"], "image", "{view}");
    assert!(run["left_behind"].to_string().contains("ConfigMap/extra"), "{run}");
    let extra = "get configmap extra --ignore-not-found -o name";
    assert_eq!(team.kubectl(&team.dev, extra), "configmap/extra\n");

    // Back to what served.
    site.done("rollback web --env dev --to v2");
    assert_eq!(team.image(&team.dev), "registry.example/web:2");
    assert_eq!(team.kubectl(&team.dev, extra), "", "what the failed release brought went with it");
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
    // A service that never came up can be taken away as well.
    site.json("deploy web --env dev --version v3");
    assert_eq!(team.kubectl(&team.dev, extra), "configmap/extra\n");
    site.done("stop web --env dev");
    assert_eq!(team.kubectl(&team.dev, extra), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_cancelled_run_changed_is_told_and_what_the_cluster_says_is_masked() {
    let team = Team::new("manifests = [\"k8s/*.yaml\"]").await;
    let site = &team.site;
    team.manifests("registry.example/stuck:1", "v1");
    let caller = site.start("deploy web --env dev --version v1");
    until("the rollout", || {
        let shown = site.json("runs show 1").1;
        let mut steps = shown["steps"].as_array().into_iter().flatten();
        steps.any(|step| step["id"] == "rollout" && step["state"] == "running")
    });
    let event = format!(
        "apiVersion: v1\nkind: Event\nmetadata: {{name: canary}}\nreason: Canary\nmessage: no way to {CANARY}\ntype: Warning\n\
         involvedObject: {{apiVersion: apps/v1, kind: Deployment, name: web, namespace: {dev}}}\n\
         lastTimestamp: 2026-01-01T00:00:00Z\nfirstTimestamp: 2026-01-01T00:00:00Z\ncount: 1\n",
        dev = team.dev
    );
    let mut create = team.cluster.kubectl(&["--namespace", &team.dev, "create", "-f", "-"]);
    assert!(run(&mut create, &event).status.success());
    let view = site.done("diagnose web --env dev");
    let told = view["events"].as_array().unwrap().iter().find(|event| event["reason"] == "Canary").unwrap();
    assert_eq!(told["message"], "no way to •••");
    site.done("runs cancel 1");
    assert_eq!(caller.ended(), Some(1));
    let cancelled = site.done("runs show 1");
    assert_eq!(cancelled["reason"]["code"], "run.cancelled");
    assert!(cancelled["left_behind"][0].as_str().unwrap().contains("Deployment/web"), "{cancelled}");
    assert!(!cancelled["reason"]["message"].as_str().unwrap().contains("still does"), "{cancelled}");
    tests::canary::nowhere(&site.bench, CANARY);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_with_a_chart() {
    let team = Team::new("helm = \"chart\"\nvalues = [\"chart/values-{environment}.yaml\"]").await;
    let site = &team.site;
    let chart = |tag: &str, image: &str| {
        site.bench.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n");
        site.bench.write("chart/values.yaml", "replicas: 1\n");
        site.bench.write("chart/values-dev.yaml", "replicas: ${REPLICAS:-1}\nurl: ${DATABASE_URL}\n");
        site.bench.write("chart/values-prod.yaml", "replicas: 2\nurl: ${DATABASE_URL}\n");
        let template = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: {{ .Values.replicas }}\n  \
             selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      \
             containers:\n        - {name: web, image: IMAGE, env: [{name: URL, value: {{ .Values.url | quote }}}]}\n---\n\
             apiVersion: v1\nkind: Secret\nmetadata: {name: own}\nstringData: {url: {{ .Values.url | quote }}}\n";
        site.bench.write("chart/templates/web.yaml", &template.replace("IMAGE", image));
        team.version(tag);
    };
    chart("v1", "registry.example/web:1");
    chart("v2", "registry.example/web:crash");
    site.bench.write("chart/templates/web.yaml", "spec: {{ .Values.missing.deeper }}\n");
    team.version("v3");

    site.done("deploy web --env dev --version v1");
    assert_eq!(team.image(&team.dev), "registry.example/web:1");
    let releases = team.kubectl(&team.dev, "get secret -l owner=helm -o name");
    assert!(releases.contains("sh.helm.release.v1.web.v1"), "it is a Helm release: {releases}");
    site.done("promote web --from dev --to prod --confirm prod");
    assert_eq!(team.kubectl(&team.prod, "get deployment web -o jsonpath={.spec.replicas}"), "2");

    let (code, run) = site.json("deploy web --env dev --version v2");
    assert_eq!((code, &run["reason"]["params"]["cause"]), (1, &json!("crash_loop")), "{run}");
    site.done("rollback web --env dev");
    assert_eq!(team.image(&team.dev), "registry.example/web:1");
    let revision = team.kubectl(&team.dev, "get secret -l owner=helm,status=deployed -o name");
    assert!(
        revision.contains("sh.helm.release.v1.web.v3"),
        "a roll back is a revision of its own: {revision}"
    );

    let (code, run) = site.json("deploy web --env dev --version v3");
    assert_eq!((code, &run["reason"]["code"]), (1, &json!("cluster.chart")), "{run}");
    assert!(run["reason"]["message"].as_str().unwrap().contains("web.yaml:1"), "{run}");
    assert_eq!(team.image(&team.dev), "registry.example/web:1", "nothing was changed");

    // The chart wrote the secret where it liked; what is kept of it is masked.
    assert!(team.kubectl(&team.dev, "get deployment web -o yaml").contains(CANARY));
    tests::canary::nowhere(&site.bench, CANARY);

    let beside = "get secret web-secrets --ignore-not-found -o name";
    assert_eq!(team.kubectl(&team.dev, beside), "secret/web-secrets\n");
    site.done("stop web --env dev");
    assert_eq!(team.kubectl(&team.dev, "get deployment web --ignore-not-found -o name"), "");
    assert_eq!(team.kubectl(&team.dev, beside), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_applied_is_named_and_changes_nothing() {
    let team = Team::new("manifests = [\"k8s/*.yaml\"]").await;
    let site = &team.site;
    let web = MANIFESTS.replace("IMAGE", "registry.example/web:1");
    for (tag, text, code, words) in [
        ("tabs", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: web\n".to_owned(), "cluster.manifest", "web.yaml:4"),
        ("twice", format!("{web}---\n{web}"), "cluster.duplicate", "ConfigMap/web"),
        (
            "gone",
            "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata:\n  name: web\nspec:\n  minAvailable: 1\n".to_owned(),
            "cluster.api_gone",
            "policy/v1",
        ),
        ("unset", web.replace("${GREETING:-hello}", "${NOBODY_SET_THIS}"), "cluster.manifest", "NOBODY_SET_THIS"),
    ] {
        site.bench.write("k8s/web.yaml", &text);
        team.version(tag);
        let (exit, run) = site.json(&format!("deploy web --env dev --version {tag}"));
        assert_eq!((exit, &run["reason"]["code"]), (1, &json!(code)), "{tag}: {run}");
        assert!(run["reason"]["message"].as_str().unwrap().contains(words), "{tag}: {run}");
        assert_eq!(team.image(&team.dev), "", "{tag} changed something");
    }

    // An object of somebody else's: refused, exit 3.
    let helms = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n  annotations: {meta.helm.sh/release-name: other, meta.helm.sh/release-namespace: NS}\n  labels: {app.kubernetes.io/managed-by: Helm}\n";
    let mut apply = team.cluster.kubectl(&["--namespace", &team.dev, "apply", "-f", "-"]);
    assert!(run(&mut apply, &helms.replace("NS", &team.dev)).status.success());
    team.manifests("registry.example/web:1", "mine");
    let (exit, run) = site.json("deploy web --env dev --version mine");
    assert_eq!((exit, &run["reason"]["code"]), (3, &json!("cluster.owned")), "{run}");
    assert_eq!(team.image(&team.dev), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_that_does_not_do_is_told_plainly() {
    use tests::cluster::{Access, Plugin};
    let mut team = Team::new("manifests = [\"k8s/*.yaml\"]").await;
    team.manifests("registry.example/web:1", "v1");
    let reader = team.cluster.account(&team.dev, "reader", "view").await;
    let folder = tempfile::tempdir().unwrap();
    for (name, access, exit, code) in [
        ("reader", Access::Token(reader), 3, "cluster.read_only"),
        ("expired", Access::Expired, 1, "cluster.certificate"),
        ("wrong", Access::Token(CANARY.to_owned()), 1, "cluster.unauthorized"),
        ("fails", Access::Exec(Plugin::Fails("no session")), 1, "cluster.unauthorized"),
        ("missing", Access::Exec(Plugin::Missing), 1, "cluster.unauthorized"),
        ("asks", Access::Exec(Plugin::Asks), 1, "cluster.unauthorized"),
    ] {
        let own = folder.path().join(name);
        std::fs::create_dir(&own).unwrap();
        let kubeconfig = team.cluster.write_kubeconfig(&own, &access, &team.dev);
        team.site.variables.push(("KUBECONFIG", kubeconfig.display().to_string()));
        let (found, run) = team.site.json("deploy web --env dev --version v1");
        assert_eq!((found, &run["reason"]["code"]), (exit, &json!(code)), "{name}: {run}");
        assert!(!run.to_string().contains(CANARY));
    }
    assert_eq!(team.image(&team.dev), "");
    tests::canary::nowhere(&team.site.bench, CANARY);
    // Nor may who only reads stop what serves.
    team.site.variables.push(("KUBECONFIG", team.cluster.kubeconfig().display().to_string()));
    team.site.done("deploy web --env dev --version v1");
    let kubeconfig = folder.path().join("reader");
    let kubeconfig = std::fs::read_dir(kubeconfig).unwrap().next().unwrap().unwrap().path();
    team.site.variables.push(("KUBECONFIG", kubeconfig.display().to_string()));
    let (exit, run) = team.site.json("stop web --env dev");
    assert_eq!((exit, &run["reason"]["code"]), (3, &json!("cluster.read_only")), "{run}");
    assert_eq!(team.image(&team.dev), "registry.example/web:1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_asks_or_hangs_is_named_and_leaves_no_process() {
    use tests::cluster::{Access, Plugin, plugin_processes};
    // A plugin has 10 s where a person waits and 30 s in a run; it would hang for ten minutes.
    const LIMIT: Duration = Duration::from_secs(120);
    let mut team = Team::new("manifests = [\"k8s/*.yaml\"]").await;
    team.manifests("registry.example/web:1", "v1");
    // With a good sign-in nothing is wrong.
    team.site.done("diff web --env dev --version v1");
    for (plugin, words) in [
        (Plugin::Asks, "credential-plugin ended with exit code 1: Enter the code:"),
        (Plugin::Hangs, "credential-plugin, which signs in to context \"jalon-test\", did not end within"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = team.cluster.write_kubeconfig(folder.path(), &Access::Exec(plugin), &team.dev);
        team.site.variables.push(("KUBECONFIG", kubeconfig.display().to_string()));
        let fails = |verb: &str| {
            let mut command = team.site.command(&format!("{verb} web --env dev --version v1 --json"));
            // Somebody would answer, but is not to be asked.
            let output = run_within(LIMIT, &mut command, "123456\n");
            let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
            let (run, error) = (read(&output.stdout), read(&output.stderr));
            let reason = if run.is_null() { &error["error"] } else { &run["reason"] };
            assert_eq!(output.status.code(), Some(1), "{verb}: {run} {error}");
            assert_eq!(reason["code"], "cluster.unauthorized", "{verb}: {run} {error}");
            assert!(reason["message"].as_str().unwrap().contains(words), "{verb}: {reason}");
        };
        std::thread::scope(|scope| {
            scope.spawn(|| fails("diff"));
            scope.spawn(|| fails("deploy"));
        });
        let processes = plugin_processes(folder.path());
        assert!(processes.len() >= 2, "both asked the plugin: {processes:?}");
        until("the end of the plugins", || !processes.iter().any(|id| alive(*id)));
    }
    assert_eq!(team.image(&team.dev), "");
}
