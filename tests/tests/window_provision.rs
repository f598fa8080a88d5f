//! Provisioning in the real window: plan, review, confirm, apply with the live log, drift; with pictures in
//! `artefacts/screens`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use tests::stacks::{LONG, Stacks, tools};
use tests::window::Window;

/// Creates, replaces and updates by `SIZE`; `database` is being made until the file `go` is there.
const DEV: &str = r#"
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
  depends_on = [terraform_data.network, terraform_data.node]
  input      = { size = var.size, password = var.db_password }
  provisioner "local-exec" {
    command = "echo moving in; while ! test -e ../../world/go; do sleep 0.05; done"
  }
}
output "motd" {
  value = trimspace(file("${path.module}/../../world/motd.txt"))
}
output "password" {
  value     = var.db_password
  sensitive = true
}
"#;

const PASSWORD: &str = "hunter22hunter22";

async fn open(stacks: &Stacks) -> Window {
    let own = stacks.environment();
    let mut variables: Vec<(&str, &str)> =
        own.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // The clock runs: runs take time.
    variables.extend([("JALON_SECRET_DB_PASSWORD", PASSWORD), ("JALON_NOW", "")]);
    Window::open(&stacks.bench, "http://127.0.0.1:9", &variables).await
}

async fn state(window: &Window, words: &str) {
    window.find("provision-panel").await;
    window.says_within(LONG, "run-state", words).await;
}

/// Takes a picture, and looks for what not everybody could use.
async fn looks(window: &Window, name: &str) {
    window.picture(name).await;
    window.accessible(name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_review_confirm_apply_drift() {
    let tool = &tools()[0];
    let stacks = Stacks::of(tool.0, tool.1.parent().unwrap().to_owned());
    stacks.write("infra/dev/main.tf", DEV);
    stacks.write("infra/prod/main.tf", "resource \"terraform_data\" \"one\" {}\n");
    stacks.commit();

    // Nothing of the repository is run before a person saw what it is.
    let window = open(&stacks).await;
    window.resize(1280, 800).await;
    window.enter(&stacks.bench).await;
    window.look("en", "light").await;
    window.click("nav-provisioning").await;
    window.find("trust-panel").await;
    looks(&window, "50-provisioning-trust").await;
    window.click("trust-commands").await;
    window.find("place-cluster-dev").await;
    looks(&window, "50-provisioning-empty").await;

    // The plan: nothing is done before it is confirmed.
    window.click("plan-cluster-dev").await;
    state(&window, "Waits for your confirmation").await;
    window.says("plan-counts", "3").await;
    window.see("terraform_data.database").await;
    window.says("plan-bar", "Apply exactly this plan to dev").await;
    looks(&window, "51-plan").await;
    assert_eq!(stacks.state("dev"), serde_json::Value::Null);

    // The apply, as it goes on: resources one by one, and the log.
    window.click("plan-apply").await;
    window.says_within(LONG, "apply-count", "2 of 3 done").await;
    window.says_within(LONG, "run-log", "moving in").await;
    looks(&window, "52-applying").await;
    stacks.write("world/go", "");
    state(&window, "Succeeded").await;
    window.says("outputs", "hello").await;
    assert!(window.text_of("outputs").await.contains("masked"));
    looks(&window, "53-applied").await;

    // Another size: what is replaced comes first, and says why.
    stacks.configure(tool.0, "SIZE = \"2\"");
    window.click("plan-again").await;
    window.says_within(LONG, "plan-counts", "to replace").await;
    let rows = window.driver.find_all(thirtyfour::By::Css("[data-testid=\"change\"]")).await.unwrap();
    let mut actions = Vec::new();
    for row in rows {
        actions.push((row.attr("data-action").await.unwrap(), row.attr("data-address").await.unwrap()));
    }
    let expected = [("replace", "terraform_data.node"), ("update", "terraform_data.database")];
    assert_eq!(actions, expected.map(|(action, address)| (Some(action.into()), Some(address.into()))));
    window.see("forces").await;
    window.find("plan-harm").await;
    looks(&window, "54-plan-replace").await;
    window.click("plan-apply").await;
    state(&window, "Succeeded").await;

    // The world changes, and a look at it tells so and changes nothing.
    stacks.write("world/motd.txt", "bye\n");
    window.click("plan-drift").await;
    window.says_within(LONG, "headline", "1 output would change").await;
    state(&window, "Succeeded").await;
    for words in ["hello", "bye"] {
        window.see(words).await;
    }
    looks(&window, "55-drift").await;
    assert_eq!(stacks.state("dev")["outputs"]["motd"]["value"], "hello");
    window.click("run-back").await;
    window.says("place-cluster-dev", "1 output").await;

    // Production wants its name.
    window.click("plan-cluster-prod").await;
    state(&window, "Waits for your confirmation").await;
    window.fill("plan-confirm", "dev").await;
    assert_eq!(window.find("plan-apply").await.attr("aria-disabled").await.unwrap().as_deref(), Some("true"));
    looks(&window, "56-plan-production").await;
    window.press(thirtyfour::Key::Enter + "").await;
    assert_eq!(stacks.state("prod"), serde_json::Value::Null);
    window.fill("plan-confirm", "prod").await;
    window.click("plan-apply").await;
    state(&window, "Succeeded").await;
    assert_eq!(stacks.state("prod")["resources"][0]["name"], "one");
    window.click("run-back").await;
    window.find("history-row").await;
    looks(&window, "57-provisioning").await;

    // French, dark.
    window.look("fr", "dark").await;
    window.click("nav-provisioning").await;
    window.find("place-cluster-dev").await;
    looks(&window, "57-provisioning-fr-dark").await;
    window.click("plan-cluster-dev").await;
    window.says_within(LONG, "run-state", "Attend").await;
    window.find("plan-bar").await;
    looks(&window, "58-plan-fr-dark").await;
    window.resize(1000, 700).await;
    looks(&window, "58-plan-small").await;
    window.click("plan-discard").await;
    window.says_within(LONG, "run-state", "Annul").await;
    window.close().await;

    let runs = stacks.runs();
    assert!(
        runs.iter().all(|run| ["succeeded", "cancelled"].contains(&run["state"].as_str().unwrap())),
        "{runs:#?}"
    );
    // The tool's own state holds it: that is the tool's way. Nothing of Jalon's does.
    std::fs::remove_dir_all(stacks.path("infra")).unwrap();
    tests::canary::nowhere(&stacks.bench, PASSWORD);
}
