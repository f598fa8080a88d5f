//! The gate before an environment: what has to be true before a release may go there. Pure: facts in, conditions out.
//! What is not known is closed. `kubectl` and a terminal go round it, and the app says so.

mod required;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use required::{Check, Hindrance, Named, Required, Said};

/// What is known when a release wants through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The environment it wants into.
    pub environment: String,
    /// Whether that is production: a dirty working tree is refused there and only marked elsewhere.
    pub production: bool,
    /// The commit of the release, as Git names it.
    pub commit: String,
    /// Where it has to have run before (`promotes_from`); none if the environment names nothing.
    pub origin: Option<Origin>,
    /// The environment's `checks`.
    pub checks: Checks,
    /// What the service's own `test` command said of that commit. Asked only under [`Checks::Local`].
    pub test: Test,
    /// What the repository's checks said of that commit. Asked only under [`Checks::Required`].
    pub required: Required,
    /// The working tree that the release is built from.
    pub tree: Tree,
    /// The environment's `confirm`: none, or the name and what was typed.
    pub confirmation: Option<Confirmation>,
}

/// The environment in front, and what happened there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its name.
    pub environment: String,
    /// What is known of this commit there.
    pub before: Before,
}

/// What is known of a commit in the environment in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// It could not be found out.
    Unknown,
    /// It was never deployed there.
    Never,
    /// It was tried there and did not succeed.
    Failed {
        /// When the last attempt ended.
        at: Timestamp,
    },
    /// It was deployed there with success.
    Succeeded {
        /// The release's version there.
        version: String,
        /// When it became live there.
        at: Timestamp,
        /// Whether it was built from files that no commit holds.
        dirty: bool,
        /// How it is there now.
        now: Now,
    },
}

/// How a release is where it ran before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Now {
    /// Another release has taken its place, or the service was stopped.
    Gone,
    /// It is live and answers.
    Healthy,
    /// It is live and does not answer, or has ended by itself.
    Unhealthy,
    /// It is live; how it is could not be found out.
    Unknown,
}

/// Which checks an environment asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Checks {
    /// None.
    None,
    /// The service's own `test` command, for that commit.
    Local,
    /// The repository's required checks on GitHub.
    Required,
}

/// What the service's `test` command said of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// The service names no such command.
    NoCommand,
    /// It has no result for this commit: the gate runs it.
    NotYet,
    /// It runs now.
    Running,
    /// It passed.
    Passed {
        /// When it ended.
        at: Timestamp,
    },
    /// It failed.
    Failed {
        /// When it ended.
        at: Timestamp,
        /// One line on what failed.
        summary: String,
    },
    /// Its result could not be read.
    Unknown,
}

/// The working tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    /// It is what the commit holds, or the release comes from the commit and not from the tree.
    Clean,
    /// It holds changes that no commit has.
    Dirty {
        /// How many files differ.
        files: usize,
    },
    /// Git could not be asked.
    Unknown,
}

/// The name that a person types before a protected environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// What has to be typed.
    pub name: String,
    /// What was typed; none while it was not asked for.
    pub typed: Option<String>,
}

/// Where a condition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is true.
    Met,
    /// It is false: the gate is closed.
    Unmet,
    /// It is settled while the gate is passed: the test will be run, and has to pass.
    Pending,
    /// Nobody knows: the gate is closed.
    Unknown,
    /// The person is asked last: the name to type.
    AtTheEnd,
}

/// Which condition it is, with its facts. The window and `jalonctl` find the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "snake_case")]
pub enum Fact {
    /// The same commit ran in the environment in front.
    RanBefore {
        /// The environment in front.
        environment: String,
        /// The commit.
        commit: String,
        /// What happened there.
        found: Ran,
        /// When it became live or failed there.
        at: Option<Timestamp>,
        /// The version it had there.
        version: Option<String>,
    },
    /// The checks of the environment.
    Checks {
        /// Which.
        checks: Checks,
        /// The commit they are about.
        commit: String,
        /// What they said.
        found: Checked,
        /// When.
        at: Option<Timestamp>,
        /// One line on what failed.
        summary: Option<String>,
        /// Why they could not be read.
        hindrance: Option<Hindrance>,
    },
    /// One check of the repository.
    Check {
        /// Its name.
        name: String,
        /// The commit that is asked about.
        commit: String,
        /// What it said.
        found: Said,
        /// The forge's word for that.
        word: Option<String>,
        /// The commit that it is about, where it is another one.
        about: Option<String>,
        /// Its page.
        url: Option<String>,
        /// When it said so.
        at: Option<Timestamp>,
    },
    /// The release is built from a commit and nothing else.
    CleanTree {
        /// How many files differ from the commit; none if Git could not be asked.
        files: Option<usize>,
    },
    /// The environment's name was typed.
    NameTyped {
        /// What has to be typed.
        name: String,
    },
}

/// What was found of a commit in the environment in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ran {
    /// Live there and healthy.
    Healthy,
    /// Ran there; another release is live now, or none.
    Earlier,
    /// Live there and broken.
    Unhealthy,
    /// Built there from files that no commit holds.
    Dirty,
    /// Tried there without success.
    Failed,
    /// Never tried there.
    Never,
    /// There is no environment in front.
    Nowhere,
    /// Could not be found out.
    Unknown,
}

