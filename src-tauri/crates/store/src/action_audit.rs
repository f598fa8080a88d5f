//! What was done, or refused, about alarms: who, when, on which grounds. Only ever added to.

use jiff::Timestamp;
use rusqlite::params;

use crate::issue::time;
use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str = "
CREATE TABLE action_audit (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    alarm TEXT NOT NULL,
    kind TEXT NOT NULL,
    service TEXT NOT NULL,
    environment TEXT NOT NULL,
    at INTEGER NOT NULL,
    by TEXT,
    outcome TEXT NOT NULL,
    grounds TEXT NOT NULL,
    run INTEGER
);
CREATE INDEX action_audit_of ON action_audit (project, at);
CREATE TRIGGER action_audit_stays BEFORE UPDATE ON action_audit
    BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER action_audit_kept BEFORE DELETE ON action_audit
    BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
";

/// An entry of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionAudit {
    /// Names the alarm within its project.
    pub alarm: String,
    /// `rollback` or `restart`.
    pub kind: String,
    /// Service that it is done to.
    pub service: String,
    /// Environment.
    pub environment: String,
    /// When.
    pub at: Timestamp,
    /// Login of who confirmed it, where somebody is signed in.
    pub by: Option<String>,
    /// `started` or `refused`.
    pub outcome: String,
    /// The conditions as they were, as JSON; or why it was refused.
    pub grounds: String,
    /// The run that does it.
    pub run: Option<i64>,
}

impl Store {
    /// Adds an entry.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn audit_action(&self, project: &str, entry: &ActionAudit) -> Result<()> {
        self.run(|c| {
            c.execute(
                "INSERT INTO action_audit (project, alarm, kind, service, environment, at, by, outcome, grounds, run)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    project,
                    entry.alarm,
                    entry.kind,
                    entry.service,
                    entry.environment,
                    entry.at.as_millisecond(),
                    entry.by,
                    entry.outcome,
                    entry.grounds,
                    entry.run
                ],
            )
            .map(drop)
        })
    }

    /// Entries of a project from a time on, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn audited_actions(&self, project: &str, from: Timestamp) -> Result<Vec<ActionAudit>> {
        self.run(|c| {
            c.prepare_cached(
                "SELECT alarm, kind, service, environment, at, by, outcome, grounds, run FROM action_audit
                 WHERE project = ?1 AND at >= ?2 ORDER BY id",
            )?
            .query_map((project, from.as_millisecond()), |row| {
                Ok(ActionAudit {
                    alarm: row.get(0)?,
                    kind: row.get(1)?,
                    service: row.get(2)?,
                    environment: row.get(3)?,
                    at: time(row, 4)?,
                    by: row.get(5)?,
                    outcome: row.get(6)?,
                    grounds: row.get(7)?,
                    run: row.get(8)?,
                })
            })?
            .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_kept_and_cannot_be_rewritten() {
        let store = Store::in_memory().unwrap();
        let entry = |at: i64| ActionAudit {
            alarm: "prod/errors".into(),
            kind: "rollback".into(),
            service: "campus".into(),
            environment: "prod".into(),
            at: Timestamp::from_second(at).unwrap(),
            by: None,
            outcome: "started".into(),
            grounds: "[]".into(),
            run: Some(7),
        };
        store.audit_action("/p", &entry(10)).unwrap();
        store.audit_action("/p", &entry(20)).unwrap();
        store.audit_action("/q", &entry(30)).unwrap();
        assert_eq!(store.audited_actions("/p", Timestamp::from_second(15).unwrap()).unwrap(), [entry(20)]);
        for sql in ["UPDATE action_audit SET run = 8", "DELETE FROM action_audit"] {
            assert!(store.run(|c| c.execute(sql, [])).is_err(), "{sql}");
        }
    }
}
