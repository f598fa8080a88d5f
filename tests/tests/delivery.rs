//! The sample by `jalonctl`: deploy, promote, refuse, roll back, measure, export; and everything that can go wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::net::{Ipv4Addr, TcpListener};

use serde_json::{Value, json};
use tests::process::{run, until};
use tests::site::{Site, http};

fn steps(run: &Value) -> Vec<String> {
    let steps = run["steps"].as_array().unwrap();
    steps
        .iter()
        .map(|step| format!("{} {}", step["id"].as_str().unwrap(), step["state"].as_str().unwrap()))
        .collect()
}

#[test]
fn the_journey() {
    let site = Site::new();
    assert_eq!(site.done("plan show")["diagnostics"], json!([]));
    assert!(site.done("plan show")["stages"].as_array().unwrap().len() >= 6);
    assert_eq!(site.runs(), Vec::<Value>::new(), "no invented history");
    assert_eq!(site.done("kpis")["kpis"][0]["state"], "no_data");

    let run = site.done("deploy campus --env dev");
    assert_eq!((&run["state"], &run["version"]), (&json!("succeeded"), &json!("v1.1.0")));
    assert_eq!(steps(&run), ["export done", "start done", "health done", "switch done"]);
    assert_eq!(site.version("dev").as_deref(), Some("1.1.0"));

    // Production wants its name, then runs the tests of that commit.
    assert_eq!(site.refused("promote campus --from dev --to prod", 3), "gate.unconfirmed");
    assert_eq!(site.refused("promote campus --from dev --to prod --confirm dev", 3), "gate.confirm");
    assert_eq!(site.refused("promote campus --from dev --to prod --yes", 3), "gate.unconfirmed");
    assert_eq!(site.runs().len(), 1, "what was refused changed nothing");
    let run = site.done("promote campus --from dev --to prod --confirm prod");
    assert_eq!(steps(&run)[..2], ["gate done", "tests done"]);
    assert_eq!((&run["promoted_from"], site.version("prod").as_deref()), (&json!("dev"), Some("1.1.0")));
    let log = site.done(&format!("runs log {}", run["id"].as_str().unwrap()));
    let said = |words: &str| {
        log["lines"].as_array().unwrap().iter().any(|l| l["text"].as_str().unwrap().contains(words))
    };
    assert!(said("11 of 11 checks passed") && said("healthy at /health"));

    // Not what never ran in dev, however it is asked for.
    assert_eq!(site.refused("deploy campus --env prod --version v1.0.0 --confirm prod", 3), "gate.closed");

    // A version whose tests fail runs in dev and is refused for production, at first by its run, then at once.
    site.done("deploy campus --env dev --version v1.2.0-rc.1");
    let (code, run) = site.json("promote campus --from dev --to prod --confirm prod");
    assert_eq!((code, &run["state"], &run["refused"]), (3, &json!("cancelled"), &json!(true)));
    assert_eq!(run["reason"]["code"], "local.tests_failed");
    assert_eq!(site.refused("promote campus --from dev --to prod --confirm prod", 3), "gate.closed");
    assert_eq!(site.version("prod").as_deref(), Some("1.1.0"));

    // A release that breaks: what served before still does.
    let (code, run) = site.json("deploy campus --env dev --version v1.2.0-rc.2");
    assert_eq!((code, &run["reason"]["code"]), (1, &json!("local.crashed")));
    assert!(run["reason"]["message"].as_str().unwrap().contains("courses.json"), "the cause is named: {run}");
    assert_eq!(site.version("dev").as_deref(), Some("1.2.0-rc.1"));
    site.done("rollback campus --env dev");
    assert_eq!(site.version("dev").as_deref(), Some("1.1.0"));
    assert_eq!(site.refused("rollback campus --env prod --confirm prod", 1), "deploy.release_unknown");
    site.done("rollback campus --env dev --to v1.2.0-rc.1");
    assert_eq!(site.version("dev").as_deref(), Some("1.2.0-rc.1"));

    let kpis = site.done("kpis");
    let kpi = |id: &str| kpis["kpis"].as_array().unwrap().iter().find(|kpi| kpi["id"] == id).unwrap().clone();
    let rate = kpi("deployment_success_rate");
    assert_eq!(
        (&rate["value"], &rate["n"], &rate["excluded"]["cancelled"]),
        (&json!(1.0), &json!(1), &json!(1))
    );
    assert!(rate["interval"][0].as_f64().unwrap() < 0.5, "one success proves little");
    assert!(kpi("deployment_cycle_time")["interval"].is_null());
    let dev = site.done("kpis --env dev");
    assert_eq!(dev["kpis"][2]["n"], 5, "four successes and a failure");
    assert_eq!(site.refused("kpis --env moon", 1), "deploy.environment_unknown");
    for (name, file) in [("frequency", "f.svg"), ("cycle_time", "c.png"), ("success_rate", "s.svg")] {
        let path = site.bench.path().join(file);
        site.done(&format!("kpis --plot {name} --out {}", path.display()));
        let bytes = std::fs::read(path).unwrap();
        assert!(bytes.starts_with(b"<svg") || bytes.starts_with(b"\x89PNG"), "{file}");
    }

    let out = |file: &str| site.bench.path().join(file).display().to_string();
    let report = site.done(&format!("report export --format docx --out {}", out("report.docx")));
    let slides = site.done(&format!("slides export --format pptx --out {}", out("slides.pptx")));
    for exported in [&report, &slides] {
        assert_eq!((&exported["unchanged"], exported["notes"].is_array()), (&json!(true), true));
        assert!(std::fs::read(exported["path"].as_str().unwrap()).unwrap().starts_with(b"PK"));
    }
    assert_eq!(
        site.refused(&format!("report export --format odt --out {}", out("x.odt")), 1),
        "report.format_unknown"
    );

    assert!(!site.done("logs campus --env dev")["lines"].as_array().unwrap().is_empty());
    assert_eq!(site.refused("stop campus --env prod", 3), "gate.unconfirmed");
    site.done("stop campus --env prod --confirm prod");
    assert_eq!(site.version("prod"), None);
    assert_eq!(site.refused("stop campus --env prod --confirm prod", 1), "deploy.nothing_runs");
    assert!(site.runs().iter().all(|run| run["state"] != "running"));
}

