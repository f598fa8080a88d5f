//! Plans as other teams write them.

use jiff::civil::{Date, date};
use milestones::{DiagnosticCode, Import, ImportOptions, Item, NoteKind, Stage, import};

fn read(document: &str) -> Import {
    import(document.as_bytes(), &ImportOptions::default())
}

/// Stages of a document that has nothing odd about it.
fn stages(document: &str) -> Vec<Stage> {
    let import = read(document);
    assert_eq!(import.diagnostics, [], "{document}");
    import.plan.stages
}

fn texts(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.text.as_str()).collect()
}

fn due(stage: &Stage) -> (Date, Date) {
    let deadline = stage.deadline.as_ref().unwrap_or_else(|| panic!("{} has no deadline", stage.title));
    (deadline.from, deadline.to)
}

#[test]
fn french_sections() {
    let document = "# Planning\n\n## Étape 2 : Bâtir\n\n### Tâches\n\n- a\n\n### Livrables attendus\n\n- b\n\n\
        ### Optionnel\n\n- c\n\n### Pour aller plus loin\n\n- d\n\n### Remarques\n\n- e\n\n### Échéance\n\n1er décembre 2024\n";
    let [stage] = stages(document).try_into().unwrap();
    assert_eq!((stage.number, stage.title.as_str()), (Some(2), "Bâtir"));
    assert_eq!(texts(&stage.activities), ["a"]);
    assert_eq!(texts(&stage.deliverables), ["b"]);
    assert_eq!(texts(&stage.extras), ["c"]);
    assert_eq!(texts(&stage.bonus), ["d"]);
    assert_eq!(stage.notes.len(), 1);
    assert_eq!((stage.notes[0].kind, stage.notes[0].title.as_deref()), (NoteKind::List, Some("Remarques")));
    assert_eq!(stage.notes[0].text, "- e");
    assert_eq!(due(&stage).0, date(2024, 12, 1));
}

#[test]
fn number_words_and_their_titles() {
    for (heading, number, title) in [
        ("Phase 2", 2, "Phase 2"),
        ("Jalon 3 – Données", 3, "Données"),
        ("Sprint 4: Ship", 4, "Ship"),
        ("Milestone 5 | Watch", 5, "Watch"),
        ("Semaine 1 : Cadrage", 1, "Cadrage"),
        ("Week 6. Automate", 6, "Automate"),
    ] {
        let [stage] = stages(&format!("# Plan\n\n## {heading}\n\n* a\n")).try_into().unwrap();
        assert_eq!((stage.number, stage.title.as_str()), (Some(number), title));
        assert_eq!(texts(&stage.activities), ["a"]);
    }
}

#[test]
fn deadlines_beside_their_labels() {
    let day = date(2024, 10, 30);
    for (body, notes) in [
        ("**Date limite :** 30 octobre 2024", 0),
        ("**Deadline**: 2024-10-30", 0),
        ("Échéance : mercredi 30 octobre 2024", 0),
        ("À rendre le 30 octobre 2024", 0),
        ("- Deadline: Oct. 30, 2024", 0),
        ("Some text.\nDeadline: 30/10/2024", 1),
        ("Some text. Deadline: 30/10/2024. More.", 1),
        ("| Date limite | 30/10/2024 |\n| --- | --- |", 1),
        ("| What | Value |\n| --- | --- |\n| Deadline | 30/10/2024 |", 1),
        ("| Who | Échéance |\n| --- | --- |\n| all | 30/10/2024 |", 1),
        ("> Deadline: 30/10/2024", 1),
        ("**Deadline:**\n\n30/10/2024", 0),
        ("### Deadline\n\n* 30/10/2024", 0),
        ("### Deadline: 30/10/2024", 0),
        ("### Deadline\n\n| Date |\n| --- |\n| 30/10/2024 |", 1),
        ("* Deadline:\n  * 30/10/2024", 0),
        ("Deadline\n--------\n\n30/10/2024", 0),
    ] {
        let [stage] = stages(&format!("## Stage 1: a\n\n{body}\n")).try_into().unwrap();
        assert_eq!(due(&stage), (day, day), "{body}");
        assert_eq!(stage.notes.len(), notes, "{body}: {:?}", stage.notes);
    }
    for heading in
        ["a (deadline 2024-10-30)", "a – 30 octobre 2024", "a [due 30/10/2024]", "a (30 octobre 2024)"]
    {
        let [stage] = stages(&format!("## Stage 1: {heading}\n")).try_into().unwrap();
        assert_eq!((due(&stage).0, stage.title.as_str()), (day, "a"), "{heading}");
    }
}

