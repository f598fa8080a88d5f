//! Deployments: what a person asks for, as a plan that a run carries out.

mod carry_out;
mod checks;
mod cluster;
mod gate;
mod plan;
mod releases;
mod restart;
mod trust;
mod view;

use std::collections::BTreeMap;
use std::path::Path;

use credentials::Secret;
use runs::NewRun;
use sha2::{Digest, Sha256};

use crate::project::{Checks, Config, Environment, Project, Strategy};
use crate::wire::*;
use crate::{Engine, Error, Refusal, Result, Work};

pub(crate) use carry_out::HOST_PROCESS;
pub(crate) use checks::Shown;
pub(crate) use cluster::Watched;
pub use cluster::{cluster, cluster_watch, diff, pod_log};
pub(crate) use plan::{At, Place, Plan, Release, Roll, What};
pub(crate) use restart::restart;
pub use trust::trust;
pub use view::{deployments, service_log};

/// Variable by which a run is given the token for GitHub: it asks the gate again, and tells GitHub of itself.
pub(crate) const TOKEN: &str = "JALON_GITHUB_TOKEN";

/// Starts a deployment.
///
/// # Errors
/// A gate refuses it, or what is asked for is not there. Nothing was changed then.
pub async fn deploy(engine: &Engine, params: DeployRequest, work: &Work) -> Result<Started> {
    work.soon("planning the deployment", async {
        let project = Project::load(&params.dir)?;
        let environment = project.environment(&params.environment)?;
        let place = project.place(&params.service, environment)?;
        engine.expect_trust(&project.dir, &project.config)?;
        let clone = engine.clone_of(&project.dir).await?;
        let release = match &params.version {
            Some(version) => release_of(clone.resolve(version).await?),
            None => working_tree(&project, &clone).await?,
        };
        let wanted = Wanted {
            strategy: strategy(params.strategy.as_deref())?,
            rework: params.kind.as_deref() == Some("rework"),
            confirm: params.confirm,
            dry_run: params.dry_run,
            promoted_from: None,
            back_to_run: None,
        };
        bring(engine, &project, environment, place, &clone, release, wanted).await
    })
    .await
}

/// Starts the promotion of what runs in one environment to another.
///
/// # Errors
/// The gate is closed, or nothing runs in the first one.
pub async fn promote(engine: &Engine, params: PromoteRequest, work: &Work) -> Result<Started> {
    work.soon("planning the promotion", async {
        let project = Project::load(&params.dir)?;
        let from = project.environment(&params.from)?;
        let to = project.environment(&params.to)?;
        let place = project.place(&params.service, to)?;
        if let Some(expected) = to.promotes_from.as_deref().filter(|expected| *expected != from.name) {
            let reason = format!("{} promotes from {expected}, not from {}", to.name, from.name);
            return Err(Refusal::ReleaseUnknown { environment: to.name.clone(), reason }.into());
        }
        engine.expect_trust(&project.dir, &project.config)?;
        let live = engine.live(&project.dir, &project.place(&params.service, from)?).await?;
        let live = live.ok_or_else(|| Refusal::NothingRuns {
            service: params.service.clone(),
            environment: from.name.clone(),
        })?;
        if let Some(shown) = params.commit.as_deref().filter(|shown| *shown != live.commit) {
            let shown = shown.get(..7).unwrap_or(shown);
            let reason =
                format!("{} serves in {} now, and no longer {shown}: look again", live.version, from.name);
            return Err(Refusal::ReleaseUnknown { environment: from.name.clone(), reason }.into());
        }
        if live.elsewhere && live.dirty {
            let reason = format!("{} in {} holds files that no commit holds", live.version, from.name);
            return Err(Refusal::ReleaseUnknown { environment: from.name.clone(), reason }.into());
        }
        let clone = engine.clone_of(&project.dir).await?;
        let commit = clone.resolve(&live.commit).await?;
        // What another computer calls it is the cluster's word, and the version becomes part of what is applied.
        let named = !live.elsewhere || commit.tags.contains(&live.version);
        let mut release = release_of(commit);
        if named {
            release.version = live.version;
        }
        let wanted = Wanted {
            strategy: None,
            rework: false,
            confirm: params.confirm,
            dry_run: false,
            promoted_from: Some(from.name.clone()),
            back_to_run: None,
        };
        bring(engine, &project, to, place, &clone, release, wanted).await
    })
    .await
}

