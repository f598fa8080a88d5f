//! The provisioning screen, and one plan.

use std::collections::BTreeMap;

use provisioning::{Mode, Program, Workspace};
use runs::{Run, RunState as State};

use super::record::Record;
use super::stack::{Work as StackWork, dir_of, workspace};
use super::{Plan, no_plan, on_wire, plan_of};
use crate::project::{Environment, Project, Stack};
use crate::wire::*;
use crate::{Engine, Error, Result, Work};

/// Runs of the history.
const HISTORY: usize = 50;
/// Runs of a stack that are looked through for its outputs and drift.
const LOOKED_THROUGH: usize = 200;

/// Stacks, their plans and runs.
///
/// # Errors
/// jalon.toml or the store cannot be read. What is wrong with one stack is told in the answer.
pub async fn provisioning(engine: &Engine, params: ProjectDir, work: &Work) -> Result<Provisioning> {
    work.soon("reading the stacks", async {
        engine.journal().reconcile()?;
        let project = Project::load(&params.dir)?;
        let programs = engine.programs(&project).await;
        let mut stacks = Vec::new();
        let rows = crate::runs::rows(engine, &project.dir.display().to_string(), u32::MAX)?;
        for stack in &project.config.stacks {
            let found = programs.get(stack.tool.as_str());
            let environments = project.config.environments.iter();
            let views =
                environments.map(|environment| engine.stack_view(&project, stack, environment, &rows));
            stacks.push(StackView {
                name: stack.name.clone(),
                tool: stack.tool.as_str().to_owned(),
                program: found.and_then(|found| found.as_ref().ok().cloned()),
                program_problem: found.and_then(|found| found.as_ref().err()).map(reason),
                environments: views.collect::<Result<_>>()?,
            });
        }
        let history = rows.iter().filter(|row| row.kind == RunKind::Provision).take(HISTORY).cloned();
        Ok(Provisioning {
            trust: engine.stack_trust_request(&project)?,
            project: project.header(),
            stacks,
            history: history.collect(),
        })
    })
    .await
}

/// The plan of a run.
///
/// # Errors
/// There is no such run, or it has not planned (yet).
pub async fn provision_show(engine: &Engine, params: RunId, work: &Work) -> Result<ProvisionPlan> {
    work.soon("reading the plan", async {
        engine.journal().reconcile()?;
        let run = engine.provision_run(&params.id)?;
        let Plan::Provision(work) = plan_of(&run)? else { return Err(no_plan(&run)) };
        let Some(record) = Record::read(&engine.journal().folder(run.id)) else { return Err(no_plan(&run)) };
        let problem = engine.why_not(&run, &work, &record).await;
        let plan = &record.plan;
        let waits = run.state == State::WaitingForConfirmation;
        Ok(ProvisionPlan {
            mode: on_wire::mode(work.mode).to_owned(),
            program: record.program.clone(),
            planned: Some(record.planned.to_string()),
            serial: record.state.as_ref().map(|state| state.serial),
            commit: work.commit.clone(),
            dirty: work.dirty,
            digest: record.saved.clone().filter(|_| waits || run.state == State::Running),
            counts: on_wire::counts(plan),
            changes: plan.changes.iter().map(on_wire::change).collect(),
            drift: plan.drift.iter().map(on_wire::change).collect(),
            outputs: plan.outputs.iter().map(on_wire::attribute).collect(),
            results: record.outputs.iter().flatten().map(on_wire::output).collect(),
            diagnostics: record.diagnostics.iter().map(on_wire::diagnostic).collect(),
            applicable: waits && problem.is_none(),
            problem,
            run: crate::runs::detail(engine, run.id)?.run,
        })
    })
    .await
}

/// An error as the reason of a view.
fn reason(error: &Error) -> RunReason {
    let wire = error.to_wire();
    RunReason { code: wire.code, params: wire.params, message: wire.message }
}

impl Engine {
    /// Each program that a stack names: its name and version, or why it cannot be used.
    async fn programs(&self, project: &Project) -> BTreeMap<&'static str, Result<String>> {
        let mut found = BTreeMap::new();
        let environment = provisioning::environment(&self.around.inherited, []);
        for program in [Program::Terraform, Program::Tofu] {
            let name = program.name();
            if project.config.stacks.iter().any(|stack| stack.tool.as_str() == name) {
                let version = program.version(&self.around.home, &environment).await;
                found.insert(name, version.map(|version| format!("{name} {version}")).map_err(Error::from));
            }
        }
        found
    }

    fn stack_view(
        &self,
        project: &Project,
        stack: &Stack,
        environment: &Environment,
        rows: &[RunRow],
    ) -> Result<StackEnvironment> {
        let dir = project.dir.display().to_string();
        let runs = self.runs_of_stack(&dir, &stack.name, &environment.name)?;
        let in_state =
            |state: State| runs.iter().find(|run| run.state == state).map(|run| run.id.to_string());
        let last = runs.first().map(|run| run.id.to_string());
        let hcp = workspace(project, stack, environment)?.map(|found| {
            let Workspace { organization, workspace, found_in } = found;
            HcpWorkspace { organization, workspace, found_in }
        });
        let problem = project.stack_place(stack, environment).err().filter(|_| hcp.is_none());
        let mut view = StackEnvironment {
            environment: environment.name.clone(),
            production: environment.production,
            confirm_name: environment.confirm_name,
            dir: dir_of(stack, environment),
            hcp,
            problem: problem.as_ref().map(reason),
            waiting: in_state(State::WaitingForConfirmation),
            running: in_state(State::Running).or_else(|| in_state(State::Planned)),
            last: rows.iter().find(|row| Some(&row.id) == last.as_ref()).cloned(),
            applied: None,
            drift: None,
            outputs: Vec::new(),
        };
        for run in runs.iter().filter(|run| run.state == State::Succeeded).take(LOOKED_THROUGH) {
            let Ok(Plan::Provision(work)) = plan_of(run) else { continue };
            let Some(record) = Record::read(&self.journal().folder(run.id)) else { continue };
            if work.mode == Mode::Drift && view.drift.is_none() && view.applied.is_none() {
                view.drift = Some(DriftView {
                    run: run.id.to_string(),
                    at: record.planned.to_string(),
                    resources: u32::try_from(record.plan.drift.len()).unwrap_or(u32::MAX),
                    outputs: u32::try_from(record.plan.outputs.len()).unwrap_or(u32::MAX),
                });
            }
            if let Some(outputs) =
                record.outputs.as_ref().filter(|_| view.outputs.is_empty() && view.applied.is_none())
            {
                view.outputs = outputs.iter().map(on_wire::output).collect();
            }
            if record.applied {
                view.applied = run.finished.map(|at| at.to_string());
                break;
            }
        }
        Ok(view)
    }

    /// Why a plan cannot be applied now; none where it can, as far as can be told without asking the tool.
    async fn why_not(&self, run: &Run, work: &StackWork, record: &Record) -> Option<RunReason> {
        // What goes on or is done needs no reason.
        if matches!(run.state, State::Planned | State::Running | State::Succeeded) {
            return None;
        }
        if run.state != State::WaitingForConfirmation {
            return match run.reason.as_deref().and_then(|text| serde_json::from_str(text).ok()) {
                Some(reason) => Some(reason),
                None => Some(reason(&no_plan(run))),
            };
        }
        let fresh = async {
            let project = Project::load(&run.what.project)?;
            self.expect_fresh(&project, work, record).await
        };
        fresh.await.err().as_ref().map(reason)
    }
}
