//! What GitHub has to be told of runs. A message is written in the transaction that journals the run's state, and taken
//! out once GitHub has it: whoever is killed in between finds it again.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::issue::{maybe_time, time};
use crate::run::RunState;
use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str = "
CREATE TABLE shared_run (
    run INTEGER PRIMARY KEY REFERENCES run (id),
    api TEXT NOT NULL,
    repository TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT,
    tried INTEGER,
    deployment INTEGER,
    given_up TEXT
);
CREATE UNIQUE INDEX shared_run_name ON shared_run (name);
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES shared_run (run),
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    tried INTEGER
);
CREATE INDEX outbox_of_run ON outbox (run, id);
";

/// Where a run is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Base URL of the API.
    pub api: String,
    /// `owner/name`.
    pub repository: String,
    /// Names this data folder among all: with the run's id it names the run everywhere.
    pub installation: String,
    /// Where the service answers, if others can reach it.
    pub address: Option<String>,
    /// Why nothing will be told, as JSON; none tells.
    pub given_up: Option<String>,
}

/// How a run and GitHub stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedRun {
    /// The run.
    pub run: i64,
    /// Base URL of the API.
    pub api: String,
    /// `owner/name`.
    pub repository: String,
    /// The run's name everywhere.
    pub name: String,
    /// Where the service answers, if others can reach it.
    pub address: Option<String>,
    /// When the deployment was last sent, answered or not.
    pub tried: Option<Timestamp>,
    /// Id of the deployment on GitHub.
    pub deployment: Option<u64>,
    /// Why nothing more is told, as JSON.
    pub given_up: Option<String>,
    /// Messages that wait.
    pub waiting: u32,
}

/// A message that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id; grows.
    pub id: i64,
    /// The run that it is about.
    pub run: i64,
    /// The run's new state.
    pub state: RunState,
    /// When the run took it.
    pub at: Timestamp,
    /// When it was last sent, answered or not.
    pub tried: Option<Timestamp>,
}

/// Notes where a run is told of, and its first message.
pub(crate) fn share(t: &Transaction, run: i64, share: &Share, at: Timestamp) -> rusqlite::Result<()> {
    let name = format!("{}-{run}", share.installation);
    t.execute(
        "INSERT INTO shared_run (run, api, repository, name, address, given_up) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![run, share.api, share.repository, name, share.address, share.given_up],
    )?;
    tell(t, run, RunState::Planned, at)
}

/// Puts a state of a run into the outbox, where the run is told of.
pub(crate) fn tell(t: &Transaction, run: i64, state: RunState, at: Timestamp) -> rusqlite::Result<()> {
    t.execute(
        "INSERT INTO outbox (run, state, at) SELECT run, ?2, ?3 FROM shared_run WHERE run = ?1 AND given_up IS NULL",
        (run, state.as_str(), at.as_millisecond()),
    )
    .map(drop)
}

impl Store {
    /// The oldest message for a GitHub.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn next_message(&self, api: &str) -> Result<Option<Message>> {
        self.run(|c| {
            c.query_row(
                "SELECT outbox.id, outbox.run, state, at, outbox.tried FROM outbox JOIN shared_run USING (run)
                 WHERE api = ?1 ORDER BY outbox.id LIMIT 1",
                [api],
                |row| {
                    Ok(Message {
                        id: row.get(0)?,
                        run: row.get(1)?,
                        state: RunState::parse(&row.get::<_, String>(2)?),
                        at: time(row, 3)?,
                        tried: maybe_time(row, 4)?,
                    })
                },
            )
            .optional()
        })
    }

    /// Notes that a run's deployment is about to be sent.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn try_deployment(&self, run: i64, at: Option<Timestamp>) -> Result<()> {
        let at = at.map(Timestamp::as_millisecond);
        self.run(|c| c.execute("UPDATE shared_run SET tried = ?2 WHERE run = ?1", (run, at)).map(drop))
    }

    /// Notes the deployment that stands for a run.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn note_deployment(&self, run: i64, deployment: u64) -> Result<()> {
        let id = i64::try_from(deployment).unwrap_or(i64::MAX);
        self.run(|c| c.execute("UPDATE shared_run SET deployment = ?2 WHERE run = ?1", (run, id)).map(drop))
    }

    /// Notes that a message is about to be sent.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn try_message(&self, id: i64, at: Option<Timestamp>) -> Result<()> {
        let at = at.map(Timestamp::as_millisecond);
        self.run(|c| c.execute("UPDATE outbox SET tried = ?2 WHERE id = ?1", (id, at)).map(drop))
    }

    /// Takes a message out that GitHub has.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn message_sent(&self, id: i64) -> Result<()> {
        self.run(|c| c.execute("DELETE FROM outbox WHERE id = ?1", [id]).map(drop))
    }

    /// Gives up telling of a run; `reason` is JSON.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn give_up_telling(&self, run: i64, reason: &str) -> Result<()> {
        self.transact(|t| {
            t.execute("UPDATE shared_run SET given_up = ?2 WHERE run = ?1", (run, reason))?;
            t.execute("DELETE FROM outbox WHERE run = ?1", [run]).map(drop)
        })
    }

    /// How a run and GitHub stand; none where it is not told of.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn shared_run(&self, run: i64) -> Result<Option<SharedRun>> {
        self.run(|c| {
            c.query_row(
                "SELECT *, (SELECT count(*) FROM outbox WHERE outbox.run = shared_run.run) AS waiting
                 FROM shared_run WHERE run = ?1",
                [run],
                read,
            )
            .optional()
        })
    }

    /// Names everywhere of a project's runs that are told of, with their ids.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn shared_names(&self, project: &str) -> Result<Vec<(String, i64)>> {
        self.run(|c| {
            c.prepare_cached(
                "SELECT shared_run.name, run FROM shared_run JOIN run ON run.id = run WHERE project = ?1",
            )?
            .query_map([project], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
        })
    }
}

