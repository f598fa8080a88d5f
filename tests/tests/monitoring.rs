//! Monitoring by jalonctl: the own scraper on the sample, alarms and what is done about them, and a real Prometheus.

#![allow(clippy::disallowed_methods, reason = "Prometheus goes by the real clock")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::process::Command;

use serde_json::{Value, json};
use tests::notifications::Notifications;
use tests::process::{Running, run, until};
use tests::prometheus::{Setup, prometheus};
use tests::site::{Site, http};
use tests::watched::{INTERVAL, change, fault, site};
use tests::window::Window;

/// `jalonctl` that looks often.
fn command(site: &Site, words: &[&str]) -> Command {
    let mut command = site.command(words[0]);
    command.args(&words[1..]).env("JALON_SCRAPE_INTERVAL", INTERVAL);
    command
}

/// Exit code, answer and error of a call with `--json`.
fn call(site: &Site, words: &[&str]) -> (i32, Value, Value) {
    let output = run(command(site, words).arg("--json"), "");
    let read = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or(Value::Null);
    (output.status.code().unwrap(), read(&output.stdout), read(&output.stderr)["error"].clone())
}

fn done(site: &Site, words: &[&str]) -> Value {
    let (code, answer, error) = call(site, words);
    assert_eq!(code, 0, "{words:?}: {error} {answer}");
    answer
}

fn watch(site: &Site) -> Running {
    Running::start(&mut command(site, &["monitor", "watch", "--json"]), site.bench.path())
}

/// One alarm as it is listed.
fn alarm(site: &Site, id: &str) -> Value {
    let alarms = done(site, &["alarms", "list"]);
    let found = alarms["alarms"].as_array().unwrap().iter().find(|alarm| alarm["id"] == id);
    found.cloned().unwrap_or_else(|| panic!("{id} is not among {alarms}"))
}

/// Waits until an alarm is in a state, while users go on using the service.
fn until_state(site: &Site, id: &str, state: &str) -> Value {
    let mut last = Value::Null;
    until(&format!("{id} being {state}"), || {
        for _ in 0..5 {
            let _ = http(site.port("dev"), "/courses");
        }
        last = alarm(site, id);
        last["state"] == state
    });
    last
}

#[test]
fn an_alarm_fires_on_the_sample_under_a_fault_and_clears() {
    let site = site();
    // Before anybody looks nothing is known, and that is not fine.
    assert_eq!(alarm(&site, "dev/errors")["state"], "unknown");
    let watching = watch(&site);
    until_state(&site, "dev/errors", "ok");
    until_state(&site, "dev/health", "ok");
    // What was never deployed has no data: that is no fault, and not fine either.
    assert_eq!(alarm(&site, "prod/health")["state"], "no_data");

    // A rate needs two samples before the last point of the plot.
    let mut shown = Value::Null;
    until("every signal's data", || {
        shown = done(&site, &["monitor", "status", "--env", "dev"]);
        shown["signals"].as_array().unwrap().iter().all(|signal| signal["problem"].is_null())
    });
    assert_eq!(shown["source"]["kind"], "own");
    let ids: Vec<&str> =
        shown["signals"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["latency", "errors", "traffic", "saturation"]);
    assert_eq!(shown["deployments"].as_array().unwrap().len(), 2);
    for signal in shown["signals"].as_array().unwrap() {
        let points = signal["series"][0]["points"].as_array().unwrap();
        assert!(
            points.iter().any(|point| point[1].is_null()),
            "an hour ago there was no data: that is null, not zero"
        );
    }
    assert_eq!(shown["signals"][1]["thresholds"][0]["indicator"], "errors");

    fault(&site, "error_rate=1");
    let fired = until_state(&site, "dev/errors", "firing");
    assert_eq!(fired["suspect"]["version"], "v1.1.0");
    assert!(fired["value"].as_f64().unwrap() > 0.05);
    fault(&site, "none");
    until_state(&site, "dev/errors", "ok");
    // The plot keeps when it was.
    let shown = done(&site, &["monitor", "status", "--env", "dev"]);
    let firing = shown["signals"][1]["firing"].as_array().unwrap();
    assert!(firing.iter().any(|span| span[0].is_f64() && span[1].is_f64()), "{firing:?}");
    drop(watching);
    let told = std::fs::read_to_string(site.bench.path().join("jalonctl.log")).unwrap();
    let changes: Vec<Value> = told.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for (from, to) in [("pending", "firing"), ("firing", "recovering"), ("recovering", "ok")] {
        let there = changes.iter().any(|c| c["id"] == "dev/errors" && c["from"] == from && c["to"] == to);
        assert!(there, "{from} -> {to}:\n{told}");
    }
}