#[test]
fn an_overview_table_dates_its_stages() {
    let document = "# Plan\n\n| Stage | Deadline |\n| --- | --- |\n| Stage 1 | 2024-10-30 |\n| Stage 2 | 2024-11-10 |\n\n\
        ## Stage 1: a\n\n## Stage 2: b\n\nDeadline: 2024-11-12\n";
    let stages = stages(document);
    assert_eq!(due(&stages[0]).0, date(2024, 10, 30));
    assert_eq!(due(&stages[1]).0, date(2024, 11, 12), "the stage's own date wins");
}

#[test]
fn a_week_takes_its_year_from_the_plan_over_new_year_too() {
    let document = "## Stage 1: a\n\nDeadline: 20 December 2024\n\n## Stage 2: b\n\nDeadline: week of 6 January\n\n\
        ## Stage 3: c\n\nDeadline: 3 février\n";
    let stages = stages(document);
    assert_eq!(due(&stages[1]), (date(2025, 1, 6), date(2025, 1, 12)));
    assert_eq!(due(&stages[2]).0, date(2025, 2, 3));
    let [first, second] =
        self::stages("## Stage 1: a\n\nDeadline: 5 novembre\n\n## Stage 2: b\n\nDeadline: 10 janvier 2025\n")
            .try_into()
            .unwrap();
    assert_eq!((due(&first).0, due(&second).0), (date(2024, 11, 5), date(2025, 1, 10)));
    let [only] =
        self::stages("# Planning 2024-2025\n\n## Stage 1: a\n\nDeadline: 5 mars\n").try_into().unwrap();
    assert_eq!(due(&only).0, date(2025, 3, 5));
}

#[test]
fn headings_of_every_height() {
    let mixed = "# Stage 1: a\n\n### Activities\n\n* x\n\n## Stage 2: b\n\n#### Deliverables\n\n* y\n\n\
        Stage 3: c\n==========\n\nActivities\n----------\n\n* z\n\n# Defence\n\n* w\n";
    let stages = stages(mixed);
    assert_eq!(stages.iter().map(|s| s.number).collect::<Vec<_>>(), [Some(1), Some(2), Some(3), None]);
    assert_eq!(texts(&stages[0].activities), ["x"]);
    assert_eq!(texts(&stages[1].deliverables), ["y"]);
    assert_eq!(texts(&stages[2].activities), ["z"]);
    assert_eq!(stages[3].title, "Defence");
    let flat = "## Stage 1: a\n\n## Activities\n\n* x\n\n## Deadline\n\n2024-11-10\n\n## Stage 2: b\n\n## Activities\n\n* y\n";
    let flat = self::stages(flat);
    assert_eq!(
        (flat.len(), texts(&flat[0].activities), texts(&flat[1].activities)),
        (2, vec!["x"], vec!["y"])
    );
}

#[test]
fn other_headings_inside_a_stage_title_their_notes() {
    let document = "## Phase 1: a\n\n### Context\n\nText.\n\n* one\n  * two\n\n### Empty\n\n### Sprint 1\n\nMore.\n\n## Phase 2: b\n";
    let stages = stages(document);
    assert_eq!(stages.len(), 2);
    let notes: Vec<_> =
        stages[0].notes.iter().map(|n| (n.kind, n.title.as_deref(), n.text.as_str())).collect();
    let context = Some("Context");
    assert_eq!(
        notes,
        [
            (NoteKind::Paragraph, context, "Text."),
            (NoteKind::List, context, "* one\n  * two"),
            (NoteKind::Paragraph, None, "Empty"),
            (NoteKind::Paragraph, Some("Sprint 1"), "More."),
        ]
    );
    assert_eq!(stages[0].activities, []);
}

#[test]
fn a_heading_inside_a_section_groups_its_items() {
    let [stage] =
        stages("## Stage 1: a\n\n### Activities\n\n#### Backend\n\n* x\n* y\n\n#### Frontend\n\n* z\n")
            .try_into()
            .unwrap();
    assert_eq!(texts(&stage.activities), ["Backend", "Frontend"]);
    assert_eq!(texts(&stage.activities[0].children), ["x", "y"]);
}

#[test]
fn outline_numbers_and_documents_without_any() {
    let numbered =
        stages("# Plan\n\n## 1. Frame\n\n### Activities\n\n* x\n\n## 2. Build\n\n* y\n\n## Defence\n\n* z\n");
    assert_eq!(numbered.iter().map(|s| s.number).collect::<Vec<_>>(), [Some(1), Some(2), None]);
    assert_eq!(numbered[0].title, "Frame");
    let plain = "# Plan\n\n## Context\n\nWhy.\n\n## Frame\n\n### Activities\n\n* x\n\n## Build\n\nDeadline: 2024-11-10\n\n## Talk\n\nAt last.\n";
    let import = read(plain);
    assert_eq!(import.plan.title.as_deref(), Some("Plan"));
    assert_eq!(import.plan.preamble[0].title.as_deref(), Some("Context"));
    let titles: Vec<_> = import.plan.stages.iter().map(|s| s.title.as_str()).collect();
    assert_eq!(titles, ["Frame", "Build", "Talk"]);
    let beside = stages("# Plan\n\n## Frame\n\n## Activities\n\n* x\n\n## Build\n\n## Activities\n\n* y\n");
    assert_eq!(beside.iter().map(|s| s.title.as_str()).collect::<Vec<_>>(), ["Frame", "Build"]);
}

