//! Nothing of a document is lost: every word of it is found in what was imported.

use std::collections::HashSet;

use milestones::{Import, ImportOptions, Item, Link, Note, import};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn links(links: &[Link], into: &mut String) {
    for link in links {
        into.push_str(&format!("{} {} ", link.text, link.url));
    }
}

fn items(list: &[Item], into: &mut String) {
    for item in list {
        into.push_str(&format!("{} ", item.text));
        links(&item.links, into);
        items(&item.children, into);
    }
}

fn notes(list: &[Note], into: &mut String) {
    for note in list {
        into.push_str(&format!("{} {} ", note.title.as_deref().unwrap_or_default(), note.text));
        links(&note.links, into);
    }
}

/// Every text of an import, diagnostics apart.
fn said(import: &Import) -> String {
    let plan = &import.plan;
    let mut all = String::new();
    for text in [&plan.title, &plan.front_matter].into_iter().flatten() {
        all.push_str(&format!("{text} "));
    }
    notes(&plan.preamble, &mut all);
    for stage in &plan.stages {
        all.push_str(&format!(
            "{} {} ",
            stage.number.map(|n| n.to_string()).unwrap_or_default(),
            stage.title
        ));
        if let Some(milestone) = &stage.milestone {
            all.push_str(&format!("{} ", milestone.url));
        }
        if let Some(deadline) = &stage.deadline {
            all.push_str(&format!("{} ", deadline.text));
        }
        for list in [&stage.activities, &stage.deliverables, &stage.extras, &stage.bonus] {
            items(list, &mut all);
        }
        notes(&stage.notes, &mut all);
    }
    all.to_lowercase()
}

/// Words of the document that the import says nowhere. The names of stages, sections and deadlines are said
/// by the model's fields.
fn lost(document: &str, named: &[&str]) -> Vec<String> {
    let said = said(&import(document.as_bytes(), &ImportOptions::default()));
    let known: HashSet<&str> = said.split(|c: char| !c.is_alphanumeric()).collect();
    let document = document.to_lowercase();
    let words = document.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.filter(|word| !known.contains(word) && !named.contains(word)).map(str::to_owned).collect()
}

/// Labels that the model says by its fields, and the list numbers and marks of Markdown itself.
const NAMED: [&str; 22] = [
    "stage",
    "étape",
    "activities",
    "deliverables",
    "livrables",
    "extras",
    "bonus",
    "deadline",
    "échéance",
    "date",
    "limite",
    "activités",
    "step",
    "deliverable",
    "x",
    "1",
    "2",
    "3",
    "pour",
    "aller",
    "plus",
    "loin",
];

fn word() -> impl Strategy<Value = String> {
    "[a-zéà]{3,8}[0-9]{3}"
}

fn words() -> impl Strategy<Value = String> {
    vec(word(), 1..5).prop_map(|words| words.join(" "))
}

fn inline() -> impl Strategy<Value = String> {
    let decorated = (words(), words(), 0..16usize).prop_map(|(a, b, way)| match way {
        0 => format!("**{a}** {b}"),
        1 => format!("*{a}*, {b}"),
        2 => format!("`{a}` {b}"),
        3 => format!("[{a}](https://host.example/{})", b.replace(' ', "/")),
        4 => format!("![{a}](img/{}.png \"{b}\")", b.replace(' ', "-")),
        5 => format!("[{a}][{b}]"),
        6 => format!("{a}<!-- {b} -->"),
        7 => format!("~~{a}~~\n{b}"),
        8 => format!("{a}  \n{b}"),
        9 => format!("<a href=\"{}\">{a}</a>", b.replace(' ', "-")),
        10 => format!("{a}[^{}]", b.replace(' ', "-")),
        11 => format!("**{a}**"),
        12 => format!("Deadline: {a} {b}"),
        13 => format!("{a}: **Échéance :** 12/11/2024 {b}"),
        14 => format!("<https://host.example/{}>", a.replace(' ', "/")),
        _ => format!("{a} {b}"),
    });
    prop_oneof![words(), decorated]
}

fn list() -> impl Strategy<Value = String> {
    vec((inline(), 0..5usize, select(vec!["* ", "- ", "1. ", "- [ ] ", "- [x] "])), 1..8).prop_map(|lines| {
        let mut deepest = 0;
        let indented = lines.into_iter().map(|(text, depth, marker)| {
            let depth = depth.min(deepest);
            deepest = depth + 1;
            let indent = "   ".repeat(depth);
            format!("{indent}{marker}{}\n", text.replace('\n', &format!("\n{indent}   ")))
        });
        indented.collect()
    })
}

