//! What each address answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use super::data::{Course, Data};
use super::metrics::{self, Metrics};
use super::{Clock, Fault, Log, page};

/// Largest body of a request.
const BODY: usize = 16 * 1024;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a health check hangs that is told to; longer than anybody waits for one.
const HANG: Duration = Duration::from_secs(600);

/// The environment in which the service can be broken while it runs.
const PRACTICE: &str = "dev";

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

/// The application: its release's data, and who joined since it started.
pub(crate) struct App {
    pub data: Data,
    pub environment: String,
    fault: Mutex<Fault>,
    pub log: Log,
    started: Timestamp,
    metrics: Metrics,
    enrolled: Mutex<BTreeMap<String, BTreeSet<String>>>,
    /// Share of requests that have not failed yet although they should.
    owed_failures: Mutex<f64>,
}

/// An address that the application knows; its words are parts of it.
enum Route<'a> {
    Home,
    Health,
    Metrics,
    Users,
    User(&'a str),
    Courses,
    Course(&'a str),
    Enrolments(&'a str),
    Fault,
    Unknown,
}

impl<'a> Route<'a> {
    fn of(path: &'a str) -> Self {
        let parts: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        match parts[..] {
            [""] => Self::Home,
            ["health"] => Self::Health,
            ["metrics"] => Self::Metrics,
            ["users"] => Self::Users,
            ["users", id] => Self::User(id),
            ["courses"] => Self::Courses,
            ["courses", id] => Self::Course(id),
            ["courses", id, "enrolments"] => Self::Enrolments(id),
            ["fault"] => Self::Fault,
            _ => Self::Unknown,
        }
    }

    /// The route's name in metrics: never a part of what somebody asked for.
    fn template(&self) -> &'static str {
        match self {
            Self::Home => "/",
            Self::Health => "/health",
            Self::Metrics => "/metrics",
            Self::Users => "/users",
            Self::User(_) => "/users/{id}",
            Self::Courses => "/courses",
            Self::Course(_) => "/courses/{id}",
            Self::Enrolments(_) => "/courses/{id}/enrolments",
            Self::Fault => "/fault",
            Self::Unknown => "unknown",
        }
    }

    fn allowed(&self) -> &'static str {
        match self {
            Self::Enrolments(_) => "POST",
            Self::Fault => "GET, HEAD, POST",
            _ => "GET, HEAD",
        }
    }

    /// Whether it works whatever is broken: somebody has to see it, and to mend it.
    fn spared(&self) -> bool {
        self.probed() || matches!(self, Self::Fault)
    }

    /// Whether it is asked by programs, every few seconds.
    fn probed(&self) -> bool {
        matches!(self, Self::Health | Self::Metrics)
    }
}

/// An answer before it becomes bytes.
struct Answer {
    status: StatusCode,
    kind: &'static str,
    body: String,
}

impl Answer {
    fn json(status: StatusCode, value: &Value) -> Self {
        Self { status, kind: JSON, body: value.to_string() + "\n" }
    }

    fn ok(value: &Value) -> Self {
        Self::json(StatusCode::OK, value)
    }

    fn error(status: StatusCode, code: &str, message: String) -> Self {
        Self::json(status, &json!({ "error": { "code": code, "message": message } }))
    }

    fn not_found(message: String) -> Self {
        Self::error(StatusCode::NOT_FOUND, "not_found", message)
    }
}

/// What joins somebody to a course.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Enrolment {
    user: String,
}

/// What breaks the service, or mends it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Break {
    fault: String,
}

impl App {
    pub(crate) fn new(data: Data, environment: String, fault: Fault, clock: &Clock, log: Log) -> Self {
        let enrolled = data.courses.iter().map(|course| (course.id.clone(), course.enrolled.clone()));
        Self {
            enrolled: Mutex::new(enrolled.collect()),
            data,
            environment,
            fault: Mutex::new(fault),
            log,
            started: clock(),
            metrics: Metrics::default(),
            owed_failures: Mutex::new(0.0),
        }
    }

