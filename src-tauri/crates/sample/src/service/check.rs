//! The tests of a release: real requests to a service of its own on a free port.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::SocketAddr;

use http::{Method, StatusCode};
use serde_json::Value;
use tokio::sync::oneshot;

use super::client::{Reply, ask};
use super::{Arguments, Clock, Log, Server};

/// What a check found: nothing, or what is wrong.
type Outcome = Result<(), String>;

/// Runs every check against the data of `arguments`, writes one line for each, and tells whether all passed. The port of
/// `arguments` is not used.
pub async fn check(arguments: &Arguments, clock: Clock, out: &mut (dyn Write + Send)) -> bool {
    let arguments = Arguments { port: 0, ..arguments.clone() };
    let log = Log::new(clock.clone(), Box::new(std::io::sink()));
    let mut lines = Lines { out, passed: 0, failed: 0 };
    let server = match Server::bind(&arguments, clock, log).await {
        Ok(server) => server,
        Err(error) => {
            lines.add("the service starts", Err(error.to_string()));
            return lines.end();
        }
    };
    lines.add("the service starts", Ok(()));
    let address = server.address();
    let (stop, stopped) = oneshot::channel::<()>();
    let checks = async {
        all(address, &mut lines).await;
        // Its receiver is there until the service has ended.
        let _ = stop.send(());
    };
    let (served, ()) = tokio::join!(server.run(async { drop(stopped.await) }), checks);
    lines.add("the service ends when it is asked to", served.map_err(|error| error.to_string()));
    lines.end()
}

/// One line a check.
struct Lines<'a> {
    out: &'a mut (dyn Write + Send),
    passed: usize,
    failed: usize,
}

impl Lines<'_> {
    fn add(&mut self, name: &str, outcome: Outcome) {
        // A closed pipe does not change what is true.
        let _ = match outcome {
            Ok(()) => {
                self.passed += 1;
                writeln!(self.out, "pass  {name}")
            }
            Err(reason) => {
                self.failed += 1;
                writeln!(self.out, "FAIL  {name}: {}", reason.replace('\n', " "))
            }
        };
    }

    fn end(self) -> bool {
        let Self { out, passed, failed } = self;
        let _ = writeln!(out, "{passed} of {} checks passed", passed + failed);
        failed == 0
    }
}

async fn all(at: SocketAddr, lines: &mut Lines<'_>) {
    lines.add("health answers", health(at).await);
    lines.add("the page opens", page(at).await);
    lines.add("every user can be looked up", users(at).await);
    lines.add("every course has a teacher among the users", teachers(at).await);
    lines.add("everybody who takes part is a user, and no course is overfull", participants(at).await);
    lines.add("somebody can join a course once", joining(at).await);
    lines.add("searching finds what is there", searching(at).await);
    lines.add("what is not there is said so", strangers(at).await);
    lines.add("metrics count these requests", counting(at).await);
}

async fn get(at: SocketAddr, path: &str) -> Result<Reply, String> {
    ask(at, Method::GET, path, None).await
}

async fn json(at: SocketAddr, path: &str) -> Result<Value, String> {
    let reply = get(at, path).await?;
    expect(path, reply.status, StatusCode::OK)?;
    serde_json::from_str(&reply.text).map_err(|error| format!("GET {path}: not JSON: {error}"))
}

fn expect(path: &str, found: StatusCode, wanted: StatusCode) -> Outcome {
    if found == wanted { Ok(()) } else { Err(format!("{path} answers {found} instead of {wanted}")) }
}