#[test]
fn changed_files_are_marked_in_dev_and_refused_for_production() {
    let site = Site::new();
    std::fs::write(site.dir().join("README.md"), "changed\n").unwrap();
    let run = site.done("deploy campus --env dev");
    assert_eq!((&run["dirty"], &run["version"]), (&json!(true), &json!("v1.1.0-dirty")));
    assert_eq!(site.refused("promote campus --from dev --to prod --confirm prod", 3), "gate.closed");
    // Even what is committed does not go to production from a working tree with changes.
    site.done("deploy campus --env dev --version v1.0.0");
    assert_eq!(site.refused("promote campus --from dev --to prod --confirm prod", 3), "gate.dirty");
    // Files that changed are brought back as they were.
    std::fs::write(site.dir().join("README.md"), "changed again\n").unwrap();
    let run = site.done("rollback campus --env dev");
    assert_eq!(run["version"], "v1.1.0-dirty");
}

#[test]
fn nothing_of_a_repository_runs_before_it_is_trusted() {
    let site = Site::new();
    let path = site.dir().join("jalon.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let marker = site.bench.path().join("ran");
    let evil = format!("command = [\"touch\", {:?}, \"--\",", marker.display().to_string());
    std::fs::write(&path, text.replace("command = [", &evil)).unwrap();
    assert_eq!(site.refused("deploy campus --env dev", 3), "deploy.not_trusted");
    assert_eq!(site.refused("trust", 3), "deploy.not_trusted");
    assert_eq!(site.refused("trust --digest 0000", 3), "deploy.not_trusted");
    assert!(!marker.exists() && site.runs().is_empty());
    site.done("trust --yes");
    let (code, _) = site.json("deploy campus --env dev");
    assert_eq!(code, 1, "it runs now, and ends at once");
    assert!(marker.exists());
}

#[test]
fn bad_releases_fail_by_name_and_leave_what_serves_alone() {
    let site = Site::new();
    site.done("deploy campus --env dev --version v1.0.0");
    for (fault, code) in [
        ("crash_at_start", "local.crashed"),
        ("unhealthy", "local.never_healthy"),
        ("hang_health", "local.never_healthy"),
    ] {
        site.fault(fault);
        let words = "deploy campus --env dev --version v1.1.0 --json";
        let output = run(site.command(words).env("JALON_HEALTH_TIMEOUT", "1"), "");
        let run: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&run["state"], &run["reason"]["code"]), (&json!("failed"), &json!(code)), "{fault}");
        assert_eq!(site.version("dev").as_deref(), Some("1.0.0"), "{fault}");
        assert_eq!(site.processes("sample-service").len(), 1, "{fault}: the candidate is gone");
    }
    // A service that floods its log works, and its log stays bounded.
    site.fault("flood_log");
    site.done("deploy campus --env dev --version v1.1.0");
    assert_eq!(site.version("dev").as_deref(), Some("1.1.0"));
    // One that ends by itself later is seen.
    site.fault("crash_after=0");
    let _ = site.json("deploy campus --env dev --version v1.0.0");
    site.fault("none");
    site.done("deploy campus --env dev --version v1.0.0");
}

