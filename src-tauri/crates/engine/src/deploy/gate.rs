//! Facts for the gate, and its conditions on the wire.

use std::collections::BTreeMap;

use deployments::Gate;
use deployments::gate::{
    Before, Checked, Checks, Condition, Confirmation, Fact, Facts, Now, Origin, Ran, Required, Said, State,
    Test, Tree,
};
use runs::RunState;
use store::test_result::TestSubject;

use super::Roll;
use super::checks::{self, For};
use crate::project::Project;
use crate::wire::{ConditionState, GateCondition, HealthState};
use crate::{Engine, Refusal, Result};

/// Refuses where the gate of a release is closed. What is settled on the way (tests, the typed name) does not close it.
pub(super) async fn expect_open(
    engine: &Engine,
    project: &Project,
    clone: &git::Clone,
    roll: &Roll,
) -> Result<()> {
    // Whether the name was typed is asked last, and told apart.
    let facts = Facts { confirmation: None, ..facts(engine, project, clone, roll, For::Decision).await? };
    let gate = Gate::judge(&facts);
    if gate.open() { Ok(()) } else { Err(closed(roll, &gate)) }
}

/// The same at the moment of applying, when what a person works on meanwhile is no part of the release any more.
pub(super) async fn expect_still_open(
    engine: &Engine,
    project: &Project,
    clone: &git::Clone,
    roll: &Roll,
) -> Result<()> {
    let now = facts(engine, project, clone, roll, For::Decision).await?;
    let gate = Gate::judge(&Facts { confirmation: None, tree: Tree::Clean, ..now });
    if gate.passed() { Ok(()) } else { Err(closed(roll, &gate)) }
}

/// The error of a closed gate.
pub(super) fn closed(roll: &Roll, gate: &Gate) -> crate::Error {
    let environment = roll.place.environment.clone();
    let dirty = gate.conditions.iter().find_map(|condition| match (&condition.fact, condition.state) {
        (Fact::CleanTree { files: Some(files) }, State::Unmet) => Some(*files),
        _ => None,
    });
    if let (Some(files), 1) = (dirty, gate.closed_by().count()) {
        return Refusal::Dirty { environment, files }.into();
    }
    let reasons = gate.closed_by().map(|condition| on_wire(condition).message).collect::<Vec<_>>().join("; ");
    Refusal::GateClosed { environment, version: roll.release.version.clone(), reasons }.into()
}

/// Everything that is known of a release that wants in.
pub(super) async fn facts(
    engine: &Engine,
    project: &Project,
    clone: &git::Clone,
    roll: &Roll,
    purpose: For,
) -> Result<Facts> {
    let origin = match &roll.promotes_from {
        None => None,
        Some(from) => {
            Some(Origin { environment: from.clone(), before: before(engine, project, roll, from).await? })
        }
    };
    let tree = match clone.changed().await {
        Ok(changed) if changed.is_empty() => Tree::Clean,
        Ok(changed) => Tree::Dirty { files: changed.len() },
        Err(_) => Tree::Unknown,
    };
    let confirmation = roll
        .confirmed
        .as_ref()
        .map(|typed| Confirmation { name: roll.place.environment.clone(), typed: Some(typed.clone()) });
    let required = match roll.checks {
        crate::project::Checks::Required => {
            checks::required(engine, project, &roll.release.sha, purpose).await
        }
        _ => Required::NotAsked,
    };
    Ok(Facts {
        environment: roll.place.environment.clone(),
        production: roll.production,
        commit: roll.release.sha.clone(),
        origin,
        checks: match roll.checks {
            crate::project::Checks::None => Checks::None,
            crate::project::Checks::Local => Checks::Local,
            crate::project::Checks::Required => Checks::Required,
        },
        test: test(engine, project, roll)?,
        required,
        tree,
        confirmation,
    })
}

/// Which tests the gate asks for.
pub(super) fn subject(project: &Project, roll: &Roll) -> Option<TestSubject> {
    Some(TestSubject {
        project: project.dir.display().to_string(),
        service: roll.place.service.clone(),
        sha: roll.release.sha.clone(),
        command: serde_json::to_string(roll.test.as_ref()?).ok()?,
    })
}

fn test(engine: &Engine, project: &Project, roll: &Roll) -> Result<Test> {
    let Some(subject) = subject(project, roll) else { return Ok(Test::NoCommand) };
    Ok(match engine.store.test_of(&subject)? {
        None => Test::NotYet,
        Some(result) if result.passed => Test::Passed { at: result.at },
        Some(result) => Test::Failed { at: result.at, summary: format!("see run {}", result.run) },
    })
}

