//! A chart's images, pinned to digests. A chart has no place of its own where an image's digest would go, so Helm hands what
//! it rendered to a post-renderer, which is this very program: the release that Helm keeps is then the pinned one.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::super::manifests::read_rendered;
use super::super::release::pin;
use super::super::{Error, Result};

/// The first argument with which Helm starts this program again; the second is the file of digests.
pub const PIN_PROCESS: &str = "jalon-pin";
/// A chart that renders more is not read, in bytes. Helm's release, a Secret, holds far less.
const LARGEST: u64 = 64 << 20;

/// Which digests a chart's images are pinned to, and by whom.
#[derive(Clone, Copy)]
pub struct Pins<'a> {
    /// Digest (`sha256:…`) by image name and tag.
    pub digests: &'a BTreeMap<String, String>,
    /// A program that calls [`post_render`] when its first argument is [`PIN_PROCESS`].
    pub program: &'a Path,
}

/// The files that tell Helm how to pin.
pub(super) struct Renderer {
    digests: PathBuf,
    plugins: PathBuf,
    program: PathBuf,
}

impl Renderer {
    /// Writes them to a private folder.
    pub(super) fn write(pins: Pins<'_>, folder: &Path) -> Result<Self> {
        let (digests, plugins) = (folder.join("digests.json"), folder.join("plugins"));
        let plugin = plugins.join(PIN_PROCESS);
        std::fs::create_dir_all(&plugin).map_err(|error| Error::file(&plugin, error))?;
        let write = |path: &Path, value: &Value| {
            std::fs::write(path, value.to_string()).map_err(|error| Error::file(path, error))
        };
        write(&digests, &json!(pins.digests))?;
        // Helm 4 starts plugins alone. JSON is YAML.
        let run = json!({ "command": pins.program, "args": [PIN_PROCESS, &digests] });
        let described = json!({
            "apiVersion": "v1",
            "type": "postrenderer/v1",
            "name": PIN_PROCESS,
            "version": "1.0.0",
            "runtime": "subprocess",
            "runtimeConfig": { "platformCommand": [run] },
        });
        write(&plugin.join("plugin.yaml"), &described)?;
        Ok(Self { digests, plugins, program: pins.program.to_path_buf() })
    }

    /// What Helm is told, by its major version.
    pub(super) fn arguments(&self, major: u64) -> Vec<OsString> {
        if major >= 4 {
            return vec!["--post-renderer".into(), PIN_PROCESS.into()];
        }
        let mut arguments = vec!["--post-renderer".into(), self.program.clone().into()];
        for argument in [OsString::from(PIN_PROCESS), self.digests.clone().into()] {
            arguments.extend(["--post-renderer-args".into(), argument]);
        }
        arguments
    }

    /// Where Helm 4 finds the plugin.
    pub(super) fn plugins(&self) -> &Path {
        &self.plugins
    }
}

/// What [`PIN_PROCESS`] does: reads what Helm rendered, and writes it with the images pinned to the digests of a file.
///
/// # Errors
/// What cannot be read or written, in words.
pub fn post_render(
    digests: &Path,
    rendered: impl Read,
    mut out: impl Write,
) -> std::result::Result<(), String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    let digests = std::fs::read(digests).map_err(|error| words(&error))?;
    let digests: BTreeMap<String, String> =
        serde_json::from_slice(&digests).map_err(|error| words(&error))?;
    let text = whole(rendered)?;
    let mut manifests = read_rendered("chart", &text).map_err(|error| words(&error))?;
    pin(&mut manifests, &digests);
    for manifest in manifests {
        // JSON is YAML in which nothing can be taken for something else.
        let written = writeln!(out, "---\n# Source: {}\n{:#}", manifest.at, manifest.object);
        written.map_err(|error| words(&error))?;
    }
    out.flush().map_err(|error| words(&error))
}

/// All of what Helm rendered. A part of it would be installed as if it were all, and what is missing be deleted.
fn whole(rendered: impl Read) -> std::result::Result<String, String> {
    let mut bytes = Vec::new();
    // One more than may be there: that is how too much is seen.
    rendered.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("the chart renders more than {} MiB", LARGEST >> 20));
    }
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_helm_rendered_comes_back_with_its_images_pinned() {
        let folder = tempfile::tempdir().unwrap();
        let digests = BTreeMap::from([("registry.example/web:1".to_owned(), "sha256:aa".to_owned())]);
        let pins = Pins { digests: &digests, program: Path::new("/bin/jalonctl") };
        let renderer = Renderer::write(pins, folder.path()).unwrap();
        let rendered = "---\n# Source: web/templates/web.yaml\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    \
             - {name: a, image: 'registry.example/web:1', args: ['yes', '0x10', '1e3', \"a\\nb\"]}\n    \
             - {name: b, image: 'registry.example/other:1'}\n---\n# nothing\n---\n\
             # Source: web/templates/own.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n";
        let mut out = Vec::new();
        post_render(&renderer.digests, rendered.as_bytes(), &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        let read = read_rendered("again", &out).unwrap();
        let at: Vec<&str> = read.iter().map(|manifest| manifest.at.as_str()).collect();
        assert_eq!(at, ["web/templates/web.yaml", "web/templates/own.yaml"]);
        let containers = &read[0].object["spec"]["containers"];
        assert_eq!(containers[0]["image"], "registry.example/web:1@sha256:aa");
        assert_eq!(containers[0]["args"], json!(["yes", "0x10", "1e3", "a\nb"]));
        assert_eq!(containers[1]["image"], "registry.example/other:1");
        assert!(post_render(&renderer.digests, "a: [".as_bytes(), Vec::new()).unwrap_err().contains("YAML"));
    }

    #[test]
    fn a_rendering_is_read_whole_or_refused() {
        let folder = tempfile::tempdir().unwrap();
        let digests = folder.path().join("digests.json");
        std::fs::write(&digests, "{}").unwrap();
        let mut out = Vec::new();
        let refused = post_render(&digests, std::io::repeat(b'#'), &mut out).unwrap_err();
        assert_eq!(refused, "the chart renders more than 64 MiB");
        assert!(out.is_empty(), "nothing is handed on");
        assert_eq!(whole([0xFF_u8].as_slice()).unwrap_err().split(' ').next(), Some("invalid"));
        assert_eq!(whole("é".as_bytes()).as_deref(), Ok("é"));
    }

    #[test]
    fn either_helm_is_told_in_its_own_way() {
        let folder = tempfile::tempdir().unwrap();
        let digests = BTreeMap::new();
        let pins = Pins { digests: &digests, program: Path::new("/bin/jalonctl") };
        let renderer = Renderer::write(pins, folder.path()).unwrap();
        let file = folder.path().join("digests.json").into_os_string();
        let args = OsString::from("--post-renderer-args");
        let three =
            ["--post-renderer".into(), "/bin/jalonctl".into(), args.clone(), PIN_PROCESS.into(), args, file];
        assert_eq!(renderer.arguments(3), three);
        assert_eq!(renderer.arguments(4), ["--post-renderer", PIN_PROCESS]);
        let described = std::fs::read(renderer.plugins().join(PIN_PROCESS).join("plugin.yaml")).unwrap();
        let described: Value = serde_json::from_slice(&described).unwrap();
        assert_eq!(described["runtimeConfig"]["platformCommand"][0]["command"], "/bin/jalonctl");
    }
}
