//! Kubernetes: what is applied, how it comes up, and why it does not.

mod apply;
mod autoscale;
pub mod cause;
mod certificate;
mod compare;
mod connect;
mod credential;
mod diff;
mod error;
pub mod events;
mod feed;
pub mod health;
mod helm;
mod kubeconfig;
pub mod logs;
mod manifests;
mod model;
mod owner;
mod patch;
mod program;
mod read_error;
mod references;
mod release;
mod request;
mod resources;
mod restart;
mod retry;
pub mod rollout;
#[cfg(test)]
mod stub;
pub mod view;
pub mod watch;

pub use apply::{Applied, Applying, FIELD_MANAGER, Outcome, apply, prune};
pub use cause::{Cause, CauseId, Patience};
pub use compare::{FieldChange, Seen};
pub use connect::{Access, Clock, Cluster};
pub use diff::{Action, Change, Diff, Wanted, diff};
pub use error::{Error, FieldOwner, Result};
pub use events::{EventLine, Events};
pub use health::{Health, Verdict};
pub use helm::{Chart, Helm, PIN_PROCESS, Pins, Rendered, Revision, post_render};
pub use kubeconfig::contexts;
pub use logs::{LogError, LogOf, logs};
pub use manifests::{
    Labels, Manifest, ObjectId, Place, RELEASE, SERVICE, VERSION, label, label_value, read, secret,
};
pub use model::Selector;
pub use owner::Owner;
pub use read_error::ReadError;
pub use release::{digest, from_recorded, images, main_image, pin, recorded, recorded_masked, remembered};
pub use restart::{is_restarted, restart};
pub use rollout::{Limits, Progress, RolledOut, RolloutError, Running, follow, is_followed};
pub use view::{PodView, RunningImage, View, Workload, WorkloadRef};
pub use watch::Live;
