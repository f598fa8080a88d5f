//! Plan import: a document of 1 MB, and CommonMark's own parsing of the same text beside it.

fn main() {
    divan::main();
}

/// The document of the product's own shape, again and again, with its stages numbered through.
fn megabyte() -> String {
    let one = milestones::template(milestones::TemplateLanguage::En, jiff::civil::date(2026, 11, 23));
    let mut text = String::new();
    let mut number = 0;
    while text.len() < 1_000_000 {
        for line in one.lines() {
            match line.strip_prefix("## Stage ").and_then(|rest| rest.split_once(':')) {
                Some((_, title)) => {
                    number += 1;
                    text.push_str(&format!("## Stage {number}:{title}\n"));
                }
                None => {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
    }
    text
}

#[divan::bench]
fn import_one_megabyte(bencher: divan::Bencher) {
    let text = megabyte();
    bencher
        .counter(divan::counter::BytesCount::of_str(&text))
        .bench(|| milestones::import(text.as_bytes(), &milestones::ImportOptions::default()));
}

#[divan::bench]
fn commonmark_events_alone(bencher: divan::Bencher) {
    let text = megabyte();
    bencher
        .counter(divan::counter::BytesCount::of_str(&text))
        .bench(|| pulldown_cmark::Parser::new_ext(&text, pulldown_cmark::Options::all()).count());
}

#[divan::bench]
fn import_one_plan(bencher: divan::Bencher) {
    let text = milestones::template(milestones::TemplateLanguage::En, jiff::civil::date(2026, 11, 23));
    bencher.bench(|| milestones::import(text.as_bytes(), &milestones::ImportOptions::default()));
}
