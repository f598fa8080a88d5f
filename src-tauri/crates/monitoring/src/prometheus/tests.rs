use std::time::Duration;

use serde_json::json;

use super::*;
use crate::http::tests::{answer, server};

const JSON: &str = "application/json";

/// What an instant query makes of these answers, and what the server was sent.
async fn told(answers: Vec<Option<Vec<u8>>>) -> (Result<Told<Answer>>, Vec<String>) {
    let hangs = answers.iter().any(Option::is_none);
    let (address, server) = server(answers).await;
    let http = Http::new(Duration::from_secs(1));
    let prometheus = Prometheus::new(&http, &format!("http://{address}/prometheus/"), None).unwrap();
    let told = prometheus.instant("sum(up) + 1", 1_500).await;
    let seen = if hangs { Vec::new() } else { server.await.unwrap() };
    (told, seen)
}

async fn error(status: &str, kind: &str, body: &str) -> Error {
    told(vec![answer(status, kind, body)]).await.0.unwrap_err()
}

#[tokio::test]
async fn every_kind_of_result_reads_back() {
    for body in [
        json!({ "status": "success", "data": { "resultType": "scalar", "result": [1.5, "2"] } }),
        json!({ "status": "success", "data": { "resultType": "string", "result": [2, "words"] } }),
        json!({ "status": "success", "data": { "resultType": "vector", "result": [
            { "metric": { "__name__": "up", "job": "a" }, "value": [1435781451.781, "NaN"] },
            { "metric": {}, "value": [1, "+Inf"] }] } }),
        json!({ "status": "success", "data": { "resultType": "matrix", "result": [
            { "metric": { "le": "0.5" }, "values": [[1, "-Inf"], [16, "0.25"]] }] } }),
    ] {
        let (told, _) = told(vec![answer("200 OK", JSON, &body.to_string())]).await;
        assert_eq!(told.unwrap().answer.to_json(), body);
    }
}

#[tokio::test]
async fn a_query_is_posted_and_asked_by_get_where_that_is_not_taken() {
    let fine =
        || answer("200 OK", JSON, r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#);
    let (posted, seen) = told(vec![fine()]).await;
    assert_eq!(posted.unwrap().answer, Answer::Vector(vec![]));
    assert!(seen[0].starts_with("POST /prometheus/api/v1/query HTTP/1.1\r\n"), "{}", seen[0]);
    assert!(seen[0].ends_with("\r\n\r\nquery=sum%28up%29+%2B+1&time=1.500"), "{}", seen[0]);
    for status in ["405 Method Not Allowed", "501 Not Implemented"] {
        let (got, seen) = told(vec![answer(status, "text/plain", "no"), fine()]).await;
        assert!(got.is_ok());
        assert!(
            seen[1].starts_with("GET /prometheus/api/v1/query?query=sum%28up%29+%2B+1&time=1.500 "),
            "{}",
            seen[1]
        );
    }
}

#[tokio::test]
async fn warnings_and_infos_are_kept() {
    let body = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"h":"1"},"histogram":[1,{"count":"3"}]}]},
        "warnings":["one store did not answer"],"infos":["metric might not be a counter"]}"#;
    let told = told(vec![answer("200 OK", JSON, body)]).await.0.unwrap();
    assert_eq!(told.answer, Answer::Vector(vec![]));
    assert_eq!(told.warnings[..2], ["one store did not answer", "metric might not be a counter"]);
    assert!(told.warnings[2].contains("native histograms"));
}

#[tokio::test]
async fn refusals_speak_in_the_api_s_words() {
    for (status, kind) in [
        ("400 Bad Request", "bad_data"),
        ("422 Unprocessable Entity", "execution"),
        ("503 Service Unavailable", "timeout"),
    ] {
        let body =
            json!({ "status": "error", "errorType": kind, "error": "parse error: unexpected end of input" });
        let error = error(status, JSON, &body.to_string()).await;
        assert_eq!(error.to_string(), format!("{kind}: parse error: unexpected end of input"));
    }
}

