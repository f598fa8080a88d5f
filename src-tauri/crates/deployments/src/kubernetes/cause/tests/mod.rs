use k8s_openapi::api::core::v1::{Event, Pod};
use serde_json::{Value, json};

use super::*;
use crate::kubernetes::Events;

mod workloads;

fn events(lines: &[(&str, &str, &str, i32)]) -> Events {
    let mut events = Events::default();
    for (index, (object, reason, message, count)) in lines.iter().enumerate() {
        let (kind, name) = object.split_once('/').unwrap();
        let event: Event = serde_json::from_value(json!({
            "metadata": {"name": format!("e{index}"), "uid": format!("e{index}")},
            "involvedObject": {"kind": kind, "name": name},
            "type": "Warning", "reason": reason, "message": message, "count": count,
            "lastTimestamp": format!("2026-01-01T10:00:{index:02}Z"),
        }))
        .unwrap();
        events.take(&event).unwrap();
    }
    events
}

fn pod(status: Value) -> Pod {
    serde_json::from_value(json!({
        "metadata": {"name": "web-1", "uid": "u1"},
        "spec": {
            "nodeName": "node-1",
            "containers": [{
                "name": "app", "image": "registry.example/web:9",
                "resources": {"limits": {"memory": "64Mi"}},
                "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
                "livenessProbe": {"tcpSocket": {"port": "http"}},
            }],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-1"}}],
        },
        "status": status,
    }))
    .unwrap()
}

fn running(state: Value, last: Value, restarts: i32) -> Value {
    json!({
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "False"}],
        "containerStatuses": [{
            "name": "app", "image": "registry.example/web:9", "imageID": "", "ready": false,
            "restartCount": restarts, "state": state, "lastState": last,
        }],
    })
}

#[test]
fn a_probe_is_borne_for_as_long_as_its_settings_allow() {
    let line = |words: &str| events(&[("Pod/web-1", "Unhealthy", words, 1)]);
    let mut slow = pod(running(json!({"running": {}}), json!({}), 0));
    let container = &mut slow.spec.as_mut().unwrap().containers[0];
    container.readiness_probe =
        serde_json::from_value(json!({"initialDelaySeconds": 20, "periodSeconds": 5, "failureThreshold": 6}))
            .ok();
    container.startup_probe =
        serde_json::from_value(json!({"periodSeconds": 15, "failureThreshold": 20})).ok();
    for (words, seconds) in
        [("Readiness probe failed", 50), ("Startup probe failed", 300), ("Liveness probe failed", 30)]
    {
        let found = of_pod(&slow, &line(words)).unwrap();
        assert_eq!(
            (found.id, found.patience),
            (CauseId::Probe, Patience::Starting(Duration::from_secs(seconds)))
        );
        assert!(!found.is_failing(), "a slow start is none");
    }
}

#[test]
fn what_was_ready_or_restarted_is_not_slow_to_start() {
    let at = |second: u32| format!("2026-01-01T10:00:{second:02}Z");
    let failing = events(&[("Pod/web-1", "Unhealthy", "Readiness probe failed", 1)]);
    let patience = |changed: u32, restarts: i32| {
        let mut status = running(json!({"running": {"startedAt": at(10)}}), json!({}), restarts);
        status["conditions"] =
            json!([{"type": "ContainersReady", "status": "False", "lastTransitionTime": at(changed)}]);
        of_pod(&pod(status), &failing).unwrap().patience
    };
    let own = Duration::from_secs(30);
    // Its condition is of before it was started, or of the same second.
    assert_eq!([patience(5, 0), patience(10, 0)], [Patience::Starting(own); 2]);
    assert_eq!(patience(20, 0), Patience::Probing(own), "it was ready in between");
    assert_eq!(patience(5, 1), Patience::Probing(own), "it was started again");
}

fn waiting(reason: &str, message: &str) -> Value {
    running(json!({"waiting": {"reason": reason, "message": message}}), json!({}), 0)
}

fn crashed(code: i32, reason: &str, message: &str) -> Value {
    let ended = json!({"terminated": {"exitCode": code, "reason": reason, "message": message}});
    running(
        json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting failed container"}}),
        ended,
        4,
    )
}

fn unscheduled(message: &str) -> Value {
    json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}]})
}

