//! Provisioning with a state that is kept elsewhere: its lock, taking it off, and no room for it in mid-apply.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use serde_json::{Value, json};
use tests::remote_state::RemoteState;
use tests::stacks::{Stacks, tools};

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
