//! Personal settings, and the answer to the window's first question.

use crate::project::{LAST, Project};
use crate::wire::*;
use crate::{Engine, Result, Work};

const LANGUAGE: &str = "language";
const THEME: &str = "theme";
const SINGLE_KEYS: &str = "single_keys";
pub(crate) const DEVICE_CLIENT_ID: &str = "github.device_client_id";

/// Everything the first frame needs, in one answer: no other call stands before the first paint.
///
/// # Errors
/// The store cannot be read.
pub async fn start(engine: &Engine, _params: (), work: &Work) -> Result<Start> {
    let last = engine.store.setting(LAST)?;
    let (project, project_error) = match &last {
        None => (None, None),
        Some(dir) => match Project::load_in_time(dir, work).await {
            Ok(project) => (Some(project.header()), None),
            Err(error) => (None, Some(error.to_wire())),
        },
    };
    let recent = engine.store.recent_projects()?.into_iter().map(|project| RecentProject {
        dir: project.dir,
        name: project.name,
        opened_at: project.opened_at.to_string(),
    });
    Ok(Start {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        platform: std::env::consts::OS.to_owned(),
        now: engine.now().to_string(),
        settings: settings(engine)?,
        project,
        project_error,
        recent: recent.collect(),
        keychain: crate::credential::keychain(engine).await,
    })
}

/// Changes personal settings; what is absent stays.
///
/// # Errors
/// The store cannot be written.
pub async fn change_settings(engine: &Engine, params: SettingsChange, _work: &Work) -> Result<Settings> {
    let store = &engine.store;
    if let Some(language) = params.language {
        let value = match language {
            LanguageChoice::En => Some("en"),
            LanguageChoice::Fr => Some("fr"),
            LanguageChoice::System => None,
        };
        store.set_setting(LANGUAGE, value)?;
    }
    if let Some(theme) = params.theme {
        let value = match theme {
            Theme::Light => Some("light"),
            Theme::Dark => Some("dark"),
            Theme::System => None,
        };
        store.set_setting(THEME, value)?;
    }
    if let Some(on) = params.single_keys {
        store.set_setting(SINGLE_KEYS, (!on).then_some("off"))?;
    }
    if let Some(id) = params.device_client_id {
        store.set_setting(DEVICE_CLIENT_ID, Some(id.trim()).filter(|id| !id.is_empty()))?;
    }
    settings(engine)
}

/// The language that the person chose; none follows the system.
pub(crate) fn language(engine: &Engine) -> Result<Option<Language>> {
    Ok(match engine.store.setting(LANGUAGE)?.as_deref() {
        Some("en") => Some(Language::En),
        Some("fr") => Some(Language::Fr),
        _ => None,
    })
}

fn settings(engine: &Engine) -> Result<Settings> {
    let get = |key| engine.store.setting(key);
    Ok(Settings {
        language: language(engine)?,
        theme: match get(THEME)?.as_deref() {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        },
        single_keys: get(SINGLE_KEYS)?.is_none(),
        device_client_id: get(DEVICE_CLIENT_ID)?,
    })
}
