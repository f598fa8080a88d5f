//! The journey by `jalonctl`, against a real Secret Service; and the canary that must be found nowhere.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "the session's bus is named by its environment")]

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use serde_json::Value;
use tests::canary::{not_given_to, nowhere};
use tests::github::{Fault, GitHub, TOKEN};
use tests::keyring::{Keyring, kept};
use tests::process::{Running, alive, built, run, until};
use tests::project::Bench;
use tests::team;

struct Ctl<'a> {
    bench: &'a Bench,
    api: String,
    bus: Option<String>,
}

impl<'a> Ctl<'a> {
    fn new(bench: &'a Bench, api: &str) -> Self {
        Self { bench, api: api.to_owned(), bus: None }
    }

    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(built("jalonctl"));
        command
            .args(words.split(' '))
            .current_dir(self.bench.project())
            .envs(self.bench.variables(&self.api));
        if let Some(bus) = &self.bus {
            command.env("DBUS_SESSION_BUS_ADDRESS", bus);
        }
        command
    }

    fn try_run(&self, words: &str, input: &str) -> Output {
        run(&mut self.command(words), input)
    }

    /// Runs with `--json` and expects success.
    fn json(&self, words: &str, input: &str) -> Value {
        let output = self.try_run(&format!("{words} --json"), input);
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs with `--json`, expects exit 1, and returns the error's code.
    fn refusal(&self, words: &str, input: &str) -> String {
        let output = self.try_run(&format!("{words} --json"), input);
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert!(output.stdout.is_empty());
        let error: Value = serde_json::from_slice(&output.stderr).unwrap();
        error["error"]["code"].as_str().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journey() {
    let github = GitHub::start(team::milestones(), team::issues()).await;
    let bench = Bench::new();
    bench.write("docs/project/planning.md", &tests::project::plan());
    std::fs::create_dir_all(bench.project().join(".git")).unwrap();
    bench.write(".git/config", "[remote \"origin\"]\n\turl = git@github.com:team/app.git\n");
    let ctl = Ctl::new(&bench, &github.api);

    assert_eq!(ctl.refusal("status", ""), "project.no_config");
    let made = ctl.json("init --timezone Europe/Paris", "");
    assert_eq!((made["name"].as_str(), made["github"].as_str()), (Some("app"), Some("team/app")));
    assert_eq!(made["plan"], "docs/project/planning.md");
    assert_eq!(ctl.refusal("init", ""), "project.exists");
    assert_eq!(ctl.refusal("init --template en --starts-on 2026-11-23", ""), "project.exists");
    assert!(!bench.project().join("docs/planning.md").exists(), "both files or none");

    let plan = ctl.json("plan show", "");
    assert_eq!(plan["stages"].as_array().unwrap().len(), 9);
    assert_eq!(plan["diagnostics"], serde_json::json!([]));

    let before = ctl.json("status", "");
    assert_eq!((&before["as_of"], &before["stages"][3]["milestone"]), (&Value::Null, &Value::Null));
    assert_eq!(ctl.refusal("sync", ""), "github.not_signed_in");
    assert_eq!(ctl.refusal("auth login", "ghp_wrong\n"), "github.token_refused");
    assert_eq!(ctl.json("auth status", "")["signed_in"], false);

    let signed_in = ctl.json("auth login", &format!("{TOKEN}\n"));
    assert_eq!((&signed_in["login"], &signed_in["place"]), (&"student-a".into(), &"keychain".into()));
    let synced = ctl.json("sync", "");
    assert_eq!((&synced["milestones"], &synced["pull_requests"]), (&6.into(), &1.into()));

    let status = ctl.json("status", "");
    let stage = |number: u32| {
        let stages = status["stages"].as_array().unwrap();
        stages.iter().find(|stage| stage["number"] == number).unwrap().clone()
    };
    assert_eq!(stage(1)["on_time"], true);
    assert_eq!(stage(2)["on_time"], false);
    assert_eq!(stage(1)["done"], 1.0);
    assert_eq!(stage(3)["milestone"]["number"], 3);
    assert_eq!(stage(3)["milestone"]["closed"], 7);
    assert_eq!(stage(3)["deadline"]["to"].as_str(), Some(&*team::due(3).to_string()));
    assert_eq!(stage(6)["milestone"]["number"], 7, "found by the number in its title");
    assert_eq!(stage(0)["milestone"], Value::Null);
    assert_eq!(stage(0)["done"], Value::Null);
    assert!(!stage(0)["risks"].as_array().unwrap().is_empty());

    let mapped = ctl.json("plan map 0 7", "");
    assert_eq!(mapped["stages"][0]["link"], "hand");
    let shared = std::fs::read_to_string(bench.project().join(".jalon/stages/0.toml")).unwrap();
    assert!(shared.contains("milestone = 7"));
    ctl.json("plan map 0 none", "");
    assert_eq!(ctl.refusal("plan map 77 1", ""), "stage.unknown");

    // Offline, the last state and its age.
    github.fail(Fault::Status(503, vec![], "down"));
    assert_eq!(ctl.refusal("sync", ""), "github.server");
    let offline = ctl.json("status", "");
    assert_eq!(offline, status);

    let doctor = ctl.try_run("doctor --json", "");
    assert_eq!(doctor.status.code(), Some(1), "GitHub is down");
    github.fail(Fault::None);
    let doctor = ctl.json("doctor", "");
    let states: Vec<_> =
        doctor["checks"].as_array().unwrap().iter().map(|check| check["state"].clone()).collect();
    assert!(!states.contains(&"fail".into()), "{doctor}");
    // For a person, without --json, every command says something too.
    for words in ["plan show", "status", "auth status", "credentials list", "doctor", "sync"] {
        let output = ctl.try_run(words, "");
        assert!(output.status.success() && output.stdout.len() > 10, "{words}");
    }

    let signed_out = ctl.json("auth logout", "");
    assert_eq!(signed_out["signed_in"], false);
    assert_eq!(ctl.refusal("sync", ""), "github.not_signed_in");
    nowhere(&bench, TOKEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_set_listed_replaced_and_removed() {
    let bench = Bench::new();
    let ctl = Ctl::new(&bench, "http://127.0.0.1:9");
    let name = format!("CANARY_{}", std::process::id());
    let names = |listed: &Value| -> Vec<String> {
        let all = listed["credentials"].as_array().unwrap();
        all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    let listed = ctl.json(&format!("credentials set {name}"), "canary-value-1\n");
    assert!(names(&listed).contains(&name));
    assert_eq!(listed["credentials"][0]["place"], "keychain");
    assert_eq!(listed["credentials"][0]["set_at"].as_str(), Some(&*team::now()));
    assert_eq!(kept(&name).as_deref(), Some("canary-value-1"));
    ctl.json(&format!("credentials set {name}"), "canary-value-2");
    assert_eq!(kept(&name).as_deref(), Some("canary-value-2"));
    let listed = ctl.json("credentials list", "");
    assert_eq!(names(&listed), [name.as_str()]);
    assert!(!listed.to_string().contains("canary-value"));
    assert!(names(&ctl.json(&format!("credentials remove {name}"), "")).is_empty());
    assert_eq!(kept(&name), None);
    assert_eq!(ctl.refusal(&format!("credentials remove {name}"), ""), "credentials.not_found");
    assert_eq!(ctl.refusal("credentials set a=b", "x"), "credentials.name_invalid");
    assert_eq!(ctl.refusal("credentials set EMPTY", ""), "credentials.value_invalid");

    // Without the keychain nothing is claimed to be removed: the value would stay, and nobody could list it.
    ctl.json(&format!("credentials set {name}"), "canary-value-4");
    let bus = format!("unix:path={}", bench.path().join("no-bus").display());
    let cut = Ctl { bus: Some(bus), ..Ctl::new(&bench, "http://127.0.0.1:9") };
    assert_eq!(cut.refusal(&format!("credentials remove {name}"), ""), "credentials.keychain_absent");
    assert_eq!(kept(&name).as_deref(), Some("canary-value-4"));
    assert_eq!(names(&ctl.json("credentials list", "")), [name.as_str()]);
    ctl.json(&format!("credentials remove {name}"), "");

    // The environment's are shown and used, never stored.
    let output = run(ctl.command("credentials list --json").env("JALON_SECRET_CI", "canary-value-3"), "");
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&listed["credentials"][0]["name"], &listed["credentials"][0]["place"]),
        (&"CI".into(), &"environment".into())
    );
    nowhere(&bench, "canary-value");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_jalonctl_refuses_and_keeps_nothing() {
    let github = GitHub::start(vec![], vec![]).await;
    let bench = Bench::new();
    let bus = format!("unix:path={}", bench.path().join("no-bus").display());
    let ctl = Ctl { bus: Some(bus), ..Ctl::new(&bench, &github.api) };
    assert_eq!(ctl.refusal("auth login", TOKEN), "credentials.keychain_absent");
    assert_eq!(ctl.refusal("credentials set DATABASE_URL", "canary-value"), "credentials.keychain_absent");
    assert!(github.take_seen().is_empty(), "refused before GitHub is asked");
    assert_eq!(ctl.json("credentials list", "")["keychain"]["state"], "absent");
    assert_eq!(ctl.json("credentials list", "")["credentials"], serde_json::json!([]));
    nowhere(&bench, TOKEN);
    nowhere(&bench, "canary-value");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keychain_is_told_and_prompts_nobody() {
    let github = GitHub::start(team::milestones(), team::issues()).await;
    let bench = Bench::new().with_plan();
    let keyring = Keyring::start(&bench);
    let ctl = Ctl { bus: Some(keyring.address.clone()), ..Ctl::new(&bench, &github.api) };
    assert_eq!(ctl.json("auth login", TOKEN)["place"], "keychain");
    ctl.json("sync", "");
    keyring.lock();
    let listed = ctl.json("credentials list", "");
    assert_eq!(listed["keychain"]["state"], "locked");
    assert_eq!(listed["credentials"][0]["place"], "unreadable");
    assert_eq!(ctl.json("auth status", "")["signed_in"], false);
    assert_eq!(ctl.refusal("auth login", TOKEN), "credentials.keychain_locked");
    assert_eq!(ctl.refusal("credentials set DATABASE_URL", "canary-value"), "credentials.keychain_locked");
    assert_eq!(ctl.refusal("sync", ""), "credentials.keychain_locked");
    assert!(ctl.json("status", "")["as_of"].is_string(), "what was read before is shown");
    // The environment's token needs no keychain.
    let output = run(ctl.command("sync --json").env("JALON_GITHUB_TOKEN", TOKEN), "");
    assert!(output.status.success());
    nowhere(&bench, TOKEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keychain_that_hangs_does_not_take_the_plan_down() {
    let github = GitHub::start(team::milestones(), team::issues()).await;
    let bench = Bench::new().with_plan();
    let keyring = Keyring::start(&bench);
    let ctl = Ctl { bus: Some(keyring.address.clone()), ..Ctl::new(&bench, &github.api) };
    ctl.json("auth login", TOKEN);
    ctl.json("sync", "");
    keyring.hang();
    assert!(ctl.json("status", "")["as_of"].is_string());
    let doctor = ctl.json("doctor", "");
    assert!(doctor.to_string().contains("keychain.absent"), "{doctor}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_gh_is_used_and_its_absence_told() {
    let github = GitHub::start(vec![], vec![]).await;
    let bench = Bench::new();
    let ctl = Ctl::new(&bench, &github.api);
    let folder = bench.path().join("bin");
    std::fs::create_dir(&folder).unwrap();
    let with_gh = |script: &str, words: &str| {
        let path = folder.join("gh");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", folder.display());
        run(ctl.command(words).env("PATH", path), "")
    };
    let none = run(ctl.command("auth login --gh --json").env("PATH", "/nonexistent"), "");
    assert!(String::from_utf8_lossy(&none.stderr).contains("github.gh_missing"));
    let out = with_gh("echo 'not logged in' >&2; exit 1", "auth login --gh --json");
    assert!(String::from_utf8_lossy(&out.stderr).contains("github.gh_not_signed_in"));
    let script = format!("test \"$1 $2 $3\" = 'auth token --hostname' && echo {TOKEN}");
    let out = with_gh(&script, "auth login --gh --json");
    let status: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(status["login"], "student-a");
    ctl.json("auth logout", "");
    std::fs::remove_dir_all(&folder).unwrap();
    nowhere(&bench, TOKEN);
}

#[test]
fn usage_errors_exit_2_and_documents_need_no_project() {
    let bench = Bench::new();
    let ctl = Ctl::new(&bench, "http://127.0.0.1:9");
    assert_eq!(ctl.try_run("nonsense", "").status.code(), Some(2));
    assert_eq!(ctl.try_run("--help", "").status.code(), Some(0));
    let output = ctl.try_run("plan nonsense --json", "");
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!((output.status.code(), error["error"]["code"].as_str()), (Some(2), Some("usage")));
    bench.write("p.md", "# P\n\n## Stage 1: A\n\n### Deadline\n\n31/02/2026\n");
    let plan = ctl.json("plan show --plan p.md", "");
    assert_eq!(plan["diagnostics"][0]["code"], "plan.date_impossible");
    assert_eq!(plan["diagnostics"][0]["line"], 7);
    for text in ["", "\0\0\0", "Just prose.\n"] {
        bench.write("none.md", text);
        let output = ctl.try_run("plan show --plan none.md --json", "");
        let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "no plan could be read at all");
        assert!(plan["diagnostics"][0]["code"].as_str().unwrap().starts_with("plan."));
    }
    assert!(!bench.home().exists(), "a document on its own needs no data folder");
    assert_eq!(ctl.refusal("plan show --plan missing.md", ""), "plan.unreadable");
}

/// What a program that runs was given, and everything that is written so far.
fn searched_while_running(bench: &Bench, process: u32, arguments: &str) {
    let line = std::fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap().replace('\0', " ");
    assert!(line.contains(arguments), "{process} is another program: {line}");
    not_given_to(process, TOKEN);
    nowhere(bench, TOKEN);
    assert!(alive(process), "{arguments} ended while it was searched");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_nowhere_while_jalonctl_and_gh_run() {
    let github = GitHub::start(team::milestones(), team::issues()).await;
    let bench = Bench::new().with_plan();
    let ctl = Ctl::new(&bench, &github.api);
    // A gh that waits to be told, in a folder that is not searched: it hands out the token.
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("token"), TOKEN).unwrap();
    assert!(run(Command::new("mkfifo").arg(at("go")), "").status.success());
    let script =
        "#!/bin/sh\ncd \"${0%/*}\" && echo $$ >pid.new && mv pid.new pid && read -r _ <go && cat token\n";
    std::fs::write(at("gh"), script).unwrap();
    std::fs::set_permissions(at("gh"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.path().display());

    let sign_in = Running::start(ctl.command("auth login --gh --json").env("PATH", path), bench.path());
    until("gh", || at("pid").exists());
    let gh: u32 = std::fs::read_to_string(at("pid")).unwrap().trim().parse().unwrap();
    searched_while_running(&bench, gh, "auth token --hostname");
    searched_while_running(&bench, sign_in.id(), "auth login --gh");
    github.hold("/user");
    std::fs::write(at("go"), "go\n").unwrap();
    until("the question whose token it is", || github.world().waiting == 1);
    searched_while_running(&bench, sign_in.id(), "auth login --gh");
    github.let_go();
    assert_eq!(sign_in.ended(), Some(0));

    // Milestones are read, issues are not: the token is in use.
    github.hold("/issues");
    let sync = Running::start(&mut ctl.command("sync --json"), bench.path());
    until("the question for issues", || github.world().waiting == 1);
    searched_while_running(&bench, sync.id(), "sync");
    github.let_go();
    assert_eq!(sync.ended(), Some(0));

    // A token that comes by standard input.
    ctl.json("auth logout", "");
    github.hold("/user");
    std::fs::write(at("typed"), format!("{TOKEN}\n")).unwrap();
    let input = std::process::Stdio::from(std::fs::File::open(at("typed")).unwrap());
    let sign_in = Running::with_input(&mut ctl.command("auth login --json"), bench.path(), input);
    until("the question whose token it is", || github.world().waiting == 1);
    searched_while_running(&bench, sign_in.id(), "auth login");
    github.let_go();
    assert_eq!(sign_in.ended(), Some(0));
    ctl.json("auth logout", "");
    nowhere(&bench, TOKEN);
}
