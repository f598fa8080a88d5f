//! SIGKILL, of the client and of the host, at any moment.

use std::process::Stdio;
use std::time::{Duration, Instant};

use deployments::Error;
use deployments::local::{Host, Offline, Strategy, clean_up, status_offline};
use http::StatusCode;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use crate::scene::{
    GRACE, LIMIT, Scene, alive, eventually, get, healthy, kill, program, release, seen_from_outside,
};

/// A deployment in a process of its own, which has come as far as `until`.
async fn client(scene: &Scene, until: &str) -> Child {
    let mut child = Command::new(program());
    child.arg("deploy").arg(&scene.place.folder).arg(scene.place.port.to_string()).arg(until);
    child.env("JALON_SECRET_X", "cAnArY").env("JALON_GITHUB_TOKEN", "cAnArY");
    let mut child = child.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while tokio::time::timeout(LIMIT, lines.next_line()).await.unwrap().unwrap().unwrap() != until {}
    child
}

#[tokio::test]
async fn a_killed_client_takes_its_candidate_along() {
    for until in ["connected", "started", "healthy"] {
        let scene = Scene::new();
        let mut host = scene.host().await;
        let one = scene.deploy(&mut host, "one", &[], Strategy::Rolling).await.live;
        drop(host);
        let mut killed = client(&scene, until).await;
        killed.kill().await.unwrap();
        eventually("the candidate to end", async || scene.marked() == [one.pid]).await;
        assert_eq!(scene.get("/").await, (StatusCode::OK, "one".into()));
        // The next deployment works at once.
        let mut host = scene.host().await;
        scene.deploy(&mut host, "two", &[], Strategy::Rolling).await;
        assert_eq!(scene.get("/").await.1, "two");
        host.stop(GRACE, LIMIT).await.unwrap();
        scene.is_gone().await;
    }
}

#[tokio::test]
async fn a_killed_first_client_leaves_nothing() {
    for until in ["connected", "started", "healthy"] {
        let scene = Scene::new();
        client(&scene, until).await.kill().await.unwrap();
        scene.is_gone().await;
    }
}

#[tokio::test]
async fn a_client_killed_after_the_switch_has_done_its_work() {
    let scene = Scene::new();
    let mut killed = client(&scene, "switched").await;
    killed.kill().await.unwrap();
    assert_eq!(scene.get("/").await, (StatusCode::OK, "killed".into()));
    let mut host = Host::connect(&scene.place, LIMIT).await.unwrap().unwrap();
    let live = host.status(LIMIT).await.unwrap().live.unwrap();
    assert_eq!(live.release.id, "killed");
    // Neither host nor service know the secrets of whoever launched them.
    for pid in [scene.host_pid(), live.pid] {
        assert!(!seen_from_outside(pid).0.contains("cAnArY"), "process {pid}");
    }
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn what_a_killed_host_leaves_is_ended_first() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let one = scene.deploy(&mut host, "one", &["child"], Strategy::BlueGreen).await.live;
    let two = scene.deploy(&mut host, "two", &["runaway"], Strategy::BlueGreen).await.live;
    eventually("the children", async || scene.marked().len() == 4).await;
    let pid = scene.host_pid();
    kill(pid);
    eventually("the host to end", async || !scene.locked()).await;
    assert!(matches!(host.status(LIMIT).await, Err(Error::HostLost { .. })));
    let Ok(Offline::Lost { release: lost, survivors }) = status_offline(&scene.place) else {
        panic!("not lost")
    };
    assert_eq!(lost, Some(release("two")));
    assert!(survivors.contains(&one.pid) && survivors.contains(&two.pid), "{survivors:?}");
    assert!(Host::connect(&scene.place, LIMIT).await.unwrap().is_none());

    let mut host = scene.host().await;
    assert_eq!(scene.marked(), Vec::<u32>::new());
    let three = scene.deploy(&mut host, "three", &[], Strategy::Rolling).await.live;
    assert_eq!(scene.get("/").await.1, "three");
    assert_eq!(scene.marked(), [three.pid]);
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn a_lost_service_can_be_stopped_without_a_host() {
    let scene = Scene::new();
    assert_eq!(clean_up(&scene.place).await, Ok(Vec::new()));
    let mut host = scene.host().await;
    let one = scene.deploy(&mut host, "one", &["stubborn", "child"], Strategy::Rolling).await.live;
    assert!(matches!(clean_up(&scene.place).await, Err(Error::HostRuns { .. })));
    eventually("the child", async || scene.marked().len() == 2).await;
    kill(scene.host_pid());
    eventually("the host to end", async || !scene.locked()).await;
    let ended = clean_up(&scene.place).await.unwrap();
    assert!(ended.contains(&one.pid) && ended.len() == 2, "{ended:?}");
    scene.is_gone().await;
    assert_eq!(status_offline(&scene.place), Ok(Offline::Stopped));
}

#[tokio::test]
async fn a_host_killed_between_birth_and_record_leaves_nothing_either() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    host.start(scene.candidate("one", &[]), LIMIT).await.unwrap();
    healthy(&mut host, LIMIT).await.unwrap();
    kill(scene.host_pid());
    eventually("the host to end", async || !scene.locked()).await;
    assert_eq!(scene.marked().len(), 1);
    // As it stood in the file when the process was already there.
    let state = serde_json::json!({
        "phase": "running",
        "intent": { "act": "start", "release": release("one") },
        "instances": [],
    });
    let file = scene.place.folder.join("state.json");
    std::fs::write(&file, state.to_string()).unwrap();
    drop(scene.host().await);
    scene.is_gone().await;

    // And with a file that nobody can read.
    let mut host = scene.host().await;
    host.start(scene.candidate("one", &[]), LIMIT).await.unwrap();
    healthy(&mut host, LIMIT).await.unwrap();
    kill(scene.host_pid());
    eventually("the host to end", async || !scene.locked()).await;
    std::fs::write(&file, "{\"phase\":\"run").unwrap();
    assert!(matches!(status_offline(&scene.place), Err(Error::File { .. })));
    drop(scene.host().await);
    scene.is_gone().await;
}

