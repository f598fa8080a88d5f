//! What a run brought to a cluster: the manifests as they were applied, with references in the place of secrets.

use std::collections::BTreeMap;

use rusqlite::OptionalExtension;

use crate::{Result, Store};

pub(crate) const MIGRATION_1: &str = "
CREATE TABLE release (
    run INTEGER PRIMARY KEY REFERENCES run (id),
    manifests TEXT NOT NULL,
    digest TEXT NOT NULL,
    images TEXT NOT NULL,
    helm_revision INTEGER
);";

/// A recorded release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Run that brought it.
    pub run: i64,
    /// Manifests as they were applied; references in the place of secrets.
    pub manifests: String,
    /// Digest of the manifests.
    pub digest: String,
    /// Digests of the images that ran, by the image's name in the manifests.
    pub images: BTreeMap<String, String>,
    /// Revision of the Helm release, where it was one.
    pub helm_revision: Option<u32>,
}

impl Store {
    /// Records what a run brought.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn record_release(&self, release: &Recorded) -> Result<()> {
        let images = serde_json::to_string(&release.images).unwrap_or_else(|_| "{}".to_owned());
        self.run(|c| {
            c.execute(
                "INSERT OR REPLACE INTO release (run, manifests, digest, images, helm_revision) VALUES (?1, ?2, ?3, ?4, ?5)",
                (release.run, &release.manifests, &release.digest, images, release.helm_revision),
            )
        })?;
        Ok(())
    }

    /// What a run brought; none where it recorded nothing.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn release_of(&self, run: i64) -> Result<Option<Recorded>> {
        self.run(|c| {
            c.query_row(
                "SELECT run, manifests, digest, images, helm_revision FROM release WHERE run = ?1",
                [run],
                |row| {
                    let images: String = row.get(3)?;
                    Ok(Recorded {
                        run: row.get(0)?,
                        manifests: row.get(1)?,
                        digest: row.get(2)?,
                        images: serde_json::from_str(&images).unwrap_or_default(),
                        helm_revision: row.get(4)?,
                    })
                },
            )
            .optional()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Journalled, NewRun};

    #[test]
    fn a_release_reads_back_as_it_was_recorded() {
        let store = Store::in_memory().unwrap();
        let new = NewRun {
            project: "/p".into(),
            kind: "deploy".into(),
            name: "web".into(),
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
        let Journalled::Run(run) = store.journal_run(&new, jiff::Timestamp::UNIX_EPOCH).unwrap() else {
            panic!("busy")
        };
        assert_eq!(store.release_of(run).unwrap(), None);
        let release = Recorded {
            run,
            manifests: "[]".into(),
            digest: "sha256:00".into(),
            images: [("web:1".to_owned(), "sha256:11".to_owned())].into(),
            helm_revision: Some(3),
        };
        store.record_release(&release).unwrap();
        assert_eq!(store.release_of(run).unwrap(), Some(release));
    }
}