#[test]
fn commands_and_ports_that_cannot_be_are_named() {
    let site = Site::new();
    let path = site.dir().join("jalon.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replace("\"${JALON}\", \"sample-service\",\n    \"--port\"", "\"no-such-program\", \"--port\""),
    )
    .unwrap();
    site.done("trust --yes");
    let (code, run) = site.json("deploy campus --env dev");
    assert_eq!((code, &run["reason"]["code"]), (1, &json!("local.command_failed")));
    assert!(run["reason"]["message"].as_str().unwrap().contains("no-such-program"));
    std::fs::write(&path, text.replace("${FAULT:-none}", "${NOT_SET}")).unwrap();
    site.done("trust --yes");
    assert_eq!(site.refused("deploy campus --env dev", 1), "deploy.variable_unset");
    std::fs::write(&path, &text).unwrap();

    let foreign = TcpListener::bind((Ipv4Addr::LOCALHOST, site.port("dev"))).unwrap();
    let (code, run) = site.json("deploy campus --env dev");
    assert_eq!((code, &run["reason"]["code"]), (1, &json!("local.port_taken")));
    drop(foreign);
    site.done("deploy campus --env dev");
    assert_eq!(site.refused("deploy campus --env moon", 1), "deploy.environment_unknown");
    assert_eq!(site.refused("deploy moon --env dev", 1), "deploy.service_unknown");
    assert_eq!(site.refused("deploy campus --env dev --version v9", 1), "git.unknown_version");
    assert_eq!(site.refused("runs show 99", 1), "run.unknown");
}

#[test]
fn two_at_once_are_told_apart_and_one_can_be_cancelled() {
    let site = Site::new();
    site.done("deploy campus --env dev --version v1.0.0");
    site.fault("hang_health");
    let first = site.start("deploy campus --env dev --version v1.1.0");
    until("the first deployment", || site.runs()[0]["state"] == "running");
    let id = site.runs()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(site.refused("deploy campus --env dev --version v1.1.0", 1), "deploy.busy");
    site.done(&format!("runs cancel {id}"));
    assert_eq!(first.ended(), Some(1));
    let run = site.done(&format!("runs show {id}"));
    assert_eq!((&run["state"], &run["reason"]["code"]), (&json!("cancelled"), &json!("run.cancelled")));
    assert_eq!(site.version("dev").as_deref(), Some("1.0.0"));
    assert_eq!(site.processes("sample-service").len(), 1, "the candidate is gone");
}

#[test]
fn a_killed_jalonctl_loses_nothing() {
    let site = Site::new();
    site.fault("slow_start=1500");
    let caller = site.start("deploy campus --env dev --version v1.0.0");
    until("the deployment", || site.runs().first().is_some_and(|run| run["state"] == "running"));
    drop(caller);
    let run = site.done("runs resume 1");
    assert_eq!(run["state"], "succeeded", "the run went on without who asked for it");
    assert_eq!(site.version("dev").as_deref(), Some("1.0.0"));
    assert_eq!(site.runs().len(), 1);
}

