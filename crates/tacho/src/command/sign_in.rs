//! `tacho sign-in`: a new one-time link, for someone who is locked out or a second person.

use crate::failure::Outcome;
use crate::output;
use crate::wiring::Installation;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Prints a new link.
pub(crate) async fn run(installation: &Installation) -> Outcome {
    let configuration = &installation.configuration;
    let base = configuration.public_url.clone().map_or_else(|| base_url(&configuration.listen.to_string()), Ok)?;
    output::secret(&link(installation, &base).await?)?;
    output::note("The link works once, for a day.");
    Ok(())
}

/// A new one-time link below that address.
pub(crate) async fn link(installation: &Installation, base: &Url) -> Outcome<SecretString> {
    let path = tacho_web::new_sign_in_link(&installation.store, installation.organization, installation.now()).await?;
    #[expect(clippy::disallowed_methods, reason = "the path is put below the server's address and stays a secret")]
    let whole = format!("{}{}", base.as_str().trim_end_matches('/'), path.expose_secret());
    Ok(SecretString::from(whole))
}

/// The address of a server that listens there.
pub(crate) fn base_url(listen: &str) -> Outcome<Url> {
    Url::parse(&format!("http://{listen}"))
        .map_err(|error| crate::failure::Failure::configuration(format!("`{listen}`: {error}")))
}
