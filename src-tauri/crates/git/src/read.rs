//! One file of a commit, and the names of those that differ between two.

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

    /// Files that differ between two commits: relative, with `/`, sorted. A file that moved is there with both names.
    ///
    /// # Errors
    /// A sha is none, or not in this clone.
    pub async fn differing(&self, from: &str, to: &str) -> Result<Vec<String>> {
        let (from, to) = (sha(from)?, sha(to)?);
        let arguments = [
            "diff-tree",
            "-r",
            "-z",
            "--name-only",
            "--no-renames",
            "--no-ext-diff",
            "--no-textconv",
            from,
            to,
        ];
        let text = self.answer(&arguments).await?;
        let paths = text.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        let mut paths: Vec<String> = paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect();
        paths.sort();
        Ok(paths)
    }
}
