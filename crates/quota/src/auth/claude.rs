//! Claude Code's own sign-in, as its file holds it on Linux and Windows. It is read and never renewed: renewing takes the old
//! token away, and Claude Code would be signed out.

use super::{Token, TokenOrigin, small_file};
use secrecy::SecretString;
use serde::Deserialize;
use std::path::Path;
use tacho_domain::Instant;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    claude_ai_oauth: Option<Oauth>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Oauth {
    access_token: SecretString,
    /// Milliseconds since the epoch.
    expires_at: Option<i64>,
}

pub(super) fn token(folder: &Path, now: Instant) -> Option<Token> {
    let path = folder.join(".credentials.json");
    let oauth = serde_json::from_slice::<Credentials>(&small_file(&path)?).ok()?.claude_ai_oauth?;
    let has_expired = oauth.expires_at.and_then(Instant::from_millis).is_some_and(|end| end <= now);
    let unfit = has_expired.then(|| "Claude Code's token has expired; start Claude Code, it renews it by itself".to_owned());
    Some(Token { unfit, ..Token::new(oauth.access_token, TokenOrigin::Tool(path)) })
}
