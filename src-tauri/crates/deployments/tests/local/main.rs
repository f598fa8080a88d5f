//! The local target with real processes: `examples/stand_in.rs` plays host, client and service. Cargo builds it for
//! `cargo test -p deployments`, but not for `--test local` alone.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is test code; clippy knows only the test functions themselves"
)]

mod deploy;
mod faults;
mod killed;
mod proxy;
mod scene;
