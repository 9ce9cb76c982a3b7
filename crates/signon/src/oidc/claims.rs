//! What an ID token and the userinfo endpoint say of a person, put together.

use crate::Person;
use crate::refusal::{Kind, Refusal};
use openidconnect::core::CoreGenderClaim;
use openidconnect::{
    AdditionalClaims, EndUserEmail, EndUserName, EndUserUsername, IdTokenClaims, LocalizedClaim, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Claims that the standard does not name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Extra {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for Extra {}

impl Extra {
    /// A claim that lists names, or is one.
    fn names(&self, claim: &str) -> Option<Vec<String>> {
        match self.all.get(claim)? {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(many) => Some(many.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            _ => None,
        }
    }
}

/// What is read of either.
pub(super) struct Claims {
    subject: String,
    email: Option<String>,
    /// Whether the address is verified, by whoever sent it.
    verified: Option<bool>,
    name: Option<String>,
    login: Option<String>,
    groups: Option<Vec<String>>,
}

impl Claims {
    pub(super) fn of_id_token(claims: &IdTokenClaims<Extra, CoreGenderClaim>, groups_claim: &str) -> Self {
        Self {
            subject: claims.subject().to_string(),
            email: email(claims.email()),
            verified: claims.email_verified(),
            name: name(claims.name()),
            login: login(claims.preferred_username()),
            groups: claims.additional_claims().names(groups_claim),
        }
    }

    pub(super) fn of_user_info(claims: &UserInfoClaims<Extra, CoreGenderClaim>, groups_claim: &str) -> Self {
        Self {
            subject: claims.subject().to_string(),
            email: email(claims.email()),
            verified: claims.email_verified(),
            name: name(claims.name()),
            login: login(claims.preferred_username()),
            groups: claims.additional_claims().names(groups_claim),
        }
    }

    /// Whether asking the userinfo endpoint could help.
    pub(super) fn lacks_something(&self) -> bool {
        self.email.is_none() || self.verified.is_none() || self.groups.is_none()
    }

    /// Takes from the other what is missing here; an address and its verification only together.
    pub(super) fn fill(&mut self, other: Option<Self>) {
        let Some(other) = other else { return };
        if self.email.is_none() || (self.verified.is_none() && self.email == other.email) {
            (self.email, self.verified) = (other.email, other.verified);
        }
        self.name = self.name.take().or(other.name);
        self.login = self.login.take().or(other.login);
        self.groups = self.groups.take().or(other.groups);
    }

    /// The person, if their address is verified.
    pub(super) fn into_person(self, trusts_addresses: bool) -> Result<Person, Refusal> {
        let email = self.email.ok_or_else(|| {
            let fix = "The operator has to let the provider send the claim `email` (usually the scope `email`).";
            Refusal::new(Kind::Unverified, "The provider tells no address of yours.", fix)
        })?;
        match self.verified {
            Some(true) => {}
            None if trusts_addresses => {}
            Some(false) => {
                let fix = "Verify it there, then sign in again.";
                return Err(Refusal::new(Kind::Unverified, "Your address is not verified at the provider.", fix));
            }
            None => {
                let fix = "The operator can let the provider send the claim `email_verified`, or set `oidc_trust_email` where \
                           every address there is checked.";
                return Err(Refusal::new(Kind::Unverified, "The provider does not say whether your address is verified.", fix));
            }
        }
        let groups = self.groups.unwrap_or_default();
        Ok(Person { subject: self.subject, email, name: self.name, login: self.login, groups })
    }
}

fn email(claim: Option<&EndUserEmail>) -> Option<String> {
    claim.map(|email| email.as_str().trim().to_owned()).filter(|email| !email.is_empty())
}

fn name(claim: Option<&LocalizedClaim<EndUserName>>) -> Option<String> {
    let claim = claim?;
    claim
        .get(None)
        .or_else(|| claim.iter().next().map(|(_, name)| name))
        .map(|name| name.to_string())
        .filter(|name| !name.is_empty())
}

fn login(claim: Option<&EndUserUsername>) -> Option<String> {
    claim.map(|login| login.to_string())
}