    /// Answers a request, counts it and writes it down.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let begun = Instant::now();
        let _in_flight = self.metrics.begin();
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        let route = match Route::of(&path) {
            // Where users are nothing is broken on purpose.
            Route::Fault if self.environment != PRACTICE => Route::Unknown,
            route => route,
        };
        let method = known(&head.method);
        let answer = self.choose(&route, &head, body).await;
        let seconds = begun.elapsed().as_secs_f64();
        let status = answer.status.as_u16();
        self.metrics.record(method, route.template(), status, seconds);
        if !route.probed() || status >= 400 {
            let milliseconds = (seconds * 1e6).round() / 1e3;
            let about = [
                ("method", method.into()),
                ("path", path.chars().take(200).collect::<String>().into()),
                ("status", status.into()),
                ("milliseconds", milliseconds.into()),
            ];
            if status >= 500 { self.log.error("request", &about) } else { self.log.info("request", &about) }
        }
        let mut response = Response::builder()
            .status(answer.status)
            .header(header::CONTENT_TYPE, answer.kind)
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        if answer.kind == HTML {
            let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";
            response = response.header(header::CONTENT_SECURITY_POLICY, policy);
        }
        if answer.status == StatusCode::METHOD_NOT_ALLOWED {
            response = response.header(header::ALLOW, route.allowed());
        }
        // Every part of it is a constant or a number, so it is a response.
        response.body(Full::new(Bytes::from(answer.body))).unwrap_or_default()
    }

    async fn choose(&self, route: &Route<'_>, head: &http::request::Parts, body: Incoming) -> Answer {
        if matches!(route, Route::Unknown) {
            return Answer::not_found("there is nothing at this address".to_owned());
        }
        let method = if head.method == Method::HEAD { Method::GET } else { head.method.clone() };
        if !route.allowed().contains(method.as_str()) {
            let message = format!("this address takes {}", route.allowed());
            return Answer::error(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message);
        }
        if !route.spared() && self.fails_now() {
            let message = format!("failed on purpose: --fault {}", self.fault().text());
            return Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "fault", message);
        }
        match *route {
            Route::Home => {
                let search = self.search(head);
                let body = page::page(self, &self.courses(search.as_deref()), search.as_deref());
                Answer { status: StatusCode::OK, kind: HTML, body }
            }
            Route::Health => self.health().await,
            Route::Metrics => {
                let body = self.metrics.text(&self.data.version, &self.gauges());
                Answer { status: StatusCode::OK, kind: metrics::CONTENT_TYPE, body }
            }
            Route::Users => {
                let users: Vec<Value> = self.data.users.keys().filter_map(|id| self.user(id)).collect();
                Answer::ok(&json!({ "users": users }))
            }
            Route::User(id) => match self.user(id) {
                Some(user) => Answer::ok(&user),
                None => Answer::not_found(format!("there is no user {id:?}")),
            },
            Route::Courses => {
                let search = self.search(head);
                let shown = self.courses(search.as_deref()).into_iter().map(|(course, enrolled)| {
                    let mut shown = self.course(course);
                    if self.data.counts {
                        shown["enrolled"] = enrolled.into();
                    }
                    shown
                });
                Answer::ok(&json!({ "courses": shown.collect::<Vec<_>>() }))
            }
            Route::Course(id) => match self.data.courses.iter().find(|course| course.id == id) {
                Some(course) => {
                    let mut shown = self.course(course);
                    shown["enrolled"] = json!(self.enrolled().get(id));
                    Answer::ok(&shown)
                }
                None => Answer::not_found(format!("there is no course {id:?}")),
            },
            Route::Enrolments(id) => match read::<Enrolment>(head, body, "user").await {
                Ok(enrolment) => self.enrol(id, &enrolment.user),
                Err(answer) => answer,
            },
            Route::Fault if method == Method::GET => Answer::ok(&json!({ "fault": self.fault().text() })),
            Route::Fault => match read::<Break>(head, body, "fault").await {
                Ok(wanted) => self.break_on_purpose(&wanted.fault),
                Err(answer) => answer,
            },
            Route::Unknown => Answer::not_found("there is nothing at this address".to_owned()),
        }
    }

    async fn health(&self) -> Answer {
        let fault = self.fault();
        if fault == Fault::HangHealth {
            sleep(HANG).await;
        }
        if matches!(fault, Fault::HangHealth | Fault::Unhealthy) {
            let body = json!({ "status": "failing", "version": self.data.version });
            return Answer::json(StatusCode::SERVICE_UNAVAILABLE, &body);
        }
        Answer::ok(&json!({ "status": "ok", "version": self.data.version }))
    }

    /// How it misbehaves now.
    pub(crate) fn fault(&self) -> Fault {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Misbehaves in another way from now on, until it ends or is mended.
    fn break_on_purpose(&self, text: &str) -> Answer {
        let fault: Fault = match text.parse() {
            Ok(fault @ (Fault::None | Fault::HangHealth | Fault::Unhealthy | Fault::ErrorRate(_))) => fault,
            Ok(other) => {
                let message = format!("{} works from the start alone: deploy with it", other.text());
                return Answer::error(StatusCode::UNPROCESSABLE_ENTITY, "not_while_running", message);
            }
            Err(error) => {
                return Answer::error(StatusCode::UNPROCESSABLE_ENTITY, "unknown_fault", error.to_string());
            }
        };
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
        *self.owed_failures.lock().unwrap_or_else(PoisonError::into_inner) = 0.0;
        self.log.info("fault", &[("fault", fault.text().into())]);
        Answer::ok(&json!({ "fault": fault.text() }))
    }

    fn gauges(&self) -> Vec<metrics::Gauge> {
        let enrolled: usize = self.enrolled().values().map(BTreeSet::len).sum();
        let started = self.started.as_millisecond() as f64 / 1e3;
        vec![
            ("process_start_time_seconds", "When the service started, since 1970 in UTC.", started),
            ("campus_users", "Users.", self.data.users.len() as f64),
            ("campus_courses", "Courses.", self.data.courses.len() as f64),
            ("campus_enrolments", "Seats taken in all courses.", enrolled as f64),
        ]
    }

    /// Spreads failures evenly, so that ten requests at 0.2 hold two.
    fn fails_now(&self) -> bool {
        let Fault::ErrorRate(share) = self.fault() else { return false };
        let mut owed = self.owed_failures.lock().unwrap_or_else(PoisonError::into_inner);
        *owed += share;
        // Ten times 0.1 are a little less than 1.
        let fails = *owed >= 1.0 - 1e-9;
        if fails {
            *owed -= 1.0;
        }
        fails
    }

    fn enrolled(&self) -> MutexGuard<'_, BTreeMap<String, BTreeSet<String>>> {
        self.enrolled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn user(&self, id: &str) -> Option<Value> {
        let user = self.data.users.get(id)?;
        let enrolled = self.enrolled();
        let joined: Vec<&String> =
            enrolled.iter().filter(|(_, users)| users.contains(id)).map(|(course, _)| course).collect();
        Some(json!({ "id": user.id, "role": user.role, "courses": joined }))
    }

    fn course(&self, course: &Course) -> Value {
        json!({ "id": course.id, "title": course.title, "teacher": course.teacher, "seats": course.seats })
    }

    /// Courses whose title or id holds the words, and how many take part in each.
    fn courses(&self, search: Option<&str>) -> Vec<(&Course, usize)> {
        let wanted = search.unwrap_or_default().to_lowercase();
        let enrolled = self.enrolled();
        let fits =
            |course: &&Course| course.title.to_lowercase().contains(&wanted) || course.id.contains(&wanted);
        let count = |course: &Course| enrolled.get(&course.id).map_or(0, BTreeSet::len);
        self.data.courses.iter().filter(fits).map(|course| (course, count(course))).collect()
    }

    /// What is searched for; a release without search does not know the word.
    fn search(&self, head: &http::request::Parts) -> Option<String> {
        let query = head.uri.query().filter(|_| self.data.search)?;
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == "search").map(|(_, value)| value.trim().to_owned())
    }

    fn enrol(&self, id: &str, user: &str) -> Answer {
        let Some(course) = self.data.courses.iter().find(|course| course.id == id) else {
            return Answer::not_found(format!("there is no course {id:?}"));
        };
        if !self.data.users.contains_key(user) {
            let message = format!("there is no user {user:?}");
            return Answer::error(StatusCode::UNPROCESSABLE_ENTITY, "unknown_user", message);
        }
        let mut enrolled = self.enrolled();
        let users = enrolled.entry(course.id.clone()).or_default();
        if users.contains(user) {
            let message = format!("{user} takes part in {id} already");
            return Answer::error(StatusCode::CONFLICT, "already_enrolled", message);
        }
        if users.len() >= course.seats {
            let message = format!("all {} seats of {id} are taken", course.seats);
            return Answer::error(StatusCode::CONFLICT, "full", message);
        }
        users.insert(user.to_owned());
        let count = users.len();
        Answer::json(StatusCode::CREATED, &json!({ "course": id, "user": user, "enrolled": count }))
    }
}

/// The method as a label: a stranger's words are not one.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Reads a body `{"…": "…"}` with the one key `key`.
async fn read<T: DeserializeOwned>(
    head: &http::request::Parts,
    body: Incoming,
    key: &str,
) -> Result<T, Answer> {
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().unwrap_or_default().trim() != JSON {
        let message = format!("the body has to be {JSON}");
        return Err(Answer::error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", message));
    }
    let bytes = match timeout(PATIENCE, Limited::new(body, BODY).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            let message = format!("the body is larger than {BODY} bytes");
            return Err(Answer::error(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message));
        }
        Ok(Err(_)) | Err(_) => {
            let message = "the body did not arrive".to_owned();
            return Err(Answer::error(StatusCode::REQUEST_TIMEOUT, "timeout", message));
        }
    };
    serde_json::from_slice(&bytes).map_err(|error| {
        let message = format!("the body is not {{\"{key}\": \"…\"}}: {error}");
        Answer::error(StatusCode::BAD_REQUEST, "bad_request", message)
    })
}
