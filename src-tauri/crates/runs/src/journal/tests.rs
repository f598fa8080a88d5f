use super::*;
use jiff::Timestamp;

fn journal(home: &std::path::Path) -> Journal {
    let store = Arc::new(Store::open(home).unwrap());
    Journal::new(store, home.to_owned(), Arc::new(|| Timestamp::UNIX_EPOCH))
}

fn new(environment: &str) -> NewRun {
    NewRun {
        project: "/p".into(),
        kind: "deploy".into(),
        name: "campus".into(),
        environment: environment.into(),
        production: false,
        promoted_from: None,
        version: None,
        sha: None,
        dirty: false,
        rework: false,
        asked_by: None,
        plan: "{}".into(),
        command: String::new(),
        steps: "[]".into(),
    }
}

fn planned(journal: &Journal, environment: &str) -> i64 {
    match journal.store.journal_run(&new(environment), Timestamp::UNIX_EPOCH).unwrap() {
        Journalled::Run(id) => id,
        Journalled::Busy(_) => panic!("busy"),
    }
}

#[test]
fn a_run_whose_process_is_gone_is_interrupted_once_and_never_succeeds() {
    let home = tempfile::tempdir().unwrap();
    let journal = journal(home.path());
    let id = planned(&journal, "dev");
    let running = journal.begin(id, false).unwrap().unwrap();
    assert!(journal.begin(id, false).unwrap().is_none(), "two processes cannot carry out one run");
    assert_eq!(journal.reconcile().unwrap(), Vec::<i64>::new(), "a live run is left alone");
    drop(running);
    assert_eq!(journal.reconcile().unwrap(), [id]);
    assert_eq!(journal.run(id).unwrap().state, RunState::Interrupted);
    assert!(journal.begin(id, false).unwrap().is_none(), "it does not begin again");
    assert_eq!(journal.reconcile().unwrap(), Vec::<i64>::new());
}

#[test]
fn a_planned_run_is_given_up_only_when_nobody_plans() {
    let home = tempfile::tempdir().unwrap();
    let journal = journal(home.path());
    let id = planned(&journal, "dev");
    std::fs::create_dir_all(home.path().join("runs")).unwrap();
    let planning = Lock::try_take(&journal.planning_path()).unwrap().unwrap();
    assert_eq!(journal.reconcile().unwrap(), Vec::<i64>::new());
    drop(planning);
    assert_eq!(journal.reconcile().unwrap(), [id]);
}

