//! Charts as Helm releases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use deployments::kubernetes::{self, Chart, Error, Helm, Manifest, Owner, Wanted};

use crate::scene::{LIMIT, Scene, secrets, told};

fn write_chart(dir: &Path, template: &str) {
    std::fs::create_dir_all(dir.join("templates")).unwrap();
    std::fs::write(dir.join("Chart.yaml"), "apiVersion: v2\nname: web\nversion: 0.1.0\nappVersion: '1'\n")
        .unwrap();
    std::fs::write(dir.join("values.yaml"), "replicas: 1\nimage: example.org/web:1\npassword: none\n")
        .unwrap();
    std::fs::write(dir.join("templates").join("web.yaml"), template).unwrap();
}

const TEMPLATE: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  revisionHistoryLimit: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: {{ .Values.image | quote }}}
---
apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}}
stringData: {password: {{ .Values.password | quote }}}
";

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_is_a_helm_release() {
    let scene = Scene::new("chart").await;
    let cluster = scene.connect().await;
    let helm = Helm::find(&scene.environment, &cluster, LIMIT).await.unwrap();
    let dir = scene.folder.path().join("chart");
    write_chart(&dir, TEMPLATE);
    let secrets = secrets();
    let variables = BTreeMap::from([("IMAGE".to_owned(), "example.org/web:2".to_owned())]);
    let values = [("values-dev.yaml".to_owned(), "image: ${IMAGE}\npassword: \"${PASSWORD}\"\n".to_owned())];
    let chart = Chart {
        release: "web",
        dir: &dir,
        values: &values,
        environment: "dev",
        variables: &variables,
        secrets: &secrets,
        pins: None,
        private: scene.folder.path(),
    };
    assert_eq!(helm.history("web", LIMIT).await.unwrap(), []);
    assert_eq!(helm.manifests("web", None, LIMIT).await.unwrap(), []);
    let compare = async |manifests: &[Manifest], before: &[Manifest]| {
        let wanted = Wanted { manifests, before, secrets: &secrets, owner: Owner::Helm { release: "web" } };
        kubernetes::diff(&cluster, &wanted, LIMIT).await.unwrap()
    };
    let rendered = helm.rendered(&chart, LIMIT).await.unwrap().manifests;
    assert_eq!(rendered.iter().map(|manifest| manifest.at.as_str()).collect::<BTreeSet<_>>().len(), 1);
    assert!(rendered[0].at.starts_with("web/templates/web.yaml"), "{}", rendered[0].at);
    let mut creations = told(&compare(&rendered, &[]).await);
    creations.sort();
    assert_eq!(creations, ["Create Deployment/web", "Create Secret/web"]);
    let first = helm.upgrade(&chart, "release 1", LIMIT).await.unwrap();
    assert_eq!((first.revision, first.status.as_str(), first.chart.as_str()), (1, "deployed", "web-0.1.0"));
    assert_eq!(first.description, "release 1");
    let before = helm.manifests("web", None, LIMIT).await.unwrap();
    let same = helm.rendered(&chart, LIMIT).await.unwrap().manifests;
    assert_eq!(told(&compare(&same, &before).await), Vec::<String>::new());

    // More replicas, another password, one field fewer, one object fewer.
    write_chart(
        &dir,
        &TEMPLATE
            .replace("  revisionHistoryLimit: 4\n", "")
            .replace("kind: Secret", "kind: ConfigMap")
            .replace("stringData", "data"),
    );
    let values = [("values-dev.yaml".to_owned(), "image: ${IMAGE}\nreplicas: 3\n".to_owned())];
    let chart = Chart { values: &values, ..chart };
    let rendered = helm.rendered(&chart, LIMIT).await.unwrap().manifests;
    assert_eq!(
        told(&compare(&rendered, &before).await),
        [
            "Delete Secret/web",
            "Create ConfigMap/web",
            "Update Deployment/web",
            "  spec.replicas: 1 -> 3",
            // Helm 4 applies on the server, which then says what it fills in.
            if helm.version().starts_with('4') {
                "  spec.revisionHistoryLimit: 4 -> 10"
            } else {
                "  spec.revisionHistoryLimit: 4 -> -"
            },
        ]
    );
    let second = helm.upgrade(&chart, "release 2", LIMIT).await.unwrap();
    assert_eq!(second.revision, 2);
    let back = helm.rollback("web", 1, LIMIT).await.unwrap();
    assert_eq!((back.revision, back.status.as_str()), (3, "deployed"));
    assert_eq!(scene.kubectl(&["get", "deployment", "web", "-o", "jsonpath={.spec.replicas}"]), "1");
    assert_eq!(helm.history("web", LIMIT).await.unwrap().len(), 3);
    assert_eq!(helm.rollback("web", 9, LIMIT).await.unwrap_err().code(), "helm_unknown");

    // An operation that never ended.
    let latest = "sh.helm.release.v1.web.v3";
    let packed = scene.kubectl(&["get", "secret", latest, "-o", "jsonpath={.data.release}"]);
    let script = "import base64,gzip,json,sys; d=json.loads(gzip.decompress(base64.b64decode(base64.b64decode(sys.stdin.read())))); d['info']['status']='pending-upgrade'; print(base64.b64encode(base64.b64encode(gzip.compress(json.dumps(d).encode()))).decode())";
    let pending = {
        use std::io::Write;
        let mut python = std::process::Command::new("python3")
            .args(["-c", script])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        python.stdin.take().unwrap().write_all(packed.as_bytes()).unwrap();
        String::from_utf8(python.wait_with_output().unwrap().stdout).unwrap().trim().to_owned()
    };
    let patch = format!(
        "{{\"data\":{{\"release\":\"{pending}\"}},\"metadata\":{{\"labels\":{{\"status\":\"pending-upgrade\"}}}}}}"
    );
    scene.kubectl(&["patch", "secret", latest, "--type=merge", "-p", &patch]);
    let error = helm.upgrade(&chart, "release 4", LIMIT).await.unwrap_err();
    assert_eq!(error.code(), "helm_pending");
    assert!(error.to_string().contains("(pending-upgrade since 20"), "{error}");
    helm.rollback("web", 1, LIMIT).await.unwrap();
    helm.uninstall("web", LIMIT).await.unwrap();
    assert_eq!(helm.history("web", LIMIT).await.unwrap(), []);
    helm.uninstall("web", LIMIT).await.expect("what is gone already is no failure");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_that_is_not_good_is_told_plainly() {
    let scene = Scene::new("badchart").await;
    let cluster = scene.connect().await;
    let helm = Helm::find(&scene.environment, &cluster, LIMIT).await.unwrap();
    let dir = scene.folder.path().join("chart");
    let (variables, secrets) = (BTreeMap::new(), BTreeMap::new());
    let chart = Chart {
        release: "web",
        dir: &dir,
        values: &[],
        environment: "dev",
        variables: &variables,
        secrets: &secrets,
        pins: None,
        private: scene.folder.path(),
    };
    assert_eq!(helm.rendered(&chart, LIMIT).await.unwrap_err().code(), "chart_missing");
    let cases = [
        ("a: {{ .Values.one.two }}\n", "chart_does_not_render", "web/templates/web.yaml:1:"),
        ("a: 1\nb: {{ nosuch . }}\n", "chart_does_not_render", "web/templates/web.yaml:2"),
        ("{{ required \"say which image\" .Values.other }}\n", "chart_does_not_render", "say which image"),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: a\n",
            "chart_does_not_render",
            "web/templates/web.yaml",
        ),
        (
            "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a}\n",
            "api_gone",
            "write apiVersion: policy/v1",
        ),
    ];
    for (template, code, words) in cases {
        write_chart(&dir, template);
        let error = helm.rendered(&chart, LIMIT).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(helm.upgrade(&chart, "bad", LIMIT).await.unwrap_err().code(), code);
    }
    write_chart(&dir, TEMPLATE);
    std::fs::write(dir.join("Chart.yaml"), "apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies: [{name: redis, version: 1.0.0, repository: 'https://example.org'}]\n").unwrap();
    let error = helm.rendered(&chart, LIMIT).await.unwrap_err();
    assert!(
        error.code() == "chart_missing" && error.to_string().contains("helm dependency build"),
        "{error}"
    );
    // What somebody made by hand is not taken over.
    write_chart(&dir, TEMPLATE);
    scene.kubectl_apply(&[], "{apiVersion: v1, kind: Secret, metadata: {name: web}}");
    let error = helm.upgrade(&chart, "taken", LIMIT).await.unwrap_err();
    assert_eq!(error.code(), "owned", "{error}");
    let without = BTreeMap::from([("PATH".into(), "/nonexistent".into())]);
    assert_eq!(Helm::find(&without, &cluster, LIMIT).await.unwrap_err(), Error::HelmMissing);
}
