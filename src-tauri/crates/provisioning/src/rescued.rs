//! A state that the tool printed because it could write it nowhere: its only copy. It may hold secrets.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::{Error, Result, StateId};

/// The state in a message of the stream, as it was printed; none in other messages.
pub(crate) fn printed_in<'t>(text: &'t str, message: &Value) -> Option<&'t str> {
    const FIELD: &str = "\"state\":";
    if !message["state"]["lineage"].is_string() {
        return None;
    }
    let (_, rest) = text.split_once(FIELD)?;
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    Some(rest[..values.byte_offset()].trim())
}

/// Which state a file holds; none where it is not there, or not whole.
pub fn state_in(path: &Path) -> Option<StateId> {
    StateId::read(&std::fs::read(path).ok()?).ok()
}

/// The state that a run rescued, in the run's folder.
#[derive(Debug, Clone)]
pub struct Rescued {
    path: PathBuf,
}

impl Rescued {
    /// The rescued state of a run's folder, there or not.
    pub fn within(folder: &Path) -> Self {
        Self { path: folder.join("rescued.tfstate") }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes it down, for its owner alone.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn keep(&self, state: &str) -> Result<()> {
        let mut options = std::fs::File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&self.path).and_then(|mut file| {
            file.write_all(state.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|error| self.fail(&error))
    }

    /// Deletes it once the state in its place holds everything that it holds; says whether it did. `state` has to be one that
    /// [`crate::Tool::state`] has just read: of another one it is not known what it holds.
    ///
    /// # Errors
    /// It cannot be deleted.
    pub fn forget(&self, state: Option<&StateId>) -> Result<bool> {
        let (Some(kept), Some(state)) = (state_in(&self.path), state) else { return Ok(false) };
        if !state.holds(&kept) {
            return Ok(false);
        }
        std::fs::remove_file(&self.path).map_err(|error| self.fail(&error))?;
        Ok(true)
    }

    fn fail(&self, error: &std::io::Error) -> Error {
        Error::Folder { path: self.path.display().to_string(), reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_printed_state_is_found_byte_by_byte() {
        let state = r#"{"version":4,"serial":1,"lineage":"9d7a","n":1.50,"x":"\"state\":{"}"#;
        let line = format!(r#"{{"@level":"info","@message":"Emergency state dump","state":{state}}}"#);
        let message = serde_json::from_str(&line).unwrap();
        assert_eq!(printed_in(&line, &message), Some(state));
        let other = r#"{"@message":"m","type":"log","state":"good"}"#;
        assert_eq!(printed_in(other, &serde_json::from_str(other).unwrap()), None);
    }

    #[test]
    fn it_is_the_owners_alone_and_goes_once_it_is_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let rescued = Rescued::within(folder.path());
        let printed = |serial: u64, id: &str| {
            let instances = json!([{"attributes": {"id": id}}]);
            let resource = json!({"mode": "managed", "type": "vpc", "name": "main", "instances": instances});
            json!({"serial": serial, "lineage": "a", "resources": [resource]}).to_string()
        };
        rescued.keep(&printed(3, "vpc-1")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(rescued.path()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let forget = |state: &str| rescued.forget(Some(&StateId::read(state.as_bytes()).unwrap())).unwrap();
        assert!(!rescued.forget(None).unwrap());
        assert!(!forget(&printed(2, "vpc-1")));
        // Somebody applied again instead: its serial, and what it made is something else.
        assert!(!forget(&printed(3, "vpc-2")));
        assert!(!forget(&printed(4, "vpc-2")));
        assert!(rescued.path().exists());
        assert!(forget(&printed(3, "vpc-1")));
        assert!(!rescued.path().exists());
        std::fs::write(rescued.path(), "{ half").unwrap();
        assert_eq!(state_in(rescued.path()), None);
    }
}
