//! The sign-in of GitHub's Copilot plugins for other editors: `apps.json`, and `hosts.json` before it. Nobody documents them;
//! seen in files of `JetBrains`' and Neovim's plugins (read 2026-11-21).

use super::{Token, TokenOrigin, small_file};
use crate::CopilotHost;
use secrecy::SecretString;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Deserialize)]
struct Block {
    oauth_token: Option<SecretString>,
}

/// The tokens of one host, the newer file first. Blocks of other hosts are not looked at, whatever they hold.
pub(super) fn tokens(folder: &Path, host: &CopilotHost) -> Vec<Token> {
    let files = ["apps.json", "hosts.json"].map(|name| folder.join(name));
    files.iter().flat_map(|path| of_file(path, host)).collect()
}

fn of_file(path: &Path, host: &CopilotHost) -> Vec<Token> {
    let blocks = small_file(path).and_then(|bytes| serde_json::from_slice::<BTreeMap<String, serde_json::Value>>(&bytes).ok());
    let own = blocks.into_iter().flatten().filter(|(key, _)| is_of(key, host));
    let found = own.filter_map(|(_, block)| serde_json::from_value::<Block>(block).ok()?.oauth_token);
    found.map(|secret| Token::new(secret, TokenOrigin::CopilotPlugin(path.to_owned()))).collect()
}

/// The keys are `github.com:APP_ID`, and plain `github.com` before.
fn is_of(key: &str, host: &CopilotHost) -> bool {
    key.split(':').next() == Some(host.as_str())
}
