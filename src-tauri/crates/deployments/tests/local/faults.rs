//! Services that do what services do.

use std::time::{Duration, Instant};

use deployments::Error;
use deployments::local::{Candidate, Host, Launcher, Offline, Strategy, read_log, status_offline};
use http::StatusCode;
use tokio_util::sync::CancellationToken;

use crate::scene::{GRACE, LIMIT, PAUSE, Scene, alive, ends, eventually, healthy, program};

#[tokio::test]
async fn a_port_that_is_taken_is_named_and_nothing_starts() {
    let scene = Scene::new();
    for address in ["127.0.0.1", "0.0.0.0"] {
        let foreign = std::net::TcpListener::bind((address, scene.place.port)).unwrap();
        let refused = Host::connect_or_launch(&scene.place, &scene.launcher, LIMIT).await.err();
        assert_eq!(refused, Some(Error::PortTaken { port: scene.place.port }), "{address}");
        assert!(!scene.locked());
        assert!(!scene.place.folder.join("host.json").exists());
        assert_eq!(status_offline(&scene.place), Ok(Offline::Stopped));
        drop(foreign);
    }
    // Once it is free, all is well.
    let mut host = scene.host().await;
    scene.deploy(&mut host, "one", &[], Strategy::Rolling).await;
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn a_host_that_is_none_is_told_apart() {
    let scene = Scene::new();
    let launch = async |program: &str, word: &str| {
        let launcher = Launcher { program: program.into(), leading_args: vec![word.into()] };
        match Host::connect_or_launch(&scene.place, &launcher, LIMIT).await.err().unwrap() {
            Error::HostNotStarted { reason } => reason,
            other => panic!("{other:?}"),
        }
    };
    assert!(launch("no-such-program", "").await.starts_with("no-such-program could not be started"));
    let program = program().display().to_string();
    assert_eq!(launch(&program, "no-such-part").await, "it ended with exit code 1");
    let talks = launch("echo", "hello").await;
    assert!(talks.starts_with("echo is no host"), "{talks}");
}

#[tokio::test]
async fn commands_that_cannot_run_are_refused_with_their_reason() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let one = scene.deploy(&mut host, "one", &[], Strategy::Rolling).await.live;
    let dir = scene.folder.path();
    std::fs::write(dir.join("plain.txt"), "text").unwrap();
    std::fs::write(dir.join("script"), "#!/no/such/interpreter\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(dir.join("script"), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let refused = async |host: &mut Host, command: &[&str], dir: Option<&str>| {
        let mut candidate: Candidate = scene.candidate("two", &[]);
        candidate.command = command.iter().map(|word| (*word).to_owned()).collect();
        if let Some(dir) = dir {
            candidate.dir = dir.into();
        }
        host.start(candidate, LIMIT).await.unwrap_err()
    };
    let named = |program: &str| program.to_owned();
    for command in ["no-such-command", "./no-such-command", "/no/such/command"] {
        let found = refused(&mut host, &[command], None).await;
        assert_eq!(found, Error::CommandNotFound { program: named(command) });
    }
    let plain = refused(&mut host, &["./plain.txt"], None).await;
    assert_eq!(plain, Error::NotExecutable { program: named("./plain.txt") });
    let script = refused(&mut host, &["./script"], None).await;
    assert!(matches!(&script, Error::Spawn { reason, .. } if reason.contains("interpreter")), "{script:?}");
    for command in [&[][..], &[""]] {
        assert_eq!(refused(&mut host, command, None).await, Error::EmptyCommand { release: "two".into() });
    }
    let missing = refused(&mut host, &["sleep"], Some("/no/such/folder")).await;
    assert_eq!(missing, Error::DirectoryMissing { dir: "/no/such/folder".into(), program: "sleep".into() });

    // None of them is in the way of the next.
    assert_eq!(scene.marked(), [one.pid]);
    scene.deploy(&mut scene.host().await, "two", &[], Strategy::Rolling).await;
    assert_eq!(scene.get("/").await, (StatusCode::OK, "two".into()));
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn a_crash_at_start_is_told_at_once_with_its_last_lines() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    host.start(scene.candidate("one", &["crash"]), LIMIT).await.unwrap();
    let began = Instant::now();
    let Err(Error::Exited { release, exit, log }) = healthy(&mut host, LIMIT).await else {
        panic!("it lives")
    };
    assert!(began.elapsed() < LIMIT / 3);
    assert_eq!((&*release, exit.code), ("one", Some(1)));
    assert!(log.iter().any(|line| line == "one cannot start: no database"), "{log:?}");
    assert!(matches!(host.switch(Strategy::Rolling, LIMIT, LIMIT).await, Err(Error::Exited { .. })));
    host.discard(GRACE, LIMIT).await.unwrap();
    // A host that has nothing to serve goes when its last client does.
    drop(host);
    scene.is_gone().await;
}

