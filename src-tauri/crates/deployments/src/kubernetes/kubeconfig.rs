//! Which cluster, and with which credential: the files that KUBECONFIG lists, or `~/.kube/config`, merged as kubectl does.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use kube::config::{AuthInfo, Cluster as Server, Kubeconfig, KubeconfigError};

use super::{Error, Result};

/// What a context leads to.
pub(super) struct Chosen {
    pub(super) context: String,
    pub(super) config: Kubeconfig,
    pub(super) server: Server,
    pub(super) user: AuthInfo,
}

/// Names of the contexts that the kubeconfig has, the current one first.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn contexts(environment: &BTreeMap<OsString, OsString>) -> Result<Vec<String>> {
    let config = merged(environment)?;
    let mut names = names(&config);
    if let Some(current) = &config.current_context {
        names.sort_by_key(|name| name != current);
    }
    Ok(names)
}

/// Reads the files and picks the context. Reads files: on a blocking thread.
pub(super) fn choose(environment: &BTreeMap<OsString, OsString>, context: Option<&str>) -> Result<Chosen> {
    let config = merged(environment)?;
    let wanted = context.map(str::to_owned).or_else(|| config.current_context.clone()).unwrap_or_default();
    let found = config.contexts.iter().find(|named| named.name == wanted);
    let Some(found) = found.and_then(|named| named.context.clone()) else {
        return Err(Error::UnknownContext { context: wanted, known: names(&config) });
    };
    let broken = |reason: String| Error::KubeconfigInvalid { path: format!("context {wanted}"), reason };
    let server = config.clusters.iter().find(|named| named.name == found.cluster);
    let Some(server) = server.and_then(|named| named.cluster.clone()) else {
        return Err(broken(format!("it names the cluster {:?}, which is not there", found.cluster)));
    };
    // Like kubectl, a context without a user is anonymous; one that names a user that is not there is a mistake.
    let user = match found.user.filter(|name| !name.is_empty()) {
        None => AuthInfo::default(),
        Some(name) => match config.auth_infos.iter().find(|named| named.name == name) {
            Some(named) => named.auth_info.clone().unwrap_or_default(),
            None => return Err(broken(format!("it names the user {name:?}, who is not there"))),
        },
    };
    Ok(Chosen { context: wanted, config, server, user })
}

fn names(config: &Kubeconfig) -> Vec<String> {
    config.contexts.iter().map(|named| named.name.clone()).collect()
}

fn merged(environment: &BTreeMap<OsString, OsString>) -> Result<Kubeconfig> {
    let paths = paths(environment);
    // Files of the list that are not there are left out, as kubectl does.
    let there: Vec<&PathBuf> = paths.iter().filter(|path| path.exists()).collect();
    if there.is_empty() {
        let looked: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Error::NoKubeconfig { looked: looked.join(", ") });
    }
    let mut merged = Kubeconfig::default();
    for path in there {
        let invalid = |error: KubeconfigError| Error::KubeconfigInvalid {
            path: path.display().to_string(),
            reason: plain(&error),
        };
        merged = merged.merge(Kubeconfig::read_from(path).map_err(invalid)?).map_err(invalid)?;
    }
    Ok(merged)
}

fn paths(environment: &BTreeMap<OsString, OsString>) -> Vec<PathBuf> {
    let get = |name: &str| environment.get(OsStr::new(name)).filter(|value| !value.is_empty());
    let listed: Vec<PathBuf> = get("KUBECONFIG").map(std::env::split_paths).into_iter().flatten().collect();
    let listed: Vec<PathBuf> = listed.into_iter().filter(|path| !path.as_os_str().is_empty()).collect();
    if !listed.is_empty() {
        return listed;
    }
    let home = get("HOME").or_else(|| get("USERPROFILE")).map(PathBuf::from).unwrap_or_default();
    vec![home.join(".kube").join("config")]
}

/// Why, without the file's text: a parser's snippet may show a token.
pub(super) fn plain(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::Parse(error) => match error.location() {
            Some(place) => format!("it is no kubeconfig at line {}, column {}", place.line(), place.column()),
            None => "it is no kubeconfig".to_owned(),
        },
        KubeconfigError::ReadConfig(error, _) => error.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &OsStr)]) -> BTreeMap<OsString, OsString> {
        pairs.iter().map(|(name, value)| (OsString::from(name), value.to_os_string())).collect()
    }

    fn file(contexts: &[&str], current: &str) -> String {
        let contexts: Vec<String> = contexts
            .iter()
            .map(|name| format!("{{\"name\":\"{name}\",\"context\":{{\"cluster\":\"c\",\"user\":\"u\"}}}}"))
            .collect();
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: {current}\ncontexts: [{}]\n",
            contexts.join(",")
        )
    }

    #[test]
    fn several_files_are_merged_and_missing_ones_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        std::fs::write(&one, file(&["dev", "prod"], "prod")).unwrap();
        std::fs::write(&two, "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: https://h:6443}}]\nusers: [{name: u, user: {token: t0p-secret}}]\ncurrent-context: other\n").unwrap();
        let list = std::env::join_paths([&one, &dir.path().join("gone"), &two]).unwrap();
        let environment = environment(&[("KUBECONFIG", &list)]);
        assert_eq!(contexts(&environment).unwrap(), ["prod", "dev"]);
        let chosen = choose(&environment, None).unwrap();
        assert_eq!(
            (chosen.context.as_str(), chosen.server.server.as_deref()),
            ("prod", Some("https://h:6443"))
        );
        assert!(chosen.user.token.is_some());
        let Err(error) = choose(&environment, Some("staging")) else { panic!("there is no staging") };
        let known = vec!["dev".to_owned(), "prod".to_owned()];
        assert_eq!(error, Error::UnknownContext { context: "staging".into(), known });
    }

    #[test]
    fn no_file_is_told_with_where_it_was_looked_for() {
        let dir = tempfile::tempdir().unwrap();
        let error = contexts(&environment(&[("HOME", dir.path().as_os_str())])).unwrap_err();
        assert_eq!(error.code(), "no_kubeconfig");
        assert!(
            error.to_string().contains(&dir.path().join(".kube").join("config").display().to_string()),
            "{error}"
        );
    }

    #[test]
    fn a_broken_file_is_told_without_its_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config");
        std::fs::write(&path, "apiVersion: v1\nusers: {token: t0p-secret\n").unwrap();
        let error = contexts(&environment(&[("KUBECONFIG", path.as_os_str())])).unwrap_err();
        assert_eq!(error.code(), "kubeconfig_invalid");
        let said = format!("{error} {error:?}");
        assert!(said.contains("line") && !said.contains("t0p"), "{said}");
    }

    #[test]
    fn what_a_context_names_has_to_be_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config");
        std::fs::write(&path, file(&["dev"], "dev")).unwrap();
        let environment = environment(&[("KUBECONFIG", path.as_os_str())]);
        let Err(error) = choose(&environment, None) else { panic!("there is no cluster") };
        assert!(error.to_string().contains("cluster \"c\""), "{error}");
    }
}
