//! The sample's files, release by release. They stand in `tests/sample` and are part of the program.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::{Error, Result};

/// Language of the sample's plan, report, comments and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// French.
    Fr,
}

impl Language {
    /// `en` or `fr`.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }
}

/// What makes one sample differ from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Language.
    pub language: Language,
    /// When it is made; its commits lie in the hour before.
    pub now: Timestamp,
    /// IANA time zone of the project.
    pub timezone: String,
    /// Day from which the plan counts; deadlines fall on weekdays when it is a Monday.
    pub first_day: Date,
    /// Port on which users of `dev` find the service.
    pub dev_port: u16,
    /// The same for `prod`.
    pub prod_port: u16,
}

impl Options {
    /// Options for a sample made `now`. Its plan starts on the next Monday, today included, so that nothing is late on
    /// the first day.
    ///
    /// # Errors
    /// There is no such time zone, or the ports are not two.
    pub fn new(
        language: Language,
        now: Timestamp,
        timezone: &str,
        dev_port: u16,
        prod_port: u16,
    ) -> Result<Self> {
        let zone = TimeZone::get(timezone).map_err(|_| Error::Timezone { timezone: timezone.to_owned() })?;
        if dev_port == prod_port || dev_port == 0 || prod_port == 0 {
            return Err(Error::Ports { port: dev_port });
        }
        let today = now.to_zoned(zone).date();
        let days = i64::from(today.weekday().until(Weekday::Monday));
        let first_day = today.saturating_add(days.days());
        Ok(Self { language, now, timezone: timezone.to_owned(), first_day, dev_port, prod_port })
    }
}

/// A version of the sample's service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// Good.
    V1_0_0,
    /// Good: courses can be searched and show how many take part.
    V1_1_0,
    /// Starts and is healthy; its tests fail, because a course has a teacher who does not exist.
    V1_2_0Rc1,
    /// Does not start: its courses are not JSON.
    V1_2_0Rc2,
}

impl Release {
    /// All of them, oldest first.
    pub const ALL: [Self; 4] = [Self::V1_0_0, Self::V1_1_0, Self::V1_2_0Rc1, Self::V1_2_0Rc2];

    /// The version's number, e.g. `1.2.0-rc.1`.
    pub fn version(self) -> &'static str {
        match self {
            Self::V1_0_0 => "1.0.0",
            Self::V1_1_0 => "1.1.0",
            Self::V1_2_0Rc1 => "1.2.0-rc.1",
            Self::V1_2_0Rc2 => "1.2.0-rc.2",
        }
    }

    /// Its tag, e.g. `v1.2.0-rc.1`.
    pub fn tag(self) -> String {
        format!("v{}", self.version())
    }

    fn features(self) -> &'static str {
        if self == Self::V1_0_0 { "" } else { "\"search\", \"counts\"" }
    }

    fn courses(self) -> &'static str {
        match self {
            Self::V1_0_0 => include_str!("../../../../tests/sample/service/courses-1.0.0.json"),
            Self::V1_1_0 => include_str!("../../../../tests/sample/service/courses-1.1.0.json"),
            Self::V1_2_0Rc1 => include_str!("../../../../tests/sample/service/courses-1.2.0-rc.1.json"),
            Self::V1_2_0Rc2 => include_str!("../../../../tests/sample/service/courses-1.2.0-rc.2.json"),
        }
    }
}

macro_rules! in_both {
    ($language:expr, $path:literal) => {
        match $language {
            Language::En => include_str!(concat!("../../../../tests/sample/en/", $path)),
            Language::Fr => include_str!(concat!("../../../../tests/sample/fr/", $path)),
        }
    };
}

/// The whole tree of a release: contents by path.
pub fn files(options: &Options, release: Release) -> BTreeMap<String, Vec<u8>> {
    let mut files = papers(options);
    let language = options.language;
    let values = [
        ("version", release.version().to_owned()),
        ("language", language.code().to_owned()),
        ("features", release.features().to_owned()),
        ("timezone", options.timezone.clone()),
        ("dev port", options.dev_port.to_string()),
        ("prod port", options.prod_port.to_string()),
    ];
    for (path, text) in [
        ("jalon.toml", in_both!(language, "jalon.toml")),
        ("service/service.toml", include_str!("../../../../tests/sample/service/service.toml")),
        ("service/users.json", include_str!("../../../../tests/sample/service/users.json")),
        ("service/courses.json", release.courses()),
    ] {
        files.insert(path.to_owned(), filled(text, &values, options.first_day).into_bytes());
    }
    files
}

