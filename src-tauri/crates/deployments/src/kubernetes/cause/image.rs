//! Why an image cannot be had, from the words of kubelets and container runtimes.

use super::{Cause, CauseId, MISSING, NETWORK, Patience};
use crate::kubernetes::events::EventLine;

/// Pulls that failed after which an image is taken to be not there.
const PULLS: u32 = 2;

/// Whether a waiting container's reason is about its image.
pub(super) fn is_about(reason: &str) -> bool {
    matches!(
        reason,
        "ErrImagePull"
            | "ImagePullBackOff"
            | "InvalidImageName"
            | "ErrImageNeverPull"
            | "ImageInspectError"
            | "RegistryUnavailable"
            | "SignatureValidationFailed"
    )
}

/// What a message says about an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    NotFound,
    Denied,
    Unreachable,
    RateLimited,
    Architecture,
    Invalid,
    Unknown,
}

fn why(reason: &str, words: &str) -> Why {
    let words = words.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
    if reason == "InvalidImageName" || says(&["invalid reference format", "couldn't parse image"]) {
        Why::Invalid
    } else if reason == "ErrImageNeverPull" {
        Why::NotFound
    } else if says(&["no match for platform", "no matching manifest", "exec format error"]) {
        Why::Architecture
    } else if says(&["toomanyrequests", "too many requests", "429", "rate limit"]) {
        Why::RateLimited
    } else if says(&["manifest unknown", "name unknown", "manifest_unknown", "name_unknown"]) {
        Why::NotFound
    } else if says(&[
        "unauthorized",
        "authorization failed",
        "authentication required",
        "access denied",
        "insufficient_scope",
        "401",
        "403",
        "forbidden",
        "no basic auth credentials",
        "denied:",
    ]) {
        Why::Denied
    } else if says(&[
        "timeout",
        "timed out",
        "deadline exceeded",
        "no such host",
        "connection refused",
        "connection reset",
        "network is unreachable",
        "no route to host",
        "server misbehaving",
        "dial tcp",
        "x509",
        "http: server gave http response",
        "unexpected eof",
        "500 internal",
        "502 bad",
        "503 service",
    ]) || reason == "RegistryUnavailable"
    {
        Why::Unreachable
    } else if says(&["not found", "does not exist", "no such image"]) {
        Why::NotFound
    } else {
        Why::Unknown
    }
}

/// The cause where a container waits for its image. `events` are the pod's, newest first.
pub(super) fn cause(
    object: &str,
    container: &str,
    image: &str,
    waiting: (&str, &str),
    events: &[&EventLine],
) -> Cause {
    let (reason, message) = waiting;
    // Kubelets before 1.29 tell the cause in the event only.
    let pulls: Vec<&&EventLine> = events
        .iter()
        .filter(|event| {
            event.reason == "Failed" && event.message.contains("pull image") && event.message.contains(image)
        })
        .collect();
    let told = pulls.first().map(|event| event.message.as_str()).unwrap_or_default();
    let mut why_it = why(reason, message);
    if why_it == Why::Unknown {
        why_it = why(reason, told);
    }
    let failed: u32 = pulls.iter().map(|event| event.count).sum();
    let pulled_twice = if failed >= PULLS { Patience::AtOnce } else { Patience::After(MISSING) };
    let (name, sentence, patience) = match why_it {
        Why::NotFound if reason == "ErrImageNeverPull" => (
            "not_found",
            format!("The image {image} is not on the node, and its pull policy is Never."),
            Patience::After(MISSING),
        ),
        Why::NotFound => {
            ("not_found", format!("The registry has no image {image}: check its name and tag."), pulled_twice)
        }
        Why::Denied => (
            "denied",
            format!("The registry does not hand out {image}: check its name and the pull secret."),
            pulled_twice,
        ),
        Why::Unreachable => {
            ("unreachable", format!("The registry of {image} does not answer."), Patience::After(NETWORK))
        }
        Why::RateLimited => (
            "rate_limited",
            format!("The registry of {image} limits how often it is asked."),
            Patience::After(NETWORK),
        ),
        Why::Architecture => (
            "architecture",
            format!("The image {image} was not built for the nodes' architecture."),
            Patience::AtOnce,
        ),
        Why::Invalid => ("invalid", format!("{image:?} is no name of an image."), Patience::AtOnce),
        Why::Unknown => ("unknown", format!("The image {image} cannot be had."), Patience::After(NETWORK)),
    };
    Cause::new(CauseId::Image, object, sentence, patience)
        .with("container", container)
        .with("image", image)
        .with("reason", name)
        .shown(format!("{container}: {reason}{}", words(message)))
        .shown(pulls.first().map(|event| event.quoted()).unwrap_or_default())
}

fn words(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_runtimes_and_registries_are_told_apart() {
        let cases = [
            (
                "rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/web:9\": failed to resolve reference: docker.io/library/web:9: not found",
                Why::NotFound,
            ),
            ("manifest for ghcr.io/team/web:9 not found: manifest unknown: manifest unknown", Why::NotFound),
            (
                "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
                Why::Denied,
            ),
            (
                "failed to authorize: failed to fetch anonymous token: unexpected status from GET request: 401 Unauthorized",
                Why::Denied,
            ),
            (
                "unexpected status from HEAD request to https://ghcr.io/v2/team/web/manifests/1: 403 Forbidden",
                Why::Denied,
            ),
            (
                "failed to do request: Head \"https://registry.example/v2/web/manifests/1\": dial tcp 10.0.0.9:443: i/o timeout",
                Why::Unreachable,
            ),
            ("dial tcp: lookup registry.invalid on 10.96.0.10:53: no such host", Why::Unreachable),
            (
                "tls: failed to verify certificate: x509: certificate signed by unknown authority",
                Why::Unreachable,
            ),
            (
                "429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit",
                Why::RateLimited,
            ),
            ("no match for platform in manifest: not found", Why::Architecture),
            ("no matching manifest for linux/arm64/v8 in the manifest list entries", Why::Architecture),
            ("Back-off pulling image \"web:9\"", Why::Unknown),
        ];
        for (words, wanted) in cases {
            assert_eq!(why("ErrImagePull", words), wanted, "{words}");
        }
        assert_eq!(why("InvalidImageName", "Failed to apply default image tag"), Why::Invalid);
        assert_eq!(why("ErrImageNeverPull", "Container image \"x\" is not present"), Why::NotFound);
    }
}
