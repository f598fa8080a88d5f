//! No input makes the import panic, overflow the stack or take for ever.

use milestones::{Import, ImportOptions, Item, MAX_DEPTH, import};
use proptest::prelude::*;
use proptest::sample::Index;

const SHAPE: &str = include_str!("documents/shape.md");

fn read(bytes: &[u8]) -> Import {
    let import = import(bytes, &ImportOptions::default());
    for diagnostic in &import.diagnostics {
        assert!(diagnostic.line >= 1 && diagnostic.column >= 1);
    }
    for stage in &import.plan.stages {
        if let Some(deadline) = &stage.deadline {
            assert!(deadline.from <= deadline.to);
        }
    }
    let keys = import.plan.keys();
    let unique: std::collections::HashSet<_> = keys.iter().collect();
    assert_eq!(unique.len(), keys.len());
    assert!(serde_json::to_string(&import).is_ok());
    import
}

fn depth(items: &[Item]) -> usize {
    items.iter().map(|item| 1 + depth(&item.children)).max().unwrap_or(0)
}

fn count(items: &[Item]) -> usize {
    items.iter().map(|item| 1 + count(&item.children)).sum()
}

#[test]
fn deep_nesting_is_flattened() {
    let nested = "* ".repeat(10_000) + "bottom";
    let plan = read(format!("## Stage 1: a\n\n{nested}\n").as_bytes()).plan;
    assert!(depth(&plan.stages[0].activities) <= MAX_DEPTH);
    assert!(serde_json::to_string(&plan).unwrap().contains("bottom"));

    let steps: String = (0..300).map(|i| format!("{}* item{i}\n", "  ".repeat(i))).collect();
    let document = format!("## Stage 1: a\n\n### Activities\n\n#### Group\n\n{steps}");
    let plan = read(document.as_bytes()).plan;
    assert_eq!(depth(&plan.stages[0].activities), MAX_DEPTH);
    assert_eq!(count(&plan.stages[0].activities), 301);
    let texts = serde_json::to_string(&plan).unwrap();
    let places: Vec<_> = (0..300).map(|i| texts.find(&format!("\"item{i}\"")).unwrap()).collect();
    assert!(places.is_sorted(), "flattened items keep their order");

    for opening in ["> ", "[", "![", "*", "**a ", "<div>", "`", "1. ", "(", "[^a]: ", "!!! note\n    "] {
        read(format!("## Stage 1: a\n\n{}x", opening.repeat(10_000)).as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        read(&bytes);
    }

    #[test]
    fn any_text(text in "\\PC{0,400}") {
        read(text.as_bytes());
    }

    #[test]
    fn any_text_of_markdowns_own_characters(text in "([#*>|`~!\\[\\]():_^<&+=. \t\n-]|Stage 1|Deadline:|2024|12 décembre|du |au |[a-zé0-9]){0,300}") {
        read(text.as_bytes());
    }

    #[test]
    fn the_real_shape_cut_and_stitched(
        edits in proptest::collection::vec((any::<Index>(), any::<Index>(), any::<u8>(), 0..4u8), 1..40),
    ) {
        let mut bytes = SHAPE.as_bytes().to_vec();
        for (from, to, byte, way) in edits {
            if bytes.is_empty() {
                break;
            }
            let (a, b) = (from.index(bytes.len()), to.index(bytes.len()));
            let (a, b) = (a.min(b), a.max(b).min(a.min(b) + 200));
            match way {
                0 => { bytes.drain(a..b); }
                1 => bytes[a] = byte.max(1),
                2 => { let copy = bytes[a..b].to_vec(); bytes.splice(a..a, copy); }
                _ => bytes.insert(a, byte.max(9)),
            }
        }
        read(&bytes);
    }
}
