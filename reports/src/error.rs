//! What can go wrong while a document is written.

/// A document could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The built-in words of a language could not be read, or one is missing.
    #[error("words of the documents ({language}): {what}")]
    Words {
        /// Language of the file.
        language: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// A rule set could not be read.
    #[error("rule set {name}: {what}")]
    Rules {
        /// Name of the rule set.
        name: String,
        /// What is wrong with it.
        what: String,
    },
    /// The built-in font could not be read.
    #[error("the built-in font cannot be read: {0}")]
    Font(String),
    /// A part of the document could not be written as XML.
    #[error("part {part} of the document cannot be written: {what}")]
    Part {
        /// Name of the part inside the document.
        part: String,
        /// What the writer said.
        what: String,
    },
    /// A picture that the caller gave is none.
    #[error("picture of {what} cannot be used: {why}")]
    Picture {
        /// What the picture shows.
        what: String,
        /// Why it cannot be used.
        why: &'static str,
    },
    /// The parts could not be put together.
    #[error("the document cannot be put together: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// The parts could not be put together.
    #[error("the document cannot be put together: {0}")]
    Io(#[from] std::io::Error),
}
