//! The way things should go.

use std::time::Duration;

use deployments::Error;
use deployments::local::{Health, Host, Offline, Slot, Strategy, Stream, read_log, status_offline};
use http::StatusCode;

use crate::scene::{GRACE, LIMIT, Scene, ends, eventually, get, healthy, kill, release, seen_from_outside};

#[tokio::test]
async fn a_service_goes_live_and_leaves_nothing_behind() {
    let scene = Scene::new();
    assert_eq!(status_offline(&scene.place), Ok(Offline::Stopped));
    assert!(Host::connect(&scene.place, LIMIT).await.unwrap().is_none());
    let mut host = scene.host().await;
    assert_eq!(scene.get("/").await.0, StatusCode::SERVICE_UNAVAILABLE);

    let started = host.start(scene.candidate("one", &[]), LIMIT).await.unwrap();
    assert_eq!((started.slot, started.since_live, &started.release), (Slot::Blue, None, &release("one")));
    assert_eq!(
        host.switch(Strategy::Rolling, LIMIT, LIMIT).await,
        Err(Error::NotHealthy { release: "one".into() })
    );
    assert_eq!(healthy(&mut host, LIMIT).await.unwrap().health, Health::Healthy);
    let switched = host.switch(Strategy::Rolling, LIMIT, LIMIT).await.unwrap();
    assert_eq!((switched.from, switched.live.pid), (None, started.pid));
    assert!(switched.live.since_live.is_some());
    assert_eq!(scene.get("/").await, (StatusCode::OK, "one".into()));

    let status = host.status(LIMIT).await.unwrap();
    assert_eq!(status.address, format!("http://127.0.0.1:{}", scene.place.port));
    assert_eq!((status.requests_total, status.errors_total, status.in_flight), (2, 1, 0));
    assert_eq!(scene.file("state.json")["instances"][0]["role"], "live");
    assert_eq!(status_offline(&scene.place), Ok(Offline::Running));
    assert_eq!(scene.marked(), [started.pid]);

    // It outlives the connection.
    drop(host);
    let host = Host::connect(&scene.place, LIMIT).await.unwrap().unwrap();
    assert_eq!(scene.get("/").await.1, "one");
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
    assert_eq!(status_offline(&scene.place), Ok(Offline::Stopped));
    assert!(Host::connect(&scene.place, LIMIT).await.unwrap().is_none());
    let lines = read_log(&scene.place.folder, 100).unwrap();
    let line = lines.iter().find(|line| line.stream == Stream::Stdout).unwrap();
    assert_eq!((&*line.release, &*line.text), ("one", &*format!("one on port {}", started.port)));
}

