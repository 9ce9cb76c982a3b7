//! GitHub as an OAuth app sees it: the web flow with state and PKCE, and who somebody is.
//! <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>, read 2026-11-21.

use crate::line::{Answer, Line, header, shown_host};
use crate::refusal::{Kind, Refusal};
use crate::telling::code as shown_code;
use crate::{Departure, DeviceFlow, Person};
use http::{Method, Request, StatusCode};
use openidconnect::{CsrfToken, PkceCodeChallenge};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;
use url::form_urlencoded::Serializer;

/// An OAuth app of GitHub.
#[derive(Debug, Clone)]
pub struct GitHubSettings {
    /// `https://github.com`, `https://octo.ghe.com`, or a server of one's own.
    pub url: Url,
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret; the device flow does without.
    pub client_secret: Option<SecretString>,
    /// Organizations whose members get an account.
    pub organizations: Vec<String>,
}

/// GitHub, for one OAuth app.
#[derive(Debug, Clone)]
pub struct GitHub {
    line: Line,
    settings: GitHubSettings,
}

/// An access token and what it may do.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The token.
    pub access_token: SecretString,
    /// Its scopes; people may grant fewer than were asked for.
    pub scopes: Vec<String>,
}

/// Whose a token is, and the scopes GitHub says it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The account's number, which survives a change of login.
    pub id: i64,
    /// The login.
    pub login: String,
    /// The name, where one is given.
    pub name: Option<String>,
    /// The scopes of the header `X-OAuth-Scopes`, where it is sent.
    pub scopes: Option<Vec<String>>,
}

/// What a sign-in asks for. The organizations' question needs one more.
const SIGN_IN_SCOPES: [&str; 2] = ["read:user", "user:email"];

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Option<SecretString>,
    #[serde(default)]
    scope: String,
    error: Option<String>,
}

#[derive(Deserialize)]
struct UserAnswer {
    id: i64,
    login: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct EmailAnswer {
    email: String,
    primary: bool,
    verified: bool,
}

#[derive(Deserialize)]
struct MembershipAnswer {
    state: String,
}

impl GitHub {
    /// The app.
    ///
    /// # Errors
    /// When the address cannot be called.
    pub fn new(line: Line, settings: GitHubSettings) -> Result<Self, Refusal> {
        line.check(&settings.url)?;
        Ok(Self { line, settings })
    }

    /// Where GitHub is.
    pub fn url(&self) -> &Url {
        &self.settings.url
    }

    /// Whether people can be sent to GitHub and back: that takes a client secret.
    pub fn has_web_flow(&self) -> bool {
        self.settings.client_secret.is_some()
    }

    /// What a sign-in asks for.
    pub fn sign_in_scopes(&self) -> Vec<String> {
        let more = (!self.settings.organizations.is_empty()).then_some("read:org");
        SIGN_IN_SCOPES.into_iter().chain(more).map(str::to_owned).collect()
    }

    /// Where the browser goes to grant these scopes, and what is kept until it comes back.
    pub fn authorize_url(&self, redirect: &Url, scopes: &[String]) -> Departure {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let state = CsrfToken::new_random();
        let mut url = self.page("login/oauth/authorize");
        url.query_pairs_mut()
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", state.secret())
            .append_pair("code_challenge", challenge.as_str())
            .append_pair("code_challenge_method", "S256");
        Departure {
            url: SecretString::from(String::from(url)),
            state: state.into_secret().into(),
            verifier: verifier.into_secret().into(),
            nonce: None,
        }
    }

