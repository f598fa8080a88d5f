//! Secrets in manifests: references until an object is sent, so that no manifest, diff or record ever holds a value.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use credentials::{MASK, Secret};
use serde_json::{Map, Value};

use super::{Error, Manifest, Result};

/// What stands around a secret's name: characters of the private use area, which no manifest holds by itself.
pub(super) const MARKS: [char; 2] = ['\u{E000}', '\u{E001}'];

/// What stands for a secret.
pub(super) fn reference(name: &str) -> String {
    format!("{}{name}{}", MARKS[0], MARKS[1])
}

pub(super) fn is_secret(manifest: &Manifest) -> bool {
    (manifest.api_version(), manifest.kind()) == ("v1", "Secret")
}

/// A text with the values in; a reference that has none stays.
pub(super) fn fill_in(text: &str, secrets: &BTreeMap<String, Secret>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut done = 0;
    for (range, name) in references(text) {
        if let Some(secret) = secrets.get(name) {
            filled.push_str(&text[done..range.start]);
            filled.push_str(secret.expose());
            done = range.end;
        }
    }
    filled.push_str(&text[done..]);
    filled
}

/// Refuses a secret where everybody could read it, and a Secret whose values stand in the file.
pub(super) fn check(manifest: &Manifest) -> Result<()> {
    let secret = is_secret(manifest);
    let mut outside = None;
    walk(&manifest.object, &mut String::new(), &mut |path, text| {
        let inside = secret && path.starts_with("stringData.");
        if let Some((_, name)) = references(text).next().filter(|_| !inside && outside.is_none()) {
            outside = Some((path.to_owned(), name.to_owned()));
        }
    });
    if let Some((path, name)) = outside {
        return Err(Error::SecretOutside { id: manifest.id(), at: manifest.at.clone(), name, path });
    }
    if !secret {
        return Ok(());
    }
    for (key, value) in
        ["data", "stringData"].iter().filter_map(|part| manifest.object.get(*part)?.as_object()).flatten()
    {
        let plain = value.as_str().is_none_or(|text| !text.is_empty() && references(text).next().is_none());
        if plain && !value.is_null() {
            return Err(Error::SecretInText { id: manifest.id(), at: manifest.at.clone(), key: key.clone() });
        }
    }
    Ok(())
}

/// The object as it is sent: references replaced by values. A Secret's `stringData` becomes `data`, because a server-side
/// apply forgets keys that are no longer in `stringData`, but deletes those no longer in `data`.
pub(super) fn resolved(manifest: &Manifest, secrets: &BTreeMap<String, Secret>) -> Result<Value> {
    let mut object = manifest.object.clone();
    if !is_secret(manifest) {
        return Ok(object);
    }
    let Some(Value::Object(texts)) = object.as_object_mut().and_then(|object| object.remove("stringData"))
    else {
        return Ok(object);
    };
    let mut data = Map::new();
    for (key, value) in texts {
        let text = value.as_str().unwrap_or_default();
        if let Some((_, name)) = references(text).find(|(_, name)| !secrets.contains_key(*name)) {
            let (id, at) = (manifest.id(), manifest.at.clone());
            return Err(Error::SecretMissing { id, at, name: name.to_owned() });
        }
        data.insert(key, STANDARD.encode(fill_in(text, secrets)).into());
    }
    match object.get_mut("data").and_then(Value::as_object_mut) {
        Some(existing) => existing.extend(data),
        None => object["data"] = data.into(),
    }
    Ok(object)
}

/// The object as it may be kept: values of a Secret that are not references are masked. Whether any was.
pub(super) fn masked(manifest: &Manifest) -> (Value, bool) {
    let mut object = manifest.object.clone();
    let mut any = false;
    if is_secret(manifest) {
        for part in ["data", "stringData"] {
            for value in
                object.get_mut(part).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
            {
                let kept =
                    value.as_str().is_some_and(|text| text.is_empty() || references(text).next().is_some());
                if !kept {
                    *value = MASK.into();
                    any = true;
                }
            }
        }
    }
    (object, any)
}

/// Whether a kept Secret lost its values.
pub(super) fn is_masked(manifest: &Manifest) -> bool {
    let parts = ["data", "stringData"].into_iter().filter_map(|part| manifest.object.get(part)?.as_object());
    is_secret(manifest) && parts.flat_map(Map::values).any(|value| value.as_str() == Some(MASK))
}

/// References in a text, with where they stand.
fn references(text: &str) -> impl Iterator<Item = (std::ops::Range<usize>, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(MARKS[0])?;
        let name = start + MARKS[0].len_utf8();
        let end = name + text[name..].find(MARKS[1])?;
        from = end + MARKS[1].len_utf8();
        Some((start..from, &text[name..end]))
    })
}

/// Visits every text of an object, keys included, with its path.
fn walk(value: &Value, path: &mut String, visit: &mut impl FnMut(&str, &str)) {
    let before = path.len();
    let step = |path: &mut String, key: &str| {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
    };
    match value {
        Value::String(text) => visit(path, text),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                step(path, &index.to_string());
                walk(item, path, visit);
                path.truncate(before);
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields {
                visit(path, key);
                step(path, key);
                walk(item, path, visit);
                path.truncate(before);
            }
        }
        _ => {}
    }
}