#[tokio::test]
async fn a_process_that_took_over_a_number_is_left_alone() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let one = scene.deploy(&mut host, "one", &[], Strategy::Rolling).await.live;
    kill(scene.host_pid());
    eventually("the host to end", async || !scene.locked()).await;
    kill(one.pid);
    // Not ours, but it has the number that the file names.
    let mut foreign =
        Command::new(program()).arg("idle").kill_on_drop(true).stdout(Stdio::null()).spawn().unwrap();
    let mut state = scene.file("state.json");
    let birth = state["instances"][0]["birth"].as_u64().unwrap();
    state["instances"][0]["pid"] = foreign.id().unwrap().into();
    state["instances"][0]["birth"] = (birth - 100).into();
    std::fs::write(scene.place.folder.join("state.json"), state.to_string()).unwrap();
    drop(scene.host().await);
    scene.is_gone().await;
    assert!(alive(foreign.id().unwrap()));
    foreign.kill().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_host_killed_while_it_stops_is_finished_by_the_next() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let one = scene.deploy(&mut host, "one", &["stubborn"], Strategy::Rolling).await.live;
    let stopping = tokio::spawn(host.stop(LIMIT, LIMIT));
    eventually("it to be asked", async || scene.log().contains("asked to end")).await;
    assert_eq!(scene.file("state.json")["intent"]["act"], "stop");
    kill(scene.host_pid());
    assert!(matches!(stopping.await.unwrap(), Err(Error::HostLost { .. })));
    assert!(alive(one.pid));
    let mut host = scene.host().await;
    assert!(!alive(one.pid));
    scene.deploy(&mut host, "two", &[], Strategy::Rolling).await;
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

/// The host is killed at moments spread over a whole deployment; whatever happened, the next one works.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_may_be_killed_at_any_moment() {
    const MOMENTS: u32 = 16;
    let scene = Scene::new();
    let mut whole = Duration::from_millis(60);
    for moment in 0..MOMENTS {
        let mut host = scene.host().await;
        // Whether something was live before differs from round to round.
        if moment % 2 == 0 {
            scene.deploy(&mut host, "before", &[], Strategy::BlueGreen).await;
        }
        let (pid, began) = (scene.host_pid(), Instant::now());
        let killer = tokio::spawn(async move {
            tokio::time::sleep(whole * moment / (MOMENTS - 2)).await;
            kill(pid);
        });
        let name = format!("v{moment}");
        let mut done = false;
        if host.start(scene.candidate(&name, &["child"]), LIMIT).await.is_ok()
            && healthy(&mut host, LIMIT).await.is_ok()
        {
            done = host.switch(Strategy::BlueGreen, LIMIT, LIMIT).await.is_ok();
        }
        if done {
            whole = began.elapsed();
        }
        killer.await.unwrap();
        eventually("the host to end", async || !scene.locked()).await;
        drop(host);
        match status_offline(&scene.place).unwrap() {
            // What was told to have happened is what the file says.
            Offline::Lost { release: live, .. } if done => assert_eq!(live, Some(release(&name))),
            Offline::Lost { .. } => {}
            other => panic!("{other:?}"),
        }
        let mut host = scene.host().await;
        assert_eq!(scene.marked(), Vec::<u32>::new(), "moment {moment}");
        let next = scene.deploy(&mut host, "next", &[], Strategy::Rolling).await.live;
        assert_eq!(scene.get("/").await.1, "next");
        assert_eq!(scene.marked(), [next.pid]);
        host.stop(GRACE, LIMIT).await.unwrap();
        scene.is_gone().await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_host_that_is_asked_to_end_stops_its_service() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    scene.deploy(&mut host, "one", &[], Strategy::Rolling).await;
    let pid = rustix::process::Pid::from_raw(i32::try_from(scene.host_pid()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn a_stranger_on_the_hosts_port_learns_nothing() {
    let scene = Scene::new();
    drop(scene.host().await);
    scene.is_gone().await;
    // A host that hangs keeps the lock, and its port has become somebody else's.
    let lock = std::fs::File::options().write(true).open(scene.place.folder.join("host.lock")).unwrap();
    lock.try_lock().unwrap();
    let stranger = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let contact = serde_json::json!({
        "port": stranger.local_addr().unwrap().port(), "pid": 1, "token": "t", "proof": "p",
    });
    std::fs::write(scene.place.folder.join("host.json"), contact.to_string()).unwrap();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = stranger.accept().await.unwrap();
        stream.write_all(b"\"guess\"\n").await.unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).await.unwrap();
        heard
    });
    let reached = Host::connect(&scene.place, Duration::from_millis(300)).await;
    assert!(matches!(reached, Err(Error::Deadline { .. })));
    assert_eq!(heard.await.unwrap(), "\"t\"\n");
    assert!(get(scene.place.port, "/").await.is_err());
}
