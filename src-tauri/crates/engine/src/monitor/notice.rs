//! What a person is told by the desktop: alarms that fire, in their language, grouped, and not again and again.

use std::collections::BTreeMap;
use std::time::Duration;

use monitoring::alarm::notice::{Firing, Noticed, Pace, due};
use store::alarm_note::{AlarmNote, AlarmNoteKind};

use super::alarms::moment;
use crate::project::Project;
use crate::wire::{AlarmState, AlarmView, Language};
use crate::{Engine, Result};

/// What lasts is told again after so long.
const REPEAT: Duration = Duration::from_secs(4 * 3600);
/// Alarms that one notice names.
const NAMED: usize = 5;

/// Something to tell a person outside the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// First line.
    pub title: String,
    /// What it is about, a line an alarm.
    pub body: String,
}

impl Engine {
    /// What there is to tell of a project now; noted as told.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub(super) async fn notices(&self, project: &Project) -> Result<Vec<Notice>> {
        let (raised, _) = self.raised(project).await?;
        let spans: BTreeMap<String, i64> =
            raised.iter().filter_map(|raised| Some((raised.view.id.clone(), raised.span?))).collect();
        let alarms = self.with_notes(project, raised)?;
        let loud = |alarm: &&AlarmView| {
            alarm.state == AlarmState::Firing
                && alarm.silenced_until.is_none()
                && alarm.acknowledged.is_none()
        };
        let firing: Vec<Firing> = alarms
            .iter()
            .filter(loud)
            .filter_map(|alarm| {
                Some(Firing {
                    id: alarm.id.clone(),
                    group: alarm.environment.clone().unwrap_or_default(),
                    labels: (alarm.name.clone(), alarm.environment.clone(), alarm.service.clone()),
                    since: *spans.get(&alarm.id)?,
                    fired: alarm.since.as_deref()?.parse::<jiff::Timestamp>().ok()?.as_millisecond(),
                })
            })
            .collect();
        if firing.is_empty() {
            return Ok(Vec::new());
        }
        let dir = project.dir.display().to_string();
        let noticed: BTreeMap<String, Noticed> = self
            .store
            .notes_of_alarms(&dir, AlarmNoteKind::Notice)?
            .into_iter()
            .map(|note| {
                let noticed = Noticed { at: note.at.as_millisecond(), since: note.until.as_millisecond() };
                (note.alarm, noticed)
            })
            .collect();
        let interval = self.interval();
        let pace = Pace { wait: interval * 2, interval: interval * 20, repeat: REPEAT };
        let now = self.now();
        let language = self.language()?;
        let mut notices = Vec::new();
        for (group, ids) in due(now.as_millisecond(), pace, &firing, &noticed) {
            let about: Vec<&AlarmView> = alarms.iter().filter(|alarm| ids.contains(&alarm.id)).collect();
            notices.push(words(language, &project.config.name, &group, &about));
            let notes: Vec<AlarmNote> = firing
                .iter()
                .filter(|alarm| ids.contains(&alarm.id))
                .map(|alarm| AlarmNote {
                    alarm: alarm.id.clone(),
                    at: now,
                    until: moment(alarm.since),
                    by: None,
                })
                .collect();
            self.store.note_of_alarms(&dir, AlarmNoteKind::Notice, &notes)?;
        }
        Ok(notices)
    }

    /// The language that the person chose, else the system's.
    fn language(&self) -> Result<Language> {
        if let Some(chosen) = crate::settings::language(self)? {
            return Ok(chosen);
        }
        let names = ["LC_ALL", "LC_MESSAGES", "LANG"].map(std::ffi::OsString::from);
        let mut set = names.iter().filter_map(|name| self.around.inherited.get(name)?.to_str());
        let french = set.find(|text| !text.is_empty()).is_some_and(|text| text.starts_with("fr"));
        Ok(if french { Language::Fr } else { Language::En })
    }
}

fn words(language: Language, project: &str, environment: &str, alarms: &[&AlarmView]) -> Notice {
    let count = alarms.len();
    let place = if environment.is_empty() { project.to_owned() } else { format!("{project}, {environment}") };
    let title = match (language, alarms) {
        (Language::En, [one]) => format!("{place}: {} is firing", one.name),
        (Language::En, _) => format!("{place}: {count} alarms are firing"),
        (Language::Fr, [one]) => format!("{place} : {} en alarme", one.name),
        (Language::Fr, _) => format!("{place} : {count} alarmes"),
    };
    let line = |alarm: &&&AlarmView| {
        let value = alarm.value.map(|value| figure(language, value, alarm.unit.as_deref()));
        let parts = [Some(alarm.name.clone()), value, alarm.suspect.as_ref().map(|one| one.version.clone())];
        match parts {
            [Some(name), Some(value), Some(version)] => match language {
                Language::En => format!("{name}: {value}, shortly after {version}"),
                Language::Fr => format!("{name} : {value}, peu après {version}"),
            },
            [Some(name), Some(value), None] => match language {
                Language::En => format!("{name}: {value}"),
                Language::Fr => format!("{name} : {value}"),
            },
            [name, ..] => alarm.message.clone().or(name).unwrap_or_default(),
        }
    };
    let mut lines: Vec<String> = alarms.iter().take(NAMED).map(|alarm| line(&alarm)).collect();
    if count > NAMED {
        lines.push("…".to_owned());
    }
    Notice { title, body: lines.join("\n") }
}

/// A value with at most three digits after the point, and its unit.
fn figure(language: Language, value: f64, unit: Option<&str>) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let text = if language == Language::Fr { text.replace('.', ",") } else { text.to_owned() };
    match unit {
        Some("ratio") | None => text,
        Some(unit) => format!("{text} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Suspect;

    fn alarm(name: &str, value: Option<f64>) -> AlarmView {
        AlarmView {
            id: format!("prod/{name}"),
            source: "jalon".into(),
            name: name.into(),
            environment: Some("prod".into()),
            service: None,
            state: AlarmState::Firing,
            since: None,
            value,
            unit: Some("s".into()),
            rule: String::new(),
            message: Some("all pods are gone".into()),
            silenced_until: None,
            acknowledged: None,
            suspect: None,
            action: None,
        }
    }

    #[test]
    fn one_alarm_and_many_in_both_languages() {
        let suspect = Suspect { run: "7".into(), version: "v1.1.0".into(), seconds_before: 60 };
        let slow = AlarmView { suspect: Some(suspect), ..alarm("latency", Some(0.25)) };
        let down = alarm("InstanceDown", None);
        let en = words(Language::En, "campus", "prod", &[&slow]);
        assert_eq!(
            (en.title.as_str(), en.body.as_str()),
            ("campus, prod: latency is firing", "latency: 0.25 s, shortly after v1.1.0")
        );
        let fr = words(Language::Fr, "campus", "", &[&slow, &down]);
        assert_eq!(
            (fr.title.as_str(), fr.body.as_str()),
            ("campus : 2 alarmes", "latency : 0,25 s, peu après v1.1.0\nall pods are gone")
        );
        let many = vec![&down; 7];
        assert_eq!(words(Language::En, "campus", "prod", &many).body.lines().count(), 6);
    }
}
