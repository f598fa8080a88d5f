//! Sign-in to GitHub: by pasted token, by gh, by code. A token is asked whose it is before it is kept.

use std::sync::Arc;
use std::sync::PoisonError;

use credentials::{Place, Secret};
use github::{Client, Limits, start_device_flow, token_of_gh};

use crate::settings::DEVICE_CLIENT_ID;
use crate::wire::*;
use crate::{Engine, Error, Result, Work};

/// Name of GitHub's token among the credentials.
pub(crate) const GITHUB_TOKEN: &str = "GITHUB_TOKEN";

/// Who is signed in. Asks nobody: neither GitHub nor, by a prompt, the person.
///
/// # Errors
/// The store cannot be read.
pub async fn auth_status(engine: &Engine, _params: (), work: &Work) -> Result<AuthStatus> {
    let listed = crate::credentials_list(engine, (), work).await?;
    let found = |place| {
        listed.credentials.iter().find(move |known| known.name == GITHUB_TOKEN && known.place == place)
    };
    // The same order in which `Engine::token` looks.
    let token = [CredentialPlace::Environment, CredentialPlace::Memory, CredentialPlace::Keychain]
        .into_iter()
        .find_map(found);
    // The login was asked for the token that was kept; whose the environment's is, nobody asked.
    let kept = token.filter(|token| token.place != CredentialPlace::Environment);
    Ok(AuthStatus {
        signed_in: token.is_some(),
        login: engine.store.setting(&login_key(engine))?.filter(|_| kept.is_some()),
        host: engine.endpoint.host(),
        place: token.or(found(CredentialPlace::Unreadable)).map(|token| token.place),
        set_at: token.and_then(|token| token.set_at.clone()),
        device_ready: engine.store.setting(DEVICE_CLIENT_ID)?.is_some(),
    })
}

/// Signs in with a pasted token.
///
/// # Errors
/// GitHub refuses the token or cannot be asked: then nothing was kept.
pub async fn auth_token(engine: &Engine, params: PastedToken, work: &Work) -> Result<AuthStatus> {
    credentials::validate_value(&params.token)?;
    let token = Secret::new(params.token.expose().trim().to_owned());
    work.in_time(engine, sign_in(engine, token, work)).await
}

/// Signs in with the token of GitHub's command line.
///
/// # Errors
/// gh is missing or not signed in, or GitHub refuses its token.
pub async fn auth_gh(engine: &Engine, _params: (), work: &Work) -> Result<AuthStatus> {
    let signing_in = async {
        let token = token_of_gh(&engine.around.gh, &engine.endpoint.host()).await?;
        sign_in(engine, token, work).await
    };
    work.in_time(engine, signing_in).await
}

/// Asks GitHub for a code to enter.
///
/// # Errors
/// No client id is set, or GitHub cannot be asked.
pub async fn auth_device_start(engine: &Engine, _params: (), work: &Work) -> Result<DeviceCode> {
    let client_id = engine.store.setting(DEVICE_CLIENT_ID)?.ok_or(Error::DeviceUnconfigured)?;
    let clock = engine.around.clock.clone();
    let asking = async { Ok(start_device_flow(engine.endpoint.clone(), &client_id, clock).await?) };
    let grant = work.in_time(engine, asking).await?;
    let code = DeviceCode {
        user_code: grant.user_code.clone(),
        verification_uri: grant.verification_uri.clone(),
        expires_at: grant.expires_at.to_string(),
    };
    *engine.grant.lock().unwrap_or_else(PoisonError::into_inner) = Some(grant);
    Ok(code)
}

/// Waits until the code is entered, then signs in.
///
/// # Errors
/// Declined, expired, cancelled, or no code was asked for.
pub async fn auth_device_finish(engine: &Engine, _params: (), work: &Work) -> Result<AuthStatus> {
    let grant = engine.grant.lock().unwrap_or_else(PoisonError::into_inner).take();
    let grant = grant.ok_or(Error::DeviceNotStarted)?;
    work.report(Step::WaitingForCode, 0, None);
    let token = grant.wait(&work.cancel).await?;
    work.in_time(engine, sign_in(engine, token, work)).await
}

/// Removes the token from keychain and memory.
///
/// # Errors
/// The keychain is locked: the token is still there.
pub async fn auth_logout(engine: &Engine, _params: (), work: &Work) -> Result<AuthStatus> {
    work.in_time(engine, engine.forget(engine.stored_name(GITHUB_TOKEN))).await?;
    forget_login(engine)?;
    *engine.client.lock().unwrap_or_else(PoisonError::into_inner) = None;
    auth_status(engine, (), work).await
}

async fn sign_in(engine: &Engine, token: Secret, work: &Work) -> Result<AuthStatus> {
    let client = Client::new(
        engine.endpoint.clone(),
        Some(&token),
        engine.around.clock.clone(),
        // Limits belong to a token: another one's are not this one's.
        Arc::new(Limits::default()),
    )?;
    let login = client.login().await?;
    engine.keep(engine.stored_name(GITHUB_TOKEN), token).await?;
    engine.store.set_setting(&login_key(engine), Some(&login))?;
    engine.limits.clear();
    engine.store.set_setting(&engine.limit_key(), None)?;
    engine.woken.notify_one();
    auth_status(engine, (), work).await
}

pub(crate) fn forget_login(engine: &Engine) -> Result<()> {
    Ok(engine.store.set_setting(&login_key(engine), None)?)
}

fn login_key(engine: &Engine) -> String {
    format!("github.login@{}", engine.endpoint.origin())
}

impl Engine {
    /// Login of who is signed in, as GitHub told it.
    pub(crate) fn login(&self) -> Result<Option<String>> {
        Ok(self.store.setting(&login_key(self))?)
    }

    /// A secret's value: the environment's, else the vault's; none where nobody has one.
    pub(crate) async fn secret(&self, name: &str) -> Result<Option<Secret>> {
        if let Some((_, value)) = self.around.secrets().find(|(known, _)| *known == name) {
            return Ok(Some(Secret::new(value.to_owned())));
        }
        let name = self.stored_name(name);
        Ok(self.with_vault(move |vault| vault.get(&name)).await??.map(|(value, _)| value))
    }

    /// The token at hand: the environment's, else the vault's.
    pub(crate) async fn token(&self) -> Result<(Secret, CredentialPlace)> {
        if let Some((_, value)) = self.around.secrets().find(|(name, _)| *name == GITHUB_TOKEN) {
            return Ok((Secret::new(value.to_owned()), CredentialPlace::Environment));
        }
        let name = self.stored_name(GITHUB_TOKEN);
        match self.with_vault(move |vault| vault.get(&name)).await?? {
            Some((token, Place::Keychain)) => Ok((token, CredentialPlace::Keychain)),
            Some((token, Place::Memory)) => Ok((token, CredentialPlace::Memory)),
            None => Err(Error::NotSignedIn { host: self.endpoint.host() }),
        }
    }
}
