//! Monitoring in the real window: an alarm fires on the sample under a fault, is told, offers its action, is acted on, and
//! clears; with pictures in `artefacts/screens`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use serde_json::json;
use tests::watched::{INTERVAL, fault, site};
use tests::window::Window;

/// The row of dev's health in a state.
fn row(state: &str) -> String {
    format!("[data-testid=\"alarm-row\"][data-alarm=\"dev/health\"][data-state=\"{state}\"]")
}

async fn looks(window: &Window, name: &str) {
    window.picture(name).await;
    window.accessible(name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_fires_is_told_is_acted_on_and_clears() {
    let site = site();
    let home = site.bench.path().display().to_string();
    // The clock runs: an alarm needs time.
    let variables = [("HOME", home.as_str()), ("JALON_SCRAPE_INTERVAL", INTERVAL), ("JALON_NOW", "")];
    let window = Window::open(&site.bench, "http://127.0.0.1:9", &variables).await;
    window.resize(1280, 800).await;
    window.find("headline").await;
    window.look("en", "light").await;
    window.click("nav-monitoring").await;
    window.css(&row("ok")).await;
    // Production is shown first, and nothing was brought there.
    window.see("No data").await;
    window.css("[data-testid=\"monitor-environment\"] option[value=\"dev\"]").await.click().await.unwrap();
    window.see("health at 1").await;
    window.find("calm-card").await;
    assert!(!window.has("monitoring-firing").await);
    looks(&window, "80-monitoring-calm").await;

    // It rings wherever the person is.
    window.click("nav-overview").await;
    window.find("headline").await;
    fault(&site, "unhealthy");
    window.find("monitoring-firing").await;
    window.says("alarm-announcer", "health").await;
    looks(&window, "81-overview-firing").await;

    // What, why perhaps, what to do.
    window.click("nav-monitoring").await;
    window.css("[data-testid=\"alarm-card\"][data-alarm=\"dev/health\"][data-state=\"firing\"]").await;
    window.says("alarm-card", "Most likely v1.1.0").await;
    window.says("alarm-card", "Roll back dev to v1.0.0").await;
    assert_ne!(
        window.find("alarm-act").await.attr("aria-disabled").await.unwrap().as_deref(),
        Some("true"),
        "{}",
        window.text_of("alarm-card").await
    );
    looks(&window, "82-monitoring-firing").await;
    window.click("alarm-act").await;
    window.find("act-dialog").await;
    window.see("Correlated, not proven").await;
    looks(&window, "83-monitoring-act").await;
    window.escape().await;
    window.gone("act-dialog").await;
    assert_eq!(site.runs().len(), 2, "nothing is done that nobody confirmed");

    // French, dark, small.
    window.look("fr", "dark").await;
    window.click("nav-monitoring").await;
    window.find("alarm-card").await;
    looks(&window, "84-monitoring-fr-dark").await;
    window.resize(1000, 700).await;
    looks(&window, "85-monitoring-small").await;
    window.resize(1280, 800).await;
    window.look("en", "light").await;
    window.click("nav-monitoring").await;

    // What is confirmed is done, as a run that can be watched.
    assert_eq!(site.version("dev"), None, "it does not serve as long as nobody acts");
    window.click("alarm-act").await;
    window.find("act-dialog").await;
    window.says("confirm-run", "Roll back to v1.0.0").await;
    window.click("confirm-run").await;
    window.find("run-panel").await;
    window.see("Roll back dev to v1.0.0").await;
    window.says("run-state", "Succeeded").await;
    looks(&window, "85-monitoring-acted").await;
    let runs = site.runs();
    assert_eq!(runs.len(), 3, "one run, and no other");
    let run = &runs[0];
    assert_eq!((&run["kind"], &run["state"]), (&json!("rollback"), &json!("succeeded")), "{run}");
    assert_eq!(site.version("dev").as_deref(), Some("1.0.0"));

    // It serves again, and so the alarm is gone.
    window.click("run-back").await;
    window.css(&row("ok")).await;
    window.gone("monitoring-firing").await;
    window.find("calm-card").await;
    looks(&window, "86-monitoring-cleared").await;
    window.close().await;
}
