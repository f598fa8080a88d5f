//! The built program, started as in an empty environment: what it refuses, in which words, with which exit code.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::process::{Command, Output};

fn xtask(words: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(words).env_clear().envs(variables.iter().copied()).output().unwrap()
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_display_run_says_so_before_it_installs_or_builds_anything() {
    for variables in [&[][..], &[("DISPLAY", ""), ("WAYLAND_DISPLAY", "")]] {
        let output = xtask(&["run"], variables);
        assert_eq!(output.status.code(), Some(1), "{variables:?}");
        let words = said(&output.stderr);
        assert!(words.starts_with("there is no display to open a window on"), "{words}");
        assert!(words.contains("cargo xtask run --virtual-display"), "{words}");
        assert_eq!(said(&output.stdout), "", "nothing was begun");
    }
}

#[test]
fn what_is_not_understood_ends_with_2_and_the_help() {
    for words in [&["run", "--virtual"][..], &["tset"], &["test", "--lst"], &["session"]] {
        let output = xtask(words, &[]);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(said(&output.stderr).contains("cargo xtask JOB"), "{words:?}");
    }
}

#[test]
fn a_stage_that_does_not_exist_is_a_failure_and_the_last_line_counts_it() {
    let output = xtask(&["test", "tdy"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output.stderr).contains("there is no stage `tdy`"));
    assert_eq!(said(&output.stdout).lines().next_back(), Some("0 passed, 1 failed"));
}

#[test]
fn help_and_the_list_of_stages_need_nothing() {
    let output = xtask(&["help"], &[]);
    assert!(output.status.success() && said(&output.stdout).contains("--virtual-display"));
    let output = xtask(&["test", "--list"], &[]);
    assert!(output.status.success() && said(&output.stdout).lines().any(|line| line.starts_with("peers ")));
}
