//! Deployments that GitHub knows: the team's shared history, as it was last read.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::issue::time;
use crate::repository::{RepositoryId, key};
use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str = "CREATE TABLE shared_deployment (
    repository INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE, id INTEGER NOT NULL,
    sha TEXT NOT NULL, environment TEXT NOT NULL, production INTEGER NOT NULL, creator TEXT, about TEXT NOT NULL,
    created INTEGER NOT NULL, statuses TEXT, open INTEGER NOT NULL DEFAULT 1, etag TEXT, owner TEXT,
    PRIMARY KEY (repository, id)) WITHOUT ROWID;";

/// A deployment as GitHub has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// GitHub's id; grows.
    pub id: u64,
    /// Full commit.
    pub sha: String,
    /// Environment.
    pub environment: String,
    /// Whether whoever made it calls that production.
    pub production: bool,
    /// Login of who made it.
    pub creator: Option<String>,
    /// What Jalon wrote into it.
    pub about: About,
    /// When it was made.
    pub created: Timestamp,
    /// Its statuses, oldest first; none while they were not read.
    pub statuses: Option<Vec<Status>>,
}

/// What a Jalon writes into the deployments that it makes; all none for those of others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The run's name everywhere.
    pub run: Option<String>,
    /// Which try of this release it is.
    pub attempt: Option<u32>,
    /// `planned`, `rework` or `rollback`.
    pub kind: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// Version as people say it.
    pub version: Option<String>,
}

/// A status of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// GitHub's word.
    pub state: String,
    /// When.
    pub at: Timestamp,
}

/// A deployment whose statuses have to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    /// GitHub's id.
    pub id: u64,
    /// ETag of its statuses, if they were read by the owner of this token.
    pub etag: Option<String>,
    /// Whether a Jalon made it.
    pub own: bool,
}

impl Store {
    /// Notes deployments; statuses that are known stay. Says how many were not known.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn note_deployments(&self, id: &RepositoryId, all: &[Deployment]) -> Result<usize> {
        self.transact(|t| {
            let repository = key(t, id)?;
            let mut insert = t.prepare_cached(
                "INSERT INTO shared_deployment (repository, id, sha, environment, production, creator, about, created)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
            )?;
            let mut new = 0;
            for one in all {
                new += insert.execute(params![
                    repository,
                    signed(one.id),
                    one.sha,
                    one.environment,
                    one.production,
                    one.creator,
                    serde_json::to_string(&one.about).unwrap_or_default(),
                    one.created.as_millisecond()
                ])?;
            }
            Ok(new)
        })
    }

    /// Notes the statuses of a deployment, oldest first. `open` is whether nothing says yet how it ended.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn note_statuses(
        &self,
        id: &RepositoryId,
        deployment: u64,
        statuses: &[Status],
        open: bool,
        etag: Option<(&str, &str)>,
    ) -> Result<()> {
        let text = serde_json::to_string(statuses).unwrap_or_default();
        let (etag, owner) = etag.unzip();
        self.transact(|t| {
            let repository = key(t, id)?;
            t.execute(
                "UPDATE shared_deployment SET statuses = ?3, open = ?4, etag = ?5, owner = ?6
                 WHERE repository = ?1 AND id = ?2",
                params![repository, signed(deployment), text, open, etag, owner],
            )
            .map(drop)
        })
    }

    /// Deployments whose statuses may have changed, newest first: those never looked at, open ones made since a moment,
    /// and the newest ones.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn unsettled_deployments(
        &self,
        id: &RepositoryId,
        owner: &str,
        open_since: Timestamp,
        newest: u32,
        most: u32,
    ) -> Result<Vec<Unsettled>> {
        self.run(|c| {
            c.prepare_cached(
                "WITH here AS (SELECT shared_deployment.* FROM shared_deployment JOIN repository
                               ON repository.id = repository WHERE api = ?1 AND full_name = ?2)
                 SELECT id, CASE WHEN owner = ?3 THEN etag END, about FROM here
                 WHERE statuses IS NULL OR (open AND created >= ?4)
                    OR id IN (SELECT id FROM here ORDER BY id DESC LIMIT ?5)
                 ORDER BY id DESC LIMIT ?6",
            )?
            .query_map(
                params![id.api, id.full_name, owner, open_since.as_millisecond(), newest, most],
                |row| {
                    let about: About = serde_json::from_str(&row.get::<_, String>(2)?).unwrap_or_default();
                    Ok(Unsettled { id: unsigned(row.get(0)?), etag: row.get(1)?, own: about.run.is_some() })
                },
            )?
            .collect()
        })
    }

    /// All known deployments of a repository, newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn deployments_of(&self, id: &RepositoryId) -> Result<Vec<Deployment>> {
        self.run(|c| {
            c.prepare_cached(
                "SELECT shared_deployment.* FROM shared_deployment JOIN repository ON repository.id = repository
                 WHERE api = ?1 AND full_name = ?2 ORDER BY shared_deployment.id DESC",
            )?
            .query_map((&id.api, &id.full_name), read)?
            .collect()
        })
    }

    /// One known deployment of a repository.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn deployment_of(&self, id: &RepositoryId, deployment: u64) -> Result<Option<Deployment>> {
        self.run(|c| {
            c.query_row(
                "SELECT shared_deployment.* FROM shared_deployment JOIN repository ON repository.id = repository
                 WHERE api = ?1 AND full_name = ?2 AND shared_deployment.id = ?3",
                params![id.api, id.full_name, signed(deployment)],
                read,
            )
            .optional()
        })
    }
}

