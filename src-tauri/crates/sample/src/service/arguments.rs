//! The command line of `sample-service`.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{Error, Fault, Result};

/// How it is called.
pub const USAGE: &str = "usage: sample-service --port PORT --data DIR [--environment NAME] [--fault FAULT]
       sample-service --check --data DIR
faults: none, crash_at_start, crash_after=SECONDS, slow_start=MILLISECONDS, hang_health, unhealthy, flood_log, error_rate=0..1";

/// What the service is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Arguments {
    /// Port on 127.0.0.1; 0 lets the system choose.
    pub port: u16,
    /// Folder with `service.toml`, `users.json` and `courses.json`.
    pub data: PathBuf,
    /// Name of the environment, for its page; may be empty.
    pub environment: String,
    /// How it misbehaves.
    pub fault: Fault,
    /// Check itself instead of serving.
    pub check: bool,
}

impl Arguments {
    /// Reads what stands after the program's name.
    ///
    /// # Errors
    /// An argument is unknown, incomplete or missing.
    pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Self> {
        let usage = |reason: String| Error::Usage { reason };
        let (mut port, mut data, mut environment, mut fault, mut check) =
            (None, None, String::new(), Fault::None, false);
        let mut arguments = arguments;
        while let Some(name) = arguments.next() {
            let name = name.to_string_lossy().into_owned();
            if name == "--check" {
                check = true;
                continue;
            }
            if !["--port", "--data", "--environment", "--fault"].contains(&name.as_str()) {
                return Err(usage(format!("there is no argument {name:?}")));
            }
            let value = arguments.next().ok_or_else(|| usage(format!("{name} has no value")))?;
            if name == "--data" {
                data = Some(PathBuf::from(value));
                continue;
            }
            let text = value.to_str().ok_or_else(|| usage(format!("{name} is not text")))?;
            match name.as_str() {
                "--port" => {
                    let number = text.parse().map_err(|_| usage(format!("{text:?} is no port")))?;
                    port = Some(number);
                }
                "--fault" => fault = text.parse()?,
                _ => environment = text.to_owned(),
            }
        }
        let data = data.ok_or_else(|| usage("--data is missing".to_owned()))?;
        let port = match port {
            Some(port) => port,
            None if check => 0,
            None => return Err(usage("--port is missing".to_owned())),
        };
        Ok(Self { port, data, environment, fault, check })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments> {
        Arguments::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn both_ways_to_call_it() {
        let arguments = parse("--port 8080 --data a/b --environment dev --fault error_rate=0.5").unwrap();
        let expected = Arguments {
            port: 8080,
            data: "a/b".into(),
            environment: "dev".into(),
            fault: Fault::ErrorRate(0.5),
            check: false,
        };
        assert_eq!(arguments, expected);
        let check = parse("--check --data service").unwrap();
        assert_eq!((check.check, check.port, check.fault), (true, 0, Fault::None));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, word) in [
            ("", "--data is missing"),
            ("--data d", "--port is missing"),
            ("--port 80x --data d", "\"80x\" is no port"),
            ("--port 65536 --data d", "is no port"),
            ("--port", "--port has no value"),
            ("--porte 1 --data d", "no argument \"--porte\""),
            ("--port 1 --data d --fault explode", "explode"),
        ] {
            let Err(Error::Usage { reason }) = parse(line) else { panic!("{line}") };
            assert!(reason.contains(word), "{line}: {reason}");
        }
    }
}