struct Case {
    status: Value,
    events: Vec<(&'static str, &'static str, &'static str, i32)>,
    id: CauseId,
    params: Vec<(&'static str, &'static str)>,
    patience: Patience,
    /// Part of a line of evidence.
    shown: &'static str,
}

fn cases() -> Vec<Case> {
    use CauseId::*;
    let mut cases = Vec::new();
    let mut case = |status,
                    events: &[(&'static str, &'static str, &'static str, i32)],
                    id,
                    params: &[(&'static str, &'static str)],
                    patience,
                    shown| {
        cases.push(Case { status, events: events.to_vec(), id, params: params.to_vec(), patience, shown });
    };
    let restarts = Patience::Restarts(RESTARTS);
    case(
        crashed(1, "Error", "no database"),
        &[],
        CrashLoop,
        &[("container", "app"), ("exit_code", "1"), ("restarts", "4")],
        restarts,
        "app: Error, exit code 1: no database",
    );
    case(
        crashed(127, "Error", ""),
        &[],
        CrashLoop,
        &[("exit_code", "127")],
        restarts,
        "CrashLoopBackOff: back-off 40s",
    );
    case(crashed(0, "Completed", ""), &[], CrashLoop, &[("exit_code", "0")], restarts, "exit code 0");
    case(crashed(139, "Error", ""), &[], CrashLoop, &[("exit_code", "139")], restarts, "exit code 139");
    case(crashed(137, "Error", ""), &[], CrashLoop, &[("exit_code", "137")], restarts, "exit code 137");
    case(
        crashed(137, "OOMKilled", ""),
        &[],
        OutOfMemory,
        &[("container", "app"), ("limit", "64Mi")],
        restarts,
        "OOMKilled",
    );
    case(
        crashed(143, "Error", ""),
        &[(
            "Pod/web-1",
            "Unhealthy",
            "Liveness probe failed: dial tcp 10.0.0.5:8080: connect: connection refused",
            3,
        )],
        Probe,
        &[("probe", "liveness"), ("port", "http")],
        restarts,
        "Liveness probe failed",
    );
    case(
        crashed(255, "Error", "exec /app: exec format error"),
        &[],
        Image,
        &[("reason", "architecture")],
        restarts,
        "exec format error",
    );
    case(
        running(json!({"terminated": {"exitCode": 1, "reason": "Error"}}), json!({}), 1),
        &[],
        CrashLoop,
        &[("exit_code", "1")],
        restarts,
        "exit code 1",
    );
    case(
        running(json!({"running": {}}), json!({"terminated": {"exitCode": 2, "reason": "Error"}}), 2),
        &[],
        CrashLoop,
        &[("exit_code", "2")],
        restarts,
        "exit code 2",
    );
    case(
        waiting("ImagePullBackOff", "Back-off pulling image \"registry.example/web:9\""),
        &[("Pod/web-1", "Failed", "Failed to pull image \"registry.example/web:9\": not found", 1)],
        Image,
        &[("reason", "not_found"), ("image", "registry.example/web:9")],
        Patience::After(MISSING),
        "Failed to pull image",
    );
    case(
        waiting("ErrImagePull", "registry.example/web:9: not found"),
        &[("Pod/web-1", "Failed", "Failed to pull image \"registry.example/web:9\": not found", 2)],
        Image,
        &[("reason", "not_found")],
        Patience::AtOnce,
        "×2",
    );
    case(
        waiting("ErrImagePull", "401 Unauthorized"),
        &[],
        Image,
        &[("reason", "denied")],
        Patience::After(MISSING),
        "ErrImagePull: 401",
    );
    case(
        waiting("ErrImagePull", "dial tcp 192.0.2.1:443: i/o timeout"),
        &[],
        Image,
        &[("reason", "unreachable")],
        Patience::After(NETWORK),
        "i/o timeout",
    );
    case(
        waiting("ErrImagePull", "no match for platform in manifest: not found"),
        &[],
        Image,
        &[("reason", "architecture")],
        Patience::AtOnce,
        "no match",
    );
    case(
        waiting("InvalidImageName", "Failed to apply default image tag \"Web::9\""),
        &[],
        Image,
        &[("reason", "invalid")],
        Patience::AtOnce,
        "InvalidImageName",
    );
    case(
        waiting("CreateContainerConfigError", "secret \"db\" not found"),
        &[],
        Configuration,
        &[("missing", "Secret/db"), ("container", "app")],
        Patience::After(MISSING),
        "secret \"db\" not found",
    );
    case(
        waiting("CreateContainerConfigError", "configmap \"web-config\" not found"),
        &[],
        Configuration,
        &[("missing", "ConfigMap/web-config")],
        Patience::After(MISSING),
        "configmap",
    );
    case(
        waiting("CreateContainerConfigError", "couldn't find key PASSWORD in Secret shop/db"),
        &[],
        Configuration,
        &[("missing", "Secret/db"), ("key", "PASSWORD")],
        Patience::After(MISSING),
        "PASSWORD",
    );
    case(
        waiting("CreateContainerConfigError", "container has runAsNonRoot and image will run as root"),
        &[],
        Configuration,
        &[],
        Patience::After(MISSING),
        "runAsNonRoot",
    );
    case(
        waiting("RunContainerError", "exec: \"./start\": executable file not found in $PATH"),
        &[],
        CrashLoop,
        &[("reason", "RunContainerError")],
        Patience::After(MISSING),
        "./start",
    );
    case(
        waiting("ContainerCreating", ""),
        &[(
            "Pod/web-1",
            "FailedMount",
            "MountVolume.SetUp failed for volume \"keys\" : secret \"tls\" not found",
            5,
        )],
        Configuration,
        &[("missing", "Secret/tls")],
        Patience::After(MISSING),
        "FailedMount ×5",
    );
    case(
        waiting("ContainerCreating", ""),
        &[(
            "Pod/web-1",
            "FailedMount",
            "MountVolume.SetUp failed for volume \"conf\" : references non-existent config key: app.yml",
            1,
        )],
        Configuration,
        &[("key", "app.yml")],
        Patience::After(MISSING),
        "non-existent",
    );
    case(
        waiting("ContainerCreating", ""),
        &[("Pod/web-1", "FailedMount", "Unable to attach or mount volumes: timed out waiting", 1)],
        Storage,
        &[("reason", "mount")],
        Patience::After(PLACING),
        "timed out",
    );
    case(
        waiting("ContainerCreating", ""),
        &[("Pod/web-1", "FailedAttachVolume", "Multi-Attach error for volume \"pvc-1\"", 1)],
        Storage,
        &[("reason", "attach"), ("volume", "pvc-1")],
        Patience::After(PLACING),
        "Multi-Attach",
    );
    case(
        waiting("ContainerCreating", ""),
        &[("Pod/web-1", "FailedCreatePodSandBox", "plugin type=\"calico\" failed (add)", 2)],
        Network,
        &[("reason", "sandbox")],
        Patience::After(NETWORK),
        "calico",
    );
    case(
        unscheduled(
            "0/3 nodes are available: 1 node(s) had untolerated taint {dedicated: db}, 2 Insufficient cpu. preemption: 0/3",
        ),
        &[],
        Unschedulable,
        &[("reason", "resources"), ("resource", "cpu")],
        Patience::After(PLACING),
        "0/3 nodes",
    );
    case(
        unscheduled("0/3 nodes are available: 3 Insufficient memory."),
        &[("Pod/web-1", "TriggeredScaleUp", "pod triggered scale-up", 1)],
        Unschedulable,
        &[("resource", "memory")],
        Patience::After(SCALING),
        "scale-up",
    );
    case(
        unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: db}."),
        &[],
        Unschedulable,
        &[("reason", "taint")],
        Patience::After(PLACING),
        "dedicated",
    );
    case(
        unscheduled("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."),
        &[],
        Unschedulable,
        &[("reason", "affinity")],
        Patience::After(PLACING),
        "affinity",
    );
    case(
        unscheduled("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."),
        &[],
        Unschedulable,
        &[("reason", "claim")],
        Patience::After(PLACING),
        "unbound",
    );
    case(
        unscheduled("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."),
        &[(
            "PersistentVolumeClaim/data-1",
            "ProvisioningFailed",
            "storageclass.storage.k8s.io \"fast\" not found",
            1,
        )],
        Storage,
        &[("claim", "data-1"), ("reason", "provisioning")],
        Patience::After(PLACING),
        "fast",
    );
    case(
        unscheduled("0/1 nodes are available: persistentvolumeclaim \"data-1\" not found."),
        &[],
        Storage,
        &[("claim", "data-1"), ("reason", "missing")],
        Patience::After(MISSING),
        "data-1",
    );
    case(
        unscheduled("no nodes available to schedule pods"),
        &[],
        Unschedulable,
        &[("reason", "no_nodes")],
        Patience::After(PLACING),
        "no nodes",
    );
    case(
        running(json!({"running": {}}), json!({}), 0),
        &[("Pod/web-1", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", 7)],
        Probe,
        &[("probe", "readiness"), ("path", "/ready"), ("port", "8080"), ("container", "app")],
        // What the probe has no words for is as the API has it: every 10 s, three times.
        Patience::Starting(Duration::from_secs(30)),
        "503",
    );
    case(
        json!({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: ephemeral-storage."}),
        &[],
        Node,
        &[("reason", "Evicted"), ("node", "node-1")],
        Patience::Never,
        "ephemeral-storage",
    );
    case(
        running(json!({"running": {}}), json!({}), 0),
        &[("Pod/web-1", "NodeNotReady", "Node is not ready", 1)],
        Node,
        &[("reason", "NotReady")],
        Patience::Never,
        "Node is not ready",
    );
    cases
}

#[test]
fn every_state_of_a_pod_names_its_cause() {
    for case in cases() {
        let found = of_pod(&pod(case.status.clone()), &events(&case.events));
        let found = found.unwrap_or_else(|| panic!("no cause for {} {:?}", case.status, case.events));
        assert_eq!(found.id, case.id, "{} {found:?}", case.status);
        assert_eq!(found.patience, case.patience, "{found:?}");
        for (key, value) in case.params {
            assert_eq!(found.params.get(key).map(String::as_str), Some(value), "{key} of {found:?}");
        }
        assert!(found.evidence.iter().any(|line| line.contains(case.shown)), "{} in {found:?}", case.shown);
        assert!(found.message.ends_with('.') || found.message.contains(": "), "{}", found.message);
    }
}

#[test]
fn what_is_on_its_way_or_as_it_should_be_has_no_cause() {
    let ready = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], "containerStatuses": [{
        "name": "app", "image": "i", "imageID": "", "ready": true, "restartCount": 9, "state": {"running": {}},
        "lastState": {"terminated": {"exitCode": 1}}}]});
    let gated = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]});
    for status in [
        ready,
        gated,
        waiting("ContainerCreating", ""),
        json!({"phase": "Succeeded"}),
        json!({"phase": "Pending"}),
        running(json!({"running": {}}), json!({}), 0),
    ] {
        assert_eq!(of_pod(&pod(status.clone()), &Events::default()), None, "{status}");
    }
    let mut ending = pod(crashed(1, "Error", ""));
    ending.metadata.deletion_timestamp = Some(serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap());
    assert_eq!(of_pod(&ending, &Events::default()), None);
}

