//! OpenID Connect with a company's provider: discovery, PKCE, nonce, and an ID token that is verified before a word of it
//! counts. <https://openid.net/specs/openid-connect-core-1_0.html>, read 2026-11-21.

mod claims;

use crate::line::{Line, shown_host};
use crate::refusal::{Kind, Refusal};
use crate::telling::{code as shown_code, plain};
use crate::{Departure, Person};
use claims::{Claims, Extra};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, Client, ClientId, ClientSecret, CsrfToken,
    DiscoveryError, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    IdTokenClaims, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
    UserInfoClaims,
};
use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tacho_domain::Instant;
use tokio::sync::Mutex;
use url::Url;

/// A provider of OpenID Connect.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    /// The issuer, exactly as the provider spells it.
    pub issuer: String,
    /// The client's id.
    pub client_id: String,
    /// The client's secret; a public client has none.
    pub client_secret: Option<SecretString>,
    /// The scopes to ask for besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists groups.
    pub groups_claim: String,
    /// Whether an address counts although the provider says nothing of its being verified. One that it calls unverified
    /// never does.
    pub trusts_addresses: bool,
}

/// The provider.
#[derive(Debug, Clone)]
pub struct Oidc {
    line: Line,
    settings: Arc<OidcSettings>,
    found: Arc<Mutex<Option<Found>>>,
}

/// What discovery found, and when.
#[derive(Debug, Clone)]
struct Found {
    metadata: CoreProviderMetadata,
    at: Instant,
}

type Fields =
    IdTokenFields<Extra, EmptyExtraTokenFields, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type Told = StandardErrorResponse<CoreErrorResponseType>;
type Ours = Client<
    Extra,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    Told,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
type Verified = IdTokenClaims<Extra, CoreGenderClaim>;

/// What discovery found is asked for again after that long.
const FRESH_SECONDS: i64 = 3_600;
/// Keys that are missing are asked for again, but no more often than this: a provider is not asked by whoever sends tokens.
const KEYS_AGAIN_SECONDS: i64 = 60;

impl Oidc {
    /// The provider; it is not asked yet.
    ///
    /// # Errors
    /// When the issuer cannot be called.
    pub fn new(line: Line, settings: OidcSettings) -> Result<Self, Refusal> {
        let issuer = Url::parse(&settings.issuer).map_err(|_| {
            let fix = "Expected an address such as `https://login.example.com`.";
            Refusal::new(Kind::Configuration, format!("`oidc_issuer`: `{}` is no address.", plain(&settings.issuer)), fix)
        })?;
        line.check(&issuer)?;
        Ok(Self { line, settings: Arc::new(settings), found: Arc::default() })
    }

