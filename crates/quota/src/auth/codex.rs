//! Codex's own sign-in with a `ChatGPT` account. It is read and never renewed.

use super::{Token, TokenOrigin, small_file};
use secrecy::SecretString;
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
struct File {
    tokens: Option<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    access_token: SecretString,
    account_id: Option<String>,
}

pub(super) fn token(folder: &Path) -> Option<Token> {
    let path = folder.join("auth.json");
    let pair = serde_json::from_slice::<File>(&small_file(&path)?).ok()?.tokens?;
    Some(Token { account_id: pair.account_id, ..Token::new(pair.access_token, TokenOrigin::Tool(path)) })
}
