//! Plays the three processes of the local target in this crate's tests: the host, a deployment's client, and a service
//! with faults to choose from.
//!
//! `stand_in host FOLDER PORT` · `stand_in deploy FOLDER PORT UNTIL` · `stand_in serve PORT NAME [FAULT…]`

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use deployments::local::{Candidate, Host, Launcher, Place, Release, Strategy, host_main};
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// A limit that no test reaches.
const LIMIT: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["host", folder, port] => host(folder, port).await,
        ["deploy", folder, port, until] => deploy(folder, port, until).await,
        ["serve", port, name, faults @ ..] => serve(port, name, faults).await,
        ["idle", "away"] => idle(true).await,
        ["idle"] => idle(false).await,
        _ => Err(format!("no such part: {words:?}").into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn host(folder: &str, port: &str) -> Result<(), Failure> {
    let start: Timestamp = "2026-01-05T09:00:00Z".parse()?;
    let began = Instant::now();
    let clock = Arc::new(move || start + began.elapsed());
    Ok(host_main(Place { folder: folder.into(), port: port.parse()? }, clock).await?)
}

/// Deploys itself as a service, says how far it has come, and waits there until it is killed.
async fn deploy(folder: &str, port: &str, until: &str) -> Result<(), Failure> {
    let program = std::env::current_exe()?;
    let place = Place { folder: PathBuf::from(folder), port: port.parse()? };
    let launcher = Launcher { program: program.clone(), leading_args: vec!["host".into()] };
    let mut host = Host::connect_or_launch(&place, &launcher, LIMIT).await?;
    let say = |step: &str| {
        println!("{step}");
        step == until
    };
    if say("connected") {
        sleep(LIMIT).await;
    }
    let release = Release { id: "killed".into(), version: "1".into(), commit: "c0ffee".into(), dirty: false };
    let command = vec![program.display().to_string(), "serve".into(), "${PORT}".into(), "killed".into()];
    let (environment, secrets) = (BTreeMap::new(), BTreeMap::new());
    host.start(Candidate { release, dir: folder.into(), command, environment, secrets }, LIMIT).await?;
    if say("started") {
        sleep(LIMIT).await;
    }
    host.wait_healthy("/health", LIMIT, Duration::from_millis(20), &CancellationToken::new()).await?;
    if say("healthy") {
        sleep(LIMIT).await;
    }
    host.switch(Strategy::Rolling, LIMIT, LIMIT).await?;
    if say("switched") {
        sleep(LIMIT).await;
    }
    Ok(())
}

/// A child that a service leaves behind; `away` leaves its group too.
async fn idle(away: bool) -> Result<(), Failure> {
    #[cfg(unix)]
    if away {
        rustix::process::setsid()?;
    }
    println!("idle {} {away}", std::process::id());
    sleep(LIMIT * 6).await;
    Ok(())
}

struct Service {
    name: String,
    faults: Vec<String>,
}

impl Service {
    fn has(&self, fault: &str) -> bool {
        self.faults.iter().any(|own| own == fault)
    }
}

async fn serve(port: &str, name: &str, faults: &[&str]) -> Result<(), Failure> {
    let service = Arc::new(Service {
        name: name.to_owned(),
        faults: faults.iter().map(|fault| (*fault).to_owned()).collect(),
    });
    println!("{name} on port {port}");
    for fault in faults {
        match *fault {
            "crash" => return Err(format!("{name} cannot start: no database").into()),
            "mute" => {
                sleep(LIMIT * 6).await;
            }
            "late" => sleep(Duration::from_millis(300)).await,
            "child" => drop(std::process::Command::new(std::env::current_exe()?).arg("idle").spawn()?),
            "runaway" => {
                drop(std::process::Command::new(std::env::current_exe()?).args(["idle", "away"]).spawn()?);
            }
            "flood" => drop(std::thread::spawn(flood)),
            "long-line" => println!("{}", "x".repeat(100_000)),
            #[cfg(unix)]
            "stubborn" => {
                let mut asked = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
                tokio::spawn(async move {
                    while asked.recv().await.is_some() {
                        println!("asked to end, but does not");
                    }
                });
            }
            "tells" => tell()?,
            _ => {}
        }
    }
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let service = service.clone();
        tokio::spawn(async move {
            let answer = hyper::service::service_fn(move |request| answer(service.clone(), request));
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer)
                .with_upgrades();
            let _ = connection.await;
        });
    }
}

