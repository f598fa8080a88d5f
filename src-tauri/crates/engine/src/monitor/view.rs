//! The monitoring screen: golden signals of a service in an environment, its deployments, indicators and alarms.

use jiff::Timestamp;
use kpis::Outcome;
use monitoring::prometheus::aligned;
use monitoring::signals::{self, Catalogue, STATUS_LABELS};
use runs::RunState;

use super::alarms::{moment, on_wire};
use super::indicated::{Indicated, compared, indicated};
use super::query::chosen;
use super::source::{Source, off_thread, scope};
use crate::project::{Environment, Project, Target};
use crate::wire::*;
use crate::{AlarmRefusal, Engine, Error, Refusal, Result, Work};

/// Seconds that are shown when nobody says how many.
const RANGE: u32 = 3600;
/// Longest range: 90 days.
const LONGEST: u32 = 90 * 86_400;
/// Pixels of a plot when nobody says how many.
const WIDTH: u32 = 600;
/// A rate needs so many samples.
const SAMPLES: i64 = 4;

/// Golden signals, indicators and alarms of a service.
///
/// # Errors
/// jalon.toml or the store cannot be read. A source that does not answer is told in the answer.
pub async fn monitoring(engine: &Engine, params: MonitoringQuery, work: &Work) -> Result<Monitoring> {
    work.soon("reading the measurements", async {
        let project = Project::load(&params.dir)?;
        let config = &project.config;
        let services: Vec<String> = config.services.iter().map(|service| service.name.clone()).collect();
        let service = match &params.service {
            Some(name) if services.contains(name) => Some(name.clone()),
            Some(name) => {
                let (service, known) = (name.clone(), services.join(", "));
                return Err(Refusal::ServiceUnknown { service, at: "jalon.toml".to_owned(), known }.into());
            }
            None => services.first().cloned(),
        };
        let environment = match chosen(&project, params.environment.as_deref()) {
            Ok(environment) => Some(environment),
            Err(error) if params.environment.is_some() => return Err(error),
            Err(_) => None,
        };
        let trust = engine.trust_request(&project.dir, config)?;
        let window = Window::of(engine, &params);
        let mut shown =
            Shown::nothing("nothing is measured: jalon.toml names no [[service]] or no [[environment]]");
        let (mut deployments, mut indicators, mut alarms) = (Vec::new(), Vec::new(), Vec::new());
        if let (Some(service), Some(environment)) = (&service, environment) {
            let view = View { engine, project: &project, service, environment, window: &window };
            shown = if trust.is_some() {
                Shown::nothing("nothing is measured before the repository is trusted")
            } else {
                view.shown().await
            };
            deployments = view.deployments()?;
            indicators = view.indicators()?;
            view.mark(&mut shown)?;
            let all = engine.alarms_of(&project).await?.alarms.into_iter();
            let here =
                all.filter(|alarm| alarm.environment.as_ref().is_none_or(|name| *name == environment.name));
            alarms = here.filter(|alarm| alarm.service.as_ref().is_none_or(|name| name == service)).collect();
        }
        Ok(Monitoring {
            trust,
            services,
            environments: config.environments.iter().map(|one| (one.name.clone(), one.production)).collect(),
            service,
            environment: environment.map(|one| one.name.clone()),
            source: shown.source,
            from: moment(window.from).to_string(),
            to: moment(window.to).to_string(),
            signals: shown.signals.into_iter().map(|(signal, _)| signal).collect(),
            deployments,
            indicators,
            alarms,
            project: project.header(),
        })
    })
    .await
}

/// What is shown, in milliseconds since 1970.
struct Window {
    now: i64,
    from: i64,
    to: i64,
    step: i64,
}

impl Window {
    fn of(engine: &Engine, params: &MonitoringQuery) -> Self {
        let now = engine.now().as_millisecond();
        let range = i64::from(params.range.unwrap_or(RANGE).clamp(60, LONGEST)) * 1000;
        let interval = i64::try_from(engine.interval().as_millis()).unwrap_or(i64::MAX);
        let (from, to, step) = aligned(now - range, now, interval, params.width.unwrap_or(WIDTH));
        Self { now, from, to, step }
    }
}

/// Where samples come from, and the signals with what they are made of.
struct Shown {
    source: MetricsSource,
    signals: Vec<(Signal, Option<signals::Signal>)>,
}

