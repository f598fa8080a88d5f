//! Which GitHub: github.com, a GitHub Enterprise Server, or a test peer on loopback.

use url::Url;

use crate::{Error, Result};

/// Base address of an API. A token belongs to its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    api: Url,
}

impl Endpoint {
    /// github.com.
    pub const GITHUB: &str = "https://api.github.com";

    /// Parses a base address. Plain HTTP is taken from loopback only: a token would travel readable otherwise.
    ///
    /// # Errors
    /// [`Error::BadEndpoint`].
    pub fn parse(address: &str) -> Result<Self> {
        let bad =
            |reason: &str| Error::BadEndpoint { address: address.to_owned(), reason: reason.to_owned() };
        let mut api = Url::parse(address.trim_end_matches('/')).map_err(|e| bad(&e.to_string()))?;
        let loopback = match api.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => return Err(bad("it has no host")),
        };
        match api.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(bad("plain http would send the token readable; use https")),
            _ => return Err(bad("it does not start with https://")),
        }
        if !api.username().is_empty() || api.password().is_some() {
            return Err(bad("it holds a name or a password"));
        }
        api.set_query(None);
        api.set_fragment(None);
        Ok(Self { api })
    }

    /// The address as text, without a trailing slash: names this GitHub in the store.
    pub fn as_str(&self) -> &str {
        self.api.as_str().trim_end_matches('/')
    }

    /// Scheme, host and port: what a token is bound to.
    pub fn origin(&self) -> String {
        self.api.origin().ascii_serialization()
    }

    /// Host (with its port when it is not the usual one) as people say it: `github.com` for the public API.
    pub fn host(&self) -> String {
        let host = self.api.host_str().unwrap_or_default();
        match self.api.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.strip_prefix("api.github.com").map_or(host, |_| "github.com").to_owned(),
        }
    }

    /// Address of a path below the API.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.as_str())
    }

    /// Address of a page of the web site: sign-in lives there, not under the API.
    pub fn web_url(&self, path: &str) -> String {
        if self.api.host_str() == Some("api.github.com") {
            format!("https://github.com{path}")
        } else {
            format!("{}{path}", self.origin())
        }
    }

    /// Whether an absolute address may be sent this endpoint's token.
    pub fn owns(&self, address: &Url) -> bool {
        address.origin() == self.api.origin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_api() {
        let endpoint = Endpoint::parse(Endpoint::GITHUB).unwrap();
        assert_eq!(endpoint.host(), "github.com");
        assert_eq!(endpoint.origin(), "https://api.github.com");
        assert_eq!(endpoint.url("/user"), "https://api.github.com/user");
        assert_eq!(endpoint.web_url("/login/device/code"), "https://github.com/login/device/code");
    }

    #[test]
    fn an_enterprise_server() {
        let endpoint = Endpoint::parse("https://git.example.org/api/v3/").unwrap();
        assert_eq!(endpoint.url("/user"), "https://git.example.org/api/v3/user");
        assert_eq!(endpoint.web_url("/login/device"), "https://git.example.org/login/device");
        assert_eq!(endpoint.host(), "git.example.org");
    }

    #[test]
    fn a_token_never_travels_readable_or_elsewhere() {
        assert!(Endpoint::parse("http://127.0.0.1:4010").is_ok());
        for address in ["http://git.example.org", "ftp://x", "nonsense", "https://a:b@x.org"] {
            assert!(matches!(Endpoint::parse(address), Err(Error::BadEndpoint { .. })), "{address}");
        }
        let endpoint = Endpoint::parse("http://127.0.0.1:4010").unwrap();
        assert!(endpoint.owns(&Url::parse("http://127.0.0.1:4010/x").unwrap()));
        for other in ["http://127.0.0.1:4011/x", "https://127.0.0.1:4010/x", "http://localhost:4010/x"] {
            assert!(!endpoint.owns(&Url::parse(other).unwrap()), "{other}");
        }
    }
}
