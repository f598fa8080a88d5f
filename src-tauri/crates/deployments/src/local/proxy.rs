//! The built-in reverse proxy: HTTP/1.1 on the environment's fixed port, every new request to the live instance. Bodies
//! stream both ways; upgraded connections (WebSocket) pass through. After RFC 9110 §7.6 and RFC 9112.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version, header};
use http_body_util::{BodyExt, Either, Empty, Full, combinators::UnsyncBoxBody};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::http1::SendRequest;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Error;

/// Connections served at once. More wait to be accepted: each needs two descriptors of the usual 1024.
const CONNECTIONS: usize = 400;
/// How long an instance may take to accept a connection, to begin its answer, and to begin it where it first has to read
/// what somebody uploads.
const CONNECT: Duration = Duration::from_secs(5);
const FIRST_BYTE: Duration = Duration::from_secs(60);
const FIRST_BYTE_AFTER_BODY: Duration = Duration::from_secs(15 * 60);
/// Connections to an instance are kept this long for the next request: shorter than servers do, so that they rarely close
/// one that is about to be used.
const KEPT: Duration = Duration::from_secs(1);
const KEPT_MOST: usize = 32;

type Outgoing = Either<Incoming, Empty<Bytes>>;
type Sender = SendRequest<Outgoing>;
type Answer = Response<UnsyncBoxBody<Bytes, hyper::Error>>;

/// Where requests go: one instance.
pub(super) struct Upstream {
    port: u16,
    release: String,
    in_flight: watch::Sender<u64>,
    idle: Mutex<Vec<(Instant, Sender)>>,
    gone: OnceLock<String>,
}

impl Upstream {
    pub fn new(port: u16, release: &str) -> Arc<Self> {
        Arc::new(Self {
            port,
            release: release.to_owned(),
            in_flight: watch::Sender::new(0),
            idle: Mutex::default(),
            gone: OnceLock::new(),
        })
    }

    /// Its process has ended, in words; requests are told so.
    pub fn ended(&self, how: String) {
        let _ = self.gone.set(how);
    }

    /// Waits until no request is under way, for `limit` at most. Returns how many still are.
    pub async fn quiet(&self, limit: Duration) -> u64 {
        let mut count = self.in_flight.subscribe();
        // The sender lives as long as `self`.
        let _ = timeout(limit, count.wait_for(|count| *count == 0)).await;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.in_flight.borrow()
    }

    fn kept(&self) -> Option<Sender> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((since, sender)) = idle.pop() {
            if since.elapsed() < KEPT && sender.is_ready() {
                return Some(sender);
            }
        }
        None
    }

    fn keep(&self, sender: Sender) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(since, _)| since.elapsed() < KEPT);
        if idle.len() < KEPT_MOST && !sender.is_closed() {
            idle.push((Instant::now(), sender));
        }
    }

    async fn connect(&self) -> Result<Sender, String> {
        let stream = timeout(CONNECT, TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))).await;
        let stream = stream.map_err(|_| "it accepts no connection".to_owned())?;
        let stream = stream.map_err(|error| format!("it accepts no connection: {error}"))?;
        let _ = stream.set_nodelay(true);
        let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (sender, connection) = shaken.map_err(|error| error.to_string())?;
        tokio::spawn(connection.with_upgrades());
        Ok(sender)
    }
}

/// One request on its way: counted until its answer is complete.
struct Passage {
    proxy: Arc<Proxy>,
    upstream: Arc<Upstream>,
}

impl Drop for Passage {
    fn drop(&mut self) {
        self.proxy.in_flight.fetch_sub(1, Ordering::Relaxed);
        self.upstream.in_flight.send_modify(|count| *count -= 1);
    }
}

/// The proxy of one environment.
pub(super) struct Proxy {
    current: RwLock<Option<Arc<Upstream>>>,
    requests: AtomicU64,
    errors: AtomicU64,
    in_flight: AtomicU64,
    closing: CancellationToken,
    connections: TaskTracker,
}

