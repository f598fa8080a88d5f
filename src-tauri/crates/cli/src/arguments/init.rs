//! `init`: what is typed, and what the folder proposes.

use clap::Args;
use engine::wire::*;
use engine::{Engine, Error, Work};

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