#[tokio::test]
async fn services_that_never_get_healthy_are_told_why() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let one = scene.deploy(&mut host, "one", &[], Strategy::Rolling).await.live;
    let limit = Duration::from_millis(1500);
    for (fault, why) in
        [("unhealthy", "it answered 503"), ("hang", "no answer in"), ("mute", "nothing listens on port")]
    {
        let two = host.start(scene.candidate("two", &[fault]), LIMIT).await.unwrap();
        let began = Instant::now();
        let Err(Error::NeverHealthy { path, limit_ms, last, log, .. }) = healthy(&mut host, limit).await
        else {
            panic!("{fault}")
        };
        assert!(began.elapsed() >= limit && began.elapsed() < limit * 8, "{fault}: {:?}", began.elapsed());
        assert_eq!((&*path, limit_ms), ("/health", 1500));
        assert!(last.starts_with(why), "{fault}: {last}");
        assert!(log[0].starts_with("two on port"), "{log:?}");
        assert_eq!(
            host.switch(Strategy::Rolling, LIMIT, LIMIT).await,
            Err(Error::NotHealthy { release: "two".into() })
        );
        host.discard(GRACE, LIMIT).await.unwrap();
        assert!(!alive(two.pid), "{fault}");
        assert_eq!(scene.get("/").await.1, "one");
    }
    assert_eq!(scene.marked(), [one.pid]);
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn a_wait_can_be_cancelled() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    host.start(scene.candidate("one", &["unhealthy"]), LIMIT).await.unwrap();
    let cancel = CancellationToken::new();
    let (later, began) = (cancel.clone(), Instant::now());
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        later.cancel();
    });
    let waited = host.wait_healthy("/health", LIMIT, PAUSE, &cancel).await;
    assert_eq!(waited, Err(Error::Cancelled { release: "one".into() }));
    assert!(began.elapsed() < LIMIT / 3);
    // The connection goes on being of use; so does one whose wait was dropped in the middle.
    let given_up = tokio::time::timeout(Duration::from_millis(100), healthy(&mut host, LIMIT)).await;
    assert!(given_up.is_err());
    assert!(host.status(LIMIT).await.unwrap().candidate.is_some());
    scene.deploy(&mut host, "two", &[], Strategy::Rolling).await;
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn a_late_service_is_waited_for() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    scene.deploy(&mut host, "one", &["late"], Strategy::Rolling).await;
    assert_eq!(scene.get("/").await.1, "one");
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn a_flood_fills_neither_disk_nor_pipe() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    scene.deploy(&mut host, "one", &["long-line", "flood"], Strategy::Rolling).await;
    eventually("the flood to be counted", async || scene.log().contains("lines were left out")).await;
    // It still answers: nothing waits for the disk.
    assert_eq!(scene.get("/").await, (StatusCode::OK, "one".into()));
    let lines = read_log(&scene.place.folder, 1_000_000).unwrap();
    let long = lines.iter().find(|line| line.text.starts_with("xxx")).unwrap();
    assert!(long.text.len() < 17 * 1024 && long.text.ends_with("[…]"));
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
    let size = std::fs::metadata(scene.place.folder.join("service.log")).unwrap().len();
    assert!(size <= 6 * 1024 * 1024, "{size}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_service_that_closes_its_output_is_fine() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let mut candidate = scene.candidate("one", &[]);
    let rest = candidate.command.join(" ");
    candidate.command = vec!["sh".into(), "-c".into(), format!("exec {rest} >&- 2>&-")];
    host.start(candidate, LIMIT).await.unwrap();
    healthy(&mut host, LIMIT).await.unwrap();
    host.switch(Strategy::Rolling, LIMIT, LIMIT).await.unwrap();
    assert_eq!(scene.get("/").await.1, "one");
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_service_that_will_not_end_is_killed() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let one = scene.deploy(&mut host, "one", &["stubborn"], Strategy::Rolling).await.live;
    let began = Instant::now();
    host.stop(GRACE, LIMIT).await.unwrap();
    assert!(began.elapsed() >= GRACE);
    assert!(!alive(one.pid));
    scene.is_gone().await;
    let log = scene.log();
    assert!(log.contains("asked to end, but does not"), "{log}");
    assert!(log.contains("did not stop within 400 ms and is killed"), "{log}");
    assert!(log.contains("stopped with signal 9"), "{log}");
}