#[test]
fn an_alarm_is_silenced_acknowledged_and_acted_on() {
    let site = site();
    let watching = watch(&site);
    until_state(&site, "dev/health", "ok");
    let (code, _, error) = call(&site, &["alarms", "act", "dev/health"]);
    assert_eq!((code, &error["code"]), (3, &json!("monitoring.action_refused")), "{error}");

    fault(&site, "unhealthy");
    let fired = until_state(&site, "dev/health", "firing");
    assert_eq!((&fired["action"]["kind"], &fired["action"]["to"]), (&json!("rollback"), &json!("v1.0.0")));
    assert_eq!(fired["action"]["allowed"], true, "{}", fired["action"]["checks"]);

    done(&site, &["alarms", "silence", "dev/health", "--for", "1h"]);
    assert!(alarm(&site, "dev/health")["silenced_until"].is_string());
    done(&site, &["alarms", "silence", "dev/health", "--for", "0"]);
    assert_eq!(alarm(&site, "dev/health")["silenced_until"], Value::Null);
    done(&site, &["alarms", "ack", "dev/health"]);
    assert!(alarm(&site, "dev/health")["acknowledged"]["at"].is_string());
    let (code, _, error) = call(&site, &["alarms", "ack", "dev/moon"]);
    assert_eq!((code, &error["code"]), (1, &json!("monitoring.alarm_unknown")));

    let rolled = done(&site, &["alarms", "act", "dev/health"]);
    assert_eq!((&rolled["kind"], &rolled["state"]), (&json!("rollback"), &json!("succeeded")), "{rolled}");
    assert_eq!(site.version("dev").as_deref(), Some("1.0.0"));
    let mended = until_state(&site, "dev/health", "ok");
    assert_eq!(mended["acknowledged"], Value::Null, "the next time somebody has to look again");
    let (code, _, error) = call(&site, &["alarms", "act", "dev/health"]);
    assert_eq!((code, &error["code"]), (3, &json!("monitoring.action_refused")));
    let reasons = error["params"]["reasons"].as_str().unwrap();
    assert!(
        reasons.contains("gone back to already") && reasons.contains("the last action here was"),
        "{reasons}"
    );
    drop(watching);
}

#[test]
fn a_restart_is_done_and_a_killed_one_is_interrupted() {
    for killed in [true, false] {
        let site = site();
        site.fault("slow_start=2000");
        site.done("deploy campus --env dev --version v1.1.0");
        // Whatever answers is too slow from now on.
        let never = [("raise = \"> 0.5\"", "raise = \"> -1\""), ("clear = \"< 0.25\"", "clear = \"< -1\"")];
        change(&site, &never);
        let watching = watch(&site);
        let fired = until_state(&site, "dev/latency", "firing");
        let action = &fired["action"];
        assert_eq!((&action["kind"], &action["allowed"]), (&json!("restart"), &json!(true)), "{fired}");
        let before = site.processes("sample-service");
        let id = site.runs().len() + 1;
        let caller =
            Running::start(&mut command(&site, &["alarms", "act", "dev/latency"]), site.bench.path());
        if killed {
            let log = site.bench.home().join(format!("runs/{id}/log"));
            until("a second instance", || {
                std::fs::read_to_string(&log).unwrap_or_default().contains("listens on port")
            });
            assert_eq!(site.kill("run-process"), 1);
        }
        assert_eq!(caller.ended(), Some(i32::from(killed)));
        let run = site.done(&format!("runs show {id}"));
        let state = if killed { "interrupted" } else { "succeeded" };
        assert_eq!((&run["kind"], &run["state"]), (&json!("action"), &json!(state)), "{run}");
        assert_eq!(site.version("dev").as_deref(), Some("1.1.0"), "one of them serves");
        // A killed one leaves no instance, one that was done a new one.
        let anew = || site.processes("sample-service").iter().any(|id| !before.contains(id));
        until("what it leaves", || anew() != killed);
        drop(watching);
    }
}

