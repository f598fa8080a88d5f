//! A server that hands requests on to a peer as they are, and adapts what the peer cannot know: the bridge's address.

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

/// Path to ask a peer for, and headers to set.
pub type Asked = (String, Vec<(&'static str, &'static str)>);

/// What a bridge changes.
pub struct Rules {
    /// Base address of the peer.
    pub peer: String,
    /// Path to ask the peer for, and headers to set; none answers an empty list without asking.
    pub request: fn(&str) -> Option<Asked>,
    /// `Link` to answer with, from the bridge's address, the path asked for, and the peer's `Link`.
    pub link: fn(&str, &str, Option<&str>) -> Option<String>,
}

/// Starts a bridge and returns its base address; it ends with the test's runtime.
pub async fn start(rules: Rules) -> String {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let own = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(pass).with_state(Arc::new((rules, own.clone())));
    tokio::spawn(async move { axum::serve(listener, router).await });
    own
}

async fn pass(State(state): State<Arc<(Rules, String)>>, request: Request) -> Response {
    let (rules, own) = &*state;
    let asked = request.uri().path_and_query().unwrap().to_string();
    let Some((path, headers)) = (rules.request)(&asked) else {
        return axum::Json(serde_json::json!([])).into_response();
    };
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let mut sent: HeaderMap = parts.headers;
    sent.remove("host");
    for (name, value) in headers {
        sent.insert(name, value.parse().unwrap());
    }
    let client = reqwest::Client::new();
    let answer =
        client.request(parts.method, format!("{}{path}", rules.peer)).headers(sent).body(body).send();
    let answer = answer.await.unwrap();
    let status = answer.status();
    let link = answer.headers().get("link").map(|value| value.to_str().unwrap().to_owned());
    let body = answer.bytes().await.unwrap();
    let mut response = (status, [("content-type", "application/json")], body).into_response();
    if let Some(link) = (rules.link)(own, &asked, link.as_deref()) {
        response.headers_mut().insert("link", link.parse().unwrap());
    }
    response
}
