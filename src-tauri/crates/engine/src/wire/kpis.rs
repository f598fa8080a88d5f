//! KPIs and their plots.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which KPIs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KpiQuery {
    /// Folder of the project.
    pub dir: String,
    /// Environment; all of production by default.
    #[ts(optional)]
    pub environment: Option<String>,
    /// First day, `YYYY-MM-DD`; the project's first by default.
    #[ts(optional)]
    pub from: Option<String>,
    /// Day after the last, `YYYY-MM-DD`; now by default.
    #[ts(optional)]
    pub to: Option<String>,
}

/// `kpis --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Kpis {
    /// Start of the window, inclusive.
    pub from: String,
    /// End of the window, exclusive.
    pub to: String,
    /// Environment; none for all of production.
    pub environment: Option<String>,
    /// Environments that have runs or are configured, production first.
    pub environments: Vec<String>,
    /// KPIs in the design's order.
    pub kpis: Vec<Kpi>,
    /// Attempts by week, oldest first.
    pub weeks: Vec<KpiWeek>,
}

/// One KPI.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Kpi {
    /// `deployment_cycle_time`, …
    pub id: String,
    /// In `unit`; none without data.
    pub value: Option<f64>,
    /// `s`, `per_week` or `ratio`.
    pub unit: String,
    /// What it was computed from.
    pub n: u64,
    /// 95 % interval in `unit`.
    pub interval: Option<(f64, f64)>,
    /// What was left out and how often, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// Whether there is data.
    pub state: KpiState,
    /// Formula in words of code.
    pub formula: String,
    /// Secondary figures by name, in `unit`.
    pub also: BTreeMap<String, f64>,
    /// DORA's band, where the interval fits in one.
    pub band: Option<String>,
    /// What it was computed from, oldest first.
    pub events: Vec<KpiEvent>,
}

/// Whether there is data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KpiState {
    /// There is.
    Ok,
    /// There is none; not zero.
    NoData,
}

/// One event behind a KPI.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct KpiEvent {
    /// Run, commit or incident.
    pub id: String,
    /// Version or short commit.
    pub label: String,
    /// When it ended.
    pub at: String,
    /// Its value in the KPI's unit, or 1 and 0 for rates.
    pub value: Option<f64>,
    /// What is special: `rollback`, `rework`, `2 attempts`, `failed`.
    pub mark: Option<String>,
}

/// A week of attempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KpiWeek {
    /// Its Monday, `YYYY-MM-DD`.
    pub monday: String,
    /// Successful attempts.
    pub succeeded: u32,
    /// Failed attempts.
    pub failed: u32,
    /// Whether the window holds only part of it.
    pub partial: bool,
}

/// Which plot, and how it should look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlotQuery {
    /// `frequency`, `cycle_time` or `success_rate`.
    pub name: String,
    /// What it shows.
    pub kpis: KpiQuery,
    /// Colours.
    pub theme: PlotTheme,
    /// Language of its words.
    pub language: super::Language,
    /// Width in pixels, 320..2000.
    pub width: u32,
    /// Height in pixels, 160..1200.
    pub height: u32,
}

/// Colours of a plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum PlotTheme {
    /// On the window's light panel.
    Light,
    /// On the window's dark panel.
    Dark,
    /// On paper.
    Print,
}

/// A plot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Plot {
    /// The picture.
    pub svg: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Title, in the language asked for.
    pub title: String,
    /// What it shows, as a sentence with its numbers.
    pub alt: String,
    /// The same as a table; its first row is the header.
    pub table: Vec<Vec<String>>,
    /// Where its points are, for a cross-hair.
    pub points: Vec<PlotPoint>,
}

/// A point of a plot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlotPoint {
    /// Pixels from the left.
    pub x: f64,
    /// Pixels from the top.
    pub y: f64,
    /// What it says.
    pub label: String,
    /// Run or week behind it.
    pub id: String,
}
