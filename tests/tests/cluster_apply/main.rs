//! Applying to a real control plane. One is started for this process; every test has a namespace of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod access;
mod helm;
mod refused;
mod release;
mod scene;
