//! Wire types: what crosses to the window and what `jalonctl --json` prints. Domain types are converted here, at
//! the edge. Dates are `YYYY-MM-DD`, times RFC 3339 in UTC; both travel as strings.

mod cluster;
mod credential;
mod deployments;
mod error;
mod kpis;
mod monitoring;
mod plan;
mod project;
mod provisioning;
mod reports;
mod runs;
mod status;

pub use cluster::*;
pub use credential::*;
pub use deployments::*;
pub use error::*;
pub use kpis::*;
pub use monitoring::*;
pub use plan::*;
pub use project::*;
pub use provisioning::*;
pub use reports::*;
pub use runs::*;
pub use status::*;
