//! Deployments, runs, KPIs and documents on the command line.

use std::path::Path;
use std::process::ExitCode;

use engine::wire::*;
use engine::{Engine, Error, Refusal, Work};

use crate::arguments::{
    Arguments, Command, Confirm, Deploy, Export, Kpis, Runs as RunsCommand, Trust as TrustArguments,
};
use crate::{FAILED, REFUSED, print, print_error, project, terminal};

/// A call waits so long for GitHub at its end.
const TELLING: std::time::Duration = std::time::Duration::from_secs(20);
/// Size of a plot for a page.
const PLOT: (u32, u32) = (800, 450);

/// Runs one of these commands.
pub async fn run(
    arguments: &Arguments,
    engine: &Engine,
    command: &Command,
    work: &Work,
) -> Result<ExitCode, Error> {
    match command {
        Command::Sample(sample) => {
            let language = if sample.language == "fr" { Language::Fr } else { Language::En };
            let new =
                NewSample { dir: sample.dir.clone(), language, ports: sample.dev_port.zip(sample.prod_port) };
            print(arguments, &engine::create_sample(engine, new, work).await?)
        }
        Command::Trust(trust) => print_trust(arguments, engine, trust, work).await,
        Command::Deploy(deploy) => {
            start(arguments, engine, &deploy.confirm, work, &Ask::Deploy(deploy)).await
        }
        Command::Promote(promote) => {
            start(
                arguments,
                engine,
                &promote.confirm,
                work,
                &Ask::Promote(&promote.service, &promote.from, &promote.to),
            )
            .await
        }
        Command::Rollback(rollback) => {
            let ask = Ask::Rollback(&rollback.service, &rollback.environment, rollback.to.as_deref());
            start(arguments, engine, &rollback.confirm, work, &ask).await
        }
        Command::Stop(stop) => {
            start(arguments, engine, &stop.confirm, work, &Ask::Stop(&stop.service, &stop.environment)).await
        }
        Command::Logs(logs) => {
            let query = LogQuery {
                dir: project(arguments)?.dir,
                service: logs.service.clone(),
                environment: logs.environment.clone(),
                lines: Some(logs.lines),
            };
            print(arguments, &engine::service_log(engine, query, work).await?)
        }
        Command::Diff(diff) => {
            let query = DiffQuery {
                dir: project(arguments)?.dir,
                service: diff.service.clone(),
                environment: diff.environment.clone(),
                version: diff.of.clone(),
            };
            print(arguments, &engine::diff(engine, query, work).await?)
        }
        Command::Diagnose(diagnose) => {
            let query = ClusterQuery {
                dir: project(arguments)?.dir,
                service: diagnose.service.clone(),
                environment: diagnose.environment.clone(),
            };
            print(arguments, &engine::cluster(engine, query, work).await?)
        }
        Command::Provision { command } => crate::provision::run(arguments, engine, command, work).await,
        Command::Runs { command } => runs(arguments, engine, command, work).await,
        Command::Kpis(kpis) => print_kpis(arguments, engine, kpis, work).await,
        Command::Report { command } => {
            print(arguments, &engine::export_report(engine, export(arguments, command)?, work).await?)
        }
        Command::Slides { command } => {
            print(arguments, &engine::export_slides(engine, export(arguments, command)?, work).await?)
        }
        _ => Err(Error::BadRequest { reason: "this command is not here".to_owned() }),
    }
}

