//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

mod init;

pub use init::Init;

/// From planning document to defended diploma, on the command line.
#[derive(Parser)]
#[command(name = "jalonctl", version, disable_help_subcommand = true)]
pub struct Arguments {
    /// Folder of the project; by default the nearest one upwards with a jalon.toml
    #[arg(long, global = true, value_name = "DIR")]
    pub project: Option<String>,
    /// One JSON object on standard output, in English, times in UTC
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Write a jalon.toml for a folder
    Init(Init),
    /// The planning document
    Plan {
        #[command(subcommand)]
        command: Plan,
    },
    /// Read milestones and issues from GitHub
    Sync,
    /// Where the project stands
    Status,
    /// Sign in to GitHub
    Auth {
        #[command(subcommand)]
        command: Auth,
    },
    /// Names and ages of stored secrets, never their values
    Credentials {
        #[command(subcommand)]
        command: CredentialCommand,
    },
    /// What is in order, and what is missing
    Doctor,
    /// Write a project to practise on: plan, service, dev and prod on this computer
    Sample(Sample),
    /// Allow the commands of this repository to run, after showing them
    Trust(Trust),
    /// Bring a version of a service to an environment
    Deploy(Deploy),
    /// Bring what runs in one environment to the next
    Promote(Promote),
    /// Go back to a release that ran in an environment before
    Rollback(Rollback),
    /// Stop a service in an environment; nothing of it stays behind
    Stop(Stop),
    /// Last lines of a service's log
    Logs(Logs),
    /// What a deployment would change on a cluster
    Diff(Diff),
    /// How a service is on its cluster, and why
    Diagnose(Diagnose),
    /// Plan what services run on, and apply exactly that plan
    Provision {
        #[command(subcommand)]
        command: Provision,
    },
    /// What was run, and how it went
    Runs {
        #[command(subcommand)]
        command: Runs,
    },
    /// What is measured of a service
    Monitor {
        #[command(subcommand)]
        command: Monitor,
    },
    /// Alarms, Jalon's own and Prometheus'
    Alarms {
        #[command(subcommand)]
        command: Alarms,
    },
    /// Delivery KPIs with n and interval
    Kpis(Kpis),
    /// The written report
    Report {
        #[command(subcommand)]
        command: Export,
    },
    /// The slides of the defence
    Slides {
        #[command(subcommand)]
        command: Export,
    },
}

#[derive(Args)]
pub struct Sample {
    /// Folder, not there yet or empty; jalon-sample in your home by default
    #[arg(long, value_name = "DIR")]
    pub dir: Option<String>,
    /// Language of its plan and texts
    #[arg(long, default_value = "en", value_parser = ["en", "fr"])]
    pub language: String,
    /// Port of dev; a free one by default
    #[arg(long, value_name = "PORT", requires = "prod_port")]
    pub dev_port: Option<u16>,
    /// Port of prod; a free one by default
    #[arg(long, value_name = "PORT", requires = "dev_port")]
    pub prod_port: Option<u16>,
}

#[derive(Args)]
pub struct Trust {
    /// Trust without asking
    #[arg(long)]
    pub yes: bool,
    /// Trust only commands with this digest
    #[arg(long)]
    pub digest: Option<String>,
    /// Version whose commands are meant; the working tree's by default
    #[arg(long = "version", value_name = "VERSION")]
    pub of: Option<String>,
}

/// How a change is confirmed.
#[derive(Args, Clone)]
pub struct Confirm {
    /// Confirm what this call plans
    #[arg(long)]
    pub yes: bool,
    /// Name of the protected environment, typed
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
}

#[derive(Args)]
pub struct Deploy {
    /// Service
    pub service: String,
    /// Environment
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub environment: String,
    /// Tag, branch or commit; what is checked out by default
    #[arg(long = "version", value_name = "VERSION")]
    pub of: Option<String>,
    /// rolling or blue-green; the service's own by default
    #[arg(long)]
    pub strategy: Option<String>,
    /// Whether an incident brought it forward
    #[arg(long, default_value = "planned", value_parser = ["planned", "rework"])]
    pub kind: String,
    /// Show what would happen and change nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub confirm: Confirm,
}

