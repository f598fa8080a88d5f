//! Which processes are ours, and how they are ended. A host that was killed leaves its instances behind; they are known by
//! pid and start time from `state.json`, and by the marker in their environment where there was no time to write.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::time::{Duration, Instant};

use sysinfo::{Pid, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};

use super::MARKER;
use super::state::Recorded;
use crate::Error;

/// How far two accounts of one start time may lie apart, in seconds: systems compute it from the clock.
const DRIFT: u64 = 2;
const POLL: Duration = Duration::from_millis(20);
/// How long processes have to vanish after they were killed.
const VANISH: Duration = Duration::from_secs(5);

/// How a process is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Force {
    /// SIGTERM: it may finish what it does.
    Ask,
    /// SIGKILL.
    Kill,
}

/// When a process began, in seconds since 1970; none if there is none (any more).
pub(super) fn birth(pid: u32) -> Option<u64> {
    let mut system = System::new();
    let pid = Pid::from_u32(pid);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, ProcessRefreshKind::nothing());
    system.process(pid).filter(|process| lives(process)).map(sysinfo::Process::start_time)
}

/// Whether the recorded process still runs, and is not another with its number.
pub(super) fn alive(recorded: &Recorded) -> bool {
    matches!((recorded.birth, birth(recorded.pid)), (Some(then), Some(now)) if then.abs_diff(now) <= DRIFT)
}

/// What the markers of all instances of a place begin with.
pub(super) fn mark_of_place(identity: &str) -> String {
    format!("{identity}-")
}

/// The marker of one instance. It ends as no other begins, so that the first is not taken for the twelfth.
pub(super) fn mark_of_instance(identity: &str, number: u64) -> String {
    format!("{}{number}.", mark_of_place(identity))
}

/// All processes whose marker begins with `mark`, this one left out.
pub(super) fn marked(mark: &str) -> Vec<u32> {
    let system = everything(ProcessRefreshKind::nothing().with_environ(UpdateKind::Always));
    let wanted = format!("{MARKER}={mark}");
    let ours = |entry: &std::ffi::OsString| starts_with(entry, &wanted);
    listed(&system, |process| process.environ().iter().any(ours))
}

fn starts_with(text: &OsStr, wanted: &str) -> bool {
    text.as_encoded_bytes().starts_with(wanted.as_bytes())
}

fn everything(kind: ProcessRefreshKind) -> System {
    let mut system = System::new();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind.without_tasks());
    system
}

fn listed(system: &System, wanted: impl Fn(&sysinfo::Process) -> bool) -> Vec<u32> {
    let own = std::process::id();
    let found = system.processes().values().filter(|process| lives(process) && wanted(process));
    found.map(|process| process.pid().as_u32()).filter(|pid| *pid != own).collect()
}

fn lives(process: &sysinfo::Process) -> bool {
    !matches!(process.status(), ProcessStatus::Zombie | ProcessStatus::Dead)
}

/// Whether the group of `leader` may still have members; the dead that nobody has buried count.
pub(super) fn group_exists(leader: u32) -> bool {
    #[cfg(unix)]
    return raw(leader).is_some_and(|leader| {
        !matches!(rustix::process::test_kill_process_group(leader), Err(rustix::io::Errno::SRCH))
    });
    #[cfg(not(unix))]
    return !family(leader).is_empty();
}

/// Where there are no process groups: `leader` and its descendants.
#[cfg(not(unix))]
fn family(leader: u32) -> Vec<u32> {
    let system = everything(ProcessRefreshKind::nothing());
    let mut family = vec![leader];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        next += 1;
        let children = listed(&system, |process| process.parent() == Some(Pid::from_u32(parent)));
        let fresh: Vec<u32> = children.into_iter().filter(|child| !family.contains(child)).collect();
        family.extend(fresh);
    }
    listed(&system, |process| family.contains(&process.pid().as_u32()))
}

/// Asks the whole group of `leader` to end. The caller knows that the number is still the group's.
pub(super) fn end_group(leader: u32, force: Force) {
    #[cfg(unix)]
    if let Some(leader) = raw(leader) {
        // What is gone already needs no signal.
        let _ = rustix::process::kill_process_group(leader, signal(force));
    }
    #[cfg(not(unix))]
    for pid in family(leader) {
        end_one(pid, force);
    }
}

/// Asks one process to end.
pub(super) fn end_one(pid: u32, force: Force) {
    #[cfg(unix)]
    if let Some(pid) = raw(pid) {
        let _ = rustix::process::kill_process(pid, signal(force));
    }
    #[cfg(not(unix))]
    {
        // There is no way to ask a process without a window: it is ended.
        let _ = force;
        let mut system = System::new();
        let pid = Pid::from_u32(pid);
        system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&[pid]),
            true,
            ProcessRefreshKind::nothing(),
        );
        if let Some(process) = system.process(pid) {
            process.kill();
        }
    }
}

