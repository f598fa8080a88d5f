//! Monitoring and alarms on the command line.

use std::process::ExitCode;

use engine::wire::*;
use engine::{AlarmChange, Engine, Error, Watcher, Work};

use crate::arguments::{Alarms as AlarmsCommand, Arguments, Monitor};
use crate::deliver::{Ask, start};
use crate::{print, print_error, project, terminal};

/// Runs `monitor …`.
pub async fn monitor(
    arguments: &Arguments,
    engine: &Engine,
    command: &Monitor,
    work: &Work,
) -> Result<ExitCode, Error> {
    let dir = project(arguments)?.dir;
    match command {
        Monitor::Status { service, environment, range } => {
            let query = MonitoringQuery {
                dir,
                service: service.clone(),
                environment: environment.clone(),
                range: range.as_deref().map(seconds).transpose()?,
                width: None,
            };
            print(arguments, &engine::monitoring(engine, query, work).await?)
        }
        Monitor::Query { query, environment, from, to, step } => {
            let query = MetricsQuery {
                dir,
                environment: environment.clone(),
                query: query.clone(),
                from: from.clone(),
                to: to.clone(),
                step: step.as_deref().map(seconds).transpose()?,
            };
            print(arguments, &engine::monitor_query(engine, query, work).await?)
        }
        Monitor::Watch => {
            let watcher = Terminal { json: arguments.json };
            if !arguments.json {
                eprintln!("watching; Ctrl-C ends it");
            }
            engine::watch(engine, Some(&dir), &watcher, &work.cancel).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Runs `alarms …`.
pub async fn alarms(
    arguments: &Arguments,
    engine: &Engine,
    command: &AlarmsCommand,
    work: &Work,
) -> Result<ExitCode, Error> {
    let dir = project(arguments)?;
    let listed = match command {
        AlarmsCommand::List => engine::alarms(engine, dir, work).await?,
        AlarmsCommand::Silence { id, long } => {
            let silence = Silence { dir: dir.dir, id: id.clone(), seconds: seconds(long)? };
            engine::alarm_silence(engine, silence, work).await?
        }
        AlarmsCommand::Ack { id } => {
            engine::alarm_acknowledge(engine, AlarmId { dir: dir.dir, id: id.clone() }, work).await?
        }
        AlarmsCommand::Act { id, confirm } => {
            return start(arguments, engine, confirm, work, &Ask::Act(id)).await;
        }
    };
    print(arguments, &listed)
}

/// Prints what changes: a line a change, or a JSON object a line.
struct Terminal {
    json: bool,
}

impl Watcher for Terminal {
    fn changed(&self, change: &AlarmChange) {
        if self.json {
            if let Ok(line) = serde_json::to_string(change) {
                terminal::out(&line);
            }
            return;
        }
        let value = change.value.map_or(String::new(), |value| format!("  {value}"));
        let message = change.message.as_ref().map_or(String::new(), |message| format!("  {message}"));
        let at = change.at.get(11..19).unwrap_or(&change.at);
        terminal::out(&format!("{at}  {:<28} {} -> {}{value}{message}", change.id, change.from, change.to));
    }

    fn failed(&self, dir: &str, error: &Error) {
        if self.json {
            print_error(&error.to_wire());
        } else {
            eprintln!("{dir}: {error}");
        }
    }
}

/// Seconds of `90`, `90s`, `15m`, `1h` or `2d`.
fn seconds(text: &str) -> Result<u32, Error> {
    let wrong = || Error::BadRequest { reason: format!("{text:?} is no time such as 90s, 15m, 1h or 2d") };
    let (digits, unit) = match text.chars().last() {
        Some('s') => (&text[..text.len() - 1], 1),
        Some('m') => (&text[..text.len() - 1], 60),
        Some('h') => (&text[..text.len() - 1], 3600),
        Some('d') => (&text[..text.len() - 1], 86_400),
        _ => (text, 1),
    };
    digits.parse::<u32>().ok().and_then(|number| number.checked_mul(unit)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time() {
        let read = ["90", "90s", "15m", "1h", "2d", "0"].map(|text| seconds(text).unwrap());
        assert_eq!(read, [90, 90, 900, 3600, 172_800, 0]);
        for wrong in ["", "m", "1x", "-1", "99999999d", "é"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
