//! A server that keeps a state, as the tools' `http` backend asks for: GET, POST, LOCK, UNLOCK.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use serde_json::Value;

/// A server on loopback that ends with its owner.
pub struct RemoteState {
    kept: Arc<Mutex<Kept>>,
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

#[derive(Default)]
struct Kept {
    state: Option<Bytes>,
    lock: Option<Bytes>,
    full: bool,
}

impl RemoteState {
    /// Starts one without a state.
    pub fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let kept = Arc::new(Mutex::new(Kept::default()));
        let app = axum::Router::new().fallback(answer).with_state(kept.clone());
        let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self { kept, address, _runtime: runtime }
    }

    /// The block that names it in a configuration.
    pub fn backend(&self) -> String {
        let address = format!("http://{}/state", self.address);
        format!(
            "terraform {{\n  backend \"http\" {{\n    address        = \"{address}\"\n    lock_address   = \"{address}\"\n    \
             unlock_address = \"{address}\"\n    retry_max      = 0\n  }}\n}}\n"
        )
    }

    /// Has somebody hold the lock.
    pub fn lock(&self, holder: &Value) {
        self.kept.lock().unwrap().lock = Some(holder.to_string().into());
    }

    /// Whether somebody holds the lock.
    pub fn is_locked(&self) -> bool {
        self.kept.lock().unwrap().lock.is_some()
    }

    /// Whether there is no room for another state.
    pub fn fill(&self, full: bool) {
        self.kept.lock().unwrap().full = full;
    }

    /// The state it keeps.
    pub fn state(&self) -> Value {
        let kept = self.kept.lock().unwrap();
        kept.state.as_ref().map_or(Value::Null, |bytes| serde_json::from_slice(bytes).unwrap())
    }
}

async fn answer(State(kept): State<Arc<Mutex<Kept>>>, method: Method, body: Bytes) -> (StatusCode, Bytes) {
    let mut kept = kept.lock().unwrap();
    match method.as_str() {
        "GET" => match &kept.state {
            Some(state) => (StatusCode::OK, state.clone()),
            None => (StatusCode::NOT_FOUND, Bytes::new()),
        },
        "POST" if kept.full => (StatusCode::INSUFFICIENT_STORAGE, Bytes::from("no space left on device")),
        "POST" => {
            kept.state = Some(body);
            (StatusCode::OK, Bytes::new())
        }
        "LOCK" => match &kept.lock {
            Some(holder) => (StatusCode::LOCKED, holder.clone()),
            None => {
                kept.lock = Some(body);
                (StatusCode::OK, Bytes::new())
            }
        },
        "UNLOCK" => {
            kept.lock = None;
            (StatusCode::OK, Bytes::new())
        }
        _ => (StatusCode::METHOD_NOT_ALLOWED, Bytes::new()),
    }
}
