use k8s_openapi::api::core::v1::Pod;
use kube::api::DynamicObject;
use serde_json::{Value, json};

use super::super::*;
use super::{crashed, events, pod, running, waiting};
use crate::kubernetes::Events;

fn deployment(spec: Value, status: Value) -> DynamicObject {
    serde_json::from_value(
        json!({"metadata": {"name": "web", "generation": 2}, "spec": spec, "status": status}),
    )
    .unwrap()
}

fn owned<'a>(
    kind: &'a str,
    object: &'a DynamicObject,
    set: Option<&'a DynamicObject>,
    pods: Vec<&'a Cause>,
    events: &'a Events,
) -> Option<Cause> {
    of_workload(&Owned { kind, object, replica_set: set, pods, events })
}

fn failing_set(message: &str) -> DynamicObject {
    serde_json::from_value(json!({"metadata": {"name": "web-5c"}, "status": {"conditions": [
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}]}}))
    .unwrap()
}

#[test]
fn what_the_api_server_refuses_a_controller_is_named() {
    use CauseId::*;
    let cases = [
        (
            "pods \"web-5c-x\" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=2, limited: pods=2",
            Quota,
            vec![("quota", "compute"), ("resource", "pods"), ("reason", "exceeded")],
            Patience::AtOnce,
        ),
        (
            "pods \"web-5c-x\" is forbidden: failed quota: compute: must specify limits.cpu for: app",
            Quota,
            vec![("quota", "compute"), ("reason", "unspecified")],
            Patience::AtOnce,
        ),
        (
            "pods \"web-5c-x\" is forbidden: [maximum cpu usage per Container is 1, but limit is 2]",
            Quota,
            vec![("reason", "limit_range")],
            Patience::AtOnce,
        ),
        (
            "pods \"web-5c-x\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false",
            Forbidden,
            vec![("reason", "pod_security")],
            Patience::AtOnce,
        ),
        (
            "pods \"web-5c-x\" is forbidden: error looking up service account shop/web: serviceaccount \"web\" not found",
            Configuration,
            vec![("missing", "ServiceAccount/web")],
            Patience::After(MISSING),
        ),
        (
            "admission webhook \"policy.example\" denied the request: no latest tags",
            Forbidden,
            vec![("reason", "admission"), ("webhook", "policy.example")],
            Patience::AtOnce,
        ),
        (
            "Internal error occurred: failed calling webhook",
            Unknown,
            vec![("reason", "FailedCreate")],
            Patience::After(PLACING),
        ),
    ];
    let object = deployment(
        json!({"replicas": 3}),
        json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2}),
    );
    for (message, id, params, patience) in cases {
        let set = failing_set(message);
        let found = owned("Deployment", &object, Some(&set), Vec::new(), &Events::default()).unwrap();
        assert_eq!(
            (found.id, found.patience, found.object.as_str()),
            (id, patience, "ReplicaSet/web-5c"),
            "{message}"
        );
        for (key, value) in params {
            assert_eq!(found.params.get(key).map(String::as_str), Some(value), "{key} of {found:?}");
        }
        assert!(found.evidence[0].contains(message));
    }
}

#[test]
fn a_quota_is_borne_while_the_rollout_itself_makes_room() {
    let set = failing_set("exceeded quota: compute, requested: pods=1, used: pods=4, limited: pods=4");
    let patience = |spec: Value, updated: i32| {
        let status = json!({"observedGeneration": 2, "replicas": 4, "updatedReplicas": updated});
        let object = deployment(spec, status);
        owned("Deployment", &object, Some(&set), Vec::new(), &Events::default()).unwrap().patience
    };
    let rolling = |unavailable: Value| json!({"replicas": 4, "strategy": {"rollingUpdate": {"maxUnavailable": unavailable, "maxSurge": 1}}});
    assert_eq!(patience(rolling(json!("25%")), 0), Patience::After(PLACING));
    assert_eq!(patience(rolling(json!(1)), 0), Patience::After(PLACING));
    assert_eq!(patience(rolling(json!(0)), 0), Patience::AtOnce);
    assert_eq!(patience(rolling(json!(1)), 4), Patience::AtOnce);
}

#[test]
fn the_most_specific_cause_of_the_pods_is_the_workloads() {
    let object = deployment(
        json!({"replicas": 3}),
        json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3}),
    );
    let none = Events::default();
    let probing = of_pod(
        &pod(running(json!({"running": {}}), json!({}), 0)),
        &events(&[("Pod/web-1", "Unhealthy", "Readiness probe failed", 1)]),
    )
    .unwrap();
    let secret =
        of_pod(&pod(waiting("CreateContainerConfigError", "secret \"db\" not found")), &none).unwrap();
    let crash = of_pod(&pod(crashed(1, "Error", "")), &none).unwrap();
    let found = owned("Deployment", &object, None, vec![&probing, &crash, &secret], &none).unwrap();
    assert_eq!(found.id, CauseId::Configuration);
    let found = owned("Deployment", &object, None, vec![&probing, &crash], &none).unwrap();
    assert_eq!(found.id, CauseId::CrashLoop);
    assert_eq!(owned("Deployment", &object, None, Vec::new(), &none), None);
}

