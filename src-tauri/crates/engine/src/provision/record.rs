//! What a provisioning run found and did, in its folder: readable, masked, kept after the saved plan is gone.

use std::io::Write;

use jiff::Timestamp;
use provisioning::{Diagnostic, Output, StateId};
use runs::RunFolder;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// File in the run's folder.
const FILE: &str = "provision.json";

/// A run's findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Program and version, such as `terraform 1.11.4`.
    pub program: String,
    /// When it was planned.
    pub planned: Timestamp,
    /// State that it was made from; none where there was none.
    pub state: Option<StateId>,
    /// Digest of the files that it was made from.
    pub files: String,
    /// SHA-256 of the saved plan; none where nothing is to be applied.
    pub saved: Option<String>,
    /// The readable plan.
    pub plan: provisioning::Plan,
    /// What the tool warned of.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether it was applied to its end.
    pub applied: bool,
    /// Outputs, where they were read.
    pub outputs: Option<Vec<Output>>,
}

impl Record {
    /// Reads the record of a run; none where it came to none, or to one that cannot be read any more.
    pub(super) fn read(folder: &RunFolder) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(folder.path().join(FILE)).ok()?).ok()
    }

    /// Writes it in one rename.
    pub(super) fn write(&self, folder: &RunFolder) -> Result<()> {
        let path = folder.path().join(FILE);
        let fail =
            |reason: String| Error::Runs(runs::Error::Folder { path: path.display().to_string(), reason });
        let bytes = serde_json::to_vec(self).map_err(|error| fail(error.to_string()))?;
        // Made for its owner alone.
        let mut file =
            tempfile::NamedTempFile::new_in(folder.path()).map_err(|error| fail(error.to_string()))?;
        file.write_all(&bytes)
            .and_then(|()| file.as_file().sync_all())
            .map_err(|error| fail(error.to_string()))?;
        file.persist(&path).map_err(|error| fail(error.to_string()))?;
        Ok(())
    }
}
