//! `jalonctl`: the engine on the command line. Exit 0 done, 1 failed, 2 usage, 3 refused by a gate or a check.

mod arguments;
mod deliver;
mod human;
mod monitor;
mod provision;
mod terminal;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use engine::wire::*;
use engine::{Engine, Error, Fallback, Surroundings, Work};
use serde::Serialize;

use arguments::{Arguments, Auth, Command, CredentialCommand, Kpis, MapTarget, Plan};
use human::Human;

/// Failed.
const FAILED: u8 = 1;
/// Refused by a gate or a check; nothing was changed.
const REFUSED: u8 = 3;

fn main() -> ExitCode {
    if let Some(code) = engine::reenter(std::env::args_os(), surroundings) {
        return code;
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: this system starts no threads: {error}");
            return ExitCode::from(FAILED);
        }
    };
    let code = runtime.block_on(answer(&arguments));
    // A desktop that never answers about the keychain must not keep the process.
    runtime.shutdown_background();
    code
}

/// Help and version end with 0; what cannot be understood with 2, as JSON where that was asked for.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
        let message = error.to_string();
        let message = message.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let hints = vec!["jalonctl --help lists what can be asked".to_owned()];
        print_error(&WireError { code: "usage".to_owned(), params: Default::default(), message, hints });
    } else {
        // A terminal that went away is no reason to fail.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(FAILED))
}

fn print_error(error: &WireError) {
    eprintln!("{}", serde_json::json!({ "error": error }));
}

async fn answer(arguments: &Arguments) -> ExitCode {
    match run(arguments).await {
        Ok(code) => code,
        Err(error) => {
            if arguments.json {
                print_error(&error.to_wire());
            } else {
                eprintln!("error: {error}");
                for hint in error.hints() {
                    eprintln!("  hint: {hint}");
                }
            }
            ExitCode::from(if error.is_gate() { REFUSED } else { FAILED })
        }
    }
}

async fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    // A document on its own needs neither a project nor a data folder.
    if let Command::Plan { command: Plan::Show { plan: Some(path) } } = &arguments.command {
        return print_plan(arguments, &engine::plan_of_file(path)?);
    }
    if let Command::Kpis(kpis @ Kpis { events: Some(path), .. }) = &arguments.command {
        return deliver::kpis_of_events(arguments, kpis, path);
    }
    let engine = Engine::open(surroundings()?)?;
    let work = match arguments.command.follows_a_run() {
        true => terminal::patient_work(),
        false => terminal::work(arguments.json),
    };
    match &arguments.command {
        Command::Init(init) => {
            let dir = arguments.project.clone().unwrap_or_else(|| ".".into());
            let project = init.propose(&engine, &dir, &work).await?;
            print(arguments, &engine::create_project(&engine, project, &work).await?)
        }
        Command::Plan { command: Plan::Show { .. } } => {
            print_plan(arguments, &engine::plan_of_project(&project(arguments)?.dir)?)
        }
        Command::Plan { command: Plan::Map { stage, milestone } } => {
            let milestone = match milestone {
                MapTarget::Milestone(number) => Some(*number),
                MapTarget::None => None,
            };
            let link = LinkStage { dir: project(arguments)?.dir, stage: stage.clone(), milestone };
            print(arguments, &engine::link_stage(&engine, link, &work).await?)
        }
        Command::Sync => print(arguments, &engine::sync(&engine, project(arguments)?, &work).await?),
        Command::Status => print(arguments, &engine::status(&engine, project(arguments)?, &work).await?),
        Command::Auth { command } => auth(arguments, &engine, command, &work).await,
        Command::Credentials { command } => credentials(arguments, &engine, command, &work).await,
        Command::Doctor => {
            let dir = project(arguments).ok().map(|project| project.dir);
            let doctor = engine::diagnose(&engine, dir.as_deref(), &work).await?;
            let failed = doctor.checks.iter().any(|check| check.state == CheckState::Fail);
            print(arguments, &doctor)?;
            Ok(if failed { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
        }
        Command::Monitor { command } => monitor::monitor(arguments, &engine, command, &work).await,
        Command::Alarms { command } => monitor::alarms(arguments, &engine, command, &work).await,
        command => deliver::run(arguments, &engine, command, &work).await,
    }
}

async fn auth(
    arguments: &Arguments,
    engine: &Engine,
    command: &Auth,
    work: &Work,
) -> Result<ExitCode, Error> {
    let status = match command {
        Auth::Status => engine::auth_status(engine, (), work).await?,
        Auth::Logout => engine::auth_logout(engine, (), work).await?,
        Auth::Login { gh, device, client_id } => {
            engine::expect_place(engine).await?;
            if *gh {
                engine::auth_gh(engine, (), work).await?
            } else if *device {
                if client_id.is_some() {
                    let change =
                        SettingsChange { device_client_id: client_id.clone(), ..SettingsChange::default() };
                    engine::change_settings(engine, change, work).await?;
                }
                let code = engine::auth_device_start(engine, (), work).await?;
                eprintln!("Enter {} at {}", code.user_code, code.verification_uri);
                engine::auth_device_finish(engine, (), work).await?
            } else {
                let token = terminal::read_secret("GitHub token: ")?;
                engine::auth_token(engine, PastedToken { token }, work).await?
            }
        }
    };
    print(arguments, &status)
}

async fn credentials(
    arguments: &Arguments,
    engine: &Engine,
    command: &CredentialCommand,
    work: &Work,
) -> Result<ExitCode, Error> {
    let listed = match command {
        CredentialCommand::List => engine::credentials_list(engine, (), work).await?,
        CredentialCommand::Set { name } => {
            engine::expect_place(engine).await?;
            let value = terminal::read_secret(&format!("{name}: "))?;
            engine::credentials_set(engine, NewCredential { name: name.clone(), value }, work).await?
        }
        CredentialCommand::Remove { name } => {
            engine::credentials_remove(engine, CredentialName { name: name.clone() }, work).await?
        }
    };
    print(arguments, &listed)
}

/// The project that `--project` names, else the nearest one upwards from here.
fn project(arguments: &Arguments) -> Result<ProjectDir, Error> {
    let dir = match &arguments.project {
        Some(dir) => dir.clone(),
        None => {
            let here = std::env::current_dir().unwrap_or_else(|_| Path::new(".").to_path_buf());
            engine::resolve_project(&here)?
        }
    };
    Ok(ProjectDir { dir })
}

fn surroundings() -> Result<Surroundings, Error> {
    let home = directories::ProjectDirs::from("", "", "jalon").map(|dirs| dirs.data_dir().to_path_buf());
    Surroundings::read(std::env::vars_os(), home, Fallback::Refuse)
}

/// A document without a stage could not be read as a plan at all: its diagnostics say why, and the call failed.
fn print_plan(arguments: &Arguments, plan: &PlanDocument) -> Result<ExitCode, Error> {
    print(arguments, plan)?;
    Ok(if plan.stages.is_empty() { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

/// One object on standard output, or lines for a person.
fn print<T: Serialize + Human>(arguments: &Arguments, value: &T) -> Result<ExitCode, Error> {
    let text = if arguments.json {
        let body = serde_json::to_string_pretty(value);
        body.map_err(|error| Error::BadRequest { reason: format!("the answer is no JSON: {error}") })?
    } else {
        value.lines()
    };
    terminal::out(&text);
    Ok(ExitCode::SUCCESS)
}
