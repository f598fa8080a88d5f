use serde_json::{Value, json};

use super::*;

fn object(value: Value) -> DynamicObject {
    serde_json::from_value(value).unwrap()
}

fn deployment(spec: Value, status: Value) -> DynamicObject {
    object(json!({"metadata": {"name": "web", "generation": 3}, "spec": spec, "status": status}))
}

#[test]
fn every_kind_tells_its_health_and_the_fact_behind_it() {
    use Health::*;
    let progressing = json!([{"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}]);
    let rolled_out = json!([{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}]);
    let late = json!([{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out"}]);
    let meta = |generation: i64| json!({"name": "web", "generation": generation});
    let cases: Vec<(&str, DynamicObject, Health, &str)> = vec![
        (
            "Deployment",
            deployment(json!({"replicas": 3}), json!({})),
            Progressing,
            "its controller has not seen the change yet",
        ),
        (
            "Deployment",
            deployment(
                json!({"replicas": 3}),
                json!({"observedGeneration": 2, "replicas": 3, "readyReplicas": 3, "updatedReplicas": 3, "availableReplicas": 3}),
            ),
            Progressing,
            "its controller has not seen the change yet",
        ),
        (
            "Deployment",
            deployment(
                json!({"replicas": 3}),
                json!({"observedGeneration": 3, "replicas": 4, "readyReplicas": 3, "updatedReplicas": 1, "availableReplicas": 3}),
            ),
            Progressing,
            "1 of 3 updated, 3 ready",
        ),
        (
            "Deployment",
            deployment(
                json!({"replicas": 3}),
                json!({"observedGeneration": 3, "replicas": 4, "readyReplicas": 3, "updatedReplicas": 3, "availableReplicas": 3}),
            ),
            Progressing,
            "3 of 3 ready, 1 old still to end",
        ),
        (
            "Deployment",
            deployment(
                json!({"replicas": 3}),
                json!({"observedGeneration": 3, "replicas": 3, "readyReplicas": 2, "updatedReplicas": 3, "availableReplicas": 2, "conditions": progressing}),
            ),
            Progressing,
            "2 of 3 ready",
        ),
        (
            "Deployment",
            deployment(
                json!({"replicas": 3}),
                json!({"observedGeneration": 3, "replicas": 3, "readyReplicas": 3, "updatedReplicas": 3, "availableReplicas": 2}),
            ),
            Progressing,
            "3 of 3 ready, 2 for as long as minReadySeconds asks",
        ),
        (
            "Deployment",
            deployment(
                json!({"replicas": 3}),
                json!({"observedGeneration": 3, "replicas": 3, "readyReplicas": 3, "updatedReplicas": 3, "availableReplicas": 3}),
            ),
            Healthy,
            "3 of 3 ready",
        ),
        (
            "Deployment",
            deployment(
                json!({"replicas": 3}),
                json!({"observedGeneration": 3, "replicas": 3, "updatedReplicas": 3, "conditions": rolled_out}),
            ),
            Degraded,
            "0 of 3 ready",
        ),
        (
            "Deployment",
            deployment(
                json!({"replicas": 3}),
                json!({"observedGeneration": 3, "replicas": 3, "updatedReplicas": 1, "conditions": late}),
            ),
            Degraded,
            "0 of 3 ready: timed out",
        ),
        (
            "Deployment",
            deployment(json!({"replicas": 0}), json!({"observedGeneration": 3})),
            Suspended,
            "scaled to zero",
        ),
        (
            "Deployment",
            deployment(
                json!({"replicas": 2, "paused": true}),
                json!({"observedGeneration": 3, "readyReplicas": 2}),
            ),
            Suspended,
            "paused, 2 of 2 ready",
        ),
        (
            "Deployment",
            deployment(
                json!({}),
                json!({"observedGeneration": 3, "replicas": 1, "readyReplicas": 1, "updatedReplicas": 1, "availableReplicas": 1}),
            ),
            Healthy,
            "1 of 1 ready",
        ),
        (
            "StatefulSet",
            object(
                json!({"metadata": meta(1), "spec": {"replicas": 3}, "status": {"observedGeneration": 1, "replicas": 2, "readyReplicas": 1, "availableReplicas": 1}}),
            ),
            Progressing,
            "1 of 3 ready",
        ),
        (
            "StatefulSet",
            object(
                json!({"metadata": meta(1), "spec": {"replicas": 3}, "status": {"observedGeneration": 1, "replicas": 3, "readyReplicas": 3, "availableReplicas": 3, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"}}),
            ),
            Progressing,
            "1 of 3 updated, 3 ready",
        ),
        (
            "StatefulSet",
            object(
                json!({"metadata": meta(1), "spec": {"replicas": 3}, "status": {"observedGeneration": 1, "replicas": 3, "readyReplicas": 3, "availableReplicas": 3, "updatedReplicas": 3, "currentRevision": "b", "updateRevision": "b"}}),
            ),
            Healthy,
            "3 of 3 ready",
        ),
        (
            "StatefulSet",
            object(
                json!({"metadata": meta(1), "spec": {"replicas": 3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}}, "status": {"observedGeneration": 1, "replicas": 3, "readyReplicas": 3, "availableReplicas": 3, "updatedReplicas": 0, "currentRevision": "a", "updateRevision": "b"}}),
            ),
            Progressing,
            "0 of 1 updated below the partition, 3 ready",
        ),
        (
            "StatefulSet",
            object(
                json!({"metadata": meta(1), "spec": {"replicas": 3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}}, "status": {"observedGeneration": 1, "replicas": 3, "readyReplicas": 3, "availableReplicas": 3, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"}}),
            ),
            Healthy,
            "3 of 3 ready, 1 updated as the partition asks",
        ),
        (
            "StatefulSet",
            object(
                json!({"metadata": meta(1), "spec": {"replicas": 1, "updateStrategy": {"type": "OnDelete"}}, "status": {"observedGeneration": 1, "replicas": 1, "readyReplicas": 1, "currentRevision": "a", "updateRevision": "b"}}),
            ),
            Healthy,
            "1 of 1 ready, pods are replaced when they are deleted",
        ),
        (
            "StatefulSet",
            object(
                json!({"metadata": meta(2), "spec": {"replicas": 0}, "status": {"observedGeneration": 2, "replicas": 0}}),
            ),
            Suspended,
            "scaled to zero",
        ),
        (
            "DaemonSet",
            object(
                json!({"metadata": meta(1), "status": {"observedGeneration": 1, "desiredNumberScheduled": 4, "updatedNumberScheduled": 2, "numberReady": 3, "numberAvailable": 3}}),
            ),
            Progressing,
            "2 of 4 updated, 3 ready",
        ),
        (
            "DaemonSet",
            object(
                json!({"metadata": meta(1), "status": {"observedGeneration": 1, "desiredNumberScheduled": 4, "updatedNumberScheduled": 4, "numberReady": 3, "numberAvailable": 3}}),
            ),
            Progressing,
            "3 of 4 ready",
        ),
        (
            "DaemonSet",
            object(
                json!({"metadata": meta(1), "status": {"observedGeneration": 1, "desiredNumberScheduled": 4, "updatedNumberScheduled": 4, "numberReady": 4, "numberAvailable": 4}}),
            ),
            Healthy,
            "4 of 4 ready",
        ),
        (
            "ReplicaSet",
            object(
                json!({"metadata": meta(1), "spec": {"replicas": 2}, "status": {"observedGeneration": 1, "readyReplicas": 1, "availableReplicas": 1, "conditions": [{"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}]}}),
            ),
            Degraded,
            "1 of 2 ready: exceeded quota",
        ),
        (
            "ReplicaSet",
            object(
                json!({"metadata": meta(1), "spec": {"replicas": 2}, "status": {"observedGeneration": 1, "readyReplicas": 2, "availableReplicas": 2}}),
            ),
            Healthy,
            "2 of 2 ready",
        ),
        (
            "Job",
            object(
                json!({"metadata": meta(1), "spec": {"completions": 2}, "status": {"active": 1, "succeeded": 1, "failed": 1}}),
            ),
            Progressing,
            "1 of 2 completed, 1 running, 1 failed",
        ),
        (
            "Job",
            object(
                json!({"metadata": meta(1), "spec": {}, "status": {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}}),
            ),
            Healthy,
            "1 of 1 completed",
        ),
        (
            "Job",
            object(
                json!({"metadata": meta(1), "spec": {}, "status": {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too many"}]}}),
            ),
            Degraded,
            "failed (BackoffLimitExceeded): too many",
        ),
        ("Job", object(json!({"metadata": meta(1), "spec": {"suspend": true}})), Suspended, "suspended"),
        (
            "CronJob",
            object(json!({"metadata": meta(1), "spec": {"schedule": "0 3 * * *"}, "status": {}})),
            Healthy,
            "scheduled at 0 3 * * *, never yet",
        ),
        (
            "CronJob",
            object(json!({"metadata": meta(1), "spec": {"schedule": "0 3 * * *", "suspend": true}})),
            Suspended,
            "suspended, scheduled at 0 3 * * *",
        ),
        (
            "PersistentVolumeClaim",
            object(json!({"metadata": meta(1), "status": {"phase": "Pending"}})),
            Progressing,
            "waiting for a volume",
        ),
        (
            "PersistentVolumeClaim",
            object(json!({"metadata": meta(1), "status": {"phase": "Bound"}})),
            Healthy,
            "bound",
        ),
        (
            "PersistentVolumeClaim",
            object(json!({"metadata": meta(1), "status": {"phase": "Lost"}})),
            Degraded,
            "its volume is lost",
        ),
        (
            "Service",
            object(json!({"metadata": meta(1), "spec": {"type": "ClusterIP"}})),
            Healthy,
            "it is there",
        ),
        (
            "Service",
            object(
                json!({"metadata": meta(1), "spec": {"type": "LoadBalancer"}, "status": {"loadBalancer": {}}}),
            ),
            Progressing,
            "waiting for a load balancer's address",
        ),
        (
            "Service",
            object(
                json!({"metadata": meta(1), "spec": {"type": "LoadBalancer"}, "status": {"loadBalancer": {"ingress": [{"hostname": "lb.example"}]}}}),
            ),
            Healthy,
            "reachable at lb.example",
        ),
        (
            "Ingress",
            object(json!({"metadata": meta(1), "status": {"loadBalancer": {}}})),
            Progressing,
            "no controller has given it an address yet",
        ),
        (
            "Ingress",
            object(
                json!({"metadata": meta(1), "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}),
            ),
            Healthy,
            "reachable at 192.0.2.1",
        ),
        (
            "HorizontalPodAutoscaler",
            object(json!({"metadata": meta(1), "spec": {"maxReplicas": 5}})),
            Progressing,
            "it has not looked at its target yet",
        ),
        (
            "HorizontalPodAutoscaler",
            object(
                json!({"metadata": meta(1), "spec": {"maxReplicas": 5}, "status": {"currentReplicas": 2, "desiredReplicas": 2, "conditions": [{"type": "AbleToScale", "status": "True"}, {"type": "ScalingActive", "status": "True"}]}}),
            ),
            Healthy,
            "2 replicas, up to 5",
        ),
        (
            "HorizontalPodAutoscaler",
            object(
                json!({"metadata": meta(1), "spec": {"maxReplicas": 5}, "status": {"currentReplicas": 5, "desiredReplicas": 5, "conditions": [{"type": "ScalingActive", "status": "True"}]}}),
            ),
            Healthy,
            "5 replicas, the most it may set",
        ),
        (
            "HorizontalPodAutoscaler",
            object(
                json!({"metadata": meta(1), "spec": {"maxReplicas": 5}, "status": {"conditions": [{"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": "no metrics"}]}}),
            ),
            Degraded,
            "it does not scale (FailedGetResourceMetric): no metrics",
        ),
        ("ConfigMap", object(json!({"metadata": meta(1), "data": {"a": "b"}})), Healthy, "it is there"),
        ("Namespace", object(json!({"metadata": meta(1), "status": {"phase": "Active"}})), Healthy, "active"),
        (
            "Certificate",
            object(
                json!({"metadata": meta(2), "status": {"observedGeneration": 2, "conditions": [{"type": "Ready", "status": "True"}]}}),
            ),
            Healthy,
            "ready",
        ),
        (
            "Certificate",
            object(
                json!({"metadata": meta(2), "status": {"conditions": [{"type": "Ready", "status": "False", "reason": "Issuing", "message": "on its way"}]}}),
            ),
            Progressing,
            "not ready, Issuing: on its way",
        ),
        (
            "Certificate",
            object(
                json!({"metadata": meta(2), "status": {"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "True"}]}}),
            ),
            Progressing,
            "its controller has not seen the change yet",
        ),
        (
            "Kustomization",
            object(
                json!({"metadata": meta(2), "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Stalled", "status": "True", "reason": "BuildFailed", "message": "no such path"}]}}),
            ),
            Degraded,
            "stalled, BuildFailed: no such path",
        ),
        (
            "Kustomization",
            object(
                json!({"metadata": meta(2), "status": {"conditions": [{"type": "Reconciling", "status": "True", "reason": "Progressing", "message": ""}]}}),
            ),
            Progressing,
            "reconciling, Progressing",
        ),
        (
            "Database",
            object(json!({"metadata": meta(1), "spec": {"size": 1}})),
            Unknown,
            "it does not say how it is",
        ),
        (
            "Deployment",
            object(json!({"metadata": {"name": "web", "deletionTimestamp": "2026-01-01T00:00:00Z"}})),
            Progressing,
            "it is being deleted",
        ),
    ];
    for (kind, object, health, message) in cases {
        let verdict = of(kind, &object);
        assert_eq!((verdict.health, verdict.message.as_str()), (health, message), "{kind} {}", object.data);
    }
}

#[test]
fn kinds_with_pods_count_them() {
    let status = json!({"observedGeneration": 3, "replicas": 3, "readyReplicas": 2, "updatedReplicas": 3, "availableReplicas": 2});
    assert_eq!(of("Deployment", &deployment(json!({"replicas": 3}), status)).ready, Some((2, 3)));
    assert_eq!(of("ConfigMap", &object(json!({"metadata": {"name": "c"}}))).ready, None);
}

#[test]
fn a_status_of_the_wrong_shape_is_no_panic() {
    for broken in [
        json!({"status": 7}),
        json!({"status": {"conditions": "x"}}),
        json!({"spec": {"replicas": -4}, "status": {"observedGeneration": 9}}),
    ] {
        let mut value = json!({"metadata": {"name": "web", "generation": 9}});
        value.as_object_mut().unwrap().extend(broken.as_object().unwrap().clone());
        for kind in
            ["Deployment", "StatefulSet", "DaemonSet", "Job", "Service", "HorizontalPodAutoscaler", "Other"]
        {
            let _ = of(kind, &object(value.clone()));
        }
    }
}

#[test]
fn a_pod_is_told_by_its_phase_and_its_containers() {
    let container = |ready: bool, state: Value| json!({"name": "app", "image": "i", "imageID": "", "ready": ready, "restartCount": 0, "state": state});
    let ready = |status: &str| json!([{"type": "Ready", "status": status}]);
    let cases = [
        (
            json!({"phase": "Running", "conditions": ready("True"), "containerStatuses": [container(true, json!({"running": {}}))]}),
            Health::Healthy,
            "1 of 1 containers ready",
        ),
        (
            json!({"phase": "Running", "conditions": ready("False"), "containerStatuses": [container(false, json!({"running": {}}))]}),
            Health::Progressing,
            "0 of 1 containers ready",
        ),
        (
            json!({"phase": "Pending", "containerStatuses": [container(false, json!({"waiting": {"reason": "ContainerCreating"}}))]}),
            Health::Progressing,
            "0 of 1 containers ready",
        ),
        (
            json!({"phase": "Running", "containerStatuses": [container(false, json!({"waiting": {"reason": "CrashLoopBackOff"}}))]}),
            Health::Degraded,
            "0 of 1 containers ready, CrashLoopBackOff",
        ),
        (json!({"phase": "Succeeded"}), Health::Healthy, "it ended as it should"),
        (json!({"phase": "Failed", "reason": "Evicted"}), Health::Degraded, "Evicted"),
        (json!({"phase": "Unknown"}), Health::Unknown, "unknown"),
    ];
    for (status, health, message) in cases {
        let value = json!({"metadata": {"name": "web-0"}, "spec": {"containers": [{"name": "app"}]}, "status": status});
        let verdict = super::pod(&serde_json::from_value(value).unwrap());
        assert_eq!((verdict.health, verdict.message.as_str()), (health, message));
    }
}
