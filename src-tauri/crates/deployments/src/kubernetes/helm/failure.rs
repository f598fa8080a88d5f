//! What Helm's words mean. They are no interface, so whatever is not known is told in Helm's own.

use std::path::Path;

use credentials::Masker;

use super::super::program::{Output, masked_words};
use super::super::{Cluster, Error, ObjectId};

/// Whether there is no such release.
pub(super) fn is_unknown(output: &Output) -> bool {
    !output.success && output.stderr.contains("release: not found")
}

/// Tells a failure plainly.
pub(super) fn told(stderr: &str, mask: &Masker, what: &str, dir: Option<&Path>, cluster: &Cluster) -> Error {
    let words = error_words(stderr);
    let masked = mask.apply(&words);
    let shown = dir.map(|dir| dir.display().to_string()).unwrap_or_default();
    if words.contains("another operation (install/upgrade/rollback) is in progress") {
        return Error::HelmPending { release: String::new(), status: String::new(), since: String::new() };
    }
    if words.contains("release: not found") || words.contains("release has no ") {
        return Error::HelmUnknown { what: format!("release or revision to {what}") };
    }
    if let Some((_, rest)) = words.split_once("missing in charts/ directory: ") {
        let reason = format!("its dependencies {rest} are not there; run helm dependency build {shown}");
        return Error::ChartMissing { dir: shown, reason };
    }
    if words.contains("Chart.yaml file is missing") || words.contains("validation: chart.metadata") {
        return Error::ChartMissing { dir: shown, reason: masked };
    }
    if let Some((kind, api_version)) = no_matches(&words) {
        return Error::ApiGone { at: shown, api_version, kind, successor: None };
    }
    if let Some(id) = not_imported(&words) {
        let owner = "somebody who made it without Helm".to_owned();
        return Error::Owned { id: id.into(), at: shown, owner };
    }
    if words.contains("asked for the client to provide credentials") {
        return cluster.unauthorized();
    }
    // RBAC's own words: `User "a" cannot list resource "secrets" in API group …`.
    if words.contains(" cannot ") && words.contains(" resource \"") {
        return Error::Forbidden { what: format!("let Helm {what}"), reason: masked_words(&words, mask) };
    }
    if words.contains("Kubernetes cluster unreachable") {
        return cluster.unreachable(masked_words(&words, mask));
    }
    if words.contains("namespaces \"") && words.contains("not found") {
        let (namespace, context) = (cluster.namespace().to_owned(), cluster.context().to_owned());
        return Error::NamespaceMissing { namespace, context };
    }
    if words.contains("because it is being terminated") {
        return Error::NamespaceEnding { namespace: cluster.namespace().to_owned() };
    }
    if let Some(at) = template_place(&words) {
        return Error::ChartDoesNotRender { at, reason: masked };
    }
    if words.contains("specifications of the schema") || words.contains("error converting YAML to JSON") {
        return Error::ChartDoesNotRender { at: shown, reason: masked };
    }
    Error::Helm { what: what.to_owned(), reason: masked_words(&words, mask) }
}

/// From `Error:` on, without Helm's own repetitions, in one line.
fn error_words(stderr: &str) -> String {
    const LONGEST: usize = 1_000;
    let (_, words) = stderr.rsplit_once("Error: ").unwrap_or(("", stderr));
    let words = words.trim_start_matches("UPGRADE FAILED: ").trim_start_matches("INSTALLATION FAILED: ");
    let lines: Vec<&str> = words
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("Use --debug flag"))
        .collect();
    let mut words = lines.join(" ");
    words.truncate(words.floor_char_boundary(LONGEST));
    words
}

/// `no matches for kind "PodDisruptionBudget" in version "policy/v1beta1"`.
fn no_matches(words: &str) -> Option<(String, String)> {
    let (_, rest) = words.split_once("no matches for kind \"")?;
    let mut parts = rest.split('"');
    let (kind, _, version) = (parts.next()?, parts.next()?, parts.next()?);
    Some((kind.to_owned(), version.to_owned()))
}

