use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;

use std::collections::BTreeMap;

use tokio::time::timeout;

use super::following::{STOOD, is_final};
use super::*;
use crate::kubernetes::Patience;
use crate::kubernetes::stub::{Fault, Stub, objects};

/// What only a fault reaches.
const LONG: Duration = Duration::from_secs(60);

struct Followed {
    task: JoinHandle<Result<RolledOut, RolloutError>>,
    progress: UnboundedReceiver<String>,
    cancel: CancellationToken,
    seen: Vec<String>,
}

fn begin(stub: &Stub, limits: Limits) -> Followed {
    let (sender, progress) = unbounded_channel();
    let cancel = CancellationToken::new();
    let (client, token) = (stub.client(), cancel.clone());
    let task = tokio::spawn(async move {
        let mut on_progress = move |progress: Progress| {
            let _ = sender.send(progress.to_string());
        };
        let workloads = [WorkloadRef::new("Deployment", "web"), WorkloadRef::new("ConfigMap", "left-out")];
        follow(client, "shop", &workloads, limits, &token, &mut on_progress).await
    });
    Followed { task, progress, cancel, seen: Vec::new() }
}

impl Followed {
    /// Waits until a line of progress says this.
    async fn says(&mut self, part: &str) {
        let found = timeout(LONG, async {
            while let Some(line) = self.progress.recv().await {
                self.seen.push(line.clone());
                if line.contains(part) {
                    return;
                }
            }
            panic!("it ended before it said {part:?}: {:?}", self.seen);
        });
        if found.await.is_err() {
            panic!("{part:?} was never said: {:?}", self.seen);
        }
    }

    async fn ends(self) -> Result<RolledOut, RolloutError> {
        timeout(LONG, self.task).await.unwrap().unwrap()
    }
}

fn limits() -> Limits {
    Limits { answer: Duration::from_secs(20), ..Limits::within(LONG) }
}

async fn half_way() -> Stub {
    let stub = Stub::start().await;
    stub.put("replicasets", objects::set(1));
    stub.put("deployments", objects::deployment(1, 2, 2, 1));
    stub.put("pods", objects::running("web-1", "web-1-a", true));
    stub.put("pods", objects::running("web-1", "web-1-b", false));
    stub
}

fn finish(stub: &Stub) {
    stub.put("pods", objects::running("web-1", "web-1-b", true));
    stub.put("deployments", objects::deployment(1, 2, 2, 2));
}

#[tokio::test]
async fn it_ends_with_the_last_pod_and_tells_the_digests() {
    let stub = half_way().await;
    let mut followed = begin(&stub, limits());
    followed.says("Deployment/web: 1 of 2 ready").await;
    finish(&stub);
    followed.says("Deployment/web: 2 of 2 ready").await;
    let out = followed.ends().await.unwrap();
    assert_eq!(out.workloads.len(), 1);
    let running = &out.workloads[0];
    assert_eq!(
        (running.workload.to_string().as_str(), running.message.as_str()),
        ("Deployment/web", "2 of 2 ready")
    );
    assert_eq!(running.images.len(), 1, "{:?}", running.images);
    assert_eq!(running.images[0].digest.as_deref(), Some("sha256:aa11"));
    assert_eq!(running.images[0].pinned(), "web:1@sha256:aa11");
    assert_eq!(stub.count("list deployments"), 1, "it watches, it does not poll");
}

#[tokio::test]
async fn a_watch_that_is_cut_resumes_without_a_new_list() {
    let stub = half_way().await;
    let mut followed = begin(&stub, limits());
    followed.says("1 of 2 ready").await;
    stub.cut("deployments");
    stub.cut("pods");
    finish(&stub);
    assert!(followed.ends().await.is_ok());
    assert_eq!((stub.count("list deployments"), stub.count("list pods")), (1, 1));
}

#[tokio::test]
async fn after_410_it_lists_again() {
    let stub = half_way().await;
    let mut followed = begin(&stub, limits());
    followed.says("1 of 2 ready").await;
    stub.put_quietly("pods", objects::running("web-1", "web-1-b", true));
    stub.put_quietly("deployments", objects::deployment(1, 2, 2, 2));
    stub.compact("deployments");
    stub.compact("pods");
    assert!(followed.ends().await.is_ok());
    assert_eq!(stub.count("list deployments"), 2);
}

#[tokio::test]
async fn a_status_410_for_the_watch_itself_is_a_new_list_too() {
    let stub = half_way().await;
    stub.next("watch deployments", &[Fault::Status(410, 0), Fault::Gone]);
    let mut followed = begin(&stub, limits());
    followed.says("1 of 2 ready").await;
    finish(&stub);
    assert!(followed.ends().await.is_ok());
    assert!(stub.count("list deployments") >= 2);
}