    /// The issuer, as it is configured.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Whether the provider can be discovered, for `tacho doctor`.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn reach(&self) -> Result<(), Refusal> {
        self.metadata(0).await.map(drop)
    }

    /// Where the browser goes, and what is kept until it comes back.
    ///
    /// # Errors
    /// When the provider cannot be discovered.
    pub async fn authorize_url(&self, redirect: &Url) -> Result<Departure, Refusal> {
        let client = self.client(FRESH_SECONDS).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (url, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge)
            .set_redirect_uri(Cow::Owned(RedirectUrl::from_url(redirect.clone())))
            .url();
        if url.scheme() != "https" {
            self.line.check(&url)?;
        }
        Ok(Departure {
            url: SecretString::from(String::from(url)),
            state: state.into_secret().into(),
            verifier: verifier.into_secret().into(),
            nonce: Some(nonce.secret().clone().into()),
        })
    }

    /// Trades the code for an ID token, verifies it, and reads who it is.
    ///
    /// # Errors
    /// When the provider refuses, the token does not hold, or the address is not verified.
    pub async fn person(
        &self,
        code: &SecretString,
        verifier: &SecretString,
        nonce: &SecretString,
        redirect: &Url,
    ) -> Result<Person, Refusal> {
        let client = self.client(FRESH_SECONDS).await?;
        #[expect(clippy::disallowed_methods, reason = "code and verifier go to the provider, which gave the code")]
        let (code, verifier) =
            (AuthorizationCode::new(code.expose_secret().to_owned()), PkceCodeVerifier::new(verifier.expose_secret().to_owned()));
        let request = client.exchange_code(code).map_err(|_| self.incomplete("token_endpoint"))?;
        let tokens = request
            .set_pkce_verifier(verifier)
            .set_redirect_uri(Cow::Owned(RedirectUrl::from_url(redirect.clone())))
            .request_async(&self.courier())
            .await
            .map_err(|error| self.not_exchanged(error, redirect))?;
        let verified = match self.verify(&client, &tokens, nonce) {
            // The provider may have changed its keys since they were asked for.
            Err(error) if is_unknown_key(&error) => {
                let again = self.client(KEYS_AGAIN_SECONDS).await?;
                self.verify(&again, &tokens, nonce)
            }
            other => other,
        };
        let verified = verified.map_err(|error| self.forged(&error))?;
        let mut claims = Claims::of_id_token(&verified, &self.settings.groups_claim);
        if claims.lacks_something() {
            claims.fill(self.user_info(&client, &tokens, &verified).await?);
        }
        claims.into_person(self.settings.trusts_addresses)
    }

    fn verify(&self, client: &Ours, tokens: &Tokens, nonce: &SecretString) -> Result<Verified, ClaimsVerificationError> {
        let missing = || ClaimsVerificationError::Other("no ID token was sent".to_owned());
        let token = tokens.id_token().ok_or_else(missing)?;
        let now = (self.line.around().clock)();
        let verifier =
            client.id_token_verifier().set_time_fn(move || chrono::DateTime::from_timestamp_micros(now.0).unwrap_or_default());
        #[expect(clippy::disallowed_methods, reason = "it is compared with what the token repeats")]
        let nonce = Nonce::new(nonce.expose_secret().to_owned());
        let claims = token.claims(&verifier, &nonce)?;
        if let Some(expected) = claims.access_token_hash() {
            let of = |error: &dyn std::error::Error| ClaimsVerificationError::Other(error.to_string());
            let algorithm = token.signing_alg().map_err(|error| of(&error))?;
            let key = token.signing_key(&verifier).map_err(|error| of(&error))?;
            let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(|error| of(&error))?;
            if actual != *expected {
                return Err(ClaimsVerificationError::Other("it belongs to another access token".to_owned()));
            }
        }
        Ok(claims.clone())
    }

    /// What the provider says besides the ID token: many put address and groups there only.
    async fn user_info(&self, client: &Ours, tokens: &Tokens, verified: &Verified) -> Result<Option<Claims>, Refusal> {
        // The library holds the subject against the ID token's.
        let Ok(request) = client.user_info(tokens.access_token().clone(), Some(verified.subject().clone())) else {
            return Ok(None);
        };
        let told: Result<UserInfoClaims<Extra, CoreGenderClaim>, _> = request.request_async(&self.courier()).await;
        let told = told.map_err(|error| match error {
            openidconnect::UserInfoError::Request(refusal) => refusal,
            openidconnect::UserInfoError::ClaimsVerification(error) => self.forged(&error),
            _ => self.unexpected("userinfo_endpoint"),
        })?;
        Ok(Some(Claims::of_user_info(&told, &self.settings.groups_claim)))
    }

    async fn client(&self, fresh_seconds: i64) -> Result<Ours, Refusal> {
        let metadata = self.metadata(fresh_seconds).await?;
        #[expect(clippy::disallowed_methods, reason = "the library sends it to the provider")]
        let secret = self.settings.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let in_body = metadata.token_endpoint_auth_methods_supported().is_some_and(|methods| {
            !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                && methods.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        let client: Ours = Client::from_provider_metadata(metadata, ClientId::new(self.settings.client_id.clone()), secret);
        Ok(if in_body { client.set_auth_type(AuthType::RequestBody) } else { client })
    }

    /// What discovery found, if it is no older than that; else it is asked for again.
    async fn metadata(&self, fresh_seconds: i64) -> Result<CoreProviderMetadata, Refusal> {
        let mut found = self.found.lock().await;
        let now = (self.line.around().clock)();
        if let Some(known) = &*found
            && now.0 - known.at.0 < fresh_seconds.saturating_mul(1_000_000)
        {
            return Ok(known.metadata.clone());
        }
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|_| self.incomplete("issuer"))?;
        match CoreProviderMetadata::discover_async(issuer, &self.courier()).await {
            Ok(metadata) => {
                *found = Some(Found { metadata: metadata.clone(), at: now });
                Ok(metadata)
            }
            Err(error) => Err(self.not_discovered(error)),
        }
    }

    /// The library's way to the network.
    fn courier(
        &self,
    ) -> impl Fn(HttpRequest) -> Pin<Box<dyn Future<Output = Result<HttpResponse, Refusal>> + Send>> + Send + Sync + use<> {
        let line = self.line.clone();
        move |request| {
            let line = line.clone();
            Box::pin(async move { line.send(request).await })
        }
    }

    fn host(&self) -> String {
        Url::parse(&self.settings.issuer).map_or_else(|_| plain(&self.settings.issuer), |url| shown_host(&url))
    }

    fn not_discovered(&self, error: DiscoveryError<Refusal>) -> Refusal {
        let fix =
            "`oidc_issuer` has to be spelled exactly as the provider's `/.well-known/openid-configuration` spells `issuer`.";
        let (host, kind) = (self.host(), Kind::Configuration);
        match error {
            DiscoveryError::Request(refusal) => refusal,
            DiscoveryError::Response(status, ..) => {
                let cause = format!("`{host}` answered discovery with the status {}.", status.as_u16());
                Refusal::new(if status.is_server_error() { Kind::Unreachable } else { kind }, cause, fix)
            }
            DiscoveryError::Validation(_) => Refusal::new(kind, format!("`{host}` calls itself another issuer."), fix),
            _ => Refusal::new(kind, format!("`{host}` answers discovery with what cannot be read."), fix),
        }
    }

    fn not_exchanged(&self, error: RequestTokenError<Refusal, Told>, redirect: &Url) -> Refusal {
        let host = self.host();
        match error {
            RequestTokenError::Request(refusal) => refusal,
            RequestTokenError::ServerResponse(told) => match told.error().as_ref() {
                "invalid_grant" => Refusal::new(
                    Kind::Spent,
                    "The code was used before, is too old, or was meant for another browser.",
                    "Begin again.",
                ),
                "invalid_client" | "unauthorized_client" => Refusal::new(
                    Kind::Configuration,
                    format!("`{host}` does not take the client's id or secret."),
                    format!("Check `oidc_client_id` and `oidc_client_secret`, and that `{redirect}` is registered."),
                ),
                other => Refusal::new(
                    Kind::Configuration,
                    format!("`{host}` answered `{}`.", shown_code(other)),
                    format!("Check the client's settings at the provider, with `{redirect}` as its callback."),
                ),
            },
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => self.unexpected("token_endpoint"),
        }
    }

    /// A token that does not hold. The library's words may repeat claims, so only their sort is told.
    fn forged(&self, error: &ClaimsVerificationError) -> Refusal {
        let host = self.host();
        let what = match error {
            ClaimsVerificationError::Expired(_) => "is expired",
            ClaimsVerificationError::InvalidAudience(_) => "is for another client",
            ClaimsVerificationError::InvalidIssuer(_) => "is of another issuer",
            ClaimsVerificationError::InvalidNonce(_) => "belongs to another sign-in",
            ClaimsVerificationError::InvalidSubject(_) => "is about somebody else",
            ClaimsVerificationError::SignatureVerification(_) => "is not signed with a key of the provider",
            _ => "does not hold",
        };
        let fix = "Begin again; if it stays so, check the clocks of both servers and the client's settings at the provider.";
        Refusal::new(Kind::Forged, format!("What `{host}` sent about you {what}."), fix)
    }

    fn incomplete(&self, what: &str) -> Refusal {
        let cause = format!("`{}` names no usable `{what}`.", self.host());
        Refusal::new(Kind::Configuration, cause, "Check `oidc_issuer`: Tacho needs the authorization code flow.")
    }

    fn unexpected(&self, what: &str) -> Refusal {
        let cause = format!("The `{what}` of `{}` answered what cannot be read.", self.host());
        Refusal::new(Kind::Unexpected, cause, "Try again; if it stays so, check the client's settings at the provider.")
    }
}

fn is_unknown_key(error: &ClaimsVerificationError) -> bool {
    matches!(error, ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey))
}
