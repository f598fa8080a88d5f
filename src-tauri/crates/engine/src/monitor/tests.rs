//! Looks at probes with a clock of the test's own; nothing is deployed, and nobody is asked but this computer.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::project::Project;
use crate::wire::*;
use crate::{Engine, Fallback, Surroundings, Work};

struct Scene {
    seconds: Arc<AtomicI64>,
    engine: Engine,
    project: Project,
    _folder: TempDir,
}

/// A project whose indicator `page` asks an address where nobody listens.
fn scene(indicators: &str) -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("project");
    std::fs::create_dir(&dir).unwrap();
    let text = format!(
        "[project]\nname = \"campus\"\n[[environment]]\nname = \"prod\"\nproduction = true\n\
         target = {{ kind = \"local\", port = 1 }}\n{indicators}"
    );
    std::fs::write(dir.join("jalon.toml"), text).unwrap();
    let variables = [("JALON_HOME".into(), folder.path().join("home").into())];
    let mut around = Surroundings::read(variables, None, Fallback::Memory).unwrap();
    let seconds = Arc::new(AtomicI64::new(1_900_000_000));
    let time = seconds.clone();
    around.clock = Arc::new(move || Timestamp::from_second(time.load(Ordering::Relaxed)).unwrap());
    let engine = Engine::open(around).unwrap();
    let project = Project::load(dir.to_str().unwrap()).unwrap();
    Scene { seconds, engine, project, _folder: folder }
}

impl Scene {
    /// Looks once, fifteen seconds later.
    async fn look(&self) {
        self.seconds.fetch_add(15, Ordering::Relaxed);
        self.engine.evaluate(&self.project).await.unwrap();
    }

    fn dir(&self) -> String {
        self.project.dir.display().to_string()
    }

    async fn alarm(&self) -> AlarmView {
        alarms(&self.engine, ProjectDir { dir: self.dir() }, &Work::silent()).await.unwrap().alarms.remove(0)
    }
}

fn nobody() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn page() -> String {
    let port = nobody();
    format!(
        "[[indicator]]\nname = \"page\"\nprobe = {{ http = \"http://127.0.0.1:{port}/\" }}\nraise = \"< 1\"\nfor = \"30s\"\n"
    )
}

#[tokio::test]
async fn an_alarm_is_stored_and_goes_on_where_it_was() {
    let scene = scene(&page());
    assert_eq!(scene.alarm().await.state, AlarmState::Unknown);
    scene.look().await;
    assert_eq!(scene.alarm().await.state, AlarmState::Pending);
    scene.look().await;
    scene.look().await;
    let fired = scene.alarm().await;
    assert_eq!(
        (fired.state, fired.value, fired.rule.as_str()),
        (AlarmState::Firing, Some(0.0), "< 1 for 30s")
    );
    assert_eq!(fired.action, None, "its indicator names none");
    // Nobody looks for a while: it is not said to fire, nor to be fine.
    scene.seconds.fetch_add(46, Ordering::Relaxed);
    let unknown = scene.alarm().await;
    assert_eq!((unknown.state, unknown.value), (AlarmState::Unknown, None));
    scene.look().await;
    assert_eq!(scene.alarm().await.state, AlarmState::Pending, "`for` begins anew");
}

#[tokio::test]
async fn people_are_told_once_and_not_of_what_is_silenced_or_known() {
    let scene = scene(&page());
    for _ in 0..3 {
        scene.look().await;
    }
    let told = || async { scene.engine.notices(&scene.project).await.unwrap() };
    assert_eq!(told().await, [], "it waits for company");
    scene.look().await;
    scene.look().await;
    let silence = |seconds| Silence { dir: scene.dir(), id: "prod/page".into(), seconds };
    alarm_silence(&scene.engine, silence(60), &Work::silent()).await.unwrap();
    assert!(scene.alarm().await.silenced_until.is_some());
    assert_eq!(told().await, []);
    alarm_silence(&scene.engine, silence(0), &Work::silent()).await.unwrap();
    let notices = told().await;
    assert_eq!(notices.len(), 1);
    assert!(notices[0].title.starts_with("campus, prod"), "{notices:?}");
    assert_eq!(told().await, [], "once is enough");
    let id = AlarmId { dir: scene.dir(), id: "prod/page".into() };
    alarm_acknowledge(&scene.engine, id, &Work::silent()).await.unwrap();
    assert!(scene.alarm().await.acknowledged.is_some());
    scene.seconds.fetch_add(30, Ordering::Relaxed);
    scene.look().await;
    assert!(scene.alarm().await.acknowledged.is_some(), "as long as it lasts");
    let moon = AlarmId { dir: scene.dir(), id: "prod/moon".into() };
    let error = alarm_acknowledge(&scene.engine, moon, &Work::silent()).await.unwrap_err();
    assert_eq!(error.code(), "monitoring.alarm_unknown");
    let act = AlarmAct { dir: scene.dir(), id: "prod/page".into(), confirm: None };
    let error = alarm_act(&scene.engine, act, &Work::silent()).await.unwrap_err();
    assert_eq!(error.code(), "monitoring.no_action");
}

#[tokio::test]
async fn what_cannot_be_evaluated_is_an_error_after_three_attempts() {
    let scene = scene("[[indicator]]\nname = \"rows\"\nprobe = { sql = \"SELECT 1\" }\nraise = \"< 1\"\n");
    scene.look().await;
    scene.look().await;
    assert_eq!(scene.alarm().await.state, AlarmState::Unknown);
    scene.look().await;
    let error = scene.alarm().await;
    assert_eq!(error.state, AlarmState::Error);
    assert!(error.message.unwrap().contains("not supported"));
}

#[tokio::test]
async fn a_prometheus_that_nobody_trusted_is_not_asked() {
    let port = nobody();
    let asks =
        format!("prometheus = \"http://127.0.0.1:{port}\"\n[[indicator]]\nname = \"up\"\nquery = \"up\"\n");
    let scene = scene(&asks);
    let listed = alarms(&scene.engine, ProjectDir { dir: scene.dir() }, &Work::silent()).await.unwrap();
    assert_eq!(listed.problems, []);
    let query = MetricsQuery { dir: scene.dir(), query: "up".into(), ..MetricsQuery::default() };
    let error = monitor_query(&scene.engine, query.clone(), &Work::silent()).await.unwrap_err();
    assert_eq!(error.code(), "deploy.not_trusted");
    crate::trust(&scene.engine, Trust { dir: scene.dir(), digest: None, version: None }, &Work::silent())
        .await
        .unwrap();
    let listed = alarms(&scene.engine, ProjectDir { dir: scene.dir() }, &Work::silent()).await.unwrap();
    assert_eq!(listed.problems[0].code, "monitoring.unreachable");
    assert_eq!(
        monitor_query(&scene.engine, query, &Work::silent()).await.unwrap_err().code(),
        "monitoring.unreachable"
    );
}
