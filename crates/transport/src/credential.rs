//! The secret on its way out, and kept from coming back: attached as the vendor wants it, cut out of what a vendor echoes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use tacho_connectors::{Auth, Headers};

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";

/// A secret that no header can carry.
#[derive(Debug, thiserror::Error)]
#[error("the credential holds characters that cannot be sent in a header; was more pasted than the key itself?")]
pub(crate) struct Unsendable;

/// Adds the secret to the headers of a request, marked so that the client does not print or index it.
pub(crate) fn attach(headers: &mut HeaderMap, auth: Auth, secret: &SecretString) -> Result<(), Unsendable> {
    let secret = exposed(secret);
    let (name, text) = match auth {
        Auth::None => return Ok(()),
        Auth::Bearer => (AUTHORIZATION, Zeroizing::new(format!("Bearer {secret}"))),
        Auth::Scheme(scheme) => (AUTHORIZATION, Zeroizing::new(format!("{scheme} {secret}"))),
        Auth::BasicUser => (AUTHORIZATION, Zeroizing::new(format!("Basic {}", *basic(secret)))),
        Auth::Header(name) => (HeaderName::try_from(name).map_err(|_| Unsendable)?, Zeroizing::new(secret.to_owned())),
    };
    if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Unsendable);
    }
    let mut value = HeaderValue::from_str(&text).map_err(|_| Unsendable)?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

/// The text with the secret cut out, be it bare, in its Basic form or escaped for an address.
pub(crate) fn redact(text: &str, secret: &SecretString) -> String {
    let secret = exposed(secret);
    if secret.is_empty() {
        return text.to_owned();
    }
    let escaped: Zeroizing<String> = Zeroizing::new(url::form_urlencoded::byte_serialize(secret.as_bytes()).collect());
    text.replace(secret, REDACTED).replace(basic(secret).as_str(), REDACTED).replace(escaped.as_str(), REDACTED)
}

/// A reply's headers as connectors may see them: no cookies, no echoed secret.
pub(crate) fn shown_headers(headers: &HeaderMap, secret: &SecretString) -> Headers {
    let shown = headers.iter().filter(|(name, _)| *name != http::header::SET_COOKIE);
    Headers::new(
        shown.map(|(name, value)| (name.as_str().to_owned(), redact(&String::from_utf8_lossy(value.as_bytes()), secret))),
    )
}

/// Secrets read from files and prompts often end with a line break, which is none of theirs.
#[expect(clippy::disallowed_methods, reason = "sent to the vendor it belongs to, and searched for in what comes back")]
fn exposed(secret: &SecretString) -> &str {
    secret.expose_secret().trim()
}

fn basic(secret: &str) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(Zeroizing::new(format!("{secret}:")).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(auth: Auth, secret: &str) -> Vec<(String, String, bool)> {
        let mut headers = HeaderMap::new();
        attach(&mut headers, auth, &SecretString::from(secret)).unwrap();
        headers.iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned(), v.is_sensitive())).collect()
    }

    #[test]
    fn each_vendor_gets_the_secret_in_its_own_way_and_marked_sensitive() {
        assert_eq!(sent(Auth::None, "s3cret"), []);
        assert_eq!(sent(Auth::Bearer, "s3cret\n"), [("authorization".into(), "Bearer s3cret".into(), true)]);
        assert_eq!(sent(Auth::Scheme("token"), "s3cret"), [("authorization".into(), "token s3cret".into(), true)]);
        assert_eq!(sent(Auth::Header("x-api-key"), "s3cret"), [("x-api-key".into(), "s3cret".into(), true)]);
        assert_eq!(sent(Auth::BasicUser, "s3cret"), [("authorization".into(), "Basic czNjcmV0Og==".into(), true)]);
    }

    #[test]
    fn a_secret_that_would_split_the_header_is_not_sent_and_not_repeated() {
        for wrong in ["hush\nhush", "hush hush", "é", "", " "] {
            let error = attach(&mut HeaderMap::new(), Auth::Bearer, &SecretString::from(wrong)).unwrap_err();
            assert!(!error.to_string().contains("hush"));
        }
    }

    #[test]
    fn an_echoed_secret_is_cut_out_in_every_form() {
        let secret = SecretString::from("s3+ret");
        let text = redact("a s3+ret b s3%2Bret c czMrcmV0Og== d", &secret);
        assert_eq!(text, "a [redacted] b [redacted] c [redacted] d");
        assert_eq!(redact("whole", &SecretString::from("")), "whole");
    }
}
