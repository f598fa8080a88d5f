//! The repository's checks of a commit: which of them are asked for, and whether they are green for that very commit.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Checked, Checks, Condition, Fact, State};

/// What the forge said of a commit's checks. Asked only under [`Checks::Required`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Required {
    /// Nobody was asked.
    #[default]
    NotAsked,
    /// They could not be read: nobody is signed in, no network, no repository, not allowed.
    Unreadable(Hindrance),
    /// They were read.
    Read {
        /// All checks of the commit, the latest of each name and app.
        checks: Vec<Check>,
        /// Those that the repository requires; none where that may not be read. Then, and where it names none, all
        /// that exist are required.
        named: Option<Vec<Named>>,
    },
}

/// Why checks could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hindrance {
    /// Stable name, such as `github.not_signed_in`.
    pub code: String,
    /// What happened, as an English sentence.
    pub reason: String,
    /// What to do.
    pub fix: Option<String>,
}

/// A check that a commit has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// App that reported it.
    pub app: Option<u64>,
    /// What it said.
    pub said: Said,
    /// The forge's word for that: `failure`, `in_progress` …
    pub word: String,
    /// The commit that it is about.
    pub commit: String,
    /// Its page.
    pub url: Option<String>,
    /// When it said so.
    pub at: Option<Timestamp>,
}

/// A check that is required by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// App that has to report it; any where none is named.
    pub app: Option<u64>,
}

/// What a check said. The worst comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// It passed.
    Green,
    /// It was skipped or is neutral, so it says nothing; or it is not there.
    Absent,
    /// It has not ended.
    Pending,
    /// It was cancelled.
    Cancelled,
    /// It spoke of another commit.
    WrongCommit,
    /// It said something that nobody understands.
    Unreadable,
    /// It failed.
    Red,
}

/// Conditions of [`Checks::Required`]: one for each check, after one on all of them where there is something to say.
pub(super) fn conditions(required: &Required, commit: &str) -> Vec<Condition> {
    let about = |found, state, hindrance: Option<&Hindrance>| {
        let fact = Fact::Checks {
            checks: Checks::Required,
            commit: commit.to_owned(),
            found,
            at: None,
            summary: None,
            hindrance: hindrance.cloned(),
        };
        Condition { fact, state }
    };
    let (checks, named) = match required {
        Required::NotAsked => return vec![about(Checked::Unknown, State::Unknown, None)],
        Required::Unreadable(why) => return vec![about(Checked::Unreadable, State::Unknown, Some(why))],
        Required::Read { checks, named } => (checks, named),
    };
    if let Some(named) = named.as_ref().filter(|named| !named.is_empty()) {
        return named.iter().map(|named| of_name(named, checks, commit)).collect();
    }
    // What was skipped ran nothing. It is not in the way, and opens nothing either.
    let spoke: Vec<&Check> = checks.iter().filter(|check| check.said != Said::Absent).collect();
    if spoke.is_empty() {
        return vec![about(Checked::Absent, State::Unmet, None)];
    }
    let all = if named.is_none() { Checked::AllUnreadable } else { Checked::AllUnnamed };
    let mut conditions = vec![about(all, State::Met, None)];
    conditions.extend(spoke.into_iter().map(|check| condition(check, commit)));
    conditions
}

/// A check and a status of one name both have to be green: the worst counts.
fn of_name(named: &Named, checks: &[Check], commit: &str) -> Condition {
    let fits = |check: &&Check| {
        check.name == named.name && named.app.is_none_or(|app| check.app.is_none_or(|own| own == app))
    };
    match checks.iter().filter(fits).max_by_key(|check| said(check, commit)) {
        Some(check) => condition(check, commit),
        None => Condition {
            fact: Fact::Check {
                name: named.name.clone(),
                commit: commit.to_owned(),
                found: Said::Absent,
                word: None,
                about: None,
                url: None,
                at: None,
            },
            state: State::Unmet,
        },
    }
}

fn said(check: &Check, commit: &str) -> Said {
    if check.commit == commit { check.said } else { Said::WrongCommit }
}