    /// Trades a code for a token.
    ///
    /// # Errors
    /// Refusals come with HTTP 200; each is told with its fix.
    pub async fn exchange(&self, code: &SecretString, verifier: &SecretString, redirect: &Url) -> Result<Grant, Refusal> {
        let Some(secret) = &self.settings.client_secret else {
            return Err(Refusal::new(Kind::Configuration, "There is no client secret.", "Set `github_client_secret`."));
        };
        #[expect(clippy::disallowed_methods, reason = "the code, its verifier and the app's secret go to GitHub")]
        let form = Serializer::new(String::new())
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("client_secret", secret.expose_secret())
            .append_pair("code", code.expose_secret())
            .append_pair("code_verifier", verifier.expose_secret())
            .append_pair("redirect_uri", redirect.as_str())
            .finish();
        let answer: TokenAnswer = self.post("login/oauth/access_token", form).await?;
        match (answer.access_token, answer.error) {
            (Some(access_token), None) => Ok(Grant { access_token, scopes: scopes(&answer.scope) }),
            (_, error) => Err(self.refused(&error.unwrap_or_default(), Some(redirect))),
        }
    }

    /// Whose a token is.
    ///
    /// # Errors
    /// When GitHub does not take the token, or does not answer.
    pub async fn profile(&self, token: &SecretString) -> Result<Profile, Refusal> {
        let answer = self.get("user", token).await?;
        let told = header(answer.headers(), "x-oauth-scopes").map(scopes);
        let user: UserAnswer = self.read(&answer)?;
        Ok(Profile { id: user.id, login: user.login, name: user.name.filter(|name| !name.is_empty()), scopes: told })
    }

    /// Who somebody is, with their primary address, which has to be verified.
    ///
    /// # Errors
    /// As [`GitHub::profile`], and when there is no such address.
    pub async fn person(&self, token: &SecretString) -> Result<Person, Refusal> {
        let profile = self.profile(token).await?;
        let emails: Vec<EmailAnswer> = self.read(&self.get("user/emails", token).await?)?;
        let primary = emails.into_iter().find(|email| email.primary && email.verified).ok_or_else(|| {
            let fix = "Verify it at GitHub under Settings, Emails, then sign in again.";
            Refusal::new(Kind::Unverified, "Your primary address at GitHub is not verified.", fix)
        })?;
        Ok(Person {
            subject: profile.id.to_string(),
            email: primary.email,
            name: profile.name,
            login: Some(profile.login),
            groups: Vec::new(),
        })
    }

    /// Whether the token's owner is an active member of one of the configured organizations.
    ///
    /// # Errors
    /// When GitHub does not answer.
    pub async fn is_member(&self, token: &SecretString) -> Result<bool, Refusal> {
        for organization in &self.settings.organizations {
            let answer = self.get(&format!("user/memberships/orgs/{organization}"), token).await?;
            // Not a member, or the organization has not approved the app: GitHub tells neither apart.
            if matches!(answer.status(), StatusCode::NOT_FOUND | StatusCode::FORBIDDEN) {
                continue;
            }
            if self.read::<MembershipAnswer>(&answer)?.state == "active" {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The same app through the device flow.
    pub fn device(&self) -> DeviceFlow {
        DeviceFlow::new(self.clone())
    }

    /// Whether GitHub answers at all, for `tacho doctor`.
    ///
    /// # Errors
    /// When it does not.
    pub async fn reach(&self) -> Result<(), Refusal> {
        let request = request(Method::GET, &self.api("zen")).body(Vec::new());
        let answer = self.line.send(request.map_err(|_| self.broken())?).await?;
        if answer.status().is_server_error() { Err(self.broken()) } else { Ok(()) }
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.settings.client_id
    }

    pub(crate) fn line(&self) -> &Line {
        &self.line
    }

    /// Sends a form to the web side and reads JSON.
    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, form: String) -> Result<T, Refusal> {
        let request = request(Method::POST, &self.page(path))
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.into_bytes());
        self.read(&self.line.send(request.map_err(|_| self.broken())?).await?)
    }

    async fn get(&self, path: &str, token: &SecretString) -> Result<Answer, Refusal> {
        #[expect(clippy::disallowed_methods, reason = "the token goes to GitHub, which gave it")]
        let bearer = format!("Bearer {}", token.expose_secret());
        let request = request(Method::GET, &self.api(path))
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28")
            .header("authorization", bearer)
            .body(Vec::new());
        let answer = self.line.send(request.map_err(|_| self.broken())?).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            let fix = "Begin again; if it stays so, somebody revoked the app's access at GitHub.";
            return Err(Refusal::new(Kind::Spent, "GitHub does not take the token it gave.", fix));
        }
        Ok(answer)
    }

