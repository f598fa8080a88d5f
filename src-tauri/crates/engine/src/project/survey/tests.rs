use super::*;
use crate::project::config::Config;

struct Clone(tempfile::TempDir);

impl Clone {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn survey(&self) -> Survey {
        survey(self.0.path(), &Work::silent()).unwrap()
    }

    /// What is written reads back.
    fn config(&self) -> Config {
        let text = format!("[project]\nname = \"app\"\n{}", text(&self.survey()));
        Config::parse(&text, Path::new("jalon.toml")).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }
}

const ROOT: &str = "terraform {\n  required_version = \"~> 1.9\"\n}\nprovider \"aws\" {}\n";
const CHART: &str = "apiVersion: v2\nname: fastapi-app\nversion: 0.1.0\n";

fn deployment(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  namespace: shop\nspec:\n  replicas: ${{REPLICAS}}\n"
    )
}

#[test]
fn a_folder_for_each_environment_is_one_stack() {
    let clone = Clone::new(&[
        ("terraform/provisioning/dev/main.tf", ROOT),
        ("terraform/provisioning/prod/main.tf", ROOT),
        ("terraform/provisioning/modules/vpc/main.tf", "resource \"x\" \"y\" {}"),
        ("terraform/live/preprod/network/main.tf", "module \"n\" {\n  source = \"../../../lib/net\"\n}"),
        ("terraform/live/prod/network/main.tf", ROOT),
        ("terraform/lib/net/main.tf", "resource \"x\" \"y\" {}"),
        ("infra/main.tofu", ROOT),
        ("infra/dev.tfvars", "a = 1"),
    ]);
    let survey = clone.survey();
    let stacks: Vec<(&str, &str, &str)> =
        survey.stacks.iter().map(|s| (s.name.as_str(), s.tool, s.dir.as_str())).collect();
    assert_eq!(
        stacks,
        [
            ("infra", "tofu", "infra"),
            ("network", "terraform", "terraform/live/{environment}/network"),
            ("provisioning", "terraform", "terraform/provisioning/{environment}"),
        ]
    );
    assert!(survey.stacks[0].notes[0].contains("infra/dev.tfvars"));
    assert_eq!(survey.environments, ["dev", "preprod", "prod"]);
    let config = clone.config();
    assert_eq!(config.stacks.len(), 3);
    let prod = config.environments.iter().find(|environment| environment.name == "prod").unwrap();
    assert!(prod.production && prod.promotes_from.as_deref() == Some("preprod"));
}

#[test]
fn cloud_blocks_name_the_workspace() {
    let cloud = |name: &str| {
        format!(
            "terraform {{\n  # cloud {{ no }}\n  cloud {{\n    organization = \"school\"\n    workspaces {{ name = \"{name}\" }}\n  }}\n}}\n"
        )
    };
    let clone = Clone::new(&[
        ("tf/dev/main.tf", &cloud("cluster-dev")),
        ("tf/prod/main.tf", &cloud("cluster-prod")),
        (
            "other/main.tf",
            "terraform {\n  cloud {\n    organization = \"school\"\n    workspaces {\n      tags = [\"x\"]\n    }\n  }\n}\n",
        ),
        (
            "old/main.tf",
            "terraform {\n  backend \"remote\" {\n    organization = \"school\"\n    workspaces {\n      prefix = \"old-\"\n    }\n  }\n}\n",
        ),
        ("local/main.tf", "terraform {\n  backend \"s3\" {}\n}\n"),
    ]);
    let survey = clone.survey();
    let hcp = |name: &str| survey.stacks.iter().find(|stack| stack.name == name).unwrap().hcp.clone();
    let of_dev = hcp("tf").unwrap();
    assert_eq!((of_dev.workspace.as_str(), of_dev.doubt), ("cluster-{environment}", None));
    assert!(hcp("other").unwrap().doubt.is_some());
    assert_eq!(hcp("old").unwrap().workspace, "old-{environment}");
    assert_eq!(hcp("local"), None);
    let config = clone.config();
    let stack = |name: &str| config.stacks.iter().find(|stack| stack.name == name).unwrap();
    assert_eq!(stack("tf").hcp.as_ref().unwrap().organization.as_deref(), Some("school"));
    assert_eq!(stack("other").hcp, None, "what is not certain is a comment");
}

