use super::*;

fn parse(text: &str) -> Result<Config> {
    Config::parse(text, Path::new("jalon.toml"))
}

fn refusal(text: &str) -> (usize, String) {
    match parse(text).unwrap_err() {
        Error::ConfigInvalid { line, reason, .. } => (line, reason),
        other => panic!("{other}"),
    }
}

#[test]
fn the_whole_format_is_accepted() {
    let config = parse(
        "[project]\nname = \"app\"\ngithub = \"team/app\"\nplan = \"docs/planning.md\"\nrules = \"rncp36061\"\n\
         timezone = \"Europe/Paris\"\nlanguage = \"fr\"\n\
         [[environment]]\nname = \"dev\"\ntarget = { kind = \"local\", port = 8080 }\n\
         [[environment]]\nname = \"prod\"\nproduction = true\npromotes_from = \"dev\"\n\
         target = { kind = \"kubernetes\", context = \"c\", namespace = \"n\" }\nsecrets = [\"DATABASE_URL\"]\n\
         [[stack]]\nname = \"cluster\"\ndir = \"terraform/{environment}\"\n\
         [[service]]\nname = \"app\"\nhelm = \"helm/app\"\ntest = [\"make\"]\n\
         [[indicator]]\nname = \"errors\"\nquery = 'up'\nraise = \"> 1\"\nfor = \"2m\"\n\
         [[backup]]\nname = \"db\"\nmax_age = \"26h\"\n[report]\ntitle = \"t\"\n",
    )
    .unwrap();
    assert_eq!(config.github.as_deref(), Some("team/app"));
    assert_eq!(config.timezone, "Europe/Paris");
}

#[test]
fn production_is_protected_unless_it_says_otherwise() {
    let config = parse(
        "[project]\nname = \"app\"\n[[environment]]\nname = \"prod\"\nproduction = true\n\
         target = { kind = \"local\", port = 9000 }\nvariables = { A = \"1\" }\nsecrets = [\"TOKEN\"]\n\
         [[environment]]\nname = \"dev\"\ntarget = { kind = \"local\", port = 9001 }\n\
         [[service]]\nname = \"s\"\ncommand = [\"serve\", \"${PORT}\"]\nstrategy = \"blue-green\"\n\
         [report]\ncohort = 2026\ncandidates = [{ name = \"\", login = \"student-a\" }]\n",
    )
    .unwrap();
    let [prod, dev] = &config.environments[..] else { panic!("{config:?}") };
    assert_eq!((prod.checks, prod.confirm_name), (Checks::Required, true));
    assert_eq!((dev.checks, dev.confirm_name), (Checks::None, false));
    assert_eq!(
        (&prod.target, prod.secrets.as_slice()),
        (&Target::Local { port: 9000 }, &["TOKEN".to_owned()][..])
    );
    let service = &config.services[0];
    assert_eq!((service.strategy, service.health.as_str()), (Strategy::BlueGreen, "/"));
    assert_eq!(config.report.cohort.as_deref(), Some("2026"));
    assert_eq!(config.report.candidates[0].login, "student-a");
}

