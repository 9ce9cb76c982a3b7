//! What the pages need from whoever vouches for people: GitHub, a company's provider. The binary implements it; this room
//! speaks to nobody.

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;
use tacho_domain::{OrganizationId, Role};

/// Where a provider sends the browser after a sign-in; `{provider}` is its id.
pub const SIGN_IN_CALLBACK: &str = "/sign-in/callback/{provider}";
/// Where it sends the browser after access for an integration was asked for. Below the other, since GitHub takes an address
/// below the registered one, and no other.
pub const CONNECTION_CALLBACK: &str = "/sign-in/callback/{provider}/connection";

/// Signs people in with providers, and asks those for access on behalf of integrations.
#[async_trait]
pub trait SignOn: Send + Sync {
    /// The providers that are configured, in the order of the sign-in page.
    fn providers(&self) -> Vec<ProviderCard>;

    /// Begins a sign-in: the browser goes to `url`, and the state is what it comes back with.
    async fn begin(&self, provider: &str) -> Result<Begun, SignOnRefused>;

    /// Ends a sign-in: trades the code for what the provider says of the person.
    async fn finish(&self, provider: &str, kept: &Value, code: &SecretString) -> Result<External, SignOnRefused>;

    /// Begins to ask for access with these scopes, for an integration.
    async fn begin_connection(&self, provider: &str, scopes: &[String]) -> Result<Begun, SignOnRefused>;

    /// Trades the code for an access token and what it was granted.
    async fn finish_connection(&self, provider: &str, kept: &Value, code: &SecretString) -> Result<Granted, SignOnRefused>;
}

/// A provider as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderCard {
    /// Its id in addresses and in the store: `github`, `oidc`.
    pub id: String,
    /// What a button calls it.
    pub label: String,
    /// Whether access for an integration can be asked for.
    pub connects: bool,
    /// Where it is: `https://github.com`.
    pub url: String,
}

/// A round trip that begins.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes. Holds the state.
    pub url: SecretString,
    /// What the browser has to come back with.
    pub state: SecretString,
    /// What is kept sealed until then: the verifier, the nonce.
    pub kept: Value,
}

/// What a provider says of a person. The address is verified.
#[derive(Debug, Clone)]
pub struct External {
    /// The provider's id.
    pub provider: String,
    /// Who it is, for good: survives a change of name and address.
    pub subject: String,
    /// Their verified address.
    pub email: String,
    /// Their name, where it is told.
    pub name: Option<String>,
    /// Their login, where there is such a thing.
    pub login: Option<String>,
    /// The groups they are in, as the provider names them.
    pub groups: Vec<String>,
    /// The organization that the configuration of the provider speaks for.
    pub organization: OrganizationId,
    /// The role that their groups give them there, where the provider decides about roles.
    pub role: Option<Role>,
    /// What becomes of them where Tacho does not know them.
    pub newcomer: Newcomer,
    /// The scopes that were granted.
    pub scopes: Vec<String>,
    /// The access token, where there is one to be kept.
    pub access_token: Option<SecretString>,
}

/// What becomes of somebody unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Newcomer {
    /// They get an account in the provider's organization, with this role.
    Admitted(Role),
    /// They do not; why, and what helps, in words.
    Refused(String),
}

/// Access that was granted.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The token.
    pub access_token: SecretString,
    /// The scopes it really has; people may grant fewer than were asked for.
    pub granted_scopes: Vec<String>,
    /// Whose it is.
    pub login: Option<String>,
}

/// Why a round trip did not come to a good end. No message holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignOnRefused {
    /// No such provider is configured.
    #[error("there is no sign-in with `{0}` here")]
    Unknown(String),
    /// The person, or the provider for them, said no; in words, with what helps.
    #[error("{0}")]
    Refused(String),
    /// The provider cannot be reached, or the configuration is wrong: nothing the person could mend. In words for the
    /// operator, who finds it in the log.
    #[error("{0}")]
    Broken(String),
}

/// No provider at all: people sign in with passwords and links.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSignOn;

#[async_trait]
impl SignOn for NoSignOn {
    fn providers(&self) -> Vec<ProviderCard> {
        Vec::new()
    }

    async fn begin(&self, provider: &str) -> Result<Begun, SignOnRefused> {
        Err(SignOnRefused::Unknown(provider.to_owned()))
    }

    async fn finish(&self, provider: &str, _: &Value, _: &SecretString) -> Result<External, SignOnRefused> {
        Err(SignOnRefused::Unknown(provider.to_owned()))
    }

    async fn begin_connection(&self, provider: &str, _: &[String]) -> Result<Begun, SignOnRefused> {
        Err(SignOnRefused::Unknown(provider.to_owned()))
    }

    async fn finish_connection(&self, provider: &str, _: &Value, _: &SecretString) -> Result<Granted, SignOnRefused> {
        Err(SignOnRefused::Unknown(provider.to_owned()))
    }
}