fn flood() {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    for number in 0u64.. {
        if writeln!(out, "line {number} of a flood that says nothing").is_err() {
            return;
        }
    }
}

/// Writes its secret in every way that programs do, once in two halves of one line.
fn tell() -> Result<(), Failure> {
    use std::io::Write;
    let secret =
        std::env::vars().find(|(name, _)| name == "CANARY").map(|(_, value)| value).unwrap_or_default();
    let mut out = std::io::stdout();
    let (first, second) = secret.split_at(secret.len() / 2);
    write!(out, "halves {first}")?;
    out.flush()?;
    // Two writes, which the reader may get as two chunks.
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(50) {
        std::thread::yield_now();
    }
    writeln!(out, "{second} end")?;
    eprintln!("postgres://user:{secret}@db/name");
    let padding = "y".repeat(16 * 1024 - 8);
    writeln!(out, "{padding}{secret}")?;
    Ok(())
}

async fn answer(service: Arc<Service>, mut request: Request<Incoming>) -> Result<Answer, Failure> {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let number = |default: u64| query.parse().unwrap_or(default);
    Ok(match request.uri().path() {
        "/health" if service.has("unhealthy") => text(StatusCode::SERVICE_UNAVAILABLE, "no"),
        "/health" if service.has("hang") => {
            sleep(LIMIT * 6).await;
            text(StatusCode::OK, "at last")
        }
        "/health" => text(StatusCode::OK, "ok"),
        "/slow" => {
            sleep(Duration::from_millis(number(500))).await;
            text(StatusCode::OK, &service.name)
        }
        "/exit" => std::process::exit(i32::try_from(number(1)).unwrap_or(1)),
        "/headers" => {
            let headers = request.headers();
            let mut lines: Vec<String> = headers
                .iter()
                .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("?")))
                .collect();
            lines.sort();
            text(StatusCode::OK, &lines.join("\n"))
        }
        "/echo" => Response::new(echoed(request.into_body())),
        "/upgrade" => {
            let upgrade = hyper::upgrade::on(&mut request);
            tokio::spawn(async move {
                let Ok(upgraded) = upgrade.await else { return };
                let mut stream = TokioIo::new(upgraded);
                let mut seen = [0; 64];
                while let Ok(length @ 1..) = stream.read(&mut seen).await {
                    let _ = stream.write_all(&seen[..length].to_ascii_uppercase()).await;
                }
            });
            Response::builder()
                .status(StatusCode::SWITCHING_PROTOCOLS)
                .header("connection", "upgrade")
                .header("upgrade", "shout")
                .body(text(StatusCode::OK, "").into_body())?
        }
        _ => text(StatusCode::OK, &service.name),
    })
}

fn text(status: StatusCode, body: &str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body.to_owned())).boxed_unsync());
    *answer.status_mut() = status;
    answer
}

/// Sends back every piece as it comes.
fn echoed(mut body: Incoming) -> UnsyncBoxBody<Bytes, Infallible> {
    let (pieces, taken) = tokio::sync::mpsc::channel::<Frame<Bytes>>(1);
    tokio::spawn(async move {
        while let Some(Ok(frame)) = body.frame().await {
            if pieces.send(frame).await.is_err() {
                return;
            }
        }
    });
    Pieces(taken).boxed_unsync()
}

struct Pieces(tokio::sync::mpsc::Receiver<Frame<Bytes>>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(Ok))
    }
}
