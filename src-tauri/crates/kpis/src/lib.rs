//! Delivery KPIs: pure calculations over attempts, incidents and commits. No IO, no clock, no SQL.
//!
//! [`parse_lines`] reads events from JSON lines, [`attempt_of_statuses`] folds GitHub's deployment statuses into an
//! attempt, [`compute`] gives all seven KPIs over a [`Window`]: the three that the plan names (deployment cycle time,
//! deployment frequency, deployment success rate) and DORA's (change lead time, change fail rate, failed deployment
//! recovery time, deployment rework rate; <https://dora.dev/guides/dora-metrics/>).
//!
//! # What is counted
//!
//! * **Scope.** Attempts whose environment is production; with [`Window::environment`] set, exactly that environment's.
//! * **As of the end.** Nothing at or after the window's end is looked at: an attempt that finishes later is in
//!   progress, an incident that is restored later is open, a commit that is deployed later is undeployed. A closed
//!   window therefore gives the same numbers for ever.
//! * **Membership.** An attempt belongs to the window in which it finished; one without a finish to the window in
//!   which it was requested. A chain belongs to its last finished attempt's window, a commit to the window of its
//!   first deployment, an incident to the window in which service was restored. Open incidents and undeployed commits
//!   are counted as they stand at the end, whenever they began.
//! * **Left out.** Attempts in progress, cancelled, superseded, skipped or unknown count nowhere but in
//!   [`Kpi::excluded`]. No data is [`State::NoData`], never 0 % or 100 %; only the frequency of an empty window is a
//!   measured zero.
//! * **Chains** ([`Chain`]). Finished attempts of one service, environment and commit, in the order in which they
//!   finished. A success ends its chain, so deploying a commit again after it had succeeded begins a new one; a
//!   rollback never joins the chain of what it returns to. Every success therefore is one deployment, and one chain.
//!
//! # Which deployments failed
//!
//! An incident names an attempt or a commit; the deployment that failed is the success of that attempt's chain. A
//! rollback or hotfix (`rework`) answers the incidents that were detected since the intervention before it. One that
//! answers none speaks for itself: the deployment that was live when it was requested needed it, unless it is the very
//! commit that is deployed again. An incident that nobody closed counts as restored by the first successful rollback
//! to another commit after its detection. Only successful planned and rework deployments can fail, each once, so the
//! change fail rate stays within 0 and 1.
//!
//! # Which deployment contains a commit
//!
//! A commit names the deployment whose range it is in. Commits of a service are taken to be ordered as they were first
//! requested (other than by rollbacks, in any environment); a deployment contains the commits of its own commit and of
//! all before it. So promotion carries a commit to production, a retry or a newer deployment carries one whose own
//! deployment failed, and a rollback carries none. The first successful deployment of a service in an environment is
//! the baseline: what it contains is older than the record, and is left out.

mod bands;
mod chains;
mod compute;
mod deployments;
mod events;
mod failures;
mod kpi;
mod lead_time;
mod lines;
mod stability;
pub mod statistics;
mod statuses;
mod view;
mod window;

pub use chains::{Chain, chains};
pub use compute::compute;
pub use events::{Attempt, Commit, Events, Incident, Kind, Outcome};
pub use kpi::{Contribution, ContributionKind, Details, Kpi, KpiId, Secondary, State, Unit};
pub use lines::{BadLine, BadLines, Fault, parse_bytes, parse_lines};
pub use statuses::{
    Deployment, DeploymentStatus, OPEN_AT_MOST, StatusState, UnknownStatusState, attempt_of_statuses,
};
pub use window::{IsoWeek, Week, Window, WindowError};
