//! One run model for everything long. A run is journalled, then carried out by a process of its own, so that closing or
//! killing Jalon neither kills nor loses it; whoever asks later reads its state from the journal and its log from its
//! folder. A run whose process is gone is interrupted, never succeeded.

mod child;
mod error;
mod folder;
mod journal;
mod log;
mod process;
mod running;

pub use child::{Child, ChildEnd, EachLine, Lines};
pub use error::{Error, Result};
pub use folder::RunFolder;
pub use journal::{CONFIRMED, Journal, Launcher};
pub use log::{Line, LogPage, LogWriter, Stream};
pub use process::ProcessId;
pub use running::Running;
pub use store::outbox::Share;
pub use store::run::{NewRun, Run, RunEnd, RunState};
