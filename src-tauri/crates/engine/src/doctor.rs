//! `doctor`: what is in order, what is missing, and what to do about it.

use crate::project::{LAST, Project};
use crate::wire::*;
use crate::{Engine, Result, Work};

/// Looks at everything Jalon needs; asks GitHub whether the token works.
///
/// # Errors
/// The store cannot be read.
pub async fn doctor(engine: &Engine, _params: (), work: &Work) -> Result<Doctor> {
    let dir = engine.store.setting(LAST)?;
    diagnose(engine, dir.as_deref(), work).await
}

/// [`doctor`] for a named project.
///
/// # Errors
/// The store cannot be read.
pub async fn diagnose(engine: &Engine, dir: Option<&str>, work: &Work) -> Result<Doctor> {
    let mut checks = vec![
        data_folder(engine),
        keychain(engine).await?,
        github(engine, work).await?,
        gh(engine).await,
    ];
    if let Some(dir) = dir {
        checks.extend(project(dir));
    }
    if engine.around.fixed_clock {
        let message = format!("the clock stands at {} (JALON_NOW)", engine.now());
        checks.push(check("clock", CheckState::Warn, message, Some("unset JALON_NOW")));
    }
    Ok(Doctor { checks })
}

fn check(id: &str, state: CheckState, message: String, fix: Option<&str>) -> Check {
    Check {
        id: id.to_owned(),
        state,
        message,
        fix: fix.map(str::to_owned),
    }
}

fn failed(id: &str, state: CheckState, error: &crate::Error) -> Check {
    check(id, state, error.to_string(), error.hints().first().copied())
}

fn data_folder(engine: &Engine) -> Check {
    let path = engine.store.path();
    let probe = path.with_extension("probe");
    let written = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) => check(
            "data_folder",
            CheckState::Ok,
            format!("data is kept in {}", engine.around.home.display()),
            None,
        ),
        Err(error) => check(
            "data_folder",
            CheckState::Fail,
            format!("{} cannot be written: {error}", engine.around.home.display()),
            Some("check the folder's owner and the free space, or move it with JALON_HOME"),
        ),
    }
}

async fn keychain(engine: &Engine) -> Result<Check> {
    let keychain = crate::credential::keychain(engine).await?;
    let reason = keychain.reason.unwrap_or_default();
    Ok(match keychain.state {
        KeychainState::Ready => check(
            "keychain",
            CheckState::Ok,
            format!("{} is unlocked", keychain.name),
            None,
        ),
        KeychainState::Locked => check(
            "keychain",
            CheckState::Warn,
            format!("{} is locked: {reason}", keychain.name),
            Some("unlock it; until then the window keeps secrets in memory only"),
        ),
        KeychainState::Absent => check(
            "keychain",
            CheckState::Warn,
            format!("no keychain: {reason}"),
            Some("start one (GNOME Keyring, KWallet); until then the window keeps secrets in memory only"),
        ),
    })
}

async fn github(engine: &Engine, work: &Work) -> Result<Check> {
    let status = crate::auth_status(engine, (), work).await?;
    if !status.signed_in {
        let message = format!("nobody is signed in to {}", status.host);
        return Ok(check(
            "github",
            CheckState::Warn,
            message,
            Some("jalonctl auth login"),
        ));
    }
    let login = async {
        let (token, _) = engine.token().await?;
        Ok::<_, crate::Error>(engine.client(&token)?.login().await?)
    };
    Ok(match login.await {
        Ok(login) => check(
            "github",
            CheckState::Ok,
            format!("signed in to {} as {login}", status.host),
            None,
        ),
        Err(error) => failed("github", CheckState::Fail, &error),
    })
}

async fn gh(engine: &Engine) -> Check {
    match github::token_of_gh(&engine.around.gh, &engine.endpoint.host()).await {
        Err(error @ github::Error::GhMissing) => {
            check("gh", CheckState::Ok, format!("{error}; it is not needed"), None)
        }
        Err(error) => check("gh", CheckState::Ok, format!("{error}; it is not needed"), None),
        Ok(_) => check(
            "gh",
            CheckState::Ok,
            "gh is signed in; its token can be used".into(),
            None,
        ),
    }
}

fn project(dir: &str) -> Vec<Check> {
    let project = match Project::load(dir) {
        Ok(project) => project,
        Err(error) => return vec![failed("project", CheckState::Fail, &error)],
    };
    let named = check(
        "project",
        CheckState::Ok,
        format!("{} in {dir}", project.config.name),
        None,
    );
    let repository = match &project.config.github {
        Some(full) => check(
            "repository",
            CheckState::Ok,
            format!("GitHub repository {full}"),
            None,
        ),
        None => check(
            "repository",
            CheckState::Warn,
            "jalon.toml names no GitHub repository".into(),
            Some("add github = \"owner/name\" to jalon.toml"),
        ),
    };
    let plan = match crate::plan::load(&project) {
        Err(error) => failed("plan", CheckState::Fail, &error),
        Ok(import) if import.plan.stages.is_empty() => check(
            "plan",
            CheckState::Fail,
            "the plan has no stages".into(),
            Some("jalonctl plan show lists what the import found odd"),
        ),
        Ok(import) => {
            let (stages, odd) = (import.plan.stages.len(), import.diagnostics.len());
            let fix = (odd > 0).then_some("jalonctl plan show lists them with line and column");
            let state = if odd > 0 { CheckState::Warn } else { CheckState::Ok };
            check("plan", state, format!("{stages} stages, {odd} odd places"), fix)
        }
    };
    vec![named, repository, plan]
}
