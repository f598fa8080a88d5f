//! Everything that can go wrong between Jalon and GitHub: one clear message each, stored data intact.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::time::Duration;

use engine::wire::{Overview, ProjectDir, WireError};
use engine::{Engine, Work};
use jiff::Timestamp;
use tests::canary::nowhere;
use tests::github::{Fault, GitHub, TOKEN};
use tests::project::Bench;
use tests::raw::{self, Then};
use tests::team;

fn project(bench: &Bench) -> ProjectDir {
    ProjectDir { dir: bench.dir() }
}

async fn sync(engine: &Engine, bench: &Bench) -> Result<engine::wire::SyncOutcome, WireError> {
    engine::sync(engine, project(bench), &Work::silent()).await.map_err(|error| error.to_wire())
}

async fn overview(engine: &Engine, bench: &Bench) -> Overview {
    engine::overview(engine, project(bench), &Work::silent()).await.unwrap()
}

#[tokio::test]
async fn every_fault_has_one_message_and_keeps_what_was_stored() {
    let github = GitHub::start(team::milestones(), team::issues()).await;
    let bench = Bench::new().with_plan();
    let engine = bench.engine(&github.api, TOKEN);
    let first = sync(&engine, &bench).await.unwrap();
    let before = overview(&engine, &bench).await;
    assert_eq!(before.sync.synced_at, Some(first.synced_at));

    let status = |status, text| Fault::Status(status, vec![], text);
    let faults = [
        (status(401, "Bad credentials"), "github.token_refused", "refused the token"),
        (status(403, "Resource not accessible"), "github.forbidden", "Resource not accessible"),
        (status(404, "Not Found"), "github.not_found", "team/app"),
        (status(410, "Gone"), "github.not_found", "team/app"),
        (status(500, "Oops"), "github.server", "HTTP 500"),
        (status(502, "Bad Gateway"), "github.server", "HTTP 502"),
        (status(418, "Teapot"), "github.server", "Teapot"),
        (Fault::Html, "github.not_json", "a web page"),
        (Fault::HalfJson, "github.cut_off", "broke off"),
        (Fault::Redirect("http://127.0.0.1:9/elsewhere".into()), "github.redirect_elsewhere", "stays with"),
        (Fault::Redirect("https://example.org/repos".into()), "github.redirect_elsewhere", "example.org"),
        (Fault::NextAt("https://example.org/page2".into()), "github.redirect_elsewhere", "example.org"),
        (Fault::SecondPage, "", ""),
    ];
    for (fault, code, words) in faults {
        github.fail(fault.clone());
        match sync(&engine, &bench).await {
            Ok(_) => assert_eq!(code, "", "{fault:?}"),
            Err(error) => {
                assert_eq!(error.code, code, "{fault:?}: {}", error.message);
                assert!(error.message.contains(words), "{fault:?}: {}", error.message);
                assert!(!error.hints.is_empty(), "{fault:?}");
                let after = overview(&engine, &bench).await;
                assert_eq!(after.stages, before.stages, "{fault:?}");
                assert_eq!(after.sync.synced_at, before.sync.synced_at, "{fault:?}");
                assert_eq!(after.sync.error.unwrap().code, code);
            }
        }
    }
    nowhere(&bench, TOKEN);
    github.fail(Fault::None);
    sync(&engine, &bench).await.unwrap();
    assert_eq!(overview(&engine, &bench).await.sync.error, None);
}

#[tokio::test]
async fn a_page_that_fails_half_way_changes_nothing() {
    let many: Vec<_> = (1..=150).map(|n| tests::github::issue(n, "t", 3, None, None)).collect();
    let github = GitHub::start(team::milestones(), many).await;
    let bench = Bench::new().with_plan();
    let engine = bench.engine(&github.api, TOKEN);
    github.fail(Fault::SecondPage);
    assert_eq!(sync(&engine, &bench).await.unwrap_err().code, "github.server");
    assert!(overview(&engine, &bench).await.sync.synced_at.is_none());
    github.fail(Fault::None);
    assert_eq!(sync(&engine, &bench).await.unwrap().issues, 150);
}

