//! Carries a run out, in a process of its own. What a person sees of it is the journal, its steps and its log.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use credentials::{Masker, Secret};
use runs::{Launcher, LogWriter, NewRun, RunEnd, RunState, Running, Share};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::shared::Told;
use crate::wire::{RunReason, RunStep, Started, StepState};
use crate::{Engine, Error, Result, deploy, provision};

/// Argument that makes this program carry a run out; its id follows, and [`runs::CONFIRMED`] where it waited.
pub(crate) const RUN_PROCESS: &str = "run-process";

/// GitHub is told within this time, before and after the end of a run; the rest waits for the next call.
const TELLING: Duration = Duration::from_secs(20);

/// What a run will do, written down before it begins: it does this and nothing else. Each kind has its own `do`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Plan {
    /// Brings or stops a service.
    Deploy(deploy::Plan),
    /// Creates or changes what services run on.
    Provision(provision::Plan),
}

/// What a run does, finer than its kind.
pub(crate) fn deed(run: &NewRun) -> Option<String> {
    let deed = match serde_json::from_str(&run.plan).ok()? {
        Plan::Deploy(deploy::Plan::Stop { .. }) => "stop",
        Plan::Deploy(deploy::Plan::Restart { .. }) => "restart",
        Plan::Deploy(deploy::Plan::Roll(_)) if run.kind == "action" => "restart",
        Plan::Deploy(deploy::Plan::Roll(_)) => return None,
        Plan::Provision(plan) => plan.deed(),
    };
    Some(deed.to_owned())
}

/// How far a run came that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    /// Its end.
    End,
    /// The point where a person has to confirm what it will do.
    Confirmation,
}

/// Carries out the run with this id; says nothing where somebody else does already. `confirmed` says that it waited for
/// confirmation and has it.
///
/// # Errors
/// The journal cannot be read or written: the run will be found interrupted.
pub(crate) async fn carry_out(engine: &Engine, id: i64, confirmed: bool) -> Result<()> {
    let Some(running) = engine.journal().begin(id, confirmed)? else { return Ok(()) };
    let secrets = engine.secrets_in_environment();
    let mask = Masker::new(secrets.iter().map(|(_, value)| value.expose()));
    let log = LogWriter::open(&running.folder.log(), mask.clone(), engine.around.clock.clone())?;
    let steps: Vec<RunStep> = serde_json::from_str(&running.run.what.steps).unwrap_or_default();
    let mut work = Carrying {
        engine,
        running: &running,
        log: &log,
        mask: &mask,
        secrets: &secrets,
        steps,
        left_behind: Vec::new(),
    };
    // GitHub is told beside the work: nobody waits for it. A write that is under way is not broken off.
    let nobody = CancellationToken::new();
    let telling = crate::shared::tell_github(engine, TELLING, &nobody);
    tokio::pin!(telling);
    let mut telling_ended = false;
    let outcome = {
        let all = work.all();
        tokio::pin!(all);
        loop {
            tokio::select! {
                outcome = &mut all => break outcome,
                () = running.watch() => break Err(Error::Cancelled),
                told = &mut telling, if !telling_ended => {
                    telling_ended = true;
                    say(&log, told);
                }
            }
        }
    };
    let (state, end) = match outcome {
        Ok(Reached::Confirmation) => {
            log.say("waiting for confirmation");
            running.wait_for_confirmation()?;
            return Ok(());
        }
        Ok(Reached::End) => {
            let nothing = RunEnd { left_behind: Some("[]".to_owned()), ..RunEnd::default() };
            (RunState::Succeeded, nothing)
        }
        Err(error) => {
            work.give_up();
            work.ended(&error)
        }
    };
    match (&state, &end.reason) {
        (RunState::Succeeded, _) => log.say("done"),
        (_, reason) => {
            let reason: Option<RunReason> =
                reason.as_deref().and_then(|text| serde_json::from_str(text).ok());
            log.say(reason.map_or_else(|| "ended".to_owned(), |reason| reason.message));
        }
    }
    running.end(state, &end)?;
    if !telling_ended {
        say(&log, telling.await);
    }
    say(&log, crate::shared::tell_github(engine, TELLING, &nobody).await);
    Ok(())
}

/// Notes in the log what came of telling GitHub: a run is none the worse for it.
fn say(log: &LogWriter, told: Result<Told>) {
    match told {
        Ok(told) => told.notes.iter().for_each(|note| log.say(note)),
        Err(error) => log.say(format!("GitHub is told later: {error}")),
    }
}

/// A run that is being carried out.
pub(crate) struct Carrying<'a> {
    pub engine: &'a Engine,
    pub running: &'a Running,
    pub log: &'a LogWriter,
    /// Knows every secret that the run was given.
    pub mask: &'a Masker,
    pub secrets: &'a [(String, Secret)],
    pub steps: Vec<RunStep>,
    /// What stays behind where it does not succeed: English sentences.
    pub left_behind: Vec<String>,
}

