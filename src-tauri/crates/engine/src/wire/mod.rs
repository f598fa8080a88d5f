//! Wire types: what crosses to the window and what `jalonctl --json` prints. Domain types are converted here, at
//! the edge. Dates are `YYYY-MM-DD`, times RFC 3339 in UTC; both travel as strings.

mod credential;
mod error;
mod plan;
mod project;
mod status;

pub use credential::*;
pub use error::*;
pub use plan::*;
pub use project::*;
pub use status::*;
