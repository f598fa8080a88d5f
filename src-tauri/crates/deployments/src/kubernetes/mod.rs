//! Kubernetes: what is applied, how it comes up, and why it does not.

mod apply;
mod autoscale;
mod certificate;
mod compare;
mod connect;
mod credential;
mod diff;
mod error;
mod helm;
mod kubeconfig;
mod manifests;
mod owner;
mod patch;
mod program;
mod references;
mod release;
mod request;
mod resources;

pub use apply::{Applied, Applying, FIELD_MANAGER, Outcome, apply, prune};
pub use compare::{FieldChange, Seen};
pub use connect::{Access, Clock, Cluster};
pub use diff::{Action, Change, Diff, Wanted, diff};
pub use error::{Error, FieldOwner, Result};
pub use helm::{Chart, Helm, Revision};
pub use kubeconfig::contexts;
pub use manifests::{
    Labels, Manifest, ObjectId, Place, RELEASE, SERVICE, VERSION, label, label_value, read, secret,
};
pub use owner::Owner;
pub use release::{digest, from_recorded, images, pin, recorded};