fn read(row: &Row) -> rusqlite::Result<SharedRun> {
    Ok(SharedRun {
        run: row.get("run")?,
        api: row.get("api")?,
        repository: row.get("repository")?,
        name: row.get("name")?,
        address: row.get("address")?,
        tried: maybe_time(row, row.as_ref().column_index("tried")?)?,
        deployment: row.get::<_, Option<i64>>("deployment")?.and_then(|id| u64::try_from(id).ok()),
        given_up: row.get("given_up")?,
        waiting: row.get("waiting")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Journalled, NewRun, RunEnd};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn journalled(store: &Store, given_up: Option<&str>) -> i64 {
        let new = NewRun {
            project: "/p".into(),
            kind: "deploy".into(),
            name: "campus".into(),
            environment: "dev".into(),
            production: false,
            promoted_from: None,
            version: None,
            sha: None,
            dirty: false,
            rework: false,
            asked_by: None,
            plan: "{}".into(),
            command: String::new(),
            steps: "[]".into(),
        };
        let share = Share {
            api: "https://api".into(),
            repository: "team/app".into(),
            installation: "abcd".into(),
            address: None,
            given_up: given_up.map(str::to_owned),
        };
        let Journalled::Run(id) = store.journal_shared_run(&new, Some(&share), at(1)).unwrap() else {
            panic!()
        };
        id
    }

    fn states(store: &Store) -> Vec<RunState> {
        let mut found = Vec::new();
        while let Some(message) = store.next_message("https://api").unwrap() {
            found.push(message.state);
            store.message_sent(message.id).unwrap();
        }
        found
    }

    #[test]
    fn every_state_waits_in_order_until_it_was_sent() {
        let store = Store::in_memory().unwrap();
        let id = journalled(&store, None);
        let to = |from, to| store.advance_run(id, from, to, at(2), &RunEnd::default()).unwrap();
        assert!(to(RunState::Planned, RunState::Running));
        assert!(!to(RunState::Planned, RunState::Failed), "what did not happen is not told");
        assert!(to(RunState::Running, RunState::Succeeded));
        let shared = store.shared_run(id).unwrap().unwrap();
        assert_eq!((shared.name.as_str(), shared.waiting), (format!("abcd-{id}").as_str(), 3));
        assert_eq!(store.next_message("https://other").unwrap(), None);
        assert_eq!(states(&store), [RunState::Planned, RunState::Running, RunState::Succeeded]);
        assert_eq!(store.shared_names("/p").unwrap(), [(format!("abcd-{id}"), id)]);
    }

    #[test]
    fn tries_and_deployments_are_kept() {
        let store = Store::in_memory().unwrap();
        let id = journalled(&store, None);
        store.try_deployment(id, Some(at(3))).unwrap();
        store.note_deployment(id, 42).unwrap();
        let message = store.next_message("https://api").unwrap().unwrap();
        store.try_message(message.id, Some(at(4))).unwrap();
        assert_eq!(store.next_message("https://api").unwrap().unwrap().tried, Some(at(4)));
        let shared = store.shared_run(id).unwrap().unwrap();
        assert_eq!((shared.tried, shared.deployment), (Some(at(3)), Some(42)));
    }

    #[test]
    fn what_was_given_up_is_silent() {
        let store = Store::in_memory().unwrap();
        let id = journalled(&store, Some("{}"));
        assert_eq!(states(&store), []);
        store.advance_run(id, RunState::Planned, RunState::Cancelled, at(2), &RunEnd::default()).unwrap();
        let second = journalled(&store, None);
        store.give_up_telling(second, "{\"code\":1}").unwrap();
        store.advance_run(second, RunState::Planned, RunState::Failed, at(2), &RunEnd::default()).unwrap();
        assert_eq!(states(&store), []);
        assert_eq!(store.shared_run(second).unwrap().unwrap().given_up.as_deref(), Some("{\"code\":1}"));
    }
}
