//! Who holds a state, as its tool tells.

use std::fmt;
use std::path::Path;

use serde::Deserialize;

/// The holder of a state's lock. What is not known is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Lock {
    /// Names the lock to whoever takes it off.
    #[serde(rename = "ID")]
    pub id: String,
    /// `user@computer`.
    pub who: String,
    /// Since when, as the tool writes it.
    pub created: String,
    /// What the holder does, such as `OperationTypeApply`.
    pub operation: String,
    /// Where the state is.
    pub path: String,
}

impl Lock {
    /// Name of the file that a local state's holder leaves beside it.
    const FILE: &str = ".terraform.tfstate.lock.info";

    /// Reads it from the detail of a diagnostic; none where that names no lock.
    pub(crate) fn of_detail(detail: &str) -> Option<Self> {
        let (_, info) = detail.split_once("Lock Info:")?;
        let mut lock = Self::default();
        for line in info.lines() {
            let Some((name, value)) = line.trim().split_once(':') else { continue };
            let value = value.trim().to_owned();
            match name {
                "ID" => lock.id = value,
                "Who" => lock.who = value,
                "Created" => lock.created = value,
                "Operation" => lock.operation = value,
                "Path" => lock.path = value,
                _ => {}
            }
        }
        Some(lock)
    }

    /// Whoever noted in a folder that they hold its local state. The note of somebody who was killed stays: it is not the
    /// lock.
    pub fn noted(dir: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(dir.join(Self::FILE)).ok()?).ok()
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |text: &str| if text.is_empty() { "unknown".to_owned() } else { text.to_owned() };
        write!(f, "held by {} since {}", word(&self.who), word(&self.created))?;
        if !self.operation.is_empty() {
            write!(f, " for {}", self.operation.trim_start_matches("OperationType").to_lowercase())?;
        }
        if !self.id.is_empty() {
            write!(f, ", lock {}", self.id)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_read_from_a_diagnostic_and_from_the_note() {
        let detail = "Error message: resource temporarily unavailable\nLock Info:\n  ID:        857ad25e\n  \
                      Path:      terraform.tfstate\n  Operation: OperationTypeApply\n  Who:       student-a@lab\n  \
                      Version:   1.11.4\n  Created:   2026-11-23 07:01:24.117241989 +0000 UTC\n  Info:      \n\n\n\
                      Terraform acquires a state lock to protect the state";
        let lock = Lock::of_detail(detail).unwrap();
        assert_eq!(
            lock.to_string(),
            "held by student-a@lab since 2026-11-23 07:01:24.117241989 +0000 UTC for apply, lock 857ad25e"
        );
        assert_eq!(Lock::of_detail("no lock is meant"), None);

        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Lock::noted(folder.path()), None);
        let note = r#"{"ID":"857ad25e","Operation":"OperationTypeApply","Info":"","Who":"student-a@lab","Version":"1.11.4",
            "Created":"2026-11-23T07:01:24.117241989Z","Path":"terraform.tfstate"}"#;
        std::fs::write(folder.path().join(Lock::FILE), note).unwrap();
        let noted = Lock::noted(folder.path()).unwrap();
        assert_eq!((noted.id, noted.who), (lock.id, lock.who));
    }

    #[test]
    fn what_is_not_known_is_said_to_be_unknown() {
        assert_eq!(Lock::default().to_string(), "held by unknown since unknown");
    }
}