#[test]
fn wrong_environments_services_and_reports_name_their_line() {
    let local = "target = { kind = \"local\", port = 9000 }\n";
    for (text, line, word) in [
        ("[[environment]]\nname = \"a\"\n".to_owned(), 4, "no target"),
        ("[[environment]]\nname = \"a\"\ntarget = { kind = \"local\" }\n".to_owned(), 5, "port"),
        ("[[environment]]\nname = \"a\"\ntarget = { kind = \"moon\" }\n".to_owned(), 5, "moon"),
        ("[[environment]]\nname = \"a\"\ntarget = { kin = \"local\" }\n".to_owned(), 5, "kind"),
        (format!("[[environment]]\nname = \"a b\"\n{local}"), 4, "cannot name"),
        (format!("[[environment]]\nname = \"a\"\npromotes_from = \"x\"\n{local}"), 5, "no environment"),
        (format!("[[environment]]\nname = \"a\"\n{local}[[environment]]\nname = \"b\"\n{local}"), 1, "9000"),
        (format!("[[environment]]\nname = \"a\"\n{local}protection = {{ checks = \"x\" }}\n"), 6, "local"),
        (format!("[[environment]]\nname = \"a\"\n{local}production = \"yes\"\n"), 6, "true or false"),
        ("[[service]]\nname = \"s\"\ncommand = \"make run\"\n".to_owned(), 5, "as a list"),
        ("[[service]]\nname = \"s\"\ncommand = [\"a\"]\nhelm = \"h\"\n".to_owned(), 6, "one of them"),
        ("[[service]]\nname = \"s\"\nhealth = \"health\"\n".to_owned(), 5, "path"),
        ("[[service]]\nname = \"s\"\nstrategy = \"canary\"\n".to_owned(), 5, "blue-green"),
        ("[[service]]\nname = \"s\"\ndeployed_by = \"flux\"\n".to_owned(), 5, "argo-cd"),
        ("[[service]]\nname = \"s\"\nhelm = \"../x\"\n".to_owned(), 5, "out of"),
        ("[[service]]\nname = \"s\"\nvalues = [\"x\"]\n".to_owned(), 5, "no helm"),
        ("[[service]]\nname = \"s\"\nmetrics = \"metrics\"\n".to_owned(), 5, "path"),
        ("[[stack]]\nname = \"s\"\n".to_owned(), 4, "no dir"),
        ("[[stack]]\nname = \"s\"\ndir = \"/etc\"\n".to_owned(), 5, "out of"),
        ("[[stack]]\nname = \"s\"\ndir = \"d\"\ntool = \"pulumi\"\n".to_owned(), 6, "vagrant"),
        ("[[stack]]\nname = \"s\"\ndir = \"d\"\nhcp = { organization = \"o\" }\n".to_owned(), 6, "workspace"),
        ("[[indicator]]\nname = \"i\"\n".to_owned(), 4, "query or a probe"),
        ("[[indicator]]\nname = \"i\"\nquery = 'up'\nraise = \"high\"\n".to_owned(), 6, "comparison"),
        ("[[indicator]]\nname = \"i\"\nquery = 'up'\nfor = \"long\"\n".to_owned(), 6, "duration"),
        (
            "[[indicator]]\nname = \"i\"\nquery = 'up'\nenvironments = [\"x\"]\n".to_owned(),
            6,
            "no environment",
        ),
        (
            "[[indicator]]\nname = \"i\"\nquery = 'up'\naction = { kind = \"scale\" }\n".to_owned(),
            6,
            "restart",
        ),
        (
            "[[environment]]\nname = \"a\"\ntarget = { kind = \"kubernetes\", namespace = \"A\" }\n"
                .to_owned(),
            5,
            "namespace",
        ),
        (format!("[[environment]]\nname = \"a\"\n{local}prometheus = \"ftp://x\"\n"), 6, "address"),
        ("[report]\nsources = [\"../x.md\"]\n".to_owned(), 4, "out of"),
        ("[report]\ncandidates = [{ nam = \"x\" }]\n".to_owned(), 4, "name"),
    ] {
        let (at, reason) = refusal(&format!("[project]\nname = \"app\"\n{text}"));
        assert!(reason.contains(word), "{text:?}: {reason}");
        assert_eq!(at, line, "{text:?}: {reason}");
    }
}

#[test]
fn little_is_needed() {
    let config = parse("[project]\nname = \"app\"\n").unwrap();
    assert_eq!((config.name.as_str(), config.timezone.as_str()), ("app", "UTC"));
    assert_eq!((config.github, config.plan), (None, None));
    assert!(config.environments.is_empty() && config.services.is_empty());
}

#[test]
fn unknown_keys_name_the_nearest_and_the_line() {
    let (line, reason) = refusal("[project]\nname = \"app\"\ngithb = \"a/b\"\n");
    assert_eq!((line, reason.as_str()), (3, "unknown key \"githb\" in [project]; did you mean \"github\"?"));
    let (line, reason) = refusal("[project]\nname = \"a\"\n[[enviroment]]\nname = \"dev\"\n");
    assert_eq!((line, reason.as_str()), (3, "unknown key \"enviroment\"; did you mean \"environment\"?"));
    let (line, _) = refusal("[project]\nname = \"a\"\n[[service]]\nname = \"s\"\nhelth = \"/\"\n");
    assert_eq!(line, 5);
}

#[test]
fn wrong_values_name_their_line() {
    for (text, line, word) in [
        ("", 1, "name"),
        ("[project]\n", 1, "name"),
        ("[project]\nname = 3\n", 2, "quotes"),
        ("[project]\nname = \"a\"\ngithub = \"a\"\n", 3, "owner/name"),
        ("[project]\nname = \"a\"\ngithub = \"a/../b\"\n", 3, "owner/name"),
        ("[project]\nname = \"a\"\nplan = \"../secret.md\"\n", 3, "out of"),
        ("[project]\nname = \"a\"\nplan = \"/etc/passwd\"\n", 3, "out of"),
        ("[project]\nname = \"a\"\ntimezone = \"Mars/Base\"\n", 3, "time zone"),
        ("[project]\nname = \"a\"\nlanguage = \"de\"\n", 3, "neither"),
        ("[project]\nname = \"a\"\n[service]\nname = \"x\"\n", 3, "[[service]]"),
        ("[project]\nname = \"a\n", 2, ""),
    ] {
        let (at, reason) = refusal(text);
        assert_eq!(at, line, "{text:?}: {reason}");
        assert!(reason.contains(word), "{text:?}: {reason}");
    }
}
