//! The token of GitHub's own command line program.

use super::{Token, TokenOrigin};
use crate::CopilotHost;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// A key ring that asks for its password would never answer.
const LIMIT: Duration = Duration::from_secs(5);

/// Asks `gh auth token`, which gives the token of one host or fails; it asks nobody and nothing on the network
/// (<https://cli.github.com/manual/gh_auth_token>, read 2026-11-21).
pub(super) async fn token(gh: &Path, host: &CopilotHost) -> Option<Token> {
    let mut command = Command::new(gh);
    command.args(["auth", "token", "--hostname", host.as_str()]);
    // With these set it would only repeat them, and they have been looked at before.
    for name in ["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"] {
        command.env_remove(name);
    }
    command.env("GH_PROMPT_DISABLED", "1").env("GH_NO_UPDATE_NOTIFIER", "1").kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let output = timeout(LIMIT, command.output()).await.ok()?.ok()?;
    let stdout = Zeroizing::new(output.stdout);
    let text = std::str::from_utf8(&stdout).ok()?.trim();
    let is_token = output.status.success() && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_token.then(|| Token::new(SecretString::from(text), TokenOrigin::Gh(gh.to_owned())))
}
