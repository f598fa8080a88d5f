//! Peers for the tests: a scenario server that plays GitHub, programs from npm, the keychain's session, the window's
//! driver, a Kubernetes control plane, Prometheus. Everything listens on loopback, waits for conditions with a limit, and ends with the test that started it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a peer that cannot start fails its test")]
#![allow(clippy::disallowed_methods, reason = "tests read the session that xtask prepared")]

pub mod bridge;
pub mod canary;
pub mod cluster;
pub mod fault_proxy;
pub mod github;
pub mod keyring;
pub mod measure;
pub mod notifications;
pub mod npm;
pub mod process;
pub mod programs;
pub mod project;
pub mod prometheus;
pub mod raw;
pub mod remote_state;
pub mod samples;
pub mod site;
pub mod stacks;
pub mod team;
pub mod watched;
pub mod window;