#[tokio::test]
async fn what_may_pass_is_told_and_tried_again() {
    let stub = half_way().await;
    stub.next("get deployments", &[Fault::Status(503, 0)]);
    stub.next("list pods", &[Fault::Status(429, 1), Fault::Html]);
    stub.next("watch deployments", &[Fault::Status(500, 0), Fault::Ends, Fault::Ends]);
    let mut followed = begin(&stub, limits());
    followed.says("503").await;
    followed.says("1 of 2 ready").await;
    finish(&stub);
    assert!(followed.ends().await.is_ok());
}

#[tokio::test]
async fn a_request_without_an_answer_has_its_limit() {
    let stub = half_way().await;
    stub.next("list pods", &[Fault::Hang]);
    stub.next("watch deployments", &[Fault::Hang]);
    let mut followed = begin(&stub, Limits { answer: Duration::from_millis(500), ..Limits::within(LONG) });
    followed.says("no answer within 500 ms").await;
    finish(&stub);
    assert!(followed.ends().await.is_ok());
}

#[tokio::test]
async fn a_server_that_ends_every_watch_is_not_asked_without_a_pause() {
    let stub = half_way().await;
    stub.always("watch deployments", Fault::Ends);
    let mut followed = begin(&stub, Limits { answer: LONG, ..Limits::within(Duration::from_secs(3)) });
    followed.says("1 of 2 ready").await;
    assert_eq!(followed.ends().await.unwrap_err().code(), "rollout_timed_out");
    assert!(stub.count("watch deployments") < 12, "{}", stub.count("watch deployments"));
}

#[tokio::test]
async fn who_may_not_read_is_told_at_once() {
    for (code, name) in [(401, "unauthorized"), (403, "forbidden")] {
        for asked in ["get deployments", "list pods"] {
            let stub = half_way().await;
            stub.always(asked, Fault::Status(code, 0));
            let error = begin(&stub, limits()).ends().await.unwrap_err();
            assert_eq!(error.code(), name, "{asked}");
        }
    }
}

#[tokio::test]
async fn without_events_and_replica_sets_there_is_still_a_rollout() {
    let stub = half_way().await;
    stub.always("list events", Fault::Status(403, 0));
    stub.always("list replicasets", Fault::Status(403, 0));
    let mut followed = begin(&stub, limits());
    followed.says("1 of 2 ready").await;
    finish(&stub);
    assert_eq!(followed.ends().await.unwrap().workloads[0].images.len(), 1);
}

