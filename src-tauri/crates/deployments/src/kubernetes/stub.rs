//! An API server for tests, on loopback: objects, lists by page, watches that resume, and what can go wrong with each.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This status, with `retryAfterSeconds` where it is not 0.
    Status(u16, u32),
    /// No answer, ever.
    Hang,
    /// The watch ends as soon as it began.
    Ends,
    /// A watch that says 410 and ends, as real servers do.
    Gone,
    /// A page that is no JSON.
    Html,
}

type Body = UnsyncBoxBody<Bytes, Infallible>;

#[derive(Default)]
struct World {
    version: u64,
    /// By plural, then by name.
    objects: BTreeMap<String, BTreeMap<String, Value>>,
    /// Version, plural, type and object of every change.
    history: Vec<(u64, String, &'static str, Value)>,
    /// What is older is gone.
    compacted: u64,
    watchers: Vec<(String, HashMap<String, String>, UnboundedSender<Value>)>,
    /// Verb and plural, such as `watch pods`: what happens to the next requests; the last of a list stays where `always`.
    faults: HashMap<String, (Vec<Fault>, bool)>,
    asked: Vec<String>,
    logs: HashMap<String, String>,
}

/// The server. Ends when it is dropped.
pub struct Stub {
    world: Arc<Mutex<World>>,
    address: String,
    task: JoinHandle<()>,
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Stub {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let world = Arc::new(Mutex::new(World { version: 100, ..World::default() }));
        let served = Arc::clone(&world);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let world = Arc::clone(&served);
                let service = service_fn(move |request| answer(Arc::clone(&world), request));
                connections.spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { world, address, task }
    }

    pub fn client(&self) -> kube::Client {
        let mut config = kube::Config::new(self.address.parse().unwrap());
        config.default_retry = false;
        kube::Client::try_from(config).unwrap()
    }

    /// Creates or changes an object.
    pub fn put(&self, plural: &str, mut object: Value) {
        let mut world = self.world.lock().unwrap();
        world.version += 1;
        let version = world.version;
        object["metadata"]["resourceVersion"] = json!(version.to_string());
        object["metadata"]["namespace"] = json!("shop");
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        let known = world.objects.entry(plural.to_owned()).or_default().insert(name, object.clone());
        world.tell(plural, if known.is_some() { "MODIFIED" } else { "ADDED" }, object);
    }

    pub fn delete(&self, plural: &str, name: &str) {
        let mut world = self.world.lock().unwrap();
        world.version += 1;
        let version = world.version;
        let mut object = world.objects.get_mut(plural).unwrap().remove(name).unwrap();
        object["metadata"]["resourceVersion"] = json!(version.to_string());
        world.tell(plural, "DELETED", object);
    }

    /// The log of `pod/container`, or of `pod/container/previous`.
    pub fn log(&self, of: &str, text: &str) {
        self.world.lock().unwrap().logs.insert(of.to_owned(), text.to_owned());
    }

    /// What happens to the next requests of this verb and plural: `list pods`, `watch deployments`, `get pods`.
    pub fn next(&self, asked: &str, faults: &[Fault]) {
        self.world.lock().unwrap().faults.insert(asked.to_owned(), (faults.to_vec(), false));
    }

    /// What happens to all requests of this verb and plural from now on.
    pub fn always(&self, asked: &str, fault: Fault) {
        self.world.lock().unwrap().faults.insert(asked.to_owned(), (vec![fault], true));
    }

    /// Breaks all watches of a plural in the middle of a line.
    pub fn cut(&self, plural: &str) {
        self.world.lock().unwrap().watchers.retain(|(watched, _, _)| watched != plural);
    }

    /// Forgets everything before now, and breaks the watches: whoever resumes is told 410.
    pub fn compact(&self, plural: &str) {
        let mut world = self.world.lock().unwrap();
        world.version += 1;
        world.compacted = world.version;
        world.watchers.retain(|(watched, _, _)| watched != plural);
    }

    /// Changes an object while nobody is told.
    pub fn put_quietly(&self, plural: &str, object: Value) {
        let watchers = std::mem::take(&mut self.world.lock().unwrap().watchers);
        self.put(plural, object);
        let mut world = self.world.lock().unwrap();
        world.history.pop();
        world.watchers = watchers;
    }

    /// How often this was asked.
    pub fn count(&self, asked: &str) -> usize {
        self.world.lock().unwrap().asked.iter().filter(|one| *one == asked).count()
    }