#[tokio::test]
async fn what_a_service_starts_ends_with_it() {
    for fault in ["child", "runaway"] {
        let scene = Scene::new();
        let mut host = scene.host().await;
        let one = scene.deploy(&mut host, "one", &[fault], Strategy::Rolling).await.live;
        eventually("the child", async || scene.marked().len() == 2).await;
        // A retired instance takes its own children with it, and nobody else's.
        scene.deploy(&mut host, "two", &[fault], Strategy::Rolling).await;
        ends(one.pid).await;
        eventually("the second's child alone", async || scene.marked().len() == 2).await;
        host.stop(GRACE, LIMIT).await.unwrap();
        scene.is_gone().await;
    }
}

#[tokio::test]
async fn a_crash_takes_the_children_along() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    scene.deploy(&mut host, "one", &["child"], Strategy::Rolling).await;
    eventually("the child", async || scene.marked().len() == 2).await;
    let _ = crate::scene::get(scene.place.port, "/exit?1").await;
    eventually("both to end", async || scene.marked().is_empty()).await;
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_started() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let one = scene.deploy(&mut host, "one", &[], Strategy::Rolling).await.live;
    let in_the_way = scene.place.folder.join("state.json.new");
    std::fs::create_dir(&in_the_way).unwrap();
    let refused = host.start(scene.candidate("two", &[]), LIMIT).await;
    assert!(matches!(&refused, Err(Error::File { path, .. }) if path.ends_with("state.json")), "{refused:?}");
    assert_eq!(scene.marked(), [one.pid]);
    assert_eq!(scene.get("/").await.1, "one");
    assert_eq!(scene.file("state.json")["instances"][0]["pid"], one.pid);
    std::fs::remove_dir(&in_the_way).unwrap();
    host.start(scene.candidate("two", &[]), LIMIT).await.unwrap();
    healthy(&mut host, LIMIT).await.unwrap();
    // Nor is it switched to.
    std::fs::create_dir(&in_the_way).unwrap();
    assert!(matches!(host.switch(Strategy::Rolling, LIMIT, LIMIT).await, Err(Error::File { .. })));
    assert_eq!(scene.get("/").await.1, "one");
    std::fs::remove_dir(&in_the_way).unwrap();
    host.switch(Strategy::Rolling, LIMIT, LIMIT).await.unwrap();
    assert_eq!(scene.get("/").await.1, "two");
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}
