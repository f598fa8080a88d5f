//! One request to the service itself.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Largest answer.
const LARGEST: usize = 1 << 20;

/// What came back.
pub(crate) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

/// Asks; a body goes as JSON. The error is a sentence.
pub(crate) async fn ask(
    address: SocketAddr,
    method: Method,
    path: &str,
    body: Option<&str>,
) -> Result<Reply, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{method} {path}: {error}");
    let work = async {
        let stream = TcpStream::connect(address).await.map_err(|error| failed(&error))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| failed(&error))?;
        let request = Request::builder()
            .method(method.clone())
            .uri(path)
            .header(header::HOST, address.to_string())
            .header(header::CONNECTION, "close")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body.unwrap_or_default().to_owned())))
            .map_err(|error| failed(&error))?;
        let exchange = async {
            let response = sender.send_request(request).await.map_err(|error| failed(&error))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, LARGEST).collect().await.map_err(|error| failed(&error))?;
            let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
            Ok(Reply { status: head.status, headers: head.headers, text })
        };
        // The connection has to be driven while the answer is awaited, and ends with it.
        let (_, reply) = tokio::join!(connection, exchange);
        reply
    };
    timeout(PATIENCE, work)
        .await
        .unwrap_or_else(|_| Err(format!("{method} {path}: no answer within {} s", PATIENCE.as_secs())))
}
