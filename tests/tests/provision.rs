//! Provisioning by `jalonctl` with a real Terraform or OpenTofu: the whole way, and what goes wrong on it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tests::process::{Running, alive, run, run_within};
use tests::stacks::{LONG, Stacks, script, tools};

/// Creates, replaces by `SIZE`, updates in place, and shows a file of the world as an output.
const MAIN: &str = r#"
variable "size" {
  type = number
}
variable "db_password" {
  type      = string
  sensitive = true
}
resource "terraform_data" "network" {
  input = "10.0.0.0/16"
}
resource "terraform_data" "node" {
  triggers_replace = [var.size]
}
resource "terraform_data" "database" {
  input = { size = var.size, password = var.db_password }
}
output "motd" {
  value = trimspace(file("${path.module}/../../world/motd.txt"))
}
output "password" {
  value     = var.db_password
  sensitive = true
}
"#;

/// The first resource can be created, the second one only once the file `go` is there.
const HALF: &str = r#"
resource "terraform_data" "first" {}
resource "terraform_data" "second" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" {
    command = "test -e ../../world/go"
  }
}
"#;

/// Takes a while to create: until the file `go` is there.
const SLOW: &str = r#"
resource "terraform_data" "first" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" {
    command = "touch ../../world/begun; while ! test -e ../../world/go; do sleep 0.05; done"
  }
}
"#;

fn id(answer: &Value) -> String {
    let run = if answer["run"].is_object() { &answer["run"] } else { answer };
    run["id"].as_str().unwrap_or_else(|| panic!("{answer:#}")).to_owned()
}

fn changes(plan: &Value) -> Vec<(String, String)> {
    let word = |change: &Value, key: &str| change[key].as_str().unwrap().to_owned();
    let changes = plan["changes"].as_array().unwrap();
    changes.iter().map(|change| (word(change, "action"), word(change, "address"))).collect()
}

