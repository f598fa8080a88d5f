//! Carries out what brings and stops a service.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use credentials::Secret;
use deployments::Gate;
use deployments::local::{Candidate, Host, Launcher, Strategy as Take};
use runs::{Child, ChildEnd};
use store::deployed_commit::DeployedCommit;
use store::test_result::TestResult;

use super::checks::For;
use super::gate::{closed, facts, subject};
use super::{At, Place, Plan, Release, Roll, What, fingerprint, variables};
use crate::carry_out::Carrying;
use crate::project::{Checks, Project, Strategy};
use crate::wire::StepState;
use crate::{Engine, Error, Refusal, Result};

/// Argument that makes this program the host of a service; its folder and port follow.
pub(crate) const HOST_PROCESS: &str = "local-host";

/// A host starts, ends an instance or answers within this time.
const HOST: Duration = Duration::from_secs(20);
/// A service is healthy within this time, unless `JALON_HEALTH_TIMEOUT` (seconds) says otherwise.
const HEALTHY: Duration = Duration::from_secs(60);
/// First pause between two health checks.
const PAUSE: Duration = Duration::from_millis(20);
/// Requests under way on the old release may take so long.
const DRAIN: Duration = Duration::from_secs(10);
/// An instance that was asked to end has so long.
const GRACE: Duration = Duration::from_secs(10);
/// The tests of a service may take so long.
const TESTS: Duration = Duration::from_secs(30 * 60);
/// Commits that one deployment is said to bring, at most.
const COMMITS: usize = 500;

