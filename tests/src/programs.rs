//! Programs that `cargo xtask test peers-install` has found or built, and written down in `peers.txt` of the build folder.

use std::path::{Path, PathBuf};

/// The program of that name, e.g. `kube-apiserver`.
pub fn find(name: &str) -> PathBuf {
    let list = list();
    let text = std::fs::read_to_string(&list).unwrap_or_default();
    let path = listed(&text, name).filter(|path| path.is_file());
    path.unwrap_or_else(|| {
        panic!("{name} is missing: run `cargo xtask test peers-install`, which writes {}", list.display())
    })
}

fn list() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    // <target>/<profile>/deps/<test>
    exe.ancestors().nth(3).unwrap().join("peers.txt")
}

/// The path in `text`, whose lines are `name=path`.
fn listed(text: &str, name: &str) -> Option<PathBuf> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, path)| path.into())
}

/// Kubernetes' command line.
pub fn kubectl() -> PathBuf {
    find("kubectl")
}

/// Helm.
pub fn helm() -> PathBuf {
    find("helm")
}

/// OpenTofu, or Terraform where that is installed and OpenTofu is not.
pub fn tofu() -> PathBuf {
    find("tofu")
}

/// Whether [`tofu`] is Terraform.
pub fn is_terraform(program: &Path) -> bool {
    program.file_stem().is_some_and(|stem| stem == "terraform")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_its_whole_name() {
        let list = "kubectl=/a/kubectl\nkube=/a/kube\n";
        assert_eq!(listed(list, "kube"), Some("/a/kube".into()));
        assert_eq!(listed(list, "ctl"), None);
    }
}
