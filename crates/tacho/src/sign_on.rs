//! Who vouches for people, for the pages: GitHub and a company's provider, as they are configured.

use crate::config::SignOnConfiguration;
use crate::failure::{Failure, Outcome};
use crate::wiring::Installation;
use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tacho_domain::{Clock, OrganizationId};
use tacho_signon::{Admission, Around, Departure, GitHub, Kind, Line, Newcomers, Oidc, Person, Refusal};
use tacho_transport::Surroundings;
use tacho_web::{Begun, CONNECTION_CALLBACK, External, Granted, Newcomer, ProviderCard, SIGN_IN_CALLBACK, SignOn, SignOnRefused};
use url::Url;

const GITHUB: &str = "github";
const OIDC: &str = "oidc";

/// The configured providers.
pub(crate) struct SignOns {
    github: Option<GitHub>,
    oidc: Option<Oidc>,
    oidc_label: String,
    newcomers: Newcomers,
    organization: OrganizationId,
    /// How browsers reach the server.
    base: Url,
}

/// The line to providers, in these surroundings.
pub(crate) fn line(surroundings: &Surroundings, allowed: Vec<String>) -> Outcome<Line> {
    let around = Around {
        clock: Clock::clone(&surroundings.clock),
        rest: surroundings.rest.clone(),
        lookup: surroundings.lookup.clone(),
        is_public: tacho_transport::is_public,
        allowed,
    };
    Line::new(around).map_err(|refusal| failure(&refusal))
}

/// What the command line says of a refusal.
pub(crate) fn failure(refusal: &Refusal) -> Failure {
    use crate::failure::Exit;
    let exit = match refusal.kind {
        Kind::Configuration => Exit::Configuration,
        Kind::Unreachable => Exit::Unavailable,
        _ => Exit::Refused,
    };
    Failure::new(exit, refusal.cause.clone()).hint(refusal.fix.clone())
}

/// GitHub, where it is configured.
pub(crate) fn github(configuration: &SignOnConfiguration, line: &Line) -> Outcome<Option<GitHub>> {
    let made = configuration.github.clone().map(|settings| GitHub::new(line.clone(), settings));
    made.transpose().map_err(|refusal| failure(&refusal))
}

/// The company's provider, where one is configured.
pub(crate) fn oidc(configuration: &SignOnConfiguration, line: &Line) -> Outcome<Option<Oidc>> {
    let made = configuration.oidc.clone().map(|settings| Oidc::new(line.clone(), settings));
    made.transpose().map_err(|refusal| failure(&refusal))
}

impl SignOns {
    /// The providers of an installation that browsers reach at `base`.
    pub(crate) fn new(installation: &Installation, base: Url) -> Outcome<Self> {
        let configuration = &installation.configuration.sign_on;
        Ok(Self {
            github: github(configuration, &installation.line)?,
            oidc: oidc(configuration, &installation.line)?,
            oidc_label: configuration.oidc_label.clone(),
            newcomers: configuration.newcomers.clone(),
            organization: installation.organization,
            base,
        })
    }

    fn web_github(&self, provider: &str) -> Result<&GitHub, SignOnRefused> {
        let known = self.github.as_ref().filter(|github| provider == GITHUB && github.has_web_flow());
        known.ok_or_else(|| SignOnRefused::Unknown(provider.to_owned()))
    }

    fn oidc(&self, provider: &str) -> Result<&Oidc, SignOnRefused> {
        self.oidc.as_ref().filter(|_| provider == OIDC).ok_or_else(|| SignOnRefused::Unknown(provider.to_owned()))
    }

    fn callback(&self, path: &str, provider: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&path.replace("{provider}", provider));
        url
    }

    fn external(&self, provider: &str, person: Person, groups_count: bool, vouched: bool) -> Result<External, SignOnRefused> {
        let role = if groups_count { self.newcomers.role_of(&person.groups).map_err(|refusal| refused(&refusal))? } else { None };
        let newcomer = match self.newcomers.admit(&person, role, vouched) {
            Admission::Admitted(role) => Newcomer::Admitted(role),
            Admission::Refused(why) => Newcomer::Refused(why),
        };
        Ok(External {
            provider: provider.to_owned(),
            subject: person.subject,
            email: person.email,
            name: person.name,
            login: person.login,
            groups: person.groups,
            organization: self.organization,
            role,
            newcomer,
            scopes: Vec::new(),
            access_token: None,
        })
    }

    async fn finish_github(&self, github: &GitHub, kept: &Value, code: &SecretString) -> Result<External, SignOnRefused> {
        let redirect = self.callback(SIGN_IN_CALLBACK, GITHUB);
        let ours = |refusal: Refusal| refused(&refusal);
        let grant = github.exchange(code, &held(kept, "verifier")?, &redirect).await.map_err(ours)?;
        let person = github.person(&grant.access_token).await.map_err(ours)?;
        let vouched = github.is_member(&grant.access_token).await.map_err(ours)?;
        let external = self.external(GITHUB, person, false, vouched)?;
        Ok(External { scopes: grant.scopes, access_token: Some(grant.access_token), ..external })
    }
}

