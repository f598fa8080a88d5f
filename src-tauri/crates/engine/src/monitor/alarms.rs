//! All alarms of a project in one list: Jalon's own and Prometheus'.

use std::collections::BTreeMap;

use jiff::Timestamp;
use monitoring::alarm::{Alarm, State};
use monitoring::{Alert, Labels};
use sha2::{Digest, Sha256};
use store::alarm_note::{AlarmNote, AlarmNoteKind};

use super::act::History;
use super::indicated::{Indicated, indicated};
use crate::project::{Environment, Project};
use crate::wire::*;
use crate::{AlarmRefusal, Engine, Error, Refusal, Result, Work};

/// Longest silence: a week.
const LONGEST: u32 = 7 * 86_400;

/// An alarm before people's notes about it are added.
pub(super) struct Raised {
    pub view: AlarmView,
    /// Since when the span lasts that a note would be about; none while there is nothing to be told of.
    pub span: Option<i64>,
}

/// Alarms of a project.
///
/// # Errors
/// jalon.toml or the store cannot be read. A Prometheus that does not answer is told in the answer.
pub async fn alarms(engine: &Engine, params: ProjectDir, work: &Work) -> Result<Alarms> {
    work.soon("reading the alarms", async {
        let project = Project::load(&params.dir)?;
        engine.alarms_of(&project).await
    })
    .await
}

/// Silences an alarm, or takes the silence off.
///
/// # Errors
/// There is no such alarm.
pub async fn alarm_silence(engine: &Engine, params: Silence, work: &Work) -> Result<Alarms> {
    let note = |engine: &Engine, _raised: &AlarmView| {
        let at = engine.now();
        let seconds = i64::from(params.seconds.min(LONGEST));
        let until = at.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
        (AlarmNoteKind::Silence, at, until)
    };
    work.soon("silencing the alarm", engine.note(&params.dir, &params.id, note)).await
}

/// Notes that a person knows of an alarm, until it ends.
///
/// # Errors
/// There is no such alarm.
pub async fn alarm_acknowledge(engine: &Engine, params: AlarmId, work: &Work) -> Result<Alarms> {
    let note = |engine: &Engine, raised: &AlarmView| {
        let span = raised.since.as_deref().and_then(|since| since.parse().ok());
        (AlarmNoteKind::Acknowledgement, engine.now(), span.unwrap_or_else(|| engine.now()))
    };
    work.soon("acknowledging the alarm", engine.note(&params.dir, &params.id, note)).await
}

impl Engine {
    async fn note(
        &self,
        dir: &str,
        id: &str,
        note: impl FnOnce(&Engine, &AlarmView) -> (AlarmNoteKind, Timestamp, Timestamp),
    ) -> Result<Alarms> {
        let project = Project::load(dir)?;
        let (raised, _) = self.raised(&project).await?;
        let found = raised.iter().find(|raised| raised.view.id == id);
        let found = found.ok_or_else(|| unknown(id))?;
        let (kind, at, until) = note(self, &found.view);
        // What an acknowledgement is about is the span, not its latest state.
        let until = match (kind, found.span) {
            (AlarmNoteKind::Silence, _) | (_, None) => until,
            (_, Some(span)) => moment(span),
        };
        let note = AlarmNote { alarm: id.to_owned(), at, until, by: self.login()? };
        self.store.note_of_alarms(&project.dir.display().to_string(), kind, &[note])?;
        self.alarms_of(&project).await
    }

    pub(super) async fn alarms_of(&self, project: &Project) -> Result<Alarms> {
        let (raised, problems) = self.raised(project).await?;
        let mut alarms = self.with_notes(project, raised)?;
        alarms.sort_by(|a, b| (a.state, &a.environment, &a.name).cmp(&(b.state, &b.environment, &b.name)));
        let looked = indicated(project)
            .iter()
            .filter_map(|one| self.store.alarm(&one.key(project)).ok()??.evaluated)
            .max();
        let as_of = looked.map_or_else(|| self.now(), moment).to_string();
        Ok(Alarms { alarms, as_of, problems })
    }

    /// Every alarm, without notes; and why a Prometheus could not be asked.
    pub(super) async fn raised(&self, project: &Project) -> Result<(Vec<Raised>, Vec<WireError>)> {
        let mut raised = Vec::new();
        let mut histories = BTreeMap::new();
        for one in indicated(project) {
            raised.push(self.own(project, &one, &mut histories).await?);
        }
        let mut problems = Vec::new();
        // Addresses of a repository that nobody trusted are not asked.
        if self.trust_request(&project.dir, &project.config)?.is_none() {
            for (address, environments) in prometheuses(project) {
                match self.alerts(address, &environments).await {
                    Ok(alerts) => {
                        raised.extend(alerts.iter().map(|alert| foreign(project, &environments, alert)))
                    }
                    Err(error) => problems.push(error.to_wire()),
                }
            }
        }
        Ok((raised, problems))
    }

