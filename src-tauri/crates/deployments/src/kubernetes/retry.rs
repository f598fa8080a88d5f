//! A server that is too busy says when to ask again, and then has done nothing yet (priority and fairness, 429), or nothing that
//! a second time changes: what this room sends are reads, applies, and deletions of one object by its uid.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{Request, Response, StatusCode};
use kube::Client;
use kube::client::Body;
use tokio::time::sleep;

/// How often a request is sent again; client-go does the same.
const TRIES: u32 = 10;
/// How long one request is held back in all: what asks for more is told at once.
const LONGEST: Duration = Duration::from_secs(30);

/// A client that asks again when the server says so (Retry-After), a few times and not for long.
pub(super) fn patient(client: Client, namespace: &str) -> Client {
    let service = tower::service_fn(move |request: Request<Body>| {
        let client = client.clone();
        async move { send(&client, request).await }
    });
    Client::new(service, namespace)
}

async fn send(client: &Client, request: Request<Body>) -> kube::Result<Response<Body>> {
    let mut request = request;
    let mut left = LONGEST;
    for _ in 0..TRIES {
        let Some(again) = copy(&request) else { break };
        let response = client.send(request).await?;
        let Some(pause) = asked(&response).filter(|pause| *pause <= left) else { return Ok(response) };
        left -= pause;
        sleep(pause).await;
        request = again;
    }
    client.send(request).await
}

/// The same request, unless its body can be sent only once.
fn copy(request: &Request<Body>) -> Option<Request<Body>> {
    let mut copy = Request::new(request.body().try_clone()?);
    copy.method_mut().clone_from(request.method());
    copy.uri_mut().clone_from(request.uri());
    copy.headers_mut().clone_from(request.headers());
    Some(copy)
}

/// When the server wants to be asked again.
fn asked(response: &Response<Body>) -> Option<Duration> {
    let busy = response.status() == StatusCode::TOO_MANY_REQUESTS || response.status().is_server_error();
    let seconds: u64 =
        response.headers().get(RETRY_AFTER).filter(|_| busy)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.max(1)))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use http_body_util::BodyExt;
    use tokio::time::Instant;

    use super::*;

    /// What a server answers by turns, the last for ever: status and Retry-After. How it ended, how long it took, and the
    /// bodies that arrived.
    async fn ask(answers: &'static [(u16, &'static str)]) -> (u16, u64, Vec<String>) {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let arrived = Arc::clone(&seen);
        let server = tower::service_fn(move |request: Request<Body>| {
            let seen = Arc::clone(&arrived);
            async move {
                let body = request.into_body().collect().await.unwrap().to_bytes();
                let number = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(String::from_utf8(body.to_vec()).unwrap());
                    seen.len() - 1
                };
                let (status, wait) = answers[number.min(answers.len() - 1)];
                let answer = Response::builder().status(status);
                let answer = if wait.is_empty() { answer } else { answer.header(RETRY_AFTER, wait) };
                answer.body(Body::empty())
            }
        });
        let client = patient(Client::new(server, "shop"), "shop");
        let begun = Instant::now();
        let request = Request::patch("/x").body(Body::from(b"{}".to_vec())).unwrap();
        let status = client.send(request).await.unwrap().status().as_u16();
        let bodies = seen.lock().unwrap().clone();
        (status, begun.elapsed().as_secs(), bodies)
    }

    #[tokio::test(start_paused = true)]
    async fn what_passes_is_waited_for_as_asked() {
        let (status, seconds, bodies) = ask(&[(429, "2"), (503, "5"), (200, "")]).await;
        assert_eq!((status, seconds), (200, 7));
        assert_eq!(bodies, ["{}", "{}", "{}"], "the same request each time");
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_pass_is_told_in_time() {
        assert_eq!(ask(&[(429, "1")]).await.0, 429);
        let (status, seconds, bodies) = ask(&[(429, "1")]).await;
        assert_eq!((status, seconds, bodies.len()), (429, 10, 11));
        let (status, seconds, _) = ask(&[(503, "20")]).await;
        assert_eq!((status, seconds), (503, 20), "no second wait of that length");
        assert_eq!(ask(&[(429, "31"), (200, "")]).await.1, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_ask_for_it_gets_no_second_request() {
        for (status, wait) in [(503, ""), (429, "soon"), (403, "1"), (409, "1")] {
            let answers: &'static [(u16, &'static str)] = Box::leak(Box::new([(status, wait), (200, "")]));
            let (found, seconds, bodies) = ask(answers).await;
            assert_eq!((found, seconds, bodies.len()), (status, 0, 1), "{status} {wait}");
        }
    }
}