    fn read<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Refusal> {
        if !answer.status().is_success() {
            let host = shown_host(&self.settings.url);
            let fix = "Check `github_url`, and try again later.";
            let cause = format!("`{host}` answered with the status {}.", answer.status().as_u16());
            return Err(Refusal::new(Kind::Unexpected, cause, fix));
        }
        serde_json::from_slice(answer.body()).map_err(|_| self.broken())
    }

    /// A page of the web side.
    pub(crate) fn page(&self, path: &str) -> Url {
        below(&self.settings.url, path)
    }

    /// An address of the API: a host of its own at github.com and GHE.com, a path at a server of one's own.
    fn api(&self, path: &str) -> Url {
        let mut base = self.settings.url.clone();
        let host = base.host_str().unwrap_or_default().to_owned();
        if host == "github.com" || host.ends_with(".ghe.com") {
            // Both are names already, and stay ones.
            let _ = base.set_host(Some(&format!("api.{host}")));
            return below(&base, path);
        }
        below(&base, &format!("api/v3/{path}"))
    }

    fn broken(&self) -> Refusal {
        let host = shown_host(&self.settings.url);
        Refusal::new(Kind::Unexpected, format!("`{host}` does not answer as GitHub does."), "Check `github_url`.")
    }

    /// What an error code of the token endpoint means.
    pub(crate) fn refused(&self, error: &str, redirect: Option<&Url>) -> Refusal {
        let shown = shown_host(&self.settings.url);
        match error {
            "incorrect_client_credentials" => Refusal::new(
                Kind::Configuration,
                "GitHub does not know the OAuth app.",
                "Check `github_client_id` and `github_client_secret` against the app's page at GitHub.",
            ),
            "redirect_uri_mismatch" => {
                let callback = redirect.map_or("the callback address", Url::as_str);
                let fix =
                    format!("Register `{callback}`, or an address above it, as the app's callback URL, and check `public_url`.");
                Refusal::new(Kind::Configuration, "GitHub does not take the callback address.", fix)
            }
            "bad_verification_code" | "incorrect_device_code" => Refusal::new(
                Kind::Spent,
                "The code was used before, is too old, or was meant for another browser.",
                "Begin again.",
            ),
            "unverified_user_email" => Refusal::new(
                Kind::Unverified,
                "Your primary address at GitHub is not verified.",
                "Verify it at GitHub under Settings, Emails, then begin again.",
            ),
            "access_denied" => Refusal::new(Kind::Denied, "You said no at GitHub.", "Begin again if that was not meant."),
            "expired_token" => Refusal::new(
                Kind::Expired,
                "The code was not confirmed in time.",
                "Begin again and confirm it within 15 minutes.",
            ),
            "device_flow_disabled" => Refusal::new(
                Kind::Configuration,
                "The OAuth app does not allow the device flow.",
                "Tick *Enable Device Flow* on the app's page at GitHub.",
            ),
            "application_suspended" => {
                Refusal::new(Kind::Configuration, "GitHub has suspended the OAuth app.", "Ask GitHub's support why.")
            }
            other => Refusal::new(
                Kind::Unexpected,
                format!("`{shown}` answered `{}`.", shown_code(other)),
                "Try again; if it stays so, check the app's page at GitHub.",
            ),
        }
    }
}

/// Scopes as GitHub lists them, with commas.
pub(crate) fn scopes(list: &str) -> Vec<String> {
    list.split([',', ' ']).map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

fn request(method: Method, url: &Url) -> http::request::Builder {
    Request::builder().method(method).uri(url.as_str())
}

fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let folder = base.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{folder}/{path}"));
    url
}
