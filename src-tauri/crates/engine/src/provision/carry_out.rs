//! Carries out a provisioning run: plans and waits, or applies what was confirmed.

use std::path::Path;
use std::time::Duration;

use credentials::Masker;
use provisioning::{Applied, Limits, Lock, Mode, Rescued, SavedPlan, StateId, Tool};
use tokio_util::sync::CancellationToken;

use super::record::Record;
use super::stack::{Plan, Work};
use crate::carry_out::{Carrying, Reached};
use crate::project::Project;
use crate::wire::StepState;
use crate::{Engine, Error, Result};

/// File that the tool leaves where it could not write a state.
const ERRORED: &str = "errored.tfstate";

impl Carrying<'_> {
    pub(crate) async fn provision(&mut self, plan: Plan) -> Result<Reached> {
        match plan {
            Plan::Unlock { work, lock } => self.unlock(&work, &lock).await,
            Plan::Provision(work) if self.running.confirmed => self.apply(&work).await,
            Plan::Provision(work) => self.plan(&work).await,
        }
    }

    /// The tool in the stack's folder.
    fn tool<'t>(&'t self, work: &Work, cancel: &'t CancellationToken) -> Tool<'t> {
        let given = || self.secrets.iter().filter(|(name, _)| work.secrets.contains(name));
        let variables = work.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let secrets = given().map(|(name, value)| (name.as_str(), value.expose()));
        Tool {
            program: work.place.program,
            dir: work.place.path(Path::new(&self.running.run.what.project)),
            environment: provisioning::environment(&self.engine.around.inherited, variables.chain(secrets)),
            secrets: self.secrets.iter().map(|(_, value)| value.expose()).collect(),
            folder: &self.running.folder,
            log: self.log,
            cancel,
            limits: limits(self.engine),
        }
    }

    async fn check_tools(&mut self, work: &Work) -> Result<String> {
        self.step("tools", StepState::Running)?;
        // What was trusted when it was asked for may have changed since.
        self.engine.expect_stack_trust(Path::new(&self.running.run.what.project), &work.place)?;
        let cancel = self.running.cancel.clone();
        let tool = self.tool(work, &cancel);
        let version = work.place.program.version(self.running.folder.path(), &tool.environment).await?;
        let program = format!("{} {version}", work.place.program.name());
        self.log.say(format!("{program} in {}", work.place.dir));
        for name in work.variables.keys() {
            self.log.say(format!("variable {name}"));
        }
        for name in &work.secrets {
            self.log.say(format!("variable {name}: {}", credentials::MASK));
        }
        if let Some(lock) = Lock::noted(&tool.dir) {
            let seconds = tool.limits.lock.as_secs();
            self.log.say(format!(
                "a note beside the state says that it is {lock}; if so, waiting up to {seconds} s"
            ));
        }
        Ok(program)
    }

    async fn prepare(&mut self, work: &Work) -> Result<()> {
        let cancel = self.running.cancel.clone();
        self.step("init", StepState::Running)?;
        self.tool(work, &cancel).init().await?;
        Ok(())
    }

    async fn plan(&mut self, work: &Work) -> Result<Reached> {
        let program = self.check_tools(work).await?;
        let cancel = self.running.cancel.clone();
        self.prepare(work).await?;
        self.step("validate", StepState::Running)?;
        self.tool(work, &cancel).validate().await?;
        self.log.say("the configuration is valid");
        self.step("plan", StepState::Running)?;
        let files = self.files(work)?;
        let saved = SavedPlan::within(&self.running.folder.make_private()?);
        let mut diagnostics = self.tool(work, &cancel).plan(work.mode, saved.path()).await?;
        let digest = saved.seal()?;
        let (plan, mask) = self.tool(work, &cancel).show(saved.path()).await?;
        let state = self.tool(work, &cancel).state().await?;
        diagnostics.extend(self.look_at_rescued(state.as_ref())?);
        if self.files(work)? != files {
            let reason = "files of the stack were changed while it was planned".to_owned();
            return Err(provisioning::Error::Stale { reason }.into());
        }
        self.log.say(match &state {
            Some(state) => format!("state serial {}", state.serial),
            None => "there is no state yet".to_owned(),
        });
        let waits = work.mode != Mode::Drift && plan.applicable;
        let mut record = Record {
            program,
            planned: self.engine.now(),
            state,
            files,
            saved: waits.then_some(digest),
            plan,
            diagnostics: masked(diagnostics, &mask),
            applied: false,
            outputs: None,
        };
        for line in super::words(&record.plan, work.mode) {
            self.log.say(line);
        }
        if waits {
            record.write(&self.running.folder)?;
            if let Some(digest) = &record.saved {
                self.log.say(format!("plan saved, SHA-256 {digest}"));
            }
            self.step("confirm", StepState::Running)?;
            return Ok(Reached::Confirmation);
        }
        if work.mode != Mode::Drift {
            self.step("outputs", StepState::Running)?;
            record.outputs = Some(self.tool(work, &cancel).outputs(&mask).await?);
        }
        record.write(&self.running.folder)?;
        self.step(if work.mode == Mode::Drift { "plan" } else { "outputs" }, StepState::Done)?;
        Ok(Reached::End)
    }

    async fn apply(&mut self, work: &Work) -> Result<Reached> {
        let stale = |reason: String| provisioning::Error::Stale { reason };
        let folder = self.running.folder.clone();
        let mut record = Record::read(&folder)
            .ok_or_else(|| stale("what was planned is not there any more".to_owned()))?;
        let saved = SavedPlan::within(&folder.private());
        saved.expect(record.saved.as_deref().unwrap_or_default())?;
        self.log.say("confirmed; looking whether anything has changed since it was planned");
        let project = Project::load(&self.running.run.what.project)?;
        self.engine.expect_fresh(&project, work, &record).await?;
        let cancel = self.running.cancel.clone();
        let tool = self.tool(work, &cancel);
        let version = work.place.program.version(folder.path(), &tool.environment).await?;
        if record.program != format!("{} {version}", work.place.program.name()) {
            let reason = format!("it was planned with {}, and {version} is there now", record.program);
            return Err(stale(reason).into());
        }
        let before = tool.state().await?;
        if before != record.state {
            return Err(stale(moved(record.state.as_ref(), before.as_ref())).into());
        }
        let (_, mask) = tool.show(saved.path()).await?;
        drop(tool);
        self.step("apply", StepState::Running)?;
        let applied = self.tool(work, &cancel).apply(saved.path(), &mask).await;
        // It is used, whatever became of it.
        folder.remove_private()?;
        if let Some(error) = applied.error {
            let applied = Applied { error: None, ..applied };
            self.tell_what_is_left(work, &applied, before.as_ref()).await;
            return Err(error.into());
        }
        self.step("outputs", StepState::Running)?;
        let tool = self.tool(work, &cancel);
        record.outputs = Some(tool.outputs(&mask).await?);
        drop(tool);
        record.applied = true;
        record.write(&folder)?;
        self.step("outputs", StepState::Done)?;
        Ok(Reached::End)
    }

    async fn unlock(&mut self, work: &Work, lock: &str) -> Result<Reached> {
        self.check_tools(work).await?;
        let cancel = self.running.cancel.clone();
        self.prepare(work).await?;
        self.step("unlock", StepState::Running)?;
        self.tool(work, &cancel).unlock(lock).await?;
        self.log.say(format!("lock {lock} is taken off"));
        self.step("unlock", StepState::Done)?;
        Ok(Reached::End)
    }

    /// Digest of the files that a plan is made from.
    fn files(&self, work: &Work) -> Result<String> {
        let dir = work.place.path(Path::new(&self.running.run.what.project));
        Ok(provisioning::digest(&dir)?.sha256)
    }

    /// Tells what an apply that did not come to its end left behind.
    async fn tell_what_is_left(&mut self, work: &Work, applied: &Applied, before: Option<&StateId>) {
        let mut left = Vec::new();
        if !applied.done.is_empty() {
            left.push(format!("done before it ended: {}", applied.done.join(", ")));
        }
        for resource in &applied.failed {
            left.push(format!("{resource} may be there in part: the next plan shows it"));
        }
        // Asked to end is asked to end; looking at what it left is not part of what was cancelled.
        let looking = CancellationToken::new();
        let tool = self.tool(work, &looking);
        match tool.state().await {
            Ok(after) if after.as_ref() == before => left.push("the state is as it was".to_owned()),
            Ok(after) => left.push(moved(before, after.as_ref())),
            Err(error) => left.push(format!("how the state is cannot be told: {error}")),
        }
        let errored = tool.dir.join(ERRORED);
        if provisioning::state_in(&errored).is_some() {
            left.push(format!(
                "the state could not be written to its place: {}/{ERRORED} holds it; once there is room: {} state push {ERRORED}",
                work.place.dir,
                work.place.program.name()
            ));
        } else if errored.is_file() {
            left.push(format!("{}/{ERRORED} is not whole: delete it", work.place.dir));
        }
        left.extend(applied.state.as_deref().map(|state| self.rescue(state)));
        if let Some(lock) = Lock::noted(&tool.dir) {
            left.push(format!("a note beside the state says that it is {lock}"));
        }
        drop(tool);
        for sentence in &left {
            self.log.say(sentence);
        }
        self.left_behind.extend(left.into_iter().map(|sentence| self.mask.apply(&sentence)));
    }

    /// Keeps a state that the tool could write nowhere; what became of it, in words.
    fn rescue(&self, state: &str) -> String {
        let rescued = Rescued::within(self.running.folder.path());
        let path = rescued.path().display();
        match rescued.keep(state) {
            Ok(()) => format!(
                "the state could be written nowhere, so Jalon kept it: {path}; make room, put it in the state's place and \
                 plan again: it is deleted then"
            ),
            Err(error) => format!(
                "the state is lost, because it could be written nowhere ({error}): what was done has to be imported"
            ),
        }
    }

    /// Looks at the states that earlier runs of the stack rescued: what is in its place again is deleted, of the others a
    /// person is warned before they confirm.
    fn look_at_rescued(&self, state: Option<&StateId>) -> Result<Vec<provisioning::Diagnostic>> {
        let mut found = Vec::new();
        let what = &self.running.run.what;
        for run in self.engine.store.runs_of_project(&what.project, u32::MAX)? {
            if (&run.what.kind, &run.what.name, &run.what.environment)
                != (&what.kind, &what.name, &what.environment)
            {
                continue;
            }
            let rescued = Rescued::within(self.engine.journal().folder(run.id).path());
            let path = rescued.path().display();
            if rescued.forget(state)? {
                self.log
                    .say(format!("the state that run {} kept is in its place: {path} is deleted", run.id));
            } else if rescued.path().exists() {
                let summary = format!("run {} kept a state that is not in its place yet: {path}", run.id);
                self.log.say(format!("Warning: {summary}"));
                let detail = "What it holds would be created once more.".to_owned();
                found.push(provisioning::Diagnostic { error: false, summary, detail, at: None });
            }
        }
        Ok(found)
    }
}

