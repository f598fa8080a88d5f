//! A job as named stages: what each needs, how long it took, what to do where one fails.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// What a stage says about itself when it went well; may be empty.
pub(crate) type Note = String;

/// One named piece of a job.
pub(crate) struct Stage<C> {
    /// What it is called on the command line.
    pub name: &'static str,
    /// One line for the list.
    pub about: &'static str,
    /// Stages that must have gone well before.
    pub needs: &'static [&'static str],
    /// Whether it belongs to the quick ones.
    pub quick: bool,
    /// Does it.
    pub act: fn(&C) -> Result<Note, Failure>,
}

/// Which stages are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// By name; empty means all.
    pub names: Vec<String>,
    /// Only the quick ones.
    pub quick: bool,
    /// After a failure, go on with stages that do not need the failed one.
    pub keep_going: bool,
}

enum End {
    Well(Note),
    Badly(Failure),
    NotRun(String),
}

/// The wanted stages and all they need, in the order of `stages`.
pub(crate) fn choose<'a, C>(stages: &'a [Stage<C>], wanted: &Wanted) -> Result<Vec<&'a Stage<C>>, Failure> {
    let find = |name: &str| stages.iter().find(|stage| stage.name == name);
    if let Some(unknown) = wanted.names.iter().find(|name| find(name).is_none()) {
        let names: Vec<&str> = stages.iter().map(|stage| stage.name).collect();
        return Err(Failure::new(
            format!("there is no stage `{unknown}`"),
            format!("choose from: {}", names.join(", ")),
        ));
    }
    let mut chosen: Vec<&str> = stages
        .iter()
        .filter(|stage| {
            if wanted.names.is_empty() {
                !wanted.quick || stage.quick
            } else {
                wanted.names.iter().any(|name| name == stage.name)
            }
        })
        .map(|stage| stage.name)
        .collect();
    let mut next = 0;
    while let Some(stage) = chosen.get(next).and_then(|name| find(name)) {
        for need in stage.needs {
            if !chosen.contains(need) {
                chosen.push(need);
            }
        }
        next += 1;
    }
    Ok(stages.iter().filter(|stage| chosen.contains(&stage.name)).collect())
}

/// Runs stages in order, tells `out` about each with its time and a table at the end, and answers for all of them.
pub(crate) fn run<C>(
    context: &C,
    stages: &[&Stage<C>],
    keep_going: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    // A closed pipe is no reason to stop testing.
    let mut say = |line: String| drop(writeln!(out, "{line}"));
    let begun = Instant::now();
    let mut ends: Vec<(&str, Duration, End)> = Vec::new();
    for stage in stages {
        let broken = ends.iter().find(|(_, _, end)| !matches!(end, End::Well(_)));
        let blocked = ends
            .iter()
            .find(|(name, _, end)| stage.needs.contains(name) && !matches!(end, End::Well(_)))
            .map(|(name, _, _)| format!("not run: needs {name}"))
            .or_else(|| broken.filter(|_| !keep_going).map(|(name, _, _)| format!("not run: {name} failed")));
        if let Some(reason) = blocked {
            ends.push((stage.name, Duration::ZERO, End::NotRun(reason)));
            continue;
        }
        say(format!("\n── {}", stage.name));
        let start = Instant::now();
        let end = match (stage.act)(context) {
            Ok(note) => End::Well(note),
            Err(failure) => End::Badly(failure),
        };
        let took = start.elapsed();
        match &end {
            End::Badly(failure) => say(format!("── {} FAILED after {}\n{failure}", stage.name, shown(took))),
            End::Well(_) | End::NotRun(_) => say(format!("── {} took {}", stage.name, shown(took))),
        }
        ends.push((stage.name, took, end));
    }
    say(format!("\n{}", table(&ends, begun.elapsed())));
    let failed: Vec<&str> =
        ends.iter().filter(|(_, _, end)| matches!(end, End::Badly(_))).map(|(name, _, _)| *name).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let names = failed.join(" ");
    Err(Failure::new(
        format!("failed: {names}"),
        format!("mend what is said above, then `cargo xtask test {names}`"),
    ))
}

