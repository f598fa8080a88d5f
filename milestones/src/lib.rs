//! Plans: what a planning document says, as stages with activities, deliverables and deadlines.
//!
//! Pure: no files, no network, no clock, no environment. [`import`] takes a document's bytes and never
//! fails: what is odd about the document is a [`Diagnostic`] with line and column, what fits no field is a
//! [`Note`].

mod dates;
mod diagnostics;
mod fold;
mod import;
mod model;
mod template;
pub mod track;

pub use diagnostics::{Diagnostic, DiagnosticCode};
pub use import::{Import, ImportOptions, MAX_BYTES, import};
pub use model::{Deadline, Item, Link, MAX_DEPTH, MilestoneLink, Note, NoteKind, Plan, Stage};
pub use template::{TemplateLanguage, template};
