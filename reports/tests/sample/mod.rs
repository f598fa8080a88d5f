//! Content that looks like a real project's, for tests and for the example. Nobody and nothing in it exists.

#![allow(clippy::unwrap_used, reason = "tests")]

mod chapters;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use reports::content::{
    Candidate, Content, Deadline, Environment, Evidence, Kpi, Language, Logo, Milestone, Picture, Run,
    Service, Source, Stage, StageState,
};
use reports::plots::{self, Look, Plot, Point, Rate, RateWeek, Week};
use reports::rules::{RNCP36061, Rules};

/// A whole report's content. Drawing its plots takes longer than any test that uses them: each language is made once.
pub fn content(language: Language) -> Content {
    static FRENCH: OnceLock<Content> = OnceLock::new();
    static ENGLISH: OnceLock<Content> = OnceLock::new();
    let made = if language == Language::Fr { &FRENCH } else { &ENGLISH };
    made.get_or_init(|| make(language)).clone()
}

fn make(language: Language) -> Content {
    let fr = language == Language::Fr;
    let say = |french: &str, english: &str| if fr { french.to_owned() } else { english.to_owned() };
    let runs = runs();
    Content {
        language,
        title: say(
            "Déployer une API en continu et prouver qu’elle tient",
            "Deploying an API continuously, and proving that it holds",
        ),
        subtitle: say("De l’intégration à la production, mesuré", "From integration to production, measured"),
        candidates: vec![Candidate {
            name: say("CANDIDAT A", "CANDIDATE A"),
            login: "student-a".to_owned(),
            tutor: String::new(),
        }],
        school: say("École des projets", "School of projects"),
        company: say("Société d’exemple", "Example company"),
        course: say("Administrateur Système DevOps", "DevOps system administrator"),
        cohort: "2026".to_owned(),
        logos: vec![logo("COMPANY", "#2f5d72"), logo("SCHOOL", "#56544f")],
        exported_at: timestamp("2026-11-19T13:24:00Z"),
        timezone: TimeZone::get("Europe/Paris").unwrap(),
        project: "users-api".to_owned(),
        repository: "team/users-api".to_owned(),
        sources: chapters::chapters(fr)
            .into_iter()
            .map(|(title, markdown)| Source { title: title.to_owned(), markdown: markdown.to_owned() })
            .collect(),
        images: BTreeMap::from([("schema.png".to_owned(), png("SCHEMA", "#eceae6", 1200, 420))]),
        rules: Some(Rules::parse(RNCP36061).unwrap()),
        stages: stages(fr),
        kpis: kpis(language, &runs),
        environments: environments(fr),
        runs,
        limits: vec![
            say(
                "3 déploiements interrompus par un redémarrage de la machine ne comptent dans aucun KPI.",
                "3 deployments interrupted by a restart of the machine count in no KPI.",
            ),
            say(
                "Les exécutions lancées hors de Jalon ne sont pas observées.",
                "Runs started outside Jalon are not observed.",
            ),
        ],
    }
}

pub fn timestamp(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A plain picture with a word in it.
pub fn png(word: &str, color: &str, width: u32, height: u32) -> Vec<u8> {
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\"><rect width=\"{width}\" height=\"{height}\" \
         rx=\"12\" fill=\"{color}\"/><text x=\"{}\" y=\"{}\" font-family=\"Liberation Sans\" font-weight=\"bold\" font-size=\"40\" \
         fill=\"white\" text-anchor=\"middle\">{word}</text></svg>",
        width / 2,
        height / 2 + 14,
    );
    let plot = Plot {
        svg,
        width,
        height,
        title: String::new(),
        alt: String::new(),
        table: Vec::new(),
        records: Vec::new(),
        points: Vec::new(),
    };
    plots::to_png(&plot, 1.0).unwrap()
}

fn logo(word: &str, color: &str) -> Logo {
    Logo { png: png(word, color, 320, 96), alt: word.to_owned() }
}

