//! Credentials and sign-in. Values travel one way only: in.

pub use credentials::Secret as SecretText;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where secrets go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Keychain {
    /// How the keychain is.
    pub state: KeychainState,
    /// The platform's name for it, e.g. "Secret Service".
    pub name: String,
    /// What the platform said, where it refused.
    pub reason: Option<String>,
}

/// State of the platform's keychain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeychainState {
    /// Reads and writes.
    Ready,
    /// There, but locked: secrets stay in memory.
    Locked,
    /// None on this computer: secrets stay in memory.
    Absent,
}

/// `credentials list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Credentials {
    /// Names and ages, never values.
    pub credentials: Vec<Credential>,
    /// Where a new one would go.
    pub keychain: Keychain,
}

/// One stored secret: its name, never its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Credential {
    /// Name, e.g. `GITHUB_TOKEN`.
    pub name: String,
    /// When it was set, where that is known.
    pub set_at: Option<String>,
    /// Where its value is.
    pub place: CredentialPlace,
}

/// Where a secret's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CredentialPlace {
    /// The platform's keychain.
    Keychain,
    /// Memory, until Jalon closes.
    Memory,
    /// An environment variable of this process.
    Environment,
    /// Named here, but the keychain has no value or cannot be read.
    Unreadable,
}

/// Names a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CredentialName {
    /// Name, e.g. `DATABASE_URL`.
    pub name: String,
}

/// Who is signed in to GitHub, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuthStatus {
    /// Whether a token is at hand.
    pub signed_in: bool,
    /// Login that GitHub gave for it, where it was asked.
    pub login: Option<String>,
    /// Host the token is for, e.g. `github.com`.
    pub host: String,
    /// Where the token is.
    pub place: Option<CredentialPlace>,
    /// When it was set.
    pub set_at: Option<String>,
    /// Whether sign-in by code is possible: a client id is set.
    pub device_ready: bool,
}

/// What the person enters on GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeviceCode {
    /// The code to enter.
    pub user_code: String,
    /// The page to enter it on.
    pub verification_uri: String,
    /// When the code stops working.
    pub expires_at: String,
}

/// A token that was pasted. One way: it cannot be serialised.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct PastedToken {
    /// The token.
    #[ts(type = "string")]
    pub token: SecretText,
}

/// A credential to store. One way: it cannot be serialised.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct NewCredential {
    /// Name, e.g. `DATABASE_URL`.
    pub name: String,
    /// The value.
    #[ts(type = "string")]
    pub value: SecretText,
}
