//! Asks an instance whether it is healthy: an HTTP GET, any 2xx is yes.

use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri, header};
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::proxy::met_itself;

/// Asks once.
///
/// # Errors
/// What came instead of 2xx, in words.
pub(super) async fn probe(port: u16, path: &str, limit: Duration) -> Result<(), String> {
    match tokio::time::timeout(limit, ask(port, path)).await {
        Ok(answered) => answered,
        Err(_) => Err(format!("no answer in {} ms", limit.as_millis())),
    }
}

async fn ask(port: u16, path: &str) -> Result<(), String> {
    let uri: Uri = path.parse().map_err(|error| format!("{path} is no path: {error}"))?;
    let nobody = || format!("nothing listens on port {port}");
    let stream =
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::ConnectionRefused => nobody(),
            _ => error.to_string(),
        })?;
    if met_itself(&stream) {
        return Err(nobody());
    }
    let _ = stream.set_nodelay(true);
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|error| error.to_string())?;
    let request = Request::get(uri)
        .header(header::HOST, format!("127.0.0.1:{port}"))
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    // Both ends on this task: when it is dropped, nothing goes on asking.
    let response = tokio::select! {
        response = sender.send_request(request) => response,
        Err(error) = connection => Err(error),
    };
    let status = response.map_err(|error| format!("no HTTP answer: {error}"))?.status();
    if status.is_success() { Ok(()) } else { Err(format!("it answered {}", status.as_u16())) }
}

/// How often to ask: at once, then with pauses that grow from `first` to a quarter of a second.
pub(super) fn pauses(first: Duration) -> impl Iterator<Item = Duration> {
    let longest = first.max(Duration::from_millis(250));
    std::iter::successors(Some(first), move |pause| Some((*pause * 3 / 2).min(longest)))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// What a probe makes of these bytes; none is a server that never answers.
    async fn told(answer: Option<&'static str>, path: &str) -> Result<(), String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut seen = vec![0; 1024];
            let length = stream.read(&mut seen).await.unwrap();
            let Some(answer) = answer else { return std::future::pending().await };
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&seen[..length]).into_owned()
        });
        let told = probe(port, path, Duration::from_millis(500)).await;
        if answer.is_some() {
            assert!(server.await.unwrap().starts_with(&format!("GET {path} HTTP/1.1\r\n")));
        } else {
            server.abort();
        }
        told
    }

    #[tokio::test]
    async fn two_hundreds_are_healthy() {
        assert_eq!(told(Some("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"), "/health?x=1").await, Ok(()));
        assert_eq!(told(Some("HTTP/1.1 204 No Content\r\n\r\n"), "/").await, Ok(()));
    }

    #[tokio::test]
    async fn anything_else_is_told_in_words() {
        let moved =
            told(Some("HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n"), "/health").await;
        assert_eq!(moved, Err("it answered 302".into()));
        assert!(told(Some("SSH-2.0-x\r\n"), "/health").await.unwrap_err().starts_with("no HTTP answer"));
        assert!(told(Some(""), "/health").await.is_err());
        assert_eq!(told(None, "/health").await, Err("no answer in 500 ms".into()));
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let nobody = probe(free, "/", Duration::from_secs(5)).await;
        assert_eq!(nobody, Err(format!("nothing listens on port {free}")));
        assert!(probe(free, "a b", Duration::from_secs(5)).await.unwrap_err().contains("no path"));
    }

    #[test]
    fn pauses_grow_to_a_quarter_of_a_second() {
        let pauses: Vec<u128> =
            pauses(Duration::from_millis(20)).take(9).map(|pause| pause.as_millis()).collect();
        assert_eq!(pauses, [20, 30, 45, 67, 101, 151, 227, 250, 250]);
    }
}
