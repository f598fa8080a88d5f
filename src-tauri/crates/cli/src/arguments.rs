//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use engine::wire::*;
use engine::{Engine, Error, Work};

/// From planning document to defended diploma, on the command line.
#[derive(Parser)]
#[command(name = "jalonctl", version, propagate_version = true, disable_help_subcommand = true)]
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

/// What `init` writes; everything left out is proposed from the folder.
#[derive(Args)]
pub struct Init {
    /// Name of the project
    #[arg(long)]
    name: Option<String>,
    /// GitHub repository, owner/name
    #[arg(long)]
    github: Option<String>,
    /// Planning document, relative to the folder
    #[arg(long, value_name = "FILE", conflicts_with = "template")]
    plan: Option<String>,
    /// Write a plan of Jalon's own: en or fr
    #[arg(long, value_name = "LANGUAGE", requires = "starts_on", value_parser = ["en", "fr"])]
    template: Option<String>,
    /// First day of the plan of Jalon's own, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    starts_on: Option<String>,
    /// Time zone such as Europe/Paris
    #[arg(long)]
    timezone: Option<String>,
}

impl Init {
    /// The project to create: what was typed, else what the folder proposes.
    pub async fn propose(&self, engine: &Engine, dir: &str, work: &Work) -> Result<NewProject, Error> {
        let found = engine::inspect_project(engine, ProjectDir { dir: dir.to_owned() }, work).await?;
        let plan = match (&self.template, &self.plan) {
            (Some(language), _) => PlanChoice::Template {
                language: if language == "fr" { Language::Fr } else { Language::En },
                starts_on: self.starts_on.clone().unwrap_or_default(),
            },
            (None, Some(path)) => PlanChoice::Existing { path: path.clone() },
            (None, None) => {
                let best = found.plans.into_iter().next();
                let path = best.ok_or_else(|| Error::PlanMissing { dir: found.dir.clone() })?.path;
                PlanChoice::Existing { path }
            }
        };
        Ok(NewProject {
            dir: found.dir,
            name: self.name.clone().unwrap_or(found.name),
            github: self.github.clone().or(found.github),
            timezone: self.timezone.clone().unwrap_or(found.timezone),
            plan,
        })
    }
}
