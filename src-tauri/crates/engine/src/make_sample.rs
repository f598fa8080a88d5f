//! The sample project: written, trusted and opened.

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use crate::wire::*;
use crate::{Engine, Refusal, Result, Work};

/// Ports that are tried for the sample's environments before any free one is taken.
const PREFERRED: [u16; 2] = [8081, 8080];
/// Name of the folder in the person's home.
const NAME: &str = "jalon-sample";

/// Writes the sample project, trusts its commands, which are Jalon's own, and opens it.
///
/// # Errors
/// The folder is in use or cannot be written, or git is missing. Nothing is changed then.
pub async fn create_sample(engine: &Engine, params: NewSample, work: &Work) -> Result<ProjectHeader> {
    let dir = match params.dir {
        Some(dir) => PathBuf::from(dir),
        None => engine.sample_folder(),
    };
    let shown = dir.display().to_string();
    let language = match params.language {
        Language::En => sample::Language::En,
        Language::Fr => sample::Language::Fr,
    };
    let (dev, prod) = params.ports.unwrap_or_else(free_ports);
    let failed = |error: sample::Error| match error {
        sample::Error::NotEmpty { dir } => Refusal::SampleNotEmpty { dir }.into(),
        sample::Error::Git(error) => crate::Error::Git(error),
        other => Refusal::SampleFailed { dir: shown.clone(), reason: other.to_string() }.into(),
    };
    let options =
        sample::Options::new(language, engine.now(), &engine.around.timezone, dev, prod).map_err(failed)?;
    let git = git::Git::new(engine.around.git.clone(), engine.around.inherited.clone());
    work.soon("writing the sample", async { sample::create(&git, &dir, &options).await.map_err(failed) })
        .await?;
    crate::trust(engine, Trust { dir: shown.clone(), digest: None, version: None }, work).await?;
    crate::open_project(engine, ProjectDir { dir: shown }, work).await
}

/// Two ports that nobody listens on: the preferred ones where they are free.
fn free_ports() -> (u16, u16) {
    let bind = |port: u16| {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        socket.or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
    };
    // Both are held until both are known, so that they differ.
    let held = PREFERRED.map(bind);
    let port = |index: usize| {
        let address = held[index].as_ref().ok().and_then(|socket| socket.local_addr().ok());
        address.map_or(PREFERRED[index], |address| address.port())
    };
    (port(0), port(1))
}

impl Engine {
    /// The first folder of its name that is not there yet, in the person's home, else in the data folder.
    fn sample_folder(&self) -> PathBuf {
        let home = ["HOME", "USERPROFILE"]
            .iter()
            .find_map(|name| self.around.inherited.get(std::ffi::OsStr::new(name)))
            .map(PathBuf::from)
            .filter(|home| home.is_dir())
            .unwrap_or_else(|| self.around.home.clone());
        let named = |number: u32| match number {
            1 => home.join(NAME),
            number => home.join(format!("{NAME}-{number}")),
        };
        (1..1000).map(named).find(|dir| !dir.exists()).unwrap_or_else(|| home.join(NAME))
    }
}