    /// Watches that stand.
    pub fn watchers(&self) -> usize {
        let mut world = self.world.lock().unwrap();
        world.watchers.retain(|(_, _, watcher)| !watcher.is_closed());
        world.watchers.len()
    }
}

impl World {
    fn tell(&mut self, plural: &str, kind: &'static str, object: Value) {
        self.history.push((self.version, plural.to_owned(), kind, object.clone()));
        self.watchers.retain(|(watched, query, watcher)| {
            watched != plural
                || !selected(query, &object)
                || watcher.send(json!({"type": kind, "object": object})).is_ok()
        });
    }

    fn fault(&mut self, asked: &str) -> Option<Fault> {
        let (faults, always) = self.faults.get_mut(asked)?;
        if *always {
            return faults.first().cloned();
        }
        (!faults.is_empty()).then(|| faults.remove(0))
    }
}

fn selected(query: &HashMap<String, String>, object: &Value) -> bool {
    let meta = &object["metadata"];
    let fields = query.get("fieldSelector").map(|selector| selector.split_once('=').unwrap().1);
    let labels = query.get("labelSelector").into_iter().flat_map(|selector| selector.split(','));
    fields.is_none_or(|name| meta["name"] == name)
        && labels.map(|label| label.split_once('=').unwrap()).all(|(key, value)| meta["labels"][key] == value)
}

fn whole(status: u16, body: String) -> Response<Body> {
    Response::builder().status(status).body(Full::new(Bytes::from(body)).boxed_unsync()).unwrap()
}

fn failed(code: u16, retry: u32) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": format!("the stub says {code}"),
        "reason": "Stub", "code": code, "details": {"retryAfterSeconds": retry}})
}

async fn answer(world: Arc<Mutex<World>>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let query: HashMap<String, String> = request
        .uri()
        .query()
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), decoded(value)))
        .collect();
    let path: Vec<String> = request.uri().path().split('/').map(str::to_owned).collect();
    let place = path.iter().position(|part| part == "namespaces").unwrap();
    let (plural, name, sub) = (path[place + 2].clone(), path.get(place + 3).cloned(), path.get(place + 4));
    let verb = match (&name, query.contains_key("watch")) {
        (Some(_), _) if sub.is_some() => "log",
        (Some(_), _) => "get",
        (None, true) => "watch",
        (None, false) => "list",
    };
    let asked = format!("{verb} {plural}");
    let fault = {
        let mut world = world.lock().unwrap();
        world.asked.push(asked.clone());
        world.fault(&asked)
    };
    match fault {
        Some(Fault::Status(code, retry)) => return Ok(whole(code, failed(code, retry).to_string())),
        Some(Fault::Html) => return Ok(whole(200, "<html>Sign in</html>".to_owned())),
        Some(Fault::Ends) => return Ok(whole(200, String::new())),
        Some(Fault::Gone) => {
            return Ok(whole(200, format!("{}\n", json!({"type": "ERROR", "object": failed(410, 0)}))));
        }
        Some(Fault::Hang) => std::future::pending().await,
        None => {}
    }
    let mut world = world.lock().unwrap();
    Ok(match verb {
        "log" => {
            let name = name.unwrap();
            let previous = if query.contains_key("previous") { "/previous" } else { "" };
            match world.logs.get(&format!("{name}/{}{previous}", query["container"])) {
                Some(text) => whole(200, text.clone()),
                None => whole(400, failed(400, 0).to_string()),
            }
        }
        "get" => match world.objects.get(&plural).and_then(|known| known.get(&name.unwrap())) {
            Some(object) => whole(200, object.to_string()),
            None => whole(404, failed(404, 0).to_string()),
        },
        "list" => {
            let all: Vec<Value> = world
                .objects
                .get(&plural)
                .into_iter()
                .flat_map(BTreeMap::values)
                .filter(|object| selected(&query, object))
                .cloned()
                .collect();
            let from: usize = query.get("continue").map_or(0, |token| token.parse().unwrap());
            let limit: usize = query["limit"].parse().unwrap();
            let page: Vec<&Value> = all.iter().skip(from).take(limit).collect();
            let next = if from + limit < all.len() { (from + limit).to_string() } else { String::new() };
            let list = json!({"kind": "List", "apiVersion": "v1", "items": page,
                "metadata": {"resourceVersion": world.version.to_string(), "continue": next}});
            whole(200, list.to_string())
        }
        _ => {
            let since: u64 = query["resourceVersion"].parse().unwrap();
            if since < world.compacted {
                return Ok(whole(200, format!("{}\n", json!({"type": "ERROR", "object": failed(410, 0)}))));
            }
            let (sender, receiver) = unbounded_channel();
            for (version, watched, kind, object) in &world.history {
                if *version > since && *watched == plural && selected(&query, object) {
                    sender.send(json!({"type": kind, "object": object})).unwrap();
                }
            }
            world.watchers.push((plural, query, sender));
            Response::new(streamed(receiver))
        }
    })
}

