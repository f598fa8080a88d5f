//! Provisioning: stacks, readable plans, and what can be asked of them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ProjectHeader, RunReason, RunRow, TrustRequest};

/// The provisioning screen: every stack in every environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Provisioning {
    /// The project.
    pub project: ProjectHeader,
    /// What has to be trusted before anything of this repository runs; none once it is.
    pub trust: Option<TrustRequest>,
    /// Stacks in jalon.toml's order; empty where it names none.
    pub stacks: Vec<StackView>,
    /// Provisioning runs, newest first, at most 50.
    pub history: Vec<RunRow>,
}

/// A stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StackView {
    /// Name.
    pub name: String,
    /// `terraform`, `tofu`, `ansible` or `vagrant`.
    pub tool: String,
    /// The program that was found and its version, such as `terraform 1.11.4`; none where there is none that can be used.
    pub program: Option<String>,
    /// Why no program can be used.
    pub program_problem: Option<RunReason>,
    /// The stack in each environment, in jalon.toml's order.
    pub environments: Vec<StackEnvironment>,
}

/// A stack in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StackEnvironment {
    /// Environment.
    pub environment: String,
    /// Whether it is production.
    pub production: bool,
    /// Whether changes want its name typed.
    pub confirm_name: bool,
    /// Folder of the configuration, relative, with `/`.
    pub dir: String,
    /// Workspace that owns its state, where that is HCP Terraform's: nothing is planned here then.
    pub hcp: Option<HcpWorkspace>,
    /// Why nothing can be planned here, such as a folder that is not there.
    pub problem: Option<RunReason>,
    /// Run whose plan waits for confirmation.
    pub waiting: Option<String>,
    /// Run that is under way.
    pub running: Option<String>,
    /// Last run.
    pub last: Option<RunRow>,
    /// When something was last applied.
    pub applied: Option<String>,
    /// What the last look at drift found; none where nobody looked.
    pub drift: Option<DriftView>,
    /// Outputs of the last apply.
    pub outputs: Vec<OutputValue>,
}

/// A workspace of HCP Terraform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HcpWorkspace {
    /// Organization, where it is known.
    pub organization: Option<String>,
    /// Workspace, by name or by tags.
    pub workspace: String,
    /// Where that stands: `jalon.toml`, `cloud block` or a workflow's path.
    pub found_in: String,
}

/// What a look at drift found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DriftView {
    /// Run that looked.
    pub run: String,
    /// When.
    pub at: String,
    /// Resources that are not as the state says.
    pub resources: u32,
    /// Outputs that would change.
    pub outputs: u32,
}

/// An output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OutputValue {
    /// Name.
    pub name: String,
    /// Value; masked where it is sensitive.
    pub value: ValueView,
}

/// A value as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ValueView {
    /// A value: text as it is, anything else as JSON.
    Value {
        /// The text.
        text: String,
    },
    /// There is none.
    Absent,
    /// Sensitive: never shown.
    Masked,
    /// Known once it is applied.
    Unknown,
}

/// Asks for a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProvisionRequest {
    /// Folder of the project.
    pub dir: String,
    /// Stack.
    pub stack: String,
    /// Environment.
    pub environment: String,
    /// What is planned: `apply` (default), `destroy`, or `drift`, which only looks.
    #[ts(optional)]
    pub mode: Option<String>,
}

/// Applies a plan that was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProvisionApply {
    /// Folder of the project.
    pub dir: String,
    /// Run whose plan waits.
    pub run: String,
    /// The environment's name, typed.
    #[ts(optional)]
    pub confirm: Option<String>,
}

/// Takes a lock off that somebody left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProvisionUnlock {
    /// Folder of the project.
    pub dir: String,
    /// Stack.
    pub stack: String,
    /// Environment.
    pub environment: String,
    /// Id of the lock, as it was told.
    pub lock: String,
    /// The environment's name, typed.
    #[ts(optional)]
    pub confirm: Option<String>,
}

/// A plan as a person reads it: of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProvisionPlan {
    /// The run that planned, and applies it once it is confirmed.
    pub run: RunRow,
    /// `apply`, `destroy` or `drift`.
    pub mode: String,
    /// Program and version, such as `terraform 1.11.4`.
    pub program: String,
    /// When it was planned.
    pub planned: Option<String>,
    /// Serial number of the state it was made from; none where there was no state.
    pub serial: Option<u64>,
    /// Commit of the configuration, and whether files were changed beside it.
    pub commit: Option<String>,
    /// Whether files were changed and not committed.
    pub dirty: bool,
    /// SHA-256 of the saved plan; none once it is deleted.
    pub digest: Option<String>,
    /// How many resources are created, updated, replaced, destroyed, and left as they are.
    pub counts: PlanCounts,
    /// Changes, the most dangerous first: destroy, replace, update, create, others.
    pub changes: Vec<PlanChange>,
    /// What is not as the state says.
    pub drift: Vec<PlanChange>,
    /// Changes of outputs.
    pub outputs: Vec<AttributeChange>,
    /// Outputs of the state, where they were read: after it was applied, or where nothing was to be done.
    pub results: Vec<OutputValue>,
    /// Warnings and errors of the tool.
    pub diagnostics: Vec<ToolDiagnostic>,
    /// Whether it can be applied now.
    pub applicable: bool,
    /// Why it cannot: stale, discarded, applied.
    pub problem: Option<RunReason>,
}

/// How many resources a plan touches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanCounts {
    /// Created.
    pub create: u32,
    /// Updated in place.
    pub update: u32,
    /// Replaced.
    pub replace: u32,
    /// Destroyed.
    pub destroy: u32,
    /// Left as they are.
    pub unchanged: u32,
}

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PlanAction {
    /// Destroyed.
    Destroy,
    /// Destroyed and created anew.
    Replace,
    /// Updated in place.
    Update,
    /// Created.
    Create,
    /// Read while applying.
    Read,
    /// Forgotten by the state, left in the world.
    Forget,
    /// Only its address changes.
    Move,
    /// Taken into the state.
    Import,
}

/// One change of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlanChange {
    /// Address of the resource.
    pub address: String,
    /// Address before it moved.
    pub previous_address: Option<String>,
    /// Type of the resource.
    pub resource: String,
    /// What happens.
    pub action: PlanAction,
    /// Whether a replacement is created before the old one is destroyed.
    pub create_first: bool,
    /// The tool's own name of the cause, such as `replace_because_tainted`; none where it gives none.
    pub reason: Option<String>,
    /// Attributes that change, by path.
    pub attributes: Vec<AttributeChange>,
}

/// One attribute of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AttributeChange {
    /// Path, such as `scaling_config.0.desired_size`.
    pub path: String,
    /// Before.
    pub before: ValueView,
    /// After.
    pub after: ValueView,
    /// Whether it is why the resource is replaced.
    pub forces_replacement: bool,
}

/// What the tool warns of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ToolDiagnostic {
    /// `warning` or `error`.
    pub severity: String,
    /// In a line.
    pub summary: String,
    /// At length; empty where there is no more to say.
    pub detail: String,
    /// Resource or file and line, where it names one.
    pub at: Option<String>,
}
