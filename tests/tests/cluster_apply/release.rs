//! A release on its way: compared, applied, changed, pruned, rolled back.

use credentials::Secret;
use deployments::kubernetes::{self, Applying, Labels, Manifest};
use tests::cluster::until;

use crate::scene::{CANARY, LIMIT, Scene, WEB, apply, diff, secrets, told};

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_compared_applied_changed_pruned_and_rolled_back() {
    let scene = Scene::new("release").await;
    let cluster = scene.connect().await;
    assert!(!cluster.read_only(LIMIT).await.unwrap());
    let first = scene.read(WEB).unwrap();
    let compared = diff(&cluster, &first, &[]).await.unwrap();
    assert_eq!(
        told(&compared),
        ["Create ConfigMap/web", "Create Secret/web", "Create Service/web", "Create Deployment/web"]
    );
    assert_eq!(compared.changes[3].id.namespace.as_deref(), Some(scene.namespace.as_str()));
    let created = apply(&cluster, &first).await.unwrap();
    assert_eq!(
        created,
        ["ConfigMap/web Created", "Deployment/web Created", "Secret/web Created", "Service/web Created"]
    );
    let encoded = scene.kubectl(&["get", "secret", "web", "-o", "jsonpath={.data.url}"]);
    assert_eq!(encoded, "cG9zdGdyZXM6Ly93ZWI6YzRuNHJ5LUluLVRoZS1DbHVzdGVyQGRiL3dlYg==");

    // The same again changes nothing.
    let same = diff(&cluster, &first, &first).await.unwrap();
    assert_eq!((told(&same), same.unchanged), (vec![], 4));
    let again = apply(&cluster, &first).await.unwrap();
    assert!(again.iter().all(|line| line.ends_with("Unchanged")), "{again:?}");

    // Another image, another secret's text, no ConfigMap.
    let text = WEB.replace("web:1", "web:2").replace("@db/web", "@db/other");
    let text = text.split_once("---").unwrap().1;
    let second = scene.read(text).unwrap();
    let compared = diff(&cluster, &second, &first).await.unwrap();
    assert_eq!(
        told(&compared),
        [
            "Delete ConfigMap/web",
            "Update Secret/web",
            "  data.url: *** -> ***",
            "Update Deployment/web",
            "  spec.template.spec.containers[web].image: \"example.org/web:1\" -> \"example.org/web:2\"",
        ]
    );
    let record = kubernetes::recorded(&first);
    for text in [&record, &serde_json::to_string(&compared).unwrap()] {
        assert!(!text.contains(CANARY) && !text.contains("YzRuNHJ5"), "{text}");
    }
    apply(&cluster, &second).await.unwrap();
    let deletions = compared.deletions();
    let pruned = kubernetes::prune(&cluster, &deletions, "web", LIMIT).await.unwrap();
    assert_eq!(pruned, deletions);
    assert!(kubernetes::prune(&cluster, &deletions, "web", LIMIT).await.unwrap().is_empty());

    // Back: without conflict, and the old ReplicaSet serves again.
    let set = || {
        scene.kubectl(&["get", "replicasets", "-o", "jsonpath={range .items[*]}{.spec.template.spec.containers[0].image} {.spec.replicas}{\"\\n\"}{end}"])
    };
    until("the second ReplicaSet", async || set().contains("web:2 2").then_some(())).await;
    let back = kubernetes::from_recorded(&record).unwrap();
    assert_eq!(kubernetes::digest(&back), kubernetes::digest(&first));
    apply(&cluster, &back).await.unwrap();
    until("the first ReplicaSet", async || set().contains("web:1 2").then_some(())).await;
    assert_eq!(set().lines().count(), 2, "{}", set());
    assert_eq!(scene.kubectl(&["get", "configmap", "web", "-o", "jsonpath={.data.greeting}"]), "hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_loses_the_keys_that_it_no_longer_has() {
    let scene = Scene::new("keys").await;
    let cluster = scene.connect().await;
    let secret = |names: &[&str]| {
        let mut all = vec![kubernetes::secret("env", &names.iter().map(|name| (*name).to_owned()).collect())];
        kubernetes::label(
            &mut all,
            &Labels {
                service: "web",
                release: "1",
                version: "v1",
                commit: None,
                brought: "t",
                environment: "dev",
            },
        );
        all
    };
    let mut values = secrets();
    values.insert("OTHER".into(), Secret::new("other-value".into()));
    for names in [&["OTHER", "PASSWORD"][..], &["PASSWORD"]] {
        let manifests = secret(names);
        let applying = Applying { manifests: &manifests, secrets: &values, service: "web" };
        kubernetes::apply(&cluster, &applying, LIMIT, &mut |_| ()).await.unwrap();
    }
    let data = scene.kubectl(&["get", "secret", "env", "-o", "jsonpath={.data}"]);
    assert!(data.contains("PASSWORD") && !data.contains("OTHER"), "{data}");
    // A value that is not in the keychain stops everything before anything is sent.
    let manifests = secret(&["MISSING"]);
    let error = apply(&cluster, &manifests).await.unwrap_err();
    assert_eq!(error.code(), "secret_missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_are_left_to_an_autoscaler() {
    const AUTOSCALER: &str = "
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 9
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
";
    let scene = Scene::new("scaled").await;
    let cluster = scene.connect().await;
    let replicas = || scene.kubectl(&["get", "deployment", "web", "-o", "jsonpath={.spec.replicas}"]);
    apply(&cluster, &scene.read(WEB).unwrap()).await.unwrap();
    assert_eq!(replicas(), "2");
    // The release that brings the autoscaler owns the field still: giving it up would mean one pod.
    let scaled = scene
        .read(&format!("{}{AUTOSCALER}", WEB.replace("replicas: ${REPLICAS}", "revisionHistoryLimit: 3")))
        .unwrap();
    apply(&cluster, &scaled).await.unwrap();
    assert_eq!(replicas(), "2");
    // What scales is another manager; from then on the field is its own.
    scene.kubectl(&["scale", "deployment", "web", "--replicas=6"]);
    let again = scene.read(&format!("{WEB}{AUTOSCALER}")).unwrap();
    let compared = diff(&cluster, &again, &scaled).await.unwrap();
    assert!(!told(&compared).iter().any(|line| line.contains("replicas")), "{:?}", told(&compared));
    apply(&cluster, &again).await.unwrap();
    assert_eq!(replicas(), "6");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_may_bring_its_own_kinds() {
    let scene = Scene::new("kinds").await;
    let cluster = scene.connect().await;
    // The cluster is shared: a name of this test's own.
    let group = format!("{}.example.org", scene.namespace);
    let text = format!("
apiVersion: {group}/v1
kind: Thing
metadata: {{name: one}}
spec: {{size: 3}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: things.{group}}}
spec:
  group: {group}
  scope: Namespaced
  names: {{kind: Thing, plural: things, singular: thing}}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {{openAPIV3Schema: {{type: object, properties: {{spec: {{type: object, properties: {{size: {{type: integer}}}}}}}}}}}}
");
    let manifests = scene.read(&text).unwrap();
    let compared = diff(&cluster, &manifests, &[]).await.unwrap();
    assert_eq!(
        told(&compared),
        ["Create Thing/one".to_owned(), format!("Create CustomResourceDefinition/things.{group}")]
    );
    assert_eq!((compared.changes[0].cluster_scoped, compared.changes[1].cluster_scoped), (false, true));
    apply(&cluster, &manifests).await.unwrap();
    assert_eq!(
        scene.kubectl(&["get", &format!("things.{group}"), "one", "-o", "jsonpath={.spec.size}"]),
        "3"
    );
    assert!(diff(&cluster, &manifests, &manifests).await.unwrap().is_empty());
    let all: Vec<_> = manifests.iter().map(Manifest::id).collect();
    assert_eq!(kubernetes::prune(&cluster, &all, "web", LIMIT).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_objects_are_one_release() {
    let scene = Scene::new("many").await;
    let cluster = scene.connect().await;
    let text: String = (0..200)
        .map(|n| {
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}}}\ndata: {{key: 'value {n}'}}\n---\n"
            )
        })
        .collect();
    let manifests = scene.read(&text).unwrap();
    assert_eq!(apply(&cluster, &manifests).await.unwrap().len(), 200);
    let same = diff(&cluster, &manifests, &manifests).await.unwrap();
    assert_eq!((same.unchanged, same.changes.len()), (200, 0));
}
