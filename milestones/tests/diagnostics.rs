//! Every oddity has its code and its place.

use milestones::{DiagnosticCode, ImportOptions, MAX_BYTES, import};

/// Codes with line and column.
fn said(document: &[u8], repository: Option<&str>) -> Vec<(&'static str, u32, u32)> {
    let import = import(document, &ImportOptions { repository });
    for diagnostic in &import.diagnostics {
        assert!(diagnostic.message.ends_with('.') && diagnostic.message.len() > 30, "{}", diagnostic.message);
    }
    import.diagnostics.iter().map(|d| (d.code.as_str(), d.line, d.column)).collect()
}

/// One stage whose deadline section holds `date`.
fn dated(date: &str) -> Vec<(&'static str, u32, u32)> {
    said(format!("## Stage 1: a\n\n### Deadline\n\n{date}\n").as_bytes(), None)
}

#[test]
fn documents_that_cannot_be_read() {
    for empty in ["", " \n\t\r\n", "\u{feff}", "\u{a0}\n"] {
        assert_eq!(said(empty.as_bytes(), None), [("plan.empty", 1, 1)]);
    }
    assert_eq!(said(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", None), [("plan.binary", 1, 1)]);
    assert_eq!(said(&[1, 2, 3, 4, b'a', 0xfe, 6, 7], None), [("plan.binary", 1, 1)]);
    assert_eq!(said(&vec![b'a'; 20_000_000], None), [("plan.too_large", 1, 1)]);
    assert_eq!(said(&vec![b'a'; MAX_BYTES + 1], None), [("plan.too_large", 1, 1)]);
    assert_eq!(said("\n\n  Just words.\n".as_bytes(), None), [("plan.no_stage", 3, 3)]);
    assert_eq!(said(b"---\na: b\n---\n", None), [("plan.no_stage", 1, 1)]);
    let refused = import(&vec![b'#'; MAX_BYTES + 1], &ImportOptions::default());
    assert!(refused.plan.stages.is_empty() && refused.plan.preamble.is_empty());
}

#[test]
fn dates_that_cannot_be_used() {
    assert_eq!(dated("31 février 2024"), [("plan.date_impossible", 5, 1)]);
    assert_eq!(dated("2024-13-40"), [("plan.date_impossible", 5, 1)]);
    assert_eq!(dated("À rendre : 30/02/2024"), [("plan.date_impossible", 5, 12)]);
    assert_eq!(dated("as soon as possible"), [("plan.date_unreadable", 5, 1)]);
    assert_eq!(dated("du 16 au 12 décembre 2024"), [("plan.date_backward", 5, 4)]);
    assert_eq!(dated("12 décembre"), [("plan.year_unknown", 5, 1)]);
    assert_eq!(dated("Semaine du 12 Décembre"), [("plan.year_unknown", 5, 1)]);
    assert_eq!(dated("lundi 10 décembre 2024"), [("plan.weekday_mismatch", 5, 1)]);
    assert_eq!(dated(""), []);
    assert_eq!(dated("<!-- later -->"), []);
    assert_eq!(
        said("## Stage 1: é (deadline 2024-02-31)\n".as_bytes(), None),
        [("plan.date_impossible", 1, 25)]
    );
    assert_eq!(
        said(b"## Stage 1: a\n\nDeadline: when it is done\n", None),
        [("plan.date_unreadable", 3, 11)]
    );
}

#[test]
fn a_date_that_cannot_be_used_is_kept_as_a_note() {
    for date in ["31 février 2024", "du 16 au 12 décembre 2024", "12 décembre", "soon"] {
        let document = format!("## Stage 1: a\n\n### Deadline\n\n{date}\n");
        let stage = import(document.as_bytes(), &ImportOptions::default()).plan.stages.remove(0);
        assert_eq!(stage.deadline, None);
        assert_eq!(stage.notes.len(), 1, "{date}");
        assert_eq!((stage.notes[0].text.as_str(), stage.notes[0].title.as_deref()), (date, Some("Deadline")));
    }
}

#[test]
fn stages_that_do_not_agree() {
    let double = "## Stage 1: a\n\n## Stage 2: b\n\n## Stage 1: c\n";
    assert_eq!(said(double.as_bytes(), None), [("plan.duplicate_number", 5, 1)]);
    let order = "## Stage 1: a\n\nDeadline: 2024-11-10\n\n## Stage 2: b\n\nDeadline: 2024-11-09\n\n## Stage 3: c\n\nDeadline: 2024-11-09\n";
    assert_eq!(said(order.as_bytes(), None), [("plan.deadline_before_previous", 7, 11)]);
    let twice = "## Stage 1: a\n\nDeadline: 2024-11-10\n\n### Deadline\n\n2024-11-12\n";
    assert_eq!(said(twice.as_bytes(), None), [("plan.deadline_repeated", 7, 1)]);
}

#[test]
fn milestones_of_other_repositories() {
    let heading = |n: u32, repository: &str| {
        format!("## [Stage {n}: a](https://github.com/{repository}/milestone/{n})\n\n")
    };
    let document = heading(1, "o/fork") + &heading(2, "o/app") + &heading(3, "O/App");
    assert_eq!(said(document.as_bytes(), None), [("plan.milestone_elsewhere", 1, 1)]);
    assert_eq!(
        said(document.as_bytes(), Some("o/fork")),
        [("plan.milestone_elsewhere", 3, 1), ("plan.milestone_elsewhere", 5, 1)]
    );
    let same = "## [Stage 1: a](https://github.com/o/r/milestone/1)\n\n## [Stage 2: b](https://github.com/o/r/milestone/1)\n";
    assert_eq!(said(same.as_bytes(), None), [("plan.duplicate_milestone", 3, 1)]);
}

#[test]
fn codes_are_serialised_by_name() {
    let json = serde_json::to_value(DiagnosticCode::DateImpossible).unwrap();
    assert_eq!(json, "plan.date_impossible");
    let import = serde_json::to_value(import(b"", &ImportOptions::default())).unwrap();
    assert_eq!(import["diagnostics"][0]["code"], "plan.empty");
    assert_eq!(import["plan"]["stages"], serde_json::json!([]));
}
