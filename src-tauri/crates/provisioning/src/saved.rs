//! A saved plan: what is applied, byte by byte, and nothing else. It may hold secrets.

use std::path::{Path, PathBuf};

use crate::folder::sha256;
use crate::{Error, Result};

/// A saved plan in a run's private folder.
#[derive(Debug, Clone)]
pub struct SavedPlan {
    path: PathBuf,
}

impl SavedPlan {
    /// The saved plan of a private folder, there or not.
    pub fn within(folder: &Path) -> Self {
        Self { path: folder.join("plan") }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes everybody's rights to it but the owner's, and tells its SHA-256.
    ///
    /// # Errors
    /// It is not there or cannot be read.
    pub fn seal(&self) -> Result<String> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(&self.path, mode).map_err(|error| self.fail(&error))?;
        }
        Ok(sha256(&std::fs::read(&self.path).map_err(|error| self.fail(&error))?))
    }

    /// Refuses where it is not, byte by byte, what was shown.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub fn expect(&self, sha256_then: &str) -> Result<()> {
        match std::fs::read(&self.path) {
            Ok(bytes) if sha256(&bytes) == sha256_then => Ok(()),
            Ok(_) => Err(Error::Stale { reason: "the saved plan is not the one that was shown".to_owned() }),
            Err(_) => Err(Error::Stale { reason: "the saved plan is not there any more".to_owned() }),
        }
    }

    fn fail(&self, error: &std::io::Error) -> Error {
        Error::Folder { path: self.path.display().to_string(), reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_byte_is_another_plan() {
        let folder = tempfile::tempdir().unwrap();
        let plan = SavedPlan::within(folder.path());
        assert!(plan.seal().is_err());
        std::fs::write(plan.path(), "plan").unwrap();
        let digest = plan.seal().unwrap();
        assert_eq!(digest.len(), 64);
        plan.expect(&digest).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(plan.path()).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(plan.path(), "Plan").unwrap();
        assert!(matches!(plan.expect(&digest), Err(Error::Stale { .. })));
        std::fs::remove_file(plan.path()).unwrap();
        assert!(matches!(plan.expect(&digest), Err(Error::Stale { .. })));
    }
}