/// What there is before the first release: plan, report sources, description.
pub(crate) fn papers(options: &Options) -> BTreeMap<String, Vec<u8>> {
    let language = options.language;
    let values = [("dev port", options.dev_port.to_string()), ("prod port", options.prod_port.to_string())];
    [
        ("README.md", in_both!(language, "README.md")),
        (".gitignore", include_str!("../../../../tests/sample/gitignore")),
        ("docs/planning.md", in_both!(language, "planning.md")),
        ("docs/report/01-needs.md", in_both!(language, "report/01-needs.md")),
        ("docs/report/02-choices.md", in_both!(language, "report/02-choices.md")),
        ("docs/report/03-achievements.md", in_both!(language, "report/03-achievements.md")),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), filled(text, &values, options.first_day).into_bytes()))
    .collect()
}

/// Fills in `{{day 4}}`, the day so many days after the first, and `{{name}}`.
fn filled(text: &str, values: &[(&str, String)], first_day: Date) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        let days = name.strip_prefix("day ").and_then(|days| days.parse::<i64>().ok());
        match days {
            Some(days) => filled.push_str(&first_day.saturating_add(days.days()).to_string()),
            None => {
                let value = values.iter().find(|(known, _)| *known == name);
                filled.push_str(value.map_or("", |(_, value)| value));
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use milestones::{ImportOptions, Plan, import};
    use toml_edit::DocumentMut;

    use super::*;

    pub(crate) fn options(language: Language) -> Options {
        // A Thursday.
        let now = "2026-11-26T10:00:00Z".parse().unwrap();
        Options::new(language, now, "Europe/Paris", 8081, 8082).unwrap()
    }

    fn text(language: Language, release: Release, path: &str) -> String {
        String::from_utf8(files(&options(language), release).remove(path).unwrap()).unwrap()
    }

    #[test]
    fn plans_start_on_the_next_monday_where_the_project_is() {
        let first = |now: &str, zone: &str| {
            Options::new(Language::En, now.parse().unwrap(), zone, 1, 2).unwrap().first_day
        };
        assert_eq!(first("2026-11-26T10:00:00Z", "UTC"), date(2026, 11, 30));
        assert_eq!(first("2026-11-23T10:00:00Z", "UTC"), date(2026, 11, 23));
        assert_eq!(first("2026-11-29T23:30:00Z", "UTC"), date(2026, 11, 30));
        // Monday has begun in Paris.
        assert_eq!(first("2026-11-22T23:30:00Z", "Europe/Paris"), date(2026, 11, 23));
        assert_eq!(first("2026-11-23T23:30:00Z", "Europe/Paris"), date(2026, 11, 30));
        let refused = |zone, dev, prod| Options::new(Language::En, Timestamp::UNIX_EPOCH, zone, dev, prod);
        assert_eq!(
            refused("Mars/\"Base", 1, 2).unwrap_err(),
            Error::Timezone { timezone: "Mars/\"Base".into() }
        );
        for (dev, prod) in [(1, 1), (0, 1), (1, 0)] {
            assert_eq!(refused("UTC", dev, prod).unwrap_err(), Error::Ports { port: dev });
        }
    }

    fn plan(language: Language) -> Plan {
        let text = text(language, Release::V1_1_0, "docs/planning.md");
        let imported = import(text.as_bytes(), &ImportOptions::default());
        assert_eq!(imported.diagnostics, []);
        imported.plan
    }

    #[test]
    fn plans_import_without_diagnostics_and_alike_in_both_languages() {
        let (en, fr) = (plan(Language::En), plan(Language::Fr));
        for plan in [&en, &fr] {
            let numbers: Vec<_> = plan.stages.iter().map(|stage| stage.number).collect();
            assert_eq!(numbers, [Some(0), Some(1), Some(2), Some(3), Some(4), Some(5), Some(6), None]);
            for stage in &plan.stages {
                let deadline = stage.deadline.as_ref().unwrap();
                assert!(!matches!(deadline.from.weekday(), Weekday::Saturday | Weekday::Sunday));
                assert!(!stage.activities.is_empty() && !stage.deliverables.is_empty(), "{}", stage.title);
            }
            assert_eq!(plan.stages[0].deadline.as_ref().unwrap().from, date(2026, 12, 4));
            assert_eq!(plan.stages[7].deadline.as_ref().unwrap().from, date(2027, 1, 8));
            assert!(!plan.stages[2].extras.is_empty() && !plan.stages[4].bonus.is_empty());
        }
        for (en, fr) in en.stages.iter().zip(&fr.stages) {
            assert_eq!(en.line, fr.line);
            assert_eq!(en.deadline, fr.deadline);
            assert_eq!(en.activities.len(), fr.activities.len());
            assert_eq!(en.deliverables.len(), fr.deliverables.len());
        }
    }

    #[test]
    fn no_placeholder_is_left_anywhere() {
        for language in [Language::En, Language::Fr] {
            for release in Release::ALL {
                for (path, content) in files(&options(language), release) {
                    let text = String::from_utf8(content).unwrap();
                    assert!(!text.contains("{{") && !text.contains("}}") && !text.contains('\r'), "{path}");
                    assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path}");
                }
            }
        }
    }

    #[test]
    fn the_config_says_what_the_design_asks_for() {
        for (language, code) in [(Language::En, "en"), (Language::Fr, "fr")] {
            let config: DocumentMut = text(language, Release::V1_0_0, "jalon.toml").parse().unwrap();
            let project = &config["project"];
            for (key, value) in [
                ("name", "campus"),
                ("plan", "docs/planning.md"),
                ("timezone", "Europe/Paris"),
                ("language", code),
                ("rules", "rncp36061"),
            ] {
                assert_eq!(project[key].as_str(), Some(value), "{key}");
            }
            let environments: Vec<_> = config["environment"].as_array_of_tables().unwrap().iter().collect();
            let [dev, prod] = environments[..] else { panic!("two environments") };
            assert_eq!((dev["name"].as_str(), prod["name"].as_str()), (Some("dev"), Some("prod")));
            for (environment, port) in [(dev, 8081), (prod, 8082)] {
                assert_eq!(environment["target"]["kind"].as_str(), Some("local"));
                assert_eq!(environment["target"]["port"].as_integer(), Some(port));
            }
            assert_eq!(prod["production"].as_bool(), Some(true));
            assert_eq!(prod["promotes_from"].as_str(), Some("dev"));
            assert_eq!(prod["protection"]["checks"].as_str(), Some("local"));
            assert_eq!(prod["protection"]["confirm"].as_str(), Some("name"));
            let services: Vec<_> = config["service"].as_array_of_tables().unwrap().iter().collect();
            let [service] = services[..] else { panic!("one service") };
            let list = |key: &str| -> Vec<String> {
                let list = service[key].as_array().unwrap().iter();
                list.map(|text| text.as_str().unwrap().to_owned()).collect()
            };
            assert_eq!(list("command")[..2], ["${JALON}", "sample-service"]);
            assert_eq!(list("test"), ["${JALON}", "sample-service", "--check", "--data", "service"]);
            assert_eq!(service["strategy"].as_str(), Some("blue-green"));
            assert_eq!(
                (service["health"].as_str(), service["metrics"].as_str()),
                (Some("/health"), Some("/metrics"))
            );
            let candidate = config["report"]["candidates"][0].as_inline_table().unwrap();
            assert_eq!(candidate["login"].as_str(), Some("student-a"));
            assert_eq!((candidate["name"].as_str(), candidate["tutor"].as_str()), (Some(""), Some("")));
            // The knob that the comments speak of is one line of TOML away.
            let broken = config.to_string().replace("# variables = { FAULT", "variables = { FAULT");
            let broken: DocumentMut = broken.parse().unwrap();
            let fault = broken["environment"].as_array_of_tables().unwrap().iter().next().unwrap()["variables"]
                ["FAULT"]
                .as_str()
                .map(str::to_owned);
            assert_eq!(fault.as_deref(), Some("unhealthy"));
        }
    }

    #[test]
    fn releases_differ_in_their_service_alone() {
        let (first, second) =
            (files(&options(Language::En), Release::V1_0_0), files(&options(Language::En), Release::V1_1_0));
        let changed: Vec<&String> = first.keys().filter(|path| first[*path] != second[*path]).collect();
        assert_eq!(changed, ["service/courses.json", "service/service.toml"]);
        assert_eq!(first.len(), second.len());
    }
}
