//! What is kept of a release, and what names it: its recorded manifests, their digest, its images.

use std::collections::{BTreeMap, BTreeSet};

use credentials::Masker;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::manifests::{MANAGED_BY, MARKS, SERVICE, unmark};
use super::{Error, Manifest, Result, references};

/// Version of the record.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Record {
    format: u32,
    manifests: Vec<Manifest>,
}

/// The manifests as a text for the store (JSON, which is YAML). Secrets are references in it; values of Secrets that are
/// written in a manifest are masked.
pub fn recorded(manifests: &[Manifest]) -> String {
    let kept = manifests.iter().map(|manifest| references::masked(manifest).0);
    record(manifests, kept)
}

/// What another program rendered, as a text for the store: it filled secrets in anywhere, and so they are masked anywhere.
pub fn recorded_masked(manifests: &[Manifest], mask: &Masker) -> String {
    let kept = manifests.iter().map(|manifest| {
        let mut object = references::masked(manifest).0;
        hide(&mut object, mask);
        object
    });
    record(manifests, kept)
}

fn record(manifests: &[Manifest], kept: impl Iterator<Item = Value>) -> String {
    let kept =
        manifests.iter().zip(kept).map(|(manifest, object)| Manifest { object, at: manifest.at.clone() });
    let record = Record { format: FORMAT, manifests: kept.collect() };
    // Values of JSON with texts as keys: this cannot fail.
    serde_json::to_string(&record).unwrap_or_default()
}

fn hide(value: &mut Value, mask: &Masker) {
    match value {
        Value::String(text) => *text = mask.apply(text),
        Value::Array(all) => all.iter_mut().for_each(|value| hide(value, mask)),
        Value::Object(fields) => fields.values_mut().for_each(|value| hide(value, mask)),
        _ => {}
    }
}

/// Recorded manifests, to apply them again. No template is filled in a second time.
///
/// # Errors
/// The text is no record, or one whose Secrets had to be masked: those are rolled back by the program that rendered them.
pub fn from_recorded(text: &str) -> Result<Vec<Manifest>> {
    let manifests = remembered(text)?;
    match manifests.iter().find(|manifest| references::is_masked(manifest)) {
        Some(masked) => Err(Error::Recorded {
            reason: format!("the values of {} were masked, so it cannot be applied again", masked.id()),
        }),
        None => Ok(manifests),
    }
}

/// Recorded manifests, to know what there was: their names and images. What was masked is masked.
///
/// # Errors
/// The text is no record.
pub fn remembered(text: &str) -> Result<Vec<Manifest>> {
    let wrong = |reason: String| Error::Recorded { reason };
    let record: Record = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    if record.format != FORMAT {
        return Err(wrong(format!(
            "it is of format {}, this version knows {FORMAT}: update Jalon",
            record.format
        )));
    }
    Ok(record.manifests)
}

/// Names the rendered manifests: SHA-256, `sha256:` and 64 hexadecimal digits. The same manifests have the same digest in
/// every release, whatever they were marked with.
pub fn digest(manifests: &[Manifest]) -> String {
    let mut hash = Sha256::new();
    for manifest in manifests {
        let mut object = references::masked(manifest).0;
        MARKS.iter().for_each(|name| unmark(&mut object, "annotations", name));
        [SERVICE, MANAGED_BY].iter().for_each(|name| unmark(&mut object, "labels", name));
        object.sort_all_objects();
        hash.update(object.to_string());
        hash.update("\n");
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// The images that the workloads run, sorted, each once; those of init containers too.
pub fn images(manifests: &[Manifest]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for manifest in manifests {
        for container in
            CONTAINERS.iter().filter_map(|path| manifest.object.pointer(path)?.as_array()).flatten()
        {
            found.extend(container.get("image").and_then(Value::as_str).map(str::to_owned));
        }
    }
    found.into_iter().collect()
}

/// What a release runs, in one image: that of its first workload's first container.
pub fn main_image(manifests: &[Manifest]) -> Option<&str> {
    let paths =
        ["/spec/template/spec/containers/0/image", "/spec/jobTemplate/spec/template/spec/containers/0/image"];
    let mut workloads = manifests.iter().filter(|manifest| manifest.is_workload());
    workloads.find_map(|manifest| paths.iter().find_map(|path| manifest.object.pointer(path)?.as_str()))
}

/// Pins images to digests: `nginx:1.27` with `sha256:…` becomes `nginx:1.27@sha256:…`. Those that are pinned already stay.
/// How many were pinned.
pub fn pin(manifests: &mut [Manifest], digests: &BTreeMap<String, String>) -> usize {
    let mut pinned = 0;
    for manifest in manifests {
        for path in CONTAINERS {
            let containers = manifest.object.pointer_mut(path).and_then(Value::as_array_mut);
            for container in containers.into_iter().flatten() {
                let Some(image) = container.get("image").and_then(Value::as_str) else { continue };
                if let Some(digest) = digests.get(image).filter(|_| !image.contains('@')) {
                    container["image"] = format!("{image}@{digest}").into();
                    pinned += 1;
                }
            }
        }
    }
    pinned
}

/// Where containers stand in pods, in what makes pods, and in what makes that.
const CONTAINERS: [&str; 6] = [
    "/spec/containers",
    "/spec/initContainers",
    "/spec/template/spec/containers",
    "/spec/template/spec/initContainers",
    "/spec/jobTemplate/spec/template/spec/containers",
    "/spec/jobTemplate/spec/template/spec/initContainers",
];