#[derive(Args)]
pub struct Promote {
    /// Service
    pub service: String,
    /// Environment that has the release
    #[arg(long)]
    pub from: String,
    /// Environment that gets it
    #[arg(long)]
    pub to: String,
    #[command(flatten)]
    pub confirm: Confirm,
}

#[derive(Args)]
pub struct Rollback {
    /// Service
    pub service: String,
    /// Environment
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub environment: String,
    /// Run, version or commit; the release before by default
    #[arg(long, value_name = "RELEASE")]
    pub to: Option<String>,
    #[command(flatten)]
    pub confirm: Confirm,
}

#[derive(Args)]
pub struct Stop {
    /// Service
    pub service: String,
    /// Environment
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub environment: String,
    #[command(flatten)]
    pub confirm: Confirm,
}

#[derive(Args)]
pub struct Logs {
    /// Service
    pub service: String,
    /// Environment
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub environment: String,
    /// Last so many lines
    #[arg(long, default_value_t = 500)]
    pub lines: u32,
}

#[derive(Args)]
pub struct Diff {
    /// Service
    pub service: String,
    /// Environment
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub environment: String,
    /// Tag, branch or commit; what is checked out by default
    #[arg(long = "version", value_name = "VERSION")]
    pub of: Option<String>,
}

#[derive(Args)]
pub struct Diagnose {
    /// Service
    pub service: String,
    /// Environment
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub environment: String,
}

/// A stack in an environment.
#[derive(Args)]
pub struct Stack {
    /// Stack
    pub stack: String,
    /// Environment
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub environment: String,
}

#[derive(Subcommand)]
pub enum Provision {
    /// Show what would change; the plan then waits to be applied
    Plan {
        #[command(flatten)]
        stack: Stack,
        /// Show the plan of this run again
        #[arg(long, value_name = "ID")]
        plan: Option<String>,
    },
    /// Make the world as the configuration says
    Apply(Apply),
    /// Destroy everything that the stack created
    Destroy(Apply),
    /// Look at what is not as the state says; changes nothing
    Drift(Stack),
    /// Take off a lock that somebody left
    Unlock(Unlock),
}

#[derive(Args)]
pub struct Apply {
    #[command(flatten)]
    pub stack: Stack,
    /// Apply the plan of this run, which was shown before
    #[arg(long, value_name = "ID")]
    pub plan: Option<String>,
    #[command(flatten)]
    pub confirm: Confirm,
}

#[derive(Args)]
pub struct Unlock {
    #[command(flatten)]
    pub stack: Stack,
    /// Id of the lock, as a plan that found it held tells it
    #[arg(long, value_name = "ID")]
    pub lock: Option<String>,
    /// Name of the protected environment, typed
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
}

#[derive(Subcommand)]
pub enum Runs {
    /// All runs of the project, newest first
    List {
        /// At most so many
        #[arg(long)]
        limit: Option<u32>,
    },
    /// One run with its steps
    Show { id: String },
    /// A run's log
    Log { id: String },
    /// Ask a run to cancel
    Cancel { id: String },
    /// Follow a run until it ends
    Resume { id: String },
}

#[derive(Subcommand)]
pub enum Monitor {
    /// Golden signals, indicators and alarms of a service
    Status {
        /// Service; the first by default
        #[arg(long)]
        service: Option<String>,
        /// Environment; production by default
        #[arg(long = "env", value_name = "ENVIRONMENT")]
        environment: Option<String>,
        /// Up to now, such as 15m, 1h or 2d; an hour by default
        #[arg(long, value_name = "TIME")]
        range: Option<String>,
    },
    /// A PromQL query over the own samples, or over the environment's Prometheus
    Query {
        /// PromQL
        query: String,
        /// Environment; production by default
        #[arg(long = "env", value_name = "ENVIRONMENT")]
        environment: Option<String>,
        /// For a range: its start, RFC 3339 or seconds since 1970
        #[arg(long)]
        from: Option<String>,
        /// Its end, or the time of an instant query; now by default
        #[arg(long)]
        to: Option<String>,
        /// Step of a range, such as 15s or 1m
        #[arg(long, requires = "from")]
        step: Option<String>,
    },
    /// Scrape and evaluate until Ctrl-C, and print what changes
    Watch,
}

