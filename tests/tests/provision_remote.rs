//! Provisioning with a state that is kept elsewhere: its lock, taking it off, and no room for it in mid-apply; and with no
//! room anywhere.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use tests::remote_state::RemoteState;
use tests::stacks::{Stacks, script, tools};

#[test]
fn a_lock_elsewhere_is_told_and_taken_off_and_a_full_disk_loses_no_state() {
    for tool in tools() {
        let remote = RemoteState::start();
        let main = format!("{}resource \"terraform_data\" \"one\" {{}}\n", remote.backend());
        let stacks = Stacks::new(&tool, &main);
        remote.lock(&json!({
            "ID": "1f0c3a52-0000-4000-8000-000000000001", "Operation": "OperationTypeApply", "Info": "",
            "Who": "student-b@lab", "Version": "1.11.4", "Created": "2026-11-23T07:00:00Z", "Path": "",
        }));
        let error = stacks.refused("provision plan cluster --env dev", 1);
        assert_eq!(error["code"], "provision.locked", "{error}");
        assert_eq!(error["params"]["who"], "student-b@lab");
        assert!(error["params"]["since"].as_str().unwrap().starts_with("2026-11-23"), "{error}");
        let lock = error["params"]["lock"].as_str().unwrap();
        assert_eq!(stacks.refused("provision unlock cluster --env dev", 3)["code"], "provision.lock_unnamed");
        let odd = stacks.refused("provision unlock cluster --env dev --lock=-help", 1);
        assert_eq!(odd["code"], "engine.bad_request");
        assert!(remote.is_locked());
        stacks.done(&format!("provision unlock cluster --env dev --lock {lock}"));
        assert!(!remote.is_locked());

        let plan = stacks.done("provision plan cluster --env dev");
        // An empty state is none, or one that nothing was written to yet.
        assert!(plan["serial"].as_u64().unwrap_or(0) == 0 && plan["counts"]["create"] == 1, "{plan}");
        remote.fill(true);
        let run = plan["run"]["id"].as_str().unwrap();
        let error = stacks.refused(&format!("provision apply cluster --env dev --plan {run}"), 1);
        assert!(
            ["provision.failed", "provision.disk_full"].contains(&error["code"].as_str().unwrap()),
            "{error}"
        );
        let left = stacks.done(&format!("runs show {run}"))["left_behind"].to_string();
        assert!(
            left.contains("creation of terraform_data.one") && left.contains("errored.tfstate"),
            "{left}"
        );
        assert_eq!(remote.state(), Value::Null);
        assert!(stacks.path("infra/dev/errored.tfstate").is_file(), "what was created is not forgotten");
        assert!(!remote.is_locked());
        remote.fill(false);
        std::fs::remove_file(stacks.path("infra/dev/errored.tfstate")).unwrap();
        stacks.done("provision apply cluster --env dev --yes");
        let serial = stacks.done("provision plan cluster --env dev")["serial"].as_u64().unwrap();
        assert_eq!(Some(serial), remote.state()["serial"].as_u64());
    }
}

/// Its state has more bytes than the tool may write.
const BIG: &str = r#"
variable "db_password" {
  sensitive = true
}
resource "terraform_data" "big" {
  input = { padding = join("", [for i in range(1000) : "0123456789"]), password = var.db_password }
}
"#;

#[test]
fn a_state_that_can_be_written_nowhere_is_rescued() {
    for tool in tools() {
        let mut stacks = Stacks::new(&tool, BIG);
        let bin = stacks.bench.path().join("bin");
        // While it applies the kernel refuses every file over some kilobytes, whatever folder it is in.
        let limited = format!("[ \"$1\" = apply ] && ulimit -f 8\nexec {} \"$@\"\n", tool.1.display());
        script(&bin.join(tool.0), &limited);
        stacks.put_first(bin.clone());
        let error = stacks.refused("provision apply cluster --env dev --yes", 1);
        assert_eq!(error["code"], "provision.disk_full", "{error}");
        let rescued = stacks.bench.home().join("runs/1/rescued.tfstate");
        let run = stacks.done("runs show 1");
        let left = run["left_behind"].to_string();
        for part in [
            "creation of terraform_data.big",
            "make room, put it in the state's place",
            "errored.tfstate is not whole",
            &rescued.display().to_string(),
        ] {
            assert!(left.contains(part), "{part}: {left}");
        }
        assert_eq!(std::fs::metadata(&rescued).unwrap().permissions().mode() & 0o777, 0o600);
        let log = stacks.log("1");
        assert!(log.contains("Emergency state dump") && !log.contains("hunter22"), "{log}");
        assert!(!run.to_string().contains("hunter22") && !error.to_string().contains("hunter22"));

        // The half of it that was written is no state.
        std::fs::remove_file(bin.join(tool.0)).unwrap();
        let error = stacks.refused("provision plan cluster --env dev", 1);
        assert_eq!(error["code"], "provision.state_damaged", "{error}");
        // Without it everything would be created again, which is said.
        let place = stacks.path("infra/dev/terraform.tfstate");
        std::fs::remove_file(&place).unwrap();
        let plan = stacks.done("provision plan cluster --env dev");
        assert_eq!(plan["counts"]["create"], 1);
        assert!(plan["diagnostics"].to_string().contains("rescued.tfstate"), "{plan:#}");
        // In its place it is the state, and kept nowhere else.
        std::fs::copy(&rescued, &place).unwrap();
        let plan = stacks.done("provision plan cluster --env dev");
        assert_eq!(
            (&plan["counts"]["create"], &plan["counts"]["unchanged"]),
            (&json!(0), &json!(1)),
            "{plan:#}"
        );
        assert!(!plan["diagnostics"].to_string().contains("rescued"), "{plan:#}");
        assert!(!rescued.exists());
    }
}
