//! One file of a commit.

use crate::clone::sha;
use crate::path::inside;
use crate::{Clone, Result};

impl Clone {
    /// The bytes of a file in a commit; none where the commit has no such file, or something else by that name. `path`
    /// is relative, with `/`.
    ///
    /// # Errors
    /// There is no such commit, the path leads elsewhere, or the file is larger than the limits allow.
    pub async fn file(&self, commit: &str, path: &str) -> Result<Option<Vec<u8>>> {
        inside(path.as_bytes())?;
        let listing = self.answer(&["ls-tree", "-z", "--full-tree", sha(commit)?, "--", path]).await?;
        let head = listing.split(|byte| *byte == b'\t').next().unwrap_or_default();
        let head = String::from_utf8_lossy(head);
        match head.split(' ').collect::<Vec<_>>()[..] {
            [mode, "blob", blob] if mode.starts_with("100") => {
                self.answer(&["cat-file", "blob", sha(blob)?]).await.map(Some)
            }
            _ => Ok(None),
        }
    }
}
