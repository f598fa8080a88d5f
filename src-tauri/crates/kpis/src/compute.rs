//! All seven at once.

use crate::events::Events;
use crate::kpi::Kpi;
use crate::view::View;
use crate::window::Window;
use crate::{deployments, lead_time, stability};

/// All seven KPIs over a window, in the order of [`KpiId::ALL`](crate::KpiId::ALL). Never fails: what nothing tells about
/// is [`State::NoData`](crate::State::NoData). The order of events means nothing. An incident or a commit's deployment
/// that names no known attempt counts as no incident and as undeployed; [`parse_lines`](crate::parse_lines) refuses both.
pub fn compute(events: &Events, window: &Window) -> Vec<Kpi> {
    let known = events.as_of(window.to());
    let view = View::new(&known, window);
    let changes = lead_time::changes(&view);
    let failures = crate::failures::failures(&view);
    vec![
        deployments::cycle_time(&view, &changes),
        deployments::frequency(&view),
        deployments::success_rate(&view),
        lead_time::lead_time(&view, &changes),
        stability::change_fail_rate(&view, &failures),
        stability::recovery_time(&view, &failures),
        stability::rework_rate(&view),
    ]
}
