//! What a document is made of: plain values, gathered by the caller. Nothing here is read from a file or a clock.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub use crate::plots::Language;
use crate::plots::{self, Plot};
use crate::rules::Rules;

/// Everything that the written report and the slides show.
#[derive(Debug, Clone)]
pub struct Content {
    /// Language of the words that Jalon adds; the team's own chapters stay as written.
    pub language: Language,
    /// Title of the subject. Empty fields print a marked placeholder.
    pub title: String,
    /// One line under the title; left out when empty.
    pub subtitle: String,
    /// Who defends the project.
    pub candidates: Vec<Candidate>,
    /// School.
    pub school: String,
    /// Company.
    pub company: String,
    /// Name of the course.
    pub course: String,
    /// Year of the cohort.
    pub cohort: String,
    /// Logos of company and school, in the order they stand on the cover. At most two are shown.
    pub logos: Vec<Logo>,
    /// When the data was gathered.
    pub exported_at: Timestamp,
    /// Zone in which days and times are printed.
    pub timezone: TimeZone,
    /// Name of the project.
    pub project: String,
    /// Repository, as `owner/name` or as an address; empty when there is none.
    pub repository: String,
    /// The team's own chapters, in order.
    pub sources: Vec<Source>,
    /// Pictures (PNG or JPEG) that the chapters name, by the path as written there.
    pub images: BTreeMap<String, Vec<u8>>,
    /// Rule set whose competences are listed; none leaves that chapter out.
    pub rules: Option<Rules>,
    /// Stages of the plan, in order.
    pub stages: Vec<Stage>,
    /// KPIs, in the order they are shown.
    pub kpis: Vec<Kpi>,
    /// Environments with what runs there, from development to production.
    pub environments: Vec<Environment>,
    /// Every run, newest first.
    pub runs: Vec<Run>,
    /// What was left out of the data, a sentence each, in the document's language.
    pub limits: Vec<String>,
}

/// A person who defends the project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidate {
    /// Surname and first name.
    pub name: String,
    /// Login at GitHub; may be empty.
    pub login: String,
    /// Surname and first name of the tutor.
    pub tutor: String,
}

/// A logo for the cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// The picture, as PNG.
    pub png: Vec<u8>,
    /// Whose logo it is, for those who cannot see it.
    pub alt: String,
}

/// One chapter that the team wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// Title of the chapter; empty means the first heading of the text.
    pub title: String,
    /// `CommonMark` with tables, footnotes and strikethrough.
    pub markdown: String,
}

/// Who vouches for a fact, from the strongest to the weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Anyone can check it without Jalon: a number at GitHub, a digest in a registry.
    ThirdParty,
    /// Jalon measured it.
    Observed,
    /// A person says so.
    Declared,
}

/// A stage of the plan beside its milestone.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Number in the plan.
    pub number: Option<u32>,
    /// Title without the number.
    pub title: String,
    /// When it is due.
    pub deadline: Option<Deadline>,
    /// Its milestone at GitHub.
    pub milestone: Option<Milestone>,
    /// How it stands.
    pub state: StageState,
    /// Day it was finished.
    pub finished_on: Option<Date>,
    /// Days it was finished after its deadline, or is overdue.
    pub days_late: u32,
    /// Share done, 0 to 1; none where nothing tells.
    pub done: Option<f64>,
}

/// First and last day of a deadline, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// A milestone at GitHub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Milestone {
    /// Its number in the repository.
    pub number: u32,
    /// Whether it is still open there.
    pub is_open: bool,
    /// Open issues.
    pub open: u32,
    /// Closed issues.
    pub closed: u32,
}

/// How a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StageState {
    /// Finished.
    Done,
    /// Begun, or its turn has come.
    UnderWay,
    /// Under way, and the pace does not suffice.
    AtRisk,
    /// Past its deadline and not finished.
    Overdue,
    /// Not begun, deadline ahead.
    ToCome,
    /// Past its deadline, and nothing tells whether it is finished.
    Unknown,
}

/// A key performance indicator, already computed and put into words.
#[derive(Debug, Clone, PartialEq)]
pub struct Kpi {
    /// Stable id, such as `deployment_frequency`.
    pub id: String,
    /// Name in the document's language.
    pub name: String,
    /// Value with unit; none when there is no data, which prints as such and never as zero.
    pub value: Option<String>,
    /// Interval in words; none where n is too small for one.
    pub interval: Option<String>,
    /// Number of events behind the value.
    pub n: u64,
    /// What was left out, in words; empty when nothing was.
    pub excluded: String,
    /// How it is computed, in one sentence; may be empty.
    pub definition: String,
    /// Who vouches for the events.
    pub evidence: Evidence,
    /// Its plot.
    pub plot: Option<Picture>,
}

/// A plot in two forms of the same picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// PNG, for programs that cannot draw the other.
    pub png: Vec<u8>,
    /// SVG.
    pub svg: String,
    /// Width as drawn, in CSS pixels; PNG may hold a multiple of it.
    pub width_px: u32,
    /// Height as drawn, in CSS pixels.
    pub height_px: u32,
    /// What it shows, for those who cannot see it.
    pub alt: String,
}

impl Picture {
    /// A plot as documents take it. The PNG has twice its pixels, for print.
    ///
    /// # Errors
    /// Those of [`plots::to_png`].
    pub fn of(plot: &Plot) -> Result<Self, plots::Error> {
        let png = plots::to_png(plot, 2.0)?;
        let (svg, alt) = (plot.svg.clone(), plot.alt.clone());
        Ok(Self { png, svg, width_px: plot.width, height_px: plot.height, alt })
    }
}

/// An environment and what runs there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Name.
    pub name: String,
    /// Whether it is production.
    pub production: bool,
    /// Where it is, in words: a cluster with its namespace, this computer.
    pub target: String,
    /// Environment whose releases are promoted to this one, through its gate.
    pub promotes_from: Option<String>,
    /// Services of the project in this environment.
    pub services: Vec<Service>,
}

/// A service in one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Name.
    pub name: String,
    /// Where it answers; may be empty.
    pub address: String,
    /// Version that runs; none when nothing was deployed.
    pub release: Option<String>,
    /// Result of its last health check; none when it was not asked.
    pub healthy: Option<bool>,
}

/// One run, as the appendix lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Id, unique.
    pub id: String,
    /// What it does: `deploy`, `rollback`, `provision`, `backup`, `action`; another word prints as it is.
    pub kind: String,
    /// Service or stack.
    pub service: String,
    /// Environment.
    pub environment: String,
    /// Version; may be empty.
    pub version: String,
    /// Commit; may be empty.
    pub commit: String,
    /// Who asked for it.
    pub by: String,
    /// State: `planned`, `waiting_for_confirmation`, `running`, `succeeded`, `failed`, `cancelled`, `interrupted`; another
    /// word prints as it is.
    pub state: String,
    /// When it was asked for.
    pub requested: Timestamp,
    /// When it ended; none while it has not.
    pub finished: Option<Timestamp>,
    /// How long it took, waiting for a confirmation left out; none while it has not ended.
    pub duration: Option<SignedDuration>,
}
