//! One request at a time over HTTP/1.1: an address of its own, a deadline, a bounded body, no redirects. Statuses are the
//! caller's business.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use credentials::Secret;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, LOCATION, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use url::Url;

use crate::{Error, Result};

/// Nobody waits longer for one answer.
pub const LIMIT: Duration = Duration::from_secs(10);
/// Content type of a form.
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
/// What Jalon calls itself.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("jalon/", env!("CARGO_PKG_VERSION")));

/// An answer, read in full.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Status; never a redirect.
    pub status: StatusCode,
    /// `Content-Type`, empty where none was sent.
    pub content_type: String,
    /// Body.
    pub body: Bytes,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Where.
    pub address: Url,
    /// Form to POST; none for a GET.
    pub form: Option<String>,
    /// `Accept`.
    pub accept: &'static str,
    /// Bearer token.
    pub token: Option<&'a Secret>,
    /// Largest body that is read, in bytes.
    pub body: usize,
}

type Encrypted = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Asks. Cheap to keep, costly to make for https: the system's certificates are read once, when they are first needed.
pub struct Http {
    limit: Duration,
    plain: Client<HttpConnector, Full<Bytes>>,
    encrypted: OnceLock<std::result::Result<Encrypted, String>>,
}

impl Default for Http {
    fn default() -> Self {
        Self::new(LIMIT)
    }
}

impl Http {
    /// Asks within `limit`, from the first packet to the last.
    pub fn new(limit: Duration) -> Self {
        let plain = Client::builder(TokioExecutor::new()).build(connector());
        Self { limit, plain, encrypted: OnceLock::new() }
    }

    /// Asks once.
    ///
    /// # Errors
    /// No answer in time, none at all, one too large, or one that sends elsewhere. A token that would travel over plain
    /// http to another computer is not sent, and nothing else is either.
    pub async fn ask(&self, ask: &Ask<'_>) -> Result<Answered> {
        let address = without_query(&ask.address);
        match tokio::time::timeout(self.limit, self.unbounded(ask, &address)).await {
            Ok(answered) => answered,
            Err(_) => Err(Error::TimedOut { address, seconds: self.limit.as_secs() }),
        }
    }

    /// The status that an address answers with to a GET; what it sends along is not read, and redirects are not followed.
    ///
    /// # Errors
    /// No answer in time, or none at all.
    pub async fn status(&self, address: &Url) -> Result<StatusCode> {
        let ask = Ask { address: address.clone(), form: None, accept: "*/*", token: None, body: 0 };
        let address = without_query(address);
        let asking = async { Ok(self.send(&ask, &address).await?.status()) };
        match tokio::time::timeout(self.limit, asking).await {
            Ok(status) => status,
            Err(_) => Err(Error::TimedOut { address: address.clone(), seconds: self.limit.as_secs() }),
        }
    }

    async fn unbounded(&self, ask: &Ask<'_>, address: &str) -> Result<Answered> {
        let (head, body) = self.send(ask, address).await?.into_parts();
        if head.status.is_redirection() {
            let text = head.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            let to = text.and_then(|text| ask.address.join(text).ok());
            // A query may hold what is nobody else's business; where it leads is enough.
            let to = to.map_or_else(|| "nowhere".to_owned(), |url| without_query(&url));
            return Err(Error::Redirected { address: address.to_owned(), to });
        }
        let body = Limited::new(body, ask.body).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                Error::TooLarge { address: address.to_owned(), limit: ask.body }
            } else {
                Error::CutOff { address: address.to_owned() }
            }
        })?;
        let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Ok(Answered {
            status: head.status,
            content_type: content_type.unwrap_or_default().to_owned(),
            body: body.to_bytes(),
        })
    }

    async fn send(&self, ask: &Ask<'_>, address: &str) -> Result<Response<Incoming>> {
        let request = request(ask, address)?;
        let sent = match ask.address.scheme() {
            "https" => self.encrypted(address)?.request(request).await,
            _ => self.plain.request(request).await,
        };
        sent.map_err(|error| transport(address, &error))
    }

    fn encrypted(&self, address: &str) -> Result<&Encrypted> {
        let build = || {
            let builder = HttpsConnectorBuilder::new()
                .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
                .map_err(|error| format!("the system's certificates cannot be read: {error}"))?;
            let connector = builder.https_only().enable_http1().wrap_connector(connector());
            Ok(Client::builder(TokioExecutor::new()).build(connector))
        };
        self.encrypted
            .get_or_init(build)
            .as_ref()
            .map_err(|reason| Error::Unreachable { address: address.to_owned(), reason: reason.clone() })
    }
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector
}

fn request(ask: &Ask<'_>, address: &str) -> Result<Request<Full<Bytes>>> {
    let bad = |reason: String| Error::BadAddress { address: address.to_owned(), reason };
    let method = if ask.form.is_some() { Method::POST } else { Method::GET };
    let mut builder = Request::builder()
        .method(method)
        .uri(ask.address.as_str())
        .header(ACCEPT, HeaderValue::from_static(ask.accept))
        .header(USER_AGENT, AGENT);
    if ask.form.is_some() {
        builder = builder.header(CONTENT_TYPE, FORM);
    }
    if let Some(token) = ask.token {
        if ask.address.scheme() != "https" && !is_loopback(&ask.address) {
            return Err(Error::PlainToken { address: address.to_owned() });
        }
        let text = format!("Bearer {}", token.expose().trim());
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| bad("the token holds bytes that no header can carry".into()))?;
        value.set_sensitive(true);
        builder = builder.header(AUTHORIZATION, value);
    }
    let body = Full::new(Bytes::from(ask.form.clone().unwrap_or_default()));
    builder.body(body).map_err(|error| bad(error.to_string()))
}

