//! The service over its port.

mod counting;
mod faults;

use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Method, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::client::{Reply, ask};
use super::{Arguments, Clock, Error, Fault, Log, Result, Server, serve};
use crate::{Language, Options, Release, files};

/// A log that a test can read.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn all(&self) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn requests(&self) -> Vec<(String, u64)> {
        let requests = self.all().into_iter().filter(|line| line["message"] == "request");
        requests.map(|l| (l["path"].as_str().unwrap().to_owned(), l["status"].as_u64().unwrap())).collect()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn clock() -> Clock {
    Arc::new(|| Timestamp::from_second(1_900_000_000).unwrap())
}

/// The data of a release in a folder of its own.
fn release(language: Language, release: Release) -> (TempDir, Arguments) {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(language, clock()(), "UTC", 1, 2).unwrap();
    for (path, content) in files(&options, release) {
        if let Some(name) = path.strip_prefix("service/") {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
    }
    let data = folder.path().to_owned();
    let arguments = Arguments { port: 0, data, environment: "dev".into(), fault: Fault::None, check: false };
    (folder, arguments)
}

/// A service that runs.
struct Running {
    address: SocketAddr,
    lines: Lines,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Result<()>>,
    _folder: TempDir,
}

impl Running {
    async fn of(version: Release) -> Self {
        let (folder, arguments) = release(Language::En, version);
        Self::start(folder, &arguments).await
    }

    async fn with(fault: &str) -> Self {
        let (folder, mut arguments) = release(Language::En, Release::V1_1_0);
        arguments.fault = fault.parse().unwrap();
        Self::start(folder, &arguments).await
    }

    async fn start(folder: TempDir, arguments: &Arguments) -> Self {
        let lines = Lines::default();
        let log = Log::new(clock(), Box::new(lines.clone()));
        let server = Server::bind(arguments, clock(), log).await.unwrap();
        let address = server.address();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run(async { drop(stopped.await) }));
        Self { address, lines, stop: Some(stop), task, _folder: folder }
    }

    async fn get(&self, path: &str) -> Reply {
        ask(self.address, Method::GET, path, None).await.unwrap()
    }

    async fn post(&self, path: &str, body: &str) -> Reply {
        ask(self.address, Method::POST, path, Some(body)).await.unwrap()
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.get(path).await.text).unwrap()
    }

    async fn enrol(&self, course: &str, body: &str) -> (StatusCode, Value) {
        let path = format!("/courses/{course}/enrolments");
        let reply = ask(self.address, Method::POST, &path, Some(body)).await.unwrap();
        (reply.status, serde_json::from_str(&reply.text).unwrap())
    }

    async fn end(mut self) -> Result<()> {
        drop(self.stop.take());
        timeout(Duration::from_secs(10), &mut self.task).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn users_and_courses_are_told() {
    let service = Running::of(Release::V1_1_0).await;
    let users = service.json("/users").await;
    assert_eq!(users["users"].as_array().unwrap().len(), 6);
    let student = json!({ "id": "student-a", "role": "student", "courses": ["git", "linux"] });
    assert_eq!(users["users"][0], student);
    assert_eq!(service.json("/users/student-a").await, student);
    let courses = service.json("/courses").await;
    let git = json!({ "id": "git", "title": "Git", "teacher": "teacher-a", "seats": 4, "enrolled": 2 });
    assert_eq!(courses["courses"][0], git);
    let git = service.json("/courses/git").await;
    assert_eq!(git["enrolled"], json!(["student-a", "student-b"]));
    assert_eq!(service.json("/health").await, json!({ "status": "ok", "version": "1.1.0" }));
    service.end().await.unwrap();
}

#[tokio::test]
async fn releases_differ_in_what_they_can_do() {
    let (old, new) = (Running::of(Release::V1_0_0).await, Running::of(Release::V1_1_0).await);
    let ids = |courses: Value| -> Vec<String> {
        let courses = courses["courses"].as_array().unwrap().clone();
        courses.iter().map(|course| course["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(old.json("/courses?search=LIN").await), ["git", "linux"]);
    assert_eq!(ids(new.json("/courses?search=LIN").await), ["linux"]);
    assert_eq!(ids(new.json("/courses?x=1&search=s%71l+").await), ["sql"]);
    assert_eq!(ids(new.json("/courses?search=").await).len(), 3);
    assert!(ids(new.json("/courses?search=cooking").await).is_empty());
    assert_eq!(old.json("/courses").await["courses"][0].get("enrolled"), None);
    let (old_page, new_page) = (old.get("/").await.text, new.get("/").await.text);
    assert!(old_page.contains("1.0.0") && !old_page.contains("<form>") && !old_page.contains("Taken"));
    assert!(new_page.contains("1.1.0") && new_page.contains("<form>") && new_page.contains("Taken"));
    let found = new.get("/?search=sql").await.text;
    assert!(found.contains(">SQL<") && !found.contains(">Linux<"));
    old.end().await.unwrap();
    new.end().await.unwrap();
}

#[tokio::test]
async fn a_candidate_with_wrong_data_is_healthy_all_the_same() {
    let service = Running::of(Release::V1_2_0Rc1).await;
    assert_eq!(service.get("/health").await.status, StatusCode::OK);
    assert_eq!(service.json("/courses/http").await["teacher"], "teacher-c");
    assert_eq!(service.get("/users/teacher-c").await.status, StatusCode::NOT_FOUND);
    service.end().await.unwrap();
    // The other one does not get that far, and says where it breaks.
    let (_folder, arguments) = release(Language::En, Release::V1_2_0Rc2);
    let log = Log::new(clock(), Box::new(std::io::sink()));
    let Err(Error::Data { path, reason }) = serve(&arguments, clock(), log, std::future::pending()).await
    else {
        panic!("it started");
    };
    assert!(path.ends_with("courses.json") && reason.contains("line 5"), "{path}: {reason}");
}

#[tokio::test]
async fn the_page_stands_alone_and_escapes_what_it_shows() {
    let (folder, mut arguments) = release(Language::Fr, Release::V1_1_0);
    arguments.environment = "<b>dev & co</b>".into();
    let service = Running::start(folder, &arguments).await;
    let page = service.get("/?search=%22%3E%3Cscript%3E").await;
    assert_eq!(page.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"));
    assert!(page.text.contains("&lt;b&gt;dev &amp; co&lt;/b&gt;"), "{}", page.text);
    assert!(page.text.contains("value=\"&quot;&gt;&lt;script&gt;\""));
    assert!(page.text.contains("<html lang=\"fr\">") && page.text.contains("Aucun cours"));
    for outside in ["<script", "http:", "https:", "src="] {
        assert!(!page.text.contains(outside), "{outside}");
    }
    service.end().await.unwrap();
}

#[tokio::test]
async fn people_join_courses() {
    let service = Running::of(Release::V1_1_0).await;
    let (status, joined) = service.enrol("linux", "{\"user\": \"student-b\"}").await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(joined, json!({ "course": "linux", "user": "student-b", "enrolled": 3 }));
    assert_eq!(service.json("/courses/linux").await["enrolled"].as_array().unwrap().len(), 3);
    for (course, body, status, code) in [
        ("linux", "{\"user\": \"student-b\"}", StatusCode::CONFLICT, "already_enrolled"),
        ("linux", "{\"user\": \"student-d\"}", StatusCode::CONFLICT, "full"),
        ("cooking", "{\"user\": \"student-a\"}", StatusCode::NOT_FOUND, "not_found"),
        ("git", "{\"user\": \"nobody\"}", StatusCode::UNPROCESSABLE_ENTITY, "unknown_user"),
        ("git", "{\"user\": 1}", StatusCode::BAD_REQUEST, "bad_request"),
        ("git", "{\"user\": \"student-c\", \"x\": 1}", StatusCode::BAD_REQUEST, "bad_request"),
        ("git", "not json", StatusCode::BAD_REQUEST, "bad_request"),
        ("git", "", StatusCode::BAD_REQUEST, "bad_request"),
        ("git", &"x".repeat(20_000), StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
    ] {
        let (found, error) = service.enrol(course, body).await;
        assert_eq!((found, error["error"]["code"].as_str()), (status, Some(code)), "{error}");
    }
    // A page of a stranger can post text, but not JSON.
    let text = "POST /courses/git/enrolments HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n\
                Content-Length: 23\r\nConnection: close\r\n\r\n{\"user\": \"student-c\"}  ";
    assert!(raw(service.address, text).await.starts_with("HTTP/1.1 415 "));
    assert_eq!(service.json("/courses/git").await["enrolled"].as_array().unwrap().len(), 2);
    service.end().await.unwrap();
}

/// Sends bytes as they are and reads to the end.
async fn raw(address: SocketAddr, text: &str) -> String {
    let work = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    timeout(Duration::from_secs(5), work).await.unwrap()
}

#[tokio::test]
async fn wrong_addresses_and_methods_are_told_apart() {
    let service = Running::of(Release::V1_1_0).await;
    for path in ["/nowhere", "/users/", "/users/nobody", "/courses/git/", "//", "/courses/..%2f", "/health/x"]
    {
        let reply = service.get(path).await;
        let error: Value = serde_json::from_str(&reply.text).unwrap();
        assert_eq!(
            (reply.status, error["error"]["code"].as_str()),
            (StatusCode::NOT_FOUND, Some("not_found"))
        );
    }
    for (method, path, allow) in [
        (Method::DELETE, "/courses", "GET, HEAD"),
        (Method::POST, "/health", "GET, HEAD"),
        (Method::GET, "/courses/git/enrolments", "POST"),
        (Method::HEAD, "/courses/git/enrolments", "POST"),
    ] {
        let reply = ask(service.address, method.clone(), path, None).await.unwrap();
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert_eq!(reply.headers[header::ALLOW], allow);
    }
    let head = ask(service.address, Method::HEAD, "/users", None).await.unwrap();
    assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""));
    assert!(
        raw(service.address, "BREW /coffee HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .await
            .contains("404")
    );
    assert!(raw(service.address, "nonsense\r\n\r\n").await.starts_with("HTTP/1.1 400"));
    assert_eq!(service.get("/health").await.status, StatusCode::OK);
    service.end().await.unwrap();
}

#[tokio::test]
async fn the_log_is_one_object_a_line() {
    let service = Running::of(Release::V1_1_0).await;
    let long = format!("/{}", "x".repeat(5000));
    for path in ["/users", "/health", "/metrics", "/a%0Ab\"c", &long] {
        let line = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        raw(service.address, &line).await;
    }
    let lines = service.lines.clone();
    service.end().await.unwrap();
    let all = lines.all();
    assert_eq!(all[0]["message"], "listening");
    assert_eq!(all[0]["version"], "1.1.0");
    assert_eq!(all.last().unwrap()["message"], "ending");
    assert!(all.iter().all(|line| line["time"] == "2030-03-17T17:46:40Z" && line["level"] == "info"));
    // Probes are not worth a line while they succeed.
    let requests = lines.requests();
    assert_eq!(requests[..2], [("/users".to_owned(), 200), ("/a%0Ab\"c".to_owned(), 404)]);
    assert_eq!((requests.len(), requests[2].0.len()), (3, 200));
}

#[tokio::test]
async fn many_at_once_are_all_answered() {
    let service = Running::of(Release::V1_1_0).await;
    let asks = (0..200).map(|_| tokio::spawn(ask(service.address, Method::GET, "/courses", None)));
    for asked in asks.collect::<Vec<_>>() {
        assert_eq!(asked.await.unwrap().unwrap().status, StatusCode::OK);
    }
    assert_eq!(service.lines.requests().len(), 200);
    service.end().await.unwrap();
}
