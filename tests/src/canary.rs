//! A secret that must be found nowhere.

use std::path::Path;

use crate::project::Bench;

/// Searches everything that was written below a bench, and the arguments of every running process.
pub fn nowhere(bench: &Bench, canary: &str) {
    let mut rest = vec![bench.path().to_path_buf()];
    let mut files = 0;
    while let Some(path) = rest.pop() {
        let Ok(kind) = std::fs::symlink_metadata(&path).map(|meta| meta.file_type()) else {
            continue;
        };
        if kind.is_dir() {
            rest.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if kind.is_file() {
            files += 1;
            assert!(!holds(&path, canary), "{} holds the canary", path.display());
        }
    }
    assert!(files > 0, "nothing was written, so nothing was searched");
    for process in std::fs::read_dir("/proc").unwrap().flatten() {
        let arguments = process.path().join("cmdline");
        assert!(!holds(&arguments, canary), "{} holds the canary", arguments.display());
    }
}

fn holds(path: &Path, canary: &str) -> bool {
    let Ok(bytes) = std::fs::read(path) else {
        return false;
    };
    // WebKit keeps some of its strings in two bytes a letter.
    let wide: Vec<u8> = canary.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let found = |form: &[u8]| bytes.windows(form.len()).any(|window| window == form);
    found(canary.as_bytes()) || found(&wide)
}