/// What happened to this commit in the environment in front.
async fn before(engine: &Engine, project: &Project, roll: &Roll, from: &str) -> Result<Before> {
    let service = &roll.place.service;
    let runs = engine.store.runs_of_project(&project.dir.display().to_string(), u32::MAX)?;
    let of_commit = |run: &&runs::Run| {
        run.what.environment == from
            && run.what.name == *service
            && run.what.sha.as_deref() == Some(&roll.release.sha)
            && matches!(run.what.kind.as_str(), "deploy" | "rollback")
    };
    let succeeded = |run: &&runs::Run| run.state == RunState::Succeeded;
    let mut best = runs.iter().filter(of_commit).filter(succeeded).collect::<Vec<_>>();
    // A run of the commit itself says more than one with changed files.
    best.sort_by_key(|run| (run.what.dirty, std::cmp::Reverse(run.id)));
    if best.first().is_none_or(|run| run.what.dirty)
        && let Some(before) = brought_elsewhere(engine, project, roll, from).await?
    {
        return Ok(before);
    }
    let Some(run) = best.first() else {
        let failed = runs.iter().filter(of_commit).find(|run| run.state == RunState::Failed);
        return Ok(match failed.and_then(|run| run.finished) {
            Some(at) => Before::Failed { at },
            None => Before::Never,
        });
    };
    let environment = project.environment(from)?;
    let now = match project.place(service, environment) {
        Err(_) => Now::Unknown,
        Ok(place) => {
            let (live, health) = engine.at_place(&project.dir, &place).await?;
            match (live, health.state) {
                (Some(live), _) if live.commit != roll.release.sha || live.dirty => Now::Gone,
                (Some(_), HealthState::Healthy) => Now::Healthy,
                (Some(_), HealthState::Unknown) => Now::Unknown,
                (Some(_), _) => Now::Unhealthy,
                (None, HealthState::Unknown) => Now::Unknown,
                (None, _) => Now::Gone,
            }
        }
    };
    Ok(Before::Succeeded {
        version: run.what.version.clone().unwrap_or_default(),
        at: run.finished.unwrap_or(run.requested),
        dirty: run.what.dirty,
        now,
    })
}

/// The same of what another computer brought there, as long as it serves.
async fn brought_elsewhere(
    engine: &Engine,
    project: &Project,
    roll: &Roll,
    from: &str,
) -> Result<Option<Before>> {
    let Ok(place) = project.place(&roll.place.service, project.environment(from)?) else { return Ok(None) };
    let (live, health) = engine.at_place(&project.dir, &place).await?;
    let Some(live) = live.filter(|live| live.elsewhere && live.commit == roll.release.sha) else {
        return Ok(None);
    };
    let now = match health.state {
        // Another release's workloads stand beside it: it was left half-way, or did not take over everything.
        _ if !live.whole => Now::Unknown,
        HealthState::Healthy => Now::Healthy,
        HealthState::Unknown => Now::Unknown,
        _ => Now::Unhealthy,
    };
    let at = live.since.parse().unwrap_or_else(|_| engine.now());
    Ok(Some(Before::Succeeded { version: live.version, at, dirty: live.dirty, now }))
}

