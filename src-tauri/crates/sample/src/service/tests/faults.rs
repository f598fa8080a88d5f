//! How it begins and ends, and how it misbehaves.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::counting::{samples, value};
use super::{Lines, Running, clock, release};
use crate::service::{Arguments, Error, Log, check, serve};
use crate::{Language, Release};

#[tokio::test]
async fn a_request_that_has_begun_is_answered_before_the_end() {
    let service = Running::of(Release::V1_1_0).await;
    let mut idle = TcpStream::connect(service.address).await.unwrap();
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    let head = "POST /courses/git/enrolments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Content-Length: 21\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    // The service has seen the head once it counts the request.
    let seen = async {
        while value(&samples(&service.get("/metrics").await.text), "http_requests_in_flight", &[])
            != Some(2.0)
        {}
    };
    timeout(Duration::from_secs(5), seen).await.unwrap();
    let (address, ending) = (service.address, tokio::spawn(service.end()));
    let refused = async { while TcpStream::connect(address).await.is_ok() {} };
    timeout(Duration::from_secs(5), refused).await.unwrap();
    stream.write_all(b"{\"user\": \"student-c\"}").await.unwrap();
    let mut answer = String::new();
    timeout(Duration::from_secs(5), stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    ending.await.unwrap().unwrap();
    // Silent connections do not hold it up; this one is closed.
    assert_eq!(timeout(Duration::from_secs(5), idle.read(&mut [0; 8])).await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn a_request_that_never_ends_is_cut_off() {
    let service = Running::with("hang_health").await;
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let seen = async {
        while value(&samples(&service.get("/metrics").await.text), "http_requests_in_flight", &[])
            != Some(2.0)
        {}
    };
    timeout(Duration::from_secs(5), seen).await.unwrap();
    // Other requests are answered meanwhile.
    assert_eq!(service.get("/users").await.status, StatusCode::OK);
    let (lines, begun) = (service.lines.clone(), Instant::now());
    service.end().await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert_eq!(lines.all().last().unwrap()["message"], "cut off");
}

#[tokio::test]
async fn faults_do_what_they_say() {
    let service = Running::with("unhealthy").await;
    let health = service.get("/health").await;
    assert_eq!(health.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(health.text.contains("failing"));
    assert_eq!(service.get("/users").await.status, StatusCode::OK);
    service.end().await.unwrap();

    for (share, failed) in [("0.2", 2), ("0.1", 1), ("1", 10), ("0", 0)] {
        let service = Running::with(&format!("error_rate={share}")).await;
        let mut errors = 0;
        for _ in 0..10 {
            errors += usize::from(service.get("/courses").await.status == StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(service.get("/health").await.status, StatusCode::OK);
        }
        assert_eq!(errors, failed, "{share}");
        service.end().await.unwrap();
    }

    let service = Running::with("crash_after=2").await;
    assert_eq!(service.get("/health").await.status, StatusCode::OK);
    let crashed = timeout(Duration::from_secs(10), service.task).await.unwrap().unwrap();
    assert_eq!(crashed, Err(Error::Fault { fault: "crash_after=2".into() }));
    assert!(TcpStream::connect(service.address).await.is_err());
}

#[tokio::test]
async fn a_flooded_log_does_not_keep_it_from_answering() {
    let service = Running::with("flood_log").await;
    let lines = service.lines.clone();
    let flooded = async {
        while lines.0.lock().unwrap().len() < 1_000_000 {
            assert_eq!(service.get("/health").await.status, StatusCode::OK);
        }
    };
    timeout(Duration::from_secs(20), flooded).await.unwrap();
    service.end().await.unwrap();
}

#[tokio::test]
async fn starting_can_fail_or_take_its_time() {
    let sink = || Log::new(clock(), Box::new(std::io::sink()));
    let (_folder, arguments) = release(Language::En, Release::V1_1_0);
    let with = |fault: &str| Arguments { fault: fault.parse().unwrap(), ..arguments.clone() };
    let crashed = serve(&with("crash_at_start"), clock(), sink(), std::future::pending()).await;
    assert_eq!(crashed, Err(Error::Fault { fault: "crash_at_start".into() }));

    // Asked to end before it listens.
    let slow = with("slow_start=60000");
    let ended = serve(&slow, clock(), sink(), std::future::ready(()));
    timeout(Duration::from_secs(5), ended).await.unwrap().unwrap();
    let lines = Lines::default();
    let log = Log::new(clock(), Box::new(lines.clone()));
    let (slow, begun) = (with("slow_start=300"), Instant::now());
    let listening = async {
        while lines.all().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    serve(&slow, clock(), log, listening).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(300));

    let service = Running::of(Release::V1_1_0).await;
    let taken = Arguments { port: service.address.port(), ..arguments.clone() };
    let refused = serve(&taken, clock(), sink(), std::future::pending()).await;
    assert!(matches!(refused, Err(Error::Port { .. })), "{refused:?}");
    service.end().await.unwrap();
}

#[tokio::test]
async fn checks_find_each_thing_that_can_be_wrong() {
    let teacher = r#"{"id": "t", "role": "teacher"}"#;
    let student = r#"{"id": "s", "role": "student"}"#;
    let users = format!("[{student}, {teacher}]");
    let course = |teacher: &str, seats: u32, enrolled: &str| {
        format!(
            r#"[{{"id": "c", "title": "C", "teacher": "{teacher}", "seats": {seats}, "enrolled": [{enrolled}]}}]"#
        )
    };
    for (users, courses, fault, failures) in [
        (users.as_str(), course("t", 3, "\"s\""), "none", &[][..]),
        (&users, course("x", 3, ""), "none", &["every course has a teacher"][..]),
        (&users, course("t", 3, "\"x\""), "none", &["everybody who takes part"]),
        (&users, course("t", 1, "\"s\", \"t\""), "none", &["everybody who takes part", "somebody can join"]),
        (
            "[]",
            course("t", 1, ""),
            "none",
            &["every user", "every course", "everybody", "somebody", "metrics"],
        ),
        (&users, "[]".to_owned(), "none", &["every course", "everybody", "somebody", "searching"]),
        (&users, course("t", 3, ""), "unhealthy", &["health answers", "the page"]),
        (&users, course("t", 3, ""), "crash_at_start", &["the service starts"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let service = "version = \"1\"\ntitle = \"T\"\nlanguage = \"en\"\nfeatures = [\"search\"]\n";
        for (name, text) in [("users.json", users), ("courses.json", &courses), ("service.toml", service)] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let arguments = Arguments {
            port: 0,
            data: folder.path().to_owned(),
            environment: String::new(),
            fault: fault.parse().unwrap(),
            check: true,
        };
        let mut out = Vec::new();
        let passed = check(&arguments, clock(), &mut out).await;
        let out = String::from_utf8(out).unwrap();
        let failed: Vec<&str> = out.lines().filter_map(|line| line.strip_prefix("FAIL  ")).collect();
        assert_eq!(failed.len(), failures.len(), "{fault}\n{out}");
        for (failed, wanted) in failed.iter().zip(failures) {
            assert!(failed.starts_with(wanted), "{out}");
        }
        assert_eq!(passed, failures.is_empty());
    }
}

#[tokio::test]
async fn it_can_be_broken_and_mended_while_it_runs_in_dev_alone() {
    let set = |fault: &str| json!({ "fault": fault }).to_string();
    let service = Running::of(Release::V1_1_0).await;
    assert_eq!(service.json("/fault").await["fault"], "none");
    assert_eq!(service.post("/fault", &set("error_rate=1")).await.status, StatusCode::OK);
    assert_eq!(service.get("/courses").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(service.get("/health").await.status, StatusCode::OK);
    assert_eq!(service.json("/fault").await["fault"], "error_rate=1");
    assert_eq!(service.post("/fault", &set("unhealthy")).await.status, StatusCode::OK);
    assert_eq!(service.get("/health").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(service.get("/courses").await.status, StatusCode::OK);
    for wrong in ["crash_at_start", "crash_after=3", "flood_log", "boom"] {
        assert_eq!(
            service.post("/fault", &set(wrong)).await.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{wrong}"
        );
    }
    assert_eq!(service.post("/fault", "{}").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(service.post("/fault", &set("none")).await.status, StatusCode::OK);
    assert_eq!(service.get("/health").await.status, StatusCode::OK);
    service.end().await.unwrap();

    let (folder, mut arguments) = release(Language::En, Release::V1_1_0);
    arguments.environment = "prod".into();
    let service = Running::start(folder, &arguments).await;
    assert_eq!(service.post("/fault", &set("unhealthy")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(service.get("/fault").await.status, StatusCode::NOT_FOUND);
    service.end().await.unwrap();
}