/// What checks said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checked {
    /// Nothing is asked.
    NotAsked,
    /// They passed.
    Passed,
    /// They failed.
    Failed,
    /// They run now.
    Running,
    /// They will be run by the gate.
    WillRun,
    /// The service names no test command, so nothing can pass.
    NoCommand,
    /// The commit has no check on the repository.
    Absent,
    /// All that exist are required, because which ones are may not be read.
    AllUnreadable,
    /// All that exist are required, because the repository names none.
    AllUnnamed,
    /// The repository's checks could not be read.
    Unreadable,
    /// The service's own result could not be read.
    Unknown,
}

/// One condition of a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Which, with its facts.
    #[serde(flatten)]
    pub fact: Fact,
    /// Where it stands.
    pub state: State,
}

/// A gate with all its conditions, in the order they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// The environment behind it.
    pub environment: String,
    /// All conditions, met or not.
    pub conditions: Vec<Condition>,
}

impl Gate {
    /// Judges the facts.
    pub fn judge(facts: &Facts) -> Self {
        let mut conditions = Vec::new();
        match &facts.origin {
            Some(origin) => conditions.push(ran_before(origin, &facts.commit)),
            None if facts.production && facts.checks != Checks::None => conditions.push(nowhere(facts)),
            None => {}
        }
        match facts.checks {
            Checks::Required => conditions.extend(required::conditions(&facts.required, &facts.commit)),
            Checks::None | Checks::Local => conditions.push(checked(facts)),
        }
        if facts.production {
            conditions.push(clean(&facts.tree));
        }
        conditions.extend(facts.confirmation.as_ref().map(typed));
        Self { environment: facts.environment.clone(), conditions }
    }

    /// Whether a deployment may begin: nothing is left but what is settled on the way (the test is run, the name typed).
    pub fn open(&self) -> bool {
        self.conditions
            .iter()
            .all(|condition| matches!(condition.state, State::Met | State::Pending | State::AtTheEnd))
    }

    /// Whether the release may be applied now: everything is met. To be asked again at the moment of applying.
    pub fn passed(&self) -> bool {
        self.conditions.iter().all(|condition| condition.state == State::Met)
    }

    /// The conditions that keep it closed.
    pub fn closed_by(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(|condition| matches!(condition.state, State::Unmet | State::Unknown))
    }
}

/// Production that names no environment in front takes nothing: nothing can have run there before.
fn nowhere(facts: &Facts) -> Condition {
    let fact = Fact::RanBefore {
        environment: facts.environment.clone(),
        commit: facts.commit.clone(),
        found: Ran::Nowhere,
        at: None,
        version: None,
    };
    Condition { fact, state: State::Unmet }
}

fn ran_before(origin: &Origin, commit: &str) -> Condition {
    let (state, found, at, version) = match &origin.before {
        Before::Unknown => (State::Unknown, Ran::Unknown, None, None),
        Before::Never => (State::Unmet, Ran::Never, None, None),
        Before::Failed { at } => (State::Unmet, Ran::Failed, Some(*at), None),
        Before::Succeeded { version, at, dirty, now } => {
            let (state, found) = match (dirty, now) {
                (true, _) => (State::Unmet, Ran::Dirty),
                (false, Now::Gone) => (State::Met, Ran::Earlier),
                (false, Now::Healthy) => (State::Met, Ran::Healthy),
                (false, Now::Unhealthy) => (State::Unmet, Ran::Unhealthy),
                (false, Now::Unknown) => (State::Unknown, Ran::Unknown),
            };
            (state, found, Some(*at), Some(version.clone()))
        }
    };
    let fact = Fact::RanBefore {
        environment: origin.environment.clone(),
        commit: commit.to_owned(),
        found,
        at,
        version,
    };
    Condition { fact, state }
}

fn checked(facts: &Facts) -> Condition {
    let (state, found, at, summary) = match (facts.checks, &facts.test) {
        (Checks::None, _) => (State::Met, Checked::NotAsked, None, None),
        (_, Test::Unknown) => (State::Unknown, Checked::Unknown, None, None),
        (_, Test::NoCommand) => (State::Unmet, Checked::NoCommand, None, None),
        (_, Test::NotYet) => (State::Pending, Checked::WillRun, None, None),
        (_, Test::Running) => (State::Pending, Checked::Running, None, None),
        (_, Test::Passed { at }) => (State::Met, Checked::Passed, Some(*at), None),
        (_, Test::Failed { at, summary }) => {
            (State::Unmet, Checked::Failed, Some(*at), Some(summary.clone()))
        }
    };
    let commit = facts.commit.clone();
    let fact = Fact::Checks { checks: facts.checks, commit, found, at, summary, hindrance: None };
    Condition { fact, state }
}

fn clean(tree: &Tree) -> Condition {
    let (state, files) = match tree {
        Tree::Clean => (State::Met, Some(0)),
        Tree::Dirty { files } => (State::Unmet, Some(*files)),
        Tree::Unknown => (State::Unknown, None),
    };
    Condition { fact: Fact::CleanTree { files }, state }
}

fn typed(confirmation: &Confirmation) -> Condition {
    let state = match &confirmation.typed {
        None => State::AtTheEnd,
        Some(typed) if *typed == confirmation.name => State::Met,
        Some(_) => State::Unmet,
    };
    Condition { fact: Fact::NameTyped { name: confirmation.name.clone() }, state }
}

#[cfg(test)]
mod tests;
