//! A server that plays GitHub: state, pagination, ETags, tokens, and one fault at a time.

pub mod delivery;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::watch;

/// The token it accepts.
pub const TOKEN: &str = "ghp_scenario0000000000000000000000000001";
/// The repository it has.
pub const REPOSITORY: &str = "team/app";

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `GET`, `POST` …
    pub method: String,
    /// Path with query.
    pub path: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// Body, as text.
    pub body: String,
    /// Status answered.
    pub status: u16,
    /// When it was answered.
    pub at: Instant,
}

/// What goes wrong from now on.
#[derive(Debug, Clone, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// A status with headers and a message.
    Status(u16, Vec<(&'static str, String)>, &'static str),
    /// A web page with status 200.
    Html,
    /// JSON that ends in its middle.
    HalfJson,
    /// 301 to an address.
    Redirect(String),
    /// A next page at an address.
    NextAt(String),
    /// The second page of issues fails with 500.
    SecondPage,
    /// A status with headers and a message, for requests with this method whose path holds these words.
    Only(&'static str, &'static str, u16, Vec<(&'static str, String)>, &'static str),
    /// The same, but what was asked for is done first.
    Done(&'static str, &'static str, u16),
}

/// State of the scenario.
pub struct World {
    /// Checks and deployments.
    pub delivery: delivery::Delivery,
    /// Milestones as GitHub would send them.
    pub milestones: Vec<Value>,
    /// Issues and pull requests as GitHub would send them.
    pub issues: Vec<Value>,
    /// What goes wrong.
    pub fault: Fault,
    /// Requests so far.
    pub seen: Vec<Seen>,
    /// Requests that wait because of [`GitHub::hold`].
    pub waiting: usize,
    /// How long every answer takes.
    pub delay: Duration,
    /// Polls of the device code that answer "pending" before the token is given.
    pub pending_polls: u32,
    /// Seconds between two polls of the device code.
    pub interval: u32,
    /// Where the repository really is: requests to the old name are redirected on this server.
    pub renamed_to: Option<String>,
}

/// The running server; ends with it.
pub struct GitHub {
    /// Base address for `JALON_GITHUB_API`.
    pub api: String,
    world: Arc<Mutex<World>>,
    held: watch::Sender<Option<&'static str>>,
    silent: watch::Sender<Option<&'static str>>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

impl GitHub {
    /// Starts a server with a world on a free port.
    pub async fn start(milestones: Vec<Value>, issues: Vec<Value>) -> Self {
        let world = World {
            delivery: delivery::Delivery::default(),
            milestones,
            issues,
            fault: Fault::None,
            seen: Vec::new(),
            waiting: 0,
            delay: Duration::ZERO,
            pending_polls: 1,
            interval: 0,
            renamed_to: None,
        };
        let world = Arc::new(Mutex::new(world));
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let api = format!("http://{}", listener.local_addr().unwrap());
        let (held, hold) = watch::channel(None);
        let (silent, silence) = watch::channel(None);
        let shared = Shared { world: Arc::clone(&world), hold, silence, api: api.clone() };
        let router = Router::new().fallback(answer).with_state(shared);
        let (stop, stopped) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            let end = async { drop(stopped.await) };
            axum::serve(listener, router).with_graceful_shutdown(end).await.unwrap();
        });
        Self { api, world, held, silent, stop: Some(stop) }
    }

    /// Its state.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// From now on, this goes wrong.
    pub fn fail(&self, fault: Fault) {
        self.world().fault = fault;
    }

    /// From now on, requests whose path holds `part` wait for their answer until [`GitHub::let_go`].
    pub fn hold(&self, part: &'static str) {
        self.held.send_replace(Some(part));
    }

    /// From now on, writes whose path ends in `part` are done, and their answers wait until [`GitHub::let_go`].
    pub fn keep_silent(&self, part: &'static str) {
        self.silent.send_replace(Some(part));
    }

    /// Answers what was held, and what follows.
    pub fn let_go(&self) {
        self.held.send_replace(None);
        self.silent.send_replace(None);
    }

    /// Requests since the last call.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.world().seen)
    }
}