#[tokio::test]
async fn rolling_stops_what_was_live() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let one = scene.deploy(&mut host, "one", &[], Strategy::Rolling).await.live;
    let two = scene.deploy(&mut host, "two", &[], Strategy::Rolling).await;
    assert_eq!((two.from, two.live.slot), (Some(release("one")), Slot::Green));
    assert_eq!(scene.get("/").await.1, "two");
    ends(one.pid).await;
    let three = scene.deploy(&mut host, "three", &[], Strategy::Rolling).await.live;
    assert_eq!(three.slot, Slot::Blue);
    ends(two.live.pid).await;
    eventually("one instance", async || scene.marked() == [three.pid]).await;
    assert_eq!(host.status(LIMIT).await.unwrap().warm, None);
    assert_eq!(host.back("two", LIMIT).await, Err(Error::NoWarm { wanted: "two".into() }));
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn blue_green_keeps_one_warm_and_goes_back() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let one = scene.deploy(&mut host, "one", &[], Strategy::BlueGreen).await.live;
    let two = scene.deploy(&mut host, "two", &[], Strategy::BlueGreen).await.live;
    let status = host.status(LIMIT).await.unwrap();
    assert_eq!((status.live.as_ref().unwrap().pid, status.warm.as_ref().unwrap().pid), (two.pid, one.pid));
    assert_eq!(status.warm.unwrap().since_live, None);

    assert_eq!(
        host.back("zero", LIMIT).await,
        Err(Error::OtherWarm { wanted: "zero".into(), warm: "one".into() })
    );
    let back = host.back("one", LIMIT).await.unwrap();
    assert_eq!((back.from, back.live.pid), (Some(release("two")), one.pid));
    assert_eq!(scene.get("/").await.1, "one");
    assert_eq!(scene.file("state.json")["instances"][1]["role"], "warm");

    // The third takes the slot beside the live one; the older warm one goes.
    let three = scene.deploy(&mut host, "three", &[], Strategy::BlueGreen).await.live;
    assert_eq!(three.slot, two.slot);
    ends(two.pid).await;
    let mut left = vec![one.pid, three.pid];
    left.sort_unstable();
    eventually("two instances", async || {
        let mut marked = scene.marked();
        marked.sort_unstable();
        marked == left
    })
    .await;

    // A warm one that died is no way back.
    kill(one.pid);
    let refused = host.back("one", LIMIT).await;
    assert!(matches!(&refused, Err(Error::WarmUnhealthy { release, .. }) if release == "one"), "{refused:?}");
    assert_eq!(scene.get("/").await.1, "three");
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn a_candidate_goes_with_its_connection() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let one = scene.deploy(&mut host, "one", &[], Strategy::Rolling).await.live;
    let two = host.start(scene.candidate("two", &[]), LIMIT).await.unwrap();
    healthy(&mut host, LIMIT).await.unwrap();
    drop(host);
    ends(two.pid).await;
    assert_eq!(scene.get("/").await.1, "one");

    let mut host = scene.host().await;
    let three = host.start(scene.candidate("three", &[]), LIMIT).await.unwrap();
    host.discard(GRACE, LIMIT).await.unwrap();
    assert_eq!(scene.marked(), [one.pid]);
    assert_ne!(three.pid, one.pid);
    assert_eq!(healthy(&mut host, LIMIT).await, Err(Error::NoCandidate));
    assert_eq!(host.switch(Strategy::Rolling, LIMIT, LIMIT).await, Err(Error::NoCandidate));
    assert_eq!(host.status(LIMIT).await.unwrap().live.unwrap().pid, one.pid);
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_waits_for_a_candidate_that_was_given_up() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let one = host.start(scene.candidate("one", &["stubborn"]), LIMIT).await.unwrap();
    healthy(&mut host, LIMIT).await.unwrap();
    drop(host);
    let mut host = scene.host().await;
    eventually("the connection to be missed", async || host.status(LIMIT).await.unwrap().candidate.is_none())
        .await;
    let two = scene.deploy(&mut host, "two", &[], Strategy::Rolling).await.live;
    assert_eq!(scene.get("/").await.1, "two");
    // It is killed in the end, and counted until then.
    assert_eq!(host.status(LIMIT).await.unwrap().retiring, 1);
    ends(one.pid).await;
    eventually("one instance", async || scene.marked() == [two.pid]).await;
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn a_second_deployment_has_to_wait() {
    let scene = Scene::new();
    let mut first = scene.host().await;
    first.start(scene.candidate("one", &[]), LIMIT).await.unwrap();
    let mut second = scene.host().await;
    assert_eq!(second.start(scene.candidate("two", &[]), LIMIT).await, Err(Error::Busy));
    assert_eq!(second.switch(Strategy::Rolling, LIMIT, LIMIT).await, Err(Error::Busy));
    assert_eq!(second.back("one", LIMIT).await, Err(Error::Busy));
    assert_eq!(second.stop(GRACE, LIMIT).await, Err(Error::Busy));
    // Looking is always allowed.
    let mut third = scene.host().await;
    assert_eq!(third.status(LIMIT).await.unwrap().candidate.unwrap().release, release("one"));

    healthy(&mut first, LIMIT).await.unwrap();
    first.switch(Strategy::Rolling, LIMIT, LIMIT).await.unwrap();
    scene.deploy(&mut third, "three", &[], Strategy::Rolling).await;
    assert_eq!(scene.get("/").await.1, "three");
    third.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
    // Whoever is still connected learns it.
    assert!(matches!(first.status(LIMIT).await, Err(Error::HostLost { .. })));
}

#[tokio::test]
async fn two_at_once_get_one_host() {
    let scene = Scene::new();
    let (mut one, mut two) = tokio::join!(scene.host(), scene.host());
    one.start(scene.candidate("one", &[]), LIMIT).await.unwrap();
    assert_eq!(two.start(scene.candidate("two", &[]), LIMIT).await, Err(Error::Busy));
    drop((one, two));
    scene.is_gone().await;
}

#[tokio::test]
async fn a_host_without_a_service_ends() {
    let scene = Scene::new();
    drop(scene.host().await);
    scene.is_gone().await;
    // And again, at once after the other.
    for _ in 0..3 {
        scene.host().await.status(LIMIT).await.unwrap();
    }
    scene.is_gone().await;
}