impl Proxy {
    /// Takes the environment's port and serves on it.
    ///
    /// # Errors
    /// [`Error::PortTaken`] if somebody else listens there.
    pub async fn open(port: u16) -> Result<Arc<Self>, Error> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        // Some systems let a listener on one address stand in front of one on all addresses: ask first.
        if let Ok(Ok(stream)) = timeout(Duration::from_secs(1), TcpStream::connect(address)).await
            && !met_itself(&stream)
        {
            return Err(Error::PortTaken { port });
        }
        let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => Error::PortTaken { port },
            _ => Error::Listen { port, reason: error.to_string() },
        })?;
        let proxy = Arc::new(Self {
            current: RwLock::default(),
            requests: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            in_flight: AtomicU64::new(0),
            closing: CancellationToken::new(),
            connections: TaskTracker::new(),
        });
        proxy.connections.spawn(proxy.clone().accept(listener));
        Ok(proxy)
    }

    /// Sends every request from now on to `to`. Those that were taken before stay where they are.
    pub fn switch(&self, to: Option<Arc<Upstream>>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = to;
    }

    /// Requests taken, answers of 5xx among them, and requests under way.
    pub fn counts(&self) -> (u64, u64, u64) {
        (
            self.requests.load(Ordering::Relaxed),
            self.errors.load(Ordering::Relaxed),
            self.in_flight.load(Ordering::Relaxed),
        )
    }

    /// Takes no more connections, lets requests under way end for `limit` at most, and frees the port.
    pub async fn close(&self, limit: Duration) {
        self.closing.cancel();
        self.connections.close();
        let _ = timeout(limit, self.connections.wait()).await;
    }

    async fn accept(self: Arc<Self>, listener: TcpListener) {
        let free = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(permit) = free.clone().acquire_owned().await else { return };
            let accepted = tokio::select! {
                () = self.closing.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let proxy = self.clone();
                    self.connections.spawn(async move {
                        proxy.connection(stream, peer).await;
                        drop(permit);
                    });
                }
                // Out of descriptors, say: those that are in use come back.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn connection(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let _ = stream.set_nodelay(true);
        let proxy = self.clone();
        let answer = hyper::service::service_fn(move |request| {
            let proxy = proxy.clone();
            async move { Ok::<_, Infallible>(proxy.request(request, peer).await) }
        });
        let served = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), answer)
            .with_upgrades();
        let mut served = pin!(served);
        tokio::select! {
            _ = served.as_mut() => return,
            () = self.closing.cancelled() => served.as_mut().graceful_shutdown(),
        }
        let _ = served.await;
    }

    /// The upstream for one request, counted from the same moment: whoever switches sees it.
    fn passage(self: &Arc<Self>) -> Option<Passage> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let upstream = current.clone()?;
        upstream.in_flight.send_modify(|count| *count += 1);
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Some(Passage { proxy: self.clone(), upstream })
    }

    async fn request(self: Arc<Self>, request: Request<Incoming>, peer: SocketAddr) -> Answer {
        let answer = match self.passage() {
            None => refusal(StatusCode::SERVICE_UNAVAILABLE, "no release is live here"),
            Some(_) if request.method() == Method::CONNECT => {
                refusal(StatusCode::METHOD_NOT_ALLOWED, "CONNECT is not for this proxy")
            }
            Some(passage) => {
                let release = passage.upstream.clone();
                forward(passage, request, peer).await.unwrap_or_else(|(status, reason)| {
                    let ended = release.gone.get().map(|how| format!("its process ended with {how}"));
                    let reason = ended.unwrap_or(reason);
                    refusal(status, &format!("release {} does not answer: {reason}", release.release))
                })
            }
        };
        if answer.status().is_server_error() {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
        answer
    }
}

/// A connection to a free port can be given that very port at its own end, and then it talks to itself.
pub(super) fn met_itself(stream: &TcpStream) -> bool {
    matches!((stream.local_addr(), stream.peer_addr()), (Ok(own), Ok(peer)) if own == peer)
}

fn refusal(status: StatusCode, reason: &str) -> Answer {
    let body = Full::new(Bytes::from(format!("Jalon: {reason}\n"))).map_err(|never| match never {});
    let mut answer = Response::new(body.boxed_unsync());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}

type Refused = (StatusCode, String);

fn bad_gateway(reason: impl ToString) -> Refused {
    (StatusCode::BAD_GATEWAY, reason.to_string())
}