fn streamed(receiver: UnboundedReceiver<Value>) -> Body {
    let lines = stream::unfold(receiver, |mut receiver| async {
        let line = receiver.recv().await?;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(format!("{line}\n")))), receiver))
    });
    StreamBody::new(lines).boxed_unsync()
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'%' => {
                plain.push(u8::from_str_radix(&text[at + 1..at + 3], 16).unwrap());
                at += 3;
            }
            byte => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(plain).unwrap()
}

/// Objects of a service, as a cluster's controllers would write them.
pub mod objects {
    use serde_json::{Value, json};

    fn owner(kind: &str, name: &str) -> Value {
        json!([{"apiVersion": "v1", "kind": kind, "name": name, "uid": name, "controller": true}])
    }

    /// Deployment `web` of a generation, with pods that are updated and ready.
    pub fn deployment(generation: u32, wanted: u32, updated: u32, ready: u32) -> Value {
        json!({
            "metadata": {"name": "web", "uid": "web", "generation": generation, "labels": {"jalon.app/service": "web"},
                "annotations": {"deployment.kubernetes.io/revision": generation.to_string()}},
            "spec": {"replicas": wanted, "selector": {"matchLabels": {"app": "web"}},
                "template": {"spec": {"containers": [{"name": "app", "image": "web:1"}]}}},
            "status": {"observedGeneration": generation, "replicas": updated, "updatedReplicas": updated,
                "readyReplicas": ready, "availableReplicas": ready},
        })
    }

    /// The replica set of a revision of `web`.
    pub fn set(revision: u32) -> Value {
        json!({
            "metadata": {"name": format!("web-{revision}"), "uid": format!("web-{revision}"), "labels": {"app": "web"},
                "annotations": {"deployment.kubernetes.io/revision": revision.to_string()},
                "ownerReferences": owner("Deployment", "web")},
            "spec": {"replicas": 2},
        })
    }

    fn pod(set: &str, name: &str, ready: bool, container: Value) -> Value {
        json!({
            "metadata": {"name": name, "uid": name, "labels": {"app": "web"}, "ownerReferences": owner("ReplicaSet", set)},
            "spec": {"nodeName": "node-1", "containers": [{"name": "app", "image": "web:1"}]},
            "status": {"phase": "Running",
                "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }}],
                "containerStatuses": [container]},
        })
    }

    /// A pod of a replica set that is ready, or not yet.
    pub fn running(set: &str, name: &str, ready: bool) -> Value {
        let container = json!({"name": "app", "image": "docker.io/library/web:1", "ready": ready, "restartCount": 0,
            "imageID": "docker.io/library/web@sha256:aa11", "state": {"running": {}}});
        pod(set, name, ready, container)
    }

    /// A pod that crashed so often.
    pub fn crashing(set: &str, name: &str, restarts: u32) -> Value {
        let container = json!({"name": "app", "image": "web:1", "imageID": "", "ready": false, "restartCount": restarts,
            "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}});
        pod(set, name, false, container)
    }

    /// A pod that waits for a reason.
    pub fn waiting(set: &str, name: &str, reason: &str, message: &str) -> Value {
        let container = json!({"name": "app", "image": "web:1", "imageID": "", "ready": false, "restartCount": 0,
            "state": {"waiting": {"reason": reason, "message": message}}});
        pod(set, name, false, container)
    }

    /// A warning about an object.
    pub fn event(name: &str, kind: &str, about: &str, reason: &str, message: &str) -> Value {
        json!({"metadata": {"name": name, "uid": name}, "type": "Warning", "reason": reason, "message": message, "count": 1,
            "involvedObject": {"kind": kind, "name": about}, "lastTimestamp": "2026-01-01T10:00:00Z"})
    }
}
