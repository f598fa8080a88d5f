//! The rooms' errors as code, params and hints: GitHub, credentials, store.

use super::Parts;

pub(super) fn github_parts(error: &github::Error) -> Parts {
    use github::Error as E;
    const INTACT: &str = "what was read before is intact and still shown";
    let host = |host: &String| vec![("host", host.clone())];
    let with = |name: &'static str, at: &String, value: String| vec![("host", at.clone()), (name, value)];
    match error {
        E::TokenRefused { host: at } => (
            "github.token_refused",
            host(at),
            vec!["sign in again with a new token: jalonctl auth login", INTACT],
        ),
        E::Forbidden { host, what, reason } => (
            "github.forbidden",
            vec![("host", host.clone()), ("what", what.clone()), ("reason", reason.clone())],
            vec!["give the token read access to issues, or authorise it for the organisation", INTACT],
        ),
        E::NotFound { host, what } => (
            "github.not_found",
            with("what", host, what.clone()),
            vec![
                "check github = \"owner/name\" in jalon.toml, and that the token may read this repository",
                INTACT,
            ],
        ),
        E::RateLimited { host, retry_at } => {
            ("github.rate_limited", with("retry_at", host, retry_at.to_string()), vec![INTACT])
        }
        E::Server { host, status } => (
            "github.server",
            with("status", host, status.to_string()),
            vec!["try again in a few minutes", INTACT],
        ),
        E::NotJson { host, reason } => (
            "github.not_json",
            with("reason", host, reason.clone()),
            vec!["a proxy or a network login page may stand between; open the host in a browser", INTACT],
        ),
        E::CutOff { host: at } => ("github.cut_off", host(at), vec!["try again", INTACT]),
        E::RedirectElsewhere { host, elsewhere } => (
            "github.redirect_elsewhere",
            with("elsewhere", host, elsewhere.clone()),
            vec!["check the address of the API, and whether a network login page stands between", INTACT],
        ),
        E::Unreachable { host, reason } => (
            "github.unreachable",
            with("reason", host, reason.clone()),
            vec!["check the network connection and try again", INTACT],
        ),
        E::Timeout { host, seconds } => {
            ("github.timeout", with("seconds", host, seconds.to_string()), vec!["try again", INTACT])
        }
        E::Unexpected { host, status, reason } => (
            "github.server",
            vec![("host", host.clone()), ("status", status.to_string()), ("reason", reason.clone())],
            vec!["try again in a few minutes", INTACT],
        ),
        E::Cancelled => ("engine.cancelled", vec![], vec![]),
        E::BadEndpoint { address, reason } => (
            "engine.bad_request",
            vec![("address", address.clone()), ("reason", reason.clone())],
            vec!["set JALON_GITHUB_API to the base address of the API, or unset it"],
        ),
        E::DeviceDenied { host: at } => {
            ("github.device_denied", host(at), vec!["ask for a new code, or paste a token"])
        }
        E::DeviceExpired { host: at } => ("github.device_expired", host(at), vec!["ask for a new code"]),
        E::DeviceRefused { host, reason } => (
            "github.device_refused",
            with("reason", host, reason.clone()),
            vec!["check the client id in the settings, and that device flow is enabled for the app"],
        ),
        E::GhMissing => {
            ("github.gh_missing", vec![], vec!["install GitHub's command line, or paste a token"])
        }
        E::GhNotSignedIn { host, reason } => (
            "github.gh_not_signed_in",
            with("reason", host, reason.clone()),
            vec!["run gh auth login, or paste a token"],
        ),
        E::Store(error) => store_parts(error),
    }
}

pub(super) fn credential_parts(error: &credentials::Error) -> Parts {
    use credentials::Error as E;
    let reason = |reason: &String| vec![("reason", reason.clone())];
    match error {
        E::Absent { reason: why } => (
            "credentials.keychain_absent",
            reason(why),
            vec![
                "start a keychain (on Linux a Secret Service such as GNOME Keyring or KWallet)",
                "or supply the secret as JALON_GITHUB_TOKEN or JALON_SECRET_<NAME>",
            ],
        ),
        E::Locked { reason: why } => (
            "credentials.keychain_locked",
            reason(why),
            vec![
                "unlock the keychain and try again",
                "or supply the secret as JALON_GITHUB_TOKEN or JALON_SECRET_<NAME>",
            ],
        ),
        E::Failed { reason: why } => ("credentials.keychain_failed", reason(why), vec!["try again"]),
        E::NameInvalid { name } => (
            "credentials.name_invalid",
            vec![("name", name.clone())],
            vec!["use letters, digits and . _ - / @ :"],
        ),
        E::ValueInvalid { reason } => (
            "credentials.value_invalid",
            vec![("reason", (*reason).to_owned())],
            vec!["give the value on standard input"],
        ),
    }
}

pub(super) fn store_parts(error: &store::Error) -> Parts {
    use store::Error as E;
    let both = |path: &String, reason: &String| vec![("path", path.clone()), ("reason", reason.clone())];
    match error {
        E::Newer { path } => (
            "store.newer",
            vec![("path", path.clone())],
            vec!["use the newer Jalon; this one changed nothing"],
        ),
        E::Busy { path } => (
            "store.busy",
            vec![("path", path.clone())],
            vec!["wait until the other process is done and try again"],
        ),
        E::Damaged { path, reason } => (
            "store.damaged",
            both(path, reason),
            vec!["move the file away and sync again: what it holds of GitHub can be read again"],
        ),
        E::Failed { path, reason } => (
            "store.failed",
            both(path, reason),
            vec!["check that the disk is not full and that you may write there"],
        ),
    }
}
