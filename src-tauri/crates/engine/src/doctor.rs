//! `doctor`: what is in order, what is missing, and what to do about it.

use crate::project::{LAST, Project};
use crate::wire::*;
use crate::{Engine, Error, Result, Work};

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
        keychain(engine).await,
        github(engine, work).await?,
        gh(engine, work).await?,
    ];
    if let Some(dir) = dir {
        checks.extend(project(dir));
    }
    if engine.around.fixed_clock {
        let now = engine.now().to_string();
        let message = format!("the clock stands at {now} (JALON_NOW)");
        checks.push(found(
            "clock",
            CheckState::Warn,
            "fixed",
            &[("now", now)],
            message,
            Some("unset JALON_NOW"),
        ));
    }
    Ok(Doctor { checks })
}

fn found(
    id: &str,
    state: CheckState,
    what: &str,
    params: &[(&str, String)],
    message: String,
    fix: Option<&str>,
) -> Check {
    Check {
        id: id.to_owned(),
        code: format!("{id}.{what}"),
        params: params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        state,
        message,
        fix: fix.map(str::to_owned),
    }
}

fn failed(id: &str, error: &Error) -> Check {
    let WireError { code, params, message, hints } = error.to_wire();
    Check { id: id.to_owned(), code, params, state: CheckState::Fail, message, fix: hints.into_iter().next() }
}

fn data_folder(engine: &Engine) -> Check {
    let probe = engine.store.path().with_extension("probe");
    let path = engine.around.home.display().to_string();
    match std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => {
            let message = format!("data is kept in {path}");
            found("data_folder", CheckState::Ok, "ok", &[("path", path)], message, None)
        }
        Err(error) => {
            let message = format!("{path} cannot be written: {error}");
            let params = [("path", path), ("reason", error.to_string())];
            let fix = "check the folder's owner and the free space, or move it with JALON_HOME";
            found("data_folder", CheckState::Fail, "failed", &params, message, Some(fix))
        }
    }
}

async fn keychain(engine: &Engine) -> Check {
    let keychain = crate::credential::keychain(engine).await;
    let reason = keychain.reason.unwrap_or_default();
    let name = keychain.name;
    match keychain.state {
        KeychainState::Ready => {
            let message = format!("{name} is unlocked");
            found("keychain", CheckState::Ok, "ready", &[("name", name)], message, None)
        }
        KeychainState::Locked => {
            let message = format!("{name} is locked: {reason}");
            let fix = "unlock it; until then the window keeps secrets in memory only";
            found(
                "keychain",
                CheckState::Warn,
                "locked",
                &[("name", name), ("reason", reason)],
                message,
                Some(fix),
            )
        }
        KeychainState::Absent => {
            let message = format!("no keychain: {reason}");
            let fix =
                "start one (GNOME Keyring, KWallet); until then the window keeps secrets in memory only";
            found("keychain", CheckState::Warn, "absent", &[("reason", reason)], message, Some(fix))
        }
    }
}

async fn github(engine: &Engine, work: &Work) -> Result<Check> {
    let status = crate::auth_status(engine, (), work).await?;
    let host = status.host;
    if !status.signed_in {
        let message = format!("nobody is signed in to {host}");
        let fix = Some("jalonctl auth login");
        return Ok(found("github", CheckState::Warn, "signed_out", &[("host", host)], message, fix));
    }
    let login = async {
        let (token, _) = engine.token().await?;
        Ok(engine.client(&token)?.login().await?)
    };
    match work.in_time(engine, login).await {
        Ok(login) => {
            let message = format!("signed in to {host} as {login}");
            Ok(found(
                "github",
                CheckState::Ok,
                "signed_in",
                &[("host", host), ("login", login)],
                message,
                None,
            ))
        }
        Err(Error::Cancelled) => Err(Error::Cancelled),
        Err(error) => Ok(failed("github", &error)),
    }
}

async fn gh(engine: &Engine, work: &Work) -> Result<Check> {
    let asking = async { Ok(github::token_of_gh(&engine.around.gh, &engine.endpoint.host()).await) };
    Ok(match work.in_time(engine, asking).await? {
        Ok(_) => {
            let message = "gh is signed in; its token can be used".to_owned();
            found("gh", CheckState::Ok, "ready", &[], message, None)
        }
        Err(error @ github::Error::GhMissing) => {
            found("gh", CheckState::Ok, "missing", &[], format!("{error}; it is not needed"), None)
        }
        Err(error) => {
            let message = format!("{error}; it is not needed");
            found("gh", CheckState::Ok, "signed_out", &[("reason", error.to_string())], message, None)
        }
    })
}

fn project(dir: &str) -> Vec<Check> {
    let project = match Project::load(dir) {
        Ok(project) => project,
        Err(error) => return vec![failed("project", &error)],
    };
    let name = project.config.name.clone();
    let message = format!("{name} in {dir}");
    let named =
        found("project", CheckState::Ok, "ok", &[("name", name), ("dir", dir.to_owned())], message, None);
    let repository = match project.config.github.clone() {
        Some(full) => {
            let message = format!("GitHub repository {full}");
            found("repository", CheckState::Ok, "ok", &[("repository", full)], message, None)
        }
        None => {
            let message = "jalon.toml names no GitHub repository".to_owned();
            let fix = "add github = \"owner/name\" to jalon.toml";
            found("repository", CheckState::Warn, "none", &[], message, Some(fix))
        }
    };
    vec![named, repository, plan(&project)]
}

fn plan(project: &Project) -> Check {
    let import = match crate::plan::load(project) {
        Ok(import) => import,
        Err(error) => return failed("plan", &error),
    };
    let (stages, odd) = (import.plan.stages.len().to_string(), import.diagnostics.len().to_string());
    let lists = "jalonctl plan show lists them with line and column";
    if import.plan.stages.is_empty() {
        let message = "the plan has no stages".to_owned();
        return found("plan", CheckState::Fail, "no_stages", &[], message, Some(lists));
    }
    if import.diagnostics.is_empty() {
        let message = format!("{stages} stages");
        return found("plan", CheckState::Ok, "ok", &[("stages", stages)], message, None);
    }
    let message = format!("{stages} stages, {odd} odd places");
    found("plan", CheckState::Warn, "odd", &[("stages", stages), ("odd", odd)], message, Some(lists))
}
