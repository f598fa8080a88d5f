//! `[report]`: what stands on covers, and the team's own chapters.

use toml_edit::{Item, TableLike};

use super::{Source, stays_inside};
use crate::Result;

/// `[report]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// Title of the subject.
    pub title: Option<String>,
    /// Who defends it.
    pub candidates: Vec<Candidate>,
    /// School.
    pub school: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// PNG files below the project: the company's and the school's.
    pub logos: Vec<String>,
    /// Name of the course.
    pub course: Option<String>,
    /// Year of the cohort.
    pub cohort: Option<String>,
    /// Globs of the team's chapters.
    pub sources: Vec<String>,
}

/// Somebody who defends the project. Empty texts are for the student to fill in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Surname and first name.
    pub name: String,
    /// Login.
    pub login: String,
    /// Surname and first name of the tutor.
    pub tutor: String,
}

const CANDIDATE: &[&str] = &["name", "login", "tutor"];

impl Source<'_> {
    pub(super) fn report(&self, item: Option<&Item>) -> Result<Report> {
        let Some(table) = item.and_then(Item::as_table_like) else { return Ok(Report::default()) };
        let inside = |key: &str| -> Result<Vec<String>> {
            let paths = self.texts(table, key)?;
            match paths.iter().find(|path| !stays_inside(path)) {
                Some(path) => Err(self.at_key(table, key, format!("{path:?} leads out of the project"))),
                None => Ok(paths),
            }
        };
        Ok(Report {
            title: self.text(table, "title")?,
            candidates: self.candidates(table)?,
            school: self.text(table, "school")?,
            company: self.text(table, "company")?,
            logos: inside("logos")?,
            course: self.text(table, "course")?,
            cohort: self.text_or_number(table, "cohort")?,
            sources: inside("sources")?,
        })
    }

    fn candidates(&self, table: &dyn TableLike) -> Result<Vec<Candidate>> {
        let wanted = || "candidates is a list of { name = \"…\", login = \"…\", tutor = \"…\" }".to_owned();
        let read = |candidate: &dyn TableLike| -> Result<Candidate> {
            self.check_keys(candidate, CANDIDATE, "report.candidates")?;
            let text = |key| Ok::<_, crate::Error>(self.text(candidate, key)?.unwrap_or_default());
            Ok(Candidate { name: text("name")?, login: text("login")?, tutor: text("tutor")? })
        };
        match table.get("candidates") {
            None => Ok(Vec::new()),
            Some(Item::ArrayOfTables(all)) => all.iter().map(|candidate| read(candidate)).collect(),
            Some(item) => {
                let list = item.as_array().ok_or_else(|| self.at(item, wanted()))?;
                list.iter()
                    .map(|value| read(value.as_inline_table().ok_or_else(|| self.at(item, wanted()))?))
                    .collect()
            }
        }
    }
}