#[tokio::test]
async fn a_crash_loop_ends_it_after_its_restarts_with_the_log() {
    let stub = half_way().await;
    stub.put("pods", objects::crashing("web-1", "web-1-b", 0));
    stub.log("web-1-b/app/previous", "starting\nno database\n");
    let mut followed = begin(&stub, limits());
    followed.says("ended with exit code 1").await;
    for restarts in 1..=3 {
        stub.put("pods", objects::crashing("web-1", "web-1-b", restarts));
    }
    match followed.ends().await.unwrap_err() {
        RolloutError::Failed { workload, cause, log } => {
            assert_eq!((workload.name.as_str(), cause.id), ("web", CauseId::CrashLoop));
            assert_eq!(log, ["starting", "no database"]);
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn pods_of_the_version_before_do_not_fail_the_new_one() {
    let stub = half_way().await;
    stub.put("replicasets", objects::set(2));
    stub.put("pods", objects::crashing("web-1", "web-1-old", 9));
    stub.put("pods", objects::crashing("web-1", "web-1-old", 10));
    stub.put("deployments", objects::deployment(2, 2, 1, 1));
    stub.put("pods", objects::running("web-2", "web-2-a", true));
    let mut followed = begin(&stub, limits());
    followed.says("1 of 2 updated").await;
    stub.put("pods", objects::crashing("web-1", "web-1-old", 11));
    stub.put("pods", objects::running("web-2", "web-2-b", true));
    stub.put("deployments", objects::deployment(2, 2, 2, 2));
    assert!(followed.ends().await.is_ok());
}

#[tokio::test]
async fn a_warning_is_told_once_and_a_quota_fails_at_once() {
    let stub = half_way().await;
    stub.put("events", objects::event("old", "Pod", "web-1-b", "BackOff", "from before"));
    let mut followed = begin(&stub, limits());
    followed.says("1 of 2 ready").await;
    stub.put("events", objects::event("new", "Pod", "web-1-b", "Unhealthy", "Readiness probe failed"));
    followed.says("Pod/web-1-b: Unhealthy: Readiness probe failed").await;
    let mut set = objects::set(1);
    set["status"] = serde_json::json!({"conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
        "message": "exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1"}]});
    stub.put("replicasets", set);
    assert!(!followed.seen.iter().any(|line| line.contains("from before")));
    match followed.ends().await.unwrap_err() {
        RolloutError::Failed { cause, .. } => assert_eq!(cause.params["quota"], "few"),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn limits_cancellation_and_deletion_end_it() {
    let stub = half_way().await;
    stub.put("pods", objects::waiting("web-1", "web-1-b", "ErrImagePull", "dial tcp: i/o timeout"));
    let error = begin(&stub, Limits { answer: LONG, ..Limits::within(Duration::from_secs(2)) })
        .ends()
        .await
        .unwrap_err();
    match &error {
        RolloutError::TimedOut { message, cause, .. } => {
            assert_eq!((message.as_str(), cause.as_ref().unwrap().id), ("1 of 2 ready", CauseId::Image));
        }
        other => panic!("{other}"),
    }
    let mut cancelled = begin(&stub, limits());
    cancelled.says("1 of 2 ready").await;
    cancelled.cancel.cancel();
    assert_eq!(cancelled.ends().await, Err(RolloutError::Cancelled));
    let mut deleted = begin(&stub, limits());
    deleted.says("1 of 2 ready").await;
    stub.delete("deployments", "web");
    assert_eq!(deleted.ends().await.unwrap_err().code(), "rollout_missing");
    assert_eq!(begin(&stub, limits()).ends().await.unwrap_err().code(), "rollout_missing");
}

#[tokio::test]
async fn a_server_that_is_gone_is_told_when_the_limit_passes() {
    let stub = half_way().await;
    stub.always("list pods", Fault::Status(503, 0));
    let error = begin(&stub, Limits { answer: LONG, ..Limits::within(Duration::from_secs(2)) })
        .ends()
        .await
        .unwrap_err();
    assert_eq!(error.code(), "busy");
}

#[test]
fn who_gives_a_rollout_more_time_gives_it_to_slow_starts() {
    let probes = |total| Limits::within(Duration::from_secs(total)).probes.as_secs();
    assert_eq!([4, 60, 100, 120, 300, 900].map(probes), [60, 60, 60, 72, 180, 540]);
    assert!(Limits::within(Duration::MAX).probes < Duration::MAX, "no limit is too long to be counted");
}

#[test]
fn graces_keep_a_slow_start_from_failing() {
    let cause = |patience, restarts| Cause {
        id: CauseId::CrashLoop,
        object: "Pod/web".into(),
        params: BTreeMap::new(),
        message: String::new(),
        evidence: Vec::new(),
        patience,
        restarts,
    };
    let second = Duration::from_secs(1);
    let cases = [
        (cause(Patience::AtOnce, 0), Duration::ZERO, false, 0, true),
        (cause(Patience::AtOnce, 0), second, true, 0, false),
        (cause(Patience::AtOnce, 0), STOOD, true, 0, true),
        (cause(Patience::After(second * 20), 0), second * 19, false, 0, false),
        (cause(Patience::After(second * 20), 0), second * 20, true, 0, true),
        (cause(Patience::Restarts(3), 2), second * 99, false, 0, false),
        (cause(Patience::Restarts(3), 3), Duration::ZERO, false, 1, true),
        (cause(Patience::Restarts(3), 7), second * 99, true, 7, false),
        (cause(Patience::Restarts(3), 8), second, true, 7, true),
        (cause(Patience::Probing(second * 5), 0), second * 29, true, 0, false),
        (cause(Patience::Probing(second * 5), 0), second * 30, true, 0, true),
        (cause(Patience::Probing(second * 90), 0), second * 89, false, 0, false),
        (cause(Patience::Probing(second * 90), 0), second * 90, false, 0, true),
        (cause(Patience::Starting(second * 5), 0), second * 29, true, 0, false),
        (cause(Patience::Starting(second * 5), 0), second * 30, true, 0, true),
        (cause(Patience::Starting(second * 90), 0), second * 89, false, 0, false),
        (cause(Patience::Starting(second * 90), 0), second * 90, false, 0, true),
        (cause(Patience::Never, 99), LONG * 99, true, 0, false),
    ];
    for (cause, lasts, stood, before, wanted) in cases {
        let found = is_final(&cause, lasts, stood, before, second * 30);
        assert_eq!(found, wanted, "{cause:?} {lasts:?} {stood} {before}");
    }
}
