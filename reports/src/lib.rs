//! What a jury reads: plots, Word report, slides. Plain data in, files out.
//!
//! The crate reads no file, no clock and no environment; a document's content comes as [`Content`] and goes out as bytes.

pub mod content;
mod docx;
mod error;
mod markdown;
mod measure;
mod office;
mod package;
mod palette;
mod picture;
pub mod plots;
mod pptx;
pub mod rules;
mod summary;
mod typography;
mod words;
mod xml;

pub use content::Content;
pub use docx::docx;
pub use error::Error;
pub use pptx::pptx;