#[tokio::test]
async fn limits_say_when_to_try_again_and_are_kept_without_asking() {
    let github = GitHub::start(team::milestones(), team::issues()).await;
    let bench = Bench::new().with_plan();
    let engine = bench.engine(&github.api, TOKEN);
    let now: Timestamp = team::now().parse().unwrap();
    let reset = (now.as_second() + 600).to_string();
    let cases = [
        (429, vec![("retry-after", "90".to_owned())], "t", 90),
        (403, vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", reset)], "t", 601),
        (403, vec![], "You have exceeded a secondary rate limit", 60),
    ];
    for (status, headers, text, seconds) in cases {
        let bench = Bench::new().with_plan();
        let engine = bench.engine(&github.api, TOKEN);
        github.fail(Fault::Status(status, headers, text));
        let error = sync(&engine, &bench).await.unwrap_err();
        assert_eq!(error.code, "github.rate_limited");
        let retry: Timestamp = error.params["retry_at"].parse().unwrap();
        assert_eq!(retry.as_second() - now.as_second(), seconds);

        // Until then nobody is asked, in this process or the next.
        github.take_seen();
        assert_eq!(sync(&engine, &bench).await.unwrap_err().code, "github.rate_limited");
        drop(engine);
        let next = bench.engine(&github.api, TOKEN);
        assert_eq!(sync(&next, &bench).await.unwrap_err().params["retry_at"], error.params["retry_at"]);
        assert!(github.take_seen().is_empty());
    }
    github.fail(Fault::None);
    sync(&engine, &bench).await.unwrap();
}

#[tokio::test]
async fn a_cut_answer_a_closed_port_and_a_wrong_address() {
    let cut = raw::serve(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n[{\"number\":", Then::Close);
    let silent_close = raw::serve(b"", Then::Close);
    let closed = format!("http://127.0.0.1:{}", tests::process::free_port());
    for (api, code) in
        [(cut, "github.cut_off"), (silent_close, "github.cut_off"), (closed, "github.unreachable")]
    {
        let bench = Bench::new().with_plan();
        let error = sync(&bench.engine(&api, TOKEN), &bench).await.unwrap_err();
        assert_eq!(error.code, code, "{api}: {}", error.message);
    }
}

/// Time is paused: it jumps ahead whenever everything waits, so that the limits are reached at once.
#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_is_left_after_its_limit() {
    for head in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n[{\"number\":"] {
        let api = raw::serve(head, Then::Hang);
        let bench = Bench::new().with_plan();
        let engine = bench.engine(&api, TOKEN);
        let start = tokio::time::Instant::now();
        let error = sync(&engine, &bench).await.unwrap_err();
        assert!(["github.timeout", "github.unreachable"].contains(&error.code.as_str()), "{}", error.code);
        assert!(start.elapsed() <= engine::FOREGROUND);
    }
}

/// Time is paused, as above. Four pages and the deployments of 12 s each: every answer comes in its own time, all of them take 60 s.
#[tokio::test(start_paused = true)]
async fn a_repository_that_takes_over_30_s_is_finished_by_the_background() {
    let github = GitHub::start(team::milestones(), team::issues()).await;
    let bench = Bench::new().with_plan();
    let engine = bench.engine(&github.api, TOKEN);
    let (told, mut tries) = tokio::sync::mpsc::unbounded_channel();
    let cancel = tokio_util::sync::CancellationToken::new();
    let journey = async {
        engine::open_project(&engine, project(&bench), &Work::silent()).await.unwrap();
        tries.recv().await.unwrap();
        let before = overview(&engine, &bench).await;
        assert!(before.sync.synced_at.is_some());

        let many: Vec<_> = (1..=250).map(|n| tests::github::issue(n, "t", 3, None, None)).collect();
        github.world().issues = many;
        github.world().delay = Duration::from_secs(12);
        let start = tokio::time::Instant::now();
        let error = sync(&engine, &bench).await.unwrap_err();
        assert_eq!(start.elapsed(), engine::FOREGROUND);
        assert_eq!((error.code.as_str(), error.params["seconds"].as_str()), ("github.timeout", "30"));
        assert!(error.message.contains("team/app"), "{}", error.message);
        assert!(error.hints[0].contains("goes on in the background at once"), "{:?}", error.hints);
        let cut = overview(&engine, &bench).await;
        assert_eq!((cut.stages, cut.sync.synced_at), (before.stages, before.sync.synced_at));
        assert_eq!(cut.sync.error.unwrap().code, "github.timeout");

        // At once, not at its next turn five minutes later; and it takes the time that this needs.
        tries.recv().await.unwrap();
        let took = start.elapsed();
        assert!(took >= Duration::from_secs(30 + 48) && took < Duration::from_secs(30 + 72), "{took:?}");
        let after = overview(&engine, &bench).await;
        assert_eq!(after.sync.error, None);
        let stage = after.stages.iter().find(|stage| stage.number == Some(3)).unwrap();
        assert_eq!((stage.open, stage.closed), (250, 0));
        cancel.cancel();
    };
    let tell = |_dir: &str| told.send(()).unwrap();
    tokio::join!(engine::background::run(&engine, &cancel, tell), journey);
}

#[tokio::test]
async fn cancelling_changes_nothing_and_is_no_failure() {
    let api = raw::serve(b"", Then::Hang);
    let bench = Bench::new().with_plan();
    let engine = bench.engine(&api, TOKEN);
    let work = Work::silent();
    let cancel = work.cancel.clone();
    let (result, ()) = tokio::join!(engine::sync(&engine, project(&bench), &work), async { cancel.cancel() });
    assert_eq!(result.unwrap_err().code(), "engine.cancelled");
    assert_eq!(overview(&engine, &bench).await.sync.error, None);
}

#[tokio::test]
async fn a_renamed_repository_is_followed_on_the_same_host_only() {
    let github = GitHub::start(team::milestones(), team::issues()).await;
    github.world().renamed_to = Some("team/new".into());
    let bench = Bench::new().with_plan();
    let engine = bench.engine(&github.api, TOKEN);
    assert_eq!(sync(&engine, &bench).await.unwrap().milestones, 6);
}

#[tokio::test]
async fn nobody_signed_in_and_no_repository() {
    let github = GitHub::start(vec![], vec![]).await;
    let bench = Bench::new().with_plan();
    bench.write("jalon.toml", "[project]\nname = \"app\"\nplan = \"docs/planning.md\"\n");
    let engine = bench.engine(&github.api, TOKEN);
    assert_eq!(sync(&engine, &bench).await.unwrap_err().code, "github.no_repository");
    let bench = Bench::new().with_plan();
    let engine = bench.engine(&github.api, "");
    let error = sync(&engine, &bench).await.unwrap_err();
    // Without a session bus there is no keychain to ask, with one it holds nothing: nobody is signed in either way.
    assert_eq!(error.code, "github.not_signed_in");
    assert!(github.take_seen().is_empty());
}

#[tokio::test]
async fn unchanged_pages_cost_nothing_and_new_issues_are_found() {
    let many: Vec<_> = (1..=200).map(|n| tests::github::issue(n, "t", 3, None, None)).collect();
    let github = GitHub::start(team::milestones(), many).await;
    let bench = Bench::new().with_plan();
    let engine = bench.engine(&github.api, TOKEN);
    let first = sync(&engine, &bench).await.unwrap();
    assert_eq!((first.issues, first.pages_read, first.pages_unchanged), (200, 3, 0));
    // The last page is full: whether one follows is asked, and costs one request.
    let again = sync(&engine, &bench).await.unwrap();
    assert_eq!((again.issues, again.pages_unchanged), (200, 3));

    // The body of a full page is the same when a page appears after it.
    github.world().issues.push(tests::github::issue(201, "new", 3, None, None));
    assert_eq!(sync(&engine, &bench).await.unwrap().issues, 201);
    github.world().issues.remove(0);
    assert_eq!(sync(&engine, &bench).await.unwrap().issues, 200);

    // Another token owns no ETags of the first.
    let seen = github.take_seen();
    assert!(seen.iter().any(|request| request.status == 304));
    assert!(seen.iter().all(|request| request.authorization.as_deref() == Some(&format!("Bearer {TOKEN}"))));
}

#[tokio::test]
async fn device_flow_waits_for_the_person_and_keeps_the_token_out_of_the_answer() {
    let github = GitHub::start(vec![], vec![]).await;
    let bench = Bench::new().with_plan();
    let engine = bench.engine(&github.api, "");
    let work = Work::silent();
    assert_eq!(
        engine::auth_device_start(&engine, (), &work).await.unwrap_err().code(),
        "github.device_unconfigured"
    );
    let change =
        engine::wire::SettingsChange { device_client_id: Some("client".into()), ..Default::default() };
    engine::change_settings(&engine, change, &work).await.unwrap();
    let code = engine::auth_device_start(&engine, (), &work).await.unwrap();
    assert_eq!(code.user_code, "WDJB-MJHT");
    let status = engine::auth_device_finish(&engine, (), &work).await.unwrap();
    assert!(status.signed_in);
    assert_eq!(status.login.as_deref(), Some("student-a"));
    assert!(!serde_json::to_string(&status).unwrap().contains(TOKEN));
    nowhere(&bench, TOKEN);
    nowhere(&bench, "device-code-canary");
    let code = engine::auth_device_finish(&engine, (), &work).await.unwrap_err().code();
    assert_eq!(code, "github.device_expired");
}

#[tokio::test]
async fn a_wrong_token_is_not_kept() {
    let github = GitHub::start(vec![], vec![]).await;
    let bench = Bench::new();
    let engine = bench.engine(&github.api, "");
    let token = engine::wire::SecretText::new("ghp_wrong".into());
    let error =
        engine::auth_token(&engine, engine::wire::PastedToken { token }, &Work::silent()).await.unwrap_err();
    assert_eq!(error.code(), "github.token_refused");
    let status = engine::auth_status(&engine, (), &Work::silent()).await.unwrap();
    assert!(!status.signed_in);
}

/// Waits for a try of the background that ends like this. There may be more tries than reasons for one: who signs in
/// while it looks whether somebody is signed in wakes it once more.
async fn until_tried(
    tries: &mut tokio::sync::mpsc::UnboundedReceiver<()>,
    engine: &Engine,
    bench: &Bench,
    code: Option<&str>,
) {
    let tried = async {
        loop {
            tries.recv().await.unwrap();
            let sync = overview(engine, bench).await.sync;
            if sync.synced_at.is_some() && sync.error.as_ref().map(|error| error.code.as_str()) == code {
                return;
            }
        }
    };
    tokio::time::timeout(tests::process::LIMIT, tried).await.expect("a try that ends like this");
}

#[tokio::test]
async fn the_background_waits_out_a_limit_and_syncs_when_somebody_signs_in() {
    let github = GitHub::start(team::milestones(), team::issues()).await;
    let bench = Bench::new().with_plan();
    let engine = bench.engine(&github.api, "");
    let work = Work::silent();
    engine::open_project(&engine, project(&bench), &work).await.unwrap();
    let (told, mut tries) = tokio::sync::mpsc::unbounded_channel();
    let cancel = tokio_util::sync::CancellationToken::new();
    let journey = async {
        // Nobody is signed in: it asks nobody, and is woken by the sign-in.
        let token = engine::wire::SecretText::new(TOKEN.into());
        github.world().pending_polls = 0;
        engine::auth_token(&engine, engine::wire::PastedToken { token }, &work).await.unwrap();
        until_tried(&mut tries, &engine, &bench, None).await;
        // A limit of one second is waited out; a person's click meanwhile is told when to try again.
        github.fail(Fault::Status(429, vec![("retry-after", "0".into())], "slow down"));
        engine::open_project(&engine, project(&bench), &work).await.unwrap();
        until_tried(&mut tries, &engine, &bench, Some("github.rate_limited")).await;
        github.fail(Fault::None);
        until_tried(&mut tries, &engine, &bench, None).await;
        cancel.cancel();
    };
    let tell = |_dir: &str| told.send(()).unwrap();
    tokio::join!(engine::background::run(&engine, &cancel, tell), journey);
}

#[tokio::test]
async fn two_syncs_at_once_take_turns() {
    let many: Vec<_> = (1..=150).map(|n| tests::github::issue(n, "t", 3, None, None)).collect();
    let github = GitHub::start(team::milestones(), many).await;
    let bench = Bench::new().with_plan();
    let engine = bench.engine(&github.api, TOKEN);
    let (one, two) = tokio::join!(sync(&engine, &bench), sync(&engine, &bench));
    let mut read = [one.unwrap().pages_read, two.unwrap().pages_read];
    read.sort();
    assert_eq!(read, [0, 3], "whichever came first read for both");
}

#[tokio::test]
async fn the_environments_token_has_nobodys_name() {
    let github = GitHub::start(vec![], vec![]).await;
    let bench = Bench::new();
    let engine = bench.engine(&github.api, "");
    let token = engine::wire::SecretText::new(TOKEN.into());
    engine::auth_token(&engine, engine::wire::PastedToken { token }, &Work::silent()).await.unwrap();
    drop(engine);
    let engine = bench.engine(&github.api, "ghp_of_somebody_else");
    let status = engine::auth_status(&engine, (), &Work::silent()).await.unwrap();
    assert_eq!((status.signed_in, status.login), (true, None));
}
