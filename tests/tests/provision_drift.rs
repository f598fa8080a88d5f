//! Drift of a resource, with a real provider: what somebody did behind the state's back is named and nothing is changed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use serde_json::json;
use tests::programs;
use tests::stacks::{Stacks, tools};

const MAIN: &str = r#"
terraform {
  required_providers {
    local = { source = "hashicorp/local" }
  }
}
resource "local_file" "banner" {
  filename = "${path.module}/../../world/banner.txt"
  content  = "under construction"
}
resource "local_file" "kept" {
  filename = "${path.module}/../../world/kept.txt"
  content  = "as it was"
}
"#;

/// A project whose provider comes from a folder, as from a mirror of a registry.
fn with_provider(tool: &(&str, std::path::PathBuf)) -> Stacks {
    let mut stacks = Stacks::of(tool.0, tool.1.parent().unwrap().to_owned());
    let mirror = stacks.bench.path().join("mirror");
    let platform = match std::env::consts::ARCH {
        "aarch64" => "linux_arm64",
        _ => "linux_amd64",
    };
    for registry in ["registry.opentofu.org", "registry.terraform.io"] {
        let folder = mirror.join(registry).join("hashicorp/local/1.4.1").join(platform);
        std::fs::create_dir_all(&folder).unwrap();
        let program = programs::find("terraform-provider-local");
        std::os::unix::fs::symlink(program, folder.join("terraform-provider-local_v1.4.1")).unwrap();
    }
    let settings = stacks.bench.path().join("tools.tfrc");
    let text = format!("provider_installation {{\n  filesystem_mirror {{\n    path = {mirror:?}\n  }}\n}}\n");
    std::fs::write(&settings, text).unwrap();
    stacks.variables.push(("TF_CLI_CONFIG_FILE".to_owned(), settings.display().to_string()));
    for environment in ["dev", "prod"] {
        stacks.write(&format!("infra/{environment}/main.tf"), MAIN);
    }
    stacks.commit();
    stacks.done("trust --yes");
    stacks
}

#[test]
fn what_somebody_removed_is_named_and_nothing_is_changed() {
    for tool in tools() {
        let stacks = with_provider(&tool);
        stacks.done("provision apply cluster --env dev --yes");
        let banner = stacks.path("world/banner.txt");
        assert_eq!(std::fs::read_to_string(&banner).unwrap(), "under construction");
        let calm = stacks.done("provision drift cluster --env dev");
        assert_eq!(calm["drift"], json!([]), "{calm:#}");

        std::fs::remove_file(&banner).unwrap();
        let before = stacks.state("dev");
        let drift = stacks.done("provision drift cluster --env dev");
        let changes = drift["drift"].as_array().unwrap();
        assert_eq!(changes.len(), 1, "{drift:#}");
        assert_eq!(
            (&changes[0]["address"], &changes[0]["action"]),
            (&json!("local_file.banner"), &json!("destroy"))
        );
        assert!(!banner.exists(), "a look changes nothing");
        assert_eq!(stacks.state("dev"), before);

        // The next plan puts it back, and that alone.
        let plan = stacks.done("provision apply cluster --env dev --yes");
        assert_eq!(
            plan["counts"],
            json!({"create": 1, "update": 0, "replace": 0, "destroy": 0, "unchanged": 1})
        );
        assert!(banner.exists());
        assert_eq!(stacks.done("provision drift cluster --env dev")["drift"], json!([]));
    }
}
