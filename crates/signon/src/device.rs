//! The device flow (RFC 8628) with GitHub: a code is shown, confirmed in any browser, and asked after until it is.
//! <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow>, read 2026-11-21.

use crate::github::{GitHub, Grant, scopes};
use crate::line::Around;
use crate::refusal::{Kind, Refusal};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::time::Duration;
use url::Url;
use url::form_urlencoded::Serializer;

pub(crate) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// How much slower one asks after `slow_down` where no interval is told.
const SLOWER: Duration = Duration::from_secs(5);

/// The device flow of one OAuth app.
#[derive(Debug, Clone)]
pub struct DeviceFlow {
    github: GitHub,
}

/// A device that waits to be confirmed.
#[derive(Debug)]
pub struct DeviceCode {
    /// What the person types: `WDJB-MJHT`.
    pub user_code: String,
    /// Where they type it.
    pub verification_url: Url,
    /// How long they have.
    pub expires_in: Duration,
    pub(crate) secret: SecretString,
    pub(crate) interval: Duration,
}

#[derive(Deserialize)]
pub(crate) struct CodeAnswer {
    device_code: Option<SecretString>,
    user_code: Option<String>,
    verification_uri: Option<Url>,
    expires_in: Option<u64>,
    interval: Option<u64>,
    error: Option<String>,
}

impl CodeAnswer {
    /// The codes, or the error in their place.
    pub(crate) fn into_code(self) -> Result<DeviceCode, String> {
        let (Some(device_code), Some(user_code), Some(verification_url)) =
            (self.device_code, self.user_code, self.verification_uri)
        else {
            return Err(self.error.unwrap_or_default());
        };
        Ok(DeviceCode {
            user_code,
            verification_url,
            expires_in: Duration::from_secs(self.expires_in.unwrap_or(900)),
            secret: device_code,
            interval: Duration::from_secs(self.interval.unwrap_or(5)),
        })
    }
}

#[derive(Deserialize)]
pub(crate) struct PollAnswer {
    access_token: Option<SecretString>,
    #[serde(default)]
    scope: String,
    error: Option<String>,
    interval: Option<u64>,
}

impl DeviceFlow {
    pub(crate) fn new(github: GitHub) -> Self {
        Self { github }
    }

    /// Asks for a code.
    ///
    /// # Errors
    /// When GitHub refuses the app, or does not answer.
    pub async fn begin(&self, wanted: &[String]) -> Result<DeviceCode, Refusal> {
        let form = Serializer::new(String::new())
            .append_pair("client_id", self.github.client_id())
            .append_pair("scope", &wanted.join(" "))
            .finish();
        let answer: CodeAnswer = self.github.post("login/device/code", form).await?;
        answer.into_code().map_err(|error| self.github.refused(&error, None))
    }

    /// Asks until the person has decided, as slowly as GitHub wants it.
    ///
    /// # Errors
    /// When they said no or took too long, and whatever else ends the wait.
    pub async fn wait(&self, code: &DeviceCode) -> Result<Grant, Refusal> {
        #[expect(clippy::disallowed_methods, reason = "the device code goes to GitHub, which gave it")]
        let form = Serializer::new(String::new())
            .append_pair("client_id", self.github.client_id())
            .append_pair("device_code", code.secret.expose_secret())
            .append_pair("grant_type", GRANT)
            .finish();
        let ask = async || self.github.post("login/oauth/access_token", form.clone()).await;
        match until_decided(self.github.line().around(), code.interval, code.expires_in, ask).await? {
            Ok(grant) => Ok(grant),
            Err(error) => Err(self.github.refused(&error, None)),
        }
    }
}

/// Asks again and again: until there is a token, or an error code that ends it.
pub(crate) async fn until_decided(
    around: &Around,
    mut interval: Duration,
    expires_in: Duration,
    ask: impl AsyncFn() -> Result<PollAnswer, Refusal>,
) -> Result<Result<Grant, String>, Refusal> {
    let mut waited = Duration::ZERO;
    while waited <= expires_in {
        (around.rest)(interval).await;
        waited += interval;
        let answer = match ask().await {
            Ok(answer) => answer,
            // RFC 8628, 3.5: a connection that fails is tried again, more slowly.
            Err(refusal) if refusal.kind == Kind::Unreachable => {
                interval = interval.saturating_mul(2);
                continue;
            }
            Err(refusal) => return Err(refusal),
        };
        match (answer.access_token, answer.error) {
            (Some(access_token), None) => return Ok(Ok(Grant { access_token, scopes: scopes(&answer.scope) })),
            (_, Some(error)) if error == "authorization_pending" => {}
            (_, Some(error)) if error == "slow_down" => {
                interval = answer.interval.map_or(interval + SLOWER, Duration::from_secs).max(interval + SLOWER);
            }
            (_, error) => return Ok(Err(error.unwrap_or_default())),
        }
    }
    Ok(Err("expired_token".to_owned()))
}
