//! Provisioning on the command line: a plan is followed, shown, and applied once it is confirmed.

use std::process::ExitCode;

use engine::wire::*;
use engine::{Engine, Error, ProvisionError, Refusal, Work};

use crate::arguments::{Apply, Arguments, Provision, Stack, Unlock};
use crate::deliver::{end_of, followed, trust_asked};
use crate::human::Human;
use crate::{print, project, terminal};

/// Runs one of these commands.
pub async fn run(
    arguments: &Arguments,
    engine: &Engine,
    command: &Provision,
    work: &Work,
) -> Result<ExitCode, Error> {
    let asked = Asked { arguments, engine, work, dir: project(arguments)?.dir };
    match command {
        Provision::Plan { stack, plan: Some(id) } => {
            let plan = asked.shown(stack, id).await?;
            print(arguments, &plan)
        }
        Provision::Plan { stack, plan: None } => asked.plan(stack, "apply").await,
        Provision::Drift(stack) => asked.plan(stack, "drift").await,
        Provision::Apply(apply) => asked.apply(apply, "apply").await,
        Provision::Destroy(apply) => asked.apply(apply, "destroy").await,
        Provision::Unlock(unlock) => asked.unlock(unlock).await,
    }
}

/// What every command needs.
struct Asked<'a> {
    arguments: &'a Arguments,
    engine: &'a Engine,
    work: &'a Work,
    dir: String,
}

impl Asked<'_> {
    fn may_ask(&self) -> bool {
        !self.arguments.json && terminal::can_ask()
    }

    /// Plans, and follows the run until it waits or has ended.
    async fn planned(&self, stack: &Stack, mode: &str, from: &mut u64) -> Result<RunDetail, Error> {
        let request = || ProvisionRequest {
            dir: self.dir.clone(),
            stack: stack.stack.clone(),
            environment: stack.environment.clone(),
            mode: Some(mode.to_owned()),
        };
        let started = loop {
            match engine::provision_plan(self.engine, request(), self.work).await {
                Err(Error::Refused(refusal @ Refusal::NotTrusted { .. })) if self.may_ask() => {
                    trust_asked(self.engine, refusal, self.work).await?;
                }
                other => break other?,
            }
        };
        let id = started.run.unwrap_or_default();
        if !self.arguments.json {
            eprintln!("run {id}: {}", started.plan.join("\n  "));
        }
        followed(self.arguments, self.engine, &id, self.work, from).await
    }

    /// A run's plan; the stack and environment must be those that were named.
    async fn shown(&self, stack: &Stack, id: &str) -> Result<ProvisionPlan, Error> {
        let plan = engine::provision_show(self.engine, RunId { id: id.to_owned() }, self.work).await?;
        if plan.run.name != stack.stack || plan.run.environment != stack.environment {
            let reason = format!("run {id} is of {} in {}", plan.run.name, plan.run.environment);
            return Err(Error::BadRequest { reason });
        }
        Ok(plan)
    }

    /// What a run came to: its plan where it did what it was to do, else how it ended.
    async fn come_to(&self, run: RunDetail) -> Result<ExitCode, Error> {
        if matches!(run.run.state, RunState::Succeeded | RunState::WaitingForConfirmation) {
            let id = RunId { id: run.run.id.clone() };
            return print(self.arguments, &engine::provision_show(self.engine, id, self.work).await?);
        }
        end_of(self.arguments, &run)
    }

    async fn plan(&self, stack: &Stack, mode: &str) -> Result<ExitCode, Error> {
        let run = self.planned(stack, mode, &mut 0).await?;
        self.come_to(run).await
    }

    async fn apply(&self, apply: &Apply, mode: &str) -> Result<ExitCode, Error> {
        let stack = &apply.stack;
        // What was said while planning is not said again.
        let mut from = 0;
        let (id, mut confirmed) = match &apply.plan {
            // Whoever names a plan has seen it.
            Some(id) => (self.shown(stack, id).await?.run.id, true),
            None => {
                let run = self.planned(stack, mode, &mut from).await?;
                if run.run.state != RunState::WaitingForConfirmation {
                    return self.come_to(run).await;
                }
                (run.run.id, apply.confirm.yes || apply.confirm.confirm.as_ref() == Some(&stack.environment))
            }
        };
        let mut typed = apply.confirm.confirm.clone();
        let plan = self.shown(stack, &id).await?;
        if !confirmed && self.may_ask() {
            eprintln!("{}", plan.lines());
            let question = format!("Apply exactly this plan to {}? [y/N] ", stack.environment);
            confirmed = terminal::ask(&question).is_some_and(|answer| answer.eq_ignore_ascii_case("y"));
        }
        while confirmed {
            let request = ProvisionApply { dir: self.dir.clone(), run: id.clone(), confirm: typed.clone() };
            match engine::provision_apply(self.engine, request, self.work).await {
                Err(Error::Refused(Refusal::Unconfirmed { environment })) => {
                    let answer = self.may_ask().then(|| {
                        terminal::ask(&format!("{environment} is protected. Type its name to go on: "))
                    });
                    typed = answer.flatten().filter(|name| !name.is_empty());
                    confirmed = typed.is_some();
                }
                Err(Error::Refused(refusal @ Refusal::NotTrusted { .. })) if self.may_ask() => {
                    trust_asked(self.engine, refusal, self.work).await?;
                }
                other => {
                    other?;
                    let run = followed(self.arguments, self.engine, &id, self.work, &mut from).await?;
                    return self.come_to(run).await;
                }
            }
        }
        print(self.arguments, &plan)?;
        let Stack { stack, environment } = stack;
        let command = format!("jalonctl provision apply {stack} --env {environment} --plan {id}");
        Err(ProvisionError::Unconfirmed { run: id, environment: environment.clone(), command }.into())
    }

    async fn unlock(&self, unlock: &Unlock) -> Result<ExitCode, Error> {
        let Some(lock) = &unlock.lock else {
            return Err(ProvisionError::LockUnnamed { lock: None }.into());
        };
        let request = ProvisionUnlock {
            dir: self.dir.clone(),
            stack: unlock.stack.stack.clone(),
            environment: unlock.stack.environment.clone(),
            lock: lock.clone(),
            confirm: unlock.confirm.clone(),
        };
        let started = engine::provision_unlock(self.engine, request, self.work).await?;
        let id = started.run.unwrap_or_default();
        let run = followed(self.arguments, self.engine, &id, self.work, &mut 0).await?;
        end_of(self.arguments, &run)
    }
}
