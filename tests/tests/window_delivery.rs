//! The sample in the real window: from first start to both documents, with pictures in `artefacts/screens`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use tests::project::Bench;
use tests::site::Site;
use tests::window::Window;

/// Opens the window over a site, as its data folder and home are.
async fn open(site: &Site) -> Window {
    let home = site.bench.path().display().to_string();
    // The clock runs: runs take time, and their figures are real ones.
    Window::open(&site.bench, "http://127.0.0.1:9", &[("HOME", &home), ("JALON_NOW", "")]).await
}

/// Chooses a version in the open deploy dialog and starts.
async fn deploy(window: &Window, environment: &str, version: &str) {
    window.click(&format!("deploy-{environment}")).await;
    window.find("deploy-dialog").await;
    window.click(&format!("version-{version}")).await;
    window.click("confirm-run").await;
}

/// Waits for the run on screen to end with a word.
async fn ends(window: &Window, word: &str) {
    window.find("run-panel").await;
    window.says("run-state", word).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_from_first_start_to_documents() {
    // Only the data folder is there: the window makes the sample itself.
    let site = Site::of(Bench::new(), Vec::new());
    std::fs::remove_dir(site.dir()).unwrap();
    let window = open(&site).await;
    window.resize(1280, 800).await;
    window.click("lang-en").await;
    window.click("theme-light").await;
    window.find("try-sample").await;
    window.picture("20-first-start-sample").await;
    window.accessible("first start with the sample").await;
    window.click("try-sample").await;
    window.find("headline").await;
    window.see("campus").await;
    window.picture("21-overview-sample").await;
    window.accessible("overview of the sample").await;
    std::fs::rename(site.bench.path().join("jalon-sample"), site.dir()).ok();
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deploy_promote_refuse_roll_back_measure_export() {
    let site = Site::new();
    let window = open(&site).await;
    window.resize(1280, 800).await;
    window.find("headline").await;
    window.click("nav-settings").await;
    window.click("settings-look").await;
    window.click("lang-en").await;
    window.click("theme-light").await;
    window.click("nav-deployments").await;
    window.find("env-dev").await;
    window.picture("22-deployments-empty").await;
    window.accessible("deployments, empty").await;

    // Dev.
    window.click("deploy-dev").await;
    window.find("deploy-dialog").await;
    window.picture("23-deploy-dialog").await;
    window.accessible("deploy dialog").await;
    window.click("version-v1.0.0").await;
    window.click("confirm-run").await;
    ends(&window, "Succeeded").await;
    window.picture("24-run").await;
    window.accessible("run").await;
    window.click("run-back").await;
    window.says("promote-prod", "v1.0.0").await;
    assert_eq!(site.version("dev").as_deref(), Some("1.0.0"));

    // Promotion: the name is typed, wrong and right.
    window.click("promote-prod").await;
    window.fill("confirm-name", "pro").await;
    assert!(
        !window.find("confirm-run").await.is_enabled().await.unwrap() || window.has("promote-dialog").await
    );
    window.picture("25-promote-dialog").await;
    window.accessible("promote dialog").await;
    window.fill("confirm-name", "prod").await;
    window.click("confirm-run").await;
    ends(&window, "Succeeded").await;
    window.click("run-back").await;
    assert_eq!(site.version("prod").as_deref(), Some("1.0.0"));

    // A version whose tests fail.
    deploy(&window, "dev", "v1.2.0-rc.1").await;
    ends(&window, "Succeeded").await;
    window.click("run-back").await;
    window.says("promote-prod", "v1.2.0-rc.1").await;
    window.click("promote-prod").await;
    window.fill("confirm-name", "prod").await;
    window.click("confirm-run").await;
    ends(&window, "Refused by the gate").await;
    window.picture("26-refused").await;
    window.accessible("refused run").await;
    window.click("run-back").await;
    window.find("gate-prod").await;
    window.see("Gate closed").await;
    window.picture("27-gate-closed").await;
    window.accessible("closed gate").await;
    assert_eq!(site.version("prod").as_deref(), Some("1.0.0"));

    // A release that breaks, and one that is gone back to.
    deploy(&window, "dev", "v1.2.0-rc.2").await;
    ends(&window, "Failed").await;
    window.see("courses.json").await;
    window.picture("28-failed").await;
    window.accessible("failed run").await;
    window.click("run-back").await;
    window.click("rollback-dev").await;
    window.find("rollback-dialog").await;
    window.picture("29-rollback-dialog").await;
    window.accessible("rollback dialog").await;
    window.click("confirm-run").await;
    ends(&window, "Succeeded").await;
    window.click("run-back").await;
    assert_eq!(site.version("dev").as_deref(), Some("1.0.0"));
    window.find("history-row").await;
    window.picture("30-deployments").await;
    window.accessible("deployments").await;
    window.click("logs-dev").await;
    window.find("service-log").await;
    window.picture("31-service-log").await;
    window.accessible("service log").await;
    window.escape().await;

    // KPIs.
    window.click("nav-kpis").await;
    window.find("plot-frequency").await;
    window.find("kpi-deployment_success_rate").await;
    window.see("n = 1").await;
    window.picture("32-kpis").await;
    window.accessible("kpis").await;
    window.click("kpi-deployment_cycle_time").await;
    window.find("explain").await;
    window.picture("33-kpi-explained").await;
    window.accessible("kpi explained").await;

    // Documents.
    window.click("nav-reports").await;
    window.find("export-docx").await;
    window.picture("34-reports").await;
    window.accessible("reports").await;
    window.click("export-docx").await;
    window.find("export-result").await;
    window.click("export-pptx").await;
    window.see("campus-slides.pptx").await;
    window.picture("35-exported").await;
    window.accessible("exported").await;
    for name in ["campus-report.docx", "campus-slides.pptx"] {
        let bytes = std::fs::read(site.bench.path().join(name)).unwrap();
        assert!(bytes.starts_with(b"PK"), "{name}");
        let folder = tests::process::root().join("artefacts/documents");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), bytes).unwrap();
    }

    // The palette runs what it says.
    window.press(thirtyfour::Key::Control + "k").await;
    window.find("palette").await;
    window.press("deploy").await;
    window.picture("36-palette").await;
    window.accessible("palette").await;
    window.escape().await;

    // French, dark, small.
    window.click("nav-settings").await;
    window.click("settings-look").await;
    window.click("lang-fr").await;
    window.click("theme-dark").await;
    for (nav, wait, name) in [
        ("nav-deployments", "env-dev", "deployments"),
        ("nav-kpis", "plot-frequency", "kpis"),
        ("nav-reports", "export-docx", "reports"),
    ] {
        window.click(nav).await;
        window.find(wait).await;
        window.picture(&format!("40-{name}-fr-dark")).await;
        window.accessible(&format!("{name}, French, dark")).await;
    }
    window.resize(1000, 700).await;
    for (nav, wait, name) in
        [("nav-deployments", "env-dev", "deployments"), ("nav-kpis", "plot-frequency", "kpis")]
    {
        window.click(nav).await;
        window.find(wait).await;
        window.picture(&format!("41-{name}-small")).await;
        window.accessible(&format!("{name}, small")).await;
    }
    window.resize(1280, 800).await;

    // Stop.
    window.click("nav-deployments").await;
    window.click("stop-dev").await;
    window.find("stop-dialog").await;
    window.click("confirm-run").await;
    window.find("run-panel").await;
    window.close().await;
    site.done("runs resume 7");
    assert_eq!(site.version("dev"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_windows_at_once_start_one_deployment() {
    let site = Site::new();
    site.done("deploy campus --env dev --version v1.0.0");
    // The first one waits for a health that never comes, until it is cancelled.
    site.fault("hang_health");
    let (first, second) = (open(&site).await, open(&site).await);
    for window in [&first, &second] {
        window.find("headline").await;
        window.click("nav-deployments").await;
        window.find("env-dev").await;
    }
    second.click("deploy-dev").await;
    second.find("deploy-dialog").await;
    second.click("version-v1.1.0").await;
    deploy(&first, "dev", "v1.1.0").await;
    first.find("run-panel").await;
    second.click("confirm-run").await;
    second.see("deploy.busy").await;
    second.picture("42-busy").await;
    second.accessible("busy").await;
    first.click("run-cancel").await;
    ends(&first, "Cancel").await;
    first.picture("43-cancelled").await;
    first.accessible("cancelled run").await;
    assert_eq!(site.version("dev").as_deref(), Some("1.0.0"));
    assert_eq!(site.runs().len(), 2, "one run, not two");
    first.close().await;
    second.close().await;
}
