//! Peers from npm, installed by `cargo xtask test` into `tests/peers`.

use std::path::PathBuf;

use crate::process::root;

/// A program of the installed packages.
pub fn program(name: &str) -> PathBuf {
    let path = root().join("tests/peers/node_modules/.bin").join(name);
    assert!(path.exists(), "{} is missing: cargo xtask test installs it", path.display());
    path
}

/// A file of an installed package.
pub fn file(path: &str) -> PathBuf {
    let path = root().join("tests/peers/node_modules").join(path);
    assert!(path.exists(), "{} is missing: cargo xtask test installs it", path.display());
    path
}