fn read(row: &Row) -> rusqlite::Result<Deployment> {
    let statuses: Option<String> = row.get("statuses")?;
    Ok(Deployment {
        id: unsigned(row.get("id")?),
        sha: row.get("sha")?,
        environment: row.get("environment")?,
        production: row.get("production")?,
        creator: row.get("creator")?,
        about: serde_json::from_str(&row.get::<_, String>("about")?).unwrap_or_default(),
        created: time(row, row.as_ref().column_index("created")?)?,
        statuses: statuses.and_then(|text| serde_json::from_str(&text).ok()),
    })
}

/// GitHub's ids are far below what SQLite's integers hold.
fn signed(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

fn unsigned(id: i64) -> u64 {
    u64::try_from(id).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn deployment(id: u64) -> Deployment {
        Deployment {
            id,
            sha: "a".repeat(40),
            environment: "prod".into(),
            production: true,
            creator: Some("student-b".into()),
            about: About { run: Some(format!("r-{id}")), ..About::default() },
            created: at(i64::try_from(id).unwrap()),
            statuses: None,
        }
    }

    #[test]
    fn what_is_new_open_or_young_is_looked_at() {
        let store = Store::in_memory().unwrap();
        let id = RepositoryId { api: "https://api".into(), full_name: "Team/App".into() };
        let all: Vec<Deployment> = (1..=6).map(deployment).collect();
        assert_eq!(store.note_deployments(&id, &all).unwrap(), 6);
        assert_eq!(store.note_deployments(&id, &all[3..]).unwrap(), 0);
        let success = [Status { state: "success".into(), at: at(9) }];
        for done in [2, 3, 5, 6] {
            store.note_statuses(&id, done, &success, false, Some(("e", "me"))).unwrap();
        }
        store.note_statuses(&id, 4, &[], true, None).unwrap();
        let look = |since, newest, most| -> Vec<u64> {
            let found = store.unsettled_deployments(&id, "me", at(since), newest, most).unwrap();
            found.into_iter().map(|one| one.id).collect()
        };
        assert_eq!(look(0, 1, 9), [6, 4, 1], "the newest, the open one, the one never looked at");
        assert_eq!(look(5, 1, 9), [6, 1], "open for too long");
        assert_eq!(look(0, 1, 2), [6, 4]);
        let first =
            |owner: &str| store.unsettled_deployments(&id, owner, at(0), 1, 1).unwrap()[0].etag.clone();
        assert_eq!((first("me").as_deref(), first("other")), (Some("e"), None));
        let lower = RepositoryId { full_name: "team/app".into(), ..id };
        let known = store.deployments_of(&lower).unwrap();
        assert_eq!(known.len(), 6);
        assert_eq!(known[0], Deployment { statuses: Some(success.to_vec()), ..deployment(6) });
        assert_eq!(store.deployment_of(&lower, 1).unwrap(), Some(deployment(1)));
        assert_eq!(store.deployment_of(&lower, 7).unwrap(), None);
    }
}