/// Starts going back to a release that ran here before.
///
/// # Errors
/// There is none, or the environment's name was not typed.
pub async fn rollback(engine: &Engine, params: RollbackRequest, work: &Work) -> Result<Started> {
    work.soon("planning the roll back", async {
        let project = Project::load(&params.dir)?;
        let environment = project.environment(&params.environment)?;
        let place = project.place(&params.service, environment)?;
        engine.expect_trust(&project.dir, &project.config)?;
        let (run, release) = engine.release_to_go_back_to(&project, &place, params.to.as_deref()).await?;
        let clone = engine.clone_of(&project.dir).await?;
        let wanted = Wanted {
            strategy: None,
            rework: false,
            confirm: params.confirm,
            dry_run: false,
            promoted_from: None,
            back_to_run: Some(run),
        };
        bring(engine, &project, environment, place, &clone, release, wanted).await
    })
    .await
}

/// Stops a service; nothing of it stays behind.
///
/// # Errors
/// It does not run, or the environment's name was not typed.
pub async fn stop(engine: &Engine, params: StopRequest, work: &Work) -> Result<Started> {
    work.soon("stopping the service", async {
        let project = Project::load(&params.dir)?;
        let environment = project.environment(&params.environment)?;
        let place = project.place(&params.service, environment)?;
        if engine.at_rest(&project.dir, &place).await? {
            let (service, environment) = (params.service, params.environment);
            return Err(Refusal::NothingRuns { service, environment }.into());
        }
        engine.expect_brought_here(&project.dir, &place, cluster::ANSWERS).await?;
        confirmed(environment, params.confirm.as_deref())?;
        let words = vec![format!("stop {} in {}", place.service, place.environment)];
        let new = NewRun {
            kind: "action".to_owned(),
            command: format!("jalonctl stop {} --env {}", place.service, place.environment),
            ..engine.new_run(&project, environment, &Plan::Stop { place }).await?
        };
        engine.start(new, &[], words).await
    })
    .await
}

/// What is asked for beside the release.
struct Wanted {
    strategy: Option<Strategy>,
    rework: bool,
    confirm: Option<String>,
    dry_run: bool,
    promoted_from: Option<String>,
    back_to_run: Option<i64>,
}

