//! A proxy before the API server of [`Cluster`], over TLS of its own, that can answer instead of it, keep silent, or break
//! off in the middle. It forwards everything but upgraded connections (exec, port-forward).

use std::collections::HashMap;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::cluster::certificates::{Authority, Identity};
use crate::cluster::{Access, Cluster, kubeconfig};

type Body = BoxBody<Bytes, io::Error>;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: a rule after this one does not count for what fits this one.
    Pass,
    /// This status with the API's own kind of body, instead of the API server's answer.
    Status(u16),
    /// The same, and after how many seconds one may ask again.
    RetryAfter(u16, u32),
    /// No answer for as long as the client waits.
    Hang,
    /// The connection ends without an answer.
    Close,
    /// 200 and a watch's ERROR event: the version asked for is too old.
    Expired,
    /// The API server's answer breaks off after so many lines, which are the events of a watch.
    CutAfterEvents(usize),
    /// The same after so many bytes of its body.
    CutAfterBytes(usize),
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `GET`, `PATCH` …
    pub method: String,
    /// Path with query.
    pub path: String,
    /// Status answered; `None` where there was no answer, or not yet.
    pub status: Option<u16>,
}

struct Rule {
    method: Option<&'static str>,
    part: String,
    fault: Fault,
    left: usize,
}

#[derive(Default)]
struct World {
    rules: Vec<Rule>,
    seen: Vec<Seen>,
}