#[tokio::test]
async fn a_crash_is_noticed_and_told() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    scene.deploy(&mut host, "one", &[], Strategy::Rolling).await;
    assert_eq!(scene.get("/exit?7").await.0, StatusCode::BAD_GATEWAY);
    let mut seen = None;
    eventually("the crash to be seen", async || {
        seen = host.status(LIMIT).await.unwrap().live.unwrap().exit;
        seen.is_some()
    })
    .await;
    assert_eq!(seen.unwrap().code, Some(7));
    let live = host.status(LIMIT).await.unwrap().live.unwrap();
    assert_eq!(live.health, Health::Unhealthy { reason: "its process ended with exit code 7".into() });
    let (status, text) = scene.get("/").await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    assert_eq!(text, "Jalon: release one does not answer: its process ended with exit code 7\n");
    assert!(scene.log().contains("one Jalon ended by itself with exit code 7"), "{}", scene.log());

    // A crashed one is never kept warm.
    let two = scene.deploy(&mut host, "two", &[], Strategy::BlueGreen).await.live;
    assert_eq!(scene.get("/").await.1, "two");
    assert_eq!(host.status(LIMIT).await.unwrap().warm, None);
    assert_eq!(scene.marked(), [two.pid]);
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn health_is_asked_again_and_again() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    // Healthy where the deployment asks; then the monitor asks the same path, which this service lets hang.
    host.start(scene.candidate("one", &["hang"]), LIMIT).await.unwrap();
    host.wait_healthy("/", LIMIT, Duration::from_millis(20), &Default::default()).await.unwrap();
    let one = host.switch(Strategy::Rolling, LIMIT, LIMIT).await.unwrap().live;
    assert_eq!(one.health, Health::Healthy);
    // A stopped process neither answers nor ends.
    #[cfg(unix)]
    {
        let pid = rustix::process::Pid::from_raw(i32::try_from(one.pid).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
        eventually("the silence to be seen", async || {
            matches!(host.status(LIMIT).await.unwrap().live.unwrap().health, Health::Unhealthy { .. })
        })
        .await;
        rustix::process::kill_process(pid, rustix::process::Signal::CONT).unwrap();
        eventually("it to be healthy again", async || {
            host.status(LIMIT).await.unwrap().live.unwrap().health == Health::Healthy
        })
        .await;
    }
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn a_secret_is_seen_by_its_own_service_alone() {
    const CANARY: &str = "cAnArY-7391-\"quoted\"-tweet";
    let scene = Scene::new();
    let mut host = scene.host().await;
    let other = scene.deploy(&mut host, "other", &[], Strategy::BlueGreen).await.live;
    let mut candidate = scene.candidate("one", &["tells"]);
    candidate.secrets.insert("CANARY".into(), CANARY.into());
    candidate.environment.insert("ADDRESS".into(), "http://127.0.0.1:${PORT}/".into());
    assert!(!format!("{candidate:?}").contains("cAnArY"));
    host.start(candidate, LIMIT).await.unwrap();
    healthy(&mut host, LIMIT).await.unwrap();
    let one = host.switch(Strategy::BlueGreen, LIMIT, LIMIT).await.unwrap().live;

    let (environment, arguments) = seen_from_outside(one.pid);
    assert!(environment.contains(&format!("CANARY={CANARY}")));
    assert!(environment.contains(&format!("ADDRESS=http://127.0.0.1:{}/", one.port)));
    assert!(environment.contains(&format!("\nPORT={}", one.port)));
    assert!(!arguments.contains("cAnArY"));
    for pid in [scene.host_pid(), other.pid] {
        let (environment, arguments) = seen_from_outside(pid);
        assert!(!environment.contains("cAnArY") && !arguments.contains("cAnArY"), "process {pid}");
    }

    eventually("the lines to be written", async || scene.log().contains("yyyy")).await;
    let log = scene.log();
    assert!(log.contains("halves ••• end"), "{log}");
    assert!(log.contains("postgres://user:•••@db/name"), "{log}");
    let long = log.lines().find(|line| line.contains("yyyy")).unwrap();
    assert!(long.ends_with("yyyy••• […]"), "{long}");
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
    let mut files = 0;
    for entry in std::fs::read_dir(&scene.place.folder).unwrap() {
        let path = entry.unwrap().path();
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        assert!(!text.contains("cAnArY") && !text.contains("tweet"), "{}", path.display());
        files += 1;
    }
    assert!(files >= 4, "only {files} files were looked into");
}

#[tokio::test]
async fn nothing_of_the_place_answers_to_a_stranger() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    scene.deploy(&mut host, "one", &[], Strategy::Rolling).await;
    let port = u16::try_from(scene.file("host.json")["port"].as_u64().unwrap()).unwrap();
    assert!(get(port, "/").await.is_err());
    let mut stranger = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    stranger.write_all(b"\"0000\"\n{\"id\":1,\"act\":{\"op\":\"stop\",\"grace_ms\":0}}\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = stranger.read_to_end(&mut answer).await;
    assert_eq!(answer, b"");
    assert_eq!(scene.get("/").await.1, "one");
    host.stop(GRACE, LIMIT).await.unwrap();
}
