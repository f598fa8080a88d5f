//! Values files with their variables filled in: in a private folder, for as long as Helm runs.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::super::manifests::{expand, values};
use super::super::references::{fill_in, reference};
use super::super::{Error, Result};
use super::Chart;
use super::pinned::Renderer;

/// The files, deleted when this is dropped.
pub(super) struct Values {
    _folder: TempDir,
    /// Where each stands, and what the team calls it.
    files: Vec<(PathBuf, String)>,
    renderer: Option<Renderer>,
}

impl Values {
    /// Fills the files in and writes them.
    pub(super) fn write(chart: &Chart<'_>) -> Result<Self> {
        if !chart.dir.join("Chart.yaml").is_file() {
            let dir = chart.dir.display().to_string();
            return Err(Error::ChartMissing { dir, reason: "it has no Chart.yaml".into() });
        }
        let folder = private_folder(chart.private)?;
        let mut files = Vec::new();
        for (index, (path, text)) in chart.values.iter().enumerate() {
            let text = filled(chart, path, text)?;
            let file = folder.path().join(format!("values-{index}.yaml"));
            write_private(&file, &text)?;
            files.push((file, path.clone()));
        }
        let renderer = chart.pins.map(|pins| Renderer::write(pins, folder.path())).transpose()?;
        Ok(Self { _folder: folder, files, renderer })
    }

    /// Who pins the chart's images, if they are.
    pub(super) fn renderer(&self) -> Option<&Renderer> {
        self.renderer.as_ref()
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.iter().map(|(file, _)| file)
    }

    /// Helm's words with the team's names for the files.
    pub(super) fn named(&self, words: &str) -> String {
        self.files
            .iter()
            .fold(words.to_owned(), |words, (file, path)| words.replace(&*file.to_string_lossy(), path))
    }
}

/// The file's text with variables and secrets in. A secret must not change what the file says: text that is read with the
/// value in its place has to be what is read with a reference there.
fn filled(chart: &Chart<'_>, path: &str, text: &str) -> Result<String> {
    let mut variables: BTreeMap<String, String> = chart.variables.clone();
    variables.extend(chart.secrets.keys().map(|name| (name.clone(), reference(name))));
    let referring = expand(path, text, chart.environment, &variables)?;
    let mut meant = values(path, &referring)?;
    if !meant.is_object() && !meant.is_null() {
        let reason = "a values file is a mapping".to_owned();
        return Err(Error::Manifest { at: format!("{path}:1"), reason });
    }
    if chart.secrets.is_empty() {
        return Ok(referring);
    }
    let filled = fill_in(&referring, chart.secrets);
    fill_in_all(&mut meant, chart);
    let same = values(path, &filled).is_ok_and(|read| is_same(&meant, &read));
    if !same {
        let reason = "a secret's value has characters that change what the file says; put ${…} between double quotes, or pass the secret as a Kubernetes Secret";
        return Err(Error::Manifest { at: path.to_owned(), reason: reason.to_owned() });
    }
    Ok(filled)
}

fn fill_in_all(value: &mut Value, chart: &Chart<'_>) {
    match value {
        Value::String(text) => *text = fill_in(text, chart.secrets),
        Value::Array(items) => items.iter_mut().for_each(|item| fill_in_all(item, chart)),
        Value::Object(fields) => fields.values_mut().for_each(|field| fill_in_all(field, chart)),
        _ => {}
    }
}

/// Whether both say the same, a number or a truth value that a secret holds aside.
fn is_same(meant: &Value, read: &Value) -> bool {
    match (meant, read) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| is_same(a, b)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::String(_), Value::Number(_) | Value::Bool(_)) => true,
        (a, b) => a == b,
    }
}

/// A folder that nobody else may read.
fn private_folder(parent: &Path) -> Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("helm-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(parent).map_err(|error| Error::file(parent, error))
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Error::file(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use credentials::Secret;

    fn write(text: &str, secret: &str) -> Result<String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("Chart.yaml"), "").unwrap();
        let files = [("values.yaml".to_owned(), text.to_owned())];
        let variables = BTreeMap::from([("REPLICAS".to_owned(), "3".to_owned())]);
        let secrets = BTreeMap::from([("PASSWORD".to_owned(), Secret::new(secret.to_owned()))]);
        let chart = Chart {
            release: "web",
            dir: dir.path(),
            values: &files,
            environment: "dev",
            variables: &variables,
            secrets: &secrets,
            pins: None,
            private: dir.path(),
        };
        let values = Values::write(&chart)?;
        let file = values.paths().next().unwrap().clone();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        }
        let text = std::fs::read_to_string(&file).unwrap();
        drop(values);
        assert!(!file.exists());
        Ok(text)
    }

    #[test]
    fn variables_and_secrets_are_filled_in_and_gone_after() {
        let text =
            write("replicas: ${REPLICAS}\nname: {environment}\ndb: \"${PASSWORD}\"\n", "hunter22").unwrap();
        assert_eq!(text, "replicas: 3\nname: dev\ndb: \"hunter22\"\n");
    }

    #[test]
    fn a_secret_cannot_change_what_the_file_says() {
        for (text, secret) in [
            ("db: ${PASSWORD}\n", "x\nadmin: true"),
            ("db: \"${PASSWORD}\"\n", "a\"b"),
            ("db: ${PASSWORD}\n", "a #b"),
        ] {
            let error = write(text, secret).unwrap_err();
            assert_eq!(error.code(), "manifest");
            assert!(!error.to_string().contains(secret), "{error}");
        }
        assert!(write("db: ${PASSWORD}\n", "12345").is_ok());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        assert_eq!(
            write("a: 1\nb: ${NOT_SET}\n", "x").unwrap_err().to_string().split(' ').next(),
            Some("values.yaml:2:")
        );
        assert!(write("- a\n", "x").unwrap_err().to_string().contains("a mapping"));
        let tab = write("a:\n\tb: 1\n", "x").unwrap_err().to_string();
        assert!(tab.starts_with("values.yaml:2:1: ") && tab.contains("tab"), "{tab}");
    }
}
