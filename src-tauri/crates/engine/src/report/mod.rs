//! The written report and the slides: gathered from what is recorded, written whole or not at all.

mod chapters;
mod content;
mod file;
mod words;

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use store::export::Export;

use crate::project::Project;
use crate::wire::*;
use crate::{Engine, Error, Refusal, Result, Work};

pub use file::write_new;

/// What can be exported, and what is missing.
///
/// # Errors
/// jalon.toml or the store cannot be read.
pub async fn reports(engine: &Engine, params: ProjectDir, work: &Work) -> Result<Reports> {
    work.soon("reading what there is to report", async {
        let project = Project::load(&params.dir)?;
        let name = project.dir.display().to_string();
        let report = &project.config.report;
        let (kpis, _) =
            crate::measure::measure(engine, &KpiQuery { dir: name.clone(), ..KpiQuery::default() })?;
        let attempts =
            kpis.kpis.iter().find(|kpi| kpi.id == "deployment_success_rate").map_or(0, |kpi| kpi.n);
        let runs = engine.store.runs_of_project(&name, u32::MAX)?.len();
        let stages = crate::plan_of_project(&name).map_or(0, |plan| plan.stages.len());
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(Reports {
            title: report.title.clone(),
            language: language(&project),
            candidates: report
                .candidates
                .iter()
                .map(|one| Candidate {
                    name: one.name.clone(),
                    login: one.login.clone(),
                    tutor: one.tutor.clone(),
                })
                .collect(),
            sources: chapters::all(&project)?.into_iter().map(|chapter| chapter.on_wire()).collect(),
            missing: missing(&project),
            facts: ReportFacts {
                stages: count(stages),
                runs: count(runs),
                attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            },
            report: last(engine, &name, "report")?,
            slides: last(engine, &name, "slides")?,
            folder: folder(engine).display().to_string(),
            project: project.header(),
        })
    })
    .await
}

/// Writes the report.
///
/// # Errors
/// The document cannot be made or the file cannot be written; the file that was there is as it was.
pub async fn export_report(engine: &Engine, params: ExportRequest, work: &Work) -> Result<Exported> {
    let known = "docx";
    export(engine, params, work, "report", known, reports::docx).await
}

/// Writes the slides.
///
/// # Errors
/// As [`export_report`].
pub async fn export_slides(engine: &Engine, params: ExportRequest, work: &Work) -> Result<Exported> {
    let known = "pptx";
    export(engine, params, work, "slides", known, reports::pptx).await
}

async fn export(
    engine: &Engine,
    params: ExportRequest,
    work: &Work,
    document: &'static str,
    known: &'static str,
    make: impl Fn(&reports::Content) -> std::result::Result<Vec<u8>, reports::Error> + Send + 'static,
) -> Result<Exported> {
    if params.format != known {
        return Err(Refusal::FormatUnknown { format: params.format, known }.into());
    }
    work.soon("writing the document", async {
        let project = Project::load(&params.dir)?;
        let name = project.dir.display().to_string();
        let content = content::gather(engine, &project, params.candidate.as_deref(), work).await?;
        let path = match &params.out {
            Some(out) => std::path::absolute(out).map_err(|error| not_written(Path::new(out), &error))?,
            None => folder(engine).join(format!("{}-{document}.{known}", file::stem(&project.config.name))),
        };
        // Making a document of hundreds of pages must not hold up the async threads.
        let target = path.clone();
        let written = tokio::task::spawn_blocking(move || -> Result<Vec<u8>> {
            let bytes = make(&content).map_err(crate::measure::failed)?;
            file::replace(&target, &bytes)?;
            Ok(bytes)
        });
        let bytes = written.await.map_err(|_| Error::Cancelled)??;
        let notes: Vec<String> =
            missing(&project).into_iter().map(|key| format!("{key} is left to fill in")).collect();
        let export = Export {
            path: path.display().to_string(),
            at: engine.now(),
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            digest: hex(&bytes),
            notes: serde_json::to_string(&notes).unwrap_or_default(),
        };
        engine.store.note_export(&name, document, &export)?;
        Ok(exported(export))
    })
    .await
}

fn not_written(path: &Path, error: &std::io::Error) -> Error {
    Refusal::NotWritten { path: path.display().to_string(), reason: error.to_string() }.into()
}

/// What a jury asks for on the cover and jalon.toml leaves empty.
fn missing(project: &Project) -> Vec<String> {
    let report = &project.config.report;
    let candidates = &report.candidates;
    let blank = |text: fn(&crate::project::Candidate) -> &String| {
        candidates.is_empty() || candidates.iter().any(|candidate| text(candidate).is_empty())
    };
    let fields = [
        ("title", report.title.is_none()),
        ("candidates.name", blank(|candidate| &candidate.name)),
        ("candidates.tutor", blank(|candidate| &candidate.tutor)),
        ("school", report.school.is_none()),
        ("company", report.company.is_none()),
        ("logos", report.logos.is_empty()),
        ("course", report.course.is_none()),
        ("cohort", report.cohort.is_none()),
        ("sources", report.sources.is_empty()),
    ];
    fields.into_iter().filter(|(_, missing)| *missing).map(|(key, _)| key.to_owned()).collect()
}

/// Language that documents are written in: the project's own, else English.
fn language(project: &Project) -> Language {
    match project.config.language.as_deref() {
        Some("fr") => Language::Fr,
        _ => Language::En,
    }
}

fn last(engine: &Engine, project: &str, document: &str) -> Result<Option<Exported>> {
    Ok(engine.store.export_of(project, document)?.map(exported))
}

fn exported(export: Export) -> Exported {
    let unchanged = std::fs::read(&export.path).is_ok_and(|bytes| hex(&bytes) == export.digest);
    Exported {
        unchanged,
        at: export.at.to_string(),
        size: u64::try_from(export.size).unwrap_or_default(),
        notes: serde_json::from_str(&export.notes).unwrap_or_default(),
        path: export.path,
    }
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where documents go when nobody says where: never into the clone, whose changed files would close the gate.
fn folder(engine: &Engine) -> PathBuf {
    let home = ["HOME", "USERPROFILE"]
        .iter()
        .find_map(|name| engine.around.inherited.get(std::ffi::OsStr::new(name)))
        .map(PathBuf::from)
        .filter(|home| home.is_dir());
    match home {
        Some(home) if home.join("Documents").is_dir() => home.join("Documents"),
        Some(home) => home,
        None => engine.around.home.clone(),
    }
}
