//! Reads planning documents and turns them into wire types.

use std::io::Read;
use std::path::Path;

use milestones::{Import, ImportOptions};

use crate::project::Project;
use crate::wire::*;
use crate::{Error, Result};

/// More than the import takes: a larger file is read this far only, and refused by the import.
const MOST: u64 = milestones::MAX_BYTES as u64 + 1;

/// `plan show --plan FILE`: a document on its own, without a project.
///
/// # Errors
/// The file cannot be read. What is odd inside it is a diagnostic, not an error.
pub fn plan_of_file(path: &Path) -> Result<PlanDocument> {
    Ok(document(read(path, None)?))
}

/// `plan show`: the plan of a project.
///
/// # Errors
/// The project or its plan cannot be read.
pub fn plan_of_project(dir: &str) -> Result<PlanDocument> {
    Ok(document(load(&Project::load(dir)?)?))
}

/// Imports the plan of a project.
pub(crate) fn load(project: &Project) -> Result<Import> {
    let path = project.plan_path()?;
    read(&project.dir.join(path), project.config.github.as_deref())
}

fn read(path: &Path, repository: Option<&str>) -> Result<Import> {
    let unreadable = |error: std::io::Error| Error::PlanUnreadable {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(MOST).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(milestones::import(&bytes, &ImportOptions { repository }))
}

/// The plan on the wire.
pub(crate) fn document(import: Import) -> PlanDocument {
    PlanDocument {
        stages: import.plan.stages.into_iter().map(stage).collect(),
        diagnostics: diagnostics(import.diagnostics),
        title: import.plan.title,
        front_matter: import.plan.front_matter,
        preamble: notes(import.plan.preamble),
    }
}

fn stage(stage: milestones::Stage) -> PlanStage {
    PlanStage {
        number: stage.number,
        title: stage.title,
        milestone: stage.milestone.map(|m| PlanMilestone {
            repository: m.repository,
            number: m.number,
            url: m.url,
        }),
        deadline: stage.deadline.as_ref().map(deadline),
        activities: items(stage.activities),
        deliverables: items(stage.deliverables),
        extras: items(stage.extras),
        bonus: items(stage.bonus),
        notes: notes(stage.notes),
        line: stage.line,
    }
}

pub(crate) fn deadline(deadline: &milestones::Deadline) -> PlanDeadline {
    PlanDeadline { from: deadline.from.to_string(), to: deadline.to.to_string(), text: deadline.text.clone() }
}

pub(crate) fn items(items: Vec<milestones::Item>) -> Vec<PlanItem> {
    let item = |item: milestones::Item| PlanItem {
        text: item.text,
        children: self::items(item.children),
        done: item.done,
        links: links(item.links),
        line: item.line,
    };
    items.into_iter().map(item).collect()
}

pub(crate) fn notes(notes: Vec<milestones::Note>) -> Vec<PlanNote> {
    use milestones::NoteKind as K;
    let note = |note: milestones::Note| PlanNote {
        text: note.text,
        kind: match note.kind {
            K::Statement => PlanNoteKind::Statement,
            K::Admonition => PlanNoteKind::Admonition,
            K::Paragraph => PlanNoteKind::Paragraph,
            K::List => PlanNoteKind::List,
            K::Table => PlanNoteKind::Table,
            K::Code => PlanNoteKind::Code,
            K::Html => PlanNoteKind::Html,
        },
        title: note.title,
        links: links(note.links),
        line: note.line,
    };
    notes.into_iter().map(note).collect()
}

fn links(links: Vec<milestones::Link>) -> Vec<PlanLink> {
    links.into_iter().map(|link| PlanLink { text: link.text, url: link.url }).collect()
}

pub(crate) fn diagnostics(diagnostics: Vec<milestones::Diagnostic>) -> Vec<PlanDiagnostic> {
    let one = |d: milestones::Diagnostic| PlanDiagnostic {
        code: d.code.as_str().to_owned(),
        message: d.message,
        excerpt: d.excerpt,
        line: d.line,
        column: d.column,
    };
    diagnostics.into_iter().map(one).collect()
}
