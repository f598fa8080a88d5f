use super::*;
use crate::kubernetes::stub::{Fault, Stub, objects};

const LONG: Duration = Duration::from_secs(60);

fn of(pod: &str) -> LogOf<'_> {
    LogOf { pod, container: None, previous: false }
}

#[tokio::test]
async fn the_last_lines_are_read_and_cleaned() {
    let stub = Stub::start().await;
    stub.put("pods", objects::running("web-1", "web-1-a", true));
    stub.log("web-1-a/app", "one\n\u{1b}[31mtwo\u{1b}[0m\r\nthree\tx\n");
    let lines = logs(&stub.client(), "shop", &of("web-1-a"), 2, LONG).await.unwrap();
    assert_eq!(lines, ["[31mtwo[0m", "three\tx"]);
}

#[tokio::test]
async fn a_log_is_bounded() {
    let stub = Stub::start().await;
    stub.put("pods", objects::running("web-1", "web-1-a", true));
    stub.log("web-1-a/app", &format!("{}\n", "x".repeat(20_000)).repeat(100));
    let lines = logs(&stub.client(), "shop", &of("web-1-a"), 1000, LONG).await.unwrap();
    assert!(lines.iter().all(|line| line.len() <= LONGEST));
    assert!(lines.len() <= 53, "{}", lines.len());
}

#[tokio::test]
async fn why_there_is_no_log_is_told() {
    let stub = Stub::start().await;
    stub.put("pods", objects::running("web-1", "web-1-a", true));
    stub.put("pods", objects::waiting("web-1", "web-1-b", "ContainerCreating", ""));
    let client = stub.client();
    let why = async |of: LogOf<'_>| logs(&client, "shop", &of, 10, LONG).await.unwrap_err();
    assert_eq!(why(of("gone")).await, LogError::NoPod { pod: "gone".into() });
    let other = LogOf { container: Some("db"), ..of("web-1-a") };
    assert_eq!(why(other).await.to_string(), "the pod web-1-a has no container db; it has app");
    assert_eq!(why(of("web-1-b")).await.code(), "not_started");
    assert_eq!(why(LogOf { previous: true, ..of("web-1-a") }).await.code(), "no_previous");
    stub.next("log pods", &[Fault::Status(403, 0), Fault::Status(503, 0)]);
    assert_eq!(why(of("web-1-a")).await.code(), "forbidden");
    assert_eq!(why(of("web-1-a")).await.code(), "busy");
    stub.next("log pods", &[Fault::Hang]);
    let late = logs(&client, "shop", &of("web-1-a"), 10, Duration::from_millis(300)).await.unwrap_err();
    assert_eq!(late.code(), "no_answer");
}

#[tokio::test]
async fn the_log_of_before_a_restart_is_another() {
    let stub = Stub::start().await;
    stub.put("pods", objects::crashing("web-1", "web-1-a", 2));
    stub.log("web-1-a/app", "again\n");
    stub.log("web-1-a/app/previous", "no database\n");
    let client = stub.client();
    let previous = LogOf { previous: true, ..of("web-1-a") };
    assert_eq!(logs(&client, "shop", &previous, 10, LONG).await.unwrap(), ["no database"]);
    assert_eq!(logs(&client, "shop", &of("web-1-a"), 10, LONG).await.unwrap(), ["again"]);
}