#[tokio::test]
async fn what_is_no_answer_is_told_once_and_clearly() {
    let page = "<!doctype html><title>Sign in</title>";
    let one = |error: Error| error.to_string();
    assert!(one(error("200 OK", "text/html", page).await).contains("a web page, with status 200"));
    assert!(one(error("200 OK", JSON, "").await).contains("broke off"));
    assert!(one(error("200 OK", JSON, r#"{"status":"success","data":{"resu"#).await).contains("broke off"));
    assert!(
        one(error("404 Not Found", "text/plain", "404 page not found").await).contains("with status 404")
    );
    assert!(one(error("200 OK", JSON, r#"{"hello":"moon"}"#).await).contains("missing field"));
    assert!(
        one(error("200 OK", JSON, r#"{"status":"success","data":{"resultType":"moon","result":[]}}"#).await)
            .contains("unknown variant")
    );
    let odd = r#"{"status":"success","data":{"resultType":"scalar","result":[1,"one"]}}"#;
    assert!(one(error("200 OK", JSON, odd).await).contains("\"one\" is no value"));
    for (status, body) in [("502 Bad Gateway", page), ("500 Internal Server Error", "")] {
        assert!(matches!(error(status, "text/html", body).await, Error::Server { .. }));
    }
    for (status, body) in [("401 Unauthorized", page), ("403 Forbidden", "{}")] {
        assert!(matches!(error(status, "text/html", body).await, Error::TokenRefused { .. }), "{status}");
    }
    assert!(matches!(told(vec![None]).await.0, Err(Error::TimedOut { .. })));
    let elsewhere = b"HTTP/1.1 301 Moved Permanently\r\nlocation: /login\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec();
    assert!(matches!(told(vec![Some(elsewhere)]).await.0, Err(Error::Redirected { .. })));
}

#[tokio::test]
async fn alerts_are_listed_with_their_labels() {
    let body = r#"{"status":"success","data":{"alerts":[
        {"labels":{"alertname":"InstanceDown","job":"campus"},"annotations":{"summary":"gone"},"state":"firing",
         "activeAt":"2026-11-20T09:00:00.5Z","value":"1e+00"},
        {"labels":{"alertname":"Slow"},"annotations":{},"state":"pending","activeAt":null,"value":"NaN"}]}}"#;
    let (address, _server) = server(vec![answer("200 OK", JSON, body)]).await;
    let http = Http::default();
    let alerts =
        Prometheus::new(&http, &format!("http://{address}"), None).unwrap().alerts().await.unwrap().answer;
    assert_eq!(
        (alerts[0].firing, alerts[0].value, alerts[0].active_at),
        (true, Some(1.0), Some(1_795_165_200_500))
    );
    assert_eq!(alerts[0].labels["alertname"], "InstanceDown");
    assert_eq!((alerts[1].firing, alerts[1].active_at), (false, None));
}

#[test]
fn addresses_are_checked_before_anything_is_sent() {
    let http = Http::default();
    for wrong in ["prometheus", "ftp://x", "http://", "http://user:secret@x"] {
        let Err(error) = Prometheus::new(&http, wrong, None) else { panic!("{wrong}") };
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let with = |address| Prometheus::new(&http, address, None).unwrap().address().to_owned();
    assert_eq!(with("http://x:9090"), "http://x:9090/");
    assert_eq!(with("https://x/prom?y#z"), "https://x/prom/");
}

#[test]
fn ranges_are_aligned_and_bounded() {
    assert_eq!(aligned(1_000, 3_601_000, 15_000, 600), (0, 3_600_000, 15_000));
    // A week on 600 pixels: 1,008 s a pixel.
    let (from, to, step) = aligned(7, 604_800_007, 15_000, 600);
    assert_eq!((step, from % step, to % step), (1_008_000, 0, 0));
    assert_eq!(aligned(0, 0, 15_000, 0), (0, 0, 15_000));
    let (from, to, step) = aligned(0, 10_i64.pow(12), 1, 1_000_000);
    assert!((to - from) / step <= MOST_STEPS);
    assert!(expect_steps(0, 11_000_000, 1_000).is_ok());
    assert!(expect_steps(0, 11_001_000, 1_000).unwrap_err().to_string().contains("11,000"));
    assert!(expect_steps(0, 1, 0).is_err() && expect_steps(1, 0, 1).is_err());
}

#[test]
fn times_keep_their_milliseconds() {
    let all = [
        (0, "0"),
        (1_500, "1.500"),
        (-500, "-0.500"),
        (-1_500, "-1.500"),
        (1_795_251_600_007, "1795251600.007"),
    ];
    for (at, text) in all {
        assert_eq!(seconds(at), text);
    }
}
