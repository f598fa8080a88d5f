//! Where services run: the local target with its proxy and releases ([`local`]), clusters ([`kubernetes`]), the gate before production ([`gate`])
//! and the templates that let one text serve every environment ([`template`]).

mod error;
pub mod gate;
pub mod kubernetes;
pub mod local;
pub mod template;

pub use error::{Error, Exit};
pub use gate::{Condition, Facts, Gate};
pub use template::{TemplateError, expand};