async fn forward(
    passage: Passage,
    mut request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<Answer, Refused> {
    let upgrade = upgrade_of(request.headers());
    let client = upgrade.is_some().then(|| hyper::upgrade::on(&mut request));
    let (mut head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    head.uri = path.parse::<Uri>().map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
    head.version = Version::HTTP_11;
    prepare(&mut head.headers, upgrade.as_ref(), peer, passage.upstream.port);

    // Only what can safely be asked twice goes over a kept connection, which may break at any moment.
    let again = head.method.is_safe() && body.is_end_stream() && upgrade.is_none();
    let kept = if again { passage.upstream.kept() } else { None };
    let empty = || Either::Right(Empty::new());
    let limit = if again { FIRST_BYTE } else { FIRST_BYTE_AFTER_BODY };
    let first = match kept {
        Some(sender) => match send(sender, Request::from_parts(head.clone(), empty()), limit).await {
            Err(refused) if refused.0 == StatusCode::GATEWAY_TIMEOUT => return Err(refused),
            sent => sent.ok(),
        },
        None => None,
    };
    let (sender, response) = match first {
        Some(answered) => answered,
        None => {
            let sender = passage.upstream.connect().await.map_err(bad_gateway)?;
            let body = if again { empty() } else { Either::Left(body) };
            send(sender, Request::from_parts(head, body), limit).await?
        }
    };
    Ok(answer(passage, response, client, again.then_some(sender)))
}

async fn send(
    mut sender: Sender,
    request: Request<Outgoing>,
    limit: Duration,
) -> Result<(Sender, Response<Incoming>), Refused> {
    match timeout(limit, sender.send_request(request)).await {
        Ok(Ok(response)) => Ok((sender, response)),
        Ok(Err(error)) => Err(bad_gateway(error)),
        Err(_) => Err((StatusCode::GATEWAY_TIMEOUT, format!("no answer in {} s", limit.as_secs()))),
    }
}

fn answer(
    passage: Passage,
    mut response: Response<Incoming>,
    client: Option<OnUpgrade>,
    sender: Option<Sender>,
) -> Answer {
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let Some(client) = client else {
            return refusal(StatusCode::BAD_GATEWAY, "the service switched protocols unasked");
        };
        let service = hyper::upgrade::on(&mut response);
        let head = response.map(|_| Empty::new().map_err(|never| match never {}).boxed_unsync());
        tokio::spawn(tunnel(passage, client, service));
        return head;
    }
    strip(response.headers_mut());
    *response.version_mut() = Version::HTTP_11;
    response.map(|inner| Passing { inner, complete: false, sender, passage }.boxed_unsync())
}

/// Carries an upgraded connection until one side ends it, or the proxy closes.
async fn tunnel(passage: Passage, client: OnUpgrade, service: OnUpgrade) {
    let (Ok(client), Ok(service)) = tokio::join!(client, service) else { return };
    let (mut client, mut service) = (TokioIo::new(client), TokioIo::new(service));
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut service) => {}
        () = passage.proxy.closing.cancelled() => {}
    }
}

/// An answer on its way back.
struct Passing {
    inner: Incoming,
    complete: bool,
    sender: Option<Sender>,
    passage: Passage,
}

impl Body for Passing {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if matches!(polled, Poll::Ready(None)) {
            self.complete = true;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        if let Some(sender) = self.sender.take().filter(|_| self.complete || self.inner.is_end_stream()) {
            self.passage.upstream.keep(sender);
        }
    }
}

/// What the request wants to become, if it wants to become something.
fn upgrade_of(headers: &HeaderMap) -> Option<HeaderValue> {
    let asked = headers.get_all(header::CONNECTION).iter().any(|value| {
        value
            .to_str()
            .is_ok_and(|text| text.split(',').any(|name| name.trim().eq_ignore_ascii_case("upgrade")))
    });
    headers.get(header::UPGRADE).filter(|_| asked).cloned()
}

/// Takes out what is meant for one connection only.
fn strip(headers: &mut HeaderMap) {
    const HOP_BY_HOP: [HeaderName; 7] = [
        header::CONNECTION,
        header::PROXY_AUTHENTICATE,
        header::PROXY_AUTHORIZATION,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ];
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    headers.remove("keep-alive");
    headers.remove("proxy-connection");
}

/// The headers of the request as the instance sees them.
fn prepare(headers: &mut HeaderMap, upgrade: Option<&HeaderValue>, peer: SocketAddr, port: u16) {
    strip(headers);
    // This side has answered it already.
    headers.remove(header::EXPECT);
    if let Some(upgrade) = upgrade {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, upgrade.clone());
    }
    let before: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    let chain =
        before.into_iter().map(str::to_owned).chain([peer.ip().to_string()]).collect::<Vec<_>>().join(", ");
    if let Ok(chain) = HeaderValue::from_str(&chain) {
        headers.insert("x-forwarded-for", chain);
    }
    headers.entry("x-forwarded-proto").or_insert(HeaderValue::from_static("http"));
    match headers.get(header::HOST).cloned() {
        Some(host) => {
            headers.entry("x-forwarded-host").or_insert(host);
        }
        // HTTP/1.0 may leave it out, 1.1 may not.
        None => {
            if let Ok(host) = HeaderValue::from_str(&format!("127.0.0.1:{port}")) {
                headers.insert(header::HOST, host);
            }
        }
    }
}
