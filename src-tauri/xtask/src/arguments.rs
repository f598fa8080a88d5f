//! What was typed after `cargo xtask`.

use std::time::Duration;

use crate::run::Wish;
use crate::stages::Wanted;

/// Longest that a command may stay in a session unless told otherwise.
const SESSION: Duration = Duration::from_secs(30 * 60);

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Job {
    /// Print the help.
    Help,
    /// Install, build, open.
    Run(Wish),
    /// All checks.
    Test(Wanted),
    /// Print the stages of the checks.
    Stages,
    /// Measure, with arguments for the benches.
    Bench(Vec<String>),
    /// Build these bundles, or the platform's usual one.
    Package(Option<String>),
    /// The house's rules.
    Tidy,
    /// Draw the icons.
    Icons,
    /// Write the TypeScript types, or only compare them.
    Generate {
        /// Only compare.
        check: bool,
    },
    /// One command in a session of its own.
    Session {
        /// With an unlocked keychain.
        keyring: bool,
        /// After this long the command is ended.
        longest: Duration,
        /// Program and arguments.
        command: Vec<String>,
    },
}

/// Understands the words, or says which one it does not.
pub(crate) fn parse(words: &[String]) -> Result<Job, String> {
    let (job, rest) = match words.split_first() {
        Some((job, rest)) => (job.as_str(), rest),
        None => return Ok(Job::Help),
    };
    let (own, passed) = match rest.iter().position(|word| word == "--") {
        Some(place) => (&rest[..place], &rest[place + 1..]),
        None => (rest, &[][..]),
    };
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    if own.iter().any(|word| ["-h", "--help"].contains(word)) {
        return Ok(Job::Help);
    }
    let passes = ["run", "bench", "session"].contains(&job);
    if !passes && !passed.is_empty() {
        return Err(format!("`{job}` passes nothing on: leave out what follows `--`"));
    }
    match job {
        "help" | "-h" | "--help" => Ok(Job::Help),
        "run" => {
            let [virtual_display, release] = flags(job, &own, ["--virtual-display", "--release"])?;
            Ok(Job::Run(Wish { virtual_display, release, arguments: passed.to_vec() }))
        }
        "test" if own.contains(&"--list") => flags(job, &own, ["--list"]).map(|_: [bool; 1]| Job::Stages),
        "test" => {
            let (options, names): (Vec<&str>, Vec<&str>) = own.iter().partition(|word| word.starts_with('-'));
            let [quick, keep_going] = flags(job, &options, ["--quick", "--keep-going"])?;
            if quick && !names.is_empty() {
                return Err("either --quick or names of stages".to_owned());
            }
            Ok(Job::Test(Wanted { names: names.into_iter().map(str::to_owned).collect(), quick, keep_going }))
        }
        "ci" => flags(job, &own, []).map(|[]| Job::Test(Wanted::default())),
        "bench" => flags(job, &own, []).map(|[]| Job::Bench(passed.to_vec())),
        "package" => match own.as_slice() {
            [] => Ok(Job::Package(None)),
            ["--bundles", kinds] => Ok(Job::Package(Some((*kinds).to_owned()))),
            _ => Err("package takes --bundles KINDS, say --bundles deb,appimage".to_owned()),
        },
        "tidy" => flags(job, &own, []).map(|[]| Job::Tidy),
        "icons" => flags(job, &own, []).map(|[]| Job::Icons),
        "generate" => flags(job, &own, ["--check"]).map(|[check]| Job::Generate { check }),
        "session" => session(&own, passed),
        other => Err(format!("there is no job `{other}`")),
    }
}

fn session(own: &[&str], command: &[String]) -> Result<Job, String> {
    let (mut keyring, mut longest) = (true, SESSION);
    let mut words = own.iter();
    while let Some(word) = words.next() {
        match *word {
            "--no-keyring" => keyring = false,
            "--deadline" => {
                let seconds = words.next().and_then(|word| word.parse().ok());
                longest = Duration::from_secs(seconds.ok_or("--deadline takes a number of seconds")?);
            }
            other => {
                return Err(format!("session does not know `{other}`; the command stands after `--`"));
            }
        }
    }
    if command.is_empty() {
        return Err("session takes a command: cargo xtask session -- COMMAND…".to_owned());
    }
    Ok(Job::Session { keyring, longest, command: command.to_vec() })
}

/// Which of the known flags are there; any other word is refused.
fn flags<const N: usize>(job: &str, words: &[&str], known: [&str; N]) -> Result<[bool; N], String> {
    if let Some(unknown) = words.iter().find(|word| !known.contains(word)) {
        let choice = if N == 0 { "nothing".to_owned() } else { known.join(", ") };
        return Err(format!("`{job}` does not know `{unknown}`; it takes {choice}"));
    }
    Ok(known.map(|flag| words.contains(&flag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Job, String> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn nothing_and_help_print_the_help() {
        for line in ["", "help", "--help", "test --help"] {
            assert_eq!(parsed(line), Ok(Job::Help), "{line}");
        }
    }

    #[test]
    fn run_passes_the_rest_on() {
        let wish = Wish { virtual_display: true, release: false, arguments: vec!["--release".into()] };
        assert_eq!(parsed("run --virtual-display -- --release"), Ok(Job::Run(wish)));
        assert!(parsed("run --virtual").unwrap_err().contains("--virtual-display"));
    }

    #[test]
    fn test_takes_stages_or_quick() {
        let names = Wanted { names: vec!["tidy".into(), "rust".into()], quick: false, keep_going: true };
        assert_eq!(parsed("test tidy --keep-going rust"), Ok(Job::Test(names)));
        assert!(parsed("test --quick tidy").is_err());
        assert_eq!(parsed("ci"), Ok(Job::Test(Wanted::default())));
        assert_eq!(parsed("test --list"), Ok(Job::Stages));
    }

    #[test]
    fn session_wants_a_command_and_understands_its_deadline() {
        let Ok(Job::Session { keyring, longest, command }) =
            parsed("session --no-keyring --deadline 5 -- env -i")
        else {
            panic!("not a session");
        };
        assert_eq!((keyring, longest.as_secs(), command.len()), (false, 5, 2));
        assert!(parsed("session env").is_err());
        assert!(parsed("session --deadline soon -- env").is_err());
    }

    #[test]
    fn words_that_mean_nothing_are_refused_by_name() {
        assert!(parsed("tset").unwrap_err().contains("`tset`"));
        assert!(parsed("tidy now").unwrap_err().contains("`now`"));
        assert!(parsed("tidy -- now").is_err());
    }
}
