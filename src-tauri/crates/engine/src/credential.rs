//! Credentials: names and ages out, values in.

use credentials::{Availability, Place};

use crate::auth::{GITHUB_TOKEN, forget_login};
use crate::wire::*;
use crate::{Engine, Error, Result, Work};

/// Names and ages of credentials, and where a new one would go. Prompts nobody.
///
/// # Errors
/// The store cannot be read.
pub async fn credentials_list(engine: &Engine, _params: (), _work: &Work) -> Result<Credentials> {
    let keychain = keychain(engine).await;
    let mut credentials: Vec<Credential> = engine
        .around
        .secrets()
        .map(|(name, _)| Credential {
            name: name.to_owned(),
            set_at: None,
            place: CredentialPlace::Environment,
        })
        .collect();
    let in_keychain = match keychain.state {
        KeychainState::Ready => CredentialPlace::Keychain,
        _ => CredentialPlace::Unreadable,
    };
    for stored in engine.store.credentials()? {
        let place = if engine.vault.in_memory(&stored.name) { CredentialPlace::Memory } else { in_keychain };
        let name = engine.shown_name(&stored.name);
        credentials.push(Credential { name, set_at: Some(stored.set_at.to_string()), place });
    }
    for name in engine.vault.names_in_memory() {
        let name = engine.shown_name(&name);
        if !credentials.iter().any(|known| known.name == name && known.place == CredentialPlace::Memory) {
            credentials.push(Credential { name, set_at: None, place: CredentialPlace::Memory });
        }
    }
    credentials.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Credentials { credentials, keychain })
}

/// Stores or replaces a credential.
///
/// # Errors
/// Name or value cannot be stored, or (for a process that would forget it) there is no keychain.
pub async fn credentials_set(engine: &Engine, params: NewCredential, work: &Work) -> Result<Credentials> {
    credentials::validate_name(&params.name)?;
    let name = engine.stored_name(&params.name);
    work.in_time(engine, engine.keep(name, params.value)).await?;
    if params.name == GITHUB_TOKEN {
        // Whose it is gets asked at the next sign-in, not here: this call works offline.
        forget_login(engine)?;
    }
    credentials_list(engine, (), work).await
}

/// Removes a credential from keychain and memory.
///
/// # Errors
/// There is none of this name, or the keychain is locked.
pub async fn credentials_remove(engine: &Engine, params: CredentialName, work: &Work) -> Result<Credentials> {
    let removed = work.in_time(engine, engine.forget(engine.stored_name(&params.name))).await?;
    if params.name == GITHUB_TOKEN {
        forget_login(engine)?;
    }
    if !removed {
        return Err(Error::CredentialNotFound { name: params.name });
    }
    credentials_list(engine, (), work).await
}

/// Refuses early, in a process that would forget it, a secret that could only go to memory.
///
/// # Errors
/// There is no keychain, or it is locked.
pub async fn expect_place(engine: &Engine) -> Result<()> {
    if engine.around.fallback == credentials::Fallback::Memory {
        return Ok(());
    }
    Err(Error::Credentials(match engine.availability().await {
        Availability::Ready => return Ok(()),
        Availability::Locked { reason } => credentials::Error::Locked { reason },
        Availability::Absent { reason } => credentials::Error::Absent { reason },
    }))
}

/// Looks for the keychain again.
///
/// # Errors
/// It does not answer.
pub async fn keychain_retry(engine: &Engine, _params: (), _work: &Work) -> Result<Keychain> {
    Ok(keychain(engine).await)
}

pub(crate) async fn keychain(engine: &Engine) -> Keychain {
    let (state, reason) = match engine.availability().await {
        Availability::Ready => (KeychainState::Ready, None),
        Availability::Locked { reason } => (KeychainState::Locked, Some(reason)),
        Availability::Absent { reason } => (KeychainState::Absent, Some(reason)),
    };
    Keychain { state, name: credentials::PLATFORM_NAME.to_owned(), reason }
}

impl Engine {
    /// The name a credential has in the keychain. The token of another GitHub is another credential, so that no
    /// change of address can send one host's token to another.
    pub(crate) fn stored_name(&self, name: &str) -> String {
        if name == GITHUB_TOKEN && self.endpoint.host() != "github.com" {
            return format!("{name}@{}", self.endpoint.host());
        }
        name.to_owned()
    }

    fn shown_name(&self, stored: &str) -> String {
        if stored == self.stored_name(GITHUB_TOKEN) { GITHUB_TOKEN.to_owned() } else { stored.to_owned() }
    }

    /// Removes a value and its name; `false` where there was neither. A name is only forgotten once its value is gone:
    /// a value that nobody can list would stay for ever.
    pub(crate) async fn forget(&self, name: String) -> Result<bool> {
        let known = self.store.credentials()?.iter().any(|stored| stored.name == name);
        if known && let Availability::Absent { reason } = self.availability().await {
            return Err(Error::Credentials(credentials::Error::Absent { reason }));
        }
        let removing = name.clone();
        let removed = self.with_vault(move |vault| vault.remove(&removing)).await??;
        self.store.forget_credential(&name)?;
        Ok(removed || known)
    }

    /// Puts a value into the vault, and its name into the store where it will outlive this process.
    pub(crate) async fn keep(&self, name: String, value: credentials::Secret) -> Result<Place> {
        let keeping = name.clone();
        let place = self.with_vault(move |vault| vault.set(&keeping, value)).await??;
        match place {
            Place::Keychain => {
                let set_at = self.now();
                self.store.remember_credential(&store::credential::Credential { name, set_at })?;
            }
            Place::Memory => {}
        }
        Ok(place)
    }
}
