//! Writes reports and slides in both languages into the folder given as argument, to look at and to validate: a team's, one
//! of hostile content, one of none.
//!
//! `cargo run -p reports --example document -- FOLDER`

#[path = "../tests/hostile/mod.rs"]
mod hostile;
#[path = "../tests/sample/mod.rs"]
mod sample;

use std::path::{Path, PathBuf};
use std::time::Instant;

use reports::Content;
use reports::content::Language;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: document FOLDER")?);
    std::fs::create_dir_all(&folder)?;
    for (language, name) in [(Language::Fr, "fr"), (Language::En, "en")] {
        write(&folder, name, &sample::content(language))?;
        write(&folder, &format!("hostile.{name}"), &hostile::everything(language))?;
        write(&folder, &format!("nothing.{name}"), &hostile::nothing(language))?;
        write(&folder, &format!("no-data.{name}"), &hostile::no_data(language))?;
    }
    Ok(())
}

fn write(folder: &Path, name: &str, content: &Content) -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let report = reports::docx(content)?;
    let middle = Instant::now();
    let slides = reports::pptx(content)?;
    let (word, powerpoint) = (middle - start, middle.elapsed());
    println!(
        "{name}: report {} kB in {word:.1?}, slides {} kB in {powerpoint:.1?}",
        report.len() / 1000,
        slides.len() / 1000
    );
    std::fs::write(folder.join(format!("report.{name}.docx")), report)?;
    std::fs::write(folder.join(format!("slides.{name}.pptx")), slides)?;
    Ok(())
}