#[test]
fn a_deadline_that_passed_makes_the_cause_behind_it_final() {
    let status = json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "conditions": [
        {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "ReplicaSet \"web-5c\" has timed out progressing."}]});
    let object = deployment(json!({"replicas": 3}), status);
    let found = owned("Deployment", &object, None, Vec::new(), &Events::default()).unwrap();
    assert_eq!((found.id, found.patience), (CauseId::RolloutStuck, Patience::AtOnce));
    let lines = events(&[("Pod/web-1", "Unhealthy", "Readiness probe failed", 1)]);
    let probing = of_pod(&pod(running(json!({"running": {}}), json!({}), 0)), &lines).unwrap();
    let found = owned("Deployment", &object, None, vec![&probing], &lines).unwrap();
    assert_eq!((found.id, found.patience), (CauseId::Probe, Patience::AtOnce));
    assert!(found.evidence.iter().any(|line| line.contains("timed out progressing")));
}

#[test]
fn a_paused_a_failed_and_an_unseen_workload_say_so() {
    let none = Events::default();
    let reason = |kind: &str, object: &DynamicObject| {
        let found = owned(kind, object, None, Vec::new(), &none).unwrap();
        (found.id, found.params["reason"].clone(), found.patience)
    };
    let paused = deployment(
        json!({"replicas": 2, "paused": true}),
        json!({"observedGeneration": 2, "updatedReplicas": 0}),
    );
    assert_eq!(reason("Deployment", &paused), (CauseId::RolloutStuck, "paused".into(), Patience::AtOnce));
    let failed = deployment(
        json!({}),
        json!({"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "m"}]}),
    );
    assert_eq!(
        reason("Job", &failed),
        (CauseId::RolloutStuck, "BackoffLimitExceeded".into(), Patience::AtOnce)
    );
    let unseen = deployment(json!({"replicas": 1}), json!({"observedGeneration": 1}));
    assert_eq!(
        reason("StatefulSet", &unseen),
        (CauseId::RolloutStuck, "unobserved".into(), Patience::After(PLACING))
    );
}

#[test]
fn a_stateful_set_that_may_not_make_pods_is_told_by_its_events() {
    let object: DynamicObject = serde_json::from_value(
        json!({"metadata": {"name": "db"}, "spec": {"replicas": 3}, "status": {"replicas": 1}}),
    )
    .unwrap();
    let message = "create Pod db-1 in StatefulSet db failed error: pods \"db-1\" is forbidden: exceeded quota: compute, requested: pods=1";
    let refused = events(&[
        ("StatefulSet/db", "SuccessfulCreate", "create Pod db-0", 1),
        ("StatefulSet/db", "FailedCreate", message, 3),
    ]);
    assert_eq!(owned("StatefulSet", &object, None, Vec::new(), &refused).unwrap().id, CauseId::Quota);
    let passed = events(&[
        ("StatefulSet/db", "FailedCreate", message, 3),
        ("StatefulSet/db", "SuccessfulCreate", "create Pod db-1", 1),
    ]);
    assert_eq!(owned("StatefulSet", &object, None, Vec::new(), &passed), None);
}

#[test]
fn a_service_that_reaches_nothing_says_why() {
    let service = |selector: Value, port: Value| -> DynamicObject {
        serde_json::from_value(json!({"metadata": {"name": "web"}, "spec": {"selector": selector, "ports": [{"port": 80, "targetPort": port}]}})).unwrap()
    };
    let pod: Pod = serde_json::from_value(json!({"metadata": {"name": "web-1", "labels": {"app": "web"}},
        "spec": {"containers": [{"name": "app", "ports": [{"name": "http", "containerPort": 8080}]}]}}))
    .unwrap();
    let reason = |service: &DynamicObject| {
        of_service(service, std::iter::once(&pod)).map(|cause| cause.params["reason"].clone())
    };
    assert_eq!(reason(&service(json!({"app": "web"}), json!("http"))), None);
    assert_eq!(reason(&service(json!({"app": "web"}), json!(9090))), None);
    assert_eq!(reason(&service(json!({"app": "wbe"}), json!("http"))), Some("selector".into()));
    assert_eq!(reason(&service(json!({"app": "web"}), json!("https"))), Some("port".into()));
    assert_eq!(reason(&service(json!({}), json!("http"))), None);
}