/// Plans to bring a release, asks the gate, and starts the run.
async fn bring(
    engine: &Engine,
    project: &Project,
    environment: &Environment,
    place: Place,
    clone: &git::Clone,
    release: Release,
    wanted: Wanted,
) -> Result<Started> {
    let (config, at) = match &release.dirty {
        Some(_) => (project.config.clone(), "jalon.toml".to_owned()),
        None => config_at(project, clone, &release.sha).await?,
    };
    engine.expect_trust(&project.dir, &config)?;
    let service = plan::service_of(&config, &place.service, &at)?;
    plan::expect_own(service)?;
    let roll = Roll {
        production: environment.production,
        what: plan::what(service, &place, &at)?,
        test: service.test.clone(),
        health: service.health.clone(),
        strategy: wanted.strategy.unwrap_or(service.strategy),
        variables: environment.variables.clone(),
        secrets: environment.secrets.clone(),
        checks: environment.checks,
        promotes_from: environment.promotes_from.clone(),
        confirmed: wanted.confirm.clone(),
        back: wanted.back_to_run.is_some(),
        back_to_run: wanted.back_to_run,
        place,
        release,
    };
    if let (At::Cluster { .. }, Some(strategy)) = (&roll.place.at, wanted.strategy) {
        let strategy = strategy.as_str().to_owned();
        return Err(Refusal::StrategyOfWorkload { environment: environment.name.clone(), strategy }.into());
    }
    if let What::Process { command } = &roll.what {
        // A variable that is not set is told before anything begins.
        carry_out::candidate(engine, project, &roll, command, &[])?;
    }
    let words = engine.in_words(project, &roll, &wanted).await?;
    if roll.gated() {
        gate::expect_open(engine, project, clone, &roll).await?;
    }
    if wanted.dry_run {
        return Ok(Started { run: None, plan: words });
    }
    if environment.confirm_name {
        confirmed(environment, wanted.confirm.as_deref())?;
    }
    let mut secrets = engine.secrets_of(environment).await?;
    // Who is not signed in, or whose keychain is locked, deploys all the same, and nobody is told.
    let token = match project.config.github {
        Some(_) => engine.token().await.ok().map(|(token, _)| token),
        None => None,
    };
    let dirty = roll.release.dirty.is_some();
    let address = match roll.place.at {
        At::Local { .. } => Some(roll.place.address()),
        At::Cluster { .. } => None,
    };
    let share = engine.share_of(project, token.as_ref(), dirty, address)?;
    secrets.extend(token.map(|token| (TOKEN.to_owned(), token)));
    let new = NewRun {
        kind: if wanted.back_to_run.is_some() { "rollback" } else { "deploy" }.to_owned(),
        promoted_from: wanted.promoted_from.clone(),
        version: Some(roll.release.version.clone()),
        sha: Some(roll.release.sha.clone()),
        dirty,
        rework: wanted.rework,
        command: command_line(&roll, &wanted),
        ..engine.new_run(project, environment, &Plan::Roll(Box::new(roll))).await?
    };
    engine.start_shared(new, share.as_ref(), &secrets, words).await
}

/// The `jalonctl` line that asks for the same.
fn command_line(roll: &Roll, wanted: &Wanted) -> String {
    let Place { service, environment, .. } = &roll.place;
    let version = if roll.release.dirty.is_some() {
        String::new()
    } else {
        format!(" --version {}", roll.release.version)
    };
    let confirm = roll.confirmed.as_ref().map_or(String::new(), |name| format!(" --confirm {name}"));
    let rework = if wanted.rework { " --kind rework" } else { "" };
    match (&wanted.promoted_from, wanted.back_to_run.is_some()) {
        (Some(from), _) => format!("jalonctl promote {service} --from {from} --to {environment}{confirm}"),
        (None, true) => {
            format!("jalonctl rollback {service} --env {environment} --to {}{confirm}", roll.release.version)
        }
        (None, false) => format!("jalonctl deploy {service} --env {environment}{version}{rework}{confirm}"),
    }
}

/// Refuses where a protected environment's name was not typed.
pub(crate) fn confirmed(environment: &Environment, typed: Option<&str>) -> Result<()> {
    match typed {
        _ if !environment.confirm_name => Ok(()),
        None => Err(Refusal::Unconfirmed { environment: environment.name.clone() }.into()),
        Some(typed) if typed == environment.name => Ok(()),
        Some(typed) => {
            Err(Refusal::Mistyped { environment: environment.name.clone(), typed: typed.to_owned() }.into())
        }
    }
}

fn strategy(text: Option<&str>) -> Result<Option<Strategy>> {
    let parse = |text: &str| {
        Strategy::parse(text).ok_or_else(|| Refusal::StrategyUnknown { strategy: text.to_owned() }.into())
    };
    text.map(parse).transpose()
}

fn release_of(commit: git::Commit) -> Release {
    Release { version: label(&commit), sha: commit.sha, dirty: None }
}

/// What people call a commit: its newest tag, else its first digits.
pub(crate) fn label(commit: &git::Commit) -> String {
    commit.tags.first().unwrap_or(&commit.short).clone()
}