fn stages(fr: bool) -> Vec<Stage> {
    let titles = if fr {
        [
            "Cadrage et infrastructure",
            "Conteneurs et base de données",
            "Intégration continue",
            "Déploiement continu",
            "Supervision et alertes",
            "Dossier et soutenance",
        ]
    } else {
        [
            "Scoping and infrastructure",
            "Containers and database",
            "Continuous integration",
            "Continuous deployment",
            "Monitoring and alarms",
            "Report and defence",
        ]
    };
    let days: [(Date, Date); 6] = [
        (date(2026, 9, 28), date(2026, 10, 2)),
        (date(2026, 10, 12), date(2026, 10, 16)),
        (date(2026, 10, 26), date(2026, 10, 30)),
        (date(2026, 11, 9), date(2026, 11, 13)),
        (date(2026, 11, 16), date(2026, 11, 20)),
        (date(2026, 12, 1), date(2026, 12, 4)),
    ];
    let states = [
        (StageState::Done, Some(date(2026, 10, 1)), 0, Some(1.0), (0, 7)),
        (StageState::Done, Some(date(2026, 10, 18)), 2, Some(1.0), (0, 9)),
        (StageState::Done, Some(date(2026, 10, 30)), 0, Some(1.0), (0, 6)),
        (StageState::Overdue, None, 6, Some(0.8), (2, 8)),
        (StageState::UnderWay, None, 0, Some(0.25), (6, 2)),
        (StageState::ToCome, None, 0, None, (0, 0)),
    ];
    titles
        .into_iter()
        .zip(days)
        .zip(states)
        .zip(1..)
        .map(|(((title, (from, to)), (state, finished_on, days_late, done, (open, closed))), number)| Stage {
            number: Some(number),
            title: title.to_owned(),
            deadline: Some(Deadline { from, to }),
            milestone: (number < 6).then_some(Milestone { number, is_open: open > 0, open, closed }),
            state,
            finished_on,
            days_late,
            done,
        })
        .collect()
}

fn environments(fr: bool) -> Vec<Environment> {
    let here = if fr { "processus locaux" } else { "local processes" };
    let service = |name: &str, port: u16, release: Option<&str>, healthy| Service {
        name: name.to_owned(),
        address: format!("http://127.0.0.1:{port}"),
        release: release.map(str::to_owned),
        healthy,
    };
    vec![
        Environment {
            name: "dev".to_owned(),
            production: false,
            target: here.to_owned(),
            promotes_from: None,
            services: vec![
                service("api", 8081, Some("v0.5.1"), Some(true)),
                service("worker", 8082, Some("v0.5.1"), Some(false)),
            ],
        },
        Environment {
            name: "prod".to_owned(),
            production: true,
            target: here.to_owned(),
            promotes_from: Some("dev".to_owned()),
            services: vec![
                service("api", 8080, Some("v0.5.0"), Some(true)),
                service("worker", 8083, None, None),
            ],
        },
    ]
}

fn runs() -> Vec<Run> {
    let first = timestamp("2026-10-30T08:12:31Z");
    let mut runs: Vec<Run> = (0..44_i64)
        .map(|n| {
            let requested = first + (n * 11).hours() + (n * n * 7 % 60).minutes();
            let state = match n % 11 {
                3 => "failed",
                7 if n > 20 => "cancelled",
                _ => "succeeded",
            };
            let kind = match n % 13 {
                5 => "rollback",
                9 => "provision",
                _ => "deploy",
            };
            let took = SignedDuration::from_secs(280 + n * 37 % 190 + if n % 9 == 0 { 900 } else { 0 });
            Run {
                id: format!("run-{:04}", 100 + n),
                kind: kind.to_owned(),
                service: if kind == "provision" {
                    "cluster"
                } else {
                    ["api", "worker"][usize::from(n % 4 == 0)]
                }
                .to_owned(),
                environment: ["dev", "prod"][usize::from(n % 3 == 0)].to_owned(),
                version: format!("v0.{}.{}", n / 9, n % 9),
                commit: format!(
                    "{:016x}{n:024}",
                    0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(u64::try_from(n).unwrap() + 1)
                ),
                by: ["student-a", "student-b"][usize::from(n % 5 == 0)].to_owned(),
                state: state.to_owned(),
                requested,
                finished: Some(requested + took),
                duration: Some(took),
            }
        })
        .collect();
    runs.reverse();
    runs[0].state = "running".to_owned();
    runs[0].finished = None;
    runs[0].duration = None;
    runs
}

