//! Sign-in by code (OAuth 2.0 device authorization grant, RFC 8628, as GitHub runs it).

use std::time::Duration;

use credentials::Secret;
use http::header::ACCEPT;
use http_body_util::{BodyExt, Limited};
use jiff::{SignedDuration, Timestamp};
use octocrab::Octocrab;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use store::Clock;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::client::{parse, transport};
use crate::{Endpoint, Error, Result};

/// Reading private repositories' issues needs this scope; OAuth apps know no narrower one.
const SCOPE: &str = "repo";
/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(20);

/// Longest pause between two questions.
const SLOWEST: Duration = Duration::from_secs(30);

/// The pause where GitHub names none (RFC 8628, 3.2).
fn usual_interval() -> u32 {
    5
}

/// A code that waits to be entered.
pub struct DeviceGrant {
    /// What the person enters.
    pub user_code: String,
    /// Where the person enters it.
    pub verification_uri: String,
    /// When it stops working.
    pub expires_at: Timestamp,
    device_code: Secret,
    interval: Duration,
    client_id: String,
    crab: Octocrab,
    endpoint: Endpoint,
    clock: Clock,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CodeAnswer {
    Code {
        device_code: Secret,
        user_code: String,
        verification_uri: String,
        expires_in: u32,
        #[serde(default = "usual_interval")]
        interval: u32,
    },
    Refused(Refusal),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TokenAnswer {
    Token { access_token: Secret },
    Refused(Refusal),
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    error_description: Option<String>,
}

/// Asks GitHub for a code.
///
/// # Errors
/// GitHub cannot be reached, or does not know the client id.
pub async fn start_device_flow(endpoint: Endpoint, client_id: &str, clock: Clock) -> Result<DeviceGrant> {
    let crab = octocrab_for_sign_in(&endpoint)?;
    let body = serde_json::json!({ "client_id": client_id, "scope": SCOPE });
    match post(&crab, &endpoint, "/login/device/code", &body).await? {
        CodeAnswer::Code { device_code, user_code, verification_uri, expires_in, interval } => {
            Ok(DeviceGrant {
                user_code,
                verification_uri,
                expires_at: clock() + SignedDuration::from_secs(expires_in.into()),
                device_code,
                interval: Duration::from_secs(interval.into()),
                client_id: client_id.to_owned(),
                crab,
                endpoint,
                clock,
            })
        }
        CodeAnswer::Refused(refusal) => Err(refused(&endpoint, refusal)),
    }
}

impl DeviceGrant {
    /// Waits until the person has entered the code, at the pace GitHub asks for.
    ///
    /// # Errors
    /// Declined, expired, cancelled, or GitHub cannot be reached.
    pub async fn wait(mut self, cancel: &CancellationToken) -> Result<Secret> {
        loop {
            if (self.clock)() >= self.expires_at {
                return Err(Error::DeviceExpired { host: self.endpoint.host() });
            }
            // The wait between two questions is the time that cancelling may take none of.
            if timeout(self.interval, cancel.cancelled()).await.is_ok() {
                return Err(Error::Cancelled);
            }
            let body = serde_json::json!({
                "client_id": self.client_id,
                "device_code": self.device_code.expose(),
                "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            });
            let answer = tokio::select! {
                () = cancel.cancelled() => return Err(Error::Cancelled),
                answer = post(&self.crab, &self.endpoint, "/login/oauth/access_token", &body) => answer,
            };
            let answer = match answer {
                Ok(answer) => answer,
                // The code outlives a bad moment of the network (RFC 8628, 3.5): asked again, more slowly.
                Err(
                    Error::Server { .. }
                    | Error::Timeout { .. }
                    | Error::Unreachable { .. }
                    | Error::CutOff { .. },
                ) => {
                    self.interval = (self.interval * 2).clamp(Duration::from_secs(1), SLOWEST);
                    continue;
                }
                Err(error) => return Err(error),
            };
            match answer {
                TokenAnswer::Token { access_token } => return Ok(access_token),
                TokenAnswer::Refused(refusal) => match refusal.error.as_str() {
                    "authorization_pending" => {}
                    "slow_down" => self.interval += Duration::from_secs(5),
                    _ => return Err(refused(&self.endpoint, refusal)),
                },
            }
        }
    }
}

fn refused(endpoint: &Endpoint, refusal: Refusal) -> Error {
    let host = endpoint.host();
    match refusal.error.as_str() {
        "access_denied" => Error::DeviceDenied { host },
        "expired_token" => Error::DeviceExpired { host },
        _ => {
            let reason = refusal.error_description.unwrap_or(refusal.error);
            Error::DeviceRefused { host, reason: reason.chars().take(300).collect() }
        }
    }
}

fn octocrab_for_sign_in(endpoint: &Endpoint) -> Result<Octocrab> {
    let failed = |e: octocrab::Error| transport(&endpoint.host(), &e);
    Octocrab::builder()
        .base_uri(endpoint.web_url(""))
        .map_err(failed)?
        .add_header(ACCEPT, "application/json".to_owned())
        .set_connect_timeout(Some(ANSWER))
        .set_read_timeout(Some(ANSWER))
        .build()
        .map_err(failed)
}

async fn post<T: DeserializeOwned>(
    crab: &Octocrab,
    endpoint: &Endpoint,
    path: &str,
    body: &serde_json::Value,
) -> Result<T> {
    let host = endpoint.host();
    let work = async {
        let response = crab._post(path, Some(body)).await.map_err(|e| transport(&host, &e))?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, 1 << 20)
            .collect()
            .await
            .map_err(|_| Error::CutOff { host: host.clone() })?
            .to_bytes();
        match parts.status.as_u16() {
            404 => Err(Error::DeviceRefused {
                host: host.clone(),
                reason: "it does not know this client id".into(),
            }),
            status @ 500.. => Err(Error::Server { host: host.clone(), status }),
            _ => parse(&host, &body),
        }
    };
    timeout(ANSWER, work)
        .await
        .map_err(|_| Error::Timeout { host: host.clone(), seconds: ANSWER.as_secs() })?
}
