//! The only room that reads or writes secrets. They live in the platform's keychain, or, where there is none or it is
//! locked, in this process's memory and nowhere else. There is no plaintext fallback.
//!
//! Every call may block while the desktop asks the person to unlock the keychain: callers run them on a blocking
//! thread with a deadline.

mod keychain;
mod mask;
mod secret;
mod vault;

pub use keychain::{Availability, Keychain, PLATFORM_NAME, platform};
pub use mask::{MASK, Masker};
pub use secret::Secret;
pub use vault::{Fallback, Place, Vault, validate_name, validate_value};

/// What can go wrong with a secret. No variant carries a value.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no keychain on this computer, and memory is not allowed.
    #[error("there is no keychain on this computer: {reason}")]
    Absent {
        /// What the platform said.
        reason: String,
    },
    /// The keychain is there but locked, and memory is not allowed (or would not help).
    #[error("the keychain is locked: {reason}")]
    Locked {
        /// What the platform said.
        reason: String,
    },
    /// The keychain answered with something else.
    #[error("the keychain failed: {reason}")]
    Failed {
        /// What the platform said.
        reason: String,
    },
    /// The name cannot be used.
    #[error("{name:?} cannot name a credential: use letters, digits and . _ - / @ :, at most 120 of them")]
    NameInvalid {
        /// Name as given.
        name: String,
    },
    /// The value cannot be stored.
    #[error("the value cannot be stored: {reason}")]
    ValueInvalid {
        /// Which rule it breaks; never the value.
        reason: &'static str,
    },
}
