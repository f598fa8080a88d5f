//! What people did about alarms, Jalon's own and Prometheus' alike: silences, acknowledgements, and when they were told.
//! Rows are only ever added: the newest of an alarm counts.

use jiff::Timestamp;

use crate::issue::time;
use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str = "
CREATE TABLE alarm_note (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    alarm TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- A silence's end; of an acknowledgement and a notice, since when the alarm was firing that it is about.
    until INTEGER NOT NULL,
    by TEXT
);
CREATE INDEX alarm_note_of ON alarm_note (project, kind, alarm, id);
CREATE TRIGGER alarm_note_stays BEFORE UPDATE ON alarm_note
    BEGIN SELECT RAISE(ABORT, 'notes are only added'); END;
CREATE TRIGGER alarm_note_kept BEFORE DELETE ON alarm_note
    BEGIN SELECT RAISE(ABORT, 'notes are only added'); END;
";

/// What a note says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmNoteKind {
    /// Nobody is told of it until then.
    Silence,
    /// A person knows of it.
    Acknowledgement,
    /// A person was told of it by the desktop.
    Notice,
}

impl AlarmNoteKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Silence => "silence",
            Self::Acknowledgement => "acknowledgement",
            Self::Notice => "notice",
        }
    }
}

/// A note about an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmNote {
    /// Names the alarm within its project.
    pub alarm: String,
    /// When it was made.
    pub at: Timestamp,
    /// A silence's end; of others, since when the alarm was firing that they are about.
    pub until: Timestamp,
    /// Login of who did it, where somebody is signed in.
    pub by: Option<String>,
}

impl Store {
    /// Adds notes of one kind, all or none.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn note_of_alarms(&self, project: &str, kind: AlarmNoteKind, notes: &[AlarmNote]) -> Result<()> {
        self.transact(|t| {
            for note in notes {
                t.prepare_cached(
                    "INSERT INTO alarm_note (project, alarm, kind, at, until, by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute((
                    project,
                    &note.alarm,
                    kind.as_str(),
                    note.at.as_millisecond(),
                    note.until.as_millisecond(),
                    &note.by,
                ))?;
            }
            Ok(())
        })
    }

    /// The newest note of one kind for each alarm of a project.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn notes_of_alarms(&self, project: &str, kind: AlarmNoteKind) -> Result<Vec<AlarmNote>> {
        self.run(|c| {
            c.prepare_cached(
                "SELECT alarm, at, until, by FROM alarm_note WHERE id IN (
                     SELECT max(id) FROM alarm_note WHERE project = ?1 AND kind = ?2 GROUP BY alarm)
                 ORDER BY alarm",
            )?
            .query_map((project, kind.as_str()), |row| {
                Ok(AlarmNote { alarm: row.get(0)?, at: time(row, 1)?, until: time(row, 2)?, by: row.get(3)? })
            })?
            .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(alarm: &str, at: i64, until: i64) -> AlarmNote {
        let time = |at| Timestamp::from_second(at).unwrap();
        AlarmNote { alarm: alarm.into(), at: time(at), until: time(until), by: Some("student-a".into()) }
    }

    #[test]
    fn the_newest_note_of_a_kind_counts() {
        use AlarmNoteKind::{Acknowledgement, Silence};
        let store = Store::in_memory().unwrap();
        store.note_of_alarms("/p", Silence, &[note("prod/a", 1, 100), note("prod/b", 1, 50)]).unwrap();
        store.note_of_alarms("/p", Silence, &[note("prod/a", 2, 2)]).unwrap();
        store.note_of_alarms("/q", Silence, &[note("prod/a", 3, 300)]).unwrap();
        store.note_of_alarms("/p", Acknowledgement, &[note("prod/a", 4, 1)]).unwrap();
        let silences = store.notes_of_alarms("/p", Silence).unwrap();
        assert_eq!(silences, [note("prod/a", 2, 2), note("prod/b", 1, 50)]);
        assert_eq!(store.notes_of_alarms("/p", Acknowledgement).unwrap(), [note("prod/a", 4, 1)]);
        assert_eq!(store.notes_of_alarms("/p", AlarmNoteKind::Notice).unwrap(), []);
    }

    #[test]
    fn notes_cannot_be_rewritten() {
        let store = Store::in_memory().unwrap();
        store.note_of_alarms("/p", AlarmNoteKind::Silence, &[note("a", 1, 2)]).unwrap();
        for sql in ["UPDATE alarm_note SET until = 0", "DELETE FROM alarm_note"] {
            assert!(store.run(|c| c.execute(sql, [])).is_err(), "{sql}");
        }
    }
}
