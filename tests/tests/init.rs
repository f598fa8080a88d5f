//! `jalonctl init` in a clone as real teams have them: what it writes is a project that `status` accepts.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::process::{Command, Output};

use serde_json::Value;
use tests::process::{built, run};
use tests::project::{Bench, plan};

const CLOUD: &str = "terraform {\n  cloud {\n    organization = \"school\"\n    workspaces {\n      name = \"provisioning-ENV\"\n    }\n  }\n}\nprovider \"aws\" {\n  region = \"eu-west-3\"\n}\n";
const DEPLOY: &str = "name: deploy\non:\n  workflow_run:\n    workflows: [build]\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - run: helm upgrade --install fastapi-app helm/fastapi-app --values helm/fastapi-app/values-dev.yaml\n";
const FRONT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: front\nspec:\n  replicas: 1\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: front\n";

fn clone() -> Bench {
    let bench = Bench::new();
    bench.write("docs/project/planning.md", &plan());
    bench.write(".git/config", "[remote \"origin\"]\n\turl = git@github.com:team/app.git\n");
    bench.write(".git/HEAD", "ref: refs/heads/main\n");
    for environment in ["dev", "prod"] {
        let text = CLOUD.replace("ENV", environment);
        bench.write(&format!("terraform/provisioning/{environment}/main.tf"), &text);
        bench.write(&format!("helm/fastapi-app/values-{environment}.yaml"), "replicas: 1\n");
    }
    bench.write("terraform/modules/vpc/main.tf", "resource \"aws_vpc\" \"main\" {}\n");
    bench.write("helm/fastapi-app/Chart.yaml", "apiVersion: v2\nname: fastapi-app\nversion: 0.1.0\n");
    bench.write("helm/fastapi-app/templates/deployment.yaml", "kind: {{ .Values.kind }}\n");
    bench.write("k8s/front.yaml", FRONT);
    bench.write("ansible/site.yml", "- hosts: all\n  roles: [base]\n");
    bench.write("Vagrantfile", "Vagrant.configure(\"2\") { }\n");
    bench.write("docker-compose.yml", "services:\n  db:\n    image: postgres\n");
    bench.write(".github/workflows/deploy.yaml", DEPLOY);
    bench.write(".github/workflows/ci.yaml", "on: push\njobs:\n  test:\n    steps:\n      - run: pytest\n");
    bench
}

fn jalonctl(bench: &Bench, words: &str) -> Output {
    let mut command = Command::new(built("jalonctl"));
    command.args(words.split(' ')).current_dir(bench.project()).envs(bench.variables("http://127.0.0.1:9"));
    run(&mut command, "")
}

#[test]
fn a_clone_of_a_real_team_becomes_a_project() {
    let bench = clone();
    let output = jalonctl(&bench, "init --json");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let header: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&header["name"], &header["github"]), (&"app".into(), &"team/app".into()));
    let written = std::fs::read_to_string(bench.project().join("jalon.toml")).unwrap();
    for line in [
        "plan = \"docs/project/planning.md\"",
        "dir = \"terraform/provisioning/{environment}\"  # found for dev, prod",
        "hcp = { organization = \"school\", workspace = \"provisioning-{environment}\" }",
        "helm = \"helm/fastapi-app\"",
        "values = [\"helm/fastapi-app/values-{environment}.yaml\"]",
        "deployed_by = \"github-actions\"",
        "workflow = \"deploy.yaml\"",
        "manifests = [\"k8s/*.yaml\"]",
        "name = \"front\"",
        "# tool = \"ansible\"",
        "# tool = \"vagrant\"",
        "docker-compose.yml starts containers",
        "production = true",
        "promotes_from = \"dev\"",
    ] {
        assert!(written.contains(line), "{line}\n{written}");
    }
    assert!(!written.contains("modules/vpc"), "{written}");
    for words in ["status --json", "doctor --json", "runs list --json", "kpis --json"] {
        let output = jalonctl(&bench, words);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{words}: {} {}\n{written}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    // What is there is never overwritten.
    assert_eq!(jalonctl(&bench, "init").status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(bench.project().join("jalon.toml")).unwrap(), written);
}