async fn list(at: SocketAddr, name: &str) -> Result<Vec<Value>, String> {
    let mut answer = json(at, &format!("/{name}")).await?;
    match answer[name].take() {
        Value::Array(list) if !list.is_empty() => Ok(list),
        _ => Err(format!("GET /{name}: there are none")),
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

async fn health(at: SocketAddr) -> Outcome {
    let health = json(at, "/health").await?;
    if text(&health, "status") != "ok" || text(&health, "version").is_empty() {
        return Err(format!("GET /health: {health}"));
    }
    Ok(())
}

async fn page(at: SocketAddr) -> Outcome {
    let reply = get(at, "/").await?;
    expect("/", reply.status, StatusCode::OK)?;
    let health = json(at, "/health").await?;
    let version = text(&health, "version");
    if reply.text.contains(version) { Ok(()) } else { Err(format!("GET /: version {version} is not on it")) }
}

async fn users(at: SocketAddr) -> Outcome {
    for user in list(at, "users").await? {
        let id = text(&user, "id");
        let alone = json(at, &format!("/users/{id}")).await?;
        if alone != user {
            return Err(format!("GET /users/{id}: {alone} instead of {user}"));
        }
    }
    Ok(())
}

async fn teachers(at: SocketAddr) -> Outcome {
    for course in list(at, "courses").await? {
        let (id, teacher) = (text(&course, "id"), text(&course, "teacher"));
        let reply = get(at, &format!("/users/{teacher}")).await?;
        if reply.status != StatusCode::OK {
            return Err(format!("{id} names {teacher:?}, and GET /users/{teacher} answers {}", reply.status));
        }
    }
    Ok(())
}

async fn participants(at: SocketAddr) -> Outcome {
    let users = list(at, "users").await?;
    let known: BTreeSet<&str> = users.iter().map(|user| text(user, "id")).collect();
    for course in list(at, "courses").await? {
        let id = text(&course, "id");
        let alone = json(at, &format!("/courses/{id}")).await?;
        let enrolled = alone["enrolled"].as_array().cloned().unwrap_or_default();
        if let Some(stranger) =
            enrolled.iter().find(|user| !user.as_str().is_some_and(|id| known.contains(id)))
        {
            return Err(format!("{id} has {stranger}, who is no user"));
        }
        let seats = course["seats"].as_u64().unwrap_or(0);
        if enrolled.len() as u64 > seats {
            return Err(format!("{id} has {} people on {seats} seats", enrolled.len()));
        }
    }
    Ok(())
}

async fn joining(at: SocketAddr) -> Outcome {
    let users = list(at, "users").await?;
    for course in list(at, "courses").await? {
        let id = text(&course, "id");
        let path = format!("/courses/{id}/enrolments");
        let alone = json(at, &format!("/courses/{id}")).await?;
        let enrolled = alone["enrolled"].as_array().cloned().unwrap_or_default();
        let newcomer = users.iter().find(|user| !enrolled.contains(&user["id"]));
        let seats = course["seats"].as_u64().unwrap_or(0);
        let (Some(newcomer), true) = (newcomer, (enrolled.len() as u64) < seats) else { continue };
        let body = serde_json::json!({ "user": newcomer["id"] }).to_string();
        for wanted in [StatusCode::CREATED, StatusCode::CONFLICT] {
            let reply = ask(at, Method::POST, &path, Some(&body)).await?;
            expect(&path, reply.status, wanted)?;
        }
        let after = json(at, &format!("/courses/{id}")).await?;
        let count = after["enrolled"].as_array().map_or(0, Vec::len);
        return if count == enrolled.len() + 1 {
            Ok(())
        } else {
            Err(format!("{id} has {count} people after one joined {}", enrolled.len()))
        };
    }
    Err("no course has a seat left for anybody".to_owned())
}

/// A release without search shows every course, whatever is searched for.
async fn searching(at: SocketAddr) -> Outcome {
    let courses = list(at, "courses").await?;
    let first = text(&courses[0], "id");
    let found = json(at, &format!("/courses?search={first}")).await?;
    let found = found["courses"].as_array().cloned().unwrap_or_default();
    if found.iter().any(|course| text(course, "id") == first) {
        Ok(())
    } else {
        Err(format!("GET /courses?search={first} does not find {first}"))
    }
}

async fn strangers(at: SocketAddr) -> Outcome {
    for path in ["/users/nobody", "/courses/nothing", "/nowhere"] {
        expect(path, get(at, path).await?.status, StatusCode::NOT_FOUND)?;
    }
    let reply = ask(at, Method::DELETE, "/courses", None).await?;
    expect("/courses", reply.status, StatusCode::METHOD_NOT_ALLOWED)?;
    if reply.headers.contains_key(http::header::ALLOW) {
        Ok(())
    } else {
        Err("DELETE /courses: the answer does not say what is allowed".to_owned())
    }
}

async fn counting(at: SocketAddr) -> Outcome {
    let wanted = "http_requests_total{method=\"GET\",route=\"/users/{id}\",status=\"200\"} ";
    let count = async {
        let reply = get(at, "/metrics").await?;
        let line = reply.text.lines().find_map(|line| line.strip_prefix(wanted));
        line.and_then(|value| value.parse::<u64>().ok()).ok_or_else(|| format!("GET /metrics: no {wanted}"))
    };
    let before = count.await?;
    users(at).await?;
    let asked = list(at, "users").await?.len() as u64;
    let reply = get(at, "/metrics").await?;
    let line = format!("{wanted}{}", before + asked);
    if reply.text.lines().any(|found| found == line) {
        Ok(())
    } else {
        Err(format!("GET /metrics: {line:?} is not there"))
    }
}