fn condition(check: &Check, commit: &str) -> Condition {
    let found = said(check, commit);
    let fact = Fact::Check {
        name: check.name.clone(),
        commit: commit.to_owned(),
        found,
        word: Some(check.word.clone()),
        about: Some(check.commit.clone()).filter(|about| about != commit),
        url: check.url.clone(),
        at: check.at,
    };
    let state = match found {
        Said::Green => State::Met,
        Said::Unreadable => State::Unknown,
        Said::Absent | Said::Pending | Said::Cancelled | Said::WrongCommit | Said::Red => State::Unmet,
    };
    Condition { fact, state }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "7e1c9a4";

    fn check(name: &str, said: Said) -> Check {
        Check {
            name: name.into(),
            app: Some(1),
            said,
            word: "word".into(),
            commit: SHA.into(),
            url: None,
            at: None,
        }
    }

    fn named(names: &[&str]) -> Option<Vec<Named>> {
        Some(names.iter().map(|name| Named { name: (*name).to_owned(), app: None }).collect())
    }

    fn read(checks: &[Check], named: Option<Vec<Named>>) -> Vec<(String, State)> {
        let required = Required::Read { checks: checks.to_vec(), named };
        let told = |condition: Condition| match condition.fact {
            Fact::Check { name, .. } => (name, condition.state),
            Fact::Checks { found, .. } => (format!("{found:?}"), condition.state),
            other => panic!("{other:?}"),
        };
        conditions(&required, SHA).into_iter().map(told).collect()
    }

    fn all_met(conditions: &[(String, State)]) -> bool {
        conditions.iter().all(|(_, state)| *state == State::Met)
    }

    #[test]
    fn green_alone_opens() {
        for said in
            [Said::Absent, Said::Pending, Said::Cancelled, Said::WrongCommit, Said::Unreadable, Said::Red]
        {
            let found = read(&[check("build", Said::Green), check("test", said)], named(&["build", "test"]));
            assert!(!all_met(&found), "{said:?}");
            assert_eq!(found[0], ("build".into(), State::Met));
            let state = if said == Said::Unreadable { State::Unknown } else { State::Unmet };
            assert_eq!(found[1], ("test".into(), state));
        }
        assert!(all_met(&read(&[check("build", Said::Green)], named(&["build"]))));
    }

    #[test]
    fn what_is_required_and_not_there_is_absent() {
        let found = read(&[check("build", Said::Green)], named(&["build", "deploy-test"]));
        assert_eq!(found[1], ("deploy-test".into(), State::Unmet));
        // Others may be red: nobody asks for them.
        assert!(all_met(&read(&[check("build", Said::Green), check("lint", Said::Red)], named(&["build"]))));
    }

    #[test]
    fn no_check_at_all_is_closed_whoever_asks() {
        for named in [None, named(&[])] {
            assert_eq!(read(&[], named.clone()), [("Absent".into(), State::Unmet)]);
            assert_eq!(read(&[check("deploy", Said::Absent)], named), [("Absent".into(), State::Unmet)]);
        }
    }

    #[test]
    fn where_nobody_says_which_all_that_exist_are_required_and_that_is_said() {
        let green = [check("build", Said::Green), check("skipped", Said::Absent)];
        let found = read(&green, None);
        assert_eq!(found, [("AllUnreadable".into(), State::Met), ("build".into(), State::Met)]);
        assert_eq!(read(&green, named(&[]))[0].0, "AllUnnamed");
        let red = [check("build", Said::Green), check("lint", Said::Red)];
        assert_eq!(read(&red, None)[2], ("lint".into(), State::Unmet));
    }

    #[test]
    fn green_for_another_commit_is_the_wrong_commit() {
        let other = Check { commit: "0000000".into(), ..check("build", Said::Green) };
        assert_eq!(read(std::slice::from_ref(&other), named(&["build"])), [("build".into(), State::Unmet)]);
        assert_eq!(read(&[other], None)[1], ("build".into(), State::Unmet));
    }

    #[test]
    fn one_name_twice_needs_both_and_an_app_its_own() {
        let status = Check { app: None, ..check("build", Said::Red) };
        let found = read(&[check("build", Said::Green), status], named(&["build"]));
        assert_eq!(found, [("build".into(), State::Unmet)]);
        let by = |app| Some(vec![Named { name: "build".into(), app: Some(app) }]);
        assert!(all_met(&read(&[check("build", Said::Green)], by(1))));
        assert!(!all_met(&read(&[check("build", Said::Green)], by(2))), "another app cannot say it");
    }

    #[test]
    fn what_could_not_be_read_is_closed_with_its_reason() {
        let why = Hindrance { code: "github.not_signed_in".into(), reason: "nobody".into(), fix: None };
        let found = conditions(&Required::Unreadable(why.clone()), SHA);
        assert_eq!(found[0].state, State::Unknown);
        assert!(
            matches!(&found[0].fact, Fact::Checks { hindrance: Some(told), .. } if *told == why),
            "{found:?}"
        );
        assert_eq!(conditions(&Required::NotAsked, SHA)[0].state, State::Unknown);
    }
}
