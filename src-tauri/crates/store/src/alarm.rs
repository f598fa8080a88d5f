//! Alarms of indicators: how each stands, and every change of it. Changes are only ever added: the triggers see to it.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str = "
CREATE TABLE alarm (
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    indicator TEXT NOT NULL,
    rule TEXT NOT NULL,
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    raised_since INTEGER,
    clear_since INTEGER,
    evaluated INTEGER,
    failures INTEGER NOT NULL,
    value REAL,
    message TEXT,
    checks TEXT NOT NULL,
    flapping INTEGER NOT NULL,
    PRIMARY KEY (project, environment, indicator)
) WITHOUT ROWID;
CREATE TABLE alarm_transition (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    indicator TEXT NOT NULL,
    at INTEGER NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    value REAL,
    message TEXT
);
CREATE INDEX alarm_transition_of ON alarm_transition (project, environment, indicator, at);
CREATE TRIGGER alarm_transition_stays BEFORE UPDATE ON alarm_transition
    BEGIN SELECT RAISE(ABORT, 'transitions are only added'); END;
CREATE TRIGGER alarm_transition_kept BEFORE DELETE ON alarm_transition
    BEGIN SELECT RAISE(ABORT, 'transitions are only added'); END;
";

/// Which alarm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AlarmKey {
    /// Folder of the project.
    pub project: String,
    /// Environment.
    pub environment: String,
    /// Indicator.
    pub indicator: String,
}

/// How an alarm stands.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmRow {
    /// The rule that was applied, in words: another rule is another alarm.
    pub rule: String,
    /// State, as the room of alarms writes it.
    pub state: String,
    /// Since when it is in this state, in milliseconds since 1970; as are all times here.
    pub since: i64,
    /// Since when it has been raised.
    pub raised_since: Option<i64>,
    /// Since when it has been clear, while it recovers.
    pub clear_since: Option<i64>,
    /// When it was looked at the last time.
    pub evaluated: Option<i64>,
    /// Failures in a row.
    pub failures: u32,
    /// Last value; none where there is none, or none that SQLite can hold.
    pub value: Option<f64>,
    /// What missing data or the error is about.
    pub message: Option<String>,
    /// What the last looks found, a letter each.
    pub checks: String,
    /// Whether it changes too often.
    pub flapping: bool,
}

/// A change of an alarm's state.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmTransition {
    /// When.
    pub at: i64,
    /// State before.
    pub from: String,
    /// State after.
    pub to: String,
    /// Value that caused it.
    pub value: Option<f64>,
    /// What missing data or the error is about.
    pub message: Option<String>,
}

impl Store {
    /// How an alarm stands; none that was never looked at.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn alarm(&self, key: &AlarmKey) -> Result<Option<AlarmRow>> {
        self.run(|c| {
            c.prepare_cached(
                "SELECT * FROM alarm WHERE project = ?1 AND environment = ?2 AND indicator = ?3",
            )?
            .query_row((&key.project, &key.environment, &key.indicator), row)
            .optional()
        })
    }

    /// Notes how an alarm stands now, together with the changes that led there: both or neither.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn note_alarm(&self, key: &AlarmKey, alarm: &AlarmRow, changes: &[AlarmTransition]) -> Result<()> {
        self.transact(|t| {
            t.prepare_cached(
                "INSERT OR REPLACE INTO alarm VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            )?
            .execute(params![
                key.project,
                key.environment,
                key.indicator,
                alarm.rule,
                alarm.state,
                alarm.since,
                alarm.raised_since,
                alarm.clear_since,
                alarm.evaluated,
                alarm.failures,
                alarm.value,
                alarm.message,
                alarm.checks,
                alarm.flapping
            ])?;
            for change in changes {
                t.prepare_cached(
                    "INSERT INTO alarm_transition (project, environment, indicator, at, from_state, to_state, value, message)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute(params![
                    key.project,
                    key.environment,
                    key.indicator,
                    change.at,
                    change.from,
                    change.to,
                    change.value,
                    change.message
                ])?;
            }
            Ok(())
        })
    }

    /// Changes of an alarm from a time on, oldest first, and the last one before it: what it was then.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn alarm_transitions(&self, key: &AlarmKey, from: Timestamp) -> Result<Vec<AlarmTransition>> {
        self.run(|c| {
            c.prepare_cached(
                "SELECT at, from_state, to_state, value, message FROM alarm_transition
                 WHERE project = ?1 AND environment = ?2 AND indicator = ?3 AND at >= coalesce((
                     SELECT max(at) FROM alarm_transition
                     WHERE project = ?1 AND environment = ?2 AND indicator = ?3 AND at < ?4), ?4)
                 ORDER BY id",
            )?
            .query_map((&key.project, &key.environment, &key.indicator, from.as_millisecond()), |row| {
                Ok(AlarmTransition {
                    at: row.get(0)?,
                    from: row.get(1)?,
                    to: row.get(2)?,
                    value: row.get(3)?,
                    message: row.get(4)?,
                })
            })?
            .collect()
        })
    }
}