/// What errors call an address: a query may be long, and nobody else's business.
pub(crate) fn without_query(address: &Url) -> String {
    let mut address = address.clone();
    address.set_query(None);
    address.set_fragment(None);
    address.into()
}

/// Whether an address is on this computer.
pub fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn transport(address: &str, error: &hyper_util::client::legacy::Error) -> Error {
    let address = address.to_owned();
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
        if cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message) {
            return Error::CutOff { address };
        }
    }
    Error::Unreachable { address, reason: cause.to_string() }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::net::SocketAddr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A server that sends these bytes to every request and then closes; none hangs. Answers with what it was sent.
    pub(crate) async fn server(
        answers: Vec<Option<Vec<u8>>>,
    ) -> (SocketAddr, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let mut seen = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                let mut buffer = [0; 4096];
                // The head, and the body that it announces.
                while !whole(&request) {
                    let length = stream.read(&mut buffer).await.unwrap();
                    if length == 0 {
                        break;
                    }
                    request.extend_from_slice(&buffer[..length]);
                }
                seen.push(String::from_utf8_lossy(&request).into_owned());
                let Some(answer) = answer else { return std::future::pending().await };
                // A client that refuses the rest closes early.
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
            seen
        });
        (address, task)
    }

    fn whole(request: &[u8]) -> bool {
        let text = String::from_utf8_lossy(request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        body.len() >= length.unwrap_or(0)
    }

    /// A whole answer.
    pub(crate) fn answer(status: &str, kind: &str, body: &str) -> Option<Vec<u8>> {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        );
        Some([head.as_bytes(), body.as_bytes()].concat())
    }

    fn get(address: SocketAddr, body: usize) -> Ask<'static> {
        let address = format!("http://{address}/x?secret=1").parse().unwrap();
        Ask { address, form: None, accept: "*/*", token: None, body }
    }

    async fn told(raw: Option<Vec<u8>>, body: usize) -> Result<Answered> {
        let (address, _server) = server(vec![raw]).await;
        Http::new(Duration::from_secs(1)).ask(&get(address, body)).await
    }

    #[tokio::test]
    async fn an_answer_is_read_in_full() {
        let answered = told(answer("404 Not Found", "text/plain; charset=utf-8", "moon"), 4).await.unwrap();
        assert_eq!((answered.status.as_u16(), &answered.body[..]), (404, b"moon".as_slice()));
        assert_eq!(answered.content_type, "text/plain; charset=utf-8");
    }

    #[tokio::test]
    async fn what_is_no_answer_is_named() {
        assert!(matches!(told(None, 4).await, Err(Error::TimedOut { .. })));
        assert!(matches!(
            told(answer("200 OK", "text/plain", "12345"), 4).await,
            Err(Error::TooLarge { limit: 4, .. })
        ));
        let short = Some(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf".to_vec());
        assert!(matches!(told(short, 100).await, Err(Error::CutOff { .. })));
        assert!(matches!(told(Some(b"HTTP/1.1 200".to_vec()), 100).await, Err(Error::CutOff { .. })));
        assert!(matches!(told(Some(b"SSH-2.0-x\r\n\r\n".to_vec()), 4).await, Err(Error::Unreachable { .. })));
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let nobody = Http::default().ask(&get(free, 4)).await.unwrap_err();
        assert!(
            matches!(&nobody, Error::Unreachable { address, .. } if *address == format!("http://{free}/x")),
            "{nobody}"
        );
    }

    #[tokio::test]
    async fn no_redirect_is_followed() {
        let elsewhere = b"HTTP/1.1 302 Found\r\nlocation: https://login.example.org/?token=1\r\ncontent-length: 0\r\n\r\n";
        let error = told(Some(elsewhere.to_vec()), 4).await.unwrap_err();
        assert!(
            matches!(&error, Error::Redirected { to, .. } if to == "https://login.example.org/"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_token_stays_on_this_computer_or_is_encrypted() {
        let token = Secret::new("canary".into());
        let ask = |address: &str| Ask {
            address: address.parse().unwrap(),
            form: Some("query=up".into()),
            accept: "*/*",
            token: Some(&token),
            body: 10,
        };
        for plain in
            ["http://prometheus.example.org/", "http://10.0.0.1:9090/", "http://127.0.0.1.example.org/"]
        {
            let error = Http::default().ask(&ask(plain)).await.unwrap_err();
            assert!(matches!(error, Error::PlainToken { .. }), "{plain}: {error}");
            assert!(!error.to_string().contains("canary"));
        }
        let (address, server) = server(vec![answer("200 OK", "text/plain", "ok")]).await;
        Http::default().ask(&ask(&format!("http://{address}/"))).await.unwrap();
        let seen = server.await.unwrap().remove(0);
        assert!(seen.starts_with("POST / HTTP/1.1\r\n") && seen.ends_with("query=up"), "{seen}");
        assert!(seen.contains("authorization: Bearer canary\r\n"), "{seen}");
    }

    #[test]
    fn loopback_is_this_computer_alone() {
        let is = |text: &str| is_loopback(&text.parse().unwrap());
        for own in ["http://127.0.0.1:9090", "http://localhost", "http://[::1]:9090", "http://127.9.9.9"] {
            assert!(is(own), "{own}");
        }
        for other in ["http://localhost.example.org", "http://0.0.0.0", "http://192.168.1.1", "http://[::2]"]
        {
            assert!(!is(other), "{other}");
        }
    }
}
