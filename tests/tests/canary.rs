//! Secrets on their way through kubeconfigs, environments of a cluster and Terraform: they reach the one who needs them,
//! and are then found nowhere: not on the disk, not in an answer, not with a process that has no use for them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::process::Stdio;

use tests::canary::{not_given_to, nowhere};
use tests::cluster::team::{CANARY, MANIFESTS, Team};
use tests::cluster::{Access, Plugin};
use tests::process::{Running, run, until};
use tests::remote_state::RemoteState;
use tests::site::Site;
use tests::stacks::{LONG, Stacks, tools};

/// Everything that a call says, in both forms, whatever comes of it.
fn said(site: &Site, words: &str) -> String {
    let calls = [words.to_owned(), format!("{words} --json")];
    let said = calls.iter().map(|words| {
        let output = run(&mut site.command(words), "");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    });
    said.collect::<Vec<_>>().join("\n")
}

/// Asks for everything that can be asked of a service in dev, and of its runs.
fn ask_everything(site: &Site, canaries: &[&str]) {
    let mut calls: Vec<String> = [
        "diff web --env dev --version v2",
        "deploy web --env dev --version v2 --dry-run",
        "diagnose web --env dev",
        "logs web --env dev",
        "monitor status --env dev",
        "alarms list",
        "status",
        "doctor",
        "runs list",
    ]
    .map(str::to_owned)
    .into();
    for run in site.runs() {
        let id = run["id"].as_str().unwrap();
        calls.extend([format!("runs show {id}"), format!("runs log {id}")]);
    }
    for words in calls {
        let said = said(site, &words);
        assert!(!said.trim().is_empty(), "{words}");
        for canary in canaries {
            assert!(!said.contains(canary), "{words}: {said}");
        }
    }
}

/// Starts a deployment whose pods never come up, and looks at its process.
fn while_it_rolls(team: &Team, look: impl FnOnce(u32)) {
    let site = &team.site;
    let mut command = site.command("deploy web --env dev --version stuck");
    let caller = Running::start(command.stdin(Stdio::null()), site.bench.path());
    until("the rollout", || team.image(&team.dev) == "registry.example/web:stuck");
    let [process] = site.processes("run-process")[..] else { panic!("one process for one run") };
    look(process);
    let id = site.runs()[0]["id"].as_str().unwrap().to_owned();
    site.done(&format!("runs cancel {id}"));
    assert_eq!(caller.ended(), Some(1));
}

