//! Files that are written whole or not at all.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::not_written;
use crate::{Error, Refusal, Result};

/// Replaces a document: first a new file beside it, on the disk, then one rename. What was there stays until then.
///
/// # Errors
/// The folder cannot be written, the disk is full, or the document is open in Word or LibreOffice, which would write
/// over it later.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    if path.is_dir() {
        let reason = "it is a folder".to_owned();
        return Err(Refusal::NotWritten { path: path.display().to_string(), reason }.into());
    }
    if let Some(lock) = open_elsewhere(path) {
        let reason = format!("it is open in another program, as {} says", lock.display());
        return Err(Refusal::NotWritten { path: path.display().to_string(), reason }.into());
    }
    // Rename would replace a file that nobody may write: that wish is honoured.
    if path.metadata().is_ok_and(|meta| meta.permissions().readonly()) {
        let reason = "it is read-only".to_owned();
        return Err(Refusal::NotWritten { path: path.display().to_string(), reason }.into());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let fresh = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written = File::create(&fresh).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let moved = written.and_then(|()| std::fs::rename(&fresh, path));
    moved.map_err(|error| {
        // What was written of it is of no use to anybody.
        let _ = std::fs::remove_file(&fresh);
        not_written(path, &error)
    })
}

/// Writes a file for `--out`, whole or not at all.
///
/// # Errors
/// It cannot be written; what was there is as it was.
pub fn write_new(path: &Path, bytes: &[u8]) -> std::result::Result<(), Error> {
    replace(path, bytes)
}

/// The lock file of LibreOffice (`.~lock.NAME#`) or Word (`~$` instead of the name's first two characters) beside it.
fn open_elsewhere(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let rest: String = name.chars().skip(2).collect();
    let locks = [format!(".~lock.{name}#"), format!("~${rest}"), format!("~${name}")];
    locks.iter().map(|lock| path.with_file_name(lock)).find(|lock| lock.exists())
}

/// A name as part of a file's name.
pub(super) fn stem(name: &str) -> String {
    let kept: String =
        name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let kept = kept.trim_matches(['-', '.']);
    if kept.is_empty() { "jalon".to_owned() } else { kept.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(path: &Path) -> String {
        replace(path, b"new").unwrap_err().to_string()
    }

    #[test]
    fn a_document_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.docx");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_document_that_is_open_elsewhere_stays_as_it_is() {
        for lock in [".~lock.report.docx#", "~$port.docx"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("report.docx");
            std::fs::write(&path, b"old").unwrap();
            std::fs::write(folder.path().join(lock), b"").unwrap();
            assert!(reason(&path).contains("open in another program"));
            assert_eq!(std::fs::read(&path).unwrap(), b"old");
        }
    }

    #[test]
    fn what_cannot_be_written_is_named_and_the_old_file_kept() {
        let folder = tempfile::tempdir().unwrap();
        assert!(reason(folder.path()).contains("folder"));
        assert!(reason(&folder.path().join("none/report.docx")).contains("none/report.docx"));
        let path = folder.path().join("report.docx");
        std::fs::write(&path, b"old").unwrap();
        let mut permissions = path.metadata().unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(&path, permissions).unwrap();
        assert!(reason(&path).contains("read-only"));
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
    }

    #[test]
    fn names_become_file_names() {
        assert_eq!(stem("Campus: été / 2026"), "Campus--été---2026");
        assert_eq!(stem("../.."), "jalon");
    }
}
