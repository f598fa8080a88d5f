//! The page numbers printed in the contents lists are those of LibreOffice, wherever it is installed.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sample;

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::Command;

use reports::content::{Content, Language, Source};

/// Words of a text that means nothing.
const WORDS: &[&str] = &[
    "déploiement",
    "infrastructure",
    "la",
    "une",
    "version",
    "qui",
    "tests",
    "automatique",
    "supervision",
    "et",
    "de",
    "production",
    "l’équipe",
    "a",
    "mesuré",
    "conteneur",
    "en",
    "continu",
    "bleu-vert",
    "d’où",
    "retour",
    "arrière",
    "stable",
    "requête",
    "par",
    "semaine,",
    "pipeline",
    "réseau",
    "sécurité",
    "sauvegarde",
    "orchestration",
    "ne",
    "plus",
    "très",
    "indisponibilité",
    "à",
];

/// A small generator (SplitMix64): the same text every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn words(&mut self, count: u64) -> String {
        let mut text = String::new();
        for n in 0..count {
            let word = WORDS[usize::try_from(self.roll(WORDS.len() as u64)).unwrap()];
            if n > 0 {
                text.push(' ');
            }
            match self.roll(60) {
                0 => text.push_str(&format!("**{word}**")),
                1 => text.push_str(&format!("*{word}*")),
                2 if self.roll(3) == 0 => text.push_str("`kubectl apply`"),
                3 if count > 15 && self.roll(3) == 0 => text.push_str(&format!(
                    "[{word}](https://docs.example/{}/{})",
                    self.roll(10_000),
                    "guide/".repeat(usize::try_from(self.roll(12)).unwrap())
                )),
                4 => text.push_str("« oui » : 4,8 % ;"),
                _ => text.push_str(word),
            }
        }
        text
    }
}

fn chapter(dice: &mut Dice, number: usize) -> Source {
    let mut markdown = String::new();
    for _ in 0..14 + dice.roll(20) {
        match dice.roll(16) {
            0 | 1 => markdown.push_str(&format!("## {}\n\n", dice.words(4))),
            2 => {
                let count = 2 + dice.roll(9);
                markdown.push_str(&format!("### {}\n\n", dice.words(count)));
            }
            3 | 4 => {
                for n in 0..3 + dice.roll(5) {
                    let count = 4 + dice.roll(20);
                    let indent = if n > 0 && dice.roll(4) == 0 { "  " } else { "" };
                    markdown.push_str(&format!("{indent}- {}\n", dice.words(count)));
                }
                markdown.push('\n');
            }
            5 => {
                for n in 0..3 + dice.roll(4) {
                    let count = 3 + dice.roll(30);
                    markdown.push_str(&format!("{}. {}\n", n + 1, dice.words(count)));
                }
                markdown.push('\n');
            }
            6 => {
                markdown.push_str("```\n");
                for n in 0..3 + dice.roll(14) {
                    markdown.push_str(&format!(
                        "{}step {n}: apply {}\n",
                        "  ".repeat(usize::try_from(n % 3).unwrap()),
                        dice.roll(1000)
                    ));
                }
                markdown.push_str("```\n\n");
            }
            7 => {
                markdown.push_str("| Nom | Description | Nombre |\n|---|---|---:|\n");
                for _ in 0..2 + dice.roll(9) {
                    let count = 2 + dice.roll(16);
                    markdown.push_str(&format!(
                        "| {} | {} | {} |\n",
                        dice.words(1),
                        dice.words(count),
                        dice.roll(1000)
                    ));
                }
                markdown.push('\n');
            }
            8 => markdown.push_str(&format!("> {}\n\n", dice.words(24))),
            9 => markdown.push_str("![Schéma de principe](schema.png)\n\n"),
            _ => {
                let count = 20 + dice.roll(90);
                markdown.push_str(&format!("{}.\n\n", dice.words(count)));
            }
        }
    }
    Source { title: format!("Chapitre de mesure {number}"), markdown }
}

fn long(seed: u64) -> Content {
    let mut dice = Dice(seed);
    let mut content = sample::content(Language::Fr);
    content.sources = (1..=12).map(|number| chapter(&mut dice, number)).collect();
    content
}

/// Pages of the bookmarks of headings as LibreOffice lays them out, or none where it is not installed.
fn rendered(docx: &[u8], folder: &Path) -> Option<BTreeMap<String, usize>> {
    let file = folder.join("report.docx");
    std::fs::write(&file, docx).unwrap();
    let home = folder.join("home");
    let filter =
        r#"pdf:writer_pdf_Export:{"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"}}"#;
    // `timeout` ends LibreOffice and what it started.
    let run = Command::new("timeout")
        .arg("150")
        .arg("soffice")
        .arg(format!("-env:UserInstallation=file://{}", home.display()))
        .args(["--headless", "--convert-to", filter, "--outdir"])
        .arg(folder)
        .arg(&file)
        .env("HOME", &home)
        .output();
    match run {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Ok(output) if output.status.code() == Some(127) => return None,
        run => assert!(run.unwrap().status.success(), "LibreOffice cannot convert the report"),
    }
    let list = Command::new("pdfinfo").arg("-dests").arg(folder.join("report.pdf")).output();
    let list = match list {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        list => String::from_utf8(list.unwrap().stdout).unwrap(),
    };
    let pages = list.lines().filter_map(|line| {
        let page = line.split_whitespace().next()?.parse().ok()?;
        let name = line.split('"').nth(1)?.strip_prefix("5F")?;
        name.starts_with("Toc").then(|| (format!("_{name}"), page))
    });
    Some(pages.collect())
}

/// Pages as the contents lists print them.
fn printed(docx: &[u8]) -> BTreeMap<String, usize> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(docx)).unwrap();
    let mut xml = String::new();
    zip.by_name("word/document.xml").unwrap().read_to_string(&mut xml).unwrap();
    xml.split(" PAGEREF ")
        .skip(1)
        .map(|after| {
            let name = after.split_whitespace().next().unwrap().to_owned();
            let text = after.split("<w:t xml:space=\"preserve\">").nth(1).unwrap();
            (name, text.split('<').next().unwrap().parse().unwrap())
        })
        .collect()
}

/// Bookmark, printed page and rendered page of every heading that a contents list shows; none without LibreOffice.
fn compare(content: &Content) -> Option<Vec<(String, usize, usize)>> {
    let docx = reports::docx(content).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let Some(real) = rendered(&docx, folder.path()) else {
        eprintln!("LibreOffice or pdfinfo is not installed: nothing to compare with");
        return None;
    };
    let printed = printed(&docx);
    assert!(printed.len() > 10, "only {} entries", printed.len());
    Some(printed.into_iter().map(|(name, page)| (name.clone(), page, real[&name])).collect())
}

#[test]
fn a_report_as_teams_write_them_prints_the_pages_of_libreoffice() {
    for language in [Language::Fr, Language::En] {
        let found = compare(&sample::content(language)).unwrap_or_default();
        let wrong: Vec<_> = found.iter().filter(|(_, printed, real)| printed != real).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

/// Some 65 pages. Word processors differ by a line where a page is full to the last one, so a heading or two may stand on
/// the next page; chapters begin pages, so that nothing adds up.
#[test]
fn a_long_report_prints_the_pages_of_libreoffice() {
    let found = compare(&long(4)).unwrap_or_default();
    let wrong: Vec<_> = found.iter().filter(|(_, printed, real)| printed != real).collect();
    assert!(
        wrong.len() <= 2 && wrong.iter().all(|(_, printed, real)| printed.abs_diff(*real) == 1),
        "{wrong:?}"
    );
}
