//! Connections: taken on 127.0.0.1 until the service ends, then finished.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};

use super::data::Data;
use super::routes::App;
use super::{Arguments, Clock, Error, Fault, Log, Result};

/// Most connections at a time; more wait.
const CONNECTIONS: usize = 512;
/// How long a connection may be silent.
const SILENCE: Duration = Duration::from_secs(60);
/// How long requests that have begun may take when the service is asked to end.
const DRAIN: Duration = Duration::from_secs(5);

/// The service, listening but not yet answering.
pub struct Server {
    listener: TcpListener,
    app: Arc<App>,
    address: SocketAddr,
}

impl Server {
    /// Reads the data and listens.
    ///
    /// # Errors
    /// The data is damaged, the port is taken, or the fault asks for a crash.
    pub async fn bind(arguments: &Arguments, clock: Clock, log: Log) -> Result<Self> {
        if arguments.fault == Fault::CrashAtStart {
            return Err(Error::Fault { fault: arguments.fault.text() });
        }
        let data = Data::load(&arguments.data)?;
        let port = arguments.port;
        let taken = |error: std::io::Error| Error::Port { port, reason: error.to_string() };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        let app = App::new(data, arguments.environment.clone(), arguments.fault, &clock, log);
        Ok(Self { listener, app: Arc::new(app), address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is done, then closes the port, and gives requests that have begun five seconds.
    ///
    /// # Errors
    /// The fault asks for a crash.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<()> {
        let Self { listener, app, address } = self;
        let about = [
            ("version", app.data.version.as_str().into()),
            ("environment", app.environment.as_str().into()),
            ("address", address.to_string().into()),
            ("fault", app.fault().text().into()),
        ];
        app.log.info("listening", &about);
        let (ending, ends) = watch::channel(false);
        let mut connections = JoinSet::new();
        let fault = misbehave(&app);
        let (mut stop, mut fault) = (std::pin::pin!(stop), std::pin::pin!(fault));
        loop {
            tokio::select! {
                () = &mut stop => break,
                // Dropping the connections cuts them off, as a crash does.
                error = &mut fault => return Err(error),
                Some(_) = connections.join_next() => {}
                taken = listener.accept(), if connections.len() < CONNECTIONS => match taken {
                    Ok((stream, _)) => {
                        connections.spawn(connection(stream, app.clone(), ends.clone()));
                    }
                    Err(error) => {
                        // Too many open files, for instance: others have to close first.
                        app.log.error("no connection", &[("reason", error.to_string().into())]);
                        sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
        drop(listener);
        let _ = ending.send(true);
        let open = connections.len();
        app.log.info("ending", &[("connections", open.into())]);
        let drained = async { while connections.join_next().await.is_some() {} };
        if timeout(DRAIN, drained).await.is_err() {
            app.log.error("cut off", &[("connections", connections.len().into())]);
        }
        Ok(())
    }
}

async fn connection(stream: TcpStream, app: Arc<App>, mut ends: watch::Receiver<bool>) {
    let answer = service_fn(move |request| {
        let app = app.clone();
        async move { Ok::<_, Infallible>(app.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SILENCE)
        .serve_connection(TokioIo::new(stream), answer);
    let mut connection = std::pin::pin!(connection);
    let ended = async { drop(ends.wait_for(|ends| *ends).await) };
    // How a connection ends is its client's affair.
    tokio::select! {
        _ = &mut connection => {}
        () = ended => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Floods the log, or is done when the service has to crash; otherwise never done.
async fn misbehave(app: &App) -> Error {
    match app.fault() {
        Fault::CrashAfter(after) => {
            sleep(after).await;
            Error::Fault { fault: app.fault().text() }
        }
        Fault::FloodLog => {
            let mut ticks = interval(Duration::from_millis(1));
            for number in 0u64.. {
                if number % 100 == 0 {
                    ticks.tick().await;
                }
                app.log.info("flood", &[("number", number.into()), ("text", "~".repeat(120).into())]);
            }
            std::future::pending().await
        }
        _ => std::future::pending().await,
    }
}