#[test]
fn an_init_container_that_fails_is_the_cause_and_one_that_ended_is_not() {
    let status = |init: Value| {
        let mut pod = pod(
            json!({"phase": "Pending", "initContainerStatuses": [init], "containerStatuses": [{
            "name": "app", "image": "i", "imageID": "", "ready": false, "restartCount": 0, "state": {"waiting": {"reason": "PodInitializing"}}}]}),
        );
        pod.spec.as_mut().unwrap().init_containers =
            Some(vec![serde_json::from_value(json!({"name": "migrate", "image": "web:9"})).unwrap()]);
        of_pod(&pod, &Events::default())
    };
    let base = |state: Value, restarts: i32| json!({"name": "migrate", "image": "web:9", "imageID": "", "ready": false, "restartCount": restarts, "state": state});
    let failed = status(base(json!({"terminated": {"exitCode": 3, "reason": "Error"}}), 2)).unwrap();
    assert_eq!(
        (failed.id, failed.params["container"].as_str(), failed.restarts),
        (CauseId::CrashLoop, "migrate", 2)
    );
    assert_eq!(status(base(json!({"terminated": {"exitCode": 0, "reason": "Completed"}}), 0)), None);
    assert_eq!(status(base(json!({"running": {}}), 0)), None);
}

#[test]
fn events_of_an_earlier_pod_of_that_name_do_not_count() {
    let event: Event = serde_json::from_value(json!({
        "metadata": {"name": "e", "uid": "e"}, "involvedObject": {"kind": "Pod", "name": "web-1", "uid": "another"},
        "reason": "FailedMount", "message": "secret \"tls\" not found", "lastTimestamp": "2026-01-01T10:00:00Z",
    }))
    .unwrap();
    let mut events = Events::default();
    events.take(&event);
    assert_eq!(of_pod(&pod(waiting("ContainerCreating", "")), &events), None);
}
