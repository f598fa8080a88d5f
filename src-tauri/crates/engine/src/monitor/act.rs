//! What may be done about an alarm, and doing it once a person has confirmed it.

use jiff::{SignedDuration, Timestamp};
use monitoring::action::{self, Check, Deployment, Facts, Kind};
use monitoring::alarm::Alarm;
use store::action_audit::ActionAudit;

use super::alarms::unknown;
use super::indicated::{Indicated, indicated};
use crate::deploy::Place;
use crate::project::Project;
use crate::wire::*;
use crate::{AlarmRefusal, Engine, Error, Refusal, Result, Work};

/// Actions of the last day are looked at.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What was brought to a place, newest first.
pub(super) struct History {
    place: Option<Place>,
    brought: Vec<Brought>,
    before: Option<Brought>,
}

/// A release that was brought.
#[derive(Clone)]
struct Brought {
    run: i64,
    version: String,
    sha: String,
    dirty: bool,
    finished: i64,
    back: bool,
}

impl History {
    /// The deployment that is suspected of an alarm that has been raised since then.
    pub(super) fn suspect(&self, since: i64) -> Option<Suspect> {
        let (found, before) = action::suspect(since, &self.brought, |one| one.finished)?;
        Some(Suspect {
            run: found.run.to_string(),
            version: found.version.clone(),
            seconds_before: u32::try_from(before.as_secs()).unwrap_or(u32::MAX),
        })
    }
}

fn brought(run: &runs::Run) -> Brought {
    Brought {
        run: run.id,
        version: run.what.version.clone().unwrap_or_default(),
        sha: run.what.sha.clone().unwrap_or_default(),
        dirty: run.what.dirty,
        finished: run.finished.unwrap_or(run.requested).as_millisecond(),
        back: run.what.kind == "rollback",
    }
}

impl Engine {
    /// What was brought to the service that an indicator is about.
    pub(super) async fn history(&self, project: &Project, one: &Indicated<'_>) -> Result<History> {
        let place = one.service.and_then(|service| project.place(service, one.environment).ok());
        let Some(place) = place else { return Ok(History { place: None, brought: vec![], before: None }) };
        let live = self.live(&project.dir, &place).await?;
        if live.as_ref().is_some_and(|live| live.elsewhere) {
            // What serves was brought from another computer: what came before it is not known here.
            return Ok(History { place: None, brought: vec![], before: None });
        }
        let all = self.brought(&project.dir, &place)?;
        let before = self.releases_before(&project.dir, &place, live.as_ref())?.first().map(brought);
        Ok(History { place: Some(place), brought: all.iter().map(brought).collect(), before })
    }

    /// What is proposed about an alarm; none where its indicator names nothing.
    pub(super) async fn proposed(
        &self,
        project: &Project,
        one: &Indicated<'_>,
        alarm: &Alarm,
        history: &History,
    ) -> Result<Option<ProposedAction>> {
        let (Some(wanted), Some(place)) = (&one.indicator.action, &history.place) else { return Ok(None) };
        let kind = if wanted.kind == "rollback" { Kind::Rollback } else { Kind::Restart };
        let facts = self.facts(project, alarm, place, history, kind).await?;
        let checks = action::checks(kind, &facts);
        Ok(Some(ProposedAction {
            kind: kind.as_str().to_owned(),
            to: history.before.as_ref().map(|one| one.version.clone()).filter(|_| kind == Kind::Rollback),
            allowed: checks.iter().all(|check| check.met),
            checks: checks.into_iter().map(on_wire).collect(),
            confirm_name: one.environment.confirm_name,
        }))
    }

    async fn facts(
        &self,
        project: &Project,
        alarm: &Alarm,
        place: &Place,
        history: &History,
        kind: Kind,
    ) -> Result<Facts> {
        let now = self.now();
        let from = now.checked_sub(DAY).unwrap_or(Timestamp::MIN);
        let audit = self.store.audited_actions(&project.dir.display().to_string(), from)?;
        let started = audit.iter().filter(|entry| entry.outcome == STARTED);
        let here =
            |entry: &&ActionAudit| entry.service == place.service && entry.environment == place.environment;
        let at = |entry: &ActionAudit| entry.at.as_millisecond();
        let last = history.brought.first();
        Ok(Facts {
            now: now.as_millisecond(),
            state: alarm.state_at(now.as_millisecond(), self.interval()),
            flapping: alarm.flapping,
            deployment: last.map(|one| Deployment {
                version: one.version.clone(),
                finished: one.finished,
                back: one.back,
            }),
            previous: history.before.as_ref().map(|one| one.version.clone()),
            migrations: match (kind, last, &history.before) {
                (Kind::Rollback, Some(last), Some(before)) => self.migrations(project, last, before).await,
                _ => Ok(Vec::new()),
            },
            on_target: started.clone().filter(here).map(at).collect(),
            anywhere: started.map(at).collect(),
        })
    }