    /// The alarm of an indicator.
    pub(super) async fn own(
        &self,
        project: &Project,
        one: &Indicated<'_>,
        histories: &mut BTreeMap<(String, String), History>,
    ) -> Result<Raised> {
        let now = self.now().as_millisecond();
        let row = self.store.alarm(&one.key(project))?;
        let alarm = one.alarm(row, now);
        let state = alarm.state_at(now, self.interval());
        let mut view = AlarmView {
            id: one.id(),
            source: "jalon".to_owned(),
            name: one.indicator.name.clone(),
            environment: Some(one.environment.name.clone()),
            service: one.service.map(str::to_owned),
            state: on_wire(state),
            since: alarm.evaluated.map(|_| moment(alarm.since).to_string()),
            value: alarm.value.filter(|value| value.is_finite() && state != State::Unknown),
            unit: one.indicator.unit.clone(),
            rule: one.words(),
            message: alarm.message.clone().filter(|_| state != State::Unknown),
            silenced_until: None,
            acknowledged: None,
            suspect: None,
            action: None,
        };
        if state.is_active() {
            let key = (one.environment.name.clone(), one.service.unwrap_or_default().to_owned());
            if !histories.contains_key(&key) {
                histories.insert(key.clone(), self.history(project, one).await?);
            }
            if let Some(history) = histories.get(&key) {
                view.suspect = alarm.raised_since.and_then(|since| history.suspect(since));
                view.action = self.proposed(project, one, &alarm, history).await?;
            }
        }
        let span = state.is_active().then(|| span_of(&alarm));
        Ok(Raised { view, span })
    }

    async fn alerts(&self, address: &str, environments: &[&Environment]) -> Result<Vec<Alert>> {
        let first = environments.first().map_or("", |environment| environment.name.as_str());
        Ok(self.prometheus(address, first).await?.alerts().await?.answer)
    }

    /// Adds what people did about the alarms.
    pub(super) fn with_notes(&self, project: &Project, raised: Vec<Raised>) -> Result<Vec<AlarmView>> {
        let dir = project.dir.display().to_string();
        let notes = |kind| -> Result<BTreeMap<String, AlarmNote>> {
            let notes = self.store.notes_of_alarms(&dir, kind)?;
            Ok(notes.into_iter().map(|note| (note.alarm.clone(), note)).collect())
        };
        let silences = notes(AlarmNoteKind::Silence)?;
        let acknowledged = notes(AlarmNoteKind::Acknowledgement)?;
        let now = self.now();
        let add = |Raised { mut view, span }: Raised| {
            let silence = silences.get(&view.id).filter(|silence| silence.until > now);
            view.silenced_until = silence.map(|silence| silence.until.to_string());
            let about = |note: &&AlarmNote| match span {
                Some(span) => note.until.as_millisecond() == span,
                None => view.since.as_deref() == Some(&note.until.to_string()),
            };
            let known = acknowledged.get(&view.id).filter(about);
            view.acknowledged =
                known.map(|note| Acknowledgement { at: note.at.to_string(), by: note.by.clone() });
            view
        };
        Ok(raised.into_iter().map(add).collect())
    }
}

pub(super) fn unknown(id: &str) -> Error {
    Refusal::from(AlarmRefusal::Unknown { id: id.to_owned() }).into()
}

/// Since when an alarm's span lasts: from where it became active.
fn span_of(alarm: &Alarm) -> i64 {
    alarm.raised_since.unwrap_or(alarm.since)
}

pub(super) fn moment(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(super) fn on_wire(state: State) -> AlarmState {
    match state {
        State::Ok => AlarmState::Ok,
        State::Pending => AlarmState::Pending,
        State::Firing => AlarmState::Firing,
        State::Recovering => AlarmState::Recovering,
        State::NoData => AlarmState::NoData,
        State::Error => AlarmState::Error,
        State::Unknown => AlarmState::Unknown,
    }
}

/// Every Prometheus that jalon.toml names, once, with the environments that name it.
fn prometheuses(project: &Project) -> BTreeMap<&str, Vec<&Environment>> {
    let mut all: BTreeMap<&str, Vec<&Environment>> = BTreeMap::new();
    for environment in &project.config.environments {
        if let Some(address) = &environment.prometheus {
            all.entry(address).or_default().push(environment);
        }
    }
    all
}

/// An alert of Prometheus as an alarm. Environment and service are those that its labels name, if they are the project's.
fn foreign(project: &Project, environments: &[&Environment], alert: &Alert) -> Raised {
    let label = |names: &[&str]| names.iter().find_map(|name| alert.labels.get(*name)).cloned();
    let named = label(&["environment", "env", "namespace"]);
    let environment = match environments {
        [one] => Some(one.name.clone()),
        several => named.filter(|name| several.iter().any(|one| one.name == *name)),
    };
    let known = |name: &String| project.config.services.iter().any(|service| service.name == *name);
    let service =
        ["service", "job", "app"].iter().find_map(|name| alert.labels.get(*name).filter(|n| known(n)));
    let name = label(&["alertname"]).unwrap_or_default();
    let words = ["summary", "description", "message"].iter().find_map(|name| alert.annotations.get(*name));
    let place = environment.as_deref().unwrap_or("-");
    let view = AlarmView {
        id: format!("prometheus/{place}/{name}/{}", fingerprint(&alert.labels)),
        source: "prometheus".to_owned(),
        name,
        environment,
        service: service.cloned(),
        state: if alert.firing { AlarmState::Firing } else { AlarmState::Pending },
        since: alert.active_at.map(|at| moment(at).to_string()),
        value: alert.value.filter(|value| value.is_finite()),
        unit: None,
        rule: String::new(),
        message: words.cloned(),
        silenced_until: None,
        acknowledged: None,
        suspect: None,
        action: None,
    };
    Raised { view, span: alert.active_at.filter(|_| alert.firing) }
}

/// Tells alerts of one name apart.
fn fingerprint(labels: &Labels) -> String {
    let mut digest = Sha256::new();
    for (name, value) in labels {
        digest.update(name.as_bytes());
        digest.update([0]);
        digest.update(value.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
