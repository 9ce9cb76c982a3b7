//! Who else vouches for people: whether GitHub and the company's provider, where they are configured, can be reached.

use super::Findings;
use crate::config::Configuration;
use crate::failure::Outcome;
use crate::{door, sign_on};
use tacho_signon::Refusal;
use tacho_transport::Surroundings;

/// Asks every configured provider, unless nobody is to be asked.
pub(super) async fn look(findings: &mut Findings, configuration: &Configuration, offline: bool) {
    if let Err(failure) = look_at_each(findings, configuration, offline).await {
        findings.bad("sign-on", failure.to_string(), "`tacho serve` will not start until this is mended (docs/sign-in.md)");
    }
}

async fn look_at_each(findings: &mut Findings, configuration: &Configuration, offline: bool) -> Outcome {
    let settings = &configuration.sign_on;
    let line = sign_on::line(&Surroundings::real(door::clock()), configuration.allow_hosts.clone())?;
    let (github, oidc) = (sign_on::github(settings, &line)?, sign_on::oidc(settings, &line)?);
    if offline {
        return Ok(());
    }
    if let Some(github) = github {
        tell(findings, &format!("GitHub at {}", github.url()), github.reach().await);
    }
    if let Some(oidc) = oidc {
        tell(findings, &format!("`{}`", oidc.issuer()), oidc.reach().await);
    }
    Ok(())
}

fn tell(findings: &mut Findings, who: &str, reached: Result<(), Refusal>) {
    match reached {
        Ok(()) => findings.good("sign-on", format!("{who} answers")),
        Err(refusal) => {
            findings.bad("sign-on", format!("{who}: {refusal}"), "until then people sign in with a password or a link");
        }
    }
}
