//! A small provider of OpenID Connect that signs real RS256 ID tokens and checks PKCE; what it says can be bent.

use crate::around::{line, no_rest, now};
use crate::github_stage::open;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use openidconnect::PkceCodeChallenge;
use openidconnect::PkceCodeVerifier;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tacho_signon::{Oidc, OidcSettings, Person, Refusal};
use url::Url;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const KEY: &str = include_str!("keys/provider.pem");
const STRANGER: &str = include_str!("keys/stranger.pem");
const MODULUS: &str = include_str!("keys/provider.n");

pub(crate) fn callback() -> Url {
    Url::parse("https://tacho.example.com/sign-in/callback/oidc").unwrap()
}

/// What the provider says next.
#[derive(Clone)]
pub(crate) struct Says {
    pub(crate) claims: Value,
    pub(crate) user_info: Value,
    /// Whether somebody else's key signs.
    pub(crate) forged: bool,
    /// What the published key is called, and what the tokens call it.
    pub(crate) key_ids: (&'static str, &'static str),
}

pub(crate) struct Provider {
    pub(crate) server: MockServer,
    pub(crate) oidc: Oidc,
    pub(crate) says: Arc<Mutex<Says>>,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        Self::with(|settings| settings).await
    }

    pub(crate) async fn with(change: impl FnOnce(OidcSettings) -> OidcSettings) -> Self {
        let server = MockServer::start().await;
        let issuer = server.uri();
        let says = Says {
            claims: json!({
                "iss": issuer, "sub": "f00-42", "aud": "tacho", "exp": now().0 / 1_000_000 + 300, "iat": now().0 / 1_000_000,
                "email": "ada@example.com", "email_verified": true, "name": "Ada Okafor", "groups": ["staff", "tacho-admins"],
            }),
            user_info: json!({ "sub": "f00-42" }),
            forged: false,
            key_ids: ("one", "one"),
        };
        let says = Arc::new(Mutex::new(says));
        let hosts = [server.address().to_string()];
        let settings = OidcSettings {
            issuer: issuer.clone(),
            client_id: "tacho".into(),
            client_secret: Some("its-secret".into()),
            scopes: vec!["email".into(), "profile".into()],
            groups_claim: "groups".into(),
            trusts_addresses: false,
        };
        let oidc = Oidc::new(line(&hosts, no_rest()), change(settings)).unwrap();
        let provider = Self { server, oidc, says };
        provider.publish(&issuer).await;
        provider
    }

    async fn publish(&self, issuer: &str) {
        let discovery = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let answer = ResponseTemplate::new(200).set_body_json(discovery);
        Mock::given(method("GET")).and(path("/.well-known/openid-configuration")).respond_with(answer).mount(&self.server).await;
        let says = Arc::clone(&self.says);
        let keys = move |_: &Request| {
            let id = says.lock().unwrap().key_ids.0;
            let key = json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id, "n": MODULUS, "e": "AQAB" });
            ResponseTemplate::new(200).set_body_json(json!({ "keys": [key] }))
        };
        Mock::given(method("GET")).and(path("/keys")).respond_with(keys).mount(&self.server).await;
        let says = Arc::clone(&self.says);
        let user_info = move |_: &Request| ResponseTemplate::new(200).set_body_json(says.lock().unwrap().user_info.clone());
        Mock::given(method("GET")).and(path("/userinfo")).respond_with(user_info).mount(&self.server).await;
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.says.lock().unwrap());
    }

    pub(crate) fn claim(&self, name: &str, value: Value) {
        self.change(|says| says.claims[name] = value);
    }

    /// The token endpoint for one sign-in: gives the ID token to whoever proves the challenge.
    async fn expect(&self, query: &BTreeMap<String, String>) {
        let (says, challenge, nonce) = (Arc::clone(&self.says), query["code_challenge"].clone(), query["nonce"].clone());
        let answer = move |request: &Request| {
            let form: BTreeMap<String, String> = url::form_urlencoded::parse(&request.body).into_owned().collect();
            let verifier = PkceCodeVerifier::new(form.get("code_verifier").cloned().unwrap_or_default());
            let proves = PkceCodeChallenge::from_code_verifier_sha256(&verifier).as_str() == challenge;
            let lawful = proves && form["code"] == "the-code" && form["redirect_uri"] == callback().as_str();
            if !lawful || !request.headers.contains_key("authorization") {
                return ResponseTemplate::new(400).set_body_json(json!({ "error": "invalid_grant" }));
            }
            let says = says.lock().unwrap().clone();
            let mut claims = says.claims;
            if claims["nonce"].is_null() {
                claims["nonce"] = nonce.clone().into();
            }
            let key = EncodingKey::from_rsa_pem(if says.forged { STRANGER } else { KEY }.as_bytes()).unwrap();
            let header = Header { kid: Some(says.key_ids.1.to_owned()), ..Header::new(Algorithm::RS256) };
            let token = jsonwebtoken::encode(&header, &claims, &key).unwrap();
            ResponseTemplate::new(200).set_body_json(json!({ "access_token": "at", "token_type": "Bearer", "id_token": token }))
        };
        Mock::given(method("POST")).and(path("/token")).respond_with(answer).up_to_n_times(1).mount(&self.server).await;
    }

    /// A whole sign-in, as the browser of an honest person makes it.
    pub(crate) async fn sign_in(&self) -> Result<Person, Refusal> {
        self.sign_in_with("the-code").await
    }

    pub(crate) async fn sign_in_with(&self, code: &str) -> Result<Person, Refusal> {
        let departure = self.oidc.authorize_url(&callback()).await?;
        let url = Url::parse(&open(&departure.url)).unwrap();
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(query["code_challenge_method"], "S256");
        assert_eq!(query["state"], open(&departure.state));
        assert_eq!(query["scope"], "openid email profile");
        self.expect(&query).await;
        let code = SecretString::from(code);
        self.oidc.person(&code, &departure.verifier, &departure.nonce.unwrap(), &callback()).await
    }

    /// How often an address was asked.
    pub(crate) async fn asked(&self, address: &str) -> usize {
        let requests = self.server.received_requests().await.unwrap();
        requests.iter().filter(|request| request.url.path() == address).count()
    }
}
