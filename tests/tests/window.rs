//! The journey in the real window, with pictures of every screen in `artefacts/screens`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use engine::Work;
use engine::wire::ProjectDir;
use tests::canary::nowhere;
use tests::github::{Fault, GitHub, TOKEN};
use tests::keyring::{Keyring, kept};
use tests::project::Bench;
use tests::team;
use tests::window::Window;

#[tokio::test(flavor = "multi_thread")]
async fn the_journey() {
    let github = GitHub::start(team::milestones(), team::issues()).await;
    let issues = team::issues().iter().filter(|issue| issue.get("pull_request").is_none()).count();
    let bench = Bench::new();
    bench.write("docs/project/planning.md", &tests::project::plan());
    bench.write(".git/config", "[remote \"origin\"]\n\turl = git@github.com:team/app.git\n");
    let window = Window::open(&bench, &github.api, &[]).await;

    // First start.
    window.find("first-open").await;
    let theme = window.css("html").await.attr("data-theme").await.unwrap();
    assert_eq!(theme.as_deref(), Some("light"), "the system's, before anybody chose");
    window.click("lang-en").await;
    window.click("theme-light").await;
    window.picture("01-first-start").await;
    window.accessible("first start").await;
    window.click("first-open").await;
    window.fill("folder-input", &bench.dir()).await;
    window.picture("02-folder").await;
    window.accessible("folder").await;
    window.click("folder-continue").await;
    window.find("create-project").await;
    window.see("docs/project/planning.md").await;
    window.picture("03-review").await;
    window.accessible("review").await;
    window.click("create-project").await;

    // The plan, before GitHub.
    window.find("headline").await;
    assert!(
        std::fs::read_to_string(bench.project().join("jalon.toml"))
            .unwrap()
            .contains("github = \"team/app\"")
    );
    window.see("Due next").await;
    window.picture("04-overview-no-github").await;
    window.click("nav-milestones").await;
    window.see(team::title(3)).await;
    window.picture("05-milestones-no-github").await;

    // Token.
    window.click("nav-settings").await;
    window.click("settings-credentials").await;
    window.fill("token-input", "ghp_wrong").await;
    window.click("token-save").await;
    window.see("github.token_refused").await;
    window.picture("06-token-refused").await;
    window.accessible("token refused").await;
    window.fill("token-input", TOKEN).await;
    window.click("token-save").await;
    window.see("student-a").await;
    window.picture("07-signed-in").await;
    window.accessible("credentials").await;
    let source = window.driver.source().await.unwrap();
    assert!(!source.contains(TOKEN), "a typed token is never in the page");

    // Another secret: set, replaced, removed; never shown.
    window.click("secret-add").await;
    window.fill("secret-name", "DATABASE_URL").await;
    window.fill("secret-value", "canary-value-1").await;
    window.click("secret-save").await;
    window.find("secret-DATABASE_URL").await;
    window.picture("07b-secrets").await;
    window.click("secret-replace-DATABASE_URL").await;
    window.fill("secret-value", "canary-value-2").await;
    window.picture("07c-replace").await;
    window.click("secret-save").await;
    window.gone("secret-value").await;
    assert_eq!(kept("DATABASE_URL").as_deref(), Some("canary-value-2"));
    window.click("secret-remove-DATABASE_URL").await;
    window.css("dialog[open]").await;
    window.picture("07d-remove").await;
    window.accessible("remove").await;
    window.click("confirm-remove").await;
    window.gone("secret-DATABASE_URL").await;
    assert_eq!(kept("DATABASE_URL"), None);

    // Sync.
    window.click("nav-overview").await;
    window.click("sync-button").await;
    window.see(team::title(3)).await;
    window.see(&format!("of {issues} issues closed")).await;
    window.picture("08-overview").await;
    window.accessible("overview").await;
    let synced = window.text_of("sync-age").await;
    assert!(synced.contains("now") || synced.contains("min"), "{synced}");
    window.click("nav-milestones").await;
    window.click("stage-3").await;
    window.picture("09-milestones").await;
    window.accessible("milestones").await;
    for key in ["stage-0", "stage-2", "stage-6"] {
        window.click(key).await;
    }
    window.picture("10-milestones-stage-6").await;

    // Language and theme.
    window.click("nav-settings").await;
    window.click("settings-look").await;
    window.picture("11-look").await;
    window.accessible("look").await;
    window.click("lang-fr").await;
    window.click("theme-dark").await;
    window.see("Langue").await;
    window.accessible("look, dark").await;
    for (section, name) in [("project", "12-project"), ("keyboard", "13-keyboard"), ("health", "14-health")] {
        window.click(&format!("settings-{section}")).await;
        if section == "health" {
            window.see("JALON_NOW").await;
        }
        window.picture(&format!("{name}.fr.dark")).await;
        window.accessible(name).await;
    }
    window.click("nav-overview").await;
    window.find("headline").await;
    window.picture("15-overview.fr.dark").await;
    window.accessible("overview, dark").await;
    window.click("nav-milestones").await;
    window.click("stage-3").await;
    window.picture("16-milestones.fr.dark").await;
    window.accessible("milestones, dark").await;
    window.close().await;

    // Offline, after a restart: the same, with its age.
    github.fail(Fault::Status(503, vec![], "down"));
    let window = Window::open(&bench, &github.api, &[]).await;
    window.find("headline").await;
    window.see(&format!("sur {issues}")).await;
    assert_eq!(window.css("html").await.attr("lang").await.unwrap().as_deref(), Some("fr"));
    assert_eq!(window.css("html").await.attr("data-theme").await.unwrap().as_deref(), Some("dark"));
    window.click("sync-button").await;
    window.see("github.server").await;
    window.picture("17-offline.fr.dark").await;
    window.accessible("offline").await;
    let age = window.text_of("sync-age").await;
    assert!(age.contains("Dernier état"), "{age}");
    for canary in [TOKEN, "canary-value"] {
        nowhere(&bench, canary);
    }
    window.close().await;
    for canary in [TOKEN, "canary-value"] {
        nowhere(&bench, canary);
    }
}

