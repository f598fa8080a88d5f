//! The team's clone, read and exported through the program `git`: commits, versions, changed files, trees.
//!
//! Every team has git; a library would bring a hundred crates and another reading of attributes, worktrees and
//! ownership. In return git is kept from running anything that the repository asks for: no hook, no file system
//! monitor, no filter that the repository itself configures, no signature program, no external diff, no network. Filters
//! of the person's own configuration (git-lfs) stay on where git compares files. Nothing goes through a shell, the
//! child's environment holds what git needs and no more, and every call has a deadline and a bound on what it may print.

mod clone;
mod commit;
mod export;
mod path;
mod program;
mod read;
mod settings;
#[cfg(test)]
mod tests;
mod write;

pub use clone::Clone;
pub use commit::Commit;
pub use program::{Git, Limits};
pub use write::{Author, NewCommit};

/// What can go wrong between Jalon and git.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such program.
    #[error("{program} is not installed, or not in PATH")]
    Missing {
        /// The program's name.
        program: String,
    },
    /// A git from before 2.31, which does not know every setting that keeps it from running a repository's programs.
    #[error("git {found} is too old: Jalon needs 2.31 or newer")]
    TooOld {
        /// The version it told.
        found: String,
    },
    /// The folder is not in a clone, does not exist, or is a bare repository.
    #[error("{dir} is not a git clone")]
    NotClone {
        /// The folder.
        dir: String,
    },
    /// The folder lies inside a clone, or its repository says that its files are elsewhere.
    #[error("{dir} is not the top of its git clone: that is {top}")]
    NotTop {
        /// The folder.
        dir: String,
        /// The clone's top folder.
        top: String,
    },
    /// The folder belongs to another user, and git distrusts it.
    #[error(
        "{dir} belongs to another user, so git does not trust it; if you do: git config --global --add \
         safe.directory {dir}"
    )]
    Ownership {
        /// The folder.
        dir: String,
    },
    /// Nothing was committed yet.
    #[error("{dir} has no commit yet: commit something first")]
    NoCommit {
        /// The clone.
        dir: String,
    },
    /// No tag, branch or commit has this name.
    #[error("there is no tag, branch or commit {name:?} in this clone")]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// More than one commit begins with these digits.
    #[error("{name:?} is the beginning of more than one commit: give more digits")]
    Ambiguous {
        /// What was asked for.
        name: String,
    },
    /// Not a name that git could take for a commit and nothing else.
    #[error("{name:?} cannot be the name of a commit, tag or branch: {reason}")]
    BadName {
        /// What was asked for.
        name: String,
        /// Why not.
        reason: String,
    },
    /// The deadline passed; git was ended.
    #[error("git {command} was ended: it took more than {seconds} s")]
    TimedOut {
        /// Which command of git.
        command: String,
        /// The deadline, in seconds.
        seconds: u64,
    },
    /// More output, or a larger tree, than Jalon takes.
    #[error("{what} is too large: more than {limit}")]
    TooLarge {
        /// What is.
        what: String,
        /// The bound, with its unit.
        limit: String,
    },
    /// git failed otherwise.
    #[error("git {command} failed: {reason}")]
    Failed {
        /// Which command of git.
        command: String,
        /// The first line of git's words.
        reason: String,
    },
    /// The place to write to is taken.
    #[error("{path} is there already")]
    Exists {
        /// The place.
        path: String,
    },
    /// An entry that would be written outside the folder, or lead there.
    #[error("{path:?} is not exported: {reason}")]
    Refused {
        /// Path in the tree.
        path: String,
        /// Why.
        reason: String,
    },
    /// The file system refused.
    #[error("{path}: {reason}")]
    Files {
        /// Which path.
        path: String,
        /// The system's words.
        reason: String,
    },
}

/// Result of the room.
pub type Result<T> = std::result::Result<T, Error>;