/// `… Deployment "web" in namespace "dev" exists and cannot be imported into the current release: …`.
fn not_imported(words: &str) -> Option<ObjectId> {
    let (before, _) = words.split_once(" exists and cannot be imported into the current release")?;
    let quoted: Vec<&str> = before.split('"').collect();
    // Kind, name, (in namespace) namespace, and nothing after.
    let [.., kind, name, _, namespace, _] = quoted[..] else { return None };
    let kind = kind.split_whitespace().next_back()?;
    let namespace = Some(namespace.to_owned()).filter(|namespace| !namespace.is_empty());
    Some(ObjectId { api_version: String::new(), kind: kind.to_owned(), namespace, name: name.to_owned() })
}

/// Template, line and column in the forms that Helm and Go's templates have:
/// `template: web/templates/a.yaml:3:14: executing …` (Helm 4 has its beginning cut off), `parse error at (web/templates/a.yaml:3): …`,
/// `execution error at (web/templates/a.yaml:1:3): …`, `YAML parse error on web/templates/a.yaml: … yaml: line 4: …`.
fn template_place(words: &str) -> Option<String> {
    for start in ["execution error at (", "parse error at ("] {
        if let Some((_, rest)) = words.split_once(start) {
            return rest.split_once(')').map(|(at, _)| at.to_owned());
        }
    }
    if let Some((_, rest)) = words.split_once("YAML parse error on ") {
        let (file, rest) = rest.split_once(": ")?;
        let line = rest.split_once("line ").map(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next());
        return Some(match line.flatten().filter(|line| !line.is_empty()) {
            Some(line) => format!("{file}:{line} (rendered)"),
            None => file.to_owned(),
        });
    }
    if let Some((_, rest)) = words.split_once("template: ") {
        let at = rest.split(": ").next()?;
        return at.contains('.').then(|| at.to_owned());
    }
    let (before, _) = words.split_once(" executing \"")?;
    before.split_whitespace().next_back().filter(|at| at.contains(':')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_templates() {
        let at = |words: &str| template_place(words);
        assert_eq!(
            at("template: web/templates/d.yaml:12:20: executing \"web/templates/d.yaml\" at <.Values.a.b>: nil pointer evaluating interface {}.b").as_deref(),
            Some("web/templates/d.yaml:12:20")
        );
        assert_eq!(
            at("parse error at (web/templates/d.yaml:3): function \"x\" not defined").as_deref(),
            Some("web/templates/d.yaml:3")
        );
        assert_eq!(
            at("execution error at (web/templates/d.yaml:1:4): image is required").as_deref(),
            Some("web/templates/d.yaml:1:4")
        );
        assert_eq!(
            at("YAML parse error on web/templates/d.yaml: error converting YAML to JSON: yaml: line 5: found character that cannot start any token").as_deref(),
            Some("web/templates/d.yaml:5 (rendered)")
        );
        assert_eq!(
            at("web/templates/d.yaml:1:13 executing \"web/templates/d.yaml\" at <.Values.a.b>: nil pointer evaluating interface {}.b").as_deref(),
            Some("web/templates/d.yaml:1:13")
        );
        assert_eq!(at("timed out"), None);
    }

    #[test]
    fn objects_of_others() {
        let words = "Unable to continue with install: Deployment \"web\" in namespace \"dev\" exists and cannot be imported into the current release: invalid ownership metadata";
        let id = not_imported(words).unwrap();
        assert_eq!((id.to_string().as_str(), id.namespace.as_deref()), ("Deployment/web", Some("dev")));
        let gone = "unable to build kubernetes objects from release manifest: resource mapping not found for name: \"a\" namespace: \"\" from \"\": no matches for kind \"PodDisruptionBudget\" in version \"policy/v1beta1\" ensure CRDs are installed first";
        assert_eq!(no_matches(gone), Some(("PodDisruptionBudget".into(), "policy/v1beta1".into())));
    }

    #[test]
    fn the_error_itself_is_told() {
        let stderr = "WARNING: Kubernetes configuration file is group-readable.\nError: UPGRADE FAILED: first\n  second\n\nUse --debug flag to render out invalid YAML\n";
        assert_eq!(error_words(stderr), "first second");
    }
}
