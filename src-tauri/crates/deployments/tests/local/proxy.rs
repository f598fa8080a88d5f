//! What goes through the proxy.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use deployments::local::Strategy;
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::scene::{GRACE, LIMIT, Scene, ask, connect, ends, get};

/// Asks for as long as it may, in one of several ways; every answer but a good one is a failure.
async fn load(port: u16, way: usize, on: Arc<AtomicBool>, asked: Arc<AtomicU64>) -> Vec<String> {
    let mut failures = Vec::new();
    let mut kept = connect(port).await.unwrap();
    while on.load(Ordering::Relaxed) {
        let answered = match way {
            0 => get(port, "/").await,
            1 => ask(&mut kept, Request::get("/").body(Full::default()).unwrap()).await,
            2 => {
                let body = Full::new(Bytes::from(vec![b'x'; 50_000]));
                ask(&mut kept, Request::post("/echo").body(body).unwrap()).await
            }
            _ => get(port, "/slow?150").await,
        };
        asked.fetch_add(1, Ordering::Relaxed);
        // Steady, not as much as goes: every connection keeps its port for a minute.
        tokio::time::sleep(Duration::from_millis(2)).await;
        match answered {
            Ok((StatusCode::OK, body)) if way == 2 && body.len() != 50_000 => {
                failures.push("cut short".into())
            }
            Ok((StatusCode::OK, _)) => {}
            other => failures.push(format!("way {way}: {other:?}")),
        }
    }
    failures
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_during_switches() {
    const SWITCHES: u64 = 24;
    /// Requests between two switches, at least: the machine may be as busy as it likes.
    const BETWEEN: u64 = 15;
    let scene = Scene::new();
    let mut host = scene.host().await;
    scene.deploy(&mut host, "first", &[], Strategy::Rolling).await;
    let (on, asked) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU64::new(0)));
    let loads: Vec<_> =
        (0..6).map(|n| tokio::spawn(load(scene.place.port, n % 4, on.clone(), asked.clone()))).collect();
    for number in 0..SWITCHES {
        let enough = async {
            while asked.load(Ordering::Relaxed) < number * BETWEEN {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(LIMIT, enough).await.expect("the load goes on");
        let name = format!("v{number}");
        match number % 3 {
            0 => drop(scene.deploy(&mut host, &name, &[], Strategy::Rolling).await),
            1 => drop(scene.deploy(&mut host, &name, &[], Strategy::BlueGreen).await),
            _ => drop(host.back(&format!("v{}", number - 2), LIMIT).await.unwrap()),
        }
    }
    on.store(false, Ordering::Relaxed);
    for load in loads {
        assert_eq!(load.await.unwrap(), Vec::<String>::new());
    }
    let asked = asked.load(Ordering::Relaxed);
    let status = host.status(LIMIT).await.unwrap();
    assert!(asked >= (SWITCHES - 1) * BETWEEN, "only {asked} requests");
    assert_eq!((status.requests_total, status.errors_total, status.in_flight), (asked, 0, 0));
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn requests_under_way_end_where_they_began() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let one = scene.deploy(&mut host, "one", &[], Strategy::Rolling).await.live;
    let port = scene.place.port;
    let slow = tokio::spawn(async move { get(port, "/slow?1500").await });
    while host.status(LIMIT).await.unwrap().in_flight == 0 {
        tokio::task::yield_now().await;
    }
    scene.deploy(&mut host, "two", &[], Strategy::Rolling).await;
    assert_eq!(scene.get("/").await.1, "two");
    assert_eq!(host.status(LIMIT).await.unwrap().retiring, 1);
    assert_eq!(slow.await.unwrap(), Ok((StatusCode::OK, "one".into())));
    ends(one.pid).await;
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_cut_off() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let one = scene.deploy(&mut host, "one", &[], Strategy::Rolling).await.live;
    let port = scene.place.port;
    let slow = tokio::spawn(async move { get(port, "/slow?20000").await });
    while host.status(LIMIT).await.unwrap().in_flight == 0 {
        tokio::task::yield_now().await;
    }
    host.start(scene.candidate("two", &[]), LIMIT).await.unwrap();
    crate::scene::healthy(&mut host, LIMIT).await.unwrap();
    host.switch(Strategy::Rolling, Duration::from_millis(200), LIMIT).await.unwrap();
    ends(one.pid).await;
    assert_eq!(slow.await.unwrap().unwrap().0, StatusCode::BAD_GATEWAY);
    assert!(scene.log().contains("1 requests took too long and are cut off"), "{}", scene.log());
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}

#[tokio::test]
async fn stopping_waits_for_no_endless_request() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    scene.deploy(&mut host, "one", &[], Strategy::Rolling).await;
    let port = scene.place.port;
    let endless = tokio::spawn(async move { get(port, "/slow?60000").await });
    while host.status(LIMIT).await.unwrap().in_flight == 0 {
        tokio::task::yield_now().await;
    }
    let began = Instant::now();
    host.stop(GRACE, LIMIT).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    scene.is_gone().await;
    endless.await.unwrap().ok();
}