/// As if the project had been open in an earlier window.
async fn open_before(bench: &Bench, github: &GitHub) {
    let dir = ProjectDir { dir: bench.dir() };
    engine::open_project(&bench.engine(&github.api, ""), dir, &Work::silent()).await.unwrap();
}

/// As if an earlier window had synced it.
async fn sync_before(bench: &Bench, github: &GitHub) {
    let dir = ProjectDir { dir: bench.dir() };
    engine::sync(&bench.engine(&github.api, TOKEN), dir, &Work::silent()).await.unwrap();
}

/// From a project's overview to its credentials.
async fn credentials(window: &Window) {
    window.find("headline").await;
    window.click("nav-settings").await;
    window.click("settings-credentials").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_by_gh_and_by_code() {
    use std::os::unix::fs::PermissionsExt;
    let github = GitHub::start(team::milestones(), team::issues()).await;
    let bench = Bench::new().with_plan();
    open_before(&bench, &github).await;
    // Outside the bench: the script itself holds the token.
    let bin = tempfile::tempdir().unwrap();
    let gh = bin.path().join("gh");
    std::fs::write(&gh, format!("#!/bin/sh\necho {TOKEN}\n")).unwrap();
    std::fs::set_permissions(&gh, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.path().display());
    let keyring = Keyring::start(&bench);
    let variables = [("PATH", path.as_str()), ("DBUS_SESSION_BUS_ADDRESS", keyring.address.as_str())];
    let window = Window::open(&bench, &github.api, &variables).await;
    credentials(&window).await;
    window.click("signin-gh").await;
    window.picture("25-gh").await;
    window.click("gh-use").await;
    window.see("student-a").await;
    window.close().await;

    nowhere(&bench, TOKEN);
    let bench = Bench::new().with_plan();
    github.world().interval = 1;
    github.world().pending_polls = 1_000;
    open_before(&bench, &github).await;
    let window = Window::open(&bench, &github.api, &variables).await;
    credentials(&window).await;
    window.click("signin-code").await;
    window.fill("client-id-input", "client").await;
    window.click("code-start").await;
    window.find("user-code").await;
    assert!(window.text_of("user-code").await.contains("WDJB"));
    window.picture("26-code").await;
    window.accessible("code").await;
    github.world().pending_polls = 0;
    window.see("student-a").await;
    window.close().await;
    nowhere(&bench, TOKEN);
    nowhere(&bench, "device-code-canary");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_jalons_own_and_no_keychain() {
    let github = GitHub::start(vec![], vec![]).await;
    let bench = Bench::new();
    let bus = format!("unix:path={}", bench.path().join("no-bus").display());
    let window = Window::open(&bench, &github.api, &[("DBUS_SESSION_BUS_ADDRESS", &bus)]).await;
    window.find("first-template").await;
    window.click("lang-en").await;
    window.click("theme-light").await;
    window.click("first-template").await;
    window.fill("folder-input", &bench.dir()).await;
    window.click("folder-continue").await;
    window.find("create-project").await;
    window.picture("20-template").await;
    window.accessible("template").await;
    window.click("create-project").await;
    window.find("headline").await;
    assert!(bench.project().join("docs/planning.md").is_file());
    window.see("Due next").await;
    window.picture("21-template-overview").await;

    window.click("nav-settings").await;
    window.click("settings-credentials").await;
    window.find("keychain-notice").await;
    window.picture("22-no-keychain").await;
    window.accessible("no keychain").await;
    window.fill("token-input", TOKEN).await;
    window.click("token-save").await;
    window.see("student-a").await;
    window.picture("23-memory-only").await;
    window.close().await;

    // Memory only: the next start knows nothing.
    let window = Window::open(&bench, &github.api, &[("DBUS_SESSION_BUS_ADDRESS", &bus)]).await;
    credentials(&window).await;
    window.find("token-input").await;
    assert!(!window.text().await.contains("student-a"));
    window.close().await;
    nowhere(&bench, TOKEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keychain_is_said_before_anything_is_typed() {
    let github = GitHub::start(team::milestones(), team::issues()).await;
    let bench = Bench::new().with_plan();
    open_before(&bench, &github).await;
    let keyring = Keyring::start(&bench);
    keyring.lock();
    let window = Window::open(&bench, &github.api, &[("DBUS_SESSION_BUS_ADDRESS", &keyring.address)]).await;
    credentials(&window).await;
    window.find("keychain-notice").await;
    window.picture("24-locked-keychain").await;
    window.accessible("locked keychain").await;
    window.fill("token-input", TOKEN).await;
    window.click("token-save").await;
    window.see("student-a").await;
    window.close().await;
    nowhere(&bench, TOKEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_sync_shows_progress_and_can_be_cancelled() {
    let github = GitHub::start(team::milestones(), team::issues()).await;
    let bench = Bench::new().with_plan();
    sync_before(&bench, &github).await;
    open_before(&bench, &github).await;
    let hanging = tests::raw::serve(b"", tests::raw::Then::Hang);
    let window = Window::open(&bench, &hanging, &[("JALON_GITHUB_TOKEN", TOKEN)]).await;
    window.find("headline").await;
    window.click("sync-button").await;
    window.find("sync-progress-cancel").await;
    window.picture("33-sync-running").await;
    window.click("sync-progress-cancel").await;
    window.find("sync-button").await;
    assert!(!window.text().await.contains("github."), "cancelling is no failure");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn small_windows_and_the_keyboard() {
    let github = GitHub::start(team::milestones(), team::issues()).await;
    let bench = Bench::new().with_plan();
    sync_before(&bench, &github).await;
    open_before(&bench, &github).await;
    let window =
        Window::open(&bench, &github.api, &[("JALON_GITHUB_TOKEN", TOKEN), ("LANG", "en_US.UTF-8")]).await;
    window.find("headline").await;
    for (width, height) in [(1280, 720), (1000, 800), (640, 480), (1600, 1000)] {
        window.resize(width, height).await;
        for (keys, screen) in [("go", "overview"), ("gm", "milestones")] {
            window.press(keys).await;
            window.css(&format!("[data-testid=\"nav-{screen}\"][aria-current]")).await;
            window.picture(&format!("30-{screen}-{width}x{height}")).await;
            window.accessible(&format!("{screen} at {width}x{height}")).await;
            let wide = "return document.documentElement.scrollWidth <= innerWidth";
            let fits: bool = window.driver.execute(wide, vec![]).await.unwrap().convert().unwrap();
            assert!(fits, "{screen} at {width}x{height} scrolls sideways");
        }
    }
    window.resize(1280, 800).await;
    window.press("?").await;
    window.css("dialog[open]").await;
    window.picture("31-keys").await;
    window.accessible("keys").await;
    window.escape().await;
    window.press(thirtyfour::Key::Control + "k").await;
    window.css("dialog[open]").await;
    window.picture("32-palette").await;
    window.accessible("palette").await;
    window.escape().await;
    window.close().await;
}

/// A plan in which much is odd, and nothing is lost.
const ODD: &str = "---\nteam: app\n---\n# Planning\n\n\
    ## Stage 1: Framing\n\n### Deadline\n\n31/02/2026\n\n### Activities\n- Choose the application\n\n\
    ## Stage 2: Infrastructure\n\n### Milestone\n\n<https://github.com/another-team/elsewhere/milestone/2>\n\n\
    ### Deadline\n\n2026-11-30\n\n### Activities\n- Write the modules\n\n\
    ## Stage 2: Infrastructure again, with a title that is a good deal longer than any title of a stage should be\n\n\
    ### Deadline\n\n2026-11-12\n\n### Activities\n- Write them again\n";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_odd_about_a_plan_is_told_with_its_place() {
    let github = GitHub::start(team::milestones(), team::issues()).await;
    let bench = Bench::new().with_plan();
    bench.write("docs/planning.md", ODD);
    open_before(&bench, &github).await;
    let work = Work::silent();
    let engine = bench.engine(&github.api, "");
    let dir = ProjectDir { dir: bench.dir() };
    let told = engine::milestones(&engine, dir, &work).await.unwrap().diagnostics;
    drop(engine);
    assert!(told.len() >= 4, "{told:?}");
    let window = Window::open(&bench, &github.api, &[("LANG", "en_US.UTF-8")]).await;
    window.find("headline").await;
    window.picture("34-overview-odd-plan").await;
    window.accessible("overview of an odd plan").await;
    window.click("nav-milestones").await;
    window.find("diagnostics").await;
    window.picture("35-diagnostics").await;
    window.css("[data-testid=\"diagnostics\"] button[aria-expanded]").await.click().await.unwrap();
    for found in &told {
        window.see(&format!("docs/planning.md:{}:{}", found.line, found.column)).await;
    }
    window.picture("36-diagnostics-open").await;
    window.accessible("diagnostics").await;
    window.resize(640, 480).await;
    window.picture("36-diagnostics-open-640x480").await;
    window.resize(1280, 800).await;
    window.click("nav-settings").await;
    window.click("settings-look").await;
    window.click("lang-fr").await;
    window.click("theme-dark").await;
    window.click("nav-milestones").await;
    window.css("[data-testid=\"diagnostics\"] button[aria-expanded]").await.click().await.unwrap();
    window.picture("37-diagnostics-open.fr.dark").await;
    window.accessible("diagnostics, dark").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recent_projects_are_listed_opened_and_forgotten() {
    let github = GitHub::start(vec![], vec![]).await;
    let bench = Bench::new().with_plan();
    let long = "a-folder/whose-path-is-rather-long/because-somebody-sorts-by-year-and-course/2026/devops";
    let folders = ["gone", "site", long].map(|name| bench.path().join(name));
    for (folder, name) in folders.iter().zip(["gone", "site", "infrastructure-of-the-second-team-2026"]) {
        std::fs::create_dir_all(folder.join("docs")).unwrap();
        std::fs::copy(bench.project().join("docs/planning.md"), folder.join("docs/planning.md")).unwrap();
        let config = std::fs::read_to_string(bench.project().join("jalon.toml")).unwrap();
        std::fs::write(folder.join("jalon.toml"), config.replace("\"app\"", &format!("\"{name}\""))).unwrap();
        let dir = ProjectDir { dir: folder.display().to_string() };
        engine::open_project(&bench.engine(&github.api, ""), dir, &Work::silent()).await.unwrap();
    }
    open_before(&bench, &github).await;
    engine::close_project(&bench.engine(&github.api, ""), (), &Work::silent()).await.unwrap();
    std::fs::remove_dir_all(&folders[0]).unwrap();

    let window = Window::open(&bench, &github.api, &[("LANG", "en_US.UTF-8")]).await;
    window.find("first-open").await;
    let rows = "section.recent li";
    let names = async || {
        let text =
            "return [...document.querySelectorAll('section.recent .name')].map((one) => one.innerText)";
        window.driver.execute(text, vec![]).await.unwrap().convert::<Vec<String>>().unwrap()
    };
    window.css(rows).await;
    let mut listed = names().await;
    listed.sort();
    assert_eq!(listed, ["app", "gone", "infrastructure-of-the-second-team-2026", "site"]);
    window.picture("38-recent").await;
    window.accessible("recent projects").await;
    window.resize(640, 480).await;
    window.picture("38-recent-640x480").await;
    window.resize(1280, 800).await;
    window.click("theme-dark").await;
    window.click("lang-fr").await;
    window.picture("38-recent.fr.dark").await;
    window.click("lang-en").await;
    window.click("theme-light").await;

    // One whose folder is gone says so where it stands, and can be taken out.
    let gone = format!("section.recent li button.open[title=\"{}\"]", folders[0].display());
    window.css(&gone).await.click().await.unwrap();
    window.see("project.not_found").await;
    window.picture("39-recent-gone").await;
    window.accessible("a recent project that is gone").await;
    let remove =
        format!("section.recent li:has(button.open[title=\"{}\"]) button:not(.open)", folders[0].display());
    window.css(&remove).await.click().await.unwrap();
    let start = tokio::time::Instant::now();
    while names().await.len() != 3 {
        assert!(start.elapsed() < tests::process::LIMIT, "{:?}", names().await);
    }
    let site = format!("section.recent li button.open[title=\"{}\"]", folders[1].display());
    window.css(&site).await.click().await.unwrap();
    window.find("headline").await;
    window.see("site").await;
    // The menu under the project's name lists the others.
    window.click("project-menu").await;
    window.css("[role=\"menu\"]").await;
    window.see("infrastructure-of-the-second-team").await;
    window.picture("39b-project-menu").await;
    window.accessible("menu of projects").await;
    window.close().await;
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_window_in_order() {
    let bench = Bench::new();
    let mut command = std::process::Command::new(tests::process::built("jalon"));
    command.envs(bench.variables("http://127.0.0.1:9"));
    let window = tests::process::Running::start(&mut command, bench.path());
    let said = || std::fs::read_to_string(bench.path().join("jalon.log")).unwrap_or_default();
    tests::process::until("the window", || said().contains("window ready"));
    let mut kill = std::process::Command::new("kill");
    assert!(tests::process::run(kill.args(["-INT", &window.id().to_string()]), "").status.success());
    assert_eq!(window.ended(), Some(130), "not by the signal itself, which others may have caught");
}