#[derive(Subcommand)]
pub enum Alarms {
    /// All alarms, firing ones first
    List,
    /// Say nothing about an alarm for a while
    Silence {
        /// Its id, as `alarms list` prints it
        id: String,
        /// How long, such as 30m, 1h or 2d; 0 takes a silence off
        #[arg(long = "for", value_name = "TIME", default_value = "1h")]
        long: String,
    },
    /// Note that somebody knows of an alarm
    Ack {
        /// Its id, as `alarms list` prints it
        id: String,
    },
    /// Confirm what an alarm proposes: roll back or restart
    Act {
        /// Its id, as `alarms list` prints it
        id: String,
        #[command(flatten)]
        confirm: Confirm,
    },
}

#[derive(Args)]
pub struct Kpis {
    /// Environment; all of production by default
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    pub environment: Option<String>,
    /// First day, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Day after the last, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    pub to: Option<String>,
    /// Compute over JSON lines instead of the runs; needs no project
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
    /// Draw frequency, cycle_time or success_rate into --out
    #[arg(long, value_name = "NAME", requires = "out")]
    pub plot: Option<String>,
    /// File for the plot: .svg or .png
    #[arg(long, value_name = "FILE", requires = "plot")]
    pub out: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum Export {
    /// Write the document
    Export {
        /// docx for the report, pptx for the slides
        #[arg(long)]
        format: String,
        /// File to write
        #[arg(long, value_name = "FILE")]
        out: String,
        /// Login of the candidate on the cover; all of them by default
        #[arg(long)]
        candidate: Option<String>,
    },
}

impl Command {
    /// Whether it waits for a run to end: Ctrl-C then asks that run to cancel.
    pub fn follows_a_run(&self) -> bool {
        matches!(
            self,
            Self::Deploy(_)
                | Self::Promote(_)
                | Self::Rollback(_)
                | Self::Stop(_)
                | Self::Provision { .. }
                | Self::Alarms { command: Alarms::Act { .. } }
                | Self::Runs { command: Runs::Resume { .. } }
        )
    }
}

#[derive(Subcommand)]
pub enum Plan {
    /// Show the plan as stages, and what is odd about it
    Show {
        /// A document on its own; needs no project
        #[arg(long, value_name = "FILE")]
        plan: Option<PathBuf>,
    },
    /// Bring a stage and a GitHub milestone together by hand
    Map {
        /// Number of the stage, or its key as `plan show` lists it
        stage: String,
        /// Number of the milestone on GitHub, or `none`
        milestone: MapTarget,
    },
}

#[derive(Subcommand)]
pub enum Auth {
    /// Sign in with a token read from standard input, with gh's, or by code
    Login {
        /// Use the token that GitHub's command line, gh, is signed in with
        #[arg(long, conflicts_with = "device")]
        gh: bool,
        /// Show a code to enter on GitHub
        #[arg(long)]
        device: bool,
        /// Client id of the OAuth app for --device; remembered
        #[arg(long, requires = "device", value_name = "ID")]
        client_id: Option<String>,
    },
    /// Who is signed in
    Status,
    /// Remove the token
    Logout,
}

#[derive(Subcommand)]
pub enum CredentialCommand {
    /// Names, ages and places
    List,
    /// Store or replace a secret, read from standard input
    Set { name: String },
    /// Remove a secret
    Remove { name: String },
}

/// A milestone number, or none.
#[derive(Clone)]
pub enum MapTarget {
    Milestone(u32),
    None,
}

impl std::str::FromStr for MapTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            number => {
                number.parse().map(Self::Milestone).map_err(|_| "write a milestone's number, or none".into())
            }
        }
    }
}