#[tokio::test]
async fn headers_say_where_a_request_came_from() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    scene.deploy(&mut host, "one", &[], Strategy::Rolling).await;
    let mut kept = connect(scene.place.port).await.unwrap();
    let request = Request::get("http://service.test/headers?x=1")
        .header("x-forwarded-for", "10.0.0.9")
        .header("connection", "keep-alive, x-hop")
        .header("x-hop", "for the proxy alone")
        .header("te", "trailers")
        .header("proxy-authorization", "Basic eDp5")
        .header("x-end-to-end", "kept")
        .body(Full::default())
        .unwrap();
    let (status, text) = ask(&mut kept, request).await.unwrap();
    assert_eq!(status, StatusCode::OK);
    let wanted = [
        "host: service.test",
        "x-end-to-end: kept",
        "x-forwarded-for: 10.0.0.9, 127.0.0.1",
        "x-forwarded-host: service.test",
        "x-forwarded-proto: http",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), wanted);
    host.stop(GRACE, LIMIT).await.unwrap();
}

/// Everything a server sends on one connection.
async fn raw(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(LIMIT, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn old_and_odd_requests_are_answered() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    scene.deploy(&mut host, "one", &[], Strategy::Rolling).await;
    let port = scene.place.port;
    let old = raw(port, "GET / HTTP/1.0\r\n\r\n").await;
    assert!(old.starts_with("HTTP/1.0 200 OK") && old.ends_with("\r\n\r\none"), "{old}");
    let head = raw(port, "HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(head.contains("content-length: 3") && head.ends_with("\r\n\r\n"), "{head}");
    let connect = raw(port, "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\nconnection: close\r\n\r\n").await;
    assert!(connect.starts_with("HTTP/1.1 405"), "{connect}");
    let broken = raw(port, "no request at all\r\n\r\n").await;
    assert!(broken.starts_with("HTTP/1.1 400"), "{broken}");
    let mut kept = crate::scene::connect(port).await.unwrap();
    let delete = Request::builder().method(Method::DELETE).uri("/x").body(Full::default()).unwrap();
    assert_eq!(ask(&mut kept, delete).await.unwrap(), (StatusCode::OK, "one".into()));
    host.stop(GRACE, LIMIT).await.unwrap();
}

#[tokio::test]
async fn bodies_stream_both_ways() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    scene.deploy(&mut host, "one", &[], Strategy::Rolling).await;
    let mut stream = TcpStream::connect(("127.0.0.1", scene.place.port)).await.unwrap();
    stream.write_all(b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
    let mut seen = String::new();
    // The second piece is sent only once the first has come back.
    for piece in ["first", "second"] {
        stream.write_all(format!("{:x}\r\n{piece}\r\n", piece.len()).as_bytes()).await.unwrap();
        while !seen.contains(piece) {
            let mut some = [0; 1024];
            let length = tokio::time::timeout(LIMIT, stream.read(&mut some)).await.unwrap().unwrap();
            assert!(length > 0, "{seen}");
            seen.push_str(&String::from_utf8_lossy(&some[..length]));
        }
    }
    assert!(seen.starts_with("HTTP/1.1 200 OK"), "{seen}");
    drop(stream);
    host.stop(GRACE, LIMIT).await.unwrap();
}

#[tokio::test]
async fn upgraded_connections_pass_through_and_hold_their_instance() {
    let scene = Scene::new();
    let mut host = scene.host().await;
    let one = scene.deploy(&mut host, "one", &[], Strategy::Rolling).await.live;
    let mut stream = TcpStream::connect(("127.0.0.1", scene.place.port)).await.unwrap();
    let request = b"GET /upgrade HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: shout\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tokio::time::timeout(LIMIT, stream.read_u8()).await.unwrap().unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    assert!(head.starts_with("http/1.1 101") && head.contains("upgrade: shout"), "{head}");
    let mut shout = async |text: &[u8]| {
        stream.write_all(text).await.unwrap();
        let mut heard = vec![0; text.len()];
        tokio::time::timeout(LIMIT, stream.read_exact(&mut heard)).await.unwrap().unwrap();
        String::from_utf8(heard).unwrap()
    };
    assert_eq!(shout(b"hello").await, "HELLO");
    scene.deploy(&mut host, "two", &[], Strategy::Rolling).await;
    assert_eq!(shout(b"still").await, "STILL");
    assert!(crate::scene::alive(one.pid));
    drop(stream);
    ends(one.pid).await;
    host.stop(GRACE, LIMIT).await.unwrap();
    scene.is_gone().await;
}