#[async_trait]
impl SignOn for SignOns {
    fn providers(&self) -> Vec<ProviderCard> {
        let oidc = self.oidc.as_ref().map(|oidc| ProviderCard {
            id: OIDC.to_owned(),
            label: self.oidc_label.clone(),
            connects: false,
            url: oidc.issuer().to_owned(),
        });
        let github = self.github.as_ref().filter(|github| github.has_web_flow()).map(|github| ProviderCard {
            id: GITHUB.to_owned(),
            label: "GitHub".to_owned(),
            connects: true,
            url: github.url().as_str().trim_end_matches('/').to_owned(),
        });
        oidc.into_iter().chain(github).collect()
    }

    async fn begin(&self, provider: &str) -> Result<Begun, SignOnRefused> {
        let redirect = self.callback(SIGN_IN_CALLBACK, provider);
        if let Ok(oidc) = self.oidc(provider) {
            return oidc.authorize_url(&redirect).await.map(begun).map_err(|refusal| refused(&refusal));
        }
        let github = self.web_github(provider)?;
        Ok(begun(github.authorize_url(&redirect, &github.sign_in_scopes())))
    }

    async fn finish(&self, provider: &str, kept: &Value, code: &SecretString) -> Result<External, SignOnRefused> {
        let Ok(oidc) = self.oidc(provider) else {
            return self.finish_github(self.web_github(provider)?, kept, code).await;
        };
        let redirect = self.callback(SIGN_IN_CALLBACK, provider);
        let person = oidc.person(code, &held(kept, "verifier")?, &held(kept, "nonce")?, &redirect).await;
        self.external(OIDC, person.map_err(|refusal| refused(&refusal))?, true, false)
    }

    async fn begin_connection(&self, provider: &str, scopes: &[String]) -> Result<Begun, SignOnRefused> {
        let github = self.web_github(provider)?;
        Ok(begun(github.authorize_url(&self.callback(CONNECTION_CALLBACK, provider), scopes)))
    }

    async fn finish_connection(&self, provider: &str, kept: &Value, code: &SecretString) -> Result<Granted, SignOnRefused> {
        let github = self.web_github(provider)?;
        let redirect = self.callback(CONNECTION_CALLBACK, provider);
        let ours = |refusal: Refusal| refused(&refusal);
        let grant = github.exchange(code, &held(kept, "verifier")?, &redirect).await.map_err(ours)?;
        let profile = github.profile(&grant.access_token).await.map_err(ours)?;
        Ok(Granted {
            access_token: grant.access_token,
            // What the API says counts; the token's answer stands in where a server sends no header.
            granted_scopes: profile.scopes.unwrap_or(grant.scopes),
            login: Some(profile.login),
        })
    }
}

fn refused(refusal: &Refusal) -> SignOnRefused {
    if refusal.kind.is_for_operator() {
        SignOnRefused::Broken(refusal.to_string())
    } else {
        SignOnRefused::Refused(refusal.to_string())
    }
}

/// What leaves with the browser, and what is sealed meanwhile.
#[expect(clippy::disallowed_methods, reason = "verifier and nonce go into what is sealed until the browser is back")]
fn begun(departure: Departure) -> Begun {
    let kept = json!({
        "verifier": departure.verifier.expose_secret(),
        "nonce": departure.nonce.as_ref().map(ExposeSecret::expose_secret),
    });
    Begun { url: departure.url, state: departure.state, kept }
}

fn held(kept: &Value, name: &str) -> Result<SecretString, SignOnRefused> {
    let text = kept[name].as_str().ok_or_else(|| SignOnRefused::Broken(format!("what was kept has no `{name}`")))?;
    Ok(SecretString::from(text))
}