#[test]
fn samples_are_asked_as_prometheus_is() {
    let site = site();
    let watching = watch(&site);
    until_state(&site, "dev/health", "ok");
    let answer = done(&site, &["monitor", "query", "up", "--env", "dev"]);
    assert_eq!((&answer["status"], &answer["data"]["resultType"]), (&json!("success"), &json!("vector")));
    let series = &answer["data"]["result"][0];
    assert_eq!(series["metric"]["job"], "campus");
    assert_eq!(series["metric"]["environment"], "dev");
    assert_eq!(series["metric"]["instance"], format!("127.0.0.1:{}", site.port("dev")));
    assert_eq!(series["value"][1], "1");
    assert_eq!(done(&site, &["monitor", "query", "up", "--env", "prod"])["data"]["result"], json!([]));
    let (code, answer, error) = call(&site, &["monitor", "query", "sum(", "--env", "dev"]);
    assert_eq!((code, &answer, &error["code"]), (1, &Value::Null, &json!("monitoring.query")), "{error}");
    let range = ["monitor", "query", "up", "--env", "dev", "--from", "0", "--to", "11001", "--step", "1"];
    assert!(call(&site, &range).2["message"].as_str().unwrap().contains("11,000"));
    // A service that crashed is down; one that was stopped is neither up nor down.
    site.kill("local-host");
    let down =
        || done(&site, &["monitor", "query", "up", "--env", "dev"])["data"]["result"][0]["value"][1] == "0";
    until("up being 0", down);
    let shown = done(&site, &["monitor", "status", "--env", "dev"]);
    assert_eq!(shown["source"]["error"]["code"], "monitoring.not_scraped");
    drop(watching);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_prometheus_is_asked_and_its_alerts_stand_beside_the_own() {
    let rule = json!([{ "name": "tests", "rules": [{
        "alert": "AlwaysFiring", "expr": "vector(3)", "labels": { "service": "campus", "severity": "page" },
        "annotations": { "summary": "it always fires" } }] }]);
    let server = prometheus(&Setup { groups: rule, ..Setup::scraping(&[]) }).await;
    let site = Site::new();
    let place = format!("name = \"dev\"\nprometheus = \"{}\"\n", server.address());
    change(&site, &[("name = \"dev\"\n", &place)]);
    // A token goes to no address that nobody saw: it has to be trusted, as a command has.
    let (code, _, error) = call(&site, &["monitor", "query", "up", "--env", "dev"]);
    assert_eq!((code, &error["code"]), (3, &json!("deploy.not_trusted")), "{error}");
    site.done("trust --yes");

    until("samples", || {
        done(&site, &["monitor", "query", "count(up == 1)", "--env", "dev"])["data"]["result"][0]["value"][1]
            == "1"
    });
    let now = jiff::Timestamp::now().as_second();
    let (from, to) = ((now - 60).to_string(), now.to_string());
    for query in ["up", "scrape_samples_scraped > 1e9", "1 / 0", "0 / vector(0)", "\"words\"", "up{x=\"{}\"}"]
    {
        let ours = done(&site, &["monitor", "query", query, "--env", "dev", "--to", &to]);
        let theirs = server.get("/api/v1/query", &[("query", query), ("time", &to)]).await;
        assert_eq!(ours["data"], theirs["data"], "{query}");
    }
    let words = ["monitor", "query", "up", "--env", "dev", "--from", &from, "--to", &to, "--step", "5s"];
    let asked = [("query", "up"), ("start", from.as_str()), ("end", to.as_str()), ("step", "5")];
    assert_eq!(done(&site, &words)["data"], server.get("/api/v1/query_range", &asked).await["data"]);

    let (code, _, error) = call(&site, &["monitor", "query", "sum(", "--env", "dev"]);
    assert_eq!((code, &error["code"]), (1, &json!("monitoring.query")));
    assert!(error["message"].as_str().unwrap().starts_with("bad_data: "), "{error}");

    let mut list = Value::Null;
    until("the alert", || {
        list = done(&site, &["alarms", "list"]);
        list["alarms"].as_array().unwrap().iter().any(|alarm| alarm["name"] == "AlwaysFiring")
    });
    let first = &list["alarms"][0];
    assert_eq!((&first["source"], &first["state"]), (&json!("prometheus"), &json!("firing")), "{list}");
    assert_eq!((&first["environment"], &first["service"]), (&json!("dev"), &json!("campus")));
    assert_eq!((&first["value"], &first["message"]), (&json!(3.0), &json!("it always fires")));
    assert!(list["alarms"].as_array().unwrap().iter().any(|alarm| alarm["id"] == "prod/errors"));
    let id = first["id"].as_str().unwrap();
    done(&site, &["alarms", "silence", id]);
    assert!(alarm(&site, id)["silenced_until"].is_string());

    // Prometheus that is gone is told, and the own alarms are listed all the same.
    drop(server);
    let list = done(&site, &["alarms", "list"]);
    assert_eq!(list["problems"][0]["code"], "monitoring.unreachable");
    assert_eq!(list["alarms"].as_array().unwrap().len(), 6);
    let shown = done(&site, &["monitor", "status", "--env", "dev"]);
    assert_eq!(shown["source"]["error"]["code"], "monitoring.unreachable");
    assert!(shown["signals"][0]["problem"].is_string());
}

/// What a Prometheus calls the service's series, by whom it was set up: environment, and the labels of its targets.
const WAYS: [(&str, &str); 4] = [
    ("dev", r#"{"job": "campus", "environment": "dev"}"#),
    ("services", r#"{"job": "endpoints", "namespace": "ns-services", "service": "campus"}"#),
    ("jobs", r#"{"job": "campus", "namespace": "ns-jobs"}"#),
    ("pods", r#"{"job": "pods", "namespace": "ns-pods", "pod": "campus-7d9f-x2"}"#),
];

#[tokio::test(flavor = "multi_thread")]
async fn golden_signals_come_from_a_real_prometheus_however_it_names_them() {
    let site = Site::new();
    site.done("deploy campus --env dev --version v1.1.0");
    let target = format!("127.0.0.1:{}", site.port("dev"));
    let jobs = WAYS.iter().map(|(name, labels)| {
        let labels: Value = serde_json::from_str(labels).unwrap();
        json!({ "job_name": name, "static_configs": [{ "targets": [target], "labels": labels }] })
    });
    let server = prometheus(&Setup { scrape: jobs.collect(), ..Setup::scraping(&[]) }).await;
    let asked = format!("prometheus = \"{}\"\n", server.address());
    let mut more = String::new();
    for (name, _) in &WAYS[1..] {
        let place = format!(
            "target = {{ kind = \"kubernetes\", context = \"jalon-test\", namespace = \"ns-{name}\" }}"
        );
        more.push_str(&format!("[[environment]]\nname = \"{name}\"\n{asked}{place}\n\n"));
    }
    change(
        &site,
        &[
            ("name = \"dev\"\n", &format!("name = \"dev\"\n{asked}")),
            ("name = \"prod\"\n", &format!("name = \"prod\"\n{asked}")),
            ("# What is deployed.", &format!("{more}# What is deployed.")),
        ],
    );
    site.done("trust --yes");
    for (name, labels) in WAYS {
        let mut shown = Value::Null;
        until(&format!("the four signals of {name}"), || {
            let _ = http(site.port("dev"), "/courses");
            shown = done(&site, &["monitor", "status", "--env", name]);
            let signals = shown["signals"].as_array().unwrap();
            signals.len() == 4 && signals.iter().all(|signal| signal["last"].is_number())
        });
        assert_eq!(
            (&shown["source"]["kind"], &shown["source"]["warnings"]),
            (&json!("prometheus"), &json!([]))
        );
        let labels: Value = serde_json::from_str(labels).unwrap();
        for signal in shown["signals"].as_array().unwrap() {
            assert_eq!(signal["problem"], Value::Null, "{name}: {signal}");
            let query = signal["queries"][0].as_str().unwrap();
            let telling = labels["namespace"].as_str().or(labels["environment"].as_str()).unwrap();
            assert!(query.contains(telling), "{name}: {query}");
            let points = signal["series"][0]["points"].as_array().unwrap();
            assert!(points.iter().any(|point| point[1].is_number()), "{name}: {signal}");
        }
        let of = |id: &str| {
            let all = shown["signals"].as_array().unwrap().iter();
            all.clone().find(|signal| signal["id"] == id).unwrap()["last"].as_f64().unwrap()
        };
        assert!(of("traffic") > 0.0 && of("latency") > 0.0, "{shown}");
        assert_eq!(of("errors"), 0.0, "{shown}");
    }
    // Where no label tells the environments apart, that is said beside what is shown.
    let shown = done(&site, &["monitor", "status", "--env", "prod"]);
    assert!(shown["source"]["warnings"][0].as_str().unwrap().contains("cannot be told apart"), "{shown}");

    fault(&site, "error_rate=1");
    until("errors", || {
        let _ = http(site.port("dev"), "/courses");
        let shown = done(&site, &["monitor", "status", "--env", "dev"]);
        let errors = shown["signals"].as_array().unwrap().iter().find(|signal| signal["id"] == "errors");
        errors.unwrap()["last"].as_f64().is_some_and(|share| share > 0.0)
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_open_window_watches_and_tells_the_desktop() {
    let site = site();
    let desktop = Notifications::start(&site.bench).await;
    let bus = desktop.address.clone();
    // The clock runs: an alarm needs time.
    let variables =
        [("DBUS_SESSION_BUS_ADDRESS", bus.as_str()), ("JALON_SCRAPE_INTERVAL", INTERVAL), ("JALON_NOW", "")];
    let window = Window::open(&site.bench, "http://127.0.0.1:9", &variables).await;
    until_state(&site, "dev/health", "ok");
    fault(&site, "unhealthy");
    until("a notification", || !desktop.shown().is_empty());
    let (title, body) = desktop.shown().remove(0);
    assert_eq!(title, "campus, dev: health is firing");
    assert!(body.starts_with("health: 0") && body.contains("v1.1.0"), "{body}");
    fault(&site, "none");
    until_state(&site, "dev/health", "ok");
    assert_eq!(desktop.shown().len(), 1, "it is told once");
    window.close().await;
}
