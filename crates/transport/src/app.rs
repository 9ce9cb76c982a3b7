//! An app's way in: it signs a JWT with its private key, and the vendor gives it a token that lives for an hour. The token is
//! kept in the lane until shortly before its end, and neither it nor the key ever leaves this room readable.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tacho_connectors::{AppAccess, FailureKind};
use tacho_domain::Instant;
use url::Url;

use crate::failure::Failure;

/// GitHub takes a signature of ten minutes at most, and wants it back-dated against clocks that differ
/// (<https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app>,
/// read 2026-11-21).
const SIGNED_SECONDS: i64 = 540;
const BACKDATED_SECONDS: i64 = 60;

/// A token is renewed this long before its end, so that none ends on its way.
const EARLY_SECONDS: i64 = 300;

/// How long a token is kept whose reply names no end.
const UNNAMED_SECONDS: i64 = 3_600;

/// An app that can sign for itself.
pub(crate) struct App {
    access: &'static AppAccess,
    issuer: String,
    key: EncodingKey,
    pub(crate) token_url: Url,
}

/// A token an app was given.
pub(crate) struct Token {
    pub(crate) secret: SecretString,
    expires_at: Instant,
}

#[derive(Serialize)]
struct Claims<'a> {
    iat: i64,
    exp: i64,
    iss: &'a str,
}

#[derive(Deserialize)]
struct Given {
    token: SecretString,
    expires_at: Option<String>,
}

impl App {
    /// The app whose credential this is; `None`: it is an ordinary key.
    ///
    /// # Errors
    /// In words, when it is an app's and cannot be used.
    pub(crate) fn of(access: Option<&'static AppAccess>, secret: &SecretString, base: &Url) -> Option<Result<Self, String>> {
        let access = access?;
        #[expect(clippy::disallowed_methods, reason = "the app signs with it here; only the signature leaves")]
        let text = secret.expose_secret().trim();
        text.starts_with('{').then(|| Self::read(access, text, base))
    }

    fn read(access: &'static AppAccess, text: &str, base: &Url) -> Result<Self, String> {
        let unfit = || format!("the credential is not one of a {}", access.name);
        let fields: BTreeMap<String, serde_json::Value> = serde_json::from_str(text).map_err(|_| unfit())?;
        let field = |key: &str| match fields.get(key) {
            Some(serde_json::Value::String(text)) => Ok(text.trim().to_owned()),
            Some(serde_json::Value::Number(number)) => Ok(number.to_string()),
            _ => Err(unfit()),
        };
        let pem = field(access.private_key)?;
        let key = EncodingKey::from_rsa_pem(pem.as_bytes())
            .map_err(|_| "the app's private key cannot be read: it is not an RSA key in PEM form, or cut off".to_owned())?;
        let mut token_url = base.clone();
        {
            let mut path = token_url.path_segments_mut().map_err(|()| unfit())?;
            path.pop_if_empty();
            for segment in access.token_path {
                match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                    Some(name) => path.push(&field(name)?),
                    None => path.push(segment),
                };
            }
        }
        Ok(Self { access, issuer: field(access.issuer)?, key, token_url })
    }

    /// The headers of the call for a token, the signature not among them.
    pub(crate) fn headers(&self) -> &'static [(&'static str, &'static str)] {
        self.access.headers
    }

    /// A fresh signature.
    pub(crate) fn sign(&self, now: Instant) -> Result<SecretString, Failure> {
        let seconds = now.0.div_euclid(1_000_000);
        let claims = Claims { iat: seconds - BACKDATED_SECONDS, exp: seconds + SIGNED_SECONDS, iss: &self.issuer };
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &self.key)
            .map(SecretString::from)
            .map_err(|_| unusable("the app's private key cannot sign: it is damaged or too short"))
    }
}

impl Token {
    /// From the vendor's reply.
    pub(crate) fn read(body: &[u8], now: Instant) -> Result<Self, Failure> {
        let unread = || Failure::lasting(FailureKind::Validation, "the vendor's reply holds no token for the app".to_owned());
        let given: Given = serde_json::from_slice(body).map_err(|_| unread())?;
        let expires_at = given.expires_at.as_deref().and_then(Instant::parse);
        Ok(Self { secret: given.token, expires_at: expires_at.unwrap_or_else(|| now.plus_seconds(UNNAMED_SECONDS)) })
    }

    /// Whether it lives long enough for another call.
    pub(crate) fn is_good(&self, now: Instant) -> bool {
        now.plus_seconds(EARLY_SECONDS) < self.expires_at
    }
}

/// A credential that no call can be made with.
pub(crate) fn unusable(why: impl Into<String>) -> Failure {
    Failure::lasting(FailureKind::Auth, why)
}