/// A condition with its fact in English, and the name and params by which the window finds its own words.
pub(super) fn on_wire(condition: &Condition) -> GateCondition {
    let state = match condition.state {
        State::Met => ConditionState::Met,
        State::Unmet => ConditionState::Unmet,
        State::Pending => ConditionState::Pending,
        State::Unknown => ConditionState::Unknown,
        State::AtTheEnd => ConditionState::AtTheEnd,
    };
    let mut params = BTreeMap::new();
    let mut set = |name: &str, value: String| drop(params.insert(name.to_owned(), value));
    let (id, fact, message) = match &condition.fact {
        Fact::RanBefore { environment, commit, found, at, version } => {
            let short = short(commit);
            set("environment", environment.clone());
            set("commit", short.to_owned());
            if let Some(at) = at {
                set("at", at.to_string());
            }
            if let Some(version) = version {
                set("version", version.clone());
            }
            let (word, message) = match found {
                Ran::Healthy => ("healthy", format!("{short} runs in {environment} and is healthy")),
                Ran::Earlier => ("earlier", format!("{short} ran in {environment} before")),
                Ran::Unhealthy => ("unhealthy", format!("{short} runs in {environment} and is not healthy")),
                Ran::Dirty => {
                    ("dirty", format!("{short} ran in {environment} with changed files that no commit holds"))
                }
                Ran::Failed => ("failed", format!("{short} was tried in {environment} and failed")),
                Ran::Never => ("never", format!("{short} never ran in {environment}")),
                Ran::Nowhere => (
                    "nowhere",
                    format!(
                        "{environment} names no environment that a release runs in before: set promotes_from"
                    ),
                ),
                Ran::Unknown => ("unknown", format!("nobody can tell whether {short} ran in {environment}")),
            };
            ("ran_before", format!("ran_before.{word}"), message)
        }
        Fact::Checks { commit, found, at, summary, hindrance, .. } => {
            let short = short(commit);
            set("commit", short.to_owned());
            if let Some(at) = at {
                set("at", at.to_string());
            }
            if let Some(summary) = summary {
                set("summary", summary.clone());
            }
            let (word, message) = match found {
                Checked::NotAsked => ("not_asked", "no tests are asked for".to_owned()),
                Checked::Passed => ("passed", format!("the tests passed for {short}")),
                Checked::Failed => (
                    "failed",
                    format!("the tests fail for {short}: {}", summary.as_deref().unwrap_or("no detail")),
                ),
                Checked::Running => ("running", format!("the tests run for {short}")),
                Checked::WillRun => ("will_run", format!("the tests will be run for {short}")),
                Checked::NoCommand => ("no_command", "the service names no test command".to_owned()),
                Checked::Absent => {
                    ("absent", format!("{short} has no check that ran on GitHub, so nothing is green"))
                }
                Checked::AllUnreadable => (
                    "all_unreadable",
                    format!("which checks GitHub requires may not be read, so all of {short} are"),
                ),
                Checked::AllUnnamed => {
                    ("all_unnamed", format!("GitHub names no check as required, so all of {short} are"))
                }
                Checked::Unreadable => {
                    let why = hindrance.as_ref().map_or("", |why| &why.reason);
                    let fix = hindrance.as_ref().and_then(|why| why.fix.as_deref());
                    let fix = fix.map_or(String::new(), |fix| format!(" ({fix})"));
                    ("unreadable", format!("the checks of {short} cannot be read: {why}{fix}"))
                }
                Checked::Unknown => {
                    ("unknown", format!("nobody can tell whether the checks of {short} are green"))
                }
            };
            if let Some(why) = hindrance {
                set("code", why.code.clone());
                set("reason", why.reason.clone());
                if let Some(fix) = &why.fix {
                    set("fix", fix.clone());
                }
            }
            ("checks", format!("checks.{word}"), message)
        }
        Fact::Check { name, commit, found, word, about, url, at } => {
            let short = short(commit);
            set("name", name.clone());
            set("commit", short.to_owned());
            let optional = [
                ("word", word.clone()),
                ("about", about.as_deref().map(|about| self::short(about).to_owned())),
                ("url", url.clone()),
                ("at", at.map(|at| at.to_string())),
            ];
            for (key, value) in optional {
                if let Some(value) = value {
                    set(key, value);
                }
            }
            let says = word.as_deref().unwrap_or("nothing");
            let (said, message) = match found {
                Said::Green => ("green", format!("{name} is green for {short}")),
                Said::Red => ("red", format!("{name} is red for {short} ({says})")),
                Said::Pending => ("pending", format!("{name} has not ended for {short} ({says})")),
                Said::Cancelled => ("cancelled", format!("{name} was cancelled for {short}")),
                Said::Absent if word.is_none() => {
                    ("absent", format!("{name} is required, and {short} does not have it"))
                }
                Said::Absent => ("absent", format!("{name} ran nothing for {short} ({says})")),
                Said::Unreadable => {
                    ("unreadable", format!("{name} says something unknown of {short} ({says})"))
                }
                Said::WrongCommit => {
                    let about = about.as_deref().map_or("another commit", self::short);
                    ("wrong_commit", format!("{name} is about {about}, not about {short}"))
                }
            };
            set("state", said.to_owned());
            ("check", format!("check.{said}"), message)
        }
        Fact::CleanTree { files } => {
            let (word, message) = match files {
                Some(0) => ("clean", "every file is committed".to_owned()),
                Some(files) => {
                    set("files", files.to_string());
                    ("dirty", format!("{files} changed files are not committed"))
                }
                None => ("unknown", "git cannot tell whether every file is committed".to_owned()),
            };
            ("clean_tree", format!("clean_tree.{word}"), message)
        }
        Fact::NameTyped { name } => {
            set("name", name.clone());
            let message = match condition.state {
                State::Met => format!("{name} was typed"),
                _ => format!("{name} has to be typed"),
            };
            ("name_typed", "name_typed".to_owned(), message)
        }
    };
    GateCondition { id: id.to_owned(), state, fact, params, message }
}

fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}
