use std::future::Future;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// A target that answers each connection by `answer`, which gets the head of the request.
async fn target<F, A>(answer: F) -> Target
where
    F: Fn(TcpStream, String) -> A + Send + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => return,
                }
            }
            tokio::spawn(answer(stream, String::from_utf8(head).unwrap()));
        }
    });
    Target {
        url: format!("http://{address}/metrics").parse().unwrap(),
        labels: Labels::new(),
        interval: Duration::from_secs(15),
    }
}

/// A target that answers with these bytes and closes.
async fn saying(bytes: impl Into<Vec<u8>>) -> Target {
    let bytes = bytes.into();
    target(move |mut stream, _| {
        let bytes = bytes.clone();
        async move {
            let _ = stream.write_all(&bytes).await;
        }
    })
    .await
}

fn answer(head: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{head}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

async fn scraped(target: &Target, limits: Limits) -> Result<Vec<Sample>> {
    scrape(target, &limits, jiff::Timestamp::UNIX_EPOCH).await.result
}

async fn refused(target: &Target) -> Error {
    scraped(target, Limits::default()).await.unwrap_err()
}

#[tokio::test]
async fn metrics_are_asked_for_and_read() {
    let target = target(|mut stream, head| async move {
        let head = head.to_ascii_lowercase();
        let fine = head.starts_with("get /metrics http/1.1")
            && head.contains("accept-encoding: identity")
            && head.contains("accept: application/openmetrics-text;version=1.0.0");
        let body = format!("fine {}\nnan NaN\n", i32::from(fine));
        let _ = stream.write_all(answer("Content-Type: text/plain\r\n", &body).as_bytes()).await;
    })
    .await;
    let scrape = scrape(&target, &Limits::default(), jiff::Timestamp::from_second(7).unwrap()).await;
    assert_eq!(scrape.at, 7000);
    let samples = scrape.result.unwrap();
    assert_eq!(samples[0].value, 1.0);
    assert!(samples[1].value.is_nan());
}

#[tokio::test]
async fn the_content_type_decides_what_has_to_end() {
    let kind = "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n";
    let whole = saying(answer(kind, "a 1 5\n# EOF\n")).await;
    assert_eq!(scraped(&whole, Limits::default()).await.unwrap()[0].at, Some(5000));
    let cut = saying(answer(kind, "a 1\n")).await;
    assert!(matches!(refused(&cut).await, Error::Syntax { .. }));
}

#[tokio::test]
async fn what_hangs_is_given_up() {
    let short = Limits { deadline: Duration::from_millis(200), ..Limits::default() };
    let silent = target(|stream, _| async move {
        let _held = stream;
        std::future::pending::<()>().await;
    })
    .await;
    assert!(matches!(scraped(&silent, short).await, Err(Error::TimedOut { .. })));
    let slow = target(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").await;
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        loop {
            tick.tick().await;
            if stream.write_all(b"a").await.is_err() {
                return;
            }
        }
    })
    .await;
    let scrape = scrape(&slow, &short, jiff::Timestamp::UNIX_EPOCH).await;
    assert!(matches!(scrape.result, Err(Error::TimedOut { .. })));
    assert!(scrape.took < Duration::from_secs(5));
}

#[tokio::test]
async fn what_never_ends_is_cut() {
    let endless = target(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await;
        while stream.write_all(&[b'a'; 4096]).await.is_ok() {}
    })
    .await;
    let small = Limits { body: 100_000, ..Limits::default() };
    assert!(matches!(scraped(&endless, small).await, Err(Error::TooLarge { limit: 100_000, .. })));
    let announced = saying("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n").await;
    assert!(matches!(refused(&announced).await, Error::TooLarge { .. }));
}

#[tokio::test]
async fn far_too_many_series_are_refused() {
    let body: String = (0..20_000).map(|i| format!("a{{id=\"{i}\"}} 1\n")).collect();
    let target = saying(answer("", &body)).await;
    assert!(matches!(refused(&target).await, Error::TooManySeries { limit: 10_000 }));
}

#[tokio::test]
async fn other_answers_are_named() {
    for (head, body, found) in [
        ("Content-Type: text/html\r\n", "Sign in", "a web page"),
        ("", "<html>", "a web page"),
        ("Content-Type: application/json\r\n", "1", "JSON"),
        ("Content-Encoding: gzip\r\n", "x", "compressed data"),
    ] {
        let said = refused(&saying(answer(head, body)).await).await.to_string();
        assert!(said.contains(found), "{said}");
    }
    let missing = saying("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
    assert!(matches!(refused(&missing).await, Error::Status { status: 404, .. }));
    let garbage = saying("220 mail.example ESMTP\r\n").await;
    assert!(matches!(refused(&garbage).await, Error::Unreachable { .. }));
    let cut = saying("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\na 1\n").await;
    assert!(matches!(refused(&cut).await, Error::Unreachable { .. }));
}

#[tokio::test]
async fn redirects_stay_on_the_target() {
    let slash = target(|mut stream, head| async move {
        let reply = if head.starts_with("GET /metrics/ ") {
            answer("", "a 1\n")
        } else {
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: /metrics/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                .to_owned()
        };
        let _ = stream.write_all(reply.as_bytes()).await;
    })
    .await;
    assert_eq!(scraped(&slash, Limits::default()).await.unwrap().len(), 1);
    let elsewhere =
        |to: &str| saying(format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"));
    let away = elsewhere("http://127.0.0.1:1/metrics").await;
    assert!(
        matches!(refused(&away).await, Error::Redirected { to, .. } if to == "http://127.0.0.1:1/metrics")
    );
    let circle = elsewhere("/metrics").await;
    assert!(matches!(refused(&circle).await, Error::Redirected { .. }));
}

#[tokio::test]
async fn nobody_there_is_told_without_what_the_address_hides() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut target = saying("").await;
    target.url = format!("http://somebody:hunter2@127.0.0.1:{port}/metrics?token=hunter3").parse().unwrap();
    let said = refused(&target).await.to_string();
    assert!(said.contains("refused") && said.contains(&port.to_string()), "{said}");
    assert!(!said.contains("hunter") && !target.address().contains("hunter"), "{said}");
}
