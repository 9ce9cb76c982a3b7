//! Reports to a collector that the operator named: small bodies out, nothing of the answer but its status. The address is
//! the operator's own, so it may be a private one; it is asked for no redirects, and never shown.

use crate::BuildError;
use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::time::Duration;
use url::Url;

/// A report that is not taken within this time is lost.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where reports are posted.
#[derive(Clone)]
pub struct Postbox {
    client: Client,
    url: Url,
    headers: HeaderMap,
}

impl Postbox {
    /// A postbox for bodies of one kind, authenticated by a header.
    ///
    /// # Errors
    /// When the header cannot be sent, or the system has no certificates.
    pub fn new(url: Url, content_type: &'static str, authentication: (&'static str, &SecretString)) -> Result<Self, BuildError> {
        rustls::crypto::ring::default_provider().install_default().ok();
        let (name, secret) = authentication;
        #[expect(clippy::disallowed_methods, reason = "the collector's own key is sent to the collector")]
        let value = HeaderValue::from_str(secret.expose_secret());
        let mut value = value.map_err(|_| BuildError::Client("the collector's key cannot be sent".to_owned()))?;
        value.set_sensitive(true);
        let headers = [(CONTENT_TYPE, HeaderValue::from_static(content_type)), (HeaderName::from_static(name), value)];
        #[expect(clippy::disallowed_methods, reason = "reports go elsewhere than calls, and carry nothing of theirs")]
        let client = Client::builder()
            .user_agent(crate::Policy::default().user_agent)
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .build()
            .map_err(|error| BuildError::Client(error.without_url().to_string()))?;
        Ok(Self { client, url, headers: headers.into_iter().collect() })
    }

    /// Posts a body; gives the status it was answered with, or `None` where nobody answered.
    pub async fn post(&self, body: Vec<u8>) -> Option<u16> {
        let sent = self.client.post(self.url.clone()).headers(self.headers.clone()).body(body).send().await;
        sent.ok().map(|response| response.status().as_u16())
    }
}

impl fmt::Debug for Postbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Postbox")
    }
}
