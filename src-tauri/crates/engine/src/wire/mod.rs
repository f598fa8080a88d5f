//! Wire types: what crosses to the window and what `jalonctl --json` prints. Domain types are converted here, at
//! the edge. Dates are `YYYY-MM-DD`, times RFC 3339 in UTC; both travel as strings.

mod credential;
mod deployments;
mod error;
mod kpis;
mod plan;
mod project;
mod reports;
mod runs;
mod status;

pub use credential::*;
pub use deployments::*;
pub use error::*;
pub use kpis::*;
pub use plan::*;
pub use project::*;
pub use reports::*;
pub use runs::*;
pub use status::*;
