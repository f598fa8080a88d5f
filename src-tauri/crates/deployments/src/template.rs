//! One text for every environment: `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `$${` for a literal `${`, and
//! `{environment}`. The forms are those of POSIX shells (2.6.2 Parameter Expansion); nothing is ever executed.

use std::collections::BTreeMap;

/// Why a template could not be filled in. `offset` is where the expression starts, in bytes from the text's beginning,
/// so that a caller can name the file and the line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The variable has no value and the template brings no default.
    #[error("variable {name} is not set")]
    Unset {
        /// The variable.
        name: String,
        /// Where.
        offset: usize,
    },
    /// The template demands the variable, in its own words.
    #[error("variable {name} is not set: {message}")]
    Required {
        /// The variable.
        name: String,
        /// The template's words.
        message: String,
        /// Where.
        offset: usize,
    },
    /// `${` without its `}`.
    #[error("`${{` is never closed")]
    Unclosed {
        /// Where.
        offset: usize,
    },
    /// What stands in the braces is no name.
    #[error(
        "`${{{text}}}` is no variable: names are letters, digits and underscores; `$${{` is a literal `${{`"
    )]
    NoName {
        /// What stands there.
        text: String,
        /// Where.
        offset: usize,
    },
}

impl TemplateError {
    /// Where the expression starts, in bytes from the text's beginning.
    pub fn offset(&self) -> usize {
        match self {
            Self::Unset { offset, .. }
            | Self::Required { offset, .. }
            | Self::Unclosed { offset }
            | Self::NoName { offset, .. } => *offset,
        }
    }

    fn later(mut self, by: usize) -> Self {
        match &mut self {
            Self::Unset { offset, .. }
            | Self::Required { offset, .. }
            | Self::Unclosed { offset }
            | Self::NoName { offset, .. } => *offset += by,
        }
        self
    }
}

/// Fills in a template. As in shells, `:-` and `:?` treat an empty value as none. Values are taken as they are: a `${`
/// in a value stays. A default may hold expressions of its own.
///
/// # Errors
/// The first expression that cannot be filled in.
pub fn expand(
    template: &str,
    environment: &str,
    variables: &BTreeMap<String, String>,
) -> Result<String, TemplateError> {
    const ENVIRONMENT: &str = "{environment}";
    let mut text = String::with_capacity(template.len());
    let mut at = 0;
    while let Some(found) = template[at..].find(['$', '{']) {
        text.push_str(&template[at..at + found]);
        at += found;
        let rest = &template[at..];
        if rest.starts_with("$${") {
            text.push_str("${");
            at += 3;
        } else if let Some(opened) = rest.strip_prefix("${") {
            let inside = closed(opened).ok_or(TemplateError::Unclosed { offset: at })?;
            text.push_str(&value(inside, at, environment, variables)?);
            at += 2 + inside.len() + 1;
        } else if rest.starts_with(ENVIRONMENT) {
            text.push_str(environment);
            at += ENVIRONMENT.len();
        } else {
            text.push_str(&rest[..1]);
            at += 1;
        }
    }
    text.push_str(&template[at..]);
    Ok(text)
}

/// What stands before the brace that closes the one already open.
fn closed(text: &str) -> Option<&str> {
    let mut depth = 1usize;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(&text[..index]);
        }
    }
    None
}

fn value(
    inside: &str,
    offset: usize,
    environment: &str,
    variables: &BTreeMap<String, String>,
) -> Result<String, TemplateError> {
    let (name, rule) = inside.split_once(':').map_or((inside, None), |(name, rule)| (name, Some(rule)));
    let no_name = || TemplateError::NoName { text: inside.to_owned(), offset };
    let begins = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    if !begins || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        return Err(no_name());
    }
    let found = variables.get(name);
    let Some(rule) = rule else {
        return found.cloned().ok_or_else(|| TemplateError::Unset { name: name.to_owned(), offset });
    };
    if let Some(found) = found.filter(|found| !found.is_empty()) {
        return Ok(found.clone());
    }
    if let Some(default) = rule.strip_prefix('-') {
        let before = offset + 2 + name.len() + 2;
        return expand(default, environment, variables).map_err(|error| error.later(before));
    }
    let message = rule.strip_prefix('?').ok_or_else(no_name)?;
    Err(TemplateError::Required { name: name.to_owned(), message: message.to_owned(), offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str) -> Result<String, TemplateError> {
        let variables = [("REPLICAS", "3"), ("EMPTY", ""), ("ODD", "${REPLICAS}{environment}")]
            .map(|(k, v)| (k.into(), v.into()));
        expand(template, "prod", &variables.into())
    }

    #[test]
    fn every_form_is_filled_in() {
        for (template, wanted) in [
            ("", ""),
            ("plain", "plain"),
            ("n=${REPLICAS}.", "n=3."),
            ("${REPLICAS}${REPLICAS}", "33"),
            ("${MISSING:-4}/${REPLICAS:-4}/${EMPTY:-5}/${EMPTY}/${MISSING:-}", "4/3/5//"),
            ("${REPLICAS:?tell how many}", "3"),
            ("$${REPLICAS} $$ $ {} } é$é", "${REPLICAS} $$ $ {} } é$é"),
            ("dir/{environment}/x-{environment}", "dir/prod/x-prod"),
            ("$${environment}", "${environment}"),
            ("${URL:-http://{environment}.local:${REPLICAS}}/", "http://prod.local:3/"),
            // A value is never looked into.
            ("${ODD}", "${REPLICAS}{environment}"),
            ("${A:-a:b}", "a:b"),
        ] {
            assert_eq!(filled(template).as_deref(), Ok(wanted), "{template}");
        }
    }

    #[test]
    fn what_is_missing_is_named_with_its_place() {
        let name = || "MISSING".to_owned();
        assert_eq!(filled("ab ${MISSING}"), Err(TemplateError::Unset { name: name(), offset: 3 }));
        assert_eq!(filled("${A:-x${MISSING}}"), Err(TemplateError::Unset { name: name(), offset: 6 }));
        let required = TemplateError::Required { name: name(), message: "say it".into(), offset: 0 };
        assert_eq!(filled("${MISSING:?say it}").as_ref(), Err(&required));
        assert_eq!(required.to_string(), "variable MISSING is not set: say it");
        assert!(matches!(filled("${EMPTY:?}"), Err(TemplateError::Required { .. })));
    }

    #[test]
    fn broken_expressions_are_refused() {
        assert_eq!(filled("a${B"), Err(TemplateError::Unclosed { offset: 1 }));
        for text in ["", "1A", "A B", "A-B", "é", "A:x", "A:"] {
            let found = filled(&format!("${{{text}}}"));
            assert_eq!(found, Err(TemplateError::NoName { text: text.into(), offset: 0 }));
        }
    }
}
