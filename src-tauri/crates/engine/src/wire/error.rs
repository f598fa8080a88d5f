//! Errors and progress on the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the window and `jalonctl` are told when something fails. The window turns `code` into words and an action of
/// its own language; `message` is the English sentence that `jalonctl` prints. Nobody matches on the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WireError {
    /// Stable name, `room.what`, listed in [`crate::contract::ERROR_CODES`].
    pub code: String,
    /// What the sentence is about: paths, names, counts, times. Never a secret.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// English: what happened, to what.
    pub message: String,
    /// English: what to do next, most useful first.
    #[serde(default)]
    pub hints: Vec<String>,
}

/// One step of work that takes over a second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// Units done so far.
    pub done: u32,
    /// Units in all, when known.
    pub total: Option<u32>,
}

/// Steps that report progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Looking through a folder for plans.
    Inspecting,
    /// Asking GitHub for milestones.
    Milestones,
    /// Asking GitHub for issues, in pages.
    Issues,
    /// Writing what was read.
    Storing,
    /// Waiting for the person to enter the device code on GitHub.
    WaitingForCode,
}
