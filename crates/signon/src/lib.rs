//! Speaks to whoever vouches for people: OAuth 2 with GitHub, OpenID Connect with a company's provider, the device flow.
//!
//! A [`Line`] is the one way to the network here: bounded, timed, without redirects, and closed to private addresses that
//! the operator did not name. What goes wrong is a [`Refusal`] in words with a fix, and without a secret.

mod device;
mod github;
mod line;
mod newcomers;
mod oidc;
mod refusal;
mod server;
mod telling;

pub use device::{DeviceCode, DeviceFlow};
pub use github::{GitHub, GitHubSettings, Grant, Profile};
pub use line::{Answer, Around, Line, Lookup, Rest};
pub use newcomers::{Admission, Newcomers, RoleRow, parse_role_rows};
pub use oidc::{Oidc, OidcSettings};
pub use refusal::{Kind, Refusal};
pub use server::{Account, Server};

use secrecy::SecretString;

/// Somebody, as a provider knows them. The address is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who it is, for good.
    pub subject: String,
    /// Their verified address.
    pub email: String,
    /// Their name, where it is told.
    pub name: Option<String>,
    /// Their login, where there is such a thing.
    pub login: Option<String>,
    /// The groups they are in, as the provider names them.
    pub groups: Vec<String>,
}

/// A round trip through the browser that begins. All but the address stays here until it ends.
#[derive(Debug)]
pub struct Departure {
    /// Where the browser goes. Holds the state.
    pub url: SecretString,
    /// What it has to come back with.
    pub state: SecretString,
    /// The PKCE verifier.
    pub verifier: SecretString,
    /// What an ID token has to repeat; OAuth alone has none.
    pub nonce: Option<SecretString>,
}