fn table(ends: &[(&str, Duration, End)], total: Duration) -> String {
    let width = ends.iter().map(|(name, _, _)| name.len()).max().unwrap_or(0).max("total".len());
    let mut text = String::new();
    for (name, took, end) in ends {
        let (time, note) = match end {
            End::Well(note) if note.is_empty() => (shown(*took), "ok".to_owned()),
            End::Well(note) => (shown(*took), format!("ok, {note}")),
            End::Badly(_) => (shown(*took), "FAILED".to_owned()),
            End::NotRun(reason) => ("–".to_owned(), reason.clone()),
        };
        text.push_str(&format!("{name:width$}  {time:>9}  {note}\n"));
    }
    text.push_str(&format!("{:width$}  {:>9}", "total", shown(total)));
    text
}

/// `0.42 s`, `12.3 s`, `3 m 05 s`.
pub(crate) fn shown(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 10.0 {
        format!("{seconds:.2} s")
    } else if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        let whole = seconds.round() as u64;
        format!("{} m {:02} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    type Log = RefCell<Vec<&'static str>>;

    fn note(log: &Log, name: &'static str) -> Result<Note, Failure> {
        log.borrow_mut().push(name);
        Ok(String::new())
    }

    const STAGES: &[Stage<Log>] = &[
        Stage { name: "one", about: "", needs: &[], quick: true, act: |log| note(log, "one") },
        Stage {
            name: "bad",
            about: "",
            needs: &[],
            quick: false,
            act: |_| Err(Failure::new("broken", "mend it")),
        },
        Stage { name: "two", about: "", needs: &["one"], quick: false, act: |log| note(log, "two") },
        Stage {
            name: "three",
            about: "",
            needs: &["bad", "two"],
            quick: true,
            act: |log| note(log, "three"),
        },
    ];

    fn names(wanted: &Wanted) -> Vec<&'static str> {
        choose(STAGES, wanted).unwrap().iter().map(|stage| stage.name).collect()
    }

    fn done(wanted: &Wanted) -> Vec<&'static str> {
        let log = Log::default();
        let mut said = Vec::new();
        let result = run(&log, &choose(STAGES, wanted).unwrap(), wanted.keep_going, &mut said);
        assert!(String::from_utf8(said).unwrap().contains("── bad FAILED after"));
        assert!(result.unwrap_err().what.contains("bad"));
        log.into_inner()
    }

    #[test]
    fn a_named_stage_brings_what_it_needs_in_order() {
        let wanted = Wanted { names: vec!["two".into()], ..Wanted::default() };
        assert_eq!(names(&wanted), ["one", "two"]);
        assert_eq!(names(&Wanted { quick: true, ..Wanted::default() }), ["one", "bad", "two", "three"]);
        assert_eq!(names(&Wanted::default()), ["one", "bad", "two", "three"]);
    }

    #[test]
    fn an_unknown_stage_is_refused_by_name() {
        let wanted = Wanted { names: vec!["tow".into()], ..Wanted::default() };
        let failure = choose(STAGES, &wanted).err().unwrap();
        assert!(failure.what.contains("`tow`") && failure.next.contains("two"));
    }

    #[test]
    fn the_first_failure_ends_it_unless_told_to_keep_going() {
        assert_eq!(done(&Wanted::default()), ["one"]);
        assert_eq!(done(&Wanted { keep_going: true, ..Wanted::default() }), ["one", "two"]);
    }

    #[test]
    fn the_table_says_every_time_and_never_calls_unrun_ok() {
        let ends = [
            ("fine", Duration::from_millis(1234), End::Well("7 tests".into())),
            ("poor", Duration::from_secs(65), End::Badly(Failure::new("x", ""))),
            ("idle", Duration::ZERO, End::NotRun("not run: poor failed".into())),
        ];
        let table = table(&ends, Duration::from_secs(67));
        let lines: Vec<&str> = table.lines().collect();
        assert!(lines[0].contains("1.23 s") && lines[0].ends_with("ok, 7 tests"));
        assert!(lines[1].contains("1 m 05 s") && lines[1].ends_with("FAILED"));
        assert!(lines[2].contains('–') && !lines[2].contains("ok"));
        assert!(lines[3].starts_with("total"));
    }
}
