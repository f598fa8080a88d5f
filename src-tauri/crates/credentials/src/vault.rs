//! The rules: keychain first, memory only where the caller allows it, and never both.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use crate::{Availability, Error, Keychain, Secret};

/// Whether a secret may stay in memory when there is no keychain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// Kept until the process ends: for the window, which says so before anything is typed.
    Memory,
    /// Refused: for a process that ends at once and would only pretend to remember.
    Refuse,
}

/// Where a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The platform's keychain.
    Keychain,
    /// This process's memory.
    Memory,
}

/// Secrets by name.
pub struct Vault {
    keychain: Box<dyn Keychain>,
    fallback: Fallback,
    memory: Mutex<BTreeMap<String, Secret>>,
}

impl Vault {
    /// A vault over a keychain.
    pub fn new(keychain: impl Keychain + 'static, fallback: Fallback) -> Self {
        Self { keychain: Box::new(keychain), fallback, memory: Mutex::default() }
    }

    /// How the keychain is; prompts nobody.
    pub fn availability(&self) -> Availability {
        self.keychain.availability()
    }

    /// The value of `name` and where it was found. Memory is looked at first: what is there was typed last.
    ///
    /// # Errors
    /// The keychain is locked or fails. An absent keychain simply has nothing.
    pub fn get(&self, name: &str) -> Result<Option<(Secret, Place)>, Error> {
        if let Some(secret) = self.memory().get(name) {
            return Ok(Some((secret.clone(), Place::Memory)));
        }
        // A command line has nobody to prompt: it says that the keychain is locked, and ends.
        if self.fallback == Fallback::Refuse
            && let Availability::Locked { reason } = self.availability()
        {
            return Err(Error::Locked { reason });
        }
        match self.keychain.read(name) {
            Ok(found) => Ok(found.map(|secret| (secret, Place::Keychain))),
            Err(Error::Absent { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether memory holds `name`; never asks the keychain.
    pub fn in_memory(&self, name: &str) -> bool {
        self.memory().contains_key(name)
    }

    /// Names that memory holds.
    pub fn names_in_memory(&self) -> Vec<String> {
        self.memory().keys().cloned().collect()
    }

    /// Stores or replaces, and says where.
    ///
    /// # Errors
    /// Name or value cannot be stored, or there is no keychain and memory is refused.
    pub fn set(&self, name: &str, value: Secret) -> Result<Place, Error> {
        validate_name(name)?;
        validate_value(&value)?;
        // Asked first: a write to a locked keychain would prompt, and the person was told it goes to memory.
        let outcome = match self.availability() {
            Availability::Ready => self.keychain.write(name, &value),
            Availability::Locked { reason } => Err(Error::Locked { reason }),
            Availability::Absent { reason } => Err(Error::Absent { reason }),
        };
        match outcome {
            Ok(()) => {
                self.memory().remove(name);
                Ok(Place::Keychain)
            }
            Err(Error::Locked { .. } | Error::Absent { .. }) if self.fallback == Fallback::Memory => {
                self.memory().insert(name.to_owned(), value);
                Ok(Place::Memory)
            }
            Err(error) => Err(error),
        }
    }

    /// Removes from memory and keychain; `false` where it was in neither.
    ///
    /// # Errors
    /// The keychain is locked or fails: what it holds is still there.
    pub fn remove(&self, name: &str) -> Result<bool, Error> {
        let in_memory = self.memory().remove(name).is_some();
        match self.keychain.delete(name) {
            Ok(in_keychain) => Ok(in_memory || in_keychain),
            Err(Error::Absent { .. }) => Ok(in_memory),
            Err(error) => Err(error),
        }
    }

    fn memory(&self) -> MutexGuard<'_, BTreeMap<String, Secret>> {
        // A poisoned map is still a map: no code panics while it is half changed.
        self.memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Checks a credential's name.
///
/// # Errors
/// [`Error::NameInvalid`] for anything but 1 to 120 letters, digits and `. _ - / @ :`.
pub fn validate_name(name: &str) -> Result<(), Error> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '@' | ':');
    if name.is_empty() || name.len() > 120 || !name.chars().all(allowed) {
        return Err(Error::NameInvalid { name: name.chars().take(120).collect() });
    }
    Ok(())
}

/// Checks a credential's value.
///
/// # Errors
/// [`Error::ValueInvalid`] for an empty value, one with a NUL byte, or one over 64 KiB.
pub fn validate_value(value: &Secret) -> Result<(), Error> {
    let reason = match value.expose() {
        "" => "it is empty",
        text if text.contains('\0') => "it contains a NUL byte",
        text if text.len() > 64 * 1024 => "it is longer than 64 KiB",
        _ => return Ok(()),
    };
    Err(Error::ValueInvalid { reason })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A keychain whose state the test sets.
    struct Scripted {
        availability: Mutex<Availability>,
        values: Mutex<BTreeMap<String, Secret>>,
    }

    impl Scripted {
        fn new(availability: Availability) -> Arc<Self> {
            Arc::new(Self { availability: Mutex::new(availability), values: Mutex::default() })
        }

        fn check(&self) -> Result<(), Error> {
            match self.availability.lock().unwrap().clone() {
                Availability::Ready => Ok(()),
                Availability::Locked { reason } => Err(Error::Locked { reason }),
                Availability::Absent { reason } => Err(Error::Absent { reason }),
            }
        }
    }

    impl Keychain for Arc<Scripted> {
        fn availability(&self) -> Availability {
            self.availability.lock().unwrap().clone()
        }
        fn read(&self, name: &str) -> Result<Option<Secret>, Error> {
            self.check()?;
            Ok(self.values.lock().unwrap().get(name).cloned())
        }
        fn write(&self, name: &str, value: &Secret) -> Result<(), Error> {
            self.check()?;
            self.values.lock().unwrap().insert(name.into(), value.clone());
            Ok(())
        }
        fn delete(&self, name: &str) -> Result<bool, Error> {
            self.check()?;
            Ok(self.values.lock().unwrap().remove(name).is_some())
        }
    }

    fn secret(value: &str) -> Secret {
        Secret::new(value.into())
    }

    fn locked() -> Availability {
        Availability::Locked { reason: "test".into() }
    }

    fn absent() -> Availability {
        Availability::Absent { reason: "test".into() }
    }

    #[test]
    fn a_ready_keychain_takes_everything() {
        let keychain = Scripted::new(Availability::Ready);
        let vault = Vault::new(keychain.clone(), Fallback::Memory);
        assert_eq!(vault.set("A", secret("1")).unwrap(), Place::Keychain);
        assert_eq!(vault.get("A").unwrap(), Some((secret("1"), Place::Keychain)));
        assert!(vault.names_in_memory().is_empty());
        assert!(vault.remove("A").unwrap());
        assert!(!vault.remove("A").unwrap());
        assert_eq!(vault.get("A").unwrap(), None);
    }

    #[test]
    fn without_a_keychain_the_window_remembers_and_the_command_line_refuses() {
        for state in [locked(), absent()] {
            let vault = Vault::new(Scripted::new(state.clone()), Fallback::Memory);
            assert_eq!(vault.set("A", secret("1")).unwrap(), Place::Memory);
            assert_eq!(vault.get("A").unwrap(), Some((secret("1"), Place::Memory)));

            let vault = Vault::new(Scripted::new(state), Fallback::Refuse);
            assert!(matches!(vault.set("A", secret("1")), Err(Error::Locked { .. } | Error::Absent { .. })));
            assert!(vault.names_in_memory().is_empty());
        }
    }

    #[test]
    fn unlocking_moves_a_replaced_value_out_of_memory() {
        let keychain = Scripted::new(locked());
        let vault = Vault::new(keychain.clone(), Fallback::Memory);
        vault.set("A", secret("old")).unwrap();
        *keychain.availability.lock().unwrap() = Availability::Ready;
        assert_eq!(vault.set("A", secret("new")).unwrap(), Place::Keychain);
        assert_eq!(vault.get("A").unwrap(), Some((secret("new"), Place::Keychain)));
    }

    #[test]
    fn a_locked_keychain_says_so_on_read_and_remove() {
        let vault = Vault::new(Scripted::new(locked()), Fallback::Memory);
        assert!(matches!(vault.get("A"), Err(Error::Locked { .. })));
        assert!(matches!(vault.remove("A"), Err(Error::Locked { .. })));
        let vault = Vault::new(Scripted::new(absent()), Fallback::Memory);
        assert_eq!(vault.get("A").unwrap(), None);
    }

    #[test]
    fn names_and_values_are_checked() {
        let vault = Vault::new(Scripted::new(Availability::Ready), Fallback::Memory);
        for name in ["", "a b", "é", "a\n", &"x".repeat(121)] {
            assert!(matches!(vault.set(name, secret("1")), Err(Error::NameInvalid { .. })), "{name:?}");
        }
        for value in ["", "a\0b", &"x".repeat(64 * 1024 + 1)] {
            assert!(matches!(vault.set("A", secret(value)), Err(Error::ValueInvalid { .. })));
        }
    }
}