fn resources(state: &Value) -> Vec<String> {
    let all = state["resources"].as_array().cloned().unwrap_or_default();
    all.iter().map(|resource| resource["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_stack_is_planned_shown_applied_watched_and_destroyed() {
    for tool in tools() {
        let stacks = Stacks::new(&tool, MAIN);
        // A plan waits, and another one takes its place.
        let first = stacks.done("provision plan cluster --env dev");
        assert_eq!(first["run"]["state"], "waiting_for_confirmation");
        assert!(stacks.keeps_plan("1"));
        let plan = stacks.done("provision plan cluster --env dev");
        assert_eq!((id(&plan).as_str(), &plan["applicable"]), ("2", &json!(true)));
        assert!(plan["program"].as_str().unwrap().starts_with(tool.0), "{plan:#}");
        assert_eq!(
            plan["counts"],
            json!({"create": 3, "update": 0, "replace": 0, "destroy": 0, "unchanged": 0})
        );
        let superseded = stacks.done("runs show 1");
        assert_eq!(
            (&superseded["state"], &superseded["reason"]["code"]),
            (&json!("cancelled"), &json!("provision.superseded"))
        );
        assert!(!stacks.keeps_plan("1"));
        let saved = stacks.bench.home().join("runs/2/private");
        for (path, mode) in [(saved.clone(), 0o700), (saved.join("plan"), 0o600)] {
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
        }
        // Nobody confirmed: nothing happens, and it waits on.
        let refused = stacks.refused("provision apply cluster --env dev", 3);
        assert_eq!(
            (&refused["code"], &refused["params"]["run"]),
            (&json!("provision.unconfirmed"), &json!("3"))
        );
        assert_eq!(stacks.state("dev"), Value::Null);
        assert_eq!(stacks.done("provision plan cluster --env dev --plan 3")["applicable"], true);

        let applied = stacks.done("provision apply cluster --env dev --plan 3");
        assert_eq!(applied["run"]["state"], "succeeded");
        let results = applied["results"].as_array().unwrap();
        assert_eq!(results[0], json!({"name": "motd", "value": {"kind": "value", "text": "hello"}}));
        assert_eq!(results[1], json!({"name": "password", "value": {"kind": "masked"}}));
        assert!(!stacks.keeps_plan("3"));
        assert_eq!(resources(&stacks.state("dev")), ["database", "network", "node"]);
        assert_eq!(
            stacks.refused("provision apply cluster --env dev --plan 3", 3)["code"],
            "provision.no_plan"
        );
        let steps = stacks.done("runs show 3")["steps"].clone();
        let ids: Vec<&str> =
            steps.as_array().unwrap().iter().map(|step| step["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["tools", "init", "validate", "plan", "confirm", "apply", "outputs"]);
        assert!(steps.as_array().unwrap().iter().all(|step| step["state"] == "done"), "{steps:#}");

        // Nothing to do is nothing to confirm.
        let nothing = stacks.done("provision apply cluster --env dev --yes");
        assert_eq!(
            (&nothing["run"]["state"], &nothing["counts"]["unchanged"]),
            (&json!("succeeded"), &json!(3))
        );

        stacks.configure(tool.0, "SIZE = \"2\"");
        let plan = stacks.done("provision plan cluster --env dev");
        let expected = [("replace", "terraform_data.node"), ("update", "terraform_data.database")];
        assert_eq!(changes(&plan), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
        let cause = &plan["changes"][0]["attributes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["forces_replacement"] == true);
        assert_eq!(cause.unwrap()["path"], "triggers_replace");
        stacks.done("provision apply cluster --env dev --yes");

        let calm = stacks.done("provision drift cluster --env dev");
        assert_eq!((&calm["mode"], &calm["run"]["state"]), (&json!("drift"), &json!("succeeded")));
        assert!(calm["outputs"].as_array().unwrap().is_empty());
        stacks.write("world/motd.txt", "bye\n");
        let drift = stacks.done("provision drift cluster --env dev");
        assert_eq!(drift["outputs"][0]["after"], json!({"kind": "value", "text": "bye"}));
        assert_eq!(stacks.state("dev")["outputs"]["motd"]["value"], "hello", "a look changes nothing");

        // Production wants its name.
        let refused = stacks.refused("provision apply cluster --env prod --yes", 1);
        assert_eq!(refused["code"], "provision.failed", "prod has no variables: {refused}");
        stacks.write("infra/prod/main.tf", "resource \"terraform_data\" \"one\" {}\n");
        assert_eq!(stacks.refused("provision plan cluster --env prod", 3)["code"], "deploy.not_trusted");
        stacks.done("trust --yes");
        let refused = stacks.refused("provision apply cluster --env prod --yes", 3);
        assert_eq!(refused["code"], "provision.unconfirmed");
        let waiting = refused["params"]["run"].as_str().unwrap();
        let with = |typed: &str| format!("provision apply cluster --env prod --plan {waiting}{typed}");
        assert_eq!(stacks.refused(&with(" --confirm dev"), 3)["code"], "gate.confirm");
        assert_eq!(stacks.state("prod"), Value::Null);
        stacks.done(&with(" --confirm prod"));
        assert_eq!(resources(&stacks.state("prod")), ["one"]);

        let destroyed = stacks.done("provision destroy cluster --env dev --yes");
        assert_eq!(destroyed["counts"]["destroy"], 3);
        assert!(resources(&stacks.state("dev")).is_empty());
        assert!(stacks.runs().iter().all(|run| run["state"] != "running"));
    }
}

#[test]
fn a_stale_plan_is_refused_and_deleted() {
    let tool = &tools()[0];
    let stacks = Stacks::new(tool, "resource \"terraform_data\" \"one\" {}\n");
    let stale = |what: &str, change: &dyn Fn(&str)| {
        let planned = id(&stacks.done("provision plan cluster --env dev"));
        change(&planned);
        let error = stacks.refused(&format!("provision apply cluster --env dev --plan {planned}"), 3);
        assert_eq!(error["code"], "provision.stale", "{what}: {error}");
        let run = stacks.done(&format!("runs show {planned}"));
        assert_eq!((&run["state"], &run["refused"]), (&json!("cancelled"), &json!(true)), "{what}");
        assert!(!stacks.keeps_plan(&planned), "{what}");
        assert!(resources(&stacks.state("dev")).is_empty(), "{what}");
    };
    stale("another commit", &|_| stacks.commit());
    stale("another plan", &|run| {
        std::fs::write(stacks.bench.home().join(format!("runs/{run}/private/plan")), "another").unwrap();
    });
    stale("another variable", &|_| stacks.configure(tool.0, "SIZE = \"3\""));
    stale("another state", &|_| {
        let state = json!({"version": 4, "serial": 7, "lineage": "5b1e0000-0000-0000-0000-000000000000", "outputs": {},
            "resources": [], "terraform_version": "1.5.0"});
        stacks.write("infra/dev/terraform.tfstate", &state.to_string());
    });
    // Files are trusted by their digest: those that changed have to be trusted first, and are stale then.
    stale("another file", &|_| {
        stacks.write("infra/dev/main.tf", "resource \"terraform_data\" \"two\" {}\n");
        stacks.done("trust --yes");
    });
    let planned = id(&stacks.done("provision plan cluster --env dev"));
    stacks.write("infra/dev/more.tf", "");
    let shown = stacks.done(&format!("provision plan cluster --env dev --plan {planned}"));
    assert_eq!((&shown["applicable"], &shown["problem"]["code"]), (&json!(false), &json!("provision.stale")));
    stacks.done(&format!("runs cancel {planned}"));
    assert!(!stacks.keeps_plan(&planned));
}

#[test]
fn a_failed_apply_names_the_resource_and_what_it_left() {
    for tool in tools() {
        let stacks = Stacks::new(&tool, HALF);
        let error = stacks.refused("provision apply cluster --env dev --yes", 1);
        assert_eq!(
            (&error["code"], &error["params"]["at"]),
            (&json!("provision.failed"), &json!("terraform_data.second"))
        );
        let run = stacks.done("runs show 1");
        assert_eq!(run["state"], "failed");
        let left = run["left_behind"].to_string();
        for part in [
            "creation of terraform_data.first",
            "terraform_data.second may be there in part",
            "the state went from none",
        ] {
            assert!(left.contains(part), "{left}");
        }
        assert!(!stacks.keeps_plan("1"));
        let plan = stacks.done("provision plan cluster --env dev");
        assert_eq!(changes(&plan), [("replace".to_owned(), "terraform_data.second".to_owned())]);
        assert_eq!(plan["changes"][0]["reason"], "replace_because_tainted");
        stacks.write("world/go", "");
        stacks.done(&format!("provision apply cluster --env dev --plan {}", id(&plan)));
        assert_eq!(resources(&stacks.state("dev")), ["first", "second"]);
    }
}

/// The tool outside Jalon, holding the lock until `world/go` is there.
fn holding((_, program): &(&str, std::path::PathBuf), stacks: &Stacks) -> Running {
    let mut command = Command::new(program);
    stacks.equip(&mut command);
    let dir = stacks.path("infra/dev");
    let init = run_within(LONG, command.args(["init", "-input=false"]).current_dir(&dir), "");
    assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
    let mut command = Command::new(program);
    stacks.equip(&mut command);
    command.args(["apply", "-auto-approve", "-input=false"]).current_dir(&dir).stdin(Stdio::null());
    let running = Running::start(&mut command, stacks.bench.path());
    stacks.until("the lock", || stacks.path("world/begun").exists());
    running
}

#[test]
fn who_holds_the_lock_is_told_and_a_killed_plan_or_drift_leaves_nothing() {
    let tool = &tools()[0];
    let stacks = Stacks::new(tool, SLOW);
    let other = holding(tool, &stacks);
    let error = stacks.refused("provision plan cluster --env dev", 1);
    assert_eq!(error["code"], "provision.locked", "{error}");
    for part in ["who", "since", "lock"] {
        assert!(!error["params"][part].as_str().unwrap().is_empty(), "{error}");
    }
    assert!(error["message"].as_str().unwrap().contains("held by"), "{error}");
    assert_eq!(stacks.refused("provision unlock cluster --env dev", 3)["code"], "provision.lock_unnamed");
    // Killed while the plan, or the look for drift, waits for the lock.
    for words in ["plan", "drift"] {
        let caller = stacks.start(&format!("provision {words} cluster --env dev"));
        stacks.until(words, || {
            stacks.processes("-json").iter().any(|_| stacks.runs()[0]["state"] == "running")
        });
        assert_eq!(stacks.kill_runs(), 1);
        assert_eq!(caller.ended_within(LONG), Some(1));
        let killed = stacks.runs()[0].clone();
        assert_eq!(
            (&killed["state"], &killed["reason"]["code"]),
            (&json!("interrupted"), &json!("run.interrupted")),
            "{words}"
        );
        assert!(!stacks.keeps_plan(&id(&killed)));
        stacks.until("the end of what it left", || stacks.processes("-json").is_empty());
    }
    stacks.write("world/go", "");
    assert_eq!(other.ended_within(LONG), Some(0));
    let plan = stacks.done("provision plan cluster --env dev");
    assert_eq!(plan["counts"]["unchanged"], 2);
}

#[test]
fn a_killed_apply_is_interrupted_and_its_state_is_written() {
    let stacks = Stacks::new(&tools()[0], SLOW);
    let caller = stacks.start("provision apply cluster --env dev --yes");
    stacks.until("the apply", || stacks.path("world/begun").exists());
    assert_eq!(stacks.kill_runs(), 1);
    assert_eq!(caller.ended_within(LONG), Some(1));
    let run = stacks.done("runs show 1");
    assert_eq!((&run["state"], &run["reason"]["code"]), (&json!("interrupted"), &json!("run.interrupted")));
    assert!(run["left_behind"][0].as_str().unwrap().contains("asked to end"), "{run:#}");
    assert!(!stacks.keeps_plan("1"));
    // The tool was asked to end, and writes what it did first, although nobody reads what it says.
    stacks.until("the end of the tool", || stacks.processes("").is_empty());
    assert_eq!(resources(&stacks.state("dev")), ["first", "slow"]);
    stacks.write("world/go", "");
    let plan = stacks.done("provision plan cluster --env dev");
    assert_eq!(changes(&plan), [("replace".to_owned(), "terraform_data.slow".to_owned())]);
    assert_eq!(stacks.runs().len(), 2, "no run is lost or doubled");
}

#[test]
fn a_cancelled_apply_ends_in_order() {
    for tool in tools() {
        let stacks = Stacks::new(&tool, SLOW);
        let caller = stacks.start("provision apply cluster --env dev --yes");
        stacks.until("the apply", || stacks.path("world/begun").exists());
        assert_eq!(stacks.refused("provision plan cluster --env dev", 1)["code"], "deploy.busy");
        stacks.done("runs cancel 1");
        assert_eq!(caller.ended_within(LONG), Some(1));
        let run = stacks.done("runs show 1");
        assert_eq!((&run["state"], &run["reason"]["code"]), (&json!("cancelled"), &json!("run.cancelled")));
        let left = run["left_behind"].to_string();
        assert!(left.contains("creation of terraform_data.first"), "{left}");
        assert_eq!(resources(&stacks.state("dev")), ["first", "slow"]);
        assert!(stacks.processes("").is_empty());
        stacks.write("world/go", "");
        stacks.done("provision apply cluster --env dev --yes");
    }
}

#[test]
fn what_belongs_to_hcp_terraform_is_not_planned_here() {
    let cloud = "terraform {\n  cloud {\n    organization = \"acme\"\n    workspaces {\n      name = \"app-dev\"\n    }\n  }\n}\n";
    let stacks = Stacks::new(&tools()[0], cloud);
    let error = stacks.refused("provision plan cluster --env dev", 3);
    assert_eq!(
        (&error["code"], &error["params"]["workspace"]),
        (&json!("provision.hcp"), &json!("acme/app-dev"))
    );
    stacks.write("infra/dev/main.tf", "");
    let text = std::fs::read_to_string(stacks.path("jalon.toml")).unwrap();
    stacks.write(
        "jalon.toml",
        &format!("{text}hcp = {{ organization = \"o\", workspace = \"w-{{environment}}\" }}\n"),
    );
    let error = stacks.refused("provision destroy cluster --env dev --yes", 3);
    assert_eq!(error["params"]["workspace"], "o/w-dev");
    stacks.write("jalon.toml", &text);
    stacks.write(
        ".github/workflows/terraform.yml",
        "on: push\nenv:\n  TF_CLOUD_ORGANIZATION: acme\njobs:\n  plan:\n    steps:\n      \
         - uses: hashicorp/tfc-workflows-github/actions/upload-configuration@v1\n        with:\n          \
         workspace: from-workflow\n          directory: infra/dev\n",
    );
    let error = stacks.refused("provision drift cluster --env dev", 3);
    assert_eq!(error["params"]["workspace"], "acme/from-workflow");
    assert!(stacks.runs().is_empty());
    assert!(!stacks.path("infra/dev/.terraform").exists(), "no tool has been there");
}

#[test]
fn secrets_reach_the_tool_and_nothing_else() {
    const CANARY: &str = "canary-secret-0123456789";
    let main = r#"
variable "db_password" {
  sensitive = true
}
resource "terraform_data" "one" {
  provisioner "local-exec" {
    command = "echo \"given $TF_VAR_db_password\"; env | grep -c DB_PASSWORD; test -e ../../world/go"
  }
}
check "told" {
  assert {
    condition     = length(var.db_password) == 0
    error_message = "the secret has a length"
  }
}
"#;
    for tool in tools() {
        let mut stacks = Stacks::new(&tool, main);
        let missing = run(
            stacks.command("provision plan cluster --env dev --json").env_remove("JALON_SECRET_DB_PASSWORD"),
            "",
        );
        assert!(String::from_utf8_lossy(&missing.stderr).contains("deploy.secret_missing"));
        stacks.variables.push(("JALON_SECRET_DB_PASSWORD".to_owned(), CANARY.to_owned()));
        let error = stacks.refused("provision apply cluster --env dev --yes", 1);
        assert_eq!(error["code"], "provision.failed", "{error}");
        assert!(stacks.log("1").contains("given •••"), "{}", stacks.log("1"));
        // A plan that waits is on the disk, and packed: what is searched is everything but that.
        let planned = id(&stacks.done("provision plan cluster --env dev"));
        tests::canary::nowhere(&stacks.bench, CANARY);
        stacks.write("world/go", "");
        stacks.done(&format!("provision apply cluster --env dev --plan {planned}"));
        tests::canary::nowhere(&stacks.bench, CANARY);
    }
}

#[test]
fn programs_and_files_that_cannot_be_used_are_named() {
    let tool = &tools()[0];
    let stacks = Stacks::new(tool, "resource \"terraform_data\" \"one\" {}\n");
    let failed = |code: &str, text: &str| {
        stacks.write("infra/dev/main.tf", text);
        stacks.done("trust --yes");
        let error = stacks.refused("provision plan cluster --env dev", 1);
        assert_eq!(error["code"], code, "{error}");
        error["message"].as_str().unwrap().to_owned()
    };
    let message = failed("provision.failed", "resource \"terraform_data\" \"one\" {\n  inputt = 1\n}\n");
    assert!(message.contains("main.tf:2") && message.contains("inputt"), "{message}");
    let source = "terraform {\n  required_providers {\n    none = { source = \"registry.invalid/none/none\" }\n  }\n}\n";
    let message = failed("provision.provider_missing", source);
    assert!(message.contains("none/none"), "{message}");
    stacks.write("infra/dev/terraform.tfstate", "{ half");
    failed("provision.state_damaged", "resource \"terraform_data\" \"one\" {}\n");
    std::fs::remove_file(stacks.path("infra/dev/terraform.tfstate")).unwrap();
    assert_eq!(stacks.refused("provision plan moon --env dev", 1)["code"], "provision.stack_unknown");
    assert_eq!(stacks.refused("provision plan cluster --env moon", 1)["code"], "deploy.environment_unknown");
    std::fs::remove_dir_all(stacks.path("infra/prod")).unwrap();
    assert_eq!(stacks.refused("provision plan cluster --env prod", 1)["code"], "provision.no_folder");
    let text = std::fs::read_to_string(stacks.path("jalon.toml")).unwrap();
    stacks.write("jalon.toml", &text.replace("infra/{environment}", "infra/dev"));
    let error = stacks.refused("provision plan cluster --env dev", 3);
    assert_eq!(
        (&error["code"], &error["params"]["owner"]),
        (&json!("provision.shared_folder"), &json!("cluster in prod"))
    );
    stacks.write("jalon.toml", &text.replace(&format!("tool = \"{}\"", tool.0), "tool = \"ansible\""));
    assert_eq!(stacks.refused("provision plan cluster --env dev", 1)["code"], "provision.tool_unsupported");
}

/// A program in the tool's place that plans as it is told.
fn stand_in(stacks: &Stacks, version: &str, plan: &str) {
    script(
        &stacks.bench.path().join("bin/tofu"),
        &format!(
            "case \"$1\" in\nversion) echo '{{\"terraform_version\":\"{version}\"}}';;\n\
             validate) echo '{{\"valid\":true,\"diagnostics\":[]}}';;\nplan) {plan};;\nesac\n"
        ),
    );
}

#[test]
fn programs_of_another_time_are_told_plainly() {
    // What no real program says today is said by one in its place.
    let empty = tempfile::tempdir().unwrap();
    let mut stacks = Stacks::of("tofu", empty.path().to_owned());
    stacks.put_first(stacks.bench.path().join("bin"));
    stacks.write("infra/dev/main.tf", "");
    stacks.done("trust --yes");
    let refused = |stacks: &Stacks, code: &str| {
        let error = stacks.refused("provision plan cluster --env dev", 1);
        assert_eq!(error["code"], code, "{error}");
        error["message"].as_str().unwrap().to_owned()
    };
    stand_in(&stacks, "1.5.0", "true");
    assert!(refused(&stacks, "provision.tool_too_old").contains("1.6.0 or newer"));
    let say = |kind: &str| format!("echo '{{\"@message\":\"m\",\"type\":\"version\",\"ui\":\"{kind}\"}}'");
    stand_in(&stacks, "1.9.0", &format!("{}; sleep 300", say("2.0")));
    assert!(refused(&stacks, "provision.stream_unknown").contains("version 2.0"));
    let full = "{\"@message\":\"Error\",\"type\":\"diagnostic\",\"diagnostic\":{\"severity\":\"error\",\
                \"summary\":\"Failed to write plan file\",\"detail\":\"write plan: no space left on device\"}}";
    stand_in(&stacks, "1.9.0", &format!("echo '{full}'; exit 1"));
    assert!(refused(&stacks, "provision.disk_full").contains("no space left"));
    stacks.variables.push(("JALON_PROVISION_TIMEOUT".to_owned(), "1".to_owned()));
    stand_in(
        &stacks,
        "1.9.0",
        &format!("{}; echo '{{\"@message\":\"thinking\",\"type\":\"thought\"}}'; sleep 300", say("1.9")),
    );
    refused(&stacks, "provision.timeout");
    let last = stacks.runs()[0]["id"].as_str().unwrap().to_owned();
    let log = stacks.log(&last);
    assert!(log.contains("thinking") && log.contains("\"thought\" is new to this Jalon"), "{log}");
    std::fs::remove_file(stacks.bench.path().join("bin/tofu")).unwrap();
    stacks.variables.push(("PATH".to_owned(), empty.path().display().to_string()));
    refused(&stacks, "provision.tool_missing");
}

#[test]
fn a_killed_jalonctl_loses_nothing() {
    let stacks = Stacks::new(&tools()[0], SLOW);
    let caller = stacks.start("provision apply cluster --env dev --yes");
    stacks.until("the apply", || stacks.path("world/begun").exists());
    let process = caller.id();
    drop(caller);
    stacks.until("the end of who asked", || !alive(process));
    stacks.write("world/go", "");
    assert_eq!(stacks.done("runs resume 1")["state"], "succeeded");
    assert_eq!(resources(&stacks.state("dev")), ["first", "slow"]);
}
