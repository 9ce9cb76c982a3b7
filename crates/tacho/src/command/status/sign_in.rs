//! `tacho status sign-in` and `sign-out`: GitHub's device flow with the operator's own OAuth app. The ids of other products'
//! apps are never used.

use super::scene::Scene;
use super::{quotas, refresher};
use crate::failure::{Exit, Failure, Outcome};
use crate::{output, sign_on};
use tacho_domain::Clock;
use tacho_quota::{Source, StoredToken};
use tacho_signon::{GitHub, GitHubSettings, Grant};
use tacho_transport::Surroundings;
use url::Url;

/// Enough to be told one's own use.
const SCOPE: &str = "read:user";

/// Signs in, and keeps the token in a file that only its owner can read.
pub(super) fn sign_in(scene: &Scene) -> Outcome {
    refuse_wrong_settings(scene)?;
    let file = token_file(scene)?;
    let client_id = scene.settings.github_app_id.clone().ok_or_else(|| {
        Failure::configuration("signing in needs an OAuth app of your own at GitHub, and none is set")
            .hint("make one with the device flow on, and set `github_app_id` in status.toml (docs/status.md)")
            .hint("or do without: `gh auth login`, or an editor with Copilot, is enough")
    })?;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = quotas::runtime().ok_or_else(|| Failure::failed("cannot start"))?;
    let grant = runtime.block_on(grant(scene, client_id))?;
    file.write(&scene.settings.copilot_host, &grant.access_token)
        .map_err(|error| Failure::configuration(format!("cannot write `{}`: {error}", file.path().display())))?;
    output::line(&format!("Signed in to {}.", scene.settings.copilot_host))?;
    refresher::send(scene, &scene.state().0);
    Ok(())
}

async fn grant(scene: &Scene, client_id: String) -> Outcome<Grant> {
    let told = |refusal| sign_on::failure(&refusal);
    let line = sign_on::line(&Surroundings::real(Clock::clone(&scene.clock)), Vec::new())?;
    let url = Url::parse(&format!("https://{}", scene.settings.copilot_host))
        .map_err(|_| Failure::new(Exit::Configuration, "`copilot_host` is no host"))?;
    let settings = GitHubSettings { url, client_id, client_secret: None, organizations: Vec::new() };
    let device = GitHub::new(line, settings).map_err(told)?.device();
    let code = device.begin(&[SCOPE.to_owned()]).await.map_err(told)?;
    output::line(&format!("Open {} and type the code {}", code.verification_url, code.user_code))?;
    output::note(&format!("Waiting for at most {} minutes; Ctrl-C ends it.", code.expires_in.as_secs() / 60));
    device.wait(&code).await.map_err(told)
}

/// Forgets the token, and what it was told.
pub(super) fn sign_out(scene: &Scene) -> Outcome {
    let file = token_file(scene)?;
    let was_there =
        file.remove().map_err(|error| Failure::configuration(format!("cannot remove `{}`: {error}", file.path().display())))?;
    if let Some(state) = scene.file() {
        // A home that cannot be written to holds nothing to forget.
        let _ = state.update(scene.now(), |state| state.sign_out(Source::Copilot));
    }
    if !was_there {
        return output::line("Nobody had signed in here. Copilot's numbers are forgotten.");
    }
    output::line("Signed out. Copilot's numbers are forgotten.")?;
    output::note("hint: GitHub keeps the grant until you revoke it under Settings, Applications");
    Ok(())
}

fn refuse_wrong_settings(scene: &Scene) -> Outcome {
    scene.remarks.first().map_or(Ok(()), |first| Err(Failure::configuration(first.clone())))
}

fn token_file(scene: &Scene) -> Outcome<StoredToken> {
    let folder = scene.places.config.as_deref().ok_or_else(|| {
        Failure::configuration("there is no folder for this person's settings").hint("set HOME or XDG_CONFIG_HOME")
    })?;
    Ok(StoredToken::in_folder(folder))
}
