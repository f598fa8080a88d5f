//! The user's document, and one of the same shape, read field by field.

#![allow(clippy::unwrap_used, reason = "a missing field fails the test, in helper functions too")]

use jiff::civil::{Date, date};
use milestones::{Import, ImportOptions, Item, NoteKind, Stage, import};

/// What differs between the two documents.
struct Expected<'a> {
    document: &'a str,
    repository: &'a str,
    title: &'a str,
    front_matter: &'a str,
    titles: [&'a str; 9],
    deadlines: [(Date, Date); 8],
    first_activity: &'a str,
    two_children: [&'a str; 2],
    three_children: [&'a str; 3],
    extras: [&'a str; 2],
    first_bonus: &'a str,
    admonition: &'a str,
    statement: &'a str,
    long_statement: &'a str,
    last_item: &'a str,
    link: (&'a str, &'a str),
    defence_note: &'a str,
}

fn one(day: Date) -> (Date, Date) {
    (day, day)
}

fn read(document: &str) -> Import {
    import(document.as_bytes(), &ImportOptions::default())
}

fn texts(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.text.as_str()).collect()
}

fn notes(stage: &Stage, kind: NoteKind) -> Vec<&str> {
    stage.notes.iter().filter(|note| note.kind == kind).map(|note| note.text.as_str()).collect()
}

fn check(expected: &Expected<'_>) {
    let Import { plan, diagnostics } = read(expected.document);
    assert_eq!(diagnostics, []);
    assert_eq!(plan.title.as_deref(), Some(expected.title));
    assert_eq!(plan.front_matter.as_deref(), Some(expected.front_matter));
    assert_eq!(plan.preamble.iter().map(|note| note.kind).collect::<Vec<_>>(), [NoteKind::Html]);
    let stages = &plan.stages;
    assert_eq!(stages.iter().map(|s| s.title.as_str()).collect::<Vec<_>>(), expected.titles);
    let numbers: Vec<_> = stages.iter().map(|stage| stage.number).collect();
    assert_eq!(numbers, [Some(0), Some(1), Some(2), Some(3), Some(4), Some(5), Some(6), None, None]);

    for stage in stages {
        let linked = stage.milestone.as_ref().map(|m| (m.repository.as_str(), m.number));
        let expected = stage.number.filter(|n| (1..=5).contains(n)).map(|n| (expected.repository, n));
        assert_eq!(linked, expected);
    }
    let deadlines: Vec<_> = stages.iter().map(|s| s.deadline.as_ref().map(|d| (d.from, d.to))).collect();
    assert_eq!(deadlines[..8], expected.deadlines.map(Some));
    assert_eq!(deadlines[8], None);

    assert_eq!(stages.iter().map(|s| s.activities.len()).collect::<Vec<_>>(), [1, 9, 4, 9, 5, 5, 3, 6, 0]);
    assert_eq!(stages.iter().map(|s| s.deliverables.len()).collect::<Vec<_>>(), [0, 0, 1, 3, 0, 0, 0, 0, 0]);
    assert_eq!(stages.iter().map(|s| s.extras.len()).collect::<Vec<_>>(), [0, 0, 2, 0, 0, 0, 0, 0, 0]);
    assert_eq!(stages.iter().map(|s| s.bonus.len()).collect::<Vec<_>>(), [0, 0, 0, 0, 0, 4, 0, 0, 0]);
    assert_eq!(texts(&stages[0].activities), [expected.first_activity]);
    assert_eq!(texts(&stages[2].activities[0].children), expected.two_children);
    assert_eq!(texts(&stages[3].activities[2].children), expected.three_children);
    for stage in stages {
        let nested = stage.activities.iter().filter(|item| !item.children.is_empty()).count();
        assert_eq!(nested, usize::from(matches!(stage.number, Some(2 | 3))));
    }
    assert_eq!(texts(&stages[2].extras), expected.extras);
    assert_eq!(stages[5].bonus[0].text, expected.first_bonus);
    assert_eq!(stages[6].activities[2].text, expected.last_item);

    let kinds: Vec<_> = stages[4].notes.iter().map(|note| note.kind).collect();
    use NoteKind::{Admonition, Paragraph, Statement};
    assert_eq!(kinds, [Admonition, Statement, Paragraph, Statement, Paragraph]);
    assert_eq!(notes(&stages[4], Admonition), [expected.admonition]);
    assert_eq!(stages[4].notes[0].title.as_deref(), Some("note"));
    assert_eq!(notes(&stages[4], Statement), [expected.statement, expected.long_statement]);
    assert_eq!(
        stages.iter().map(|s| notes(s, Statement).len()).collect::<Vec<_>>(),
        [0, 0, 0, 0, 2, 1, 1, 0, 0]
    );
    assert_eq!(stages.iter().map(|s| s.notes.len()).collect::<Vec<_>>(), [0, 0, 0, 0, 5, 2, 1, 5, 5]);
    assert_eq!(stages[7].notes[4].text, expected.defence_note);
    let last = stages[8].notes.last().unwrap();
    assert_eq!(last.links.len(), 1);
    assert_eq!((last.links[0].text.as_str(), last.links[0].url.as_str()), expected.link);

    for stage in stages {
        let line = expected.document.lines().nth(stage.line as usize - 1).unwrap();
        assert!(line.contains(&stage.title), "{line}");
        if let Some(deadline) = &stage.deadline {
            assert_eq!(
                expected.document.lines().nth(deadline.line as usize - 1),
                Some(deadline.text.as_str())
            );
        }
    }
}

#[test]
fn a_document_of_the_same_shape() {
    check(&Expected {
        document: include_str!("documents/shape.md"),
        repository: "orchard-crew/pear-shop",
        title: "Roadmap",
        front_matter: "title: course plan\nowner: team",
        titles: [
            "Kick-off",
            "Needs and repository",
            "Build and protect the platform",
            "Data in and out",
            "From commit to shop",
            "Watching",
            "By itself",
            "Showing the work",
            "Entretien individuel",
        ],
        deadlines: [
            one(date(2031, 10, 21)),
            one(date(2031, 10, 27)),
            one(date(2031, 11, 7)),
            one(date(2031, 11, 17)),
            one(date(2031, 11, 24)),
            one(date(2031, 12, 1)),
            one(date(2031, 12, 3)),
            (date(2031, 12, 8), date(2031, 12, 14)),
        ],
        first_activity: "First gathering",
        two_children: ["Images and their orchestration", "Pick the parts (front, back, store, etc.)"],
        three_children: ["Tables", "Documents_", "Files / Objects"],
        extras: ["Describe machines as code", "Rent them from a provider"],
        first_bonus: "Define \"freshness\" of the shop.",
        admonition: "Take your time here, everything later leans on it.",
        statement: "Let pipelines build, test, ship and release.",
        long_statement: "Two shops are needed: one for trying and one for customers. \
                         They may be machines or containers. They only have to be apart.",
        last_item: "Keep secrets in variables and write nothing twice. A template serves any shop",
        link: ("cette page", "../rules/title.md"),
        defence_note: "If pieces are missing, the day is off.",
    });
}

/// The document that the product was asked for, where it is at hand.
#[test]
fn the_users_document() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/inputs/planning.md");
    let Ok(document) = std::fs::read_to_string(path) else {
        println!("skipped: ../shared is not here, so not {path}");
        return;
    };
    check(&Expected {
        document: &document,
        repository: "DevOps-Boot/fastapi-k8s",
        title: "Planning",
        front_matter: "tags:\n  - project\n  - planning\n  - milestones",
        titles: [
            "Project framing",
            "Requirements specifications and Project setup",
            "Configure, deploy and secure application infrastructure",
            "Data ingestion and consumption",
            "CI/CD pipelines",
            "Monitoring and Observability",
            "Automation",
            "Training certification project demonstration and defense",
            "Entretien final",
        ],
        deadlines: [
            one(date(2023, 10, 25)),
            one(date(2023, 10, 30)),
            one(date(2023, 11, 10)),
            one(date(2023, 11, 20)),
            one(date(2023, 11, 25)),
            one(date(2023, 12, 1)),
            one(date(2023, 12, 5)),
            (date(2023, 12, 11), date(2023, 12, 17)),
        ],
        first_activity: "Inception meeting",
        two_children: [
            "Containerization and orchestration",
            "Choice of infrastructure components for the application (frontend, backend, DBMS, etc.)",
        ],
        three_children: ["Relational", "NoSQL_", "File system / Bloc Storage / Object Storage"],
        extras: [
            "Implement IaC tools and techniques",
            "Use Cloud services to host and deploy the application",
        ],
        first_bonus: "Define metrics, \"health points\" relevant to the application.",
        admonition: "This is the most important step in the project, as it is the heart of the DevOps training.",
        statement: "Configure pipelines to automate build, test, deploy and delivery processes.",
        long_statement: "Two environments should be created: one for development and one for production. \
                         Environments can consist of dedicated VMs, containers, or any other compute resource. \
                         The environments simply have to be separated.",
        last_item: "Use environment variables to secure sensitive data and avoid template redundancy. \
                    These templates will be reusable, repeatable regardless of the deployed environment",
        link: ("ce document", "../appendices/directives/validation_devops.md"),
        defence_note: "If the renderings are not up to par and delivered on time, your project cannot be validated.",
    });
}
