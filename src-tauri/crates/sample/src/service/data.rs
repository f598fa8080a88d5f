//! Users and courses, as the release brings them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml_edit::{Document, Item};

use super::{Error, Result};

/// Largest file that is read.
const LARGEST: u64 = 1 << 20;

/// Everything that a release brings.
#[derive(Debug)]
pub(crate) struct Data {
    /// Its version, e.g. `1.1.0`.
    pub version: String,
    /// Name of the application, for its page.
    pub title: String,
    /// Whether its page speaks French; English otherwise.
    pub french: bool,
    /// Whether courses can be searched.
    pub search: bool,
    /// Whether lists say how many take part.
    pub counts: bool,
    /// Users by id.
    pub users: BTreeMap<String, User>,
    /// Courses, in the file's order.
    pub courses: Vec<Course>,
}

/// Somebody who uses the application.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    /// Small letters, digits and `-`.
    pub id: String,
    /// `student` or `teacher`.
    pub role: String,
}

/// A course.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Course {
    /// Small letters, digits and `-`.
    pub id: String,
    /// Title.
    pub title: String,
    /// Id of a user. Whether there is such a user is for the tests of a release to say.
    pub teacher: String,
    /// How many may take part.
    pub seats: usize,
    /// Ids of users who take part when the service starts.
    pub enrolled: BTreeSet<String>,
}

impl Data {
    /// Reads the three files of a folder.
    ///
    /// # Errors
    /// A file is missing, damaged, or says something twice.
    pub(crate) fn load(dir: &Path) -> Result<Self> {
        let users: Vec<User> = json(&dir.join("users.json"))?;
        let courses: Vec<Course> = json(&dir.join("courses.json"))?;
        unique(&dir.join("users.json"), users.iter().map(|user| user.id.as_str()))?;
        unique(&dir.join("courses.json"), courses.iter().map(|course| course.id.as_str()))?;
        let path = dir.join("service.toml");
        let source = text(&path)?;
        let wrong = |reason: String| Error::Data { path: path.display().to_string(), reason };
        let document = Document::parse(source.as_str())
            .map_err(|error| wrong(error.to_string().trim().replace('\n', " ")))?;
        let field = |key: &str| {
            let value = document.get(key).and_then(Item::as_str).filter(|value| !value.is_empty());
            value.map(str::to_owned).ok_or_else(|| wrong(format!("it has no {key}")))
        };
        let (mut search, mut counts) = (false, false);
        for feature in document.get("features").and_then(Item::as_array).into_iter().flatten() {
            match feature.as_str() {
                Some("search") => search = true,
                Some("counts") => counts = true,
                _ => return Err(wrong(format!("there is no feature {feature}"))),
            }
        }
        let french = match field("language")?.as_str() {
            "fr" => true,
            "en" => false,
            other => return Err(wrong(format!("language {other:?} is neither \"en\" nor \"fr\""))),
        };
        let users = users.into_iter().map(|user| (user.id.clone(), user)).collect();
        Ok(Self {
            version: field("version")?,
            title: field("title")?,
            french,
            search,
            counts,
            users,
            courses,
        })
    }
}

fn text(path: &Path) -> Result<String> {
    let wrong = |reason: String| Error::Data { path: path.display().to_string(), reason };
    let size = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
    if size > LARGEST {
        return Err(wrong(format!("it is larger than {LARGEST} bytes")));
    }
    std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_str(&text(path)?)
        .map_err(|error| Error::Data { path: path.display().to_string(), reason: error.to_string() })
}

/// Ids stand in addresses, so they are plain, and each names one thing.
fn unique<'a>(path: &Path, ids: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for id in ids {
        let wrong = |reason: String| Err(Error::Data { path: path.display().to_string(), reason });
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if id.is_empty() || !id.chars().all(plain) {
            return wrong(format!("{id:?} is no id: small letters, digits and - are"));
        }
        if !seen.insert(id) {
            return wrong(format!("{id:?} is there twice"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = r#"[{"id": "student-a", "role": "student"}]"#;
    const COURSES: &str =
        r#"[{"id": "git", "title": "Git", "teacher": "nobody", "seats": 2, "enrolled": ["student-a"]}]"#;
    const SERVICE: &str = "version = \"1.0.0\"\ntitle = \"T\"\nlanguage = \"en\"\nfeatures = [\"search\"]\n";

    fn load(users: &str, courses: &str, service: &str) -> Result<Data> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("users.json", users), ("courses.json", courses), ("service.toml", service)] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Data::load(folder.path())
    }

    #[test]
    fn a_release_is_read() {
        let data = load(USERS, COURSES, SERVICE).unwrap();
        assert_eq!(
            (data.version.as_str(), data.search, data.counts, data.french),
            ("1.0.0", true, false, false)
        );
        assert_eq!(data.users["student-a"].role, "student");
        assert_eq!((data.courses[0].seats, data.courses[0].enrolled.len()), (2, 1));
    }

    #[test]
    fn damage_is_named_with_its_place() {
        let twice = format!("[{0},{0}]", USERS.trim_matches(['[', ']']));
        for (users, courses, service, file, word) in [
            ("[", COURSES, SERVICE, "users.json", "line 1"),
            (USERS, "[{}\n {}]", SERVICE, "courses.json", "missing field"),
            (&twice, COURSES, SERVICE, "users.json", "twice"),
            (r#"[{"id": "a b", "role": "x"}]"#, COURSES, SERVICE, "users.json", "no id"),
            (r#"[{"id": "a", "role": "x", "nam": 1}]"#, COURSES, SERVICE, "users.json", "nam"),
            (USERS, COURSES, "version = ", "service.toml", ""),
            (USERS, COURSES, "title = \"T\"\nlanguage = \"en\"\n", "service.toml", "no version"),
            (USERS, COURSES, &SERVICE.replace("search", "fly"), "service.toml", "fly"),
            (USERS, COURSES, &SERVICE.replace("\"en\"", "\"de\""), "service.toml", "neither"),
        ] {
            let Err(Error::Data { path, reason }) = load(users, courses, service) else { panic!("{word}") };
            assert!(path.ends_with(file) && reason.contains(word), "{path}: {reason}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Data::load(folder.path()), Err(Error::Data { .. })));
    }
}
