//! Every way to a cluster, and what is said where there is none.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deployments::kubernetes::{self, Cluster, Error};
use jiff::Timestamp;
use tests::cluster::{Access, CONTEXT, Cluster as Peer, Plugin};

use crate::scene::{LIMIT, Scene};

#[tokio::test(flavor = "multi_thread")]
async fn every_way_in_works_or_says_why_not() {
    let peer = Peer::shared().await;
    let mut scene = Scene::new("access").await;
    let token = peer.account(&scene.namespace, "writer", "edit").await;
    scene.sign_in(&Access::Exec(Plugin::Answers(token.clone())));
    let cluster = scene.connect().await;
    assert!(!cluster.read_only(LIMIT).await.unwrap());
    assert_eq!((cluster.context(), cluster.namespace()), (CONTEXT, scene.namespace.as_str()));
    assert!(cluster.server().starts_with("127.0.0.1:"));

    let cases: [(Access, &str, &str); 7] = [
        (Access::Token("no-such-token".into()), "unauthorized", "sign in to the cluster again"),
        (Access::Nobody, "unauthorized", "sign in to the cluster again"),
        (Access::Expired, "certificate", "your client certificate of context \"jalon-test\" expired on 20"),
        (Access::Exec(Plugin::Missing), "credential", "credential-plugin, which signs in, is not installed"),
        (
            Access::Exec(Plugin::Asks),
            "credential",
            "credential-plugin ended with exit code 1: Enter the code:",
        ),
        (
            Access::Exec(Plugin::Fails("no access: token eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOjF9 is old")),
            "credential",
            "no access: token ••• is old",
        ),
        (
            Access::Exec(Plugin::Answers("no-such-token".into())),
            "unauthorized",
            "sign in to the cluster again",
        ),
    ];
    for (access, code, words) in cases {
        scene.sign_in(&access);
        let error = scene.try_connect(LIMIT).await.expect_err(words);
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    scene.sign_in(&Access::Exec(Plugin::Hangs));
    let begun = Instant::now();
    let error = scene.try_connect(Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(error.code(), "credential_timeout", "{error}");
    assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_not_there_is_named() {
    let mut scene = Scene::new("places").await;
    let access = kubernetes::Access {
        environment: &scene.environment,
        context: Some("prod"),
        namespace: "prod",
        now: Arc::new(|| Timestamp::UNIX_EPOCH),
    };
    let error = Cluster::connect(&access, LIMIT).await.unwrap_err();
    assert_eq!(error, Error::UnknownContext { context: "prod".into(), known: vec![CONTEXT.into()] });
    let namespace = std::mem::replace(&mut scene.namespace, "nowhere".into());
    assert_eq!(scene.try_connect(LIMIT).await.unwrap_err().code(), "namespace_missing");
    scene.namespace = namespace;

    // An authority that did not sign the server's certificate, then a port where nobody listens.
    let path = scene.folder.path().join("kubeconfig.json");
    let kubeconfig: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let mut other = kubeconfig.clone();
    other["clusters"][0]["cluster"].as_object_mut().unwrap().remove("certificate-authority-data");
    std::fs::write(&path, other.to_string()).unwrap();
    let error = scene.try_connect(LIMIT).await.unwrap_err();
    assert_eq!(error.code(), "certificate", "{error}");
    let mut other = kubeconfig;
    other["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1".into();
    std::fs::write(&path, other.to_string()).unwrap();
    let error = scene.try_connect(LIMIT).await.unwrap_err();
    assert_eq!(error.code(), "unreachable");
    assert!(error.to_string().contains("127.0.0.1:1") && error.to_string().contains("refused"), "{error}");
}
