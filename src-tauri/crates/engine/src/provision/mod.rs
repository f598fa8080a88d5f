//! Provisioning: a stack is planned by a run, which waits for a person and then applies exactly that plan.

mod carry_out;
mod on_wire;
mod record;
mod stack;
mod view;

use provisioning::Mode;
use runs::{NewRun, Run, RunEnd, RunState as State};

use crate::error::ProvisionError;
use crate::project::{Environment, Project};
use crate::wire::*;
use crate::{Engine, Error, Result, Work};

use on_wire::words;
use record::Record;
pub(crate) use stack::{Place, Plan};
pub use view::{provision_show, provisioning};

/// What journals call these runs.
pub(crate) const KIND: &str = "provision";

/// Starts planning a stack, in place of a plan of it that waits.
///
/// # Errors
/// The stack is not planned here, is not trusted, or a run of it is under way. Nothing was changed then.
pub async fn provision_plan(engine: &Engine, params: ProvisionRequest, work: &Work) -> Result<Started> {
    work.soon("planning the stack", async {
        let mode = mode(params.mode.as_deref())?;
        let project = Project::load(&params.dir)?;
        let environment = project.environment(&params.environment)?;
        let place = project.stack_place(project.stack(&params.stack)?, environment)?;
        engine.expect_stack_trust(&project.dir, &place)?;
        let what = match mode {
            Mode::Apply => "plan",
            Mode::Destroy => "plan to destroy",
            Mode::Drift => "look for drift of",
        };
        let words = vec![
            format!("{what} {} in {}", place.stack, place.environment),
            format!("{} in {}", place.program.name(), place.dir),
        ];
        let verb = match mode {
            Mode::Apply => "plan",
            Mode::Destroy => "destroy",
            Mode::Drift => "drift",
        };
        let command = format!("jalonctl provision {verb} {} --env {}", place.stack, place.environment);
        let work = engine.work_of(&project, environment, place, mode).await?;
        let new = engine.new_provision(&project, environment, &Plan::Provision(Box::new(work)), command)?;
        engine.start_provision(new, environment, words).await
    })
    .await
}

/// Applies a plan that was shown, and nothing else.
///
/// # Errors
/// It does not wait any more, or the environment's name was not typed. Nothing was changed then, and what waits waits on.
pub async fn provision_apply(engine: &Engine, params: ProvisionApply, work: &Work) -> Result<Started> {
    work.soon("starting to apply", async {
        let project = Project::load(&params.dir)?;
        let run = engine.provision_run(&params.run)?;
        let plan = plan_of(&run)?;
        if run.what.project != project.dir.display().to_string() || run.state != State::WaitingForConfirmation
        {
            return Err(no_plan(&run));
        }
        let environment = project.environment(&run.what.environment)?;
        engine.expect_stack_trust(&project.dir, &plan.work().place)?;
        crate::deploy::confirmed(environment, params.confirm.as_deref())?;
        let secrets = engine.secrets_of(environment).await?;
        match engine.journal().confirm(run.id, &engine.launcher(&secrets)).await {
            Err(runs::Error::NotWaiting { .. }) => return Err(no_plan(&engine.provision_run(&params.run)?)),
            other => other?,
        }
        let words = Record::read(&engine.journal().folder(run.id))
            .map_or_else(Vec::new, |record| words(&record.plan, plan.work().mode));
        Ok(Started { run: Some(run.id.to_string()), plan: words })
    })
    .await
}

/// Throws a plan away that waits.
///
/// # Errors
/// It does not wait.
pub async fn provision_discard(engine: &Engine, params: RunId, _work: &Work) -> Result<RunDetail> {
    let run = engine.provision_run(&params.id)?;
    let end = ended("run.cancelled", "discarded before it was confirmed: nothing was changed".to_owned());
    if !engine.journal().discard(run.id, &end)? {
        return Err(no_plan(&run));
    }
    crate::runs::detail(engine, run.id)
}