impl Carrying<'_> {
    pub(crate) async fn deploy(&mut self, plan: Plan) -> Result<()> {
        match plan {
            Plan::Roll(roll) => self.roll(&roll).await,
            Plan::Stop { place } => self.stop(&place).await,
            Plan::Restart { place, release } => {
                let project = PathBuf::from(&self.running.run.what.project);
                self.restart_on_cluster(&project, &place, &release).await
            }
        }
    }

    async fn roll(&mut self, roll: &Roll) -> Result<()> {
        let project = Project::load(&self.running.run.what.project)?;
        let clone = self.engine.clone_of(&project.dir).await?;
        self.log.say(format!(
            "{} {} in {}: commit {}",
            roll.place.service, roll.release.version, roll.place.environment, roll.release.sha
        ));
        if roll.gated() {
            self.gate(&project, &clone, roll).await?;
        }
        self.step("export", StepState::Running)?;
        self.export(&project, &clone, roll).await?;
        match (&roll.what, &roll.place.at) {
            (What::Process { command }, At::Local { port }) => {
                self.roll_here(&project, &clone, roll, command, *port).await?;
            }
            _ => self.roll_on_cluster(&project, &clone, roll).await?,
        }
        self.note_commits(&clone, roll).await
    }

    async fn roll_here(
        &mut self,
        project: &Project,
        clone: &git::Clone,
        roll: &Roll,
        command: &[String],
        port: u16,
    ) -> Result<()> {
        self.step("start", StepState::Running)?;
        let place = self.engine.local_place(&project.dir, &roll.place, port);
        let program = self.engine.around.program.clone();
        let launcher = Launcher { program, leading_args: vec![HOST_PROCESS.into()] };
        let mut host = Host::connect_or_launch(&place, &launcher, HOST).await?;
        let candidate = candidate(self.engine, project, roll, command, self.secrets)?;
        // Going back is instant where the old release is kept warm. Who restarts wants a new process: what is kept warm of the
        // same release is the one that was found wanting before.
        let restarts = self.running.run.what.kind == "action";
        if roll.back && !restarts && host.back(&candidate.release.id, HOST).await.is_ok() {
            self.log.say(format!("{} was kept warm and serves again", roll.release.version));
        } else {
            self.log
                .say(format!("starting {}", serde_json::to_string(&candidate.command).unwrap_or_default()));
            if let Err(error) = self.take_over(&mut host, candidate, project, clone, roll).await {
                // The connection's end would do it too; asked, it is certain before the run has ended.
                let _ = host.discard(GRACE, HOST).await;
                return Err(error);
            }
        }
        for step in ["health", "switch"] {
            self.step(step, StepState::Done)?;
        }
        self.log.say(format!("{} serves on {}", roll.release.version, roll.place.address()));
        Ok(())
    }

    async fn take_over(
        &mut self,
        host: &mut Host,
        candidate: Candidate,
        project: &Project,
        clone: &git::Clone,
        roll: &Roll,
    ) -> Result<()> {
        let instance = host.start(candidate, HOST).await?;
        self.log.say(format!("process {} listens on port {}", instance.pid, instance.port));
        self.step("health", StepState::Running)?;
        let limit = self.engine.around.variable("JALON_HEALTH_TIMEOUT").and_then(|text| text.parse().ok());
        let limit = limit.map_or(HEALTHY, Duration::from_secs);
        host.wait_healthy(&roll.health, limit, PAUSE, &self.running.cancel).await?;
        self.log.say(format!("healthy at {}", roll.health));
        self.step("switch", StepState::Running)?;
        // Becoming healthy took a while: a check may have turned red.
        if roll.gated() {
            super::gate::expect_still_open(self.engine, project, clone, roll).await?;
        }
        let take = match roll.strategy {
            Strategy::Rolling => Take::Rolling,
            Strategy::BlueGreen => Take::BlueGreen,
        };
        let switched = host.switch(take, DRAIN, HOST).await?;
        if let Some(from) = switched.from {
            let kept = if roll.strategy == Strategy::BlueGreen {
                "is kept warm"
            } else {
                "ends after its last request"
            };
            self.log
                .say(format!("every new request goes to {}; {} {kept}", roll.release.version, from.version));
        }
        Ok(())
    }

    /// Asks the gate at the moment of applying, and runs the tests where they have no result for this commit yet.
    async fn gate(&mut self, project: &Project, clone: &git::Clone, roll: &Roll) -> Result<()> {
        self.step("gate", StepState::Running)?;
        let gate = Gate::judge(&facts(self.engine, project, clone, roll, For::Decision).await?);
        for condition in &gate.conditions {
            self.log.say(super::gate::on_wire(condition).message);
        }
        if !gate.open() {
            return Err(closed(roll, &gate));
        }
        if !gate.passed() && roll.checks == Checks::Local {
            self.step("tests", StepState::Running)?;
            self.tests(project, clone, roll).await?;
            let gate = Gate::judge(&facts(self.engine, project, clone, roll, For::Decision).await?);
            if !gate.passed() {
                return Err(closed(roll, &gate));
            }
        } else if !gate.passed() {
            return Err(closed(roll, &gate));
        }
        self.step("gate", StepState::Done)
    }

    async fn tests(&mut self, project: &Project, clone: &git::Clone, roll: &Roll) -> Result<()> {
        let (Some(subject), Some(test)) = (subject(project, roll), &roll.test) else { return Ok(()) };
        self.export(project, clone, roll).await?;
        let variables = variables(self.engine, roll);
        let command = expand(test, roll, &variables, "test")?;
        self.log.say(format!("testing with {}", serde_json::to_string(&command).unwrap_or_default()));
        let mut environment: BTreeMap<OsString, OsString> = self.engine.around.inherited.clone();
        for (name, value) in &variables {
            environment.insert(name.into(), value.into());
        }
        environment.remove(&OsString::from("PORT"));
        let dir = self.engine.release_folder(&project.dir, &roll.release);
        let child = Child { command, dir, environment, grace: Child::GRACE, gentle: false };
        let end = child.run(&self.running.folder, self.log, TESTS, &self.running.cancel).await?;
        let failed = |reason: String| {
            let (service, version) = (roll.place.service.clone(), roll.release.version.clone());
            Err(Refusal::TestsFailed { service, version, reason }.into())
        };
        let passed = match end {
            ChildEnd::Cancelled => return Err(Error::Cancelled),
            // Tests that never end say nothing about the commit: no result is kept.
            ChildEnd::TimedOut => return failed(format!("they took more than {} min", TESTS.as_secs() / 60)),
            ChildEnd::Exited(None) => return failed("a signal ended them".to_owned()),
            ChildEnd::Exited(Some(status)) => status == 0,
        };
        let result = TestResult { passed, run: self.running.run.id, at: self.engine.now() };
        self.engine.store.note_test(&subject, &result)?;
        match end {
            ChildEnd::Exited(Some(status)) if !passed => failed(format!("exit status {status}")),
            _ => self.step("tests", StepState::Done),
        }
    }

    /// Writes the files of the release, unless they are there already.
    async fn export(&self, project: &Project, clone: &git::Clone, roll: &Roll) -> Result<()> {
        let there = self.engine.release_folder(&project.dir, &roll.release).is_dir();
        self.engine.export_release(project, clone, &roll.release, &roll.place.environment).await?;
        if !there {
            self.log.say(format!("files of {} written", roll.release.version));
        }
        Ok(())
    }

    /// Notes which commits this release brought: all since the one that was here before; none for the first one.
    async fn note_commits(&self, clone: &git::Clone, roll: &Roll) -> Result<()> {
        let run = &self.running.run;
        if roll.back {
            return Ok(());
        }
        let brought = self.engine.brought(Path::new(&run.what.project), &roll.place)?;
        let Some(before) = brought.first().and_then(|run| run.what.sha.clone()) else { return Ok(()) };
        // History that was rewritten has no commits between; that is no reason to fail a deployment that is done.
        let commits = clone.between(Some(&before), &roll.release.sha, COMMITS).await.unwrap_or_default();
        let noted =
            commits.into_iter().map(|c| DeployedCommit { run: run.id, sha: c.sha, committed: c.committed });
        Ok(self.engine.store.note_commits(&noted.collect::<Vec<_>>())?)
    }

    async fn stop(&mut self, place: &Place) -> Result<()> {
        self.step("stop", StepState::Running)?;
        let project = Path::new(&self.running.run.what.project);
        let At::Local { port } = place.at else {
            let project = Project::load(&self.running.run.what.project)?;
            return self.stop_on_cluster(&project, place).await;
        };
        let at = self.engine.local_place(project, place, port);
        match Host::connect(&at, HOST).await? {
            Some(host) => host.stop(GRACE, HOST + GRACE).await?,
            None => {
                for pid in deployments::local::clean_up(&at).await? {
                    self.log.say(format!("process {pid}, left by a host that is gone, was ended"));
                }
            }
        }
        self.log.say(format!("{} is stopped in {}: nothing of it runs", place.service, place.environment));
        self.step("stop", StepState::Done)
    }
}