impl Drop for GitHub {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

#[derive(Clone)]
struct Shared {
    world: Arc<Mutex<World>>,
    hold: watch::Receiver<Option<&'static str>>,
    silence: watch::Receiver<Option<&'static str>>,
    api: String,
}

async fn answer(State(mut shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let authorization = parts.headers.get("authorization").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let delay = shared.world.lock().unwrap().delay;
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let goes = |part: &Option<&'static str>| part.is_none_or(|part| !path.contains(part));
    if !goes(&shared.hold.borrow()) {
        shared.world.lock().unwrap().waiting += 1;
        // A server that ends lets everything go.
        let _ = shared.hold.wait_for(goes).await;
        shared.world.lock().unwrap().waiting -= 1;
    }
    let asked = Asked {
        method: &parts.method,
        uri: &parts.uri,
        headers: &parts.headers,
        authorization: authorization.as_deref(),
        body: &body,
    };
    let response = {
        let mut world = shared.world.lock().unwrap();
        let response = route(&mut world, &shared.api, &asked);
        let (method, status) = (parts.method.to_string(), response.status().as_u16());
        let body = String::from_utf8_lossy(&body).into_owned();
        let path = path.clone();
        world.seen.push(Seen { method, path, authorization, body, status, at: Instant::now() });
        response
    };
    let silenced =
        |part: &Option<&'static str>| part.is_some_and(|part| parts.method == "POST" && path.ends_with(part));
    let _ = shared.silence.wait_for(|part| !silenced(part)).await;
    response
}

/// A request.
struct Asked<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    authorization: Option<&'a str>,
    body: &'a Bytes,
}

fn route(world: &mut World, api: &str, asked: &Asked) -> Response {
    let Asked { method, uri, headers, authorization, body } = *asked;
    match uri.path() {
        "/login/device/code" => {
            let code = json!({
                "device_code": "device-code-canary", "user_code": "WDJB-MJHT",
                "verification_uri": format!("{api}/login/device"), "expires_in": 900, "interval": world.interval
            });
            return json_answer(&code, headers, None);
        }
        "/login/oauth/access_token" => {
            assert!(String::from_utf8_lossy(body).contains("device-code-canary"));
            let pending = world.pending_polls > 0;
            world.pending_polls = world.pending_polls.saturating_sub(1);
            let token = json!({ "access_token": TOKEN, "token_type": "bearer", "scope": "repo" });
            let answer = if pending { json!({ "error": "authorization_pending" }) } else { token };
            return json_answer(&answer, headers, None);
        }
        _ => {}
    }
    if authorization != Some(&format!("Bearer {TOKEN}")) {
        return message(401, "Bad credentials");
    }
    let concerns = |way: &str, part: &str| method == way && uri.to_string().contains(part);
    match world.fault.clone() {
        Fault::Status(status, extra, text) => return with_headers(message(status, text), extra),
        Fault::Only(way, part, status, extra, text) if concerns(way, part) => {
            return with_headers(message(status, text), extra);
        }
        Fault::Done(way, part, status) if concerns(way, part) => {
            world.fault = Fault::None;
            let _ = route(world, api, asked);
            world.fault = Fault::Done(way, part, status);
            return message(status, "Bad Gateway");
        }
        Fault::Html => {
            return ([("content-type", "text/html")], "<html><body>Sign in</body></html>").into_response();
        }
        Fault::HalfJson => {
            return ([("content-type", "application/json")], "[{\"number\": 1, \"ti").into_response();
        }
        Fault::Redirect(to) => return (StatusCode::MOVED_PERMANENTLY, [("location", to)]).into_response(),
        Fault::SecondPage if query(uri, "page") == Some(2) => return message(500, "Server Error"),
        Fault::None | Fault::NextAt(_) | Fault::SecondPage | Fault::Only(..) | Fault::Done(..) => {}
    }
    if uri.path() == "/user" {
        return json_answer(&json!({ "login": "student-a" }), headers, None);
    }
    if let (Some(new), Some(rest)) = (&world.renamed_to, uri.path().strip_prefix("/repos/team/app/")) {
        let to = format!("{api}/repos/{new}/{rest}?{}", uri.query().unwrap_or_default());
        return (StatusCode::MOVED_PERMANENTLY, [("location", to)]).into_response();
    }
    let name = world.renamed_to.clone().unwrap_or_else(|| REPOSITORY.to_owned());
    let Some(rest) = uri.path().strip_prefix(&format!("/repos/{name}")) else {
        return message(404, "Not Found");
    };
    let (about, list) = match rest {
        "/milestones" => (None, world.milestones.clone()),
        "/issues" => (None, world.issues.clone()),
        rest => match delivery::route(&mut world.delivery, method, rest, uri, headers, body) {
            None => return message(404, "Not Found"),
            Some(delivery::Routed::Done(response)) => return response,
            Some(delivery::Routed::List(list)) => (None, list),
            Some(delivery::Routed::Within(about, name, list)) => (Some((about, name)), list),
        },
    };
    let per_page = query(uri, "per_page").unwrap_or(30).min(100);
    let page = query(uri, "page").unwrap_or(1);
    let last = list.len().div_ceil(per_page).max(1);
    let rows: Vec<&Value> = list.iter().skip((page - 1) * per_page).take(per_page).collect();
    let at = |page: usize| format!("{api}{}", with_page(uri, page));
    let link = match &world.fault {
        Fault::NextAt(elsewhere) => Some(format!("<{elsewhere}>; rel=\"next\"")),
        _ if page < last => Some(format!("<{}>; rel=\"next\", <{}>; rel=\"last\"", at(page + 1), at(last))),
        _ => None,
    };
    let body = match about {
        None => json!(rows),
        Some((mut about, name)) => {
            about["total_count"] = json!(list.len());
            about[name] = json!(rows);
            about
        }
    };
    json_answer(&body, headers, link)
}

fn with_headers(mut response: Response, headers: Vec<(&'static str, String)>) -> Response {
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

fn text(uri: &Uri, name: &str) -> Option<String> {
    uri.query()?.split('&').find_map(|pair| Some(pair.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
}

fn query(uri: &Uri, name: &str) -> Option<usize> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

fn with_page(uri: &Uri, page: usize) -> String {
    let others: Vec<&str> =
        uri.query().unwrap_or_default().split('&').filter(|pair| !pair.starts_with("page=")).collect();
    format!("{}?{}&page={page}", uri.path(), others.join("&"))
}

fn json_answer(value: &Value, headers: &HeaderMap, link: Option<String>) -> Response {
    let text = value.to_string();
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let etag = format!("W/\"{:016x}\"", hasher.finish());
    let same = headers.get("if-none-match").is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([("content-type", "application/json; charset=utf-8")], text).into_response()
    };
    response.headers_mut().insert("etag", etag.parse().unwrap());
    if let Some(link) = link {
        response.headers_mut().insert("link", link.parse().unwrap());
    }
    response
}

fn message(status: u16, text: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, [("content-type", "application/json")], json!({ "message": text }).to_string()).into_response()
}

/// A milestone; `due` is a day, `closed` a day or none.
pub fn milestone(number: u32, title: &str, due: &str, closed: Option<&str>) -> Value {
    json!({
        "number": number, "title": title, "description": null,
        "html_url": format!("https://github.com/{REPOSITORY}/milestone/{number}"),
        "state": if closed.is_some() { "closed" } else { "open" },
        "due_on": format!("{due}T08:00:00Z"), "created_at": "2023-10-20T09:00:00Z",
        "closed_at": closed.map(|day| format!("{day}T17:00:00Z")),
    })
}

/// An issue; `closed` is a day or none.
pub fn issue(
    number: u32,
    title: &str,
    milestone: u32,
    closed: Option<&str>,
    assignee: Option<&str>,
) -> Value {
    json!({
        "number": number, "title": title, "html_url": format!("https://github.com/{REPOSITORY}/issues/{number}"),
        "state": if closed.is_some() { "closed" } else { "open" }, "state_reason": null,
        "milestone": { "number": milestone },
        "assignees": assignee.map(|login| json!([{ "login": login }])).unwrap_or_else(|| json!([])),
        "labels": [{ "name": "stage" }],
        "created_at": "2023-10-21T09:00:00Z", "updated_at": "2023-10-28T09:00:00Z",
        "closed_at": closed.map(|day| format!("{day}T15:30:00Z")),
    })
}

/// The same, as a pull request.
pub fn pull_request(number: u32, title: &str, milestone: u32, closed: Option<&str>) -> Value {
    let mut value = issue(number, title, milestone, closed, Some("student-b"));
    value["pull_request"] = json!({ "url": "https://api.github.com/x" });
    value["html_url"] = json!(format!("https://github.com/{REPOSITORY}/pull/{number}"));
    value
}