/// Takes a lock off that somebody left.
///
/// # Errors
/// The stack is not planned here, a run of it is under way, or the environment's name was not typed.
pub async fn provision_unlock(engine: &Engine, params: ProvisionUnlock, work: &Work) -> Result<Started> {
    work.soon("unlocking the stack", async {
        let project = Project::load(&params.dir)?;
        let environment = project.environment(&params.environment)?;
        let place = project.stack_place(project.stack(&params.stack)?, environment)?;
        engine.expect_stack_trust(&project.dir, &place)?;
        crate::deploy::confirmed(environment, params.confirm.as_deref())?;
        let lock = params.lock;
        let odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':'));
        if lock.is_empty() || lock.starts_with('-') || lock.chars().any(odd) {
            return Err(Error::BadRequest { reason: format!("{lock:?} is no id of a lock") });
        }
        let words = vec![format!("take lock {lock} off {} in {}", place.stack, place.environment)];
        let command =
            format!("jalonctl provision unlock {} --env {} --lock {lock}", place.stack, place.environment);
        let work = engine.work_of(&project, environment, place, Mode::Apply).await?;
        let new = engine.new_provision(
            &project,
            environment,
            &Plan::Unlock { work: Box::new(work), lock },
            command,
        )?;
        engine.start_provision(new, environment, words).await
    })
    .await
}

fn mode(text: Option<&str>) -> Result<Mode> {
    match text {
        None | Some("apply") => Ok(Mode::Apply),
        Some("destroy") => Ok(Mode::Destroy),
        Some("drift") => Ok(Mode::Drift),
        Some(other) => {
            Err(Error::BadRequest { reason: format!("{other:?} is none of apply, destroy, drift") })
        }
    }
}

/// What a provisioning run will do.
fn plan_of(run: &Run) -> Result<Plan> {
    serde_json::from_str(&run.what.plan)
        .map_err(|error| Error::BadRequest { reason: format!("run {} cannot be read: {error}", run.id) })
}

/// That a run has no plan that could be shown or applied.
fn no_plan(run: &Run) -> Error {
    ProvisionError::NoPlan { run: run.id, state: run.state.as_str().replace('_', " ") }.into()
}

fn ended(code: &str, message: String) -> RunEnd {
    let reason = RunReason { code: code.to_owned(), params: Default::default(), message };
    RunEnd { reason: serde_json::to_string(&reason).ok(), ..RunEnd::default() }
}

impl Engine {
    /// A provisioning run.
    fn provision_run(&self, id: &str) -> Result<Run> {
        let run = self.journal().run(crate::runs::number(id)?)?;
        if run.what.kind == KIND { Ok(run) } else { Err(runs::Error::Unknown { id: id.to_owned() }.into()) }
    }

    async fn work_of(
        &self,
        project: &Project,
        environment: &Environment,
        place: Place,
        mode: Mode,
    ) -> Result<stack::Work> {
        let (commit, dirty) = self.commit_of(&project.dir, &place.dir).await?;
        let (variables, secrets) = (environment.variables.clone(), environment.secrets.clone());
        Ok(stack::Work { place, mode, variables, secrets, commit, dirty })
    }

    fn new_provision(
        &self,
        project: &Project,
        environment: &Environment,
        plan: &Plan,
        command: String,
    ) -> Result<NewRun> {
        let json = |error: serde_json::Error| Error::BadRequest { reason: error.to_string() };
        let work = plan.work();
        Ok(NewRun {
            project: project.dir.display().to_string(),
            kind: KIND.to_owned(),
            name: work.place.stack.clone(),
            environment: environment.name.clone(),
            production: environment.production,
            promoted_from: None,
            version: None,
            sha: work.commit.clone(),
            dirty: work.dirty,
            rework: false,
            asked_by: self.login()?,
            plan: serde_json::to_string(plan).map_err(json)?,
            command,
            steps: serde_json::to_string(&plan.steps()).map_err(json)?,
        })
    }

    /// Starts a run; a plan of the same stack that waits gives its place up.
    async fn start_provision(
        &self,
        new: NewRun,
        environment: &Environment,
        plan: Vec<String>,
    ) -> Result<Started> {
        let secrets = self.secrets_of(environment).await?;
        let journal = self.journal();
        journal.reconcile()?;
        let waiting = self.runs_of_stack(&new.project, &new.name, &new.environment)?;
        let waiting = waiting.into_iter().find(|run| run.state == State::WaitingForConfirmation);
        let reason = "planned again before it was confirmed: nothing was changed".to_owned();
        let instead = waiting.map(|run| (run.id, ended(ProvisionError::SUPERSEDED, reason)));
        let id = journal.start_instead(instead, &new, &self.launcher(&secrets)).await?;
        Ok(Started { run: Some(id.to_string()), plan })
    }

    /// Runs of a stack in an environment, newest first.
    fn runs_of_stack(&self, project: &str, stack: &str, environment: &str) -> Result<Vec<Run>> {
        let mut runs = self.store.runs_of_project(project, u32::MAX)?;
        runs.retain(|run| {
            run.what.kind == KIND && run.what.name == stack && run.what.environment == environment
        });
        Ok(runs)
    }
}