fn kpis(language: Language, runs: &[Run]) -> Vec<Kpi> {
    let fr = language == Language::Fr;
    let say = |french: &str, english: &str| if fr { french.to_owned() } else { english.to_owned() };
    let look = Look::document(language);
    let zone = TimeZone::get("Europe/Paris").unwrap();
    let weeks: Vec<Date> =
        [date(2026, 10, 26), date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)].into();
    let attempts: Vec<Week> = weeks
        .iter()
        .zip([(2, 0), (7, 1), (6, 2), (4, 0)])
        .map(|(day, (succeeded, failed))| Week {
            label_date: *day,
            succeeded,
            failed,
            partial: day.day() == 16,
        })
        .collect();
    let rates: Vec<RateWeek> = attempts
        .iter()
        .map(|week| RateWeek {
            label_date: week.label_date,
            rate: Some(Rate {
                succeeded: week.succeeded,
                finished: week.succeeded + week.failed,
                interval: None,
            }),
            partial: week.partial,
        })
        .collect();
    let points: Vec<Point> = runs
        .iter()
        .filter_map(|run| {
            let length = run.duration?;
            let seconds = length.as_secs_f64();
            Some(Point { at: run.finished?, seconds, label: run.version.clone(), id: run.id.clone() })
        })
        .collect();
    let overall = Rate { succeeded: 19, finished: 22, interval: Some((0.667, 0.953)) };
    let picture = |plot: Result<Plot, plots::Error>| Some(Picture::of(&plot.unwrap()).unwrap());
    let kpi = |id: &str,
               name: String,
               value: Option<String>,
               interval: Option<String>,
               n,
               excluded: String,
               definition,
               plot| Kpi {
        id: id.to_owned(),
        name,
        value,
        interval,
        n,
        excluded,
        definition,
        evidence: Evidence::Observed,
        plot,
    };
    vec![
        kpi(
            "deployment_cycle_time",
            say("Durée du cycle de déploiement", "Deployment cycle time"),
            Some("5\u{a0}min 56\u{a0}s".to_owned()),
            Some(say(
                "4\u{a0}min 58\u{a0}s à 6\u{a0}min 40\u{a0}s",
                "4\u{a0}min 58\u{a0}s to 6\u{a0}min 40\u{a0}s",
            )),
            39,
            say("1 annulé", "1 cancelled"),
            say(
                "Médiane du temps entre la première demande et le succès ; les nouvelles tentatives d’une même version comptent ensemble.",
                "Median time from the first request to success; retries of one release count together.",
            ),
            picture(plots::cycle_times(&points, Some(356.0), Some((298.0, 400.0)), &zone, &look)),
        ),
        kpi(
            "deployment_frequency",
            say("Fréquence de déploiement", "Deployment frequency"),
            Some(say("6,3 par semaine", "6.3 a week")),
            Some(say("3,8 à 9,9", "3.8 to 9.9")),
            19,
            String::new(),
            say(
                "Déploiements réussis en production par semaine.",
                "Successful deployments to production a week.",
            ),
            picture(plots::attempts_a_week(&attempts, &look)),
        ),
        kpi(
            "deployment_success_rate",
            say("Taux de réussite des déploiements", "Deployment success rate"),
            Some(say("86,4\u{202f}%", "86.4%")),
            Some(say("66,7 à 95,3\u{202f}%", "66.7 to 95.3%")),
            22,
            say("1 annulé", "1 cancelled"),
            say(
                "Part des déploiements terminés qui ont réussi.",
                "Share of finished deployments that succeeded.",
            ),
            picture(plots::success_rate(&rates, Some(overall), &look)),
        ),
        kpi(
            "recovery_time",
            say("Temps de rétablissement", "Recovery time"),
            None,
            None,
            0,
            String::new(),
            say(
                "Médiane du temps entre la détection d’un incident et le rétablissement.",
                "Median time from the detection of an incident to recovery.",
            ),
            None,
        ),
    ]
}