/// The release as its host starts it.
pub(super) fn candidate(
    engine: &Engine,
    project: &Project,
    roll: &Roll,
    command: &[String],
    secrets: &[(String, Secret)],
) -> Result<Candidate> {
    let variables = variables(engine, roll);
    let secrets = secrets.iter().filter(|(name, _)| roll.secrets.contains(name));
    Ok(Candidate {
        release: deployments::local::Release {
            id: roll.release.dirty.clone().unwrap_or_else(|| roll.release.sha.clone()),
            version: roll.release.version.clone(),
            commit: roll.release.sha.clone(),
            dirty: roll.release.dirty.is_some(),
        },
        dir: engine.release_folder(&project.dir, &roll.release),
        command: expand(command, roll, &variables, "command")?,
        environment: variables,
        secrets: secrets.map(|(name, value)| (name.clone(), value.expose().to_owned())).collect(),
    })
}

fn expand(
    command: &[String],
    roll: &Roll,
    variables: &BTreeMap<String, String>,
    what: &str,
) -> Result<Vec<String>> {
    let fill = |text: &String| {
        deployments::expand(text, &roll.place.environment, variables).map_err(|error| {
            let at = format!("{what} of {} in jalon.toml", roll.place.service);
            Refusal::VariableUnset { at, reason: error.to_string() }.into()
        })
    };
    command.iter().map(fill).collect()
}

impl Engine {
    /// Writes the files of a release, unless they are there already; their folder.
    pub(super) async fn export_release(
        &self,
        project: &Project,
        clone: &git::Clone,
        release: &Release,
        environment: &str,
    ) -> Result<PathBuf> {
        let folder = self.release_folder(&project.dir, release);
        if folder.is_dir() {
            return Ok(folder);
        }
        let parent = folder.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).map_err(|error| Error::DataFolder {
            path: parent.display().to_string(),
            reason: error.to_string(),
        })?;
        match &release.dirty {
            None => clone.export(&release.sha, &folder).await?,
            Some(name) => {
                let now = fingerprint(&project.dir, &clone.changed().await?);
                if !name.ends_with(&now) {
                    let reason =
                        "the working tree has changed since it was asked for: deploy again".to_owned();
                    let environment = environment.to_owned();
                    return Err(Refusal::ReleaseUnknown { environment, reason }.into());
                }
                clone.export_working_tree(&folder).await?;
            }
        }
        Ok(folder)
    }
}