/// What is checked out, with the files that no commit holds.
async fn working_tree(project: &Project, clone: &git::Clone) -> Result<Release> {
    let head = clone.head().await?;
    let changed = clone.changed().await?;
    let mut release = release_of(head);
    if !changed.is_empty() {
        release.dirty = Some(format!("{}-dirty-{}", release.sha, fingerprint(&project.dir, &changed)));
        release.version.push_str("-dirty");
    }
    Ok(release)
}

/// Tells one state of changed files from another.
pub(crate) fn fingerprint(dir: &Path, changed: &[String]) -> String {
    let mut digest = Sha256::new();
    for path in changed {
        digest.update(path.as_bytes());
        digest.update([0]);
        // A file that was deleted differs from one that is empty.
        match std::fs::read(dir.join(path)) {
            Ok(bytes) => digest.update(Sha256::digest(&bytes)),
            Err(_) => digest.update(b"none"),
        }
    }
    digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The jalon.toml of a commit, and what to call it; that of the working tree where the commit has none.
pub(crate) async fn config_at(project: &Project, clone: &git::Clone, sha: &str) -> Result<(Config, String)> {
    let Some(bytes) = clone.file(sha, "jalon.toml").await? else {
        return Ok((project.config.clone(), "jalon.toml".to_owned()));
    };
    let at = format!("jalon.toml of {}", sha.get(..7).unwrap_or(sha));
    Ok((Config::parse(&String::from_utf8_lossy(&bytes), Path::new(&at))?, at))
}

impl Engine {
    /// What every run of a service has in common.
    async fn new_run(&self, project: &Project, environment: &Environment, plan: &Plan) -> Result<NewRun> {
        let json = |error: serde_json::Error| Error::BadRequest { reason: error.to_string() };
        let place = match plan {
            Plan::Roll(roll) => &roll.place,
            Plan::Stop { place } | Plan::Restart { place, .. } => place,
        };
        Ok(NewRun {
            project: project.dir.display().to_string(),
            kind: String::new(),
            name: place.service.clone(),
            environment: environment.name.clone(),
            production: environment.production,
            promoted_from: None,
            version: None,
            sha: None,
            dirty: false,
            rework: false,
            asked_by: self.login()?,
            plan: serde_json::to_string(plan).map_err(json)?,
            command: String::new(),
            steps: serde_json::to_string(&plan.steps()).map_err(json)?,
        })
    }

    /// Values of the secrets that an environment names: its own (`NAME@environment`) before the common one.
    pub(crate) async fn secrets_of(&self, environment: &Environment) -> Result<Vec<(String, Secret)>> {
        let mut found = Vec::new();
        for name in &environment.secrets {
            let value = self.secret_of(environment, name).await?;
            let (environment, missing) = (environment.name.clone(), name.clone());
            let value = value.ok_or(Refusal::SecretMissing { environment, name: missing })?;
            found.push((name.clone(), value));
        }
        Ok(found)
    }

    /// The values that can be read, and the names of the secrets that cannot: for masking, which must keep nobody from
    /// reading a log.
    pub(crate) async fn known_secrets_of(
        &self,
        environment: &Environment,
    ) -> (Vec<(String, Secret)>, Vec<String>) {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for (index, name) in environment.secrets.iter().enumerate() {
            match self.secret_of(environment, name).await {
                Ok(Some(value)) => known.push((name.clone(), value)),
                Ok(None) => unknown.push(name.clone()),
                // A keychain that does not answer is asked once.
                Err(_) => {
                    unknown.extend_from_slice(&environment.secrets[index..]);
                    break;
                }
            }
        }
        (known, unknown)
    }

    async fn secret_of(&self, environment: &Environment, name: &str) -> Result<Option<Secret>> {
        match self.secret(&format!("{name}@{}", environment.name)).await? {
            Some(value) => Ok(Some(value)),
            None => self.secret(name).await,
        }
    }

    /// What a deployment would do, for a person.
    async fn in_words(&self, project: &Project, roll: &Roll, wanted: &Wanted) -> Result<Vec<String>> {
        let Place { service, environment, .. } = &roll.place;
        let short = roll.release.sha.get(..7).unwrap_or(&roll.release.sha);
        let verb = match (&wanted.promoted_from, wanted.back_to_run.is_some()) {
            (Some(from), _) => {
                format!("promote {service} {} ({short}) from {from} to {environment}", roll.release.version)
            }
            (None, true) => {
                format!("roll {service} in {environment} back to {} ({short})", roll.release.version)
            }
            (None, false) => format!("deploy {service} {} ({short}) to {environment}", roll.release.version),
        };
        let mut words = vec![verb];
        if roll.release.dirty.is_some() {
            words.push("with changed files that no commit holds: it can go no further than here".to_owned());
        }
        match self.live(&project.dir, &roll.place).await? {
            Some(live) if live.elsewhere => {
                let who = live.by.as_deref().unwrap_or("another computer");
                words.push(format!("{} serves there now, brought by {who}", live.version));
            }
            Some(live) => words.push(format!("{} serves there now", live.version)),
            None => words.push("nothing serves there now".to_owned()),
        }
        if let At::Cluster { .. } = roll.place.at {
            words.extend(self.broken_off_at(&project.dir, &roll.place)?.iter().map(left_by));
        }
        match roll.checks {
            Checks::Local if roll.gated() => {
                words.push(format!("the tests of {service} have to pass for this commit"));
            }
            Checks::Required if roll.gated() => {
                words.push(
                    "GitHub's required checks of this commit have to be green when it is applied".to_owned(),
                );
            }
            _ => {}
        }
        words.push(match &roll.place.at {
            At::Local { .. } => {
                format!("{} on {}, health at {}", roll.strategy.as_str(), roll.place.address(), roll.health)
            }
            At::Cluster { .. } => format!("to {}", roll.place.address()),
        });
        if matches!(roll.place.at, At::Cluster { .. }) && roll.strategy == Strategy::BlueGreen {
            let strategy = roll.strategy.as_str();
            words.push(format!(
                "strategy {strategy} of jalon.toml is for local targets: here the workload's own decides"
            ));
        }
        Ok(words)
    }
}

/// What becomes of what a run left that did not come to its end, in words.
fn left_by(run: &runs::Run) -> String {
    let version = run.what.version.as_deref().unwrap_or_default();
    format!("run {} ({version}) did not come to its end: what it left there is replaced", run.id)
}

/// Variables that Jalon supplies to commands, over those of the environment.
pub(crate) fn variables(engine: &Engine, roll: &Roll) -> BTreeMap<String, String> {
    variables_of(engine, &roll.variables, &roll.release, &roll.place)
}

pub(crate) fn variables_of(
    engine: &Engine,
    variables: &BTreeMap<String, String>,
    release: &Release,
    place: &Place,
) -> BTreeMap<String, String> {
    let mut variables = variables.clone();
    let own = [
        ("JALON", engine.around.program.display().to_string()),
        ("VERSION", release.version.clone()),
        ("COMMIT", release.sha.clone()),
        ("ENVIRONMENT", place.environment.clone()),
        ("SERVICE", place.service.clone()),
        // Each instance has a port of its own; its host fills it in.
        ("PORT", "${PORT}".to_owned()),
    ];
    variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
    variables
}

/// Whether a run stopped its service.
fn stopped(run: &runs::Run) -> bool {
    matches!(serde_json::from_str(&run.what.plan), Ok(Plan::Stop { .. }))
}

/// The release that a run brought, from its plan.
fn released(run: &runs::Run) -> Option<Release> {
    match serde_json::from_str(&run.what.plan) {
        Ok(Plan::Roll(roll)) => Some(roll.release),
        _ => None,
    }
}
