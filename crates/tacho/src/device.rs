//! A vendor's token by the device flow: a code is shown here and confirmed in any browser.

use crate::failure::{Failure, Outcome};
use crate::wiring::Installation;
use crate::{output, sign_on};
use secrecy::SecretString;
use tacho_connectors::{Profile, Settings};

/// Asks the sign-in side of the connector for a token with the scopes that these settings need.
pub(crate) async fn credential(installation: &Installation, profile: &Profile, settings: &Settings) -> Outcome<SecretString> {
    if profile.access.sign_in != Some("github") {
        return Err(
            Failure::usage(format!("--device: {} has no device flow", profile.name)).hint("leave it out and paste the key")
        );
    }
    let github = sign_on::github(&installation.configuration.sign_on, &installation.line)?.ok_or_else(|| {
        Failure::configuration("--device needs an OAuth app at GitHub, and none is configured")
            .hint("set github_client_id to the client id of your OAuth app (docs/sign-in.md)")
    })?;
    let scopes: Vec<String> = profile.access.needed(settings, &[]).map(|need| need.scope.to_owned()).collect();
    let told = |refusal| sign_on::failure(&refusal);
    let device = github.device();
    let code = device.begin(&scopes).await.map_err(told)?;
    output::note(&format!("Open {} and type the code {}", code.verification_url, code.user_code));
    for need in profile.access.needed(settings, &[]) {
        output::note(&format!("It asks for `{}`: {}", need.scope, need.reason));
    }
    let grant = device.wait(&code).await.map_err(told)?;
    for missing in profile.access.missing(settings, &[], &grant.scopes) {
        output::note(&format!("hint: `{}` was not granted: {}", missing.scope, missing.reason));
    }
    Ok(grant.access_token)
}
