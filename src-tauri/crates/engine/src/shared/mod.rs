//! The team's shared history: runs become deployments on GitHub, through an outbox, and teammates' deployments are read.

mod outbox;
mod teammates;

use credentials::Secret;
use jiff::{SignedDuration, Timestamp};
use runs::Share;

use crate::project::Project;
use crate::wire::{RunReason, SharedRun, SharedState};
use crate::{Engine, Error, Result};

pub use outbox::{Told, tell_github};
pub(crate) use teammates::of_github;

/// Setting that names this data folder among all.
const INSTALLATION: &str = "installation";
/// Somebody who may not write deployments is told once, and not asked again for so long.
const REFUSED: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    /// Where a run is told of: the project's repository, where there is one and somebody is signed in who may write.
    pub(crate) fn share_of(
        &self,
        project: &Project,
        token: Option<&Secret>,
        dirty: bool,
        address: Option<String>,
    ) -> Result<Option<Share>> {
        let (Ok(repository), Some(token)) = (self.repository(project), token) else { return Ok(None) };
        let client = self.client(token)?;
        if let Some(text) = self.store.setting(&refused_key(&repository.api, &repository.full_name))?
            && let Some((owner, at)) = text.split_once(' ')
            && owner == client.owner()
            && at.parse::<Timestamp>().is_ok_and(|at| self.now().duration_since(at) < REFUSED)
        {
            return Ok(None);
        }
        let given_up = dirty.then(|| {
            reason("share.dirty", "GitHub is not told: the release has changed files that no commit holds")
        });
        Ok(Some(Share {
            api: repository.api,
            repository: repository.full_name,
            installation: self.installation()?,
            address,
            given_up,
        }))
    }

    /// Names this data folder among all; made up once.
    fn installation(&self) -> Result<String> {
        if let Some(name) = self.store.setting(INSTALLATION)? {
            return Ok(name);
        }
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(|error| Error::DataFolder {
            path: self.around.home.display().to_string(),
            reason: format!("this system gives no random numbers: {error}"),
        })?;
        let name: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.store.set_setting(INSTALLATION, Some(&name))?;
        Ok(name)
    }

    /// How a run and GitHub stand, on the wire.
    pub(crate) fn shared_on_wire(&self, run: i64) -> Result<Option<SharedRun>> {
        let Some(shared) = self.store.shared_run(run)? else { return Ok(None) };
        let state = match (&shared.given_up, shared.waiting) {
            (Some(_), _) => SharedState::GivenUp,
            (None, 0) => SharedState::Told,
            (None, _) => SharedState::Waiting,
        };
        Ok(Some(SharedRun {
            state,
            repository: shared.repository,
            deployment: shared.deployment.map(|id| id.to_string()),
            reason: shared.given_up.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        }))
    }
}

fn refused_key(api: &str, repository: &str) -> String {
    format!("github.deployments_refused@{api}/{}", repository.to_lowercase())
}

/// A reason as it is stored.
fn reason(code: &str, message: &str) -> String {
    let reason = RunReason { code: code.to_owned(), params: Default::default(), message: message.to_owned() };
    serde_json::to_string(&reason).unwrap_or_default()
}