fn heading() -> impl Strategy<Value = String> {
    let hashes = select(vec!["#", "##", "###", "####"]);
    prop_oneof![
        4 => (hashes.clone(), 0..9u32, words()).prop_map(|(h, n, text)| format!("{h} Stage {n}: {text}\n")),
        1 => (hashes.clone(), 0..9u32, words()).prop_map(|(h, n, t)| {
            format!("{h} [Étape {n} – {t}](https://github.com/o/r/milestone/{n})\n")
        }),
        1 => (hashes.clone(), words()).prop_map(|(h, text)| format!("{h} {text} (deadline 2024-11-10)\n")),
        1 => (hashes.clone(), 0..4u32, inline()).prop_map(|(h, n, text)| {
            format!("{h} {n}. {}\n", text.replace('\n', " "))
        }),
        4 => (
            hashes.clone(),
            select(vec!["Activities", "Activités", "Deliverables", "Livrables", "Bonus step", "Extras", "Deadline",
                        "Pour aller plus loin", "Échéance", "Deliverable"]),
        ).prop_map(|(h, section)| format!("{h} {section}\n")),
        1 => (hashes.clone(), words()).prop_map(|(h, text)| format!("{h} Deliverables {text}\n")),
        2 => (hashes, inline()).prop_map(|(h, text)| format!("{h} {}\n", text.replace('\n', " "))),
        1 => words().prop_map(|text| format!("{text}\n====\n")),
    ]
}

fn block() -> impl Strategy<Value = String> {
    let table = (words(), vec((words(), inline()), 0..4)).prop_map(|(head, rows)| {
        let rows: String =
            rows.iter().map(|(a, b)| format!("| {a} | {} |\n", b.replace('\n', " "))).collect();
        format!("| {head} | Deadline |\n| --- | --- |\n{rows}")
    });
    let date = select(vec![
        "2024-11-10",
        "du 16 au 12 décembre 2024",
        "31 février 2024",
        "Semaine du 12 Décembre",
        "10/11/2024",
        "2024-W50",
    ]);
    prop_oneof![
        6 => heading(),
        4 => list(),
        4 => inline().prop_map(|text| format!("{text}\n")),
        2 => date.clone().prop_map(|date| format!("{date}\n")),
        1 => (words(), date).prop_map(|(text, date)| format!("Deadline: {date}, {text}\n")),
        1 => table,
        1 => (word(), words()).prop_map(|(info, code)| format!("```{info}\n{code}\n```\n")),
        1 => words().prop_map(|code| format!("    {code}\n")),
        1 => (words(), words()).prop_map(|(a, b)| format!("<div class=\"{a}\">\n{b}\n</div>\n")),
        1 => inline().prop_map(|text| format!("<!-- {} -->\n", text.replace("--", ""))),
        1 => (inline(), list()).prop_map(|(text, list)| {
            format!("{text}\n{list}").lines().map(|line| format!("> {line}\n")).collect()
        }),
        1 => (select(vec!["NOTE", "TIP", "WARNING"]), words()).prop_map(|(k, t)| format!("> [!{k}]\n> {t}\n")),
        1 => (words(), inline(), words()).prop_map(|(title, text, more)| {
            format!("!!! note \"{title}\"\n    {}\n\n    {more}\n", text.replace('\n', " "))
        }),
        1 => (word(), inline()).prop_map(|(label, text)| format!("[^{label}]: {text}\n")),
        1 => (word(), word(), words()).prop_map(|(label, url, title)| format!("[{label}]: {url} \"{title}\"\n")),
        1 => (inline(), word(), word()).prop_map(|(text, label, url)| format!("* {text}\n\n  [{label}]: {url}\n")),
        1 => (word(), word()).prop_map(|(label, url)| format!("> [{label}]: {url}\n")),
        1 => Just("---\n".to_owned()),
        1 => Just("**Livrables :**\n".to_owned()),
    ]
}

fn document() -> impl Strategy<Value = String> {
    (proptest::option::of(words()), vec((block(), any::<bool>()), 0..25), any::<bool>()).prop_map(
        |(front, blocks, windows)| {
            let mut text = front.map(|front| format!("---\n{front}\n---\n")).unwrap_or_default();
            for (block, spaced) in blocks {
                text.push_str(&block);
                if spaced {
                    text.push('\n');
                }
            }
            if windows { text.replace('\n', "\r\n") } else { text }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_word_of_a_document_is_kept(document in document()) {
        prop_assert_eq!(lost(&document, &NAMED), Vec::<String>::new());
    }
}

#[test]
fn every_word_of_a_document_of_the_real_shape_is_kept() {
    assert_eq!(lost(include_str!("documents/shape.md"), &NAMED), Vec::<String>::new());
}

#[test]
fn every_word_of_the_users_document_is_kept() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/inputs/planning.md");
    match std::fs::read_to_string(path) {
        Ok(document) => assert_eq!(lost(&document, &NAMED), Vec::<String>::new()),
        Err(_) => println!("skipped: ../shared is not here, so not {path}"),
    }
}

#[test]
fn a_lost_word_would_be_noticed() {
    assert_eq!(
        lost("## Stage 1: a\n\n### Activities\n\n### Deadline\n", &[]),
        ["stage", "activities", "deadline"]
    );
}