    /// Schema migrations that differ between two releases.
    async fn migrations(
        &self,
        project: &Project,
        last: &Brought,
        before: &Brought,
    ) -> std::result::Result<Vec<String>, String> {
        if last.dirty || before.dirty {
            return Err("one of them holds files that no commit holds".to_owned());
        }
        let clone = self.clone_of(&project.dir).await.map_err(|error| error.to_string())?;
        let differing = clone.differing(&before.sha, &last.sha).await.map_err(|error| error.to_string())?;
        Ok(action::migrations(&differing))
    }
}

fn on_wire(check: Check) -> ActionCheck {
    ActionCheck { id: check.id.to_owned(), met: check.met, message: check.message, params: check.params }
}

const STARTED: &str = "started";
const REFUSED: &str = "refused";

/// Starts what an alarm proposes. A person confirms it by this very call, and by the environment's name where that is
/// protected. What was started or refused, and on which grounds, is noted for ever.
///
/// # Errors
/// There is no such alarm, it proposes nothing, a condition is not met, or the run is refused.
pub async fn alarm_act(engine: &Engine, params: AlarmAct, work: &Work) -> Result<Started> {
    let project = Project::load(&params.dir)?;
    let all = indicated(&project);
    let one = all.iter().find(|one| one.id() == params.id).ok_or_else(|| unknown(&params.id))?;
    let no_action = || Error::from(Refusal::from(AlarmRefusal::NoAction { id: params.id.clone() }));
    let (history, action) = work
        .soon("judging the action", async {
            let row = engine.store.alarm(&one.key(&project))?;
            let alarm = one.alarm(row, engine.now().as_millisecond());
            let history = engine.history(&project, one).await?;
            let action = engine.proposed(&project, one, &alarm, &history).await?;
            Ok((history, action))
        })
        .await?;
    let action = action.ok_or_else(no_action)?;
    let place = history.place.ok_or_else(no_action)?;
    let grounds = serde_json::to_string(&action.checks).unwrap_or_default();
    let note = |outcome: &str, grounds: String, run: Option<i64>| {
        let entry = ActionAudit {
            alarm: params.id.clone(),
            kind: action.kind.clone(),
            service: place.service.clone(),
            environment: place.environment.clone(),
            at: engine.now(),
            by: engine.login()?,
            outcome: outcome.to_owned(),
            grounds,
            run,
        };
        Ok::<_, Error>(engine.store.audit_action(&project.dir.display().to_string(), &entry)?)
    };
    if !action.allowed {
        let unmet = action.checks.iter().filter(|check| !check.met);
        let reasons = unmet.map(|check| check.message.as_str()).collect::<Vec<_>>().join("; ");
        note(REFUSED, grounds, None)?;
        return Err(Refusal::from(AlarmRefusal::ActionRefused { id: params.id, reasons }).into());
    }
    let started = match action.kind.as_str() {
        "rollback" => {
            let request = RollbackRequest {
                dir: params.dir.clone(),
                service: place.service.clone(),
                environment: place.environment.clone(),
                to: history.before.map(|one| one.run.to_string()),
                confirm: params.confirm.clone(),
            };
            crate::rollback(engine, request, work).await
        }
        _ => {
            let command = format!("jalonctl alarms act {}", params.id);
            let (service, environment) = (place.service.as_str(), place.environment.as_str());
            let confirm = params.confirm.as_deref();
            let restarting = crate::deploy::restart(engine, &project, service, environment, confirm, command);
            work.soon("planning the restart", restarting).await
        }
    };
    match &started {
        Ok(started) => note(STARTED, grounds, started.run.as_deref().and_then(|id| id.parse().ok()))?,
        // Nobody has said yes yet, or thought better of it: that is neither done nor refused.
        Err(Error::Refused(Refusal::Unconfirmed { .. }) | Error::Cancelled) => {}
        Err(error) => note(REFUSED, error.to_string(), None)?,
    }
    started
}
