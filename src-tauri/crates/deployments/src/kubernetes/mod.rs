//! Kubernetes: what is applied, how it comes up, and why it does not.

pub mod cause;
pub mod events;
mod feed;
pub mod health;
pub mod logs;
mod model;
mod read_error;
pub mod rollout;
pub mod view;
pub mod watch;

pub use cause::{Cause, CauseId, Patience};
pub use events::{EventLine, Events};
pub use health::{Health, Verdict};
pub use logs::{LogError, LogOf, logs};
pub use model::Selector;
pub use read_error::ReadError;
pub use rollout::{Limits, Progress, RolledOut, RolloutError, Running, follow, is_followed};
pub use view::{PodView, RunningImage, View, Workload, WorkloadRef};
pub use watch::Live;
