//! What is refused, by Jalon or by the server, and how it is told.

use std::collections::BTreeMap;

use deployments::kubernetes::{self, Applying, Labels};
use tests::cluster::{Access, Cluster as Peer, until};

use crate::scene::{LIMIT, Scene, WEB, apply, diff, told};

#[tokio::test(flavor = "multi_thread")]
async fn others_are_not_overridden() {
    let scene = Scene::new("owners").await;
    let cluster = scene.connect().await;
    // Somebody's field.
    let theirs = WEB.split("---").last().unwrap().replace("${REPLICAS}", "5");
    scene.kubectl_apply(&["--server-side", "--field-manager=somebody"], &theirs);
    let manifests = scene.read(WEB.split("---").last().unwrap()).unwrap();
    let compared = diff(&cluster, &manifests, &[]).await.unwrap();
    let conflicts = &compared.changes[0].conflicts;
    assert_eq!((conflicts.len(), conflicts[0].manager.as_str()), (1, "somebody"));
    assert_eq!(conflicts[0].fields, [".spec.replicas"]);
    assert!(told(&compared).contains(&"  spec.replicas: 5 -> 2".to_owned()), "{:?}", told(&compared));
    let error = apply(&cluster, &manifests).await.unwrap_err();
    assert_eq!(Some(&error), compared.refused().as_ref());
    assert!(error.to_string().contains(".spec.replicas by somebody"), "{error}");
    assert_eq!(scene.kubectl(&["get", "deployment", "web", "-o", "jsonpath={.spec.replicas}"]), "5");

    // Somebody's object.
    for (mark, value, owner) in [
        ("annotate", "meta.helm.sh/release-name=shop", "the Helm release shop"),
        ("label", "argocd.argoproj.io/instance=shop", "the Argo CD application shop"),
    ] {
        scene.kubectl(&[mark, "deployment", "web", value]);
        let compared = diff(&cluster, &manifests, &[]).await.unwrap();
        assert_eq!(compared.changes[0].owner.as_deref(), Some(owner));
        let error = apply(&cluster, &manifests).await.unwrap_err();
        assert_eq!((error.code(), error.is_refusal()), ("owned", true));
        assert!(error.to_string().contains(owner), "{error}");
        let (name, _) = value.split_once('=').unwrap();
        scene.kubectl(&[mark, "deployment", "web", &format!("{name}-")]);
    }
    // Another service of Jalon is another owner; what it has is not pruned.
    let mut other = scene.read("{apiVersion: v1, kind: ConfigMap, metadata: {name: shared}}").unwrap();
    kubernetes::label(
        &mut other,
        &Labels {
            service: "api",
            release: "1",
            version: "v1",
            commit: None,
            brought: "t",
            environment: "dev",
        },
    );
    let applying = Applying { manifests: &other, secrets: &BTreeMap::new(), service: "api" };
    kubernetes::apply(&cluster, &applying, LIMIT, &mut |_| ()).await.unwrap();
    let ours = scene.read("{apiVersion: v1, kind: ConfigMap, metadata: {name: shared}}").unwrap();
    assert!(apply(&cluster, &ours).await.unwrap_err().to_string().contains("the service api of Jalon"));
    let compared = diff(&cluster, &[], &ours).await.unwrap();
    assert_eq!((told(&compared), compared.deletions()), (vec!["Delete ConfigMap/shared".to_owned()], vec![]));
    assert!(kubernetes::prune(&cluster, &[other[0].id()], "web", LIMIT).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_refuses_is_told_with_its_place() {
    let scene = Scene::new("refused").await;
    let cluster = scene.connect().await;
    let gone = scene
        .read("\n\napiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n")
        .unwrap();
    let error = diff(&cluster, &gone, &[]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "k8s/web.yaml:3: this cluster has no PodDisruptionBudget in policy/v1beta1: write apiVersion: policy/v1"
    );
    assert_eq!(apply(&cluster, &gone).await.unwrap_err(), error);
    let unknown = scene.read("{apiVersion: example.org/v1, kind: Thing, metadata: {name: a}}").unwrap();
    assert!(
        diff(&cluster, &unknown, &[]).await.unwrap_err().to_string().contains("its CRD is not installed")
    );

    let mistyped = scene.read(&WEB.replace("containerPort", "containrPort")).unwrap();
    let error = diff(&cluster, &mistyped, &[]).await.unwrap_err();
    assert_eq!(error.code(), "rejected");
    assert!(
        error.to_string().contains("k8s/web.yaml:18: the cluster refuses Deployment/web")
            && error.to_string().contains("containrPort"),
        "{error}"
    );
    let invalid = scene.read(&WEB.replace("replicas: ${REPLICAS}", "replicas: -1")).unwrap();
    let error = diff(&cluster, &invalid, &[]).await.unwrap_err();
    assert!(error.code() == "rejected" && error.to_string().contains("spec.replicas"), "{error}");

    apply(&cluster, &scene.read(WEB).unwrap()).await.unwrap();
    let moved = scene.read(&WEB.replace("app: web}", "app: other}")).unwrap();
    let error = diff(&cluster, &moved, &[]).await.unwrap_err();
    assert_eq!(error.code(), "immutable");

    // A deprecated API still works, and the server warns.
    let old = scene.read("apiVersion: v1\nkind: Endpoints\nmetadata: {name: old}\n").unwrap();
    let compared = diff(&cluster, &old, &[]).await.unwrap();
    assert!(
        compared.warnings.iter().any(|text| text.starts_with("k8s/web.yaml:1: v1 Endpoints is deprecated")),
        "{:?}",
        compared.warnings
    );

    scene.kubectl_apply(
        &[],
        "{apiVersion: v1, kind: ResourceQuota, metadata: {name: few}, spec: {hard: {configmaps: '1'}}}",
    );
    until("the quota", async || {
        scene
            .kubectl(&["get", "resourcequota", "few", "-o", "jsonpath={.status.used.configmaps}"])
            .parse::<u32>()
            .ok()
    })
    .await;
    let one_more = scene.read("{apiVersion: v1, kind: ConfigMap, metadata: {name: more}}").unwrap();
    assert_eq!(apply(&cluster, &one_more).await.unwrap_err().code(), "quota");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_read_is_known_and_told() {
    let peer = Peer::shared().await;
    let mut scene = Scene::new("reader").await;
    let token = peer.account(&scene.namespace, "reader", "view").await;
    scene.sign_in(&Access::Token(token));
    let cluster = scene.connect().await;
    assert!(cluster.read_only(LIMIT).await.unwrap());
    let manifests = scene.read("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}").unwrap();
    let error = diff(&cluster, &manifests, &[]).await.unwrap_err();
    assert_eq!(error.code(), "forbidden");
    assert!(error.to_string().contains("apply ConfigMap/a"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_on_its_way_out_takes_nothing() {
    let scene = Scene::new("ending").await;
    let cluster = scene.connect().await;
    // A finalizer that nobody serves keeps the namespace where it is.
    scene.kubectl_apply(
        &[],
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: keep, finalizers: [example.org/keep]}}",
    );
    scene.kubectl(&["delete", "namespace", &scene.namespace, "--wait=false"]);
    until("the namespace to end", async || {
        scene.try_connect(LIMIT).await.err().filter(|error| error.code() == "namespace_ending")
    })
    .await;
    let manifests = scene.read("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}").unwrap();
    assert_eq!(apply(&cluster, &manifests).await.unwrap_err().code(), "namespace_ending");
    scene.kubectl(&[
        "patch",
        "configmap",
        "keep",
        "--type=merge",
        "-p",
        "{\"metadata\":{\"finalizers\":null}}",
    ]);
}
