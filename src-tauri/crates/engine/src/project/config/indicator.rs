//! `[[indicator]]`: what is measured, and when that is an alarm.

use toml_edit::{Item, TableLike};

use super::{Source, tables};
use crate::Result;

/// An indicator.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Indicator {
    /// Name.
    pub name: String,
    /// PromQL; none for a probe.
    pub query: Option<String>,
    /// Probe; none for a query.
    pub probe: Option<Probe>,
    /// Unit, as it is shown.
    pub unit: Option<String>,
    /// Environments it is evaluated in; all where none is named.
    pub environments: Vec<String>,
    /// Raises the alarm; none for an indicator that only shows.
    pub raise: Option<Comparison>,
    /// Clears it; what no longer raises, where there is none.
    pub clear: Option<Comparison>,
    /// How long it has to hold, in seconds.
    pub for_seconds: u32,
    /// Weight among the health points.
    pub weight: f64,
    /// What may be done about it.
    pub action: Option<Action>,
}

/// A probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Probe {
    /// Answers with a status below 400: value 1, else 0. An address, or a path of the service.
    Http(String),
    /// Seconds until a certificate ends. `host:port`.
    Tls(String),
    /// A database's answer; not evaluated yet.
    Sql(String),
}

/// A comparison such as `> 1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Comparison {
    /// Operator: one of `>`, `>=`, `<`, `<=`, `==`, `!=`.
    pub operator: &'static str,
    /// Value.
    pub value: f64,
}

/// What may be done about an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Action {
    /// `rollback` or `restart`.
    pub kind: String,
    /// Service it is done to; the only one where none is named.
    pub service: Option<String>,
}

const OPERATORS: [&str; 6] = [">=", "<=", "==", "!=", ">", "<"];

impl Comparison {
    /// Reads `> 1`, `<= 0.5`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let operator = OPERATORS.into_iter().find(|operator| text.starts_with(operator))?;
        let value: f64 = text[operator.len()..].trim().parse().ok()?;
        value.is_finite().then_some(Self { operator, value })
    }
}

impl Source<'_> {
    pub(super) fn indicators(&self, root: &dyn TableLike, environments: &[String]) -> Result<Vec<Indicator>> {
        let mut all: Vec<Indicator> = Vec::new();
        for table in tables(root, "indicator") {
            let indicator = self.indicator(table, environments)?;
            if all.iter().any(|other| other.name == indicator.name) {
                let reason = format!("two indicators are called {:?}", indicator.name);
                return Err(self.at_key(table, "name", reason));
            }
            all.push(indicator);
        }
        Ok(all)
    }

    fn indicator(&self, table: &dyn TableLike, known: &[String]) -> Result<Indicator> {
        let name = self.name(table, "indicator")?;
        let query = self.text(table, "query")?;
        let probe = self.probe(table)?;
        if query.is_some() == probe.is_some() {
            let reason = format!("indicator {name:?} has a query or a probe, one of them");
            return Err(self.at_key(table, "name", reason));
        }
        let environments = self.texts(table, "environments")?;
        if let Some(other) = environments.iter().find(|name| !known.contains(name)) {
            let reason = format!("environments names {other:?}, which is no environment here");
            return Err(self.at_key(table, "environments", reason));
        }
        let weight = match table.get("weight") {
            None => 1.0,
            Some(item) => number(item)
                .filter(|weight| weight.is_finite() && *weight >= 0.0)
                .ok_or_else(|| self.at(item, "weight is a number, 0 or more".to_owned()))?,
        };
        Ok(Indicator {
            raise: self.comparison(table, "raise")?,
            clear: self.comparison(table, "clear")?,
            for_seconds: self.duration(table, "for")?.unwrap_or(0),
            unit: self.text(table, "unit")?,
            action: self.action(table)?,
            name,
            query,
            probe,
            environments,
            weight,
        })
    }

    fn comparison(&self, table: &dyn TableLike, key: &str) -> Result<Option<Comparison>> {
        let parse = |text: String| {
            Comparison::parse(&text).ok_or_else(|| {
                let reason = format!("{key} = {text:?} is no comparison such as \"> 1\" or \"<= 0.5\"");
                self.at_key(table, key, reason)
            })
        };
        self.text(table, key)?.map(parse).transpose()
    }

    /// A duration such as `90s`, `2m`, `1h30m`, in seconds.
    pub(super) fn duration(&self, table: &dyn TableLike, key: &str) -> Result<Option<u32>> {
        let parse = |text: String| {
            seconds(&text).ok_or_else(|| {
                let reason = format!("{key} = {text:?} is no duration such as \"30s\", \"2m\" or \"1h30m\"");
                self.at_key(table, key, reason)
            })
        };
        self.text(table, key)?.map(parse).transpose()
    }

    fn probe(&self, table: &dyn TableLike) -> Result<Option<Probe>> {
        let Some(part) = self.part(table, "probe", &["http", "tls", "sql"])? else { return Ok(None) };
        let found = [self.text(part, "http")?, self.text(part, "tls")?, self.text(part, "sql")?];
        match found {
            [Some(address), None, None] => Ok(Some(Probe::Http(address))),
            [None, Some(address), None] => Ok(Some(Probe::Tls(address))),
            [None, None, Some(query)] => Ok(Some(Probe::Sql(query))),
            _ => Err(self.at_key(table, "probe", "probe is one of http, tls, sql".to_owned())),
        }
    }

    fn action(&self, table: &dyn TableLike) -> Result<Option<Action>> {
        let Some(part) = self.part(table, "action", &["kind", "mode", "service"])? else { return Ok(None) };
        let kind = self.text(part, "kind")?.unwrap_or_default();
        if !["rollback", "restart"].contains(&kind.as_str()) {
            let reason = format!("action kind {kind:?} is neither \"rollback\" nor \"restart\"");
            return Err(self.at_key(table, "action", reason));
        }
        if let Some(mode) = self.text(part, "mode")?.filter(|mode| mode != "confirm") {
            let reason = format!("action mode {mode:?} is not \"confirm\": a person confirms every action");
            return Err(self.at_key(table, "action", reason));
        }
        Ok(Some(Action { kind, service: self.text(part, "service")? }))
    }
}

fn number(item: &Item) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "weights are small")]
    let whole = item.as_integer().map(|number| number as f64);
    item.as_float().or(whole)
}

/// Seconds of `1h30m`.
fn seconds(text: &str) -> Option<u32> {
    let mut total = 0_u32;
    let mut digits = String::new();
    let mut any = false;
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let unit = match c {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        total = total.checked_add(digits.parse::<u32>().ok()?.checked_mul(unit)?)?;
        digits.clear();
        any = true;
    }
    (any && digits.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_prometheus_own() {
        let read = ["30s", "2m", "1h30m", "1d", "", "2", "m", "2x", "99999999d"].map(seconds);
        let expected = [Some(30), Some(120), Some(5400), Some(86_400), None, None, None, None, None];
        assert_eq!(read, expected);
    }

    #[test]
    fn comparisons_name_operator_and_value() {
        let read = |text: &str| Comparison::parse(text).map(|c| (c.operator, c.value));
        assert_eq!(read("> 1"), Some((">", 1.0)));
        assert_eq!(read("<=0.5"), Some(("<=", 0.5)));
        assert_eq!(read("1"), None);
        assert_eq!(read("> one"), None);
        assert_eq!(read("> inf"), None);
    }
}
