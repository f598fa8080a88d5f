//! A repository's whole stored state, written and read as one: a sync that fails half way changes nothing.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction};

use crate::issue::Issue;
use crate::milestone::Milestone;
use crate::page::Page;
use crate::repository::RepositoryId;
use crate::{Result, Store};

/// Milestones and issues of one repository at one time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepositorySnapshot {
    /// By number.
    pub milestones: Vec<Milestone>,
    /// By number, pull requests included.
    pub issues: Vec<Issue>,
}

impl Store {
    /// Everything stored of a repository; empty for one never read.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn repository_snapshot(&self, id: &RepositoryId) -> Result<RepositorySnapshot> {
        self.view(|t| match known(t, id)? {
            Some(key) => read(t, key),
            None => Ok(RepositorySnapshot::default()),
        })
    }

    /// The same, with the pages whose ETags belong to the owner of a token: rows and ETags of one moment, so that a page
    /// GitHub calls unchanged stands for exactly these rows.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn repository_pages(
        &self,
        id: &RepositoryId,
        owner: &str,
    ) -> Result<(RepositorySnapshot, HashMap<String, Page>)> {
        self.view(|t| match known(t, id)? {
            Some(key) => Ok((read(t, key)?, crate::page::of_owner(t, key, owner)?)),
            None => Ok(Default::default()),
        })
    }

    /// Replaces everything stored of a repository, in one transaction.
    ///
    /// # Errors
    /// The database cannot be written; what was stored before is intact.
    pub fn replace_repository(
        &self,
        id: &RepositoryId,
        at: Timestamp,
        snapshot: &RepositorySnapshot,
        pages: &[Page],
    ) -> Result<()> {
        self.transact(|t| {
            let key = crate::repository::key(t, id)?;
            crate::milestone::replace_all(t, key, &snapshot.milestones)?;
            crate::issue::replace_all(t, key, &snapshot.issues)?;
            crate::page::replace_all(t, key, pages)?;
            t.execute(
                "UPDATE repository SET synced_at = ?2, tried_at = ?2, error = NULL WHERE id = ?1",
                (key, at.as_millisecond()),
            )
            .map(drop)
        })
    }
}

fn known(t: &Transaction, id: &RepositoryId) -> rusqlite::Result<Option<i64>> {
    t.query_row(
        "SELECT id FROM repository WHERE api = ?1 AND full_name = ?2",
        (&id.api, &id.full_name),
        |row| row.get(0),
    )
    .optional()
}

fn read(t: &Transaction, key: i64) -> rusqlite::Result<RepositorySnapshot> {
    Ok(RepositorySnapshot { milestones: crate::milestone::all(t, key)?, issues: crate::issue::all(t, key)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> RepositoryId {
        RepositoryId { api: "http://127.0.0.1:1".into(), full_name: "Team/App".into() }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn snapshot() -> RepositorySnapshot {
        RepositorySnapshot {
            milestones: vec![Milestone {
                number: 1,
                title: "Stage 1".into(),
                description: None,
                url: "https://github.com/team/app/milestone/1".into(),
                closed: false,
                due_on: Some("2026-11-02".parse().unwrap()),
                created_at: at(1),
                closed_at: None,
            }],
            issues: vec![Issue {
                number: 7,
                title: "Schema".into(),
                url: "https://github.com/team/app/issues/7".into(),
                pull_request: false,
                closed: true,
                state_reason: Some("completed".into()),
                milestone: Some(1),
                assignees: vec!["student-a".into()],
                labels: vec!["data".into()],
                created_at: at(1),
                updated_at: at(3),
                closed_at: Some(at(3)),
            }],
        }
    }

    #[test]
    fn round_trip_and_replace() {
        let store = Store::in_memory().unwrap();
        assert_eq!(store.repository_snapshot(&id()).unwrap(), RepositorySnapshot::default());
        let page = Page {
            url: "/repos/team/app/issues?page=1".into(),
            owner: "abcd".into(),
            etag: "\"1\"".into(),
            next: None,
            numbers: vec![7],
        };
        store.replace_repository(&id(), at(10), &snapshot(), std::slice::from_ref(&page)).unwrap();
        assert_eq!(store.repository_snapshot(&id()).unwrap(), snapshot());
        let pages = |owner: &str| store.repository_pages(&id(), owner).unwrap().1;
        assert_eq!(pages("abcd").get(&page.url), Some(&page));
        assert!(pages("other").is_empty());

        let lower = RepositoryId { full_name: "team/app".into(), ..id() };
        store.replace_repository(&lower, at(20), &RepositorySnapshot::default(), &[]).unwrap();
        assert_eq!(store.repository_snapshot(&id()).unwrap(), RepositorySnapshot::default());
        assert!(pages("abcd").is_empty());
        let state = store.sync_state(&id()).unwrap();
        assert_eq!((state.synced_at, state.tried_at, state.error), (Some(at(20)), Some(at(20)), None));
    }

    #[test]
    fn a_failed_try_keeps_what_was_stored() {
        let store = Store::in_memory().unwrap();
        store.replace_repository(&id(), at(10), &snapshot(), &[]).unwrap();
        store.record_failed_sync(&id(), at(20), "{}").unwrap();
        let state = store.sync_state(&id()).unwrap();
        assert_eq!((state.synced_at, state.tried_at), (Some(at(10)), Some(at(20))));
        assert_eq!(store.repository_snapshot(&id()).unwrap(), snapshot());
    }
}