#[test]
fn lists_of_every_kind() {
    let document = "## Stage 1: a\n\n1. one\n   - [ ] open\n   - [x] closed\n2. two `code` &amp; **bold**\n   second line  \n   third\n\n\
        Livrables :\n- paper\n\n**Bonus**\n\n- more\n\n## Stage 2: b\n\n- Activities\n  - p\n- Deliverables:\n  - q\n";
    let [stage, second] = stages(document).try_into().unwrap();
    assert_eq!(texts(&stage.activities), ["one", "two code & bold second line\nthird"]);
    let done: Vec<_> = stage.activities[0].children.iter().map(|item| item.done).collect();
    assert_eq!(done, [Some(false), Some(true)]);
    assert_eq!(texts(&stage.deliverables), ["paper"]);
    assert_eq!(texts(&stage.bonus), ["more"]);
    assert_eq!((texts(&second.activities), texts(&second.deliverables)), (vec!["p"], vec!["q"]));
}

#[test]
fn notes_of_every_kind() {
    let document = "## Stage 1: a\n\n**Strong** opening.\n\n> [!WARNING]\n> Care.\n\n??? tip \"Read\"\n    Body\n\n    more\n\n\
        | a | b |\n| --- | --- |\n| c | d |\n\n```sh\nls\n```\n\n<!-- hidden -->\n\n> Quoted\n\n![alt](pic.png)\n\n\
        Foot[^1].\n\n[^1]: Below\n\n[ref]: https://host.example \"Title\"\n";
    let [stage] = stages(document).try_into().unwrap();
    let notes: Vec<_> = stage.notes.iter().map(|n| (n.kind, n.title.as_deref(), n.text.as_str())).collect();
    assert_eq!(
        notes,
        [
            (NoteKind::Statement, None, "Strong opening."),
            (NoteKind::Admonition, Some("warning"), "Care."),
            (NoteKind::Admonition, Some("tip: Read"), "Body\nmore"),
            (NoteKind::Table, None, "| a | b |\n| --- | --- |\n| c | d |"),
            (NoteKind::Code, None, "```sh\nls\n```"),
            (NoteKind::Html, None, "<!-- hidden -->"),
            (NoteKind::Paragraph, None, "Quoted"),
            (NoteKind::Paragraph, None, "alt"),
            (NoteKind::Paragraph, None, "Foot[^1]."),
            (NoteKind::Paragraph, Some("[^1]"), "Below"),
            (NoteKind::Paragraph, None, "[ref]: https://host.example \"Title\""),
        ]
    );
    assert_eq!(stage.notes[7].links[0].url, "pic.png");
}

#[test]
fn rules_between_stages_are_no_front_matter() {
    let stages = stages("---\n\n## Stage 1: a\n\n---\n\n* x\n\n---\n## Stage 2: b\n---\n");
    assert_eq!(stages.iter().map(|s| s.title.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn line_ends_byte_order_marks_and_other_encodings() {
    let document = "+++\ntitle = \"p\"\n+++\n\n## Étape 1 : Été\n\n* x\n\n### Deadline\n\n2024-11-10\n";
    let plain = read(document);
    let windows =
        import(format!("\u{feff}{}", document.replace('\n', "\r\n")).as_bytes(), &ImportOptions::default());
    assert_eq!(plain, windows);
    assert_eq!(plain.plan.front_matter.as_deref(), Some("title = \"p\""));
    let latin: Vec<u8> = document.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let latin = import(&latin, &ImportOptions::default());
    assert_eq!(latin.plan, plain.plan);
    let [diagnostic] = latin.diagnostics.as_slice() else { panic!("{:?}", latin.diagnostics) };
    assert_eq!((diagnostic.code, diagnostic.line, diagnostic.column), (DiagnosticCode::NotUtf8, 5, 4));
}

#[test]
fn missing_sections_are_empty() {
    let [stage] = stages("## Stage 1: a\n").try_into().unwrap();
    assert!(stage.activities.is_empty() && stage.deliverables.is_empty() && stage.extras.is_empty());
    assert!(
        stage.bonus.is_empty()
            && stage.notes.is_empty()
            && stage.deadline.is_none()
            && stage.milestone.is_none()
    );
}
