//! Which process is which: a pid alone is reused by the system, a pid with its start time is not.

use serde::{Deserialize, Serialize};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Names one process for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessId {
    /// The system's number; also its group's, for processes that Jalon starts.
    pub pid: u32,
    /// Seconds since 1970 when it started.
    pub started: u64,
}

impl ProcessId {
    /// The process that has this number now.
    pub fn of(pid: u32) -> Option<Self> {
        let mut system = System::new();
        let wanted = Pid::from_u32(pid);
        system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&[wanted]),
            true,
            ProcessRefreshKind::nothing(),
        );
        system.process(wanted).map(|process| Self { pid, started: process.start_time() })
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        Self::of(self.pid) == Some(*self)
    }

    /// Asks its group to end. A process that is gone already needs no asking.
    pub fn interrupt(&self) {
        if self.is_alive() {
            signal(self.pid, Signal::Interrupt);
        }
    }

    /// Ends its group.
    pub fn kill(&self) {
        if self.is_alive() {
            signal(self.pid, Signal::Kill);
        }
    }
}

/// What a group of processes is sent.
#[derive(Clone, Copy)]
pub(crate) enum Signal {
    Interrupt,
    Kill,
}

#[cfg(unix)]
pub(crate) fn signal(group: u32, signal: Signal) {
    let signal = match signal {
        Signal::Interrupt => rustix::process::Signal::INT,
        Signal::Kill => rustix::process::Signal::KILL,
    };
    if let Some(group) = i32::try_from(group).ok().and_then(rustix::process::Pid::from_raw) {
        // A group that ended meanwhile needs no signal.
        let _ = rustix::process::kill_process_group(group, signal);
    }
}

#[cfg(not(unix))]
pub(crate) fn signal(pid: u32, _signal: Signal) {
    let mut system = System::new();
    let wanted = Pid::from_u32(pid);
    system.refresh_processes(ProcessesToUpdate::All, true);
    // The children first: once their parent is gone nothing leads to them.
    let children: Vec<Pid> = system
        .processes()
        .iter()
        .filter(|(_, process)| process.parent() == Some(wanted))
        .map(|(pid, _)| *pid)
        .collect();
    for pid in children.into_iter().chain([wanted]) {
        if let Some(process) = system.process(pid) {
            process.kill();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_one_of_another_time_is_not() {
        let this = ProcessId::of(std::process::id()).unwrap();
        assert!(this.is_alive());
        let other = ProcessId { started: this.started - 1000, ..this };
        assert!(!other.is_alive());
        // A signal to somebody else's pid is not sent.
        other.kill();
        assert!(this.is_alive());
    }
}