#[test]
fn a_workflow_that_names_a_workspace_is_told_and_not_taken() {
    let clone = Clone::new(&[
        ("terraform/cluster/main.tf", ROOT),
        (
            ".github/workflows/infra.yml",
            "on: push\nenv:\n  TF_CLOUD_ORGANIZATION: school\n  TF_WORKSPACE: cluster-${{ inputs.environment }}\njobs: {}\n",
        ),
    ]);
    let hcp = clone.survey().stacks[0].hcp.clone().unwrap();
    assert_eq!(
        (hcp.organization.as_deref(), hcp.workspace.as_str()),
        (Some("school"), "cluster-{environment}")
    );
    assert!(hcp.doubt.unwrap().contains("infra.yml"));
    assert_eq!(clone.config().stacks[0].hcp, None);
}

#[test]
fn a_chart_with_values_for_each_environment() {
    let clone = Clone::new(&[
        ("helm/fastapi-app/Chart.yaml", CHART),
        ("helm/fastapi-app/values.yaml", "a: 1"),
        ("helm/fastapi-app/values-dev.yaml", "a: 1"),
        ("helm/fastapi-app/values-prod.yaml", "a: 1"),
        ("helm/fastapi-app/templates/values-test.yaml", "kind: {{ x }}"),
        ("helm/fastapi-app/charts/redis/Chart.yaml", "name: redis"),
        ("charts/common/Chart.yaml", "name: common\ntype: library"),
    ]);
    let config = clone.config();
    assert_eq!(config.services.len(), 1);
    let service = &config.services[0];
    assert_eq!((service.name.as_str(), service.helm.as_deref()), ("fastapi-app", Some("helm/fastapi-app")));
    assert_eq!(service.values, ["helm/fastapi-app/values-{environment}.yaml"]);
    let names: Vec<&str> = config.environments.iter().map(|environment| environment.name.as_str()).collect();
    assert_eq!(names, ["dev", "prod"]);
    assert_eq!(config.environments[1].promotes_from.as_deref(), Some("dev"));
}

#[test]
fn values_in_folders_and_beside_the_chart() {
    let clone = Clone::new(&[
        ("chart/Chart.yaml", CHART),
        ("chart/environments/staging/values.yaml", "a: 1"),
        ("chart/environments/production/values.yaml", "a: 1"),
    ]);
    assert_eq!(clone.config().services[0].values, ["chart/environments/{environment}/values.yaml"]);
    let clone = Clone::new(&[
        ("deploy/app/Chart.yaml", CHART),
        ("deploy/values/app.dev.yaml", "a: 1"),
        ("deploy/values/app.prod.yaml", "a: 1"),
    ]);
    assert_eq!(clone.config().services[0].values, ["deploy/values/app.{environment}.yaml"]);
}

#[test]
fn manifests_and_what_they_want() {
    let clone = Clone::new(&[
        ("k8s/deployment.yaml", &deployment("shop")),
        ("k8s/service.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: shop\n  namespace: shop\n"),
        ("config/settings.yaml", "a: 1"),
        ("namespaces/all.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n"),
    ]);
    let survey = clone.survey();
    assert_eq!(
        (survey.namespace.as_deref(), &survey.variables[..]),
        (Some("shop"), &["REPLICAS".to_owned()][..])
    );
    assert!(survey.services.iter().find(|s| s.name == "namespaces").unwrap().doubt.is_some());
    let config = clone.config();
    assert_eq!(config.services.len(), 1, "what runs nothing is a comment");
    assert_eq!(
        (config.services[0].name.as_str(), &config.services[0].manifests[..]),
        ("shop", &["k8s/*.yaml".to_owned()][..])
    );
    assert!(config.environments.is_empty(), "nothing names one");

    let (dev, prod) = (deployment("shop"), deployment("shop"));
    let clone = Clone::new(&[("k8s/dev/app.yaml", &dev), ("k8s/prod/app.yml", &prod)]);
    let config = clone.config();
    assert_eq!(config.services[0].manifests, ["k8s/{environment}/*.yaml", "k8s/{environment}/*.yml"]);
    assert_eq!(config.environments.len(), 2);
}