/// What a run is asked for.
pub(crate) enum Ask<'a> {
    /// What an alarm proposes.
    Act(&'a str),
    Deploy(&'a Deploy),
    Promote(&'a str, &'a str, &'a str),
    Rollback(&'a str, &'a str, Option<&'a str>),
    Stop(&'a str, &'a str),
}

impl Ask<'_> {
    async fn ask(
        &self,
        engine: &Engine,
        dir: &str,
        confirm: Option<String>,
        work: &Work,
    ) -> Result<Started, Error> {
        let dir = dir.to_owned();
        match self {
            Self::Act(id) => {
                engine::alarm_act(engine, AlarmAct { dir, id: (*id).to_owned(), confirm }, work).await
            }
            Self::Deploy(deploy) => {
                let request = DeployRequest {
                    dir,
                    service: deploy.service.clone(),
                    environment: deploy.environment.clone(),
                    version: deploy.of.clone(),
                    strategy: deploy.strategy.clone(),
                    kind: Some(deploy.kind.clone()),
                    confirm,
                    dry_run: deploy.dry_run,
                };
                engine::deploy(engine, request, work).await
            }
            Self::Promote(service, from, to) => {
                let [service, from, to] = [service, from, to].map(|text| (*text).to_owned());
                engine::promote(
                    engine,
                    PromoteRequest { dir, service, from, to, confirm, commit: None },
                    work,
                )
                .await
            }
            Self::Rollback(service, environment, to) => {
                let [service, environment] = [service, environment].map(|text| (*text).to_owned());
                let to = to.map(str::to_owned);
                engine::rollback(engine, RollbackRequest { dir, service, environment, to, confirm }, work)
                    .await
            }
            Self::Stop(service, environment) => {
                let [service, environment] = [service, environment].map(|text| (*text).to_owned());
                engine::stop(engine, StopRequest { dir, service, environment, confirm }, work).await
            }
        }
    }
}

/// Starts a run and follows it to its end. A person at a terminal is asked for what is missing.
pub(crate) async fn start(
    arguments: &Arguments,
    engine: &Engine,
    confirm: &Confirm,
    work: &Work,
    ask: &Ask<'_>,
) -> Result<ExitCode, Error> {
    let dir = project(arguments)?.dir;
    let may_ask = !arguments.json && terminal::can_ask();
    let mut typed = confirm.confirm.clone();
    let started = loop {
        match ask.ask(engine, &dir, typed.clone(), work).await {
            Err(Error::Refused(Refusal::Unconfirmed { environment })) if may_ask && typed.is_none() => {
                typed = terminal::ask(&format!("{environment} is protected. Type its name to go on: "));
                if typed.as_deref().is_none_or(str::is_empty) {
                    return Err(Refusal::Unconfirmed { environment }.into());
                }
            }
            Err(Error::Refused(refusal @ Refusal::NotTrusted { .. })) if may_ask => {
                trust_asked(engine, refusal, work).await?;
            }
            other => break other?,
        }
    };
    match &started.run {
        None => print(arguments, &started),
        Some(id) => {
            if !arguments.json {
                eprintln!("run {id}: {}", started.plan.join("\n  "));
            }
            follow(arguments, engine, id, work).await
        }
    }
}

/// Asks a person whether what was refused for want of trust may run, and trusts it then.
pub async fn trust_asked(engine: &Engine, refusal: Refusal, work: &Work) -> Result<(), Error> {
    let Refusal::NotTrusted { dir, digest, commands } = refusal else { return Err(refusal.into()) };
    eprintln!("This of the repository would run:\n{commands}");
    let answer = terminal::ask("Trust it? [y/N] ");
    if !answer.is_some_and(|answer| answer.eq_ignore_ascii_case("y")) {
        return Err(Refusal::NotTrusted { dir, digest, commands }.into());
    }
    engine::trust(engine, Trust { dir, digest: Some(digest), version: None }, work).await?;
    Ok(())
}

/// Shows a run's log until it ends. Exit 3 where a gate refused it.
async fn follow(arguments: &Arguments, engine: &Engine, id: &str, work: &Work) -> Result<ExitCode, Error> {
    followed(arguments, engine, id, work, &mut 0).await?;
    // What waits for GitHub is told before the call ends, as far as the limits allow.
    let told = engine::tell_github(engine, TELLING, &work.cancel).await?;
    if !arguments.json {
        told.notes.iter().for_each(|note| eprintln!("{note}"));
    }
    end_of(arguments, &engine::run_show(engine, RunId { id: id.to_owned() }, &Work::silent()).await?)
}

/// Shows a run's log from an offset on, until it ends or waits for a person.
pub async fn followed(
    arguments: &Arguments,
    engine: &Engine,
    id: &str,
    work: &Work,
    from: &mut u64,
) -> Result<RunDetail, Error> {
    let mut revision = 0;
    // The run is asked to cancel once; its end is waited for all the same.
    let watching = Work::silent();
    let mut asked = false;
    loop {
        let update = tokio::select! {
            biased;
            () = work.cancel.cancelled(), if !asked => {
                asked = true;
                engine::run_cancel(engine, RunId { id: id.to_owned() }, &watching).await?;
                continue;
            }
            update = engine::run_watch(engine, RunWatch { id: id.to_owned(), from: *from, revision }, &watching) => update?,
        };
        (*from, revision) = (update.next, update.revision);
        if !arguments.json {
            for line in &update.lines {
                eprintln!("{}", crate::human::log_line(line));
            }
        }
        if update.ended || update.waits {
            return Ok(update.run);
        }
    }
}

/// Prints how a run ended. Exit 3 where a gate refused it.
pub fn end_of(arguments: &Arguments, run: &RunDetail) -> Result<ExitCode, Error> {
    print(arguments, run)?;
    if let (Some(reason), true) = (&run.run.reason, arguments.json) {
        let RunReason { code, params, message } = reason.clone();
        print_error(&WireError { code, params, message, hints: Vec::new() });
    }
    Ok(match run.run.state {
        RunState::Succeeded | RunState::WaitingForConfirmation => ExitCode::SUCCESS,
        _ if run.run.refused => ExitCode::from(REFUSED),
        _ => ExitCode::from(FAILED),
    })
}

async fn print_trust(
    arguments: &Arguments,
    engine: &Engine,
    trust: &TrustArguments,
    work: &Work,
) -> Result<ExitCode, Error> {
    let dir = project(arguments)?.dir;
    if !trust.yes && trust.digest.is_none() {
        let seen =
            engine::deployments(engine, DeploymentsQuery { dir: dir.clone(), service: None }, work).await?;
        let stacks = engine::provisioning(engine, ProjectDir { dir: dir.clone() }, work).await?.trust;
        let requests: Vec<TrustRequest> = seen.trust.into_iter().chain(stacks).collect();
        if let Some(request) = requests.first() {
            let all: Vec<&str> =
                requests.iter().flat_map(|request| &request.commands).map(String::as_str).collect();
            let commands = all.join("\n");
            let asked = !arguments.json && terminal::can_ask();
            if asked {
                eprintln!("This of the repository would run:\n{commands}");
            }
            let agreed = asked
                && terminal::ask("Trust it? [y/N] ").is_some_and(|answer| answer.eq_ignore_ascii_case("y"));
            if !agreed {
                return Err(Refusal::NotTrusted { dir, digest: request.digest.clone(), commands }.into());
            }
        }
    }
    let trust = Trust { dir, digest: trust.digest.clone(), version: trust.of.clone() };
    print(arguments, &engine::trust(engine, trust, work).await?)
}

async fn runs(
    arguments: &Arguments,
    engine: &Engine,
    command: &RunsCommand,
    work: &Work,
) -> Result<ExitCode, Error> {
    let named = |id: &String| RunId { id: id.clone() };
    match command {
        RunsCommand::List { limit } => {
            let query = RunsQuery { dir: project(arguments)?.dir, limit: *limit };
            print(arguments, &engine::runs_list(engine, query, work).await?)
        }
        RunsCommand::Show { id } => print(arguments, &engine::run_show(engine, named(id), work).await?),
        RunsCommand::Log { id } => print(arguments, &engine::run_log(engine, named(id), work).await?),
        RunsCommand::Cancel { id } => print(arguments, &engine::run_cancel(engine, named(id), work).await?),
        RunsCommand::Resume { id } => follow(arguments, engine, id, work).await,
    }
}

fn export(arguments: &Arguments, command: &Export) -> Result<ExportRequest, Error> {
    let Export::Export { format, out, candidate } = command;
    Ok(ExportRequest {
        dir: project(arguments)?.dir,
        format: format.clone(),
        out: Some(out.clone()),
        candidate: candidate.clone(),
    })
}

fn query(kpis: &Kpis, dir: String) -> KpiQuery {
    KpiQuery { dir, environment: kpis.environment.clone(), from: kpis.from.clone(), to: kpis.to.clone() }
}

fn plot(name: &str, kpis: KpiQuery) -> PlotQuery {
    let (width, height) = PLOT;
    PlotQuery { name: name.to_owned(), kpis, theme: PlotTheme::Print, language: Language::En, width, height }
}

async fn print_kpis(
    arguments: &Arguments,
    engine: &Engine,
    asked: &Kpis,
    work: &Work,
) -> Result<ExitCode, Error> {
    let query = query(asked, project(arguments)?.dir);
    let kpis = engine::kpis(engine, query.clone(), work).await?;
    if let (Some(name), Some(out)) = (&asked.plot, &asked.out) {
        engine::write_new(out, &engine::plot_file(engine, &plot(name, query), out)?)?;
    }
    print(arguments, &kpis)
}

/// `kpis --events`: needs neither a project nor a data folder.
pub fn kpis_of_events(arguments: &Arguments, asked: &Kpis, path: &Path) -> Result<ExitCode, Error> {
    let query = query(asked, String::new());
    let now = (crate::surroundings()?.clock)();
    let kpis = engine::kpis_of_events(now, path, &query)?;
    if let (Some(name), Some(out)) = (&asked.plot, &asked.out) {
        let zone = jiff::tz::TimeZone::UTC;
        engine::write_new(out, &engine::plot_of(&kpis, &zone, &plot(name, query), out)?)?;
    }
    print(arguments, &kpis)
}
