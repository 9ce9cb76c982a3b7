//! A provider that vouches for whoever a test says. The real protocols are tested where they are spoken; here the pages' rules are.

use super::open;
use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::sync::Mutex;
use tacho_domain::OrganizationId;
use tacho_web::{Begun, External, Granted, Newcomer, ProviderCard, SignOn, SignOnRefused};

/// Configured by nobody until a test says whom it vouches for.
#[derive(Default)]
pub(crate) struct Vouching(Mutex<State>);

#[derive(Default)]
struct State {
    who: Option<External>,
    refuses: Option<SignOnRefused>,
    begun: u32,
}

/// Somebody that a provider knows and Tacho refuses, until a test changes that.
pub(crate) fn external(organization: OrganizationId, provider: &str, subject: &str, email: &str) -> External {
    External {
        provider: provider.into(),
        subject: subject.into(),
        email: email.into(),
        name: Some("Ada Okafor".into()),
        login: Some("ada-okafor".into()),
        groups: Vec::new(),
        organization,
        role: None,
        newcomer: Newcomer::Refused("Nobody has invited you.".into()),
        scopes: Vec::new(),
        access_token: None,
    }
}

impl Vouching {
    /// Vouches for somebody from now on.
    pub(crate) fn vouch(&self, external: External) {
        self.0.lock().unwrap().who = Some(external);
    }

    /// Refuses whoever comes.
    pub(crate) fn refuse(&self, refused: SignOnRefused) {
        self.0.lock().unwrap().refuses = Some(refused);
    }

    fn is_configured(&self) -> bool {
        self.0.lock().unwrap().who.is_some()
    }
}

#[async_trait]
impl SignOn for Vouching {
    fn providers(&self) -> Vec<ProviderCard> {
        let card = |id: &str, label: &str| ProviderCard {
            id: id.into(),
            label: label.into(),
            connects: id == "github",
            url: format!("https://{id}.example"),
        };
        if self.is_configured() { vec![card("oidc", "company account"), card("github", "GitHub")] } else { Vec::new() }
    }

    async fn begin(&self, provider: &str) -> Result<Begun, SignOnRefused> {
        if !self.is_configured() || !matches!(provider, "oidc" | "github") {
            return Err(SignOnRefused::Unknown(provider.to_owned()));
        }
        let mut state = self.0.lock().unwrap();
        state.begun += 1;
        let word = format!("state-{}-{}", state.begun, "x".repeat(30));
        Ok(Begun {
            url: format!("https://{provider}.example/authorize?state={word}").into(),
            kept: json!({ "verifier": word }),
            state: word.into(),
        })
    }

    async fn finish(&self, provider: &str, kept: &Value, code: &SecretString) -> Result<External, SignOnRefused> {
        let state = self.0.lock().unwrap();
        if let Some(refused) = &state.refuses {
            return Err(refused.clone());
        }
        assert!(kept["verifier"].as_str().unwrap().starts_with("state-"), "what was kept comes back");
        if open(code) != "the-code" {
            return Err(SignOnRefused::Refused("The code was used before. Begin again.".into()));
        }
        let who = state.who.clone().unwrap();
        assert_eq!(who.provider, provider);
        Ok(who)
    }

    async fn begin_connection(&self, provider: &str, _: &[String]) -> Result<Begun, SignOnRefused> {
        self.begin(provider).await
    }

    async fn finish_connection(&self, _: &str, _: &Value, _: &SecretString) -> Result<Granted, SignOnRefused> {
        Ok(Granted {
            access_token: "gho_token".into(),
            granted_scopes: vec!["read:org".into()],
            login: Some("ada-okafor".into()),
        })
    }
}