impl Shown {
    fn nothing(problem: &str) -> Self {
        let ids = [("latency", "s"), ("errors", "ratio"), ("traffic", "per_s"), ("saturation", "1")];
        let none = MetricsSource {
            kind: "none".to_owned(),
            address: None,
            interval: None,
            last: None,
            error: None,
            warnings: Vec::new(),
        };
        let signals = ids.map(|(id, unit)| (empty(id, unit, Some(problem.to_owned())), None));
        Self { source: none, signals: signals.into() }
    }
}

fn empty(id: &str, unit: &str, problem: Option<String>) -> Signal {
    Signal {
        id: id.to_owned(),
        unit: unit.to_owned(),
        series: Vec::new(),
        last: None,
        thresholds: Vec::new(),
        queries: Vec::new(),
        firing: Vec::new(),
        problem,
    }
}

struct View<'a> {
    engine: &'a Engine,
    project: &'a Project,
    service: &'a str,
    environment: &'a Environment,
    window: &'a Window,
}

impl View<'_> {
    async fn shown(&self) -> Shown {
        let mut shown = Shown::nothing("no data in this window");
        shown.source = match self.described().await {
            Ok(source) => source,
            Err(error) => MetricsSource { error: Some(error.to_wire()), ..shown.source },
        };
        if shown.source.kind == "none" {
            let (service, environment) = (self.service, &self.environment.name);
            return Shown::nothing(&format!(
                "nothing is measured: {service} has no metrics in jalon.toml, and {environment} names no prometheus"
            ));
        }
        match self.signals(&mut shown.source).await {
            Ok(signals) => shown.signals = signals,
            Err(error) => {
                for (signal, _) in &mut shown.signals {
                    signal.problem = Some(error.to_string());
                }
                shown.source.error.get_or_insert(error.to_wire());
            }
        }
        shown
    }

    /// Who is asked, and how that went the last time.
    async fn described(&self) -> Result<MetricsSource> {
        let mut source = MetricsSource {
            kind: "prometheus".to_owned(),
            address: self.environment.prometheus.clone(),
            interval: None,
            last: None,
            error: None,
            warnings: Vec::new(),
        };
        if source.address.is_some() {
            return Ok(source);
        }
        let watched = self.engine.watched(self.project).into_iter();
        let mut watched = watched.filter(|one| {
            one.place.service == self.service && one.place.environment == self.environment.name
        });
        let Some(watched) = watched.next() else {
            return Ok(MetricsSource { kind: "none".to_owned(), ..source });
        };
        let address = watched.target.url.to_string();
        source.kind = "own".to_owned();
        source.interval = u32::try_from(self.engine.interval().as_secs()).ok();
        let (samples, scope) = (self.engine.samples().await?, scope(self.project, &self.environment.name));
        let known = off_thread(move || Ok(samples.sources(&scope)?)).await?;
        if let Some(known) = known.into_iter().find(|known| known.labels == watched.target.labels) {
            source.last = (known.last > 0).then(|| moment(known.last).to_string());
            source.error = known.error.map(|reason| {
                let refusal = AlarmRefusal::NotScraped { address: address.clone(), reason };
                Error::from(Refusal::from(refusal)).to_wire()
            });
        }
        source.address = Some(address);
        Ok(source)
    }

    async fn signals(&self, described: &mut MetricsSource) -> Result<Vec<(Signal, Option<signals::Signal>)>> {
        let source = self.engine.source(self.project, self.environment).await?;
        let (selector, catalogue) = self.catalogue(&source, described).await?;
        if let Source::Prometheus(_) = source {
            described.last = Some(moment(self.window.now).to_string());
        }
        if catalogue.names.is_empty() {
            let ids = [("latency", "s"), ("errors", "ratio"), ("traffic", "per_s"), ("saturation", "1")];
            let problem = || Some(format!("there is no series of {} yet", self.service));
            return Ok(ids.map(|(id, unit)| (empty(id, unit, problem()), None)).into());
        }
        let window = (SAMPLES * i64::try_from(self.engine.interval().as_millis()).unwrap_or(i64::MAX))
            .max(self.window.step);
        let golden = signals::golden(&catalogue, &selector, (window / 1000).unsigned_abs());
        let drawn = golden.into_iter().map(|signal| self.drawn(&source, signal));
        let mut all = Vec::new();
        for (signal, of, warnings) in futures_util::future::join_all(drawn).await {
            for warning in warnings {
                if !described.warnings.contains(&warning) {
                    described.warnings.push(warning);
                }
            }
            all.push((signal, Some(of)));
        }
        Ok(all)
    }

    /// How the service's series are selected, and what they are called.
    async fn catalogue(
        &self,
        source: &Source<'_>,
        described: &mut MetricsSource,
    ) -> Result<(String, Catalogue)> {
        let mut found = (String::new(), Catalogue::default());
        for (selector, exact) in self.selectors() {
            let query = format!("count by (__name__) ({{{selector}}})");
            let told = source.instant(&query, self.window.now).await?;
            let catalogue = Catalogue::of(&told.answer);
            if !catalogue.names.is_empty() {
                if !exact {
                    described.warnings.push(format!(
                        "environments cannot be told apart: no series of {} has a label environment or namespace",
                        self.service
                    ));
                }
                found = (selector, catalogue);
                break;
            }
        }
        let (selector, mut catalogue) = found;
        if let Some(requests) = catalogue.requests().map(str::to_owned) {
            let labels = STATUS_LABELS.join(", ");
            let query = format!("count by ({labels}) ({requests}{{{selector}}})");
            catalogue.note_status(&source.instant(&query, self.window.now).await?.answer);
        }
        Ok((selector, catalogue))
    }

    /// Ways to name the service's series, the surest first, and whether they name the environment, too. The own scraper
    /// has one way; whoever set a Prometheus up had many.
    fn selectors(&self) -> Vec<(String, bool)> {
        let service = quoted(self.service);
        let job = format!("job={service}");
        let Some(_) = &self.environment.prometheus else { return vec![(job, true)] };
        let mut all = vec![(format!("{job},environment={}", quoted(&self.environment.name)), true)];
        if let Target::Kubernetes { namespace, .. } = &self.environment.target {
            let namespace = quoted(namespace);
            let pods = quoted(&format!("{}-.*", escaped(self.service)));
            all.push((format!("namespace={namespace},service={service}"), true));
            all.push((format!("namespace={namespace},{job}"), true));
            all.push((format!("namespace={namespace},pod=~{pods}"), true));
        }
        // With one environment there is nothing to tell apart.
        let alone = self.project.config.environments.len() == 1;
        all.extend([(job, alone), (format!("service={service}"), alone), (format!("app={service}"), alone)]);
        all
    }

    /// Asks for the lines of a signal.
    async fn drawn(
        &self,
        source: &Source<'_>,
        of: signals::Signal,
    ) -> (Signal, signals::Signal, Vec<String>) {
        let Window { from, to, step, .. } = *self.window;
        let mut signal = empty(of.id, of.unit, of.problem.clone());
        signal.queries = of.lines.iter().map(|line| line.query.clone()).collect();
        let asked = of.lines.iter().map(|line| source.range(&line.query, from, to, step));
        let mut warnings = Vec::new();
        for (line, told) in of.lines.iter().zip(futures_util::future::join_all(asked).await) {
            match told {
                Ok(told) => {
                    warnings.extend(told.warnings);
                    let points = signals::on_grid(&told.answer, from, to, step);
                    if points.iter().any(|(_, value)| value.is_some()) {
                        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
                        let points = points
                            .into_iter()
                            .map(|(at, value)| (at as f64 / 1000.0, value.filter(|v| v.is_finite())));
                        signal.series.push(Series { label: line.label.clone(), points: points.collect() });
                    }
                }
                Err(error) => signal.problem = Some(error.to_string()),
            }
        }
        if signal.series.is_empty() {
            signal.problem.get_or_insert("no data in this window".to_owned());
        }
        // The last line is the most telling one; what is older than two steps is not its value now.
        let telling = signal.series.last().map(|series| &series.points[..]);
        signal.last = telling.and_then(|points| points.iter().rev().take(2).find_map(|(_, value)| *value));
        (signal, of, warnings)
    }

    /// Thresholds of indicators, and when their alarms were firing.
    fn mark(&self, shown: &mut Shown) -> Result<()> {
        for one in self.own_indicators() {
            let spans = self.firing(&one)?;
            for (signal, of) in &mut shown.signals {
                let Some(of) = of else { continue };
                if !one.indicator.query.as_ref().is_some_and(|query| of.is_meant_by(query)) {
                    continue;
                }
                signal.firing.extend(&spans);
                // A line at 2 means something only where the plot speaks in the same unit.
                let unit = one.indicator.unit.as_deref().unwrap_or(of.unit);
                if unit == of.unit
                    && let Some(raise) = &one.indicator.raise
                {
                    let indicator = one.indicator.name.clone();
                    signal.thresholds.push(Threshold { indicator, value: raise.value });
                }
            }
        }
        Ok(())
    }

    /// Times within the window in which an alarm was firing, in seconds since 1970.
    fn firing(&self, one: &Indicated<'_>) -> Result<Vec<(f64, Option<f64>)>> {
        let from = Timestamp::from_millisecond(self.window.from).unwrap_or(Timestamp::MIN);
        let changes = self.engine.store.alarm_transitions(&one.key(self.project), from)?;
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
        let seconds = |at: i64| at as f64 / 1000.0;
        let mut spans: Vec<(f64, Option<f64>)> = Vec::new();
        for change in &changes {
            if let Some((_, end @ None)) = spans.last_mut() {
                *end = Some(seconds(change.at));
            }
            if change.to == "firing" {
                spans.push((seconds(change.at.max(self.window.from)), None));
            }
        }
        let begin = seconds(self.window.from);
        spans.retain(|(_, end)| end.is_none_or(|end| end > begin));
        // Nobody looked since: how long it went on firing is not known.
        let now = self.window.now;
        let row = self.engine.store.alarm(&one.key(self.project))?;
        let alarm = one.alarm(row, now);
        if alarm.state_at(now, self.engine.interval()) != alarm.state
            && let Some((_, end @ None)) = spans.last_mut()
        {
            *end = alarm.evaluated.map(seconds);
        }
        Ok(spans)
    }

    fn own_indicators(&self) -> impl Iterator<Item = Indicated<'_>> {
        indicated(self.project).into_iter().filter(|one| {
            one.environment.name == self.environment.name
                && one.service.is_none_or(|name| name == self.service)
        })
    }

    fn indicators(&self) -> Result<Vec<IndicatorView>> {
        let (now, interval) = (self.window.now, self.engine.interval());
        let mut all = Vec::new();
        for one in self.own_indicators() {
            let alarm = one.alarm(self.engine.store.alarm(&one.key(self.project))?, now);
            let state = alarm.state_at(now, interval);
            let fresh = state == alarm.state;
            all.push(IndicatorView {
                name: one.indicator.name.clone(),
                query: one.query(),
                unit: one.indicator.unit.clone(),
                raise: one.indicator.raise.as_ref().map(compared).unwrap_or_default(),
                clear: one.indicator.clear.as_ref().map(compared),
                for_seconds: one.indicator.for_seconds,
                value: alarm.value.filter(|value| fresh && value.is_finite()),
                state: on_wire(state),
                since: alarm.evaluated.map(|_| moment(alarm.since).to_string()),
                weight: one.indicator.weight,
            });
        }
        Ok(all)
    }

    /// Deployments and roll backs that ended within the window, teammates' among them, oldest first.
    fn deployments(&self) -> Result<Vec<DeploymentMark>> {
        let project = self.project.dir.display().to_string();
        let mut marks: Vec<(Timestamp, DeploymentMark)> = Vec::new();
        for run in self.engine.store.runs_of_project(&project, u32::MAX)? {
            let what = &run.what;
            let brings = matches!(what.kind.as_str(), "deploy" | "rollback") && !run.refused;
            let here = what.name == self.service && what.environment == self.environment.name;
            let Some(finished) = run.finished.filter(|at| brings && here && self.holds(*at)) else {
                continue;
            };
            if run.state != RunState::Cancelled {
                let mark = DeploymentMark {
                    run: run.id.to_string(),
                    version: what.version.clone().unwrap_or_default(),
                    at: finished.to_string(),
                    kind: what.kind.clone(),
                    succeeded: run.state == RunState::Succeeded,
                };
                marks.push((finished, mark));
            }
        }
        for one in self.engine.teammates(self.project)? {
            let (row, attempt) = (one.row, one.attempt);
            let here = row.name == self.service && row.environment == self.environment.name;
            let Some(finished) = attempt.finished.filter(|at| here && self.holds(*at)) else { continue };
            if matches!(attempt.outcome, Outcome::Success | Outcome::Failure) {
                let mark = DeploymentMark {
                    run: row.id,
                    version: row.version.unwrap_or_default(),
                    at: finished.to_string(),
                    kind: if row.kind == RunKind::Rollback { "rollback" } else { "deploy" }.to_owned(),
                    succeeded: attempt.outcome == Outcome::Success,
                };
                marks.push((finished, mark));
            }
        }
        marks.sort_by_key(|(at, _)| *at);
        Ok(marks.into_iter().map(|(_, mark)| mark).collect())
    }

    /// Whether a time lies within the window.
    fn holds(&self, at: Timestamp) -> bool {
        (self.window.from..=self.window.now).contains(&at.as_millisecond())
    }
}

/// A label's value as PromQL writes it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// A text that a regular expression takes as it is.
fn escaped(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    text.chars().flat_map(|c| (!plain(c)).then_some('\\').into_iter().chain([c])).collect()
}