fn versions(team: &Team) {
    for (tag, image) in [("v1", "web:1"), ("v2", "web:2"), ("stuck", "web:stuck")] {
        team.manifests(&format!("registry.example/{image}"), tag);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_kubeconfig_holds_stays_there() {
    let mut team = Team::new("manifests = [\"k8s/*.yaml\"]").await;
    versions(&team);
    let token = team.cluster.account(&team.dev, "deployer", "admin").await;
    // Of a token and a key every piece is a secret; these are some that no other text has.
    let signature = token.rsplit('.').next().unwrap().to_owned();
    let key = team.cluster.administrator().key.lines().nth(1).unwrap().to_owned();
    let ways = [
        (Access::Token(token.clone()), vec![token.as_str(), &signature]),
        (Access::Exec(Plugin::Answers(token.clone())), vec![token.as_str(), &signature]),
        (Access::Administrator, vec![key.as_str()]),
    ];
    for (access, canaries) in ways {
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = team.cluster.write_kubeconfig(folder.path(), &access, &team.dev);
        team.site.variables.push(("KUBECONFIG", kubeconfig.display().to_string()));
        team.site.done("deploy web --env dev --version v1");
        while_it_rolls(&team, |process| canaries.iter().for_each(|canary| not_given_to(process, canary)));
        team.site.done("rollback web --env dev");
        ask_everything(&team.site, &canaries);
        for canary in canaries {
            nowhere(&team.site.bench, canary);
        }
        team.site.done("stop web --env dev");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_environments_secrets_are_in_the_cluster_and_nowhere_else() {
    const NEXT: &str = "canary-5e2b88d041-next";
    let mut team = Team::new("manifests = [\"k8s/*.yaml\"]").await;
    versions(&team);
    // Where a secret does not belong it is refused by its name alone.
    let text = MANIFESTS.replace("${GREETING:-hello}", "${DATABASE_URL}").replace("IMAGE", "web:1");
    team.site.bench.write("k8s/web.yaml", &text);
    team.version("told");
    let refused = said(&team.site, "deploy web --env dev --version told");
    assert!(refused.contains("DATABASE_URL") && !refused.contains(CANARY), "{refused}");

    team.site.done("deploy web --env dev --version v1");
    // The run needs it, and no word of how it was started holds it: that is searched below.
    while_it_rolls(&team, |_| nowhere(&team.site.bench, CANARY));
    team.site.done("rollback web --env dev");
    // That it would change is told, and not to what.
    team.site.variables.push(("JALON_SECRET_DATABASE_URL", NEXT.to_owned()));
    let diff = team.site.done("diff web --env dev --version v1");
    assert!(diff["objects"].to_string().contains("masked"), "{diff:#}");
    team.site.done("deploy web --env dev --version v2");
    let kept =
        team.kubectl(&team.dev, "get secret web-secrets -o go-template={{.data.DATABASE_URL|base64decode}}");
    assert_eq!(kept, NEXT);
    ask_everything(&team.site, &[CANARY, NEXT]);
    // Stopping it needs no secret, so it is given none; and what is left afterwards holds none.
    team.site.done("stop web --env dev");
    for canary in [CANARY, NEXT] {
        nowhere(&team.site.bench, canary);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_is_given_secrets_by_an_object_and_helm_never() {
    let team = Team::new("helm = \"chart\"").await;
    let site = &team.site;
    site.bench.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n");
    let hook = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: before, annotations: {helm.sh/hook: pre-install}}\nspec:\n  \
                template:\n    spec: {restartPolicy: Never, containers: [{name: job, image: 'registry.example/job:stuck'}]}\n";
    site.bench.write("chart/templates/before.yaml", hook);
    team.version("v1");
    let caller = Running::start(
        site.command("deploy web --env dev --version v1").stdin(Stdio::null()),
        site.bench.path(),
    );
    until("Helm waiting for its hook", || {
        !team.kubectl(&team.dev, "get job before --ignore-not-found -o name").is_empty()
    });
    let [helm] = site.processes("upgrade")[..] else { panic!("one Helm") };
    not_given_to(helm, CANARY);
    site.done("runs cancel 1");
    assert_eq!(caller.ended(), Some(1));
    // It was asked to end, and said in its history how: nothing is pending.
    assert_eq!(site.processes("upgrade"), Vec::<u32>::new());
    let history =
        team.kubectl(&team.dev, "get secret -l owner=helm -o jsonpath={.items[*].metadata.labels.status}");
    assert_eq!(history, "failed", "{}", site.done("runs log 1"));
    nowhere(&site.bench, CANARY);
    site.done("stop web --env dev");
}

/// The secret is in the state, in what is planned, and in an output.
const MAIN: &str = r#"
variable "size" {}
variable "db_password" {
  sensitive = true
}
resource "terraform_data" "database" {
  input = { size = var.size, password = var.db_password }
  provisioner "local-exec" {
    command = "touch ../../world/begun; while ! test -e ../../world/go; do sleep 0.05; done"
  }
}
output "url" {
  value     = "postgres://app:${var.db_password}@db"
  sensitive = true
}
"#;

#[test]
fn terraforms_secrets_reach_the_tool_and_nothing_else() {
    const SECRET: &str = "canary-91cc07be3f4d5a66";
    for tool in tools() {
        // The state is with somebody else, as a team's is: on this disk nothing may hold the secret.
        let remote = RemoteState::start();
        let mut stacks = Stacks::new(&tool, &format!("{}{MAIN}", remote.backend()));
        stacks.variables.push(("JALON_SECRET_DB_PASSWORD".to_owned(), SECRET.to_owned()));
        let caller = stacks.start("provision apply cluster --env dev --yes");
        stacks.until("the apply", || stacks.path("world/begun").exists());
        // The tool has it in its environment, by its own name and never by Jalon's.
        let [applying] =
            stacks.processes("apply").iter().copied().filter(|id| *id != caller.id()).collect::<Vec<_>>()[..]
        else {
            panic!("one tool");
        };
        let environment = std::fs::read(format!("/proc/{applying}/environ")).unwrap();
        let holding: Vec<_> = environment
            .split(|byte| *byte == 0)
            .filter(|one| String::from_utf8_lossy(one).contains(SECRET))
            .map(|one| String::from_utf8_lossy(one).split('=').next().unwrap().to_owned())
            .collect();
        assert!(holding.iter().any(|name| name == "TF_VAR_db_password"), "{holding:?}");
        assert!(
            holding.iter().all(|name| name.trim_start_matches("TF_VAR_").eq_ignore_ascii_case("DB_PASSWORD"))
        );
        nowhere(&stacks.bench, SECRET);
        stacks.write("world/go", "");
        assert_eq!(caller.ended_within(LONG), Some(0));
        assert!(remote.state().to_string().contains(SECRET), "it was really used");

        stacks.configure(tool.0, "SIZE = \"2\"");
        let mut answers = Vec::new();
        for words in ["provision plan cluster --env dev", "provision drift cluster --env dev"] {
            answers.push(stacks.done(words).to_string());
            answers.push(String::from_utf8_lossy(&run(&mut stacks.command(words), "").stdout).into_owned());
        }
        answers.push(stacks.done("provision destroy cluster --env dev --yes").to_string());
        for run in stacks.runs() {
            let id = run["id"].as_str().unwrap();
            answers.push(stacks.done(&format!("runs show {id}")).to_string());
            answers.push(stacks.log(id));
        }
        assert!(answers.iter().any(|answer| answer.contains("masked") || answer.contains("•••")));
        for answer in answers {
            assert!(!answer.contains(SECRET), "{answer}");
        }
        nowhere(&stacks.bench, SECRET);

        // An environment that names no secret is given none, although whoever asks has it.
        stacks.write(
            "infra/prod/main.tf",
            &MAIN.replace("var.db_password", "\"none\"").replace("world/go", "world/gone"),
        );
        stacks.done("trust --yes");
        std::fs::remove_file(stacks.path("world/begun")).unwrap();
        stacks.configure(tool.0, "SIZE = \"1\"");
        let text = std::fs::read_to_string(stacks.path("jalon.toml")).unwrap();
        let prod = "production = true\n";
        stacks.write(
            "jalon.toml",
            &text.replace(prod, &format!("{prod}variables = {{ SIZE = \"1\", DB_PASSWORD = \"none\" }}\n")),
        );
        let caller = stacks.start("provision apply cluster --env prod --yes --confirm prod");
        stacks.until("the apply", || stacks.path("world/begun").exists());
        let others: Vec<_> = stacks.processes("").into_iter().filter(|id| *id != caller.id()).collect();
        assert!(others.len() >= 2, "a run and its tool");
        for process in others {
            // A shell's `sleep` may end while it is looked at.
            if std::fs::read(format!("/proc/{process}/environ")).is_ok_and(|bytes| !bytes.is_empty()) {
                let given = std::fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
                assert!(!String::from_utf8_lossy(&given).contains(SECRET), "process {process} was given it");
            }
        }
        stacks.write("world/gone", "");
        assert_eq!(caller.ended_within(LONG), Some(0));
    }
}