fn row(row: &Row) -> rusqlite::Result<AlarmRow> {
    Ok(AlarmRow {
        rule: row.get("rule")?,
        state: row.get("state")?,
        since: row.get("since")?,
        raised_since: row.get("raised_since")?,
        clear_since: row.get("clear_since")?,
        evaluated: row.get("evaluated")?,
        failures: row.get("failures")?,
        value: row.get("value")?,
        message: row.get("message")?,
        checks: row.get("checks")?,
        flapping: row.get("flapping")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(indicator: &str) -> AlarmKey {
        AlarmKey { project: "/p".into(), environment: "prod".into(), indicator: indicator.into() }
    }

    fn alarm(state: &str, since: i64) -> AlarmRow {
        AlarmRow {
            rule: "> 1".into(),
            state: state.into(),
            since,
            raised_since: Some(5),
            clear_since: None,
            evaluated: Some(since),
            failures: 0,
            value: Some(f64::INFINITY),
            message: None,
            checks: "rc".into(),
            flapping: true,
        }
    }

    fn change(at: i64, from: &str, to: &str) -> AlarmTransition {
        AlarmTransition { at, from: from.into(), to: to.into(), value: Some(2.0), message: None }
    }

    #[test]
    fn an_alarm_reads_back_and_its_changes_are_kept() {
        let store = Store::in_memory().unwrap();
        assert_eq!(store.alarm(&key("errors")).unwrap(), None);
        store.note_alarm(&key("errors"), &alarm("pending", 10), &[change(10, "ok", "pending")]).unwrap();
        let changes = [change(20, "pending", "firing"), change(30, "firing", "no_data")];
        store.note_alarm(&key("errors"), &alarm("no_data", 30), &changes).unwrap();
        store.note_alarm(&key("slow"), &alarm("ok", 30), &[]).unwrap();
        assert_eq!(store.alarm(&key("errors")).unwrap(), Some(alarm("no_data", 30)));
        let from = |at| {
            let at = Timestamp::from_millisecond(at).unwrap();
            store.alarm_transitions(&key("errors"), at).unwrap().iter().map(|c| c.at).collect::<Vec<_>>()
        };
        assert_eq!(from(0), [10, 20, 30]);
        assert_eq!(
            from(25),
            [20, 30],
            "what it was at the start of the window is told by the change before it"
        );
        assert_eq!(from(99), [30]);
    }

    #[test]
    fn changes_cannot_be_rewritten() {
        let store = Store::in_memory().unwrap();
        store.note_alarm(&key("errors"), &alarm("pending", 10), &[change(10, "ok", "pending")]).unwrap();
        for sql in ["UPDATE alarm_transition SET at = 0", "DELETE FROM alarm_transition"] {
            assert!(store.run(|c| c.execute(sql, [])).is_err(), "{sql}");
        }
    }
}
