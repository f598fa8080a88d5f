//! The platform's keychain behind one small trait, so that the rules of [`crate::Vault`] are tested without one.

use crate::{Error, Secret};

/// How the keychain is, asked without prompting anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// Reads and writes.
    Ready,
    /// There, but locked.
    Locked {
        /// What the platform said.
        reason: String,
    },
    /// None on this computer.
    Absent {
        /// What the platform said.
        reason: String,
    },
}

/// A place that keeps secrets by name.
pub trait Keychain: Send + Sync {
    /// How it is, without prompting.
    fn availability(&self) -> Availability;
    /// The value of `name`, or none. May prompt the person to unlock.
    fn read(&self, name: &str) -> Result<Option<Secret>, Error>;
    /// Stores or replaces. May prompt the person to unlock.
    fn write(&self, name: &str, value: &Secret) -> Result<(), Error>;
    /// Removes; `false` where there was none. May prompt the person to unlock.
    fn delete(&self, name: &str) -> Result<bool, Error>;
}

/// The platform's name for its keychain.
pub const PLATFORM_NAME: &str = if cfg!(target_os = "macos") {
    "Keychain"
} else if cfg!(target_os = "windows") {
    "Credential Manager"
} else {
    "Secret Service"
};

/// A keychain that does not answer within this time is not there.
#[cfg(target_os = "linux")]
const ANSWER: std::time::Duration = std::time::Duration::from_secs(10);

/// Entries stand under this service name in the platform's keychain.
const SERVICE: &str = "jalon";

/// The platform's own keychain. Nothing is opened until it is used, and every use opens it afresh: a keychain that
/// appears or is unlocked later is found without a restart.
pub fn platform() -> impl Keychain {
    Platform
}

struct Platform;

impl Keychain for Platform {
    fn availability(&self) -> Availability {
        availability()
    }

    fn read(&self, name: &str) -> Result<Option<Secret>, Error> {
        match entry(name)?.get_password() {
            Ok(value) => Ok(Some(Secret::new(value))),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(error) => Err(translate(error)),
        }
    }

    fn write(&self, name: &str, value: &Secret) -> Result<(), Error> {
        entry(name)?.set_password(value.expose()).map_err(translate)
    }

    fn delete(&self, name: &str) -> Result<bool, Error> {
        match entry(name)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(keyring_core::Error::NoEntry) => Ok(false),
            Err(error) => Err(translate(error)),
        }
    }
}

fn translate(error: keyring_core::Error) -> Error {
    use keyring_core::Error as E;
    match error {
        E::NoStorageAccess(reason) => Error::Locked { reason: reason.to_string() },
        E::NoDefaultStore => Error::Absent { reason: "no keychain could be opened".into() },
        E::TooLong(_, _) => {
            Error::ValueInvalid { reason: "it is longer than this platform's keychain allows" }
        }
        // The bytes of a badly encoded value are a secret still: the variant's own Debug would show them.
        E::BadEncoding(_) | E::BadDataFormat(_, _) => {
            Error::Failed { reason: "the stored value is not text".into() }
        }
        E::PlatformFailure(reason) => Error::Failed { reason: reason.to_string() },
        other => Error::Failed { reason: other.to_string() },
    }
}

#[cfg(target_os = "linux")]
fn entry(name: &str) -> Result<keyring_core::Entry, Error> {
    use keyring_core::api::CredentialStoreApi;
    let store = zbus_secret_service_keyring_store::Store::new()
        .map_err(|error| Error::Absent { reason: platform_words(&error) })?;
    store.build(SERVICE, name, None).map_err(translate)
}

#[cfg(target_os = "linux")]
fn platform_words(error: &keyring_core::Error) -> String {
    match error {
        keyring_core::Error::PlatformFailure(reason) => reason.to_string(),
        other => other.to_string(),
    }
}

/// Asked without a session, which only values need: gnome-keyring 42 ends by itself at one of some hundred that are opened
/// in plain text (`g_variant_new: expected GVariant of type 'v' but received value has type '(null)'`).
#[cfg(target_os = "linux")]
fn availability() -> Availability {
    let default = match default_collection() {
        Ok(default) => default,
        Err(error) => return Availability::Absent { reason: error.to_string() },
    };
    match default {
        // A service without a default collection makes one at the first write, by asking for a password.
        None => Availability::Locked { reason: "the keychain has no default collection yet".into() },
        Some(false) => Availability::Ready,
        Some(true) => Availability::Locked { reason: "the default collection is locked".into() },
    }
}

/// Whether the default collection is locked, if there is one.
/// Source: freedesktop.org's Secret Service API, `ReadAlias` and the property `Locked`.
#[cfg(target_os = "linux")]
fn default_collection() -> Result<Option<bool>, zbus::Error> {
    use zbus::zvariant::{OwnedObjectPath, Value};
    const PLACE: Option<&str> = Some("org.freedesktop.secrets");
    let bus = zbus::blocking::connection::Builder::session()?.method_timeout(ANSWER).build()?;
    let service = Some("org.freedesktop.Secret.Service");
    let alias = bus.call_method(PLACE, "/org/freedesktop/secrets", service, "ReadAlias", &"default")?;
    let path: OwnedObjectPath = alias.body().deserialize()?;
    if path.as_str() == "/" {
        return Ok(None);
    }
    let asked = ("org.freedesktop.Secret.Collection", "Locked");
    let told = bus.call_method(PLACE, &path, Some("org.freedesktop.DBus.Properties"), "Get", &asked)?;
    let told = told.body();
    Ok(Some(told.deserialize::<Value<'_>>()?.downcast_ref::<bool>()?))
}

#[cfg(not(target_os = "linux"))]
fn entry(name: &str) -> Result<keyring_core::Entry, Error> {
    keyring::Entry::new(SERVICE, name).map(|entry| entry.inner).map_err(translate)
}

#[cfg(not(target_os = "linux"))]
fn availability() -> Availability {
    match keyring::Entry::store_status() {
        Ok(()) => Availability::Ready,
        Err(error) => Availability::Absent { reason: error.to_string() },
    }
}