/// Kills the run of a call at the moment when its log has so many lines, or after its end. What had ended before the kill
/// keeps its end; what had not is never called a success.
fn killed_at(site: &Site, words: &str, lines: usize) -> Value {
    let id = site.runs().len() + 1;
    let name = id.to_string();
    let caller = site.start(words);
    let log = site.bench.home().join(format!("runs/{id}/log"));
    let ended = || {
        site.runs().first().is_some_and(|run| {
            run["id"].as_str() == Some(&name) && run["state"] != "running" && run["state"] != "planned"
        })
    };
    until("the moment", || {
        let written = std::fs::read_to_string(&log).unwrap_or_default().lines().count();
        (written >= lines && !site.processes("run-process").is_empty()) || ended()
    });
    let killed = site.kill("run-process");
    drop(caller);
    let run = site.done(&format!("runs show {id}"));
    let state = run["state"].as_str().unwrap();
    assert!(
        state == "interrupted"
            || (state == "succeeded" && run["finished"].is_string())
            // Killed before it began, and its caller saw that first.
            || (state == "failed" && run["reason"]["code"] == "run.not_started"),
        "{words} {lines}: {run}"
    );
    assert!(state == "succeeded" || killed > 0, "{words} {lines}: {run}");
    assert_eq!(site.runs().len(), id, "no run is lost or doubled");
    run
}

#[test]
fn a_killed_run_is_interrupted_wherever_it_was() {
    let site = Site::new();
    site.done("deploy campus --env dev --version v1.0.0");
    // From the first line to the last.
    for lines in 0..7 {
        site.fault(if lines % 2 == 0 { "slow_start=300" } else { "none" });
        let run = killed_at(&site, "deploy campus --env dev --version v1.1.0", lines);
        if run["state"] == "succeeded" {
            assert_eq!(site.version("dev").as_deref(), Some("1.1.0"));
        }
        assert!(site.version("dev").is_some(), "somebody always serves");
        site.fault("none");
        site.done("deploy campus --env dev --version v1.0.0");
        assert_eq!(site.version("dev").as_deref(), Some("1.0.0"));
        until("the end of stray instances", || site.processes("sample-service").len() <= 2);
    }
}

#[test]
fn a_killed_rollback_is_interrupted_wherever_it_was() {
    let site = Site::new();
    site.fault("slow_start=300");
    site.done("deploy campus --env dev --version v1.0.0");
    for lines in 0..5 {
        site.done("deploy campus --env dev --version v1.1.0");
        if lines % 2 == 0 {
            // Nothing is kept warm: going back has to start it.
            site.done("stop campus --env dev");
            site.done("deploy campus --env dev --version v1.1.0");
        }
        let run = killed_at(&site, "rollback campus --env dev --to v1.0.0", lines);
        let version = site.version("dev").expect("somebody always serves");
        assert!(version == "1.0.0" || run["state"] != "succeeded", "{lines}: {version} {run}");
        site.done("deploy campus --env dev --version v1.0.0");
        assert_eq!(site.version("dev").as_deref(), Some("1.0.0"));
        until("the end of stray instances", || site.processes("sample-service").len() <= 2);
    }
}

#[test]
fn a_killed_stop_is_interrupted_wherever_it_was() {
    let site = Site::new();
    for lines in 0..3 {
        site.done("deploy campus --env dev --version v1.0.0");
        let run = killed_at(&site, "stop campus --env dev", lines);
        let serves = site.version("dev").is_some();
        assert!(run["state"] != "succeeded" || !serves, "{lines}: {run}");
        // Asked once more, it is done; where it was done already, that is said.
        let (code, again, error) = site.full("stop campus --env dev");
        assert!(code == 0 || error["code"] == "deploy.nothing_runs", "{lines}: {error} {again}");
        assert_eq!(site.version("dev"), None);
        until("the end of every instance", || site.processes("sample-service").is_empty());
    }
}