/// How a state moved on, in words.
fn moved(from: Option<&StateId>, to: Option<&StateId>) -> String {
    let serial =
        |state: Option<&StateId>| state.map_or("none".to_owned(), |state| format!("serial {}", state.serial));
    match (from, to) {
        (Some(a), Some(b)) if a.lineage != b.lineage => "the state is another one".to_owned(),
        _ => format!("the state went from {} to {}", serial(from), serial(to)),
    }
}

/// The limits of the tool's commands. `JALON_PROVISION_TIMEOUT` (seconds) shortens those of planning and applying, and the
/// time to end in order.
fn limits(engine: &Engine) -> Limits {
    let limits = Limits::default();
    let seconds = engine.around.variable("JALON_PROVISION_TIMEOUT").and_then(|text| text.parse().ok());
    match seconds.map(Duration::from_secs) {
        None => limits,
        Some(limit) => {
            Limits { init: limit, plan: limit, apply: limit, grace: limit, grace_of_apply: limit, ..limits }
        }
    }
}

fn masked(diagnostics: Vec<provisioning::Diagnostic>, mask: &Masker) -> Vec<provisioning::Diagnostic> {
    let masked = |one: provisioning::Diagnostic| provisioning::Diagnostic {
        summary: mask.apply(&one.summary),
        detail: mask.apply(&one.detail),
        ..one
    };
    diagnostics.into_iter().map(masked).collect()
}

