//! Content that tries to break a document.

use jiff::civil::date;
use reports::content::{
    Candidate, Content, Deadline, Environment, Evidence, Kpi, Language, Milestone, Picture, Run, Service,
    Source, Stage, StageState,
};

use crate::sample;

/// Characters that XML forbids, its own marks, directions, pictures made of several characters.
pub const NASTY: &str =
    "a\u{0}\u{1}\u{b}\u{1f}\u{fffe}\u{ffff}]]>&<b a=\"x\">'\u{202e}שלום مرحبا 👩‍👩‍👧 \u{feff}\r\n\tz";

/// Everything at once: hostile words, far too long ones, far too many runs.
pub fn everything(language: Language) -> Content {
    let mut content = sample::content(language);
    let long = "Très long mot-composé ".repeat(60);
    content.title = format!("{NASTY}{}", "T".repeat(10_000));
    content.subtitle = long.clone();
    content.candidates = (0..12)
        .map(|n| Candidate { name: format!("{NASTY}{n}"), login: NASTY.to_owned(), tutor: String::new() })
        .collect();
    content.school = NASTY.to_owned();
    content.project = "p".repeat(10_000);
    content.repository = "r".repeat(10_000);
    content.limits = vec![NASTY.to_owned(), long.clone()];
    content.sources.push(Source { title: NASTY.to_owned(), markdown: markdown() });
    content.sources.push(Source { title: long.clone(), markdown: String::new() });
    let stage = |number, title: &str, state| Stage {
        number: Some(number),
        title: title.to_owned(),
        deadline: Some(Deadline { from: date(-9999, 1, 1), to: date(9999, 12, 31) }),
        milestone: Some(Milestone {
            number: u32::MAX,
            is_open: true,
            open: u32::MAX / 2,
            closed: u32::MAX / 2,
        }),
        state,
        finished_on: Some(date(9999, 12, 31)),
        days_late: u32::MAX,
        done: Some(f64::NAN),
    };
    content.stages = vec![stage(u32::MAX, &long, StageState::Overdue), stage(0, NASTY, StageState::Unknown)];
    content.stages.extend((0..40).map(|n| stage(n, "x", StageState::Done)));
    content.environments = (0..7)
        .map(|n| Environment {
            name: format!("{NASTY}{n}"),
            production: n > 3,
            target: long.clone(),
            promotes_from: (n > 0).then(|| format!("{NASTY}{}", n - 1)),
            services: (0..9)
                .map(|n| Service {
                    name: format!("{NASTY}{}", "s".repeat(300)),
                    address: long.clone(),
                    release: (n % 2 == 0).then(|| long.clone()),
                    healthy: Some(n % 3 == 0),
                })
                .collect(),
        })
        .collect();
    let plot = content.kpis[0].plot.clone();
    content.kpis.push(Kpi {
        id: NASTY.to_owned(),
        name: long.clone(),
        value: Some(long.clone()),
        interval: Some(long.clone()),
        n: u64::MAX,
        excluded: long.clone(),
        definition: long.clone(),
        evidence: Evidence::Declared,
        plot: plot.map(|plot| Picture { alt: NASTY.to_owned(), width_px: 1, height_px: 100_000, ..plot }),
    });
    let template = content.runs[1].clone();
    content.runs = (0..2_000)
        .map(|n| Run {
            id: format!("run-{n}"),
            by: NASTY.to_owned(),
            state: ["succeeded", "new word"][n % 2].to_owned(),
            ..template.clone()
        })
        .collect();
    content.runs[7].service = long;
    content.runs[8].environment = String::new();
    content
}

/// Nothing at all.
pub fn nothing(language: Language) -> Content {
    let mut content = sample::content(language);
    content.title = String::new();
    content.subtitle = String::new();
    content.candidates.clear();
    content.school = String::new();
    content.company = String::new();
    content.course = String::new();
    content.cohort = String::new();
    content.logos.clear();
    content.project = String::new();
    content.repository = String::new();
    content.sources.clear();
    content.images.clear();
    content.rules = None;
    content.stages.clear();
    content.kpis.clear();
    content.environments.clear();
    content.runs.clear();
    content.limits.clear();
    content
}

/// A single KPI without data.
pub fn no_data(language: Language) -> Content {
    let mut content = nothing(language);
    content.kpis = sample::content(language).kpis.split_off(3);
    assert_eq!(content.kpis[0].value, None);
    content
}

fn markdown() -> String {
    let mut text = format!(
        "# {NASTY}\n\n{NASTY}\n\n[{NASTY}](https://e.example/]]>?a=1&b=\"2\" \"t\") [j](javascript:alert(1)) [f](file:///etc/passwd) <https://é.example/ü>\n\n"
    );
    text.push_str("| a | b | c |\n|---|---|---|\n| only one |\n| 1 | 2 | 3 | 4 |\n\n");
    text.push_str("![missing](no/such.png) ![data](data:image/png;base64,AAAA) ![](schema.png)\n\n");
    text.push_str("Text[^known] and[^unknown] and[^known].\n\n[^known]: A note with [link](https://e.example/n) and `code`.\n\n");
    text.push_str("<script>alert(1)</script>\n\n<div>kept <b>words</b></div>\n\n<!-- gone\n\n");
    text.push_str(&format!("{}deep\n\n", "> ".repeat(200)));
    text.push_str(&(0..60).map(|n| format!("{}- item\n", "  ".repeat(n))).collect::<String>());
    text.push_str("\n99999999999. far\n0. zero\n\n");
    text.push_str(&format!("```\n{}\n```\n\n", "x".repeat(20_000)));
    text.push_str(&format!("{}\n\n", "W".repeat(5_000)));
    text.push_str(&"###### deep heading\n\n".repeat(50));
    text
}
