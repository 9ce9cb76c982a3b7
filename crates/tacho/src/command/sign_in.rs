//! `tacho sign-in`: a one-time link for a user who is locked out of their account; before there is any user, the set-up link.

use crate::command::users;
use crate::config::Configuration;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::wiring::{Installation, refused};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tacho_domain::UserId;
use tacho_domain::audit::Action;
use tacho_store::LinkKind;
use url::Url;

/// Print a one-time link that signs a user in; before there is any user, the set-up link
#[derive(Debug, Args)]
pub(crate) struct SignIn {
    /// Their e-mail address; not needed before there is any user
    email: Option<String>,
}

impl SignIn {
    pub(crate) async fn run(&self, installation: &Installation) -> Outcome {
        let base = public_url(&installation.configuration)?;
        if let Some(link) = set_up_link(installation, &base).await? {
            return print_link(&link, "Nobody has an account yet: the link makes the first owner. It works once, for a day.");
        }
        let email = self.email.as_deref().ok_or_else(|| {
            Failure::usage("say who is to be signed in: `tacho sign-in <email>`").hint("`tacho users list` names them")
        })?;
        let found = users::find(installation, email).await?;
        users::not_locked(&found)?;
        let link = link(installation, found.user.id, &base).await?;
        installation.note(Action::LinkMade, &found.user.email, json!({"kind": LinkKind::SignIn.as_str()})).await?;
        print_link(&link, "The link works once, for a day.")
    }
}

/// A new set-up link, while nobody has an account.
pub(crate) async fn set_up_link(installation: &Installation, base: &Url) -> Outcome<Option<SecretString>> {
    if installation.store.count_users().await? > 0 {
        return Ok(None);
    }
    let path = tacho_web::new_set_up_link(&installation.store, installation.organization, installation.now()).await?;
    Ok(Some(below(base, &path)))
}

/// A new link that signs that user in.
pub(crate) async fn link(installation: &Installation, user: UserId, base: &Url) -> Outcome<SecretString> {
    let (store, organization, now) = (&installation.store, installation.organization, installation.now());
    let path = tacho_web::new_sign_in_link(store, organization, user, now).await.map_err(refused)?;
    Ok(below(base, &path))
}

/// A link's path below the server's address.
pub(crate) fn below(base: &Url, path: &SecretString) -> SecretString {
    #[expect(clippy::disallowed_methods, reason = "the path is put below the server's address and stays a secret")]
    let whole = format!("{}{}", base.as_str().trim_end_matches('/'), path.expose_secret());
    SecretString::from(whole)
}

/// Shows a link once, and what it is.
pub(crate) fn print_link(link: &SecretString, what: &str) -> Outcome {
    output::secret(link)?;
    output::note(what);
    Ok(())
}

/// How browsers reach the server of this configuration.
pub(crate) fn public_url(configuration: &Configuration) -> Outcome<Url> {
    configuration.public_url.clone().map_or_else(|| base_url(configuration.tls.is_some(), &configuration.listen.to_string()), Ok)
}

/// The address of a server that listens there.
pub(crate) fn base_url(is_tls: bool, listen: &str) -> Outcome<Url> {
    let scheme = if is_tls { "https" } else { "http" };
    Url::parse(&format!("{scheme}://{listen}")).map_err(|error| Failure::configuration(format!("`{listen}`: {error}")))
}
