//! A destruction whose run is killed: what the tool did is written, and the rest can be done.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use serde_json::{Value, json};
use tests::stacks::{LONG, Stacks, tools};

/// Takes a while to destroy: until the file `go` is there.
const LASTING: &str = r#"
resource "terraform_data" "first" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" {
    when    = destroy
    command = "touch ../../world/begun; while ! test -e ../../world/go; do sleep 0.05; done"
  }
}
"#;

fn resources(state: &Value) -> Vec<String> {
    let all = state["resources"].as_array().cloned().unwrap_or_default();
    all.iter().map(|resource| resource["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_killed_destroy_is_interrupted_and_its_state_is_written() {
    let stacks = Stacks::new(&tools()[0], LASTING);
    stacks.done("provision apply cluster --env dev --yes");
    let caller = stacks.start("provision destroy cluster --env dev --yes");
    stacks.until("the destruction", || stacks.path("world/begun").exists());
    assert_eq!(stacks.kill_runs(), 1);
    assert_eq!(caller.ended_within(LONG), Some(1));
    let run = stacks.done("runs show 2");
    assert_eq!((&run["state"], &run["reason"]["code"]), (&json!("interrupted"), &json!("run.interrupted")));
    assert!(run["left_behind"][0].as_str().unwrap().contains("asked to end"), "{run:#}");
    assert!(!stacks.keeps_plan("2"));
    stacks.until("the end of the tool", || stacks.processes("").is_empty());
    // What was not destroyed is still known, so that it can be.
    assert_eq!(resources(&stacks.state("dev")), ["first", "slow"]);
    stacks.write("world/go", "");
    let destroyed = stacks.done("provision destroy cluster --env dev --yes");
    assert_eq!(destroyed["counts"]["destroy"], 2);
    assert_eq!(resources(&stacks.state("dev")), Vec::<String>::new());
    assert_eq!(stacks.runs().len(), 3, "no run is lost or doubled");
}