#[test]
fn overlays_are_one_kustomization() {
    let clone = Clone::new(&[
        ("deploy/base/kustomization.yaml", "resources: [app.yaml]"),
        ("deploy/base/app.yaml", &deployment("shop")),
        ("deploy/overlays/dev/kustomization.yaml", "resources: [../../base]"),
        ("deploy/overlays/prod/kustomization.yaml", "resources: [../../base]"),
    ]);
    let survey = clone.survey();
    assert_eq!(survey.services.len(), 1);
    assert!(text(&survey).contains("# kustomize = \"deploy/overlays/{environment}\""));
    let config = clone.config();
    assert_eq!(
        (config.services.len(), config.environments.len()),
        (0, 2),
        "no such service can be deployed yet"
    );
}

#[test]
fn a_chart_and_manifests_of_one_name_are_not_both_deployed() {
    let clone = Clone::new(&[("helm/Chart.yaml", CHART), ("k8s/app.yaml", &deployment("fastapi-app"))]);
    let config = clone.config();
    assert_eq!(config.services.len(), 1);
    assert!(config.services[0].helm.is_some());
}

#[test]
fn who_deploys_is_named() {
    use crate::project::config::Owner;
    let workflow =
        "on: push\njobs:\n  deploy:\n    steps:\n      - run: helm upgrade --install app helm/app\n";
    let charts = [("helm/app/Chart.yaml", "name: app"), ("helm/other/Chart.yaml", "name: other")];
    let with = |more: &[(&str, &str)]| Clone::new(&[&charts[..], more].concat()).config().services;
    let services =
        with(&[(".github/workflows/deploy.yaml", workflow), (".github/workflows/ci.yml", "run: cargo test")]);
    assert_eq!(services[0].deployed_by, Owner::GitHubActions { workflow: Some("deploy.yaml".into()) });
    assert_eq!(services[1].deployed_by, Owner::Jalon);

    let release = "resource \"helm_release\" \"app\" {\n  name  = \"app\"\n  chart = \"${path.module}/../../helm/app\"\n}\n";
    let services = with(&[("terraform/releases/main.tf", release)]);
    assert_eq!(services[0].deployed_by, Owner::Terraform { stack: Some("releases".into()) });

    let argo = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: app-prod\nspec:\n  source:\n    path: helm/app\n";
    let services = with(&[("argo/app.yaml", argo)]);
    assert_eq!(services[0].deployed_by, Owner::ArgoCd { application: Some("app-prod".into()) });
    assert_eq!(services.len(), 2, "the application itself is no service");

    let commented = workflow.replace("      - run", "      # - run");
    assert_eq!(with(&[(".github/workflows/deploy.yaml", &commented)])[0].deployed_by, Owner::Jalon);
}

#[test]
fn playbooks_vagrantfiles_and_compose_files_are_told() {
    let clone = Clone::new(&[
        ("ansible/site.yml", "- hosts: all\n  roles: [web]\n"),
        ("ansible/roles/web/tasks/main.yml", "- name: x\n"),
        ("vm/Vagrantfile", "Vagrant.configure('2') {}"),
        ("docker-compose.yml", "services: {}"),
    ]);
    let survey = clone.survey();
    let stacks: Vec<(&str, &str)> = survey.stacks.iter().map(|s| (s.name.as_str(), s.dir.as_str())).collect();
    assert_eq!(stacks, [("ansible", "ansible"), ("vagrant-vm", "vm")]);
    let written = text(&survey);
    assert!(
        written.contains("# tool = \"ansible\"") && written.contains("docker-compose.yml starts containers")
    );
    assert_eq!(clone.config().stacks.len(), 0);
}

#[test]
fn names_that_no_config_takes_and_words_that_mean_something_else() {
    let clone = Clone::new(&[
        ("terraform/test/main.tf", ROOT),
        ("infra été/main.tf", ROOT),
        ("a/app/Chart.yaml", "name: \"shop app\""),
        ("b/app/Chart.yaml", "name: \"shop app\""),
    ]);
    let config = clone.config();
    assert!(config.environments.is_empty(), "tests are no environment");
    let names: Vec<&str> = config.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["shop-app", "shop-app-2"]);
    assert_eq!(config.stacks.len(), 2);
    // An empty clone says nothing.
    assert_eq!(text(&Clone::new(&[]).survey()), "");
}
