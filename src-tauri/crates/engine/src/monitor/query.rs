//! A PromQL query, answered as Prometheus' HTTP API answers.

use jiff::Timestamp;

use crate::project::{Environment, Project};
use crate::wire::{MetricsAnswer, MetricsQuery};
use crate::{Engine, Error, Result, Work};

/// Points of a range when nobody says how many.
const POINTS: u32 = 250;

/// Asks the own store or the environment's Prometheus.
///
/// # Errors
/// The query is none, or whoever answers does not.
pub async fn monitor_query(engine: &Engine, params: MetricsQuery, work: &Work) -> Result<MetricsAnswer> {
    work.soon("the query", async {
        let project = Project::load(&params.dir)?;
        let environment = chosen(&project, params.environment.as_deref())?;
        // An address of a repository that nobody trusted is not asked, least of all with a token.
        engine.expect_trust(&project.dir, &project.config)?;
        let source = engine.source(&project, environment).await?;
        let to = time(params.to.as_deref())?.unwrap_or_else(|| engine.now().as_millisecond());
        let told = match time(params.from.as_deref())? {
            None => source.instant(&params.query, to).await?,
            Some(from) => {
                let interval = i64::try_from(engine.interval().as_millis()).unwrap_or(i64::MAX);
                let step = match params.step {
                    Some(step) => i64::from(step) * 1000,
                    None => monitoring::prometheus::aligned(from, to, interval, POINTS).2,
                };
                source.range(&params.query, from, to, step).await?
            }
        };
        Ok(MetricsAnswer(told))
    })
    .await
}

/// The environment that is meant: production by default, else the first.
pub(super) fn chosen<'p>(project: &'p Project, name: Option<&str>) -> Result<&'p Environment> {
    if let Some(name) = name {
        return project.environment(name);
    }
    let all = &project.config.environments;
    all.iter()
        .find(|one| one.production)
        .or(all.first())
        .ok_or_else(|| Error::BadRequest { reason: "jalon.toml names no [[environment]]".to_owned() })
}

/// RFC 3339, or seconds since 1970, as milliseconds.
fn time(text: Option<&str>) -> Result<Option<i64>> {
    let Some(text) = text else { return Ok(None) };
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(Some(time.as_millisecond()));
    }
    let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.abs() < 253_402_300_800.0);
    #[expect(clippy::cast_possible_truncation, reason = "checked above")]
    let milliseconds = seconds.map(|seconds| (seconds * 1000.0).round() as i64);
    let wrong = || Error::BadRequest {
        reason: format!("{text:?} is no time: write 2026-11-20T09:00:00Z or seconds since 1970"),
    };
    milliseconds.map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_two_ways() {
        assert_eq!(time(Some("1970-01-01T00:00:01.5Z")).unwrap(), Some(1_500));
        assert_eq!(time(Some("1.5")).unwrap(), Some(1_500));
        assert_eq!(time(Some("1795165200")).unwrap(), Some(1_795_165_200_000));
        assert_eq!(time(None).unwrap(), None);
        for wrong in ["yesterday", "NaN", "1e300", ""] {
            assert!(time(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
