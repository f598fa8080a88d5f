//! Two computers and one cluster: what one brought is what the other sees, promotes and goes back from.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::process::Command;

use engine::Work;
use engine::wire::{DeploymentsQuery, EnvironmentView, HealthState, PromoteRequest};
use tests::cluster::team::Team;
use tests::process::run;
use tests::project::Bench;
use tests::site::Site;

/// A clone of the team's repository on a computer of its own.
fn another(team: &Team) -> Site {
    let bench = Bench::new();
    std::fs::remove_dir(bench.project()).unwrap();
    let mut git = Command::new("git");
    git.args(["clone", "--quiet"]).arg(team.site.dir()).arg(bench.project());
    assert!(run(&mut git, "").status.success());
    Site::of(bench, team.site.variables.clone())
}

async fn seen(site: &Site, environment: &str) -> EnvironmentView {
    let query = DeploymentsQuery { dir: site.dir().display().to_string(), service: None };
    let all = engine::deployments(&site.engine(), query, &Work::silent()).await.unwrap();
    all.environments.into_iter().find(|one| one.name == environment).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_computer_brought_another_sees_promotes_and_goes_back_from() {
    let team = Team::new("manifests = [\"k8s/*.yaml\"]").await;
    let path = team.site.dir().join("jalon.toml");
    let twin = format!(
        "[[environment]]\nname = \"twin\"\n\
         target = {{ kind = \"kubernetes\", context = \"jalon-test\", namespace = \"{}\" }}\n[[service]]",
        team.dev
    );
    std::fs::write(&path, std::fs::read_to_string(&path).unwrap().replacen("[[service]]", &twin, 1)).unwrap();
    let [first, second] = ["1", "2"].map(|tag| format!("registry.example/signed:{tag}"));
    team.manifests(&first, "v1");
    team.manifests(&second, "v2");
    let (a, b) = (&team.site, another(&team));
    let empty = seen(&b, "dev").await;
    assert_eq!((empty.release.is_none(), empty.health.state), (true, HealthState::Empty));

    a.done("deploy web --env dev --version v1");
    let dev = seen(&b, "dev").await;
    let release = dev.release.unwrap();
    assert_eq!((release.version.as_str(), release.commit), ("v1", team.commit("v1")));
    assert!(release.elsewhere && !release.dirty && release.run.is_empty(), "{:?}", release.by);
    assert_eq!((dev.health.state, dev.replicas), (HealthState::Healthy, Some((2, 2))));
    // Another environment in the same namespace has nothing.
    for site in [a, &b] {
        assert!(seen(site, "twin").await.release.is_none());
    }
    let planned = b.done("deploy web --env dev --version v2 --dry-run");
    let words = "v1 serves there now, brought by another computer";
    assert!(planned.to_string().contains(words), "{planned}");
    // What belongs to it is not known here.
    assert_eq!(b.refused("stop web --env dev", 3), "deploy.brought_elsewhere");
    assert_eq!(team.image(&team.dev), first);

    // What runs in dev is what ran before, whoever brought it; another commit is not.
    assert_eq!(b.refused("deploy web --env prod --version v2 --confirm prod", 3), "gate.closed");
    let (dir, service, confirm) = (b.dir().display().to_string(), "web".to_owned(), Some("prod".to_owned()));
    let (from, to, commit) = ("dev".to_owned(), "prod".to_owned(), Some(team.commit("v2")));
    let seen_before = PromoteRequest { dir, service, from, to, confirm, commit };
    let error = engine::promote(&b.engine(), seen_before, &Work::silent()).await.unwrap_err();
    assert!(error.to_string().contains("v1 serves in dev now"), "{error}");
    b.done("promote web --from dev --to prod --confirm prod");
    let ran = team.kubectl(&team.dev, "get pods -o jsonpath={.items[0].status.containerStatuses[0].imageID}");
    assert!(ran.starts_with(&format!("{first}@sha256:")), "{ran}");
    assert_eq!(team.image(&team.prod), ran);
    let prod = seen(a, "prod").await.release.unwrap();
    assert!(prod.elsewhere && prod.version == "v1", "{prod:?}");

    // The later one serves, and each goes back from it to what it brought itself.
    b.done("deploy web --env dev --version v2");
    assert!(!seen(&b, "dev").await.release.unwrap().elsewhere);
    let dev = seen(a, "dev").await;
    let release = dev.release.unwrap();
    assert_eq!((release.version.as_str(), release.elsewhere), ("v2", true));
    assert_eq!(dev.back_to.unwrap().version, "v1");
    a.done("rollback web --env dev");
    assert!(team.image(&team.dev).starts_with(&first));
    let own = seen(a, "dev").await.release.unwrap();
    assert_eq!((own.version.as_str(), own.elsewhere), ("v1", false));
    assert!(seen(&b, "dev").await.release.unwrap().elsewhere);
}
