//! Provisioning with Terraform or OpenTofu: plan, show it, apply exactly that plan, and nothing else.

mod diagnostic;
mod error;
mod folder;
mod hcl;
mod lock;
mod plan;
mod program;
mod rescued;
mod saved;
mod state;
mod stream;
mod tool;
mod value;
mod workspace;

pub use diagnostic::Diagnostic;
pub use error::{Error, Result};
pub use folder::{Digest, digest};
pub use lock::Lock;
pub use plan::{Action, Change, Output, Plan, read};
pub use program::{Program, environment};
pub use rescued::{Rescued, state_in};
pub use saved::SavedPlan;
pub use state::StateId;
pub use tool::{Applied, Limits, Mode, Tool};
pub use value::{Attribute, Shown};
pub use workspace::{Workspace, workspace_of};