impl Carrying<'_> {
    async fn all(&mut self) -> Result<Reached> {
        let plan: Plan = serde_json::from_str(&self.running.run.what.plan)
            .map_err(|error| Error::BadRequest { reason: format!("its plan cannot be read: {error}") })?;
        match plan {
            Plan::Deploy(plan) => self.deploy(plan).await.map(|()| Reached::End),
            Plan::Provision(plan) => self.provision(plan).await,
        }
    }

    /// How a run ends that did not do what it was to do.
    fn ended(&self, error: &Error) -> (RunState, RunEnd) {
        let cancelled = self.running.cancel.is_cancelled();
        let refused = !cancelled && error.is_gate();
        let wire = error.to_wire();
        let reason = if cancelled {
            let message = match self.running.run.what.kind.as_str() {
                "provision" => "cancelled",
                _ if !self.left_behind.is_empty() => "cancelled: what was changed until then stays",
                _ => "cancelled: what served before still does",
            };
            RunReason {
                code: "run.cancelled".to_owned(),
                params: BTreeMap::new(),
                message: message.to_owned(),
            }
        } else {
            let params = wire.params.into_iter().map(|(name, value)| (name, self.mask.apply(&value)));
            RunReason { code: wire.code, params: params.collect(), message: self.mask.apply(&wire.message) }
        };
        let state = if refused || cancelled { RunState::Cancelled } else { RunState::Failed };
        let reason = serde_json::to_string(&reason).ok();
        let left_behind = match self.left_behind.as_slice() {
            [] => None,
            sentences => serde_json::to_string(sentences).ok(),
        };
        (state, RunEnd { refused, reason, left_behind })
    }

    /// Notes what stays behind where the run goes no further than this, before it does it: a killed process tells nothing.
    pub(crate) fn leaves(&mut self, sentences: Vec<String>) -> Result<()> {
        self.left_behind = sentences.into_iter().map(|sentence| self.mask.apply(&sentence)).collect();
        Ok(self.running.leaves(&self.left_behind)?)
    }

    /// Notes that a step is where it is. What stands before it is done or was not needed.
    pub(crate) fn step(&mut self, id: &str, state: StepState) -> Result<()> {
        let now = self.engine.now().to_string();
        let index = self.steps.iter().position(|step| step.id == id).unwrap_or_default();
        for step in self.steps.iter_mut().take(index) {
            match step.state {
                StepState::Running => {
                    step.state = StepState::Done;
                    step.finished = Some(now.clone());
                }
                StepState::ToCome => step.state = StepState::Skipped,
                _ => {}
            }
        }
        if let Some(step) = self.steps.get_mut(index).filter(|step| step.state != StepState::Done) {
            match state {
                StepState::Running => step.started = Some(now),
                // A step that never began has nothing to finish: it was not needed.
                _ if step.started.is_none() => return self.skip(index),
                _ => step.finished = Some(now),
            }
            step.state = state;
        }
        self.note()
    }

    fn skip(&mut self, index: usize) -> Result<()> {
        self.steps[index].state = StepState::Skipped;
        self.note()
    }

    /// The step under way failed, and what follows is not reached.
    fn give_up(&mut self) {
        let now = self.engine.now().to_string();
        for step in &mut self.steps {
            match step.state {
                StepState::Running => {
                    step.state = StepState::Failed;
                    step.finished = Some(now.clone());
                }
                StepState::ToCome => step.state = StepState::Skipped,
                _ => {}
            }
        }
        // The run's state is journalled next; its steps are only for show.
        let _ = self.note();
    }

    fn note(&self) -> Result<()> {
        let text = serde_json::to_string(&self.steps)
            .map_err(|error| Error::BadRequest { reason: format!("steps are no JSON: {error}") })?;
        Ok(self.running.steps(&text)?)
    }
}

impl Engine {
    /// Secrets that this process was given in its environment.
    pub(crate) fn secrets_in_environment(&self) -> Vec<(String, Secret)> {
        let own = |(name, value): (&str, &str)| (name.to_owned(), Secret::new(value.to_owned()));
        self.around.secrets().map(own).collect()
    }

    /// Starts the process of a run.
    pub(crate) async fn start(
        &self,
        new: NewRun,
        secrets: &[(String, Secret)],
        plan: Vec<String>,
    ) -> Result<Started> {
        self.start_shared(new, None, secrets, plan).await
    }

    /// Starts the process of a run that GitHub is told of.
    pub(crate) async fn start_shared(
        &self,
        new: NewRun,
        share: Option<&Share>,
        secrets: &[(String, Secret)],
        plan: Vec<String>,
    ) -> Result<Started> {
        let journal = self.journal();
        journal.reconcile()?;
        let id = journal.start_shared(&new, share, &self.launcher(secrets)).await?;
        Ok(Started { run: Some(id.to_string()), plan })
    }

    /// What starts a run's process: Jalon itself, with the run's secrets in its environment and nowhere else.
    pub(crate) fn launcher(&self, secrets: &[(String, Secret)]) -> Launcher {
        let mut environment = self.around.inherited.clone();
        environment.insert("JALON_HOME".into(), self.around.home.clone().into());
        let own = self.around.handed_on().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        environment.extend(own);
        for (name, value) in secrets {
            let variable = if name == deploy::TOKEN { name.clone() } else { format!("JALON_SECRET_{name}") };
            environment.insert(variable.into(), value.expose().into());
        }
        Launcher { program: self.around.program.clone(), arguments: vec![RUN_PROCESS.into()], environment }
    }
}