#[cfg(unix)]
fn raw(pid: u32) -> Option<rustix::process::Pid> {
    // 1 is the system's own first process, and no group of ours.
    i32::try_from(pid).ok().filter(|pid| *pid > 1).and_then(rustix::process::Pid::from_raw)
}

#[cfg(unix)]
fn signal(force: Force) -> rustix::process::Signal {
    match force {
        Force::Ask => rustix::process::Signal::TERM,
        Force::Kill => rustix::process::Signal::KILL,
    }
}

/// Ends all processes marked `mark` and the `recorded` ones that still are who they were: asked first, killed after
/// `grace`. Returns those that were found.
///
/// # Errors
/// [`Error::Survivors`] if some do not even end when killed.
pub(super) async fn end_all(mark: &str, recorded: &[Recorded], grace: Duration) -> Result<Vec<u32>, Error> {
    let began = Instant::now();
    let (mut found, mut asked, mut groups) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    loop {
        let (leaders, living) = look(mark, recorded).await?;
        found.extend(&living);
        groups.extend(leaders);
        if living.is_empty() {
            // A member that threw its environment away; a group keeps its number until its last member has gone.
            groups
                .into_iter()
                .filter(|leader| group_exists(*leader))
                .for_each(|leader| end_group(leader, Force::Kill));
            return Ok(found.into_iter().collect());
        }
        let waited = began.elapsed();
        if waited > grace + VANISH {
            return Err(Error::Survivors { pids: living });
        }
        for pid in living {
            if waited >= grace {
                end_one(pid, Force::Kill);
            } else if asked.insert(pid) {
                // Once: a second SIGTERM makes some programs drop what they were finishing.
                end_one(pid, Force::Ask);
            }
        }
        tokio::time::sleep(POLL).await;
    }
}

/// The recorded processes that live, and all that are to be ended. Looking through all processes takes milliseconds, which
/// no request should wait for.
async fn look(mark: &str, recorded: &[Recorded]) -> Result<(Vec<u32>, Vec<u32>), Error> {
    let (mark, recorded) = (mark.to_owned(), recorded.to_vec());
    let looked = tokio::task::spawn_blocking(move || {
        let leaders: Vec<u32> = recorded.iter().filter(|entry| alive(entry)).map(|entry| entry.pid).collect();
        let mut living = leaders.clone();
        living.extend(marked(&mark));
        living.sort_unstable();
        living.dedup();
        (leaders, living)
    });
    looked
        .await
        .map_err(|error| Error::Protocol { reason: format!("looking through the processes: {error}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::{Release, Slot, state::Role};

    fn recorded(pid: u32, birth: Option<u64>) -> Recorded {
        let release = Release { id: "r".into(), version: "1".into(), commit: "c".into(), dirty: false };
        Recorded { release, slot: Slot::Blue, role: Role::Live, port: 1, pid, birth }
    }

    #[test]
    fn a_process_is_known_by_its_start_too() {
        let own = std::process::id();
        let began = birth(own).unwrap();
        assert!(alive(&recorded(own, Some(began))));
        assert!(!alive(&recorded(own, Some(began - 60))));
        assert!(!alive(&recorded(own, None)));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_number_that_is_anothers_by_now_is_left_alone() {
        let mut child = tokio::process::Command::new("sleep").arg("60").kill_on_drop(true).spawn().unwrap();
        let pid = child.id().unwrap();
        let wrong = recorded(pid, Some(birth(pid).unwrap() - 60));
        assert_eq!(end_all("no-such-mark", &[wrong], Duration::ZERO).await, Ok(Vec::new()));
        assert_eq!(child.try_wait().unwrap(), None);
        let right = recorded(pid, birth(pid));
        assert_eq!(end_all("no-such-mark", &[right], Duration::from_secs(5)).await, Ok(vec![pid]));
        assert!(!child.wait().await.unwrap().success());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn marked_processes_are_found_and_ended() {
        let identity = format!("test-{}", crate::local::state::random::<8>().unwrap());
        let start = |number| {
            let mut child = tokio::process::Command::new("sleep");
            child
                .arg("60")
                .env(MARKER, mark_of_instance(&identity, number))
                .kill_on_drop(true)
                .spawn()
                .unwrap()
        };
        let (mut first, mut twelfth) = (start(1), start(12));
        let (one, twelve) = (first.id().unwrap(), twelfth.id().unwrap());
        let grace = Duration::from_secs(5);
        assert_eq!(end_all(&mark_of_instance(&identity, 1), &[], grace).await, Ok(vec![one]));
        assert!(!first.wait().await.unwrap().success());
        assert_eq!(marked(&mark_of_place(&identity)), [twelve]);
        assert_eq!(end_all(&mark_of_place(&identity), &[], grace).await, Ok(vec![twelve]));
        assert!(!twelfth.wait().await.unwrap().success());
    }
}