#[test]
fn a_killed_host_is_told_and_tidied_up() {
    let site = Site::new();
    site.done("deploy campus --env dev --version v1.0.0");
    assert_eq!(site.kill("local-host"), 1);
    assert_eq!(site.version("dev"), None, "nobody listens");
    site.done("deploy campus --env dev --version v1.1.0");
    assert_eq!(site.version("dev").as_deref(), Some("1.1.0"));
    until("the end of what the dead host left", || site.processes("sample-service").len() == 1);
    // Stopping what is lost ends what it left, too.
    site.kill("local-host");
    site.done("stop campus --env dev");
    assert!(site.processes("sample-service").is_empty());
}

#[test]
fn secrets_reach_the_service_and_nothing_else() {
    const CANARY: &str = "canary-secret-0123456789";
    let site = Site::new();
    let path = site.dir().join("jalon.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("name = \"dev\"\n", "name = \"dev\"\nsecrets = [\"TOKEN\"]\n", 1))
        .unwrap();
    let deploy = || site.command("deploy campus --env dev --version v1.0.0 --json");
    let output = run(&mut deploy(), "");
    assert!(String::from_utf8_lossy(&output.stderr).contains("deploy.secret_missing"));
    let output = run(deploy().env("JALON_SECRET_TOKEN", CANARY), "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let environ = |id: u32| {
        String::from_utf8_lossy(&std::fs::read(format!("/proc/{id}/environ")).unwrap()).into_owned()
    };
    let service = site.processes("sample-service");
    assert!(environ(service[0]).contains(&format!("TOKEN={CANARY}")));
    for host in site.processes("local-host") {
        assert!(!environ(host).contains(CANARY), "the host needs no secret in its environment");
    }
    tests::canary::nowhere(&site.bench, CANARY);
}

#[test]
fn requests_survive_a_switch() {
    let site = Site::new();
    site.done("deploy campus --env dev --version v1.0.0");
    let port = site.port("dev");
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            let (mut answered, mut failed) = (0, Vec::new());
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                match http(port, "/courses") {
                    Ok(_) => answered += 1,
                    Err(error) => failed.push(error.to_string()),
                }
            }
            (answered, failed)
        });
        for version in ["v1.1.0", "v1.0.0", "v1.1.0"] {
            site.done(&format!("deploy campus --env dev --version {version}"));
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        let (answered, failed) = load.join().unwrap();
        assert!(failed.is_empty() && answered > 0, "{answered} answered, {failed:?}");
    });
}

#[test]
fn kpis_of_any_tools_events() {
    let site = Site::new();
    let path = site.bench.path().join("events.jsonl");
    let attempt = |id: &str, number: u32, requested: &str, finished: &str, outcome: &str| {
        json!({
            "type": "attempt", "id": id, "service": "app", "environment": "prod", "production": true, "sha": "a1",
            "attempt": number, "requested": requested, "started": requested, "finished": finished,
            "outcome": outcome, "kind": "planned",
        })
    };
    // A failure and its retry are one chain, counted from the first request.
    let lines = [
        attempt("1", 1, "2026-11-02T10:00:00Z", "2026-11-02T10:05:00Z", "failure"),
        attempt("2", 2, "2026-11-02T10:20:00Z", "2026-11-02T10:30:00Z", "success"),
    ];
    let text = lines.map(|line| line.to_string()).join("\n");
    std::fs::write(&path, &text).unwrap();
    let words = format!("kpis --events {} --from 2026-11-02 --to 2026-11-09", path.display());
    let kpis = site.done(&words);
    let ids: Vec<&str> =
        kpis["kpis"].as_array().unwrap().iter().map(|kpi| kpi["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 7);
    assert_eq!(
        (&kpis["kpis"][0]["value"], &kpis["kpis"][1]["value"], &kpis["kpis"][2]["value"]),
        (&json!(1800.0), &json!(1.0), &json!(0.5))
    );
    assert_eq!(kpis["kpis"][5]["state"], "no_data");
    // Half a file computes nothing, and every bad line is named.
    std::fs::write(&path, format!("{text}\nnot json\n{{\"type\":\"moon\"}}\n")).unwrap();
    let (code, answer, error) = site.full(&words);
    assert_eq!((code, &answer, &error["code"]), (1, &Value::Null, &json!("kpis.bad_lines")));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("line 3") && message.contains("line 4"), "{message}");
    assert_eq!(site.refused("kpis --from 2026-11-09 --to 2026-11-02", 1), "kpis.bad_window");
}