#[tokio::test]
async fn a_process_that_does_not_begin_fails_the_run() {
    let home = tempfile::tempdir().unwrap();
    let journal = journal(home.path());
    let launcher = |program: &str| Launcher {
        program: program.into(),
        arguments: Vec::new(),
        environment: BTreeMap::new(),
    };
    let error = journal.start(&new("dev"), &launcher("/no/such/program")).await.unwrap_err();
    assert!(matches!(error, Error::NotStarted { .. }), "{error}");
    assert_eq!(journal.run(1).unwrap().state, RunState::Failed);
    if cfg!(unix) {
        let error = journal.start(&new("dev"), &launcher("/bin/false")).await.unwrap_err();
        assert!(error.to_string().contains("ended with"), "{error}");
    }
    assert!(journal.store.runs_under_way().unwrap().is_empty());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_run_whose_asker_went_away_while_it_began_is_cancelled() {
    let home = tempfile::tempdir().unwrap();
    let journal = journal(home.path());
    // Lives as long as this process and says nothing; the test begins the run in its place.
    let lives = ["--follow", "/dev/null", "--pid", &std::process::id().to_string()];
    let launcher = Launcher {
        program: "/usr/bin/tail".into(),
        arguments: lives.iter().map(OsString::from).collect(),
        environment: BTreeMap::new(),
    };
    let (new, mut look) = (new("dev"), tokio::time::interval(LOOK));
    {
        let mut asks = std::pin::pin!(journal.start(&new, &launcher));
        let journalled = async {
            while journal.store.runs_under_way().unwrap().is_empty() {
                look.tick().await;
            }
        };
        tokio::select! {
            started = &mut asks => panic!("{started:?}"),
            () = journalled => {}
        }
    }
    let _running = journal.begin(1, false).unwrap().unwrap();
    let asked = async {
        while !journal.folder(1).asked_to_cancel() {
            look.tick().await;
        }
    };
    tokio::time::timeout(BEGINS, asked).await.unwrap();
}

fn waiting(journal: &Journal, environment: &str) -> i64 {
    let id = planned(journal, environment);
    let running = journal.begin(id, false).unwrap().unwrap();
    std::fs::write(running.folder.make_private().unwrap().join("plan"), "p").unwrap();
    assert!(running.wait_for_confirmation().unwrap());
    id
}

#[test]
fn a_run_that_waits_is_left_alone_until_it_is_confirmed() {
    let home = tempfile::tempdir().unwrap();
    let journal = journal(home.path());
    let id = waiting(&journal, "dev");
    assert_eq!(journal.reconcile().unwrap(), Vec::<i64>::new());
    assert!(journal.begin(id, false).unwrap().is_none(), "not without confirmation");
    let running = journal.begin(id, true).unwrap().unwrap();
    assert!(running.confirmed && running.folder.private().exists());
    assert!(!journal.discard(id, &RunEnd::default()).unwrap(), "it goes on already");
    assert!(journal.begin(id, true).unwrap().is_none());
    assert!(running.end(RunState::Succeeded, &RunEnd::default()).unwrap());
    assert!(!running.folder.private().exists());
}

#[test]
fn a_confirmed_run_whose_process_is_gone_is_interrupted() {
    let home = tempfile::tempdir().unwrap();
    let journal = journal(home.path());
    let id = waiting(&journal, "dev");
    drop(journal.begin(id, true).unwrap().unwrap());
    assert_eq!(journal.reconcile().unwrap(), [id]);
    assert!(!journal.folder(id).private().exists());
}

#[tokio::test]
async fn a_waiting_run_can_be_discarded_cancelled_and_replaced() {
    let home = tempfile::tempdir().unwrap();
    let journal = journal(home.path());
    let first = waiting(&journal, "dev");
    assert!(journal.discard(first, &RunEnd::default()).unwrap());
    assert!(!journal.discard(first, &RunEnd::default()).unwrap());
    assert!(!journal.folder(first).private().exists());

    let second = waiting(&journal, "dev");
    assert!(journal.cancel(second).unwrap());
    assert_eq!(journal.run(second).unwrap().state, RunState::Cancelled);

    let third = waiting(&journal, "dev");
    let launcher =
        Launcher { program: "/no/such/program".into(), arguments: Vec::new(), environment: BTreeMap::new() };
    let busy = journal.start(&new("dev"), &launcher).await.unwrap_err();
    assert!(matches!(busy, Error::Busy { run, .. } if run == third), "{busy}");
    let failed = journal.confirm(third, &launcher).await.unwrap_err();
    assert!(matches!(failed, Error::NotStarted { .. }), "{failed}");
    assert_eq!(journal.run(third).unwrap().state, RunState::WaitingForConfirmation, "it waits as before");
    let end = RunEnd { reason: Some("{}".into()), ..RunEnd::default() };
    journal.start_instead(Some((third, end)), &new("dev"), &launcher).await.unwrap_err();
    let old = journal.run(third).unwrap();
    assert_eq!((old.state, old.reason.as_deref()), (RunState::Cancelled, Some("{}")));
    assert!(!journal.folder(third).private().exists());
    assert_eq!(journal.run(third + 1).unwrap().state, RunState::Failed);
    assert!(matches!(journal.confirm(third, &launcher).await, Err(Error::NotWaiting { .. })));
}

#[tokio::test]
async fn the_wish_to_cancel_reaches_the_run() {
    let home = tempfile::tempdir().unwrap();
    let journal = journal(home.path());
    let id = planned(&journal, "dev");
    let running = journal.begin(id, false).unwrap().unwrap();
    assert!(journal.cancel(id).unwrap());
    tokio::select! {
        () = running.watch() => {}
        done = tokio::time::timeout(Duration::from_secs(60), running.cancel.cancelled()) => done.unwrap(),
    }
    assert!(running.end(RunState::Cancelled, &RunEnd::default()).unwrap());
    assert!(!journal.cancel(id).unwrap(), "what has ended cannot be cancelled");
    assert!(matches!(journal.cancel(99), Err(Error::Unknown { .. })));
}