/// The running proxy; ends when dropped.
pub struct FaultProxy {
    cluster: &'static Cluster,
    authority: Authority,
    port: u16,
    world: Arc<Mutex<World>>,
    cut: watch::Sender<u32>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl FaultProxy {
    /// Starts one before the shared control plane. It has a thread of its own: a test may block.
    pub async fn start() -> Self {
        let cluster = Cluster::shared().await;
        let authority = Authority::new("jalon-test-proxy");
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let world = Arc::new(Mutex::new(World::default()));
        let (cut, cuts) = watch::channel(0);
        let (stop, stopped) = oneshot::channel();
        let proxy = Arc::new(Proxy {
            world: Arc::clone(&world),
            upstream: cluster.address().replace("https://", ""),
            named: connector(&cluster.authority(), Some(cluster.administrator())),
            unnamed: connector(&cluster.authority(), None),
        });
        let acceptor = acceptor(&authority.server("fault-proxy"));
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    () = proxy.serve(&listener, &acceptor, &cuts) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { cluster, authority, port, world, cut, stop: Some(stop), thread: Some(thread) }
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// Writes a kubeconfig that goes through this proxy. Bearer tokens are handed on; whoever has none acts with the
    /// administrator's certificate, because a client's own cannot pass.
    pub fn write_kubeconfig(&self, folder: &Path, access: &Access, namespace: &str) -> PathBuf {
        let user = kubeconfig::user(self.cluster, folder, access);
        kubeconfig::write(folder, &self.address(), &self.authority.certificate(), &user, namespace)
    }

    /// The same, with another authority than the one that vouches for this proxy.
    pub fn write_untrusting_kubeconfig(&self, folder: &Path, namespace: &str) -> PathBuf {
        let user = kubeconfig::certificate(self.cluster.administrator());
        kubeconfig::write(folder, &self.address(), &self.cluster.authority(), &user, namespace)
    }

    /// From now on this happens to every request.
    pub fn fail(&self, fault: Fault) {
        self.fail_on(None, "", fault, usize::MAX);
    }

    /// From now on this happens to the next `times` requests of a method (any, if `None`) whose path or query holds
    /// `part`, e.g. `watch=`. The first rule that fits counts.
    pub fn fail_on(&self, method: Option<&'static str>, part: &str, fault: Fault, times: usize) {
        let rule = Rule { method, part: part.to_owned(), fault, left: times };
        self.world.lock().unwrap().rules.push(rule);
    }

    /// From now on nothing goes wrong. What hangs, hangs on until [`FaultProxy::cut`].
    pub fn heal(&self) {
        self.world.lock().unwrap().rules.clear();
    }

    /// Breaks off every connection that is open now.
    pub fn cut(&self) {
        self.cut.send_modify(|times| *times += 1);
    }

    /// Requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.world.lock().unwrap().seen.clone()
    }

    /// How many requests so far had `part` in their path or query.
    pub fn count(&self, part: &str) -> usize {
        self.world.lock().unwrap().seen.iter().filter(|seen| seen.path.contains(part)).count()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        if let (Some(stop), Some(thread)) = (self.stop.take(), self.thread.take()) {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

struct Proxy {
    world: Arc<Mutex<World>>,
    upstream: String,
    named: TlsConnector,
    unnamed: TlsConnector,
}

impl Proxy {
    async fn serve(
        self: Arc<Self>,
        listener: &TcpListener,
        acceptor: &TlsAcceptor,
        cuts: &watch::Receiver<u32>,
    ) {
        while let Ok((stream, _)) = listener.accept().await {
            let (proxy, acceptor, mut cuts) = (Arc::clone(&self), acceptor.clone(), cuts.clone());
            cuts.mark_unchanged();
            tokio::spawn(async move {
                // Whoever does not trust this proxy ends here.
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let service = service_fn(|request| proxy.answer(request));
                let served = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                tokio::select! {
                    _ = served => {}
                    _ = cuts.changed() => {}
                }
            });
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> io::Result<Response<Body>> {
        let method = request.method().to_string();
        let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let (number, fault) = self.arrived(method, path);
        let answer = match fault {
            Some(Fault::Status(code)) => refusal(code, None),
            Some(Fault::RetryAfter(code, seconds)) => refusal(code, Some(seconds)),
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Close) => return Err(io::ErrorKind::ConnectionAborted.into()),
            Some(Fault::Expired) => expired(),
            Some(Fault::CutAfterEvents(events)) => {
                self.forward(request).await?.map(|body| cut(body, events, 0))
            }
            Some(Fault::CutAfterBytes(bytes)) => self.forward(request).await?.map(|body| cut(body, 0, bytes)),
            None | Some(Fault::Pass) => {
                self.forward(request).await?.map(|body| body.map_err(io::Error::other).boxed())
            }
        };
        self.world.lock().unwrap().seen[number].status = Some(answer.status().as_u16());
        Ok(answer)
    }

    /// Notes a request, and finds what happens to it.
    fn arrived(&self, method: String, path: String) -> (usize, Option<Fault>) {
        let mut world = self.world.lock().unwrap();
        let fits = |rule: &&mut Rule| {
            rule.left > 0 && rule.method.is_none_or(|wanted| wanted == method) && path.contains(&rule.part)
        };
        let fault = world.rules.iter_mut().find(fits).map(|rule| {
            rule.left -= 1;
            rule.fault
        });
        world.seen.push(Seen { method, path, status: None });
        (world.seen.len() - 1, fault)
    }

    async fn forward(&self, mut request: Request<Incoming>) -> io::Result<Response<Incoming>> {
        let tls = if request.headers().contains_key(AUTHORIZATION) { &self.unnamed } else { &self.named };
        let stream = TcpStream::connect(&self.upstream).await?;
        let name = ServerName::try_from("127.0.0.1").map_err(io::Error::other)?;
        let stream = tls.connect(name, stream).await?;
        let (mut send, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        tokio::spawn(connection);
        let host = HeaderValue::from_str(&self.upstream).map_err(io::Error::other)?;
        request.headers_mut().insert(HOST, host);
        send.send_request(request).await.map_err(io::Error::other)
    }
}

/// A body that breaks off after so many lines, or bytes; 0 is no limit.
fn cut(body: Incoming, lines: usize, bytes: usize) -> Body {
    let left = (if lines == 0 { usize::MAX } else { lines }, if bytes == 0 { usize::MAX } else { bytes });
    let parts = stream::unfold((body, left), |(mut body, (mut lines, mut bytes))| async move {
        if lines == 0 || bytes == 0 {
            // What was let through must be on its way first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            return Some((Err(io::ErrorKind::ConnectionReset.into()), (body, (lines, bytes))));
        }
        let frame = match body.frame().await? {
            Ok(frame) => frame,
            Err(error) => return Some((Err(io::Error::other(error)), (body, (lines, bytes)))),
        };
        let Ok(data) = frame.into_data() else { return None };
        let mut end = data.len().min(bytes);
        for (place, _) in data[..end].iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
            lines -= 1;
            if lines == 0 {
                end = place + 1;
                break;
            }
        }
        bytes -= end;
        Some((Ok(Frame::data(data.slice(..end))), (body, (lines, bytes))))
    });
    BodyExt::boxed(StreamBody::new(Box::pin(parts)))
}

/// An answer as the API server would give it.
fn refusal(code: u16, retry: Option<u32>) -> Response<Body> {
    let reasons = HashMap::from([
        (401, "Unauthorized"),
        (403, "Forbidden"),
        (404, "NotFound"),
        (409, "Conflict"),
        (410, "Expired"),
        (422, "Invalid"),
        (429, "TooManyRequests"),
        (503, "ServiceUnavailable"),
        (504, "Timeout"),
    ]);
    let reason = reasons.get(&code).copied().unwrap_or("InternalError");
    let mut answer = Response::new(whole(status(code, reason).to_string()));
    *answer.status_mut() = StatusCode::from_u16(code).unwrap();
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(seconds) = retry {
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

fn expired() -> Response<Body> {
    let event = json!({ "type": "ERROR", "object": status(410, "Expired") });
    let mut answer = Response::new(whole(format!("{event}\n")));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn status(code: u16, reason: &str) -> serde_json::Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code, "reason": reason,
        "message": format!("the fault proxy says {reason}"),
    })
}

fn whole(text: String) -> Body {
    Full::from(text).map_err(|never| match never {}).boxed()
}

fn acceptor(identity: &Identity) -> TlsAcceptor {
    let (certificate, key) = pair(identity);
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key);
    TlsAcceptor::from(Arc::new(config.unwrap()))
}

fn connector(authority: &str, identity: Option<&Identity>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots);
    let config = match identity.map(pair) {
        Some((certificate, key)) => config.with_client_auth_cert(vec![certificate], key).unwrap(),
        None => config.with_no_client_auth(),
    };
    TlsConnector::from(Arc::new(config))
}

fn pair(identity: &Identity) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap();
    (certificate, PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap())
}