impl Engine {
    /// Refuses where what a plan was made from is not what is there now: commit, files, variables. The state is asked by the
    /// run itself.
    pub(super) async fn expect_fresh(&self, project: &Project, work: &Work, record: &Record) -> Result<()> {
        let stale = |reason: String| Err(Error::from(provisioning::Error::Stale { reason }));
        let (commit, _) = self.commit_of(&project.dir, &work.place.dir).await?;
        if commit != work.commit {
            let short = |commit: Option<&String>| {
                commit.map_or("none".to_owned(), |sha| sha.get(..7).unwrap_or(sha).to_owned())
            };
            return stale(format!(
                "the commit went from {} to {}",
                short(work.commit.as_ref()),
                short(commit.as_ref())
            ));
        }
        if provisioning::digest(&work.place.path(&project.dir))?.sha256 != record.files {
            return stale(format!("files of {} were changed", work.place.dir));
        }
        let environment = project.environment(&work.place.environment)?;
        let stack = project.stack(&work.place.stack)?;
        if environment.variables != work.variables || environment.secrets != work.secrets {
            return stale(format!("the variables of {} were changed", environment.name));
        }
        if project.stack_place(stack, environment)? != work.place {
            return stale(format!("jalon.toml says something else about {}", stack.name));
        }
        Ok(())
    }
}
