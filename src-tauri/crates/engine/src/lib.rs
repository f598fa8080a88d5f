//! The engine: use cases that wire the rooms together. The window and `jalonctl` call the same ones, through
//! [`contract::dispatch`] or directly; nothing below knows which of them asked.

mod auth;
pub mod background;
mod carry_out;
pub mod contract;
mod credential;
mod deploy;
mod doctor;
mod error;
mod make_sample;
mod measure;
mod monitor;
mod plan;
mod project;
mod provision;
mod reenter;
mod report;
mod runs;
mod settings;
mod shared;
mod status;
mod surroundings;
mod sync;
pub mod wire;
mod work;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use credentials::{Availability, Secret, Vault};
use github::{Client, Endpoint, Limits};
use jiff::Timestamp;
use store::Store;

pub use self::runs::{run_cancel, run_log, run_show, run_watch, runs_list};
pub use auth::{auth_device_finish, auth_device_start, auth_gh, auth_logout, auth_status, auth_token};
pub use credential::{credentials_list, credentials_remove, credentials_set, expect_place, keychain_retry};
pub use credentials::Fallback;
pub use deploy::{
    cluster, cluster_watch, deploy, deployments, diff, pod_log, promote, rollback, service_log, stop, trust,
};
pub use doctor::{diagnose, doctor};
pub use error::{AlarmRefusal, Error, ProvisionError, Refusal};

pub use make_sample::create_sample;
pub use measure::{kpi_plot, kpis, kpis_of_events, plot_file, plot_of};
pub use monitor::{
    AlarmChange, Notice, Watcher, alarm_acknowledge, alarm_act, alarm_silence, alarms, monitor_query,
    monitoring, watch,
};
pub use plan::{plan_of_file, plan_of_project};
pub use project::{
    close_project, create_project, forget_project, inspect_project, open_project, resolve_project,
    set_repository,
};
pub use provision::{
    provision_apply, provision_discard, provision_plan, provision_show, provision_unlock, provisioning,
};
pub use reenter::reenter;
pub use report::{export_report, export_slides, reports, write_new};
pub use settings::{change_settings, start};
pub use shared::{Told, tell_github};
pub use status::{link_stage, milestones, overview, status};
pub use surroundings::Surroundings;
pub use sync::sync;
pub use work::{Reporter, Work};

/// Result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// A call that a person waits for ends within this time.
pub const FOREGROUND: Duration = Duration::from_secs(30);

/// A keychain that does not say within this time how it is counts as absent.
const KEYCHAIN_ANSWERS: Duration = Duration::from_secs(3);

/// The engine of one process.
pub struct Engine {
    around: Surroundings,
    store: Arc<Store>,
    vault: Arc<Vault>,
    endpoint: Endpoint,
    limits: Arc<Limits>,
    client: Mutex<Option<(Secret, Client)>>,
    grant: Mutex<Option<github::DeviceGrant>>,
    syncing: tokio::sync::Mutex<()>,
    woken: tokio::sync::Notify,
    watched: tokio::sync::Mutex<deploy::Watched>,
    shown_checks: tokio::sync::Mutex<Option<deploy::Shown>>,
    http: monitoring::http::Http,
    samples: OnceLock<monitoring::samples::SampleStore>,
}

impl Engine {
    /// Opens the data folder, making it where it is missing.
    ///
    /// # Errors
    /// The data folder or its database cannot be used, or `JALON_GITHUB_API` is no address.
    pub fn open(around: Surroundings) -> Result<Self> {
        make_private_folder(&around.home).map_err(|error| Error::DataFolder {
            path: around.home.display().to_string(),
            reason: error.to_string(),
        })?;
        let store = Arc::new(Store::open(&around.home)?);
        let address = around.variable("JALON_GITHUB_API").unwrap_or(Endpoint::GITHUB);
        let endpoint = Endpoint::parse(address)?;
        let limits = Arc::new(Limits::default());
        let engine = Self {
            vault: Arc::new(around.vault()),
            around,
            store,
            endpoint,
            limits,
            client: Mutex::default(),
            grant: Mutex::default(),
            syncing: tokio::sync::Mutex::default(),
            woken: tokio::sync::Notify::new(),
            watched: tokio::sync::Mutex::default(),
            shown_checks: tokio::sync::Mutex::default(),
            http: monitoring::http::Http::default(),
            samples: OnceLock::new(),
        };
        // An earlier process may have been asked to wait; this one waits too.
        if let Some(until) = engine.store.setting(&engine.limit_key())?.and_then(|text| text.parse().ok()) {
            engine.limits.restore(until);
        }
        Ok(engine)
    }

    /// The time, from the injected clock.
    pub fn now(&self) -> Timestamp {
        (self.around.clock)()
    }

    /// Base address of GitHub's API.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn limit_key(&self) -> String {
        format!("github.limited_until@{}", self.endpoint.origin())
    }

    /// Runs something on the vault off the async threads: the desktop may ask the person to unlock the keychain.
    async fn with_vault<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Vault) -> T + Send + 'static,
    ) -> Result<T> {
        let vault = Arc::clone(&self.vault);
        let task = tokio::task::spawn_blocking(move || work(&vault));
        match tokio::time::timeout(FOREGROUND, task).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(_)) => {
                Err(Error::Credentials(credentials::Error::Failed { reason: "it broke off".into() }))
            }
            Err(_) => Err(Error::Credentials(credentials::Error::Locked {
                reason: format!("nobody unlocked it within {} s", FOREGROUND.as_secs()),
            })),
        }
    }

    /// How the keychain is; prompts nobody, and never waits long: plan and milestones must show without it.
    async fn availability(&self) -> Availability {
        let vault = Arc::clone(&self.vault);
        let task = tokio::task::spawn_blocking(move || vault.availability());
        match tokio::time::timeout(KEYCHAIN_ANSWERS, task).await {
            Ok(Ok(availability)) => availability,
            Ok(Err(_)) => Availability::Absent { reason: "asking it broke off".into() },
            Err(_) => {
                let seconds = KEYCHAIN_ANSWERS.as_secs();
                Availability::Absent { reason: format!("it did not answer within {seconds} s") }
            }
        }
    }

    /// A client for the token at hand; kept until the token changes, because building one reads all certificates.
    fn client(&self, token: &Secret) -> Result<Client> {
        let mut slot = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, client)) = slot.as_ref()
            && known == token
        {
            return Ok(client.clone());
        }
        let clock = self.around.clock.clone();
        let client = Client::new(self.endpoint.clone(), Some(token), clock, Arc::clone(&self.limits))?;
        *slot = Some((token.clone(), client.clone()));
        Ok(client)
    }
}

/// Makes a folder that only its owner may enter.
fn make_private_folder(path: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
