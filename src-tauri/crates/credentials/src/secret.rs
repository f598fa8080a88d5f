//! A value that never shows itself.

use std::fmt;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// A secret value. It can be read from the wire, but not written to it: there is no `Serialize`, `Debug` is redacted,
/// and the memory is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of a value.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value, for the one request or child that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(masked)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let secret = Secret::new("ghp_canary".into());
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret(masked) Some(Secret(masked))");
    }

    #[test]
    fn reads_from_json() {
        let secret: Secret = serde_json::from_str("\"v\"").unwrap();
        assert_eq!(secret.expose(), "v");
    }
}
